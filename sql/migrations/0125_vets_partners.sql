-- A partner that nobody has vetted begins no partnership, unless the district wants it so.

SET ROLE kith_owner;

ALTER TABLE district ADD COLUMN vets_partners boolean NOT NULL DEFAULT true;

RESET ROLE;
