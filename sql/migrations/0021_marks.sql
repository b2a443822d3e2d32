-- A mark of an observation says of which series of the site it is, so that only that is computed again.

SET ROLE kith_owner;

ALTER TABLE rollup_mark ADD COLUMN partnership_id uuid, ADD COLUMN cohort text;
UPDATE rollup_mark SET is_whole = true, site_id = NULL WHERE site_id IS NOT NULL;
ALTER TABLE rollup_mark ADD CONSTRAINT rollup_mark_cohort_check CHECK ((site_id IS NULL) = (cohort IS NULL));

DROP FUNCTION IF EXISTS tally_put_sites(uuid, integer, uuid[], text);
DROP FUNCTION IF EXISTS rollup_some(uuid, integer, uuid[], boolean);

RESET ROLE;
