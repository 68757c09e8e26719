-- SPDX-License-Identifier: MIT
-- Rates that come to their end: told to the owners, and listed for the relay team.

-- The fullest hour that a relay has reported since appsmtp-notify has looked last, where that
-- came near what is allowed: a burst between two of its runs is not missed. There is no foreign
-- key, for the reason of relay_rate.
CREATE TABLE rate_peak (
    registration_id uuid NOT NULL,
    relay           text NOT NULL,
    used            integer NOT NULL CHECK (used >= 0),
    allowed         integer NOT NULL CHECK (allowed > 0), -- at this relay, then
    seen            timestamptz NOT NULL,
    PRIMARY KEY (registration_id, relay)
);

CREATE FUNCTION relay_rate_keep_peak() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO rate_peak AS p (registration_id, relay, used, allowed, seen)
        VALUES (NEW.registration_id, NEW.relay, NEW.used, NEW.allowed, NEW.seen)
        ON CONFLICT (registration_id, relay) DO UPDATE
            SET used = excluded.used, allowed = excluded.allowed, seen = excluded.seen
            WHERE excluded.used::bigint * p.allowed >= p.used::bigint * excluded.allowed;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION relay_rate_keep_peak() FROM PUBLIC;
-- 80 as RATE_NEAR_PERCENT.
CREATE TRIGGER relay_rate_keep_peak AFTER INSERT OR UPDATE ON relay_rate
    FOR EACH ROW WHEN (NEW.used::bigint * 100 >= NEW.allowed::bigint * 80)
    EXECUTE FUNCTION relay_rate_keep_peak();

GRANT SELECT, DELETE ON rate_peak TO appsmtp_notify;

-- As before, and "at_limit": a relay has reported within the hour that its part of the
-- rate is used.
CREATE OR REPLACE VIEW registration_watch AS
    WITH latest AS MATERIALIZED (
        SELECT DISTINCT ON (relay) snapshot FROM export_run
        WHERE finished_at > now() - interval '1 day' ORDER BY relay, finished_at DESC
    )
    SELECT r.id AS registration_id, r.state,
           r.state = 'live' AND (NOT EXISTS (SELECT FROM latest)
               OR EXISTS (SELECT FROM latest
                          WHERE NOT pg_visible_in_snapshot(r.changed_in, snapshot))) AS waiting,
           r.state = 'live' AND EXISTS (
               SELECT FROM source s WHERE s.registration_id = r.id
               AND s.not_after < now() + interval '30 days') AS expiring,
           r.state = 'live' AND r.confirmed_at < now() - interval '335 days' AS unconfirmed,
           r.state = 'live' AND EXISTS (
               SELECT FROM source s WHERE s.registration_id = r.id
               AND s.added_at < now() - interval '1 year'
               AND (SELECT min(since) FROM use_teller) < now() - interval '1 year'
               AND NOT EXISTS (SELECT FROM source_use u WHERE u.source_id = s.id
                               AND u.last_at > now() - interval '1 year')) AS unused,
           r.state = 'live' AND EXISTS (
               SELECT FROM relay_rate q WHERE q.registration_id = r.id AND q.used >= q.allowed
               AND q.seen > now() - interval '1 hour') AS at_limit
    FROM registration r;
