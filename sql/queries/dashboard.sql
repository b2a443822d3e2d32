-- The dashboard: one document of a scope, a school year and a kind of period. Figures come from rollup
-- alone, and so after suppression; what a partnership reached is told per dollar and hour of what both
-- sides gave, attendance and grades never are.

-- No row: there is no such scope. The version names the document's content.
-- $1 kind of the scope, $2 its id (of the district: NULL), $3 school year, $4 kind of period, $5 now
-- name: dashboard :maybe
WITH scope AS MATERIALIZED (
    SELECT d.id, d.name FROM district d
    WHERE $1::text = 'district' AND d.id = current_setting('kith.district')::uuid
    UNION ALL
    SELECT n.id, n.name FROM network n WHERE $1::text = 'network' AND n.id = $2::uuid
    UNION ALL
    SELECT s.id, s.name FROM site s WHERE $1::text = 'site' AND s.id = $2::uuid
    UNION ALL
    SELECT p.id, p.name FROM partner p WHERE $1::text = 'partner' AND p.id = $2::uuid
    UNION ALL
    SELECT p.id, p.name FROM partnership p WHERE $1::text = 'partnership' AND p.id = $2::uuid
), today AS MATERIALIZED (
    SELECT ($5::timestamptz AT TIME ZONE d.zone)::date AS day FROM district d
    WHERE d.id = current_setting('kith.district')::uuid
), joined AS MATERIALIZED (
    SELECT p.id, p.status FROM partnership p
    WHERE $1::text = 'partnership' AND p.id = $2::uuid AND p.archived_at IS NULL
    UNION ALL
    SELECT p.id, p.status FROM partnership p
    WHERE $1::text = 'partner' AND p.partner_id = $2::uuid AND p.archived_at IS NULL
    UNION ALL
    SELECT p.id, p.status FROM partnership p
    WHERE $1::text = 'district' AND p.archived_at IS NULL
    UNION ALL
    SELECT p.id, p.status FROM partnership p
    WHERE p.archived_at IS NULL AND p.id IN (
        SELECT w.partnership_id FROM partnership_site w
        WHERE $1::text = 'site' AND w.site_id = $2::uuid AND w.archived_at IS NULL
        UNION ALL
        SELECT w.partnership_id FROM site s JOIN partnership_site w ON w.site_id = s.id
        WHERE $1::text = 'network' AND s.network_id = $2::uuid AND w.archived_at IS NULL)
), shown AS MATERIALIZED (
    SELECT r.*, i.name, i.family, i.unit, i.direction
    FROM scope s
    JOIN rollup r ON r.scope_id = s.id AND r.school_year = $3::integer
        AND r.period_kind IN ($4::text, 'ytd', 'school_year')
    JOIN indicator i ON i.id = r.indicator_id AND i.archived_at IS NULL
    CROSS JOIN today t
    WHERE r.period_start <= t.day
      AND (r.period_kind = $4::text OR i.is_ytd OR r.period_kind = 'school_year')
), figures AS ( -- of the asked period; of what is counted through a day, the newest
    SELECT f.* FROM shown f JOIN indicator i ON i.id = f.indicator_id
    WHERE CASE WHEN i.is_ytd THEN f.period_kind = 'ytd' OR $4::text = 'school_year'
               ELSE f.period_kind = $4::text END
), newest AS (
    SELECT DISTINCT ON (f.indicator_id, f.cohort) f.indicator_id, f.cohort, json_build_object(
        'period_start', f.period_start, 'period_end', f.period_end, 'value', f.value::text,
        'value_low', f.value_low::text, 'value_high', f.value_high::text,
        'denominator', f.denominator::text, 'is_suppressed', f.is_suppressed, 'missing', f.missing,
        'weighted', f.weighted, 'is_summed', f.is_summed,
        'unit', CASE WHEN f.is_made AND f.unit = 'people' THEN 'sessions' ELSE f.unit END,
        'observed_from', f.observed_from, 'as_of', f.as_of, 'computed_at', rfc3339(f.updated_at)) AS cell
    FROM figures f
    ORDER BY f.indicator_id, f.cohort, f.period_end DESC
), trends AS (
    SELECT l.indicator_id, json_agg(json_build_object(
        'period_start', l.period_start, 'period_end', l.period_end, 'value', l.value::text,
        'is_suppressed', l.is_suppressed) ORDER BY l.period_end) AS trend
    FROM (SELECT f.*, row_number() OVER (PARTITION BY f.indicator_id ORDER BY f.period_end DESC) AS place
          FROM figures f
          WHERE f.cohort = CASE WHEN EXISTS (SELECT FROM figures o
                                             WHERE o.indicator_id = f.indicator_id AND o.cohort = 'all')
                                THEN 'all' ELSE 'served' END) AS l
    WHERE l.place <= 12
    GROUP BY l.indicator_id
), aims AS MATERIALIZED (
    SELECT g.*, v.value, v.value_on,
           goal_progress(g.direction, g.baseline,
                         coalesce(g.baseline_on, (g.created_at AT TIME ZONE 'UTC')::date), g.target,
                         g.due_on, v.value, v.value_on, t.day) AS computed_progress
    FROM school_year_span($3::bigint) AS y
    CROSS JOIN LATERAL (
          (SELECT o.* FROM goal o
           WHERE $1::text = 'district' AND o.archived_at IS NULL AND o.progress <> 'dropped'
             AND o.due_on >= y.starts_on
           ORDER BY o.due_on, o.id LIMIT 50)
          UNION ALL
          SELECT DISTINCT ON (o.due_on, o.id) o.* FROM joined j -- its own, and those that it shares, each once
          CROSS JOIN LATERAL (
              SELECT g.* FROM (
                  SELECT o.id FROM goal o WHERE o.partnership_id = j.id
                  UNION
                  SELECT s.goal_id FROM goal_partnership s
                  WHERE s.partnership_id = j.id AND s.archived_at IS NULL) AS w
              JOIN goal g ON g.id = w.id
              WHERE g.archived_at IS NULL AND g.progress <> 'dropped'
                AND g.due_on >= y.starts_on
              ORDER BY g.due_on, g.id LIMIT 50) AS o
          WHERE $1::text <> 'district'
          ORDER BY due_on, id LIMIT 50) AS g
    CROSS JOIN today t
    LEFT JOIN LATERAL goal_measured(g.id, g.indicator_id, g.partnership_id, t.day) AS v ON true
), given AS ( -- the year's, of which nothing is told when it is suppressed
    SELECT max(f.value) FILTER (WHERE f.indicator_code = 'value_partner') AS value_partner,
           max(f.value) FILTER (WHERE f.indicator_code = 'value_district') AS value_district,
           max(f.value) FILTER (WHERE f.indicator_code = 'hours') AS hours,
           max(f.value) FILTER (WHERE f.indicator_code = 'sessions') AS sessions,
           coalesce(max(f.value) FILTER (WHERE f.indicator_code = 'reach' AND NOT f.is_made AND f.cohort = 'all'),
                    max(f.value) FILTER (WHERE f.indicator_code = 'reach' AND NOT f.is_made)) AS people,
           -- of which nobody says how many people they were
           coalesce(max(f.value) FILTER (WHERE f.indicator_code = 'reach' AND f.is_made AND f.cohort = 'all'),
                    max(f.value) FILTER (WHERE f.indicator_code = 'reach' AND f.is_made)) AS people_sessions
    FROM shown f WHERE f.period_kind = 'school_year' AND f.cohort IN ('all', 'served')
), outputs AS (
    SELECT g.*, (coalesce(g.value_partner, 0) + coalesce(g.value_district, 0)) / 100000 AS thousands
    FROM given g
), document AS MATERIALIZED (
    SELECT json_build_object(
        'scope_kind', $1::text, 'scope_id', s.id, 'name', s.name, 'school_year', $3::integer,
        'period', $4::text,
        'indicators', coalesce((
            SELECT json_agg(json_build_object(
                'indicator_id', i.id, 'code', i.code, 'name', i.name, 'family', i.family,
                'unit', i.unit, 'direction', i.direction,
                'all', (SELECT n.cell FROM newest n WHERE n.indicator_id = i.id AND n.cohort = 'all'),
                'served', (SELECT n.cell FROM newest n WHERE n.indicator_id = i.id AND n.cohort = 'served'),
                'not_served', (SELECT n.cell FROM newest n
                               WHERE n.indicator_id = i.id AND n.cohort = 'not_served'),
                'schools_where_it_works', (
                    SELECT n.cell FROM newest n
                    WHERE n.indicator_id = i.id AND n.cohort = 'schools_where_it_works'),
                'target', (SELECT a.target::text FROM aims a
                           WHERE a.indicator_id = i.id AND a.target IS NOT NULL
                           ORDER BY a.due_on, a.id LIMIT 1),
                'trend', coalesce((SELECT t.trend FROM trends t WHERE t.indicator_id = i.id), '[]'))
                ORDER BY i.family, i.name, i.code)
            FROM indicator i WHERE i.id IN (SELECT n.indicator_id FROM newest n)), '[]'),
        'goals', coalesce((
            SELECT json_agg(json_build_object(
                'id', a.id, 'partnership_id', a.partnership_id, 'statement', a.statement,
                'indicator_id', a.indicator_id, 'direction', a.direction,
                'baseline', a.baseline::text, 'target', a.target::text, 'due_on', a.due_on,
                'progress', a.progress, 'value', a.value::text, 'value_on', a.value_on,
                'computed_progress', a.computed_progress) ORDER BY a.due_on, a.id)
            FROM aims a), '[]'),
        'outputs', (
            SELECT json_build_object(
                'people', o.people::text, 'people_sessions', o.people_sessions::text,
                'sessions', o.sessions::text, 'hours', o.hours::text,
                'value_partner_cents', o.value_partner::text,
                'value_district_cents', o.value_district::text,
                'people_per_1000_dollars', round(o.people / nullif(o.thousands, 0), 2)::text,
                'people_sessions_per_1000_dollars',
                    round(o.people_sessions / nullif(o.thousands, 0), 2)::text,
                'sessions_per_1000_dollars', round(o.sessions / nullif(o.thousands, 0), 2)::text,
                'hours_per_1000_dollars', round(o.hours / nullif(o.thousands, 0), 2)::text,
                'people_per_hour', round(o.people / nullif(o.hours, 0), 2)::text)
            FROM outputs o),
        'partnerships', coalesce((
            SELECT json_agg(json_build_object('status', c.status, 'count', c.count) ORDER BY c.status)
            FROM (SELECT j.status, count(*) AS count FROM joined j GROUP BY j.status) AS c), '[]')
    )::text AS body
    FROM scope s)
SELECT md5(d.body) AS version, d.body FROM document d;
