-- Places of people at partners: who has vouched for them, who changes the address of somebody with several of them, and
-- what ends with the last.

SET ROLE kith_owner;

-- For whom nobody has vouched at a partner, or not any more, does not get there by another row: it is said of a place
-- that is there.
CREATE OR REPLACE FUNCTION vouch_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_unguarded() AND NOT coalesce((
        SELECT a.may_sign_in FROM affiliation a
        WHERE a.district_id = NEW.district_id AND a.contact_id = NEW.contact_id AND a.partner_id = NEW.partner_id
          AND a.id <> NEW.id
        ORDER BY a.archived_at IS NULL DESC, CASE WHEN a.archived_at IS NULL THEN a.may_sign_in END, a.updated_at DESC
        LIMIT 1), true) THEN
        NEW.may_sign_in := false;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER vouch_keep BEFORE INSERT OR UPDATE OF contact_id, partner_id ON affiliation
    FOR EACH ROW WHEN (NEW.may_sign_in) EXECUTE FUNCTION vouch_keep();

-- Where several records become one, a doubt stays: of places of one person at one partner none signs in while one does
-- not. Gives what was put, as merges keep it.
CREATE OR REPLACE FUNCTION merge_doubts(p_contact uuid, p_partner uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    place record;
    changes jsonb := '[]';
BEGIN
    FOR place IN
        SELECT a.id FROM affiliation a
        WHERE a.district_id = current_setting('kith.district')::uuid AND a.may_sign_in AND a.archived_at IS NULL
          AND (a.contact_id = p_contact OR a.partner_id = p_partner)
          AND EXISTS (SELECT FROM affiliation o
                      WHERE o.district_id = a.district_id AND o.contact_id = a.contact_id
                        AND o.partner_id = a.partner_id AND NOT o.may_sign_in)
        ORDER BY a.id
    LOOP
        changes := changes || merge_put('affiliation', place.id, '{"may_sign_in": false}');
    END LOOP;
    RETURN changes;
END
$$;

-- Whose place is over and who has left does not get it back by another last day: somebody says first that the person is
-- active again.
CREATE OR REPLACE FUNCTION place_over() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_unguarded() AND OLD.until_date < district_today()
       AND coalesce(NEW.until_date, 'infinity') >= district_today() AND EXISTS (
           SELECT FROM contact c
           WHERE c.district_id = NEW.district_id AND c.id = NEW.contact_id AND c.status <> 'active') THEN
        PERFORM refuse_field('until_date', 'This person has left: the contact is active again first.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER place_over BEFORE UPDATE OF until_date ON affiliation
    FOR EACH ROW WHEN (OLD.until_date IS NOT NULL) EXECUTE FUNCTION place_over();

-- By its address a person signs in everywhere: who covers one of its partners alone does not change it.
CREATE OR REPLACE FUNCTION address_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'kith_api' OR current_setting('kith.scope', true) = '*' THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM affiliation a
        JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
        WHERE a.district_id = NEW.district_id AND a.contact_id = NEW.id AND a.archived_at IS NULL
          AND coalesce(a.until_date, 'infinity') >= district_today()
          AND NOT coalesce(kith_covers(p.lead_site_id), false)
          AND NOT (scope_has_mine() AND partner_is_own(p.id, p.owner_id))) THEN
        PERFORM refuse_field('email', 'This person has a place at another partner, too, which is outside of what your '
                                      || 'grants cover: whoever covers both changes the address, or a director.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER address_keep BEFORE UPDATE OF email ON contact
    FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email) EXECUTE FUNCTION address_keep();

-- With the last place by which somebody may sign in, what has been mailed to that person opens nothing any more, but
-- that no more mail is wanted. As the owner: nobody writes links.
CREATE OR REPLACE FUNCTION place_ended() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    today date := (SELECT (business_now() AT TIME ZONE d.zone)::date FROM district d WHERE d.id = NEW.district_id);
BEGIN
    PERFORM set_config('kith.district', NEW.district_id::text, true);
    IF NOT is_unguarded() AND NOT EXISTS (
        SELECT FROM affiliation a
        WHERE a.district_id = NEW.district_id AND a.contact_id = OLD.contact_id AND a.archived_at IS NULL
          AND a.may_sign_in AND coalesce(a.until_date, 'infinity') >= today) THEN
        UPDATE link l SET revoked_at = business_now()
        WHERE l.district_id = NEW.district_id AND l.contact_id = OLD.contact_id AND l.revoked_at IS NULL
          AND l.purpose <> 'preferences';
        UPDATE access_token t SET revoked_at = business_now()
        FROM app_user u
        WHERE u.district_id = NEW.district_id AND u.contact_id = OLD.contact_id AND t.district_id = u.district_id
          AND t.user_id = u.id AND t.kind = 'link' AND t.revoked_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER place_ended AFTER UPDATE OF contact_id, until_date, may_sign_in, archived_at ON affiliation
    FOR EACH ROW WHEN (OLD.archived_at IS NULL AND OLD.may_sign_in
        AND (NEW.archived_at IS NOT NULL OR NOT NEW.may_sign_in OR NEW.contact_id <> OLD.contact_id
             OR NEW.until_date IS NOT NULL))
    EXECUTE FUNCTION place_ended();

REVOKE EXECUTE ON FUNCTION vouch_keep, place_over, merge_doubts, address_keep, place_ended FROM PUBLIC;

RESET ROLE;
