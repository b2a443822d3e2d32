-- What there is to see of a departure.

SET ROLE kith_owner;

-- Whether a departure is about the part of the district that the context directs: of a contact of its partners, of a user
-- who works or leads partnerships there; or of what the context takes over.
CREATE OR REPLACE FUNCTION departure_concerns(
    p_user uuid, p_contact uuid, p_partner uuid, p_receiver uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    RETURN is_me(p_user) OR is_me(p_receiver)
        OR p_contact IS NOT NULL AND contact_is_read(p_contact)
        OR p_partner IS NOT NULL AND partner_is_read(p_partner)
        OR EXISTS (SELECT FROM user_grant g
                   JOIN site s ON s.district_id = g.district_id
                       AND g.scope_id = CASE g.scope_kind WHEN 'site' THEN s.id WHEN 'network' THEN s.network_id END
                   WHERE g.district_id = district AND g.user_id = p_user AND g.archived_at IS NULL AND runs_at(s.id))
        OR EXISTS (SELECT FROM partnership_role r
                   JOIN partnership p ON p.district_id = r.district_id AND p.id = r.partnership_id
                   WHERE r.district_id = district AND r.user_id = p_user AND r.archived_at IS NULL
                     AND runs_at(p.lead_site_id));
END
$$;

-- Who directs a part of the district reads what concerns it, and who receives what of that.
DROP POLICY IF EXISTS readers ON departure;
CREATE POLICY readers ON departure AS RESTRICTIVE FOR SELECT TO kith_api
    USING (NOT kith_has_role('part') OR departure_concerns(user_id, contact_id, partner_id, receiver_user_id));
DROP POLICY IF EXISTS readers ON departure_receiver;
CREATE POLICY readers ON departure_receiver AS RESTRICTIVE FOR SELECT TO kith_api
    USING (NOT kith_has_role('part') OR is_me(user_id) OR EXISTS (
        SELECT FROM departure d
        WHERE d.district_id = departure_receiver.district_id AND d.id = departure_receiver.departure_id));

-- Items as the inventory shows them.
CREATE OR REPLACE FUNCTION departure_list(p_items jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'resource', i.item -> 'resource', 'subject_id', i.item -> 'subject_id', 'title', i.item -> 'title',
        'way', i.item -> 'way', 'receiver_id', i.item -> 'receiver_id', 'given_by', i.item -> 'given_by',
        'is_lacking', i.item -> 'is_lacking',
        'receiver_name', coalesce(
            (SELECT u.name FROM app_user u WHERE u.id = (i.item ->> 'receiver_id')::uuid),
            (SELECT c.name FROM contact c WHERE c.id = (i.item ->> 'receiver_id')::uuid)))
        ORDER BY i.place), '[]')
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, place));

-- What waits for somebody, most of it by what is handed over: of a user all tasks, and what he meant to come back to;
-- of a contact halves of check-ins and agreements to be acknowledged.
CREATE OR REPLACE FUNCTION departure_waiting(d departure)
RETURNS TABLE (kind text, resource text, subject_id uuid, title text, due_on date)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF d.user_id IS NOT NULL THEN
        RETURN QUERY SELECT t.kind, t.resource, t.subject_id, t.title, t.due_on
                     FROM my_tasks(d.user_id, district_today()) t
                     UNION ALL
                     SELECT 'interaction_follow_up', 'interactions', i.id, i.subject, i.follow_up_on
                     FROM interaction i
                     WHERE i.user_id = d.user_id AND i.followed_up_on IS NULL AND i.archived_at IS NULL
                       AND i.follow_up_on > district_today() + 14; -- what is nearer is a task
        RETURN;
    END IF;
    RETURN QUERY
    WITH led AS (
        SELECT p.* FROM partnership p
        WHERE p.archived_at IS NULL AND p.partner_id = coalesce(d.partner_id, p.partner_id)
          AND EXISTS (SELECT FROM partnership_leads(p.id) l WHERE l.contact_id = d.contact_id)
    )
    SELECT 'check_in_half', 'check_ins', c.id, p.name, c.due_on
    FROM led p
    JOIN check_in c ON c.partnership_id = p.id AND c.status = 'open' AND c.archived_at IS NULL
    WHERE NOT EXISTS (SELECT FROM check_in_half h
                      WHERE h.check_in_id = c.id AND h.side = 'partner' AND h.status = 'submitted')
    UNION ALL
    SELECT DISTINCT 'agreement_acknowledgment', 'agreements', a.id, a.title, a.effective_on
    FROM led p
    JOIN agreement_partnership l ON l.partnership_id = p.id AND l.archived_at IS NULL
    JOIN agreement a ON a.id = l.agreement_id AND a.status = 'out_for_signature' AND a.partner_at IS NULL
        AND a.archived_at IS NULL;
END
$$;

CREATE OR REPLACE FUNCTION departure_inventory(p_id uuid, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS MATERIALIZED (
        SELECT d.*, coalesce(d.items, departure_list((
                   SELECT coalesce(jsonb_agg(to_jsonb(i)), '[]') FROM departure_items(d.id) i))) AS listed
        FROM departure d WHERE d.id = p_id
    ), item AS MATERIALIZED (
        SELECT e.item, e.place FROM found f
        CROSS JOIN LATERAL jsonb_array_elements(f.listed) WITH ORDINALITY AS e (item, place)
    )
    SELECT jsonb_build_object(
        'departure_id', f.id, 'status', f.status, 'on_date', f.on_date,
        'person', coalesce((SELECT u.name FROM app_user u WHERE u.id = f.user_id),
                           (SELECT c.name FROM contact c WHERE c.id = f.contact_id)),
        'total', (SELECT count(*) FROM item),
        'lacking', (SELECT count(*) FROM item i WHERE (i.item -> 'is_lacking')::boolean),
        'counts', coalesce((
            SELECT jsonb_agg(jsonb_build_object('resource', c.resource, 'count', c.many) ORDER BY c.resource)
            FROM (SELECT i.item ->> 'resource' AS resource, count(*) AS many FROM item i GROUP BY 1) AS c), '[]'),
        'items', coalesce((
            SELECT jsonb_agg(i.item ORDER BY i.place) FROM item i WHERE i.place <= p_most), '[]'),
        'waiting', CASE WHEN f.status <> 'planned' THEN '[]' ELSE coalesce((
            SELECT jsonb_agg(to_jsonb(w) ORDER BY w.due_on, w.kind, w.subject_id)
            FROM (SELECT * FROM departure_waiting((SELECT t FROM departure t WHERE t.id = f.id)) q
                  ORDER BY q.due_on, q.kind, q.subject_id LIMIT p_most) AS w), '[]') END)
    FROM found f;
END;

-- A departure that cannot be handed over as it is, or whose day has come, waits for who runs the program.
CREATE OR REPLACE FUNCTION my_departure(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF user_has_role(p_user, '{admin,director}', p_day) THEN
        RETURN QUERY
        SELECT d.id, coalesce(u.name, c.name), d.on_date, NULL::uuid
        FROM departure d
        LEFT JOIN app_user u ON u.district_id = d.district_id AND u.id = d.user_id
        LEFT JOIN contact c ON c.district_id = d.district_id AND c.id = d.contact_id
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.status = 'planned'
          AND d.archived_at IS NULL
          AND (d.on_date <= p_day OR departure_missing(d.id, 'hand_over') <> '{}');
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION departure_concerns, departure_list, departure_waiting, departure_inventory, my_departure FROM PUBLIC;
GRANT EXECUTE ON FUNCTION departure_concerns, departure_list, departure_waiting, departure_inventory, my_departure TO kith_api;

RESET ROLE;
