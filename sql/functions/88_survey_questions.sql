-- What a group of a survey's answers says, question by question; and wave by wave.

SET ROLE kith_owner;

-- Of how often each value of a scale was given ({value: count}): {n, mean, median, deviation}. The median of an even
-- number lies between the two in the middle.
CREATE OR REPLACE FUNCTION survey_scale(p_counts jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (
    WITH given AS (
        SELECT e.key::numeric AS value, e.value::numeric AS n, sum(e.value::numeric) OVER (ORDER BY e.key::numeric) AS until
        FROM jsonb_each_text(p_counts) AS e WHERE e.value::numeric > 0
    ), whole AS (
        SELECT sum(g.n) AS n, sum(g.value * g.n) AS sum, sum(g.value * g.value * g.n) AS squares FROM given g
    )
    SELECT jsonb_build_object(
        'n', coalesce(w.n, 0)::bigint, 'mean', survey_mean(w.sum, w.n)::text,
        'median', (SELECT round((min(g.value) FILTER (WHERE g.until >= w.n / 2)
                                 + min(g.value) FILTER (WHERE g.until > w.n / 2)) / 2, 1)::text FROM given g),
        'deviation', survey_deviation(w.sum, w.squares, w.n)::text)
    FROM whole w);

-- Of how often a number fell into each bin ([{"bin", "n", "until"}], as it is told, in order): the bins in which the quartiles
-- are. Where they lie between two answers, that of the lower one.
CREATE OR REPLACE FUNCTION survey_quartiles(p_bins jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT jsonb_agg((SELECT b ->> 'bin' FROM jsonb_array_elements(p_bins) WITH ORDINALITY AS e (b, place)
                      WHERE (b ->> 'until')::numeric >= (p_bins #>> '{-1,until}')::numeric * q / 4 ORDER BY place LIMIT 1) ORDER BY q)
    FROM generate_series(1, 3) AS q);

-- One question: p_slots, its [{value, amount}]; p_points of a scale.
CREATE OR REPLACE FUNCTION survey_question_told(p_question jsonb, p_slots jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (
    WITH slot AS MATERIALIZED (
        SELECT s.slot ->> 'value' AS value, (s.slot ->> 'amount')::numeric AS amount, s.place
        FROM jsonb_array_elements(p_slots) WITH ORDINALITY AS s (slot, place)
    ), asked AS MATERIALIZED (
        SELECT p_question ->> 'kind' AS kind,
               (SELECT s.amount FROM slot s WHERE s.value = 'n') AS n,
               (SELECT s.amount FROM slot s WHERE s.value = 'sum') AS sum,
               (SELECT s.amount FROM slot s WHERE s.value = 'squares') AS squares,
               (SELECT sum(s.amount) FROM slot s WHERE s.value NOT LIKE 'occurrence %') AS given
    ), scale AS MATERIALIZED (
        SELECT CASE a.kind WHEN 'rating' THEN survey_scale(
                   (SELECT jsonb_object_agg(s.value, s.amount) FROM slot s)) END AS rating,
               CASE a.kind WHEN 'importance_occurrence' THEN survey_scale(
                   (SELECT jsonb_object_agg(split_part(s.value, ' ', 2), s.amount) FROM slot s
                    WHERE s.value LIKE 'importance %')) END AS importance,
               CASE a.kind WHEN 'importance_occurrence' THEN survey_scale(
                   (SELECT jsonb_object_agg(split_part(s.value, ' ', 2), s.amount) FROM slot s
                    WHERE s.value LIKE 'occurrence %')) END AS occurrence
        FROM asked a
    ), number AS MATERIALIZED (
        SELECT jsonb_agg(jsonb_build_object('bin', survey_bin_name(p_question, survey_cuts(p_question), n.nth), 'n', n.amount, 'until', n.until)
                         ORDER BY n.nth) FILTER (WHERE n.amount > 0) AS bins, sum(n.amount) AS n
        FROM (SELECT substr(s.value, 5)::bigint AS nth, s.amount, sum(s.amount) OVER (ORDER BY s.place) AS until
              FROM slot s WHERE s.value LIKE 'bin %') AS n
    )
    SELECT jsonb_build_object(
        'code', p_question -> 'code', 'kind', a.kind, 'section', p_question -> 'section', 'factor', p_question -> 'factor',
        'text', p_question -> 'text',
        'answers', coalesce(a.n, a.given, 0)::bigint,
        'mean', CASE a.kind WHEN 'number' THEN to_jsonb(survey_mean(a.sum, a.n)::text) ELSE c.rating -> 'mean' END,
        'median', c.rating -> 'median',
        -- none where nobody gave a number, and of a survey of which something was told before there were bins
        'quartiles', CASE WHEN u.n = a.n AND u.n > 0 THEN survey_quartiles(u.bins) ELSE '[]' END,
        'deviation', CASE a.kind WHEN 'number' THEN to_jsonb(survey_deviation(a.sum, a.squares, a.n)::text)
                          ELSE c.rating -> 'deviation' END,
        'importance', c.importance - 'n', 'occurrence', c.occurrence - 'n',
        'gap', ((c.importance ->> 'mean')::numeric - (c.occurrence ->> 'mean')::numeric)::text,
        'values', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'of', CASE WHEN a.kind = 'importance_occurrence' THEN split_part(s.value, ' ', 1) END,
                'value', CASE WHEN a.kind IN ('importance_occurrence', 'choice', 'multi') THEN substr(s.value, strpos(s.value, ' ') + 1)
                              ELSE s.value END,
                'count', s.amount::bigint,
                'share', round(s.amount / nullif(coalesce(a.n, a.given), 0), 4)::text) ORDER BY s.place), '[]')
            FROM (SELECT s.value, s.amount, s.place FROM slot s WHERE s.value NOT IN ('n', 'sum', 'squares') AND s.value NOT LIKE 'bin %'
                  UNION ALL
                  SELECT b ->> 'bin', (b ->> 'n')::numeric, place FROM jsonb_array_elements(u.bins) WITH ORDINALITY AS e (b, place)
                  WHERE u.n = a.n) AS s))
    FROM asked a CROSS JOIN scale c CROSS JOIN number u);

-- The group of p_key by p_by, and of p_and_key by p_and. Importance less occurrence is ranked, the widest gap first.
CREATE OR REPLACE FUNCTION survey_group_document(p_survey uuid, p_by text, p_key text, p_and text, p_and_key text)
RETURNS jsonb LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    asked survey;
    instr instrument;
    n bigint;
    sums jsonb;
    is_shown boolean;
BEGIN
    SELECT * INTO asked FROM survey s WHERE s.id = p_survey;
    IF asked.id IS NULL THEN
        RETURN NULL;
    ELSIF asked.mode = 'anonymous' AND asked.status <> 'closed' THEN
        PERFORM refuse_state('Results come when the survey is closed.', jsonb_build_object('status', asked.status));
    END IF;
    SELECT * INTO instr FROM instrument i WHERE i.id = asked.instrument_id;
    SELECT sum(g.n), jsonb_agg(g.sums) -> 0 INTO n, sums
    FROM survey_groups(p_survey, p_by, p_and, ARRAY[p_key], NULL, 1, NULL) g WHERE p_and IS NULL OR g.and_key = p_and_key;
    is_shown := coalesce(n, 0) >= survey_threshold(asked);
    IF NOT is_shown THEN
        sums := '{}';
    END IF;
    RETURN (
        WITH slot AS MATERIALIZED (
            SELECT s.*, coalesce((sums ->> s.slot::text)::numeric, 0) AS amount FROM survey_slots(p_survey) s
        ), told AS MATERIALIZED (
            SELECT q.place, survey_question_told(q.question, (
                       SELECT coalesce(jsonb_agg(jsonb_build_object('value', s.value, 'amount', s.amount) ORDER BY s.slot), '[]')
                       FROM slot s WHERE NOT s.is_factor AND s.code = q.question ->> 'code')) AS question
            FROM jsonb_array_elements(instr.questions) WITH ORDINALITY AS q (question, place)
        ), ranked AS (
            SELECT t.place, t.question || jsonb_build_object('gap_rank', CASE WHEN t.question ->> 'gap' IS NOT NULL THEN
                       rank() OVER (ORDER BY (t.question ->> 'gap')::numeric DESC NULLS LAST) END) AS question
            FROM told t
        ), factor AS (
            SELECT f.key AS code, f.value
            FROM (SELECT survey_factors((SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM slot s WHERE s.is_factor), sums) AS all) AS c
            CROSS JOIN LATERAL jsonb_each(c.all) AS f
        )
        SELECT jsonb_build_object(
            'survey_id', p_survey, 'instrument', instr.code, 'edition', instr.edition, 'status', asked.status,
            'threshold', survey_threshold(asked), 'by', p_by, 'key', p_key, 'name', survey_group_name(p_by, p_key),
            'and', p_and, 'and_key', p_and_key, 'is_suppressed', NOT is_shown, 'answers', CASE WHEN is_shown THEN n END,
            'factors', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'code', f.code,
                    'name', coalesce((SELECT c.named -> 'name' FROM jsonb_array_elements(instr.factors) AS c (named)
                                      WHERE c.named ->> 'code' = f.code), '{}'),
                    'answers', f.value -> 'n', 'mean', f.value -> 'mean', 'deviation', f.value -> 'deviation')
                    ORDER BY f.code), '[]') FROM factor f),
            'questions', CASE WHEN is_shown THEN (SELECT jsonb_agg(r.question ORDER BY r.place) FROM ranked r)
                              ELSE '[]' END));
END
$$;

-- The waves of an instrument's code, the oldest first: of a group the factors, and the means of the questions whose
-- codes each edition has.
CREATE OR REPLACE FUNCTION survey_trend_document(p_instrument uuid, p_by text, p_key text, p_most bigint) RETURNS jsonb
LANGUAGE sql STABLE SET jit = off
BEGIN ATOMIC
    WITH wave AS MATERIALIZED (
        SELECT s.id, s.name, s.school_year, s.opens_on, s.closes_on, s.status, n.edition, c.code
        FROM instrument c
        JOIN instrument n ON n.district_id = c.district_id AND n.code = c.code
        JOIN survey s ON s.district_id = n.district_id AND s.instrument_id = n.id AND s.opened_at IS NOT NULL
            AND s.status <> 'cancelled' AND s.archived_at IS NULL AND (s.mode <> 'anonymous' OR s.status = 'closed')
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_instrument
        ORDER BY s.opens_on DESC, s.id DESC LIMIT p_most
    ), told AS MATERIALIZED (
        SELECT w.*, survey_group_document(w.id, p_by, p_key, NULL, NULL) AS found FROM wave w
    )
    SELECT jsonb_build_object(
        'instrument', i.code, 'by', p_by, 'key', p_key, 'name', survey_group_name(p_by, p_key),
        'waves', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'survey_id', t.id, 'name', t.name, 'school_year', t.school_year, 'opens_on', t.opens_on,
                'closes_on', t.closes_on, 'status', t.status, 'edition', t.edition,
                'is_suppressed', t.found -> 'is_suppressed', 'answers', t.found -> 'answers',
                'scores', (SELECT coalesce(jsonb_object_agg(f.told ->> 'code', f.told -> 'mean'), '{}')
                           FROM jsonb_array_elements(t.found -> 'factors') AS f (told)),
                'questions', (
                    SELECT coalesce(jsonb_object_agg(q.told ->> 'code', coalesce(q.told ->> 'mean', q.told #>> '{occurrence,mean}'))
                               FILTER (WHERE coalesce(q.told ->> 'mean', q.told #>> '{occurrence,mean}') IS NOT NULL), '{}')
                    FROM jsonb_array_elements(t.found -> 'questions') AS q (told)))
                ORDER BY t.opens_on, t.id), '[]')
            FROM told t))
    FROM instrument i WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_instrument;
END;

REVOKE EXECUTE ON FUNCTION survey_scale, survey_quartiles, survey_question_told, survey_group_document, survey_trend_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_scale, survey_quartiles, survey_question_told, survey_group_document, survey_trend_document TO kith_api;

RESET ROLE;
