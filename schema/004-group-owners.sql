-- SPDX-License-Identifier: MIT
-- Groups of the directory as owners: all members of such a group are owners.

ALTER TABLE registration_owner
    -- What the login is of. It is kept, so that the name of a group that is gone makes
    -- nobody an owner who gets it as a login later, nor the other way round.
    ADD COLUMN kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'group')),
    -- The owner as the history, notice.recipient and absent_owner.login have it; no login
    -- holds a blank.
    ADD COLUMN written text NOT NULL GENERATED ALWAYS AS (
                   CASE kind WHEN 'group' THEN 'group ' || login ELSE login END) STORED;

-- Whether any group owns anything is asked with each list.
CREATE INDEX registration_owner_group ON registration_owner (login) WHERE kind = 'group';

CREATE OR REPLACE FUNCTION registration_as_json(which uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'address', r.address, 'application_name', r.application_name,
        'application_type', r.application_type, 'note', r.note, 'state', r.state,
        'locations', (SELECT jsonb_agg(l.location ORDER BY l.location)
                      FROM registration_location l WHERE l.registration_id = r.id),
        'owners', (SELECT jsonb_agg(o.written ORDER BY o.kind DESC, o.login)
                   FROM registration_owner o WHERE o.registration_id = r.id),
        'sources', (SELECT jsonb_agg(s.kind || ' ' || coalesce(s.network::text, s.hostname,
                        encode(s.sha256, 'hex') || ' (' || array_to_string(s.names, ', ') || ')')
                        ORDER BY s.kind, s.network, s.hostname, s.sha256)
                    FROM source s WHERE s.registration_id = r.id))
    FROM registration r WHERE r.id = which
$$;
