-- What the database counts itself: things, each once, and partners, each once a month.

SET ROLE kith_owner;

-- Things, each once: at its site, of its partnership and what that counts for, of its partner and focus area, and in the
-- district. Of gifts that were received those without thanks, but for what a file brought; of roll calls those that the
-- school has signed; of check-ins that are over those that were complete by their day; of needs that were opened those that
-- are met; of what surveys that are closed asked people, about a relationship or about nothing in particular, what was
-- answered, without names, too, as it is known of everybody whether he has; of partnerships that ran in a year at a site with
-- a family plan of it, those that plan with the families or deliver.
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
        WHERE i.id = p_indicator AND i.computed_from IN ('partnership', 'site_year')
          AND d.first <= least(m.ends_on, make_date(p_year, 6, 30)) AND d.last >= make_date(p_year - 1, 7, 1)
    ), works AS (
        SELECT r.district_id, r.partner_id, r.program_id, r.focus_area_id, r.kind, w.site_id,
               greatest(r.first, w.from_date, make_date(p_year - 1, 7, 1)) AS first,
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

-- For each hundred students: partners, and what they gave; networks' of their sites'.
CREATE OR REPLACE FUNCTION tally_for_students(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    asked text := (SELECT i.code FROM indicator i WHERE i.id = p_indicator AND i.computed_from = 'site_year');
    months tally[];
BEGIN
    IF asked = 'partners_per_100' THEN
        months := ARRAY(SELECT t FROM tally_partners(p_indicator, p_year) AS t);
    ELSIF asked = 'value_per_100' THEN
        months := ARRAY(SELECT t FROM tally_invested(p_indicator, p_year) AS t);
        months := months || ARRAY(
            SELECT ROW(t.district_id, p_indicator, p_year, 'network', s.network_id, NULL, 'all', 'month', t.period_start,
                       t.period_end, sum(t.numerator), NULL, sum(t.n), false, NULL, NULL, 'cell', NULL, 0, 0)::tally
            FROM unnest(months) AS t JOIN site s ON s.id = t.scope_id
            WHERE t.scope_kind = 'site' AND s.network_id IS NOT NULL
            GROUP BY t.district_id, s.network_id, t.period_start, t.period_end);
    END IF;
    RETURN QUERY SELECT * FROM tally_per_100(p_year, months, asked = 'value_per_100');
END
$$;

-- All that the database counts itself.
CREATE OR REPLACE FUNCTION tally_computed(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT * FROM %s($1, $2)', CASE (
            SELECT i.computed_from FROM indicator i WHERE i.id = p_indicator)
        WHEN 'partnership' THEN 'tally_partners'
        WHEN 'investment' THEN 'tally_invested'
        WHEN 'pledge' THEN 'tally_waited'
        WHEN 'survey' THEN 'tally_surveyed'
        WHEN 'site_year' THEN 'tally_for_students'
        ELSE 'tally_counted' END) USING p_indicator, p_year;
END
$$;

REVOKE EXECUTE ON FUNCTION month_today, tally_counted, tally_partners, tally_for_students, tally_computed FROM PUBLIC;

RESET ROLE;
