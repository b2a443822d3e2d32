-- Records of one partner: which are much alike, and how several become one and apart again.

SET ROLE kith_owner;

-- A name as it is compared: folded, without what follows every firm's.
CREATE OR REPLACE FUNCTION partner_plain_name(p_name text) RETURNS text
LANGUAGE sql STABLE
RETURN btrim(regexp_replace(search_fold(p_name),
    '\m(the|inc|incorporated|llc|ltd|corp|corporation|co|company|foundation)\M', '', 'g'));

-- Other partners that may be the same one, and by what. Branches of one organization and the organization
-- itself are not.
CREATE OR REPLACE FUNCTION partner_alike(p_id uuid, p_name text, p_ein text, p_website text)
RETURNS TABLE (id uuid, name text, score integer, reasons text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH candidate (id) AS (
        SELECT f FROM unnest(search_alike('{partner}', p_name)) WITH ORDINALITY AS f (f, place)
        WHERE place <= 50
        UNION
        SELECT p.id FROM partner p WHERE p.ein = p_ein
    ), compared AS (
        SELECT p.id, p.name, m.*
        FROM candidate c
        JOIN partner p ON p.id = c.id
        LEFT JOIN partner o ON o.id = p_id
        CROSS JOIN LATERAL (
            SELECT kith_extensions.similarity(partner_plain_name(p.name), partner_plain_name(p_name)) AS alike,
                   EXISTS (SELECT FROM unnest(p.aliases) a
                           WHERE partner_plain_name(a) = partner_plain_name(p_name)) AS by_alias,
                   coalesce(p.ein = p_ein, false) AS by_ein,
                   coalesce(nullif(substring(p.website FROM '^https?://(?:www\.)?([^/:]+)'), '')
                       = substring(p_website FROM '^https?://(?:www\.)?([^/:]+)'), false) AS by_website) AS m
        WHERE p.id IS DISTINCT FROM p_id AND p.archived_at IS NULL
          AND NOT EXISTS (SELECT FROM duplicate_dismissal d
                          WHERE d.archived_at IS NULL AND least(d.first_id, d.second_id) = least(p.id, p_id)
                            AND greatest(d.first_id, d.second_id) = greatest(p.id, p_id))
          AND (p_id IS NULL OR p.parent_id IS DISTINCT FROM p_id) AND o.parent_id IS DISTINCT FROM p.id
          AND (o.parent_id IS NULL OR p.parent_id IS DISTINCT FROM o.parent_id)
    )
    SELECT c.id, c.name,
           least(100, CASE WHEN c.by_ein THEN 100 ELSE 0 END + CASE WHEN c.by_alias THEN 80 ELSE 0 END
               + CASE WHEN c.by_website THEN 40 ELSE 0 END + (c.alike * 80)::integer),
           array_remove(ARRAY[CASE WHEN c.by_ein THEN 'ein' END, CASE WHEN c.by_alias THEN 'alias' END,
                              CASE WHEN c.by_website THEN 'website' END,
                              CASE WHEN c.alike >= 0.5 THEN 'name' END], NULL)
    FROM compared c
    WHERE c.by_ein OR c.by_alias OR c.alike >= 0.5 OR c.by_website AND c.alike >= 0.3
    ORDER BY 3 DESC, c.id LIMIT 20;
END;

CREATE OR REPLACE FUNCTION partner_duplicates(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_build_object('partner_id', p.id, 'duplicates', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'score', a.score,
                                                'reasons', a.reasons) ORDER BY a.score DESC, a.id)
            FROM partner_alike(p.id, p.name, p.ein, p.website) a), '[]'))
        FROM partner p WHERE p.id = p_id);

-- The columns that refer to partners: by the catalogue, so that no table of tomorrow is left out; and the
-- grants, which no foreign key covers. What tells of partners merged before stays as it was.
CREATE OR REPLACE FUNCTION partner_references() RETURNS TABLE (name text, field text, only_if text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.conrelid::regclass::text, a.attname::text, 'true'
    FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
    WHERE c.contype = 'f' AND c.confrelid = 'partner'::regclass AND c.conparentid = 0
      AND (c.conrelid, a.attname) <> ('partner'::regclass, 'merged_into')
      AND c.conrelid <> 'partner_merge'::regclass
    UNION ALL
    SELECT 'user_grant', 'scope_id', 'scope_kind = ''partner'''
    ORDER BY 1, 2;
END;

-- Moves one column's references, row by row, since a row may say of the one what another says of the
-- other already: then it is archived. Gives [{table, field, id, from, archived}].
CREATE OR REPLACE FUNCTION partner_move_references(
    p_table text, p_field text, p_only_if text, p_from uuid[], p_to uuid)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    moved record;
    changes jsonb := '[]';
    is_archived boolean;
BEGIN
    FOR moved IN EXECUTE format('SELECT t.id, t.%1$I AS was FROM %2$s t WHERE t.%1$I = ANY ($1) AND %3$s
                                 ORDER BY t.id FOR UPDATE', p_field, p_table, p_only_if) USING p_from LOOP
        is_archived := false;
        BEGIN
            EXECUTE format('UPDATE %s SET %I = $1 WHERE id = $2', p_table, p_field) USING p_to, moved.id;
        EXCEPTION WHEN unique_violation OR SQLSTATE 'KI490' OR SQLSTATE 'KI491' THEN
            is_archived := true;
            EXECUTE format('UPDATE %s SET %I = $1, archived_at = current_setting(''kith.now'')::timestamptz
                            WHERE id = $2', p_table, p_field) USING p_to, moved.id;
        END;
        changes := changes || jsonb_build_object('table', p_table, 'field', p_field, 'id', moved.id,
                                                 'from', moved.was, 'archived', is_archived);
    END LOOP;
    RETURN changes;
END
$$;

CREATE OR REPLACE FUNCTION partner_merge_check(p_id uuid, p_partners uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    kept partner;
    other record;
BEGIN
    SELECT * INTO kept FROM partner p WHERE p.id = p_id;
    IF p_id = ANY (p_partners) THEN
        PERFORM refuse_field('partner_ids', 'A partner is not merged into itself.');
    END IF;
    FOR other IN SELECT w.id AS wanted, p.* FROM unnest(p_partners) AS w (id)
                 LEFT JOIN partner p ON p.id = w.id LOOP
        IF other.id IS NULL OR other.archived_at IS NOT NULL THEN
            PERFORM refuse_field('partner_ids', 'One of "partner_ids" is no partner that is there.');
        ELSIF other.parent_id = p_id OR kept.parent_id = other.id OR other.parent_id = kept.parent_id THEN
            PERFORM refuse_field('partner_ids', 'Branches are not joined, with each other or with the whole.');
        ELSIF other.stage = 'barred' AND kept.stage <> 'barred' THEN
            PERFORM refuse_field('partner_ids', 'One of "partner_ids" is barred: bar this one first.');
        END IF;
    END LOOP;
END
$$;

-- Fills what the one does not say from the others in their order, and keeps their names as its aliases.
-- Gives what it filled.
CREATE OR REPLACE FUNCTION partner_union(p_id uuid, p_partners uuid[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    filled jsonb := '{}';
    field text;
    value jsonb;
BEGIN
    SELECT to_jsonb(p) INTO before FROM partner p WHERE p.id = p_id;
    FOREACH field IN ARRAY '{ein,website,email,phone,street,city,state,postal_code,description,strengths,
        innovation,reach,tier,culture_notes,language_notes,owner_id,lead_site_id,parent_id}'::text[] LOOP
        CONTINUE WHEN before -> field <> 'null';
        SELECT to_jsonb(p) -> field INTO value FROM partner p, unnest(p_partners) WITH ORDINALITY w (id, place)
        WHERE p.id = w.id AND to_jsonb(p) -> field <> 'null' ORDER BY w.place LIMIT 1;
        filled := filled || coalesce(jsonb_build_object(field, value), '{}');
        value := NULL;
    END LOOP;
    filled := jsonb_strip_nulls(filled);
    UPDATE partner p SET
        ein = r.ein, website = r.website, email = r.email, phone = r.phone, street = r.street, city = r.city,
        state = r.state, postal_code = r.postal_code, description = r.description, strengths = r.strengths,
        innovation = r.innovation, reach = r.reach, tier = r.tier, culture_notes = r.culture_notes,
        language_notes = r.language_notes, owner_id = r.owner_id, lead_site_id = r.lead_site_id,
        parent_id = r.parent_id,
        aliases = ARRAY(
            SELECT a.alias FROM (
                SELECT u.alias, min(u.place) AS place FROM (
                    SELECT x, n FROM unnest(p.aliases) WITH ORDINALITY AS a (x, n)
                    UNION ALL SELECT o.name, 1000 FROM partner o WHERE o.id = ANY (p_partners)
                    UNION ALL SELECT x, 2000 FROM partner o, unnest(o.aliases) AS x
                    WHERE o.id = ANY (p_partners)) AS u (alias, place)
                WHERE u.alias <> p.name GROUP BY u.alias) AS a
            ORDER BY a.place, a.alias LIMIT 100)
    FROM jsonb_populate_record(NULL::partner, before || filled) AS r
    WHERE p.id = p_id;
    RETURN filled;
END
$$;

-- Several records of one partner become the one; as the owner, since what refers to them is of many tables.
CREATE OR REPLACE FUNCTION partner_merge_all(p_id uuid, p_partners uuid[], p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reference record;
    old_aliases text[];
    filled jsonb;
    moved jsonb := '[]';
BEGIN
    SELECT p.aliases INTO old_aliases FROM partner p WHERE p.id = p_id;
    -- First out of the way: what is unique is unique among those that are not archived.
    UPDATE partner p SET archived_at = current_setting('kith.now')::timestamptz, merged_into = p_id
    WHERE p.id = ANY (p_partners);
    filled := partner_union(p_id, p_partners);
    FOR reference IN SELECT * FROM partner_references() r
                     ORDER BY r.name <> 'partnership', r.name, r.field LOOP -- what belongs to one follows it
        moved := moved || partner_move_references(reference.name, reference.field, reference.only_if,
                                                  p_partners, p_id);
    END LOOP;
    INSERT INTO partner_merge (district_id, id, partner_id, merged, user_id, reason, changes)
    VALUES (current_setting('kith.district')::uuid, uuid7(), p_id, p_partners,
            nullif(current_setting('kith.user'), '')::uuid, p_reason,
            jsonb_build_object('aliases', to_jsonb(old_aliases), 'filled', filled, 'moved', moved));
    PERFORM partner_derive_stage(current_setting('kith.district')::uuid, p_id);
END
$$;

CREATE OR REPLACE FUNCTION partner_merge(p_id uuid, p_version bigint, p_partners jsonb, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    partners uuid[] := ARRAY(SELECT DISTINCT w::uuid FROM jsonb_array_elements_text(p_partners) AS w);
    one uuid;
BEGIN
    PERFORM lock_row('partner', p_id, p_version);
    FOREACH one IN ARRAY partners LOOP
        PERFORM FROM partner p WHERE p.id = one FOR UPDATE;
    END LOOP;
    PERFORM partner_merge_check(p_id, partners);
    PERFORM partner_merge_all(p_id, partners, p_reason);
END
$$;

-- What was moved goes back where it still is as the merge left it; what was changed since stays.
CREATE OR REPLACE FUNCTION partner_merge_take_back(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    merge partner_merge;
    moved record;
    field text;
BEGIN
    SELECT * INTO merge FROM partner_merge m
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = p_id;
    FOR moved IN SELECT * FROM jsonb_to_recordset(merge.changes -> 'moved')
                     AS m ("table" text, field text, id uuid, "from" uuid, archived boolean) LOOP
        EXECUTE format('UPDATE %1$s SET %2$I = $1%3$s WHERE id = $2 AND %2$I = $3', moved."table",
                       moved.field, CASE WHEN moved.archived THEN ', archived_at = NULL' ELSE '' END)
        USING moved."from", moved.id, merge.partner_id;
    END LOOP;
    FOR field IN SELECT f FROM jsonb_object_keys(merge.changes -> 'filled') AS f LOOP
        EXECUTE format('UPDATE partner p SET %1$I = NULL
                        WHERE p.id = $1 AND to_jsonb(p) -> %1$L = $2 -> %1$L', field)
        USING merge.partner_id, merge.changes -> 'filled';
    END LOOP;
    UPDATE partner p SET aliases = ARRAY(
        SELECT a FROM unnest(p.aliases) AS a
        WHERE merge.changes -> 'aliases' ? a OR NOT EXISTS (
            SELECT FROM partner o WHERE o.id = ANY (merge.merged) AND (o.name = a OR a = ANY (o.aliases))))
    WHERE p.id = merge.partner_id;
    UPDATE partner p SET merged_into = NULL, archived_at = NULL
    WHERE p.id = ANY (merge.merged) AND p.merged_into = merge.partner_id;
    UPDATE partner_merge m SET undone_at = current_setting('kith.now')::timestamptz WHERE m.id = p_id;
    PERFORM partner_derive_stage(merge.district_id, o) FROM unnest(merge.partner_id || merge.merged) AS o;
END
$$;

CREATE OR REPLACE FUNCTION partner_merge_undo(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    merge partner_merge;
BEGIN
    SELECT * INTO merge FROM partner_merge m WHERE m.id = p_id;
    IF merge.id IS NULL THEN
        RAISE EXCEPTION 'no row to act on' USING ERRCODE = 'KI404';
    ELSIF merge.version <> p_version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    END IF;
    PERFORM lock_row('partner', merge.partner_id, NULL);
    IF merge.undone_at IS NOT NULL OR EXISTS (
        SELECT FROM partner_merge m
        WHERE m.partner_id = merge.partner_id AND m.id > p_id AND m.undone_at IS NULL) THEN
        PERFORM refuse_state('It is undone already, or a later one has to be undone first.',
                             jsonb_build_object('status', CASE WHEN merge.undone_at IS NULL THEN 'merged'
                                                               ELSE 'undone' END));
    END IF;
    PERFORM partner_merge_take_back(p_id);
END
$$;

REVOKE EXECUTE ON FUNCTION partner_plain_name, partner_alike, partner_duplicates, partner_references,
    partner_move_references, partner_merge_check, partner_union, partner_merge_all, partner_merge,
    partner_merge_take_back, partner_merge_undo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_fold, partner_plain_name, partner_alike, partner_duplicates,
    partner_merge_check, partner_merge_all, partner_merge, partner_merge_take_back, partner_merge_undo
    TO kith_api;

RESET ROLE;
