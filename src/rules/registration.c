/* SPDX-License-Identifier: MIT
 *
 * Registrations as plain data; the simple fields of the form.
 */
#include "rules/registration.h"

#include "base/limits.h"
#include "rules/source.h"
#include "rules/typed.h"

static const char *const kind_names[] = {
    [SOURCE_CERTIFICATE] = "certificate",
    [SOURCE_HOSTNAME] = "hostname",
    [SOURCE_NETWORK] = "network",
};

const char *source_kind_name(enum source_kind kind)
{
    return kind_names[kind];
}

bool source_kind_parse(const char *name, enum source_kind *kind)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kind_names); i++) {
        if (g_str_equal(kind_names[i], name)) {
            *kind = i;
            return true;
        }
    }
    return false;
}

void certificate_free(struct certificate *certificate)
{
    if (!certificate)
        return;
    g_clear_pointer(&certificate->der, g_bytes_unref);
    g_free(certificate->sha256);
    g_free(certificate->spki_sha256);
    g_free(certificate->subject);
    g_free(certificate->issuer);
    g_free(certificate->serial);
    g_clear_pointer(&certificate->names, g_ptr_array_unref);
    g_free(certificate);
}

gint64 certificate_grace_end(gint64 not_after, unsigned grace_days)
{
    return not_after + (gint64)grace_days * 24 * 3600;
}

/* As the export has it: at the last second of its grace a key is still written. */
enum certificate_term certificate_term(gint64 not_after, unsigned grace_days, gint64 now)
{
    return now <= not_after                                      ? TERM_LASTING
           : now <= certificate_grace_end(not_after, grace_days) ? TERM_GRACE
                                                                 : TERM_OVER;
}

static struct source *source_new(enum source_kind kind)
{
    struct source *source = g_new0(struct source, 1);

    source->kind = kind;
    return source;
}

struct source *source_new_network(const struct network *network)
{
    struct source *source = source_new(SOURCE_NETWORK);

    source->network = *network;
    return source;
}

struct source *source_new_hostname(const char *hostname)
{
    struct source *source = source_new(SOURCE_HOSTNAME);

    source->hostname = g_strdup(hostname);
    return source;
}

struct source *source_new_certificate(struct certificate *certificate)
{
    struct source *source = source_new(SOURCE_CERTIFICATE);

    source->certificate = certificate;
    return source;
}

void source_free(struct source *source)
{
    if (!source)
        return;
    g_free(source->id);
    g_free(source->hostname);
    g_free(source->left_out);
    certificate_free(source->certificate);
    g_free(source);
}

static void source_release(gpointer data)
{
    source_free(data);
}

struct owner *owner_new(const char *written, const char *person_id)
{
    struct owner *owner = g_new0(struct owner, 1);

    owner->written = g_strdup(written);
    owner->person_id = g_strdup(person_id);
    return owner;
}

void owner_free(struct owner *owner)
{
    if (!owner)
        return;
    g_free(owner->written);
    g_free(owner->person_id);
    g_free(owner);
}

static void owner_release(gpointer data)
{
    owner_free(data);
}

struct registration *registration_new(void)
{
    struct registration *registration = g_new0(struct registration, 1);

    registration->version = 1;
    registration->locations = g_ptr_array_new_with_free_func(g_free);
    registration->owners = g_ptr_array_new_with_free_func(owner_release);
    registration->sources = g_ptr_array_new_with_free_func(source_release);
    return registration;
}

void registration_free(struct registration *registration)
{
    if (!registration)
        return;
    g_free(registration->id);
    g_free(registration->address);
    g_free(registration->application_name);
    g_free(registration->application_type);
    g_free(registration->note);
    g_free(registration->account_id);
    g_free(registration->account_label);
    g_free(registration->left_out_why);
    g_ptr_array_unref(registration->locations);
    g_ptr_array_unref(registration->owners);
    g_ptr_array_unref(registration->sources);
    g_free(registration);
}

static bool list_has(const GPtrArray *list, const char *text)
{
    for (guint i = 0; i < list->len; i++)
        if (g_str_equal(g_ptr_array_index(list, i), text))
            return true;
    return false;
}

#define GROUP "group "

char *owner_of_group(const char *name)
{
    g_autofree char *folded = login_fold(name);

    return g_strconcat(GROUP, folded, NULL);
}

bool owner_is_group(const char *owner)
{
    return g_str_has_prefix(owner, GROUP);
}

const char *owner_name(const char *owner)
{
    return owner_is_group(owner) ? owner + strlen(GROUP) : owner;
}

bool owner_is_person(const struct owner *owner, const char *login, const char *person_id)
{
    return *owner->person_id ? g_str_equal(owner->person_id, person_id)
                             : g_str_equal(owner->written, login);
}

const struct owner *registration_person(const struct registration *registration,
                                        const char *login, const char *person_id)
{
    for (guint i = 0; i < registration->owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(registration->owners, i);
        if (owner_is_person(owner, login, person_id))
            return owner;
    }
    return NULL;
}

bool registration_lists(const struct registration *registration, const struct owner *owner)
{
    return registration_person(registration, owner->written, owner->person_id) != NULL;
}

const struct owner *registration_owner(const struct registration *registration, const char *name)
{
    for (guint i = 0; i < registration->owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(registration->owners, i);
        if (g_str_equal(owner_name(owner->written), name))
            return owner;
    }
    return NULL;
}

char *registration_owners_text(const struct registration *registration, const char *separator)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < registration->owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(registration->owners, i);
        g_string_append_printf(text, "%s%s", i ? separator : "", owner->written);
    }
    return g_string_free(text, FALSE);
}

GPtrArray *registration_groups(const struct registration *registration)
{
    GPtrArray *groups = g_ptr_array_new();

    for (guint i = 0; i < registration->owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(registration->owners, i);
        if (owner_is_group(owner->written))
            g_ptr_array_add(groups, (gpointer)owner);
    }
    return groups;
}

bool registration_has_location(const struct registration *registration, const char *id)
{
    return list_has(registration->locations, id);
}

const struct source *registration_source(const struct registration *registration, const char *id)
{
    for (guint i = 0; i < registration->sources->len; i++) {
        const struct source *source = g_ptr_array_index(registration->sources, i);
        if (g_str_equal(source->id, id))
            return source;
    }
    return NULL;
}

/* Blanks around taken off, inner ones squeezed: what a paste brings along. */
static char *squeeze(const char *typed)
{
    g_auto(GStrv) words = g_strsplit_set(typed, " \t\r\n", -1);
    GString *text = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        if (text->len)
            g_string_append_c(text, ' ');
        g_string_append(text, *word);
    }
    return g_string_free(text, FALSE);
}

static bool has_control(const char *text, const char *allowed)
{
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        if (g_unichar_iscntrl(g_utf8_get_char(at)) && !strchr(allowed, *at))
            return true;
    return false;
}

char *registration_check_name(const char *typed, struct findings *findings)
{
    g_autofree char *name = squeeze(typed);
    g_autofree char *seen = typed_clean(name);

    if (!*seen)
        findings_add(findings, FINDING_NAME_EMPTY, NULL);
    else if (g_utf8_strlen(name, -1) > LIMIT_APPLICATION_NAME)
        findings_add(findings, FINDING_NAME_TOO_LONG, NULL);
    else if (has_control(name, ""))
        findings_add(findings, FINDING_NAME_CHARACTERS, NULL);
    else
        return g_steal_pointer(&name);
    return NULL;
}

char *registration_check_note(const char *typed, struct findings *findings)
{
    g_auto(GStrv) lines = g_strsplit(typed, "\r\n", -1);
    g_autofree char *note = g_strstrip(g_strjoinv("\n", lines));

    if (g_utf8_strlen(note, -1) > LIMIT_NOTE)
        findings_add(findings, FINDING_NOTE_TOO_LONG, NULL);
    else if (has_control(note, "\n\t"))
        findings_add(findings, FINDING_NOTE_CHARACTERS, NULL);
    else
        return g_steal_pointer(&note);
    return NULL;
}

char *registration_check_type(const char *typed, const GPtrArray *types, struct findings *findings)
{
    if (list_has(types, typed))
        return g_strdup(typed);
    findings_add(findings, *typed ? FINDING_TYPE_UNKNOWN : FINDING_TYPE_EMPTY, NULL);
    return NULL;
}

GPtrArray *registration_check_locations(char *const *typed, const GPtrArray *all,
                                        struct findings *findings)
{
    GPtrArray *chosen = g_ptr_array_new();

    for (char *const *id = typed; *id; id++) {
        struct location *location = (struct location *)location_find(all, *id);
        if (!location)
            findings_add(findings, FINDING_LOCATION_UNKNOWN, *id, NULL);
        else if (!g_ptr_array_find(chosen, location, NULL))
            g_ptr_array_add(chosen, location);
    }
    if (!*typed)
        findings_add(findings, FINDING_LOCATION_EMPTY, NULL);
    return chosen;
}

/* A blank that stands alone, between two others. */
static bool is_single_blank(const char *start, const char *at)
{
    return *at == ' ' && at > start && at[-1] != ' ' && at[1];
}

bool login_is_well_formed(const char *login)
{
    if (!g_utf8_validate(login, -1, NULL) || g_utf8_strlen(login, -1) > LIMIT_LOGIN ||
        !login[strspn(login, ".")] || owner_is_group(login))
        return false;
    for (const char *at = login; *at; at = g_utf8_next_char(at))
        if (!is_single_blank(login, at) &&
            (!g_unichar_isgraph(g_utf8_get_char(at)) || strchr("@\\/,;:\"*<>|", *at)))
            return false;
    return true;
}

/* A capital that shares its small letter with another one ("İ" and "I") stays: who it names may be
   somebody else. */
static gunichar lower(gunichar c)
{
    gunichar small = g_unichar_tolower(c);

    return g_unichar_toupper(small) == c ? small : c;
}

char *login_fold(const char *name)
{
    g_autofree char *composed = g_utf8_normalize(name, -1, G_NORMALIZE_NFC);
    GString *folded = g_string_new("");

    for (const char *at = composed ? composed : ""; *at; at = g_utf8_next_char(at))
        g_string_append_unichar(folded, lower(g_utf8_get_char(at)));
    return g_string_free(folded, FALSE);
}

/* The names that are typed, in the order; what cannot be one name with blanks inside is several. */
static GPtrArray *split_owners(const char *typed)
{
    g_autofree char *clean = typed_clean(typed);
    g_auto(GStrv) entries = g_strsplit_set(clean, "\n,;", -1);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (char **entry = entries; *entry; entry++) {
        g_autofree char *name = squeeze(*entry);
        g_auto(GStrv) words = g_strsplit(name, login_is_well_formed(name) ? "\n" : " ", -1);
        for (char **word = words; *word; word++)
            g_ptr_array_add(names, g_strdup(*word));
    }
    return names;
}

GPtrArray *registration_check_owners(const char *typed, struct findings *findings)
{
    g_autoptr(GPtrArray) names = split_owners(typed);
    GPtrArray *owners = g_ptr_array_new_with_free_func(g_free);

    if (names->len > LIMIT_OWNERS) {
        findings_add(findings, FINDING_OWNERS_TOO_MANY, NULL);
        return owners;
    }
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (!login_is_well_formed(name))
            findings_add(findings, FINDING_OWNERS_LOGIN, name, NULL);
        else if (!list_has(owners, name))
            g_ptr_array_add(owners, g_strdup(name));
    }
    return owners;
}

char *registration_check_owner(const char *typed, struct findings *findings)
{
    g_autofree char *login = squeeze(typed);

    if (!*login)
        findings_add(findings, FINDING_OWNER_EMPTY, NULL);
    else if (!login_is_well_formed(login))
        findings_add(findings, FINDING_OWNER_LOGIN, login, NULL);
    else
        return g_steal_pointer(&login);
    return NULL;
}

char *registration_check_reason(const char *typed, bool may_be_empty, struct findings *findings)
{
    g_autofree char *reason = squeeze(typed);

    if (!*reason && !may_be_empty)
        findings_add(findings, FINDING_REASON_EMPTY, NULL);
    else if (g_utf8_strlen(reason, -1) > LIMIT_REASON)
        findings_add(findings, FINDING_REASON_TOO_LONG, NULL);
    else if (has_control(reason, ""))
        findings_add(findings, FINDING_REASON_CHARACTERS, NULL);
    else
        return g_steal_pointer(&reason);
    return NULL;
}
