-- When a funder was told what came of a period.

SET ROLE kith_owner;

ALTER TABLE funding_period ADD COLUMN reported_on date;

RESET ROLE;
