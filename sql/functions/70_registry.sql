-- Rules of the registry over several rows, which a CHECK cannot see, and the focus areas that come
-- with a district.

SET ROLE kith_owner;

-- Both take a lock first, so that they run one at a time in a district: in its next statement whoever
-- comes second sees what the first one committed, or fails with 55P03.

-- Nothing is above itself, through however many others. The argument: the column that names what is above.
CREATE OR REPLACE FUNCTION refuse_cycle() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    parent uuid := to_jsonb(NEW) ->> TG_ARGV[0];
    is_cycle boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF parent IS NOT DISTINCT FROM (to_jsonb(OLD) ->> TG_ARGV[0])::uuid THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(TG_TABLE_NAME || ' ' || NEW.district_id, 0));
    EXECUTE format(
        'WITH RECURSIVE above AS (
             SELECT $1 AS id
             UNION
             SELECT t.%1$I FROM above a JOIN %2$I t ON t.district_id = $2 AND t.id = a.id)
         SELECT EXISTS (SELECT FROM above WHERE above.id = $3)', TG_ARGV[0], TG_TABLE_NAME)
    INTO is_cycle USING parent, NEW.district_id, NEW.id;
    IF is_cycle THEN
        RAISE EXCEPTION 'above itself' USING ERRCODE = '23514', TABLE = TG_TABLE_NAME,
            CONSTRAINT = TG_TABLE_NAME || '_' || TG_ARGV[0] || '_check';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER refuse_cycle AFTER INSERT OR UPDATE ON focus_area
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION refuse_cycle('parent_id');
CREATE OR REPLACE TRIGGER refuse_cycle AFTER INSERT OR UPDATE ON partner
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION refuse_cycle('parent_id');

-- A day is in one reporting quarter at most, of whatever school year. No exclusion constraint: that needs an extension,
-- which whoever migrates may not make everywhere; and quarters that overlap since before stay until somebody moves them.
CREATE OR REPLACE FUNCTION refuse_overlap() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('reporting_quarter ' || NEW.district_id, 0));
    IF TG_OP = 'UPDATE' AND OLD.archived_at IS NULL AND (OLD.starts_on, OLD.ends_on) = (NEW.starts_on, NEW.ends_on) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM reporting_quarter q
        WHERE q.district_id = NEW.district_id AND q.id <> NEW.id AND q.archived_at IS NULL
          AND q.starts_on <= NEW.ends_on AND q.ends_on >= NEW.starts_on) THEN
        RAISE EXCEPTION 'reporting quarters overlap' USING ERRCODE = '23P01',
            TABLE = TG_TABLE_NAME, CONSTRAINT = 'reporting_quarter_starts_on_key';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER refuse_overlap AFTER INSERT OR UPDATE ON reporting_quarter
    FOR EACH ROW WHEN (NEW.archived_at IS NULL) EXECUTE FUNCTION refuse_overlap();

-- Nor in two of a site's own.
CREATE OR REPLACE FUNCTION refuse_site_overlap() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('site_quarter ' || NEW.site_id, 0));
    IF TG_OP = 'UPDATE' AND OLD.archived_at IS NULL AND (OLD.starts_on, OLD.ends_on) = (NEW.starts_on, NEW.ends_on) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM site_quarter q
        WHERE q.district_id = NEW.district_id AND q.site_id = NEW.site_id AND q.id <> NEW.id AND q.archived_at IS NULL
          AND q.starts_on <= NEW.ends_on AND q.ends_on >= NEW.starts_on) THEN
        RAISE EXCEPTION 'quarters of a site overlap' USING ERRCODE = '23P01',
            TABLE = TG_TABLE_NAME, CONSTRAINT = 'site_quarter_starts_on_key';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER refuse_site_overlap AFTER INSERT OR UPDATE ON site_quarter
    FOR EACH ROW WHEN (NEW.archived_at IS NULL) EXECUTE FUNCTION refuse_site_overlap();

-- The supplied focus areas that the district has not: how many. What it renamed, moved or archived
-- stays as it is, for it is known by its code.
CREATE OR REPLACE FUNCTION seed_focus_areas(p_district uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := business_now();
    made integer;
BEGIN
    INSERT INTO focus_area (district_id, id, name, code, beyond_teaching, created_at, updated_at)
    SELECT p_district, uuid7(), s.name, s.code, s.beyond_teaching, business_now, business_now
    FROM (VALUES
        ('academics',         'Academics',                       false),
        ('literacy',          'Literacy',                        false),
        ('stem',              'STEM',                            false),
        ('arts',              'Arts',                            false),
        ('careers',           'Careers and work-based learning', false),
        ('college_access',    'College access',                  false),
        ('mentoring',         'Mentoring',                       false),
        ('after_school',      'After school',                    false),
        ('family_engagement', 'Family engagement',               false),
        ('staff_development', 'Staff development',               false),
        ('health_care',       'Health care',                     true),
        ('mental_health',     'Mental health',                   true),
        ('food_security',     'Food security',                   true),
        ('safe_housing',      'Safe housing',                    true),
        ('family_stability',  'Family stability',                true),
        ('technology_access', 'Technology access',               true),
        ('transportation',    'Transportation',                  true)) AS s (code, name, beyond_teaching)
    ON CONFLICT (district_id, code) WHERE code IS NOT NULL DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION refuse_cycle, refuse_overlap, refuse_site_overlap, seed_focus_areas FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seed_focus_areas TO kith_migrate;

RESET ROLE;
