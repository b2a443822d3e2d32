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

-- What investments come to, by month, of each partnership and what it counts for, of each partner who gave and its kind,
-- of each site, and of the district. A day counts
-- as any other of the span, both ends inclusive; rounded so that the months' cents make the whole. What a
-- co-partner gives is its own; what it counts as investment_counts_as() says. What was agreed for months to come is not
-- given yet.
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
          AND investment_counts_as(v) = CASE i.code WHEN 'value_district' THEN 'district' ELSE 'partner' END
          AND v.from_date <= make_date(p_year, 6, 30) AND v.until_date >= make_date(p_year - 1, 7, 1)
    ), monthly AS (
        SELECT g.*, m::date AS month_start, (m + interval '1 month')::date - 1 AS month_end
        FROM given g
        CROSS JOIN generate_series(make_date(p_year - 1, 7, 1), make_date(p_year, 6, 1),
                                   interval '1 month') AS m
        WHERE g.whole IS NOT NULL AND m <= (SELECT given_until())
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
           NULL::date, 'cell', NULL::numeric, 0::bigint, 0::bigint
    FROM shares s
    JOIN partnership_groups() AS g ON g.partnership_id = s.partnership_id
    JOIN partner r ON r.id = s.partner_id
    CROSS JOIN LATERAL (VALUES ('partnership', s.partnership_id), ('site', s.site_id), ('partner', s.partner_id),
                               ('program', g.program_id), ('focus_area', g.focus_area_id), ('kind', kind_scope(r.kind)),
                               ('district', s.district_id)) AS c (scope_kind, scope_id)
    WHERE c.scope_id IS NOT NULL
    GROUP BY s.district_id, c.scope_kind, c.scope_id, s.month_start, s.month_end
$$;

-- What else the database counts itself, each thing once: at its site, of its partnership and what that counts for, of its
-- partner and focus area, and in the district. Of gifts that were received those without thanks, but for what a file brought; of roll calls
-- those that the school has signed; of check-ins that are over those that were complete by their day; of needs
-- that were opened those that are met; of what surveys that are closed asked people, about a relationship or about nothing in
-- particular, what was answered, without names, too, as it is known of everybody whether he has; of partnerships that ran in a year at a site with a family plan of it, those that
-- plan with the families or deliver.
CREATE OR REPLACE FUNCTION tally_counted(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH thing AS (
        SELECT g.district_id, g.partnership_id, g.partner_id, g.site_id, NULL::uuid AS focus_area_id, 'month' AS period_kind,
               date_trunc('month', g.received_on)::date AS starts_on,
               (date_trunc('month', g.received_on) + interval '1 month')::date - 1 AS ends_on,
               NOT g.thanked AS counts
        FROM indicator i
        JOIN gift g ON g.district_id = i.district_id AND g.status = 'received' AND g.thanked IS NOT NULL
            AND g.received_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30)
            AND g.archived_at IS NULL
        WHERE i.id = p_indicator AND i.computed_from = 'gift'
        UNION ALL
        SELECT r.district_id, NULL, NULL, r.site_id, NULL, 'school_year', make_date(p_year - 1, 7, 1),
               make_date(p_year, 6, 30), r.status <> 'open'
        FROM indicator i
        JOIN roll_call r ON r.district_id = i.district_id AND r.school_year = p_year AND r.archived_at IS NULL
        WHERE i.id = p_indicator AND i.computed_from = 'roll_call'
        UNION ALL
        SELECT t.district_id, t.partnership_id, p.partner_id, p.lead_site_id, NULL, 'month',
               date_trunc('month', t.due_on)::date,
               (date_trunc('month', t.due_on) + interval '1 month')::date - 1,
               t.status = 'complete' AND (t.answered_at AT TIME ZONE d.zone)::date <= t.due_on
        FROM indicator i
        JOIN district d ON d.id = i.district_id
        JOIN check_in t ON t.district_id = i.district_id AND t.status IN ('complete', 'closed_partial', 'missed')
            AND t.due_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30) AND t.archived_at IS NULL
        JOIN partnership p ON p.district_id = t.district_id AND p.id = t.partnership_id
        WHERE i.id = p_indicator AND i.computed_from = 'check_in'
        UNION ALL
        SELECT n.district_id, NULL, NULL, n.site_id, n.focus_area_id, 'month', o.starts_on,
               (o.starts_on + interval '1 month')::date - 1, n.status = 'met'
        FROM indicator i
        JOIN district d ON d.id = i.district_id
        JOIN need n ON n.district_id = i.district_id AND n.opened_at IS NOT NULL AND n.archived_at IS NULL
        CROSS JOIN LATERAL (
            SELECT date_trunc('month', n.opened_at AT TIME ZONE d.zone)::date AS starts_on) AS o
        WHERE i.id = p_indicator AND i.computed_from = 'need'
          AND o.starts_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30)
        UNION ALL
        SELECT w.district_id, w.partnership_id, p.partner_id, coalesce(w.site_id, p.lead_site_id), NULL, 'month',
               date_trunc('month', s.closes_on)::date, (date_trunc('month', s.closes_on) + interval '1 month')::date - 1,
               CASE s.mode WHEN 'anonymous' THEN v.status = 'answered' ELSE w.status = 'submitted' END
        FROM indicator i
        JOIN survey s ON s.district_id = i.district_id AND s.status = 'closed' AND s.archived_at IS NULL
            AND s.closes_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30)
        JOIN survey_answer w ON w.district_id = s.district_id AND w.survey_id = s.id AND w.archived_at IS NULL
        JOIN survey_invitation v ON v.district_id = w.district_id AND v.id = w.survey_invitation_id AND v.status <> 'excluded'
        LEFT JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
        WHERE i.id = p_indicator AND i.computed_from = 'survey_answer'
        UNION ALL
        SELECT p.district_id, r.partnership_id, r.partner_id, p.site_id, NULL, 'school_year', make_date(p_year - 1, 7, 1),
               make_date(p_year, 6, 30), r.takes_part
        FROM indicator i
        JOIN family_plan p ON p.district_id = i.district_id AND p.school_year = p_year AND p.archived_at IS NULL
        CROSS JOIN LATERAL family_plan_runs(p) AS r -- of 39_partnership_work.sql
        WHERE i.id = p_indicator AND i.computed_from = 'family_plan'
    )
    SELECT t.district_id, p_indicator, p_year, c.scope_kind, c.scope_id, NULL::uuid, 'all', t.period_kind,
           t.starts_on, t.ends_on, count(*) FILTER (WHERE t.counts)::numeric, count(*)::numeric, count(*), false,
           NULL::date, NULL::date, 'cell', NULL::numeric, 0::bigint, 0::bigint
    FROM thing t
    LEFT JOIN partnership_groups() AS g ON g.partnership_id = t.partnership_id
    LEFT JOIN partner r ON r.id = t.partner_id
    CROSS JOIN LATERAL (VALUES ('partnership', t.partnership_id), ('site', t.site_id), ('partner', t.partner_id),
                               ('program', g.program_id), ('focus_area', coalesce(t.focus_area_id, g.focus_area_id)),
                               ('kind', kind_scope(r.kind)), ('district', t.district_id)) AS c (scope_kind, scope_id)
    WHERE c.scope_id IS NOT NULL
    GROUP BY t.district_id, c.scope_kind, c.scope_id, t.period_kind, t.starts_on, t.ends_on
$$;

-- The month that holds today, and the year of figures, from July on, that it is of.
CREATE OR REPLACE FUNCTION month_today(OUT starts_on date, OUT ends_on date, OUT school_year integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.starts_on, (m.starts_on + interval '1 month')::date - 1,
           extract(year FROM m.starts_on + interval '6 months')::integer
    FROM (SELECT date_trunc('month', district_today())::date AS starts_on) AS m;
END;

-- Partners with a partnership that runs in a month, or ran in it before it ended: at a site, in a network, of a program,
-- focus area or kind, in the district, each once there. Of months to come nobody knows. Months are the bits of a mask, July the first.
CREATE OR REPLACE FUNCTION tally_partners(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH ran AS MATERIALIZED (
        SELECT t.district_id, t.id, t.partner_id, t.lead_site_id, g.program_id, g.focus_area_id, kind_scope(o.kind) AS kind,
               d.first, least(d.last, m.ends_on) AS last
        FROM indicator i
        CROSS JOIN month_today() AS m
        JOIN partnership t ON t.district_id = i.district_id AND t.archived_at IS NULL
        JOIN partnership_groups() AS g ON g.partnership_id = t.id
        JOIN partner o ON o.id = t.partner_id
        CROSS JOIN LATERAL partnership_ran(t) AS d
        WHERE i.id = p_indicator AND i.computed_from = 'partnership'
          AND d.first <= least(m.ends_on, make_date(p_year, 6, 30)) AND d.last >= make_date(p_year - 1, 7, 1)
    ), works AS (
        SELECT r.district_id, r.partner_id, r.program_id, r.focus_area_id, r.kind, w.site_id, greatest(r.first, w.from_date, make_date(p_year - 1, 7, 1)) AS first,
               least(r.last, w.until_date, make_date(p_year, 6, 30)) AS last
        FROM ran r
        CROSS JOIN LATERAL (
            SELECT r.lead_site_id AS site_id, NULL::date AS from_date, NULL::date AS until_date
            UNION ALL
            SELECT s.site_id, s.from_date, s.until_date FROM partnership_site s
            WHERE s.district_id = r.district_id AND s.partnership_id = r.id AND s.archived_at IS NULL) AS w
    ), there AS (
        SELECT c.scope_kind, c.scope_id, w.partner_id, bit_or(
                   (1 << (extract(year FROM w.last)::integer * 12 + extract(month FROM w.last)::integer - m.july + 1))
                   - (1 << (extract(year FROM w.first)::integer * 12 + extract(month FROM w.first)::integer - m.july))) AS months
        FROM works w
        CROSS JOIN (SELECT (p_year - 1) * 12 + 7 AS july) AS m
        LEFT JOIN site s ON s.district_id = w.district_id AND s.id = w.site_id
        CROSS JOIN LATERAL (VALUES ('site', w.site_id), ('network', s.network_id), ('program', w.program_id),
                                   ('focus_area', w.focus_area_id), ('kind', w.kind), ('district', w.district_id))
            AS c (scope_kind, scope_id)
        WHERE c.scope_id IS NOT NULL AND w.first <= w.last
        GROUP BY c.scope_kind, c.scope_id, w.partner_id
    )
    SELECT current_setting('kith.district')::uuid, p_indicator, p_year, t.scope_kind, t.scope_id, NULL::uuid, 'all',
           'month', d.month_start, (d.month_start + interval '1 month')::date - 1, count(*)::numeric, NULL::numeric,
           count(*), false, NULL::date, NULL::date, 'cell', NULL::numeric, 0::bigint, 0::bigint
    FROM there t
    CROSS JOIN generate_series(0, 11) AS m (bit)
    CROSS JOIN LATERAL (SELECT (make_date(p_year - 1, 7, 1) + make_interval(months => m.bit))::date AS month_start) AS d
    WHERE (t.months >> m.bit) & 1 = 1
    GROUP BY t.scope_kind, t.scope_id, d.month_start
$$;

-- All that the database counts itself.
CREATE OR REPLACE FUNCTION tally_computed(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    SELECT * FROM tally_partners(p_indicator, p_year)
    UNION ALL
    SELECT * FROM tally_invested(p_indicator, p_year)
    UNION ALL
    SELECT * FROM tally_counted(p_indicator, p_year)
$$;

-- The same with the months that days make, where nobody has said a month's own figure. Days are not kept.
CREATE OR REPLACE FUNCTION tally_months(p_observed tally[], p_aggregation text) RETURNS SETOF tally
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET enable_hashjoin = on SET jit = off AS $$
BEGIN
    RETURN QUERY SELECT * FROM unnest(p_observed) AS o WHERE o.period_kind <> 'day';
    IF NOT EXISTS (SELECT FROM unnest(p_observed) AS o WHERE o.period_kind = 'day') THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH day AS MATERIALIZED (
        SELECT d.*, date_trunc('month', d.period_start)::date AS month FROM unnest(p_observed) AS d
        WHERE d.period_kind = 'day')
    SELECT d.district_id, d.indicator_id, d.school_year, d.scope_kind, d.scope_id, d.partnership_id, d.cohort,
           'month', d.month, (d.month + interval '1 month')::date - 1,
           CASE WHEN p_aggregation = 'latest'
                THEN (array_agg(d.numerator ORDER BY d.period_start DESC) FILTER (WHERE d.n > 0))[1]
                ELSE sum(d.numerator) END,
           CASE WHEN p_aggregation = 'latest'
                THEN (array_agg(d.denominator ORDER BY d.period_start DESC) FILTER (WHERE d.n > 0))[1]
                ELSE sum(d.denominator) END,
           sum(d.n)::bigint, true, min(d.observed_from), max(d.as_of), 'cell', max(d.people),
           sum(d.missing)::bigint, sum(d.weighted)::bigint
    FROM day d
    LEFT JOIN (SELECT * FROM unnest(p_observed) AS o WHERE o.period_kind = 'month') AS m
        ON m.scope_id = d.scope_id AND m.cohort = d.cohort AND m.partnership_id IS NOT DISTINCT FROM d.partnership_id
       AND m.period_start = d.month
    WHERE m.scope_id IS NULL
    GROUP BY d.district_id, d.indicator_id, d.school_year, d.scope_kind, d.scope_id, d.partnership_id, d.cohort, d.month;
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
                THEN (array_agg(p.numerator ORDER BY p.period_start DESC) FILTER (WHERE p.n > 0))[1]
                ELSE sum(p.numerator) END,
           CASE WHEN p.aggregation = 'latest'
                THEN (array_agg(p.denominator ORDER BY p.period_start DESC) FILTER (WHERE p.n > 0))[1]
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
        base := ARRAY(SELECT o FROM tally_observed(p_indicator, p_year, p_sites) AS o);
        base := ARRAY(SELECT m FROM tally_months(base, measured.aggregation) AS m);
    ELSE
        base := ARRAY(SELECT c FROM tally_computed(p_indicator, p_year) AS c
                      WHERE c.scope_kind IN ('site', 'partnership'));
    END IF;
    RETURN QUERY
    SELECT * FROM unnest(base) UNION ALL SELECT * FROM tally_made(p_indicator, p_year, base);
END
$$;

REVOKE EXECUTE ON FUNCTION month_today, tally_periods, tally_of, tally_observed, tally_observed_series, tally_invested,
    tally_counted, tally_partners, tally_computed, tally_months, tally_made, tally_sites FROM PUBLIC;

RESET ROLE;
