-- All figures of a district, whatever is stored of them: made anew, or compared with what is stored.

SET ROLE kith_owner;

-- Each indicator's year of which there is anything: sums, what is shown of them, or what they are made of.
CREATE OR REPLACE FUNCTION rollup_keys() RETURNS TABLE (indicator_id uuid, school_year integer)
LANGUAGE sql STABLE SET enable_seqscan = off SET jit = off AS $$
    SELECT i.id AS indicator_id, y.school_year -- each is looked for, however many there are of it
    FROM indicator i
    CROSS JOIN LATERAL generate_series(
        least((SELECT min(o.school_year) FROM observation o), (SELECT min(t.school_year) FROM tally t), (SELECT min(r.school_year) FROM rollup r)),
        greatest((SELECT max(o.school_year) FROM observation o), (SELECT max(t.school_year) FROM tally t),
                 (SELECT max(r.school_year) FROM rollup r))) AS y (school_year)
    WHERE EXISTS (SELECT FROM observation o WHERE o.indicator_id = i.id AND o.school_year = y.school_year OFFSET 0)
       OR EXISTS (SELECT FROM tally t WHERE t.indicator_id = i.id AND t.school_year = y.school_year OFFSET 0)
       OR EXISTS (SELECT FROM rollup r WHERE r.indicator_id = i.id AND r.school_year = y.school_year OFFSET 0)
    UNION
    SELECT i.id, y FROM investment v
    JOIN indicator i ON i.computed_from IN ('investment', 'site_year')
    CROSS JOIN LATERAL generate_series(
        extract(year FROM v.from_date + interval '6 months')::integer,
        extract(year FROM v.until_date + interval '6 months')::integer) AS y
    UNION
    SELECT i.id, extract(year FROM g.received_on + interval '6 months')::integer FROM gift g
    JOIN indicator i ON i.computed_from = 'gift' WHERE g.received_on IS NOT NULL
    UNION
    SELECT i.id, r.school_year::integer FROM roll_call r JOIN indicator i ON i.computed_from = 'roll_call'
    UNION
    SELECT i.id, p.school_year::integer FROM family_plan p JOIN indicator i ON i.computed_from = 'family_plan'
    UNION
    SELECT i.id, extract(year FROM coalesce(
               t.starts_on, (coalesce(t.activated_at, t.created_at) AT TIME ZONE 'UTC')::date) + interval '6 months')::integer
    FROM partnership t JOIN indicator i ON i.computed_from IN ('partnership', 'site_year')
    WHERE t.status IN ('active', 'renewing', 'paused', 'ended')
    UNION
    SELECT i.id, extract(year FROM c.due_on + interval '6 months')::integer FROM check_in c
    JOIN indicator i ON i.computed_from = 'check_in'
    UNION
    SELECT i.id, extract(year FROM s.closes_on + interval '6 months')::integer FROM survey s
    JOIN indicator i ON i.computed_from IN ('survey_answer', 'survey') WHERE s.status = 'closed'
    UNION
    SELECT i.id, k.school_year -- where partners are counted, they are for each hundred students
    FROM (SELECT DISTINCT t.indicator_id, t.school_year FROM indicator o JOIN tally t ON t.indicator_id = o.id
          WHERE o.computed_from = 'partnership') AS k
    JOIN indicator i ON i.computed_from = 'site_year'
    UNION
    SELECT i.id, extract(year FROM p.activated_at + h * interval '14 hours' + interval '6 months')::integer
    FROM pledge o JOIN partnership p ON p.district_id = o.district_id AND p.id = o.partnership_id
    JOIN indicator i ON i.computed_from = 'pledge' CROSS JOIN generate_series(-1, 1) AS h
    WHERE p.activated_at IS NOT NULL
    UNION
    SELECT i.id, extract(year FROM (n.opened_at AT TIME ZONE d.zone)::date + interval '6 months')::integer
    FROM need n JOIN district d ON d.id = n.district_id
    JOIN indicator i ON i.computed_from = 'need' WHERE n.opened_at IS NOT NULL
$$;

-- The same of a district, for who has no context of it; in the order in which they are made again.
CREATE OR REPLACE FUNCTION rollup_keys_of(p_district uuid)
RETURNS TABLE (indicator_id uuid, code text, school_year integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('kith.district', p_district::text, true);
    RETURN QUERY
    SELECT k.indicator_id, i.code, k.school_year
    FROM rollup_keys() AS k JOIN indicator i ON i.id = k.indicator_id ORDER BY i.code, k.school_year;
END
$$;

-- Makes an indicator's year anew, whatever is stored of it; true when that was not what it is to be. It waits for who
-- is at work on it, and the marks there are go first: what is written meanwhile stays for the next time.
CREATE OR REPLACE FUNCTION rollup_rebuild(p_district uuid, p_indicator uuid, p_year integer, p_now timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    rows_before bigint;
    rows_after bigint;
    written bigint;
BEGIN
    PERFORM rollup_context(p_district, p_now);
    PERFORM pg_advisory_xact_lock(tally_key(p_district, p_indicator, p_year));
    PERFORM pg_advisory_xact_lock_shared(tally_key(p_district, NULL, NULL));
    DELETE FROM release_step s -- its release proves it again
    WHERE s.district_id = p_district AND s.indicator_id = p_indicator AND s.school_year = p_year;
    DELETE FROM rollup_mark m
    WHERE m.district_id = p_district AND m.indicator_id = p_indicator AND m.school_year = p_year;
    rows_before := (SELECT count(*) FROM tally t WHERE t.indicator_id = p_indicator AND t.school_year = p_year);
    PERFORM tally_store(p_indicator, p_year, false, NULL);
    PERFORM tally_store(p_indicator, p_year, true, NULL);
    SELECT count(*), count(*) FILTER (WHERE t.xmin = pg_current_xact_id()::xid) INTO rows_after, written
    FROM tally t WHERE t.indicator_id = p_indicator AND t.school_year = p_year;
    DELETE FROM tally_crossing c WHERE c.indicator_id = p_indicator AND c.school_year = p_year;
    IF (SELECT i.suppression <> 'student' FROM indicator i WHERE i.id = p_indicator) THEN
        PERFORM rollup_publish(p_indicator, p_year, NULL);
        SELECT written + count(*) INTO written FROM rollup r
        WHERE r.indicator_id = p_indicator AND r.school_year = p_year AND r.xmin = pg_current_xact_id()::xid;
    ELSIF written > 0 OR rows_before <> rows_after THEN
        PERFORM release_want(p_district, p_year, p_now);
    END IF;
    RETURN written > 0 OR rows_before <> rows_after;
END
$$;

-- What is stored and is not what a computation from the observations gives; nothing once the marks are
-- worked off. Rollups of student indicators are of their release, and not looked at.
DROP FUNCTION IF EXISTS rollup_check(uuid);
CREATE OR REPLACE FUNCTION rollup_check(p_district uuid, p_now timestamptz DEFAULT clock_timestamp())
RETURNS TABLE (what text, indicator_id uuid, school_year integer, scope_kind text, scope_id uuid,
               cohort text, period_kind text, period_start date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    checked record;
BEGIN
    PERFORM set_config('kith.district', p_district::text, true), set_config('kith.now', rfc3339(p_now), true);
    FOR checked IN
        SELECT * FROM rollup_keys()
    LOOP
        RETURN QUERY
        WITH stored AS (
            SELECT t.scope_kind, t.scope_id, t.partnership_id, t.cohort, t.period_kind, t.period_start,
                   t.period_end, t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of, t.people,
                   t.missing, t.weighted
            FROM tally t
            WHERE t.indicator_id = checked.indicator_id AND t.school_year = checked.school_year
        ), fresh AS (
            SELECT f.scope_kind, f.scope_id, f.partnership_id, f.cohort, f.period_kind, f.period_start,
                   f.period_end, f.numerator, f.denominator, f.n, f.is_made, f.observed_from, f.as_of, f.people,
                   f.missing, f.weighted
            FROM (SELECT * FROM tally_sites(checked.indicator_id, checked.school_year, NULL)
                  UNION ALL
                  SELECT * FROM tally_levels(checked.indicator_id, checked.school_year)) AS f
        ), differing AS (
            (SELECT * FROM stored EXCEPT SELECT * FROM fresh)
            UNION
            (SELECT * FROM fresh EXCEPT SELECT * FROM stored))
        SELECT 'tally', checked.indicator_id, checked.school_year, d.scope_kind, d.scope_id, d.cohort,
               d.period_kind, d.period_start FROM differing d;
        CONTINUE WHEN (SELECT i.suppression = 'student' FROM indicator i WHERE i.id = checked.indicator_id);
        RETURN QUERY
        WITH stored AS (
            SELECT r.scope_kind, r.scope_id, r.cohort, r.period_kind, r.period_start, r.period_end,
                   r.value, r.value_low, r.value_high, r.numerator, r.denominator, r.n, r.is_suppressed, r.is_made,
                   r.missing, r.weighted, r.is_summed
            FROM rollup r
            WHERE r.indicator_id = checked.indicator_id AND r.school_year = checked.school_year
        ), fresh AS (
            SELECT f.scope_kind, f.scope_id, f.cohort, f.period_kind, f.period_start, f.period_end,
                   f.value, f.value_low, f.value_high, f.numerator, f.denominator, f.n, f.is_suppressed, f.is_made,
                   f.missing, f.weighted, f.is_summed
            FROM rollup_shown(checked.indicator_id, checked.school_year) f
        ), differing AS (
            (SELECT * FROM stored EXCEPT SELECT * FROM fresh)
            UNION
            (SELECT * FROM fresh EXCEPT SELECT * FROM stored))
        SELECT 'rollup', checked.indicator_id, checked.school_year, d.scope_kind, d.scope_id, d.cohort,
               d.period_kind, d.period_start FROM differing d;
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION rollup_keys, rollup_keys_of, rollup_rebuild, rollup_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rollup_check TO kith_kpi, kith_migrate;
GRANT EXECUTE ON FUNCTION rollup_keys_of, rollup_rebuild TO kith_migrate;

RESET ROLE;
