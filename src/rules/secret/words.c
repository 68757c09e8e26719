/* SPDX-License-Identifier: MIT
 *
 * Private keys as text.
 */
#include "rules/secret/words.h"

enum {
    GAP = 8,            /* other characters between two letters of a label */
    LONGEST_GAP = 24,   /* between a name and its value */
    SHORTEST_BLOB = 40, /* characters of a key's value; Ed25519 has 43 */
};

/* ---- words whose letters may be apart -------------------------------------------------------- */

/* The end of the word that begins here, in any case and with a few signs between; or NULL. */
static const guint8 *match_word(const guint8 *at, const guint8 *end, const char *word)
{
    for (; *word; word++) {
        unsigned gap = 0;
        for (; at < end && !g_ascii_isalnum(*at); at++)
            if (++gap > GAP)
                return NULL;
        if (at == end || g_ascii_tolower((char)*at++) != *word)
            return NULL;
    }
    return at;
}

static const guint8 *skip_algorithms(const guint8 *at, const guint8 *end)
{
    static const char *const names[] = {
        "encrypted", "openssh", "rsa",   "ecdsa", "ec",      "dsa", "ed25519",
        "ed448",     "x25519",  "x448",  "dh",    "ssh2",    "ssh", "pgp",
        "any",       "pkcs8",   "pkcs1", "sm2",   "trusted",
    };
    const guint8 *next = at;

    while (next) {
        at = next;
        next = NULL;
        for (size_t i = 0; i < G_N_ELEMENTS(names) && !next; i++)
            next = match_word(at, end, names[i]);
    }
    return at;
}

/* How many hyphens stand next to a place, blanks not counted; step: 1 behind it, -1 before it. */
static unsigned hyphens(struct view text, const guint8 *at, int step)
{
    unsigned count = 0;

    for (unsigned i = 0; i < GAP && at >= text.at && at < text.at + text.size; i++, at += step) {
        if (*at == '-')
            count++;
        else if (!g_ascii_isspace(*at) && *at != '\\' && *at != '_' && *at != '=' && *at != '*')
            break;
    }
    return count;
}

/* Whole words in capitals. */
static bool is_capitals(const guint8 *at, const guint8 *after, const guint8 *end)
{
    for (; at < after; at++)
        if (g_ascii_islower(*at))
            return false;
    return after == end || !g_ascii_isalpha(*after);
}

/* What the value of a key is made of, in base64, base64url or hexadecimal. */
static bool is_value(guint8 c)
{
    return g_ascii_isalnum((char)c) || (c != '\0' && strchr("+/-_", c));
}

/* What a long word is made of. */
struct word {
    size_t length;
    unsigned upper;
    unsigned lower;
    unsigned digits;
    unsigned beyond; /* no hexadecimal digits */
};

static struct word read_word(const guint8 *at, const guint8 *end)
{
    struct word word = {0};

    for (; at < end && is_value(*at); at++, word.length++) {
        word.upper += g_ascii_isupper(*at);
        word.lower += g_ascii_islower(*at);
        word.digits += g_ascii_isdigit(*at);
        word.beyond += !g_ascii_isxdigit(*at);
    }
    return word;
}

/* Capitals and small letters as chance mixes them; names in CamelCase have fewer capitals. */
static bool is_mixed(const struct word *word)
{
    return word->length >= SHORTEST_BLOB &&
           3 * MIN(word->upper, word->lower) >= word->upper + word->lower && word->upper > 0;
}

/*
 * A long word that no sentence has: letters of both cases and digits, or hexadecimal. Of
 * 1,500 keys of 43 digits in base64 one has no figure.
 */
static bool is_blob(const guint8 *at, const guint8 *end)
{
    struct word word = read_word(at, end);

    if (word.length < SHORTEST_BLOB || is_mixed(&word))
        return word.length >= SHORTEST_BLOB;
    return word.digits > 0 && ((word.upper > 0 && word.lower > 0) ||
                               (word.beyond == 0 && (word.upper > 0 || word.lower > 0)));
}

/* As openssl prints numbers: two digits, a colon, and so on, over several lines. */
static bool is_dump(const guint8 *at, const guint8 *end)
{
    unsigned pairs = 0;

    while (end - at >= 3 && g_ascii_isxdigit(at[0]) && g_ascii_isxdigit(at[1]) && at[2] == ':') {
        pairs++;
        for (at += 3; at < end && g_ascii_isspace(*at); at++)
            ;
    }
    return pairs >= 12;
}

/* The name of a file: after a slash, with more of them, few figures and few capitals. */
static bool is_path(struct view text, const guint8 *at)
{
    struct word word = read_word(at, text.at + text.size);
    unsigned slashes = 0;

    if (at == text.at || at[-1] != '/' || is_mixed(&word))
        return false;
    for (const guint8 *c = at; c < at + word.length; c++)
        slashes += *c == '/';
    return slashes >= 2 && word.digits < 4 + slashes;
}

/* With is_named, only behind a colon or the like: it is the value of the name before it. */
static bool value_follows(struct view text, const guint8 *at, bool is_named)
{
    const guint8 *end = text.at + text.size;
    bool told = false;

    for (unsigned gap = 0; at < end && !g_ascii_isalnum(*at) && gap < LONGEST_GAP; gap++, at++)
        told = told || (*at != '\0' && strchr(":=>\"", *at));
    return (told || !is_named) && (is_dump(at, end) || (is_blob(at, end) && !is_path(text, at)));
}

static bool begins_word(struct view text, const guint8 *at)
{
    return at == text.at || !g_ascii_isalnum(at[-1]);
}

/* ---- what they say --------------------------------------------------------------------------- */

/* BEGIN or END, an algorithm, PRIVATE KEY: with hyphens, in capitals, or before a value. */
static bool is_label(struct view text, const guint8 *at)
{
    const guint8 *end = text.at + text.size;
    const guint8 *words = match_word(at, end, g_ascii_tolower((char)*at) == 'b' ? "begin" : "end");
    const guint8 *after = words ? match_word(skip_algorithms(words, end), end, "privatekey") : NULL;

    if (!after)
        return false;
    return hyphens(text, at - 1, -1) >= 2 || hyphens(text, after, 1) >= 2 ||
           is_capitals(at, after, end) || value_follows(text, after, false);
}

/* PRIVATE KEY alone: between hyphens or before a value. Also other names of a secret number. */
static bool is_private(struct view text, const guint8 *at)
{
    static const char *const names[] = {"privatekey", "privateexponent", "privatelines",
                                        "privatemac", "privatehash",     "priv"};
    const guint8 *end = text.at + text.size;
    const guint8 *after = match_word(at, end, names[0]);

    if (after && (hyphens(text, after, 1) >= 4 || hyphens(text, at - 1, -1) >= 4))
        return true;
    if (match_word(at, end, "puttyuserkeyfile") || match_word(at, end, "proctype4encrypted"))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        after = match_word(at, end, names[i]);
        if (after && after < end && !g_ascii_isalnum((char)*after) &&
            value_follows(text, after, true))
            return true;
    }
    return false;
}

static bool is_other(struct view text, const guint8 *at)
{
    const guint8 *end = text.at + text.size;
    const guint8 *after = match_word(at, end, "agesecretkey");

    return (after && end - after > SHORTEST_BLOB && match_word(after, end, "1")) ||
           (after && match_word(after, end, "pq1")) ||
           match_word(at, end, "sshprivatekeyfileformat");
}

/* ---- JSON Web Keys (RFC 7517), and the same numbers in .NET's formats ------------------------ */

/* "d": "..." and so on; the name is a whole word, and the value follows a colon or the like. */
static bool is_member(struct view text, const guint8 *at, const char *name)
{
    const guint8 *end = text.at + text.size;
    size_t size = strlen(name);
    bool told = false;

    if ((size_t)(end - at) <= size || g_ascii_strncasecmp((const char *)at, name, size) != 0)
        return false;
    at += size;
    for (unsigned gap = 0; at < end && !g_ascii_isalnum(*at) && *at != '_' && gap < LONGEST_GAP;
         gap++)
        told = strchr(":=>", *at++) != NULL || told;
    return told && is_blob(at, end);
}

static bool has_members(struct view text)
{
    static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "k", "priv", "inverseq"};

    for (const guint8 *at = text.at; at < text.at + text.size; at++) {
        if (!strchr("dDpPqQkKiI", *at) || *at == '\0' || (at > text.at && is_value(at[-1])))
            continue;
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
            if (is_member(text, at, names[i]))
                return true;
    }
    return false;
}

static bool has_word(struct view text, const char *word)
{
    const guint8 *end = text.at + text.size;

    for (const guint8 *at = text.at; at < end; at++)
        if (g_ascii_tolower((char)*at) == *word && begins_word(text, at) &&
            match_word(at, end, word))
            return true;
    return false;
}

static bool is_jwk(struct view text)
{
    return (has_word(text, "kty") || has_word(text, "modulus")) && has_members(text);
}

bool words_find(struct view text)
{
    bool found = false;

    for (const guint8 *at = text.at; at < text.at + text.size && !found; at++) {
        switch (g_ascii_tolower((char)*at)) {
        case 'b':
        case 'e':
            found = begins_word(text, at) && is_label(text, at);
            break;
        case 'p':
            found = is_private(text, at);
            break;
        case 'a':
        case 's':
            found = begins_word(text, at) && is_other(text, at);
            break;
        default:
            break;
        }
    }
    return found || is_jwk(text);
}
