-- Years of service, since the first partnership was active; and awards, which may be for them.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS service_document(integer, integer);
DROP FUNCTION IF EXISTS service_since(uuid, uuid);
DROP FUNCTION IF EXISTS partnership_since(partnership);

-- Since when a partnership of a district in that zone runs; NULL: it never did.
CREATE OR REPLACE FUNCTION partnership_since(p partnership, p_zone text) RETURNS date
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p.activated_at IS NOT NULL OR p.status IN ('active', 'renewing', 'paused', 'ended') THEN
    least(p.starts_on, (p.activated_at AT TIME ZONE p_zone)::date) END;

-- Since when partners serve, also as co-partners; and contacts, since each role. A part of whatever statement asks: of
-- one of them an index finds it, and of all it is read once.
CREATE OR REPLACE FUNCTION services() RETURNS TABLE (partner_id uuid, contact_id uuid, day date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.partner_id, NULL::uuid, partnership_since(p, d.zone)
    FROM district d
    JOIN partnership p ON p.district_id = d.id AND p.archived_at IS NULL
    WHERE d.id = current_setting('kith.district')::uuid
    UNION ALL
    SELECT c.partner_id, NULL::uuid, greatest(partnership_since(p, d.zone), c.from_date)
    FROM district d
    JOIN partnership_partner c ON c.district_id = d.id AND c.archived_at IS NULL
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id AND p.archived_at IS NULL
    WHERE d.id = current_setting('kith.district')::uuid
    UNION ALL
    SELECT NULL::uuid, r.contact_id, greatest(partnership_since(p, d.zone), r.from_date)
    FROM district d
    JOIN partnership_role r ON r.district_id = d.id AND r.contact_id IS NOT NULL AND r.archived_at IS NULL
    JOIN partnership p ON p.district_id = r.district_id AND p.id = r.partnership_id AND p.archived_at IS NULL
    WHERE d.id = current_setting('kith.district')::uuid;
END;

CREATE OR REPLACE FUNCTION service_since(p_partner uuid, p_contact uuid) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT min(s.day)
    FROM (SELECT v.day FROM services() v WHERE v.partner_id = p_partner
          UNION ALL
          SELECT v.day FROM services() v WHERE v.contact_id = p_contact) AS s;
END;

CREATE OR REPLACE FUNCTION full_years(p_since date, p_day date) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN date_part('year', age(p_day::timestamp, p_since::timestamp))::bigint;

CREATE OR REPLACE FUNCTION award_years() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.locale := coalesce(NEW.locale,
        (SELECT c.locale FROM contact c WHERE c.district_id = NEW.district_id AND c.id = NEW.contact_id),
        (SELECT d.locale FROM district d WHERE d.id = NEW.district_id));
    NEW.years := CASE WHEN NEW.kind = 'service' THEN
        full_years(service_since(NEW.partner_id, NEW.contact_id), NEW.given_on) END;
    IF NEW.kind = 'service' AND coalesce(NEW.years, 0) < 1 THEN
        PERFORM refuse_field('given_on', 'By "given_on" there is no full year since its first partnership was active.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER award_years BEFORE INSERT OR UPDATE OF given_on ON award
    FOR EACH ROW EXECUTE FUNCTION award_years();

-- Who has served for how long, the longest first; awarded_years: of the last award for it.
CREATE OR REPLACE FUNCTION service_document(p_at_least integer, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH since AS MATERIALIZED (
        SELECT v.partner_id, v.contact_id, min(v.day) AS day FROM services() v
        GROUP BY v.partner_id, v.contact_id HAVING min(v.day) IS NOT NULL
    ), served AS (
        SELECT 'partner' AS kind, p.id, p.name, s.day AS since
        FROM since s JOIN partner p ON p.id = s.partner_id
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
          AND p.stage IN ('active', 'dormant')
        UNION ALL
        SELECT 'contact', c.id, c.name, s.day
        FROM since s JOIN contact c ON c.id = s.contact_id
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.archived_at IS NULL
    ), counted AS (
        SELECT s.*, full_years(s.since, t.today) AS years
        FROM served s CROSS JOIN (SELECT district_today() AS today OFFSET 0) AS t
    ), first AS (
        SELECT c.*, (SELECT max(a.years) FROM award a
                     WHERE a.district_id = current_setting('kith.district')::uuid AND a.kind = 'service'
                       AND coalesce(a.partner_id, a.contact_id) = c.id AND a.archived_at IS NULL) AS awarded
        FROM counted c WHERE c.years >= p_at_least
        ORDER BY c.years DESC, c.since, c.name, c.id LIMIT p_most)
    SELECT jsonb_build_object('as_of', district_today(), 'data', coalesce(jsonb_agg(jsonb_build_object(
        'kind', f.kind, 'id', f.id, 'name', f.name, 'since', f.since, 'years', f.years,
        'awarded_years', f.awarded) ORDER BY f.years DESC, f.since, f.name, f.id), '[]'))
    FROM first f;
END;

REVOKE EXECUTE ON FUNCTION partnership_since, services, service_since, full_years, award_years, service_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_since, services, service_since, full_years, service_document TO kith_api;

RESET ROLE;
