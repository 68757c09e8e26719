/* SPDX-License-Identifier: MIT
 *
 * By what groups hold a person: the name, the login, and the primary group, which has
 * its members nowhere but in their own entries.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/membership.h"

/* A SID's bytes: revision, number of parts, authority (6), then each part (4, little-endian). */
#define SID_HEAD 8
#define SID_PART 4

static void membership_clear(void *data)
{
    struct membership *membership = data;

    g_ptr_array_unref(membership->others);
    g_free(membership->dn);
    g_free(membership->sid);
    g_free(membership->primary);
    g_free(membership->primary_id);
    g_free(membership->number);
}

void membership_unref(struct membership *membership)
{
    if (membership)
        g_rc_box_release_full(membership, membership_clear);
}

struct membership *membership_ref(struct membership *membership)
{
    return membership ? g_rc_box_acquire(membership) : NULL;
}

static bool is_sid(const guint8 *bytes, gsize size)
{
    return size > SID_HEAD && bytes[0] == 1 && size == SID_HEAD + bytes[1] * (gsize)SID_PART;
}

/* The SID in the same domain that ends in that number. */
static char *sibling(const guint8 *sid, gsize size, guint32 number)
{
    guint8 *copy = g_memdup2(sid, size);
    g_autoptr(GBytes) bytes = g_bytes_new_take(copy, size);
    guint32 little = GUINT32_TO_LE(number);

    memcpy(copy + size - SID_PART, &little, SID_PART);
    return bytes_text(bytes);
}

static void read_sid(struct connection *connection, LDAPMessage *entry,
                     struct membership *membership)
{
    g_autoptr(GPtrArray) sids = entry_values(connection, entry, "objectSid");
    gsize size = 0;
    const guint8 *sid = sids->len == 1 ? g_bytes_get_data(sids->pdata[0], &size) : NULL;
    guint64 number;

    if (connection->directory->settings->primary_group)
        membership->primary_id = entry_text(connection, entry, "primaryGroupID");
    if (!sid || !is_sid(sid, size))
        return;
    membership->sid = bytes_text(sids->pdata[0]);
    if (membership->primary_id &&
        g_ascii_string_to_unsigned(membership->primary_id, 10, 1, G_MAXUINT32, &number, NULL))
        membership->primary = sibling(sid, size, (guint32)number);
}

/* As the directory spells it, for there may be no other spelling in a group's list. */
static void add_logins(struct connection *connection, LDAPMessage *entry, const char *login,
                       GPtrArray *clauses)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) values = entry_values(connection, entry, settings->user_login_attribute);
    g_autofree char *key = login_key(settings, login);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *value = value_text(values->pdata[i]);
        g_autofree char *held = value ? login_key(settings, value) : NULL;
        if (held && strcmp(held, key) == 0)
            g_ptr_array_add(clauses,
                            filter_equals(settings->group_member_uid_attribute, "", value));
    }
}

static bool has_class(struct connection *connection, LDAPMessage *entry, const char *name)
{
    g_autoptr(GPtrArray) classes = entry_values(connection, entry, "objectClass");

    for (guint i = 0; i < classes->len; i++) {
        g_autofree char *one = value_text(classes->pdata[i]);
        if (one && g_ascii_strcasecmp(one, name) == 0)
            return true;
    }
    return false;
}

/* A group of POSIX has its members' logins, but not of those whose own number is the group's. */
static void add_posix(struct connection *connection, LDAPMessage *entry, const char *login,
                      struct membership *membership)
{
    bool counts = connection->directory->settings->primary_group;
    g_autofree char *number = entry_text(connection, entry, "gidNumber");

    add_logins(connection, entry, login, membership->others);
    if (number)
        g_ptr_array_add(membership->others, filter_equals("gidNumber", "", number));
    membership->hides_number = !number && has_class(connection, entry, "posixAccount");
    if (number && counts)
        membership->number = g_steal_pointer(&number);
}

struct membership *membership_read(struct connection *connection, LDAPMessage *entry,
                                   const char *login)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct membership *membership = g_rc_box_new0(struct membership);

    membership->dn = entry_dn(connection, entry);
    membership->others = g_ptr_array_new_with_free_func(g_free);
    if (*settings->group_member_uid_attribute)
        add_posix(connection, entry, login, membership);
    read_sid(connection, entry, membership);
    if (membership->primary)
        g_ptr_array_add(membership->others, filter_equals_bytes("objectSid", membership->primary));
    return membership;
}

/* ---- in another domain ---- */

static bool cannot_tell(const struct connection *connection, const char *reason,
                        const char *remedy, GError **error)
{
    connection_limited(connection, "tell the person's groups", reason, remedy, error);
    return false;
}

/* Whether the foreign security principals below the base are shown: some always exist. */
static bool need_foreign(struct connection *connection, const struct membership *membership,
                         const char *base, GError **error)
{
    const char *const attributes[] = {"objectSid", NULL};
    struct search search = {.attempt = "search for foreign security principals",
                            .base = base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = "(objectSid=*)",
                            .attributes = attributes,
                            .missing = MISSING_IS_NOTHING};
    g_autofree char *reason = NULL;
    bool shown, expected = true;

    if (!search_shows(connection, &search, &shown, error))
        return false;
    /* No other directory knows them. */
    if (!shown && !search_active_directory(connection, &expected, error))
        return false;
    if (!expected || (shown && membership->sid))
        return true;
    reason = shown ? g_strdup_printf("\"%s\" is of another domain and shows no objectSid, by which "
                                     "it would be in groups there", membership->dn)
                   : g_strdup_printf("nothing is shown below \"%s\", by which people of other "
                                     "domains are in groups", base);
    return cannot_tell(connection, reason, "let the portal's account read objectSid there", error);
}

/* Where Active Directory keeps them. */
bool membership_foreign(struct connection *connection, const struct membership *membership,
                        const char *where, char **name, GError **error)
{
    const char *domain = domain_of(where);
    g_autofree char *base = g_strconcat("CN=ForeignSecurityPrincipals,", domain, NULL);
    g_autofree char *filter =
        membership->sid ? filter_equals_bytes("objectSid", membership->sid) : NULL;
    struct search search = {.attempt = "search for a foreign security principal",
                            .base = base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .missing = MISSING_IS_NOTHING};
    g_autoptr(LDAPMessage) result = NULL;
    unsigned number = 0;

    if (!*domain || dn_same(domain, domain_of(membership->dn)))
        return true;
    if (filter && !search_one(connection, &search, &number, &result, error))
        return false;
    if (number == 1)
        *name = entry_dn(connection, ldap_first_entry(connection->ldap, result));
    return number == 1 || need_foreign(connection, membership, base, error);
}

/* ---- the primary group ---- */

#define OR_DO_WITHOUT \
    ", or set primary-group=\"no\" where no account is owned through a primary group"

/* Everybody in Active Directory has a primary group. */
static bool need_primary_id(struct connection *connection, const struct membership *membership,
                            GError **error)
{
    g_autofree char *reason = NULL;
    bool expected;

    if (!search_active_directory(connection, &expected, error))
        return false;
    reason = g_strdup_printf("\"%s\" shows no primaryGroupID", membership->dn);
    return !expected || cannot_tell(connection, reason,
                                    "let the portal's account read primaryGroupID" OR_DO_WITHOUT,
                                    error);
}

bool membership_check(struct connection *connection, const struct membership *membership,
                      GError **error)
{
    bool counts = connection->directory->settings->primary_group;
    g_autofree char *reason = NULL;

    if (counts && membership->hides_number) {
        reason = g_strdup_printf("\"%s\" is an account of POSIX and shows no gidNumber",
                                 membership->dn);
        return cannot_tell(connection, reason,
                           "let the portal's account read gidNumber" OR_DO_WITHOUT, error);
    }
    if (counts && membership->sid && !membership->primary_id)
        return need_primary_id(connection, membership, error);
    if (!membership->primary_id || membership->primary)
        return true;
    reason = g_strdup_printf("the primary group (primaryGroupID %s) is not known by its number "
                             "alone, and the portal's account may not see objectSid",
                             membership->primary_id);
    return cannot_tell(connection, reason, "let it read objectSid" OR_DO_WITHOUT, error);
}

const char *domain_of(const char *dn)
{
    LDAPDN parsed = NULL;
    const char *at = dn;
    guint rdns = 0, others = 0;

    if (ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
        return "";
    for (LDAPRDN *rdn = parsed; rdn && *rdn; rdn++) {
        rdns++;
        if ((*rdn)[0]->la_attr.bv_len != 2 ||
            g_ascii_strncasecmp((*rdn)[0]->la_attr.bv_val, "dc", 2) != 0)
            others = rdns;
    }
    ldap_dnfree(parsed);
    for (; others > 0 && *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (*at == ',')
            others--;
    }
    return at;
}
