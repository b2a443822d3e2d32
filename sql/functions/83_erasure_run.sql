-- An erasure as it runs: addresses that do not come back, mentions, accounts that are shut, and the whole of it.

SET ROLE kith_owner;

-- ---- Doing it ------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION erased_hash(p_district uuid, p_address text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN encode(sha256(convert_to(p_district || ' ' || lower(p_address), 'UTF8')), 'hex');

-- No write brings an erased address back, an import's neither.
CREATE OR REPLACE FUNCTION erased_address_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM erased_address a
               WHERE a.district_id = NEW.district_id AND a.hash = erased_hash(NEW.district_id, NEW.email)) THEN
        PERFORM refuse_field('email', '"email" is of a person who was erased.');
    ELSIF EXISTS (
        SELECT FROM jsonb_array_elements_text(coalesce(to_jsonb(NEW) -> 'other_emails', '[]')) AS o
        JOIN erased_address a ON a.district_id = NEW.district_id AND a.hash = erased_hash(NEW.district_id, o)) THEN
        PERFORM refuse_field('other_emails', 'One of "other_emails" is of a person who was erased.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER erased_address_check BEFORE INSERT OR UPDATE OF email, other_emails ON contact
    FOR EACH ROW WHEN (NEW.email IS NOT NULL OR NEW.other_emails <> '{}') EXECUTE FUNCTION erased_address_check();
CREATE OR REPLACE TRIGGER erased_address_check BEFORE INSERT OR UPDATE OF email ON app_user
    FOR EACH ROW EXECUTE FUNCTION erased_address_check();

-- Replaces what is searched in one table, row by row, and what guards the table stands aside meanwhile. Where there is
-- no room for the word, a mark of one letter stands in its place.
DROP FUNCTION IF EXISTS erasure_mentions(text, text);
CREATE OR REPLACE FUNCTION erasure_mentions(
    p_table text, p_condition text, p_change text, p_pattern text, OUT changed bigint, OUT kept bigint)
LANGUAGE plpgsql AS $$
DECLARE
    place tid;
    word text;
BEGIN
    changed := 0;
    kept := 0;
    FOR place IN EXECUTE format(
        'SELECT t.ctid FROM %I t WHERE t.district_id = current_setting(''kith.district'')::uuid AND %s FOR UPDATE',
        p_table, p_condition) USING p_pattern
    LOOP
        FOREACH word IN ARRAY '{[erased],*,NULL}'::text[] LOOP
            IF word IS NULL THEN
                kept := kept + 1;
                EXIT;
            END IF;
            BEGIN
                EXECUTE format('UPDATE %I t SET %s WHERE t.ctid = $3', p_table, p_change)
                USING p_pattern, word, place;
                changed := changed + 1;
                EXIT;
            EXCEPTION WHEN integrity_constraint_violation OR invalid_text_representation THEN
                NULL; -- once more, shorter
            END;
        END LOOP;
    END LOOP;
END
$$;

-- What the person can still be reached by, or come in with.
CREATE OR REPLACE FUNCTION erasure_shut(e erasure, p_contact uuid, p_user uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    addresses text[] := ARRAY(
        SELECT a FROM contact c, unnest(c.email || c.other_emails) AS a
        WHERE c.district_id = e.district_id AND c.id = p_contact AND a IS NOT NULL
        UNION
        SELECT u.email FROM app_user u WHERE u.district_id = e.district_id AND u.id = p_user);
BEGIN
    UPDATE message m SET status = 'suppressed', reason = 'left_org', claimed_until = NULL
    WHERE m.district_id = e.district_id AND (m.contact_id = p_contact OR m.user_id = p_user)
      AND m.status IN ('queued', 'retry');
    -- Written to before it was a contact.
    UPDATE message m SET to_address = 'erased@invalid', claimed_until = NULL,
        status = CASE WHEN m.status IN ('queued', 'retry') THEN 'suppressed' ELSE m.status END,
        reason = CASE WHEN m.status IN ('queued', 'retry') THEN 'left_org' ELSE m.reason END
    WHERE m.district_id = e.district_id AND m.inquiry_id IS NOT NULL AND m.to_address = ANY (addresses);
    UPDATE link l SET revoked_at = coalesce(l.revoked_at, business_now), stop_hash = NULL, stop_expires_at = NULL
    WHERE l.district_id = e.district_id AND (l.contact_id = p_contact OR l.user_id = p_user)
      AND (l.revoked_at IS NULL OR l.stop_hash IS NOT NULL);
    UPDATE app_user u SET status = 'disabled', archived_at = coalesce(u.archived_at, business_now)
    WHERE u.district_id = e.district_id AND u.id = p_user;
    UPDATE user_grant g SET archived_at = business_now
    WHERE g.district_id = e.district_id AND g.user_id = p_user AND g.archived_at IS NULL;
    UPDATE contact c SET archived_at = coalesce(c.archived_at, business_now)
    WHERE c.district_id = e.district_id AND c.id = p_contact;
    -- A story does not go on telling of whoever is to be forgotten (89_story.sql).
    UPDATE story_subject t SET consent_on = NULL, consent_contact_id = NULL, consent_recorded_by = NULL,
        consent_seal = NULL, answered_at = NULL, answered_by = NULL, answer_note = NULL
    WHERE t.district_id = e.district_id AND t.contact_id = p_contact AND t.consent_on IS NOT NULL;
    UPDATE address_suppression s SET address = 'erased-' || s.id || '@invalid', detail = NULL
    WHERE s.district_id = e.district_id AND s.address = ANY (addresses);
    DELETE FROM idempotency i
    WHERE i.district_id = e.district_id
      AND (i.principal IN (p_user::text, p_contact::text)
           OR i.body LIKE ANY (SELECT '%' || w || '%'
                               FROM unnest(addresses || ARRAY[p_contact::text, p_user::text]) AS w
                               WHERE w IS NOT NULL));
    DELETE FROM records_part p USING records_request r
    WHERE p.district_id = e.district_id AND r.district_id = p.district_id AND r.id = p.records_request_id
      AND (r.contact_id = p_contact OR r.user_id = p_user);
    INSERT INTO erased_address (district_id, erasure_id, hash)
    SELECT e.district_id, e.id, erased_hash(e.district_id, a) FROM unnest(addresses) AS a
    ON CONFLICT DO NOTHING; -- of a record that was merged into this one
END
$$;

-- All of it. The owner's: nobody else may write all these tables. p_files: those that somebody has looked at.
DROP FUNCTION IF EXISTS erasure_apply(erasure);
CREATE OR REPLACE FUNCTION erasure_apply(e erasure, p_files uuid[], OUT changed bigint, OUT kept bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    p record;
    done record;
BEGIN
    changed := 0;
    kept := 0;
    FOR p IN SELECT * FROM erasure_persons(e) LOOP
        done := erasure_apply_to(e, p.contact_id, p.user_id, p_files);
        changed := changed + done.changed;
        kept := kept + done.kept;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION erasure_apply_to(
    e erasure, p_contact uuid, p_user uuid, p_files uuid[], OUT changed bigint, OUT kept bigint)
LANGUAGE plpgsql AS $$
DECLARE
    pattern text := erasure_pattern(p_contact, p_user);
    r record;
    ignored text;
    done record;
    here bigint;
    own_files uuid[] := ARRAY(SELECT f.attachment_id FROM erasure_files(p_contact, p_user) f
                              WHERE f.how = 'delete');
BEGIN
    changed := cardinality(own_files || p_files);
    kept := 0;
    ignored := erasure_shut(e, p_contact, p_user);
    ignored := set_config('kith.erasing', 'on', true);
    ignored := erasure_files_delete(own_files || p_files);
    FOR r IN
        SELECT o.*, x.type FROM personal_rules() o
        LEFT JOIN personal_texts() x ON x.name = o.name AND x.field = o.field
        WHERE o.rule IN ('replace', 'delete')
    LOOP
        EXECUTE CASE r.rule
            WHEN 'delete' THEN format('DELETE FROM %I t WHERE %s', r.name,
                                      erasure_rule_condition(r.person, r.by_field))
            ELSE format('UPDATE %I t SET %I = %s WHERE %s AND t.%I IS NOT NULL', r.name, r.field,
                        CASE WHEN r.value IS NULL THEN 'NULL'
                             ELSE format('replace(%L, ''{id}'', coalesce(to_jsonb(t) ->> ''id'', ''''))::%s',
                                         r.value, r.type) END,
                        erasure_rule_condition(r.person, r.by_field), r.field) END
        USING p_contact, p_user;
        GET DIAGNOSTICS here = ROW_COUNT;
        changed := changed + here;
    END LOOP;
    IF e.replaces_mentions AND pattern IS NOT NULL THEN
        FOR r IN SELECT s.* FROM erasure_searches() s LOOP
            done := erasure_mentions(r.name, r.condition, r.change, pattern);
            changed := changed + done.changed;
            kept := kept + done.kept;
        END LOOP;
    END IF;
    ignored := set_config('kith.erasing', '', true);
END
$$;

DROP FUNCTION IF EXISTS erasure_run(uuid, bigint);
CREATE OR REPLACE FUNCTION erasure_run(p_id uuid, p_version bigint, p_files jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    files uuid[] := ARRAY(SELECT f::uuid FROM jsonb_array_elements_text(coalesce(p_files, '[]')) AS f);
    e erasure;
    next_status text;
    p record;
    reasons jsonb;
    done record;
BEGIN
    PERFORM lock_row('erasure', p_id, p_version);
    SELECT * INTO STRICT e FROM erasure o WHERE o.id = p_id;
    next_status := transition('erasure', 'run', e.status);
    p := erasure_person(e);
    PERFORM FROM contact c WHERE c.district_id = e.district_id AND c.id = p.contact_id FOR UPDATE;
    reasons := erasure_reasons(p.contact_id, p.user_id);
    IF reasons <> '[]' THEN
        PERFORM refuse_state('A legal hold, an open records request or a retention schedule outranks this.',
                             jsonb_build_object('reasons', reasons));
    END IF;
    IF NOT files <@ ARRAY(SELECT f.attachment_id FROM erasure_files(p.contact_id, p.user_id) f) THEN
        PERFORM refuse_field('attachment_ids', '"attachment_ids" has a file that the preview does not list.');
    END IF;
    done := erasure_apply(e, files);
    UPDATE erasure o SET status = next_status, done_at = current_setting('kith.now')::timestamptz,
        done_by = current_setting('kith.user')::uuid, changed_rows = done.changed, kept_rows = done.kept
    WHERE o.district_id = e.district_id AND o.id = e.id;
END
$$;

CREATE OR REPLACE FUNCTION erasure_withdraw(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('erasure', p_id, p_version, 'withdraw');
BEGIN
    UPDATE erasure o SET status = next_status WHERE o.id = p_id;
END
$$;

-- The person may come back by its address: as somebody new.
CREATE OR REPLACE FUNCTION erasure_lift_address(p_erasure uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    DELETE FROM erased_address a
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.erasure_id = p_erasure;
END;

CREATE OR REPLACE FUNCTION erasure_lift(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM action_begin('erasure', p_id, p_version, 'lift');
    PERFORM erasure_lift_address(p_id);
    UPDATE erasure o SET lifted_at = current_setting('kith.now')::timestamptz WHERE o.id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION erased_hash, erased_address_check, erasure_mentions, erasure_shut, erasure_apply_to,
    erasure_apply, erasure_run, erasure_withdraw, erasure_lift_address, erasure_lift FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erasure_apply, erasure_run, erasure_withdraw, erasure_lift_address, erasure_lift TO kith_api;
GRANT EXECUTE ON FUNCTION erased_hash TO kith_api, kith_mailer;

RESET ROLE;
