-- The sums of what is told of a survey, by what the answers have in common.

SET ROLE kith_owner;

-- The groups to which what has this cell counts. A side or an audience alone is read of all.
CREATE OR REPLACE FUNCTION survey_cell_groups(p_cell text[]) RETURNS TABLE (dimension text, key text)
LANGUAGE sql IMMUTABLE ROWS 5
BEGIN ATOMIC
    SELECT g.dimension, g.key
    FROM (VALUES ('all', 'all'), ('partner', p_cell[3]), ('partnership_kind', p_cell[4]), ('site', p_cell[5]),
                 ('partnership', p_cell[6])) AS g (dimension, key)
    WHERE g.key NOT IN ('', '*');
END;

-- Sums by slot; what is nothing stands for itself.
CREATE OR REPLACE FUNCTION survey_sums_add(p_one jsonb, p_other jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT coalesce(jsonb_object_agg(s.slot, s.amount), '{}')
        FROM (SELECT a.key AS slot, sum((a.value)::numeric) AS amount
              FROM (SELECT * FROM jsonb_each(p_one) UNION ALL SELECT * FROM jsonb_each(p_other)) AS a (key, value)
              GROUP BY a.key HAVING sum((a.value)::numeric) <> 0) AS s);

-- Counts p_new, and p_old no more. What that costs is of these alone: a few rows for each.
CREATE OR REPLACE FUNCTION survey_tally_add(p_survey uuid, p_old survey_counted[], p_new survey_counted[]) RETURNS void
LANGUAGE plpgsql SET work_mem = '32MB' AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    counts record := survey_counting(p_survey);
BEGIN
    WITH counted AS (
        SELECT o.cell, sum(o.sign) AS n
        FROM (SELECT c.cell, -1 AS sign FROM unnest(p_old) c UNION ALL SELECT c.cell, 1 FROM unnest(p_new) c) AS o
        GROUP BY o.cell
    ), member AS MATERIALIZED (
        SELECT c.cell, c.n, g.dimension, g.key, dense_rank() OVER (ORDER BY g.dimension, g.key, c.cell[1], c.cell[2]) AS place
        FROM counted c CROSS JOIN LATERAL survey_cell_groups(c.cell) g
    ), grouped AS (
        SELECT m.place, min(m.dimension) AS dimension, min(m.key) AS key, min(m.cell[1]) AS side, min(m.cell[2]) AS audience,
               sum(m.n) AS n
        FROM member m GROUP BY m.place
    ), summed AS (
        SELECT f.place, jsonb_object_agg(f.slot, f.amount) FILTER (WHERE f.amount <> 0) AS sums
        FROM (SELECT m.place, s.slot, sum(s.amount) AS amount
              FROM survey_sums(counts.questions, counts.factors, counts.slots, p_old, p_new) s
              JOIN member m ON m.cell = s.cell
              GROUP BY m.place, s.slot) AS f
        GROUP BY f.place
    )
    INSERT INTO survey_tally AS t (district_id, survey_id, dimension, key, side, audience, n, sums)
    SELECT district, p_survey, g.dimension, g.key, g.side, g.audience, g.n, coalesce(s.sums, '{}')
    FROM grouped g LEFT JOIN summed s ON s.place = g.place
    ON CONFLICT ON CONSTRAINT survey_tally_pkey
    DO UPDATE SET n = t.n + excluded.n, sums = survey_sums_add(t.sums, excluded.sums);
END
$$;

-- That there are answers of these cells, of which nothing may be told yet.
CREATE OR REPLACE FUNCTION survey_tally_list(p_survey uuid, p_cells jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO survey_tally (district_id, survey_id, dimension, key, side, audience, n, sums)
    SELECT DISTINCT current_setting('kith.district')::uuid, p_survey, g.dimension, g.key, c.cell ->> 0, c.cell ->> 1, 0, '{}'::jsonb
    FROM jsonb_array_elements(p_cells) AS c (cell)
    CROSS JOIN LATERAL survey_cell_groups(ARRAY(SELECT jsonb_array_elements_text(c.cell))) AS g
    ON CONFLICT DO NOTHING;
END
$$;

REVOKE EXECUTE ON FUNCTION survey_cell_groups, survey_sums_add, survey_tally_add, survey_tally_list FROM PUBLIC;

RESET ROLE;
