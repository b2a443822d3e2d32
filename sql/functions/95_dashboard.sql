-- The dashboard: one document of a scope, a school year and a kind of period, written by one statement. Figures come from
-- rollup alone, and so after suppression; what a partnership reached is told per dollar and hour of what both sides
-- gave, attendance and grades never are. Its parts keep their plans: planned for each reader they would cost more than
-- what they read. 95_dashboard_portfolio.sql has who works there, and how that is spread.

SET ROLE kith_owner;

-- The partnerships that work at a site, or in a network.
CREATE OR REPLACE FUNCTION dashboard_working(p_site uuid, p_network uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN ARRAY(
        SELECT w.partnership_id FROM site s
        JOIN partnership_site w ON w.site_id = s.id AND w.archived_at IS NULL
        JOIN partnership p ON p.id = w.partnership_id AND p.archived_at IS NULL
        WHERE s.id = p_site OR s.network_id = p_network
        UNION
        SELECT p.id FROM site s
        JOIN partnership p ON p.lead_site_id = s.id AND p.archived_at IS NULL
        WHERE s.id = p_site OR s.network_id = p_network);
END
$$;

-- The partnerships of a scope; of a place those that work there.
CREATE OR REPLACE FUNCTION dashboard_partnerships(p_kind text, p_id uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN CASE p_kind
        WHEN 'district' THEN ARRAY(SELECT p.id FROM partnership p WHERE p.archived_at IS NULL)
        WHEN 'network' THEN dashboard_working(NULL, p_id)
        WHEN 'site' THEN dashboard_working(p_id, NULL)
        ELSE ARRAY(
            SELECT p.id FROM scope_partnerships(p_kind, p_id) AS s JOIN partnership p ON p.id = s.id
            WHERE p.archived_at IS NULL) END;
END
$$;

-- The goals that are due from the school year on, soonest first, and how far each is: of a scope's partnerships their own
-- and those that they share, each once; of the district (NULL) all.
CREATE OR REPLACE FUNCTION dashboard_goals(p_joined uuid[], p_from date, p_day date) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    most constant integer := 50;
    chosen uuid[] := CASE WHEN p_joined IS NULL THEN ARRAY(
            SELECT o.id FROM goal o
            WHERE o.archived_at IS NULL AND o.progress <> 'dropped' AND o.due_on >= p_from
            ORDER BY o.due_on, o.id LIMIT most)
        ELSE ARRAY(
            SELECT DISTINCT ON (o.due_on, o.id) o.id FROM unnest(p_joined) AS j (id)
            CROSS JOIN LATERAL (
                SELECT g.id, g.due_on FROM (
                    SELECT o.id FROM goal o WHERE o.partnership_id = j.id
                    UNION
                    SELECT s.goal_id FROM goal_partnership s
                    WHERE s.partnership_id = j.id AND s.archived_at IS NULL) AS w
                JOIN goal g ON g.id = w.id
                WHERE g.archived_at IS NULL AND g.progress <> 'dropped' AND g.due_on >= p_from
                ORDER BY g.due_on, g.id LIMIT most) AS o
            ORDER BY o.due_on, o.id LIMIT most) END;
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object(
            'id', a.id, 'partnership_id', a.partnership_id, 'statement', a.statement,
            'indicator_id', a.indicator_id, 'direction', a.direction,
            'baseline', a.baseline::text, 'target', a.target::text, 'due_on', a.due_on,
            'progress', a.progress, 'value', v.value::text, 'value_on', v.value_on,
            'computed_progress', goal_progress(
                a.direction, a.baseline, coalesce(a.baseline_on, (a.created_at AT TIME ZONE 'UTC')::date), a.target,
                a.due_on, v.value, v.value_on, p_day)) ORDER BY a.due_on, a.id), '[]')
        FROM unnest(chosen) AS c (id)
        JOIN goal a ON a.id = c.id
        LEFT JOIN LATERAL goal_measured(a.id, a.indicator_id, a.partnership_id, p_day) AS v ON true);
END
$$;

-- How many goals are due from then on, beyond those that are shown: ten thousand at most.
CREATE OR REPLACE FUNCTION dashboard_more_goals(p_joined uuid[], p_from date, p_goals json) RETURNS bigint
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    most constant integer := 10000;
    shown constant integer := json_array_length(p_goals);
BEGIN
    IF shown < 50 THEN
        RETURN 0;
    ELSIF p_joined IS NULL THEN
        RETURN (SELECT count(*) - shown
                FROM (SELECT FROM goal g
                      WHERE g.archived_at IS NULL AND g.progress <> 'dropped' AND g.due_on >= p_from
                      LIMIT most + shown) AS c);
    END IF;
    RETURN (
        SELECT count(*) - shown
        FROM (SELECT FROM (SELECT o.id FROM unnest(p_joined) AS j (id) JOIN goal o ON o.partnership_id = j.id
                           UNION
                           SELECT s.goal_id FROM unnest(p_joined) AS j (id)
                           JOIN goal_partnership s ON s.partnership_id = j.id AND s.archived_at IS NULL) AS w
              JOIN goal g ON g.id = w.id
              WHERE g.archived_at IS NULL AND g.progress <> 'dropped' AND g.due_on >= p_from
              LIMIT most + shown) AS c);
END
$$;

-- What each indicator is to be: by the priority that the place itself adopted for the year, or else by the goal that is
-- due next.
CREATE OR REPLACE FUNCTION dashboard_targets(p_kind text, p_id uuid, p_year integer, p_goals json)
RETURNS TABLE (indicator_id uuid, target numeric, target_of text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (t.indicator_id) t.indicator_id, t.target, t.target_of
    FROM (SELECT p.indicator_id, p.target, 'priority' AS target_of, 1 AS place, p.adopted_on AS day, p.id
          FROM priority p
          WHERE p_kind IN ('district', 'network', 'site') AND p.school_year = p_year AND p.status <> 'draft'
            AND p.archived_at IS NULL AND p.indicator_id IS NOT NULL AND p.target IS NOT NULL
            AND p.site_id IS NOT DISTINCT FROM CASE p_kind WHEN 'site' THEN p_id END
            AND p.network_id IS NOT DISTINCT FROM CASE p_kind WHEN 'network' THEN p_id END
          UNION ALL
          SELECT g.indicator_id, g.target, 'goal', 2, g.due_on, g.id
          FROM json_to_recordset(p_goals) AS g (id uuid, indicator_id uuid, target numeric, due_on date)
          WHERE g.indicator_id IS NOT NULL AND g.target IS NOT NULL) AS t
    ORDER BY t.indicator_id, t.place, t.day, t.id;
END;

-- A figure and what has to be known with it.
CREATE OR REPLACE FUNCTION dashboard_cell(r rollup, p_unit text) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object(
    'period_start', r.period_start, 'period_end', r.period_end, 'value', r.value::text,
    'value_low', r.value_low::text, 'value_high', r.value_high::text,
    'denominator', r.denominator::text, 'is_suppressed', r.is_suppressed, 'missing', r.missing,
    'weighted', r.weighted, 'is_summed', r.is_summed,
    'unit', CASE WHEN r.is_made AND p_unit = 'people' THEN 'sessions' ELSE p_unit END,
    'observed_from', r.observed_from, 'as_of', r.as_of, 'computed_at', rfc3339(r.updated_at));

-- Whether a change is for the better; NULL: nobody says which way that is.
CREATE OR REPLACE FUNCTION is_better(p_direction text, p_change numeric) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_change = 0 THEN 'same'
            WHEN p_direction IN ('up', 'down') AND p_change IS NOT NULL
            THEN CASE WHEN (p_change > 0) = (p_direction = 'up') THEN 'better' ELSE 'worse' END END;

-- The tiles: of the asked kind of period, and of what is counted through a day the newest. A change is told from one
-- period that is over to the next.
CREATE OR REPLACE FUNCTION dashboard_tiles(
    p_kind text, p_id uuid, p_scope uuid, p_year integer, p_period text, p_day date, p_goals json) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    longest constant integer := 12; -- of a trend
BEGIN
    RETURN (
        WITH figures AS MATERIALIZED (
            SELECT r, i, r.cohort, r.value, r.period_end,
                   row_number() OVER (PARTITION BY r.indicator_id, r.cohort ORDER BY r.period_end DESC) AS place,
                   CASE WHEN bool_or(r.cohort = 'all') OVER (PARTITION BY r.indicator_id) THEN 'all'
                        ELSE 'served' END AS trend_of
            FROM rollup r
            JOIN indicator i ON i.id = r.indicator_id AND i.archived_at IS NULL
            WHERE r.scope_id = p_scope AND r.school_year = p_year
              AND r.period_start + 0 <= p_day -- an expression: found by its scope, also where no statistics are yet
              AND r.period_kind = CASE WHEN i.is_ytd AND p_period <> 'school_year' THEN 'ytd' ELSE p_period END
        ), tiles AS (
            SELECT f.i,
                   (array_agg(dashboard_cell(f.r, (f.i).unit)) FILTER (WHERE f.cohort = 'all' AND f.place = 1))[1] AS of_all,
                   (array_agg(dashboard_cell(f.r, (f.i).unit)) FILTER (WHERE f.cohort = 'served' AND f.place = 1))[1] AS served,
                   (array_agg(dashboard_cell(f.r, (f.i).unit))
                        FILTER (WHERE f.cohort = 'not_served' AND f.place = 1))[1] AS not_served,
                   (array_agg(dashboard_cell(f.r, (f.i).unit))
                        FILTER (WHERE f.cohort = 'schools_where_it_works' AND f.place = 1))[1] AS schools,
                   json_agg(json_build_object(
                       'period_start', (f.r).period_start, 'period_end', f.period_end, 'value', f.value::text,
                       'is_suppressed', (f.r).is_suppressed) ORDER BY f.period_end)
                       FILTER (WHERE f.cohort = f.trend_of AND f.place <= longest) AS trend,
                   max(f.value) FILTER (WHERE f.cohort = f.trend_of AND f.place = 1) AS newest,
                   max(f.value) FILTER (WHERE f.cohort = f.trend_of AND f.place = 1 AND f.period_end <= p_day)
                   - max(f.value) FILTER (WHERE f.cohort = f.trend_of AND f.place = 2) AS change
            FROM figures f GROUP BY f.i
        )
        SELECT coalesce(json_agg(json_build_object(
            'indicator_id', (t.i).id, 'code', (t.i).code, 'name', (t.i).name, 'family', (t.i).family,
            'unit', (t.i).unit, 'direction', (t.i).direction,
            'all', t.of_all, 'served', t.served, 'not_served', t.not_served, 'schools_where_it_works', t.schools,
            'target', a.target::text, 'target_of', a.target_of,
            'meets_target', CASE (t.i).direction WHEN 'up' THEN t.newest >= a.target
                                                 WHEN 'down' THEN t.newest <= a.target END,
            'change', t.change::text, 'changed_for', is_better((t.i).direction, t.change),
            'trend', coalesce(t.trend, '[]'),
            'links', json_build_object(
                'rollups', format('/v1/rollups?indicator_id=%s&scope_kind=%s&scope_id=%s&school_year=%s',
                                  (t.i).id, p_kind, p_scope, p_year),
                'indicator', '/v1/indicators/' || (t.i).id)) ORDER BY (t.i).family, (t.i).name, (t.i).code), '[]')
        FROM tiles t
        LEFT JOIN dashboard_targets(p_kind, p_id, p_year, p_goals) AS a ON a.indicator_id = (t.i).id);
END
$$;

-- What was put out in the year, and per dollar and hour of what both sides gave; of a figure that is suppressed nothing.
CREATE OR REPLACE FUNCTION dashboard_outputs(p_scope uuid, p_year integer, p_day date) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        WITH given AS (
            SELECT max(r.value) FILTER (WHERE r.indicator_code = 'value_partner') AS value_partner,
                   max(r.value) FILTER (WHERE r.indicator_code = 'value_district') AS value_district,
                   max(r.value) FILTER (WHERE r.indicator_code = 'hours') AS hours,
                   max(r.value) FILTER (WHERE r.indicator_code = 'sessions') AS sessions,
                   coalesce(max(r.value) FILTER (WHERE r.indicator_code = 'reach' AND NOT r.is_made AND r.cohort = 'all'),
                            max(r.value) FILTER (WHERE r.indicator_code = 'reach' AND NOT r.is_made)) AS people,
                   coalesce(bool_or(r.is_suppressed) FILTER (WHERE r.indicator_code = 'reach'), false) AS is_suppressed,
                   -- of which nobody says how many people they were
                   coalesce(max(r.value) FILTER (WHERE r.indicator_code = 'reach' AND r.is_made AND r.cohort = 'all'),
                            max(r.value) FILTER (WHERE r.indicator_code = 'reach' AND r.is_made)) AS people_sessions
            FROM rollup r
            WHERE r.scope_id = p_scope AND r.school_year = p_year AND r.period_start <= p_day
              AND r.period_kind = 'school_year' AND r.cohort IN ('all', 'served')
        ), outputs AS (
            SELECT g.*, (coalesce(g.value_partner, 0) + coalesce(g.value_district, 0)) / 100000 AS thousands
            FROM given g
        )
        SELECT json_build_object(
            'people', o.people::text, 'people_sessions', o.people_sessions::text,
            'people_is_suppressed', o.is_suppressed, 'sessions', o.sessions::text, 'hours', o.hours::text,
            'value_partner_cents', o.value_partner::text, 'value_district_cents', o.value_district::text,
            'people_per_1000_dollars', round(o.people / nullif(o.thousands, 0), 2)::text,
            'people_sessions_per_1000_dollars', round(o.people_sessions / nullif(o.thousands, 0), 2)::text,
            'sessions_per_1000_dollars', round(o.sessions / nullif(o.thousands, 0), 2)::text,
            'hours_per_1000_dollars', round(o.hours / nullif(o.thousands, 0), 2)::text,
            'people_per_hour', round(o.people / nullif(o.hours, 0), 2)::text)
        FROM outputs o);
END
$$;

-- What somebody in charge wants to know first: how much there is, what has become better and worse, what is where it is to
-- be, and how the goals stand that are shown.
CREATE OR REPLACE FUNCTION dashboard_summary(p_tiles json, p_goals json, p_outputs json, p_portfolio json) RETURNS json
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        WITH tile AS (
            SELECT t.* FROM json_to_recordset(p_tiles) AS t (code text, changed_for text, meets_target boolean)
        ), goal AS (
            SELECT g.computed_progress AS progress, count(*) AS count
            FROM json_to_recordset(p_goals) AS g (computed_progress text) GROUP BY g.computed_progress
        ), given AS (
            SELECT (p_outputs ->> 'value_partner_cents')::numeric AS partner,
                   (p_outputs ->> 'value_district_cents')::numeric AS district
        )
        SELECT json_build_object(
            'partners', p_portfolio -> 'partners', 'partnerships', p_portfolio -> 'partnerships',
            'sites', p_portfolio -> 'sites', 'people', p_outputs -> 'people',
            'people_sessions', p_outputs -> 'people_sessions', 'sessions', p_outputs -> 'sessions',
            'hours', p_outputs -> 'hours', 'value_partner_cents', p_outputs -> 'value_partner_cents',
            'value_district_cents', p_outputs -> 'value_district_cents',
            'balance', (SELECT CASE WHEN v.partner > 0 AND v.district > 0
                                    THEN round(v.partner / (v.partner + v.district), 4)::text END FROM given v),
            'better', coalesce((SELECT json_agg(t.code) FROM tile t WHERE t.changed_for = 'better'), '[]'),
            'worse', coalesce((SELECT json_agg(t.code) FROM tile t WHERE t.changed_for = 'worse'), '[]'),
            'target_met', coalesce((SELECT json_agg(t.code) FROM tile t WHERE t.meets_target), '[]'),
            'target_missed', coalesce((SELECT json_agg(t.code) FROM tile t WHERE NOT t.meets_target), '[]'),
            'goals', coalesce((SELECT json_agg(g ORDER BY g.count DESC, g.progress) FROM goal g), '[]')));
END
$$;

-- The document; NULL: there is no such scope. p_id of the district: NULL.
CREATE OR REPLACE FUNCTION dashboard_document(p_kind text, p_id uuid, p_year integer, p_period text) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
    scope uuid := coalesce(p_id, current_setting('kith.district')::uuid);
    called text := scope_name(p_kind, scope);
    today date := district_today();
    span record;
    joined uuid[];
    goals json;
    tiles json;
    outputs json;
    work record;
BEGIN
    IF called IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT y.* INTO STRICT span FROM school_year_span(p_year) AS y;
    joined := dashboard_partnerships(p_kind, scope);
    goals := dashboard_goals(CASE WHEN p_kind <> 'district' THEN joined END, span.starts_on, today);
    tiles := dashboard_tiles(p_kind, p_id, scope, p_year, p_period, today, goals);
    outputs := dashboard_outputs(scope, p_year, today);
    SELECT w.* INTO STRICT work
    FROM dashboard_portfolio(p_kind, scope, joined, p_year, span.starts_on, span.ends_on, today) AS w;
    RETURN json_build_object(
        'scope_kind', p_kind, 'scope_id', scope, 'name', called, 'school_year', p_year, 'period', p_period,
        'as_of', today,
        'summary', dashboard_summary(tiles, goals, outputs, work.portfolio),
        'indicators', tiles, 'goals', goals,
        'more_goals', dashboard_more_goals(CASE WHEN p_kind <> 'district' THEN joined END, span.starts_on, goals),
        'dosages', cohort_dosages(joined, p_year), 'outputs', outputs,
        'equity', dashboard_equity(p_kind, p_year, span.starts_on, span.ends_on, today, work.places),
        'portfolio', work.portfolio,
        'partnerships', (
            SELECT coalesce(json_agg(c ORDER BY c.status), '[]')
            FROM (SELECT p.status, count(*) AS count FROM unnest(joined) AS j (id)
                  JOIN partnership p ON p.id = j.id GROUP BY p.status) AS c),
        'links', dashboard_links(p_kind, scope, p_year, p_period));
END
$$;

-- Where what it tells can be read in full, and what tells that it has changed.
CREATE OR REPLACE FUNCTION dashboard_links(p_kind text, p_scope uuid, p_year integer, p_period text) RETURNS json
LANGUAGE sql IMMUTABLE
RETURN json_build_object(
    'self', format('/v1/dashboard?scope=%s&school_year=%s&period=%s',
                   scope_text(p_kind, p_scope), p_year, p_period),
    'balance', format('/v1/balance?scope=%s&school_year=%s',
                      scope_text(p_kind, p_scope), p_year),
    'gaps', CASE p_kind WHEN 'district' THEN format('/v1/gaps?school_year=%s', p_year)
                        WHEN 'network' THEN format('/v1/gaps?network_id=%s&school_year=%s', p_scope, p_year)
                        WHEN 'site' THEN format('/v1/gaps?site_id=%s&school_year=%s', p_scope, p_year) END,
    'events', '/v1/events');

REVOKE EXECUTE ON FUNCTION dashboard_working, dashboard_partnerships, dashboard_goals, dashboard_more_goals, dashboard_targets, dashboard_cell, is_better,
    dashboard_tiles, dashboard_outputs, dashboard_summary, dashboard_document, dashboard_links FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dashboard_working, dashboard_partnerships, dashboard_goals, dashboard_more_goals, dashboard_targets, dashboard_cell, is_better,
    dashboard_tiles, dashboard_outputs, dashboard_summary, dashboard_document, dashboard_links TO kith_api;

RESET ROLE;
