/* SPDX-License-Identifier: MIT
 *
 * Whether an exported XML file is what its schema says. Floor: adapters. Hides libxml2.
 */
#ifndef APPSMTP_XML_CHECK_H
#define APPSMTP_XML_CHECK_H

#include <glib.h>
#include <stdbool.h>

/*
 * Reads the file piece by piece, in constant memory, against schema/export.rng.
 * APPSMTP_ERROR_OUTPUT with the first complaint when it does not fit.
 */
bool xml_check_export(const char *file, GError **error);

#endif
