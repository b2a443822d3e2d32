-- A figure belongs to an indicator, whose key has the district in it: the district was looked up for each cell for nothing.

SET ROLE kith_owner;

ALTER TABLE tally DROP CONSTRAINT tally_district_id_fkey;
ALTER TABLE rollup DROP CONSTRAINT rollup_district_id_fkey;

RESET ROLE;
