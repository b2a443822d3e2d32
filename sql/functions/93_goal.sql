-- How far a goal is, as the dashboard tells it.

SET ROLE kith_owner;

-- The rule of a goal. Its line goes straight from the baseline to the target, from the baseline's day to
-- the due day; without a baseline it lies at the target. A value at or past the target is met, at
-- whatever time; after the due day it is missed otherwise; before, a value on the line or better is on
-- track, one short of it by a tenth of the way at most is at risk, one that is further off is behind. A
-- goal whose line has not begun is not started; one without a target, or without a value since the line
-- began, has no data.
CREATE OR REPLACE FUNCTION goal_progress(
    p_direction text, p_baseline numeric, p_from date, p_target numeric, p_due date,
    p_value numeric, p_value_on date, p_today date) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_today < p_from THEN 'not_started'
        WHEN p_target IS NULL OR p_value IS NULL OR p_value_on < p_from THEN 'no_data'
        WHEN s.sign * (p_value - p_target) >= 0 THEN 'met'
        WHEN p_today > p_due THEN 'missed'
        WHEN s.sign * (p_value - l.expected) >= 0 THEN 'on_track'
        WHEN s.sign * (l.expected - p_value) <= 0.1 * l.way THEN 'at_risk'
        ELSE 'behind' END
    FROM (SELECT CASE p_direction WHEN 'up' THEN 1 ELSE -1 END AS sign) AS s,
         (SELECT coalesce(p_baseline, p_target)
                 + (p_target - coalesce(p_baseline, p_target))
                   * CASE WHEN p_due > p_from
                          THEN least(1, greatest(0, (p_value_on - p_from)::numeric / (p_due - p_from)))
                          ELSE 1 END AS expected,
                 abs(p_target - coalesce(p_baseline, 0)) AS way) AS l
$$;

-- The partnerships that want a goal: its own, and those that share it.
CREATE OR REPLACE FUNCTION goal_partnerships(p_goal uuid, p_partnership uuid) RETURNS TABLE (id uuid, is_shared boolean)
LANGUAGE sql STABLE ROWS 2
BEGIN ATOMIC
    SELECT w.id, count(*) OVER () > 1
    FROM (SELECT p_partnership AS id
          UNION
          SELECT s.partnership_id FROM goal_partnership s
          WHERE s.district_id = current_setting('kith.district')::uuid AND s.goal_id = p_goal
            AND s.archived_at IS NULL) AS w;
END;

-- What the indicator publishes of each of them; whole schools where several of them work are counted once. A figure is
-- looked for by its scope (OFFSET 0), also where no statistics say yet how few it has.
CREATE OR REPLACE FUNCTION goal_figures(p_goal uuid, p_indicator uuid, p_partnership uuid)
RETURNS TABLE (cohort text, period_kind text, period_start date, period_end date, value numeric, denominator numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.cohort, r.period_kind, r.period_start, r.period_end, r.value, r.denominator
    FROM goal_partnerships(p_goal, p_partnership) AS w
    CROSS JOIN LATERAL (
        SELECT * FROM rollup f
        WHERE f.district_id = current_setting('kith.district')::uuid AND f.indicator_id = p_indicator
          AND f.scope_kind = 'partnership' AND f.scope_id = w.id AND f.cohort <> 'not_served'
          AND NOT (w.is_shared AND f.cohort = 'schools_where_it_works') OFFSET 0) AS r
    UNION ALL
    SELECT 'schools_where_it_works', r.period_kind, r.period_start, r.period_end, r.value, r.denominator
    FROM (SELECT DISTINCT s.site_id FROM goal_partnerships(p_goal, p_partnership) AS w
          JOIN partnership_site s ON s.district_id = current_setting('kith.district')::uuid AND s.partnership_id = w.id
              AND s.archived_at IS NULL
          WHERE w.is_shared) AS there
    CROSS JOIN LATERAL (
        SELECT * FROM rollup f
        WHERE f.district_id = current_setting('kith.district')::uuid AND f.indicator_id = p_indicator
          AND f.scope_kind = 'site' AND f.scope_id = there.site_id AND f.cohort = 'all' OFFSET 0) AS r
    WHERE EXISTS (
        SELECT FROM goal_partnerships(p_goal, p_partnership) AS w
        JOIN partnership_site s ON s.district_id = r.district_id AND s.partnership_id = w.id
            AND s.site_id = r.scope_id AND s.archived_at IS NULL
        WHERE coalesce(s.from_date, '-infinity') <= r.period_end AND coalesce(s.until_date, 'infinity') >= r.period_start);
END;

-- What the indicator says of them together, as it adds up itself: the newest figure up to that day, of those whom
-- they serve rather than of whole schools; no row: nothing, or some of it is hidden. What is a sum is the year's, as far as
-- it is. As rows, so that it is a part of the statement that asks, and not planned for each goal.
CREATE OR REPLACE FUNCTION goal_measured(p_goal uuid, p_indicator uuid, p_partnership uuid, p_today date)
RETURNS TABLE (value numeric, value_on date)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT m.value, least(m.period_end, p_today)
    FROM (SELECT r.cohort, r.period_start, r.period_end, count(*) AS many,
                 CASE WHEN i.aggregation <> 'sum' AND count(r.denominator) = count(*)
                      THEN round(sum(r.value * r.denominator) / nullif(sum(r.denominator), 0), 4)
                      ELSE sum(r.value) END AS value
          FROM indicator i CROSS JOIN LATERAL goal_figures(p_goal, i.id, p_partnership) AS r
          WHERE i.id = p_indicator
            AND CASE WHEN i.aggregation = 'sum'
                     THEN r.period_kind = 'school_year' AND r.period_start <= p_today
                     ELSE r.period_end <= p_today END
          GROUP BY i.aggregation, r.cohort, r.period_kind, r.period_start, r.period_end
          HAVING bool_and(r.value IS NOT NULL)) AS m
    ORDER BY m.cohort = 'schools_where_it_works', m.period_end DESC, m.period_start DESC, m.many DESC
    LIMIT 1;
END;

-- How far a goal is by the rule: by its indicator, else by what was typed; NULL where neither tells. And which of
-- both counts: what is computed, but for a goal that was dropped.
CREATE OR REPLACE FUNCTION goal_told(g goal) RETURNS TABLE (computed text, standing text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT c.computed, CASE WHEN g.progress = 'dropped' THEN 'dropped' ELSE coalesce(c.computed, g.progress) END
    FROM (SELECT district_today() AS day OFFSET 0) AS t
    LEFT JOIN LATERAL goal_measured(g.id, g.indicator_id, g.partnership_id, t.day) AS m ON true
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN g.indicator_id IS NOT NULL OR g.current IS NOT NULL AND g.target IS NOT NULL
            THEN goal_progress(g.direction, g.baseline,
                               coalesce(g.baseline_on, (g.created_at AT TIME ZONE 'UTC')::date), g.target,
                               g.due_on, CASE WHEN g.indicator_id IS NULL THEN g.current ELSE m.value END,
                               CASE WHEN g.indicator_id IS NULL THEN coalesce(g.current_on, t.day)
                                    ELSE m.value_on END, t.day) END AS computed) AS c;
END;

-- The same for who asks of one.
CREATE OR REPLACE FUNCTION goal_standing(g goal) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT t.standing FROM goal_told(g) AS t);
DROP FUNCTION IF EXISTS goal_computed(goal);
DROP FUNCTION IF EXISTS goal_measure(uuid, uuid, date);
DROP FUNCTION IF EXISTS goal_measured(uuid, uuid, date);

REVOKE EXECUTE ON FUNCTION goal_progress, goal_partnerships, goal_figures, goal_measured, goal_told, goal_standing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION goal_progress, goal_partnerships, goal_figures, goal_measured, goal_told, goal_standing TO kith_api;

RESET ROLE;
