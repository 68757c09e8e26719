/* SPDX-License-Identifier: MIT
 *
 * Searches within the deadline, paged only where the server wants it, and the
 * reading of entries.
 *
 * What counts as an answer, and what is an error, that is "could not ask":
 *   - An answer that a limit cut short (results 3, 4 and 11) only where the entries that
 *     came decide by themselves: two where one is expected, the one entry whose base was
 *     asked for, or as many as the visitor wants to see.
 *   - References to other servers are never followed. With entries they are told to the
 *     trace; alone they are an error, but for those to the partitions of Active Directory
 *     that hold no people, groups or accounts, or where the settings ignore them all.
 *   - Of a search with scope base, only the entry of that name, however it is spelled.
 *   - Whatever is not entries and references followed by one search result is none.
 */
#ifndef APPSMTP_DIRECTORY_SEARCH_H
#define APPSMTP_DIRECTORY_SEARCH_H

#include "adapters/directory/connection.h"

/* What it means that the base of a search does not exist. */
enum base_missing {
    MISSING_IS_MISCONFIGURED, /* a configured base: APPSMTP_ERROR_CONFIGURATION */
    MISSING_IS_CHANGED,       /* an entry found a moment ago: APPSMTP_ERROR_DIRECTORY, try again */
    MISSING_IS_NOTHING,       /* an answer: no entries */
};

struct search {
    const char *attempt; /* for error texts: "search for people" */
    const char *base;
    int scope; /* LDAP_SCOPE_ */
    const char *filter;
    const char *const *attributes; /* ended by NULL; NULL is none */
    enum base_missing missing;
};

/* One entry of the answer; valid during the call only. False: enough, no further ones. */
typedef bool (*entry_visitor)(struct connection *connection, LDAPMessage *entry, void *data);

/*
 * Visits every entry. *whole (may be NULL) is false when the visitor had enough.
 * An answer that the server cuts short is asked for again in pages; what cannot
 * be had whole is an error (APPSMTP_ERROR_LIMIT), never fewer entries.
 */
bool search_each(struct connection *connection, const struct search *search, entry_visitor visitor,
                 void *data, bool *whole, GError **error);

/* Who is shown the entries of several searches. */
struct visiting {
    entry_visitor visitor;
    void *data;
    bool *whole; /* as for search_each(); may be NULL */
};

/*
 * The same search below each of the bases (of char *), in place of its own, as one question: an
 * entry below one of them is an answer where another one has only references.
 */
bool search_bases(struct connection *connection, const struct search *search,
                  const GPtrArray *bases, const struct visiting *visiting, GError **error);

/*
 * For where one entry is expected. *number is 0, 1 or 2, which stands for more
 * as well. With 1, *result holds the entry; caller frees it with ldap_msgfree.
 */
bool search_one(struct connection *connection, const struct search *search, unsigned *number,
                LDAPMessage **result, GError **error);

/*
 * Whether there is any such entry, and one that was found shows a value of the first of the
 * attributes, which the portal's account may not be allowed to read.
 */
bool search_shows(struct connection *connection, const struct search *search, bool *shows,
                  GError **error);

/* Reads one entry. *result stays NULL when it is not there or not readable; caller frees. */
bool search_entry(struct connection *connection, const char *dn, const char *const *attributes,
                  LDAPMessage **result, GError **error);

/* Whether the server says that it is Active Directory; one that has said so is not asked again. */
bool search_active_directory(struct connection *connection, bool *is, GError **error);

/* The naming contexts that a configured base lies in, of char *; caller unrefs. */
bool search_contexts(struct connection *connection, GPtrArray **contexts, GError **error);

/*
 * Whether the entry matches one of the clauses (of char *), by the server's own
 * rules of matching, which alone know what makes two DNs or logins equal.
 */
bool entry_matches(struct connection *connection, const char *dn, const GPtrArray *clauses,
                   enum base_missing missing, bool *matches, GError **error);

/* The DN as the server writes it, which is the spelling to send back. Caller frees. */
char *entry_dn(struct connection *connection, LDAPMessage *entry);

/* All values of the attribute, of GBytes; options after its name (";range=0-1499") do not matter.
 */
GPtrArray *entry_values(struct connection *connection, LDAPMessage *entry, const char *attribute);

/*
 * The description by which to ask for the other values ("memberOf;range=1500-*") where the
 * entry has only some; NULL when it has them all. Caller frees.
 */
char *entry_rest(struct connection *connection, LDAPMessage *entry, const char *attribute);

/* Whether the entry shows a value of it. */
bool entry_has(struct connection *connection, LDAPMessage *entry, const char *attribute);

/* Whether one of the values is that text, or those bytes, in lower-case hexadecimal. */
bool entry_holds_text(struct connection *connection, LDAPMessage *entry, const char *attribute,
                      const char *text);
bool entry_holds_bytes(struct connection *connection, LDAPMessage *entry, const char *attribute,
                       const char *hexadecimal);

/* The first value as text, NULL when there is none or it is no text. Caller frees. */
char *entry_text(struct connection *connection, LDAPMessage *entry, const char *attribute);

/* The value's bytes in lower-case hexadecimal. Caller frees. */
char *bytes_text(GBytes *value);

/* The value as text; NULL when it is not UTF-8 or holds a NUL. Caller frees. */
char *value_text(GBytes *value);

#endif
