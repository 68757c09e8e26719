/* SPDX-License-Identifier: MIT
 *
 * Browsers by name.
 */
#include "rules/browser.h"

#include <glib.h>
#include <string.h>

struct mark {
    const char *word, *name;
};

/* The first that occurs: most claim to be several others as well. */
static const struct mark programs[] = {
    {"Edg", "Edge"},        {"OPR/", "Opera"},     {"Vivaldi/", "Vivaldi"},
    {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
    {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
    {"curl/", "curl"},      {NULL, "Another browser"},
};
static const struct mark systems[] = {
    {"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
    {"Mac OS X", "macOS"},  {"CrOS", "ChromeOS"},   {"Linux", "Linux"},   {NULL, NULL},
};

static const char *name_of(const struct mark *marks, const char *text)
{
    while (marks->word && !strstr(text, marks->word))
        marks++;
    return marks->name;
}

char *browser_name(const char *user_agent)
{
    const char *text = user_agent ? user_agent : "";
    const char *program = name_of(programs, text);
    const char *system = name_of(systems, text);

    return system ? g_strconcat(program, " on ", system, NULL) : g_strdup(program);
}
