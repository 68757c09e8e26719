/* SPDX-License-Identifier: MIT
 *
 * Reading one XML document that a RELAX NG schema has accepted. Private to
 * the configuration; hides the noise of libxml2's strings.
 */
#ifndef APPSMTP_CONFIG_XML_H
#define APPSMTP_CONFIG_XML_H

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)

/*
 * Parses the file and checks it against the schema. NULL and
 * APPSMTP_ERROR_CONFIGURATION with "file:line: reason" otherwise. No network, no
 * entities: a document type is refused.
 */
xmlDoc *xml_read(const char *file, const char *schema, GError **error);

/*
 * The same, with every part of the document that the schema does not accept: of char *,
 * "file:line: reason". *document is NULL unless there are none; caller frees and unrefs.
 */
GPtrArray *xml_mistakes(const char *file, const char *schema, xmlDoc **document);

/* The first child element of that name, or NULL (also when node is NULL). */
const xmlNode *xml_child(const xmlNode *node, const char *name);

/* The next sibling element of the same name, or NULL. */
const xmlNode *xml_next(const xmlNode *node);

/* An attribute's value, or a copy of fallback (may be NULL). Caller frees. */
char *xml_text(const xmlNode *node, const char *attribute, const char *fallback);

/* The element's own text with blanks squeezed. Caller frees. */
char *xml_content(const xmlNode *node);

/* An attribute that the schema knows to be a whole number. */
unsigned xml_number(const xmlNode *node, const char *attribute, unsigned fallback);

/* An attribute that the schema knows to be seconds, as milliseconds. */
unsigned xml_milliseconds(const xmlNode *node, const char *attribute, unsigned fallback);

/* Whether the attribute has that value. */
bool xml_is(const xmlNode *node, const char *attribute, const char *value);

/* Sets APPSMTP_ERROR_CONFIGURATION "file:line: ..." for what the schema cannot say. */
void xml_error(const xmlNode *node, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
