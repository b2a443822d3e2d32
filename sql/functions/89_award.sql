-- Years of service, since the first partnership was active; and awards, which may be for them.

SET ROLE kith_owner;

-- Since when a partnership runs; NULL: it never did.
CREATE OR REPLACE FUNCTION partnership_since(p partnership) RETURNS date
LANGUAGE sql STABLE
RETURN CASE WHEN p.activated_at IS NOT NULL OR p.status IN ('active', 'renewing', 'paused', 'ended') THEN
    least(p.starts_on, (p.activated_at AT TIME ZONE (SELECT d.zone FROM district d WHERE d.id = p.district_id))::date)
    END;

-- Of a partner, also as a co-partner; or of a contact, since the first role in one.
CREATE OR REPLACE FUNCTION service_since(p_partner uuid, p_contact uuid) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT min(s.day)
    FROM (
        SELECT partnership_since(p) AS day FROM partnership p
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.partner_id = p_partner
          AND p.archived_at IS NULL
        UNION ALL
        SELECT greatest(partnership_since(p), c.from_date)
        FROM partnership_partner c
        JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id AND p.archived_at IS NULL
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.partner_id = p_partner
          AND c.archived_at IS NULL
        UNION ALL
        SELECT greatest(partnership_since(p), r.from_date)
        FROM partnership_role r
        JOIN partnership p ON p.district_id = r.district_id AND p.id = r.partnership_id AND p.archived_at IS NULL
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.contact_id = p_contact
          AND r.archived_at IS NULL) AS s;
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
    WITH served AS MATERIALIZED (
        SELECT 'partner' AS kind, p.id, p.name, service_since(p.id, NULL) AS since
        FROM partner p
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
          AND p.stage IN ('active', 'dormant')
        UNION ALL
        SELECT 'contact', c.id, c.name, service_since(NULL, c.id)
        FROM contact c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.archived_at IS NULL
          AND EXISTS (SELECT FROM partnership_role r
                      WHERE r.district_id = c.district_id AND r.contact_id = c.id AND r.archived_at IS NULL)
    ), counted AS (
        SELECT s.*, full_years(s.since, district_today()) AS years FROM served s WHERE s.since IS NOT NULL
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

REVOKE EXECUTE ON FUNCTION partnership_since, service_since, full_years, award_years, service_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_since, service_since, full_years, service_document TO kith_api;

RESET ROLE;
