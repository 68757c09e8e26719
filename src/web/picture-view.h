/* SPDX-License-Identifier: MIT
 *
 * The operators' picture of the last 30 days: three charts, drawn as SVG, and the same
 * numbers as a table. Floor: web.
 */
#ifndef APPSMTP_WEB_PICTURE_VIEW_H
#define APPSMTP_WEB_PICTURE_VIEW_H

#include "web/page.h"

#include <glib.h>

/* {{>PICTURE}}; days: of struct picture_day, at least one. */
void picture_view_show(struct page *body, const GPtrArray *days);

#endif
