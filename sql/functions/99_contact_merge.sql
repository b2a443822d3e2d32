-- Several records of one person become one, and apart again; and which others may be of the same person.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION contact_duplicates(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_build_object('contact_id', c.id, 'duplicates', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'score', a.score, 'reasons', a.reasons)
                             ORDER BY a.score DESC, o.id)
            FROM (SELECT d.second_id AS id, d.score, d.reasons FROM duplicate_pair d
                  WHERE d.first_id = c.id AND NOT d.is_dismissed
                  UNION ALL
                  SELECT d.first_id, d.score, d.reasons FROM duplicate_pair d
                  WHERE d.second_id = c.id AND NOT d.is_dismissed) AS a
            JOIN contact o ON o.id = a.id), '[]'))
        FROM contact c WHERE c.id = p_id);

CREATE OR REPLACE FUNCTION contact_merge_check(p_id uuid, p_contacts uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_id = ANY (p_contacts) THEN
        PERFORM refuse_field('contact_ids', 'A contact is not merged into itself.');
    ELSIF EXISTS (SELECT FROM unnest(p_contacts) AS w (id)
                  LEFT JOIN contact c ON c.id = w.id AND c.archived_at IS NULL WHERE c.id IS NULL) THEN
        PERFORM refuse_field('contact_ids', 'One of "contact_ids" is no contact that is there.');
    END IF;
END
$$;

-- Who wants no mail of a topic under one of the records wants none under any.
CREATE OR REPLACE FUNCTION contact_merge_wishes(p_id uuid, p_contacts uuid[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    wish record;
    changes jsonb := '[]';
BEGIN
    FOR wish IN
        SELECT k.id FROM preference k
        WHERE k.contact_id = p_id AND k.archived_at IS NULL AND NOT k.opted_out AND EXISTS (
            SELECT FROM preference o
            WHERE o.contact_id = ANY (p_contacts) AND o.archived_at IS NULL AND o.opted_out
              AND o.topic IS NOT DISTINCT FROM k.topic AND o.channel IS NOT DISTINCT FROM k.channel) LOOP
        changes := changes || merge_put('preference', wish.id, '{"opted_out": true}');
    END LOOP;
    RETURN changes;
END
$$;

-- What the one record says once it has what the others say: they are called so, too, and were written to there.
CREATE OR REPLACE FUNCTION contact_union(p_id uuid, p_contacts uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    fields jsonb := merge_union('contact', p_id, p_contacts, '{email,phone,locale}', '{notes}');
    c contact;
    names text[];
    emails text[];
BEGIN
    SELECT o.* INTO c FROM contact o WHERE o.id = p_id;
    SELECT array_agg(o.name ORDER BY w.place), array_agg(o.email ORDER BY w.place) INTO names, emails
    FROM unnest(p_contacts) WITH ORDINALITY AS w (id, place) JOIN contact o ON o.id = w.id;
    names := names || ARRAY(SELECT a FROM contact o, unnest(o.aliases) AS a WHERE o.id = ANY (p_contacts));
    emails := emails || ARRAY(SELECT a FROM contact o, unnest(o.other_emails) AS a WHERE o.id = ANY (p_contacts));
    RETURN fields || jsonb_build_object(
        'aliases', merge_list(c.aliases, names, c.name),
        'other_emails', merge_list(c.other_emails, emails, fields ->> 'email'));
END
$$;

-- As the owner, since what refers to them is of many tables.
CREATE OR REPLACE FUNCTION contact_merge_all(p_id uuid, p_contacts uuid[], p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    put jsonb := contact_merge_wishes(p_id, p_contacts);
    moved jsonb := merge_move('contact', p_contacts, p_id);
    fields jsonb := contact_union(p_id, p_contacts);
    lists jsonb;
BEGIN
    SELECT jsonb_build_object('aliases', c.aliases, 'other_emails', c.other_emails) INTO lists
    FROM contact c WHERE c.id = p_id;
    UPDATE contact c SET archived_at = current_setting('kith.now')::timestamptz, merged_into = p_id
    WHERE c.id = ANY (p_contacts);
    put := put || merge_filters(p_contacts, p_id) || merge_doubts(p_id, NULL)
        || merge_put('contact', p_id, fields - '{aliases,other_emails}'::text[]);
    UPDATE contact c SET aliases = n.aliases, other_emails = n.other_emails
    FROM jsonb_populate_record(NULL::contact, fields) n WHERE c.id = p_id;
    INSERT INTO contact_merge (district_id, id, contact_id, merged, user_id, reason, changes)
    VALUES (current_setting('kith.district')::uuid, uuid7(), p_id, p_contacts,
            nullif(current_setting('kith.user'), '')::uuid, p_reason,
            jsonb_build_object('put', put, 'moved', moved) || lists);
    PERFORM contact_account(u.contact_id) FROM app_user u WHERE u.contact_id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION contact_merge(p_id uuid, p_version bigint, p_contacts jsonb, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    contacts uuid[] := ARRAY(SELECT DISTINCT w::uuid FROM jsonb_array_elements_text(p_contacts) AS w);
BEGIN
    PERFORM lock_row('contact', p_id, p_version);
    PERFORM FROM contact c WHERE c.id = ANY (contacts) ORDER BY c.id FOR UPDATE;
    PERFORM contact_merge_check(p_id, contacts);
    PERFORM contact_merge_all(p_id, contacts, p_reason);
END
$$;

CREATE OR REPLACE FUNCTION contact_merge_take_back(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    merge contact_merge;
BEGIN
    SELECT * INTO merge FROM contact_merge m
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = p_id;
    PERFORM merge_put_back(merge.changes -> 'put');
    UPDATE contact c SET
        aliases = merge_list_back(c.aliases, merge.changes -> 'aliases', ARRAY(
            SELECT n FROM contact o, unnest(o.name || o.aliases) AS n WHERE o.id = ANY (merge.merged))),
        other_emails = merge_list_back(c.other_emails, merge.changes -> 'other_emails', ARRAY(
            SELECT n FROM contact o, unnest(o.email || o.other_emails) AS n
            WHERE o.id = ANY (merge.merged) AND n IS NOT NULL))
    WHERE c.id = merge.contact_id;
    UPDATE contact c SET merged_into = NULL, archived_at = NULL
    WHERE c.id = ANY (merge.merged) AND c.merged_into = merge.contact_id;
    PERFORM merge_move_back('contact', coalesce(merge.changes -> 'moved', '[]'), merge.contact_id);
    UPDATE contact_merge m SET undone_at = current_setting('kith.now')::timestamptz WHERE m.id = p_id;
    PERFORM contact_account(u.contact_id) FROM app_user u WHERE u.contact_id = ANY (merge.contact_id || merge.merged);
END
$$;

CREATE OR REPLACE FUNCTION contact_merge_undo(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM merge_take('contact', p_id, p_version);
    PERFORM contact_merge_take_back(p_id);
END
$$;

REVOKE EXECUTE ON FUNCTION contact_duplicates, contact_merge_check, contact_merge_wishes, contact_union, contact_merge_all, contact_merge,
    contact_merge_take_back, contact_merge_undo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact_duplicates, contact_merge_check, contact_merge_all, contact_merge,
    contact_merge_take_back, contact_merge_undo TO kith_api;

RESET ROLE;
