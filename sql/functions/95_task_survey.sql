-- What a survey's link lets its person do: answer, save, send, decline.

SET ROLE kith_owner;

-- What the invitation asks about, in the order in which the pages count them: relationships, or nothing in particular.
-- answers: as the pages show them, with corrections that are not sent.
DO $$ -- it has told less
BEGIN
    IF NOT EXISTS (SELECT FROM pg_proc p WHERE p.proname = 'survey_asked' AND 'answer_id' = ANY (p.proargnames)) THEN
        DROP FUNCTION IF EXISTS survey_asked(uuid);
    END IF;
END
$$;
CREATE OR REPLACE FUNCTION survey_asked(p_invitation uuid)
RETURNS TABLE (place bigint, partnership_id uuid, partnership text, partner text, status text,
               answers jsonb, submitted_at timestamptz, answer_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT row_number() OVER (ORDER BY p.name, p.id), p.id, p.name, r.name, coalesce(b.ballot ->> 'status', w.status),
           coalesce(b.ballot -> 'answers', w.draft, w.answers), w.submitted_at, w.id
    FROM survey_answer w
    JOIN survey s ON s.district_id = w.district_id AND s.id = w.survey_id
    LEFT JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
    LEFT JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.mode = 'anonymous' THEN survey_ballot(s.id, p_invitation, w.partnership_id) END AS ballot OFFSET 0) b
    WHERE w.district_id = current_setting('kith.district')::uuid
      AND w.survey_invitation_id = p_invitation;
END;

CREATE OR REPLACE FUNCTION survey_document(p_invitation uuid) RETURNS instrument
LANGUAGE plpgsql STABLE AS $$ -- one that keeps its plan
DECLARE
    document instrument;
BEGIN
    SELECT n.* INTO document
    FROM survey_invitation i
    JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id
    JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_invitation;
    RETURN document;
END
$$;

DROP FUNCTION IF EXISTS page_survey_questions(uuid, bigint, jsonb, text, jsonb);
DROP FUNCTION IF EXISTS survey_questions(uuid), survey_typed(text, text);

-- The field of the question's form that an error is told of.
CREATE OR REPLACE FUNCTION survey_field(p_question jsonb, p_answer jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_question ->> 'kind'
           WHEN 'importance_occurrence' THEN CASE WHEN p_answer ? 'importance' THEN 'o.' ELSE 'i.' END
           WHEN 'multi' THEN 'm.' ELSE 'a.' END || (p_question ->> 'code');

CREATE OR REPLACE FUNCTION survey_number(p_text text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$ -- as to_jsonb() is said to be no more than stable, one in SQL is planned anew for each call
BEGIN
    RETURN CASE WHEN p_text ~ '^[0-9]{1,2}$' THEN to_jsonb(p_text::integer) ELSE to_jsonb(p_text) END;
END
$$;

-- What the form of its page says to the question, as the question wants it; JSON's null for nothing, NULL where the form
-- does not ask. Of several options what is not ticked does not come.
CREATE OR REPLACE FUNCTION survey_typed(p_question jsonb, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    code text := p_question ->> 'code';
    typed text := p_form ->> ('a.' || code);
BEGIN
    IF p_question ->> 'kind' = 'multi' THEN
        RETURN coalesce((
            SELECT jsonb_agg(o -> 'code' ORDER BY place) FROM jsonb_array_elements(p_question -> 'options') WITH ORDINALITY AS e (o, place)
            WHERE p_form ->> format('m.%s.%s', code, o ->> 'code') ~ '\S'), 'null');
    ELSIF p_question ->> 'kind' = 'importance_occurrence' THEN
        RETURN coalesce(nullif((
            SELECT jsonb_object_agg(s.name, survey_number(p_form ->> (s.letter || '.' || code)))
            FROM (VALUES ('i', 'importance'), ('o', 'occurrence')) AS s (letter, name)
            WHERE p_form ->> (s.letter || '.' || code) ~ '\S'), '{}'), 'null');
    END IF;
    RETURN CASE WHEN typed IS NULL THEN NULL
                WHEN typed !~ '\S' THEN 'null'
                WHEN p_question ->> 'kind' = 'rating' THEN survey_number(typed)
                WHEN p_question ->> 'kind' = 'yes_no' AND typed IN ('yes', 'no') THEN to_jsonb(typed = 'yes')
                WHEN p_question ->> 'kind' = 'number' AND btrim(typed, E' \t\n') ~ '^-?[0-9]{1,12}(\.[0-9]{1,6})?$'
                    THEN to_jsonb(btrim(typed, E' \t\n')::numeric)
                ELSE to_jsonb(typed) END;
END
$$;

-- What a page's form says: all the answers with it, and what is wrong and not among them: [{"name", "code"}]. Like all that a
-- page asks for, it is PL/pgSQL, whose plans stay with the connection.
CREATE OR REPLACE FUNCTION survey_form(
    p_document instrument, p_answers jsonb, p_form jsonb, OUT answers jsonb, OUT errors jsonb)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    SELECT jsonb_strip_nulls(p_answers || coalesce(jsonb_object_agg(g.code, g.answer) FILTER (WHERE g.wrong IS NULL), '{}')),
           coalesce(jsonb_agg(jsonb_build_object('name', survey_field(g.question, NULL), 'code', g.wrong) ORDER BY g.place)
                    FILTER (WHERE g.wrong IS NOT NULL), '[]')
    INTO answers, errors
    FROM (SELECT y.*, CASE WHEN y.answer <> 'null' THEN (survey_answer_wrong(y.question, y.answer)).code END AS wrong
          FROM (SELECT w.place, w.code, w.question, survey_typed(w.question, p_form) AS answer
                FROM instrument_walk(p_document.questions, p_document.sections, p_answers) AS w
                WHERE w.page = (p_form ->> 'page')::bigint OFFSET 0) AS y
          WHERE y.answer IS NOT NULL OFFSET 0) AS g;
END
$$;

-- What still needs an answer before it can be sent, likewise. p_missing: survey_answer_sent() has found it.
DROP FUNCTION IF EXISTS survey_form_lacking(instrument, jsonb);
CREATE OR REPLACE FUNCTION survey_form_lacking(p_document instrument, p_answers jsonb, p_missing text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_missing IS NULL THEN
        RETURN '[]';
    END IF;
    RETURN (
        SELECT jsonb_agg(jsonb_build_object('name', survey_field(q, p_answers -> l.code), 'code', 'required') ORDER BY l.place)
        FROM unnest(p_missing) WITH ORDINALITY AS l (code, place)
        JOIN jsonb_array_elements(p_document.questions) AS q ON q ->> 'code' = l.code);
END
$$;

-- The page to go to from another: the next that is asked, or the one behind the last, where all is sent; or the one before.
CREATE OR REPLACE FUNCTION survey_page_next(p_document instrument, p_answers jsonb, p_page bigint, p_is_back boolean) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN p_is_back THEN coalesce(max(w.page) FILTER (WHERE w.is_shown AND w.page < p_page), 1)
                    ELSE coalesce(min(w.page) FILTER (WHERE w.is_shown AND w.page > p_page), max(w.page) + 1) END
        FROM instrument_walk(p_document.questions, p_document.sections, p_answers) AS w);
END
$$;

-- What the form of a page comes to about something that is p_status and has p_answers: all answers with it; of these what is
-- to be kept, where there is anything new, and whether that is sent; and what is wrong. p_send: those are all.
CREATE OR REPLACE FUNCTION survey_form_judged(
    p_document instrument, p_status text, p_answers jsonb, p_form jsonb, p_send boolean,
    OUT answers jsonb, OUT kept jsonb, OUT is_new boolean, OUT is_sent boolean, OUT errors jsonb)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    said record := survey_form(p_document, p_answers, p_form);
    sent record;
BEGIN
    answers := said.answers;
    kept := said.answers;
    errors := said.errors;
    is_sent := false;
    IF p_send AND errors = '[]' THEN
        sent := survey_answer_sent(p_document.questions, p_document.sections, answers);
        errors := survey_form_lacking(p_document, answers, sent.lacking);
        is_sent := errors = '[]';
        kept := CASE WHEN is_sent THEN sent.answers ELSE kept END;
    END IF;
    is_new := answers <> p_answers OR is_sent OR p_status = 'asked' AND said.errors = '[]';
END
$$;

-- Keeps the answers of one page about one relationship; p_send: those are all. What is wrong is told and not kept, the rest
-- is. Nobody else answers it meanwhile.
CREATE OR REPLACE FUNCTION task_survey_put(p_form jsonb, p_send boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    invitation survey_invitation;
    asks record;
    about record;
    judged record;
BEGIN
    IF NOT survey_hold(t.subject_id, p_form -> '_held') THEN
        RETURN '[]';
    END IF;
    SELECT * INTO STRICT invitation FROM survey_invitation i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = t.subject_id FOR UPDATE;
    SELECT s AS survey, n AS document INTO STRICT asks
    FROM survey s JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
    WHERE s.district_id = invitation.district_id AND s.id = invitation.survey_id;
    SELECT * INTO about FROM survey_asked(t.subject_id) a WHERE a.place = (p_form ->> 'place')::bigint;
    IF about.place IS NULL THEN
        RAISE EXCEPTION 'no such relationship' USING ERRCODE = 'KI404';
    ELSIF about.status = 'submitted' AND NOT p_form ? 'corrects' THEN
        RETURN '[]'; -- sent once; a form that comes again says nothing new
    END IF;
    judged := survey_form_judged(asks.document, about.status, about.answers, p_form, p_send);
    IF judged.is_new THEN
        IF (asks.survey).mode = 'anonymous' THEN
            PERFORM survey_answer_put(t.subject_id, about.partnership_id, (
                SELECT coalesce(jsonb_object_agg(k, judged.answers -> k), '{}') FROM jsonb_object_keys(about.answers || judged.answers) AS k
                WHERE about.answers -> k IS DISTINCT FROM judged.answers -> k), judged.is_sent);
        ELSE
            PERFORM survey_answer_refuse(asks.survey, invitation);
            PERFORM survey_answers_keep(ARRAY[about.answer_id], ARRAY[t.subject_id], ARRAY[judged.kept], ARRAY[judged.is_sent]);
        END IF;
    END IF;
    RETURN judged.errors;
END
$$;

-- What a verb of the page does, as task_put() has it of others.
CREATE OR REPLACE FUNCTION task_survey_do(p_verb text, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE p_verb
        WHEN 'survey_decline' THEN task_survey_decline(true)
        WHEN 'survey_accept' THEN task_survey_decline(false)
        ELSE task_survey_put(p_form, p_verb = 'survey_send') END;
END
$$;

-- The address behind the page's, to which a form with that verb leads, when p_answers stand there.
CREATE OR REPLACE FUNCTION survey_form_next(p_verb text, p_form jsonb, p_document instrument, p_answers jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE p_verb
        WHEN 'survey_save' THEN format('/%s/%s', p_form ->> 'place', (p_form ->> 'page')::integer)
        WHEN 'survey_review' THEN format('/%s/9999', p_form ->> 'place') -- behind the last page
        WHEN 'survey_next' THEN
            format('/%s/%s', p_form ->> 'place', survey_page_next(p_document, p_answers, (p_form ->> 'page')::bigint, false))
        WHEN 'survey_back' THEN
            format('/%s/%s', p_form ->> 'place', survey_page_next(p_document, p_answers, (p_form ->> 'page')::bigint, true))
        ELSE '' END;
END
$$;

DROP FUNCTION IF EXISTS task_survey_turn(jsonb, boolean), task_survey_next(jsonb, boolean);
CREATE OR REPLACE FUNCTION task_survey_next(p_verb text, p_form jsonb) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record;
    answers jsonb;
BEGIN
    IF p_verb IN ('survey_next', 'survey_back') THEN
        t := task();
        SELECT a.answers INTO answers FROM survey_asked(t.subject_id) AS a WHERE a.place = (p_form ->> 'place')::bigint;
        RETURN survey_form_next(p_verb, p_form, survey_document(t.subject_id), answers);
    END IF;
    RETURN survey_form_next(p_verb, p_form, NULL, NULL);
END
$$;

-- To take no part, and to take part after all; both as long as not all is answered.
CREATE OR REPLACE FUNCTION task_survey_decline(p_declines boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    UPDATE survey_invitation i
    SET status = CASE WHEN p_declines THEN 'declined'
                      WHEN EXISTS (SELECT FROM survey_answer w
                                   WHERE w.district_id = i.district_id AND w.survey_invitation_id = i.id
                                     AND w.status <> 'asked') THEN 'partial'
                      ELSE 'invited' END
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = t.subject_id
      AND CASE WHEN p_declines THEN i.status IN ('invited', 'partial') ELSE i.status = 'declined' END;
    RETURN '[]';
END
$$;

REVOKE EXECUTE ON FUNCTION survey_asked, survey_document, survey_field, survey_number, survey_typed, survey_form,
    survey_form_lacking, survey_page_next, survey_form_judged, survey_form_next, task_survey_put, task_survey_do,
    task_survey_next, task_survey_decline FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_asked, survey_document, survey_field, survey_number, survey_typed, survey_form,
    survey_form_lacking, survey_page_next, survey_form_judged, survey_form_next, task_survey_put, task_survey_do,
    task_survey_next, task_survey_decline TO kith_api;

RESET ROLE;
