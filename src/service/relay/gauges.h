/* SPDX-License-Identifier: MIT
 *
 * Textfiles for the textfile collector of Prometheus' node_exporter. Floor: service.
 */
#ifndef APPSMTP_GAUGES_H
#define APPSMTP_GAUGES_H

#include <glib.h>

/* Adds a gauge. name: whole, as "appsmtp_export_held"; help: a sentence. */
void gauge_put(GString *text, const char *name, const char *help, double value);

/* Its two lines of help and type alone, and a value of it with a label, which is quoted. */
void gauge_head(GString *text, const char *name, const char *help);
void gauge_put_labelled(GString *text, const char *name, const char *label, const char *content,
                        double value);

/* What the file has said of that gauge last; 0 when it has not. */
double gauge_last(const char *file, const char *name);

#endif
