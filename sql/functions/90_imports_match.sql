-- Which row a line of the file is about.

SET ROLE kith_owner;

-- References given by natural key become ids; what names nothing, or several, is rejected.
CREATE OR REPLACE FUNCTION import_resolve(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    ref record;
    alternative text;
BEGIN
    FOR ref IN SELECT r.key AS field, r.value ->> 'table' AS target, r.value -> 'keys' AS keys
               FROM jsonb_each(p_spec -> 'refs') r
    LOOP
        FOR alternative IN SELECT k FROM jsonb_array_elements_text(ref.keys) k LOOP
            EXECUTE format($query$
                WITH wanted AS MATERIALIZED (
                    SELECT DISTINCT %1$s AS v FROM import_row r
                    WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
                      AND r.outcome IS NULL AND r.refs ? %2$L),
                found AS MATERIALIZED (
                    SELECT w.v, min(t.id::text) AS id, count(*) AS hits
                    FROM wanted w JOIN %3$I t ON %4$s = w.v
                    WHERE t.district_id = $1 AND t.archived_at IS NULL GROUP BY w.v)
                UPDATE import_row r
                SET bound = r.bound || jsonb_build_object(%2$L, f.id), refs = r.refs - %2$L,
                    outcome = CASE WHEN f.hits > 1 THEN 'rejected' END,
                    faults = CASE WHEN f.hits > 1 THEN jsonb_build_array(jsonb_build_object(
                        'column', $5, 'code', 'ambiguous', 'detail', 'names several')) END
                FROM found f
                WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
                  AND r.outcome IS NULL AND r.refs ? %2$L AND %1$s = f.v $query$,
                format(CASE WHEN alternative LIKE '~%' THEN 'import_normal(r.refs ->> %L)'
                            ELSE '(r.refs ->> %L)' END, ref.field),
                ref.field, ref.target, import_key_side(alternative, 't'))
            USING district, p_import, p_first, p_last, p_spec -> 'columns' ->> ref.field;
        END LOOP;
        PERFORM import_resolve_known(p_import, p_first, p_last, ref.field, ref.target);
        UPDATE import_row r
        SET outcome = 'rejected', faults = jsonb_build_array(jsonb_build_object(
            'column', p_spec -> 'columns' ->> ref.field, 'code', 'unknown_id',
            'detail', 'names nothing that is there'))
        WHERE r.district_id = district AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL AND r.refs ? ref.field;
    END LOOP;
END
$$;

-- What each waiting row of the lines is about: the first alternative of the key that it has values
-- for decides. The later of two rows about one thing is rejected, as is a row that fits several.
CREATE OR REPLACE FUNCTION import_match(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    within text := import_within(p_import, p_first, p_last, p_spec);
    alternative record;
BEGIN
    FOR alternative IN
        SELECT k.ordinality AS number, x.*
        FROM jsonb_array_elements(p_spec -> 'keys') WITH ORDINALITY k
        CROSS JOIN LATERAL (
            SELECT string_agg(format('coalesce((%s)::text, %L)', import_key_side(f, 'n'), ''), ', ')
                       AS texts,
                   string_agg(format('n.%I IS NOT NULL', import_key_name(f)), ' AND ')
                       FILTER (WHERE f NOT LIKE '%?') AS is_given,
                   string_agg(format(
                       CASE WHEN f LIKE '%?' THEN '%s IS NOT DISTINCT FROM %s' ELSE '%s = %s' END,
                       import_key_side(f, 't'), import_key_side(f, 'n')), ' AND ') AS is_same
            FROM jsonb_array_elements_text(k.value) f) AS x
    LOOP
        EXECUTE format($query$
            WITH mine AS MATERIALIZED (
                SELECT r.line, n AS row, concat_ws(E'\x1f', %1$L, %2$s) AS key_text
                FROM import_row r CROSS JOIN LATERAL jsonb_populate_record(NULL::%3$I, r.bound) n
                WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
                  AND r.outcome IS NULL AND r.key_text IS NULL AND %4$s),
            there AS (
                SELECT m.line, m.key_text, min(t.id::text)::uuid AS id, count(t.id) AS hits
                FROM mine m CROSS JOIN LATERAL (SELECT (m.row).*) AS n
                LEFT JOIN %3$I t ON t.district_id = $1 AND t.archived_at IS NULL AND %5$s %6$s
                GROUP BY m.line, m.key_text)
            UPDATE import_row r
            SET key_text = h.key_text, row_id = coalesce(h.id, r.row_id), is_new = h.id IS NULL,
                outcome = CASE WHEN h.hits > 1 THEN 'rejected' END,
                faults = CASE WHEN h.hits > 1 THEN jsonb_build_array(jsonb_build_object(
                    'column', $5, 'code', 'ambiguous', 'detail', 'fits several that are there')) END
            FROM there h
            WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
              AND r.line = h.line $query$,
            alternative.number, alternative.texts, p_spec ->> 'table', alternative.is_given,
            alternative.is_same, within)
        USING district, p_import, p_first, p_last, p_spec -> 'columns'
            ->> import_key_name(p_spec -> 'keys' -> (alternative.number - 1)::int ->> 0);
    END LOOP;
    UPDATE import_row r
    SET outcome = 'rejected', faults = jsonb_build_array(jsonb_build_object(
        'column', p_spec -> 'columns' ->> import_key_name(p_spec -> 'keys' -> 0 ->> 0),
        'code', 'required', 'detail', 'is missing: nothing tells which one this is'))
    WHERE r.district_id = district AND r.import_id = p_import
      AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL AND r.key_text IS NULL;
    UPDATE import_row r
    SET outcome = 'rejected', faults = jsonb_build_array(jsonb_build_object(
        'column', NULL, 'code', 'duplicate_row',
        'detail', 'is about the same as a row before it'))
    WHERE r.district_id = district AND r.import_id = p_import
      AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL
      AND (EXISTS (SELECT FROM import_row e
                   WHERE e.district_id = district AND e.import_id = p_import
                     AND e.key_text = r.key_text AND e.line < r.line)
        OR EXISTS (SELECT FROM import_row e
                   WHERE e.district_id = district AND e.import_id = p_import
                     AND e.row_id = r.row_id AND e.line < r.line));
    EXECUTE format($query$
        WITH custom AS MATERIALIZED (SELECT c.line FROM import_custom_changes($2, $3, $4, $5) c)
        UPDATE import_row r SET outcome = 'unchanged' FROM %1$I t
        WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
          AND r.outcome IS NULL AND NOT r.is_new AND t.district_id = $1 AND t.id = r.row_id %2$s
          AND jsonb_populate_record(t, r.bound) IS NOT DISTINCT FROM t
          AND NOT EXISTS (SELECT FROM custom c WHERE c.line = r.line) $query$,
        p_spec ->> 'table', within)
    USING district, p_import, p_first, p_last, p_spec;
    IF p_spec -> 'once' <> '[]' THEN
        EXECUTE format($query$
            UPDATE import_row r
            SET outcome = 'rejected', faults = jsonb_build_array(jsonb_build_object(
                'column', coalesce($5 ->> f, f), 'code', 'not_allowed',
                'detail', 'is changed by actions, not by a file'))
            FROM %1$I t CROSS JOIN jsonb_array_elements_text($6) f
            WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
              AND r.outcome IS NULL AND NOT r.is_new AND t.district_id = $1 AND t.id = r.row_id
              AND r.bound ->> f <> to_jsonb(t) ->> f $query$, p_spec ->> 'table')
        USING district, p_import, p_first, p_last, p_spec -> 'columns', p_spec -> 'once';
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION import_resolve, import_match FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_resolve, import_match TO kith_api;

RESET ROLE;
