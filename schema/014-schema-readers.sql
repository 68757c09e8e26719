-- SPDX-License-Identifier: MIT
-- Every program may see which schema it works on, to say so where it is not its own.
-- appsmtp-admin init keeps schema_file itself, checksums among it.

GRANT SELECT ON schema_file TO appsmtp_export, appsmtp_notify;
