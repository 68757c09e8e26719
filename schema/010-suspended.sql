-- SPDX-License-Identifier: MIT
-- How many registrations an export leaves out because they are suspended: all that it
-- learns of them.

CREATE FUNCTION suspended_registrations() RETURNS bigint LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM registration WHERE state = 'suspended'
$$;
REVOKE EXECUTE ON FUNCTION suspended_registrations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION suspended_registrations() TO appsmtp_export;
