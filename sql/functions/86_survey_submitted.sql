-- The answers that a survey has, and what each says in figures.

SET ROLE kith_owner;

-- All that were submitted, with what they are about as it is now: a partner that was merged is the other one.
CREATE OR REPLACE FUNCTION survey_submitted(p_survey uuid)
RETURNS TABLE (id uuid, partner_id uuid, partnership_id uuid, site_id uuid, side text, partnership_kind text,
               audience text, answers jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.id, p.partner_id, w.partnership_id, coalesce(w.site_id, p.lead_site_id), w.side, p.arrangement, w.audience, w.answers
    FROM survey_answer w
    LEFT JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
    WHERE w.district_id = current_setting('kith.district')::uuid AND w.survey_id = p_survey
      AND w.status = 'submitted' AND w.archived_at IS NULL
    UNION ALL
    SELECT a.id, a.partner_id, NULL, a.site_id, a.side, a.partnership_kind, a.audience, a.answers
    FROM survey_anonymous_answer a
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.survey_id = p_survey;
END;

-- What an answer has in common with others, in the order in which the groups of a survey are told: 86_survey_fold.sql.
CREATE OR REPLACE FUNCTION survey_cell(
    p_side text, p_audience text, p_partner uuid, p_kind text, p_site uuid, p_partnership uuid) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[coalesce(p_side, ''), coalesce(p_audience, ''), coalesce(p_partner::text, ''), coalesce(p_kind, ''),
             coalesce(p_site::text, ''), coalesce(p_partnership::text, '')];

-- Where a number's bins begin, but the first, which begins with what is least. Of a question with a range there are ten of
-- one width, or one for each whole number where these are ten at most; else they follow 1, 2, 5, 10, 20, 50 ...
CREATE OR REPLACE FUNCTION survey_cuts(p_question jsonb) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    least numeric := p_question ->> 'min';
    greatest numeric := p_question ->> 'max';
BEGIN
    IF least = trunc(least) AND greatest = trunc(greatest) AND greatest - least <= 10 THEN
        RETURN ARRAY(SELECT n FROM generate_series(least + 1, greatest) AS n);
    ELSIF greatest >= least THEN
        RETURN ARRAY(SELECT least + (greatest - least) * n * 0.1 FROM generate_series(1, 9) AS n WHERE greatest > least);
    END IF;
    RETURN ARRAY(
        SELECT c.cut
        FROM (SELECT sign.n * m.n * 10.0 ^ e AS cut
              FROM generate_series(0, 11) AS e CROSS JOIN unnest('{1,2,5}'::numeric[]) AS m (n) CROSS JOIN unnest('{-1,1}'::numeric[]) AS sign (n)
              UNION ALL SELECT unnest('{-4,-3,0,3,4}'::numeric[])) AS c
        WHERE c.cut > coalesce(least, -1e12) AND c.cut < coalesce(greatest, 1e12) ORDER BY c.cut);
END
$$;

-- What is in the bin before the nth cut and not before the one ahead of it: "2..5".
CREATE OR REPLACE FUNCTION survey_bin_name(p_question jsonb, p_cuts numeric[], p_n bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN concat(trim_scale(coalesce(p_cuts[p_n], (p_question ->> 'min')::numeric)), '..',
              trim_scale(coalesce(p_cuts[p_n + 1], (p_question ->> 'max')::numeric)));

-- The figures that a survey's answers come to, in order: of each question how often each value was given (of multi and
-- text also how many answered, of numbers and factors their sum and the sum of their squares). How many numbers are in each
-- bin stands behind all else, so that what was counted before there were bins keeps its place.
CREATE OR REPLACE FUNCTION survey_slots(p_survey uuid)
RETURNS TABLE (slot bigint, is_factor boolean, code text, kind text, value text, points integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH question AS (
        SELECT q.place, q.question, q.question ->> 'kind' AS kind,
               coalesce((q.question ->> 'points')::integer, 5) AS points
        FROM survey s
        JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
        CROSS JOIN LATERAL jsonb_array_elements(n.questions) WITH ORDINALITY AS q (question, place)
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey
    ), named AS (
        SELECT q.place, false AS is_factor, q.question ->> 'code' AS code, q.kind, v.place AS nth, v.value, q.points
        FROM question q
        CROSS JOIN LATERAL (
            SELECT n, n::text FROM generate_series(1, q.points) AS n WHERE q.kind = 'rating'
            UNION ALL
            SELECT n, 'importance ' || n FROM generate_series(1, q.points) AS n WHERE q.kind = 'importance_occurrence'
            UNION ALL
            SELECT q.points + n, 'occurrence ' || n FROM generate_series(1, q.points) AS n
            WHERE q.kind = 'importance_occurrence'
            UNION ALL
            SELECT b.n, b.value FROM (VALUES (1, 'true'), (2, 'false')) AS b (n, value) WHERE q.kind = 'yes_no'
            UNION ALL
            SELECT o.place, 'is ' || (o.option ->> 'code')
            FROM jsonb_array_elements(q.question -> 'options') WITH ORDINALITY AS o (option, place)
            WHERE q.kind IN ('choice', 'multi')
            UNION ALL
            SELECT 0, 'n' WHERE q.kind IN ('multi', 'number', 'text')
            UNION ALL
            SELECT b.n, b.value FROM (VALUES (1, 'sum'), (2, 'squares')) AS b (n, value)
            WHERE q.kind = 'number'
            UNION ALL
            SELECT 3 + n, 'bin ' || n FROM generate_series(0, cardinality(survey_cuts(q.question))) AS n
            WHERE q.kind = 'number') AS v (place, value)
        UNION ALL
        SELECT f.place, true, f.code, 'factor', v.n, v.value, NULL
        FROM (SELECT min(q.place) AS place, q.question ->> 'factor' AS code FROM question q
              WHERE q.kind IN ('rating', 'importance_occurrence') AND q.question ->> 'factor' IS NOT NULL
              GROUP BY q.question ->> 'factor') AS f
        CROSS JOIN (VALUES (0, 'n'), (1, 'sum'), (2, 'squares')) AS v (n, value)
    )
    SELECT row_number() OVER (ORDER BY n.value LIKE 'bin %', n.is_factor, n.place, n.nth), n.is_factor, n.code, n.kind, n.value, n.points
    FROM named n;
END;

-- The same as objects, as answers are counted by: questions by code, and slots by "question value" or "factor value".
CREATE OR REPLACE FUNCTION survey_counting(p_survey uuid, OUT questions jsonb, OUT factors jsonb, OUT slots jsonb)
LANGUAGE plpgsql STABLE AS $$ -- one that keeps its plan: of one answer most would be planning
BEGIN
    SELECT jsonb_object_agg(q.question ->> 'code', jsonb_build_object(
               'kind', q.question -> 'kind', 'factor', q.question -> 'factor',
               'cuts', CASE q.question ->> 'kind' WHEN 'number' THEN survey_cuts(q.question) END,
               'points', coalesce((q.question ->> 'points')::integer, 5),
               'is_reversed', coalesce((q.question ->> 'is_reversed')::boolean, false)))
    INTO questions
    FROM survey s
    JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
    CROSS JOIN LATERAL jsonb_array_elements(n.questions) AS q (question)
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey;
    SELECT jsonb_object_agg(s.code || ' ' || s.value, s.slot) FILTER (WHERE s.is_factor),
           jsonb_object_agg(s.code || ' ' || s.value, s.slot) FILTER (WHERE NOT s.is_factor)
    INTO factors, slots FROM survey_slots(p_survey) s;
END
$$;

-- What answers come to, by cell and slot; those of p_old are taken away. A rating counts for its factor as from 1 to 5,
-- and turned round where it is reversed; of importance and occurrence the latter does; an answer's factor is the mean
-- of these, to twelve digits, so that sums are exact.
CREATE OR REPLACE FUNCTION survey_sums(
    p_questions jsonb, p_factors jsonb, p_slots jsonb, p_old survey_counted[], p_new survey_counted[])
RETURNS TABLE (cell text[], slot integer, amount numeric)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    WITH one AS MATERIALIZED (
        SELECT row_number() OVER () AS no, dense_rank() OVER (ORDER BY o.cell) AS place, o.sign, o.cell, o.answers
        FROM (SELECT -1 AS sign, c.cell, c.answers FROM unnest(p_old) c
              UNION ALL
              SELECT 1, c.cell, c.answers FROM unnest(p_new) c) AS o
    ), said AS MATERIALIZED (
        SELECT a.no, a.place, a.sign, a.code, a.value, a.question ->> 'kind' AS kind, a.question ->> 'factor' AS factor,
               a.question -> 'cuts' AS cuts, (a.question -> 'points')::integer AS points, (a.question -> 'is_reversed')::boolean AS is_reversed,
               CASE a.question ->> 'kind' WHEN 'rating' THEN (a.value)::integer
                                          WHEN 'importance_occurrence' THEN (a.value -> 'occurrence')::integer END AS given
        FROM (SELECT o.no, o.place, o.sign, e.key AS code, e.value, p_questions -> e.key AS question
              FROM one o CROSS JOIN LATERAL jsonb_each(o.answers) AS e (key, value)
              WHERE e.value <> 'null') AS a
        WHERE a.question IS NOT NULL
    ), figure AS (
        SELECT s.place, (p_slots -> (s.code || ' ' || v.value))::integer AS slot, s.sign * v.amount AS amount
        FROM said s
        CROSS JOIN LATERAL (
            SELECT s.given::text, 1::numeric WHERE s.kind = 'rating'
            UNION ALL
            SELECT 'importance ' || (s.value -> 'importance')::integer, 1 WHERE s.kind = 'importance_occurrence'
            UNION ALL
            SELECT 'occurrence ' || s.given, 1 WHERE s.kind = 'importance_occurrence'
            UNION ALL
            SELECT s.value #>> '{}', 1 WHERE s.kind = 'yes_no'
            UNION ALL
            SELECT 'is ' || (s.value #>> '{}'), 1 WHERE s.kind = 'choice'
            UNION ALL
            SELECT 'is ' || m.code, 1
            FROM jsonb_array_elements_text(CASE s.kind WHEN 'multi' THEN s.value ELSE '[]' END) AS m (code)
            UNION ALL
            SELECT 'n', 1 WHERE s.kind IN ('multi', 'number') OR s.kind = 'text' AND s.value <> '""'
            UNION ALL
            SELECT 'bin ' || width_bucket((s.value)::numeric, ARRAY(SELECT c::numeric FROM jsonb_array_elements_text(s.cuts) AS c)), 1
            WHERE s.kind = 'number'
            UNION ALL
            SELECT 'sum', (s.value)::numeric WHERE s.kind = 'number'
            UNION ALL
            SELECT 'squares', (s.value)::numeric * (s.value)::numeric WHERE s.kind = 'number') AS v (value, amount)
        UNION ALL
        SELECT f.place, (p_factors -> (f.factor || ' ' || v.value))::integer, f.sign * v.amount
        FROM (SELECT s.no, s.sign, s.place, s.factor,
                     round(avg(((CASE WHEN s.is_reversed THEN s.points + 1 - s.given ELSE s.given END) - 1)::numeric
                               * 4 / (s.points - 1) + 1), 12) AS score
              FROM said s WHERE s.given IS NOT NULL AND s.factor IS NOT NULL
              GROUP BY s.no, s.sign, s.place, s.factor) AS f
        CROSS JOIN LATERAL (VALUES ('n', 1::numeric), ('sum', f.score), ('squares', f.score * f.score)) AS v (value, amount)
    )
    SELECT p.cell, f.slot, f.amount
    FROM (SELECT f.place, f.slot, sum(f.amount) AS amount FROM figure f WHERE f.slot IS NOT NULL GROUP BY f.place, f.slot) AS f
    JOIN (SELECT DISTINCT o.place, o.cell FROM one o) AS p ON p.place = f.place;
END;

REVOKE EXECUTE ON FUNCTION survey_submitted, survey_cell, survey_cuts, survey_bin_name, survey_slots, survey_counting, survey_sums FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_submitted, survey_cuts, survey_bin_name, survey_slots TO kith_api;

RESET ROLE;
