-- Who met whom at a convening, by who came; and the introductions that it was.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION convening_came(p_id uuid)
RETURNS TABLE (invitee_id uuid, contact_id uuid, user_id uuid, person uuid, name text, partner_id uuid,
               partner_name text, guests bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.id, i.contact_id, i.user_id, coalesce(i.contact_id, i.user_id), coalesce(k.name, u.name), r.id, r.name,
           i.guests
    FROM convening_invitee i
    LEFT JOIN contact k ON k.district_id = i.district_id AND k.id = i.contact_id
    LEFT JOIN app_user u ON u.district_id = i.district_id AND u.id = i.user_id
    LEFT JOIN partner r ON r.district_id = i.district_id AND r.id = convening_partner_of(i)
    WHERE i.convening_id = p_id AND i.attended AND i.archived_at IS NULL;
END;

-- Two people who had come to the same convening before, or of whom somebody wrote down that they met.
CREATE OR REPLACE FUNCTION convening_had_met(c convening, p_one uuid, p_other uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
        SELECT FROM convening_invitee x
        JOIN convening_invitee y ON y.district_id = x.district_id AND y.convening_id = x.convening_id
            AND coalesce(y.contact_id, y.user_id) = p_other AND y.attended AND y.archived_at IS NULL
        JOIN convening o ON o.district_id = x.district_id AND o.id = x.convening_id AND o.starts_at < c.starts_at
        WHERE x.district_id = c.district_id AND (x.contact_id = p_one OR x.user_id = p_one)
          AND x.attended AND x.archived_at IS NULL)
    OR EXISTS (
        SELECT FROM interaction n
        WHERE n.district_id = c.district_id AND n.archived_at IS NULL AND n.on_date < convening_day(c)
          AND (n.contact_id, n.user_id) IN ((p_one, p_other), (p_other, p_one)));

-- Partners who came to a site, with which they had neither worked nor met: the site's own convening, or, at one of a
-- network or the district, the sites whose people came.
CREATE OR REPLACE FUNCTION convening_first_meetings(c convening)
RETURNS TABLE (partner_id uuid, partner_name text, site_id uuid, site_name text, contact_id uuid,
               introduction_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH came AS MATERIALIZED (SELECT w.* FROM convening_came(c.id) w),
    place AS (
        SELECT c.site_id AS id WHERE c.site_id IS NOT NULL
        UNION
        SELECT o.site_id FROM came w
        JOIN post_holder h ON h.district_id = c.district_id AND h.user_id = w.user_id AND h.archived_at IS NULL
            AND convening_day(c) BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
        JOIN post o ON o.district_id = h.district_id AND o.id = h.post_id
        WHERE c.site_id IS NULL AND o.site_id IN (SELECT s FROM convening_sites(c) s))
    SELECT DISTINCT ON (w.partner_id, s.id) w.partner_id, w.partner_name, s.id, s.name, w.contact_id,
           (SELECT n.id FROM introduction n
            WHERE n.district_id = c.district_id AND n.partner_id = w.partner_id AND n.site_id = s.id
              AND n.archived_at IS NULL ORDER BY n.on_date, n.id LIMIT 1)
    FROM came w
    CROSS JOIN place l
    JOIN site s ON s.district_id = c.district_id AND s.id = l.id
    WHERE w.partner_id IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM partnership p
        WHERE p.district_id = c.district_id AND p.partner_id = w.partner_id AND p.archived_at IS NULL
          AND (p.activated_at < c.starts_at OR p.starts_on < convening_day(c))
          AND (p.lead_site_id = s.id OR EXISTS (
              SELECT FROM partnership_site m
              WHERE m.district_id = p.district_id AND m.partnership_id = p.id AND m.site_id = s.id)))
      AND NOT EXISTS (
        SELECT FROM interaction n
        WHERE n.district_id = c.district_id AND n.partner_id = w.partner_id AND n.site_id = s.id
          AND n.on_date < convening_day(c) AND n.archived_at IS NULL)
    ORDER BY w.partner_id, s.id, w.name;
END;

CREATE OR REPLACE FUNCTION convening_meetings(p_id uuid, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    WITH asked AS MATERIALIZED (SELECT t AS c, t.id FROM convening t WHERE t.id = p_id),
    came AS MATERIALIZED (SELECT w.* FROM convening_came(p_id) w),
    pair AS MATERIALIZED (
        SELECT a.contact_id AS a_contact, a.user_id AS a_user, a.name AS a_name, a.partner_name AS a_partner,
               b.contact_id AS b_contact, b.user_id AS b_user, b.name AS b_name, b.partner_name AS b_partner,
               NOT convening_had_met(k.c, a.person, b.person) AS is_first
        FROM asked k CROSS JOIN came a
        -- Contacts first; colleagues know each other.
        JOIN came b ON a.contact_id IS NOT NULL
            AND (b.contact_id IS NULL OR a.person < b.person AND (a.partner_id = b.partner_id) IS NOT TRUE))
    SELECT jsonb_build_object(
        'convening_id', p_id, 'people', (SELECT count(*) FROM came),
        'guests', (SELECT coalesce(sum(w.guests), 0) FROM came w),
        'partners', (SELECT count(DISTINCT w.partner_id) FROM came w),
        'pairs_total', (SELECT count(*) FROM pair),
        'pairs_first', (SELECT count(*) FROM pair p WHERE p.is_first),
        'has_more', (SELECT count(*) > p_most FROM pair),
        'pairs', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'contact_id', f.a_contact, 'contact_name', f.a_name, 'partner_name', f.a_partner,
                'with_contact_id', f.b_contact, 'with_user_id', f.b_user, 'with_name', f.b_name,
                'with_partner_name', f.b_partner, 'is_first', f.is_first)
                ORDER BY f.is_first DESC, f.a_name, f.b_name, f.a_contact, f.b_contact, f.b_user)
            FROM (SELECT * FROM pair p
                  ORDER BY p.is_first DESC, p.a_name, p.b_name, p.a_contact, p.b_contact, p.b_user
                  LIMIT p_most) AS f), '[]'),
        'first_meetings', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'partner_id', m.partner_id, 'partner_name', m.partner_name, 'site_id', m.site_id,
                'site_name', m.site_name, 'introduction_id', m.introduction_id)
                ORDER BY m.partner_name, m.site_name, m.partner_id, m.site_id)
            FROM convening_first_meetings(k.c) m), '[]'))
    FROM asked k);

-- First meetings of partners and sites are kept as introductions, those that are not.
CREATE OR REPLACE FUNCTION convening_introduce(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c convening := convening_begin(p_id, p_version, 'introduce');
BEGIN
    INSERT INTO introduction (district_id, id, partner_id, site_id, contact_id, introduced_by_user_id, on_date, outcome)
    SELECT c.district_id, uuid7(), m.partner_id, m.site_id, m.contact_id,
           coalesce(c.host_id, current_setting('kith.user')::uuid), convening_day(c), 'met'
    FROM convening_first_meetings(c) m
    WHERE m.introduction_id IS NULL AND kith_covers(m.site_id);
END
$$;

REVOKE EXECUTE ON FUNCTION convening_came, convening_had_met, convening_first_meetings, convening_meetings,
    convening_introduce FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_came, convening_had_met, convening_first_meetings, convening_meetings,
    convening_introduce TO kith_api;

RESET ROLE;
