-- SPDX-License-Identifier: MIT
-- Failed sign-ins are counted by the directory's entry, however the login was typed.

-- account: the SHA-256 of "id ID", "dn DN" (in lower case; of an entry without an id) or
-- "login LOGIN" (of a login that no entry has). Those from before cannot be told by entry.
DELETE FROM sign_in_failure;
ALTER TABLE sign_in_failure
    DROP COLUMN login,
    DROP COLUMN address, -- the network is what counts
    ADD COLUMN account bytea NOT NULL CHECK (octet_length(account) = 32);
CREATE INDEX sign_in_failure_account ON sign_in_failure (account, at);
