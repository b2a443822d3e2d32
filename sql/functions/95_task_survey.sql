-- What a survey's link lets its person do: answer, save, send, decline.

SET ROLE kith_owner;

-- The relationships that the invitation asks about, in the order in which the pages count them.
CREATE OR REPLACE FUNCTION survey_asked(p_invitation uuid)
RETURNS TABLE (place bigint, partnership_id uuid, partnership text, partner text, status text,
               answers jsonb, submitted_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT row_number() OVER (ORDER BY p.name, p.id), p.id, p.name, r.name, w.status, w.answers,
           w.submitted_at
    FROM survey_answer w
    JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
    JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
    WHERE w.district_id = current_setting('kith.district')::uuid
      AND w.survey_invitation_id = p_invitation;
END;

-- The questions of the survey, with the number of the page on which they stand: a page is a section.
CREATE OR REPLACE FUNCTION survey_questions(p_invitation uuid)
RETURNS TABLE (page bigint, place bigint, code text, kind text, is_required boolean, question jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT dense_rank() OVER (ORDER BY q.first), q.place, q.question ->> 'code', q.question ->> 'kind',
           coalesce((q.question ->> 'required')::boolean, false), q.question
    FROM (SELECT e.question, e.place,
                 min(e.place) OVER (PARTITION BY e.question ->> 'section') AS first
          FROM survey_invitation i
          JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id
          JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
          CROSS JOIN jsonb_array_elements(n.questions) WITH ORDINALITY AS e (question, place)
          WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_invitation) AS q;
END;

-- An answer as it was typed, as the question wants it; JSON's null for none.
CREATE OR REPLACE FUNCTION survey_typed(p_kind text, p_text text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_text !~ '\S' THEN 'null'
            WHEN p_kind = 'rating' AND p_text ~ '^[1-5]$' THEN to_jsonb(p_text::integer)
            WHEN p_kind = 'yes_no' AND p_text IN ('yes', 'no') THEN to_jsonb(p_text = 'yes')
            ELSE to_jsonb(p_text) END;

-- Keeps the answers of one page about one relationship; p_send: those are all.
CREATE OR REPLACE FUNCTION task_survey_put(p_form jsonb, p_send boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    about record;
    typed jsonb;
    errors jsonb;
BEGIN
    SELECT * INTO about FROM survey_asked(t.subject_id) a WHERE a.place = (p_form ->> 'place')::bigint;
    IF about.place IS NULL THEN
        RAISE EXCEPTION 'no such relationship' USING ERRCODE = 'KI404';
    ELSIF about.status = 'submitted' THEN
        RETURN '[]'; -- sent once; a form that comes again says nothing new
    END IF;
    SELECT coalesce(jsonb_object_agg(q.code, survey_typed(q.kind, p_form ->> ('a.' || q.code))), '{}')
    INTO typed
    FROM survey_questions(t.subject_id) q WHERE p_form ? ('a.' || q.code);
    PERFORM survey_answer_put(t.subject_id, about.partnership_id, typed, false);
    IF NOT p_send THEN
        RETURN '[]';
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', 'a.' || q.code, 'code', 'required')
                              ORDER BY q.place), '[]')
    INTO errors
    FROM survey_questions(t.subject_id) q
    WHERE q.is_required AND NOT jsonb_strip_nulls(about.answers || typed) ? q.code;
    IF errors = '[]' THEN
        PERFORM survey_answer_put(t.subject_id, about.partnership_id, '{}', true);
    END IF;
    RETURN errors;
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

REVOKE EXECUTE ON FUNCTION survey_asked, survey_questions, survey_typed, task_survey_put,
    task_survey_decline FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_asked, survey_questions, survey_typed, task_survey_put, task_survey_decline
    TO kith_api;

RESET ROLE;
