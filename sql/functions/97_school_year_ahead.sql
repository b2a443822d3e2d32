-- The school year ahead, which has to be open, with its quarters and closed days, before the one that runs is over: else
-- check-ins, convenings and roll calls end with it.

SET ROLE kith_owner;

-- What the year lacks that is ahead within sixty days, or has begun: school_year (it is not open), quarters, closed_days.
-- No row: nothing, or no year comes before it, so that setup_steps() says what there is to do. It is due on the last day
-- of the year before.
CREATE OR REPLACE FUNCTION school_year_ahead(p_day date)
RETURNS TABLE (school_year bigint, due_on date, lacks text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    notice constant integer := 60;
    district uuid := current_setting('kith.district')::uuid;
    span record;
BEGIN
    school_year := school_year_of(p_day + notice);
    span := school_year_span(school_year);
    due_on := (school_year_span(school_year - 1)).ends_on;
    lacks := array_remove(ARRAY[
        CASE WHEN NOT EXISTS (
            SELECT FROM school_year y
            WHERE y.district_id = district AND y.school_year = school_year_ahead.school_year
              AND y.status <> 'planned' AND y.archived_at IS NULL) THEN 'school_year' END,
        CASE WHEN (
            SELECT count(*) FROM reporting_quarter q
            WHERE q.district_id = district AND q.school_year = school_year_ahead.school_year
              AND q.archived_at IS NULL) < 4 THEN 'quarters' END,
        CASE WHEN NOT EXISTS (
            SELECT FROM closed_day c
            WHERE c.district_id = district AND c.site_id IS NULL AND NOT c.is_open
              AND c.starts_on BETWEEN span.starts_on AND span.ends_on AND c.archived_at IS NULL) THEN 'closed_days' END],
        NULL);
    IF lacks <> '{}' AND EXISTS (
        SELECT FROM school_year y
        WHERE y.district_id = district AND y.school_year < school_year_ahead.school_year
          AND y.status <> 'planned' AND y.archived_at IS NULL
        UNION ALL
        SELECT FROM reporting_quarter q
        WHERE q.district_id = district AND q.school_year < school_year_ahead.school_year AND q.archived_at IS NULL)
    THEN
        RETURN NEXT;
    END IF;
END
$$;

-- Of whoever runs the program or the district: about the year itself where it is entered, else the last one that is.
CREATE OR REPLACE FUNCTION my_school_year(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT y.id, format('%s–%s', a.school_year - 1, to_char(a.school_year % 100, 'FM00')), a.due_on, NULL::uuid
    FROM school_year_ahead(p_day) a
    CROSS JOIN LATERAL (
        SELECT o.id FROM school_year o
        WHERE o.district_id = current_setting('kith.district')::uuid AND o.archived_at IS NULL
          AND o.school_year <= a.school_year
        ORDER BY o.school_year DESC LIMIT 1) y
    WHERE user_has_role(p_user, '{admin,director}', p_day);
END;

REVOKE EXECUTE ON FUNCTION school_year_ahead, my_school_year FROM PUBLIC;
GRANT EXECUTE ON FUNCTION school_year_ahead, my_school_year TO kith_api;

RESET ROLE;
