-- What surveys found. What a survey that is not attributed tells is kept when it closes: one that is opened again and
-- gets few more answers tells the same, so that no difference tells of them.

SET ROLE kith_owner;

-- The answers of each group, by all, partner or side, with what each says as its hash.
CREATE OR REPLACE FUNCTION survey_cells(p_survey uuid, p_by text)
RETURNS TABLE (key text, n bigint, members jsonb, scores jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH answer AS MATERIALIZED (
        SELECT w.id, w.answers,
               CASE p_by WHEN 'partner' THEN p.partner_id::text WHEN 'side' THEN w.side ELSE 'all' END AS key
        FROM survey_answer w
        JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
        WHERE w.district_id = current_setting('kith.district')::uuid AND w.survey_id = p_survey
          AND w.status = 'submitted'
    ), scored AS (
        SELECT a.key, q.question ->> 'factor' AS factor,
               round(avg((a.answers -> (q.question ->> 'code'))::numeric), 2) AS score
        FROM answer a
        CROSS JOIN (SELECT jsonb_array_elements(n.questions) AS question
                    FROM survey s JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
                    WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey) AS q
        WHERE q.question ->> 'kind' = 'rating' AND a.answers ? (q.question ->> 'code')
        GROUP BY a.key, q.question ->> 'factor'
    )
    SELECT a.key, count(*), jsonb_object_agg(a.id, md5(a.answers::text)),
           coalesce((SELECT jsonb_object_agg(s.factor, s.score::text) FROM scored s WHERE s.key = a.key), '{}')
    FROM answer a GROUP BY a.key;
END;

-- The groups as they are to be told. One of fewer answers than p_cell is hidden, and then the next smallest until what
-- is hidden reaches p_cell and is two groups at least, so that no difference to the total tells of one. What was told
-- before (p_was) stays as it was, all of it, while any group that was shown, or all that were hidden together, has new
-- or changed answers, but fewer than p_least of them.
CREATE OR REPLACE FUNCTION survey_groups(p_survey uuid, p_by text, p_was jsonb, p_cell bigint, p_least bigint)
RETURNS jsonb LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH cell AS MATERIALIZED (
        SELECT c.*, coalesce((w.told ->> 'is_shown')::boolean, false) AS was_shown, m.changed
        FROM survey_cells(p_survey, p_by) AS c
        LEFT JOIN jsonb_array_elements(p_was) AS w (told) ON w.told ->> 'key' = c.key
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE e.value IS DISTINCT FROM w.told -> 'members' ->> e.key) AS changed
            FROM jsonb_each_text(c.members) AS e) AS m
    ), ranked AS ( -- of what was hidden, or is new
        SELECT c.key, c.n, row_number() OVER smallest AS place,
               coalesce(sum(c.n) OVER (smallest ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
               count(*) FILTER (WHERE c.n < p_cell) OVER () AS small
        FROM cell c WHERE NOT c.was_shown
        WINDOW smallest AS (ORDER BY c.n, c.key)
    )
    SELECT CASE WHEN p_was IS NOT NULL AND EXISTS (
            SELECT FROM cell c GROUP BY CASE WHEN c.was_shown THEN c.key END
            HAVING sum(c.changed) BETWEEN 1 AND p_least - 1)
        THEN p_was
        ELSE coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'key', c.key, 'n', c.n, 'members', c.members, 'scores', c.scores,
                'is_shown', c.was_shown OR r.small = 0 OR r.n >= p_cell AND r.place > 2 AND r.before >= p_cell)
                ORDER BY c.key)
            FROM cell c LEFT JOIN ranked r ON r.key = c.key), '[]') END;
END;

-- Texts, in an order that tells nothing, from their own threshold on.
CREATE OR REPLACE FUNCTION survey_comments(p_survey uuid, p_cell bigint) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT CASE WHEN count(*) >= p_cell THEN jsonb_agg(t.text ORDER BY md5(t.id::text || p_survey::text)) ELSE '[]' END
    FROM (SELECT w.id, w.answers ->> (q.question ->> 'code') AS text
          FROM survey s
          JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
          CROSS JOIN LATERAL jsonb_array_elements(n.questions) AS q (question)
          JOIN survey_answer w ON w.district_id = s.district_id AND w.survey_id = s.id AND w.status = 'submitted'
          WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey
            AND q.question ->> 'kind' = 'text') AS t
    WHERE t.text <> '');

-- What is to be told of a survey now, after what it told before. The groups are told anew with the total alone: one
-- follows from the others.
CREATE OR REPLACE FUNCTION survey_publication(asked survey) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    cell bigint := 1;
    text_cell bigint := 1;
    fewest constant bigint := 5; -- by which a group has to grow
    was jsonb := CASE WHEN (asked.published #>> '{all,0,is_shown}')::boolean THEN asked.published END;
    total jsonb;
BEGIN
    IF asked.mode <> 'attributed' THEN
        SELECT d.survey_cell, d.text_cell INTO cell, text_cell FROM district d WHERE d.id = asked.district_id;
    END IF;
    total := survey_groups(asked.id, 'all', was -> 'all', cell, greatest(cell, fewest));
    IF total = was -> 'all' THEN
        RETURN asked.published;
    END IF;
    RETURN jsonb_build_object(
        'all', total, 'comments', survey_comments(asked.id, text_cell),
        'partner', survey_groups(asked.id, 'partner', was -> 'partner', cell, greatest(cell, fewest)),
        'side', survey_groups(asked.id, 'side', was -> 'side', cell, greatest(cell, fewest)));
END
$$;

-- What the survey found, by p_by: all, partner or side. One that is not attributed tells nothing before it is closed.
CREATE OR REPLACE FUNCTION survey_results(p_survey uuid, p_by text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked survey;
    told jsonb;
    is_open boolean; -- to everybody who may read it
BEGIN
    SELECT * INTO asked FROM survey s WHERE s.id = p_survey;
    is_open := asked.mode = 'attributed';
    IF asked.id IS NULL THEN
        RETURN NULL;
    ELSIF NOT is_open AND asked.status <> 'closed' THEN
        PERFORM refuse_state('Results come when the survey is closed.',
                             jsonb_build_object('status', asked.status));
    END IF;
    told := CASE WHEN is_open THEN survey_publication(asked)
                 ELSE coalesce(asked.published, survey_publication(asked)) END;
    RETURN jsonb_build_object(
        'survey_id', p_survey, 'by', p_by, 'status', asked.status,
        'threshold', CASE WHEN is_open THEN 1
                          ELSE (SELECT d.survey_cell FROM district d WHERE d.id = asked.district_id) END,
        'invited', (SELECT count(*) FROM survey_invitation i
                    WHERE i.survey_id = p_survey AND i.status <> 'excluded'),
        'answers', CASE WHEN (told #>> '{all,0,is_shown}')::boolean THEN (told #>> '{all,0,n}')::bigint END,
        'groups', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'key', g.told -> 'key',
                'name', coalesce((SELECT p.name FROM partner p
                                  WHERE p_by = 'partner' AND p.id = (g.told ->> 'key')::uuid), g.told ->> 'key'),
                'is_suppressed', NOT (g.told ->> 'is_shown')::boolean,
                'answers', CASE WHEN (g.told ->> 'is_shown')::boolean THEN (g.told ->> 'n')::bigint END,
                'scores', CASE WHEN (g.told ->> 'is_shown')::boolean THEN g.told -> 'scores' ELSE '{}' END)
                ORDER BY g.told ->> 'key')
            FROM jsonb_array_elements(told -> p_by) AS g (told)), '[]'),
        'comments', CASE p_by WHEN 'all' THEN told -> 'comments' ELSE '[]' END);
END
$$;

REVOKE EXECUTE ON FUNCTION survey_cells, survey_groups, survey_comments, survey_publication, survey_results FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_publication, survey_results TO kith_api;
GRANT EXECUTE ON FUNCTION survey_publication TO kith_survey;

RESET ROLE;
