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
