-- SPDX-License-Identifier: MIT
-- What an export leaves out, by source and reason, and the addresses of hostnames, as each run
-- tells them in its row (the members "left_out" and "addresses" of details).

-- The sources of registrations in force that the last run of a relay has left out.
CREATE TABLE source_left_out (
    relay     text NOT NULL,
    source_id uuid NOT NULL REFERENCES source ON DELETE CASCADE,
    reason    text NOT NULL CHECK (reason ~ '^[a-z-]{1,40}$'), -- a code of rules/left-out.h
    detail    text NOT NULL,
    whole     boolean NOT NULL, -- the relay recognises nobody by it; else some addresses only
    expected  boolean NOT NULL, -- it came by itself, long announced: a certificate's end
    since     timestamptz NOT NULL,
    PRIMARY KEY (relay, source_id)
);
CREATE INDEX source_left_out_source ON source_left_out (source_id);

-- In the row itself a hundred of them stay, to be read; how many there are says left_out.
CREATE FUNCTION export_run_take_left_out() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    told jsonb := NEW.details -> 'left_out';
BEGIN
    IF told IS NULL THEN
        RETURN NEW;
    END IF;
    DELETE FROM source_left_out o WHERE o.relay = NEW.relay AND o.source_id NOT IN
        (SELECT t.source FROM jsonb_to_recordset(told) AS t (source uuid)
         WHERE t.source IS NOT NULL);
    -- A source that is being removed just now is waited for, and then passed over.
    PERFORM FROM source s JOIN jsonb_to_recordset(told) AS t (source uuid) ON t.source = s.id
        ORDER BY s.id FOR KEY SHARE OF s;
    INSERT INTO source_left_out AS o (relay, source_id, reason, detail, whole, expected, since)
        SELECT DISTINCT ON (s.id) NEW.relay, s.id, t.reason, t.detail, t.whole, t.expected,
               NEW.finished_at
        FROM jsonb_to_recordset(told) AS t (source uuid, reason text, detail text, whole boolean,
                                            expected boolean)
             JOIN source s ON s.id = t.source
        ON CONFLICT (relay, source_id) DO UPDATE
            SET reason = excluded.reason, detail = excluded.detail, whole = excluded.whole,
                expected = excluded.expected,
                since = CASE WHEN o.reason = excluded.reason THEN o.since ELSE excluded.since END
            WHERE (o.reason, o.detail) IS DISTINCT FROM (excluded.reason, excluded.detail);
    NEW.details := NEW.details
        || jsonb_build_object('left_out', jsonb_path_query_array(told, '$[0 to 99]'));
    RETURN NEW;
END $$;
CREATE TRIGGER export_run_take_left_out BEFORE INSERT ON export_run
    FOR EACH ROW EXECUTE FUNCTION export_run_take_left_out();

-- Whether that relay has reported within the day before: the word of another counts no more.
CREATE FUNCTION relay_reports(which text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM export_run WHERE relay = which
                   AND finished_at BETWEEN at - interval '1 day' AND at + interval '1 minute')
$$;

-- A source is left out when one relay leaves it out.
CREATE VIEW left_out AS
    SELECT DISTINCT ON (s.registration_id, s.id) s.registration_id, s.id AS source_id, l.relay,
           l.reason, l.detail, l.whole, l.expected, l.since,
           coalesce(s.network::text, s.hostname,
                    'the certificate of ' || array_to_string(s.names, ', ')) AS source
    FROM source_left_out l JOIN source s ON s.id = l.source_id
    WHERE relay_reports(l.relay, now())
    ORDER BY s.registration_id, s.id, l.expected, l.whole DESC, l.relay;

-- The addresses of each hostname, as a relay knows them: separated by blanks, or "none".
CREATE TABLE hostname_address (
    relay     text NOT NULL,
    hostname  text NOT NULL,
    addresses text NOT NULL,
    PRIMARY KEY (relay, hostname)
);

-- Whoever runs a zone changes what a registration is recognised by: that stands in its history.
-- A second relay that sees the same adds nothing, and no name adds more than 20 a day.
CREATE FUNCTION export_run_take_addresses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    told jsonb := NEW.details -> 'addresses';
BEGIN
    NEW.details := NEW.details - 'addresses';
    IF told IS NULL THEN
        RETURN NEW;
    END IF;
    DELETE FROM hostname_address WHERE relay = NEW.relay AND NOT told ? hostname;
    INSERT INTO history (registration_id, at, login, action, before, after)
        SELECT r.id, NEW.finished_at, 'export:' || NEW.relay, 'addresses changed',
               jsonb_build_object('addresses', hostname || ': ' || o.addresses),
               jsonb_build_object('addresses', hostname || ': ' || t.addresses)
        FROM hostname_address o JOIN jsonb_each_text(told) AS t (hostname, addresses)
                 USING (hostname)
             JOIN source s USING (hostname)
             JOIN registration r ON r.id = s.registration_id AND r.state <> 'retired',
             LATERAL (SELECT (array_agg(h.after ->> 'addresses' ORDER BY h.id DESC))[1] AS last,
                             count(*) FILTER (WHERE h.at > NEW.finished_at - interval '1 day')
                                 AS today
                      FROM history h WHERE h.registration_id = r.id
                      AND h.action = 'addresses changed'
                      AND starts_with(h.after ->> 'addresses', hostname || ': ')) before
        WHERE o.relay = NEW.relay AND o.addresses <> t.addresses AND before.today < 20
        AND before.last IS DISTINCT FROM hostname || ': ' || t.addresses
        ORDER BY r.id, hostname;
    INSERT INTO hostname_address AS o (relay, hostname, addresses)
        SELECT NEW.relay, t.key, t.value FROM jsonb_each_text(told) t
        ON CONFLICT (relay, hostname) DO UPDATE SET addresses = excluded.addresses
            WHERE o.addresses <> excluded.addresses;
    RETURN NEW;
END $$;
CREATE TRIGGER export_run_take_addresses BEFORE INSERT ON export_run
    FOR EACH ROW EXECUTE FUNCTION export_run_take_addresses();

-- Those of the addresses that nobody has taken out of force, though they are not in force: no
-- registration of theirs is suspended or retired. All that the export learns of them.
CREATE FUNCTION vanished_registrations(addresses text[]) RETURNS SETOF text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a FROM unnest(addresses) a
    WHERE NOT EXISTS (SELECT FROM registration r WHERE r.address = a AND r.state <> 'live')
$$;
REVOKE EXECUTE ON FUNCTION vanished_registrations(text[]), export_run_take_left_out(),
    export_run_take_addresses() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vanished_registrations(text[]) TO appsmtp_export;

-- As before, and "left_out": a relay leaves out one of its sources.
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
               AND q.seen > now() - interval '1 hour') AS at_limit,
           r.state = 'live' AND EXISTS (
               SELECT FROM source s JOIN source_left_out l ON l.source_id = s.id
               WHERE s.registration_id = r.id AND relay_reports(l.relay, now())) AS left_out
    FROM registration r;

GRANT SELECT ON source_left_out, left_out TO appsmtp_portal, appsmtp_notify;
