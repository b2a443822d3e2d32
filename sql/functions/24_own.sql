-- What is private: its owners and the directors read and write it, whatever else they may write.

SET ROLE kith_owner;

-- Whether the context's user cares for it today, first or among others: who does reads what is private of it, as
-- directors do.
CREATE OR REPLACE FUNCTION partner_is_own(p_id uuid, p_owner uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    me uuid := nullif(current_setting('kith.user'), '')::uuid;
BEGIN
    RETURN me IS NOT NULL AND (coalesce(p_owner = me, false) OR EXISTS (
        SELECT FROM partner_owner o
        WHERE o.district_id = current_setting('kith.district')::uuid AND o.partner_id = p_id AND o.user_id = me
          AND o.archived_at IS NULL
          AND district_today() BETWEEN coalesce(o.from_date, '-infinity') AND coalesce(o.until_date, 'infinity')));
END
$$;

CREATE OR REPLACE FUNCTION contact_is_own(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM affiliation a
        JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id AND p.archived_at IS NULL
        WHERE a.district_id = current_setting('kith.district')::uuid AND a.contact_id = p_id AND a.archived_at IS NULL
          AND district_today() BETWEEN coalesce(a.from_date, '-infinity') AND coalesce(a.until_date, 'infinity')
          AND partner_is_own(p.id, p.owner_id));
END
$$;

-- Whether the context reads what a field of the class says of the record.
CREATE OR REPLACE FUNCTION custom_is_read(p_class text, p_partner uuid, p_contact uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE p_class
        WHEN 'public' THEN true
        WHEN 'directory' THEN
            kith_has_role('admin,director,executive,coordinator,school_leader,reviewer,data_steward')
        ELSE kith_has_role('admin,director')
            OR p_contact IS NOT NULL AND contact_is_own(p_contact)
            OR p_partner IS NOT NULL AND partner_is_own(
                p_partner, (SELECT p.owner_id FROM partner p
                            WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partner)) END;
END
$$;

-- Where somebody writes what is private of a row that no grant covers: whose row it is, as a condition over it, and the
-- columns that are private; NULL: the whole row is.
CREATE OR REPLACE FUNCTION private_tables() RETURNS TABLE (name text, own text, columns text[])
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT t.name, t.own, t.columns::text[] FROM (VALUES
        ('partner', $e$kith_has_role('admin,director') OR partner_is_own(partner.id, partner.owner_id)$e$,
         '{culture_notes,language_notes}'),
        ('contact', $e$kith_has_role('admin,director') OR contact_is_own(contact.id)$e$, '{notes}'),
        ('custom_value', $e$EXISTS (
            SELECT FROM custom_field f
            WHERE f.district_id = custom_value.district_id AND f.id = custom_value.custom_field_id
              AND f.class = 'private')
            AND custom_is_read('private', custom_value.partner_id, custom_value.contact_id)$e$, NULL))
        AS t (name, own, columns);
END;

-- A unit that is there to write what is private has a scope that ends in "own" (kith_enter).
CREATE OR REPLACE FUNCTION scope_has_own() RETURNS boolean
LANGUAGE sql STABLE
RETURN strpos(current_setting('kith.scope', true), 'own') > 0;

-- In such a unit what is private changes alone.
CREATE OR REPLACE FUNCTION keep_to_private() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    private text[];
    changed text;
BEGIN
    IF current_user <> 'kith_api' THEN
        RETURN NEW;
    END IF;
    private := (SELECT t.columns FROM private_tables() t WHERE t.name = TG_TABLE_NAME);
    SELECT min(n.key) INTO changed
    FROM jsonb_each(to_jsonb(NEW)) n
    WHERE n.key <> ALL (private || '{version,updated_at}')
      AND n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key;
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION '"%" is no private field.', changed USING ERRCODE = 'KI493', COLUMN = changed;
    END IF;
    RETURN NEW;
END
$$;

REVOKE EXECUTE ON FUNCTION partner_is_own, contact_is_own, custom_is_read, private_tables, scope_has_own, keep_to_private
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_is_own, contact_is_own, custom_is_read, private_tables, scope_has_own TO kith_api;

RESET ROLE;
