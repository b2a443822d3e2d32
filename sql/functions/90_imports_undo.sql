-- The way back, and what is cleared away.

SET ROLE kith_owner;

-- Of the lines: gives back what there was, and deletes what was made.
CREATE OR REPLACE FUNCTION import_give_back(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    PERFORM import_custom_give_back(p_import, p_first, p_last, p_spec);
    EXECUTE (
        SELECT format($query$
            WITH undone AS (
                UPDATE %1$I t SET (%2$s) = (SELECT %3$s FROM jsonb_populate_record(t, c.before) n)
                FROM import_change c
                WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
                  AND c.is_undone IS NULL AND c.before IS NOT NULL AND c.custom IS NULL
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
              AND c.is_undone IS NULL AND c.before IS NULL AND c.custom IS NULL
              AND t.district_id = $1 AND t.id = c.row_id AND t.version = c.version_after
            RETURNING c.line)
        UPDATE import_change c SET is_undone = true FROM undone u
        WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
          AND c.line = u.line $query$,
        p_spec ->> 'table')
    USING district, p_import, p_first, p_last;
END
$$;

-- What waits of the import's changes in the lines stays, and is told as a conflict.
CREATE OR REPLACE FUNCTION import_keep(p_import uuid, p_first bigint, p_last bigint, p_faults jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    UPDATE import_row r SET outcome = 'conflict', faults = p_faults
    FROM import_change c
    WHERE c.district_id = district AND c.import_id = p_import
      AND c.line BETWEEN p_first AND p_last AND c.is_undone IS NULL
      AND r.district_id = district AND r.import_id = p_import
      AND r.line BETWEEN p_first AND p_last AND r.line = c.line;
    UPDATE import_change c SET is_undone = false
    WHERE c.district_id = district AND c.import_id = p_import
      AND c.line BETWEEN p_first AND p_last AND c.is_undone IS NULL;
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
        PERFORM import_keep(p_import, p_first, p_last, jsonb_build_array(jsonb_build_object(
            'column', NULL, 'code', 'changed', 'detail', 'was changed since')));
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
        PERFORM import_keep(p_import, p_first, p_last, CASE v_state
            WHEN '23503' THEN jsonb_build_array(jsonb_build_object(
                'column', NULL, 'code', 'in_use', 'detail', 'is referred to by something else'))
            ELSE import_fault(p_spec, v_state, v_constraint, v_column, v_message) END);
    ELSE -- what was made later may refer to what was made before
        PERFORM import_undo(p_import, middle + 1, p_last, p_spec);
        PERFORM import_undo(p_import, p_first, middle, p_spec);
    END IF;
END
$$;

-- What was made a batch at a time has no change by row until it is taken back: of the last p_most rows.
CREATE OR REPLACE FUNCTION import_made(p_import uuid, p_most bigint) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO import_change (district_id, import_id, line, row_id, version_after)
    SELECT r.district_id, r.import_id, r.line, r.row_id, 1
    FROM (SELECT r.* FROM import_row r
          WHERE r.district_id = current_setting('kith.district')::uuid AND r.import_id = p_import
            AND r.outcome IN ('created', 'updated')
          ORDER BY r.line DESC LIMIT p_most) AS r
    WHERE r.outcome = 'created'
    ON CONFLICT ON CONSTRAINT import_change_pkey DO NOTHING;
END;

-- The last changes that nobody tried to take back, at most p_most; false when there were none.
CREATE OR REPLACE FUNCTION import_take_back(p_import uuid, p_spec jsonb, p_most bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    first bigint;
    last bigint;
BEGIN
    IF p_spec ->> 'at_once' IS NOT NULL THEN
        PERFORM import_made(p_import, p_most);
    END IF;
    SELECT min(n.line), max(n.line) INTO first, last
    FROM (SELECT c.line FROM import_change c
          WHERE c.district_id = district AND c.import_id = p_import AND c.is_undone IS NULL
          ORDER BY c.line DESC LIMIT p_most) AS n;
    IF first IS NULL THEN
        PERFORM import_forget_fields(p_import);
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
    IF EXISTS (SELECT FROM import i WHERE i.id = p_id) AND NOT keeper_may('import', 'revert', p_id) THEN
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
    INSERT INTO import_work (district_id, id, token_id)
    VALUES (found.district_id, p_id, nullif(current_setting('kith.token', true), '')::uuid);
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

REVOKE EXECUTE ON FUNCTION import_give_back, import_keep, import_undo, import_made, import_take_back, import_revert, import_analyze,
    import_sweep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_give_back, import_keep, import_undo, import_made, import_take_back, import_revert, import_analyze,
    import_sweep TO kith_api;

RESET ROLE;
