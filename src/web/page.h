/* SPDX-License-Identifier: MIT
 *
 * Filling a page's template. Floor: web. Hides ctemplate, which is C++.
 *
 * Every value is escaped by ctemplate for the place where it stands. A part of
 * a page (struct page) is one dictionary: the page itself, or one repetition of
 * a section of it. Names are the markers of the template, in capitals.
 */
#ifndef APPSMTP_WEB_PAGE_H
#define APPSMTP_WEB_PAGE_H

#include <stdbool.h>

#ifndef __cplusplus
#include "base/cleanup.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct page;

/* Says where the templates are; once, before the first page. */
void page_init(const char *folder);

/* Whether every template of the folder can be read; false and the file's name. */
bool page_check(const char *template_name);

struct page *page_new(const char *template_name);

/* Sets a marker; the text is copied. */
void page_set(struct page *page, const char *name, const char *text);
void page_set_number(struct page *page, const char *name, long number);

/* Shows a section once more; the result fills it, and belongs to the page. */
struct page *page_show(struct page *page, const char *section);

/* Puts another template in place of a {{>NAME}}; the result fills it, and belongs to the page. */
struct page *page_include(struct page *page, const char *name, const char *template_name);

/* The page as HTML; caller frees with g_free(). NULL when the template is missing or broken. */
char *page_render(struct page *page);

void page_free(struct page *page);

#ifdef __cplusplus
}
#else
DEFINE_AUTO(page, page_free)
#endif

#endif
