-- SPDX-License-Identifier: MIT
-- How many notices go to one address of mail within an hour, over all registrations and roles
-- of whoever reads it: the address of each is known when the directory was asked.

-- held_for: the address has had its share, and the notice waits to be told in a digest; its
-- next_attempt_at is when that is made.
ALTER TABLE notice ADD COLUMN sent_to text CHECK (sent_to <> ''),
    ADD COLUMN held_for text CHECK (held_for <> '');
CREATE INDEX notice_sent_to ON notice (sent_to, sent_at) WHERE sent_to IS NOT NULL;
CREATE INDEX notice_held_for ON notice (held_for, next_attempt_at)
    WHERE held_for IS NOT NULL AND sent_at IS NULL AND skipped_at IS NULL;
CREATE INDEX notice_digest ON notice (recipient, sent_at) WHERE kind = 'digest';

-- "failing": it could not be sent so far; last_error says why, unless each of several
-- attempts ended with the program.
CREATE VIEW waiting_notice AS
    SELECT id, registration_id, kind, recipient, made_at, next_attempt_at, attempts, last_error,
           held_for, last_error <> '' OR attempts >= 3 AS failing
    FROM notice WHERE sent_at IS NULL AND skipped_at IS NULL;

GRANT UPDATE (sent_to, held_for) ON notice TO appsmtp_notify;
GRANT SELECT ON waiting_notice TO appsmtp_portal, appsmtp_notify;
