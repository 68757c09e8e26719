-- SPDX-License-Identifier: MIT
-- Whose row it is: who is gone is told by the person, and no row is given to somebody else.

-- person_id is of a group, too: a name may pass from one group to another as a login does.
ALTER TABLE registration_owner
    DROP CONSTRAINT registration_owner_kinds_differ,
    ADD CONSTRAINT registration_owner_kinds_differ CHECK (kind = 'group' OR login NOT LIKE 'group %');

-- As registration_owner has it. A login can pass from who is gone to who is there.
ALTER TABLE absent_owner
    DROP CONSTRAINT absent_owner_pkey,
    ADD COLUMN person_id text CHECK (person_id <> ''),
    ADD CONSTRAINT absent_owner_once UNIQUE NULLS NOT DISTINCT (registration_id, login, person_id);
UPDATE absent_owner a SET person_id = o.person_id FROM registration_owner o
WHERE o.registration_id = a.registration_id AND o.written = a.login;

-- A row whose person is known stays that person's. Where nobody is known yet, the portal may say
-- only that it is of whom it acts for (as in history_stamp()), under the login of their session;
-- appsmtp-notify asks the directory about everybody.
CREATE FUNCTION registration_owner_keep_person() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.person_id IS NOT DISTINCT FROM OLD.person_id OR is_schema_owner() THEN
        RETURN NEW;
    END IF;
    IF OLD.person_id IS NOT NULL THEN
        RAISE EXCEPTION 'an owner of registration % cannot become another person', OLD.registration_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- By itself: nobody else may read the sessions.
    IF pg_has_role(session_user, 'appsmtp_portal', 'USAGE') THEN
        IF NOT EXISTS (SELECT FROM session s
                       WHERE NEW.kind = 'person' AND s.id = nullif(current_setting('appsmtp.session', true), '')::uuid
                         AND s.ended_at IS NULL AND s.login = NEW.login AND s.person_id = NEW.person_id) THEN
            RAISE EXCEPTION 'nobody is signed in whom this owner of registration % could be', OLD.registration_id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registration_owner_keep_person BEFORE UPDATE ON registration_owner
    FOR EACH ROW EXECUTE FUNCTION registration_owner_keep_person();

-- As in 017-guards.sql, but a row that follows its person to another login is a change.
CREATE OR REPLACE FUNCTION registration_check_history() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    which uuid;
BEGIN
    -- A row that learns who its owner is, and nothing else, is no change; it learns it only once.
    IF TG_TABLE_NAME = 'registration_owner' AND TG_OP = 'UPDATE' THEN
        IF NEW.login = OLD.login THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_TABLE_NAME = 'registration' THEN
        which := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        which := OLD.registration_id;
    ELSE
        which := NEW.registration_id;
    END IF;
    IF NOT is_schema_owner()
       AND (SELECT h.made_in FROM history h WHERE h.registration_id = which ORDER BY h.id DESC LIMIT 1)
           IS DISTINCT FROM pg_current_xact_id() THEN
        RAISE EXCEPTION 'registration % was changed without a row in its history', which
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
