-- What a check-in's link lets its person do: a half, a verdict, actions.

SET ROLE kith_owner;

-- What a half says: its four sections, and of each goal its progress.
CREATE OR REPLACE FUNCTION check_in_said(p_check_in uuid, p_side text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'goals_set', nullif(h.goals_set, ''), 'progress_assessed', nullif(h.progress_assessed, ''),
        'challenges', nullif(h.challenges, ''), 'adjustments', nullif(h.adjustments, ''),
        'goals', coalesce((
            SELECT jsonb_object_agg(g.goal_id, jsonb_build_object(
                'progress', g.progress, 'current', trim_scale(g.current)::text,
                'note', nullif(g.note, '')))
            FROM check_in_goal g
            WHERE g.district_id = h.district_id AND g.check_in_id = h.check_in_id
              AND g.side = h.side), '{}'))
    FROM check_in_half h
    WHERE h.district_id = current_setting('kith.district')::uuid
      AND h.check_in_id = p_check_in AND h.side = p_side);

-- The same of a form: progress.<goal>, current.<goal>, note.<goal>.
CREATE OR REPLACE FUNCTION check_in_typed(p_form jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object(
    'goals_set', form_text(p_form, 'goals_set'),
    'progress_assessed', form_text(p_form, 'progress_assessed'),
    'challenges', form_text(p_form, 'challenges'), 'adjustments', form_text(p_form, 'adjustments'),
    'goals', coalesce((
        SELECT jsonb_object_agg(g.id, jsonb_build_object(
            'progress', p_form ->> ('progress.' || g.id),
            'current', trim_scale((form_text(p_form, 'current.' || g.id))::numeric)::text,
            'note', form_text(p_form, 'note.' || g.id)))
        FROM (SELECT substr(f.key, 10) AS id FROM jsonb_each_text(p_form) f
              WHERE f.key LIKE 'progress.%' AND f.value <> '') AS g), '{}'));

-- Names what stood there, so that whoever writes over it is known to have seen it.
CREATE OR REPLACE FUNCTION check_in_seal(p_check_in uuid, p_side text) RETURNS text
LANGUAGE sql STABLE
RETURN md5(coalesce(check_in_said(p_check_in, p_side)::text, ''));

-- A goal of which something is said but not how far it is.
CREATE OR REPLACE FUNCTION check_in_goal_errors(p_form jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN coalesce((
    SELECT jsonb_agg(DISTINCT jsonb_build_object('name', 'progress.' || g.id, 'code', 'required'))
    FROM (SELECT split_part(f.key, '.', 2) AS id FROM jsonb_each_text(p_form) f
          WHERE (f.key LIKE 'current.%' OR f.key LIKE 'note.%') AND f.value ~ '\S') AS g
    WHERE coalesce(p_form ->> ('progress.' || g.id), '') = ''), '[]');

-- Keeps the half of the task's side as it was typed, and sends it when p_send. What stands there and
-- was not seen when this was typed is not written over. A form that comes twice changes nothing.
CREATE OR REPLACE FUNCTION task_half_put(p_form jsonb, p_send boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    c check_in := check_in_take(t.subject_id, NULL, 'save_half');
    stood jsonb := check_in_said(c.id, t.side);
    typed jsonb;
    half check_in_half;
    errors jsonb := check_in_goal_errors(p_form);
BEGIN
    IF errors <> '[]' THEN
        RETURN errors;
    END IF;
    typed := check_in_typed(p_form);
    IF typed IS DISTINCT FROM stood
       AND p_form ->> 'seal' IS DISTINCT FROM check_in_seal(c.id, t.side) THEN
        RETURN form_error('', 'changed');
    END IF;
    half := check_in_lock_half(c, t.side);
    IF half.status = 'submitted' AND typed = stood THEN
        RETURN '[]';
    END IF;
    PERFORM check_in_write_half(
        c, half, t.user_id, NULL, t.contact_id, typed ->> 'goals_set', typed ->> 'progress_assessed',
        typed ->> 'challenges', typed ->> 'adjustments',
        (SELECT jsonb_agg(g.value || jsonb_build_object('goal_id', g.key) ORDER BY g.key)
         FROM jsonb_each(typed -> 'goals') g));
    IF p_send AND jsonb_strip_nulls(typed) = '{"goals": {}}' THEN
        RETURN form_error('goals_set', 'empty');
    ELSIF p_send THEN
        PERFORM check_in_submit_half(c.id, NULL, t.side);
    END IF;
    RETURN '[]';
END
$$;

-- What this side says of the other's half.
CREATE OR REPLACE FUNCTION task_half_judge(p_action text, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    c check_in := check_in_take(t.subject_id, NULL, p_action);
BEGIN
    IF p_action = 'dispute' AND form_text(p_form, 'reason') IS NULL THEN
        RETURN form_error('reason', 'required');
    END IF;
    PERFORM check_in_write_verdict(c, check_in_lock_half(c, t.side), p_action,
                                   CASE p_action WHEN 'dispute' THEN form_text(p_form, 'reason') END);
    RETURN '[]';
END
$$;

-- The contact confirms the words that the district's staff wrote down for it.
CREATE OR REPLACE FUNCTION task_behalf_confirm() RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    UPDATE check_in_half h SET behalf_confirmed_at = current_setting('kith.now')::timestamptz
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.check_in_id = t.subject_id
      AND h.side = 'partner' AND h.on_behalf_of = t.contact_id AND h.behalf_confirmed_at IS NULL;
    RETURN '[]';
END
$$;

-- Who may own an action: whoever has a role in the partnership, as 'contact:…' or 'user:…'.
CREATE OR REPLACE FUNCTION partnership_people(p_partnership uuid)
RETURNS TABLE (key text, name text, side text, user_id uuid, contact_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (coalesce('contact:' || r.contact_id, 'user:' || r.user_id))
           coalesce('contact:' || r.contact_id, 'user:' || r.user_id), coalesce(c.name, u.name), r.side,
           r.user_id, r.contact_id
    FROM partnership_role r
    LEFT JOIN contact c ON c.district_id = r.district_id AND c.id = r.contact_id
    LEFT JOIN app_user u ON u.district_id = r.district_id AND u.id = r.user_id
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.partnership_id = p_partnership
      AND r.archived_at IS NULL AND coalesce(r.until_date, 'infinity') >= district_today()
      AND coalesce(c.archived_at, u.archived_at) IS NULL;
END;

-- Both halves show to the task's side.
CREATE OR REPLACE FUNCTION task_sees_both() RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT check_in_shows(t.subject_id, CASE t.side WHEN 'district' THEN 'partner' ELSE 'district' END)
        AND EXISTS (SELECT FROM check_in_half h
                    WHERE h.district_id = current_setting('kith.district')::uuid
                      AND h.check_in_id = t.subject_id AND h.side <> t.side AND h.status = 'submitted')
    FROM task() t;
END;

-- Something to do that was agreed. The form brings its id, so that one that comes twice is one.
CREATE OR REPLACE FUNCTION task_action_add(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    district uuid := current_setting('kith.district')::uuid;
    c check_in;
    owner record;
BEGIN
    SELECT * INTO STRICT c FROM check_in i WHERE i.district_id = district AND i.id = t.subject_id;
    IF NOT task_sees_both() OR c.status NOT IN ('open', 'complete', 'closed_partial') THEN
        PERFORM refuse_state('The other half does not show yet.',
                             jsonb_build_object('status', c.status));
    ELSIF form_text(p_form, 'description') IS NULL THEN
        RETURN form_error('description', 'required');
    END IF;
    SELECT p.user_id, p.contact_id INTO owner FROM partnership_people(c.partnership_id) p
    WHERE p.key = p_form ->> 'owner';
    IF NOT FOUND AND coalesce(p_form ->> 'owner', '') <> '' THEN
        RETURN form_error('owner', 'unknown_id');
    END IF;
    INSERT INTO action_item (district_id, id, partnership_id, check_in_id, description, owner_user_id,
                             owner_contact_id, due_on)
    VALUES (district, (p_form ->> 'item')::uuid, c.partnership_id, c.id, form_text(p_form, 'description'),
            owner.user_id, owner.contact_id, form_text(p_form, 'due_on')::date)
    ON CONFLICT ON CONSTRAINT action_item_pkey DO NOTHING;
    RETURN '[]';
END
$$;

-- One's own is done.
CREATE OR REPLACE FUNCTION task_action_done(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    UPDATE action_item i SET status = 'done', done_at = current_setting('kith.now')::timestamptz
    FROM check_in c
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = (p_form ->> 'item')::uuid
      AND c.district_id = i.district_id AND c.id = t.subject_id AND i.partnership_id = c.partnership_id
      AND (i.owner_contact_id = t.contact_id OR i.owner_user_id = t.user_id)
      AND i.status = 'open' AND i.archived_at IS NULL;
    RETURN '[]';
END
$$;

REVOKE EXECUTE ON FUNCTION check_in_said, check_in_typed, check_in_seal, check_in_goal_errors,
    task_half_put, task_half_judge, task_behalf_confirm, partnership_people, task_sees_both,
    task_action_add, task_action_done FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_said, check_in_typed, check_in_seal, check_in_goal_errors, task_half_put,
    task_half_judge, task_behalf_confirm, partnership_people, task_sees_both, task_action_add,
    task_action_done TO kith_api;

RESET ROLE;
