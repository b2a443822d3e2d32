-- Goals of which both sides of a check-in say different things: both stand side by side, nothing is averaged, and the
-- leads of both talk until they have agreed.

SET ROLE kith_owner;

-- Of each goal of which both halves that are in say something: whether they say the same, or have agreed since they
-- were in, and what counts then.
CREATE OR REPLACE FUNCTION check_in_goals_said(p_check_in uuid)
RETURNS TABLE (goal_id uuid, progress text, current numeric, is_same boolean, is_settled boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.goal_id, coalesce(s.progress, d.progress), CASE WHEN s.id IS NULL THEN d.current ELSE s.current END,
           d.progress = o.progress AND d.current IS NOT DISTINCT FROM o.current, s.id IS NOT NULL
    FROM check_in_half h
    JOIN check_in_half w ON w.district_id = h.district_id AND w.check_in_id = h.check_in_id AND w.side = 'partner'
        AND w.status = 'submitted'
    JOIN check_in_goal d ON d.district_id = h.district_id AND d.check_in_id = h.check_in_id AND d.side = 'district'
    JOIN check_in_goal o ON o.district_id = h.district_id AND o.check_in_id = h.check_in_id AND o.side = 'partner'
        AND o.goal_id = d.goal_id
    LEFT JOIN goal_settlement s ON s.district_id = h.district_id AND s.check_in_id = h.check_in_id AND s.goal_id = d.goal_id
        AND s.settled_at >= greatest(h.submitted_at, w.submitted_at)
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.check_in_id = p_check_in AND h.side = 'district'
      AND h.status = 'submitted';
END;

-- The goals of which they have still to talk.
CREATE OR REPLACE FUNCTION check_in_goals_open(p_check_in uuid) RETURNS TABLE (goal_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.goal_id FROM check_in_goals_said(p_check_in) s WHERE NOT s.is_same AND NOT s.is_settled;
END;

-- A goal (NULL: each of them) takes over what both sides say of it.
CREATE OR REPLACE FUNCTION check_in_goals_take(c check_in, p_goal uuid) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    UPDATE goal g SET progress = s.progress, current = coalesce(s.current, g.current),
        current_on = CASE WHEN s.current IS NULL THEN g.current_on ELSE partnership_today(c.partnership_id) END
    FROM check_in_goals_said(c.id) s
    WHERE (s.is_same OR s.is_settled) AND (p_goal IS NULL OR s.goal_id = p_goal) AND g.district_id = c.district_id AND g.id = s.goal_id AND g.archived_at IS NULL;
END;

-- What was agreed: what one of them had said, or something else, with a note of how it came about.
CREATE OR REPLACE FUNCTION goal_settle(
    c check_in, p_side text, p_user uuid, p_contact uuid, p_goal uuid, p_progress text, p_current numeric, p_note text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM FROM check_in_half h WHERE h.district_id = c.district_id AND h.check_in_id = c.id ORDER BY h.id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM check_in_goals_said(c.id) s WHERE s.goal_id = p_goal AND NOT s.is_same) THEN
        PERFORM refuse_state('Both sides say the same of this goal, or one has not said anything.',
                             jsonb_build_object('status', c.status, 'goal_id', p_goal));
    ELSIF btrim(coalesce(p_note, '')) = '' AND NOT EXISTS (
        SELECT FROM check_in_goal g
        WHERE g.district_id = c.district_id AND g.check_in_id = c.id AND g.goal_id = p_goal
          AND g.progress = p_progress AND g.current IS NOT DISTINCT FROM p_current) THEN
        PERFORM refuse_field('note', 'Neither side has said so: how it was agreed has to be told.');
    END IF;
    INSERT INTO goal_settlement AS s (district_id, id, check_in_id, goal_id, progress, current, note, side, user_id,
                                      contact_id, settled_at)
    VALUES (c.district_id, uuid7(), c.id, p_goal, p_progress, p_current, p_note, p_side, p_user, p_contact, business_now)
    ON CONFLICT ON CONSTRAINT goal_settlement_goal_id_key DO UPDATE
    SET progress = excluded.progress, current = excluded.current, note = excluded.note, side = excluded.side,
        user_id = excluded.user_id, contact_id = excluded.contact_id, settled_at = excluded.settled_at;
    IF c.status = 'complete' AND NOT EXISTS ( -- a later one says more
        SELECT FROM check_in n
        WHERE n.district_id = c.district_id AND n.partnership_id = c.partnership_id AND n.status = 'complete'
          AND n.due_on > c.due_on AND n.archived_at IS NULL) THEN
        PERFORM check_in_goals_take(c, p_goal);
    END IF;
END
$$;

-- By somebody of the district.
CREATE OR REPLACE FUNCTION check_in_settle_goal(
    p_id uuid, p_version bigint, p_goal uuid, p_progress text, p_current numeric, p_note text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'settle_goal');
BEGIN
    PERFORM goal_settle(c, 'district', current_setting('kith.user')::uuid, NULL, p_goal, p_progress, p_current, p_note);
END
$$;

-- By the form on the check-in's page, of either side: what the other one says (theirs), or what was agreed.
CREATE OR REPLACE FUNCTION task_goal_settle(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    c check_in := check_in_take(t.subject_id, NULL, 'settle_goal');
    goal uuid := p_form ->> 'item';
    agreed text := form_text(p_form, 'settled.' || goal);
    value numeric := form_text(p_form, 'amount.' || goal);
    told text := form_text(p_form, 'how.' || goal);
BEGIN
    IF agreed IS NULL THEN
        RETURN form_error('settled.' || goal, 'required');
    ELSIF agreed = 'theirs' THEN
        SELECT g.progress, g.current INTO agreed, value FROM check_in_goal g
        WHERE g.district_id = c.district_id AND g.check_in_id = c.id AND g.goal_id = goal AND g.side <> t.side;
    ELSIF told IS NULL THEN
        RETURN form_error('how.' || goal, 'required');
    END IF;
    PERFORM goal_settle(c, t.side, t.user_id, t.contact_id, goal, agreed, value, told);
    RETURN '[]';
END
$$;

REVOKE EXECUTE ON FUNCTION check_in_goals_said, check_in_goals_open, check_in_goals_take, goal_settle, check_in_settle_goal,
    task_goal_settle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_goals_said, check_in_goals_open, check_in_goals_take TO kith_api, kith_checkin;
GRANT EXECUTE ON FUNCTION goal_settle, check_in_settle_goal, task_goal_settle TO kith_api;

RESET ROLE;
