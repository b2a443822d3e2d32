-- How people get in without a password, and are seen out: invitations, partners' contacts, links that sign
-- in, sessions of others.

SET ROLE kith_owner;

-- ---- Invitations ---------------------------------------------------------------------------------

-- Who has a password needs none; who is not active could not use it.
CREATE OR REPLACE FUNCTION user_invitation_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    u app_user;
BEGIN
    SELECT * INTO u FROM app_user o
    WHERE o.district_id = NEW.district_id AND o.id = NEW.user_id;
    IF u.id IS NOT NULL AND (u.status <> 'active' OR u.archived_at IS NOT NULL) THEN
        PERFORM refuse_field('user_id', '"user_id" is not active.');
    ELSIF u.password_hash IS NOT NULL THEN
        PERFORM refuse_state('The user has a password; a new one is set by a password reset.',
                             '{"has_password": true}');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER user_invitation_check BEFORE INSERT ON user_invitation
    FOR EACH ROW EXECUTE FUNCTION user_invitation_check();

-- A mail for each time that it is sent; its link is made by the mailer.
CREATE OR REPLACE FUNCTION user_invitation_mail() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM message_queue('account', 'account', 'user_invitation', NEW.id, NULL, NEW.user_id, NEW.mails::text,
                          '{}', current_setting('kith.now')::timestamptz, NEW.expires_at);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER user_invitation_made AFTER INSERT ON user_invitation
    FOR EACH ROW EXECUTE FUNCTION user_invitation_mail();
CREATE OR REPLACE TRIGGER user_invitation_sent_again AFTER UPDATE OF mails ON user_invitation
    FOR EACH ROW WHEN (NEW.mails > OLD.mails) EXECUTE FUNCTION user_invitation_mail();

-- The links of this purpose that the user has open.
CREATE OR REPLACE FUNCTION user_links_end(p_user uuid, p_purpose text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    UPDATE access_token t SET revoked_at = current_setting('kith.now')::timestamptz
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.user_id = p_user
      AND t.kind = 'link' AND t.purpose = p_purpose AND t.revoked_at IS NULL;
END;

-- The invitation, locked, where it may still be accepted.
CREATE OR REPLACE FUNCTION user_invitation_take(p_id uuid, p_version bigint, p_action text)
RETURNS user_invitation LANGUAGE plpgsql AS $$
DECLARE
    i user_invitation;
    ignored text;
BEGIN
    PERFORM lock_row('user_invitation', p_id, p_version);
    SELECT * INTO STRICT i FROM user_invitation o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    ignored := transition('user_invitation', p_action, i.status);
    PERFORM user_links_end(i.user_id, 'invitation');
    RETURN i;
END
$$;

-- Another mail, whose link is the one that counts; it lives for a week from now.
CREATE OR REPLACE FUNCTION user_invitation_resend(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    i user_invitation := user_invitation_take(p_id, p_version, 'resend');
BEGIN
    UPDATE user_invitation SET mails = i.mails + 1,
        expires_at = current_setting('kith.now')::timestamptz + interval '7 days'
    WHERE district_id = i.district_id AND id = i.id;
END
$$;

CREATE OR REPLACE FUNCTION user_invitation_revoke(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    i user_invitation := user_invitation_take(p_id, p_version, 'revoke');
BEGIN
    UPDATE user_invitation SET status = 'revoked', ended_at = current_setting('kith.now')::timestamptz
    WHERE district_id = i.district_id AND id = i.id;
END
$$;

-- The user has a password from now on, however it came by it: of its invitation nothing is left to be done.
CREATE OR REPLACE FUNCTION user_invitation_accept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_invitation i SET status = 'accepted', ended_at = business_now(),
        updated_at = business_now()
    WHERE i.district_id = NEW.district_id AND i.user_id = NEW.id AND i.status = 'pending';
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER user_invitation_accept AFTER UPDATE OF password_hash ON app_user
    FOR EACH ROW WHEN (OLD.password_hash IS NULL AND NEW.password_hash IS NOT NULL)
    EXECUTE FUNCTION user_invitation_accept();

-- ---- Partners' contacts --------------------------------------------------------------------------

-- The user that a partner's contact signs in as, with a grant for each organization where the contact has
-- a place today by which it may sign in; NULL: there is none, and what it had ends. Made when it is first needed. The owner's: nobody
-- who signs in may make users. Never another's account: an address that a user has stays that user's.
CREATE OR REPLACE FUNCTION contact_account(p_contact uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    today date := district_today();
    c contact;
    u app_user;
    places uuid[];
BEGIN
    SELECT * INTO c FROM contact o WHERE o.district_id = district AND o.id = p_contact FOR UPDATE;
    SELECT * INTO u FROM app_user o WHERE o.district_id = district AND o.contact_id = p_contact;
    places := CASE WHEN c.status = 'active' AND c.archived_at IS NULL THEN ARRAY(
        SELECT DISTINCT a.partner_id FROM affiliation a
        JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id AND p.archived_at IS NULL
            AND p.stage <> 'barred'
        WHERE a.district_id = district AND a.contact_id = p_contact AND a.archived_at IS NULL
          AND a.may_sign_in
          AND today BETWEEN coalesce(a.from_date, '-infinity') AND coalesce(a.until_date, 'infinity')) END;
    IF u.id IS NULL AND cardinality(places) > 0 AND c.email IS NOT NULL THEN
        INSERT INTO app_user (district_id, id, email, name, phone, locale, contact_id)
        SELECT district, uuid7(), c.email, c.name, c.phone, coalesce(c.locale, d.locale), c.id
        FROM district d WHERE d.id = district
        ON CONFLICT ON CONSTRAINT app_user_email_key DO NOTHING
        RETURNING * INTO u;
    ELSIF u.id IS NOT NULL AND c.email IS NOT NULL AND (c.email, c.name) IS DISTINCT FROM (u.email, u.name)
          AND NOT EXISTS (SELECT FROM app_user o
                          WHERE o.district_id = district AND o.email = c.email AND o.id <> u.id) THEN
        UPDATE app_user SET email = c.email, name = c.name WHERE district_id = district AND id = u.id;
    END IF;
    UPDATE user_grant g SET archived_at = current_setting('kith.now')::timestamptz
    WHERE g.district_id = district AND g.user_id = u.id AND g.role = 'partner' AND g.archived_at IS NULL
      AND g.scope_id <> ALL (coalesce(places, '{}'));
    INSERT INTO user_grant (district_id, id, user_id, role, scope_kind, scope_id, from_date)
    SELECT district, uuid7(), u.id, 'partner', 'partner', p.id, today
    FROM unnest(places) AS p (id)
    WHERE u.id IS NOT NULL AND NOT EXISTS (
        SELECT FROM user_grant g
        WHERE g.district_id = district AND g.user_id = u.id AND g.role = 'partner' AND g.scope_id = p.id
          AND g.archived_at IS NULL);
    RETURN CASE WHEN cardinality(places) > 0 AND u.status = 'active' AND u.archived_at IS NULL THEN u.id END;
END
$$;

-- Whoever leaves an organization does not read its affairs any more. Outside of a unit nobody knows the day:
-- then it is found out at the next sign-in.
CREATE OR REPLACE FUNCTION contact_account_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    followed uuid := to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'contact' THEN 'id' ELSE 'contact_id' END;
BEGIN
    IF nullif(current_setting('kith.now', true), '') IS NOT NULL AND EXISTS (
        SELECT FROM app_user u
        WHERE u.district_id = NEW.district_id AND u.contact_id = followed) THEN
        PERFORM contact_account(followed);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER contact_account_follow
    AFTER UPDATE OF partner_id, from_date, until_date, may_sign_in, archived_at ON affiliation
    FOR EACH ROW EXECUTE FUNCTION contact_account_follow();
CREATE OR REPLACE TRIGGER contact_account_follow AFTER UPDATE OF status, email, archived_at ON contact
    FOR EACH ROW EXECUTE FUNCTION contact_account_follow();

-- Who may not sign in yet is vouched for by whoever cares for the partner.
CREATE OR REPLACE FUNCTION vouch_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('kith.user', true), '') IS NOT NULL AND NOT partner_is_read(NEW.partner_id) THEN
        PERFORM refuse_field('may_sign_in', 'Only the partner''s owners and directors let somebody sign in for it.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER vouch_check BEFORE UPDATE OF may_sign_in ON affiliation
    FOR EACH ROW WHEN (NEW.may_sign_in AND NOT OLD.may_sign_in) EXECUTE FUNCTION vouch_check();

-- The partners of whose affairs the context reads: those of its grants today, and of a contact those where its place has
-- not ended since.
CREATE OR REPLACE FUNCTION own_partner_ids() RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.scope_id FROM user_grant g
    JOIN app_user u ON u.district_id = g.district_id AND u.id = g.user_id
    CROSS JOIN (SELECT district_today() AS day) AS t
    WHERE g.district_id = current_setting('kith.district')::uuid
      AND g.user_id = current_setting('kith.user')::uuid AND g.role = 'partner'
      AND g.scope_kind = 'partner' AND g.archived_at IS NULL
      AND t.day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity')
      AND coalesce((
          SELECT bool_or(a.may_sign_in AND a.archived_at IS NULL
                         AND t.day BETWEEN coalesce(a.from_date, '-infinity') AND coalesce(a.until_date, 'infinity'))
          FROM affiliation a
          WHERE a.district_id = g.district_id AND a.contact_id = u.contact_id AND a.partner_id = g.scope_id), true);
END;

-- ---- Links that sign in --------------------------------------------------------------------------

-- A mail with a link that signs in, at most one in ten minutes, to whom has that address: a user, or a
-- contact with a place at a partner; not to whom signs in at an identity provider instead. Nothing tells whether there
-- is such a one.
CREATE OR REPLACE FUNCTION sign_in_link_ask(
    p_slug text, p_host text, p_email text, p_now text, p_request text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := sign_in_district(p_slug, p_host);
    business_now timestamptz := p_now;
    asking record;
BEGIN
    IF district IS NULL THEN
        RETURN;
    END IF;
    PERFORM kith_context(district, '', '', p_now, p_request);
    PERFORM set_config('kith.scope', '*', true);
    SELECT u.id, u.contact_id INTO asking FROM app_user u
    WHERE u.district_id = district AND u.email = p_email;
    IF asking.id IS NULL OR asking.contact_id IS NOT NULL THEN
        SELECT contact_account(c.id) AS id INTO asking FROM contact c
        WHERE c.district_id = district AND c.id = contact_of_email(p_email);
    END IF;
    IF asking.id IS NOT NULL AND EXISTS (
        SELECT FROM app_user u
        WHERE u.district_id = district AND u.id = asking.id AND u.status = 'active' AND u.archived_at IS NULL
          AND NOT sso_instead(u.id))
    THEN
        PERFORM message_queue(
            'account', 'account', 'sign_in', asking.id, NULL, asking.id,
            'asked at ' || date_bin('10 minutes', business_now, timestamptz '2000-01-01 00:00:00Z'), '{}',
            business_now, business_now + interval '30 minutes');
    END IF;
END
$$;

-- Spends the link, once, and begins a session. No user: the link is spent, over, or none; one failure more
-- is counted, and how long whoever tries has to wait is told.
CREATE OR REPLACE FUNCTION sign_in_link_spend(
    p_district uuid, p_token_hash text, p_keys text[], p_session uuid, p_session_hash text,
    p_address text, p_agent text, p_now text, p_request text,
    OUT user_id uuid, OUT expires_at timestamptz, OUT wait_s integer)
LANGUAGE plpgsql AS $$
DECLARE
    u app_user;
BEGIN
    wait_s := sign_in_enter(p_district, p_keys, p_now, p_request);
    IF wait_s > 0 THEN
        RETURN;
    END IF;
    SELECT o.* INTO u FROM access_token t
    JOIN app_user o ON o.district_id = t.district_id AND o.id = t.user_id
    WHERE t.district_id = p_district AND t.token_hash = p_token_hash AND t.kind = 'link'
      AND t.purpose = 'sign_in' AND t.revoked_at IS NULL AND t.expires_at > p_now::timestamptz
      AND o.status = 'active' AND o.archived_at IS NULL AND NOT sso_instead(o.id);
    PERFORM set_config('kith.user', coalesce(u.id::text, ''), true); -- a person may write what is its own
    UPDATE access_token t SET revoked_at = p_now::timestamptz
    WHERE t.district_id = p_district AND t.token_hash = p_token_hash AND t.user_id = u.id
      AND t.revoked_at IS NULL;
    IF NOT FOUND OR u.contact_id IS NOT NULL AND contact_account(u.contact_id) IS NULL THEN
        IF EXISTS (SELECT FROM district d WHERE d.id = p_district) THEN
            PERFORM sign_in_failed(p_district, NULL, p_keys, p_now, p_request);
        END IF;
        RETURN;
    END IF;
    user_id := u.id;
    PERFORM user_links_end(u.id, 'sign_in');
    SELECT s.expires_at INTO expires_at
    FROM sign_in_done(p_district, u.id, p_session, p_session_hash, p_keys, p_address, p_agent, p_now,
                      p_request) s;
END
$$;

-- ---- Sessions ------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION user_session_revoke(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM user_session s WHERE s.id = p_id) THEN
        RAISE EXCEPTION 'no such session' USING ERRCODE = 'KI404';
    END IF;
    PERFORM lock_row('access_token', p_id, p_version);
    UPDATE access_token t SET revoked_at = business_now()
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id AND t.revoked_at IS NULL;
END
$$;

-- All sessions of a user, at once.
CREATE OR REPLACE FUNCTION user_end_sessions(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('app_user', p_id, p_version);
    UPDATE access_token t SET revoked_at = business_now()
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.user_id = p_id
      AND t.kind = 'session' AND t.revoked_at IS NULL;
END
$$;

-- A grant that ends, and was the last one, ends its user's sessions.
CREATE OR REPLACE FUNCTION grant_end_sessions() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    today date := (SELECT (business_now() AT TIME ZONE d.zone)::date FROM district d WHERE d.id = NEW.district_id);
BEGIN
    IF NOT EXISTS (
        SELECT FROM user_grant g
        WHERE g.district_id = NEW.district_id AND g.user_id = NEW.user_id AND g.archived_at IS NULL
          AND coalesce(g.until_date, 'infinity') >= today) THEN
        UPDATE access_token t SET revoked_at = business_now()
        WHERE t.district_id = NEW.district_id AND t.user_id = NEW.user_id AND t.kind = 'session'
          AND t.revoked_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER grant_end_sessions AFTER UPDATE OF until_date, archived_at ON user_grant
    FOR EACH ROW WHEN (NEW.archived_at IS NOT NULL OR NEW.until_date IS NOT NULL)
    EXECUTE FUNCTION grant_end_sessions();

REVOKE EXECUTE ON FUNCTION user_invitation_check, user_invitation_mail, user_links_end, user_invitation_take,
    user_invitation_resend, user_invitation_revoke, user_invitation_accept, contact_account,
    contact_account_follow, vouch_check, own_partner_ids, sign_in_link_ask, sign_in_link_spend, user_session_revoke,
    user_end_sessions, grant_end_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION user_links_end, user_invitation_take, user_invitation_resend,
    user_invitation_revoke, contact_account, own_partner_ids, sign_in_link_ask, sign_in_link_spend,
    user_session_revoke, user_end_sessions TO kith_api;

RESET ROLE;
