-- How many people on each side have a part in a partnership, a partner's work, or a site's: when as many leave,
-- nobody is left who knows.

SET ROLE kith_owner;

-- Who has a role today in a partnership that runs, and is still there.
CREATE OR REPLACE FUNCTION role_holders()
RETURNS TABLE (partnership_id uuid, partner_id uuid, side text, person uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.id, p.partner_id, r.side, coalesce(r.user_id, r.contact_id)
    FROM partnership p
    JOIN partnership_role r ON r.district_id = p.district_id AND r.partnership_id = p.id
        AND r.archived_at IS NULL
        AND (SELECT district_today()) BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity')
    LEFT JOIN app_user u ON u.district_id = r.district_id AND u.id = r.user_id
    LEFT JOIN contact c ON c.district_id = r.district_id AND c.id = r.contact_id
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
      AND p.status IN ('active', 'paused', 'renewing')
      AND (u.status = 'active' AND u.archived_at IS NULL OR c.status = 'active' AND c.archived_at IS NULL);
END;

-- What runs, with how many people there are on each side of it.
CREATE OR REPLACE FUNCTION bus_factors(p_kind text)
RETURNS TABLE (id uuid, name text, district bigint, partner bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH holder AS MATERIALIZED (SELECT * FROM role_holders()),
    place AS ( -- of what each partnership that runs is a part
        SELECT DISTINCT p.id AS partnership_id, CASE p_kind
            WHEN 'partnership' THEN p.id WHEN 'partner' THEN p.partner_id
            ELSE coalesce(s.site_id, p.lead_site_id) END AS id
        FROM partnership p
        LEFT JOIN partnership_site s ON p_kind = 'site' AND s.district_id = p.district_id
            AND s.partnership_id = p.id AND s.archived_at IS NULL
            AND coalesce(s.until_date, 'infinity') >= (SELECT district_today())
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
          AND p.status IN ('active', 'paused', 'renewing')
        UNION
        SELECT p.id, p.lead_site_id FROM partnership p
        WHERE p_kind = 'site' AND p.district_id = current_setting('kith.district')::uuid
          AND p.archived_at IS NULL AND p.status IN ('active', 'paused', 'renewing')
    ), person AS ( -- each once
        SELECT DISTINCT l.id, h.side, h.person FROM place l LEFT JOIN holder h ON h.partnership_id = l.partnership_id
    ), counted AS (
        SELECT p.id, count(*) FILTER (WHERE p.side = 'district') AS district,
               count(*) FILTER (WHERE p.side = 'partner') AS partner
        FROM person p GROUP BY p.id
    )
    SELECT c.id, n.name, c.district, c.partner
    FROM counted c
    JOIN (SELECT t.id, t.name FROM partnership t WHERE p_kind = 'partnership'
          UNION ALL
          SELECT t.id, t.name FROM partner t WHERE p_kind = 'partner'
          UNION ALL
          SELECT t.id, t.name FROM site t WHERE p_kind = 'site') AS n (id, name) ON n.id = c.id;
END;

-- Those that hang on few, the fewest first; of a side, or of the side that has fewer. Of an id that one, however
-- many it has.
CREATE OR REPLACE FUNCTION bus_factor_document(
    p_kind text, p_id uuid, p_side text, p_at_most bigint, p_limit bigint)
RETURNS jsonb LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH counted AS MATERIALIZED (
        SELECT b.*, CASE p_side WHEN 'district' THEN b.district WHEN 'partner' THEN b.partner
                    ELSE least(b.district, b.partner) END AS people
        FROM bus_factors(p_kind) b
        WHERE b.id = coalesce(p_id, b.id)
    ), few AS MATERIALIZED (
        SELECT c.*, row_number() OVER (ORDER BY c.people, c.name, c.id) AS place
        FROM counted c WHERE p_id IS NOT NULL OR c.people <= p_at_most
    )
    SELECT jsonb_build_object('kind', p_kind, 'at_most', p_at_most, 'total', (SELECT count(*) FROM few),
        'items', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'district', f.district,
                                                'partner', f.partner, 'people', f.people) ORDER BY f.place)
            FROM few f WHERE f.place <= p_limit), '[]'));
END;

REVOKE EXECUTE ON FUNCTION role_holders, bus_factors, bus_factor_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION role_holders, bus_factors, bus_factor_document TO kith_api;

RESET ROLE;
