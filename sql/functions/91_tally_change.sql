-- What a change of some sites touches, and what becomes of it: only those cells are made anew.

SET ROLE kith_owner;

--
-- A few rows among many, whatever is estimated: looks into indexes, each behind what leads to it (OFFSET 0
-- keeps the planner from turning them around when it knows nothing of a table yet). In PL/pgSQL, which keeps
-- its plans: to make them takes longer than to run them.

-- What lies above the changed rows of sites and is not the whole schools where one works: keys alone.
CREATE OR REPLACE FUNCTION tally_touched(p_changed tally[]) RETURNS tally[]
LANGUAGE plpgsql STABLE SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT ROW(c.district_id, c.indicator_id, c.school_year, v.scope_kind, v.scope_id, NULL,
                            c.cohort, c.period_kind, c.period_start, c.period_end, NULL, NULL, 0, false,
                            NULL, NULL, NULL, NULL, 0, 0)::tally
        FROM unnest(p_changed) AS c
        CROSS JOIN LATERAL (SELECT s.network_id FROM site s WHERE s.id = c.scope_id OFFSET 0) AS s
        CROSS JOIN LATERAL (
            SELECT 'district', c.district_id WHERE c.partnership_id IS NULL
            UNION ALL
            SELECT 'network', s.network_id WHERE c.partnership_id IS NULL AND s.network_id IS NOT NULL
            UNION ALL
            SELECT p.scope_kind, p.scope_id FROM partnership_scopes() AS p
            WHERE p.partnership_id = c.partnership_id) AS v (scope_kind, scope_id));
END
$$;

-- The same of the whole schools where one works.
CREATE OR REPLACE FUNCTION tally_crossed(p_crossing tally_crossing[]) RETURNS tally[]
LANGUAGE plpgsql STABLE SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT ROW(c.district_id, c.indicator_id, c.school_year, w.scope_kind, w.scope_id, NULL,
                            'schools_where_it_works', c.period_kind, c.period_start, c.period_end, NULL, NULL,
                            0, false, NULL, NULL, NULL, NULL, 0, 0)::tally
        FROM unnest(p_crossing) AS c
        CROSS JOIN LATERAL (
            SELECT w.* FROM tally_works_at() w
            WHERE w.site_id = c.site_id
              AND w.from_date <= c.period_end AND w.until_date >= c.period_start OFFSET 0) AS w);
END
$$;

-- Those cells as what is stored below them makes them: the same as tally_levels() says, for some. Of
-- indicators that are loaded, not computed. The district is made of its networks, and what partnerships count for of
-- these, so networks and partnerships come before.
CREATE OR REPLACE FUNCTION tally_above(p_indicator uuid, p_year integer, p_cells tally[])
RETURNS SETOF tally
LANGUAGE plpgsql STABLE SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    WITH cell AS MATERIALIZED (
        SELECT * FROM unnest(p_cells)
    ), part AS MATERIALIZED ( -- whose rows make the cell, and of which cohort
        SELECT c.scope_kind, c.scope_id, c.cohort, c.period_kind, c.period_start, c.period_end,
               m.kind AS of_kind, m.id AS of_id, c.cohort AS of_cohort
        FROM cell c
        CROSS JOIN LATERAL (
            SELECT 'network' AS kind, n.id FROM network n
            UNION ALL
            SELECT 'site', s.id FROM site s WHERE s.network_id IS NULL) AS m
        WHERE c.scope_kind = 'district'
        UNION ALL
        SELECT c.scope_kind, c.scope_id, c.cohort, c.period_kind, c.period_start, c.period_end, 'site', s.id, c.cohort
        FROM cell c CROSS JOIN LATERAL (SELECT s.id FROM site s WHERE s.network_id = c.scope_id) AS s
        WHERE c.scope_kind = 'network'
        UNION ALL
        SELECT c.scope_kind, c.scope_id, c.cohort, c.period_kind, c.period_start, c.period_end, 'partnership', p.id, c.cohort
        FROM cell c CROSS JOIN LATERAL scope_partnerships(c.scope_kind, c.scope_id) AS p
        WHERE c.scope_kind <> 'partnership' AND c.cohort <> 'schools_where_it_works'
        UNION ALL
        SELECT s.scope_kind, s.scope_id, 'schools_where_it_works', c.period_kind, c.period_start, c.period_end, 'site', l.site_id, 'all'
        FROM (SELECT c.scope_kind, c.scope_id, array_agg(c.period_kind) AS kinds, array_agg(c.period_start) AS starts,
                     array_agg(c.period_end) AS ends
              FROM cell c WHERE c.cohort = 'schools_where_it_works' GROUP BY c.scope_kind, c.scope_id) AS s
        CROSS JOIN LATERAL ( -- where it works is looked for once, not for each period
            SELECT array_agg(l.site_id) AS sites, array_agg(coalesce(l.from_date, '-infinity')) AS froms,
                   array_agg(coalesce(l.until_date, 'infinity')) AS untils
            FROM scope_partnerships(s.scope_kind, s.scope_id) AS p
            CROSS JOIN LATERAL (
                SELECT l.site_id, l.from_date, l.until_date FROM partnership_site l
                WHERE l.partnership_id = p.id AND l.archived_at IS NULL OFFSET 0) AS l OFFSET 0) AS w
        CROSS JOIN LATERAL unnest(s.kinds, s.starts, s.ends) AS c (period_kind, period_start, period_end)
        CROSS JOIN LATERAL ( -- a school counts once
            SELECT DISTINCT l.site_id FROM unnest(w.sites, w.froms, w.untils) AS l (site_id, from_date, until_date)
            WHERE l.from_date <= c.period_end AND l.until_date >= c.period_start) AS l
    ), found AS (
        SELECT m.scope_kind, m.scope_id, m.cohort, m.period_kind, m.period_start, m.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of, t.people, t.missing, t.weighted
        FROM part m
        CROSS JOIN LATERAL (
            SELECT t.* FROM tally t
            WHERE t.indicator_id = p_indicator AND t.school_year = p_year
              AND t.scope_kind = m.of_kind AND t.scope_id = m.of_id AND t.partnership_id IS NULL
              AND t.cohort = m.of_cohort AND t.period_kind = m.period_kind
              AND t.period_start = m.period_start AND t.period_end = m.period_end OFFSET 0) AS t
        UNION ALL
        SELECT c.scope_kind, c.scope_id, c.cohort, c.period_kind, c.period_start, c.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of, t.people, t.missing, t.weighted
        FROM cell c
        CROSS JOIN LATERAL (
            SELECT t.* FROM tally t
            WHERE t.indicator_id = p_indicator AND t.school_year = p_year
              AND t.partnership_id = c.scope_id AND t.scope_kind = 'site' AND t.cohort = c.cohort
              AND t.period_kind = c.period_kind AND t.period_start = c.period_start
              AND t.period_end = c.period_end OFFSET 0) AS t
        WHERE c.scope_kind = 'partnership' AND c.cohort <> 'schools_where_it_works'
    )
    SELECT current_setting('kith.district')::uuid, p_indicator, p_year, f.scope_kind, f.scope_id,
           NULL::uuid, f.cohort, f.period_kind, f.period_start, f.period_end, sum(f.numerator),
           sum(f.denominator), sum(f.n)::bigint, bool_or(f.is_made), min(f.observed_from), max(f.as_of),
           'cell', sum(f.people), sum(f.missing)::bigint, sum(f.weighted)::bigint
    FROM found f
    GROUP BY f.scope_kind, f.scope_id, f.cohort, f.period_kind, f.period_start, f.period_end;
END
$$;

-- Makes what is stored what it is to be, and gives what that changed, and what is gone. A row is as it is
-- to be when all but `hidden` is the same; a new one has p_hidden.
CREATE OR REPLACE FUNCTION tally_put(p_fresh tally[], p_stored tally[], p_hidden text) RETURNS tally[]
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    changed tally[];
    gone tally[];
BEGIN
    changed := ARRAY(
        SELECT ROW(e.district_id, e.indicator_id, e.school_year, e.scope_kind, e.scope_id, e.partnership_id, e.cohort,
                   e.period_kind, e.period_start, e.period_end, e.numerator, e.denominator, e.n, e.is_made,
                   e.observed_from, e.as_of, p_hidden, e.people, e.missing, e.weighted)::tally
        FROM (SELECT f.district_id, f.indicator_id, f.school_year, f.scope_kind, f.scope_id,
                     f.partnership_id, f.cohort, f.period_kind, f.period_start, f.period_end, f.numerator,
                     f.denominator, f.n, f.is_made, f.observed_from, f.as_of, f.people, f.missing, f.weighted FROM unnest(p_fresh) AS f
              EXCEPT
              SELECT o.district_id, o.indicator_id, o.school_year, o.scope_kind, o.scope_id,
                     o.partnership_id, o.cohort, o.period_kind, o.period_start, o.period_end, o.numerator,
                     o.denominator, o.n, o.is_made, o.observed_from, o.as_of, o.people, o.missing, o.weighted FROM unnest(p_stored) AS o)
            AS e);
    gone := ARRAY(
        SELECT ROW(e.*, NULL, NULL, 0, false, NULL, NULL, NULL, NULL, 0, 0)::tally
        FROM (SELECT o.district_id, o.indicator_id, o.school_year, o.scope_kind, o.scope_id,
                     o.partnership_id, o.cohort, o.period_kind, o.period_start, o.period_end
              FROM unnest(p_stored) AS o
              EXCEPT
              SELECT f.district_id, f.indicator_id, f.school_year, f.scope_kind, f.scope_id,
                     f.partnership_id, f.cohort, f.period_kind, f.period_start, f.period_end
              FROM unnest(p_fresh) AS f) AS e);
    DELETE FROM tally d WHERE d.ctid = ANY (ARRAY(
        SELECT t.ctid FROM unnest(gone) AS g
        CROSS JOIN LATERAL (
            SELECT t.ctid FROM tally t
            WHERE t.indicator_id = g.indicator_id AND t.school_year = g.school_year
              AND t.scope_kind = g.scope_kind AND t.scope_id = g.scope_id AND t.cohort = g.cohort
              AND t.partnership_id IS NOT DISTINCT FROM g.partnership_id
              AND t.period_kind = g.period_kind AND t.period_start = g.period_start
              AND t.period_end = g.period_end OFFSET 0) AS t));
    INSERT INTO tally AS t SELECT * FROM unnest(changed)
    ON CONFLICT ON CONSTRAINT tally_scope_key DO UPDATE
    SET numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        is_made = excluded.is_made, observed_from = excluded.observed_from, as_of = excluded.as_of,
        people = excluded.people, missing = excluded.missing, weighted = excluded.weighted;
    RETURN changed || gone;
END
$$;

-- Computes the rows of some series again.
CREATE OR REPLACE FUNCTION tally_put_series(
    p_indicator uuid, p_year integer, p_series rollup_mark[], p_hidden text) RETURNS tally[]
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    base tally[] := ARRAY(SELECT o FROM tally_observed_series(p_indicator, p_year, p_series) AS o);
BEGIN
    base := ARRAY(SELECT m FROM tally_months(base, p_indicator, p_year, NULL) AS m);
    RETURN tally_put(
        base || ARRAY(SELECT m FROM tally_made(p_indicator, p_year, base) AS m),
        ARRAY(SELECT t.stored FROM unnest(p_series) AS s
              CROSS JOIN LATERAL (
                  SELECT t AS stored FROM tally t
                  WHERE t.indicator_id = p_indicator AND t.school_year = p_year
                    AND t.scope_kind = 'site' AND t.scope_id = s.site_id
                    AND t.partnership_id IS NOT DISTINCT FROM s.partnership_id
                    AND t.cohort = s.cohort OFFSET 0) AS t), p_hidden);
END
$$;

-- And cells above them.
CREATE OR REPLACE FUNCTION tally_put_cells(
    p_indicator uuid, p_year integer, p_cells tally[], p_hidden text) RETURNS tally[]
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    IF cardinality(p_cells) = 0 THEN
        RETURN '{}';
    END IF;
    RETURN tally_put(
        ARRAY(SELECT f FROM tally_above(p_indicator, p_year, p_cells) AS f),
        ARRAY(SELECT t.stored FROM unnest(p_cells) AS c
              CROSS JOIN LATERAL (
                  SELECT t AS stored FROM tally t
                  WHERE t.indicator_id = p_indicator AND t.school_year = p_year
                    AND t.scope_kind = c.scope_kind AND t.scope_id = c.scope_id
                    AND t.partnership_id IS NULL AND t.cohort = c.cohort
                    AND t.period_kind = c.period_kind AND t.period_start = c.period_start
                    AND t.period_end = c.period_end OFFSET 0) AS t), p_hidden);
END
$$;

REVOKE EXECUTE ON FUNCTION tally_touched, tally_crossed, tally_above, tally_put, tally_put_series,
    tally_put_cells FROM PUBLIC;

RESET ROLE;
