-- The page of a survey.

SET ROLE kith_owner;

-- In the language that is asked for, or its first one.
CREATE OR REPLACE FUNCTION page_words(p_texts jsonb, p_lang text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(p_texts ->> p_lang, p_texts ->> split_part(p_lang, '-', 1), p_texts ->> 'en',
                (SELECT e.value FROM jsonb_each_text(p_texts) e ORDER BY e.key LIMIT 1));

-- The points of a scale with what its ends mean; p_letter: of its field. Of five points that say nothing of their own the
-- page has the words.
CREATE OR REPLACE FUNCTION page_survey_scale(p_question jsonb, p_letter text, p_chosen text, p_lang text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    nothing constant jsonb := '{"id": null, "standard": null, "importance": null, "occurrence": null, "meaning": null}';
    field text := p_letter || '.' || (p_question ->> 'code');
    points integer := coalesce((nullif(p_question -> 'points', 'null'))::integer, 5);
    has_words boolean := jsonb_typeof(p_question -> 'low') = 'object' OR jsonb_typeof(p_question -> 'high') = 'object';
    ends text := CASE WHEN has_words THEN 'meaning' WHEN p_letter = 'i' THEN 'importance' WHEN p_letter = 'o' THEN 'occurrence' END;
    low text := 'low';
    high text := 'high';
BEGIN
    IF has_words THEN
        low := page_words(nullif(p_question -> 'low', 'null'), p_lang);
        high := page_words(nullif(p_question -> 'high', 'null'), p_lang);
    END IF;
    RETURN (
        SELECT jsonb_agg(nothing || jsonb_build_object('field', field, 'point', n, 'is_chosen', n::text = p_chosen) || CASE
            WHEN n NOT IN (1, points) THEN '{}'
            WHEN ends IS NOT NULL THEN jsonb_build_object(ends, CASE n WHEN 1 THEN low ELSE high END) ELSE '{}' END
            || CASE WHEN ends IS NULL AND points = 5 THEN jsonb_build_object('standard', n) ELSE '{}' END
            || CASE n WHEN 1 THEN jsonb_build_object('id', field) ELSE '{}' END
            ORDER BY n)
        FROM generate_series(1, points) AS n);
END
$$;

-- What stands in the question's fields: as it was typed, where the page comes back, else as it was answered.
CREATE OR REPLACE FUNCTION page_survey_answer(p_question jsonb, p_answer jsonb, p_form jsonb, p_is_typed boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN p_is_typed AND p_question ->> 'kind' IN ('multi', 'importance_occurrence')
        THEN survey_typed(p_question, p_form)
    WHEN p_is_typed AND p_form ? ('a.' || (p_question ->> 'code')) THEN p_form -> ('a.' || (p_question ->> 'code'))
    ELSE p_answer END;

-- One question as the page shows it.
CREATE OR REPLACE FUNCTION page_survey_question(q jsonb, p_answer jsonb, p_error text, p_lang text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    kind text := q ->> 'kind';
    code text := q ->> 'code';
    is_required boolean := coalesce((q ->> 'required')::boolean, false);
    hint text := page_words(nullif(q -> 'hint', 'null'), p_lang);
    shown jsonb := jsonb_build_object(
        'code', code, 'text', page_words(q -> 'text', p_lang), 'hint', hint, 'is_required', is_required, 'error', p_error, 'most', NULL,
        'is_described', hint IS NOT NULL OR p_error IS NOT NULL,
        'rating', NULL, 'yes_no', NULL, 'choices', NULL, 'ticks', NULL, 'pair', NULL, 'number', NULL, 'words', NULL,
        'is_choice', kind IN ('rating', 'yes_no', 'choice', 'multi'), 'can_skip', NOT is_required AND kind IN ('rating', 'yes_no', 'choice'));
BEGIN
    RETURN shown || CASE kind
        WHEN 'rating' THEN jsonb_build_object('rating', jsonb_build_object('points', page_survey_scale(q, 'a', p_answer #>> '{}', p_lang)))
        WHEN 'importance_occurrence' THEN jsonb_build_object('pair', jsonb_build_object(
            'importances', page_survey_scale(q, 'i', p_answer ->> 'importance', p_lang),
            'occurrences', page_survey_scale(q, 'o', p_answer ->> 'occurrence', p_lang), 'can_skip_pair', NOT is_required))
        WHEN 'yes_no' THEN jsonb_build_object('yes_no', jsonb_build_object(
            'id', 'a.' || code, 'is_yes', p_answer #>> '{}' IN ('yes', 'true'), 'is_no', p_answer #>> '{}' IN ('no', 'false')))
        WHEN 'choice' THEN jsonb_build_object('choices', (
            SELECT jsonb_agg(jsonb_build_object(
                'option', o ->> 'code', 'label', page_words(o -> 'text', p_lang), 'id', CASE place WHEN 1 THEN 'a.' || code END,
                'is_chosen', o -> 'code' = p_answer) ORDER BY place)
            FROM jsonb_array_elements(q -> 'options') WITH ORDINALITY AS e (o, place)))
        WHEN 'multi' THEN jsonb_build_object('most', nullif(q -> 'most', 'null'), 'ticks', (
            SELECT jsonb_agg(jsonb_build_object(
                'option', o ->> 'code', 'label', page_words(o -> 'text', p_lang), 'id', CASE place WHEN 1 THEN 'm.' || code END,
                'is_chosen', coalesce(jsonb_typeof(p_answer) = 'array' AND p_answer @> jsonb_build_array(o -> 'code'), false)) ORDER BY place)
            FROM jsonb_array_elements(q -> 'options') WITH ORDINALITY AS e (o, place)))
        WHEN 'number' THEN jsonb_build_object('number', jsonb_build_object(
            'typed', p_answer #>> '{}', 'least', q ->> 'min', 'greatest', q ->> 'max',
            'has_both', q ->> 'min' IS NOT NULL AND q ->> 'max' IS NOT NULL,
            'has_hint', hint IS NOT NULL OR q ->> 'min' IS NOT NULL OR q ->> 'max' IS NOT NULL,
            'is_described_too', p_error IS NOT NULL OR hint IS NOT NULL OR q ->> 'min' IS NOT NULL OR q ->> 'max' IS NOT NULL))
        ELSE jsonb_build_object('words', jsonb_build_object('typed', p_answer #>> '{}')) END;
END
$$;

-- The way of one page among those that are asked: what is behind it depends on what is answered.
CREATE OR REPLACE FUNCTION page_survey_way(p_document instrument, p_answers jsonb, p_page bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
    WITH walk AS MATERIALIZED (
        SELECT * FROM instrument_walk(p_document.questions, p_document.sections, p_answers)
    ), shown AS (
        SELECT coalesce(min(w.page) FILTER (WHERE w.page >= p_page), max(w.page_of_all) + 1) AS page,
               count(DISTINCT w.page) AS pages, min(w.page) AS first, max(w.page) AS last
        FROM (SELECT a.*, max(a.page) OVER () AS page_of_all FROM walk a) AS w
        WHERE w.is_shown
    )
    SELECT jsonb_build_object(
        'page', s.page, 'pages', s.pages, 'part', (SELECT count(DISTINCT w.page) FROM walk w WHERE w.is_shown AND w.page <= s.page),
        'is_first', s.page = s.first, 'is_end', s.page > s.last,
        -- all of several pages together: once nothing lacks, and from the last one
        'can_review', s.pages > 1 AND s.page <= s.last AND (s.page = s.last OR (
            survey_answer_sent(p_document.questions, p_document.sections, p_answers)).lacking IS NULL),
        -- nothing that this page's answers could open comes behind it
        'is_last', s.page = s.last AND NOT EXISTS (
            SELECT FROM walk later
            LEFT JOIN jsonb_array_elements(p_document.sections) AS e (section) ON e.section ->> 'code' = later.section
            JOIN walk here ON here.page = s.page
                AND here.code IN (later.question #>> '{show_if,question}', e.section #>> '{show_if,question}')
            WHERE later.page > s.page))
    FROM shown s);
END
$$;

-- The questions of one page with what is answered, and what stands above them.
CREATE OR REPLACE FUNCTION page_survey_questions(
    p_document instrument, p_page bigint, p_answers jsonb, p_lang text, p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
    SELECT jsonb_build_object(
        'section', (SELECT jsonb_build_object('title', page_words(e.section -> 'title', p_lang),
                                              'opening', page_words(nullif(e.section -> 'text', 'null'), p_lang))
                    FROM jsonb_array_elements(p_document.sections) AS e (section) WHERE e.section ->> 'code' = min(w.section)),
        'has_scale', bool_or(w.kind = 'rating' AND coalesce(nullif(w.question -> 'points', 'null'), '5') = '5'
                             AND coalesce(w.question -> 'low', w.question -> 'high', 'null') = 'null'),
        'has_text', bool_or(w.kind = 'text'),
        'questions', jsonb_agg(page_survey_question(
            w.question,
            page_survey_answer(w.question, p_answers -> w.code, p_view -> 'form',
                               p_view ? 'form' AND p_view #>> '{form,page}' = p_page::text),
            coalesce(page_error(p_view, 'a.' || w.code), page_error(p_view, 'i.' || w.code), page_error(p_view, 'o.' || w.code),
                     page_error(p_view, 'm.' || w.code)), p_lang)
            ORDER BY w.place))
    FROM instrument_walk(p_document.questions, p_document.sections, p_answers) AS w
    WHERE w.page = p_page AND w.is_shown);
END
$$;

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
    asking jsonb; -- about one relationship
    wrong jsonb;
    first_wrong bigint; -- its page
    document instrument := survey_document(t.subject_id);
    can_answer boolean;
    is_done boolean;
BEGIN
    IF NOT survey_hold(t.subject_id, p_view -> '_held') THEN
        RETURN '{}';
    END IF;
    SELECT * INTO STRICT i FROM survey_invitation n
    WHERE n.district_id = current_setting('kith.district')::uuid AND n.id = t.subject_id;
    SELECT * INTO STRICT s FROM survey v WHERE v.district_id = i.district_id AND v.id = i.survey_id;
    SELECT d.zone INTO STRICT local FROM district d WHERE d.id = i.district_id;
    can_answer := s.status = 'open' AND i.status IN ('invited', 'partial', 'answered', 'bounced');
    is_done := i.status = 'answered' OR s.mode = 'anonymous' AND NOT EXISTS (SELECT FROM survey_asked(i.id) a WHERE a.status <> 'submitted');
    SELECT * INTO about FROM survey_asked(i.id) a
    WHERE a.place = CASE WHEN asked_place ~ '^[1-9][0-9]{0,3}$' THEN asked_place::bigint END;
    IF jsonb_array_length(p_view -> 'errors') > 0 THEN
        SELECT jsonb_agg(jsonb_build_object(
                   'name', e.error ->> 'name', 'code', e.error ->> 'code', 'text', page_words(w.question -> 'text', lang),
                   'page', w.page) ORDER BY e.place), min(w.page)
        INTO wrong, first_wrong
        FROM jsonb_array_elements(p_view -> 'errors') WITH ORDINALITY AS e (error, place)
        LEFT JOIN instrument_walk(document.questions, document.sections, about.answers) AS w
            ON w.code = split_part(e.error ->> 'name', '.', 2);
    END IF;
    IF about.place IS NOT NULL AND can_answer AND NOT (s.mode = 'anonymous' AND about.status = 'submitted') THEN
        -- Where something is wrong, the page of the first.
        asking := page_survey_way(document, about.answers, coalesce(
            first_wrong, CASE WHEN asked_page ~ '^[1-9][0-9]{0,3}$' THEN asked_page::bigint ELSE 1 END));
    END IF;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(i.contact_id, i.user_id),
        'name', s.name, 'introduction', s.introduction, 'mode', s.mode, 'is_attributed', s.mode = 'attributed',
        'meaning', CASE WHEN s.mode = 'attributed' AND document.subject = 'none' THEN 'attributed_to_staff' ELSE s.mode END,
        'cell', (SELECT d.survey_cell FROM district d WHERE d.id = i.district_id),
        'text_cell', (SELECT d.text_cell FROM district d WHERE d.id = i.district_id),
        'closes', page_time(local_instant(s.closes_on + 1, 0, local) - interval '1 second', local),
        'status', s.status, 'can_answer', can_answer, 'is_declined', i.status = 'declined' AND s.status = 'open',
        'can_decline', can_answer AND i.status IN ('invited', 'partial') AND NOT is_done,
        'is_over', NOT can_answer AND NOT (i.status = 'declined' AND s.status = 'open'),
        'is_paused', s.status = 'paused',
        'has_unsent', s.status = 'closed' AND EXISTS (
            SELECT FROM survey_answer w
            WHERE w.district_id = i.district_id AND w.survey_invitation_id = i.id AND w.draft IS NOT NULL),
        'is_done', can_answer AND is_done, 'needs_link', s.mode = 'anonymous' AND NOT survey_held() ? 'name',
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false),
        'errors', (SELECT jsonb_agg(e || jsonb_build_object('elsewhere', nullif(e ->> 'page', asking ->> 'page')) ORDER BY place)
                   FROM jsonb_array_elements(wrong) WITH ORDINALITY AS w (e, place)),
        'is_general', document.subject = 'none',
        'relationships', (
            SELECT jsonb_agg(jsonb_build_object(
                'place', a.place, 'partnership', coalesce(a.partnership, s.name), 'partner', a.partner, 'status', a.status,
                'is_open', can_answer AND NOT (s.mode = 'anonymous' AND (a.status = 'submitted' OR NOT survey_held() ? 'name')), 'is_begun', a.status = 'partial', 'is_sent', a.status = 'submitted',
                'is_correcting', EXISTS (
                    SELECT FROM survey_answer w
                    WHERE w.district_id = i.district_id AND w.survey_invitation_id = i.id AND w.draft IS NOT NULL
                      AND w.partnership_id IS NOT DISTINCT FROM a.partnership_id),
                'submitted', page_time(a.submitted_at, local)) ORDER BY a.place)
            FROM survey_asked(i.id) a))
    || CASE WHEN asking IS NOT NULL
            THEN jsonb_build_object('form_verb', 'survey_save', 'asking', asking || jsonb_build_object(
                'place', about.place, 'partnership', coalesce(about.partnership, s.name), 'partner', about.partner,
                'corrects', about.status = 'submitted',
                'sends_named', s.mode = 'attributed' AND ((asking -> 'is_last')::boolean OR (asking -> 'is_end')::boolean),
                'review', CASE WHEN (asking -> 'is_end')::boolean THEN page_survey_review(document, about.answers, lang) END)
                || page_survey_questions(document, (asking ->> 'page')::bigint, about.answers, lang, p_view)) ELSE '{}' END
    || CASE WHEN p_view ? 'form' AND NOT can_answer AND p_view ->> 'verb' LIKE 'survey_%'
            THEN jsonb_build_object('has_lost', true, 'lost', (
                SELECT jsonb_agg(jsonb_build_object('value', page_words(w.question -> 'text', lang) || ' ' || f.value) ORDER BY w.place, f.key)
                FROM jsonb_each_text(p_view -> 'form') f
                JOIN instrument_walk(document.questions, document.sections, '{}') AS w ON w.code = split_part(f.key, '.', 2)
                WHERE f.key ~ '^[aiom]\.' AND f.value ~ '\S'))
            ELSE '{}' END;
END
$$;

REVOKE EXECUTE ON FUNCTION page_words, page_survey_scale, page_survey_answer, page_survey_question, page_survey_way,
    page_survey_questions, page_survey FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_words, page_survey_scale, page_survey_answer, page_survey_question, page_survey_way,
    page_survey_questions, page_survey TO kith_api;

RESET ROLE;
