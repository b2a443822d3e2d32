-- Check-ins on time and needs met are counted by the database, as gifts without thanks are.

SET ROLE kith_owner;

ALTER TABLE indicator
    DROP CONSTRAINT indicator_computed_from_check,
    ADD CONSTRAINT indicator_computed_from_check
        CHECK (computed_from IN ('investment', 'gift', 'roll_call', 'check_in', 'need'));

RESET ROLE;

-- What was loaded until now is kept, and counts no more.
DO $$
BEGIN
    IF EXISTS (SELECT FROM district) THEN
        UPDATE indicator SET periods = '{month}', version = version + 1,
            computed_from = CASE code WHEN 'needs_met' THEN 'need' ELSE 'check_in' END
        WHERE supplied AND code IN ('check_ins_on_time', 'needs_met');
        INSERT INTO rollup_mark (district_id, school_year, is_whole)
        SELECT t.district_id, extract(year FROM t.due_on + interval '6 months')::integer, true FROM check_in t
        UNION
        SELECT n.district_id, extract(year FROM n.opened_at + interval '6 months')::integer, true
        FROM need n WHERE n.opened_at IS NOT NULL;
    END IF;
END
$$;
