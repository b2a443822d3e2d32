-- What of the tallies may be shown. Cells of people that are small are hidden, and with them as many
-- others as keep a hidden one from being told by subtraction: from the total of sites, networks and
-- district, from a school's total (which the state publishes), from the months of a year. Who reads,
-- reads what rollup_publish() wrote, and that after suppress().

SET ROLE kith_owner;

-- A rate within one case of 0, or of 1: one of the people at one time, in a sum of days or months one on the average.
CREATE OR REPLACE FUNCTION is_near_none(t tally) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN t.numerator * t.people <= t.denominator;

CREATE OR REPLACE FUNCTION is_near_all(t tally) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN (t.denominator - t.numerator) * t.people <= t.denominator;

-- Tallies with what counts for a threshold: the people, and whether a rate is within one case of 0 or 1.
CREATE OR REPLACE FUNCTION tally_cells(p_indicator uuid, p_year integer)
RETURNS TABLE (scope_kind text, scope_id uuid, partnership_id uuid, cohort text, period_kind text,
               period_start date, period_end date, is_made boolean, hidden text, size numeric,
               is_edge boolean)
LANGUAGE sql STABLE AS $$
    SELECT t.scope_kind, t.scope_id, t.partnership_id, t.cohort, t.period_kind, t.period_start,
           t.period_end, t.is_made, t.hidden,
           coalesce(t.people, 0), i.aggregation = 'ratio_of_sums' AND (is_near_none(t) OR is_near_all(t))
    FROM tally t
    JOIN indicator i ON i.district_id = t.district_id AND i.id = t.indicator_id
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.n > 0 -- nothing is no cell
$$;

-- Cells that are hidden for themselves: small ones; edges; a period made of shorter ones of which one is
-- hidden, as the others would give it away; and what of a site was hidden in a release before.
CREATE OR REPLACE FUNCTION suppress_small(p_indicator uuid, p_year integer, p_kind text, p_least integer)
RETURNS void LANGUAGE sql AS $$
    WITH cell AS MATERIALIZED (SELECT * FROM tally_cells(p_indicator, p_year)),
    given_away AS MATERIALIZED (
        SELECT DISTINCT c.scope_kind, c.scope_id, c.partnership_id, c.cohort, c.period_start, c.period_end
        FROM cell c
        JOIN cell s ON s.scope_kind = c.scope_kind AND s.scope_id = c.scope_id AND s.cohort = c.cohort
            AND s.partnership_id IS NOT DISTINCT FROM c.partnership_id
            AND s.period_start BETWEEN c.period_start AND c.period_end
        WHERE c.period_kind = p_kind AND c.is_made AND s.hidden IS NOT NULL
          AND s.period_kind IN ('month', 'quarter') AND s.period_kind <> p_kind
    ), small AS MATERIALIZED (
        SELECT c.*, c.size < p_least OR g.scope_id IS NOT NULL OR h.site_id IS NOT NULL AS is_small
        FROM cell c
        LEFT JOIN given_away g ON g.scope_kind = c.scope_kind AND g.scope_id = c.scope_id
            AND g.cohort = c.cohort AND g.partnership_id IS NOT DISTINCT FROM c.partnership_id
            AND g.period_start = c.period_start AND g.period_end = c.period_end
        LEFT JOIN release_count h ON h.indicator_id = p_indicator AND h.school_year = p_year AND h.is_current
            AND h.was_hidden AND NOT h.is_rest AND c.scope_kind = 'site' AND h.site_id = c.scope_id
            AND h.partnership_id IS NOT DISTINCT FROM c.partnership_id AND h.cohort = c.cohort
            AND h.period_kind = c.period_kind AND h.period_start = c.period_start AND h.period_end = c.period_end
        WHERE c.period_kind = p_kind)
    UPDATE tally t SET hidden = CASE WHEN s.is_small THEN 'cell' ELSE 'edge' END
    FROM small s
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND (s.is_small OR s.is_edge)
      AND t.scope_kind = s.scope_kind AND t.scope_id = s.scope_id AND t.cohort = s.cohort
      AND t.partnership_id IS NOT DISTINCT FROM s.partnership_id AND t.period_kind = s.period_kind
      AND t.period_start = s.period_start AND t.period_end = s.period_end
$$;

-- Served and not served are hidden together, where either or what the two leave of the whole is small,
-- or the whole is hidden. A partnership's whole are the schools where it works.
CREATE OR REPLACE FUNCTION suppress_split(p_indicator uuid, p_year integer, p_kind text, p_least integer)
RETURNS void LANGUAGE sql AS $$
    WITH cell AS MATERIALIZED (
        SELECT * FROM tally_cells(p_indicator, p_year) c
        WHERE c.period_kind = p_kind AND c.partnership_id IS NULL
    ), split AS (
        SELECT c.scope_kind, c.scope_id, c.period_start, c.period_end,
               bool_or(c.hidden IS NOT NULL) AS has_hidden,
               max(c.size) FILTER (WHERE c.cohort = 'served') AS served,
               max(c.size) FILTER (WHERE c.cohort = 'not_served') AS not_served
        FROM cell c WHERE c.cohort IN ('served', 'not_served')
        GROUP BY c.scope_kind, c.scope_id, c.period_start, c.period_end
    ), closed AS MATERIALIZED (
        SELECT s.* FROM split s
        LEFT JOIN cell w ON w.scope_kind = s.scope_kind AND w.scope_id = s.scope_id
            AND w.period_start = s.period_start AND w.period_end = s.period_end
            AND w.cohort = CASE WHEN s.scope_kind IN ('site', 'network', 'district')
                                THEN 'all' ELSE 'schools_where_it_works' END
        WHERE s.has_hidden
           OR w.scope_kind IN ('site', 'network', 'district') AND w.hidden IS NOT NULL
           OR w.size - s.served < p_least OR w.size - s.not_served < p_least
           OR w.size - s.served - s.not_served > 0 AND w.size - s.served - s.not_served < p_least)
    UPDATE tally t SET hidden = 'cell'
    FROM closed c
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.period_kind = p_kind
      AND t.scope_kind = c.scope_kind AND t.scope_id = c.scope_id AND t.partnership_id IS NULL
      AND t.cohort IN ('served', 'not_served') AND t.hidden IS NULL
      AND t.period_start = c.period_start AND t.period_end = c.period_end
$$;

-- Sites are shown with the totals of their networks (those of none: with what is left of the
-- district's), networks with the district's. In each such group with a hidden site the next smallest is
-- hidden too, until they are two at least and sum to the threshold; where a group has not enough, its
-- total is hidden, and with it that of the next smallest group, and these are one group; where that is
-- not enough, all is. Of a rate near 0 or 1, and of served against not served, the hidden sum must hold
-- a cell that is hidden for the others' sake alone, now or since a release before.
CREATE OR REPLACE FUNCTION suppress_groups(
    p_indicator uuid, p_year integer, p_kind text, p_least integer, p_split boolean)
RETURNS void LANGUAGE sql AS $$
    WITH cell AS MATERIALIZED (
        SELECT * FROM tally_cells(p_indicator, p_year) c
        WHERE c.period_kind = p_kind AND c.partnership_id IS NULL
          AND c.scope_kind IN ('site', 'network', 'district')
          AND c.cohort = ANY (CASE WHEN p_split THEN '{served,not_served}' ELSE '{all}' END::text[])
    ), leaf AS MATERIALIZED (
        SELECT c.period_start, c.period_end, c.scope_id AS site,
               coalesce(s.network_id, current_setting('kith.district')::uuid) AS home,
               sum(c.size) AS size, bool_or(c.hidden IS NOT NULL) AS is_hidden,
               p_split OR bool_or(c.is_edge) AS needs_other,
               bool_or(c.hidden IS NOT NULL) AND bool_and(c.size >= p_least AND NOT c.is_edge) AS is_other
        FROM cell c JOIN site s ON s.id = c.scope_id
        WHERE c.scope_kind = 'site'
        GROUP BY c.period_start, c.period_end, c.scope_id, s.network_id
    ), homes AS MATERIALIZED ( -- enough: its hidden sites alone; safe: with one more
        SELECT g.period_start, g.period_end, g.home, g.size, g.is_enough, g.other,
               g.is_enough OR g.other IS NOT NULL AS is_safe, n.scope_id IS NOT NULL AS is_forced
        FROM (SELECT l.period_start, l.period_end, l.home, sum(l.size) AS size,
                     count(*) FILTER (WHERE l.is_hidden) = 0
                     OR count(*) FILTER (WHERE l.is_hidden) >= 2
                        AND sum(l.size) FILTER (WHERE l.is_hidden) >= p_least
                        AND (bool_or(l.is_other) OR NOT bool_or(l.is_hidden AND l.needs_other)) AS is_enough,
                     (array_agg(l.site ORDER BY l.size, l.site) FILTER (WHERE NOT l.is_hidden))[1] AS other
              FROM leaf l GROUP BY l.period_start, l.period_end, l.home) AS g
        LEFT JOIN (SELECT DISTINCT c.scope_id, c.period_start, c.period_end FROM cell c
                   WHERE c.scope_kind = 'network' AND c.hidden IS NOT NULL) AS n
            ON n.scope_id = g.home AND n.period_start = g.period_start AND n.period_end = g.period_end
    ), placed AS MATERIALIZED (
        SELECT h.*, NOT h.is_safe OR h.is_forced AS is_open,
               row_number() OVER (PARTITION BY h.period_start, h.period_end, h.is_safe AND NOT h.is_forced
                                  ORDER BY h.size, h.home) AS place,
               bool_or(NOT h.is_safe OR h.is_forced)
                   OVER (PARTITION BY h.period_start, h.period_end) AS has_open
        FROM homes h
    ), pool AS MATERIALIZED ( -- homes whose totals are hidden; trial 1 has one more of the others
        SELECT h.period_start, h.period_end, h.home, v.trial
        FROM placed h CROSS JOIN (VALUES (0), (1)) AS v (trial)
        WHERE h.is_open OR h.has_open AND v.trial = 1 AND h.place = 1
    ), pooled AS MATERIALIZED (
        SELECT DISTINCT ON (k.period_start, k.period_end) k.*,
               k.is_enough OR k.other IS NOT NULL AS is_safe
        FROM (SELECT p.period_start, p.period_end, p.trial, array_agg(DISTINCT p.home) AS homes,
                     count(*) FILTER (WHERE l.is_hidden) = 0
                     OR count(*) FILTER (WHERE l.is_hidden) >= 2
                        AND sum(l.size) FILTER (WHERE l.is_hidden) >= p_least
                        AND (bool_or(l.is_other) OR NOT bool_or(l.is_hidden AND l.needs_other)) AS is_enough,
                     (array_agg(l.site ORDER BY l.size, l.site) FILTER (WHERE NOT l.is_hidden))[1] AS other
              FROM pool p
              JOIN leaf l ON l.period_start = p.period_start AND l.period_end = p.period_end
                  AND l.home = p.home
              GROUP BY p.period_start, p.period_end, p.trial) AS k
        ORDER BY k.period_start, k.period_end, is_safe DESC, k.trial
    ), hide AS MATERIALIZED (
        SELECT h.period_start, h.period_end, 'site' AS scope_kind, h.other AS scope_id
        FROM homes h
        LEFT JOIN pooled p ON p.period_start = h.period_start AND p.period_end = h.period_end
        WHERE NOT h.is_enough AND h.home <> ALL (coalesce(p.homes, '{}'))
        UNION ALL
        SELECT p.period_start, p.period_end, 'site', p.other FROM pooled p WHERE NOT p.is_enough
        UNION ALL
        SELECT p.period_start, p.period_end, 'network', home
        FROM pooled p CROSS JOIN LATERAL unnest(p.homes) AS home
        UNION ALL
        SELECT c.period_start, c.period_end, c.scope_kind, c.scope_id
        FROM cell c JOIN pooled p ON p.period_start = c.period_start AND p.period_end = c.period_end
        WHERE NOT p.is_safe)
    UPDATE tally t SET hidden = 'cell'
    FROM (SELECT DISTINCT * FROM hide) AS h
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.period_kind = p_kind
      AND t.scope_kind = h.scope_kind AND t.scope_id = h.scope_id AND t.partnership_id IS NULL
      AND t.cohort = ANY (CASE WHEN p_split THEN '{served,not_served}' ELSE '{all}' END::text[])
      AND t.hidden IS DISTINCT FROM 'cell'
      AND t.period_start = h.period_start AND t.period_end = h.period_end
$$;

-- Sums over sites that cross those groups show only what is shown anyway: schools where one works, if
-- none of them is hidden; a partner, program, focus area or kind, if none of its partnerships is.
CREATE OR REPLACE FUNCTION suppress_crossing(p_indicator uuid, p_year integer, p_kind text)
RETURNS void LANGUAGE sql AS $$
    WITH crossed AS MATERIALIZED (
        SELECT DISTINCT w.scope_kind, w.scope_id, s.period_start, s.period_end
        FROM tally s
        JOIN tally_works_at() w ON w.site_id = s.scope_id
            AND w.from_date <= s.period_end AND w.until_date >= s.period_start
        WHERE s.indicator_id = p_indicator AND s.school_year = p_year AND s.period_kind = p_kind
          AND s.scope_kind = 'site' AND s.partnership_id IS NULL AND s.cohort = 'all'
          AND s.hidden IS NOT NULL)
    UPDATE tally t SET hidden = 'cell'
    FROM crossed c
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.period_kind = p_kind
      AND t.cohort = 'schools_where_it_works' AND t.hidden IS DISTINCT FROM 'cell'
      AND t.scope_kind = c.scope_kind AND t.scope_id = c.scope_id
      AND t.period_start = c.period_start AND t.period_end = c.period_end;
    WITH crossed AS MATERIALIZED (
        SELECT DISTINCT p.scope_kind, p.scope_id, s.cohort, s.period_start, s.period_end
        FROM tally s JOIN partnership_scopes() AS p ON p.partnership_id = s.scope_id AND p.scope_kind <> 'partnership'
        WHERE s.indicator_id = p_indicator AND s.school_year = p_year AND s.period_kind = p_kind
          AND s.scope_kind = 'partnership' AND s.cohort <> 'schools_where_it_works'
          AND s.hidden IS NOT NULL)
    UPDATE tally t SET hidden = 'cell'
    FROM crossed c
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.period_kind = p_kind
      AND t.scope_kind = c.scope_kind AND t.scope_id = c.scope_id AND t.cohort = c.cohort
      AND t.hidden IS DISTINCT FROM 'cell'
      AND t.period_start = c.period_start AND t.period_end = c.period_end
$$;

-- Decides for each cell of an indicator's year whether it is hidden. Shorter periods come first: longer
-- ones are made of them.
CREATE OR REPLACE FUNCTION suppress(p_indicator uuid, p_year integer) RETURNS void
LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$ -- whole years are joined, whatever is estimated
DECLARE
    least integer;
    kind text;
BEGIN
    UPDATE tally t SET hidden = NULL
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.hidden IS NOT NULL;
    SELECT CASE i.suppression WHEN 'none' THEN NULL WHEN 'student' THEN d.small_cell
                              ELSE d.survey_cell END
    INTO least
    FROM indicator i JOIN district d ON d.id = i.district_id WHERE i.id = p_indicator;
    IF least IS NULL THEN
        RETURN;
    END IF;
    FOREACH kind IN ARRAY '{month,quarter,school_year,ytd}'::text[] LOOP
        PERFORM suppress_small(p_indicator, p_year, kind, least);
        PERFORM suppress_groups(p_indicator, p_year, kind, least, false);
        PERFORM suppress_split(p_indicator, p_year, kind, least);
        PERFORM suppress_groups(p_indicator, p_year, kind, least, true);
        PERFORM suppress_crossing(p_indicator, p_year, kind);
    END LOOP;
END
$$;

-- What of a tally readers are to see. A numerator is shown only where nothing is suppressed. A bound says
-- no more than it must: it is of a few steps, so that it tells no denominator.
-- The balance of both sides is one when both have given.
DROP FUNCTION IF EXISTS rollup_of(tally, text, text);
CREATE OR REPLACE FUNCTION rollup_of(t tally, i indicator)
RETURNS TABLE (scope_kind text, scope_id uuid, cohort text, period_kind text, period_start date,
               period_end date, value numeric, value_low numeric, value_high numeric,
               numerator numeric, denominator numeric, n bigint, is_suppressed boolean, is_made boolean,
               observed_from date, as_of date, missing bigint, weighted bigint, is_summed boolean)
LANGUAGE sql STABLE AS $$
    SELECT t.scope_kind, t.scope_id, t.cohort, t.period_kind, t.period_start, t.period_end,
           CASE WHEN t.hidden IS NULL AND NOT (i.code = 'balance' AND i.supplied AND t.numerator IN (0, t.denominator)) THEN
               CASE WHEN i.aggregation = 'sum' OR t.denominator IS NULL THEN t.numerator
                    ELSE round(t.numerator / nullif(t.denominator, 0), 4) END END,
           CASE WHEN b.bound IS NOT NULL THEN CASE WHEN is_near_none(t) THEN 0 ELSE 1 - b.bound END END,
           CASE WHEN b.bound IS NOT NULL THEN CASE WHEN is_near_none(t) THEN b.bound ELSE 1 END END,
           CASE WHEN i.suppression = 'none' THEN t.numerator END,
           CASE WHEN t.hidden IS NULL THEN t.denominator END,
           CASE WHEN t.hidden IS NULL THEN t.n END,
           t.hidden IS NOT NULL, t.is_made, t.observed_from, t.as_of, CASE WHEN t.hidden IS NULL THEN t.missing END,
           CASE WHEN t.hidden IS NULL THEN t.weighted END, t.scope_kind <> 'site' AND i.suppression = 'student'
    FROM (SELECT CASE
        WHEN t.hidden IS DISTINCT FROM 'edge' THEN NULL
        WHEN t.people >= 100 THEN 0.01
        WHEN t.people >= 50 THEN 0.02
        WHEN t.people >= 20 THEN 0.05
        WHEN t.people >= 10 THEN 0.1
        END AS bound) AS b
$$;

-- The rows of an indicator's year that readers are to see: of what the database counts, none of a period to come.
DROP FUNCTION IF EXISTS rollup_shown(uuid, integer);
CREATE OR REPLACE FUNCTION rollup_shown(p_indicator uuid, p_year integer)
RETURNS TABLE (scope_kind text, scope_id uuid, cohort text, period_kind text, period_start date,
               period_end date, value numeric, value_low numeric, value_high numeric,
               numerator numeric, denominator numeric, n bigint, is_suppressed boolean, is_made boolean,
               observed_from date, as_of date, missing bigint, weighted bigint, is_summed boolean)
LANGUAGE sql STABLE AS $$
    SELECT r.* FROM tally t
    JOIN indicator i ON i.district_id = t.district_id AND i.id = t.indicator_id
    CROSS JOIN LATERAL rollup_of(t, i) r
    WHERE t.indicator_id = p_indicator AND t.school_year = p_year
      AND (i.computed_from IS NULL OR t.period_start <= (SELECT district_today()))
      AND NOT (t.scope_kind = 'site' AND t.partnership_id IS NOT NULL)
$$;

-- Makes the rollups of an indicator's year what may be shown now; a row that is as it was is not
-- written.
CREATE OR REPLACE FUNCTION rollup_publish(p_indicator uuid, p_year integer, p_release uuid) RETURNS void
LANGUAGE plpgsql
SET enable_nestloop = off SET enable_mergejoin = off SET enable_sort = off SET work_mem = '32MB' SET jit = off AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    IF p_release IS NULL THEN -- what a release hides is decided, and proved
        PERFORM suppress(p_indicator, p_year);
    END IF;
    WITH fresh AS MATERIALIZED (SELECT * FROM rollup_shown(p_indicator, p_year)),
    gone AS (
        DELETE FROM rollup r
        WHERE r.indicator_id = p_indicator AND r.school_year = p_year
          AND NOT EXISTS (
              SELECT FROM fresh f
              WHERE f.scope_kind = r.scope_kind AND f.scope_id = r.scope_id AND f.cohort = r.cohort
                AND f.period_kind = r.period_kind AND f.period_start = r.period_start
                AND f.period_end = r.period_end))
    INSERT INTO rollup AS r (district_id, id, indicator_id, indicator_code, scope_kind, scope_id, cohort,
        school_year, period_kind, period_start, period_end, value, value_low, value_high, numerator,
        denominator, n, is_suppressed, is_made, observed_from, as_of, missing, weighted, is_summed, release_id,
        created_at, updated_at)
    SELECT i.district_id, uuid7(), i.id, i.code, f.scope_kind, f.scope_id, f.cohort, p_year,
           f.period_kind, f.period_start, f.period_end, f.value, f.value_low, f.value_high, f.numerator,
           f.denominator, f.n, f.is_suppressed, f.is_made, f.observed_from, f.as_of, f.missing, f.weighted,
           f.is_summed, p_release, business_now, business_now
    FROM fresh f JOIN indicator i ON i.id = p_indicator
    LEFT JOIN rollup o ON o.indicator_id = p_indicator AND o.school_year = p_year
        AND o.scope_kind = f.scope_kind AND o.scope_id = f.scope_id AND o.cohort = f.cohort
        AND o.period_kind = f.period_kind AND o.period_start = f.period_start
        AND o.period_end = f.period_end
    WHERE o.id IS NULL
       OR (o.value, o.value_low, o.value_high, o.numerator, o.denominator, o.n, o.is_suppressed, o.is_made,
           o.observed_from, o.as_of, o.missing, o.weighted, o.is_summed, o.release_id)
          IS DISTINCT FROM (f.value, f.value_low, f.value_high, f.numerator, f.denominator, f.n,
                            f.is_suppressed, f.is_made, f.observed_from, f.as_of, f.missing, f.weighted,
                            f.is_summed, p_release)
    ON CONFLICT ON CONSTRAINT rollup_scope_key DO UPDATE
    SET value = excluded.value, value_low = excluded.value_low, value_high = excluded.value_high,
        numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        is_suppressed = excluded.is_suppressed, is_made = excluded.is_made, observed_from = excluded.observed_from,
        as_of = excluded.as_of, missing = excluded.missing, weighted = excluded.weighted,
        is_summed = excluded.is_summed, release_id = excluded.release_id, version = r.version + 1,
        updated_at = excluded.updated_at;
END
$$;

-- The same for some rows of an indicator that hides nothing: those that changed, or are gone. Most are there
-- already, and whoever comes here holds the indicator's year.
CREATE OR REPLACE FUNCTION rollup_refresh(p_indicator uuid, p_year integer, p_changed tally[]) RETURNS void
LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    shown tally[] := ARRAY(SELECT c FROM unnest(p_changed) AS c WHERE c.n + c.missing > 0 AND c.partnership_id IS NULL);
    updated integer;
BEGIN
    DELETE FROM rollup d WHERE d.ctid = ANY (ARRAY(
        SELECT r.ctid FROM unnest(p_changed) AS c
        CROSS JOIN LATERAL (
            SELECT r.ctid FROM rollup r
            WHERE r.indicator_id = p_indicator AND r.school_year = p_year
              AND r.scope_kind = c.scope_kind AND r.scope_id = c.scope_id AND r.cohort = c.cohort
              AND r.period_kind = c.period_kind AND r.period_start = c.period_start
              AND r.period_end = c.period_end OFFSET 0) AS r
        WHERE c.n + c.missing = 0 AND c.partnership_id IS NULL)); -- it is gone
    UPDATE rollup r
    SET value = f.value, value_low = f.value_low, value_high = f.value_high, numerator = f.numerator,
        denominator = f.denominator, n = f.n, is_suppressed = f.is_suppressed, is_made = f.is_made,
        observed_from = f.observed_from, as_of = f.as_of, missing = f.missing, weighted = f.weighted,
        is_summed = f.is_summed, version = r.version + 1,
        updated_at = business_now
    FROM unnest(shown) AS c
    CROSS JOIN (SELECT * FROM indicator i WHERE i.id = p_indicator) AS i
    CROSS JOIN LATERAL rollup_of(c, i) f
    WHERE r.indicator_id = p_indicator AND r.school_year = p_year
      AND r.scope_kind = f.scope_kind AND r.scope_id = f.scope_id AND r.cohort = f.cohort
      AND r.period_kind = f.period_kind AND r.period_start = f.period_start
      AND r.period_end = f.period_end;
    GET DIAGNOSTICS updated = ROW_COUNT;
    IF updated = cardinality(shown) THEN
        RETURN;
    END IF;
    INSERT INTO rollup AS r (district_id, id, indicator_id, indicator_code, scope_kind, scope_id, cohort,
        school_year, period_kind, period_start, period_end, value, value_low, value_high, numerator,
        denominator, n, is_suppressed, is_made, observed_from, as_of, missing, weighted, is_summed, created_at,
        updated_at)
    SELECT i.district_id, uuid7(), i.id, i.code, f.scope_kind, f.scope_id, f.cohort, p_year,
           f.period_kind, f.period_start, f.period_end, f.value, f.value_low, f.value_high, f.numerator,
           f.denominator, f.n, f.is_suppressed, f.is_made, f.observed_from, f.as_of, f.missing, f.weighted,
           f.is_summed, business_now, business_now
    FROM unnest(shown) AS c
    CROSS JOIN (SELECT * FROM indicator i WHERE i.id = p_indicator) AS i
    CROSS JOIN LATERAL rollup_of(c, i) f
    ON CONFLICT ON CONSTRAINT rollup_scope_key DO NOTHING;
END
$$;

REVOKE EXECUTE ON FUNCTION is_near_none, is_near_all, tally_cells, suppress_small, suppress_split, suppress_groups,
    suppress_crossing, suppress, rollup_of, rollup_shown, rollup_publish, rollup_refresh FROM PUBLIC;

RESET ROLE;
