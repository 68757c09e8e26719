/* SPDX-License-Identifier: MIT
 *
 * libcdb with errors and release.
 */
#include "adapters/cdb/cdb.h"

#include "base/error.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>

struct cdb_writer {
    char *path;
    int fd;
    struct cdb_make make;
    bool making;
};

struct cdb_reader {
    int fd;
    struct cdb cdb;
    bool open;
};

static bool fail(const char *attempted, const char *path, enum appsmtp_error code, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, (gint)code, "could not %s \"%s\": %s", attempted, path,
                g_strerror(errno));
    return false;
}

struct cdb_writer *cdb_writer_new(const char *path, GError **error)
{
    auto_ptr(cdb_writer) writer = g_new0(struct cdb_writer, 1);

    writer->path = g_strdup(path);
    writer->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (writer->fd < 0 || cdb_make_start(&writer->make, writer->fd) != 0) {
        fail("create file", path, APPSMTP_ERROR_CREATE, error);
        return NULL;
    }
    writer->making = true;
    return g_steal_pointer(&writer);
}

void cdb_writer_free(struct cdb_writer *writer)
{
    if (!writer)
        return;
    if (writer->making) /* the library frees nothing otherwise */
        cdb_make_finish(&writer->make);
    if (writer->fd >= 0)
        close(writer->fd);
    g_free(writer->path);
    g_free(writer);
}

bool cdb_writer_add(struct cdb_writer *writer, const char *key, const char *value, GError **error)
{
    return cdb_make_add(&writer->make, key, (unsigned)strlen(key), value,
                        (unsigned)strlen(value)) == 0 ||
           fail("write file", writer->path, APPSMTP_ERROR_OUTPUT, error);
}

bool cdb_writer_finish(struct cdb_writer *writer, GError **error)
{
    writer->making = false;
    return cdb_make_finish(&writer->make) == 0 ||
           fail("write file", writer->path, APPSMTP_ERROR_OUTPUT, error);
}

struct cdb_reader *cdb_reader_new(const char *path, GError **error)
{
    auto_ptr(cdb_reader) reader = g_new0(struct cdb_reader, 1);

    reader->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0 || cdb_init(&reader->cdb, reader->fd) != 0) {
        fail("read file", path, APPSMTP_ERROR_OUTPUT, error);
        return NULL;
    }
    reader->open = true;
    return g_steal_pointer(&reader);
}

void cdb_reader_free(struct cdb_reader *reader)
{
    if (!reader)
        return;
    if (reader->open)
        cdb_free(&reader->cdb);
    if (reader->fd >= 0)
        close(reader->fd);
    g_free(reader);
}

char *cdb_reader_get(struct cdb_reader *reader, const char *key)
{
    unsigned length;
    const char *value;

    if (cdb_find(&reader->cdb, key, (unsigned)strlen(key)) <= 0)
        return NULL;
    length = cdb_datalen(&reader->cdb);
    value = cdb_getdata(&reader->cdb);
    return value ? g_strndup(value, length) : NULL;
}

guint64 cdb_reader_count(struct cdb_reader *reader)
{
    guint64 count = 0;
    unsigned position;

    cdb_seqinit(&position, &reader->cdb);
    while (cdb_seqnext(&position, &reader->cdb) > 0)
        count++;
    return count;
}
