-- SPDX-License-Identifier: MIT
-- How much a registration may send: an operator's exception, and how much of it the
-- relays say is used.

ALTER TABLE registration
    -- Recipients an hour; NULL is the rate of the application type.
    ADD COLUMN recipients_per_hour integer CHECK (recipients_per_hour BETWEEN 1 AND 1000000);
GRANT UPDATE (recipients_per_hour) ON registration TO appsmtp_portal;

-- The relay has to learn it.
CREATE FUNCTION registration_note_rate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := now();
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER registration_note_rate BEFORE UPDATE ON registration
    FOR EACH ROW WHEN (NEW.recipients_per_hour IS DISTINCT FROM OLD.recipients_per_hour)
    EXECUTE FUNCTION registration_note_rate();

CREATE OR REPLACE VIEW exported_source AS
    SELECT r.address, r.id AS registration_id, r.application_type, s.id AS source_id, s.kind,
           s.network::text AS network, s.hostname, encode(s.spki_sha256, 'hex') AS spki_sha256,
           encode(s.sha256, 'hex') AS sha256, s.not_after,
           ARRAY(SELECT l.location FROM registration_location l
                 WHERE l.registration_id = r.id ORDER BY 1) AS locations,
           r.recipients_per_hour
    FROM registration r JOIN source s ON s.registration_id = r.id
    WHERE r.state = 'live';

CREATE OR REPLACE FUNCTION registration_as_json(which uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT registration_fields_as_json(which) || jsonb_build_object(
        'account', r.account_label || ' (' || r.account_id || ')',
        'confirmed_at',
        to_char(r.confirmed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'suspended_by_operator', r.suspended_by_operator,
        'recipients_per_hour', r.recipients_per_hour::text)
    FROM registration r WHERE r.id = which
$$;

-- What a relay's daemon has counted, as each run of the export tells it in its row (the
-- member "rates" of details): of those that had recipients within the hour before "seen".
-- There is no foreign key: a registration is never deleted, and the report would wait for
-- everybody who is changing one just now.
CREATE TABLE relay_rate (
    registration_id uuid NOT NULL,
    relay           text NOT NULL,
    used            integer NOT NULL CHECK (used >= 0), -- recipients in that hour, of the
                                                        -- fullest source where each counts alone
    allowed         integer NOT NULL CHECK (allowed > 0), -- at this relay, of one source likewise
    seen            timestamptz NOT NULL,
    PRIMARY KEY (registration_id, relay)
);

-- A report that is told twice, or after a later one, changes nothing. The address may
-- have been registered anew since: the older registration's mail is not the newer one's.
CREATE FUNCTION export_run_take_rates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO relay_rate AS o (registration_id, relay, used, allowed, seen)
        SELECT DISTINCT ON (r.id) r.id, NEW.relay, t.used, t.allowed,
               least(to_timestamp(t.at), now())
        FROM jsonb_to_recordset(NEW.details -> 'rates')
                 AS t (sender text, used integer, allowed integer, at bigint)
             JOIN registration r ON r.address = t.sender AND r.state <> 'retired'
        WHERE to_timestamp(t.at) >= date_trunc('second', r.created_at)
        ORDER BY r.id, t.at DESC
        ON CONFLICT (registration_id, relay) DO UPDATE
            SET used = excluded.used, allowed = excluded.allowed, seen = excluded.seen
            WHERE o.seen < excluded.seen;
    NEW.details := NEW.details - 'rates';
    RETURN NEW;
END $$;
CREATE TRIGGER export_run_take_rates BEFORE INSERT ON export_run
    FOR EACH ROW WHEN (NEW.details ? 'rates') EXECUTE FUNCTION export_run_take_rates();

GRANT SELECT ON relay_rate TO appsmtp_portal, appsmtp_notify;
