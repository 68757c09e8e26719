/* SPDX-License-Identifier: MIT
 *
 * The parts of the configuration that are read in files of their own. Private
 * to the configuration.
 */
#ifndef APPSMTP_CONFIG_PARSE_H
#define APPSMTP_CONFIG_PARSE_H

#include "adapters/config/config.h"
#include "adapters/config/xml.h"

/* Reads <directory>; NULL and the error when it says something that cannot be. */
struct directory_settings *directory_settings_parse(const xmlNode *node, GError **error);
void directory_settings_free(struct directory_settings *settings);

/* Checks that the file named by an attribute is a secret that can be read. */
bool secret_check(const xmlNode *node, const char *attribute, const char *file, GError **error);

#endif
