-- What a school wants of partnerships, in words that families wrote with it; and the conditions that partners
-- need, as both sides rate them.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION site_vision_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN CASE WHEN p_action = 'adopt' AND NOT EXISTS (
        SELECT FROM site_vision_author a
        WHERE a.site_vision_id = p_id AND a.role = 'family' AND a.archived_at IS NULL)
    THEN '{family}'::text[] ELSE '{}' END;

CREATE OR REPLACE FUNCTION site_vision_begin(p_id uuid, p_version bigint, p_action text) RETURNS site_vision
LANGUAGE plpgsql AS $$
DECLARE
    vision site_vision;
    next_status text;
BEGIN
    PERFORM lock_row('site_vision', p_id, p_version);
    SELECT * INTO vision FROM site_vision v WHERE v.id = p_id;
    next_status := transition('site_vision', p_action, vision.status);
    PERFORM refuse_missing('site_vision', vision.status, site_vision_missing(p_id, p_action));
    vision.status := next_status;
    RETURN vision;
END
$$;

-- The site's vision before is retired by it.
CREATE OR REPLACE FUNCTION site_vision_adopt(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    vision site_vision := site_vision_begin(p_id, p_version, 'adopt');
BEGIN
    UPDATE site_vision SET status = transition('site_vision', 'retire', status)
    WHERE site_id = vision.site_id AND status = 'adopted' AND archived_at IS NULL;
    UPDATE site_vision SET status = vision.status, adopted_on = district_today() WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION site_vision_retire(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    vision site_vision := site_vision_begin(p_id, p_version, 'retire');
BEGIN
    UPDATE site_vision SET status = vision.status WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION keep_vision() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('What was adopted stays as it is; a new vision takes its place.',
                         jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER keep_vision BEFORE UPDATE ON site_vision
    FOR EACH ROW WHEN (OLD.status <> 'draft'
        AND (NEW.site_id, NEW.text, NEW.school_year) IS DISTINCT FROM (OLD.site_id, OLD.text, OLD.school_year))
    EXECUTE FUNCTION keep_vision();

-- The conditions of a site in a year: what the school says, and from where to where partners' ratings go. Never
-- a mean of both sides.
CREATE OR REPLACE VIEW site_readiness WITH (security_invoker = true) AS
SELECT r.district_id, (array_agg(r.id ORDER BY r.id))[1] AS id, r.site_id, r.school_year,
       r.readiness_condition_id,
       min(r.rating) FILTER (WHERE r.partner_id IS NULL) AS school_rating,
       count(r.partner_id) AS partners,
       min(r.rating) FILTER (WHERE r.partner_id IS NOT NULL) AS partners_low,
       max(r.rating) FILTER (WHERE r.partner_id IS NOT NULL) AS partners_high
FROM readiness_rating r
WHERE r.archived_at IS NULL
GROUP BY r.district_id, r.site_id, r.school_year, r.readiness_condition_id;
GRANT SELECT ON site_readiness TO kith_api;

-- The supplied conditions that the district has not: how many.
CREATE OR REPLACE FUNCTION seed_readiness_conditions(p_district uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := business_now();
    made integer;
BEGIN
    INSERT INTO readiness_condition (district_id, id, code, name, created_at, updated_at)
    SELECT p_district, uuid7(), s.code, s.name, business_now, business_now
    FROM (VALUES
        ('leadership', 'The principal wants partners, and says so'),
        ('contact',    'A partner knows whom to call, and is called back'),
        ('time',       'Staff have time for partners within their day'),
        ('space',      'There is room to work in'),
        ('schedule',   'The schedule has a place for what partners do'),
        ('data',       'Partners learn how those whom they serve are doing'),
        ('welcome',    'Partners and families are met as guests are'),
        ('families',   'Families have a say in who comes and for what')) AS s (code, name)
    ON CONFLICT (district_id, code) WHERE code IS NOT NULL DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION site_vision_missing, site_vision_begin, site_vision_adopt, site_vision_retire,
    keep_vision, seed_readiness_conditions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION site_vision_missing, site_vision_begin, site_vision_adopt, site_vision_retire
    TO kith_api;
GRANT EXECUTE ON FUNCTION seed_readiness_conditions TO kith_migrate;

RESET ROLE;
