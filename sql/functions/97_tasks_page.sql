-- All that waits for one person, whom the one mail of the day has told of it (79_duty_mail.sql), and one of those things
-- opened from there: nobody needs an account for it.

SET ROLE kith_owner;

-- A thing that a mail's link opens, while it waits for this person; else no row.
CREATE OR REPLACE FUNCTION task_thing(p_purpose text, p_subject uuid, p_contact uuid, p_user uuid)
RETURNS TABLE (title text, due_on date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.name, c.due_on
    FROM check_in c
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id AND p.status IN ('active', 'renewing')
        AND p.archived_at IS NULL
    CROSS JOIN LATERAL check_in_reminded(c.id, p.id, partnership_today(p.id)) r
    WHERE p_purpose = 'check_in' AND c.district_id = current_setting('kith.district')::uuid AND c.id = p_subject
      AND c.status IN ('scheduled', 'open') AND c.archived_at IS NULL AND (r.contact_id = p_contact OR r.user_id = p_user)
      AND NOT EXISTS (SELECT FROM check_in_half h
                      WHERE h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = r.side AND h.status = 'submitted')
    UNION ALL
    SELECT p.name || ': ' || string_agg(g.statement, '; ' ORDER BY g.due_on, g.id), NULL -- to talk of
    FROM check_in c
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id AND p.status IN ('active', 'renewing')
        AND p.archived_at IS NULL
    CROSS JOIN LATERAL check_in_goals_open(c.id) o
    JOIN goal g ON g.district_id = c.district_id AND g.id = o.goal_id
    WHERE p_purpose = 'check_in' AND c.district_id = current_setting('kith.district')::uuid AND c.id = p_subject
      AND c.status IN ('open', 'complete') AND c.archived_at IS NULL
      AND EXISTS (SELECT FROM check_in_reminded(c.id, p.id, partnership_today(p.id)) r
                  WHERE r.contact_id = p_contact OR r.user_id = p_user)
      AND NOT EXISTS (
        SELECT FROM check_in n
        WHERE n.district_id = c.district_id AND n.partnership_id = c.partnership_id AND n.archived_at IS NULL
          AND n.due_on > c.due_on AND n.status IN ('open', 'complete', 'closed_partial'))
    GROUP BY c.id, p.id, p.name
    UNION ALL
    SELECT s.name, s.closes_on
    FROM survey_invitation i
    JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id AND s.status = 'open' AND s.archived_at IS NULL
    WHERE p_purpose = 'survey' AND i.district_id = current_setting('kith.district')::uuid AND i.id = p_subject
      AND i.status IN ('invited', 'partial') AND i.archived_at IS NULL
    UNION ALL
    SELECT a.title, NULL
    FROM agreement a
    WHERE p_purpose = 'agreement' AND a.district_id = current_setting('kith.district')::uuid AND a.id = p_subject
      AND a.archived_at IS NULL AND a.status IN ('out_for_signature', 'in_force')
      AND CASE WHEN p_contact IS NULL THEN a.district_at ELSE a.partner_at END IS NULL
    UNION ALL
    SELECT p.name, NULL
    FROM partnership p
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_subject AND p.archived_at IS NULL
      AND EXISTS (SELECT FROM partnership_leads(p.id) l WHERE l.contact_id = p_contact)
      AND (p_purpose = 'investments' AND EXISTS (SELECT FROM investments_unanswered(p.id))
           OR p_purpose = 'acknowledgment' AND EXISTS (SELECT FROM partnership_unacknowledged(p.id)))
    UNION ALL
    SELECT r.name, NULL
    FROM partner r
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = p_subject AND r.archived_at IS NULL
      AND EXISTS (SELECT FROM partner_correspondents(r.id) w WHERE w.contact_id = p_contact)
      AND (p_purpose = 'record' OR p_purpose = 'credential' AND (partner_credentials_lacking(r.id) <> '{}' OR EXISTS (
          SELECT FROM credentials_ending(district_today(), 90) e WHERE e.partner_id = r.id)))
    UNION ALL
    SELECT n.title, a.respond_by
    FROM ask a
    JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
    WHERE p_purpose = 'ask' AND a.district_id = current_setting('kith.district')::uuid AND a.id = p_subject
      AND a.status = 'sent' AND a.archived_at IS NULL AND a.contact_id = p_contact
    UNION ALL
    SELECT c.title, convening_day(c)
    FROM convening_invitee i
    JOIN convening c ON c.district_id = i.district_id AND c.id = i.convening_id AND c.status = 'invited'
    WHERE p_purpose = 'convening' AND i.district_id = current_setting('kith.district')::uuid AND i.id = p_subject
      AND i.status = 'invited' AND i.archived_at IS NULL;
END;

-- What the mails of the last four months have told somebody of, and still waits; what is due first comes first.
CREATE OR REPLACE FUNCTION task_things(p_contact uuid, p_user uuid)
RETURNS TABLE (purpose text, subject_id uuid, title text, due_on date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.purpose, k.subject_id, t.title, t.due_on
    FROM (SELECT DISTINCT l.purpose, l.subject_id FROM link l
          WHERE l.district_id = current_setting('kith.district')::uuid
            AND (l.contact_id = p_contact OR l.user_id = p_user) AND l.purpose NOT IN ('preferences', 'tasks')
            AND l.revoked_at IS NULL AND l.created_at > current_setting('kith.now')::timestamptz - interval '120 days') AS k
    CROSS JOIN LATERAL task_thing(k.purpose, k.subject_id, p_contact, p_user) t
    ORDER BY t.due_on, k.purpose, t.title, k.subject_id
    LIMIT 100;
END;

CREATE OR REPLACE FUNCTION page_tasks(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    things jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object(
        'purpose', o.purpose, 'subject_id', o.subject_id, 'title', o.title, 'due', page_date(o.due_on),
        'is_overdue', coalesce(o.due_on < district_today(), false)) ORDER BY o.due_on, o.purpose, o.title, o.subject_id)
    INTO things FROM task_things(t.contact_id, t.user_id) o;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id), 'things', things,
        'has_things', things IS NOT NULL);
END
$$;

REVOKE EXECUTE ON FUNCTION task_thing, task_things, page_tasks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_thing, task_things, page_tasks TO kith_api;

RESET ROLE;
