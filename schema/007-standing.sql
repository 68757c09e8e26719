-- SPDX-License-Identifier: MIT
-- What a suspension leaves behind, and who may undo it.

-- The relay team may make a suspension of appsmtp-notify's its own. That changes no
-- state, and so the history alone does not tell.
CREATE OR REPLACE VIEW suspended_by_notify AS
    SELECT s.registration_id, s.cause
    FROM suspension s JOIN registration r ON r.id = s.registration_id
    WHERE r.state = 'suspended' AND NOT r.suspended_by_operator
      AND s.history_id = (SELECT max(h.id) FROM history h
                          WHERE h.registration_id = s.registration_id
                            AND h.before ->> 'state' IS DISTINCT FROM h.after ->> 'state');

-- Who brings a registration back has seen how it stands: what was found before that is
-- no second bad day, no grace and no reminder of anything that begins now. Whoever did it
-- may not write these tables, so the rule is the schema's.
CREATE FUNCTION registration_forget_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM ownership_check WHERE registration_id = NEW.id;
    DELETE FROM absent_owner WHERE registration_id = NEW.id;
    DELETE FROM reminder WHERE registration_id = NEW.id AND subject LIKE 'confirmation %';
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION registration_forget_findings() FROM PUBLIC;
CREATE TRIGGER registration_forget_findings AFTER UPDATE ON registration
    FOR EACH ROW WHEN (NEW.state = 'live' AND OLD.state <> 'live')
    EXECUTE FUNCTION registration_forget_findings();

-- An address that belongs to another account than the one that it was registered with.
ALTER TABLE ownership_check DROP CONSTRAINT ownership_check_fault_check,
    ADD CONSTRAINT ownership_check_fault_check
    CHECK (fault IN ('not-found', 'ambiguous', 'not-eligible', 'moved', 'nobody'));
GRANT UPDATE (account_id, account_label) ON registration TO appsmtp_notify;

-- Whether another certificate of the registration has taken the place of that one: of the
-- same key or with a name in common, valid already, and for longer.
CREATE FUNCTION source_is_replaced(old source, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM source n WHERE n.registration_id = old.registration_id
                   AND n.not_before <= at AND n.not_after > old.not_after
                   AND (n.spki_sha256 = old.spki_sha256 OR n.names && old.names))
$$;

-- What the history keeps, with what a confirmation, another account and the relay team's
-- hand on a suspension change.
ALTER FUNCTION registration_as_json(uuid) RENAME TO registration_fields_as_json;
CREATE FUNCTION registration_as_json(which uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT registration_fields_as_json(which) || jsonb_build_object(
        'account', r.account_label || ' (' || r.account_id || ')',
        'confirmed_at',
        to_char(r.confirmed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'suspended_by_operator', r.suspended_by_operator)
    FROM registration r WHERE r.id = which
$$;
