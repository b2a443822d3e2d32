-- Tasks about partnerships, needs and what a district asks its people: one function a kind (97_my_task.sql).

SET ROLE kith_owner;

-- Whose it is; of nobody, whoever leads its partnership; where nobody does, every director's.
CREATE OR REPLACE FUNCTION my_call_task(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, coalesce(o.name, u.name, i.name), NULL::date, c.partnership_id
    FROM call_task c
    LEFT JOIN contact o ON o.district_id = c.district_id AND o.id = c.contact_id
    LEFT JOIN app_user u ON u.district_id = c.district_id AND u.id = c.user_id
    LEFT JOIN inquiry i ON i.district_id = c.district_id AND i.id = c.subject_id
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.status = 'open'
      AND c.archived_at IS NULL
      AND (c.owner_id = p_user
           OR c.owner_id IS NULL
              AND (c.partnership_id IN (SELECT p.id FROM led_partnerships(p_user, p_day) p)
                   OR partnership_lead(c.partnership_id) IS NULL AND user_has_role(p_user, '{director}', p_day)));
END;

CREATE OR REPLACE FUNCTION my_check_in_half(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name, c.due_on, p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN check_in c ON c.district_id = p.district_id AND c.partnership_id = p.id AND c.status = 'open'
        AND c.archived_at IS NULL
    WHERE NOT EXISTS (
        SELECT FROM check_in_half h
        WHERE h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = 'district'
          AND h.status = 'submitted');
END;

-- Both halves are in: read, complete, or wait until it completes itself.
CREATE OR REPLACE FUNCTION my_check_in_complete(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name, check_in_completes_on(c), p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN check_in c ON c.district_id = p.district_id AND c.partnership_id = p.id AND c.status = 'open'
        AND c.answered_at IS NOT NULL AND c.archived_at IS NULL;
END;

-- Somebody was to be reminded of a check-in, and a side had nobody: whoever leads the partnership for the district
-- names one; where nobody does, who does that at its site, or else a director.
CREATE OR REPLACE FUNCTION my_lead_missing(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (p.id) p.id, p.name, c.due_on, p.id
    FROM reminder d
    JOIN check_in c ON c.district_id = d.district_id AND c.id = d.check_in_id AND c.status IN ('scheduled', 'open')
        AND c.archived_at IS NULL
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
        AND p.status IN ('active', 'renewing') AND p.archived_at IS NULL
    WHERE d.district_id = current_setting('kith.district')::uuid AND d.reason = 'no_lead'
      AND EXISTS (SELECT FROM reminder_recipients(p.id, p_day) r WHERE r.recipient_key = 'side:' || d.side)
      AND CASE WHEN EXISTS (SELECT FROM reminder_recipients(p.id, p_day) r WHERE r.user_id IS NOT NULL)
               THEN EXISTS (SELECT FROM reminder_recipients(p.id, p_day) r WHERE r.user_id = p_user)
               ELSE user_has_role(p_user, '{director}', p_day) END
    ORDER BY p.id, c.due_on;
END;

-- Disputed, and neither changed nor cancelled since.
CREATE OR REPLACE FUNCTION my_investment_dispute(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.id, p.name || ': ' || coalesce(i.dispute_reason, i.kind), NULL::date, p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN investment i ON i.district_id = p.district_id AND i.partnership_id = p.id AND i.confirmed = 'disputed'
        AND i.confirmed_contact_id IS NOT NULL AND i.status <> 'cancelled' AND i.archived_at IS NULL;
END;

-- The partner sees the district's half differently, until it has confirmed it or the next check-in is open.
CREATE OR REPLACE FUNCTION my_check_in_dispute(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name || ': ' || coalesce(h.verdict_reason, ''), NULL::date, p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN check_in c ON c.district_id = p.district_id AND c.partnership_id = p.id AND c.archived_at IS NULL
        AND c.status IN ('open', 'complete', 'closed_partial')
    JOIN check_in_half h ON h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = 'partner'
        AND h.verdict = 'disputed'
    WHERE NOT EXISTS (
        SELECT FROM check_in n
        WHERE n.district_id = c.district_id AND n.partnership_id = c.partnership_id AND n.archived_at IS NULL
          AND n.due_on > c.due_on AND n.status IN ('open', 'complete', 'closed_partial'));
END;

-- Both sides say different things of a goal, until they have agreed or the next check-in is open: the lead talks with
-- the partner's, who sees the same on the page of the tasks.
CREATE OR REPLACE FUNCTION my_goal_disagreement(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name || ': ' || string_agg(g.statement, '; ' ORDER BY g.due_on, g.id), NULL::date, p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN check_in c ON c.district_id = p.district_id AND c.partnership_id = p.id AND c.archived_at IS NULL
        AND c.status IN ('open', 'complete') AND c.answered_at IS NOT NULL
    CROSS JOIN LATERAL check_in_goals_open(c.id) o
    JOIN goal g ON g.district_id = c.district_id AND g.id = o.goal_id
    WHERE NOT EXISTS (
        SELECT FROM check_in n
        WHERE n.district_id = c.district_id AND n.partnership_id = c.partnership_id AND n.archived_at IS NULL
          AND n.due_on > c.due_on AND n.status IN ('open', 'complete', 'closed_partial'))
    GROUP BY c.id, p.id, p.name;
END;

-- What would take employees' work waits for an executive.
CREATE OR REPLACE FUNCTION my_displacement_approval(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id, r.proposal, NULL::date, r.partnership_id
    FROM displacement_review r
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.status = 'approval'
      AND r.archived_at IS NULL AND user_has_role(p_user, '{executive}', p_day);
END;

-- Whose it is; before anybody has begun, of every administrator.
CREATE OR REPLACE FUNCTION my_records_request(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id, r.requester, r.due_on, NULL::uuid
    FROM records_request r
    WHERE r.district_id = current_setting('kith.district')::uuid
      AND r.status IN ('received', 'gathering', 'ready') AND r.archived_at IS NULL
      AND (r.owner_id = p_user OR r.owner_id IS NULL AND user_has_role(p_user, '{admin}', p_day));
END;

CREATE OR REPLACE FUNCTION my_follow_up(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.id, p.name, f.due_on, NULL::uuid
    FROM follow_up f
    JOIN ask a ON a.district_id = f.district_id AND a.id = f.ask_id
    JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
    WHERE f.district_id = current_setting('kith.district')::uuid AND f.owner_id = p_user
      AND f.status = 'open' AND f.archived_at IS NULL;
END;

-- What an imported partnership still owes; where nobody leads it, every director's.
CREATE OR REPLACE FUNCTION my_gate(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.id, p.name, p.gate_due, p.id
    FROM led_partnerships(p_user, p_day) p
    WHERE p.gate_due IS NOT NULL AND p.status IN ('active', 'paused', 'renewing')
    UNION ALL
    SELECT p.id, p.name, p.gate_due, p.id
    FROM partnership p
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.gate_due IS NOT NULL
      AND p.archived_at IS NULL AND p.status IN ('active', 'paused', 'renewing')
      AND user_has_role(p_user, '{director}', p_day)
      AND NOT EXISTS (
        SELECT FROM partnership_role r
        WHERE r.district_id = p.district_id AND r.partnership_id = p.id AND r.user_id IS NOT NULL
          AND r.role = 'lead' AND r.archived_at IS NULL
          AND p_day BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity'));
END;

CREATE OR REPLACE FUNCTION my_goal_acknowledgment(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.id, g.statement, NULL::date, p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN goal g ON g.district_id = p.district_id AND g.partnership_id = p.id AND g.archived_at IS NULL
        AND g.district_at IS NULL AND g.progress NOT IN ('met', 'missed', 'dropped')
    WHERE p.status NOT IN ('ended', 'declined');
END;

-- A month ahead, and as long as nobody has said that it was reached or dropped.
CREATE OR REPLACE FUNCTION my_milestone(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.id, m.name, m.due_on, p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN milestone m ON m.district_id = p.district_id AND m.partnership_id = p.id
        AND m.status IN ('open', 'missed')
        AND m.archived_at IS NULL AND m.due_on <= p_day + 30;
END;

CREATE OR REPLACE FUNCTION my_policy(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.policy_id, p.title, NULL::date, NULL::uuid
    FROM policy_duty d
    JOIN policy p ON p.district_id = d.district_id AND p.id = d.policy_id
    WHERE d.user_id = p_user AND d.status = 'missing';
END;

CREATE OR REPLACE FUNCTION my_survey(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.id, s.name, s.closes_on, NULL::uuid
    FROM survey_invitation i
    JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id AND s.status = 'open'
        AND s.archived_at IS NULL
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.user_id = p_user
      AND i.status IN ('invited', 'partial') AND i.archived_at IS NULL;
END;

-- Before it is active a partnership needs both sides' word on the vision.
CREATE OR REPLACE FUNCTION my_vision_acknowledgment(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.id, p.name, p.gate_due, p.id
    FROM led_partnerships(p_user, p_day) p
    WHERE p.vision ~ '\S' AND p.vision_district_at IS NULL AND p.status NOT IN ('ended', 'declined');
END;

REVOKE EXECUTE ON FUNCTION my_call_task, my_check_in_complete, my_check_in_dispute, my_investment_dispute,
    my_check_in_half, my_goal_disagreement, my_lead_missing, my_displacement_approval, my_follow_up, my_records_request, my_gate,
    my_goal_acknowledgment, my_milestone, my_policy, my_survey, my_vision_acknowledgment FROM PUBLIC;
GRANT EXECUTE ON FUNCTION my_call_task, my_check_in_complete, my_check_in_dispute, my_investment_dispute,
    my_check_in_half, my_goal_disagreement, my_lead_missing, my_displacement_approval, my_follow_up, my_records_request, my_gate,
    my_goal_acknowledgment, my_milestone, my_policy, my_survey, my_vision_acknowledgment TO kith_api;

RESET ROLE;
