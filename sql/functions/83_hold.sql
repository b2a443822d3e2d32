-- What keeps records where they are, whatever a schedule or an erasure says: legal holds, and records requests that
-- nobody has delivered yet.

SET ROLE kith_owner;

-- Who directs a part of the district reads neither: what they are about is the whole district's. Whoever reviews for the
-- law does.
DROP POLICY IF EXISTS readers ON legal_hold;
CREATE POLICY readers ON legal_hold AS RESTRICTIVE FOR SELECT TO kith_api
    USING ((SELECT kith_has_role('reviewer') OR NOT kith_has_role('part')));
DROP POLICY IF EXISTS readers ON records_request;
CREATE POLICY readers ON records_request AS RESTRICTIVE FOR SELECT TO kith_api
    USING ((SELECT kith_has_role('reviewer') OR NOT kith_has_role('part')));

-- Those of a day, by what they are about.
CREATE OR REPLACE FUNCTION holds(p_day date)
RETURNS TABLE (kind text, id uuid, contact_id uuid, user_id uuid, partner_id uuid, partnership_id uuid, matter text,
               from_date date, until_date date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'legal_hold', h.id, h.contact_id, h.user_id, h.partner_id, h.partnership_id, h.matter, h.from_date, h.until_date
    FROM legal_hold h
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.status = 'held' AND h.archived_at IS NULL
      AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
    UNION ALL
    SELECT 'records_request', r.id, r.contact_id, r.user_id, r.partner_id, NULL, r.requester, r.received_on, NULL
    FROM records_request r
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.status IN ('received', 'gathering', 'ready')
      AND r.archived_at IS NULL;
END;

-- The ids of what is held on a day: of a partner also its partnerships and whoever has or had a place there, of a person
-- both the contact and the user.
CREATE OR REPLACE FUNCTION held_ids(p_day date) RETURNS uuid[]
LANGUAGE sql STABLE
RETURN ARRAY(
    WITH held AS MATERIALIZED (
        SELECT h.* FROM holds(p_day) h
    ), contacts AS MATERIALIZED (
        SELECT h.contact_id AS id FROM held h
        UNION
        SELECT a.contact_id FROM held h
        JOIN affiliation a ON a.district_id = current_setting('kith.district')::uuid AND a.partner_id = h.partner_id
        UNION
        SELECT u.contact_id FROM held h
        JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = h.user_id
    )
    SELECT n.id FROM held h CROSS JOIN LATERAL unnest(ARRAY[h.user_id, h.partner_id, h.partnership_id]) AS n (id)
    WHERE n.id IS NOT NULL
    UNION
    SELECT p.id FROM held h
    JOIN partnership p ON p.district_id = current_setting('kith.district')::uuid AND p.partner_id = h.partner_id
    UNION
    SELECT c.id FROM contacts c WHERE c.id IS NOT NULL
    UNION
    SELECT u.id FROM contacts c
    JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.contact_id = c.id);

DROP FUNCTION IF EXISTS legal_holds(date); -- of before requests held, too

CREATE OR REPLACE FUNCTION legal_hold_release(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    h legal_hold;
BEGIN
    PERFORM lock_row('legal_hold', p_id, p_version);
    SELECT * INTO STRICT h FROM legal_hold o WHERE o.id = p_id;
    UPDATE legal_hold o SET status = transition('legal_hold', 'release', h.status), release_reason = p_reason,
        released_at = current_setting('kith.now')::timestamptz, released_by = current_setting('kith.user')::uuid
    WHERE o.district_id = h.district_id AND o.id = h.id;
END
$$;

REVOKE EXECUTE ON FUNCTION holds, held_ids, legal_hold_release FROM PUBLIC;
GRANT EXECUTE ON FUNCTION holds, held_ids, legal_hold_release TO kith_api;

RESET ROLE;
