-- SPDX-License-Identifier: MIT
-- What appsmtp-notify keeps: notices that cannot be sent, which reminders are out,
-- and what the daily look at the directory found.

-- A notice that nobody can be sent (last_error says why) is over without being sent.
-- in_doubt counts the attempts that ended before the mail server's answer to the whole
-- message was known: the server may have it.
ALTER TABLE notice ADD COLUMN skipped_at timestamptz,
    ADD COLUMN in_doubt smallint NOT NULL DEFAULT 0 CHECK (in_doubt BETWEEN 0 AND 2),
    ADD CONSTRAINT notice_ends_once CHECK (sent_at IS NULL OR skipped_at IS NULL);
DROP INDEX notice_waiting;
CREATE INDEX notice_waiting ON notice (id) WHERE sent_at IS NULL AND skipped_at IS NULL;
CREATE INDEX notice_registration ON notice (registration_id, id);

-- The last reminder of each thing that one can be reminded of. A stage only ever
-- grows, so that a clock that jumps back brings none twice.
CREATE TABLE reminder (
    registration_id uuid NOT NULL REFERENCES registration,
    subject         text NOT NULL, -- 'certificate SHA-256', 'confirmation'
    stage           integer NOT NULL CHECK (stage > 0),
    first_at        timestamptz NOT NULL,
    last_at         timestamptz NOT NULL,
    PRIMARY KEY (registration_id, subject)
);

-- The daily look at the directory. Days are those of definite answers only.
CREATE TABLE ownership_check (
    registration_id uuid PRIMARY KEY REFERENCES registration,
    checked_on      date NOT NULL,
    fault           text CHECK (fault IN ('not-found', 'ambiguous', 'not-eligible', 'nobody')),
    first_on        date,        -- the first day of the fault
    told_at         timestamptz, -- a second day has confirmed it, and everybody was told
    CHECK ((fault IS NULL) = (first_on IS NULL)),
    CHECK (told_at IS NULL OR fault IS NOT NULL)
);

-- Listed owners whom the directory did not know on that day.
CREATE TABLE absent_owner (
    registration_id uuid NOT NULL REFERENCES registration,
    login           text NOT NULL,
    first_on        date NOT NULL,
    PRIMARY KEY (registration_id, login)
);

-- What appsmtp-notify suspended itself, and only while its own is the last word on
-- that in the history: only this it resumes.
CREATE TABLE suspension (
    registration_id uuid PRIMARY KEY REFERENCES registration,
    cause           text NOT NULL CHECK (cause IN ('ownership', 'confirmation')),
    history_id      bigint NOT NULL REFERENCES history
);

CREATE VIEW suspended_by_notify AS
    SELECT s.registration_id, s.cause
    FROM suspension s JOIN registration r ON r.id = s.registration_id
    WHERE r.state = 'suspended'
      AND s.history_id = (SELECT max(h.id) FROM history h
                          WHERE h.registration_id = s.registration_id
                            AND h.before ->> 'state' IS DISTINCT FROM h.after ->> 'state');

GRANT SELECT ON reminder, ownership_check, absent_owner, suspension, suspended_by_notify
    TO appsmtp_portal;
GRANT UPDATE (skipped_at, in_doubt) ON notice TO appsmtp_notify;
GRANT SELECT, INSERT, UPDATE, DELETE ON reminder, ownership_check, absent_owner, suspension
    TO appsmtp_notify;
GRANT SELECT ON suspended_by_notify, registration_location TO appsmtp_notify;
