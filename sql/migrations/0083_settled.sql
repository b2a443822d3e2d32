-- When the district's health is a problem is its own to say; and why what was adopted says something else now.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN health_late_minutes integer NOT NULL DEFAULT 60,
    ADD COLUMN health_failed_mails integer NOT NULL DEFAULT 0, -- of a week; more is a problem
    ADD COLUMN health_data_days integer, -- NULL: figures may be of any age
    ADD CONSTRAINT district_health_late_minutes_check CHECK (health_late_minutes BETWEEN 5 AND 10080),
    ADD CONSTRAINT district_health_failed_mails_check CHECK (health_failed_mails BETWEEN 0 AND 100000),
    ADD CONSTRAINT district_health_data_days_check CHECK (health_data_days BETWEEN 1 AND 1000);

ALTER TABLE priority
    ADD COLUMN revised_on date,
    ADD COLUMN revised_by uuid,
    ADD COLUMN revision_reason text,
    ADD CONSTRAINT priority_revised_by_fkey FOREIGN KEY (district_id, revised_by)
        REFERENCES app_user (district_id, id),
    ADD CONSTRAINT priority_revision_reason_check CHECK (char_length(revision_reason) <= 10000);

RESET ROLE;

-- The part that partnerships have in family engagement is counted by the database; what was loaded until now is kept,
-- and counts no more.
SET ROLE kith_owner;

ALTER TABLE indicator
    DROP CONSTRAINT indicator_computed_from_check,
    ADD CONSTRAINT indicator_computed_from_check
        CHECK (computed_from IN ('investment', 'gift', 'roll_call', 'check_in', 'need', 'family_plan'));

RESET ROLE;

DO $$
BEGIN
    IF EXISTS (SELECT FROM district) THEN
        UPDATE indicator SET computed_from = 'family_plan', periods = '{school_year}', is_ytd = true,
            version = version + 1
        WHERE supplied AND code = 'family_integration';
        INSERT INTO rollup_mark (district_id, school_year, is_whole)
        SELECT DISTINCT f.district_id, f.school_year::integer, true FROM family_plan f;
    END IF;
END
$$;
