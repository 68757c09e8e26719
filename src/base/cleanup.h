/* SPDX-License-Identifier: MIT
 *
 * Automatic release of what GLib 2.74 has no g_autoptr for. Floor: base.
 */
#ifndef APPSMTP_BASE_CLEANUP_H
#define APPSMTP_BASE_CLEANUP_H

#include <glib.h>
#include <stdio.h>
#include <unistd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, fclose)

/*
 * The same for our own structs, which have no typedef:
 *     DEFINE_AUTO(findings, findings_free)       once, in the header
 *     auto_ptr(findings) found = findings_new(); released at the end of the block
 */
#define DEFINE_AUTO(name, release)                     \
    static inline void name##_auto(struct name **held) \
    {                                                  \
        if (*held)                                     \
            release(*held);                            \
    }
#define auto_ptr(name) __attribute__((unused, cleanup(name##_auto))) struct name *

/* A file descriptor that is closed when its name goes out of scope; -1 is none. */
#define auto_fd __attribute__((unused, cleanup(auto_fd_close))) int

static inline void auto_fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Gives the descriptor away: the caller of the enclosing function owns it now. */
static inline int fd_steal(int *fd)
{
    int given = *fd;
    *fd = -1;
    return given;
}

#endif
