/* SPDX-License-Identifier: MIT
 *
 * A history (of struct history_entry) on a page. Floor: web.
 */
#ifndef APPSMTP_WEB_HISTORY_VIEW_H
#define APPSMTP_WEB_HISTORY_VIEW_H

#include "web/page.h"

/* {{>HISTORY}} */
void history_view_show(struct page *body, const GPtrArray *entries);

#endif
