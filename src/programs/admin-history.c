/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin history: who changed what, when, from where, why.
 */
#include "programs/admin.h"
#include "programs/output.h"
#include "service/csv.h"
#include "service/history.h"

#include <sysexits.h>

static void add_value(GString *text, const struct history_value *value)
{
    g_autofree char *name = g_strconcat("    ", value->name, NULL);
    g_autofree char *both =
        value->before ? g_strdup_printf("before: %s\nafter:  %s", value->before, value->after)
                      : g_strdup(value->after);

    output_fact(text, name, both);
}

static void add_entry(GString *text, const struct config *config, const struct history_entry *entry)
{
    g_autofree char *action = history_action(entry);
    g_autoptr(GPtrArray) values = history_values(config, entry);

    g_string_append_printf(text, "%s UTC  %s by %s%s%s\n", entry->at, action, entry->login,
                           *entry->address ? ", from " : "", entry->address);
    if (*entry->reason)
        output_fact(text, "    Reason", entry->reason);
    for (guint i = 0; i < values->len; i++)
        add_value(text, g_ptr_array_index(values, i));
}

/* Caller frees. */
static char *text_of(const struct config *config, const GPtrArray *entries)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < entries->len; i++) {
        if (i > 0)
            g_string_append_c(text, '\n');
        add_entry(text, config, g_ptr_array_index(entries, i));
    }
    return g_string_free(text, FALSE);
}

bool admin_history(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(database) database = admin_database(admin->config, error);
    auto_ptr(registration) registration = NULL;
    g_autoptr(GPtrArray) entries = NULL;
    g_autofree char *text = NULL;

    if (!database || !admin_find(database, admin->arguments[0], &registration, error))
        return false;
    *status = registration ? EX_OK : ADMIN_REFUSED;
    if (!registration)
        return true;
    if (!registry_history(database, registration->id, &entries, error))
        return false;
    text = admin->options->csv ? csv_of_history(entries) : text_of(admin->config, entries);
    return output_write(text, error);
}
