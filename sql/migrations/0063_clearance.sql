-- Until when the clearance of a post was attested.

SET ROLE kith_owner;

ALTER TABLE placement ADD COLUMN clearance_until date;
CREATE INDEX placement_clearance_attested_on ON placement (district_id, clearance_attested_on, created_at, id);
CREATE INDEX placement_clearance_until ON placement (district_id, clearance_until, created_at, id);

RESET ROLE;
