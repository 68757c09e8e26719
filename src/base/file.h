/* SPDX-License-Identifier: MIT
 *
 * Whether a file that was read has changed since. Floor: base.
 */
#ifndef APPSMTP_BASE_FILE_H
#define APPSMTP_BASE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Whether another file stands at the path than at the last look, or it was written or
 * replaced since; none at all is another one, too. *seen: what that look found, zeroes
 * before the first, which always says yes.
 */
bool file_changed(const char *path, struct stat *seen);

#endif
