-- What a survey found as rows of a file: each group's factors, questions, and how often each value was given.

SET ROLE kith_owner;

-- The first row is of names alone, and there is none where there is no such survey. As many groups as make some hundred
-- thousand rows at most.
CREATE OR REPLACE FUNCTION survey_rows(p_survey uuid, p_by text, p_and text, p_after text, p_limit bigint)
RETURNS TABLE (is_head boolean, cells text[], next_after text)
LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    most_rows constant bigint := 100000;
    asked survey;
    questions jsonb;
    slots jsonb;
    most bigint;
    chosen text[];
    last text;
BEGIN
    SELECT * INTO asked FROM survey s WHERE s.id = p_survey;
    IF asked.id IS NULL THEN
        RETURN;
    ELSIF asked.mode = 'anonymous' AND asked.status <> 'closed' THEN
        PERFORM refuse_state('Results come when the survey is closed.', jsonb_build_object('status', asked.status));
    END IF;
    SELECT i.questions INTO questions FROM instrument i WHERE i.id = asked.instrument_id;
    SELECT jsonb_agg(to_jsonb(s)) INTO slots FROM survey_slots(p_survey) s;
    most := greatest(1, least(p_limit, most_rows / greatest(1, jsonb_array_length(slots) * CASE WHEN p_and IS NULL THEN 1 ELSE 10 END)));
    SELECT array_agg(DISTINCT g.key COLLATE "C" ORDER BY g.key COLLATE "C") INTO chosen
    FROM survey_groups(p_survey, p_by, NULL, NULL, p_after, most + 1, '{}') g;
    IF cardinality(chosen) > most THEN
        chosen := chosen[:most];
        last := chosen[most];
    END IF;
    RETURN QUERY SELECT true, NULL::text[], last;
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT g.key, nullif(g.and_key, '') AS and_key, survey_group_name(p_by, g.key) AS name, g.n, g.sums
        FROM survey_groups(p_survey, p_by, p_and, coalesce(chosen, '{}'), NULL, most, NULL) g
        WHERE g.n >= survey_threshold(asked)
    ), question AS MATERIALIZED (
        SELECT t.*, q.place, survey_question_told(q.question, (
                   SELECT coalesce(jsonb_agg(jsonb_build_object(
                              'value', s.slot ->> 'value', 'amount', coalesce((t.sums -> (s.slot ->> 'slot'))::numeric, 0))
                              ORDER BY (s.slot ->> 'slot')::integer), '[]')
                   FROM jsonb_array_elements(slots) AS s (slot)
                   WHERE NOT (s.slot ->> 'is_factor')::boolean AND s.slot ->> 'code' = q.question ->> 'code')) AS found
        FROM told t CROSS JOIN jsonb_array_elements(questions) WITH ORDINALITY AS q (question, place)
    ), row AS (
        SELECT t.key, t.and_key, 0 AS place, 0 AS nth, ARRAY[
                   t.key, t.name, t.and_key, 'factor', f.key, NULL, NULL, f.value ->> 'n', NULL, NULL, f.value ->> 'mean', NULL,
                   f.value ->> 'deviation', NULL, NULL, NULL, NULL] AS cells
        FROM told t
        CROSS JOIN LATERAL jsonb_each(survey_factors(
            (SELECT coalesce(jsonb_agg(s.slot), '[]') FROM jsonb_array_elements(slots) AS s (slot)
             WHERE (s.slot ->> 'is_factor')::boolean), t.sums)) AS f
        UNION ALL
        SELECT q.key, q.and_key, q.place, 0, ARRAY[
                   q.key, q.name, q.and_key, q.found ->> 'kind', q.found ->> 'code', NULL, NULL, q.found ->> 'answers', NULL, NULL,
                   q.found ->> 'mean', q.found ->> 'median', q.found ->> 'deviation', q.found ->> 'gap',
                   q.found #>> '{quartiles,0}', q.found #>> '{quartiles,1}', q.found #>> '{quartiles,2}']
        FROM question q
        UNION ALL
        SELECT q.key, q.and_key, q.place, v.nth, ARRAY[
                   q.key, q.name, q.and_key, q.found ->> 'kind', q.found ->> 'code', v.told ->> 'of', v.told ->> 'value', q.found ->> 'answers',
                   v.told ->> 'count', v.told ->> 'share', NULL, NULL, NULL, NULL, NULL, NULL, NULL]
        FROM question q
        CROSS JOIN LATERAL jsonb_array_elements(q.found -> 'values') WITH ORDINALITY AS v (told, nth)
    )
    SELECT false, r.cells, NULL::text FROM row r ORDER BY r.key COLLATE "C", r.and_key, r.place, r.nth, r.cells[5];
END
$$;

REVOKE EXECUTE ON FUNCTION survey_rows FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_rows TO kith_api;

RESET ROLE;
