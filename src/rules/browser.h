/* SPDX-License-Identifier: MIT
 *
 * The name of a browser, for its person to know it again. Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_BROWSER_H
#define APPSMTP_RULES_BROWSER_H

/*
 * "Firefox on Windows" from what a browser says of itself (User-Agent, or NULL): a guess
 * by the words that the common ones use, "Another browser" for all else. Nothing of the text itself is
 * in it. Caller frees.
 */
char *browser_name(const char *user_agent);

#endif
