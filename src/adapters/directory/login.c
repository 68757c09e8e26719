/* SPDX-License-Identifier: MIT
 *
 * Logins: what is one, and which are the same.
 */
#include "adapters/directory/lookup.h"
#include "rules/registration.h"

static bool names_one(const GPtrArray *list, const char *text)
{
    for (guint i = 0; i < list->len; i++)
        if (g_ascii_strcasecmp(list->pdata[i], text) == 0)
            return true;
    return false;
}

/* Without "@scope" or "DOMAIN\"; NULL where that is none of the site's. */
static char *without_scope(const struct directory_settings *settings, const char *login)
{
    const char *domain = strchr(login, '\\');
    const char *scope = strrchr(login, '@');
    g_autofree char *before = domain ? g_strndup(login, domain - login) : NULL;

    if (domain && scope)
        return NULL;
    if (domain)
        return names_one(settings->login_domains, before) ? g_strdup(domain + 1) : NULL;
    if (scope)
        return names_one(settings->login_scopes, scope + 1) ? g_strndup(login, scope - login)
                                                            : NULL;
    return g_strdup(login);
}

char *login_check(const struct directory_settings *settings, const char *login)
{
    g_autofree char *name = without_scope(settings, login);

    /* An owner who is a group is written "group NAME" (owner_name()). */
    if (!name || !login_is_well_formed(name) || owner_is_group(name))
        return NULL;
    return g_steal_pointer(&name);
}

char *login_key(const struct directory_settings *settings, const char *login)
{
    return settings->login_case == LOGIN_EXACT_CASE ? g_strdup(login) : login_fold(login);
}

char *directory_plain_login(const struct directory *directory, const char *typed)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(typed));
    g_autofree char *login = login_check(directory->settings, trimmed);

    return login ? login_key(directory->settings, login) : NULL;
}
