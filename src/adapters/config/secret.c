/* SPDX-License-Identifier: MIT
 *
 * Files with one secret each, which others must not be able to read.
 */
#include "adapters/config/parse.h"
#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static bool fail(GError **error, const char *file, const char *reason)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "could not use the secret in \"%s\": %s", file, reason);
    return false;
}

static bool check_open(int fd, const char *file, GError **error)
{
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return fail(error, file, g_strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(error, file, "it is not a file");
    if (status.st_mode & S_IRWXO)
        return fail(error, file, "others can read it: take their permission away (chmod o= FILE)");
    return true;
}

char *config_secret(const char *file, GError **error)
{
    auto_fd fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char secret[LIMIT_SECRET_FILE + 1];
    ssize_t size;

    if (!check_open(fd, file, error))
        return NULL;
    size = read(fd, secret, sizeof secret);
    if (size > 0 && secret[size - 1] == '\n')
        size--;
    if (size <= 0 || size > LIMIT_SECRET_FILE || memchr(secret, '\0', (size_t)size)) {
        fail(error, file, "it has to hold one line of 1 to 4096 characters");
        return NULL;
    }
    return g_strndup(secret, (size_t)size);
}

/*
 * Only what is wrong for every program is refused here. A file that this
 * program may not open is another program's secret.
 */
bool secret_check(const xmlNode *node, const char *attribute, const char *file, GError **error)
{
    struct stat status;

    if (!*file || stat(file, &status) < 0 || !(status.st_mode & S_IRWXO))
        return true;
    xml_error(node, error, "%s=\"%s\" names a secret that others can read: chmod o= %s", attribute,
              file, file);
    return false;
}
