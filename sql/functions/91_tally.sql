-- Tallies: exact sums, of a site and period from the observations, above them from the level below.
-- tally_sites() and tally_levels() say what they are; rollup_work() stores what differs, of the whole year
-- or of what a change touches, and rollup_check() tells what does. Ratio of sums, never a mean of ratios: rates are
-- made of tallies when they are published.

SET ROLE kith_owner;

-- The longer periods that shorter ones make.
CREATE OR REPLACE FUNCTION tally_periods(p_year integer)
RETURNS TABLE (kind text, starts_on date, ends_on date)
LANGUAGE sql STABLE AS $$
    SELECT 'quarter', q.starts_on, q.ends_on FROM reporting_quarter q
    WHERE q.school_year = p_year AND q.archived_at IS NULL
    UNION ALL
    SELECT 'school_year', make_date(p_year - 1, 7, 1), make_date(p_year, 6, 30)
$$;

-- An observation as a row of tally. One without a figure has no part in its whole either.
CREATE OR REPLACE FUNCTION tally_of(o observation, p_aggregation text) RETURNS SETOF tally
LANGUAGE sql IMMUTABLE ROWS 1 AS $$
    SELECT o.district_id, o.indicator_id, o.school_year, 'site', o.site_id, o.partnership_id, o.cohort,
           o.period_kind, o.period_start, o.period_end,
           CASE p_aggregation WHEN 'weighted_mean' THEN o.numerator * o.denominator ELSE o.numerator END,
           CASE WHEN o.missing IS NULL THEN o.denominator END, (o.missing IS NULL)::integer::bigint, false, o.as_of,
           o.as_of, 'cell',
           CASE WHEN o.missing IS NULL AND p_aggregation <> 'sum' THEN coalesce(o.denominator, o.numerator)
                ELSE o.numerator END,
           (o.missing IS NOT NULL)::integer::bigint, (o.missing IS NULL AND o.weighted_by IS NOT NULL)::integer::bigint
$$;

-- What is counted of sites (NULL: of all): the observations that hold, as rows of tally.
CREATE OR REPLACE FUNCTION tally_observed(p_indicator uuid, p_year integer, p_sites uuid[])
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    SELECT t.* FROM observation o
    CROSS JOIN (SELECT i.aggregation FROM indicator i WHERE i.id = p_indicator) AS i
    CROSS JOIN LATERAL tally_of(o, i.aggregation) AS t
    WHERE o.indicator_id = p_indicator AND o.school_year = p_year AND (p_sites IS NULL OR o.site_id = ANY (p_sites))
      AND o.superseded_by IS NULL AND o.archived_at IS NULL
$$;

-- The same of some series: what a site has of a partnership (NULL: of all or any) and cohort.
CREATE OR REPLACE FUNCTION tally_observed_series(p_indicator uuid, p_year integer, p_series rollup_mark[])
RETURNS SETOF tally
LANGUAGE plpgsql STABLE SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    SELECT t.* FROM unnest(p_series) AS s
    CROSS JOIN (SELECT i.aggregation FROM indicator i WHERE i.id = p_indicator) AS i
    CROSS JOIN LATERAL (
        SELECT o AS counted FROM observation o
        WHERE o.indicator_id = p_indicator AND o.school_year = p_year AND o.site_id = s.site_id
          AND o.partnership_id IS NOT DISTINCT FROM s.partnership_id AND o.cohort = s.cohort
          AND o.superseded_by IS NULL AND o.archived_at IS NULL OFFSET 0) AS o
    CROSS JOIN LATERAL tally_of(o.counted, i.aggregation) AS t;
END
$$;

-- What is observed (NULL: all that is, of sites) with the months that days make, where nobody has said a month's own
-- figure. Days are not kept: of all that is, which may be a million, they are summed as they are read.
DROP FUNCTION IF EXISTS tally_months(tally[], text);
CREATE OR REPLACE FUNCTION tally_months(p_observed tally[], p_indicator uuid, p_year integer, p_sites uuid[]) RETURNS SETOF tally
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET enable_hashjoin = on SET enable_sort = off SET jit = off AS $$
DECLARE
    is_latest boolean := (SELECT i.aggregation = 'latest' FROM indicator i WHERE i.id = p_indicator);
    longer tally[] := ARRAY(
        SELECT o FROM unnest(p_observed) AS o WHERE o.period_kind <> 'day'
        UNION ALL
        SELECT o FROM tally_observed(p_indicator, p_year, p_sites) AS o WHERE p_observed IS NULL AND o.period_kind <> 'day');
BEGIN
    RETURN QUERY SELECT * FROM unnest(longer);
    RETURN QUERY
    WITH day AS (
        SELECT * FROM unnest(p_observed) AS o WHERE o.period_kind = 'day'
        UNION ALL
        SELECT * FROM tally_observed(p_indicator, p_year, p_sites) AS o WHERE p_observed IS NULL AND o.period_kind = 'day'
    ), made AS (
        SELECT d.district_id, d.scope_kind, d.scope_id, d.partnership_id, d.cohort,
               date_trunc('month', d.period_start)::date AS month,
               sum(d.numerator) AS numerator, sum(d.denominator) AS denominator,
               max(ARRAY[d.period_start - date '2000-01-01', d.numerator, d.denominator])
                   FILTER (WHERE is_latest AND d.n > 0) AS latest, -- what is asked for in an order has all days sorted
               sum(d.n)::bigint AS n, min(d.observed_from) AS observed_from, max(d.as_of) AS as_of, max(d.people) AS people,
               sum(d.missing)::bigint AS missing, sum(d.weighted)::bigint AS weighted
        FROM day d
        GROUP BY d.district_id, d.scope_kind, d.scope_id, d.partnership_id, d.cohort, date_trunc('month', d.period_start))
    SELECT d.district_id, p_indicator, p_year, d.scope_kind, d.scope_id, d.partnership_id, d.cohort,
           'month', d.month, (d.month + interval '1 month')::date - 1,
           CASE WHEN is_latest THEN d.latest[2] ELSE d.numerator END,
           CASE WHEN is_latest THEN d.latest[3] ELSE d.denominator END, d.n, true,
           d.observed_from, d.as_of, 'cell', d.people, d.missing, d.weighted
    FROM made d
    LEFT JOIN (SELECT * FROM unnest(longer) AS o WHERE o.period_kind = 'month') AS m
        ON m.scope_id = d.scope_id AND m.cohort = d.cohort AND m.partnership_id IS NOT DISTINCT FROM d.partnership_id
       AND m.period_start = d.month
    WHERE m.scope_id IS NULL;
END
$$;

-- The longer periods that these rows make where they are not among them: of months, else (a year) of
-- quarters. Rows of many sites are joined with each other, whatever is estimated.
CREATE OR REPLACE FUNCTION tally_made(p_indicator uuid, p_year integer, p_base tally[])
RETURNS SETOF tally LANGUAGE plpgsql STABLE
SET enable_nestloop = off SET enable_hashjoin = on SET jit = off AS $$
BEGIN
    RETURN QUERY
    WITH base AS MATERIALIZED (
        SELECT * FROM unnest(p_base)
    ), parts AS (
        SELECT b.*, s.kind, s.starts_on, s.ends_on, i.aggregation,
               bool_or(b.period_kind = 'month') OVER cell AS has_months
        FROM base b
        JOIN indicator i ON i.id = p_indicator AND NOT i.is_ytd
        JOIN tally_periods(p_year) s ON b.period_start BETWEEN s.starts_on AND s.ends_on
            AND (b.period_kind = 'month' OR b.period_kind = 'quarter' AND s.kind = 'school_year')
        WHERE NOT EXISTS (
            SELECT FROM base d
            WHERE d.scope_kind = b.scope_kind AND d.scope_id = b.scope_id AND d.cohort = b.cohort
              AND d.partnership_id IS NOT DISTINCT FROM b.partnership_id
              AND d.period_kind = s.kind AND d.period_start = s.starts_on)
        WINDOW cell AS (PARTITION BY b.scope_kind, b.scope_id, b.partnership_id, b.cohort, s.kind,
                                     s.starts_on)
    )
    SELECT p.district_id, p_indicator, p_year, p.scope_kind, p.scope_id, p.partnership_id, p.cohort,
           p.kind, p.starts_on, p.ends_on,
           CASE WHEN p.aggregation = 'latest'
                THEN (array_agg(p.numerator ORDER BY p.period_start DESC) FILTER (WHERE p.aggregation = 'latest' AND p.n > 0))[1]
                ELSE sum(p.numerator) END,
           CASE WHEN p.aggregation = 'latest'
                THEN (array_agg(p.denominator ORDER BY p.period_start DESC) FILTER (WHERE p.aggregation = 'latest' AND p.n > 0))[1]
                ELSE sum(p.denominator) END,
           sum(p.n)::bigint, true, min(p.observed_from), max(p.as_of), 'cell', max(p.people),
           sum(p.missing)::bigint, sum(p.weighted)::bigint
    FROM parts p
    WHERE p.period_kind = CASE WHEN p.has_months THEN 'month' ELSE 'quarter' END
    GROUP BY p.district_id, p.scope_kind, p.scope_id, p.partnership_id, p.cohort, p.kind, p.starts_on,
             p.ends_on, p.aggregation;
END
$$;

-- The rows that come from no other: observed, invested or counted, and the longer periods that they make.
CREATE OR REPLACE FUNCTION tally_sites(p_indicator uuid, p_year integer, p_sites uuid[])
RETURNS SETOF tally LANGUAGE plpgsql STABLE AS $$
DECLARE
    base tally[];
    measured indicator;
BEGIN
    SELECT i.* INTO measured FROM indicator i WHERE i.id = p_indicator;
    IF measured.computed_from IS NULL THEN
        base := ARRAY(SELECT m FROM tally_months(NULL, p_indicator, p_year, p_sites) AS m);
    ELSE
        base := ARRAY(SELECT c FROM tally_computed(p_indicator, p_year) AS c
                      WHERE c.scope_kind IN ('site', 'partnership'));
    END IF;
    RETURN QUERY
    SELECT * FROM unnest(base) UNION ALL SELECT * FROM tally_made(p_indicator, p_year, base);
END
$$;

REVOKE EXECUTE ON FUNCTION tally_periods, tally_of, tally_observed, tally_observed_series, tally_months, tally_made,
    tally_sites FROM PUBLIC;

RESET ROLE;
