-- SPDX-License-Identifier: MIT
-- Which sources were used, and how the relays decided, as each run of the export tells
-- it in its row (the member "used" of details).

CREATE TABLE source_use (
    source_id          uuid NOT NULL REFERENCES source ON DELETE CASCADE,
    relay              text NOT NULL,
    last_at            timestamptz NOT NULL,
    messages           bigint NOT NULL CHECK (messages >= 0),
    certificate_sha256 bytea CHECK (octet_length(certificate_sha256) = 32), -- as last shown
    PRIMARY KEY (source_id, relay)
);

CREATE TABLE decision_count (
    day   date NOT NULL, -- UTC
    relay text NOT NULL,
    code  text NOT NULL CHECK (code ~ '^[a-z.-]{1,60}$'),
    count bigint NOT NULL CHECK (count >= 0),
    PRIMARY KEY (day, relay, code)
);

-- Relays that tell it: since when, and what they have told last.
CREATE TABLE use_teller (
    relay text PRIMARY KEY,
    batch bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);

-- A run whose answer was lost tells the same batch again: it counts once.
CREATE FUNCTION export_run_take_uses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    used jsonb := NEW.details -> 'used';
BEGIN
    NEW.details := NEW.details - 'used';
    IF used IS NULL THEN
        RETURN NEW;
    END IF;
    INSERT INTO use_teller (relay, batch) VALUES (NEW.relay, (used ->> 'batch')::bigint)
        ON CONFLICT (relay) DO UPDATE SET batch = excluded.batch
            WHERE use_teller.batch <> excluded.batch;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    -- A source that is being removed just now is waited for, and then passed over.
    PERFORM FROM source s JOIN jsonb_to_recordset(used -> 'sources') AS u (id uuid) USING (id)
        ORDER BY s.id FOR KEY SHARE OF s;
    INSERT INTO source_use AS o (source_id, relay, last_at, messages, certificate_sha256)
        SELECT s.id, NEW.relay, least(to_timestamp(max(u.at)), now()), sum(u.messages),
               decode(nullif(max(u.certificate), ''), 'hex')
        FROM jsonb_to_recordset(used -> 'sources')
                 AS u (id uuid, at bigint, messages bigint, certificate text)
             JOIN source s USING (id)
        GROUP BY s.id
        ON CONFLICT (source_id, relay) DO UPDATE
            SET last_at = greatest(o.last_at, excluded.last_at),
                messages = o.messages + excluded.messages,
                certificate_sha256 = coalesce(excluded.certificate_sha256, o.certificate_sha256);
    INSERT INTO decision_count AS o (day, relay, code, count)
        SELECT (now() AT TIME ZONE 'UTC')::date, NEW.relay, d.key, d.value::bigint
        FROM jsonb_each_text(used -> 'decisions') d
        ON CONFLICT (day, relay, code) DO UPDATE SET count = o.count + excluded.count;
    RETURN NEW;
END $$;
CREATE TRIGGER export_run_take_uses BEFORE INSERT ON export_run
    FOR EACH ROW EXECUTE FUNCTION export_run_take_uses();

-- The last use of each source on any relay.
CREATE VIEW last_use AS
    SELECT DISTINCT ON (source_id) source_id, last_at, certificate_sha256,
           sum(messages) OVER (PARTITION BY source_id) AS messages
    FROM source_use ORDER BY source_id, last_at DESC;

GRANT SELECT ON source_use, decision_count, use_teller, last_use TO appsmtp_portal, appsmtp_notify;
