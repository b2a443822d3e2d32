-- What kith-kpi proves a release with: the counts that sums are made of, as they were in all releases that are kept, the
-- sums of them that were shown, and those that are about to be. The proof is of services/kpi/proof.c.
--
-- A count is of a site, a cohort and the shortest period that there is. It is another one when it changes, and the same
-- where it does not: who keeps all releases is taken to know which did. When its numerator changes alone, the same count has
-- another one: rows of release_count that have the same first of them (`same`).

SET ROLE kith_owner;

-- What of a tally is summed and shown beside its rate, or as its value.
CREATE OR REPLACE FUNCTION tally_count(t tally, p_aggregation text) RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_aggregation = 'sum' THEN t.numerator ELSE coalesce(t.denominator, t.numerator, 0) END;

-- Those of a count whom its rate counts: published beside each sum, as its rate. A mean has none, which the count bounds.
CREATE OR REPLACE FUNCTION tally_numerator(t tally, p_aggregation text) RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_aggregation = 'ratio_of_sums' THEN least(t.numerator, t.denominator) END;

-- From where to where a count of few may not be told; of days and months together, each of these. NULL: they are not few.
CREATE OR REPLACE FUNCTION release_secret(
    p_count numeric, p_people numeric, p_least integer, OUT low numeric, OUT high numeric)
LANGUAGE sql IMMUTABLE AS $$
    SELECT k.times, k.times * (p_least - 1)
    FROM (SELECT CASE WHEN p_people > 0 THEN greatest(ceil(p_count / p_people), 1) ELSE 1 END AS times) AS k
    WHERE p_people < p_least
$$;

-- How many people a bound of rollup_of() tells, and how far their rate is from 0 or 1 at most.
DROP FUNCTION IF EXISTS release_bound(numeric);
CREATE OR REPLACE FUNCTION release_bound(p_people numeric, OUT low numeric, OUT high numeric, OUT distance numeric)
LANGUAGE sql IMMUTABLE AS $$
    SELECT b.low, b.high, b.distance
    FROM (VALUES (10, 19, 0.1), (20, 49, 0.05), (50, 99, 0.02), (100, NULL, 0.01)) AS b (low, high, distance)
    WHERE trunc(p_people) BETWEEN b.low AND coalesce(b.high, trunc(p_people))
$$;

-- The counts as they are now, and what of them may not be told; those that make a school together are no more than it has.
-- few: what of such a count is a secret, whatever its school has.
-- Whoever is served has a rest in the school that the state publishes: where nobody has counted that, it is made here.
-- p_is_split, p_partnerships: of a block (93_release_block.sql); NULL: of all.
DROP FUNCTION IF EXISTS release_counts_now(uuid, integer);
CREATE OR REPLACE FUNCTION release_counts_now(
    p_indicator uuid, p_year integer, p_is_split boolean DEFAULT NULL, p_partnerships uuid[] DEFAULT NULL)
RETURNS TABLE (site_id uuid, partnership_id uuid, cohort text, period_kind text, period_start date, period_end date,
               count numeric, numerator numeric, is_rest boolean, is_shown boolean, low numeric, high numeric, few numeric,
               bound_low numeric, bound_high numeric, rate_low numeric, rate_high numeric)
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH leaf AS MATERIALIZED (
        SELECT t.scope_id, t.partnership_id, t.cohort, t.period_kind, t.period_start, t.period_end,
               tally_count(t, i.aggregation) AS count, tally_numerator(t, i.aggregation) AS numerator,
               coalesce(t.people, 0) AS people, t.hidden, is_near_none(t) AS is_near_none
        FROM tally t JOIN indicator i ON i.district_id = t.district_id AND i.id = t.indicator_id
        WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.scope_kind = 'site' AND t.n > 0
          AND NOT (t.is_made AND t.period_kind IN ('quarter', 'school_year'))
          AND (t.cohort = 'all' OR is_of_block(t.cohort, t.partnership_id, p_is_split, p_partnerships))
    ), every AS (
        SELECT l.*, false AS is_rest FROM leaf l
        UNION ALL
        SELECT s.scope_id, s.partnership_id, 'not_served', s.period_kind, s.period_start, s.period_end,
               greatest(a.count - s.count, 0), least(greatest(a.numerator - s.numerator, 0), greatest(a.count - s.count, 0)),
               greatest(a.people - s.people, 0), s.hidden, false, true
        FROM leaf s
        JOIN leaf a ON a.scope_id = s.scope_id AND a.cohort = 'all' AND a.period_kind = s.period_kind
            AND a.period_start = s.period_start AND a.period_end = s.period_end
        LEFT JOIN leaf n ON n.scope_id = s.scope_id AND n.cohort = 'not_served' AND n.period_kind = s.period_kind
            AND n.period_start = s.period_start AND n.period_end = s.period_end
            AND n.partnership_id IS NOT DISTINCT FROM s.partnership_id
        WHERE s.cohort = 'served' AND n.scope_id IS NULL
    ), whole AS (
        SELECT e.*, CASE WHEN e.cohort <> 'all' THEN
                   sum(e.count) OVER (PARTITION BY e.scope_id, e.partnership_id, e.cohort <> 'all', e.period_kind,
                                                   e.period_start, e.period_end) END AS together
        FROM every e WHERE is_of_block(e.cohort, e.partnership_id, p_is_split, p_partnerships))
    SELECT w.scope_id, w.partnership_id, w.cohort, w.period_kind, w.period_start, w.period_end, w.count, w.numerator,
           w.is_rest, w.hidden IS NULL AND w.partnership_id IS NULL, CASE WHEN s.low IS NOT NULL THEN least(s.low, w.together) END,
           CASE WHEN s.high IS NOT NULL THEN least(s.high, w.together) END, s.high,
           b.low * w.count / w.people, b.high * w.count / w.people,
           CASE WHEN b.distance IS NULL THEN NULL WHEN w.is_near_none THEN 0 ELSE 1 - b.distance END,
           CASE WHEN b.distance IS NULL THEN NULL WHEN w.is_near_none THEN b.distance ELSE 1 END
    FROM whole w
    JOIN district d ON d.id = current_setting('kith.district')::uuid
    LEFT JOIN LATERAL release_secret(w.count, w.people, d.small_cell) s ON true
    LEFT JOIN LATERAL (
        SELECT r.* FROM release_bound(w.people) r
        WHERE w.hidden = 'edge' AND w.cohort = 'all') AS b ON true;
END
$$;

-- Makes the counts that are kept those of now: what has changed, or is gone, is current no more. Of the same count with
-- another numerator it is known what was known of it.
CREATE OR REPLACE FUNCTION release_counts_refresh(p_indicator uuid, p_year integer) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$
DECLARE
    fresh release_count[]; -- with what is known of them now
    gone bigint[];
BEGIN
    fresh := ARRAY(
        SELECT ROW(current_setting('kith.district')::uuid, 0, p_indicator, p_year, n.site_id, n.partnership_id, n.cohort,
                   n.period_kind, n.period_start, n.period_end, n.count, n.is_rest, true, false, false, NULL, NULL, NULL,
                   NULL, n.numerator, NULL, NULL, NULL)::release_count
        FROM release_counts_now(p_indicator, p_year) n);
    -- Of those that were kept before numerators were.
    UPDATE release_count c SET numerator = n.numerator
    FROM unnest(fresh) AS n
    WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND c.is_current AND c.numerator IS NULL
      AND n.numerator IS NOT NULL AND n.site_id = c.site_id AND n.cohort = c.cohort AND n.period_kind = c.period_kind
      AND n.period_start = c.period_start AND n.period_end = c.period_end
      AND n.partnership_id IS NOT DISTINCT FROM c.partnership_id AND n.count = c.count AND n.is_rest = c.is_rest;
    WITH ended AS (
        UPDATE release_count c SET is_current = false
        WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND c.is_current
          AND NOT EXISTS (
              SELECT FROM unnest(fresh) AS n
              WHERE n.site_id = c.site_id AND n.cohort = c.cohort AND n.period_kind = c.period_kind
                AND n.period_start = c.period_start AND n.period_end = c.period_end
                AND n.partnership_id IS NOT DISTINCT FROM c.partnership_id
                AND n.count = c.count AND n.is_rest = c.is_rest AND n.numerator IS NOT DISTINCT FROM c.numerator)
        RETURNING c.id)
    SELECT array_agg(e.id) INTO gone FROM ended e;
    INSERT INTO release_count (district_id, indicator_id, school_year, site_id, partnership_id, cohort, period_kind,
                               period_start, period_end, count, numerator, is_rest, was_hidden, same, bound_low, bound_high)
    SELECT n.district_id, p_indicator, p_year, n.site_id, n.partnership_id, n.cohort, n.period_kind, n.period_start,
           n.period_end, n.count, n.numerator, n.is_rest, coalesce(bool_or(c.was_hidden), false),
           min(coalesce(c.same, c.id)) FILTER (WHERE s.is_same),
           min(CASE WHEN c.is_known THEN c.count ELSE c.bound_low END) FILTER (WHERE s.is_same),
           min(CASE WHEN c.is_known THEN c.count ELSE c.bound_high END) FILTER (WHERE s.is_same)
    FROM unnest(fresh) AS n
    LEFT JOIN release_count c ON c.indicator_id = p_indicator AND c.school_year = p_year AND c.site_id = n.site_id
        AND c.cohort = n.cohort AND c.period_kind = n.period_kind AND c.period_start = n.period_start
        AND c.period_end = n.period_end AND c.partnership_id IS NOT DISTINCT FROM n.partnership_id
    CROSS JOIN LATERAL (SELECT c.id = ANY (gone) AND c.count = n.count AND c.is_rest = n.is_rest AS is_same) AS s
    GROUP BY n.district_id, n.site_id, n.partnership_id, n.cohort, n.period_kind, n.period_start, n.period_end, n.count,
             n.numerator, n.is_rest
    HAVING NOT coalesce(bool_or(c.is_current), false);
END
$$;

-- The counts that were not shown as they are, for the proof. mate: the same for those that make a school together; same: for
-- those that are one count, with one numerator after the other.
DROP FUNCTION IF EXISTS release_unknown(uuid, integer);
CREATE OR REPLACE FUNCTION release_unknown(p_indicator uuid, p_year integer, p_is_split boolean, p_partnerships uuid[])
RETURNS TABLE (id bigint, count numeric, numerator numeric, is_current boolean, is_shown boolean, low numeric, high numeric,
               few numeric, bound_low numeric, bound_high numeric, was_bound boolean, rate_low numeric, rate_high numeric,
               is_bound_new boolean, mate bigint, same bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT c.id, c.count, c.numerator, c.is_current, c.is_current AND n.is_shown,
           CASE WHEN c.is_current THEN n.low ELSE c.low END, CASE WHEN c.is_current THEN n.high ELSE c.high END,
           CASE WHEN c.is_current THEN n.few ELSE c.high END,
           coalesce(c.bound_low, n.bound_low), coalesce(c.bound_high, n.bound_high), c.bound_low IS NOT NULL,
           coalesce(c.rate_low, n.rate_low), coalesce(c.rate_high, n.rate_high),
           c.rate_low IS NULL AND n.rate_low IS NOT NULL,
           CASE WHEN c.is_current AND c.cohort <> 'all' THEN
               min(c.id) OVER (PARTITION BY c.site_id, c.partnership_id, c.cohort <> 'all', c.period_kind,
                                            c.period_start, c.period_end, c.is_current) END,
           CASE WHEN count(*) OVER one > 1 THEN dense_rank() OVER (ORDER BY coalesce(c.same, c.id)) END
    FROM release_count c
    LEFT JOIN release_counts_now(p_indicator, p_year, p_is_split, p_partnerships) n ON c.is_current AND n.site_id = c.site_id AND n.cohort = c.cohort
        AND n.period_kind = c.period_kind AND n.period_start = c.period_start AND n.period_end = c.period_end
        AND n.partnership_id IS NOT DISTINCT FROM c.partnership_id
    WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND NOT c.is_known
      AND is_of_block(c.cohort, c.partnership_id, p_is_split, p_partnerships)
    WINDOW one AS (PARTITION BY coalesce(c.same, c.id))
    ORDER BY c.id;
END
$$;

-- Which current counts a site's cell is made of, cell by its key; those that are known, too.
DROP FUNCTION IF EXISTS release_parts(uuid, integer);
CREATE OR REPLACE FUNCTION release_parts(p_indicator uuid, p_year integer, p_is_split boolean, p_partnerships uuid[])
RETURNS TABLE (site_id uuid, partnership_id uuid, cohort text, period_kind text, period_start date, period_end date,
               is_made boolean, id bigint, is_known boolean)
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH leaf AS MATERIALIZED (
        SELECT c.* FROM release_count c
        WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND c.is_current AND NOT c.is_rest
          AND is_of_block(c.cohort, c.partnership_id, p_is_split, p_partnerships)
    ), made AS (
        SELECT t.scope_id, t.partnership_id, t.cohort, t.period_kind, t.period_start, t.period_end, l.id, l.is_known,
               l.period_kind = 'month' AS is_month, bool_or(l.period_kind = 'month') OVER cell AS has_months,
               i.aggregation = 'latest' AS is_last, l.period_start = max(l.period_start) OVER cell AS is_latest
        FROM tally t
        JOIN indicator i ON i.district_id = t.district_id AND i.id = t.indicator_id
        JOIN leaf l ON l.site_id = t.scope_id AND l.cohort = t.cohort
            AND l.partnership_id IS NOT DISTINCT FROM t.partnership_id
            AND l.period_start BETWEEN t.period_start AND t.period_end
            AND (l.period_kind = 'month' OR l.period_kind = 'quarter' AND t.period_kind = 'school_year')
        WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.scope_kind = 'site'
          AND t.is_made AND t.period_kind IN ('quarter', 'school_year')
          AND is_of_block(t.cohort, t.partnership_id, p_is_split, p_partnerships)
        WINDOW cell AS (PARTITION BY t.scope_id, t.partnership_id, t.cohort, t.period_kind, t.period_start))
    SELECT l.site_id, l.partnership_id, l.cohort, l.period_kind, l.period_start, l.period_end, false, l.id, l.is_known
    FROM leaf l
    UNION ALL
    SELECT m.scope_id, m.partnership_id, m.cohort, m.period_kind, m.period_start, m.period_end, true, m.id, m.is_known
    FROM made m WHERE m.is_month = m.has_months AND (m.is_latest OR NOT m.is_last);
END
$$;

-- The cells that have to do with counts that were not shown as they are, and their parts of these. rank: 0 a site's, of
-- shorter periods; 1 a network, partnership or partner; 2 the district. Without a cell: schools that the state publishes,
-- and, not shown, sums of few that a release before has hidden and that are others now.
-- is_widest: of one period, and all such sums lie in one of these.
DROP FUNCTION IF EXISTS release_cells(uuid, integer);
CREATE OR REPLACE FUNCTION release_cells(p_indicator uuid, p_year integer, p_is_split boolean, p_partnerships uuid[])
RETURNS TABLE (cell text, rank integer, is_shown boolean, is_widest boolean, size numeric, low numeric, high numeric,
               parts bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    small integer := (SELECT d.small_cell FROM district d WHERE d.id = current_setting('kith.district')::uuid);
BEGIN
    RETURN QUERY
    WITH part AS MATERIALIZED (
        SELECT * FROM release_parts(p_indicator, p_year, p_is_split, p_partnerships)
    ), member AS (
        SELECT 0 AS rank, 'site' AS kind, p.site_id AS scope_id, p.cohort, p.period_kind, p.period_start, p.period_end, p.id,
               p.is_known, p.is_made
        FROM part p WHERE p.is_made AND p.partnership_id IS NULL
        UNION ALL
        SELECT 1, 'network', s.network_id, p.cohort, p.period_kind, p.period_start, p.period_end, p.id, p.is_known, p.is_made
        FROM part p JOIN site s ON s.id = p.site_id WHERE p.partnership_id IS NULL AND s.network_id IS NOT NULL
        UNION ALL
        SELECT 2, 'district', current_setting('kith.district')::uuid, p.cohort, p.period_kind, p.period_start, p.period_end,
               p.id, p.is_known, p.is_made
        FROM part p WHERE p.partnership_id IS NULL
        UNION ALL
        SELECT 1, 'partnership', p.partnership_id, p.cohort, p.period_kind, p.period_start, p.period_end, p.id, p.is_known,
               p.is_made
        FROM part p WHERE p.partnership_id IS NOT NULL
        UNION ALL
        SELECT 1, 'partner', t.partner_id, p.cohort, p.period_kind, p.period_start, p.period_end, p.id, p.is_known, p.is_made
        FROM part p JOIN partnership t ON t.id = p.partnership_id
    ), grouped AS (
        SELECT m.rank, m.kind, m.scope_id, m.cohort, m.period_kind, m.period_start, m.period_end, bool_or(m.is_known) AS has_known,
               m.kind IN ('district', 'partner') AND NOT bool_or(m.is_made) AS is_widest,
               array_agg(m.id ORDER BY m.id) FILTER (WHERE NOT m.is_known) AS parts
        FROM member m
        GROUP BY m.rank, m.kind, m.scope_id, m.cohort, m.period_kind, m.period_start, m.period_end)
    SELECT t.ctid::text, g.rank, t.hidden IS NULL, g.is_widest, coalesce(t.people, 0),
           CASE WHEN NOT g.has_known THEN s.low END, CASE WHEN NOT g.has_known THEN s.high END, g.parts
    FROM grouped g
    JOIN tally t ON t.indicator_id = p_indicator AND t.school_year = p_year AND t.scope_kind = g.kind
        AND t.scope_id = g.scope_id AND t.partnership_id IS NULL AND t.cohort = g.cohort
        AND t.period_kind = g.period_kind AND t.period_start = g.period_start AND t.period_end = g.period_end
    JOIN indicator i ON i.district_id = t.district_id AND i.id = t.indicator_id
    LEFT JOIN LATERAL release_secret(tally_count(t, i.aggregation), coalesce(t.people, 0), small) s ON true
    WHERE g.parts IS NOT NULL
    UNION ALL
    SELECT NULL, 0, true, false, 0, NULL, NULL, array_agg(c.id ORDER BY c.id)
    FROM release_count c
    WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND c.is_current AND NOT c.is_known AND c.cohort <> 'all'
      AND is_of_block(c.cohort, c.partnership_id, p_is_split, p_partnerships)
    GROUP BY c.site_id, c.partnership_id, c.period_kind, c.period_start, c.period_end
    UNION ALL
    SELECT NULL, 0, false, false, 0, s.low, s.high, s.parts
    FROM (SELECT o.*, unnest(o.parts) AS part FROM release_sum o
          WHERE o.indicator_id = p_indicator AND o.school_year = p_year AND o.low IS NOT NULL) AS s
    JOIN release_count c ON c.indicator_id = p_indicator AND c.school_year = p_year AND c.id = s.part
    WHERE is_of_block(c.cohort, c.partnership_id, p_is_split, p_partnerships)
    GROUP BY s.id, s.low, s.high, s.parts
    HAVING count(*) = cardinality(s.parts) AND bool_and(NOT c.is_known) AND NOT bool_and(c.is_current);
END
$$;

-- The sums that were shown before; of few that were hidden release_cells() tells.
DROP FUNCTION IF EXISTS release_sums(uuid, integer);
CREATE OR REPLACE FUNCTION release_sums(p_indicator uuid, p_year integer, p_is_split boolean, p_partnerships uuid[])
RETURNS TABLE (parts bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT s.parts
    FROM (SELECT o.id, o.parts, unnest(o.parts) AS part FROM release_sum o
          WHERE o.indicator_id = p_indicator AND o.school_year = p_year AND o.low IS NULL) AS s
    JOIN release_count c ON c.indicator_id = p_indicator AND c.school_year = p_year AND c.id = s.part
    WHERE is_of_block(c.cohort, c.partnership_id, p_is_split, p_partnerships)
    GROUP BY s.id, s.parts
    ORDER BY s.id;
END
$$;

-- A bound tells how many there are, roughly: of sums, and of parts of a school, it would tell of their parts and of the
-- rest. It is shown of a site's own figures.
CREATE OR REPLACE FUNCTION release_bounds(p_indicator uuid, p_year integer) RETURNS void
LANGUAGE sql AS $$
    UPDATE tally t SET hidden = 'cell'
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.hidden = 'edge'
      AND (t.scope_kind <> 'site' OR t.cohort <> 'all' OR t.is_made AND t.period_kind IN ('quarter', 'school_year'))
$$;

-- Hides what the proof asks for, cells and counts; and what would give these away: who is
-- served of a whole, longer periods of a site, and sums of schools that cross networks.
CREATE OR REPLACE FUNCTION release_hide(p_indicator uuid, p_year integer, p_cells text[], p_counts bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$
BEGIN
    UPDATE tally t SET hidden = 'cell'
    WHERE t.ctid = ANY (p_cells::tid[]) AND t.indicator_id = p_indicator AND t.school_year = p_year;
    UPDATE tally t SET hidden = 'cell'
    FROM (SELECT DISTINCT c.site_id, d.cohort, c.period_kind, c.period_start, c.period_end
          FROM release_count c
          CROSS JOIN unnest(CASE c.cohort WHEN 'all' THEN '{all}' ELSE '{served,not_served}' END::text[]) AS d (cohort)
          WHERE c.id = ANY (p_counts)) AS c
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.scope_kind = 'site' AND t.scope_id = c.site_id
      AND t.partnership_id IS NULL AND t.cohort = c.cohort AND t.period_kind = c.period_kind
      AND t.period_start = c.period_start AND t.period_end = c.period_end;
    UPDATE tally t SET hidden = 'cell'
    FROM tally w
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.hidden IS DISTINCT FROM 'cell'
      AND t.scope_kind IN ('site', 'network', 'district') AND t.partnership_id IS NULL AND t.cohort IN ('served', 'not_served')
      AND w.indicator_id = p_indicator AND w.school_year = p_year AND w.scope_kind = t.scope_kind
      AND w.scope_id = t.scope_id AND w.partnership_id IS NULL AND w.cohort = 'all' AND w.hidden IS NOT NULL
      AND w.period_kind = t.period_kind AND w.period_start = t.period_start AND w.period_end = t.period_end;
    UPDATE tally t SET hidden = 'cell'
    FROM tally s
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.is_made AND t.hidden IS DISTINCT FROM 'cell'
      AND t.scope_kind = 'site' AND s.scope_kind = 'site' AND s.scope_id = t.scope_id AND s.cohort = t.cohort
      AND t.partnership_id IS NULL AND s.partnership_id IS NULL
      AND s.indicator_id = p_indicator AND s.school_year = p_year AND s.hidden IS NOT NULL
      AND s.period_kind IN ('month', 'quarter') AND s.period_kind <> t.period_kind
      AND t.period_kind IN ('quarter', 'school_year')
      AND s.period_start BETWEEN t.period_start AND t.period_end;
    PERFORM suppress_crossing(p_indicator, p_year, k) FROM unnest('{month,quarter,school_year,ytd}'::text[]) AS k;
END
$$;

-- Keeps for the releases to come what this one shows: what of the counts is known now, the sums of the others, and what
-- bounds told of them. p_sums: the parts of each, as a list; of one of few that it hides an object, which tells from
-- where to where it may not be told. p_dead: what no release to come can have to do with.
CREATE OR REPLACE FUNCTION release_keep(p_indicator uuid, p_year integer, p_sums jsonb, p_dead bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$
BEGIN
    INSERT INTO release_sum (district_id, indicator_id, school_year, parts, low, high)
    SELECT current_setting('kith.district')::uuid, p_indicator, p_year, n.parts, n.low, n.high
    FROM (SELECT ARRAY(SELECT p::bigint FROM jsonb_array_elements_text(coalesce(s -> 'parts', s)) AS p) AS parts,
                 (s ->> 'low')::numeric AS low, (s ->> 'high')::numeric AS high
          FROM jsonb_array_elements(p_sums) AS s) AS n
    LEFT JOIN release_sum o ON o.indicator_id = p_indicator AND o.school_year = p_year AND o.low IS NOT NULL
        AND n.low IS NOT NULL AND o.parts = n.parts
    WHERE o.id IS NULL;
    UPDATE release_count c
    SET is_known = c.is_known OR n.is_shown, was_hidden = c.was_hidden OR NOT n.is_shown,
        low = n.low, high = n.high, bound_low = coalesce(c.bound_low, n.bound_low),
        bound_high = coalesce(c.bound_high, n.bound_high), rate_low = coalesce(c.rate_low, n.rate_low),
        rate_high = coalesce(c.rate_high, n.rate_high)
    FROM release_counts_now(p_indicator, p_year) n
    WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND c.is_current AND c.site_id = n.site_id
      AND c.cohort = n.cohort AND c.period_kind = n.period_kind AND c.period_start = n.period_start
      AND c.period_end = n.period_end AND c.partnership_id IS NOT DISTINCT FROM n.partnership_id
      AND (c.is_known, c.was_hidden, c.low, c.high, c.bound_low, c.rate_low) IS DISTINCT FROM
          (c.is_known OR n.is_shown, c.was_hidden OR NOT n.is_shown, n.low, n.high,
           coalesce(c.bound_low, n.bound_low), coalesce(c.rate_low, n.rate_low));
    UPDATE release_count c SET bound_low = c.count, bound_high = c.count -- what is shown is known, whatever its numerator
    FROM release_count k
    WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND NOT c.is_known AND c.count > 0
      AND (c.bound_low, c.bound_high) IS DISTINCT FROM (c.count, c.count)
      AND k.indicator_id = p_indicator AND k.school_year = p_year AND k.is_known AND k.id <> c.id
      AND coalesce(k.same, k.id) = coalesce(c.same, c.id);
    DELETE FROM release_sum s
    WHERE s.indicator_id = p_indicator AND s.school_year = p_year AND s.parts && p_dead;
    DELETE FROM release_count c
    WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND NOT c.is_current
      AND (c.is_known OR c.id = ANY (p_dead))
      AND (NOT c.was_hidden OR EXISTS ( -- that it stays hidden is known of the one that took its place
          SELECT FROM release_count n
          WHERE n.indicator_id = p_indicator AND n.school_year = p_year AND n.is_current AND n.site_id = c.site_id
            AND n.cohort = c.cohort AND n.period_kind = c.period_kind AND n.period_start = c.period_start
            AND n.period_end = c.period_end AND n.partnership_id IS NOT DISTINCT FROM c.partnership_id));
END
$$;

REVOKE EXECUTE ON FUNCTION tally_count, release_counts_now, release_counts_refresh, release_secret, release_bound, tally_numerator,
    release_unknown, release_parts, release_cells, release_sums, release_bounds, release_hide, release_keep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION release_unknown, release_cells, release_sums TO kith_kpi;

RESET ROLE;
