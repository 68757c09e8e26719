/* SPDX-License-Identifier: MIT
 *
 * The set-up by itself, whoever is asked about: names of attributes, what the bases and filters
 * find, limits on the portal's own account, and when the directory locks people out.
 */
#include "adapters/directory/explain.h"
#include "adapters/directory/filter.h"

#include "base/error.h"

/* ---- bases, filters, limits */

static bool count_entry(struct connection *connection G_GNUC_UNUSED,
                        LDAPMessage *entry G_GNUC_UNUSED, void *data)
{
    unsigned *count = data;

    ++*count;
    return true;
}

static bool count_accounts(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct search search = {.attempt = "search for accounts",
                            .base = settings->account_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = settings->account_filter};
    unsigned count = 0;

    if (!search_each(connection, &search, count_entry, &count, NULL, error))
        return false;
    directory_tell(connection->directory, "%u accounts below \"%s\" match the filter %s", count,
                   settings->account_base, settings->account_filter);
    if (count == 0)
        directory_mistake(connection->directory, "the base and filter of accounts find none that "
                                                 "the portal may see");
    return true;
}

/* Of 389 Directory Server, on the entry itself: 0 is none at all there, and not "unlimited". */
static bool check_own_limits(struct connection *connection, GError **error)
{
    static const char *const names[] = {"nsSizeLimit", "nsLookThroughLimit", "nsPagedSizeLimit",
                                        "nsTimeLimit", NULL};
    const char *dn = connection->directory->settings->bind_dn;
    g_autoptr(LDAPMessage) result = NULL;

    if (!strchr(dn, '='))
        return true;
    if (!explain_read(connection, dn, names, &result, error))
        return false;
    for (const char *const *name = names; result && *name; name++) {
        g_autofree char *value =
            entry_text(connection, ldap_first_entry(connection->ldap, result), *name);
        if (value && strcmp(value, "0") == 0)
            directory_mistake(connection->directory,
                              "%s of the portal's own account is 0, which shows it nothing: "
                              "unlimited is -1",
                              *name);
        else if (value)
            directory_tell(connection->directory, "%s of the portal's own account: %s", *name,
                           value);
    }
    return true;
}

/* What one of them cannot see, the others may; an outage is seen by the look-up that comes next. */
static bool inspect_set_up(struct connection *connection, void *data G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GError) count = NULL;
    g_autoptr(GError) limits = NULL;

    if (!explain_schema(connection, error))
        return false;
    if (!count_accounts(connection, &count))
        explain_failure(connection->directory, count);
    if (!check_own_limits(connection, &limits))
        explain_failure(connection->directory, limits);
    return true;
}

bool directory_inspect(struct directory *directory, struct deadline deadline, GError **error)
{
    return directory_ask(directory, deadline, inspect_set_up, NULL, error);
}

/* ---- when people are locked out */

/* Attributes that hold the number of failed sign-ins, and the one that switches them off. */
static const struct policy {
    const char *attribute;
    const char *switched; /* or NULL */
} policies[] = {
    {"lockoutThreshold", NULL},          /* Active Directory: the domain */
    {"msDS-LockoutThreshold", NULL},     /* Active Directory: fine-grained policies */
    {"pwdMaxFailure", "pwdLockout"},     /* OpenLDAP's ppolicy and others */
    {"passwordMaxFailure", "passwordLockout"}, /* 389 Directory Server */
    {"krbPwdMaxFailure", NULL},          /* FreeIPA */
};

static const char *const policy_attributes[] = {
    "lockoutThreshold",   "msDS-LockoutThreshold", "pwdMaxFailure",    "pwdLockout",
    "passwordMaxFailure", "passwordLockout",       "krbPwdMaxFailure", NULL};

struct lockout_question {
    unsigned failures; /* the least that was seen; 0 is none */
};

static bool is_switched_off(struct connection *connection, LDAPMessage *entry, const char *name)
{
    g_autofree char *value = name ? entry_text(connection, entry, name) : NULL;

    return value && (g_ascii_strcasecmp(value, "off") == 0 ||
                     g_ascii_strcasecmp(value, "FALSE") == 0);
}

static bool see_policy(struct connection *connection, LDAPMessage *entry, void *data)
{
    struct lockout_question *question = data;
    g_autofree char *dn = entry_dn(connection, entry);

    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
        g_autofree char *value = entry_text(connection, entry, policies[i].attribute);
        unsigned failures = value ? (unsigned)g_ascii_strtoull(value, NULL, 10) : 0;
        if (!value)
            continue;
        directory_tell(connection->directory, "lock-out: %s of %s is %s%s", policies[i].attribute,
                       dn, value,
                       is_switched_off(connection, entry, policies[i].switched) ? ", switched off"
                                                                                : "");
        if (failures > 0 && !is_switched_off(connection, entry, policies[i].switched) &&
            (question->failures == 0 || failures < question->failures))
            question->failures = failures;
    }
    return true;
}

/* Not every server shows them, and none says that it hides them. */
static void see_policies_below(struct connection *connection, const char *base, int scope,
                               const char *filter, struct lockout_question *question)
{
    g_autoptr(GError) failure = NULL;
    struct search search = {.attempt = "search for password policies",
                            .base = base,
                            .scope = scope,
                            .filter = filter,
                            .attributes = policy_attributes,
                            .missing = MISSING_IS_NOTHING};

    if (!search_each(connection, &search, see_policy, question, NULL, &failure))
        directory_tell(connection->directory, "could not look for password policies: %s",
                       failure->message);
}

static bool ask_lockout(struct connection *connection, void *data, GError **error)
{
    static const char policies_filter[] =
        "(|(objectClass=pwdPolicy)(objectClass=msDS-PasswordSettings)(objectClass=passwordPolicy)"
        "(objectClass=krbPwdPolicy))";
    struct lockout_question *question = data;
    g_autoptr(GPtrArray) contexts = NULL;

    question->failures = 0;
    if (!explain_contexts(connection, &contexts, error))
        return false;
    see_policies_below(connection, "cn=config", LDAP_SCOPE_BASE, "(objectClass=*)", question);
    for (guint i = 0; i < contexts->len; i++) {
        see_policies_below(connection, contexts->pdata[i], LDAP_SCOPE_BASE, "(objectClass=*)",
                           question);
        see_policies_below(connection, contexts->pdata[i], LDAP_SCOPE_SUBTREE, policies_filter,
                           question);
    }
    return true;
}

bool directory_lockout(struct directory *directory, struct deadline deadline, unsigned *failures,
                       GError **error)
{
    struct lockout_question question = {0};

    if (!directory_ask(directory, deadline, ask_lockout, &question, error))
        return false;
    *failures = question.failures;
    return true;
}
