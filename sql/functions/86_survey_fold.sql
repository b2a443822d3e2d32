-- How answers come into what is told of a survey.
--
-- Of an attributed one each counts at once. Of any other, answers are told in blocks. A block is a set of answers; all
-- that is ever told of a survey are sums over whole blocks: of all of them, or of those whose answers all have in common
-- what the group is about. An answer is of one block at most and stays in it. A block is told anew (a step) only when
-- at least five answers in it are new or changed since it was told; what was taken back leaves with that step.
--
-- Why no sequence of groups, filters, dimensions, times and waves tells of fewer than five answers: call each wording of
-- an answer an unknown, so that a changed answer is another one. All that anybody can have read are values of linear
-- functions of told blocks, and so of T(b, t), the sum over block b at step t. Take any combination of them that is not
-- nothing, of one of its blocks the last step t whose factor is not 0. The five or more wordings that are new with
-- step t stand in no earlier T(b, .), nor in any T of another block, as blocks share no answer; so each of them
-- has that factor in the combination. No combination is about fewer than five of them, in particular no group, no
-- difference of two, no change between two readings, and none of two waves, whose answers are others. Nor does it
-- help to know who answered, or when: this says nothing of who is in a block. Of numbers it is told how many are in which bin:
-- such counts are sums over blocks, too, and quartiles follow from them. That two waves are linked by what somebody supposes,
-- as that all but one say what they said a year ago, no threshold can prevent. Where all answers of a
-- block are the same, whoever knows that somebody is in it knows what this one said: as is usual, the threshold is about
-- how many there are and not about what they say.
--
-- While a survey is open, a block is of answers that have everything in common, as whoever waits for others of its kind
-- can still be told of with them; at its close what waits is put together with others.
--
-- These functions keep their plans, which are made when hardly anything is counted yet: never to read all of a table.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION survey_least(asked survey) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT greatest(5, d.survey_cell) FROM district d WHERE d.id = asked.district_id);

CREATE OR REPLACE FUNCTION survey_lock(p_survey uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN hashtextextended('survey tally ' || p_survey::text, 0);

-- What cells have in common, and '*' where they differ.
CREATE OR REPLACE FUNCTION survey_common(p_cells text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY(
    SELECT CASE WHEN min(p_cells[c][i]) = max(p_cells[c][i]) THEN min(p_cells[c][i]) ELSE '*' END
    FROM generate_series(1, 6) AS i CROSS JOIN generate_subscripts(p_cells, 1) AS c
    GROUP BY i ORDER BY i);

-- Of answers the texts.
CREATE OR REPLACE FUNCTION survey_texts(p_answers jsonb, p_codes text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(p_answers) AS e
        WHERE e.key = ANY (p_codes) AND e.value NOT IN ('""', 'null'));

-- Texts are told apart from all else, and so many together that nobody knows whose one is: what was told of an answer
-- stays until as many others are new or changed.
CREATE OR REPLACE FUNCTION survey_quote(asked survey) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    asks text[];
BEGIN
    IF (SELECT count(*) FROM survey_counted c WHERE c.survey_id = asked.id AND c.is_unquoted)
       >= (SELECT d.text_cell FROM district d WHERE d.id = asked.district_id) THEN
        asks := ARRAY(SELECT s.code FROM survey_slots(asked.id) s WHERE s.kind = 'text');
        UPDATE survey_counted c
        SET quoted = survey_texts(c.answers, asks), is_unquoted = false,
            place = CASE WHEN survey_texts(c.answers, asks) <> '{}' THEN gen_random_uuid() END
        WHERE c.survey_id = asked.id AND c.is_unquoted;
    END IF;
END
$$;

-- A step of a block, or the first of a new one of p_cell: what waits of p_joining and what was changed is told, if that
-- is p_least or more. It is counted as it is told, by one statement: of an answer that was taken back, or is as it was
-- told, the mark may still be to come.
CREATE OR REPLACE FUNCTION survey_step(p_survey uuid, p_block uuid, p_cell text[], p_joining uuid[], p_least bigint) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    block uuid := coalesce(p_block, gen_random_uuid());
    label text[] := coalesce((SELECT b.cell FROM survey_block b WHERE b.id = p_block), p_cell);
    asks text[] := ARRAY(SELECT s.code FROM survey_slots(p_survey) s WHERE s.kind = 'text');
    told survey_counted[];
    going survey_counted[];
    fresh bigint;
BEGIN
    SELECT array_agg(ROW(c.district_id, c.survey_answer_id, c.survey_id, label, block, c.answers, false, c.quoted, c.place, false)::survey_counted)
    INTO going FROM survey_counted c WHERE c.survey_block_id = p_block AND c.is_changed;
    SELECT array_agg(ROW(c.district_id, c.survey_answer_id, c.survey_id, label, block, w.answers, false, c.quoted, c.place, false)::survey_counted),
           count(*) FILTER (WHERE w.answers IS DISTINCT FROM c.answers)
    INTO told, fresh
    FROM (SELECT g.* FROM unnest(going) g
          UNION ALL
          SELECT c.* FROM survey_counted c WHERE c.survey_answer_id = ANY (p_joining)) AS c
    JOIN survey_submitted(p_survey) w ON w.id = c.survey_answer_id;
    IF fresh < p_least THEN
        RETURN;
    END IF;
    INSERT INTO survey_block (district_id, id, survey_id, cell)
    SELECT current_setting('kith.district')::uuid, block, p_survey, label WHERE p_block IS NULL;
    PERFORM survey_tally_add(p_survey, going, told);
    DELETE FROM survey_counted c
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.survey_block_id = p_block AND c.is_changed
      AND NOT EXISTS (SELECT FROM unnest(told) AS t WHERE t.survey_answer_id = c.survey_answer_id);
    UPDATE survey_counted c
    SET survey_block_id = block, answers = t.answers, is_changed = false,
        is_unquoted = survey_texts(t.answers, asks) <> coalesce(c.quoted, '{}')
    FROM unnest(told) AS t
    WHERE c.district_id = t.district_id AND c.survey_answer_id = t.survey_answer_id;
END
$$;

-- What waits, put together: by what answers have in common, in the order of survey_cell(), each value that at least
-- p_least of them have apart, the others together; where these are fewer, with the smallest of the former.
CREATE OR REPLACE FUNCTION survey_leaves(p_survey uuid, p_least bigint)
RETURNS TABLE (survey_answer_id uuid, cell text[], leaf text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE waiting AS MATERIALIZED (
        SELECT c.survey_answer_id, c.cell FROM survey_counted c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.survey_id = p_survey AND c.answers IS NULL
    ), split AS (
        SELECT w.survey_answer_id, w.cell, 0 AS depth, '' AS leaf
        FROM waiting w WHERE (SELECT count(*) FROM waiting) >= p_least
        UNION ALL
        SELECT r.survey_answer_id, r.cell, r.depth + 1,
               r.leaf || '/' || CASE WHEN r.n < p_least
                                          OR r.rank = 1 AND r.pool BETWEEN 1 AND p_least - 1 THEN '*'
                                     ELSE r.cell[r.depth + 1] END
        FROM (SELECT v.*, count(*) FILTER (WHERE v.n < p_least) OVER (PARTITION BY v.leaf) AS pool,
                     dense_rank() OVER (PARTITION BY v.leaf, v.n < p_least
                                        ORDER BY v.n, v.cell[v.depth + 1]) AS rank
              FROM (SELECT s.*, count(*) OVER (PARTITION BY s.leaf, s.cell[s.depth + 1]) AS n
                    FROM split s WHERE s.depth < 6) AS v) AS r
    )
    SELECT s.survey_answer_id, s.cell, s.leaf FROM split s WHERE s.depth = 6;
END;

-- At the close: all that waits, if it is enough.
CREATE OR REPLACE FUNCTION survey_fold_rest(p_survey uuid, p_least bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    leaf record;
BEGIN
    FOR leaf IN
        SELECT array_agg(l.survey_answer_id) AS members, survey_common(array_agg(l.cell)) AS cell
        FROM survey_leaves(p_survey, p_least) l GROUP BY l.leaf
    LOOP
        PERFORM survey_step(p_survey, NULL, leaf.cell, leaf.members, p_least);
    END LOOP;
END
$$;

-- What a partner's or site's merging makes of blocks: they are about what their answers are about now.
CREATE OR REPLACE FUNCTION survey_relabel(p_survey uuid, p_blocks uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    moved record;
BEGIN
    FOR moved IN
        SELECT b.id, b.cell AS was, survey_common(array_agg(c.cell)) AS cell
        FROM survey_block b
        JOIN survey_counted c ON c.district_id = b.district_id AND c.survey_block_id = b.id
        WHERE b.id = ANY (p_blocks) GROUP BY b.district_id, b.id
        HAVING survey_common(array_agg(c.cell)) <> b.cell
    LOOP
        PERFORM survey_tally_add(
            p_survey,
            ARRAY(SELECT ROW(c.district_id, c.survey_answer_id, c.survey_id, moved.was, NULL, c.answers, false, NULL, NULL, false)::survey_counted
                  FROM survey_counted c WHERE c.survey_block_id = moved.id),
            ARRAY(SELECT ROW(c.district_id, c.survey_answer_id, c.survey_id, moved.cell, NULL, c.answers, false, NULL, NULL, false)::survey_counted
                  FROM survey_counted c WHERE c.survey_block_id = moved.id));
        UPDATE survey_block b SET cell = moved.cell WHERE b.id = moved.id;
    END LOOP;
END
$$;

-- Answers of a survey that is not attributed have come, changed or gone.
CREATE OR REPLACE FUNCTION survey_fold_blocks(p_survey uuid, p_answers uuid[], p_least bigint) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    ready record;
BEGIN
    WITH given AS MATERIALIZED (
        SELECT w.id, survey_cell(w.side, w.audience, w.partner_id, w.partnership_kind, w.site_id, w.partnership_id) AS cell,
               w.answers
        FROM survey_submitted(p_survey) w WHERE w.id = ANY (p_answers)
    ), moved AS (
        UPDATE survey_counted c
        SET cell = coalesce(g.cell, c.cell), is_changed = c.answers IS NOT NULL AND g.answers IS DISTINCT FROM c.answers
        FROM unnest(p_answers) AS a (id) LEFT JOIN given g ON g.id = a.id
        WHERE c.district_id = district AND c.survey_answer_id = a.id
          AND (g.id IS NOT NULL OR c.answers IS NOT NULL)
    ), gone AS (
        DELETE FROM survey_counted c
        WHERE c.district_id = district AND c.survey_answer_id = ANY (p_answers) AND c.answers IS NULL
          AND NOT EXISTS (SELECT FROM given g WHERE g.id = c.survey_answer_id)
    )
    INSERT INTO survey_counted (district_id, survey_answer_id, survey_id, cell)
    SELECT district, g.id, p_survey, g.cell FROM given g ON CONFLICT DO NOTHING;
    PERFORM survey_tally_list(p_survey, (
        SELECT coalesce(jsonb_agg(DISTINCT c.cell), '[]') FROM survey_counted c WHERE c.survey_answer_id = ANY (p_answers)));
    PERFORM survey_relabel(p_survey, ARRAY(
        SELECT DISTINCT c.survey_block_id FROM survey_counted c
        WHERE c.survey_answer_id = ANY (p_answers) AND c.survey_block_id IS NOT NULL));
    FOR ready IN -- the cells of what waits, with the block that each has, and blocks of what changed
        SELECT t.cell, t.block_id, w.ids
        FROM (SELECT DISTINCT c.cell, CASE WHEN c.answers IS NULL THEN (
                         SELECT b.id FROM survey_block b WHERE b.survey_id = p_survey AND b.cell = c.cell ORDER BY b.id LIMIT 1)
                     ELSE c.survey_block_id END AS block_id
              FROM survey_counted c WHERE c.survey_answer_id = ANY (p_answers)) AS t
        LEFT JOIN survey_block k ON k.id = t.block_id
        CROSS JOIN LATERAL (
            SELECT array_agg(c.survey_answer_id) AS ids, count(*) AS n FROM survey_counted c
            WHERE c.survey_id = p_survey AND c.answers IS NULL AND c.cell = coalesce(k.cell, t.cell)) AS w
        WHERE w.n + (SELECT count(*) FROM survey_counted c
                     WHERE c.survey_block_id = t.block_id AND c.is_changed
                       AND EXISTS (SELECT FROM survey_submitted(p_survey) s WHERE s.id = c.survey_answer_id)) >= p_least
    LOOP
        PERFORM survey_step(p_survey, ready.block_id, ready.cell, ready.ids, p_least);
    END LOOP;
END
$$;

-- Answers of an attributed survey.
CREATE OR REPLACE FUNCTION survey_fold_each(p_survey uuid, p_answers uuid[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    was survey_counted[];
    given survey_counted[];
    left_alone record;
    asks text[] := ARRAY(SELECT s.code FROM survey_slots(p_survey) s WHERE s.kind = 'text');
BEGIN
    SELECT array_agg(c) INTO was FROM survey_counted c WHERE c.survey_answer_id = ANY (p_answers);
    SELECT array_agg(ROW(current_setting('kith.district')::uuid, w.id, p_survey,
               survey_cell(w.side, w.audience, w.partner_id, w.partnership_kind, w.site_id, w.partnership_id),
               NULL, w.answers, false, t.texts, CASE WHEN t.texts <> '{}' THEN gen_random_uuid() END, false)::survey_counted)
    INTO given
    FROM survey_submitted(p_survey) w CROSS JOIN LATERAL survey_texts(w.answers, asks) AS t (texts) WHERE w.id = ANY (p_answers);
    PERFORM survey_tally_add(p_survey, was, given);
    DELETE FROM survey_counted c WHERE c.survey_answer_id = ANY (p_answers);
    INSERT INTO survey_counted SELECT * FROM unnest(given);
    FOR left_alone IN -- one by one, as a join would look at all groups there are
        SELECT DISTINCT g.dimension, g.key, w.cell[1] AS side, w.cell[2] AS audience
        FROM unnest(was) AS w CROSS JOIN LATERAL survey_cell_groups(w.cell) AS g
    LOOP
        DELETE FROM survey_tally t
        WHERE t.survey_id = p_survey AND t.dimension = left_alone.dimension AND t.key = left_alone.key
          AND t.side = left_alone.side AND t.audience = left_alone.audience AND t.n = 0;
    END LOOP;
END
$$;

-- Takes answers into account, under the survey's lock. When it is over, nothing waits for more.
CREATE OR REPLACE FUNCTION survey_fold(asked survey, p_answers uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    least bigint := survey_least(asked);
BEGIN
    IF asked.mode = 'attributed' THEN
        PERFORM survey_fold_each(asked.id, p_answers);
        RETURN;
    END IF;
    PERFORM survey_fold_blocks(asked.id, p_answers, least);
    IF asked.status = 'closed' OR asked.mode = 'anonymous' THEN
        PERFORM survey_fold_rest(asked.id, least);
    END IF;
    PERFORM survey_quote(asked);
END
$$;

REVOKE EXECUTE ON FUNCTION survey_least, survey_lock, survey_common, survey_texts, survey_quote, survey_step, survey_leaves, survey_fold_rest, survey_relabel,
    survey_fold_blocks, survey_fold_each, survey_fold FROM PUBLIC;

RESET ROLE;
