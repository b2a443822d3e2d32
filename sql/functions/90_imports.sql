-- Imports: rows that wait in import_row are matched with what is there and written, at most p_most of
-- them in a transaction. What is particular to a resource comes as p_spec, made of its declaration:
--
--     {"table": "program", "fields": ["name", "partner_id"], "defaults": {"status": "'active'"},
--      "keys": [["partner_id", "~name"]], "columns": {"name": "Program"},
--      "refs": {"partner_id": {"table": "partner", "keys": ["ein", "~name"]}},
--      "before": null, "once": [], "is_superseded": false, "within": []}
--
-- "~" before a name: letter case and white space do not count; "?" behind one: none is as good as any.
-- "before" is a function that readies rows when their references are known; "once" are fields that
-- a file says of what it makes and actions change; a table "is_superseded" where a correction is a row
-- of its own, and has millions of rows, of which those of a file are "within" some values. All of them
-- run as who calls, so that policies, scopes and triggers hold.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION import_normal(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(btrim(regexp_replace(p_text, '\s+', ' ', 'g')));

-- An import without an owner, or the holder's own: its district and id.
CREATE OR REPLACE FUNCTION import_claim(
    p_holder uuid, p_lease_ms bigint, OUT district_id uuid, OUT id uuid)
RETURNS SETOF record
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    UPDATE import_work w
    SET holder = p_holder, lease_until = clock_timestamp() + p_lease_ms * interval '1 ms'
    FROM (SELECT o.district_id, o.id FROM import_work o
          WHERE o.holder = p_holder OR o.lease_until IS NULL OR o.lease_until <= clock_timestamp()
          ORDER BY o.queued_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS next
    WHERE w.district_id = next.district_id AND w.id = next.id
    RETURNING w.district_id, w.id;
END;

-- The first statement of each unit of an import: the context of the user who started it, with the
-- roles of today. KI410: the lease is another's. KI403: the user may no longer import.
CREATE OR REPLACE FUNCTION import_enter(
    p_district uuid, p_import uuid, p_holder uuid, p_lease_ms bigint, p_need text, p_now text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ignored text;
    needed text[] := string_to_array(p_need, ',');
    held text[];
    grants jsonb;
    who uuid;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, 'import ' || p_import);
    UPDATE import_work w
    SET lease_until = clock_timestamp() + p_lease_ms * interval '1 ms'
    WHERE w.district_id = p_district AND w.id = p_import AND w.holder = p_holder;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'KI410';
    END IF;
    SELECT i.started_by INTO who FROM import i WHERE i.district_id = p_district AND i.id = p_import;
    SELECT array_agg(DISTINCT g.role), jsonb_agg(jsonb_build_object(
        'role', g.role, 'scope_kind', g.scope_kind, 'scope_id', g.scope_id))
    INTO held, grants
    FROM user_grant g
    JOIN app_user u ON u.district_id = p_district AND u.id = g.user_id
    JOIN district d ON d.id = p_district
    WHERE g.district_id = p_district AND g.user_id = who AND g.archived_at IS NULL
      AND u.status = 'active' AND u.archived_at IS NULL AND d.archived_at IS NULL
      AND (p_now::timestamptz AT TIME ZONE d.zone)::date
          BETWEEN g.from_date AND coalesce(g.until_date, 'infinity');
    IF p_need <> '' AND NOT coalesce(
        'admin' = ANY (held) OR held && needed, false) THEN
        RAISE EXCEPTION 'no grant for this' USING ERRCODE = 'KI403';
    END IF;
    PERFORM kith_context(p_district, who::text, coalesce(array_to_string(held, ','), ''), p_now,
                         'import ' || p_import);
    -- A rehearsal is one statement, however long the file. Of rows that were staged a moment ago the
    -- planner knows nothing and takes them for one: it would join thousands by nested loops, for
    -- minutes. Without them it hashes; their price as the last resort must not call the compiler.
    ignored := set_config('kith.import', p_import::text, true)
        || set_config('kith.scope', CASE WHEN p_need = '' THEN 'none' -- the import itself
                                         ELSE kith_scope(p_district, grants, needed) END, true)
        || set_config('statement_timeout', '0', true)
        || set_config('plan_cache_mode', 'force_custom_plan', true)
        || set_config('enable_nestloop', 'off', true) || set_config('jit', 'off', true);
END
$$;

-- "partner_ein_key" of the table partner is about the field ein: its column in the file, or its name.
-- What a function of ours refuses, it says why.
DROP FUNCTION IF EXISTS import_fault(jsonb, text, text, text);
CREATE OR REPLACE FUNCTION import_fault(
    p_spec jsonb, p_state text, p_constraint text, p_column text, p_message text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_array(jsonb_build_object(
        'column', coalesce(p_spec -> 'columns' ->> f.field, nullif(f.field, '')),
        'code', w.code, 'detail', w.detail))
    FROM (SELECT coalesce(nullif(p_column, ''), regexp_replace(
              substr(p_constraint, length(p_spec ->> 'table') + 2), '_(key|fkey|check|not_null)$', ''))
          AS field) AS f
    CROSS JOIN LATERAL (VALUES
        ('23505', 'taken', 'is taken already'), ('23P01', 'taken', 'overlaps what is there already'),
        ('23503', 'unknown_id', 'names nothing that is there'),
        ('23514', 'not_allowed', 'is not allowed'), ('23502', 'required', 'is missing'),
        ('KI490', 'conflict', p_message), ('KI491', 'not_allowed', p_message),
        ('KIOUT', 'out_of_scope', 'is not yours to write')) AS w (state, code, detail)
    WHERE w.state = p_state);

-- "name" of "~name?".
CREATE OR REPLACE FUNCTION import_key_name(p_field text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN rtrim(ltrim(p_field, '~'), '?');

-- How a key's field is compared: of the table ("t"), or of a row of the file ("n").
CREATE OR REPLACE FUNCTION import_key_side(p_field text, p_alias text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN format(CASE WHEN p_field LIKE '~%' THEN 'import_normal(%s.%I)' ELSE '%s.%I' END,
              p_alias, import_key_name(p_field));

-- As a condition on the table ("t"): which of its rows may be those of the lines at all.
CREATE OR REPLACE FUNCTION import_within(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN (p_spec ->> 'is_superseded')::boolean THEN ' AND t.superseded_by IS NULL' ELSE '' END
    || coalesce((
        SELECT string_agg(format(' AND t.%I = ANY (%L)', f, coalesce((
            SELECT array_agg(DISTINCT r.bound ->> f) FROM import_row r
            WHERE r.district_id = current_setting('kith.district')::uuid AND r.import_id = p_import
              AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL), '{}')), '')
        FROM jsonb_array_elements_text(p_spec -> 'within') f), '');

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
        UPDATE import_row r SET outcome = 'unchanged' FROM %1$I t
        WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
          AND r.outcome IS NULL AND NOT r.is_new AND t.district_id = $1 AND t.id = r.row_id %2$s
          AND jsonb_populate_record(t, r.bound) IS NOT DISTINCT FROM t $query$,
        p_spec ->> 'table', within)
    USING district, p_import, p_first, p_last;
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

-- Creates what waits in the lines. The checks of foreign keys are made row by row: planned once.
CREATE OR REPLACE FUNCTION import_create(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = auto AS $$
BEGIN
    EXECUTE (
        SELECT format($query$
            WITH made AS (
                INSERT INTO %1$I (district_id, id, %2$s)
                SELECT $1, r.row_id, %3$s
                FROM import_row r CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$I, r.bound) n
                WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
                  AND r.outcome IS NULL AND r.is_new
                RETURNING id, version)
            INSERT INTO import_change (district_id, import_id, line, row_id, version_after)
            SELECT $1, $2, r.line, made.id, made.version
            FROM made JOIN import_row r
              ON r.district_id = $1 AND r.import_id = $2 AND r.row_id = made.id
             AND r.line BETWEEN $3 AND $4 AND r.outcome IS NULL $query$,
            p_spec ->> 'table', string_agg(format('%I', f), ', '),
            string_agg(CASE WHEN p_spec -> 'defaults' ? f
                            THEN format('coalesce(n.%I, %s)', f, p_spec -> 'defaults' ->> f)
                            ELSE format('n.%I', f) END, ', '))
        FROM jsonb_array_elements_text(p_spec -> 'fields') f)
    USING current_setting('kith.district')::uuid, p_import, p_first, p_last;
END
$$;

-- Updates what waits in the lines, and keeps what there was.
CREATE OR REPLACE FUNCTION import_update(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = auto AS $$
BEGIN
    EXECUTE (
        SELECT format($query$
            WITH seen AS MATERIALIZED (
                SELECT r.line, t.id, r.bound,
                       (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(t)) o
                        WHERE r.bound ? o.key) AS before
                FROM import_row r JOIN %1$I t ON t.district_id = $1 AND t.id = r.row_id
                WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
                  AND r.outcome IS NULL AND NOT r.is_new
                FOR UPDATE OF t),
            changed AS (
                UPDATE %1$I t
                SET (%2$s) = (SELECT %3$s FROM jsonb_populate_record(t, s.bound) n)
                FROM seen s WHERE t.district_id = $1 AND t.id = s.id
                RETURNING t.id, t.version)
            INSERT INTO import_change (district_id, import_id, line, row_id, before, version_after)
            SELECT $1, $2, s.line, s.id, s.before, c.version
            FROM seen s JOIN changed c ON c.id = s.id $query$,
            p_spec ->> 'table', string_agg(format('%I', f), ', '), string_agg(format('n.%I', f), ', '))
        FROM jsonb_array_elements_text(p_spec -> 'fields') f)
    USING current_setting('kith.district')::uuid, p_import, p_first, p_last;
END
$$;

-- Creates and updates what waits in the lines, and keeps what there was. A row that the database
-- refuses must not take the others with it: the lines are halved until it stands alone.
CREATE OR REPLACE FUNCTION import_write(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    v_state text;
    v_constraint text;
    v_column text;
    v_message text;
    middle bigint;
BEGIN
    BEGIN
        PERFORM import_create(p_import, p_first, p_last, p_spec);
        IF (p_spec ->> 'is_superseded')::boolean THEN
            PERFORM import_supersede(p_import, p_first, p_last, p_spec);
        ELSE
            PERFORM import_update(p_import, p_first, p_last, p_spec);
        END IF;
        UPDATE import_row r
        SET outcome = CASE WHEN r.is_new THEN 'created' ELSE 'updated' END, row_id = c.row_id
        FROM import_change c
        WHERE r.district_id = district AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL
          AND c.district_id = district AND c.import_id = p_import
          AND c.line BETWEEN p_first AND p_last AND c.line = r.line;
        -- What is still there was seen, and a policy kept it from being written.
        UPDATE import_row r
        SET outcome = 'rejected', faults = import_fault(p_spec, 'KIOUT', '', '', '')
        WHERE r.district_id = district AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL;
        RETURN;
    EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'KIOUT' OR SQLSTATE 'KI490'
                   OR SQLSTATE 'KI491' THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_constraint = CONSTRAINT_NAME,
            v_column = COLUMN_NAME, v_message = MESSAGE_TEXT;
    END;
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY r.line) INTO middle FROM import_row r
    WHERE r.district_id = district AND r.import_id = p_import
      AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL
    HAVING count(*) > 1;
    IF middle IS NULL THEN
        UPDATE import_row r
        SET outcome = 'rejected',
            faults = import_fault(p_spec, v_state, v_constraint, v_column, v_message)
        WHERE r.district_id = district AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL;
    ELSE
        PERFORM import_write(p_import, p_first, middle, p_spec);
        PERFORM import_write(p_import, middle + 1, p_last, p_spec);
    END IF;
END
$$;

-- The next rows of the file, at most p_most; false when there were none: then the import is done.
CREATE OR REPLACE FUNCTION import_apply(p_import uuid, p_spec jsonb, p_most bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    first bigint;
    last bigint;
BEGIN
    SELECT min(n.line), max(n.line) INTO first, last
    FROM (SELECT r.line
          FROM import_work w JOIN import_row r ON r.district_id = district AND r.import_id = p_import
           AND r.line > w.applied_line
          WHERE w.district_id = district AND w.id = p_import
          ORDER BY r.line LIMIT p_most) AS n;
    IF first IS NULL THEN
        PERFORM import_finish(p_import, 'done', NULL);
        RETURN false;
    END IF;
    PERFORM import_resolve(p_import, first, last, p_spec);
    IF p_spec ->> 'before' IS NOT NULL THEN
        EXECUTE format('SELECT %I($1, $2, $3, $4)', p_spec ->> 'before')
        USING p_import, first, last, p_spec;
    END IF;
    PERFORM import_match(p_import, first, last, p_spec);
    PERFORM import_write(p_import, first, last, p_spec);
    UPDATE import i
    SET created = i.created + n.created, updated = i.updated + n.updated,
        unchanged = i.unchanged + n.unchanged, rejected = i.rejected + n.rejected
    FROM (SELECT count(*) FILTER (WHERE r.outcome = 'created') AS created,
                 count(*) FILTER (WHERE r.outcome = 'updated') AS updated,
                 count(*) FILTER (WHERE r.outcome = 'unchanged') AS unchanged,
                 count(*) FILTER (WHERE r.outcome = 'rejected') AS rejected
          FROM import_row r
          WHERE r.district_id = district AND r.import_id = p_import
            AND r.line BETWEEN first AND last) AS n
    WHERE i.district_id = district AND i.id = p_import;
    UPDATE import_row r
    SET bound = NULL, refs = NULL, cells = CASE WHEN r.outcome = 'rejected' THEN r.cells END
    WHERE r.district_id = district AND r.import_id = p_import AND r.line BETWEEN first AND last;
    UPDATE import_work w SET applied_line = last WHERE w.district_id = district AND w.id = p_import;
    RETURN true;
END
$$;

-- The end: nothing is left to do, and of the file only what the report tells.
CREATE OR REPLACE FUNCTION import_finish(p_import uuid, p_status text, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    UPDATE import i
    SET status = p_status, reason = p_reason,
        finished_at = current_setting('kith.now')::timestamptz
    WHERE i.district_id = district AND i.id = p_import;
    DELETE FROM import_chunk c WHERE c.district_id = district AND c.import_id = p_import;
    DELETE FROM import_work w WHERE w.district_id = district AND w.id = p_import;
END
$$;

-- The same, and back: what stays is the report. Ids that were given to what is no more are not told.
CREATE OR REPLACE FUNCTION import_rehearse(p_import uuid, p_spec jsonb, p_most bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    report import;
    lines bigint[];
    ids uuid[];
    outcomes text[];
    told jsonb[];
BEGIN
    BEGIN
        WHILE import_apply(p_import, p_spec, p_most) LOOP
        END LOOP;
        SELECT i.* INTO report FROM import i WHERE i.district_id = district AND i.id = p_import;
        SELECT array_agg(r.line), array_agg(r.row_id), array_agg(r.outcome), array_agg(r.faults)
        INTO lines, ids, outcomes, told
        FROM import_row r WHERE r.district_id = district AND r.import_id = p_import;
        RAISE EXCEPTION 'rehearsed' USING ERRCODE = 'KI200';
    EXCEPTION WHEN SQLSTATE 'KI200' THEN
        NULL;
    END;
    UPDATE import_row r
    SET outcome = n.outcome, faults = n.faults, row_id = n.row_id, bound = NULL, refs = NULL,
        cells = CASE WHEN n.outcome = 'rejected' THEN r.cells END
    FROM unnest(lines, ids, outcomes, told) AS n (line, row_id, outcome, faults)
    WHERE r.district_id = district AND r.import_id = p_import AND r.line = n.line;
    UPDATE import i
    SET created = report.created, updated = report.updated, unchanged = report.unchanged,
        rejected = report.rejected
    WHERE i.district_id = district AND i.id = p_import;
    PERFORM import_finish(p_import, 'done', NULL);
    RETURN false;
END
$$;

-- Of the lines: gives back what there was, and deletes what was made.
CREATE OR REPLACE FUNCTION import_give_back(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    EXECUTE (
        SELECT format($query$
            WITH undone AS (
                UPDATE %1$I t SET (%2$s) = (SELECT %3$s FROM jsonb_populate_record(t, c.before) n)
                FROM import_change c
                WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
                  AND c.is_undone IS NULL AND c.before IS NOT NULL
                  AND t.district_id = $1 AND t.id = c.row_id AND t.version = c.version_after
                  AND t.archived_at IS NULL
                RETURNING c.line)
            UPDATE import_change c SET is_undone = true FROM undone u
            WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
              AND c.line = u.line $query$,
            p_spec ->> 'table', string_agg(format('%I', f), ', '), string_agg(format('n.%I', f), ', '))
        FROM jsonb_array_elements_text(p_spec -> 'fields') f)
    USING district, p_import, p_first, p_last;
    EXECUTE format($query$
        WITH undone AS (
            DELETE FROM %1$I t USING import_change c
            WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
              AND c.is_undone IS NULL AND c.before IS NULL
              AND t.district_id = $1 AND t.id = c.row_id AND t.version = c.version_after
            RETURNING c.line)
        UPDATE import_change c SET is_undone = true FROM undone u
        WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
          AND c.line = u.line $query$,
        p_spec ->> 'table')
    USING district, p_import, p_first, p_last;
END
$$;

-- Takes back what waits of the import's changes in the lines: what is still as the import left it,
-- and to what nobody refers. The rest stays and is told as a conflict.
CREATE OR REPLACE FUNCTION import_undo(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    v_state text;
    v_constraint text;
    v_column text;
    v_message text;
    middle bigint;
BEGIN
    BEGIN
        IF (p_spec ->> 'is_superseded')::boolean THEN
            PERFORM import_reinstate(p_import, p_first, p_last, p_spec);
        ELSE
            PERFORM import_give_back(p_import, p_first, p_last, p_spec);
        END IF;
        UPDATE import_row r
        SET outcome = 'conflict', faults = jsonb_build_array(jsonb_build_object(
            'column', NULL, 'code', 'changed', 'detail', 'was changed since'))
        FROM import_change c
        WHERE c.district_id = district AND c.import_id = p_import
          AND c.line BETWEEN p_first AND p_last AND c.is_undone IS NULL
          AND r.district_id = district AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.line = c.line;
        UPDATE import_change c SET is_undone = false
        WHERE c.district_id = district AND c.import_id = p_import
          AND c.line BETWEEN p_first AND p_last AND c.is_undone IS NULL;
        RETURN;
    EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'KIOUT' OR SQLSTATE 'KI490'
                   OR SQLSTATE 'KI491' THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_constraint = CONSTRAINT_NAME,
            v_column = COLUMN_NAME, v_message = MESSAGE_TEXT;
    END;
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY c.line) INTO middle FROM import_change c
    WHERE c.district_id = district AND c.import_id = p_import
      AND c.line BETWEEN p_first AND p_last AND c.is_undone IS NULL
    HAVING count(*) > 1;
    IF middle IS NULL THEN
        UPDATE import_row r
        SET outcome = 'conflict',
            faults = CASE v_state
                WHEN '23503' THEN jsonb_build_array(jsonb_build_object(
                    'column', NULL, 'code', 'in_use', 'detail', 'is referred to by something else'))
                ELSE import_fault(p_spec, v_state, v_constraint, v_column, v_message) END
        FROM import_change c
        WHERE c.district_id = district AND c.import_id = p_import
          AND c.line BETWEEN p_first AND p_last AND c.is_undone IS NULL
          AND r.district_id = district AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.line = c.line;
        UPDATE import_change c SET is_undone = false
        WHERE c.district_id = district AND c.import_id = p_import
          AND c.line BETWEEN p_first AND p_last AND c.is_undone IS NULL;
    ELSE -- what was made later may refer to what was made before
        PERFORM import_undo(p_import, middle + 1, p_last, p_spec);
        PERFORM import_undo(p_import, p_first, middle, p_spec);
    END IF;
END
$$;

-- The last changes that nobody tried to take back, at most p_most; false when there were none.
CREATE OR REPLACE FUNCTION import_take_back(p_import uuid, p_spec jsonb, p_most bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    first bigint;
    last bigint;
BEGIN
    SELECT min(n.line), max(n.line) INTO first, last
    FROM (SELECT c.line FROM import_change c
          WHERE c.district_id = district AND c.import_id = p_import AND c.is_undone IS NULL
          ORDER BY c.line DESC LIMIT p_most) AS n;
    IF first IS NULL THEN
        PERFORM import_finish(p_import, 'reverted', NULL);
        RETURN false;
    END IF;
    PERFORM import_undo(p_import, first, last, p_spec);
    UPDATE import_row r SET outcome = 'reverted'
    FROM import_change c
    WHERE c.district_id = district AND c.import_id = p_import
      AND c.line BETWEEN first AND last AND c.is_undone
      AND r.district_id = district AND r.import_id = p_import
      AND r.line BETWEEN first AND last AND r.line = c.line;
    UPDATE import i
    SET reverted = i.reverted + n.reverted, conflicts = i.conflicts + n.conflicts
    FROM (SELECT count(*) FILTER (WHERE c.is_undone) AS reverted,
                 count(*) FILTER (WHERE NOT c.is_undone) AS conflicts
          FROM import_change c
          WHERE c.district_id = district AND c.import_id = p_import
            AND c.line BETWEEN first AND last) AS n
    WHERE i.district_id = district AND i.id = p_import;
    RETURN true;
END
$$;

-- POST /v1/imports/{id}/revert: the work begins with the next tick of somebody's clock.
CREATE OR REPLACE FUNCTION import_revert(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found import;
BEGIN
    -- It goes on with the rights of whoever started it, so that these are asked for here.
    IF EXISTS (SELECT FROM import i WHERE i.id = p_id AND NOT kith_has_role(i.roles)) THEN
        RAISE EXCEPTION 'no grant for this' USING ERRCODE = 'KI403';
    END IF;
    PERFORM lock_row('import', p_id, p_version);
    SELECT i.* INTO found FROM import i WHERE i.id = p_id;
    IF found.dry_run THEN
        PERFORM refuse_state('It was a dry run: there is nothing to take back.',
                             jsonb_build_object('status', found.status, 'possible', '[]'::jsonb));
    ELSIF found.status <> 'done' THEN
        PERFORM refuse_state(format('It is %s; only what is done can be taken back.', found.status),
                             jsonb_build_object('status', found.status, 'possible', '[]'::jsonb));
    END IF;
    UPDATE import i SET status = 'reverting', finished_at = NULL WHERE i.id = p_id;
    INSERT INTO import_work (district_id, id) VALUES (found.district_id, p_id);
END
$$;

-- After a file is staged: without a word about its rows the planner takes any index for as good.
CREATE OR REPLACE FUNCTION import_analyze() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    ANALYZE public.import_row;
END
$$;

-- Bytes of which no import was made within the hour: whoever sent them has left.
CREATE OR REPLACE FUNCTION import_sweep() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    DELETE FROM import_chunk c
    WHERE c.stored_at < clock_timestamp() - interval '1 hour'
      AND NOT EXISTS (SELECT FROM import_work w
                      WHERE w.district_id = c.district_id AND w.id = c.import_id);
END;

REVOKE EXECUTE ON FUNCTION import_normal, import_claim, import_enter, import_fault, import_key_name,
    import_key_side, import_within, import_resolve, import_match, import_create, import_update, import_write,
    import_apply, import_finish, import_rehearse, import_give_back, import_undo, import_take_back,
    import_revert, import_analyze, import_sweep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_normal, import_claim, import_enter, import_fault, import_key_name,
    import_key_side, import_within, import_resolve, import_match, import_create, import_update, import_write,
    import_apply, import_finish, import_rehearse, import_give_back, import_undo, import_take_back,
    import_revert, import_analyze, import_sweep TO kith_api;

RESET ROLE;
