-- SPDX-License-Identifier: MIT
-- Changing a registration: what the relay has to learn is told apart from what only
-- people read, and a suspension by the relay team from every other.

ALTER TABLE registration
    -- Counts the changes of what is exported, from 1.
    ADD COLUMN relay_version integer NOT NULL DEFAULT 1 CHECK (relay_version > 0),
    -- Owners cannot get rid of it by retiring the registration and making a new one.
    ADD COLUMN suspended_by_operator boolean NOT NULL DEFAULT false;

-- changed_at and changed_in are of the last change that the relay has to learn, so
-- that a new note or a new owner does not make people wait for an export.
CREATE OR REPLACE FUNCTION registration_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.address <> OLD.address OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the address of a registration cannot change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state <> 'suspended' THEN
        NEW.suspended_by_operator := false;
    END IF;
    IF (NEW.state, NEW.application_type, NEW.relay_version)
       IS DISTINCT FROM (OLD.state, OLD.application_type, OLD.relay_version) THEN
        NEW.changed_at := now();
        NEW.changed_in := pg_current_xact_id();
    END IF;
    RETURN NEW;
END $$;

-- Searching by what stands in a certificate, and by owner.
CREATE INDEX source_sha256 ON source (sha256);

GRANT UPDATE (relay_version, suspended_by_operator) ON registration TO appsmtp_portal;
