-- Fields of the district's own in files: columns that are called custom.CODE. While a row waits, its values stand in
-- import_row.bound by these names, which are no column's of any table; p_spec has them as "custom".

SET ROLE kith_owner;

-- Fields that the import brings are made before its first row. Nobody has said yet who may read what they say: staff may,
-- until somebody does. KI403: whoever started it may make none any more.
CREATE OR REPLACE FUNCTION import_make_fields(p_import uuid, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    wanted import;
BEGIN
    SELECT i.* INTO wanted FROM import i WHERE i.district_id = district AND i.id = p_import;
    IF wanted.new_fields = '{}' OR wanted.made_fields IS NOT NULL THEN
        RETURN;
    ELSIF current_setting('kith.scope', true) <> '*' THEN
        RAISE EXCEPTION 'no grant for this' USING ERRCODE = 'KI403';
    END IF;
    WITH made AS (
        INSERT INTO custom_field (district_id, id, subject, code, name, type, class)
        SELECT district, uuid7(), p_spec ->> 'table', split_part(n.key, '.', 2),
               left(coalesce(wanted.mapping ->> n.key, n.key), 200), n.value, 'directory'
        FROM jsonb_each_text(wanted.new_fields) n
        ON CONFLICT DO NOTHING
        RETURNING id)
    UPDATE import i SET made_fields = ARRAY(SELECT m.id FROM made m)
    WHERE i.district_id = district AND i.id = p_import;
END
$$;

-- What rows of the lines say becomes what the fields' types have it as; what these do not take rejects its row, with all
-- else that is wrong with it.
CREATE OR REPLACE FUNCTION import_custom_read(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    IF p_spec -> 'custom' = '[]' THEN
        RETURN;
    END IF;
    WITH said AS MATERIALIZED (
        SELECT r.line, b.key, custom_reading(f, b.value) AS value, f.type, f.name
        FROM import_row r
        CROSS JOIN LATERAL jsonb_each_text(r.bound) b
        LEFT JOIN custom_field f ON f.district_id = district AND f.subject = p_spec ->> 'table'
            AND 'custom.' || f.code = b.key AND f.archived_at IS NULL
        WHERE r.district_id = district AND r.import_id = p_import AND r.line BETWEEN p_first AND p_last
          AND (r.outcome IS NULL OR r.outcome = 'rejected') AND b.key LIKE 'custom.%' AND b.value IS NOT NULL),
    told AS (
        SELECT s.line, jsonb_object_agg(s.key, s.value) AS bound, jsonb_agg(jsonb_build_object(
            'column', coalesce(p_spec -> 'columns' ->> s.key, s.key), 'code', 'not_allowed',
            'detail', CASE WHEN s.name IS NULL THEN 'is of a field that is not there any more'
                           ELSE format('is no %s that %s takes', replace(s.type, '_', ' or '), s.name) END)
            ORDER BY s.key) FILTER (WHERE s.value IS NULL) AS faults
        FROM said s GROUP BY s.line)
    UPDATE import_row r
    SET bound = r.bound || t.bound,
        outcome = CASE WHEN t.faults IS NULL THEN r.outcome ELSE 'rejected' END,
        faults = CASE WHEN t.faults IS NULL THEN r.faults ELSE coalesce(r.faults, '[]') || t.faults END
    FROM told t
    WHERE r.district_id = district AND r.import_id = p_import AND r.line BETWEEN p_first AND p_last AND r.line = t.line;
END
$$;

-- What the waiting rows of the lines say otherwise than it is there; before: NULL, nothing; after: NULL, it goes.
CREATE OR REPLACE FUNCTION import_custom_changes(p_import uuid, p_first bigint, p_last bigint, p_spec jsonb)
RETURNS TABLE (line bigint, row_id uuid, field_id uuid, value_id uuid, before text, after text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_spec -> 'custom' = '[]' THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT r.line, r.row_id, f.id, v.id, v.value, b.value
        FROM import_row r
        CROSS JOIN LATERAL jsonb_each_text(r.bound) b
        JOIN custom_field f ON f.district_id = r.district_id AND f.subject = p_spec ->> 'table'
            AND 'custom.' || f.code = b.key AND f.archived_at IS NULL
        LEFT JOIN custom_value v ON v.district_id = r.district_id AND v.custom_field_id = f.id
            AND coalesce(v.site_id, v.partner_id, v.contact_id, v.partnership_id) = r.row_id AND v.archived_at IS NULL
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL AND b.value IS DISTINCT FROM v.value;
END
$$;

-- Writes them beside rows that are written already, and keeps what there was.
CREATE OR REPLACE FUNCTION import_custom_write(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = auto AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    subject text := p_spec ->> 'table';
BEGIN
    WITH changes AS MATERIALIZED (
        SELECT c.* FROM import_custom_changes(p_import, p_first, p_last, p_spec) c
        JOIN import_change d ON d.district_id = district AND d.import_id = p_import AND d.line = c.line),
    made AS (
        INSERT INTO custom_value (district_id, id, custom_field_id, site_id, partner_id, contact_id, partnership_id, value)
        SELECT district, uuid7(), c.field_id, CASE subject WHEN 'site' THEN c.row_id END,
               CASE subject WHEN 'partner' THEN c.row_id END, CASE subject WHEN 'contact' THEN c.row_id END,
               CASE subject WHEN 'partnership' THEN c.row_id END, c.after
        FROM changes c WHERE c.value_id IS NULL
        RETURNING id, custom_field_id, coalesce(site_id, partner_id, contact_id, partnership_id) AS row_id, version),
    put AS (
        UPDATE custom_value v
        SET value = coalesce(c.after, v.value),
            archived_at = CASE WHEN c.after IS NULL THEN current_setting('kith.now')::timestamptz END
        FROM changes c WHERE v.district_id = district AND v.id = c.value_id
        RETURNING v.id, c.field_id, c.row_id, v.version),
    kept AS (
        SELECT c.line, jsonb_agg(jsonb_build_object('id', w.id, 'version', w.version, 'before', c.before)) AS custom
        FROM changes c
        JOIN (SELECT * FROM made UNION ALL SELECT * FROM put) AS w (id, field_id, row_id, version)
          ON w.field_id = c.field_id AND w.row_id = c.row_id
        GROUP BY c.line)
    UPDATE import_change d SET custom = k.custom
    FROM kept k
    WHERE d.district_id = district AND d.import_id = p_import AND d.line BETWEEN p_first AND p_last AND d.line = k.line;
    IF EXISTS (SELECT FROM import_custom_changes(p_import, p_first, p_last, p_spec) c
               JOIN import_change d ON d.district_id = district AND d.import_id = p_import AND d.line = c.line) THEN
        PERFORM refuse_outside(); -- it was seen, and a policy kept it from being written
    END IF;
END
$$;

-- Of the lines whose row and values are still as the import left them: the values are as they were. What it keeps of the
-- others stays, and with it the row.
CREATE OR REPLACE FUNCTION import_custom_give_back(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_spec -> 'custom' = '[]' THEN
        RETURN;
    END IF;
    EXECUTE format($query$
        WITH said AS MATERIALIZED (
            SELECT c.line, c.row_id, x.id, x.before, v.id IS NULL OR x.before IS NOT NULL AND EXISTS (
                       SELECT FROM custom_value o
                       WHERE o.district_id = $1 AND o.custom_field_id = v.custom_field_id AND o.id <> v.id
                         AND coalesce(o.site_id, o.partner_id, o.contact_id, o.partnership_id) = c.row_id
                         AND o.archived_at IS NULL) AS is_other
            FROM import_change c
            CROSS JOIN LATERAL jsonb_to_recordset(c.custom) AS x (id uuid, version bigint, before text)
            LEFT JOIN custom_value v ON v.district_id = $1 AND v.id = x.id AND v.version = x.version
            WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4 AND c.is_undone IS NULL),
        ready AS MATERIALIZED (
            SELECT c.line FROM import_change c
            JOIN %1$I t ON t.district_id = $1 AND t.id = c.row_id AND t.version = c.version_after
                AND (c.before IS NULL OR t.archived_at IS NULL)
            WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
              AND c.line IN (SELECT s.line FROM said s GROUP BY s.line HAVING NOT bool_or(s.is_other))
            FOR UPDATE OF t),
        gone AS (
            DELETE FROM custom_value v USING said s JOIN ready r ON r.line = s.line
            WHERE v.district_id = $1 AND v.id = s.id AND s.before IS NULL),
        back AS (
            UPDATE custom_value v SET value = s.before, archived_at = NULL
            FROM said s JOIN ready r ON r.line = s.line
            WHERE v.district_id = $1 AND v.id = s.id AND s.before IS NOT NULL)
        UPDATE import_change c SET custom = NULL FROM ready r
        WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4 AND c.line = r.line $query$,
        p_spec ->> 'table')
    USING current_setting('kith.district')::uuid, p_import, p_first, p_last;
END
$$;

-- When all is taken back: fields that the import made, as long as they say nothing and are as it made them.
CREATE OR REPLACE FUNCTION import_forget_fields(p_import uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    DELETE FROM custom_field f USING import i
    WHERE i.district_id = district AND i.id = p_import AND f.district_id = district AND f.id = ANY (i.made_fields)
      AND f.version = 1
      AND NOT EXISTS (SELECT FROM custom_value v WHERE v.district_id = district AND v.custom_field_id = f.id);
END
$$;

REVOKE EXECUTE ON FUNCTION import_make_fields, import_custom_read, import_custom_changes, import_custom_write,
    import_custom_give_back, import_forget_fields FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_make_fields, import_custom_read, import_custom_changes, import_custom_write,
    import_custom_give_back, import_forget_fields TO kith_api;

RESET ROLE;
