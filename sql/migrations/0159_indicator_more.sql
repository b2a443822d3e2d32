-- More indicators that the database counts itself; and one of which neither way is the better.

SET ROLE kith_owner;

ALTER TABLE indicator
    DROP CONSTRAINT indicator_computed_from_check,
    ADD CONSTRAINT indicator_computed_from_check CHECK (computed_from IN (
        'investment', 'gift', 'roll_call', 'check_in', 'need', 'family_plan', 'partnership', 'survey_answer', 'pledge',
        'site_year', 'survey')),
    DROP CONSTRAINT indicator_direction_check,
    ADD CONSTRAINT indicator_direction_check CHECK (direction IN ('up', 'down', 'none'));

RESET ROLE;
