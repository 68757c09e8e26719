-- SPDX-License-Identifier: MIT
-- The look at the directory counts hours: two dates may be ten minutes apart. What was noted
-- as a date before counts from the end of that day; the next look may come as before.
ALTER TABLE ownership_check
    ALTER checked_on TYPE timestamptz USING checked_on::timestamp AT TIME ZONE 'UTC',
    ALTER first_on TYPE timestamptz USING (first_on + 1)::timestamp AT TIME ZONE 'UTC';
ALTER TABLE ownership_check RENAME checked_on TO checked_at; -- of the last definite answer
ALTER TABLE ownership_check RENAME first_on TO first_at;     -- of the first that found the fault
ALTER TABLE absent_owner
    ALTER first_on TYPE timestamptz USING (first_on + 1)::timestamp AT TIME ZONE 'UTC';
ALTER TABLE absent_owner RENAME first_on TO first_at;
