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

REVOKE EXECUTE ON FUNCTION goal_progress FROM PUBLIC;
GRANT EXECUTE ON FUNCTION goal_progress TO kith_api;

RESET ROLE;
