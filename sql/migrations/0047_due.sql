-- When reviews of partnerships fall due; and what the database counts itself: gifts without thanks, roll calls.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN review_lead_days integer NOT NULL DEFAULT 60,
    ADD CONSTRAINT district_review_lead_days_check CHECK (review_lead_days BETWEEN 0 AND 365);

ALTER TABLE indicator
    DROP CONSTRAINT indicator_computed_from_check,
    ADD CONSTRAINT indicator_computed_from_check CHECK (computed_from IN ('investment', 'gift', 'roll_call'));

RESET ROLE;

-- Districts that are there get the two indicators, and what there is to count.
DO $$
BEGIN
    IF EXISTS (SELECT FROM district) THEN
        INSERT INTO indicator (district_id, id, code, name, family, unit, direction, aggregation, periods, is_ytd,
                               suppression, computed_from, definition, supplied, created_at, updated_at)
        SELECT d.id, uuid7(), s.code, s.name, 'process', 'percent', s.direction, 'ratio_of_sums', s.periods::text[],
               s.code = 'roll_call_coverage', 'none', s.computed_from, s.definition, true, now(), now()
        FROM district d
        CROSS JOIN (VALUES
            ('unthanked_gifts', 'Un-thanked gifts', 'down', '{month}', 'gift',
             'Gifts that nobody has said thanks for, of those received.'),
            ('roll_call_coverage', 'Roll-call coverage', 'up', '{school_year}', 'roll_call',
             'Sites that have signed their roll call, of those that have one.'))
            AS s (code, name, direction, periods, computed_from, definition)
        ON CONFLICT ON CONSTRAINT indicator_code_key DO NOTHING;
        INSERT INTO rollup_mark (district_id, school_year, is_whole)
        SELECT g.district_id, extract(year FROM g.received_on + interval '6 months')::integer, true
        FROM gift g WHERE g.received_on IS NOT NULL
        UNION
        SELECT r.district_id, r.school_year::integer, true FROM roll_call r;
    END IF;
END
$$;
