-- Of a new address the old one is told, once a day at most: whoever has changed it, who had it learns of it, and whom to turn
-- to. Not where the old one was never more than a mistake: of a record that is no older than an hour, one that bounces,
-- one by which nobody has signed in and to which no mail of ours went.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION address_tell(p_contact uuid, p_user uuid, p_old text, p_locale text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    INSERT INTO message (district_id, id, class, topic, kind, subject_id, recipient_key, occurrence, contact_id, user_id,
                         to_address, locale, variables, status, not_before, not_after)
    SELECT district, uuid7(), 'account', 'account', 'address_changed', coalesce(p_contact, p_user),
           coalesce('contact:' || p_contact, 'user:' || p_user), format('%s of %s', md5(p_old), district_today()),
           p_contact, p_user, p_old, p_locale, jsonb_build_object('on', district_today()), 'queued', business_now,
           business_now + interval '7 days'
    WHERE NOT EXISTS (SELECT FROM address_suppression s
                      WHERE s.district_id = district AND s.address = p_old AND s.archived_at IS NULL)
    ON CONFLICT ON CONSTRAINT message_occurrence_key DO NOTHING;
END
$$;

-- Outside of a unit nobody changes an address, but whoever mends the database.
CREATE OR REPLACE FUNCTION address_is_told(p_created timestamptz) RETURNS boolean
LANGUAGE sql STABLE
RETURN nullif(current_setting('kith.now', true), '') IS NOT NULL AND NOT is_unguarded()
    AND p_created < business_now() - interval '1 hour';

-- The owner's: who may change an address need not be who may mail.
CREATE OR REPLACE FUNCTION contact_address_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT address_is_told(OLD.created_at) THEN
        RETURN NULL;
    END IF;
    IF NEW.status = 'active' AND NEW.archived_at IS NULL AND (
        EXISTS (SELECT FROM message m
                WHERE m.district_id = NEW.district_id AND m.contact_id = NEW.id AND m.to_address = OLD.email
                  AND m.status = 'sent')
        OR EXISTS (SELECT FROM app_user u
                   WHERE u.district_id = NEW.district_id AND u.contact_id = NEW.id AND user_is_known(u))) THEN
        PERFORM address_tell(NEW.id, NULL, OLD.email, coalesce(NEW.locale, d.locale))
        FROM district d WHERE d.id = NEW.district_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER contact_address_tell AFTER UPDATE OF email ON contact
    FOR EACH ROW WHEN (OLD.email IS NOT NULL AND NEW.email IS DISTINCT FROM OLD.email)
    EXECUTE FUNCTION contact_address_tell();

-- Whether somebody has ever come in as the user.
CREATE OR REPLACE FUNCTION user_is_known(u app_user) RETURNS boolean
LANGUAGE sql STABLE
RETURN u.password_hash IS NOT NULL
    OR EXISTS (SELECT FROM user_identity i WHERE i.district_id = u.district_id AND i.user_id = u.id)
    OR EXISTS (SELECT FROM access_token t
               WHERE t.district_id = u.district_id AND t.user_id = u.id AND t.kind = 'session');

-- Of a user that follows its contact (contact_account) the contact is told.
CREATE OR REPLACE FUNCTION user_address_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT address_is_told(OLD.created_at) THEN
        RETURN NULL;
    END IF;
    IF NEW.status = 'active' AND NEW.archived_at IS NULL AND user_is_known(OLD)
       AND NOT EXISTS (SELECT FROM contact c
                       WHERE c.district_id = NEW.district_id AND c.id = NEW.contact_id AND c.email = NEW.email) THEN
        PERFORM address_tell(NULL, NEW.id, OLD.email, NEW.locale);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER user_address_tell AFTER UPDATE OF email ON app_user
    FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email)
    EXECUTE FUNCTION user_address_tell();

-- The language that was decided for a mail, and is not its person's; of one that carries others, of all of them. NULL:
-- none was.
CREATE OR REPLACE FUNCTION message_locale(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$ -- as message_obstacle()
BEGIN
    IF m.kind <> 'duties' THEN
        RETURN m.variables ->> 'locale';
    END IF;
    RETURN (
        SELECT CASE WHEN count(*) = count(o.variables ->> 'locale') AND min(o.variables ->> 'locale') = max(o.variables ->> 'locale')
                    THEN min(o.variables ->> 'locale') END
        FROM message o WHERE o.district_id = m.district_id AND o.carried_by = m.id AND o.status <> 'suppressed');
END
$$;

-- Who gets a mail, by what is its person's now (mail_person); of an address that was changed, who had it.
DROP FUNCTION IF EXISTS message_recipient(message);
CREATE OR REPLACE FUNCTION message_recipient(
    m message, p_address text, p_locale text, p_situations text[], OUT address text, OUT locale text, OUT situations text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF m.inquiry_id IS NOT NULL THEN
        SELECT r.address, r.locale, r.situations INTO address, locale, situations FROM inquiry_recipient(m.inquiry_id) r;
        RETURN;
    END IF;
    IF p_situations IS NULL THEN
        RAISE no_data_found;
    END IF;
    address := p_address;
    locale := coalesce(message_locale(m), p_locale);
    situations := p_situations;
    IF m.kind = 'address_changed' THEN
        address := m.to_address;
        situations := array_remove(array_remove(situations, 'no_email'), 'bounced') || ARRAY(
            SELECT 'bounced' FROM address_suppression s
            WHERE s.district_id = m.district_id AND s.address = m.to_address AND s.archived_at IS NULL);
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION address_tell, address_is_told, contact_address_tell, user_is_known, user_address_tell,
    message_locale, message_recipient FROM PUBLIC;
GRANT EXECUTE ON FUNCTION message_locale, message_recipient TO kith_mailer;

RESET ROLE;
