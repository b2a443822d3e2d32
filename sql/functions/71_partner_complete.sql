-- How complete a partner is, of the central fields and those that the district requires: computed of each, and stored,
-- so that lists are filtered and sorted by it. What it depends on has it counted again, in the same transaction; where
-- the district requires another field, that is so at once of the first partners, and of the others soon.

SET ROLE kith_owner;

-- The district's own fields that a partner has to have and has not, whoever may read what they say.
CREATE OR REPLACE FUNCTION partner_custom_blanks(p_id uuid) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT 'custom.' || f.code FROM custom_field f
        WHERE f.district_id = current_setting('kith.district')::uuid AND f.subject = 'partner' AND f.is_required
          AND f.archived_at IS NULL AND NOT EXISTS (
            SELECT FROM custom_value v
            WHERE v.district_id = f.district_id AND v.custom_field_id = f.id AND v.partner_id = p_id
              AND v.archived_at IS NULL)
        ORDER BY f.place, f.code);
END
$$;

-- The central fields that are not there, whoever leads it locally. A row, so that it is a part of the statement
-- that asks, and not planned each time.
DROP FUNCTION IF EXISTS partner_counted(partner), partner_blanks(partner);
CREATE OR REPLACE FUNCTION partner_blanks(p partner) RETURNS TABLE (fields text[], score integer)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT b.fields, 100 - 100 * cardinality(b.fields) / (10 + b.asked)::integer
    FROM (SELECT f.fields || CASE WHEN c.asked > 0 THEN partner_custom_blanks(p.id) ELSE '{}' END AS fields, c.asked
          FROM (SELECT coalesce(array_agg(m.name ORDER BY m.place), '{}') AS fields FROM (VALUES
        (1, 'owner', p.owner_id IS NULL),
        (2, 'tier', p.tier IS NULL),
        (3, 'ein', p.ein IS NULL),
        (4, 'website', p.website IS NULL),
        (5, 'address', p.city IS NULL OR p.postal_code IS NULL),
        (6, 'description', coalesce(p.description, '') !~ '\S'),
        (7, 'strengths', coalesce(p.strengths, '') !~ '\S'),
        (8, 'reach', p.reach IS NULL),
        (9, 'focus_area', NOT EXISTS (
            SELECT FROM partner_focus_area f
            WHERE f.district_id = p.district_id AND f.partner_id = p.id AND f.archived_at IS NULL)),
        (10, 'contact', NOT EXISTS (
            SELECT FROM affiliation a
            JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id
            WHERE a.district_id = p.district_id AND a.partner_id = p.id AND a.archived_at IS NULL
              AND coalesce(a.until_date, 'infinity') >= (SELECT district_today()) -- once
              AND c.status = 'active' AND c.archived_at IS NULL
              AND (c.email IS NOT NULL OR c.phone IS NOT NULL)))
        ) AS m (place, name, is_missing) WHERE m.is_missing) AS f
    CROSS JOIN (SELECT count(*) AS asked FROM custom_field c
                WHERE c.district_id = p.district_id AND c.subject = 'partner' AND c.is_required
                  AND c.archived_at IS NULL) AS c) AS b;
END;

-- What is stored of it, and until which day that holds.
CREATE OR REPLACE FUNCTION partner_counted(p partner) RETURNS TABLE (score integer, until_date date)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT b.score, (
        SELECT nullif(max(coalesce(a.until_date, 'infinity')), 'infinity') FROM affiliation a
        JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id
        WHERE a.district_id = p.district_id AND a.partner_id = p.id AND a.archived_at IS NULL
          AND coalesce(a.until_date, 'infinity') >= district_today()
          AND c.status = 'active' AND c.archived_at IS NULL AND (c.email IS NOT NULL OR c.phone IS NOT NULL))
    FROM partner_blanks(p) AS b;
END;

-- Some of them. They are locked first: what another transaction changes of the same one is seen then. As the owner,
-- since whoever enters a contact may not write the partner; it is no change of it that counts a version.
CREATE OR REPLACE FUNCTION partner_count(p_district uuid, p_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    given text := current_setting('kith.district', true); -- none in a migration, nor a clock
    clock text := current_setting('kith.now', true);
BEGIN
    PERFORM set_config('kith.district', p_district::text, true), set_config('kith.now', business_now()::text, true);
    PERFORM FROM partner p WHERE p.district_id = p_district AND p.id = ANY (p_ids) ORDER BY p.id FOR NO KEY UPDATE;
    UPDATE partner t SET completeness = c.score, completeness_until = c.until_date
    FROM (SELECT p.id, n.score, n.until_date FROM partner p CROSS JOIN LATERAL partner_counted(p) AS n
          WHERE p.district_id = p_district AND p.id = ANY (p_ids)) AS c
    WHERE t.district_id = p_district AND t.id = c.id
      AND (t.completeness, t.completeness_until) IS DISTINCT FROM (c.score, c.until_date);
    PERFORM set_config('kith.district', coalesce(given, ''), true), set_config('kith.now', coalesce(clock, ''), true);
END
$$;

-- Its own fields.
CREATE OR REPLACE FUNCTION partner_count_self() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    given text := current_setting('kith.district', true);
    clock text := current_setting('kith.now', true);
BEGIN
    PERFORM set_config('kith.district', NEW.district_id::text, true), set_config('kith.now', business_now()::text, true);
    SELECT n.score, n.until_date INTO NEW.completeness, NEW.completeness_until FROM partner_counted(NEW) AS n;
    PERFORM set_config('kith.district', coalesce(given, ''), true), set_config('kith.now', coalesce(clock, ''), true);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER partner_count_self
    BEFORE INSERT OR UPDATE OF owner_id, tier, ein, website, city, postal_code, description, strengths, reach ON partner
    FOR EACH ROW EXECUTE FUNCTION partner_count_self();

-- What stands beside it, of which these columns count.
CREATE OR REPLACE FUNCTION partner_count_beside()
RETURNS TABLE (name text, columns text, partners text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT t.name, t.columns, format(
        CASE WHEN t.name = 'contact'
             THEN 'SELECT DISTINCT a.partner_id FROM (%s) AS r JOIN affiliation a '
                  'ON a.district_id = r.district_id AND a.contact_id = r.id WHERE r.district_id = $1'
             ELSE 'SELECT DISTINCT r.partner_id FROM (%s) AS r '
                  'WHERE r.district_id = $1 AND r.partner_id IS NOT NULL' END, '%s')
    FROM (VALUES
        ('partner_focus_area', 'partner_id,archived_at'),
        ('affiliation',        'partner_id,contact_id,until_date,archived_at'),
        ('contact',            'status,email,phone,archived_at'),
        ('custom_value',       'partner_id,custom_field_id,archived_at')) AS t (name, columns);
END;

CREATE OR REPLACE FUNCTION partner_count_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    rule record;
    written text;
    given text := current_setting('kith.district', true);
    district uuid;
    touched uuid[];
BEGIN
    SELECT * INTO STRICT rule FROM partner_count_beside() b WHERE b.name = TG_TABLE_NAME;
    written := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT * FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
        ELSE format(
            'SELECT v.* FROM old_rows o JOIN new_rows n ON n.district_id = o.district_id AND n.id = o.id '
            'CROSS JOIN LATERAL (SELECT o.* UNION ALL SELECT n.*) AS v WHERE (%s) IS DISTINCT FROM (%s)',
            'o.' || replace(rule.columns, ',', ',o.'), 'n.' || replace(rule.columns, ',', ',n.')) END;
    FOR district IN EXECUTE format('SELECT DISTINCT r.district_id FROM (%s) AS r', written) LOOP
        PERFORM set_config('kith.district', district::text, true);
        EXECUTE format('SELECT ARRAY(' || rule.partners || ')', written) INTO touched USING district;
        IF touched <> '{}' THEN
            PERFORM partner_count(district, touched);
        END IF;
    END LOOP;
    PERFORM set_config('kith.district', coalesce(given, ''), true);
    RETURN NULL;
END
$$;

DO $$
DECLARE
    rule record;
    event record;
BEGIN
    FOR rule IN SELECT * FROM partner_count_beside() LOOP
        FOR event IN SELECT * FROM statement_events() e WHERE e.name <> 'INSERT' OR rule.name <> 'contact' LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
                 FOR EACH STATEMENT EXECUTE FUNCTION partner_count_follow()',
                'partner_count_' || lower(event.name), event.name, rule.name, event.transition);
        END LOOP;
    END LOOP;
END
$$;

-- The next of those that are all to be counted again; whether there are more.
CREATE OR REPLACE FUNCTION partner_recount_some(p_district uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    at_a_time constant integer := 1000;
    due partner_recount;
    next_ids uuid[];
BEGIN
    SELECT * INTO due FROM partner_recount r WHERE r.district_id = p_district ORDER BY r.id DESC LIMIT 1
    FOR UPDATE SKIP LOCKED;
    IF due.id IS NULL THEN
        RETURN 0;
    END IF;
    -- The newest has them all counted, too.
    DELETE FROM partner_recount r WHERE r.district_id = p_district AND r.id < due.id;
    next_ids := ARRAY(
        SELECT p.id FROM partner p
        WHERE p.district_id = p_district AND p.id > coalesce(due.after_id, '00000000-0000-0000-0000-000000000000')
        ORDER BY p.id LIMIT at_a_time);
    PERFORM partner_count(p_district, next_ids);
    IF cardinality(next_ids) < at_a_time THEN
        DELETE FROM partner_recount r WHERE r.district_id = p_district AND r.id = due.id;
    ELSE
        UPDATE partner_recount r SET after_id = next_ids[at_a_time] WHERE r.district_id = p_district AND r.id = due.id;
        PERFORM set_config('kith.more', 'true', true);
    END IF;
    RETURN cardinality(next_ids);
END
$$;

CREATE OR REPLACE FUNCTION partner_recount_begin() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    given text := current_setting('kith.district', true);
BEGIN
    PERFORM set_config('kith.district', NEW.district_id::text, true);
    INSERT INTO partner_recount (district_id) VALUES (NEW.district_id);
    PERFORM partner_recount_some(NEW.district_id);
    PERFORM set_config('kith.district', coalesce(given, ''), true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER partner_recount_insert AFTER INSERT ON custom_field
    FOR EACH ROW WHEN (NEW.subject = 'partner' AND NEW.is_required AND NEW.archived_at IS NULL)
    EXECUTE FUNCTION partner_recount_begin();
CREATE OR REPLACE TRIGGER partner_recount_update AFTER UPDATE ON custom_field
    FOR EACH ROW WHEN ((NEW.subject = 'partner' AND NEW.is_required AND NEW.archived_at IS NULL)
                       <> (OLD.subject = 'partner' AND OLD.is_required AND OLD.archived_at IS NULL))
    EXECUTE FUNCTION partner_recount_begin();

-- What the day changes of it, and what waits.
CREATE OR REPLACE FUNCTION partners_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    at_a_time constant integer := 1000;
    over uuid[];
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    over := ARRAY(
        SELECT p.id FROM partner p WHERE p.district_id = p_district AND p.completeness_until < district_today()
        ORDER BY p.completeness_until, p.id LIMIT at_a_time);
    IF over <> '{}' THEN
        PERFORM partner_count(p_district, over);
    END IF;
    IF cardinality(over) = at_a_time THEN
        PERFORM set_config('kith.more', 'true', true);
    END IF;
    RETURN cardinality(over) + partner_recount_some(p_district);
END
$$;

REVOKE EXECUTE ON FUNCTION partner_custom_blanks, partner_blanks, partner_counted, partner_count, partner_count_self,
    partner_count_beside, partner_count_follow, partner_recount_some, partner_recount_begin, partners_advance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_custom_blanks, partner_blanks TO kith_api;
GRANT EXECUTE ON FUNCTION partners_advance TO kith_checkin;

RESET ROLE;
