/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin init: what one needs first.
 */
#include "adapters/database/migration.h"
#include "programs/admin.h"
#include "programs/program.h"

#include <sysexits.h>

/* ---- init ---- */

bool admin_init(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(database) database = admin_database(admin->config, error);

    if (!database || !migration_run(database, program_say, error))
        return false;
    program_say(schema_sentence(SCHEMA_CURRENT));
    *status = EX_OK;
    return true;
}
