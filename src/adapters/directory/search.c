/* SPDX-License-Identifier: MIT
 *
 * Searches and entries.
 */
#include "adapters/directory/search.h"
#include "adapters/directory/filter.h"

#define ACTIVE_DIRECTORY "1.2.840.113556.1.4.800" /* LDAP_CAP_ACTIVE_DIRECTORY_OID */

static const char *const no_attributes[] = {LDAP_NO_ATTRS, NULL};

typedef LDAPControl *controls;

static void controls_clear(controls **list)
{
    if (*list)
        ldap_controls_free(*list);
}

#define auto_controls __attribute__((cleanup(controls_clear))) controls *

/* One answer to a search, or one page of it. */
struct answer {
    LDAPMessage *messages;
    int entries;
    unsigned references; /* not followed, and not known to lead to nothing of ours */
};

static void answer_clear(struct answer *answer)
{
    g_clear_pointer(&answer->messages, ldap_msgfree);
}

#define auto_answer __attribute__((cleanup(answer_clear))) struct answer

/* The partitions that Active Directory refers to from the root of every domain. */
static bool holds_nobody(const char *dn)
{
    static const char *const partitions[] = {"cn=configuration,", "cn=schema,cn=configuration,",
                                             "dc=forestdnszones,", "dc=domaindnszones,"};
    g_autofree char *key = dn_key(dn);

    for (size_t i = 0; i < G_N_ELEMENTS(partitions); i++)
        if (g_str_has_prefix(key, partitions[i]))
            return true;
    return false;
}

static bool leads_nowhere(const char *uri)
{
    LDAPURLDesc *parsed = NULL;
    bool nowhere;

    if (ldap_url_parse(uri, &parsed) != LDAP_URL_SUCCESS)
        return false;
    nowhere = parsed->lud_dn && holds_nobody(parsed->lud_dn);
    ldap_free_urldesc(parsed);
    return nowhere;
}

/*
 * Whether what is referred to could hold an answer. From a subtree it is a part of that, which
 * may hold none of ours; of one entry it says that the entry is there.
 */
static bool matters(struct connection *connection, const struct search *search,
                    LDAPMessage *reference)
{
    char **uris = NULL;
    bool does = true;

    if (search->scope == LDAP_SCOPE_BASE)
        return true;
    if (connection->directory->settings->ignore_references)
        return false;
    if (ldap_parse_reference(connection->ldap, reference, &uris, NULL, 0) == LDAP_SUCCESS && uris)
        does = !leads_nowhere(uris[0]);
    ldap_memvfree((void **)uris);
    return does;
}

/* Entries and references, and at the end that it is the end. */
static bool is_whole(LDAP *ldap, LDAPMessage *messages)
{
    int type = -1;

    for (LDAPMessage *one = ldap_first_message(ldap, messages); one;
         one = ldap_next_message(ldap, one)) {
        if (type == LDAP_RES_SEARCH_RESULT)
            return false;
        type = ldap_msgtype(one);
        if (type != LDAP_RES_SEARCH_ENTRY && type != LDAP_RES_SEARCH_REFERENCE &&
            type != LDAP_RES_INTERMEDIATE && type != LDAP_RES_SEARCH_RESULT)
            return false;
    }
    return type == LDAP_RES_SEARCH_RESULT;
}

static void count_answer(struct connection *connection, const struct search *search,
                         struct answer *answer)
{
    LDAP *ldap = connection->ldap;

    answer->entries = ldap_count_entries(ldap, answer->messages);
    for (LDAPMessage *one = ldap_first_reference(ldap, answer->messages); one;
         one = ldap_next_reference(ldap, one))
        answer->references += matters(connection, search, one);
}

/* The answer's result code, or the error's; the answer may have entries even then. */
static int run(struct connection *connection, const struct search *search, LDAPControl **wanted,
               int at_most, struct answer *answer, GError **error)
{
    const char *const *attributes = search->attributes ? search->attributes : no_attributes;
    struct timeval time;
    int code;

    if (!connection_time(connection, search->attempt, &time, error))
        return LDAP_TIMEOUT;
    code =
        ldap_search_ext_s(connection->ldap, search->base, search->scope, search->filter,
                          (char **)attributes, 0, wanted, NULL, &time, at_most, &answer->messages);
    if (code < 0 || !answer->messages)
        return code;
    if (!is_whole(connection->ldap, answer->messages))
        return LDAP_DECODING_ERROR;
    count_answer(connection, search, answer);
    return code;
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

static bool is_limit(int result)
{
    return result == LDAP_SIZELIMIT_EXCEEDED || result == LDAP_TIMELIMIT_EXCEEDED ||
           result == LDAP_ADMINLIMIT_EXCEEDED;
}

/* What a result code means: true where the answer is all that there is. */
static bool judge_code(struct connection *connection, const struct search *search, int result,
                       const struct answer *answer, GError **error)
{
    if (result == LDAP_SUCCESS)
        return true;
    /* It has been set already when the time was over before anything was asked. */
    if (error && *error)
        return false;
    if ((result == LDAP_NO_SUCH_OBJECT || result == LDAP_INVALID_DN_SYNTAX) && answer->entries == 0)
        return base_fault(connection, search, error);
    connection_failed(connection, result, search->attempt, error);
    return false;
}

/* Nothing but references is no answer: what was asked for may be where they lead. */
static bool check_references(struct connection *connection, const struct search *search,
                             const struct answer *all, GError **error)
{
    const char *plural = all->references == 1 ? "" : "s";

    if (all->references == 0)
        return true;
    if (all->entries > 0) {
        directory_tell(connection->directory, "%u reference%s not followed, to %s", all->references,
                       plural, search->attempt);
        return true;
    }
    g_set_error(
        error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT,
        "cannot ask the directory: %s: cannot %s: nothing found, and %u reference%s to other "
        "servers not followed (trying again does not help: narrow the base, ask a server "
        "that holds it all, such as a global catalog, or set references=\"ignore\")",
        connection->server->uri, search->attempt, all->references, plural);
    return false;
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
                    struct berval *cookie, struct answer *answer, GError **error)
{
    ber_int_t size = (ber_int_t)connection->directory->settings->page_size;
    LDAPControl *page = NULL;
    int code = ldap_create_page_control(connection->ldap, size, cookie, 1, &page);

    if (code == LDAP_SUCCESS) {
        LDAPControl *wanted[] = {page, NULL};
        code = run(connection, search, wanted, LDAP_NO_LIMIT, answer, error);
        ldap_control_free(page);
    }
    /* Paging was asked for because of a limit, which then is what stands in the way. */
    if (code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION)
        return LDAP_SIZELIMIT_EXCEEDED;
    return code == LDAP_SUCCESS ? next_page(connection->ldap, answer->messages, cookie) : code;
}

struct visit {
    const struct search *search;
    entry_visitor visitor;
    void *data;
    struct answer all; /* counts only */
    bool whole;
};

/* An answer cut short will do only where the visitor needs no more than came. */
static bool take_answer(struct connection *connection, struct visit *visited, int code,
                        const struct answer *answer, GError **error)
{
    bool cut = is_limit(code);

    if (!cut && !judge_code(connection, visited->search, code, answer, error))
        return false;
    visited->all.entries += answer->entries;
    visited->all.references += answer->references;
    visited->whole = visit(connection, answer->messages, visited->visitor, visited->data);
    return !cut || !visited->whole || judge_code(connection, visited->search, code, answer, error);
}

static bool each_page(struct connection *connection, struct visit *visited, GError **error)
{
    struct berval cookie = {0};
    bool done;

    do {
        auto_answer answer = {0};
        int code = run_page(connection, visited->search, &cookie, &answer, error);
        done = take_answer(connection, visited, code, &answer, error);
    } while (done && visited->whole && cookie.bv_len > 0);
    ber_memfree(cookie.bv_val);
    return done;
}

/*
 * Unpaged first: with the paging control OpenLDAP drops members of dynamic groups
 * without a word.
 */
static bool visit_all(struct connection *connection, struct visit *visited, GError **error)
{
    auto_answer answer = {0};
    int code = run(connection, visited->search, NULL, LDAP_NO_LIMIT, &answer, error);

    if ((code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_ADMINLIMIT_EXCEEDED) &&
        connection->directory->settings->page_size > 0)
        return each_page(connection, visited, error);
    return take_answer(connection, visited, code, &answer, error);
}

bool search_each(struct connection *connection, const struct search *search, entry_visitor visitor,
                 void *data, bool *whole, GError **error)
{
    g_autoptr(GPtrArray) bases = g_ptr_array_new();

    g_ptr_array_add(bases, (char *)search->base);
    return search_bases(connection, search, bases, &(struct visiting){visitor, data, whole}, error);
}

bool search_bases(struct connection *connection, const struct search *search,
                  const GPtrArray *bases, const struct visiting *visiting, GError **error)
{
    g_autoptr(GError) failure = NULL;
    struct search one = *search;
    struct visit visited = {
        .search = &one, .visitor = visiting->visitor, .data = visiting->data, .whole = true};

    for (guint i = 0; i < bases->len && visited.whole && !failure; i++) {
        one.base = bases->pdata[i];
        visit_all(connection, &visited, &failure);
    }
    if (failure ||
        (visited.whole && !check_references(connection, search, &visited.all, &failure))) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (visiting->whole)
        *visiting->whole = visited.whole;
    return true;
}

/* What was asked for is one entry, so another one is no answer. */
static bool check_base(struct connection *connection, const struct search *search,
                       const struct answer *answer, GError **error)
{
    LDAPMessage *entry = ldap_first_entry(connection->ldap, answer->messages);
    g_autofree char *dn = entry ? entry_dn(connection, entry) : NULL;
    g_autofree char *shown = NULL;

    if (!entry || (answer->entries == 1 && dn_same(dn, search->base)))
        return true;
    shown = printable(dn);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                "could not ask the directory: %s: could not %s: \"%s\" was asked for, and %s\"%s\" "
                "came",
                connection->server->uri, search->attempt, search->base,
                answer->entries > 1 ? "more than one entry, first " : "", shown);
    return false;
}

/* Whether the entries decide by themselves, whatever was cut off after them. */
static bool decides(const struct search *search, const struct answer *answer)
{
    return answer->entries >= (search->scope == LDAP_SCOPE_BASE ? 1 : 2);
}

static bool judge_one(struct connection *connection, const struct search *search, int code,
                      const struct answer *answer, GError **error)
{
    if (!(is_limit(code) && decides(search, answer)) &&
        !judge_code(connection, search, code, answer, error))
        return false;
    if (search->scope == LDAP_SCOPE_BASE && !check_base(connection, search, answer, error))
        return false;
    return check_references(connection, search, answer, error);
}

bool search_one(struct connection *connection, const struct search *search, unsigned *number,
                LDAPMessage **result, GError **error)
{
    g_autoptr(GError) failure = NULL;
    auto_answer answer = {0};
    int code = run(connection, search, NULL, 2, &answer, &failure);

    if (!judge_one(connection, search, code, &answer, &failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    *number = (unsigned)CLAMP(answer.entries, 0, 2);
    if (*number == 1)
        *result = g_steal_pointer(&answer.messages);
    return true;
}

bool search_shows(struct connection *connection, const struct search *search, bool *shows,
                  GError **error)
{
    g_autoptr(GError) failure = NULL;
    auto_answer answer = {0};
    int code = run(connection, search, NULL, 1, &answer, &failure);

    if (!(is_limit(code) && answer.entries > 0) &&
        (!judge_code(connection, search, code, &answer, &failure) ||
         !check_references(connection, search, &answer, &failure))) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    *shows = answer.entries > 0 &&
             entry_has(connection, ldap_first_entry(connection->ldap, answer.messages),
                       search->attributes[0]);
    return true;
}

bool search_entry(struct connection *connection, const char *dn, const char *const *attributes,
                  LDAPMessage **result, GError **error)
{
    struct search search = {.attempt = "read an entry",
                            .base = dn,
                            .scope = LDAP_SCOPE_BASE,
                            .filter = "(objectClass=*)",
                            .attributes = attributes,
                            .missing = MISSING_IS_NOTHING};
    unsigned count;

    return search_one(connection, &search, &count, result, error);
}

bool search_active_directory(struct connection *connection, bool *is, GError **error)
{
    const char *const attributes[] = {"supportedCapabilities", NULL};
    bool *said = &connection->server->is_active_directory;
    g_autoptr(LDAPMessage) result = NULL;

    if (!*said && !search_entry(connection, "", attributes, &result, error))
        return false;
    if (result)
        *said = entry_holds_text(connection, ldap_first_entry(connection->ldap, result),
                                 "supportedCapabilities", ACTIVE_DIRECTORY);
    *is = *said;
    return true;
}

static bool holds_a_base(const struct directory_settings *settings, const char *context)
{
    for (guint i = 0; i < settings->user_bases->len; i++)
        if (dn_below(settings->user_bases->pdata[i], context))
            return true;
    return dn_below(settings->account_base, context) ||
           (*settings->group_base && dn_below(settings->group_base, context));
}

bool search_contexts(struct connection *connection, GPtrArray **contexts, GError **error)
{
    const char *const attributes[] = {"namingContexts", NULL};
    g_autoptr(LDAPMessage) result = NULL;
    g_autoptr(GPtrArray) values = NULL;

    if (!search_entry(connection, "", attributes, &result, error))
        return false;
    *contexts = g_ptr_array_new_with_free_func(g_free);
    if (!result)
        return true;
    values = entry_values(connection, ldap_first_entry(connection->ldap, result), "namingContexts");
    for (guint i = 0; i < values->len; i++) {
        char *context = value_text(values->pdata[i]);
        if (context && holds_a_base(connection->directory->settings, context))
            g_ptr_array_add(*contexts, context);
        else
            g_free(context);
    }
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
    unsigned number;

    if (!search_one(connection, &search, &number, &result, error))
        return false;
    *matches = number > 0;
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

bool entry_has(struct connection *connection, LDAPMessage *entry, const char *attribute)
{
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);

    return values->len > 0;
}

bool entry_holds_text(struct connection *connection, LDAPMessage *entry, const char *attribute,
                      const char *text)
{
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *value = value_text(values->pdata[i]);
        if (value && strcmp(value, text) == 0)
            return true;
    }
    return false;
}

bool entry_holds_bytes(struct connection *connection, LDAPMessage *entry, const char *attribute,
                       const char *hexadecimal)
{
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *value = bytes_text(values->pdata[i]);
        if (strcmp(value, hexadecimal) == 0)
            return true;
    }
    return false;
}

/* The end of "memberOf;range=0-1499"; 0 where the values are all there, as after "1500-*". */
static guint64 range_end(const char *description)
{
    const char *range = strcasestr(description, ";range=");
    const char *dash = range ? strchr(range, '-') : NULL;

    return dash && g_ascii_isdigit(dash[1]) ? g_ascii_strtoull(dash + 1, NULL, 10) : 0;
}

char *entry_rest(struct connection *connection, LDAPMessage *entry, const char *attribute)
{
    BerElement *at = NULL;
    char *name = ldap_first_attribute(connection->ldap, entry, &at);
    guint64 end = 0;

    while (name) {
        if (is_attribute(name, attribute))
            end = MAX(end, range_end(name));
        ldap_memfree(name);
        name = ldap_next_attribute(connection->ldap, entry, at);
    }
    if (at)
        ber_free(at, 0);
    return end ? g_strdup_printf("%s;range=%" G_GUINT64_FORMAT "-*", attribute, end + 1) : NULL;
}

char *bytes_text(GBytes *value)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(value, &size);
    GString *text = g_string_new("");

    for (gsize i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", data[i]);
    return g_string_free(text, FALSE);
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
