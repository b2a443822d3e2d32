-- The page of a survey.

SET ROLE kith_owner;

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

REVOKE EXECUTE ON FUNCTION page_words, page_survey_questions, page_survey FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_words, page_survey_questions, page_survey TO kith_api;

RESET ROLE;
