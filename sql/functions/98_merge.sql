-- Several records that become one, whatever they are of: what refers to the others goes to the one that is left, found
-- by the catalogue, so that no table of tomorrow is left out; and back.

SET ROLE kith_owner;

-- Ids that no foreign key covers: of what kind_field says; NULL: of any kind. A test walks the catalogue for others.
CREATE OR REPLACE FUNCTION kind_columns() RETURNS TABLE (name text, field text, kind_field text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('access_token',        'scope_id',   'scope_kind'),
        ('agenda_item',         'subject_id', 'subject_kind'),
        ('attachment',          'subject_id', 'subject_kind'),
        ('call_task',           'subject_id', NULL),
        ('convening_decision',  'result_id',  'result_kind'),
        ('departure_receiver',  'subject_id', NULL),
        ('duplicate_dismissal', 'first_id',   NULL),
        ('duplicate_dismissal', 'second_id',  NULL),
        ('link',                'subject_id', NULL),
        ('message',             'subject_id', NULL),
        ('user_grant',          'scope_id',   'scope_kind'))
        AS k (name, field, kind_field);
END;

-- What refers to records of a table. also: what changes with it. What tells of merges before stays as it was.
CREATE OR REPLACE FUNCTION merge_references(p_kind text)
RETURNS TABLE (name text, field text, only_if text, also text, may_be_archived boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.name, r.field, r.only_if,
           CASE WHEN r.field = 'contact_id' AND k.attname IS NOT NULL
                THEN ', recipient_key = ''contact:'' || $1' ELSE '' END,
           a.attname IS NOT NULL
    FROM (SELECT c.name, c.field, 'true' AS only_if FROM reference_columns(p_kind) c
          WHERE c.name <> p_kind || '_merge' AND NOT (c.name = p_kind AND c.field = 'merged_into')
          UNION ALL
          SELECT c.name, c.field, CASE WHEN c.kind_field IS NULL THEN 'true' ELSE format('t.%I = %L', c.kind_field, p_kind) END
          FROM kind_columns() c) AS r
    LEFT JOIN pg_attribute k ON k.attrelid = r.name::regclass AND k.attname = 'recipient_key'
    LEFT JOIN pg_attribute a ON a.attrelid = r.name::regclass AND a.attname = 'archived_at'
    ORDER BY r.name <> 'partnership', r.name, r.field; -- what belongs to one follows it
END;

-- NULL: done; else what forbids it. What guards a row against changes stands aside where it is told to.
CREATE OR REPLACE FUNCTION merge_try(p_change text, p_to uuid, p_id uuid, p_is_guarded boolean) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('kith.merging', CASE WHEN p_is_guarded THEN '' ELSE 'on' END, true);
    EXECUTE p_change USING p_to, p_id;
    PERFORM set_config('kith.merging', '', true);
    RETURN NULL;
EXCEPTION WHEN unique_violation OR exclusion_violation OR check_violation OR SQLSTATE 'KI490' OR SQLSTATE 'KI491' THEN
    PERFORM set_config('kith.merging', '', true);
    RETURN SQLSTATE;
END
$$;

-- A row may say of the one what another says of the other already: then it is archived. Where even that cannot be, it
-- stays with the record that it was of. Gives moved, archived or left.
CREATE OR REPLACE FUNCTION merge_row(p_table text, p_change text, p_may_be_archived boolean, p_to uuid, p_id uuid)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    wrong text := merge_try(p_change || ' WHERE id = $2', p_to, p_id, true);
BEGIN
    IF wrong IS NULL THEN
        RETURN 'moved';
    ELSIF wrong LIKE 'KI%' AND p_table <> 'partnership_partner' THEN -- which would be a partner beside itself
        RETURN CASE WHEN merge_try(p_change || ' WHERE id = $2', p_to, p_id, false) IS NULL THEN 'moved'
                    ELSE 'left' END;
    ELSIF p_may_be_archived AND merge_try(
        p_change || ', archived_at = coalesce(archived_at, current_setting(''kith.now'')::timestamptz) WHERE id = $2',
        p_to, p_id, false) IS NULL THEN
        RETURN 'archived';
    END IF;
    RETURN 'left';
END
$$;

-- Moves what refers to some to the one. Gives [{table, field, id, from, archived}].
CREATE OR REPLACE FUNCTION merge_move(p_kind text, p_from uuid[], p_to uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    r record;
    moved record;
    changes jsonb := '[]';
    done text;
BEGIN
    FOR r IN SELECT * FROM merge_references(p_kind) LOOP
        FOR moved IN EXECUTE format(
            'SELECT t.id, t.%1$I AS was, %4$s AS gone FROM %2$s t WHERE t.%1$I = ANY ($1) AND %3$s ORDER BY t.id FOR UPDATE',
            r.field, r.name, r.only_if,
            CASE WHEN r.may_be_archived THEN 't.archived_at IS NOT NULL' ELSE 'false' END) USING p_from LOOP
            done := merge_row(r.name, format('UPDATE %s SET %I = $1%s', r.name, r.field, r.also), r.may_be_archived,
                              p_to, moved.id);
            CONTINUE WHEN done = 'left';
            changes := changes || jsonb_build_object(
                'table', r.name, 'field', r.field, 'id', moved.id, 'from', moved.was,
                'archived', done = 'archived' AND NOT moved.gone);
        END LOOP;
    END LOOP;
    RETURN changes;
END
$$;

-- What was moved goes back where it still is as the merge left it; what was changed since stays.
CREATE OR REPLACE FUNCTION merge_move_back(p_kind text, p_changes jsonb, p_from uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    moved record;
    change text;
BEGIN
    FOR moved IN
        SELECT m.*, coalesce(r.also, '') AS also
        FROM jsonb_to_recordset(p_changes) AS m ("table" text, field text, id uuid, "from" uuid, archived boolean)
        LEFT JOIN merge_references(p_kind) r ON r.name = m."table" AND r.field = m.field
    LOOP
        change := format('UPDATE %1$s SET %2$I = $1%3$s WHERE id = $2 AND %2$I = %4$L', moved."table", moved.field,
                         moved.also || CASE WHEN moved.archived THEN ', archived_at = NULL' ELSE '' END, p_from);
        IF merge_try(change, moved."from", moved.id, true) IS NOT NULL THEN
            PERFORM merge_try(change, moved."from", moved.id, false);
        END IF;
    END LOOP;
END
$$;

-- Sets fields of a row, and gives what there was: [{table, id, field, from, to}].
CREATE OR REPLACE FUNCTION merge_put(p_table text, p_id uuid, p_fields jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    after jsonb;
    changes jsonb := '[]';
BEGIN
    EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE t.id = $1 FOR UPDATE', p_table) INTO before USING p_id;
    SELECT coalesce(jsonb_agg(jsonb_build_object('table', p_table, 'id', p_id, 'field', f.key,
                                                 'from', before -> f.key, 'to', f.value)), '[]')
    INTO changes FROM jsonb_each(p_fields) f WHERE f.value IS DISTINCT FROM before -> f.key;
    IF changes <> '[]' THEN
        EXECUTE format('UPDATE %I t SET %s FROM jsonb_populate_record(NULL::%1$I, $2) r WHERE t.id = $1', p_table,
                       (SELECT string_agg(format('%I = r.%1$I', c ->> 'field'), ', ')
                        FROM jsonb_array_elements(changes) c))
        USING p_id, p_fields;
        EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE t.id = $1', p_table) INTO after USING p_id;
        SELECT jsonb_agg(c || jsonb_build_object('to', after -> (c ->> 'field'))) INTO changes
        FROM jsonb_array_elements(changes) c;
    END IF;
    RETURN changes;
END
$$;

-- Of each row those fields that are still as they were put, at once: some go together.
CREATE OR REPLACE FUNCTION merge_put_back(p_changes jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    put record;
    now_row jsonb;
    fields jsonb;
BEGIN
    FOR put IN
        SELECT c."table", c.id, jsonb_agg(jsonb_build_object('field', c.field, 'from', c."from", 'to', c."to")) AS changes
        FROM jsonb_to_recordset(coalesce(p_changes, '[]'))
             AS c ("table" text, id uuid, field text, "from" jsonb, "to" jsonb)
        GROUP BY c."table", c.id
    LOOP
        EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE t.id = $1 FOR UPDATE', put."table") INTO now_row USING put.id;
        SELECT jsonb_object_agg(f ->> 'field', f -> 'from') INTO fields
        FROM jsonb_array_elements(put.changes) AS f WHERE now_row -> (f ->> 'field') = f -> 'to';
        IF fields IS NOT NULL THEN
            PERFORM merge_put(put."table", put.id, fields);
        END IF;
    END LOOP;
END
$$;

-- What the one does not say, from the others in their order; and texts of which each may have its own, one after the
-- other.
CREATE OR REPLACE FUNCTION merge_union(p_table text, p_id uuid, p_others uuid[], p_fields text[], p_notes text[])
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    rows jsonb;
BEGIN
    EXECUTE format('SELECT jsonb_agg(to_jsonb(t) ORDER BY w.place)
                    FROM unnest($1) WITH ORDINALITY AS w (id, place) JOIN %I t ON t.id = w.id', p_table)
    INTO rows USING p_id || p_others;
    RETURN (
        SELECT coalesce(jsonb_object_agg(u.field, u.value), '{}')
        FROM (SELECT DISTINCT ON (f) f AS field, r.one -> f AS value
              FROM unnest(p_fields) AS f, jsonb_array_elements(rows) WITH ORDINALITY AS r (one, place)
              WHERE r.one -> f <> 'null' ORDER BY f, r.place) AS u)
        || (SELECT coalesce(jsonb_object_agg(n.field, n.value), '{}')
            FROM (SELECT t.field, to_jsonb(left(string_agg(t.text, E'\n\n' ORDER BY t.place), 10000)) AS value
                  FROM (SELECT f AS field, r.one ->> f AS text, min(r.place) AS place
                        FROM unnest(p_notes) AS f, jsonb_array_elements(rows) WITH ORDINALITY AS r (one, place)
                        WHERE r.one ->> f ~ '\S' GROUP BY 1, 2) AS t
                  GROUP BY t.field) AS n);
END
$$;

-- A list of the one with what the others bring, without what it is called itself; and, when they are apart again, without
-- what only they have brought.
CREATE OR REPLACE FUNCTION merge_list(p_own text[], p_more text[], p_but text) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY(
    SELECT u.word FROM unnest(p_own || p_more) WITH ORDINALITY AS u (word, place)
    WHERE u.word IS NOT NULL AND u.word IS DISTINCT FROM p_but
    GROUP BY u.word ORDER BY min(u.place) LIMIT 100);
CREATE OR REPLACE FUNCTION merge_list_back(p_now text[], p_before jsonb, p_theirs text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY(
    SELECT n.word FROM unnest(p_now) WITH ORDINALITY AS n (word, place)
    WHERE coalesce(p_before ? n.word, false) OR n.word <> ALL (p_theirs) ORDER BY n.place);

-- Saved filters that ask for one of them ask for the one that is left.
CREATE OR REPLACE FUNCTION merge_filters(p_from uuid[], p_to uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    f record;
    changes jsonb := '[]';
BEGIN
    FOR f IN SELECT s.id, s.criteria::text AS asked FROM saved_filter s
             WHERE s.district_id = current_setting('kith.district')::uuid
               AND s.criteria::text ~ array_to_string(p_from, '|') LOOP
        changes := changes || merge_put('saved_filter', f.id, jsonb_build_object(
            'criteria', regexp_replace(f.asked, array_to_string(p_from, '|'), p_to::text, 'g')::jsonb));
    END LOOP;
    RETURN changes;
END
$$;

-- The merge of a table of them, which may be undone: it is there, its record is locked, and no later one stands in the
-- way.
CREATE OR REPLACE FUNCTION merge_take(p_kind text, p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    kept uuid;
    found_version bigint;
    undone timestamptz;
    is_covered boolean;
BEGIN
    EXECUTE format('SELECT m.%I, m.version, m.undone_at FROM %I m WHERE m.id = $1', p_kind || '_id', p_kind || '_merge')
    INTO kept, found_version, undone USING p_id;
    IF kept IS NULL THEN
        RAISE EXCEPTION 'no row to act on' USING ERRCODE = 'KI404';
    ELSIF found_version <> p_version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    END IF;
    PERFORM lock_row(p_kind, kept, NULL);
    EXECUTE format('SELECT EXISTS (SELECT FROM %2$I m WHERE m.%1$I = $1 AND m.id > $2 AND m.undone_at IS NULL)',
                   p_kind || '_id', p_kind || '_merge') INTO is_covered USING kept, p_id;
    IF undone IS NOT NULL OR is_covered THEN
        PERFORM refuse_state('It is undone already, or a later one has to be undone first.',
                             jsonb_build_object('status', CASE WHEN undone IS NULL THEN 'merged' ELSE 'undone' END));
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION kind_columns, merge_references, merge_try, merge_row, merge_move, merge_move_back, merge_put,
    merge_put_back, merge_union, merge_list, merge_list_back, merge_filters, merge_take FROM PUBLIC;
GRANT EXECUTE ON FUNCTION merge_take TO kith_api;

RESET ROLE;
