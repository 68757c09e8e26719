/* SPDX-License-Identifier: MIT
 *
 * The adapter as a whole: the check of its settings, and the trace.
 */
#include "adapters/directory/connection.h"
#include "adapters/directory/filter.h"

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    g_autofree char *reason = NULL;

    va_start(arguments, format);
    reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION, "cannot use the directory: %s",
                reason);
    return false;
}

static bool is_loopback(const char *host)
{
    return g_ascii_strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (g_str_has_prefix(host, "127.") && g_hostname_is_ip_address(host));
}

/* People's passwords go over it, whoever the portal binds as. */
static bool check_uri(const struct directory_settings *settings, const char *uri, GError **error)
{
    LDAPURLDesc *parsed = NULL;
    bool plain, local;

    if (ldap_url_parse(uri, &parsed) != LDAP_URL_SUCCESS)
        return refuse(error, "\"%s\" is not the uri of a server, like ldaps://ldap.example.edu",
                      uri);
    plain = strcmp(parsed->lud_scheme, "ldap") == 0;
    local = strcmp(parsed->lud_scheme, "ldapi") == 0 ||
            (parsed->lud_host && is_loopback(parsed->lud_host));
    ldap_free_urldesc(parsed);
    if (settings->starttls && !plain)
        return refuse(error, "starttls goes with ldap:// only, not with \"%s\"", uri);
    if (local || settings->unprotected)
        return true;
    if (plain && !settings->starttls)
        return refuse(error, "passwords would travel in clear to \"%s\"; use ldaps://, or set"
                      " starttls, or allow it with unprotected=\"allowed\"", uri);
    if (settings->verify == TLS_VERIFY_NEVER)
        return refuse(error, "anybody could pose as \"%s\" with tls-verify=\"never\"; name its CA in"
                      " ca-file, or allow it with unprotected=\"allowed\"", uri);
    return true;
}

static bool check_bind(const struct directory_settings *settings, GError **error)
{
    if (settings->bind == BIND_SIMPLE && (!*settings->bind_dn || !*settings->password_file))
        return refuse(error, "a simple bind needs a name and a password file");
    if (!*settings->certificate_file != !*settings->key_file)
        return refuse(error, "a client certificate needs its key file, and a key its certificate");
    return true;
}

/* Exactly one filter can be negated: "(a=b)(c=d)" and "(a=b))(|(c=d)" are found out. */
static bool check_filter(const char *name, const char *filter, GError **error)
{
    g_autofree char *negated = g_strconcat("(!", filter, ")", NULL);

    if (*filter && (*filter != '(' || !filter_is_sound(filter) || !filter_is_sound(negated)))
        return refuse(error, "what is to be the filter of %s is none: \"%s\"", name, filter);
    return true;
}

static bool check_holder_filters(const struct directory_settings *settings, GError **error)
{
    for (guint i = 0; i < settings->holder_searches->len; i++) {
        const struct holder_search *search = settings->holder_searches->pdata[i];
        if (!check_filter("holders of addresses", search->filter, error))
            return false;
    }
    return true;
}

/* "example.edu" and "EXAD", not "@example.edu" and "EXAD\". */
static bool check_scopes(const GPtrArray *scopes, const char *name, GError **error)
{
    for (guint i = 0; i < scopes->len; i++)
        if (strpbrk(scopes->pdata[i], "@\\/"))
            return refuse(error, "%s of people is to be a domain alone, without @ and \\: \"%s\"",
                          name, (const char *)scopes->pdata[i]);
    return true;
}

static bool check_filters(const struct directory_settings *settings, GError **error)
{
    g_autofree char *of_login = filter_for_login(settings->user_filter, "x");
    g_autofree char *people = filter_now(settings->user_eligible_filter);
    g_autofree char *accounts = filter_now(settings->account_eligible_filter);

    if (!strstr(settings->user_filter, "%u"))
        return refuse(error, "the filter of people has no %%u where the login belongs");
    if (settings->user_bases->len == 0)
        return refuse(error, "no base says where people are");
    return check_filter("people", of_login, error) &&
           check_filter("eligible people", people, error) &&
           check_filter("accounts", settings->account_filter, error) &&
           check_filter("eligible accounts", accounts, error) &&
           check_filter("groups", settings->group_filter, error) &&
           check_holder_filters(settings, error);
}

static bool check_attribute(const char *name, GError **error)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-.");

    return (length > 0 && !name[length]) || refuse(error, "\"%s\" is no attribute's name", name);
}

static bool check_template(const char *pattern, GError **error)
{
    g_autofree char *example = NULL;
    LDAPDN dn = NULL;

    if (!strstr(pattern, "{account}"))
        return refuse(error, "the group template \"%s\" has no {account}", pattern);
    example = dn_from_template(pattern, "x");
    if (strstr(example, "{account}") ||
        ldap_str2dn(example, &dn, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || !dn)
        return refuse(error, "the group template \"%s\" makes no DN", pattern);
    ldap_dnfree(dn);
    return true;
}

static bool check_rules(const GPtrArray *rules, GError **error)
{
    for (guint i = 0; i < rules->len; i++) {
        const struct role_rule *rule = rules->pdata[i];
        bool sound = rule->kind == ROLE_BY_GROUP_TEMPLATE ? check_template(rule->value, error)
                                                          : check_attribute(rule->value, error);
        if (!sound)
            return false;
    }
    return true;
}

static bool check_roles(const struct directory_settings *settings, GError **error)
{
    if (settings->owner_rules->len + settings->administrator_rules->len == 0)
        return refuse(error, "no rule says who owns or administers an account");
    if (!*settings->group_base && settings->nested != NESTED_NONE)
        return refuse(error, "groups need a base to search from");
    return check_rules(settings->owner_rules, error) &&
           check_rules(settings->administrator_rules, error);
}

static bool check_attributes(const struct directory_settings *settings, GError **error)
{
    const char *const names[] = {settings->user_login_attribute, settings->user_id_attribute,
                                 settings->user_name_attribute,  settings->user_mail_attribute,
                                 settings->id_attribute,         settings->label_attribute,
                                 settings->member_of_attribute,  settings->group_name_attribute,
                                 settings->group_id_attribute};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (!check_attribute(names[i], error))
            return false;
    for (guint i = 0; i < settings->address_attributes->len; i++) {
        const struct address_attribute *one = settings->address_attributes->pdata[i];
        if (!check_attribute(one->attribute, error))
            return false;
    }
    for (guint i = 0; i < settings->group_member_attributes->len; i++)
        if (!check_attribute(settings->group_member_attributes->pdata[i], error))
            return false;
    return settings->address_attributes->len > 0 ||
           refuse(error, "no attribute holds the addresses of an account");
}

static bool check_servers(const struct directory_settings *settings, GError **error)
{
    if (settings->uris->len == 0)
        return refuse(error, "no server is named");
    for (guint i = 0; i < settings->uris->len; i++)
        if (!check_uri(settings, settings->uris->pdata[i], error))
            return false;
    return true;
}

struct directory *directory_new(const struct directory_settings *settings, GError **error)
{
    struct directory *directory;

    /* Nothing of ldap.conf, ~/.ldaprc or the environment's LDAP... counts. */
    if (!g_getenv("LDAPNOINIT"))
        g_setenv("LDAPNOINIT", "1", FALSE);
    if (!check_servers(settings, error) || !check_bind(settings, error) ||
        !check_filters(settings, error) ||
        !check_scopes(settings->login_scopes, "login-scope", error) ||
        !check_scopes(settings->login_domains, "domain", error) || !check_attributes(settings, error) ||
        !check_roles(settings, error))
        return NULL;
    directory = g_new0(struct directory, 1);
    directory->settings = settings;
    directory->servers = g_new0(struct server, settings->uris->len);
    for (guint i = 0; i < settings->uris->len; i++)
        directory->servers[i].uri = settings->uris->pdata[i];
    return directory;
}

void directory_free(struct directory *directory)
{
    if (!directory)
        return;
    connection_free(directory->kept);
    g_clear_pointer(&directory->people, g_hash_table_unref);
    g_clear_pointer(&directory->groups, g_hash_table_unref);
    g_free(directory->servers);
    g_free(directory);
}

bool directory_ping(struct directory *directory, struct deadline deadline, GError **error)
{
    return connection_renew(directory, deadline, error);
}

void directory_trace(struct directory *directory, void (*trace)(const char *text, void *data),
                     void *data)
{
    directory->trace = trace;
    directory->trace_data = data;
}

void directory_tell(const struct directory *directory, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;
    va_list arguments;

    if (!directory->trace)
        return;
    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    line = printable(text);
    directory->trace(line, directory->trace_data);
}

char *printable(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *clean = g_string_new("");

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (g_unichar_isprint(character))
            g_string_append_unichar(clean, character);
        else
            g_string_append_printf(clean, "\\x%02x", character);
    }
    return g_string_free(clean, FALSE);
}
