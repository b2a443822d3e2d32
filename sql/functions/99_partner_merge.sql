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

DROP FUNCTION IF EXISTS partner_references(), partner_move_references(text, text, text, uuid[], uuid),
    partner_union(uuid, uuid[]);

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

-- What the one record says once it has what the others say, their names as its aliases, and got as far as any of them.
CREATE OR REPLACE FUNCTION partner_union(p_id uuid, p_partners uuid[]) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT merge_union('partner', p_id, p_partners, '{ein,website,email,phone,street,city,state,postal_code,
            description,strengths,innovation,reach,tier,owner_id,lead_site_id,parent_id}',
            '{culture_notes,language_notes}')
        || jsonb_build_object(
            'funding_types', ARRAY(SELECT DISTINCT f FROM partner o, unnest(o.funding_types) AS f
                                   WHERE o.id = ANY (p_id || p_partners) ORDER BY f),
            'in_directory', (SELECT bool_or(o.in_directory) FROM partner o WHERE o.id = ANY (p_id || p_partners)),
            'stage', CASE WHEN p.stage IN ('prospect', 'contacted', 'vetting') THEN (
                SELECT o.stage FROM partner o
                WHERE o.id = ANY (p_id || p_partners) AND o.stage IN ('prospect', 'contacted', 'vetting', 'approved')
                ORDER BY array_position('{approved,vetting,contacted}', o.stage) NULLS LAST LIMIT 1)
                ELSE p.stage END,
            'aliases', merge_list(p.aliases, ARRAY(
                SELECT n.name FROM unnest(p_partners) WITH ORDINALITY AS w (id, place)
                JOIN partner o ON o.id = w.id
                CROSS JOIN LATERAL unnest(o.name || o.aliases) WITH ORDINALITY AS n (name, number)
                ORDER BY n.number > 1, w.place, n.number), p.name))
    FROM partner p WHERE p.id = p_id;
END;

-- Several records of one partner become the one; as the owner, since what refers to them is of many tables.
CREATE OR REPLACE FUNCTION partner_merge_all(p_id uuid, p_partners uuid[], p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old_aliases text[];
    fields jsonb;
    moved jsonb := merge_move('partner', p_partners, p_id);
    put jsonb := merge_filters(p_partners, p_id);
BEGIN
    SELECT p.aliases INTO old_aliases FROM partner p WHERE p.id = p_id;
    fields := partner_union(p_id, p_partners);
    -- Out of the way: what is unique is unique among those that are not archived.
    UPDATE partner p SET archived_at = current_setting('kith.now')::timestamptz, merged_into = p_id
    WHERE p.id = ANY (p_partners);
    put := put || merge_doubts(NULL, p_id) || merge_put('partner', p_id, fields - 'aliases');
    PERFORM merge_put('partner', p_id, jsonb_build_object('aliases', fields -> 'aliases'));
    INSERT INTO partner_merge (district_id, id, partner_id, merged, user_id, reason, changes)
    VALUES (current_setting('kith.district')::uuid, uuid7(), p_id, p_partners,
            nullif(current_setting('kith.user'), '')::uuid, p_reason,
            jsonb_build_object('aliases', to_jsonb(old_aliases), 'put', put, 'moved', moved));
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

CREATE OR REPLACE FUNCTION partner_merge_take_back(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    merge partner_merge;
BEGIN
    SELECT * INTO merge FROM partner_merge m
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = p_id;
    PERFORM merge_put_back(merge.changes -> 'put');
    PERFORM merge_put_back((
        SELECT jsonb_agg(jsonb_build_object('table', 'partner', 'id', merge.partner_id, 'field', f.key,
                                            'from', NULL, 'to', f.value))
        FROM jsonb_each(merge.changes -> 'filled') f)); -- as merges of before were kept
    UPDATE partner p SET aliases = merge_list_back(p.aliases, merge.changes -> 'aliases', ARRAY(
        SELECT n FROM partner o, unnest(o.name || o.aliases) AS n WHERE o.id = ANY (merge.merged)))
    WHERE p.id = merge.partner_id;
    UPDATE partner p SET merged_into = NULL, archived_at = NULL
    WHERE p.id = ANY (merge.merged) AND p.merged_into = merge.partner_id;
    PERFORM merge_move_back('partner', merge.changes -> 'moved', merge.partner_id);
    UPDATE partner_merge m SET undone_at = current_setting('kith.now')::timestamptz WHERE m.id = p_id;
    PERFORM partner_derive_stage(merge.district_id, o) FROM unnest(merge.partner_id || merge.merged) AS o;
END
$$;

CREATE OR REPLACE FUNCTION partner_merge_undo(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM merge_take('partner', p_id, p_version);
    PERFORM partner_merge_take_back(p_id);
END
$$;

REVOKE EXECUTE ON FUNCTION partner_plain_name, partner_alike, partner_duplicates, partner_merge_check, partner_union,
    partner_merge_all, partner_merge, partner_merge_take_back, partner_merge_undo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_fold, partner_plain_name, partner_alike, partner_duplicates,
    partner_merge_check, partner_merge_all, partner_merge, partner_merge_take_back, partner_merge_undo
    TO kith_api;

RESET ROLE;
