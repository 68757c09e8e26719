/* SPDX-License-Identifier: MIT
 *
 * Long lists: a search, an order, and pages of 50. Floor: web.
 */
#ifndef APPSMTP_WEB_LISTING_H
#define APPSMTP_WEB_LISTING_H

#include "web/page.h"

#include <glib.h>

#define LISTING_SIZE 50 /* rows of a page */

/*
 * Which rows of a list of so many the page of that number (as it stands in the
 * query, from 1; anything else is 1) has: from *first up to, but without, *end.
 */
void listing_range(const char *page, guint count, guint *first, guint *end);

/*
 * Says in {{#PAGES}} which rows these are, and shows {{#PREVIOUS}} and {{#NEXT}}
 * with {{PAGE}}. Nothing when all fit on one page.
 */
void listing_show_pages(struct page *body, guint first, guint end, guint count);

/* Whether the text has what a person searches for, whatever its case. */
bool listing_has(const char *text, const char *searched);

/*
 * The order in which a person looks for texts: whatever case and accents, and these only
 * among texts that are alike otherwise. As strcmp().
 */
int listing_compare(const char *one, const char *other);

#endif
