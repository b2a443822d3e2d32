-- What waits for a user, of all kinds. A kind is a row of my_task_kinds() and a function of its own,
-- my_<kind>(user, day), which may stand with what it is about; it gives what the task is about, a title, until
-- when, and of which partnership.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION my_task_kinds() RETURNS TABLE (kind text, resource text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('action_item',              'action_items'),
        ('agreement_acknowledgment', 'agreements'),
        ('agreement_expiry',         'agreements'),
        ('agreement_notice',         'agreements'),
        ('agreement_review',         'agreements'),
        ('agreement_signature',      'agreements'),
        ('agreement_step',           'agreement_steps'),
        ('ask',                      'asks'),
        ('ask_answer',               'asks'),
        ('ask_unreached',            'asks'),
        ('board_decision',           'agreements'),
        ('call_task',                'call_tasks'),
        ('call_to_action',           'calls_to_action'),
        ('champion_milestone',       'champions'),
        ('champion_step',            'champion_steps'),
        ('complaint',                'complaints'),
        ('check_in_complete',        'check_ins'),
        ('check_in_dispute',         'check_ins'),
        ('check_in_half',            'check_ins'),
        ('convening_attendance',     'convenings'),
        ('convening_decision',       'convening_decisions'),
        ('convening_invitation',     'convenings'),
        ('convening_notes',          'convenings'),
        ('credential_expiry',        'credentials'),
        ('credential_missing',       'partnerships'),
        ('credential_review',        'credentials'),
        ('data_disposal',            'agreements'),
        ('departure',                'departures'),
        ('displacement_approval',    'displacement_reviews'),
        ('follow_up',                'follow_ups'),
        ('funding_application',      'funding_applications'),
        ('funding_report',           'funding_periods'),
        ('gate',                     'partnerships'),
        ('gift_acceptance',          'gifts'),
        ('gift_step',                'gift_steps'),
        ('story_approval',           'stories'),
        ('story_refusal',            'story_subjects'),
        ('goal_acknowledgment',      'goals'),
        ('goal_disagreement',        'check_ins'),
        ('inquiry',                  'inquiries'),
        ('interaction_follow_up',    'interactions'),
        ('introduction',             'introductions'),
        ('introduction_letter',      'introduction_letters'),
        ('investment_delivery',      'investments'),
        ('investment_dispute',       'investments'),
        ('lead_missing',             'partnerships'),
        ('milestone',                'milestones'),
        ('need_review',              'needs'),
        ('offer_expiry',             'offers'),
        ('partnership_exit',         'partnerships'),
        ('partnership_review',       'partnership_reviews'),
        ('review_approval',          'partnership_reviews'),
        ('partner_edit',             'partner_edits'),
        ('partner_owner',            'partners'),
        ('pause',                    'partnerships'),
        ('person_vouching',          'partner_edits'),
        ('placement_clearance',      'placements'),
        ('pledge',                   'pledges'),
        ('pledge_delivery',          'pledges'),
        ('policy',                   'policies'),
        ('portfolio_decision',       'portfolio_decisions'),
        ('records_request',          'records_requests'),
        ('remedy',                   'remedies'),
        ('roll_call',                'roll_calls'),
        ('roll_call_change',         'roll_call_changes'),
        ('school_year',              'school_years'),
        ('site_closing',             'site_closings'),
        ('survey',                   'survey_invitations'),
        ('tax_letter',               'gifts'),
        ('tax_summary',              'tax_documents'),
        ('thank_you',                'thank_yous'),
        ('vision_acknowledgment',    'partnerships'))
        AS k (kind, resource);
END;

-- The partnerships that a user leads on a day for the district.
CREATE OR REPLACE FUNCTION led_partnerships(p_user uuid, p_day date) RETURNS SETOF partnership
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.*
    FROM partnership p
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
      AND EXISTS (
        SELECT FROM partnership_role r
        WHERE r.district_id = p.district_id AND r.partnership_id = p.id AND r.user_id = p_user
          AND r.role = 'lead' AND r.archived_at IS NULL
          AND p_day BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity'));
END;

-- Over the whole district: whoever has a role over a part of it is shown nothing that falls to all who have the role.
CREATE OR REPLACE FUNCTION user_has_role(p_user uuid, p_roles text[], p_day date) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM user_grant g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.user_id = p_user
      AND g.role = ANY (p_roles) AND g.scope_kind = 'district' AND g.archived_at IS NULL
      AND p_day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'));

CREATE OR REPLACE FUNCTION user_has_role_somewhere(p_user uuid, p_roles text[], p_day date) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM user_grant g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.user_id = p_user
      AND g.role = ANY (p_roles) AND g.archived_at IS NULL
      AND p_day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'));

CREATE OR REPLACE FUNCTION my_action_item(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.id, i.description, i.due_on, i.partnership_id
    FROM action_item i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.owner_user_id = p_user
      AND i.status = 'open' AND i.archived_at IS NULL;
END;

CREATE OR REPLACE FUNCTION my_agreement_acknowledgment(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (a.id) a.id, a.title, a.effective_on, p.id
    FROM led_partnerships(p_user, p_day) p
    JOIN agreement_partnership l ON l.district_id = p.district_id AND l.partnership_id = p.id
        AND l.archived_at IS NULL
    JOIN agreement a ON a.district_id = p.district_id AND a.id = l.agreement_id AND a.archived_at IS NULL
        AND a.district_at IS NULL
        AND a.status IN ('draft', 'review', 'board_approval', 'out_for_signature')
    WHERE agreement_missing(a.id, 'acknowledge') = '{}'
    ORDER BY a.id, p.id;
END;

-- In force, and near enough to its end that its leads are told; where nobody leads, it is every director's. What
-- renews itself does not end.
CREATE OR REPLACE FUNCTION my_agreement_expiry(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    (SELECT DISTINCT ON (a.id) a.id, a.title, a.expires_on, p.id
     FROM led_partnerships(p_user, p_day) p
     JOIN district d ON d.id = p.district_id
     JOIN agreement_partnership l ON l.district_id = p.district_id AND l.partnership_id = p.id
         AND l.archived_at IS NULL
     JOIN agreement a ON a.district_id = p.district_id AND a.id = l.agreement_id AND a.archived_at IS NULL
         AND a.status = 'in_force' AND NOT a.auto_renew AND a.amends_id IS NULL
     WHERE a.expires_on <= p_day + (SELECT max(lead) FROM unnest(d.agreement_lead_days) lead)
     ORDER BY a.id, p.id)
    UNION ALL
    SELECT a.id, a.title, a.expires_on, NULL::uuid
    FROM district d
    JOIN agreement a ON a.district_id = d.id AND a.status = 'in_force' AND NOT a.auto_renew AND a.amends_id IS NULL
        AND a.archived_at IS NULL
    WHERE d.id = current_setting('kith.district')::uuid AND user_has_role(p_user, '{director}', p_day)
      AND a.expires_on <= p_day + (SELECT max(lead) FROM unnest(d.agreement_lead_days) lead)
      AND NOT EXISTS (
        SELECT FROM agreement_partnership l
        JOIN partnership_role r ON r.district_id = l.district_id AND r.partnership_id = l.partnership_id
            AND r.role = 'lead' AND r.user_id IS NOT NULL AND r.archived_at IS NULL
            AND p_day BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity')
        WHERE l.district_id = a.district_id AND l.agreement_id = a.id AND l.archived_at IS NULL);
END;

-- What is led, and runs without a credential that the district asks for.
CREATE OR REPLACE FUNCTION my_credential_missing(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.id, p.name, p.gate_due, p.id
    FROM led_partnerships(p_user, p_day) p
    WHERE p.status IN ('active', 'renewing')
      AND EXISTS (SELECT FROM credentials_missing(p_day) m WHERE m.partnership_id = p.id);
END;

-- Of the partners that somebody cares for at the district, as early as the partners are told.
CREATE OR REPLACE FUNCTION my_credential_expiry(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name || coalesce(': ' || c.label, ''), c.expires_on, NULL::uuid
    FROM district d
    CROSS JOIN LATERAL credentials_ending(
        p_day, coalesce((SELECT max(l) FROM unnest(d.credential_lead_days) AS l), 0)) c
    JOIN partner p ON p.district_id = d.id AND p.id = c.partner_id
    WHERE d.id = current_setting('kith.district')::uuid
      AND (p.owner_id = p_user OR EXISTS (
        SELECT FROM partner_owner o
        WHERE o.district_id = d.id AND o.partner_id = p.id AND o.user_id = p_user AND o.archived_at IS NULL
          AND p_day BETWEEN coalesce(o.from_date, '-infinity') AND coalesce(o.until_date, 'infinity')));
END;

-- The credentials that a task is about, by the codes that each reader's language has words for; whose, if another's than the
-- partnership's first partner.
CREATE OR REPLACE FUNCTION task_credentials(p_kind text, p_subject uuid, p_day date) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE
    WHEN p_kind = 'credential_missing' THEN (
        SELECT jsonb_agg(DISTINCT jsonb_build_object('kind', m.kind, 'partner', o.name))
        FROM credentials_missing(p_day) m
        LEFT JOIN partner o ON o.district_id = current_setting('kith.district')::uuid AND o.id = m.partner_id AND m.is_co_partner
        WHERE m.partnership_id = p_subject)
    WHEN p_kind IN ('credential_expiry', 'credential_review') THEN (
        SELECT jsonb_build_array(jsonb_build_object('kind', c.kind, 'partner', NULL))
        FROM credential c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_subject)
    ELSE '[]' END;

-- All of them, or of each kind so many that are due first, written out from the kinds: what each asks is planned once in a
-- session, where it would be for each user otherwise. Compiled it would be each time anew, which takes ten times as long as
-- the tasks of most.
DROP FUNCTION IF EXISTS my_tasks_document(integer);
DROP FUNCTION IF EXISTS my_tasks(uuid, date);
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION my_tasks(p_user uuid, p_day date, p_most bigint DEFAULT NULL)
         RETURNS TABLE (kind text, resource text, subject_id uuid, title text, due_on date, partnership_id uuid)
         LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off AS %L',
        E'BEGIN\n' || (SELECT string_agg(format(
            E'    RETURN QUERY SELECT %L::text, %L::text, t.subject_id, t.title, t.due_on, t.partnership_id\n'
            || E'    FROM %I(p_user, p_day) t ORDER BY t.due_on, t.subject_id LIMIT p_most;\n', k.kind, k.resource, 'my_' || k.kind), '' ORDER BY k.kind)
            FROM my_task_kinds() k) || 'END');
END
$$;

-- What is due first comes first; of the many that there may be no more than that, of each kind and together.
CREATE OR REPLACE FUNCTION my_tasks_document(p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS MATERIALIZED (
        SELECT t.*, t.due_on < district_today() AS is_late,
               row_number() OVER (PARTITION BY t.kind ORDER BY t.due_on, t.subject_id) AS place
        FROM my_tasks(current_setting('kith.user')::uuid, district_today(), p_most + 1) t),
    task AS (SELECT * FROM found o WHERE o.place <= p_most),
    first AS (SELECT * FROM task t ORDER BY t.due_on, t.kind, t.subject_id LIMIT p_most)
    SELECT jsonb_build_object(
        'data', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'kind', f.kind, 'resource', f.resource, 'subject_id', f.subject_id,
            'title', left(f.title, 255), 'credentials', coalesce(task_credentials(f.kind, f.subject_id, district_today()), '[]'),
            'due_on', f.due_on, 'is_overdue', coalesce(f.is_late, false),
            'partnership_id', f.partnership_id) ORDER BY f.due_on, f.kind, f.subject_id) FROM first f), '[]'),
        'total', (SELECT count(*) FROM task),
        'overdue', (SELECT count(*) FROM task t WHERE t.is_late),
        'counts', coalesce((SELECT jsonb_object_agg(c.kind, c.many) FROM (
            SELECT t.kind, count(*) AS many FROM task t GROUP BY t.kind) c), '{}'),
        'more', coalesce((SELECT jsonb_agg(o.kind ORDER BY o.kind) FROM found o WHERE o.place > p_most), '[]'));
END;

REVOKE EXECUTE ON FUNCTION my_task_kinds, led_partnerships, user_has_role, user_has_role_somewhere, my_action_item,
    my_agreement_acknowledgment, my_agreement_expiry, my_credential_expiry, my_credential_missing, task_credentials,
    my_tasks, my_tasks_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION my_task_kinds, led_partnerships, user_has_role, user_has_role_somewhere, my_action_item,
    my_agreement_acknowledgment, my_agreement_expiry, my_credential_expiry, my_credential_missing, task_credentials,
    my_tasks, my_tasks_document TO kith_api;

RESET ROLE;
