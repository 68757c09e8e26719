/* SPDX-License-Identifier: MIT
 *
 * Checking an exported file while it streams by.
 */
#include "adapters/config/xml-check.h"

#include "adapters/config/config.h"
#include "base/error.h"

#include <libxml/xmlreader.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlTextReader, xmlFreeTextReader)

static void keep_first(void *data, xmlErrorPtr complaint)
{
    GError **error = data;

    if (!*error)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "%s:%d: %s",
                    complaint->file ? complaint->file : "export", complaint->line,
                    g_strchomp(complaint->message));
}

bool xml_check_export(const char *file, GError **error)
{
    g_autofree char *schema =
        g_build_filename(config_data_folder(), "schema", "export.rng", NULL);
    g_autoptr(GError) complaint = NULL;
    g_autoptr(xmlTextReader) reader =
        xmlReaderForFile(file, NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
    int more = -1;

    if (reader) {
        xmlTextReaderSetStructuredErrorHandler(reader, (xmlStructuredErrorFunc)keep_first,
                                               &complaint);
        more = xmlTextReaderRelaxNGValidate(reader, schema) == 0 ? 1 : -1;
    }
    while (more == 1)
        more = xmlTextReaderRead(reader);
    if (more == 0 && xmlTextReaderIsValid(reader) == 1 && !complaint)
        return true;
    if (complaint)
        g_propagate_error(error, g_steal_pointer(&complaint));
    else
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                    "could not check \"%s\" against \"%s\"", file, schema);
    return false;
}
