/* SPDX-License-Identifier: MIT
 *
 * What the commands about one registration have in common.
 */
#include "base/error.h"
#include "programs/admin.h"
#include "programs/program.h"
#include "rules/address.h"
#include "rules/typed.h"

#include <pwd.h>
#include <unistd.h>

struct database *admin_database(const struct config *config, GError **error)
{
    if (!config_need_database(config, error))
        return NULL;
    return database_new(config->database, &config->database->admin, 0, error);
}

static void say_absent(const char *typed, bool id)
{
    g_autofree char *text =
        id ? g_strdup_printf("there is no registration %s", typed)
           : g_strdup_printf("no live or suspended registration has the address \"%s\"; "
                             "\"search\" finds retired ones and their ids",
                             typed);

    program_say(text);
}

bool admin_find(struct database *database, const char *typed, struct registration **found,
                GError **error)
{
    g_autofree char *clean = typed_clean(typed);
    g_autofree char *key = address_normalise(clean);
    bool id = g_uuid_string_is_valid(key);

    if (!(id ? registry_find(database, key, found, error)
             : registry_find_by_address(database, key, found, error)))
        return false;
    if (!*found)
        say_absent(key, id);
    return true;
}

bool admin_has_reason(const struct admin_options *options, GError **error)
{
    if (options->reason && g_utf8_validate(options->reason, -1, NULL))
        return true;
    g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                        options->reason ? "the text of --reason is not UTF-8"
                                        : "say why: --reason TEXT, which the owners read");
    return false;
}

void admin_say_findings(const struct findings *findings)
{
    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        g_printerr("%s: %s\n", finding->code, finding->text);
    }
}

/* Root may be anybody: sudo says who. Caller frees; NULL when the account has no name. */
static char *account_name(void)
{
    const char *caller = getuid() == 0 ? g_getenv("SUDO_USER") : NULL;
    const struct passwd *entry = caller ? getpwnam(caller) : NULL;

    if (!entry)
        entry = getpwuid(getuid());
    return entry ? typed_clean(entry->pw_name) : NULL;
}

char *admin_login(void)
{
    g_autofree char *name = account_name();

    return name ? g_strconcat("shell:", name, NULL)
                : g_strdup_printf("shell:%lu", (unsigned long)getuid());
}
