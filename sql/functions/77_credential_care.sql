-- Who is told before a credential ends, and when.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS credentials_remind(date); -- of an earlier version

-- Those of partners that the district works with, that end within so many days or have ended in the last
-- thirty, and that nothing follows.
CREATE OR REPLACE FUNCTION credentials_ending(p_today date, p_days integer) RETURNS SETOF credential
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c
    FROM credential c
    JOIN partner r ON r.district_id = c.district_id AND r.id = c.partner_id AND r.archived_at IS NULL
        AND r.stage IN ('approved', 'active', 'dormant')
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.archived_at IS NULL
      AND c.status <> 'rejected' AND c.expires_on BETWEEN p_today - 30 AND p_today + p_days
      AND NOT credential_is_followed(c);
END;

-- Whom the district writes to about a partner's papers: who leads its running partnerships on its side; if
-- nobody does, who has a place there today.
CREATE OR REPLACE FUNCTION partner_correspondents(p_partner uuid)
RETURNS TABLE (contact_id uuid, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH lead AS (
        SELECT DISTINCT ON (l.contact_id) l.contact_id, p.id AS partnership_id
        FROM partnership p
        CROSS JOIN LATERAL partnership_leads(p.id) l
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.partner_id = p_partner
          AND p.status NOT IN ('ended', 'declined') AND p.archived_at IS NULL AND l.contact_id IS NOT NULL
        ORDER BY l.contact_id, p.status <> 'active', p.id)
    SELECT lead.contact_id, lead.partnership_id FROM lead
    UNION ALL
    SELECT DISTINCT a.contact_id, NULL::uuid
    FROM affiliation a
    JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id AND c.status = 'active'
        AND c.archived_at IS NULL
    WHERE NOT EXISTS (SELECT FROM lead)
      AND a.district_id = current_setting('kith.district')::uuid AND a.partner_id = p_partner
      AND a.archived_at IS NULL
      AND district_today() BETWEEN coalesce(a.from_date, '-infinity') AND coalesce(a.until_date, 'infinity');
END;

-- Tells the partner's side at each of the district's lead times, and once when it has ended; of several lead
-- times that have come at once, the last. p_only: of these partners; NULL: of all.
CREATE OR REPLACE FUNCTION credentials_remind(p_today date, p_only uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    told record;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    FOR told IN EXECUTE
        'SELECT c.id, c.kind, c.label, c.expires_on, r.name AS partner, w.contact_id, w.partnership_id,
                c.expires_on < $1 AS is_over, (
                    SELECT min(l) FROM unnest(d.credential_lead_days) AS l
                    WHERE c.expires_on - $1 <= l) AS lead
         FROM district d
         CROSS JOIN LATERAL credentials_ending(
             $1, coalesce((SELECT max(l) FROM unnest(d.credential_lead_days) AS l), -1)) c
         JOIN partner r ON r.district_id = d.id AND r.id = c.partner_id
         CROSS JOIN LATERAL partner_correspondents(c.partner_id) w
         WHERE d.id = current_setting(''kith.district'')::uuid AND ($2 IS NULL OR c.partner_id = ANY ($2))
         ORDER BY c.id, w.contact_id'
        USING p_today, p_only
    LOOP
        PERFORM message_queue(
            'duty', 'agreements', 'credential_notice', told.id, told.contact_id, NULL,
            CASE WHEN told.is_over THEN format('expired %s', told.expires_on)
                 ELSE format('expires %s, %s', told.expires_on, told.lead) END,
            jsonb_build_object('is_over', told.is_over, 'is_expiring', NOT told.is_over, 'credential', told.kind,
                               'label', told.label, 'partner', told.partner, 'on', told.expires_on),
            business_now, business_now + interval '14 days', told.partnership_id);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION credentials_ending, partner_correspondents, credentials_remind FROM PUBLIC;
GRANT EXECUTE ON FUNCTION credentials_ending, partner_correspondents TO kith_api;

RESET ROLE;
