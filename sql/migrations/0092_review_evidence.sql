-- Evidence of a review says of which day it is.

SET ROLE kith_owner;

ALTER TABLE partnership_review ADD COLUMN evidence_as_of date;

RESET ROLE;

UPDATE partnership_review SET evidence_as_of = coalesce(decided_at, updated_at)::date WHERE evidence IS NOT NULL;
