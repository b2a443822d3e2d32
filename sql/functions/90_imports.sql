-- Imports: rows that wait in import_row are matched with what is there and written, at most p_most of
-- them in a transaction. What is particular to a resource comes as p_spec, made of its declaration:
--
--     {"table": "program", "custom": [], "fields": ["name", "partner_id"], "defaults": {"status": "'active'"},
--      "keys": [["partner_id", "~name"]], "columns": {"name": "Program"},
--      "refs": {"partner_id": {"table": "partner", "keys": ["ein", "~name"]}},
--      "before": null, "at_once": null, "once": [], "is_superseded": false, "within": []}
--
-- "~" before a name: letter case and white space do not count; "?" behind one: none is as good as any.
-- "before" is a function that readies rows when their references are known; "at_once" one that writes what is plain and
-- new of batches, in which rows wait for it (95_import_observation_batch.sql); "once" are fields that
-- a file says of what it makes and actions change; a table "is_superseded" where a correction is a row
-- of its own, and has millions of rows, of which those of a file are "within" some values; "custom" are
-- fields of the district's own (90_imports_custom.sql). All of them
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
    work import_work;
    token access_token; -- by which it was started or taken back
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, 'import ' || p_import);
    UPDATE import_work w
    SET lease_until = clock_timestamp() + p_lease_ms * interval '1 ms'
    WHERE w.district_id = p_district AND w.id = p_import AND w.holder = p_holder
    RETURNING * INTO work;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'KI410';
    END IF;
    SELECT t.* INTO token FROM access_token t WHERE t.district_id = p_district AND t.id = work.token_id;
    SELECT i.started_by INTO who FROM import i WHERE i.district_id = p_district AND i.id = p_import;
    SELECT array_agg(DISTINCT g.role), jsonb_agg(jsonb_build_object(
        'role', g.role, 'scope_kind', g.scope_kind, 'scope_id', g.scope_id))
    INTO held, grants
    FROM user_grant g
    JOIN app_user u ON u.district_id = p_district AND u.id = g.user_id
    JOIN district d ON d.id = p_district
    WHERE g.district_id = p_district AND g.user_id = who AND g.archived_at IS NULL
      AND u.status = 'active' AND u.archived_at IS NULL AND d.archived_at IS NULL
      AND (token.roles IS NULL OR g.role = ANY (token.roles))
      AND (p_now::timestamptz AT TIME ZONE d.zone)::date
          BETWEEN g.from_date AND coalesce(g.until_date, 'infinity');
    IF token.scope_id IS NOT NULL THEN
        grants := kith_narrow(p_district, coalesce(grants, '[]'), token.scope_kind, token.scope_id, true);
        held := ARRAY(SELECT DISTINCT g ->> 'role' FROM jsonb_array_elements(grants) AS g ORDER BY 1);
    END IF;
    IF p_need <> '' AND (NOT coalesce('admin' = ANY (held) OR held && needed, false)
                         OR work.token_id IS NOT NULL AND (token.id IS NULL OR token.revoked_at IS NOT NULL
                                                           OR token.archived_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'no grant for this' USING ERRCODE = 'KI403';
    END IF;
    PERFORM kith_context(p_district, who::text, concat_ws(',', array_to_string(held, ','),
                                                          CASE WHEN directs_part(held, grants) THEN 'owner,part' END),
                         p_now, 'import ' || p_import);
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

REVOKE EXECUTE ON FUNCTION import_normal, import_claim, import_enter, import_fault, import_key_name,
    import_key_side, import_within FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_normal, import_claim, import_enter, import_fault, import_key_name,
    import_key_side, import_within TO kith_api;

RESET ROLE;
