-- SPDX-License-Identifier: MIT
-- What operating a site asks for.

-- Every program may see which schema it works on, to say so where it is not its own.
-- appsmtp-admin init keeps schema_file itself, checksums among it.
GRANT SELECT ON schema_file TO appsmtp_export, appsmtp_notify;

-- A dump that was restored into another cluster brings ids of transactions along that this one has
-- not reached yet, and no export would ever be seen to have such a change. The first export
-- after it makes them changes of now, and the next one has them.
CREATE FUNCTION export_run_take_restored() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE registration SET changed_in = pg_current_xact_id()
        WHERE state <> 'retired' AND changed_in >= pg_snapshot_xmax(pg_current_snapshot());
    IF FOUND THEN -- judged here: when the transaction ends, the export's role may not
        SET CONSTRAINTS registration_is_whole IMMEDIATE;
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION export_run_take_restored() FROM PUBLIC;
CREATE TRIGGER export_run_take_restored AFTER INSERT ON export_run
    FOR EACH STATEMENT EXECUTE FUNCTION export_run_take_restored();
