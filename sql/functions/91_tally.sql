-- Tallies: exact sums, of a site and period from the observations, above them from the level below.
-- tally_sites() and tally_levels() say what they are; rollup_work() stores what differs, of the whole year
-- or of what a change touches, and rollup_check() tells what does. Ratio of sums, never a mean of ratios: rates are made of tallies
-- when they are published.

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

-- An observation as a row of tally.
CREATE OR REPLACE FUNCTION tally_of(o observation, p_aggregation text) RETURNS SETOF tally
LANGUAGE sql IMMUTABLE ROWS 1 AS $$
    SELECT o.district_id, o.indicator_id, o.school_year, 'site', o.site_id, o.partnership_id, o.cohort,
           o.period_kind, o.period_start, o.period_end,
           CASE p_aggregation WHEN 'weighted_mean' THEN o.numerator * o.denominator ELSE o.numerator END,
           o.denominator, 1::bigint, false, o.as_of, o.as_of, 'cell'
$$;

-- What is counted of sites: the observations that hold, as rows of tally.
CREATE OR REPLACE FUNCTION tally_observed(p_indicator uuid, p_year integer, p_sites uuid[])
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    SELECT t.* FROM unnest(coalesce(p_sites, ARRAY(SELECT s.id FROM site s))) AS wanted (site_id)
    JOIN observation o ON o.site_id = wanted.site_id
    JOIN indicator i ON i.district_id = o.district_id AND i.id = o.indicator_id
    CROSS JOIN LATERAL tally_of(o, i.aggregation) AS t
    WHERE o.indicator_id = p_indicator AND o.school_year = p_year
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

-- What investments come to, by month, of each partnership, partner and site, and of the district. A day counts
-- as any other of the span, both ends inclusive; rounded so that the months' cents make the whole. What a
-- co-partner gives is its own.
CREATE OR REPLACE FUNCTION tally_invested(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH given AS (
        SELECT v.district_id, v.partnership_id, coalesce(v.partner_id, p.partner_id) AS partner_id, v.site_id,
               v.from_date, v.until_date,
               CASE i.code WHEN 'hours' THEN v.hours
                    ELSE coalesce(v.amount_cents, round(v.hours * v.rate_cents)) END AS whole,
               CASE i.code WHEN 'hours' THEN 2 ELSE 0 END AS digits
        FROM investment v
        JOIN partnership p ON p.district_id = v.district_id AND p.id = v.partnership_id
        JOIN indicator i ON i.id = p_indicator AND i.computed_from = 'investment'
        WHERE v.status = 'delivered' AND v.archived_at IS NULL
          AND v.side = CASE i.code WHEN 'value_district' THEN 'district' ELSE 'partner' END
          AND v.from_date <= make_date(p_year, 6, 30) AND v.until_date >= make_date(p_year - 1, 7, 1)
    ), monthly AS (
        SELECT g.*, m::date AS month_start, (m + interval '1 month')::date - 1 AS month_end
        FROM given g
        CROSS JOIN generate_series(make_date(p_year - 1, 7, 1), make_date(p_year, 6, 1),
                                   interval '1 month') AS m
        WHERE g.whole IS NOT NULL
          AND g.from_date < (m + interval '1 month')::date AND g.until_date >= m::date
    ), shares AS (
        SELECT m.*,
               round(whole * (least(until_date, month_end) - from_date + 1)
                     / (until_date - from_date + 1), digits)
               - round(whole * (greatest(from_date, month_start) - from_date)
                     / (until_date - from_date + 1), digits) AS share
        FROM monthly m
    )
    SELECT s.district_id, p_indicator, p_year, c.scope_kind, c.scope_id, NULL::uuid, 'all', 'month',
           s.month_start, s.month_end, sum(s.share), NULL::numeric, count(*), false, NULL::date,
           NULL::date, 'cell'
    FROM shares s
    CROSS JOIN LATERAL (VALUES ('partnership', s.partnership_id), ('site', s.site_id),
                               ('partner', s.partner_id), ('district', s.district_id)) AS c (scope_kind, scope_id)
    WHERE c.scope_id IS NOT NULL
    GROUP BY s.district_id, c.scope_kind, c.scope_id, s.month_start, s.month_end
$$;

-- What else the database counts itself, each thing once: at its site, of its partnership and partner, and in
-- the district. Of gifts that were received those without thanks, but for what a file brought; of roll calls
-- those that the school has signed; of check-ins that are over those that were complete by their day; of needs
-- that were opened those that are met; of partnerships that ran in a year at a site with a family plan of it, those that
-- plan with the families or deliver.
CREATE OR REPLACE FUNCTION tally_counted(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH thing AS (
        SELECT g.district_id, g.partnership_id, g.partner_id, g.site_id, 'month' AS period_kind,
               date_trunc('month', g.received_on)::date AS starts_on,
               (date_trunc('month', g.received_on) + interval '1 month')::date - 1 AS ends_on,
               NOT g.thanked AS counts
        FROM indicator i
        JOIN gift g ON g.district_id = i.district_id AND g.status = 'received' AND g.thanked IS NOT NULL
            AND g.received_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30)
            AND g.archived_at IS NULL
        WHERE i.id = p_indicator AND i.computed_from = 'gift'
        UNION ALL
        SELECT r.district_id, NULL, NULL, r.site_id, 'school_year', make_date(p_year - 1, 7, 1),
               make_date(p_year, 6, 30), r.status <> 'open'
        FROM indicator i
        JOIN roll_call r ON r.district_id = i.district_id AND r.school_year = p_year AND r.archived_at IS NULL
        WHERE i.id = p_indicator AND i.computed_from = 'roll_call'
        UNION ALL
        SELECT t.district_id, t.partnership_id, p.partner_id, p.lead_site_id, 'month',
               date_trunc('month', t.due_on)::date,
               (date_trunc('month', t.due_on) + interval '1 month')::date - 1,
               t.status = 'complete' AND (t.completed_at AT TIME ZONE d.zone)::date <= t.due_on
        FROM indicator i
        JOIN district d ON d.id = i.district_id
        JOIN check_in t ON t.district_id = i.district_id AND t.status IN ('complete', 'closed_partial', 'missed')
            AND t.due_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30) AND t.archived_at IS NULL
        JOIN partnership p ON p.district_id = t.district_id AND p.id = t.partnership_id
        WHERE i.id = p_indicator AND i.computed_from = 'check_in'
        UNION ALL
        SELECT n.district_id, NULL, NULL, n.site_id, 'month', o.starts_on, (o.starts_on + interval '1 month')::date - 1,
               n.status = 'met'
        FROM indicator i
        JOIN district d ON d.id = i.district_id
        JOIN need n ON n.district_id = i.district_id AND n.opened_at IS NOT NULL AND n.archived_at IS NULL
        CROSS JOIN LATERAL (
            SELECT date_trunc('month', n.opened_at AT TIME ZONE d.zone)::date AS starts_on) AS o
        WHERE i.id = p_indicator AND i.computed_from = 'need'
          AND o.starts_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30)
        UNION ALL
        SELECT p.district_id, t.id, t.partner_id, p.site_id, 'school_year', y.starts_on, y.ends_on, EXISTS (
                   SELECT FROM family_part f
                   WHERE f.district_id = p.district_id AND f.family_plan_id = p.id AND f.partnership_id = t.id
                     AND f.archived_at IS NULL AND f.part IN ('co_plans', 'delivers'))
        FROM indicator i
        CROSS JOIN (SELECT make_date(p_year - 1, 7, 1) AS starts_on, make_date(p_year, 6, 30) AS ends_on) AS y
        JOIN family_plan p ON p.district_id = i.district_id AND p.school_year = p_year AND p.archived_at IS NULL
        JOIN partnership t ON t.district_id = p.district_id AND t.archived_at IS NULL
            AND (t.status IN ('active', 'renewing', 'paused') OR t.status = 'ended' AND t.activated_at IS NOT NULL)
            AND coalesce(t.starts_on, (coalesce(t.activated_at, t.created_at) AT TIME ZONE 'UTC')::date) <= y.ends_on
            AND (t.status <> 'ended' OR coalesce(t.ends_on, (t.updated_at AT TIME ZONE 'UTC')::date) >= y.starts_on)
            AND (t.lead_site_id = p.site_id OR EXISTS (
                SELECT FROM partnership_site s
                WHERE s.district_id = p.district_id AND s.partnership_id = t.id AND s.site_id = p.site_id
                  AND s.archived_at IS NULL AND coalesce(s.from_date, '-infinity') <= y.ends_on
                  AND coalesce(s.until_date, 'infinity') >= y.starts_on))
        WHERE i.id = p_indicator AND i.computed_from = 'family_plan'
    )
    SELECT t.district_id, p_indicator, p_year, c.scope_kind, c.scope_id, NULL::uuid, 'all', t.period_kind,
           t.starts_on, t.ends_on, count(*) FILTER (WHERE t.counts)::numeric, count(*)::numeric, count(*), false,
           NULL::date, NULL::date, 'cell'
    FROM thing t
    CROSS JOIN LATERAL (VALUES ('partnership', t.partnership_id), ('site', t.site_id),
                               ('partner', t.partner_id), ('district', t.district_id)) AS c (scope_kind, scope_id)
    WHERE c.scope_id IS NOT NULL
    GROUP BY t.district_id, c.scope_kind, c.scope_id, t.period_kind, t.starts_on, t.ends_on
$$;

-- All that the database counts itself.
CREATE OR REPLACE FUNCTION tally_computed(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    SELECT * FROM tally_invested(p_indicator, p_year)
    UNION ALL
    SELECT * FROM tally_counted(p_indicator, p_year)
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
                THEN (array_agg(p.numerator ORDER BY p.period_start DESC))[1]
                ELSE sum(p.numerator) END,
           CASE WHEN p.aggregation = 'latest'
                THEN (array_agg(p.denominator ORDER BY p.period_start DESC))[1]
                ELSE sum(p.denominator) END,
           sum(p.n)::bigint, true, min(p.observed_from), max(p.as_of), 'cell'
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
    source text := (SELECT i.computed_from FROM indicator i WHERE i.id = p_indicator);
BEGIN
    IF source IS NULL THEN
        base := ARRAY(SELECT o FROM tally_observed(p_indicator, p_year, p_sites) AS o);
    ELSE
        base := ARRAY(SELECT c FROM tally_computed(p_indicator, p_year) AS c
                      WHERE c.scope_kind IN ('site', 'partnership'));
    END IF;
    RETURN QUERY
    SELECT * FROM unnest(base) UNION ALL SELECT * FROM tally_made(p_indicator, p_year, base);
END
$$;

-- Where a partnership works in a period.
CREATE OR REPLACE FUNCTION tally_works_at()
RETURNS TABLE (partnership_id uuid, partner_id uuid, site_id uuid, from_date date, until_date date)
LANGUAGE sql STABLE AS $$
    SELECT s.partnership_id, p.partner_id, s.site_id, coalesce(s.from_date, '-infinity'),
           coalesce(s.until_date, 'infinity')
    FROM partnership_site s
    JOIN partnership p ON p.district_id = s.district_id AND p.id = s.partnership_id
    WHERE s.archived_at IS NULL
$$;

-- What lies above the sites, of the tallies that are stored: networks and the district of sites, partnerships of
-- their cohorts at sites, partners of partnerships; and the whole schools where a partnership or partner works.
-- What the database counts itself may name neither: of the district and of partners it is counted again.
CREATE OR REPLACE FUNCTION tally_levels(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH measured AS (
        SELECT i.computed_from IS NOT NULL AS is_computed
        FROM indicator i WHERE i.id = p_indicator
    ), low AS MATERIALIZED (
        SELECT t.* FROM tally t
        WHERE t.indicator_id = p_indicator AND t.school_year = p_year
          AND t.scope_kind IN ('site', 'partnership')
    ), site_rows AS (
        SELECT * FROM low WHERE scope_kind = 'site' AND partnership_id IS NULL
    ), partnership_rows AS (
        SELECT 'partnership' AS kind, t.partnership_id AS id, t.cohort, t.period_kind, t.period_start,
               t.period_end, t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
        FROM low t WHERE t.scope_kind = 'site' AND t.partnership_id IS NOT NULL
    ), counted AS (
        SELECT ARRAY(SELECT c FROM tally_computed(p_indicator, p_year) AS c
                     WHERE c.scope_kind IN ('partner', 'district')) AS rows
        FROM measured m WHERE m.is_computed
    ), parts AS (
        SELECT r.* FROM partnership_rows r, measured m WHERE NOT m.is_computed
        UNION ALL
        SELECT 'partner', p.partner_id, r.cohort, r.period_kind, r.period_start, r.period_end,
               r.numerator, r.denominator, r.n, r.is_made, r.observed_from, r.as_of
        FROM partnership_rows r JOIN partnership p ON p.id = r.id, measured m WHERE NOT m.is_computed
        UNION ALL
        SELECT t.scope_kind, t.scope_id, t.cohort, t.period_kind, t.period_start, t.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
        FROM counted k
        CROSS JOIN LATERAL (SELECT * FROM unnest(k.rows)
                            UNION ALL SELECT * FROM tally_made(p_indicator, p_year, k.rows)) AS t
        UNION ALL
        SELECT 'district', t.district_id, t.cohort, t.period_kind, t.period_start, t.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
        FROM site_rows t, measured m WHERE NOT m.is_computed
        UNION ALL
        SELECT 'network', s.network_id, t.cohort, t.period_kind, t.period_start, t.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
        FROM site_rows t JOIN site s ON s.id = t.scope_id WHERE s.network_id IS NOT NULL
        UNION ALL -- a school counts once, in however many ways one works there
        SELECT t.kind, t.id, 'schools_where_it_works', t.period_kind, t.period_start,
               t.period_end, t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
        FROM (SELECT DISTINCT ON (c.kind, c.id, r.scope_id, r.period_kind, r.period_start, r.period_end)
                     c.kind, c.id, r.*
              FROM site_rows r
              JOIN tally_works_at() w ON w.site_id = r.scope_id
                  AND w.from_date <= r.period_end AND w.until_date >= r.period_start
              CROSS JOIN LATERAL (VALUES ('partnership', w.partnership_id), ('partner', w.partner_id))
                  AS c (kind, id)
              WHERE r.cohort = 'all' AND NOT (SELECT m.is_computed FROM measured m)) AS t
    )
    SELECT current_setting('kith.district')::uuid, p_indicator, p_year, p.kind, p.id, NULL::uuid,
           p.cohort, p.period_kind, p.period_start, p.period_end, sum(p.numerator), sum(p.denominator),
           sum(p.n)::bigint, bool_or(p.is_made), min(p.observed_from), max(p.as_of), 'cell'
    FROM parts p
    GROUP BY p.kind, p.id, p.cohort, p.period_kind, p.period_start, p.period_end
$$;

-- Makes the stored tallies what they are to be: of the sites (NULL: all), or of what is above them. A
-- row that is as it was is not written.
CREATE OR REPLACE FUNCTION tally_store(p_indicator uuid, p_year integer, p_above boolean, p_sites uuid[])
RETURNS void LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$
DECLARE
    is_computed boolean := (SELECT i.computed_from IS NOT NULL FROM indicator i WHERE i.id = p_indicator);
    kinds text[] := CASE
        WHEN p_above THEN '{network,district,partner}'::text[]
            || CASE WHEN is_computed THEN '{}'::text[] ELSE '{partnership}' END
        ELSE '{site}'::text[] || CASE WHEN is_computed THEN '{partnership}'::text[] ELSE '{}' END END;
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT * FROM tally_levels(p_indicator, p_year) WHERE p_above
        UNION ALL
        SELECT * FROM tally_sites(p_indicator, p_year, p_sites) WHERE NOT p_above
    ), gone AS (
        DELETE FROM tally t
        WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.scope_kind = ANY (kinds)
          AND (p_sites IS NULL OR t.scope_id = ANY (p_sites))
          AND NOT EXISTS (
              SELECT FROM fresh f
              WHERE f.scope_kind = t.scope_kind AND f.scope_id = t.scope_id
                AND f.partnership_id IS NOT DISTINCT FROM t.partnership_id AND f.cohort = t.cohort
                AND f.period_kind = t.period_kind AND f.period_start = t.period_start
                AND f.period_end = t.period_end)
    )
    INSERT INTO tally AS t
    SELECT f.* FROM fresh f
    WHERE NOT EXISTS (
        SELECT FROM tally o
        WHERE o.indicator_id = p_indicator AND o.school_year = p_year
          AND o.scope_kind = f.scope_kind AND o.scope_id = f.scope_id
          AND o.partnership_id IS NOT DISTINCT FROM f.partnership_id AND o.cohort = f.cohort
          AND o.period_kind = f.period_kind AND o.period_start = f.period_start
          AND o.period_end = f.period_end
          AND (o.numerator, o.denominator, o.n, o.is_made, o.observed_from, o.as_of)
              IS NOT DISTINCT FROM (f.numerator, f.denominator, f.n, f.is_made, f.observed_from, f.as_of))
    ON CONFLICT ON CONSTRAINT tally_scope_key DO UPDATE
    SET numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        is_made = excluded.is_made, observed_from = excluded.observed_from, as_of = excluded.as_of;
END
$$;

-- The lock of an indicator's year; every worker holds the district's beside it, shared, so that
-- whoever holds that alone sees all that they did.
CREATE OR REPLACE FUNCTION tally_key(p_district uuid, p_indicator uuid, p_year integer) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN hashtextextended(concat_ws(' ', 'tally', p_district, p_indicator, p_year), 0);

-- Marks of no indicator become one for each indicator and year there is anything of.
CREATE OR REPLACE FUNCTION rollup_spread(p_district uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    claimed integer;
BEGIN
    PERFORM pg_advisory_xact_lock(tally_key(p_district, NULL, NULL));
    WITH marks AS (
        DELETE FROM rollup_mark m WHERE m.district_id = p_district AND m.indicator_id IS NULL
        RETURNING m.school_year, m.is_whole, m.computed_from
    ), spread AS (
        INSERT INTO rollup_mark (district_id, indicator_id, school_year, is_whole)
        SELECT p_district, k.indicator_id, k.school_year, bool_or(m.is_whole)
        FROM marks m
        JOIN LATERAL (
            SELECT DISTINCT t.indicator_id, t.school_year FROM tally t
            WHERE m.school_year IS NULL AND (m.computed_from IS NULL OR t.indicator_id IN (
                SELECT i.id FROM indicator i WHERE i.computed_from = m.computed_from))
            UNION
            SELECT i.id, m.school_year FROM indicator i
            WHERE m.school_year IS NOT NULL AND i.computed_from = coalesce(m.computed_from, i.computed_from)) AS k ON true
        GROUP BY k.indicator_id, k.school_year)
    SELECT count(*) INTO claimed FROM marks;
    RETURN claimed;
END
$$;

-- ---- What a change of some sites touches -------------------------------------------------------
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
                            c.cohort, c.period_kind, c.period_start, c.period_end, 0, NULL, 0, false,
                            NULL, NULL, NULL)::tally
        FROM unnest(p_changed) AS c
        CROSS JOIN LATERAL (SELECT s.network_id FROM site s WHERE s.id = c.scope_id OFFSET 0) AS s
        LEFT JOIN LATERAL (SELECT p.id, p.partner_id FROM partnership p
                           WHERE p.id = c.partnership_id OFFSET 0) AS p ON true
        CROSS JOIN LATERAL (
            SELECT 'district', c.district_id WHERE c.partnership_id IS NULL
            UNION ALL
            SELECT 'network', s.network_id WHERE c.partnership_id IS NULL AND s.network_id IS NOT NULL
            UNION ALL
            SELECT 'partnership', p.id WHERE p.id IS NOT NULL
            UNION ALL
            SELECT 'partner', p.partner_id WHERE p.id IS NOT NULL) AS v (scope_kind, scope_id));
END
$$;

-- The same of the whole schools where one works.
CREATE OR REPLACE FUNCTION tally_crossed(p_crossing tally_crossing[]) RETURNS tally[]
LANGUAGE plpgsql STABLE SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT ROW(c.district_id, c.indicator_id, c.school_year, v.scope_kind, v.scope_id, NULL,
                            'schools_where_it_works', c.period_kind, c.period_start, c.period_end, 0, NULL,
                            0, false, NULL, NULL, NULL)::tally
        FROM unnest(p_crossing) AS c
        CROSS JOIN LATERAL (
            SELECT w.* FROM tally_works_at() w
            WHERE w.site_id = c.site_id
              AND w.from_date <= c.period_end AND w.until_date >= c.period_start OFFSET 0) AS w
        CROSS JOIN LATERAL (VALUES ('partnership', w.partnership_id), ('partner', w.partner_id))
            AS v (scope_kind, scope_id));
END
$$;

-- Those cells as what is stored below them makes them: the same as tally_levels() says, for some. Of
-- indicators that are loaded, not computed. The district is made of its networks, so these come before.
CREATE OR REPLACE FUNCTION tally_above(p_indicator uuid, p_year integer, p_cells tally[])
RETURNS SETOF tally
LANGUAGE plpgsql STABLE SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
BEGIN
    RETURN QUERY
    WITH cell AS MATERIALIZED (
        SELECT * FROM unnest(p_cells)
    ), part AS MATERIALIZED ( -- whose rows make the cell, and of which cohort
        SELECT c.*, m.kind AS of_kind, m.id AS of_id, c.cohort AS of_cohort
        FROM cell c
        CROSS JOIN LATERAL (
            SELECT 'network' AS kind, n.id FROM network n
            UNION ALL
            SELECT 'site', s.id FROM site s WHERE s.network_id IS NULL) AS m
        WHERE c.scope_kind = 'district'
        UNION ALL
        SELECT c.*, 'site', s.id, c.cohort
        FROM cell c CROSS JOIN LATERAL (SELECT s.id FROM site s WHERE s.network_id = c.scope_id) AS s
        WHERE c.scope_kind = 'network'
        UNION ALL
        SELECT c.*, 'site', w.site_id, 'all'
        FROM cell c
        CROSS JOIN LATERAL (
            SELECT c.scope_id AS id WHERE c.scope_kind = 'partnership'
            UNION ALL
            SELECT p.id FROM partnership p WHERE c.scope_kind = 'partner' AND p.partner_id = c.scope_id)
            AS p
        CROSS JOIN LATERAL (
            SELECT l.site_id FROM partnership_site l
            WHERE l.partnership_id = p.id AND l.archived_at IS NULL
              AND coalesce(l.from_date, '-infinity') <= c.period_end
              AND coalesce(l.until_date, 'infinity') >= c.period_start OFFSET 0) AS w
        WHERE c.cohort = 'schools_where_it_works'
    ), found AS (
        SELECT m.scope_kind, m.scope_id, m.cohort, m.period_kind, m.period_start, m.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
        FROM (SELECT DISTINCT * FROM part) AS m -- a school counts once
        CROSS JOIN LATERAL (
            SELECT t.* FROM tally t
            WHERE t.indicator_id = p_indicator AND t.school_year = p_year
              AND t.scope_kind = m.of_kind AND t.scope_id = m.of_id AND t.partnership_id IS NULL
              AND t.cohort = m.of_cohort AND t.period_kind = m.period_kind
              AND t.period_start = m.period_start AND t.period_end = m.period_end OFFSET 0) AS t
        UNION ALL
        SELECT c.scope_kind, c.scope_id, c.cohort, c.period_kind, c.period_start, c.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
        FROM cell c
        CROSS JOIN LATERAL (
            SELECT c.scope_id AS id WHERE c.scope_kind = 'partnership'
            UNION ALL
            SELECT p.id FROM partnership p WHERE c.scope_kind = 'partner' AND p.partner_id = c.scope_id)
            AS p
        CROSS JOIN LATERAL (
            SELECT t.* FROM tally t
            WHERE t.indicator_id = p_indicator AND t.school_year = p_year
              AND t.partnership_id = p.id AND t.scope_kind = 'site' AND t.cohort = c.cohort
              AND t.period_kind = c.period_kind AND t.period_start = c.period_start
              AND t.period_end = c.period_end OFFSET 0) AS t
        WHERE c.cohort <> 'schools_where_it_works'
    )
    SELECT current_setting('kith.district')::uuid, p_indicator, p_year, f.scope_kind, f.scope_id,
           NULL::uuid, f.cohort, f.period_kind, f.period_start, f.period_end, sum(f.numerator),
           sum(f.denominator), sum(f.n)::bigint, bool_or(f.is_made), min(f.observed_from), max(f.as_of),
           'cell'
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
        SELECT ROW(e.*, p_hidden)::tally
        FROM (SELECT f.district_id, f.indicator_id, f.school_year, f.scope_kind, f.scope_id,
                     f.partnership_id, f.cohort, f.period_kind, f.period_start, f.period_end, f.numerator,
                     f.denominator, f.n, f.is_made, f.observed_from, f.as_of FROM unnest(p_fresh) AS f
              EXCEPT
              SELECT o.district_id, o.indicator_id, o.school_year, o.scope_kind, o.scope_id,
                     o.partnership_id, o.cohort, o.period_kind, o.period_start, o.period_end, o.numerator,
                     o.denominator, o.n, o.is_made, o.observed_from, o.as_of FROM unnest(p_stored) AS o)
            AS e);
    gone := ARRAY(
        SELECT ROW(e.*, 0, NULL, 0, false, NULL, NULL, NULL)::tally
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
        is_made = excluded.is_made, observed_from = excluded.observed_from, as_of = excluded.as_of;
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

-- ---- The work ----------------------------------------------------------------------------------

-- A student indicator's figures are not as they were released.
CREATE OR REPLACE FUNCTION release_want(p_district uuid, p_year integer, p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO release_due (district_id, school_year, since) VALUES (p_district, p_year, p_now)
    ON CONFLICT DO NOTHING
$$;

-- All of an indicator's year; p_sites: those alone, NULL: all, and what is above them.
CREATE OR REPLACE FUNCTION rollup_whole(
    p_indicator uuid, p_year integer, p_has_sites boolean, p_sites uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_has_sites THEN
        PERFORM tally_store(p_indicator, p_year, false, p_sites);
    END IF;
    PERFORM tally_store(p_indicator, p_year, true, NULL);
    DELETE FROM tally_crossing c WHERE c.indicator_id = p_indicator AND c.school_year = p_year;
    IF (SELECT i.suppression <> 'student' FROM indicator i WHERE i.id = p_indicator) THEN
        PERFORM rollup_publish(p_indicator, p_year, NULL);
    END IF;
END
$$;

-- What has changed of some series, and what that changes above them. Where cells may be hidden, one that
-- changes may hide or show others: then only the sums are made here, not what is shown.
CREATE OR REPLACE FUNCTION rollup_some(
    p_indicator uuid, p_year integer, p_series rollup_mark[], p_is_open boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    hidden text := CASE WHEN NOT p_is_open THEN 'cell' END;
    changed tally[] := tally_put_series(p_indicator, p_year, p_series, hidden);
    touched tally[];
    above tally[];
BEGIN
    IF cardinality(changed) = 0 THEN
        RETURN false;
    END IF;
    touched := tally_touched(changed);
    above := tally_put_cells(p_indicator, p_year, ARRAY(
            SELECT t FROM unnest(touched) AS t WHERE t.scope_kind <> 'district'), hidden)
        || tally_put_cells(p_indicator, p_year, ARRAY(
            SELECT t FROM unnest(touched) AS t WHERE t.scope_kind = 'district'), hidden);
    INSERT INTO tally_crossing (district_id, indicator_id, school_year, site_id, period_kind,
                                period_start, period_end)
    SELECT DISTINCT c.district_id, p_indicator, p_year, c.scope_id, c.period_kind, c.period_start,
           c.period_end
    FROM unnest(changed) AS c WHERE c.partnership_id IS NULL AND c.cohort = 'all'
    ON CONFLICT DO NOTHING;
    IF p_is_open THEN
        PERFORM rollup_refresh(p_indicator, p_year, changed || above);
    END IF;
    RETURN true;
END
$$;

-- Nobody waits for the disk: what a crash takes back is marked again.
CREATE OR REPLACE FUNCTION rollup_context(p_district uuid, p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('kith.district', p_district::text, true), set_config('kith.now', rfc3339(p_now), true),
           set_config('kith.user', '', true), set_config('synchronous_commit', 'off', true)
$$;

-- Does the work of one key, of any district, in one transaction: how many marks that were; 0 when there
-- is none, or all are at work elsewhere. The ids are claimed under the key's lock, and what they are
-- about is read in later statements: a mark that is written meanwhile stays for the next time.
CREATE OR REPLACE FUNCTION rollup_work(p_limit integer, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    marked record;
    measured record;
    sites uuid[];
    series rollup_mark[];
    whole boolean;
    above boolean;
    claimed integer;
BEGIN
    FOR marked IN
        SELECT m.district_id, m.indicator_id, m.school_year
        FROM (SELECT * FROM rollup_mark ORDER BY id LIMIT 1000) AS m
        GROUP BY m.district_id, m.indicator_id, m.school_year
        ORDER BY m.indicator_id IS NOT NULL, min(m.id) -- what waits for a district's lock holds none yet
    LOOP
        PERFORM rollup_context(marked.district_id, p_now);
        IF marked.indicator_id IS NULL THEN
            RETURN rollup_spread(marked.district_id);
        END IF;
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(
            tally_key(marked.district_id, marked.indicator_id, marked.school_year));
        PERFORM pg_advisory_xact_lock_shared(tally_key(marked.district_id, NULL, NULL));
        WITH mine AS (
            DELETE FROM rollup_mark m
            WHERE m.district_id = marked.district_id AND m.id IN (
                SELECT k.id FROM rollup_mark k
                WHERE k.district_id = marked.district_id AND k.indicator_id = marked.indicator_id
                  AND k.school_year = marked.school_year ORDER BY k.id LIMIT p_limit)
            RETURNING m.site_id, m.is_whole, ROW(m.district_id, NULL, m.indicator_id, m.school_year,
                m.site_id, false, NULL, m.partnership_id, m.cohort, NULL)::rollup_mark AS one)
        SELECT count(*), bool_or(is_whole), bool_or(site_id IS NULL),
               array_agg(DISTINCT site_id) FILTER (WHERE site_id IS NOT NULL),
               array_agg(DISTINCT one) FILTER (WHERE site_id IS NOT NULL)
        INTO claimed, whole, above, sites, series FROM mine;
        CONTINUE WHEN claimed = 0;
        SELECT i.suppression, i.computed_from INTO measured
        FROM indicator i WHERE i.id = marked.indicator_id;
        IF above OR measured.computed_from IS NOT NULL
           OR measured.suppression NOT IN ('none', 'student') THEN
            PERFORM rollup_whole(marked.indicator_id, marked.school_year, whole OR sites IS NOT NULL,
                                 CASE WHEN NOT whole THEN sites END);
        ELSE
            above := rollup_some(marked.indicator_id, marked.school_year, series,
                                 measured.suppression = 'none');
        END IF;
        IF above AND measured.suppression = 'student' THEN
            PERFORM release_want(marked.district_id, marked.school_year, p_now);
        END IF;
        RETURN claimed;
    END LOOP;
    RETURN 0;
END
$$;

-- The same for what rollup_some() leaves: the whole schools where one works, of some sites and periods of
-- a key: how many these were.
CREATE OR REPLACE FUNCTION rollup_cross(p_limit integer, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    waiting record;
    mine tally_crossing[];
    is_open boolean;
    changed tally[];
BEGIN
    FOR waiting IN
        SELECT c.district_id, c.indicator_id, c.school_year
        FROM (SELECT * FROM tally_crossing ORDER BY since LIMIT 100) AS c
        GROUP BY c.district_id, c.indicator_id, c.school_year ORDER BY min(c.since)
    LOOP
        PERFORM rollup_context(waiting.district_id, p_now);
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(
            tally_key(waiting.district_id, waiting.indicator_id, waiting.school_year));
        PERFORM pg_advisory_xact_lock_shared(tally_key(waiting.district_id, NULL, NULL));
        WITH gone AS (
            DELETE FROM tally_crossing c WHERE c.ctid = ANY (ARRAY(
                SELECT k.ctid FROM tally_crossing k
                WHERE k.district_id = waiting.district_id AND k.indicator_id = waiting.indicator_id
                  AND k.school_year = waiting.school_year ORDER BY k.since, k.site_id LIMIT p_limit))
            RETURNING c)
        SELECT array_agg(g.c) INTO mine FROM gone g;
        CONTINUE WHEN mine IS NULL;
        is_open := (SELECT i.suppression = 'none' FROM indicator i WHERE i.id = waiting.indicator_id);
        changed := tally_put_cells(waiting.indicator_id, waiting.school_year, tally_crossed(mine),
                                   CASE WHEN NOT is_open THEN 'cell' END);
        IF is_open THEN
            PERFORM rollup_refresh(waiting.indicator_id, waiting.school_year, changed);
        END IF;
        RETURN cardinality(mine);
    END LOOP;
    RETURN 0;
END
$$;

-- How many marks wait, up to 100,000, and for how long the oldest does.
CREATE OR REPLACE FUNCTION rollup_state(OUT waiting bigint, OUT oldest_s bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM rollup_mark LIMIT 100000) AS m),
           coalesce((SELECT extract(epoch FROM clock_timestamp() - m.created_at)::bigint
                     FROM rollup_mark m ORDER BY m.id LIMIT 1), 0)
$$;

-- What is stored and is not what a computation from the observations gives; nothing once the marks are
-- worked off. Rollups of student indicators are of their release, and not looked at.
CREATE OR REPLACE FUNCTION rollup_check(p_district uuid)
RETURNS TABLE (what text, indicator_id uuid, school_year integer, scope_kind text, scope_id uuid,
               cohort text, period_kind text, period_start date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    checked record;
BEGIN
    PERFORM set_config('kith.district', p_district::text, true);
    FOR checked IN
        SELECT t.indicator_id, t.school_year FROM tally t
        UNION
        SELECT o.indicator_id, o.school_year FROM observation o
        UNION
        SELECT i.id, y FROM investment v
        JOIN indicator i ON i.computed_from = 'investment'
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
    LOOP
        RETURN QUERY
        WITH stored AS (
            SELECT t.scope_kind, t.scope_id, t.partnership_id, t.cohort, t.period_kind, t.period_start,
                   t.period_end, t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of
            FROM tally t
            WHERE t.indicator_id = checked.indicator_id AND t.school_year = checked.school_year
        ), fresh AS (
            SELECT f.scope_kind, f.scope_id, f.partnership_id, f.cohort, f.period_kind, f.period_start,
                   f.period_end, f.numerator, f.denominator, f.n, f.is_made, f.observed_from, f.as_of
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
                   r.value, r.value_low, r.value_high, r.numerator, r.denominator, r.n, r.is_suppressed
            FROM rollup r
            WHERE r.indicator_id = checked.indicator_id AND r.school_year = checked.school_year
        ), fresh AS (
            SELECT f.scope_kind, f.scope_id, f.cohort, f.period_kind, f.period_start, f.period_end,
                   f.value, f.value_low, f.value_high, f.numerator, f.denominator, f.n, f.is_suppressed
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

-- Both the lists that workers claim from and write to: no context is needed for a mark.
DROP POLICY IF EXISTS mark ON rollup_mark;
CREATE POLICY mark ON rollup_mark TO kith_owner USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS mark ON tally_crossing;
CREATE POLICY mark ON tally_crossing TO kith_owner USING (true) WITH CHECK (true);

REVOKE EXECUTE ON FUNCTION tally_periods, tally_of, tally_observed,
    tally_observed_series, tally_invested, tally_counted, tally_computed, tally_made, tally_sites, tally_works_at,
    tally_levels, tally_store, tally_touched, tally_crossed, tally_above, tally_put, tally_put_series,
    tally_put_cells, tally_key, rollup_spread, release_want, rollup_context, rollup_whole, rollup_some, rollup_work,
    rollup_cross, rollup_state, rollup_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rollup_work, rollup_cross, rollup_state TO kith_kpi, kith_migrate;
GRANT EXECUTE ON FUNCTION rollup_check TO kith_kpi, kith_migrate;

RESET ROLE;
