-- A partnership's own reminder rules, in the place of its district's, and since when each has been there for it.

SET ROLE kith_owner;

ALTER TABLE partnership
    ADD COLUMN reminder_days integer[] NOT NULL DEFAULT '{}', -- none: the district's
    ADD COLUMN reminder_days_since jsonb NOT NULL DEFAULT '{}',
    ADD CONSTRAINT partnership_reminder_days_check
        CHECK (cardinality(reminder_days) <= 10 AND -90 <= ALL (reminder_days) AND 90 >= ALL (reminder_days));

RESET ROLE;
