-- What the pages show, as JSON for their templates: dates and instants in pieces, numbers as text. Words
-- are the templates' own (services/api/pages); codes go there as they are. p_view is what the page was
-- asked with: lang, where one was chosen; path, the segments behind its address; after a form that was not good form, what was
-- typed, and errors, [{name, code}]; is_refused, where the state did not allow it.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION page_date(p_day date) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_day IS NOT NULL THEN jsonb_build_object(
    'iso', p_day, 'year', extract(year FROM p_day)::integer, 'month', extract(month FROM p_day)::integer,
    'day', extract(day FROM p_day)::integer, 'weekday', extract(isodow FROM p_day)::integer) END;

-- An instant on the clocks of a zone.
CREATE OR REPLACE FUNCTION page_time(p_at timestamptz, p_zone text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE WHEN p_at IS NOT NULL THEN page_date((p_at AT TIME ZONE p_zone)::date) || jsonb_build_object(
    'hour', to_char(p_at AT TIME ZONE p_zone, 'FMHH12'), 'minute', to_char(p_at AT TIME ZONE p_zone, 'MI'),
    'half', CASE WHEN extract(hour FROM p_at AT TIME ZONE p_zone) < 12 THEN 'am' ELSE 'pm' END,
    'zone', p_zone) END;

-- "1,234.5"
CREATE OR REPLACE FUNCTION page_number(p_number numeric) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN rtrim(to_char(p_number, 'FM999,999,999,999,990.999999'), '.');

-- The district, and whom to ask.
CREATE OR REPLACE FUNCTION page_district() RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_build_object(
            'name', d.name, 'reply_to', d.reply_to, 'phone', d.phone, 'website', d.website,
            'is_synthetic', d.is_synthetic, 'has_contact', coalesce(d.reply_to, d.phone) IS NOT NULL)
        FROM district d WHERE d.id = current_setting('kith.district')::uuid);

-- The same for whoever has a link that opens nothing; nothing where there is no such district.
CREATE OR REPLACE FUNCTION page_help(p_district uuid, p_now text, p_request text,
                                     OUT locale text, OUT body jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, p_request);
    SELECT d.locale INTO locale FROM district d WHERE d.id = p_district AND d.archived_at IS NULL;
    IF locale IS NOT NULL THEN
        body := jsonb_build_object('district', page_district());
    END IF;
END
$$;

-- The code of what is wrong with the field of that name, or NULL.
CREATE OR REPLACE FUNCTION page_error(p_view jsonb, p_name text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT e ->> 'code' FROM jsonb_array_elements(p_view -> 'errors') e
        WHERE e ->> 'name' = p_name LIMIT 1);

CREATE OR REPLACE FUNCTION page_person(p_contact uuid, p_user uuid) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT c.name FROM contact c
     WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_contact),
    (SELECT u.name FROM app_user u
     WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = p_user));

-- ---- Check-ins -----------------------------------------------------------------------------------

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

-- The errors of a form with what they are about.
CREATE OR REPLACE FUNCTION page_check_in_errors(p_view jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'name', e.error ->> 'name', 'code', e.error ->> 'code',
        'label', split_part(e.error ->> 'name', '.', 1),
        'goal', (SELECT g.statement FROM goal g
                 WHERE g.district_id = current_setting('kith.district')::uuid
                   AND g.id::text = nullif(split_part(e.error ->> 'name', '.', 2), ''))) ORDER BY e.place)
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
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'side', t.side, 'is_partner', t.side = 'partner',
        'partnership', p.name, 'partner', p.partner, 'site', p.site,
        'quarter', c.number, 'year_from', c.school_year - 1,
        'year_to', to_char(c.school_year % 100, 'FM00'),
        'due', page_date(c.due_on), 'opens', page_date(c.opens_on), 'status', c.status,
        'is_overdue', c.status = 'open' AND check_in_is_past(c.id),
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
        'sections', page_sections(mine, CASE WHEN is_writing THEN p_view ELSE '{}' END),
        'goals', page_goals(c, mine, theirs, CASE WHEN is_writing THEN p_view ELSE '{}' END),
        'has_goals', EXISTS (SELECT FROM partnership_goals(c.partnership_id) g WHERE g.progress <> 'dropped'),
        'mine', page_half(c.id, t.side, p.zone),
        'theirs', CASE WHEN both_show THEN page_half(c.id, other, p.zone) END,
        'both', CASE WHEN both_show THEN (
            SELECT jsonb_agg(jsonb_build_object(
                'name', s.value ->> 'name', 'mine', s.value ->> 'value',
                'theirs', theirs ->> (s.value ->> 'name')) ORDER BY s.place)
            FROM jsonb_array_elements(page_sections(coalesce(mine, '{}'), '{}'))
                WITH ORDINALITY AS s (value, place)) END,
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
        'has_both', both_show)
    -- What was typed and can no longer be kept is shown, so that it can be copied.
    || CASE WHEN form IS NOT NULL AND p_view ->> 'verb' IN ('check_in_save', 'check_in_send')
                 AND NOT is_writing THEN jsonb_build_object('has_lost', true, 'lost', (
        SELECT jsonb_agg(jsonb_build_object('label', split_part(f.key, '.', 1), 'value', f.value) ORDER BY f.key)
        FROM jsonb_each_text(form) f WHERE f.value ~ '\S' AND f.key <> 'seal')) ELSE '{}' END;
END
$$;

-- ---- Surveys -------------------------------------------------------------------------------------

-- In the language that is asked for, or its first one.
CREATE OR REPLACE FUNCTION page_words(p_texts jsonb, p_lang text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(p_texts ->> p_lang, p_texts ->> split_part(p_lang, '-', 1), p_texts ->> 'en',
                (SELECT e.value FROM jsonb_each_text(p_texts) e ORDER BY e.key LIMIT 1));

-- One page of questions with what is answered.
CREATE OR REPLACE FUNCTION page_survey_questions(
    p_invitation uuid, p_page bigint, p_answers jsonb, p_lang text, p_view jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'code', q.code, 'text', page_words(q.question -> 'text', p_lang),
        'is_required', q.is_required, 'error', page_error(p_view, 'a.' || q.code),
        'is_choice', q.kind IN ('rating', 'yes_no'),
        'rating', CASE WHEN q.kind = 'rating' THEN (
            SELECT jsonb_agg(jsonb_build_object(
                'value', n, 'id', CASE n WHEN 1 THEN 'a.' || q.code END, 'is_chosen', n::text = typed.answer)
                ORDER BY n)
            FROM generate_series(1, 5) n) END,
        'yes_no', CASE WHEN q.kind = 'yes_no' THEN jsonb_build_object(
            'id', 'a.' || q.code, 'is_yes', typed.answer IN ('yes', 'true'), 'is_no', typed.answer IN ('no', 'false')) END,
        'words', CASE WHEN q.kind = 'text' THEN jsonb_build_object('value', typed.answer) END)
        ORDER BY q.place)
    FROM survey_questions(p_invitation) q
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p_view -> 'form' ? ('a.' || q.code) THEN p_view -> 'form' ->> ('a.' || q.code)
                    ELSE p_answers ->> q.code END AS answer) typed
    WHERE q.page = p_page);

CREATE OR REPLACE FUNCTION page_survey(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    i survey_invitation;
    s survey;
    local text; -- the zone
    about record;
    lang text := coalesce(p_view ->> 'lang', t.locale);
    asked_place text := coalesce(p_view -> 'form' ->> 'place', p_view -> 'path' ->> 0);
    asked_page text := coalesce(p_view -> 'form' ->> 'page', p_view -> 'path' ->> 1);
    number bigint := 1; -- of the page
    pages bigint;
    can_answer boolean;
BEGIN
    SELECT * INTO STRICT i FROM survey_invitation n
    WHERE n.district_id = current_setting('kith.district')::uuid AND n.id = t.subject_id;
    SELECT * INTO STRICT s FROM survey v WHERE v.district_id = i.district_id AND v.id = i.survey_id;
    SELECT d.zone INTO STRICT local FROM district d WHERE d.id = i.district_id;
    can_answer := s.status = 'open' AND i.status IN ('invited', 'partial', 'answered', 'bounced');
    SELECT max(q.page) INTO pages FROM survey_questions(i.id) q;
    SELECT * INTO about FROM survey_asked(i.id) a
    WHERE a.place = CASE WHEN asked_place ~ '^[1-9][0-9]{0,3}$' THEN asked_place::bigint END;
    IF about.place IS NOT NULL THEN
        -- Where something is wrong, the page of the first.
        number := coalesce(
            (SELECT min(q.page) FROM survey_questions(i.id) q
             WHERE page_error(p_view, 'a.' || q.code) IS NOT NULL),
            least(CASE WHEN asked_page ~ '^[1-9][0-9]{0,3}$' THEN asked_page::bigint ELSE 1 END, pages));
    END IF;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(i.contact_id, i.user_id),
        'name', s.name, 'introduction', s.introduction, 'mode', s.mode, 'is_attributed', s.mode = 'attributed',
        'cell', (SELECT d.survey_cell FROM district d WHERE d.id = i.district_id),
        'closes', page_time(local_instant(s.closes_on + 1, 0, local) - interval '1 second', local),
        'status', s.status, 'can_answer', can_answer, 'is_declined', i.status = 'declined' AND s.status = 'open',
        'can_decline', can_answer AND i.status IN ('invited', 'partial'),
        'is_over', NOT can_answer AND NOT (i.status = 'declined' AND s.status = 'open'),
        'is_paused', s.status = 'paused',
        'is_done', can_answer AND i.status = 'answered',
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false),
        'errors', (SELECT jsonb_agg(jsonb_build_object(
                       'name', e.error ->> 'name', 'code', e.error ->> 'code',
                       'text', page_words(q.question -> 'text', lang),
                       'elsewhere', nullif(q.page, number)) ORDER BY e.place)
                   FROM jsonb_array_elements(p_view -> 'errors') WITH ORDINALITY AS e (error, place)
                   LEFT JOIN survey_questions(i.id) q ON 'a.' || q.code = e.error ->> 'name'),
        'relationships', (
            SELECT jsonb_agg(jsonb_build_object(
                'place', a.place, 'partnership', a.partnership, 'partner', a.partner, 'status', a.status,
                'is_open', a.status <> 'submitted' AND can_answer, 'is_begun', a.status = 'partial',
                'submitted', page_time(a.submitted_at, local)) ORDER BY a.place)
            FROM survey_asked(i.id) a))
    || CASE WHEN about.place IS NOT NULL AND about.status <> 'submitted' AND can_answer
            THEN jsonb_build_object('form_verb', 'survey_save', 'asking', jsonb_build_object(
                'place', about.place, 'partnership', about.partnership, 'partner', about.partner,
                'page', number, 'pages', pages, 'is_first', number = 1, 'is_last', number = pages,
                'questions', page_survey_questions(i.id, number, about.answers, lang, p_view))) ELSE '{}' END
    || CASE WHEN p_view ? 'form' AND NOT can_answer AND p_view ->> 'verb' LIKE 'survey_%'
            THEN jsonb_build_object('has_lost', true, 'lost', (
                SELECT jsonb_agg(jsonb_build_object('value', f.value) ORDER BY f.key)
                FROM jsonb_each_text(p_view -> 'form') f WHERE f.key LIKE 'a.%' AND f.value ~ '\S'))
            ELSE '{}' END;
END
$$;

-- ---- Agreements, preferences, passwords ----------------------------------------------------------

CREATE OR REPLACE FUNCTION page_agreement(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    a agreement;
    zone text;
    acknowledged_at timestamptz;
BEGIN
    SELECT * INTO STRICT a FROM agreement g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.id = t.subject_id;
    SELECT d.zone INTO STRICT zone FROM district d WHERE d.id = a.district_id;
    acknowledged_at := CASE t.side WHEN 'partner' THEN a.partner_at ELSE a.district_at END;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'title', a.title, 'kind', a.kind, 'status', a.status, 'text', a.text, 'document_url', a.document_url,
        'file', (SELECT jsonb_build_object('name', f.name, 'sha256', f.sha256) FROM attachment f
                 WHERE f.district_id = a.district_id AND f.id = a.attachment_id),
        'effective', page_date(a.effective_on), 'expires', page_date(a.expires_on),
        'data', CASE WHEN a.data_flows THEN jsonb_build_object(
            'basis', a.data_basis, 'purpose', a.data_purpose, 'destroy_by', page_date(a.data_destroy_by)) END,
        'partnerships', (
            SELECT jsonb_agg(jsonb_build_object('name', p.name, 'partner', r.name) ORDER BY p.name, p.id)
            FROM agreement_partnership l
            JOIN partnership p ON p.district_id = l.district_id AND p.id = l.partnership_id
            JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
            WHERE l.district_id = a.district_id AND l.agreement_id = a.id AND l.archived_at IS NULL),
        'acknowledged', page_time(acknowledged_at, zone),
        'acknowledged_by', CASE t.side WHEN 'partner' THEN page_person(a.partner_by, NULL)
                                       ELSE page_person(NULL, a.district_by) END,
        'told_to', page_person(NULL, CASE t.side WHEN 'partner' THEN a.partner_recorded_by END),
        'can_acknowledge', acknowledged_at IS NULL AND a.archived_at IS NULL
            AND a.status IN ('out_for_signature', 'in_force'),
        'is_over', acknowledged_at IS NULL
            AND (a.archived_at IS NOT NULL OR a.status NOT IN ('out_for_signature', 'in_force')),
        'seal', agreement_seal(a), 'has_changed', page_error(p_view, '') = 'changed',
        'can_sign', agreement_may_sign(a, t.contact_id), 'signer', p_view -> 'form' ->> 'signer',
        'consents', p_view -> 'form' ->> 'consent' = 'yes', 'has_authority', p_view -> 'form' ->> 'authority' = 'yes',
        'signed', page_date(a.partner_signed_on), 'partner_signer', a.partner_signer,
        'read_error', page_error(p_view, 'read'), 'signer_error', page_error(p_view, 'signer'),
        'consent_error', page_error(p_view, 'consent'), 'authority_error', page_error(p_view, 'authority'),
        'has_errors', coalesce(jsonb_path_exists(p_view -> 'errors', '$[*] ? (@.name != "")'), false),
        'errors', (SELECT jsonb_agg(e.value) FROM jsonb_array_elements(p_view -> 'errors') e
                   WHERE e.value ->> 'name' <> ''));
END
$$;

CREATE OR REPLACE FUNCTION page_preferences(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    form jsonb := p_view -> 'form';
    chosen text := coalesce(form ->> 'locale', (
        SELECT coalesce(c.locale, d.locale) FROM district d
        LEFT JOIN contact c ON c.district_id = d.id AND c.id = t.contact_id
        WHERE d.id = current_setting('kith.district')::uuid AND t.contact_id IS NOT NULL), (
        SELECT u.locale FROM app_user u
        WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = t.user_id));
BEGIN
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'address', coalesce(
            (SELECT c.email FROM contact c
             WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = t.contact_id),
            (SELECT u.email FROM app_user u
             WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = t.user_id)),
        'has_none', task_opts_out('all'),
        'languages', (SELECT jsonb_agg(jsonb_build_object(
                          'code', o.code, 'is_chosen', o.code IN (chosen, split_part(chosen, '-', 1)))
                          ORDER BY o.place)
                      FROM district d, unnest(d.locales) WITH ORDINALITY AS o (code, place)
                      WHERE d.id = current_setting('kith.district')::uuid),
        'topics', (SELECT jsonb_agg(jsonb_build_object(
                       'topic', m.topic, 'is_duty', m.class = 'duty', 'is_wanted', task_wants(m.topic))
                       ORDER BY m.class DESC, m.topic) FROM mail_topics() m
                   WHERE m.class <> 'staff' OR t.user_id IS NOT NULL),
        'can_tell', t.message_id IS NOT NULL, 'tell_verb', 'preferences_tell', 'is_contact', t.contact_id IS NOT NULL,
        'note', form ->> 'note', 'reason', form ->> 'reason',
        'is_left', form ->> 'reason' = 'left_org', 'is_not_me', form ->> 'reason' = 'not_me',
        'is_pass_on', form ->> 'reason' = 'pass_on',
        'note_error', page_error(p_view, 'note'), 'reason_error', page_error(p_view, 'reason'),
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false),
        'errors', p_view -> 'errors');
END
$$;

CREATE OR REPLACE FUNCTION page_password(p_view jsonb) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'district', page_district(), 'person', u.name, 'email', u.email,
        'error', page_error(p_view, 'new_password'))
    FROM task() t JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = t.user_id;
END;

-- The page of the context's task.
CREATE OR REPLACE FUNCTION task_page(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
BEGIN
    RETURN CASE t.purpose
        WHEN 'check_in' THEN page_check_in(p_view)
        WHEN 'survey' THEN page_survey(p_view)
        WHEN 'agreement' THEN page_agreement(p_view)
        WHEN 'investments' THEN page_investments(p_view)
        WHEN 'acknowledgment' THEN page_acknowledgment(p_view)
        WHEN 'ask' THEN page_ask(p_view)
        WHEN 'credential' THEN page_credential(p_view)
        WHEN 'record' THEN page_record(p_view)
        WHEN 'convening' THEN page_convening(p_view)
        WHEN 'preferences' THEN page_preferences(p_view)
        WHEN 'password' THEN page_password(p_view)
        WHEN 'invitation' THEN page_password(p_view)
        WHEN 'sign_in' THEN page_password(p_view) END
        || jsonb_build_object('is_refused', coalesce((p_view ->> 'is_refused')::boolean, false));
END
$$;

-- ---- Signing in, and the first page --------------------------------------------------------------

-- The district where somebody is about to sign in, as sign_in_district() finds it; NULL: it has to be said.
CREATE OR REPLACE FUNCTION page_login(p_slug text, p_host text, p_now text, p_request text,
                                      OUT locale text, OUT body jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := sign_in_district(p_slug, p_host);
BEGIN
    IF district IS NOT NULL THEN
        SELECT h.locale, h.body INTO locale, body FROM page_help(district, p_now, p_request) h;
        body := body || (
            SELECT jsonb_build_object('sso_only', d.sso_only, 'providers', coalesce((
                SELECT jsonb_agg(jsonb_build_object('id', i.id, 'label', i.label) ORDER BY i.label, i.id)
                FROM identity_provider i WHERE i.is_active AND i.archived_at IS NULL), '[]'))
            FROM district d WHERE d.id = district);
    END IF;
END
$$;

-- The public form "partner with us" of the district that the slug names; NULL: there is none. Each field with what
-- was typed and what is wrong with it; what machines fill in is none of them.
CREATE OR REPLACE FUNCTION page_inquiry(p_slug text, p_view jsonb, p_now text, p_request text,
                                        OUT locale text, OUT body jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT l.locale, l.body INTO locale, body FROM page_login(p_slug, NULL, p_now, p_request) l;
    body := body || jsonb_build_object(
        'slug', p_slug, 'site_error', page_error(p_view, 'site_id'),
        'fields', (
            SELECT jsonb_agg(jsonb_build_object(
                'name', f.name, 'value', p_view -> 'form' ->> f.name, 'error', page_error(p_view, f.name),
                'is_required', f.is_required, 'type', f.type, 'is_line', f.type IS NOT NULL, 'fills', f.fills,
                'is_text', f.type IS NULL AND f.choices IS NULL, 'is_choice', f.choices IS NOT NULL,
                'choices', (SELECT jsonb_agg(jsonb_build_object(
                                'code', c.code, 'is_chosen', c.code = p_view -> 'form' ->> f.name) ORDER BY c.place)
                            FROM unnest(f.choices) WITH ORDINALITY AS c (code, place))) ORDER BY f.place)
            FROM (VALUES
                (1, 'organization', true, 'text', 'organization', NULL::text[]),
                (2, 'kind', false, NULL, NULL, '{business,nonprofit,higher_ed,faith_based,government,service_center,civic,other}'),
                (3, 'name', true, 'text', 'name', NULL),
                (4, 'email', true, 'email', 'email', NULL),
                (5, 'phone', false, 'tel', 'tel', NULL),
                (6, 'website', false, 'url', 'url', NULL),
                (7, 'offer_kind', false, NULL, NULL, '{money,space,staff_time,volunteers,equipment,software,training,internships,mentors,food,other}'),
                (8, 'message', true, NULL, NULL, NULL))
                AS f (place, name, is_required, type, fills, choices)),
        'sites', (
            SELECT CASE WHEN count(*) BETWEEN 2 AND 300 THEN jsonb_agg(jsonb_build_object(
                'id', s.id, 'name', s.name, 'is_chosen', s.id::text = p_view -> 'form' ->> 'site_id')
                ORDER BY s.name, s.id) END
            FROM site s
            WHERE body IS NOT NULL AND s.district_id = nullif(current_setting('kith.district', true), '')::uuid
              AND s.kind = 'school' AND s.status = 'open' AND s.archived_at IS NULL),
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false), 'errors', p_view -> 'errors');
    body := body || jsonb_build_object('has_sites', body -> 'sites' <> 'null');
END
$$;

-- The check-ins that are due within 30 days, or were and are open still: the user's own, or the district's where
-- the user has none.
CREATE OR REPLACE FUNCTION home_check_ins(p_today date, p_mine boolean) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'id', c.id, 'partnership', p.name, 'partner', r.name, 'due', page_date(c.due_on),
        'is_overdue', c.due_on < p_today,
        'opens', CASE WHEN c.status = 'scheduled' THEN page_date(c.opens_on) END,
        'mine', coalesce((SELECT h.status FROM check_in_half h
                          WHERE h.district_id = c.district_id AND h.check_in_id = c.id
                            AND h.side = 'district'), 'none'),
        'theirs', coalesce((SELECT CASE h.status WHEN 'submitted' THEN 'submitted' ELSE 'none' END
                            FROM check_in_half h
                            WHERE h.district_id = c.district_id AND h.check_in_id = c.id
                              AND h.side = 'partner'), 'none')) ORDER BY c.due_on, c.id)
    FROM (SELECT * FROM check_in i
          WHERE i.district_id = current_setting('kith.district')::uuid
            AND (i.status = 'open' OR i.status = 'scheduled' AND i.due_on >= p_today)
            AND i.due_on <= p_today + 30 AND i.archived_at IS NULL
            AND (NOT p_mine OR EXISTS (
                SELECT FROM partnership_role o
                WHERE o.district_id = i.district_id AND o.partnership_id = i.partnership_id
                  AND o.user_id = current_setting('kith.user')::uuid AND o.archived_at IS NULL))
          ORDER BY i.due_on, i.id LIMIT 12) AS c
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
    JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id);

-- Percent are kept as parts of one, money in cents.
CREATE OR REPLACE FUNCTION page_figure(p_value numeric, p_unit text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_unit WHEN 'percent' THEN to_char(100 * p_value, 'FM990.0') || '%'
                   WHEN 'cents' THEN '$' || to_char(round(p_value / 100), 'FM999,999,999,990')
                   WHEN 'score' THEN to_char(p_value, 'FM990.00')
                   ELSE to_char(p_value, 'FM999,999,999,990') END;

-- A cell of the dashboard's document, to be read: the figure in its unit, bounds, or that it is hidden.
CREATE OR REPLACE FUNCTION page_cell(p_cell jsonb, p_unit text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_typeof(p_cell) = 'object' THEN (
    SELECT jsonb_build_object(
        'is_hidden', (p_cell ->> 'is_suppressed')::boolean,
        'value', page_figure((p_cell ->> 'value')::numeric, p_unit),
        'low', page_figure((p_cell ->> 'value_low')::numeric, p_unit),
        'high', page_figure((p_cell ->> 'value_high')::numeric, p_unit))) END;

-- The first page of whoever is signed in; p_figures is the dashboard's document.
CREATE OR REPLACE FUNCTION page_home(p_figures jsonb, OUT locale text, OUT body jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    self uuid := current_setting('kith.user')::uuid;
    today date := district_today();
    is_staff boolean := kith_has_role('admin,director,executive,coordinator,school_leader,reviewer,data_steward');
    mine jsonb := home_check_ins(today, true);
    u app_user;
    list text;
    shown_first constant integer := 4;
BEGIN
    SELECT * INTO STRICT u FROM app_user o WHERE o.district_id = district AND o.id = self;
    locale := u.locale;
    body := jsonb_build_object(
        'district', page_district(), 'person', u.name, 'today', page_date(today),
        'partnerships', (
            SELECT jsonb_build_object(
                'active', count(*) FILTER (WHERE p.status IN ('active', 'renewing')),
                'others', (SELECT jsonb_agg(jsonb_build_object('status', s.status, 'count', s.count)
                                            ORDER BY s.count DESC, s.status)
                           FROM (SELECT o.status, count(*) FROM partnership o
                                 WHERE o.district_id = district AND o.archived_at IS NULL
                                   AND o.status NOT IN ('active', 'renewing', 'ended', 'declined')
                                 GROUP BY o.status) AS s))
            FROM partnership p WHERE p.district_id = district AND p.archived_at IS NULL),
        'check_ins', (
            SELECT jsonb_build_object(
                'due', count(*) FILTER (WHERE c.due_on BETWEEN today AND today + 30),
                'overdue', count(*) FILTER (WHERE c.status = 'open' AND c.due_on < today),
                'halves', coalesce(sum(2 - (
                    SELECT count(*) FROM check_in_half h
                    WHERE h.district_id = district AND h.check_in_id = c.id AND h.status = 'submitted'))
                    FILTER (WHERE c.status = 'open'), 0),
                'has_overdue', coalesce(bool_or(c.status = 'open' AND c.due_on < today), false))
            FROM check_in c
            WHERE c.district_id = district AND c.status IN ('open', 'scheduled') AND c.archived_at IS NULL),
        'mail', CASE WHEN is_staff THEN (
            SELECT jsonb_build_object(
                'waiting', (SELECT count(*) FROM message m
                            WHERE m.district_id = district AND m.status IN ('queued', 'retry')),
                'failed', f.count, 'has_failed', f.count > 0,
                'is_held', (SELECT d.go_live_at IS NULL FROM district d WHERE d.id = district),
                'is_stopped', (SELECT d.mail_held_at IS NOT NULL FROM district d WHERE d.id = district))
            FROM (SELECT count(*) FROM message m
                  WHERE m.district_id = district AND m.status = 'failed'
                    AND m.created_at > current_setting('kith.now')::timestamptz - interval '7 days') f) END,
        'figures', (
            SELECT jsonb_agg(jsonb_build_object(
                -- Those that come with Kith have names in each language.
                'label', CASE WHEN n.supplied THEN n.code ELSE n.name END,
                'all', page_cell(i.value -> 'all', i.value ->> 'unit'),
                'served', page_cell(i.value -> 'served', i.value ->> 'unit'),
                'not_served', page_cell(i.value -> 'not_served', i.value ->> 'unit'),
                'target', page_figure((i.value ->> 'target')::numeric, i.value ->> 'unit')) ORDER BY i.place)
            FROM jsonb_array_elements(p_figures -> 'indicators') WITH ORDINALITY AS i (value, place)
            JOIN indicator n ON n.district_id = district AND n.id = (i.value ->> 'indicator_id')::uuid),
        'year_from', (p_figures ->> 'school_year')::integer - 1,
        'year_to', to_char((p_figures ->> 'school_year')::integer % 100, 'FM00'),
        'due_is_mine', mine IS NOT NULL, 'due', coalesce(mine, home_check_ins(today, false)),
        'calls', CASE WHEN is_staff THEN (
            SELECT jsonb_agg(jsonb_build_object(
                'id', k.id, 'kind', k.kind, 'reason', k.reason, 'note', k.note,
                'person', page_person(k.contact_id, k.user_id), 'partnership', p.name,
                'phone', (SELECT c.phone FROM contact c WHERE c.district_id = district AND c.id = k.contact_id))
                ORDER BY k.created_at, k.id)
            FROM (SELECT * FROM call_task o
                  WHERE o.district_id = district AND o.status = 'open' AND o.archived_at IS NULL
                    AND (o.owner_id = self OR o.owner_id IS NULL)
                  ORDER BY o.created_at, o.id LIMIT 12) AS k
            LEFT JOIN partnership p ON p.district_id = district AND p.id = k.partnership_id) END,
        'actions', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', i.id, 'description', i.description, 'due', page_date(i.due_on),
                'is_overdue', i.due_on < today, 'partnership', p.name) ORDER BY i.due_on NULLS LAST, i.id)
            FROM (SELECT * FROM action_item o
                  WHERE o.district_id = district AND o.owner_user_id = self AND o.status = 'open'
                    AND o.archived_at IS NULL
                  ORDER BY o.due_on NULLS LAST, o.id LIMIT 12) AS i
            JOIN partnership p ON p.district_id = district AND p.id = i.partnership_id));
    -- Of each list what comes first is shown, and the rest when somebody wants it; whether there is any: a template
    -- cannot ask inside of one.
    FOREACH list IN ARRAY '{due,calls,actions}'::text[] LOOP
        SELECT body || jsonb_build_object(
            list, jsonb_agg(i.value ORDER BY i.place) FILTER (WHERE i.place <= shown_first),
            list || '_rest', jsonb_agg(i.value ORDER BY i.place) FILTER (WHERE i.place > shown_first),
            list || '_more', jsonb_build_object('count', count(*) - shown_first),
            'has_' || list || '_more', count(*) > shown_first)
        INTO body
        FROM jsonb_array_elements(CASE jsonb_typeof(body -> list) WHEN 'array' THEN body -> list ELSE '[]' END)
            WITH ORDINALITY AS i (value, place);
    END LOOP;
    body := body || jsonb_build_object(
        'has_due', body -> 'due' <> 'null', 'has_calls', body -> 'calls' <> 'null',
        'has_actions', body -> 'actions' <> 'null', 'has_figures', body -> 'figures' <> 'null');
END
$$;

-- What a partner's contact finds when it is signed in: its organizations, their partnerships, and what waits.
CREATE OR REPLACE FUNCTION page_organization(OUT locale text, OUT body jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    u app_user;
BEGIN
    SELECT * INTO STRICT u FROM app_user o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = current_setting('kith.user')::uuid;
    locale := u.locale;
    body := jsonb_build_object(
        'district', page_district(), 'person', u.name,
        'organizations', (SELECT jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) ORDER BY p.name, p.id)
                          FROM own_partner p WHERE p.archived_at IS NULL),
        'asks', (
            SELECT jsonb_agg(jsonb_build_object('id', a.id, 'need', n.title, 'respond', page_date(a.respond_by))
                             ORDER BY a.respond_by, a.id)
            FROM ask a
            JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
            WHERE a.district_id = u.district_id AND a.contact_id = u.contact_id AND a.status IN ('sent', 'talk')
              AND a.archived_at IS NULL),
        'partnerships', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', p.id, 'name', p.name, 'status', p.status, 'site', p.lead_site,
                'leads', task_is_own('acknowledgment', p.id, u.contact_id)) ORDER BY p.name, p.id)
            FROM own_partnership p
            WHERE p.archived_at IS NULL AND p.status NOT IN ('ended', 'declined')),
        'check_ins', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', c.id, 'partnership', c.partnership, 'due', page_date(c.due_on), 'half', c.half,
                'is_overdue', c.due_on < district_today()) ORDER BY c.due_on, c.id)
            FROM own_check_in c WHERE c.status = 'open' AND c.archived_at IS NULL),
        'pledges', (
            SELECT jsonb_agg(jsonb_build_object('need', g.need, 'quantity', g.quantity, 'unit', g.unit,
                                                'delivered', g.delivered) ORDER BY g.created_at, g.id)
            FROM own_pledge g
            WHERE g.archived_at IS NULL AND g.status IN ('accepted', 'partly_delivered')));
    body := body || jsonb_build_object(
        'has_partnerships', body -> 'partnerships' <> 'null', 'has_check_ins', body -> 'check_ins' <> 'null',
        'has_pledges', body -> 'pledges' <> 'null', 'has_asks', body -> 'asks' <> 'null');
END
$$;

REVOKE EXECUTE ON FUNCTION page_organization FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_organization TO kith_api;
REVOKE EXECUTE ON FUNCTION page_date, page_time, page_number, page_district, page_help, page_error, page_person,
    page_sections, page_half, page_goals, page_actions, page_check_in_errors, page_check_in, page_words,
    page_survey_questions, page_survey, page_agreement, page_preferences, page_password, task_page, page_login, page_inquiry,
    home_check_ins, page_cell, page_figure, page_home FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_date, page_time, page_number, page_district, page_help, page_error, page_person,
    page_sections, page_half, page_goals, page_actions, page_check_in_errors, page_check_in, page_words,
    page_survey_questions, page_survey, page_agreement, page_preferences, page_password, task_page, page_login, page_inquiry,
    home_check_ins, page_cell, page_figure, page_home TO kith_api;

RESET ROLE;
