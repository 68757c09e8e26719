/* SPDX-License-Identifier: MIT
 *
 * Telling the journal from a file.
 */
#include "base/dated.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean log_is_journal(void)
{
    const char *stream = g_getenv("JOURNAL_STREAM");
    g_autofree char *mine = NULL;
    struct stat found;

    if (!stream || fstat(STDERR_FILENO, &found) != 0)
        return FALSE;
    mine = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)found.st_dev,
                           (guint64)found.st_ino);
    return g_str_equal(mine, stream);
}

char *log_date(void)
{
    g_autoptr(GDateTime) now = NULL;

    if (log_is_journal() || isatty(STDERR_FILENO))
        return g_strdup("");
    now = g_date_time_new_now_local();
    return g_date_time_format(now, "%Y-%m-%dT%H:%M:%S%:z ");
}

GLogWriterOutput log_write(GLogLevelFlags level, const GLogField *fields, gsize count,
                           gpointer unused)
{
    g_autofree char *date = NULL, *line = NULL;

    if (log_is_journal() || isatty(STDERR_FILENO))
        return g_log_writer_default(level, fields, count, unused);
    if (g_log_writer_default_would_drop(level, NULL))
        return G_LOG_WRITER_HANDLED;
    date = log_date();
    line = g_log_writer_format_fields(level, fields, count, FALSE);
    fprintf(stderr, "%s%s\n", date, line);
    fflush(stderr);
    return G_LOG_WRITER_HANDLED;
}
