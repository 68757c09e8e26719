-- SPDX-License-Identifier: MIT
-- Nobody stops the portal, and nobody forges its history.

-- Whose names are looked up at this moment: DNS may be silent, and a worker waits for it.
-- who: "login NAME", or "strangers" for all who are not signed in. A turn whose worker
-- died is over by itself.
CREATE TABLE lookup_turn (
    who   text NOT NULL,
    place integer NOT NULL CHECK (place > 0),
    until timestamptz NOT NULL,
    PRIMARY KEY (who, place)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON lookup_turn TO appsmtp_portal;

-- ---- the history says the truth ------------------------------------------------------------

-- Whoever may do all in this schema anyway: its owner, and functions that run as the owner.
CREATE FUNCTION is_schema_owner() RETURNS boolean LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'history'::regclass
$$;

-- The transaction that added a row; of rows from before this file it is not known.
ALTER TABLE history ADD COLUMN made_in xid8;

-- A program says what was done and why. When, in which order and by whom is not for it to
-- say: the portal acts for whom its session (appsmtp.session, its id, set for the transaction)
-- belongs to, appsmtp-notify for itself.
CREATE FUNCTION history_stamp() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.made_in := pg_current_xact_id();
    IF is_schema_owner() THEN
        RETURN NEW;
    END IF;
    NEW.at := now();
    IF pg_has_role(session_user, 'appsmtp_portal', 'USAGE') THEN
        SELECT s.login, nullif(s.person_id, '') INTO NEW.login, NEW.person_id FROM session s
        WHERE s.id = nullif(current_setting('appsmtp.session', true), '')::uuid
              AND s.ended_at IS NULL;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'nobody is signed in who could make this change'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSE
        NEW.person_id := NULL;
        NEW.login := 'appsmtp-notify';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER history_stamp BEFORE INSERT ON history
    FOR EACH ROW EXECUTE FUNCTION history_stamp();

REVOKE INSERT ON history FROM appsmtp_portal, appsmtp_notify;
GRANT INSERT (registration_id, login, person_id, address, action, before, after, reason) ON history
    TO appsmtp_portal, appsmtp_notify;

-- A change without its row in the history does not commit.
CREATE FUNCTION registration_check_history() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    which uuid;
BEGIN
    -- A row that follows its person to another login, or learns who they are, is no change.
    IF TG_TABLE_NAME = 'registration_owner' AND TG_OP = 'UPDATE' THEN
        IF NEW.person_id = OLD.person_id OR (OLD.person_id IS NULL AND NEW.login = OLD.login) THEN
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
CREATE CONSTRAINT TRIGGER registration_has_history AFTER INSERT OR UPDATE OF application_name,
    application_type, note, account_id, account_label, state, version, relay_version, confirmed_at,
    suspended_by_operator, recipients_per_hour ON registration
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_history();
CREATE CONSTRAINT TRIGGER owner_has_history AFTER INSERT OR UPDATE OR DELETE ON registration_owner
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_history();
CREATE CONSTRAINT TRIGGER location_has_history AFTER INSERT OR UPDATE OR DELETE ON registration_location
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_history();
CREATE CONSTRAINT TRIGGER source_has_history AFTER INSERT OR UPDATE OR DELETE ON source
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_history();

-- No program makes temporary tables.
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;
