-- SPDX-License-Identifier: MIT
-- Who somebody is, beyond the login of the day; which browsers somebody has signed in
-- with; sessions that can be told apart; drafts and messages of one person only.

-- ---- people ------------------------------------------------------------------------------

-- person_id is the directory's id of the person, which outlasts the login; NULL until it is
-- known. A row with an id is that person's, whoever has the login now.
ALTER TABLE registration_owner
    DROP CONSTRAINT registration_owner_login_check,
    -- As login_is_well_formed(): what a list, a URL and the history can carry.
    ADD CONSTRAINT registration_owner_login_check
        CHECK (char_length(login) BETWEEN 1 AND 64 AND login !~ '[[:cntrl:]@/\\,;:|<>"*]'),
    -- Judged at the end of each statement: two people may swap their logins.
    DROP CONSTRAINT registration_owner_pkey,
    ADD CONSTRAINT registration_owner_pkey PRIMARY KEY (registration_id, login)
        DEFERRABLE INITIALLY IMMEDIATE,
    ADD COLUMN person_id text CHECK (person_id <> ''),
    ADD CONSTRAINT registration_owner_kinds_differ
        CHECK (CASE kind WHEN 'group' THEN person_id IS NULL ELSE login NOT LIKE 'group %' END);
CREATE INDEX registration_owner_person ON registration_owner (person_id);
GRANT UPDATE (login, person_id) ON registration_owner TO appsmtp_portal, appsmtp_notify;

-- Who made the change, beside the login of that day.
ALTER TABLE history ADD COLUMN person_id text CHECK (person_id <> '');
-- Who is told, whatever their login is by then.
ALTER TABLE notice ADD COLUMN person_id text CHECK (person_id <> '');

-- owner_ids tells apart whom a login named, before and after it has passed to somebody else.
CREATE OR REPLACE FUNCTION registration_fields_as_json(which uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'address', r.address, 'application_name', r.application_name,
        'application_type', r.application_type, 'note', r.note, 'state', r.state,
        'locations', (SELECT jsonb_agg(l.location ORDER BY l.location)
                      FROM registration_location l WHERE l.registration_id = r.id),
        'owners', (SELECT jsonb_agg(o.written ORDER BY o.kind DESC, o.login)
                   FROM registration_owner o WHERE o.registration_id = r.id),
        'owner_ids', (SELECT coalesce(jsonb_object_agg(o.login, o.person_id), '{}')
                      FROM registration_owner o
                      WHERE o.registration_id = r.id AND o.person_id IS NOT NULL),
        'sources', (SELECT jsonb_agg(s.kind || ' ' || coalesce(s.network::text, s.hostname,
                        encode(s.sha256, 'hex') || ' (' || array_to_string(s.names, ', ') || ')')
                        ORDER BY s.kind, s.network, s.hostname, s.sha256)
                    FROM source s WHERE s.registration_id = r.id))
    FROM registration r WHERE r.id = which
$$;

-- ---- browsers and sessions ---------------------------------------------------------------

-- A browser that has signed in as the login, told by a cookie; one browser may have several.
CREATE TABLE device (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_sha256 bytea NOT NULL CHECK (octet_length(token_sha256) = 32),
    login        text NOT NULL,
    person_id    text CHECK (person_id <> ''),
    network      cidr NOT NULL, -- where it signed in from the last time
    used_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (token_sha256, login)
);
CREATE INDEX device_login ON device (login);
CREATE INDEX device_person ON device (person_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON device TO appsmtp_portal;

ALTER TABLE session
    ADD COLUMN id         uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    ADD COLUMN person_id  text, -- NULL: the directory was not asked yet; '': it has none
    ADD COLUMN browser    text NOT NULL DEFAULT '' CHECK (char_length(browser) <= 100),
    ADD COLUMN device_id  uuid REFERENCES device ON DELETE SET NULL,
    -- The directory last said that the person is there; it was last asked, with or without answer.
    ADD COLUMN checked_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN asked_at   timestamptz NOT NULL DEFAULT now(),
    -- Ended from elsewhere. The row stays for some days: what its browser sends yet is still known
    -- to be this person's.
    ADD COLUMN ended_at   timestamptz;
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_device ON session (device_id);
GRANT UPDATE (login, name, person_id, checked_at, asked_at, ended_at) ON session TO appsmtp_portal;

-- Of an unknown browser the network counts: an IPv4 address, a /64 of IPv6.
DELETE FROM sign_in_failure;
ALTER TABLE sign_in_failure
    ADD COLUMN network   cidr NOT NULL,
    ADD COLUMN device_id uuid; -- of a browser that had signed in as the login before
DROP INDEX sign_in_failure_address;
CREATE INDEX sign_in_failure_network ON sign_in_failure (network, at);
CREATE INDEX sign_in_failure_at ON sign_in_failure (at);

-- ---- drafts and messages -----------------------------------------------------------------

-- A draft of somebody whose sign-in had ended is theirs; one of nobody is the browser's, until
-- somebody signs in there.
DELETE FROM draft;
ALTER TABLE draft
    ADD COLUMN login     text,
    ADD COLUMN person_id text CHECK (person_id <> ''),
    ADD COLUMN network   cidr NOT NULL;
DROP INDEX draft_address;
CREATE INDEX draft_network ON draft (network, made_at);
CREATE INDEX draft_login ON draft (login, made_at);
GRANT UPDATE (login, person_id) ON draft TO appsmtp_portal;

-- What the next page of that path is to say first: of the session, so that nobody else can be
-- in its way.
CREATE TABLE banner (
    session_id uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    path       text NOT NULL,
    texts      jsonb NOT NULL,
    PRIMARY KEY (session_id, path)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON banner TO appsmtp_portal;
