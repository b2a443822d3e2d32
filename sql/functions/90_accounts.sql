-- Rules of accounts over several rows, and what sets a password.

SET ROLE kith_owner;

-- A grant's scope names something of its district. No foreign key: the table depends on the kind.
CREATE OR REPLACE FUNCTION require_scope() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE NEW.scope_kind
        WHEN 'network' THEN EXISTS (
            SELECT FROM network n WHERE n.district_id = NEW.district_id AND n.id = NEW.scope_id)
        WHEN 'site' THEN EXISTS (
            SELECT FROM site s WHERE s.district_id = NEW.district_id AND s.id = NEW.scope_id)
        WHEN 'partner' THEN EXISTS (
            SELECT FROM partner p WHERE p.district_id = NEW.district_id AND p.id = NEW.scope_id)
        ELSE true END) THEN
        RAISE EXCEPTION 'the scope is not there' USING ERRCODE = '23503',
            TABLE = TG_TABLE_NAME, CONSTRAINT = 'user_grant_scope_id_fkey';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER require_scope AFTER INSERT OR UPDATE OF scope_kind, scope_id ON user_grant
    FOR EACH ROW WHEN (NEW.scope_id IS NOT NULL) EXECUTE FUNCTION require_scope();

-- A grant that lets its user administer the district from now on, without an end.
CREATE OR REPLACE FUNCTION is_admin_grant(p_grant user_grant) RETURNS boolean
LANGUAGE sql STABLE
RETURN p_grant.role = 'admin' AND p_grant.scope_kind = 'district' AND p_grant.archived_at IS NULL
    AND p_grant.until_date IS NULL
    AND p_grant.from_date <= (
        SELECT (business_now() AT TIME ZONE d.zone)::date FROM district d
        WHERE d.id = p_grant.district_id);

-- Refuses where nobody would be left who administers the district. Under a lock, so that of two who
-- leave at once the second one sees that the first one left, or fails with 55P03.
CREATE OR REPLACE FUNCTION require_admin(p_district uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('last admin ' || p_district, 0));
    IF NOT EXISTS (
        SELECT FROM user_grant g
        JOIN app_user u ON u.district_id = g.district_id AND u.id = g.user_id
        WHERE g.district_id = p_district AND g.role = 'admin' AND is_admin_grant(g)
          AND u.status = 'active' AND u.archived_at IS NULL) THEN
        PERFORM refuse_state(
            'This would leave the district without an active administrator; make another one first.',
            '{"administrators": 0}');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION keep_admin_grant() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF is_admin_grant(OLD) AND NOT is_admin_grant(NEW) THEN
        PERFORM require_admin(OLD.district_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER keep_admin_grant AFTER UPDATE ON user_grant
    FOR EACH ROW WHEN (OLD.role = 'admin') EXECUTE FUNCTION keep_admin_grant();

-- Whoever may work no more holds no token any more: a user that comes back signs in anew.
CREATE OR REPLACE FUNCTION end_access() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM user_grant g
        WHERE g.district_id = NEW.district_id AND g.user_id = NEW.id AND g.role = 'admin'
          AND is_admin_grant(g)) THEN
        PERFORM require_admin(NEW.district_id);
    END IF;
    UPDATE access_token SET revoked_at = business_now()
    WHERE district_id = NEW.district_id AND user_id = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER end_access AFTER UPDATE ON app_user
    FOR EACH ROW
    WHEN (OLD.status = 'active' AND OLD.archived_at IS NULL
          AND (NEW.status <> 'active' OR NEW.archived_at IS NOT NULL))
    EXECUTE FUNCTION end_access();

-- A new password, which ends the user's sessions but the one that keeps, and the links that would
-- set another one. False: the user is not active.
CREATE OR REPLACE FUNCTION password_put(p_user uuid, p_hash text, p_kept_token text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    UPDATE app_user u SET password_hash = p_hash
    WHERE u.district_id = district AND u.id = p_user
      AND u.status = 'active' AND u.archived_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE access_token t SET revoked_at = business_now()
    WHERE t.district_id = district AND t.user_id = p_user AND t.revoked_at IS NULL
      AND (t.kind = 'session' OR t.purpose IN ('password', 'invitation', 'sign_in'))
      AND t.token_hash IS DISTINCT FROM p_kept_token;
    RETURN true;
END
$$;

-- Whose password the link sets, with what a new one may not contain; no user: the link is spent,
-- over, or none.
CREATE OR REPLACE FUNCTION password_link_begin(
    p_district uuid, p_token_hash text, p_keys text[], p_now text, p_request text,
    OUT user_id uuid, OUT email text, OUT name text, OUT wait_s integer)
LANGUAGE plpgsql AS $$
BEGIN
    wait_s := sign_in_enter(p_district, p_keys, p_now, p_request);
    IF wait_s > 0 THEN
        RETURN;
    END IF;
    SELECT u.id, u.email, u.name INTO user_id, email, name
    FROM access_token t
    JOIN app_user u ON u.district_id = t.district_id AND u.id = t.user_id
    WHERE t.district_id = p_district AND t.token_hash = p_token_hash
      AND t.kind = 'link' AND t.purpose IN ('password', 'invitation')
      AND t.revoked_at IS NULL AND t.archived_at IS NULL AND t.expires_at > p_now::timestamptz
      AND u.status = 'active' AND u.archived_at IS NULL;
    IF user_id IS NULL AND EXISTS (SELECT FROM district d WHERE d.id = p_district) THEN
        PERFORM sign_in_failed(p_district, NULL, p_keys, p_now, p_request);
    END IF;
END
$$;

-- Spends the link, once, and sets the password. Whoever was invited is signed in by it, by the session p_session
-- (NULL: not). done is false where somebody else spent it meanwhile.
DROP FUNCTION IF EXISTS password_link_spend(uuid, text, text, text, text);
CREATE OR REPLACE FUNCTION password_link_spend(
    p_district uuid, p_token_hash text, p_hash text, p_session uuid, p_session_hash text, p_address text,
    p_agent text, p_now text, p_request text, OUT done boolean, OUT is_signed_in boolean)
LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    used text;
    ignored timestamptz;
BEGIN
    is_signed_in := false;
    PERFORM kith_context(p_district, '', '', p_now, p_request);
    SELECT t.user_id, t.purpose INTO owner, used FROM access_token t
    WHERE t.district_id = p_district AND t.token_hash = p_token_hash;
    PERFORM set_config('kith.user', owner::text, true); -- a person may write what is its own
    UPDATE access_token t SET revoked_at = business_now()
    WHERE t.district_id = p_district AND t.token_hash = p_token_hash
      AND t.kind = 'link' AND t.purpose IN ('password', 'invitation')
      AND t.revoked_at IS NULL AND t.expires_at > p_now::timestamptz;
    done := FOUND AND password_put(owner, p_hash, NULL);
    IF done AND used = 'invitation' AND p_session IS NOT NULL THEN
        is_signed_in := true;
        ignored := sign_in_done(p_district, owner, p_session, p_session_hash, '{}', p_address, p_agent, p_now,
                                p_request);
    END IF;
END
$$;

-- A link with which the user sets a password: when it ends, or NULL where there is no such user. One at a time:
-- earlier ones end.
CREATE OR REPLACE FUNCTION password_link_create(
    p_id uuid, p_user uuid, p_token_hash text, OUT expires_at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    u app_user;
BEGIN
    SELECT o.* INTO u FROM app_user o WHERE o.district_id = district AND o.id = p_user;
    IF u.id IS NULL THEN
        RETURN;
    ELSIF u.status <> 'active' OR u.archived_at IS NOT NULL THEN
        PERFORM refuse_state('The user is disabled or archived, and signs in no more.', jsonb_build_object(
            'status', u.status, 'archived_at', rfc3339(u.archived_at)));
    END IF;
    UPDATE access_token t SET revoked_at = business_now()
    WHERE t.district_id = district AND t.user_id = p_user AND t.purpose = 'password'
      AND t.revoked_at IS NULL;
    expires_at := business_now() + interval '24 hours';
    INSERT INTO access_token (district_id, id, user_id, kind, purpose, token_hash, expires_at)
    VALUES (district, p_id, p_user, 'link', 'password', p_token_hash, expires_at);
END
$$;

-- Ends a key; to end it again changes nothing.
CREATE OR REPLACE FUNCTION api_key_revoke(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM api_key k WHERE k.id = p_id) THEN
        RAISE EXCEPTION 'no such key' USING ERRCODE = 'KI404';
    END IF;
    PERFORM lock_row('access_token', p_id, p_version);
    UPDATE access_token t SET revoked_at = business_now()
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id
      AND t.revoked_at IS NULL;
END
$$;

-- Ends the hold of mail in a new district, whose mails have been shown as they are. What waits since an earlier day is
-- left out.
DROP FUNCTION IF EXISTS district_go_live(uuid, bigint);
CREATE OR REPLACE FUNCTION district_go_live(p_id uuid, p_version bigint, p_preview text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    live_at timestamptz;
BEGIN
    PERFORM lock_row('district', p_id, p_version);
    SELECT d.go_live_at INTO live_at FROM district d WHERE d.id = p_id;
    IF live_at IS NOT NULL THEN
        PERFORM refuse_state('The district is live already.',
                             jsonb_build_object('go_live_at', rfc3339(live_at)));
    ELSIF p_preview <> mails_preview() THEN
        PERFORM refuse_state('What would go has changed since it was shown; look again.',
                             setup_document(200) -> 'mails');
    END IF;
    PERFORM mails_leave_out();
    UPDATE district d SET go_live_at = business_now() WHERE d.id = p_id;
END
$$;

-- Holds all mail but that of accounts, until somebody releases it.
CREATE OR REPLACE FUNCTION district_hold_mail(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    held_at timestamptz;
BEGIN
    PERFORM lock_row('district', p_id, p_version);
    SELECT d.mail_held_at INTO held_at FROM district d WHERE d.id = p_id;
    IF held_at IS NOT NULL THEN
        PERFORM refuse_state('The mail is on hold already.', jsonb_build_object('mail_held_at', rfc3339(held_at)));
    ELSIF p_reason !~ '\S' THEN
        PERFORM refuse_field('reason', '"reason" must say something.');
    END IF;
    UPDATE district d SET mail_held_at = business_now(), mail_hold_reason = p_reason,
        mail_held_by = current_setting('kith.user')::uuid
    WHERE d.id = p_id;
END
$$;

-- What waits since an earlier day, or is over, is left out.
CREATE OR REPLACE FUNCTION district_release_mail(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    d district;
BEGIN
    PERFORM lock_row('district', p_id, p_version);
    SELECT * INTO STRICT d FROM district o WHERE o.id = p_id;
    IF d.mail_held_at IS NULL THEN
        PERFORM refuse_state('Nobody holds the mail.', jsonb_build_object('go_live_at', rfc3339(d.go_live_at)));
    END IF;
    IF d.go_live_at IS NOT NULL THEN
        PERFORM mails_leave_out();
    END IF;
    UPDATE district o SET mail_held_at = NULL, mail_hold_reason = NULL, mail_held_by = NULL
    WHERE o.id = p_id;
END
$$;

-- The roles that a new key may have: for oneself those of the context, for somebody else the ones
-- that he holds.
CREATE OR REPLACE FUNCTION api_key_roles(p_user uuid) RETURNS text[]
LANGUAGE sql STABLE
RETURN CASE WHEN p_user = current_setting('kith.user')::uuid
    THEN string_to_array(current_setting('kith.roles'), ',')
    ELSE ARRAY(
        SELECT g.role FROM user_grant g
        JOIN district d ON d.id = g.district_id
        WHERE g.district_id = current_setting('kith.district')::uuid AND g.user_id = p_user
          AND g.archived_at IS NULL
          AND (business_now() AT TIME ZONE d.zone)::date
              BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'))
    END;

-- The place lies within the other one.
CREATE OR REPLACE FUNCTION lies_within(
    p_district uuid, p_kind text, p_id uuid, p_outer_kind text, p_outer_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p_outer_kind = 'district' OR (p_kind = p_outer_kind AND p_id = p_outer_id)
        OR (p_kind = 'site' AND p_outer_kind = 'network' AND EXISTS (
            SELECT FROM site s
            WHERE s.district_id = p_district AND s.id = p_id AND s.network_id = p_outer_id));
END
$$;

-- The limits of a new key are right, and within those of the key that asks for it, if one does.
CREATE OR REPLACE FUNCTION check_key_limits(p_key access_token, p_asking access_token) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    places bigint := (SELECT count(*) FROM (
        SELECT FROM network n
        WHERE p_key.scope_kind = 'network' AND n.district_id = p_key.district_id AND n.id = p_key.scope_id
        UNION ALL
        SELECT FROM site s
        WHERE p_key.scope_kind = 'site' AND s.district_id = p_key.district_id AND s.id = p_key.scope_id) AS there);
BEGIN
    IF (p_key.scope_kind = 'district') <> (p_key.scope_id IS NULL) THEN
        PERFORM refuse_field('scope_id', '"scope_id" names the network or site of "scope_kind", and nothing else.');
    ELSIF p_key.scope_kind <> 'district' AND places = 0 THEN
        RAISE EXCEPTION 'no such place' USING ERRCODE = '23503',
            TABLE = 'api_key', CONSTRAINT = 'api_key_scope_id_fkey';
    ELSIF p_asking.id IS NULL THEN
        RETURN;
    ELSIF NOT p_key.resources <@ coalesce(p_asking.resources, p_key.resources) THEN
        PERFORM refuse_field('resources', '"resources" names what the key that asks may not ask itself.');
    ELSIF NOT lies_within(p_key.district_id, p_key.scope_kind, p_key.scope_id, p_asking.scope_kind,
                          p_asking.scope_id) THEN
        PERFORM refuse_field('scope_id', '"scope_id" lies outside of what the key that asks is for.');
    END IF;
END
$$;

-- A key. What asks for it with a key of its own gets no more than that has: its roles, its end, its limits. KI403:
-- somebody else's key without being an administrator.
DROP FUNCTION IF EXISTS api_key_create(uuid, uuid, text, timestamptz, text[], text, text);
CREATE OR REPLACE FUNCTION api_key_create(
    p_id uuid, p_user uuid, p_label text, p_expires_at timestamptz, p_roles text[],
    p_is_read_only boolean, p_resources text[], p_scope_kind text, p_scope_id uuid,
    p_token_hash text, p_asking_hash text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    self uuid := current_setting('kith.user')::uuid;
    asking access_token;
    made access_token;
BEGIN
    IF p_user <> self AND NOT kith_has_role('admin') THEN
        RAISE EXCEPTION 'another''s key' USING ERRCODE = 'KI403';
    END IF;
    IF NOT EXISTS (
        SELECT FROM app_user u
        WHERE u.district_id = district AND u.id = coalesce(p_user, self)
          AND u.status = 'active' AND u.archived_at IS NULL) THEN
        RAISE EXCEPTION 'no such user' USING ERRCODE = '23503',
            TABLE = 'api_key', CONSTRAINT = 'api_key_user_id_fkey';
    END IF;
    IF NOT p_roles <@ api_key_roles(coalesce(p_user, self)) THEN
        RAISE EXCEPTION 'roles that the user has not' USING ERRCODE = '23514',
            TABLE = 'api_key', CONSTRAINT = 'api_key_roles_check';
    END IF;
    SELECT t.* INTO asking FROM access_token t
    WHERE t.district_id = district AND t.token_hash = p_asking_hash AND t.kind = 'api_key';
    made.district_id := district;
    made.resources := coalesce(p_resources, asking.resources);
    made.scope_kind := coalesce(p_scope_kind, CASE WHEN p_scope_id IS NULL THEN asking.scope_kind END, 'district');
    made.scope_id := CASE WHEN p_scope_kind IS NULL AND p_scope_id IS NULL THEN asking.scope_id ELSE p_scope_id END;
    PERFORM check_key_limits(made, asking);
    IF asking.user_id <> coalesce(p_user, self) THEN
        asking.roles := NULL; -- those are of another person
        asking.expires_at := NULL;
    END IF;
    INSERT INTO access_token (district_id, id, user_id, kind, token_hash, label, expires_at, roles, is_read_only,
                              resources, scope_kind, scope_id)
    VALUES (district, p_id, coalesce(p_user, self), 'api_key', p_token_hash, p_label,
            least(p_expires_at, asking.expires_at), coalesce(p_roles, asking.roles),
            coalesce(p_is_read_only, false), made.resources, made.scope_kind, made.scope_id);
END
$$;

DROP FUNCTION IF EXISTS account_now(); -- of before

REVOKE EXECUTE ON FUNCTION require_scope, is_admin_grant, require_admin,
    keep_admin_grant, end_access, password_put, password_link_begin, password_link_spend,
    password_link_create, api_key_revoke, district_go_live, district_hold_mail, district_release_mail,
    api_key_roles, lies_within, check_key_limits, api_key_create FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_admin_grant, require_admin, password_put,
    password_link_begin, password_link_spend, password_link_create, api_key_revoke,
    district_go_live, district_hold_mail, district_release_mail, api_key_roles, lies_within,
    check_key_limits, api_key_create TO kith_api;

RESET ROLE;
