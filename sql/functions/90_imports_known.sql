-- What rows are known by besides what they say today: their other names and addresses, and those of records that were
-- merged into them. A file that still has one of these means the row that is left.

SET ROLE kith_owner;

-- field: as import_key_side() has it; others: the column with more of its kind.
CREATE OR REPLACE FUNCTION import_other_names() RETURNS TABLE (name text, field text, others text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('partner', 'ein', NULL),
        ('partner', '~name', 'aliases'),
        ('contact', 'email', 'other_emails'),
        ('contact', '~name', 'aliases'))
        AS n (name, field, others);
END;

-- As a query: (v, id) of each text by which one row that is there is known so; $1 is the district. What a row itself says
-- today goes first: it is not among them.
CREATE OR REPLACE FUNCTION import_known(p_table text, p_field text, p_others text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN format($query$
    WITH RECURSIVE gone (v, into_id) AS (
        SELECT %2$s, t.merged_into FROM %1$I t
        WHERE t.district_id = $1 AND t.merged_into IS NOT NULL AND %2$s IS NOT NULL
        UNION
        SELECT g.v, t.merged_into FROM gone g
        JOIN %1$I t ON t.district_id = $1 AND t.id = g.into_id AND t.merged_into IS NOT NULL),
    known AS (
        SELECT g.v, t.id FROM gone g JOIN %1$I t ON t.district_id = $1 AND t.id = g.into_id AND t.archived_at IS NULL
        %3$s)
    SELECT k.v, min(k.id::text) AS id FROM known k GROUP BY k.v HAVING count(DISTINCT k.id) = 1 $query$,
    p_table, import_key_side(p_field, 't'),
    CASE WHEN p_others IS NULL THEN '' ELSE format(
        'UNION ALL SELECT %s, t.id FROM %I t CROSS JOIN LATERAL unnest(t.%I) AS o
         WHERE t.district_id = $1 AND t.archived_at IS NULL AND t.%3$I <> ''{}''',
        CASE WHEN p_field LIKE '~%' THEN 'import_normal(o)' ELSE 'o' END, p_table, p_others) END);

-- Rows of the lines that name theirs by what it is known by get what it says itself, so that they are matched and do not
-- rename it.
CREATE OR REPLACE FUNCTION import_rename(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    other record;
BEGIN
    FOR other IN SELECT n.*, import_key_name(n.field) AS plain FROM import_other_names() n
                 WHERE n.name = p_spec ->> 'table' AND p_spec -> 'fields' ? import_key_name(n.field) LOOP
        EXECUTE format($query$
            WITH wanted AS MATERIALIZED (
                SELECT r.line, %1$s AS v
                FROM import_row r CROSS JOIN LATERAL jsonb_populate_record(NULL::%2$I, r.bound) n
                WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4 AND r.outcome IS NULL),
            asked AS MATERIALIZED ( -- few or none, before the whole table is looked through
                SELECT w.line, w.v, k.id FROM wanted w JOIN (%5$s) AS k ON k.v = w.v)
            UPDATE import_row r SET bound = r.bound || jsonb_build_object(%4$L, o.%4$I)
            FROM asked a
            JOIN %2$I o ON o.district_id = $1 AND o.id = a.id::uuid AND o.%4$I IS NOT NULL
            WHERE r.district_id = $1 AND r.import_id = $2 AND r.line = a.line AND NOT EXISTS (
                SELECT FROM %2$I t WHERE t.district_id = $1 AND t.archived_at IS NULL AND %3$s = a.v) $query$,
            import_key_side(other.field, 'n'), other.name, import_key_side(other.field, 't'), other.plain,
            import_known(other.name, other.field, other.others))
        USING current_setting('kith.district')::uuid, p_import, p_first, p_last;
    END LOOP;
END
$$;

-- References of the lines that are still given by a text, to what is known by it.
CREATE OR REPLACE FUNCTION import_resolve_known(
    p_import uuid, p_first bigint, p_last bigint, p_field text, p_table text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    other record;
BEGIN
    FOR other IN SELECT * FROM import_other_names() n WHERE n.name = p_table LOOP
        EXECUTE format($query$
            UPDATE import_row r SET bound = r.bound || jsonb_build_object(%1$L, k.id), refs = r.refs - %1$L
            FROM (%2$s) AS k
            WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4 AND r.outcome IS NULL
              AND r.refs ? %1$L AND %3$s = k.v $query$,
            p_field, import_known(other.name, other.field, other.others),
            format(CASE WHEN other.field LIKE '~%' THEN 'import_normal(r.refs ->> %L)' ELSE '(r.refs ->> %L)' END,
                   p_field))
        USING current_setting('kith.district')::uuid, p_import, p_first, p_last;
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION import_other_names, import_known, import_rename, import_resolve_known FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_other_names, import_known, import_rename, import_resolve_known TO kith_api;

RESET ROLE;
