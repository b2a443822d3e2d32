-- Of what the database counts itself, which table has changed.

SET ROLE kith_owner;

ALTER TABLE rollup_mark ADD COLUMN computed_from text; -- NULL: any

RESET ROLE;
