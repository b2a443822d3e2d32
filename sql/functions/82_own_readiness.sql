-- How ready a school is, as the partners say that work there: signed in, each for itself, beside what staff write down of
-- the school, who write none in a partner's name.

SET ROLE kith_owner;

-- The schools of a partnership that runs: its lead site and the others, today.
CREATE OR REPLACE FUNCTION partnership_schools(p_partnership uuid) RETURNS TABLE (site_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.lead_site_id FROM partnership p
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership
      AND p.status IN ('active', 'paused', 'renewing') AND p.lead_site_id IS NOT NULL
    UNION
    SELECT l.site_id FROM partnership p
    JOIN partnership_site l ON l.district_id = p.district_id AND l.partnership_id = p.id AND l.archived_at IS NULL
        AND coalesce(l.until_date, 'infinity') >= district_today()
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership
      AND p.status IN ('active', 'paused', 'renewing');
END;

-- And where a partner works, of a partnership as one of several partners, too.
CREATE OR REPLACE FUNCTION partner_schools(p_partner uuid) RETURNS TABLE (site_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT w.site_id
    FROM partner_partnerships(current_setting('kith.district')::uuid, p_partner) p
    CROSS JOIN LATERAL partnership_schools(p.id) w
    WHERE p.partner_id = p_partner OR EXISTS (
        SELECT FROM partnership_partner l
        WHERE l.district_id = p.district_id AND l.partnership_id = p.id AND l.partner_id = p_partner
          AND l.archived_at IS NULL
          AND district_today() BETWEEN coalesce(l.from_date, '-infinity') AND coalesce(l.until_date, 'infinity'));
END;

-- What whoever asks may say of conditions at the schools where its organizations work today. An id is the same as long as the three are.
CREATE OR REPLACE VIEW own_readiness WITH (security_invoker = true) AS
    SELECT c.district_id, md5(w.partner_id || ' ' || w.site_id || ' ' || c.id)::uuid AS id,
           coalesce(r.version, 1) AS version, coalesce(r.created_at, c.created_at) AS created_at,
           coalesce(r.updated_at, c.updated_at) AS updated_at, NULL::timestamptz AS archived_at, w.partner_id,
           w.site_id, s.name AS site, c.id AS readiness_condition_id, c.name AS condition, c.description,
           y.school_year, r.rating, r.note, r.rated_on, r.xmin -- whether this unit wrote it
    FROM (SELECT o.id AS partner_id, s.site_id FROM own_partner_ids() AS o (id)
          CROSS JOIN LATERAL partner_schools(o.id) s) AS w
    CROSS JOIN readiness_condition c
    JOIN site s ON s.district_id = c.district_id AND s.id = w.site_id AND s.archived_at IS NULL
    CROSS JOIN (SELECT school_year_today()::bigint AS school_year) AS y
    LEFT JOIN readiness_rating r ON r.district_id = c.district_id AND r.site_id = w.site_id
        AND r.readiness_condition_id = c.id AND r.partner_id = w.partner_id AND r.school_year = y.school_year
        AND r.archived_at IS NULL
    WHERE c.archived_at IS NULL;

-- What a partner has said it alone changes, by readiness_put().
DROP POLICY IF EXISTS said_insert ON readiness_rating;
DROP POLICY IF EXISTS said_update ON readiness_rating;
CREATE POLICY said_insert ON readiness_rating AS RESTRICTIVE FOR INSERT TO kith_api WITH CHECK (partner_id IS NULL);
CREATE POLICY said_update ON readiness_rating AS RESTRICTIVE FOR UPDATE TO kith_api USING (partner_id IS NULL);

-- What a partner says of a condition at a school this year; p_contact: who says it by a page, NULL: whoever is signed in.
-- As the owner: its callers have looked whose word it is.
CREATE OR REPLACE FUNCTION readiness_put(
    p_partner uuid, p_site uuid, p_condition uuid, p_rating bigint, p_note text, p_contact uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    said_by uuid := nullif(current_setting('kith.user'), '')::uuid;
BEGIN
    UPDATE readiness_rating r SET rating = p_rating, note = p_note, rated_on = district_today(), recorded_by = said_by,
        contact_id = p_contact
    WHERE r.district_id = district AND r.site_id = p_site AND r.readiness_condition_id = p_condition
      AND r.partner_id = p_partner AND r.school_year = school_year_today() AND r.archived_at IS NULL;
    IF NOT FOUND THEN
        INSERT INTO readiness_rating (district_id, id, site_id, readiness_condition_id, school_year, partner_id, rating,
                                      note, rated_on, contact_id)
        VALUES (district, uuid7(), p_site, p_condition, school_year_today(), p_partner, p_rating, p_note,
                district_today(), p_contact);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION own_readiness_rate(p_id uuid, p_version bigint, p_rating bigint, p_note text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    scope text := current_setting('kith.scope');
    w own_readiness;
BEGIN
    SELECT o.* INTO w FROM own_readiness o WHERE o.id = p_id;
    IF w.id IS NULL THEN
        RAISE EXCEPTION 'no school where this organization works' USING ERRCODE = 'KI404';
    ELSIF p_version <> w.version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    END IF;
    PERFORM set_config('kith.scope', '*', true);
    PERFORM readiness_put(w.partner_id, w.site_id, w.readiness_condition_id, p_rating, p_note, NULL);
    PERFORM set_config('kith.scope', scope, true);
END
$$;

REVOKE EXECUTE ON FUNCTION partnership_schools, partner_schools, readiness_put, own_readiness_rate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_schools, partner_schools, readiness_put, own_readiness_rate TO kith_api;
GRANT SELECT ON own_readiness TO kith_api;

RESET ROLE;
