/* SPDX-License-Identifier: MIT
 *
 * What the commands about one registration have in common.
 */
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
    return database_new(config->database, &config->database->admin, 0);
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
