-- Since when each of a district's reminder rules has been there. A rule that is not named has always been.

SET ROLE kith_owner;

ALTER TABLE district ADD COLUMN reminder_days_since jsonb NOT NULL DEFAULT '{}';

RESET ROLE;
