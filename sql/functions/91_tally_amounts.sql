-- What the database counts itself that comes in amounts: of investments, of days until a need is worked on, of what
-- surveys found, and for each hundred students.

SET ROLE kith_owner;

-- How an investment counts for an indicator: how much, and whether as a part of what that is of. No row: not at all.
CREATE OR REPLACE FUNCTION investment_counted(v investment, p_code text)
RETURNS TABLE (amount numeric, is_part boolean, is_ratio boolean)
LANGUAGE sql IMMUTABLE ROWS 1 AS $$
    SELECT c.amount, CASE p_code WHEN 'balance' THEN c.whose = 'partner'
                                 WHEN 'delivered_of_promised' THEN v.status = 'delivered' ELSE true END,
           p_code IN ('balance', 'delivered_of_promised')
    FROM (SELECT investment_counts_as(v) AS whose,
                 CASE p_code WHEN 'hours' THEN v.hours
                             ELSE coalesce(v.amount_cents, round(v.hours * v.rate_cents)) END AS amount) AS c
    WHERE c.amount IS NOT NULL AND (v.status = 'delivered' OR v.status = 'pledged' AND p_code = 'delivered_of_promised')
      AND c.whose = ANY (CASE p_code WHEN 'value_district' THEN '{district}'
                                     WHEN 'balance' THEN '{partner,district}'
                                     WHEN 'delivered_of_promised' THEN '{partner,district}'
                                     ELSE '{partner}' END::text[])
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
               v.from_date, v.until_date, c.amount AS whole, c.is_part, c.is_ratio,
               CASE i.code WHEN 'hours' THEN 2 ELSE 0 END AS digits
        FROM investment v
        JOIN partnership p ON p.district_id = v.district_id AND p.id = v.partnership_id
        JOIN indicator i ON i.id = p_indicator
            AND (i.computed_from = 'investment' OR i.computed_from = 'site_year' AND i.code = 'value_per_100')
        CROSS JOIN LATERAL investment_counted(v, i.code) AS c
        WHERE v.archived_at IS NULL
          AND v.from_date <= make_date(p_year, 6, 30) AND v.until_date >= make_date(p_year - 1, 7, 1)
    ), monthly AS (
        SELECT g.*, m::date AS month_start, (m + interval '1 month')::date - 1 AS month_end
        FROM given g
        CROSS JOIN generate_series(make_date(p_year - 1, 7, 1), make_date(p_year, 6, 1),
                                   interval '1 month') AS m
        WHERE m <= (SELECT given_until())
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
           s.month_start, s.month_end, coalesce(sum(s.share) FILTER (WHERE s.is_part), 0),
           sum(s.share) FILTER (WHERE s.is_ratio), count(*), false, NULL::date,
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

-- How long needs waited until the first partnership that came of them was active, in days of the district, and in which
-- month that was: at the need's site, or where the partnership is led.
CREATE OR REPLACE FUNCTION tally_waited(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH answered AS (
        SELECT DISTINCT ON (n.id) n.district_id, n.site_id, n.focus_area_id, p.id AS partnership_id, p.partner_id, p.lead_site_id,
               (n.opened_at AT TIME ZONE d.zone)::date AS opened_on, (p.activated_at AT TIME ZONE d.zone)::date AS active_on
        FROM indicator i
        JOIN district d ON d.id = i.district_id
        JOIN pledge o ON o.district_id = i.district_id AND o.partnership_id IS NOT NULL AND o.archived_at IS NULL
        JOIN partnership p ON p.district_id = o.district_id AND p.id = o.partnership_id AND p.activated_at IS NOT NULL
            AND p.archived_at IS NULL
        JOIN need n ON n.district_id = o.district_id AND n.id = o.need_id AND n.opened_at <= p.activated_at
            AND n.archived_at IS NULL
        WHERE i.id = p_indicator AND i.computed_from = 'pledge'
        ORDER BY n.id, p.activated_at, p.id
    )
    SELECT a.district_id, p_indicator, p_year, c.scope_kind, c.scope_id, NULL::uuid, 'all', 'month', m.starts_on,
           (m.starts_on + interval '1 month')::date - 1, sum(a.active_on - a.opened_on)::numeric, count(*)::numeric, count(*),
           false, NULL::date, NULL::date, 'cell', NULL::numeric, 0::bigint, 0::bigint
    FROM answered a
    JOIN partnership_groups() AS g ON g.partnership_id = a.partnership_id
    JOIN partner r ON r.id = a.partner_id
    CROSS JOIN LATERAL (SELECT date_trunc('month', a.active_on)::date AS starts_on) AS m
    CROSS JOIN LATERAL (VALUES ('partnership', a.partnership_id), ('site', coalesce(a.site_id, a.lead_site_id)),
                               ('partner', a.partner_id), ('program', g.program_id), ('focus_area', a.focus_area_id),
                               ('kind', kind_scope(r.kind)), ('district', a.district_id)) AS c (scope_kind, scope_id)
    WHERE c.scope_id IS NOT NULL AND a.active_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30)
    GROUP BY a.district_id, c.scope_kind, c.scope_id, m.starts_on
$$;

-- What surveys of relationships that are closed found of trust and value, as far as it may be told (86_survey_fold.sql):
-- of the district, schools, programs, focus areas and kinds. Of a single partner the survey's results tell the staff.
CREATE OR REPLACE FUNCTION tally_surveyed(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH wave AS MATERIALIZED (
        SELECT s.district_id, s.id, date_trunc('month', s.closes_on)::date AS starts_on,
               max(l.slot::text) FILTER (WHERE l.value = 'n') AS many, max(l.slot::text) FILTER (WHERE l.value = 'sum') AS sum
        FROM indicator i
        JOIN survey s ON s.district_id = i.district_id AND s.status = 'closed' AND s.archived_at IS NULL
            AND s.closes_on BETWEEN make_date(p_year - 1, 7, 1) AND make_date(p_year, 6, 30)
        JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id AND n.subject = 'relationship'
        CROSS JOIN LATERAL survey_slots(s.id) AS l
        WHERE i.id = p_indicator AND i.computed_from = 'survey' AND l.is_factor
          AND l.code = CASE i.code WHEN 'relationship_value' THEN 'value' ELSE i.code END
        GROUP BY s.district_id, s.id, s.closes_on
    ), told AS (
        SELECT w.district_id, w.starts_on, c.scope_kind, c.scope_id, (t.sums ->> w.sum)::numeric AS sum,
               (t.sums ->> w.many)::numeric AS many
        FROM wave w
        JOIN survey_tally t ON t.district_id = w.district_id AND t.survey_id = w.id
        LEFT JOIN partnership_groups() AS g ON t.dimension = 'partnership' AND g.partnership_id::text = t.key
        LEFT JOIN partner r ON t.dimension = 'partner' AND r.id::text = t.key
        CROSS JOIN LATERAL (VALUES
            ('district', CASE t.dimension WHEN 'all' THEN w.district_id END),
            ('site', CASE t.dimension WHEN 'site' THEN t.key::uuid END),
            ('program', g.program_id), ('focus_area', g.focus_area_id), ('kind', kind_scope(r.kind)))
            AS c (scope_kind, scope_id)
        WHERE c.scope_id IS NOT NULL
    )
    SELECT t.district_id, p_indicator, p_year, t.scope_kind, t.scope_id, NULL::uuid, 'all', 'month', t.starts_on,
           (t.starts_on + interval '1 month')::date - 1, sum(t.sum), sum(t.many), count(*), false, NULL::date, NULL::date,
           'cell', sum(t.many), 0::bigint, 0::bigint
    FROM told t
    WHERE t.many > 0
    GROUP BY t.district_id, t.scope_kind, t.scope_id, t.starts_on
$$;

-- The students of sites that are open, as last known in that year.
CREATE OR REPLACE FUNCTION sites_enrolled(p_year integer)
RETURNS TABLE (site_id uuid, network_id uuid, students bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (s.id) s.id, s.network_id, y.enrollment
    FROM site s
    LEFT JOIN site_year y ON y.site_id = s.id AND y.school_year <= p_year AND y.enrollment IS NOT NULL
        AND y.archived_at IS NULL
    WHERE s.status NOT IN ('closed', 'merged') AND s.archived_at IS NULL
    ORDER BY s.id, y.school_year DESC;
END;

-- The same of networks and the district, too.
CREATE OR REPLACE FUNCTION places_enrolled(p_year integer) RETURNS TABLE (scope_kind text, scope_id uuid, students bigint)
LANGUAGE sql STABLE AS $$
    SELECT c.kind, c.id, sum(e.students)::bigint
    FROM sites_enrolled(p_year) AS e
    CROSS JOIN LATERAL (VALUES ('site', e.site_id), ('network', e.network_id),
                               ('district', current_setting('kith.district')::uuid)) AS c (kind, id)
    WHERE c.id IS NOT NULL
    GROUP BY c.kind, c.id HAVING sum(e.students) > 0
$$;

-- Of places of which the students are known, amounts of months for each hundred of them. p_is_summed: longer periods are
-- sums of months, for as many students; or else those of the last one.
CREATE OR REPLACE FUNCTION tally_per_100(p_year integer, p_months tally[], p_is_summed boolean)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    SELECT t.district_id, t.indicator_id, p_year, t.scope_kind, t.scope_id, NULL::uuid, 'all', p.kind, p.starts_on, p.ends_on,
           sum(t.numerator), round(e.students / 100.0, 2), sum(t.n)::bigint, p.kind <> 'month', NULL::date, NULL::date, 'cell',
           NULL::numeric, 0::bigint, 0::bigint
    FROM unnest(p_months) AS t
    JOIN places_enrolled(p_year) AS e ON e.scope_kind = t.scope_kind AND e.scope_id = t.scope_id
    CROSS JOIN LATERAL (
        SELECT 'month' AS kind, t.period_start AS starts_on, t.period_end AS ends_on
        UNION ALL
        SELECT l.kind, l.starts_on, l.ends_on FROM tally_periods(p_year) AS l
        WHERE p_is_summed AND t.period_start BETWEEN l.starts_on AND l.ends_on) AS p
    GROUP BY t.district_id, t.indicator_id, t.scope_kind, t.scope_id, e.students, p.kind, p.starts_on, p.ends_on
$$;

REVOKE EXECUTE ON FUNCTION investment_counted, tally_invested, tally_waited, tally_surveyed, sites_enrolled, places_enrolled,
    tally_per_100 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sites_enrolled TO kith_api;

RESET ROLE;
