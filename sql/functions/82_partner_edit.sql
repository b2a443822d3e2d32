-- A partner's edits of its own record: what a contact writes to own_partner is applied at once or waits for the
-- district's word, field by field, and each is a row of partner_edit.

SET ROLE kith_owner;

-- The fields of own_partner that a partner may change. What the district answers for waits; how the partner is
-- reached, and whether others see it, is its own to say.
CREATE OR REPLACE FUNCTION partner_edit_fields() RETURNS TABLE (field text, waits boolean)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('name',         true),
        ('kind',         true),
        ('ein',          true),
        ('website',      false),
        ('phone',        false),
        ('email',        false),
        ('street',       false),
        ('city',         false),
        ('state',        false),
        ('postal_code',  false),
        ('description',  true),
        ('strengths',    true),
        ('innovation',   true),
        ('funding_types', true),
        ('focus_area_ids', true),
        ('reach',        false),
        ('in_directory', false))
        AS f (field, waits);
END;

-- A field of the partner's as a partner_edit has it: lists in order; of the focus areas, which are rows of their own, the ids.
CREATE OR REPLACE FUNCTION partner_edit_current(p_district uuid, p_partner uuid, p_field text) RETURNS text
LANGUAGE sql STABLE
RETURN CASE p_field
    WHEN 'focus_area_ids' THEN (
        SELECT coalesce(jsonb_agg(a.focus_area_id ORDER BY a.focus_area_id), '[]')::text FROM partner_focus_area a
        WHERE a.district_id = p_district AND a.partner_id = p_partner AND a.archived_at IS NULL)
    WHEN 'funding_types' THEN (
        SELECT coalesce((SELECT jsonb_agg(k ORDER BY k) FROM unnest(p.funding_types) k), '[]')::text FROM partner p
        WHERE p.district_id = p_district AND p.id = p_partner)
    ELSE (SELECT to_jsonb(p) ->> p_field FROM partner p WHERE p.district_id = p_district AND p.id = p_partner) END;

CREATE OR REPLACE FUNCTION partner_edit_apply(p_district uuid, p_partner uuid, p_field text, p_said text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_field = 'focus_area_ids' THEN
        UPDATE partner_focus_area a SET archived_at = current_setting('kith.now')::timestamptz
        WHERE a.district_id = p_district AND a.partner_id = p_partner AND a.archived_at IS NULL
          AND NOT p_said::jsonb ? a.focus_area_id::text;
        INSERT INTO partner_focus_area (district_id, id, partner_id, focus_area_id)
        SELECT p_district, uuid7(), p_partner, w.id::uuid FROM jsonb_array_elements_text(p_said::jsonb) AS w (id)
        WHERE NOT EXISTS (SELECT FROM partner_focus_area a
                          WHERE a.district_id = p_district AND a.partner_id = p_partner
                            AND a.focus_area_id = w.id::uuid AND a.archived_at IS NULL);
    ELSIF p_field = 'funding_types' THEN
        UPDATE partner p SET funding_types = ARRAY(SELECT jsonb_array_elements_text(p_said::jsonb))
        WHERE p.district_id = p_district AND p.id = p_partner;
    ELSE
        EXECUTE format('UPDATE partner SET %I = %L WHERE district_id = $1 AND id = $2', p_field, p_said)
        USING p_district, p_partner;
    END IF;
END
$$;

-- What would be no good in the record is refused when it is said, and not when somebody accepts it.
CREATE OR REPLACE FUNCTION own_partner_check(p own_partner) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p.ein !~ '^[0-9]{9}$' THEN
        PERFORM refuse_field('ein', '"ein" must have nine digits.');
    ELSIF EXISTS (
        SELECT FROM jsonb_array_elements_text(p.focus_area_ids) AS w (id)
        WHERE NOT EXISTS (SELECT FROM focus_area f WHERE f.district_id = p.district_id AND f.id = w.id::uuid
                                                     AND f.archived_at IS NULL)) THEN
        PERFORM refuse_field('focus_area_ids', 'There is no such focus area.');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION partner_edits_waiting(p_partner uuid) RETURNS text[]
LANGUAGE sql STABLE
RETURN ARRAY(SELECT e.field FROM partner_edit e
             WHERE e.district_id = current_setting('kith.district')::uuid AND e.partner_id = p_partner
               AND e.status = 'waiting' AND e.archived_at IS NULL
             ORDER BY e.field);

-- What is said of a partner, both as objects of its fields. Of a field that is said anew, that takes the place of what
-- waits.
CREATE OR REPLACE FUNCTION partner_edits_put(p_district uuid, p_partner uuid, p_old jsonb, p_new jsonb, p_contact uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    f record;
    applied text;
BEGIN
    FOR f IN
        SELECT e.field, e.waits, p_old ->> e.field AS was, p_new ->> e.field AS said
        FROM partner_edit_fields() e
        WHERE p_old -> e.field IS DISTINCT FROM p_new -> e.field
    LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM partner_edit e
            WHERE e.district_id = p_district AND e.partner_id = p_partner AND e.field = f.field
              AND e.status = 'waiting' AND e.proposed IS NOT DISTINCT FROM f.said AND e.old IS NOT DISTINCT FROM f.was);
        UPDATE partner_edit e SET status = 'superseded', decided_at = business_now
        WHERE e.district_id = p_district AND e.partner_id = p_partner AND e.field = f.field
          AND e.status = 'waiting';
        INSERT INTO partner_edit (district_id, id, partner_id, field, old, proposed, status, contact_id)
        VALUES (p_district, uuid7(), p_partner, f.field, f.was, f.said,
                CASE WHEN f.waits THEN 'waiting' ELSE 'applied' END, p_contact);
        applied := concat_ws(', ', nullif(applied, ''), CASE WHEN NOT f.waits THEN format('%I = %L', f.field, f.said) END);
    END LOOP;
    IF applied <> '' THEN
        EXECUTE format('UPDATE partner SET %s WHERE district_id = $1 AND id = $2', applied)
        USING p_district, p_partner;
    END IF;
END
$$;

-- INSTEAD OF an update of own_partner. The owner's: no grant of a partner's covers the partner's row.
CREATE OR REPLACE FUNCTION own_partner_put() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found_version bigint;
BEGIN
    SELECT p.version INTO STRICT found_version FROM partner p
    WHERE p.district_id = OLD.district_id AND p.id = OLD.id FOR UPDATE;
    IF found_version <> OLD.version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    END IF;
    NEW.focus_area_ids := coalesce((SELECT jsonb_agg(w.id ORDER BY w.id)
                                    FROM jsonb_array_elements_text(NEW.focus_area_ids) AS w (id)), '[]');
    NEW.funding_types := ARRAY(SELECT k FROM unnest(NEW.funding_types) k ORDER BY k);
    OLD.funding_types := ARRAY(SELECT k FROM unnest(OLD.funding_types) k ORDER BY k);
    PERFORM own_partner_check(NEW);
    PERFORM partner_edits_put(OLD.district_id, OLD.id, to_jsonb(OLD), to_jsonb(NEW), NULL);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER own_partner_put INSTEAD OF UPDATE ON own_partner
    FOR EACH ROW EXECUTE FUNCTION own_partner_put();

CREATE OR REPLACE VIEW own_partner_edit WITH (security_invoker = true) AS
    SELECT e.district_id, e.id, e.version, e.created_at, e.updated_at, e.archived_at, e.partner_id, e.field,
           e.old, e.proposed, e.status, e.reason, e.decided_at, e.xmin -- whether this unit wrote it
    FROM partner_edit e
    WHERE e.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

-- The edit, locked, in its next status.
CREATE OR REPLACE FUNCTION partner_edit_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS partner_edit LANGUAGE plpgsql AS $$
DECLARE
    e partner_edit;
BEGIN
    PERFORM lock_row('partner_edit', p_id, p_version);
    SELECT * INTO STRICT e FROM partner_edit o WHERE o.id = p_id;
    UPDATE partner_edit o SET status = transition('partner_edit', p_action, e.status), reason = p_reason,
        decided_at = current_setting('kith.now')::timestamptz, decided_by = current_setting('kith.user')::uuid
    WHERE o.district_id = e.district_id AND o.id = e.id;
    RETURN e;
END
$$;

-- What the district itself has changed meanwhile is not overwritten by what was said before. Of whom the partner added,
-- that the person is of that organization, and may sign in for it.
CREATE OR REPLACE FUNCTION partner_edit_accept(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    e partner_edit := partner_edit_move(p_id, p_version, 'accept', NULL);
BEGIN
    PERFORM lock_row('partner', e.partner_id, NULL);
    IF e.affiliation_id IS NOT NULL THEN
        UPDATE affiliation a SET may_sign_in = true WHERE a.district_id = e.district_id AND a.id = e.affiliation_id;
        RETURN;
    END IF;
    IF partner_edit_current(e.district_id, e.partner_id, e.field) IS DISTINCT FROM e.old THEN
        PERFORM refuse_state('It was changed after the partner said this; refuse it, and ask again.',
                             jsonb_build_object('status', e.status, 'current', partner_edit_current(
                                 e.district_id, e.partner_id, e.field)));
    END IF;
    PERFORM partner_edit_apply(e.district_id, e.partner_id, e.field, e.proposed);
END
$$;

-- Of whom the partner added: the person has no place there.
CREATE OR REPLACE FUNCTION partner_edit_refuse(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    e partner_edit := partner_edit_move(p_id, p_version, 'refuse', p_reason);
BEGIN
    UPDATE affiliation a SET archived_at = current_setting('kith.now')::timestamptz
    WHERE a.district_id = e.district_id AND a.id = e.affiliation_id AND a.archived_at IS NULL;
END
$$;

-- What is decided of the place itself is decided of what waits for it: as the owner, since partners end places, too.
CREATE OR REPLACE FUNCTION vouching_over() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    is_over boolean := NEW.archived_at IS NOT NULL OR NEW.until_date <= (
        SELECT (business_now() AT TIME ZONE d.zone)::date FROM district d WHERE d.id = NEW.district_id);
BEGIN
    UPDATE partner_edit e SET status = CASE WHEN is_over THEN 'superseded' ELSE 'accepted' END,
        decided_at = business_now(), decided_by = nullif(current_setting('kith.user', true), '')::uuid
    WHERE e.district_id = NEW.district_id AND e.affiliation_id = NEW.id AND e.status = 'waiting'
      AND (is_over OR NEW.may_sign_in);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER vouching_over AFTER UPDATE OF may_sign_in, until_date, archived_at ON affiliation
    FOR EACH ROW WHEN (NEW.may_sign_in OR NEW.archived_at IS NOT NULL OR NEW.until_date IS NOT NULL)
    EXECUTE FUNCTION vouching_over();

-- The owner's, as own_partner_put().
CREATE OR REPLACE FUNCTION own_partner_edit_withdraw(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    e partner_edit;
BEGIN
    SELECT * INTO e FROM partner_edit o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id
      AND o.partner_id IN (SELECT own_partner_ids());
    IF e.id IS NULL THEN
        RAISE EXCEPTION 'no such edit' USING ERRCODE = 'KI404';
    END IF;
    PERFORM lock_row('partner_edit', p_id, p_version);
    UPDATE partner_edit o SET status = transition('own_partner_edit', 'withdraw', o.status),
        decided_at = current_setting('kith.now')::timestamptz
    WHERE o.district_id = e.district_id AND o.id = e.id;
END
$$;

-- Waits for whoever cares for the partner; where nobody does, for the directors: what it says of its record, and whom it
-- adds, by name.
DROP FUNCTION IF EXISTS my_person_vouching(uuid, date);
DROP FUNCTION IF EXISTS my_partner_edit(uuid, date);
DROP FUNCTION IF EXISTS partner_edits_of(uuid, date, boolean);
CREATE OR REPLACE FUNCTION partner_edits_of(p_user uuid, p_day date, p_of_people boolean)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.id, p.name || ': ' || coalesce(c.name, e.field),
           NULL::date, NULL::uuid
    FROM partner_edit e
    JOIN partner p ON p.district_id = e.district_id AND p.id = e.partner_id AND p.archived_at IS NULL
    LEFT JOIN affiliation a ON a.district_id = e.district_id AND a.id = e.affiliation_id
    LEFT JOIN contact c ON c.district_id = e.district_id AND c.id = a.contact_id
    WHERE e.district_id = current_setting('kith.district')::uuid AND e.status = 'waiting'
      AND e.archived_at IS NULL AND (a.id IS NOT NULL) = p_of_people AND a.archived_at IS NULL
      AND coalesce(a.until_date, 'infinity') >= p_day AND (p.owner_id = p_user OR p.owner_id IS NULL AND EXISTS (
        SELECT FROM user_grant g
        WHERE g.district_id = e.district_id AND g.user_id = p_user AND g.role = 'director'
          AND g.scope_kind = 'district' AND g.archived_at IS NULL
          AND p_day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity')));
END;
CREATE OR REPLACE FUNCTION my_partner_edit(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.* FROM partner_edits_of(p_user, p_day, false) e;
END;
CREATE OR REPLACE FUNCTION my_person_vouching(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.* FROM partner_edits_of(p_user, p_day, true) e;
END;

REVOKE EXECUTE ON FUNCTION partner_edits_put, partner_edit_current, partner_edit_apply, own_partner_check, partner_edit_fields, partner_edits_waiting, own_partner_put, partner_edit_move,
    partner_edit_accept, partner_edit_refuse, own_partner_edit_withdraw, vouching_over, partner_edits_of, my_partner_edit,
    my_person_vouching FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_edit_fields, partner_edit_current, partner_edit_apply, partner_edits_waiting, partner_edit_move, partner_edit_accept, partner_edit_refuse,
    own_partner_edit_withdraw, partner_edits_of, my_partner_edit, my_person_vouching TO kith_api;
GRANT UPDATE ON own_partner TO kith_api;
GRANT SELECT ON own_partner_edit TO kith_api;

RESET ROLE;
