-- Lines are written, or rehearsed, a part at a time.

SET ROLE kith_owner;

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
        PERFORM import_custom_write(p_import, p_first, p_last, p_spec);
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

-- Writes what waits in the lines.
CREATE OR REPLACE FUNCTION import_rows_apply(p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM import_make_fields(p_import, p_spec);
    PERFORM import_custom_read(p_import, p_first, p_last, p_spec);
    PERFORM import_resolve(p_import, p_first, p_last, p_spec);
    IF p_spec ->> 'before' IS NOT NULL THEN
        EXECUTE format('SELECT %I($1, $2, $3, $4)', p_spec ->> 'before')
        USING p_import, p_first, p_last, p_spec;
    END IF;
    PERFORM import_rename(p_import, p_first, p_last, p_spec);
    PERFORM import_match(p_import, p_first, p_last, p_spec);
    PERFORM import_write(p_import, p_first, p_last, p_spec);
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
    SELECT min(b.first_line), max(b.last_line) INTO first, last
    FROM (SELECT b.first_line, b.last_line, sum(b.row_count) OVER (ORDER BY b.first_line) - b.row_count AS before
          FROM import_work w JOIN import_batch b ON b.district_id = district AND b.import_id = p_import
           AND b.first_line > w.applied_line
          WHERE w.district_id = district AND w.id = p_import) AS b
    WHERE b.before < p_most;
    IF first IS NOT NULL THEN
        EXECUTE format('SELECT %I($1, $2, $3, $4)', p_spec ->> 'at_once') USING p_import, first, last, p_spec;
    ELSE
        SELECT min(n.line), max(n.line) INTO first, last
        FROM (SELECT r.line
              FROM import_work w JOIN import_row r ON r.district_id = district AND r.import_id = p_import
               AND r.line > w.applied_line
              WHERE w.district_id = district AND w.id = p_import
              ORDER BY r.line LIMIT p_most) AS n;
    END IF;
    IF first IS NULL THEN
        PERFORM import_finish(p_import, 'done', NULL);
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM import_row r WHERE r.district_id = district AND r.import_id = p_import AND r.outcome IS NULL
                 AND r.line BETWEEN first AND last) THEN
        PERFORM import_rows_apply(p_import, first, last, p_spec);
    END IF;
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
    WHERE r.district_id = district AND r.import_id = p_import AND r.line BETWEEN first AND last AND r.bound IS NOT NULL;
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
    DELETE FROM import_batch b WHERE b.district_id = district AND b.import_id = p_import;
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
    texts text[];
BEGIN
    BEGIN
        WHILE import_apply(p_import, p_spec, p_most) LOOP
        END LOOP;
        SELECT i.* INTO report FROM import i WHERE i.district_id = district AND i.id = p_import;
        SELECT array_agg(r.line), array_agg(r.row_id), array_agg(r.outcome), array_agg(r.faults),
               array_agg(CASE WHEN r.outcome = 'rejected' THEN r.cells::text END)
        INTO lines, ids, outcomes, told, texts
        FROM import_row r WHERE r.district_id = district AND r.import_id = p_import;
        RAISE EXCEPTION 'rehearsed' USING ERRCODE = 'KI200';
    EXCEPTION WHEN SQLSTATE 'KI200' THEN
        NULL;
    END;
    INSERT INTO import_row AS r (district_id, import_id, line, row_id, outcome, faults, cells)
    SELECT district, p_import, n.line, n.row_id, n.outcome, n.faults, n.cells::text[]
    FROM unnest(lines, ids, outcomes, told, texts) AS n (line, row_id, outcome, faults, cells)
    ON CONFLICT ON CONSTRAINT import_row_pkey DO UPDATE
    SET outcome = excluded.outcome, faults = excluded.faults, row_id = excluded.row_id, cells = excluded.cells,
        bound = NULL, refs = NULL;
    UPDATE import i
    SET created = report.created, updated = report.updated, unchanged = report.unchanged,
        rejected = report.rejected
    WHERE i.district_id = district AND i.id = p_import;
    PERFORM import_finish(p_import, 'done', NULL);
    RETURN false;
END
$$;

REVOKE EXECUTE ON FUNCTION import_create, import_update, import_write, import_rows_apply, import_apply, import_finish,
    import_rehearse FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_create, import_update, import_write, import_rows_apply, import_apply, import_finish,
    import_rehearse TO kith_api;

RESET ROLE;
