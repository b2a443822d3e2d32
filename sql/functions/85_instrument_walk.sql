-- The way through an instrument's questions: on which page each stands, and whether it is asked of somebody who has
-- answered so and so. What is hidden counts as not answered.

SET ROLE kith_owner;

-- An importance stands with its occurrence.
CREATE OR REPLACE FUNCTION survey_is_answered(p_answer jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(p_answer)
           WHEN 'object' THEN p_answer ? 'importance' AND p_answer ? 'occurrence'
           WHEN 'null' THEN false
           ELSE p_answer IS NOT NULL END;

-- Whether the condition holds. "is_not" is the opposite of "is", so that it holds where nothing is answered; of several
-- options "is" asks whether that one is among them.
CREATE OR REPLACE FUNCTION survey_condition_holds(p_condition jsonb, p_answers jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    answer jsonb := p_answers -> (p_condition ->> 'question');
BEGIN
    IF p_condition ? 'is_answered' THEN
        RETURN survey_is_answered(answer) = (p_condition -> 'is_answered')::boolean;
    ELSIF answer IS NULL THEN
        RETURN p_condition ? 'is_not';
    ELSIF p_condition ? 'in' THEN
        RETURN (SELECT bool_or(CASE jsonb_typeof(answer) WHEN 'array' THEN answer @> jsonb_build_array(v) ELSE answer = v END)
                FROM jsonb_array_elements(p_condition -> 'in') AS v);
    END IF;
    RETURN p_condition ? 'is' = CASE jsonb_typeof(answer)
        WHEN 'array' THEN answer @> jsonb_build_array(coalesce(p_condition -> 'is', p_condition -> 'is_not'))
        ELSE answer = coalesce(p_condition -> 'is', p_condition -> 'is_not') END;
END
$$;

-- A page is a section, or what of it stands before a question that depends on an answer of the same page: that one begins
-- another page, so that it is known there whether it is asked. Nor has a page more than 150 fields, of which a form takes 400.
CREATE OR REPLACE FUNCTION instrument_walk(p_questions jsonb, p_sections jsonb, p_answers jsonb)
RETURNS TABLE (place bigint, page bigint, section text, code text, kind text, is_required boolean, is_shown boolean,
               question jsonb)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    most_fields constant integer := 150;
    here text[] := '{}';  -- the codes of this page
    fields integer := 0;  -- of it
    weight integer;       -- the question's fields
    seen jsonb := '{}';   -- the answers to what is shown
    is_section boolean := true; -- shown
    has_conditions boolean := p_questions @? '$[*].show_if ? (@ != null)' OR p_sections @? '$[*].show_if ? (@ != null)';
    condition jsonb;
BEGIN
    page := 0;
    FOR question, place IN SELECT e.* FROM jsonb_array_elements(p_questions) WITH ORDINALITY AS e LOOP
        code := question ->> 'code';
        kind := question ->> 'kind';
        is_required := coalesce((question ->> 'required')::boolean, false);
        condition := nullif(question -> 'show_if', 'null');
        weight := CASE kind WHEN 'multi' THEN jsonb_array_length(question -> 'options') WHEN 'importance_occurrence' THEN 2 ELSE 1 END;
        IF page = 0 OR section IS DISTINCT FROM question ->> 'section' THEN
            section := question ->> 'section';
            SELECT coalesce(survey_condition_holds(nullif(s -> 'show_if', 'null'), seen), true) INTO is_section
            FROM jsonb_array_elements(p_sections) AS s WHERE s ->> 'code' = section;
            is_section := coalesce(is_section, true);
            page := page + 1;
            here := '{}';
            fields := 0;
        ELSIF condition ->> 'question' = ANY (here) OR fields + weight > most_fields THEN
            page := page + 1;
            here := '{}';
            fields := 0;
        END IF;
        fields := fields + weight;
        is_shown := is_section AND (condition IS NULL OR survey_condition_holds(condition, seen));
        here := here || code;
        IF has_conditions AND is_shown AND p_answers ? code THEN
            seen := seen || jsonb_build_object(code, p_answers -> code);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION survey_is_answered, survey_condition_holds, instrument_walk FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_is_answered, survey_condition_holds, instrument_walk TO kith_api, kith_survey;

RESET ROLE;
