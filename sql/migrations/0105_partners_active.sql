-- Partners with an active partnership are counted by the database; what was loaded until now is kept, and counts no more.

SET ROLE kith_owner;

ALTER TABLE indicator
    DROP CONSTRAINT indicator_computed_from_check,
    ADD CONSTRAINT indicator_computed_from_check CHECK (
        computed_from IN ('investment', 'gift', 'roll_call', 'check_in', 'need', 'family_plan', 'partnership'));

RESET ROLE;

DO $$
BEGIN
    IF EXISTS (SELECT FROM district) THEN
        UPDATE indicator SET computed_from = 'partnership', periods = '{month}', version = version + 1
        WHERE supplied AND code = 'partners_active';
        INSERT INTO rollup_mark (district_id, school_year, is_whole, computed_from)
        SELECT DISTINCT t.district_id, NULL::integer, true, 'partnership' FROM partnership t
        UNION
        SELECT t.district_id, y, true, 'partnership'
        FROM partnership t
        CROSS JOIN LATERAL generate_series(
            extract(year FROM coalesce(t.starts_on, coalesce(t.activated_at, t.created_at)::date)
                              + interval '6 months')::integer,
            extract(year FROM now() + interval '6 months')::integer) AS y
        WHERE t.activated_at IS NOT NULL;
    END IF;
END
$$;
