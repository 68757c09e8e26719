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

static void explain_part(xmlDoc *document, const xmlNode *part, const char *schema,
                         const char *schema_text, GError **error)
{
    g_autoptr(xmlDoc) alone = xmlNewDoc((const xmlChar *)"1.0");
    g_autofree char *part_schema = schema_for_part(schema_text, (const char *)part->name);
    g_autoptr(GError) unknown = NULL;
    g_autoptr(xmlRelaxNG) grammar = NULL;

    alone->URL = xmlStrdup(document->URL);
    xmlDocSetRootElement(alone, xmlDocCopyNode((xmlNode *)part, alone, 1));
    grammar = grammar_of(schema, part_schema, &unknown);
    if (!grammar)
        xml_error(part, error, "there is no setting <%s>", (const char *)part->name);
    else
        fits(alone, grammar, error);
}

static void note_mistake(GPtrArray *mistakes, GError **error)
{
    if (*error)
        g_ptr_array_add(mistakes, g_strdup((*error)->message));
    g_clear_error(error);
}

/*
 * libxml2 says of a whole document only which part is wrong. The part judged
 * by itself gives the line and the reason.
 */
static void explain(xmlDoc *document, const char *schema, const char *schema_text,
                    GPtrArray *mistakes)
{
    for (xmlNode *part = xmlDocGetRootElement(document)->children; part; part = part->next) {
        g_autoptr(GError) error = NULL;
        if (part->type == XML_ELEMENT_NODE)
            explain_part(document, part, schema, schema_text, &error);
        note_mistake(mistakes, &error);
    }
}

static void check(xmlDoc *document, const char *schema, GPtrArray *mistakes)
{
    g_autofree char *text = NULL;
    g_autoptr(xmlRelaxNG) grammar = NULL;
    g_autoptr(GError) coarse = NULL, error = NULL;

    if (g_file_get_contents(schema, &text, NULL, &error))
        grammar = grammar_of(schema, text, &error);
    note_mistake(mistakes, &error);
    if (!grammar || fits(document, grammar, &coarse))
        return;
    explain(document, schema, text, mistakes);
    if (mistakes->len == 0)
        note_mistake(mistakes, &coarse);
}

/* NULL when the file cannot be read or is no XML, which is the only mistake then. */
static xmlDoc *parse(const char *file, GPtrArray *mistakes)
{
    g_autoptr(GError) reason = NULL, complaint = NULL;
    g_autofree char *text = NULL;
    gsize size;
    g_autoptr(xmlParserCtxt) parser = xmlNewParserCtxt();
    g_autoptr(xmlDoc) document = NULL;

    if (!g_file_get_contents(file, &text, &size, &reason)) {
        g_ptr_array_add(mistakes, g_strdup_printf("could not read the configuration: %s",
                                                  reason->message));
        return NULL;
    }
    xmlSetStructuredErrorFunc(&complaint, (xmlStructuredErrorFunc)keep_first);
    document = xmlCtxtReadMemory(parser, text, (int)size, file, NULL, XML_PARSE_NONET);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (document && document->intSubset && !complaint)
        xml_error((xmlNode *)document->intSubset, &complaint, "a document type is not accepted");
    note_mistake(mistakes, &complaint);
    return mistakes->len == 0 ? g_steal_pointer(&document) : NULL;
}

GPtrArray *xml_mistakes(const char *file, const char *schema, xmlDoc **document)
{
    GPtrArray *mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(xmlDoc) parsed = parse(file, mistakes);
    GError *echo = NULL;

    xmlSetStructuredErrorFunc(&echo, (xmlStructuredErrorFunc)keep_first);
    if (parsed)
        check(parsed, schema, mistakes);
    xmlSetStructuredErrorFunc(NULL, NULL);
    g_clear_error(&echo);
    *document = mistakes->len == 0 ? g_steal_pointer(&parsed) : NULL;
    return mistakes;
}

xmlDoc *xml_read(const char *file, const char *schema, GError **error)
{
    xmlDoc *document;
    g_autoptr(GPtrArray) mistakes = xml_mistakes(file, schema, &document);

    if (!document)
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                            g_ptr_array_index(mistakes, 0));
    return document;
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
