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

CREATE OR REPLACE FUNCTION survey_sums_add(p_one numeric[], p_other numeric[]) RETURNS numeric[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT u.one + u.other FROM unnest(p_one, p_other) WITH ORDINALITY AS u (one, other, slot) ORDER BY u.slot);

-- Counts p_new, and p_old no more. What that costs is of these alone: a few rows for each.
CREATE OR REPLACE FUNCTION survey_tally_add(p_survey uuid, p_old survey_counted[], p_new survey_counted[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    slots bigint := (SELECT count(*) FROM survey_slots(p_survey));
BEGIN
    WITH counted AS (
        SELECT o.cell, sum(o.sign) AS n
        FROM (SELECT c.cell, -1 AS sign FROM unnest(p_old) c UNION ALL SELECT c.cell, 1 FROM unnest(p_new) c) AS o
        GROUP BY o.cell
    ), grouped AS MATERIALIZED (
        SELECT g.dimension, g.key, c.cell[1] AS side, c.cell[2] AS audience, sum(c.n) AS n
        FROM counted c CROSS JOIN LATERAL survey_cell_groups(c.cell) g
        GROUP BY g.dimension, g.key, c.cell[1], c.cell[2]
    ), summed AS MATERIALIZED (
        SELECT g.dimension, g.key, s.cell[1] AS side, s.cell[2] AS audience, s.slot, sum(s.amount) AS amount
        FROM survey_sums(p_survey, p_old, p_new) s CROSS JOIN LATERAL survey_cell_groups(s.cell) g
        GROUP BY g.dimension, g.key, s.cell[1], s.cell[2], s.slot
    )
    INSERT INTO survey_tally AS t (district_id, survey_id, dimension, key, side, audience, n, sums)
    SELECT district, p_survey, g.dimension, g.key, g.side, g.audience, g.n,
           array_agg(coalesce(s.amount, 0) ORDER BY i.slot)
    FROM grouped g
    CROSS JOIN generate_series(1, slots) AS i (slot)
    LEFT JOIN summed s ON (s.dimension, s.key, s.side, s.audience, s.slot)
        = (g.dimension, g.key, g.side, g.audience, i.slot)
    GROUP BY g.dimension, g.key, g.side, g.audience, g.n
    ON CONFLICT ON CONSTRAINT survey_tally_pkey
    DO UPDATE SET n = t.n + excluded.n, sums = survey_sums_add(t.sums, excluded.sums);
END
$$;

-- That there are answers of these cells, of which nothing may be told yet.
CREATE OR REPLACE FUNCTION survey_tally_list(p_survey uuid, p_cells jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO survey_tally (district_id, survey_id, dimension, key, side, audience, n, sums)
    SELECT DISTINCT current_setting('kith.district')::uuid, p_survey, g.dimension, g.key, c.cell ->> 0, c.cell ->> 1, 0,
           (SELECT array_agg(0::numeric) FROM survey_slots(p_survey))
    FROM jsonb_array_elements(p_cells) AS c (cell)
    CROSS JOIN LATERAL survey_cell_groups(ARRAY(SELECT jsonb_array_elements_text(c.cell))) AS g
    ON CONFLICT DO NOTHING;
END
$$;

REVOKE EXECUTE ON FUNCTION survey_cell_groups, survey_sums_add, survey_tally_add, survey_tally_list FROM PUBLIC;

RESET ROLE;
