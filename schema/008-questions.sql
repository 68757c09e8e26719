-- SPDX-License-Identifier: MIT
-- How often somebody asks whether a message would be accepted.

-- who: a login, or the address of somebody who is not signed in. What was asked is not kept.
CREATE TABLE question_count (
    who    text NOT NULL CHECK (who ~ '^(login|address) '),
    minute timestamptz NOT NULL,
    count  integer NOT NULL CHECK (count > 0),
    PRIMARY KEY (who, minute)
);
CREATE INDEX question_count_minute ON question_count (minute);

GRANT SELECT, INSERT, UPDATE, DELETE ON question_count TO appsmtp_portal;
