-- What the pages show of a district.

SET ROLE kith_owner;

-- Invented people and amounts, as of a demonstration: every page says so.
ALTER TABLE district ADD COLUMN is_synthetic boolean NOT NULL DEFAULT false;

RESET ROLE;
