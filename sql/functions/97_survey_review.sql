-- All that somebody has said to a survey, before it is sent: each question that is asked with its answer and the way back to it.

SET ROLE kith_owner;

-- The chosen point of a scale, as page_survey_scale() has it; of: what it is the point of, where there are two.
CREATE OR REPLACE FUNCTION page_survey_point(p_question jsonb, p_letter text, p_chosen text, p_lang text, p_of text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (SELECT coalesce(jsonb_agg(p || jsonb_build_object('of', p_of)), '[]')
        FROM jsonb_array_elements(page_survey_scale(p_question, p_letter, p_chosen, p_lang)) AS p WHERE (p -> 'is_chosen')::boolean);

-- What was said, as points of a scale, as yes or no, or in words.
CREATE OR REPLACE FUNCTION page_survey_said(q jsonb, p_answer jsonb, p_lang text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    said constant jsonb := '{"points": null, "is_yes": null, "is_no": null, "says": null}';
BEGIN
    RETURN said || CASE q ->> 'kind'
        WHEN 'rating' THEN jsonb_build_object('points', page_survey_point(q, 'a', p_answer #>> '{}', p_lang, NULL))
        WHEN 'importance_occurrence' THEN jsonb_build_object(
            'points', page_survey_point(q, 'i', p_answer ->> 'importance', p_lang, 'importance')
                      || page_survey_point(q, 'o', p_answer ->> 'occurrence', p_lang, 'occurrence'))
        WHEN 'yes_no' THEN jsonb_build_object('is_yes', p_answer = 'true', 'is_no', p_answer = 'false')
        WHEN 'number' THEN jsonb_build_object('says', jsonb_build_array(p_answer #>> '{}'))
        WHEN 'text' THEN jsonb_build_object('says', jsonb_build_array(p_answer #>> '{}'))
        ELSE jsonb_build_object('says', ( -- one option, or some
            SELECT jsonb_agg(page_words(o -> 'text', p_lang) ORDER BY place)
            FROM jsonb_array_elements(q -> 'options') WITH ORDINALITY AS e (o, place)
            WHERE p_answer = o -> 'code' OR jsonb_typeof(p_answer) = 'array' AND p_answer @> jsonb_build_array(o -> 'code'))) END;
END
$$;

CREATE OR REPLACE FUNCTION page_survey_review(p_document instrument, p_answers jsonb, p_lang text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    lacking text[] := (survey_answer_sent(p_document.questions, p_document.sections, p_answers)).lacking;
BEGIN
    RETURN (
        SELECT jsonb_agg(jsonb_build_object(
                   'text', page_words(w.question -> 'text', p_lang), 'page', w.page, 'name', survey_field(w.question, NULL),
                   'is_lacking', coalesce(w.code = ANY (lacking), false),
                   'is_unsaid', NOT p_answers ? w.code AND NOT coalesce(w.code = ANY (lacking), false))
               || CASE WHEN p_answers ? w.code THEN page_survey_said(w.question, p_answers -> w.code, p_lang) ELSE '{}' END
               ORDER BY w.place)
        FROM instrument_walk(p_document.questions, p_document.sections, p_answers) AS w
        WHERE w.is_shown);
END
$$;

REVOKE EXECUTE ON FUNCTION page_survey_point, page_survey_said, page_survey_review FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_survey_point, page_survey_said, page_survey_review TO kith_api;

RESET ROLE;
