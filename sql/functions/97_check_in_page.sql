-- The page of a check-in.

SET ROLE kith_owner;

-- The four sections, with what stands in each.
CREATE OR REPLACE FUNCTION page_sections(p_said jsonb, p_view jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'name', s.name, 'value', coalesce(p_view -> 'form', p_said) ->> s.name, 'stood', p_said ->> s.name,
        'error', page_error(p_view, s.name)) ORDER BY s.place)
    FROM unnest('{goals_set,progress_assessed,challenges,adjustments}'::text[])
        WITH ORDINALITY AS s (name, place));

-- What a half says, to be read: the sections that say something. NULL: there is none.
CREATE OR REPLACE FUNCTION page_half(p_check_in uuid, p_side text, p_zone text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'status', h.status, 'is_sent', h.status = 'submitted',
        'submitted', page_time(h.submitted_at, p_zone),
        'author', page_person(coalesce(h.contact_id, h.on_behalf_of), h.recorded_by),
        'sections', page_sections(check_in_said(p_check_in, p_side), '{}'),
        'verdict', h.verdict, 'is_disputed', h.verdict = 'disputed', 'reason', h.verdict_reason,
        'judged', page_time(h.verdict_at, p_zone))
    FROM check_in_half h
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.check_in_id = p_check_in
      AND h.side = p_side);

-- Of a goal that both see differently: what was agreed, or the form that says so.
CREATE OR REPLACE FUNCTION page_goal_settlement(p_check_in check_in, p_goal uuid, p_view jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'can_settle', s.goal_id IS NOT NULL AND NOT s.is_same AND NOT s.is_settled AND p_check_in.status IN ('open', 'complete'),
        'settled', CASE WHEN s.is_settled AND NOT s.is_same THEN (
            SELECT jsonb_build_object('progress', o.progress, 'current', page_number(o.current), 'note', o.note,
                                      'by', page_person(o.contact_id, o.user_id))
            FROM goal_settlement o
            WHERE o.district_id = p_check_in.district_id AND o.check_in_id = p_check_in.id AND o.goal_id = p_goal) END,
        'agreeing', (SELECT jsonb_agg(jsonb_build_object(
                         'code', c.code, 'is_chosen', c.code = p_view -> 'form' ->> ('settled.' || p_goal)) ORDER BY c.place)
                     FROM unnest('{not_started,on_track,at_risk,behind,met,missed,no_data,dropped}'::text[])
                         WITH ORDINALITY AS c (code, place)),
        'amount', p_view -> 'form' ->> ('amount.' || p_goal), 'how', p_view -> 'form' ->> ('how.' || p_goal),
        'settled_error', page_error(p_view, 'settled.' || p_goal), 'amount_error', page_error(p_view, 'amount.' || p_goal),
        'how_error', page_error(p_view, 'how.' || p_goal))
    FROM (SELECT p_goal AS id) AS t LEFT JOIN check_in_goals_said(p_check_in.id) s ON s.goal_id = t.id);

-- The partnership's goals: to be filled in, and what each side says of them; p_theirs is NULL where that
-- does not show.
CREATE OR REPLACE FUNCTION page_goals(
    p_check_in check_in, p_mine jsonb, p_theirs jsonb, p_view jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', g.id, 'statement', g.statement, 'unit', g.unit,
        'baseline', page_number(g.baseline), 'target', page_number(g.target), 'due', page_date(g.due_on),
        'choices', (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'is_chosen', c.code = typed.progress)
                                     ORDER BY c.place)
                    FROM unnest('{not_started,on_track,at_risk,behind,met,missed,no_data,dropped}'::text[])
                        WITH ORDINALITY AS c (code, place)),
        'current', typed.current, 'note', typed.note,
        'progress_error', page_error(p_view, 'progress.' || g.id),
        'current_error', page_error(p_view, 'current.' || g.id),
        'note_error', page_error(p_view, 'note.' || g.id),
        'mine', said.mine, 'theirs', said.theirs,
        'differs', said.mine IS NOT NULL AND said.theirs IS NOT NULL
            AND (said.mine ->> 'progress', said.mine ->> 'current')
                IS DISTINCT FROM (said.theirs ->> 'progress', said.theirs ->> 'current'))
            || page_goal_settlement(p_check_in, g.id, p_view)
        ORDER BY g.due_on, g.id), '[]')
    FROM partnership_goals(p_check_in.partnership_id) g
    CROSS JOIN LATERAL (
        SELECT p_mine -> 'goals' -> g.id::text AS mine, p_theirs -> 'goals' -> g.id::text AS theirs) said
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p_view ? 'form' THEN p_view -> 'form' ->> ('progress.' || g.id)
                    ELSE said.mine ->> 'progress' END AS progress,
               CASE WHEN p_view ? 'form' THEN p_view -> 'form' ->> ('current.' || g.id)
                    ELSE said.mine ->> 'current' END AS current,
               CASE WHEN p_view ? 'form' THEN p_view -> 'form' ->> ('note.' || g.id)
                    ELSE said.mine ->> 'note' END AS note) typed
    WHERE (g.progress <> 'dropped' OR said.mine IS NOT NULL OR said.theirs IS NOT NULL));

-- What was agreed to do: here, and before as far as it is open.
CREATE OR REPLACE FUNCTION page_actions(p_check_in check_in) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'description', i.description, 'due', page_date(i.due_on),
        'owner', page_person(i.owner_contact_id, i.owner_user_id),
        'is_done', i.status = 'done', 'is_mine', i.status = 'open'
            AND (i.owner_contact_id = t.contact_id OR i.owner_user_id = t.user_id)) ORDER BY i.created_at, i.id),
        '[]')
    FROM task() t,
        (SELECT * FROM action_item a
         WHERE a.district_id = p_check_in.district_id AND a.partnership_id = p_check_in.partnership_id
           AND a.archived_at IS NULL AND (a.check_in_id = p_check_in.id OR a.status = 'open')
         ORDER BY a.created_at, a.id LIMIT 50) AS i);

-- What the sites of the partnership add, beside the half that its lead fills in; NULL: nothing. The partner sees it
-- when it sees that half.
CREATE OR REPLACE FUNCTION page_sites(p_check_in check_in) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object('site', s.name, 'rating', o.rating, 'note', nullif(o.note, '')) ORDER BY s.name, s.id)
    FROM check_in_site o
    JOIN site s ON s.district_id = o.district_id AND s.id = o.site_id
    WHERE o.district_id = p_check_in.district_id AND o.check_in_id = p_check_in.id AND o.archived_at IS NULL);

-- The errors of a form with what they are about.
CREATE OR REPLACE FUNCTION page_check_in_errors(p_view jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'name', e.error ->> 'name', 'code', e.error ->> 'code',
        'label', split_part(e.error ->> 'name', '.', 1),
        'goal', coalesce(
            (SELECT g.statement FROM goal g
             WHERE g.district_id = current_setting('kith.district')::uuid
               AND g.id::text = nullif(split_part(e.error ->> 'name', '.', 2), '')),
            (SELECT w.condition FROM task_conditions() w
             WHERE w.id::text = split_part(e.error ->> 'name', '.', 2)),
            (SELECT s.site FROM task_schools() s
             WHERE s.site_id::text = split_part(e.error ->> 'name', '.', 2)))) ORDER BY e.place)
    FROM jsonb_array_elements(p_view -> 'errors') WITH ORDINALITY AS e (error, place));

CREATE OR REPLACE FUNCTION page_check_in(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    c check_in;
    p record;
    half check_in_half;
    other text := CASE t.side WHEN 'district' THEN 'partner' ELSE 'district' END;
    both_show boolean := task_sees_both();
    mine jsonb := check_in_said(t.subject_id, t.side);
    theirs jsonb := CASE WHEN both_show THEN check_in_said(t.subject_id, other) END;
    can_write boolean;
    is_writing boolean;
    form jsonb := p_view -> 'form';
    readiness jsonb;
    schools jsonb := page_schools(p_view);
    typed jsonb := CASE WHEN p_view ->> 'verb' IN ('check_in_save', 'check_in_send', 'goal_settle') THEN p_view ELSE '{}' END;
BEGIN
    SELECT * INTO STRICT c FROM check_in i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = t.subject_id;
    SELECT s.name, r.name AS partner, zone_of_site(s.lead_site_id) AS zone, l.name AS site INTO STRICT p
    FROM partnership s
    JOIN partner r ON r.district_id = s.district_id AND r.id = s.partner_id
    LEFT JOIN site l ON l.district_id = s.district_id AND l.id = s.lead_site_id
    WHERE s.district_id = c.district_id AND s.id = c.partnership_id;
    SELECT * INTO half FROM check_in_half h
    WHERE h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = t.side;
    can_write := c.status = 'open' AND (coalesce(half.status, 'draft') = 'draft'
                                        OR NOT (check_in_is_answered(c.id) OR check_in_is_past(c.id)));
    is_writing := can_write AND (coalesce(half.status, 'draft') = 'draft'
                                 OR coalesce(p_view -> 'path' ->> 0 = 'edit', false)
                                 OR coalesce(p_view ->> 'verb' IN ('check_in_save', 'check_in_send'), false));
    readiness := CASE WHEN c.status <> 'cancelled' THEN page_readiness(p_view) END;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'side', t.side, 'is_partner', t.side = 'partner',
        'partnership', p.name, 'partner', p.partner, 'site', p.site,
        'quarter', c.number, 'year_from', c.school_year - 1,
        'year_to', to_char(c.school_year % 100, 'FM00'),
        'due', page_date(c.due_on), 'opens', page_date(c.opens_on), 'status', c.status,
        'is_overdue', c.status = 'open' AND c.answered_at IS NULL AND check_in_is_past(c.id),
        'is_waiting', c.status = 'scheduled', 'is_writing', is_writing,
        'form_verb', CASE WHEN is_writing THEN 'check_in_save' END,
        'is_sent', half.status = 'submitted' AND NOT is_writing AND c.status = 'open' AND NOT both_show,
        'can_change', can_write AND NOT is_writing,
        'is_draft', is_writing AND half.status = 'draft'
            AND coalesce(half.contact_id, half.recorded_by) IS NOT NULL,
        'was_sent', is_writing AND half.status = 'submitted',
        'saved', page_time(half.updated_at, p.zone),
        'behalf', CASE WHEN half.on_behalf_of IS NOT NULL THEN jsonb_build_object(
            'by', page_person(NULL, half.recorded_by), 'for', page_person(half.on_behalf_of, NULL),
            'is_mine', half.on_behalf_of = t.contact_id AND half.behalf_confirmed_at IS NULL,
            'confirmed', page_time(half.behalf_confirmed_at, p.zone)) END,
        'seal', check_in_seal(c.id, t.side),
        'sections', page_sections(mine, CASE WHEN is_writing THEN typed ELSE '{}' END),
        'goals', page_goals(c, mine, theirs, CASE WHEN is_writing OR typed ->> 'verb' = 'goal_settle' THEN typed ELSE '{}' END),
        'has_goals', EXISTS (SELECT FROM partnership_goals(c.partnership_id) g WHERE g.progress <> 'dropped'),
        'mine', page_half(c.id, t.side, p.zone),
        'theirs', CASE WHEN both_show THEN page_half(c.id, other, p.zone) END,
        'both', CASE WHEN both_show THEN (
            SELECT jsonb_agg(jsonb_build_object(
                'name', s.value ->> 'name', 'mine', s.value ->> 'value',
                'theirs', theirs ->> (s.value ->> 'name')) ORDER BY s.place)
            FROM jsonb_array_elements(page_sections(coalesce(mine, '{}'), '{}'))
                WITH ORDINALITY AS s (value, place)) END,
        'sites', CASE WHEN both_show OR t.side = 'district' THEN page_sites(c) END,
        'has_sites', (both_show OR t.side = 'district') AND page_sites(c) IS NOT NULL,
        'can_judge', both_show AND c.status IN ('open', 'complete', 'closed_partial'),
        'actions', CASE WHEN both_show THEN page_actions(c) END,
        'has_actions', both_show AND page_actions(c) <> '[]',
        'people', CASE WHEN both_show THEN (
            SELECT jsonb_agg(jsonb_build_object('key', o.key, 'name', o.name, 'side', o.side,
                                                'is_chosen', o.key = form ->> 'owner') ORDER BY o.side, o.name)
            FROM partnership_people(c.partnership_id) o) END,
        'item', coalesce(form ->> 'item', uuid7()::text),
        'description', form ->> 'description', 'due_on', form ->> 'due_on', 'reason', form ->> 'reason',
        'description_error', page_error(p_view, 'description'), 'due_on_error', page_error(p_view, 'due_on'),
        'reason_error', page_error(p_view, 'reason'),
        'has_changed', page_error(p_view, '') = 'changed',
        'errors', page_check_in_errors(p_view),
        'has_errors', coalesce(jsonb_path_exists(p_view -> 'errors', '$[*] ? (@.name != "")'), false),
        'has_both', both_show, 'readiness', readiness, 'has_readiness', readiness IS NOT NULL,
        'rate_verb', 'readiness_rate')
    || jsonb_build_object(
        'schools', schools, 'has_schools', schools IS NOT NULL,
        'can_snooze', c.status = 'open' AND coalesce(half.status, 'draft') = 'draft',
        'snoozed', page_date((SELECT s FROM snoozed_until(c.id, c.due_on, t.side, coalesce(
            'contact:' || t.contact_id, 'user:' || t.user_id)) AS s WHERE s > partnership_today(c.partnership_id))))
    -- What was typed and can no longer be kept is shown, so that it can be copied.
    || CASE WHEN form IS NOT NULL AND p_view ->> 'verb' IN ('check_in_save', 'check_in_send')
                 AND NOT is_writing THEN jsonb_build_object('has_lost', true, 'lost', (
        SELECT jsonb_agg(jsonb_build_object('label', split_part(f.key, '.', 1), 'value', f.value) ORDER BY f.key)
        FROM jsonb_each_text(form) f WHERE f.value ~ '\S' AND f.key <> 'seal')) ELSE '{}' END;
END
$$;

REVOKE EXECUTE ON FUNCTION page_sections, page_half, page_goal_settlement, page_goals, page_sites, page_actions, page_check_in_errors,
    page_check_in FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_sections, page_half, page_goal_settlement, page_goals, page_sites, page_actions, page_check_in_errors,
    page_check_in TO kith_api;

RESET ROLE;
