/* SPDX-License-Identifier: MIT
 *
 * Who else holds an address: no directory sees to it that only one entry does, and what is sent
 * as that address would be sent in somebody else's name.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"

/* With a person's address of mail, which is a plain one. */
static GPtrArray *holder_clauses(const struct directory_settings *settings,
                                 const GPtrArray *addresses)
{
    GPtrArray *clauses = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < addresses->len; i++) {
        const char *address = addresses->pdata[i];
        g_ptr_array_add(clauses, account_address_filter(settings, address));
        g_ptr_array_add(clauses, filter_equals(settings->user_mail_attribute, "", address));
    }
    return clauses;
}

static const char **holder_attributes(const struct directory_settings *settings)
{
    g_autofree const char **of_account = account_attributes(settings);
    GPtrArray *names = g_ptr_array_new();

    for (const char **name = of_account; *name; name++)
        g_ptr_array_add(names, (char *)*name);
    g_ptr_array_add(names, settings->user_mail_attribute);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

/* One question, asked in several places. */
struct sweep {
    const GPtrArray *clauses; /* of char * */
    entry_visitor visitor;
    void *data;
    bool whole; /* the visitor has not had enough */
};

static bool search_here(struct connection *connection, const struct holder_search *where,
                        struct sweep *sweep, GError **error)
{
    g_autofree const char **attributes = holder_attributes(connection->directory->settings);

    for (guint i = 0; i < sweep->clauses->len && sweep->whole; i += CLAUSES_IN_FILTER) {
        g_autofree char *any = filter_any(sweep->clauses, i);
        g_autofree char *filter = filter_all(where->filter, any, "");
        struct search search = {.attempt = "search for other holders of an address",
                                .base = where->base,
                                .scope = LDAP_SCOPE_SUBTREE,
                                .filter = filter,
                                .attributes = attributes};
        if (sweep->clauses->len == CLAUSES_OF_HOLDERS)
            directory_tell(connection->directory, "searches for other holders below \"%s\": %s",
                           search.base, filter);
        if (!search_each(connection, &search, sweep->visitor, sweep->data, &sweep->whole, error))
            return false;
    }
    return true;
}

bool holders_search(struct connection *connection, const GPtrArray *addresses, bool accounts,
                    entry_visitor visitor, void *data, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    const struct holder_search of_accounts = {settings->account_base, settings->account_filter};
    g_autoptr(GPtrArray) clauses = holder_clauses(settings, addresses);
    struct sweep sweep = {clauses, visitor, data, true};

    if (accounts && !search_here(connection, &of_accounts, &sweep, error))
        return false;
    for (guint i = 0; i < settings->holder_searches->len; i++)
        if (!search_here(connection, settings->holder_searches->pdata[i], &sweep, error))
            return false;
    return true;
}
