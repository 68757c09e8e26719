-- SPDX-License-Identifier: MIT
-- What the relay team looks after: one row a registration, a column a list.

-- "unused" needs a relay that has told uses for a year: without one nobody knows.
CREATE VIEW registration_watch AS
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
                               AND u.last_at > now() - interval '1 year')) AS unused
    FROM registration r;

CREATE INDEX export_run_finished ON export_run (finished_at);

GRANT SELECT ON registration_watch TO appsmtp_portal;
