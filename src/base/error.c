/* SPDX-License-Identifier: MIT
 *
 * The error domain and its exit statuses.
 */
#include "base/error.h"

#include <sysexits.h>

G_DEFINE_QUARK(appsmtp-error-quark, appsmtp_error)

int appsmtp_error_exit_status(const GError *error)
{
    static const int status[] = {
        [APPSMTP_ERROR_USAGE] = EX_USAGE,
        [APPSMTP_ERROR_GUARD] = EX_DATAERR,
        [APPSMTP_ERROR_DIRECTORY] = EX_UNAVAILABLE,
        [APPSMTP_ERROR_DATABASE] = EX_UNAVAILABLE,
        [APPSMTP_ERROR_RESOLVER] = EX_UNAVAILABLE,
        [APPSMTP_ERROR_MAIL] = EX_UNAVAILABLE,
        [APPSMTP_ERROR_SNAPSHOT] = EX_UNAVAILABLE,
        [APPSMTP_ERROR_UNKNOWN_OUTCOME] = EX_UNAVAILABLE,
        [APPSMTP_ERROR_INPUT] = EX_NOINPUT,
        [APPSMTP_ERROR_CREATE] = EX_CANTCREAT,
        [APPSMTP_ERROR_OUTPUT] = EX_IOERR,
        [APPSMTP_ERROR_BUSY] = EX_TEMPFAIL,
        [APPSMTP_ERROR_CONFIGURATION] = EX_CONFIG,
        [APPSMTP_ERROR_LIMIT] = EX_CONFIG,
    };

    if (error->domain != APPSMTP_ERROR)
        return EX_SOFTWARE;
    return status[error->code];
}
