-- How much of what surveys asked was answered is a figure.

SET ROLE kith_owner;

ALTER TABLE indicator
    DROP CONSTRAINT indicator_computed_from_check,
    ADD CONSTRAINT indicator_computed_from_check CHECK (computed_from IN (
        'investment', 'gift', 'roll_call', 'check_in', 'need', 'family_plan', 'partnership', 'survey_answer'));

RESET ROLE;

DO $$
BEGIN
    IF EXISTS (SELECT FROM district) THEN
        INSERT INTO indicator (district_id, id, code, name, family, unit, direction, aggregation, periods, is_ytd, suppression,
                               computed_from, definition, supplied, created_at, updated_at)
        SELECT d.id, uuid7(), 'survey_response', 'Survey response', 'process', 'percent', 'up', 'ratio_of_sums', '{month}', false,
               'none', 'survey_answer', 'What was answered of what people were asked by surveys that closed.', true, now(), now()
        FROM district d
        ON CONFLICT ON CONSTRAINT indicator_code_key DO NOTHING;
        INSERT INTO rollup_mark (district_id, school_year, is_whole, computed_from)
        SELECT DISTINCT s.district_id, extract(year FROM s.closes_on + interval '6 months')::integer, true, 'survey_answer'
        FROM survey s WHERE s.status = 'closed';
    END IF;
END
$$;
