/* SPDX-License-Identifier: MIT
 *
 * One XML document, checked by RELAX NG, read without the noise.
 */
#include "adapters/config/xml.h"

#include "base/error.h"

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <stdarg.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlParserCtxt, xmlFreeParserCtxt)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlRelaxNG, xmlRelaxNGFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlRelaxNGParserCtxt, xmlRelaxNGFreeParserCtxt)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlRelaxNGValidCtxt, xmlRelaxNGFreeValidCtxt)

/* The first complaint of libxml2 is the useful one; what follows is its echo. */
static void keep_first(void *data, xmlErrorPtr complaint)
{
    GError **error = data;

    if (*error)
        return;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION, "%s:%d: %s",
                complaint->file ? complaint->file : "configuration", complaint->line,
                complaint->message);
    g_strchomp((*error)->message);
}

static xmlRelaxNG *grammar_of(const char *schema, const char *text, GError **error)
{
    g_autoptr(xmlRelaxNGParserCtxt) parser = xmlRelaxNGNewMemParserCtxt(text, (int)strlen(text));
    xmlRelaxNG *grammar;

    xmlRelaxNGSetParserStructuredErrors(parser, (xmlStructuredErrorFunc)keep_first, error);
    grammar = xmlRelaxNGParse(parser);
    if (!grammar)
        g_prefix_error(error, "cannot use the schema \"%s\": ", schema);
    return grammar;
}

static bool fits(xmlDoc *document, xmlRelaxNG *grammar, GError **error)
{
    g_autoptr(xmlRelaxNGValidCtxt) validator = xmlRelaxNGNewValidCtxt(grammar);

    xmlRelaxNGSetValidStructuredErrors(validator, (xmlStructuredErrorFunc)keep_first, error);
    return xmlRelaxNGValidateDoc(validator, document) == 0;
}

/* The schema with another start: the definition that is named like the element. */
static char *schema_for_part(const char *schema_text, const char *element)
{
    g_autoptr(GRegex) start =
        g_regex_new("<start>.*</start>", G_REGEX_DOTALL, G_REGEX_MATCH_DEFAULT, NULL);
    g_autofree char *other = g_strdup_printf("<start><ref name=\"%s\"/></start>", element);

    return g_regex_replace_literal(start, schema_text, -1, 0, other, G_REGEX_MATCH_DEFAULT, NULL);
}

/*
 * libxml2 says of a whole document only which part is wrong. The part judged
 * by itself gives the line and the reason.
 */
static void explain(xmlDoc *document, const char *schema, const char *schema_text, GError **error)
{
    for (xmlNode *part = xmlDocGetRootElement(document)->children; part && !*error;
         part = part->next) {
        g_autoptr(xmlDoc) alone = xmlNewDoc((const xmlChar *)"1.0");
        g_autofree char *part_schema = schema_for_part(schema_text, (const char *)part->name);
        g_autoptr(xmlRelaxNG) grammar = NULL;
        g_autoptr(GError) unknown = NULL;

        if (part->type != XML_ELEMENT_NODE)
            continue;
        alone->URL = xmlStrdup(document->URL);
        xmlDocSetRootElement(alone, xmlDocCopyNode(part, alone, 1));
        grammar = grammar_of(schema, part_schema, &unknown);
        if (!grammar)
            xml_error(part, error, "there is no setting <%s>", (const char *)part->name);
        else
            fits(alone, grammar, error);
    }
}

static void check(xmlDoc *document, const char *schema, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(xmlRelaxNG) grammar = NULL;
    g_autoptr(GError) coarse = NULL;

    if (!g_file_get_contents(schema, &text, NULL, error))
        return;
    grammar = grammar_of(schema, text, error);
    if (!grammar || fits(document, grammar, &coarse))
        return;
    explain(document, schema, text, error);
    if (!*error)
        g_propagate_error(error, g_steal_pointer(&coarse));
}

xmlDoc *xml_read(const char *file, const char *schema, GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autofree char *text = NULL;
    gsize size;
    g_autoptr(xmlParserCtxt) parser = xmlNewParserCtxt();
    g_autoptr(xmlDoc) document = NULL;

    if (!g_file_get_contents(file, &text, &size, &reason)) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "could not read the configuration: %s", reason->message);
        return NULL;
    }
    xmlSetStructuredErrorFunc(&reason, (xmlStructuredErrorFunc)keep_first);
    document = xmlCtxtReadMemory(parser, text, (int)size, file, NULL, XML_PARSE_NONET);
    if (document && document->intSubset)
        xml_error((xmlNode *)document->intSubset, &reason, "a document type is not accepted");
    if (document && !reason)
        check(document, schema, &reason);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (reason) {
        g_propagate_error(error, g_steal_pointer(&reason));
        return NULL;
    }
    return g_steal_pointer(&document);
}

static const xmlNode *first_of(const xmlNode *node, const char *name)
{
    while (node && !(node->type == XML_ELEMENT_NODE && g_str_equal(node->name, name)))
        node = node->next;
    return node;
}

const xmlNode *xml_child(const xmlNode *node, const char *name)
{
    return node ? first_of(node->children, name) : NULL;
}

const xmlNode *xml_next(const xmlNode *node)
{
    return first_of(node->next, (const char *)node->name);
}

/* Strings leave libxml2's allocator here, so that all of ours are freed alike. */
static char *squeezed(xmlChar *owned)
{
    g_auto(GStrv) words = g_strsplit_set((const char *)owned, " \t\r\n", -1);
    g_autoptr(GPtrArray) kept = g_ptr_array_new();

    for (char **word = words; *word; word++)
        if (**word)
            g_ptr_array_add(kept, *word);
    g_ptr_array_add(kept, NULL);
    xmlFree(owned);
    return g_strjoinv(" ", (char **)kept->pdata);
}

char *xml_text(const xmlNode *node, const char *attribute, const char *fallback)
{
    xmlChar *value = node ? xmlGetNoNsProp(node, (const xmlChar *)attribute) : NULL;

    return value ? squeezed(value) : g_strdup(fallback);
}

char *xml_content(const xmlNode *node)
{
    return squeezed(xmlNodeGetContent(node));
}

unsigned xml_number(const xmlNode *node, const char *attribute, unsigned fallback)
{
    g_autofree char *text = xml_text(node, attribute, NULL);

    return text ? (unsigned)g_ascii_strtoull(text, NULL, 10) : fallback;
}

unsigned xml_milliseconds(const xmlNode *node, const char *attribute, unsigned fallback)
{
    g_autofree char *text = xml_text(node, attribute, NULL);

    return text ? (unsigned)(g_ascii_strtod(text, NULL) * 1000) : fallback;
}

bool xml_is(const xmlNode *node, const char *attribute, const char *value)
{
    g_autofree char *text = xml_text(node, attribute, "");

    return g_str_equal(text, value);
}

void xml_error(const xmlNode *node, GError **error, const char *format, ...)
{
    g_autofree char *reason = NULL;
    va_list arguments;

    va_start(arguments, format);
    reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION, "%s:%ld: %s",
                node->doc && node->doc->URL ? (const char *)node->doc->URL : "configuration",
                xmlGetLineNo(node), reason);
}
