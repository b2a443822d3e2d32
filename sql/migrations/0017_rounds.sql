-- What the programs that act by the clock keep beside what they decide, and what they read for it.

SET ROLE kith_owner;

-- Due then by the plan: as long as it is due_on, nobody has moved it.
ALTER TABLE check_in ADD COLUMN planned_on date;

-- Who opened it by hand; NULL: it opened on its day.
ALTER TABLE survey ADD COLUMN opened_by uuid,
    ADD CONSTRAINT survey_opened_by_fkey FOREIGN KEY (district_id, opened_by)
        REFERENCES app_user (district_id, id);

-- On which days its mails go.
GRANT SELECT ON closed_day, blackout TO kith_survey;

-- Replaced by one that takes what is due as one row.
DROP FUNCTION IF EXISTS
    reminder_decide(check_in, record, record, date, text, timestamptz, timestamptz, text);

RESET ROLE;
