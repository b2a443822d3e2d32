-- Of the dashboard: who works in a scope in the year, by kind, focus area and campus, against what is wanted this year and
-- the next; and how much of it there is for each hundred students.

SET ROLE kith_owner;

-- Partnerships that ran in the year, ended since or not; their partners and who works in them beside those; their sites.
-- By arrays of ids, and without nested loops: of a district each is there a thousand times.
CREATE OR REPLACE FUNCTION dashboard_portfolio(
    p_kind text, p_scope uuid, p_joined uuid[], p_year integer, p_first date, p_last date, p_day date,
    OUT portfolio json, OUT places json) -- the place itself, and those below it, for dashboard_equity()
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_nestloop = off SET jit = off AS $$
DECLARE
    most constant integer := 200; -- campuses; the first are those where nobody works on what is wanted
    until constant date := least(p_last, given_until());
    next_wanted constant text[] := ARRAY(
        SELECT s FROM unnest('{draft,adopted,closed}'::text[]) AS s WHERE priority_counts(s, p_year + 1));
    home constant uuid := CASE p_kind WHEN 'network' THEN p_scope
                                      WHEN 'site' THEN (SELECT s.network_id FROM site s WHERE s.id = p_scope) END;
    inside constant uuid[] := CASE p_kind WHEN 'site' THEN ARRAY[p_scope] -- NULL: anywhere
                                          WHEN 'network' THEN ARRAY(SELECT s.id FROM site s WHERE s.network_id = p_scope) END;
BEGIN
    WITH enrolled AS MATERIALIZED (
        SELECT e.* FROM sites_enrolled(p_year) AS e
    ), ran AS MATERIALIZED (
        SELECT w.id, w.partner_id, w.lead_site_id, coalesce(w.focus_area_id, g.focus_area_id) AS focus_area_id
        FROM partnership w
        LEFT JOIN program g ON g.district_id = w.district_id AND g.id = w.program_id
        CROSS JOIN LATERAL partnership_ran(w) AS d
        WHERE w.id = ANY (p_joined) AND d.first <= least(p_last, p_day) AND d.last >= p_first
    ), held AS MATERIALIZED (
        SELECT r.id, r.partner_id, r.focus_area_id FROM ran r
        UNION
        SELECT r.id, c.partner_id, coalesce(h.focus_area_id, r.focus_area_id)
        FROM partnership_partner c
        JOIN ran r ON r.id = c.partnership_id
        LEFT JOIN program h ON h.district_id = c.district_id AND h.id = c.program_id
        WHERE c.partnership_id = ANY (p_joined) AND c.archived_at IS NULL AND c.role IN ('co_partner', 'provider')
          AND coalesce(c.from_date, '-infinity') <= p_last AND coalesce(c.until_date, 'infinity') >= p_first
    ), placed AS MATERIALIZED (
        SELECT w.id, w.site_id
        FROM (SELECT r.id, r.lead_site_id AS site_id FROM ran r WHERE r.lead_site_id IS NOT NULL
              UNION
              SELECT r.id, l.site_id FROM partnership_site l JOIN ran r ON r.id = l.partnership_id
              WHERE l.partnership_id = ANY (p_joined) AND l.archived_at IS NULL
                AND coalesce(l.from_date, '-infinity') <= p_last
                AND coalesce(l.until_date, 'infinity') >= p_first) AS w
        WHERE inside IS NULL OR w.site_id = ANY (inside)
    ), given AS MATERIALIZED (
        SELECT v.partner_id, v.focus_area_id, v.site_id, sum(v.cents) AS cents
        FROM (SELECT coalesce(v.partner_id, r.partner_id) AS partner_id, r.focus_area_id,
                     coalesce(v.site_id, r.lead_site_id) AS site_id,
                     span_share(coalesce(v.amount_cents, v.hours * v.rate_cents), v.from_date, v.until_date, p_first,
                                until) AS cents
              FROM investment v JOIN ran r ON r.id = v.partnership_id
              WHERE v.partnership_id = ANY (p_joined) AND v.side = 'partner' AND v.status = 'delivered'
                AND v.archived_at IS NULL AND v.from_date <= p_last AND v.until_date >= p_first
                AND investment_counts_as(v) = 'partner') AS v
        WHERE (inside IS NULL OR v.site_id = ANY (inside)) AND (p_kind <> 'partner' OR v.partner_id = p_scope)
        GROUP BY v.partner_id, v.focus_area_id, v.site_id
    ), wanted AS MATERIALIZED (
        SELECT p.focus_area_id, p.site_id, p.school_year > p_year AS is_next
        FROM priority p
        WHERE p.archived_at IS NULL AND p_kind IN ('district', 'network', 'site')
          AND (p.school_year = p_year AND p.status <> 'draft'
               OR p.school_year = p_year + 1 AND p.status = ANY (next_wanted))
          AND (inside IS NULL OR p.site_id = ANY (inside)
               OR p.site_id IS NULL AND (p.network_id IS NULL OR p.network_id = home))
    ), kinds AS (
        SELECT p.kind, count(DISTINCT h.partner_id) AS partners, count(DISTINCT h.id) AS partnerships,
               round(coalesce(sum(h.cents), 0))::bigint AS value_cents
        FROM (SELECT h.id, h.partner_id, NULL::numeric AS cents FROM held h
              UNION ALL SELECT NULL, v.partner_id, v.cents FROM given v) AS h
        JOIN partner p ON p.id = h.partner_id
        GROUP BY p.kind
    ), focuses AS (
        SELECT x.focus_area_id, count(DISTINCT x.partner_id) AS partners, count(DISTINCT x.id) AS partnerships,
               round(coalesce(sum(x.cents), 0))::bigint AS value_cents,
               count(*) FILTER (WHERE NOT x.is_next) AS priorities, count(*) FILTER (WHERE x.is_next) AS next_priorities
        FROM (SELECT h.focus_area_id, h.id, h.partner_id, NULL::numeric AS cents, NULL::boolean AS is_next FROM held h
              UNION ALL SELECT v.focus_area_id, NULL, NULL, v.cents, NULL FROM given v
              UNION ALL SELECT w.focus_area_id, NULL, NULL, NULL, w.is_next FROM wanted w
                        WHERE w.focus_area_id IS NOT NULL) AS x
        GROUP BY x.focus_area_id
    ), there AS MATERIALIZED ( -- what stands at a campus for a focus area
        SELECT w.site_id, h.focus_area_id, h.id, h.partner_id, NULL::numeric AS cents, NULL::boolean AS is_next
        FROM placed w JOIN held h ON h.id = w.id
        UNION ALL
        SELECT v.site_id, v.focus_area_id, NULL, NULL, v.cents, NULL FROM given v WHERE v.site_id IS NOT NULL
        UNION ALL
        SELECT w.site_id, w.focus_area_id, NULL, NULL, NULL, w.is_next FROM wanted w WHERE w.site_id IS NOT NULL
    ), unmet AS (
        SELECT u.site_id, count(*) AS many
        FROM (SELECT t.site_id FROM there t WHERE t.focus_area_id IS NOT NULL GROUP BY t.site_id, t.focus_area_id
              HAVING count(*) FILTER (WHERE NOT t.is_next) > 0 AND count(t.id) = 0) AS u
        GROUP BY u.site_id
    ), sites AS MATERIALIZED (
        SELECT s.id, s.name, e.students, t.partners, t.partnerships, t.value_cents, t.priorities, t.next_priorities,
               coalesce(u.many, 0) AS unmet
        FROM (SELECT t.site_id, count(DISTINCT t.partner_id) AS partners, count(DISTINCT t.id) AS partnerships,
                     round(coalesce(sum(t.cents), 0))::bigint AS value_cents,
                     count(*) FILTER (WHERE NOT t.is_next) AS priorities,
                     count(*) FILTER (WHERE t.is_next) AS next_priorities
              FROM there t GROUP BY t.site_id) AS t
        JOIN site s ON s.id = t.site_id
        LEFT JOIN enrolled e ON e.site_id = s.id
        LEFT JOIN unmet u ON u.site_id = s.id
    ), networks AS (
        SELECT e.network_id, count(DISTINCT t.partner_id) AS partners,
               round(coalesce(sum(t.cents), 0))::bigint AS value_cents
        FROM there t JOIN enrolled e ON e.site_id = t.site_id
        WHERE p_kind = 'district' GROUP BY e.network_id
    ), pupils AS (
        SELECT e.network_id, sum(e.students)::bigint AS students FROM enrolled e GROUP BY e.network_id
    ), place AS (
        SELECT 'network' AS kind, n.id, n.name, u.students, coalesce(w.partners, 0) AS partners,
               coalesce(w.value_cents, 0) AS value_cents, true AS is_below
        FROM network n
        LEFT JOIN pupils u ON u.network_id = n.id
        LEFT JOIN networks w ON w.network_id = n.id
        WHERE p_kind = 'district' AND n.archived_at IS NULL
        UNION ALL -- of a district the sites that are in no network
        SELECT 'site', s.id, s.name, e.students, coalesce(w.partners, 0), coalesce(w.value_cents, 0), true
        FROM enrolled e
        JOIN site s ON s.id = e.site_id
        LEFT JOIN sites w ON w.id = e.site_id
        WHERE p_kind = 'network' AND e.network_id = p_scope OR p_kind = 'district' AND e.network_id IS NULL
        UNION ALL
        SELECT p_kind, p_scope, NULL, (
                   SELECT sum(e.students)::bigint FROM enrolled e WHERE inside IS NULL OR e.site_id = ANY (inside)),
               (SELECT count(DISTINCT h.partner_id) FROM held h),
               (SELECT round(coalesce(sum(v.cents), 0))::bigint FROM given v), false
        WHERE p_kind IN ('district', 'network', 'site')
    )
    SELECT json_build_object(
        'partners', (SELECT count(DISTINCT h.partner_id) FROM held h), 'partnerships', (SELECT count(*) FROM ran),
        'sites', (SELECT count(DISTINCT w.site_id) FROM placed w),
        'by_kind', coalesce((SELECT json_agg(k ORDER BY k.partnerships DESC, k.kind) FROM kinds k), '[]'),
        'by_focus_area', coalesce((
            SELECT json_agg(json_build_object(
                'focus_area_id', f.focus_area_id, 'focus_area_name', a.name, 'partners', f.partners,
                'partnerships', f.partnerships, 'value_cents', f.value_cents, 'priorities', f.priorities,
                'next_priorities', f.next_priorities, 'is_gap', f.priorities > 0 AND f.partnerships = 0,
                'is_next_gap', f.next_priorities > 0 AND f.partnerships = 0)
                ORDER BY f.priorities > 0 AND f.partnerships = 0 DESC, f.partnerships DESC, a.name, f.focus_area_id)
            FROM focuses f LEFT JOIN focus_area a ON a.id = f.focus_area_id), '[]'),
        'by_site', coalesce((
            SELECT json_agg(json_build_object(
                'site_id', c.id, 'site_name', c.name, 'students', c.students, 'partners', c.partners,
                'partnerships', c.partnerships, 'value_cents', c.value_cents,
                'partners_per_100_students', per_100(c.partners, c.students),
                'value_cents_per_100_students', per_100(c.value_cents, c.students),
                'priorities', c.priorities, 'next_priorities', c.next_priorities, 'unmet_priorities', c.unmet)
                ORDER BY c.unmet DESC, c.partnerships, c.name, c.id)
            FROM (SELECT * FROM sites o ORDER BY o.unmet DESC, o.partnerships, o.name, o.id LIMIT most) AS c), '[]'),
        'more_sites', (SELECT greatest(count(*) - most, 0) FROM sites)),
        (SELECT json_agg(p) FROM place p)
    INTO portfolio, places;
END
$$;

-- Partners, what they gave and whom they reached for each hundred students: of the place, of the district beside it, and
-- of the places below it, those with the fewest partners for their students first. NULL: the scope is no place. Whom they
-- reached is told where the source says how many people they were, and is not hidden.
CREATE OR REPLACE FUNCTION dashboard_equity(
    p_kind text, p_year integer, p_first date, p_last date, p_day date, p_places json) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    most constant integer := 200;
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    IF p_places IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (
        WITH place AS MATERIALIZED (
            SELECT p.*, p.is_below OR p.kind = p_kind AS is_asked
            FROM json_to_recordset(p_places) AS p (kind text, id uuid, name text, students bigint, partners bigint,
                                                   value_cents bigint, is_below boolean)
            UNION ALL
            SELECT 'district', district, NULL, (SELECT sum(e.students)::bigint FROM sites_enrolled(p_year) AS e), (
                       SELECT count(DISTINCT o.partner_id)
                       FROM partnership w
                       CROSS JOIN LATERAL partnership_ran(w) AS d
                       CROSS JOIN LATERAL (
                           SELECT w.partner_id
                           UNION ALL
                           SELECT c.partner_id FROM partnership_partner c
                           WHERE c.district_id = w.district_id AND c.partnership_id = w.id AND c.archived_at IS NULL
                             AND c.role IN ('co_partner', 'provider') AND coalesce(c.from_date, '-infinity') <= p_last
                             AND coalesce(c.until_date, 'infinity') >= p_first) AS o
                       WHERE w.archived_at IS NULL AND d.first <= least(p_last, p_day) AND d.last >= p_first), (
                       SELECT r.value::bigint FROM indicator i
                       JOIN rollup r ON r.indicator_id = i.id AND r.scope_kind = 'district' AND r.scope_id = district
                           AND r.cohort = 'all' AND r.school_year = p_year AND r.period_kind = 'school_year'
                       WHERE i.code = 'value_partner' AND i.archived_at IS NULL), false, false
            WHERE p_kind <> 'district'
        ), told AS (
            SELECT p.*, json_build_object(
                'scope_kind', p.kind, 'scope_id', p.id, 'name', p.name, 'students', p.students,
                'partners', p.partners, 'value_cents', p.value_cents, 'people', f.people, 'is_suppressed', f.is_suppressed,
                'partners_per_100_students', per_100(p.partners, p.students),
                'value_cents_per_100_students', per_100(p.value_cents, p.students),
                'people_per_100_students', per_100(f.people, p.students),
                'link', format('/v1/dashboard?scope=%s&school_year=%s',
                               CASE p.kind WHEN 'district' THEN p.kind ELSE p.kind || ':' || p.id END, p_year)) AS told
            FROM place p
            CROSS JOIN LATERAL (
                SELECT max(r.value)::bigint AS people, coalesce(bool_or(r.is_suppressed), false) AS is_suppressed
                FROM indicator i
                JOIN rollup r ON r.indicator_id = i.id AND r.scope_kind = p.kind AND r.scope_id = p.id
                    AND r.cohort IN ('all', 'served') AND r.school_year = p_year AND r.period_kind = 'school_year'
                    AND NOT r.is_made
                WHERE i.code = 'reach' AND i.archived_at IS NULL) AS f
        )
        SELECT json_build_object(
            'here', (SELECT t.told FROM told t WHERE t.is_asked AND NOT t.is_below),
            'district', (SELECT t.told FROM told t WHERE NOT t.is_asked),
            'below', coalesce((
                SELECT json_agg(b.told ORDER BY b.share NULLS FIRST, b.name, b.id)
                FROM (SELECT t.*, t.partners::numeric / nullif(t.students, 0) AS share FROM told t WHERE t.is_below
                      ORDER BY share NULLS FIRST, t.name, t.id LIMIT most) AS b), '[]'),
            'more_below', (SELECT greatest(count(*) - most, 0) FROM place p WHERE p.is_below)));
END
$$;

REVOKE EXECUTE ON FUNCTION dashboard_portfolio, dashboard_equity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dashboard_portfolio, dashboard_equity TO kith_api;

RESET ROLE;
