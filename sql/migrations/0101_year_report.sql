-- What a school year came to, table by table, as it was when it closed.

SET ROLE kith_owner;

ALTER TABLE school_year ADD COLUMN report jsonb;

RESET ROLE;
