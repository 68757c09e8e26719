/* SPDX-License-Identifier: MIT
 *
 * What stat(2) tells of a file, compared.
 */
#include "base/file.h"

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_changed(const char *path, struct stat *seen)
{
    struct stat before = *seen, now = {.st_ino = 0};

    if (stat(path, &now) != 0)
        now = (struct stat){.st_size = -1};
    *seen = now;
    return before.st_dev != now.st_dev || before.st_ino != now.st_ino ||
           before.st_size != now.st_size || !same_time(&before.st_mtim, &now.st_mtim) ||
           !same_time(&before.st_ctim, &now.st_ctim);
}
