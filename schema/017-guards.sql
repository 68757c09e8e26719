-- SPDX-License-Identifier: MIT
-- Nobody stops the portal, and nobody forges its history.

-- Whose names are looked up at this moment: DNS may be silent, and a worker waits for it.
-- who: "login NAME", or "strangers" for all who are not signed in. A turn whose worker
-- died is over by itself.
CREATE TABLE lookup_turn (
    who   text NOT NULL,
    place integer NOT NULL CHECK (place > 0),
    until timestamptz NOT NULL,
    PRIMARY KEY (who, place)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON lookup_turn TO appsmtp_portal;
