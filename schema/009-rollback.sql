-- SPDX-License-Identifier: MIT
-- A relay that was rolled back obeys an older view again, and its row says so.

ALTER TABLE export_run DROP CONSTRAINT export_run_outcome_check,
    ADD CONSTRAINT export_run_outcome_check
    CHECK (outcome IN ('published', 'unchanged', 'rolled-back'));
CREATE INDEX export_run_rolled_back ON export_run (relay, id) WHERE outcome = 'rolled-back';

-- When every relay that reported within a day had the registration as it is now, and has it
-- still; NULL while one of them has not, or none reports.
CREATE OR REPLACE FUNCTION on_relay_since(changed_at timestamptz, changed_in xid8)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    WITH RECURSIVE known AS ( -- each relay once, by one look into the index for each
        (SELECT relay FROM export_run ORDER BY relay LIMIT 1)
        UNION ALL
        SELECT (SELECT e.relay FROM export_run e WHERE e.relay > k.relay ORDER BY e.relay LIMIT 1)
        FROM known k WHERE k.relay IS NOT NULL
    ), latest AS (
        SELECT l.* FROM known k, LATERAL (
            SELECT e.relay, e.finished_at, e.snapshot FROM export_run e
            WHERE e.relay = k.relay ORDER BY e.finished_at DESC LIMIT 1) l
    )
    SELECT CASE WHEN bool_and(since IS NOT NULL) THEN max(since) END
    FROM (SELECT CASE WHEN pg_visible_in_snapshot(changed_in, l.snapshot) THEN
                 (SELECT e.finished_at FROM export_run e
                  WHERE e.relay = l.relay AND e.finished_at >= changed_at
                    AND pg_visible_in_snapshot(changed_in, e.snapshot)
                    AND e.id > coalesce((SELECT max(b.id) FROM export_run b
                                         WHERE b.relay = l.relay AND b.outcome = 'rolled-back'
                                           AND NOT pg_visible_in_snapshot(changed_in, b.snapshot)), 0)
                  ORDER BY e.finished_at LIMIT 1) END AS since
          FROM latest l WHERE l.finished_at > now() - interval '1 day') s
$$;
