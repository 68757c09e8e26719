/* SPDX-License-Identifier: MIT
 *
 * Searches and entries.
 */
#include "adapters/directory/search.h"
#include "adapters/directory/filter.h"

static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};

typedef LDAPControl *controls;

static void controls_clear(controls **list)
{
    if (*list)
        ldap_controls_free(*list);
}

#define auto_controls __attribute__((cleanup(controls_clear))) controls *

/* The answer's result code, or the error's; *result may be set even then. */
static int run(struct connection *connection, const struct search *search, LDAPControl **wanted,
               int at_most, struct timeval *time, LDAPMessage **result)
{
    const char *const *attributes = search->attributes ? search->attributes : no_attributes;

    return ldap_search_ext_s(connection->ldap, search->base, search->scope, search->filter,
                             (char **)attributes, 0, wanted, NULL, time, at_most, result);
}

static bool base_fault(struct connection *connection, const struct search *search, GError **error)
{
    g_autofree char *base = printable(search->base);

    if (search->missing == MISSING_IS_NOTHING)
        return true;
    if (search->missing == MISSING_IS_CHANGED)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                    "could not ask the directory: %s: could not %s: \"%s\" has just been moved, "
                    "removed or hidden",
                    connection->server->uri, search->attempt, base);
    else
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot ask the directory: %s: cannot %s: the base \"%s\" does not exist, or "
                    "the portal's account may not see it",
                    connection->server->uri, search->attempt, base);
    return false;
}

/* What a result code other than success means: true where it means no entries. */
static bool judge(struct connection *connection, const struct search *search, int result,
                  GError **error)
{
    switch (result) {
    case LDAP_SUCCESS:
        return true;
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
        return base_fault(connection, search, error);
    default:
        connection_failed(connection, result, search->attempt, error);
        return false;
    }
}

static bool visit(struct connection *connection, LDAPMessage *result, entry_visitor visitor,
                  void *data)
{
    for (LDAPMessage *entry = ldap_first_entry(connection->ldap, result); entry;
         entry = ldap_next_entry(connection->ldap, entry))
        if (!visitor(connection, entry, data))
            return false;
    return true;
}

/* The cookie for the next page out of the answer's controls; empty after the last one. */
static int next_page(LDAP *ldap, LDAPMessage *result, struct berval *cookie)
{
    auto_controls answered = NULL;
    LDAPControl *control;
    ber_int_t estimate;
    int failed = ldap_parse_result(ldap, result, NULL, NULL, NULL, NULL, &answered, 0);

    ber_memfree(cookie->bv_val);
    *cookie = (struct berval){0};
    control = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, answered, NULL);
    if (failed || !control)
        return failed;
    return ldap_parse_pageresponse_control(ldap, control, &estimate, cookie);
}

static int run_page(struct connection *connection, const struct search *search,
                    struct timeval *time, struct berval *cookie, LDAPMessage **result)
{
    ber_int_t size = (ber_int_t)connection->directory->settings->page_size;
    LDAPControl *page = NULL;
    int code = ldap_create_page_control(connection->ldap, size, cookie, 1, &page);

    if (code == LDAP_SUCCESS) {
        LDAPControl *wanted[] = {page, NULL};
        code = run(connection, search, wanted, LDAP_NO_LIMIT, time, result);
        ldap_control_free(page);
    }
    return code == LDAP_SUCCESS ? next_page(connection->ldap, *result, cookie) : code;
}

static bool each_page(struct connection *connection, const struct search *search,
                      entry_visitor visitor, void *data, bool *whole, GError **error)
{
    struct berval cookie = {0};
    bool done = true;

    do {
        g_autoptr(LDAPMessage) result = NULL;
        struct timeval time;
        done =
            connection_time(connection, search->attempt, &time, error) &&
            judge(connection, search, run_page(connection, search, &time, &cookie, &result), error);
        if (done)
            *whole = visit(connection, result, visitor, data);
    } while (done && *whole && cookie.bv_len > 0);
    ber_memfree(cookie.bv_val);
    return done;
}

/*
 * Unpaged first: with the paging control OpenLDAP drops members of dynamic groups
 * without a word. The entries that come with an answer cut short are not used.
 */
bool search_each(struct connection *connection, const struct search *search, entry_visitor visitor,
                 void *data, bool *whole, GError **error)
{
    g_autoptr(LDAPMessage) result = NULL;
    struct timeval time;
    bool all = true, done;
    int code;

    if (!connection_time(connection, search->attempt, &time, error))
        return false;
    code = run(connection, search, NULL, LDAP_NO_LIMIT, &time, &result);
    if ((code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_ADMINLIMIT_EXCEEDED) &&
        connection->directory->settings->page_size > 0)
        done = each_page(connection, search, visitor, data, &all, error);
    else {
        done = judge(connection, search, code, error);
        if (done)
            all = visit(connection, result, visitor, data);
    }
    if (done && whole)
        *whole = all;
    return done;
}

bool search_one(struct connection *connection, const struct search *search, unsigned *count,
                LDAPMessage **result, GError **error)
{
    g_autoptr(LDAPMessage) found = NULL;
    struct timeval time;
    int code, entries;

    if (!connection_time(connection, search->attempt, &time, error))
        return false;
    code = run(connection, search, NULL, 2, &time, &found);
    if (code != LDAP_SIZELIMIT_EXCEEDED && !judge(connection, search, code, error))
        return false;
    entries = code == LDAP_SIZELIMIT_EXCEEDED ? 2 : ldap_count_entries(connection->ldap, found);
    *count = (unsigned)CLAMP(entries, 0, 2);
    if (*count == 1)
        *result = g_steal_pointer(&found);
    return true;
}

static bool matches_one(struct connection *connection, const char *dn, const char *filter,
                        enum base_missing missing, bool *matches, GError **error)
{
    struct search search = {.attempt = "compare an entry",
                            .base = dn,
                            .scope = LDAP_SCOPE_BASE,
                            .filter = filter,
                            .missing = missing};
    g_autoptr(LDAPMessage) result = NULL;
    unsigned count;

    if (!search_one(connection, &search, &count, &result, error))
        return false;
    *matches = count > 0;
    return true;
}

bool entry_matches(struct connection *connection, const char *dn, const GPtrArray *clauses,
                   enum base_missing missing, bool *matches, GError **error)
{
    bool found = false;

    for (guint i = 0; i < clauses->len && !found; i += CLAUSES_IN_FILTER) {
        g_autofree char *filter = filter_any(clauses, i);
        if (!matches_one(connection, dn, filter, missing, &found, error))
            return false;
    }
    *matches = found;
    return true;
}

char *entry_dn(struct connection *connection, LDAPMessage *entry)
{
    char *held = ldap_get_dn(connection->ldap, entry);
    char *dn = g_strdup(held ? held : "");

    ldap_memfree(held);
    return dn;
}

static bool is_attribute(const char *description, const char *name)
{
    size_t length = strcspn(description, ";");

    return length == strlen(name) && g_ascii_strncasecmp(description, name, length) == 0;
}

static void add_values(struct connection *connection, LDAPMessage *entry, const char *description,
                       GPtrArray *values)
{
    struct berval **held = ldap_get_values_len(connection->ldap, entry, description);

    for (struct berval **one = held; one && *one; one++)
        g_ptr_array_add(values, g_bytes_new((*one)->bv_val, (*one)->bv_len));
    if (held)
        ldap_value_free_len(held);
}

GPtrArray *entry_values(struct connection *connection, LDAPMessage *entry, const char *attribute)
{
    GPtrArray *values = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    BerElement *at = NULL;
    char *name = ldap_first_attribute(connection->ldap, entry, &at);

    while (name) {
        if (is_attribute(name, attribute))
            add_values(connection, entry, name, values);
        ldap_memfree(name);
        name = ldap_next_attribute(connection->ldap, entry, at);
    }
    if (at)
        ber_free(at, 0);
    return values;
}

char *value_text(GBytes *value)
{
    gsize size;
    const char *data = g_bytes_get_data(value, &size);

    /* The length is given, so a NUL inside does not pass either. */
    return size > 0 && g_utf8_validate(data, (gssize)size, NULL) ? g_strndup(data, size) : NULL;
}

char *entry_text(struct connection *connection, LDAPMessage *entry, const char *attribute)
{
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);

    return values->len > 0 ? value_text(values->pdata[0]) : NULL;
}
