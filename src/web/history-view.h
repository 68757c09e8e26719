/* SPDX-License-Identifier: MIT
 *
 * A history (of struct history_entry) on a page. Floor: web.
 */
#ifndef APPSMTP_WEB_HISTORY_VIEW_H
#define APPSMTP_WEB_HISTORY_VIEW_H

#include "adapters/config/config.h"
#include "web/page.h"

/* {{>HISTORY}}: in the words of the pages, times in UTC. */
void history_view_show(struct page *body, const struct config *config, const GPtrArray *entries);

#endif
