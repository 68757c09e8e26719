/* SPDX-License-Identifier: MIT
 *
 * The set-up by itself, whoever is asked about: names of attributes, what the bases and filters
 * find (survey.c), limits on the portal's own account, and when the directory locks people out.
 */
#include "adapters/directory/explain.h"
#include "adapters/directory/filter.h"

#include "base/error.h"

/* ---- limits, and all together */

/* Of 389 Directory Server, on the entry itself: 0 is none at all there, and not "unlimited". */
static bool check_own_limits(struct connection *connection, GError **error)
{
    static const char *const names[] = {"nsSizeLimit", "nsLookThroughLimit", "nsPagedSizeLimit",
                                        "nsTimeLimit", NULL};
    const char *dn = connection->directory->settings->bind_dn;
    g_autoptr(LDAPMessage) result = NULL;

    if (!strchr(dn, '='))
        return true;
    if (!search_entry(connection, dn, names, &result, error))
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
    bool (*const checks[])(struct connection *connection, GError **error) = {
        survey_people, survey_accounts, survey_groups, check_own_limits};

    unsigned before = connection->directory->mistakes;

    if (!explain_schema(connection, error))
        return false;
    /* What a wrong name finds tells nothing more. */
    if (connection->directory->mistakes > before)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        g_autoptr(GError) failure = NULL;
        if (!checks[i](connection, &failure))
            explain_failure(connection->directory, failure);
    }
    return true;
}

bool directory_inspect(struct directory *directory, struct deadline deadline, GError **error)
{
    return directory_ask(directory, deadline, inspect_set_up, NULL, error);
}

/* ---- when people are locked out */

/* Attributes that hold the number of failed sign-ins, the time within which they are counted, and
   what switches them off. */
static const struct policy {
    const char *failures;
    const char *window;
    const char *switched; /* or NULL */
} policies[] = {
    /* Active Directory: the domain, and fine-grained policies. */
    {"lockoutThreshold", "lockOutObservationWindow", NULL},
    {"msDS-LockoutThreshold", "msDS-LockoutObservationWindow", NULL},
    /* OpenLDAP's ppolicy and others. */
    {"pwdMaxFailure", "pwdFailureCountInterval", "pwdLockout"},
    /* 389 Directory Server, and FreeIPA. */
    {"passwordMaxFailure", "passwordResetFailureCount", "passwordLockout"},
    {"krbPwdMaxFailure", "krbPwdFailureCountInterval", NULL},
};

static const char **policy_attributes(void)
{
    GPtrArray *names = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
        g_ptr_array_add(names, (char *)policies[i].failures);
        g_ptr_array_add(names, (char *)policies[i].window);
        if (policies[i].switched)
            g_ptr_array_add(names, (char *)policies[i].switched);
    }
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

static bool is_switched_off(struct connection *connection, LDAPMessage *entry, const char *name)
{
    g_autofree char *value = name ? entry_text(connection, entry, name) : NULL;

    return value &&
           (g_ascii_strcasecmp(value, "off") == 0 || g_ascii_strcasecmp(value, "FALSE") == 0);
}

/* Active Directory counts tenths of microseconds, below zero; 0 is until somebody signs in. */
static unsigned seconds_of(const char *window)
{
    gint64 value = window ? g_ascii_strtoll(window, NULL, 10) : 0;
    gint64 seconds = value < 0 ? -(value / 10000000) : value;

    return !window ? 0 : seconds == 0 || seconds > G_MAXUINT ? G_MAXUINT : (unsigned)seconds;
}

static void take_policy(struct lockout *lockout, const char *failures, const char *window)
{
    unsigned count = (unsigned)g_ascii_strtoull(failures, NULL, 10);

    if (count == 0)
        return;
    lockout->failures = lockout->failures ? MIN(lockout->failures, count) : count;
    lockout->seconds = MAX(lockout->seconds, seconds_of(window));
}

static bool see_policy(struct connection *connection, LDAPMessage *entry, void *data)
{
    g_autofree char *dn = entry_dn(connection, entry);

    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
        g_autofree char *failures = entry_text(connection, entry, policies[i].failures);
        g_autofree char *window = entry_text(connection, entry, policies[i].window);
        bool off = is_switched_off(connection, entry, policies[i].switched);
        if (!failures)
            continue;
        directory_tell(connection->directory, "lock-out: %s of %s is %s, %s is %s%s",
                       policies[i].failures, dn, failures, policies[i].window,
                       window ? window : "not shown", off ? "; switched off" : "");
        if (!off)
            take_policy(data, failures, window);
    }
    return true;
}

/* Not every server shows them, and none says that it hides them. */
static void see_policies_below(struct connection *connection, const char *base, int scope,
                               const char *filter, struct lockout *lockout)
{
    g_autofree const char **attributes = policy_attributes();
    g_autoptr(GError) failure = NULL;
    struct search search = {.attempt = "search for password policies",
                            .base = base,
                            .scope = scope,
                            .filter = filter,
                            .attributes = attributes,
                            .missing = MISSING_IS_NOTHING};

    if (!search_each(connection, &search, see_policy, lockout, NULL, &failure))
        directory_tell(connection->directory, "could not look for password policies: %s",
                       failure->message);
}

static bool ask_lockout(struct connection *connection, void *data, GError **error)
{
    static const char policies_filter[] =
        "(|(objectClass=pwdPolicy)(objectClass=msDS-PasswordSettings)(objectClass=passwordPolicy)"
        "(objectClass=krbPwdPolicy))";
    struct lockout *lockout = data;
    g_autoptr(GPtrArray) contexts = NULL;

    *lockout = (struct lockout){0};
    if (!search_contexts(connection, &contexts, error))
        return false;
    see_policies_below(connection, "cn=config", LDAP_SCOPE_BASE, "(objectClass=*)", lockout);
    for (guint i = 0; i < contexts->len; i++) {
        see_policies_below(connection, contexts->pdata[i], LDAP_SCOPE_BASE, "(objectClass=*)",
                           lockout);
        see_policies_below(connection, contexts->pdata[i], LDAP_SCOPE_SUBTREE, policies_filter,
                           lockout);
    }
    return true;
}

bool directory_lockout(struct directory *directory, struct deadline deadline,
                       struct lockout *lockout, GError **error)
{
    struct lockout seen = {0};

    if (!directory_ask(directory, deadline, ask_lockout, &seen, error))
        return false;
    *lockout = seen;
    return true;
}
