-- What a partner keeps of its own besides its record: its offers, its programs and its people. What it says of them
-- holds at once, and is a row of partner_edit, for the district to read.

SET ROLE kith_owner;

CREATE OR REPLACE VIEW own_offer WITH (security_invoker = true) AS
    SELECT o.district_id, o.id, o.version, o.created_at, o.updated_at, o.archived_at, o.partner_id, o.name, o.kind,
           o.description, o.focus_area_id, o.reach, o.quantity, o.unit, o.taken, o.remaining, o.from_date,
           o.until_date, o.status, o.xmin -- whether this unit wrote it
    FROM offer o
    WHERE o.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

CREATE OR REPLACE VIEW own_program WITH (security_invoker = true) AS
    SELECT g.district_id, g.id, g.version, g.created_at, g.updated_at, g.archived_at, g.partner_id, g.name,
           g.description, g.setting, g.audience, g.grades, g.capacity, g.schedule, g.cost_cents, g.status
    FROM program g
    WHERE g.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

-- Of place and person together: whichever of the two changes, the version does.
CREATE OR REPLACE VIEW own_affiliation WITH (security_invoker = true) AS
    SELECT a.district_id, a.id, a.version + c.version - 1 AS version, a.created_at,
           greatest(a.updated_at, c.updated_at) AS updated_at, a.archived_at, a.partner_id, a.contact_id, c.name,
           c.email, c.phone, a.role, a.from_date, a.until_date, a.may_sign_in, a.xmin -- whether this unit wrote it
    FROM affiliation a
    JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id AND c.archived_at IS NULL
    WHERE a.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

-- What has become of something of a partner's, both as objects of its fields: those that differ, with its name. With a
-- place it waits for the district's word.
DROP FUNCTION IF EXISTS partner_edit_note(uuid, text, jsonb, jsonb, uuid);
CREATE OR REPLACE FUNCTION partner_edit_note(
    p_partner uuid, p_field text, p_old jsonb, p_new jsonb, p_contact uuid, p_place uuid DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was text;
    said text;
    has_changed boolean;
BEGIN
    SELECT jsonb_object_agg(k.name, k.was), jsonb_object_agg(k.name, k.said), bool_or(k.was <> k.said)
    INTO was, said, has_changed
    FROM (SELECT n.key, coalesce(p_old -> n.key, 'null'), n.value FROM jsonb_each(p_new) n
          WHERE n.key <> ALL ('{district_id,id,version,created_at,updated_at,partner_id,contact_id,taken,remaining,xmin}'))
        AS k (name, was, said)
    WHERE k.name = 'name' OR k.was <> k.said;
    IF has_changed THEN
        INSERT INTO partner_edit (district_id, id, partner_id, field, old, proposed, status, contact_id, affiliation_id)
        VALUES (current_setting('kith.district')::uuid, uuid7(), p_partner, p_field,
                left(CASE WHEN p_old IS NOT NULL THEN was END, 10000), left(said, 10000),
                CASE WHEN p_place IS NULL THEN 'applied' ELSE 'waiting' END, p_contact, p_place);
    END IF;
END
$$;

-- One of the partner's own that the district works with.
CREATE OR REPLACE FUNCTION own_partner_lock(p_partner uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM partner p
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partner AND p.archived_at IS NULL
      AND p.stage <> 'barred' AND p.id IN (SELECT own_partner_ids())
    FOR KEY SHARE;
    IF NOT FOUND THEN
        PERFORM refuse_field('partner_id', 'This is no organization of yours that the district works with.');
    END IF;
END
$$;

-- The faults of what a partner keeps, as a program reads them; pages have words of their own.
CREATE OR REPLACE FUNCTION own_refuse(p_field text, p_code text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_field(p_field, CASE p_code
        WHEN 'promised' THEN 'More than that, or something else, was promised of this offer already.'
        WHEN 'before_start' THEN '"until_date" must not be before "from_date".'
        WHEN 'unknown_id' THEN format('"%s" names nothing that is there.', p_field)
        WHEN 'elsewhere' THEN 'This person has a place at another partner, too: the district changes this.'
        WHEN 'own_address' THEN 'This person signs in or answers by this address: the person or the district changes it.'
        WHEN 'known_address' THEN 'This address is known here already: the district gives its person another place.'
        WHEN 'ended' THEN 'A place that has an end begins again by the district.' END);
END
$$;

CREATE OR REPLACE FUNCTION refuse_other_version(p_found bigint, p_meant bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_found <> p_meant THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    END IF;
END
$$;

-- ---- Offers --------------------------------------------------------------------------------------

-- What is wrong with what is said of an offer. What was promised of it was so much, of this.
CREATE OR REPLACE FUNCTION own_offer_fault(p_old own_offer, p_new own_offer, OUT field text, OUT code text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.field, f.code
    FROM (VALUES
        (1, 'quantity', 'promised', (p_new).quantity < (p_old).taken),
        (2, 'kind', 'promised', (p_old).taken > 0 AND (p_new).kind <> (p_old).kind),
        (3, 'unit', 'promised', (p_old).taken > 0 AND (p_new).unit IS DISTINCT FROM (p_old).unit),
        (4, 'until_date', 'before_start', (p_new).until_date < (p_new).from_date),
        (5, 'focus_area_id', 'unknown_id', (p_new).focus_area_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM focus_area a WHERE a.district_id = (p_new).district_id AND a.id = (p_new).focus_area_id
                                       AND a.archived_at IS NULL)))
        AS f (place, field, code, is_wrong)
    WHERE f.is_wrong ORDER BY f.place LIMIT 1;
END;

CREATE OR REPLACE FUNCTION own_offer_keep(p_old own_offer, p_new own_offer, p_contact uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_other_version(o.version, p_old.version) FROM offer o
    WHERE o.district_id = p_old.district_id AND o.id = p_old.id FOR NO KEY UPDATE;
    PERFORM own_refuse(f.field, f.code) FROM own_offer_fault(p_old, p_new) f WHERE f.code IS NOT NULL;
    IF p_old.id IS NULL THEN
        INSERT INTO offer (district_id, id, partner_id, name, kind, description, focus_area_id, reach, quantity, unit,
                           from_date, until_date)
        VALUES (p_new.district_id, p_new.id, p_new.partner_id, p_new.name, p_new.kind, p_new.description,
                p_new.focus_area_id, p_new.reach, p_new.quantity, p_new.unit, p_new.from_date, p_new.until_date);
    ELSE
        UPDATE offer o SET name = p_new.name, kind = p_new.kind, description = p_new.description,
            focus_area_id = p_new.focus_area_id, reach = p_new.reach, quantity = p_new.quantity, unit = p_new.unit,
            from_date = p_new.from_date, until_date = p_new.until_date, archived_at = p_new.archived_at
        WHERE o.district_id = p_old.district_id AND o.id = p_old.id;
    END IF;
    PERFORM partner_edit_note(p_new.partner_id, 'offer', CASE WHEN p_old.id IS NOT NULL THEN to_jsonb(p_old) END,
                              to_jsonb(p_new), p_contact);
END
$$;

-- INSTEAD OF a change of own_offer. The owner's, as own_partner_put().
CREATE OR REPLACE FUNCTION own_offer_put() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM own_partner_lock(NEW.partner_id);
    PERFORM own_offer_keep(OLD, NEW, NULL);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER own_offer_put INSTEAD OF INSERT OR UPDATE ON own_offer
    FOR EACH ROW EXECUTE FUNCTION own_offer_put();

-- ---- Programs ------------------------------------------------------------------------------------

-- Its name and its evidence are the district's to say.
CREATE OR REPLACE FUNCTION own_program_keep(p_old own_program, p_new own_program, p_contact uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_other_version(g.version, p_old.version) FROM program g
    WHERE g.district_id = p_old.district_id AND g.id = p_old.id FOR NO KEY UPDATE;
    UPDATE program g SET description = p_new.description, setting = p_new.setting, audience = p_new.audience,
        grades = p_new.grades, capacity = p_new.capacity, schedule = p_new.schedule, cost_cents = p_new.cost_cents,
        status = p_new.status
    WHERE g.district_id = p_old.district_id AND g.id = p_old.id;
    PERFORM partner_edit_note(p_old.partner_id, 'program', to_jsonb(p_old), to_jsonb(p_new), p_contact);
END
$$;

CREATE OR REPLACE FUNCTION own_program_put() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM own_partner_lock(OLD.partner_id);
    PERFORM own_program_keep(OLD, NEW, NULL);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER own_program_put INSTEAD OF UPDATE ON own_program
    FOR EACH ROW EXECUTE FUNCTION own_program_put();

-- ---- People --------------------------------------------------------------------------------------

-- Whether the address is anybody's in the district.
CREATE OR REPLACE FUNCTION address_is_known(p_email text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN contact_of_email(p_email) IS NOT NULL OR EXISTS (
        SELECT FROM app_user u WHERE u.district_id = current_setting('kith.district')::uuid AND u.email = p_email);
END
$$;

-- Whether somebody is this partner's alone.
CREATE OR REPLACE FUNCTION contact_stands_elsewhere(p_contact uuid, p_partner uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM affiliation a
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.contact_id = p_contact
      AND a.partner_id <> p_partner AND a.archived_at IS NULL AND coalesce(a.until_date, 'infinity') >= district_today());

-- By an address somebody signs in and is sent what to sign: of whom that is true it is changed by the person or by the
-- district, and never by a colleague.
CREATE OR REPLACE FUNCTION own_person_fault(p_old own_affiliation, p_new own_affiliation, OUT field text, OUT code text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_new boolean := p_old.id IS NULL;
    changed text := CASE WHEN p_new.email IS DISTINCT FROM p_old.email THEN 'email'
                         WHEN p_new.name IS DISTINCT FROM p_old.name THEN 'name'
                         WHEN p_new.phone IS DISTINCT FROM p_old.phone THEN 'phone' END;
BEGIN
    IF NOT is_new AND changed IS NOT NULL AND contact_stands_elsewhere(p_old.contact_id, p_old.partner_id) THEN
        field := changed;
        code := 'elsewhere';
    ELSIF NOT is_new AND changed = 'email' AND (
        p_old.may_sign_in
        OR EXISTS (SELECT FROM app_user u WHERE u.district_id = p_old.district_id AND u.contact_id = p_old.contact_id)
        OR EXISTS (SELECT FROM partnership_role r WHERE r.district_id = p_old.district_id
                                                    AND r.contact_id = p_old.contact_id AND r.archived_at IS NULL)) THEN
        field := 'email';
        code := 'own_address';
    ELSIF changed = 'email' AND p_new.email IS NOT NULL AND address_is_known(p_new.email) THEN
        field := 'email';
        code := 'known_address';
    ELSIF p_new.until_date < p_new.from_date THEN
        field := 'until_date';
        code := 'before_start';
    ELSIF coalesce(p_new.until_date, 'infinity') > p_old.until_date THEN
        field := 'until_date';
        code := 'ended';
    END IF;
END
$$;

-- Nobody has vouched yet for whom a partner adds: whoever cares for it is asked to.
CREATE OR REPLACE FUNCTION own_person_keep(p_old own_affiliation, p_new own_affiliation, p_contact uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_other_version(a.version + c.version - 1, p_old.version)
    FROM affiliation a
    JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id
    WHERE a.district_id = p_old.district_id AND a.id = p_old.id FOR NO KEY UPDATE;
    PERFORM own_refuse(f.field, f.code) FROM own_person_fault(p_old, p_new) f WHERE f.code IS NOT NULL;
    IF p_old.id IS NULL THEN
        INSERT INTO contact (district_id, id, name, email, phone)
        VALUES (p_new.district_id, p_new.contact_id, p_new.name, p_new.email, p_new.phone);
        INSERT INTO affiliation (district_id, id, contact_id, partner_id, role, from_date, until_date, may_sign_in)
        VALUES (p_new.district_id, p_new.id, p_new.contact_id, p_new.partner_id, p_new.role, p_new.from_date,
                p_new.until_date, false);
    ELSE
        UPDATE contact c SET name = p_new.name, email = p_new.email, phone = p_new.phone
        WHERE c.district_id = p_old.district_id AND c.id = p_old.contact_id
          AND (c.name, c.email, c.phone) IS DISTINCT FROM (p_new.name, p_new.email, p_new.phone);
        UPDATE affiliation a SET role = p_new.role, until_date = p_new.until_date
        WHERE a.district_id = p_old.district_id AND a.id = p_old.id
          AND (a.role, a.until_date) IS DISTINCT FROM (p_new.role, p_new.until_date);
    END IF;
    PERFORM partner_edit_note(p_new.partner_id, 'person', CASE WHEN p_old.id IS NOT NULL THEN to_jsonb(p_old) END,
                              to_jsonb(p_new), p_contact, CASE WHEN p_old.id IS NULL THEN p_new.id END);
END
$$;

CREATE OR REPLACE FUNCTION own_affiliation_put() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM own_partner_lock(NEW.partner_id);
    NEW.contact_id := coalesce(NEW.contact_id, uuid7());
    PERFORM own_person_keep(OLD, NEW, NULL);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER own_affiliation_put INSTEAD OF INSERT OR UPDATE ON own_affiliation
    FOR EACH ROW EXECUTE FUNCTION own_affiliation_put();

REVOKE EXECUTE ON FUNCTION partner_edit_note, own_partner_lock, refuse_other_version, own_offer_fault, own_refuse, own_offer_keep,
    own_offer_put, own_program_keep, own_program_put, address_is_known, contact_stands_elsewhere, own_person_fault,
    own_person_keep, own_affiliation_put FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON own_offer, own_affiliation TO kith_api;
GRANT SELECT, UPDATE ON own_program TO kith_api;

RESET ROLE;
