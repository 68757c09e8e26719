-- SPDX-License-Identifier: MIT
-- The registrations: one address, its sources, owners, locations; their history;
-- sessions; the queue of notices; the runs of the export. PostgreSQL 15.
--
-- Every rule that the database can hold is held here. appsmtp-admin init runs each
-- numbered file once, in one transaction with the others, as the owner of the schema. The roles
-- appsmtp_portal, appsmtp_export and appsmtp_notify have to exist.

CREATE TYPE registration_state AS ENUM ('live', 'suspended', 'retired');

CREATE TABLE registration (
    id               uuid PRIMARY KEY,
    address          text NOT NULL
                     CHECK (address = lower(address))
                     CHECK (address ~ '^[!-?A-~]+@[a-z0-9.-]+$')
                     CHECK (octet_length(address) <= 254),
    application_name text NOT NULL CHECK (char_length(application_name) BETWEEN 1 AND 100)
                     CHECK (application_name !~ '[[:cntrl:]]'),
    application_type text NOT NULL
                     CHECK (application_type IN ('web-application', 'scanner', 'device-monitor')),
    note             text NOT NULL DEFAULT '' CHECK (char_length(note) <= 2000),
    account_id       text NOT NULL CHECK (account_id <> ''),
    account_label    text NOT NULL,
    state            registration_state NOT NULL DEFAULT 'live',
    version          integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at       timestamptz NOT NULL DEFAULT now(),
    confirmed_at     timestamptz NOT NULL DEFAULT now(),
    changed_at       timestamptz NOT NULL DEFAULT now(),
    -- The transaction of the last change: an export run that sees it has it on the relay.
    changed_in       xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- An address can be registered once; a retired registration frees it.
CREATE UNIQUE INDEX registration_one_for_each_address ON registration (address)
    WHERE state <> 'retired';
CREATE INDEX registration_account ON registration (account_id);

CREATE FUNCTION registration_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.address <> OLD.address OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the address of a registration cannot change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.changed_at := now();
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER registration_note_change BEFORE UPDATE ON registration
    FOR EACH ROW EXECUTE FUNCTION registration_note_change();

CREATE TABLE registration_owner (
    registration_id uuid NOT NULL REFERENCES registration,
    login           text NOT NULL CHECK (login ~ '^[a-z0-9._-]{1,64}$'),
    added_at        timestamptz NOT NULL DEFAULT now(),
    added_by        text NOT NULL,
    PRIMARY KEY (registration_id, login)
);
CREATE INDEX registration_owner_login ON registration_owner (login);

CREATE TABLE registration_location (
    registration_id uuid NOT NULL REFERENCES registration,
    location        text NOT NULL CHECK (location ~ '^[a-z][a-z0-9-]{0,31}$'),
    PRIMARY KEY (registration_id, location)
);

CREATE TABLE source (
    id              uuid PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES registration,
    network         cidr,
    hostname        text CHECK (hostname ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$')
                         CHECK (octet_length(hostname) <= 253),
    certificate     bytea CHECK (octet_length(certificate) <= 65536), -- the leaf's DER
    sha256          bytea CHECK (sha256 = sha256(certificate)),
    spki_sha256     bytea CHECK (octet_length(spki_sha256) = 32),
    subject         text,
    issuer          text,
    serial          text,
    names           text[],
    not_before      timestamptz,
    not_after       timestamptz CHECK (not_after > not_before),
    added_at        timestamptz NOT NULL DEFAULT now(),
    added_by        text NOT NULL,
    kind            text NOT NULL GENERATED ALWAYS AS (
                        CASE WHEN network IS NOT NULL THEN 'network'
                             WHEN hostname IS NOT NULL THEN 'hostname'
                             ELSE 'certificate' END) STORED,
    CONSTRAINT source_has_one_kind CHECK (num_nonnulls(network, hostname, certificate) = 1),
    CONSTRAINT source_certificate_is_whole CHECK (
        num_nonnulls(certificate, sha256, spki_sha256, subject, issuer, serial, names,
                     not_before, not_after) IN (0, 9)),
    CONSTRAINT source_once_in_a_registration
        UNIQUE NULLS NOT DISTINCT (registration_id, network, hostname, sha256)
);
CREATE INDEX source_network ON source USING gist (network inet_ops);
CREATE INDEX source_spki ON source (spki_sha256);
CREATE INDEX source_hostname ON source (hostname);

-- At least one source, owner and location, judged when the transaction ends.
CREATE FUNCTION registration_check_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which uuid;
BEGIN
    IF TG_TABLE_NAME = 'registration' THEN
        which := NEW.id;
    ELSE
        which := OLD.registration_id;
    END IF;
    IF NOT EXISTS (SELECT FROM source WHERE registration_id = which)
       OR NOT EXISTS (SELECT FROM registration_owner WHERE registration_id = which)
       OR NOT EXISTS (SELECT FROM registration_location WHERE registration_id = which) THEN
        RAISE EXCEPTION 'registration % has no source, no owner or no location', which
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER registration_is_whole AFTER INSERT OR UPDATE ON registration
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_whole();
CREATE CONSTRAINT TRIGGER source_leaves_whole AFTER DELETE OR UPDATE ON source
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_whole();
CREATE CONSTRAINT TRIGGER owner_leaves_whole AFTER DELETE OR UPDATE ON registration_owner
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_whole();
CREATE CONSTRAINT TRIGGER location_leaves_whole AFTER DELETE OR UPDATE ON registration_location
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION registration_check_whole();

-- Who changed what, when, from where, why. Rows are only ever added.
CREATE TABLE history (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES registration,
    at              timestamptz NOT NULL DEFAULT now(),
    login           text NOT NULL,
    address         inet,
    action          text NOT NULL,
    before          jsonb,
    after           jsonb,
    reason          text NOT NULL DEFAULT ''
);
CREATE INDEX history_registration ON history (registration_id, id);

CREATE FUNCTION history_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history cannot be changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER history_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION history_refuse_change();

-- Sign-in. Only the SHA-256 of a cookie's value is kept.
CREATE TABLE session (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    login        text NOT NULL,
    name         text NOT NULL,
    csrf_token   text NOT NULL,
    address      inet,
    started_at   timestamptz NOT NULL DEFAULT now(),
    used_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_login ON session (login);

-- An attempt is counted before the directory is asked, and taken back when it succeeds.
CREATE TABLE sign_in_failure (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    login   text NOT NULL,
    address inet NOT NULL
);
CREATE INDEX sign_in_failure_login ON sign_in_failure (login, at);
CREATE INDEX sign_in_failure_address ON sign_in_failure (address, at);

-- What somebody had typed when their sign-in had ended; there again after the next one.
CREATE TABLE draft (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    path         text NOT NULL,
    fields       jsonb NOT NULL,
    address      inet NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX draft_address ON draft (address, made_at);

-- Notices to owners, sent by appsmtp-notify.
CREATE TABLE notice (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES registration,
    kind            text NOT NULL,
    recipient       text NOT NULL, -- a login, or an address of mail
    details         jsonb NOT NULL DEFAULT '{}',
    made_at         timestamptz NOT NULL DEFAULT now(),
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    sent_at         timestamptz,
    last_error      text NOT NULL DEFAULT ''
);
CREATE INDEX notice_waiting ON notice (next_attempt_at) WHERE sent_at IS NULL;

CREATE TABLE export_run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relay       text NOT NULL CHECK (relay ~ '^[a-z][a-z0-9-]{0,31}$'),
    generation  bigint NOT NULL CHECK (generation > 0),
    snapshot    pg_snapshot NOT NULL, -- what the run saw
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now(),
    outcome     text NOT NULL CHECK (outcome IN ('published', 'unchanged')),
    senders     integer NOT NULL CHECK (senders >= 0),
    sources     integer NOT NULL CHECK (sources >= 0),
    left_out    integer NOT NULL DEFAULT 0 CHECK (left_out >= 0),
    details     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX export_run_relay ON export_run (relay, finished_at);

-- When every relay that reported within a day had the registration as it is now;
-- NULL while one of them has not, or none reports.
CREATE FUNCTION on_relay_since(changed_at timestamptz, changed_in xid8) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE known AS ( -- each relay once, by one look into the index for each
        (SELECT relay FROM export_run ORDER BY relay LIMIT 1)
        UNION ALL
        SELECT (SELECT e.relay FROM export_run e WHERE e.relay > k.relay ORDER BY e.relay LIMIT 1)
        FROM known k WHERE k.relay IS NOT NULL
    )
    SELECT CASE WHEN bool_and(since IS NOT NULL) THEN max(since) END
    FROM (SELECT (SELECT e.finished_at FROM export_run e
                  WHERE e.relay = k.relay AND e.finished_at >= changed_at
                    AND pg_visible_in_snapshot(changed_in, e.snapshot)
                  ORDER BY e.finished_at LIMIT 1) AS since
          FROM known k
          WHERE EXISTS (SELECT FROM export_run e WHERE e.relay = k.relay
                        AND e.finished_at > now() - interval '1 day')) s
$$;

-- A registration as the history keeps it.
CREATE FUNCTION registration_as_json(which uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'address', r.address, 'application_name', r.application_name,
        'application_type', r.application_type, 'note', r.note, 'state', r.state,
        'locations', (SELECT jsonb_agg(l.location ORDER BY l.location)
                      FROM registration_location l WHERE l.registration_id = r.id),
        'owners', (SELECT jsonb_agg(o.login ORDER BY o.login)
                   FROM registration_owner o WHERE o.registration_id = r.id),
        'sources', (SELECT jsonb_agg(s.kind || ' ' || coalesce(s.network::text, s.hostname,
                        encode(s.sha256, 'hex') || ' (' || array_to_string(s.names, ', ') || ')')
                        ORDER BY s.kind, s.network, s.hostname, s.sha256)
                    FROM source s WHERE s.registration_id = r.id))
    FROM registration r WHERE r.id = which
$$;

-- All that the export may read: one row a source of each live registration.
CREATE VIEW exported_source AS
    SELECT r.address, r.id AS registration_id, r.application_type, s.id AS source_id, s.kind,
           s.network::text AS network, s.hostname, encode(s.spki_sha256, 'hex') AS spki_sha256,
           encode(s.sha256, 'hex') AS sha256, s.not_after,
           ARRAY(SELECT l.location FROM registration_location l
                 WHERE l.registration_id = r.id ORDER BY 1) AS locations
    FROM registration r JOIN source s ON s.registration_id = r.id
    WHERE r.state = 'live';

-- ---- who may do what ---------------------------------------------------------------------

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
GRANT SELECT ON schema_file TO appsmtp_portal;
GRANT USAGE ON SCHEMA public TO appsmtp_portal, appsmtp_export, appsmtp_notify;

GRANT SELECT, INSERT ON registration TO appsmtp_portal;
GRANT UPDATE (application_name, application_type, note, account_id, account_label, state, version,
              confirmed_at) ON registration TO appsmtp_portal;
GRANT SELECT, INSERT, DELETE ON registration_owner, registration_location, source
    TO appsmtp_portal;
GRANT SELECT, INSERT ON history TO appsmtp_portal;
GRANT SELECT, INSERT, DELETE ON session, sign_in_failure, draft TO appsmtp_portal;
GRANT UPDATE (used_at) ON session TO appsmtp_portal;
GRANT SELECT, INSERT ON notice TO appsmtp_portal;
GRANT SELECT ON export_run TO appsmtp_portal;

GRANT SELECT ON exported_source TO appsmtp_export;
GRANT INSERT ON export_run TO appsmtp_export;

GRANT SELECT ON registration, registration_owner, registration_location, source, export_run
    TO appsmtp_notify;
GRANT UPDATE (state, version) ON registration TO appsmtp_notify;
GRANT DELETE ON registration_owner TO appsmtp_notify;
GRANT SELECT, INSERT ON history TO appsmtp_notify;
GRANT SELECT, INSERT ON notice TO appsmtp_notify;
GRANT UPDATE (next_attempt_at, attempts, sent_at, last_error) ON notice TO appsmtp_notify;
