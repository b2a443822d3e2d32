-- Signing in at a provider of the district (OpenID Connect). The API sends the browser there and verifies what
-- comes back, off its loop; here is whom a provider may name: an active user of its district who was invited,
-- known by a verified e-mail address once, and by the provider's own name for him ever after. Nobody is made.

SET ROLE kith_owner;

-- The provider to whom a browser is about to be sent; no issuer: there is none.
CREATE OR REPLACE FUNCTION sso_begin(
    p_slug text, p_host text, p_provider uuid, p_now text, p_request text,
    OUT district_id uuid, OUT issuer text, OUT client_id text, OUT scopes text)
LANGUAGE plpgsql AS $$
BEGIN
    district_id := sign_in_district(p_slug, p_host);
    IF district_id IS NULL THEN
        RETURN;
    END IF;
    PERFORM kith_context(district_id, '', '', p_now, p_request);
    SELECT i.issuer, i.client_id, i.scopes INTO issuer, client_id, scopes
    FROM identity_provider i
    WHERE i.id = p_provider AND i.is_active AND i.archived_at IS NULL;
END
$$;

-- Takes what a browser brings back, once: the mark of its cookie stands beside the kept replies, for a day,
-- which is longer than the cookie is good. No issuer: there is no such provider any more.
CREATE OR REPLACE FUNCTION sso_take(
    p_district uuid, p_provider uuid, p_mark text, p_keys text[], p_now text, p_request text,
    OUT slug text, OUT issuer text, OUT client_id text, OUT sealed_secret text, OUT is_fresh boolean,
    OUT wait_s integer)
LANGUAGE plpgsql AS $$
BEGIN
    wait_s := sign_in_enter(p_district, p_keys, p_now, p_request);
    SELECT d.slug INTO slug FROM district d WHERE d.id = p_district AND d.archived_at IS NULL;
    is_fresh := false;
    IF slug IS NULL OR wait_s > 0 THEN
        RETURN;
    END IF;
    INSERT INTO idempotency (district_id, principal, key, fingerprint, status)
    VALUES (p_district, 'sso', p_mark, '', 204)
    ON CONFLICT ON CONSTRAINT idempotency_pkey DO NOTHING;
    is_fresh := FOUND;
    IF is_fresh THEN
        SELECT i.issuer, i.client_id, i.sealed_secret INTO issuer, client_id, sealed_secret
        FROM identity_provider i
        WHERE i.id = p_provider AND i.is_active AND i.archived_at IS NULL;
    END IF;
END
$$;

-- The user of that address who was invited: by an invitation that is open or accepted, or who has come in before.
CREATE OR REPLACE FUNCTION sso_invited(p_email text) RETURNS uuid
LANGUAGE sql STABLE
RETURN (
    SELECT u.id FROM app_user u
    WHERE u.email = lower(p_email)
      AND (u.password_hash IS NOT NULL OR EXISTS (
          SELECT FROM user_invitation i
          WHERE i.district_id = u.district_id AND i.user_id = u.id AND i.archived_at IS NULL
            AND (i.status = 'accepted'
                 OR i.status = 'pending' AND i.expires_at > current_setting('kith.now')::timestamptz))));

-- From now on the provider's subject is this user, whose invitation is accepted by that.
CREATE OR REPLACE FUNCTION sso_link(p_provider identity_provider, p_user uuid, p_subject text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO user_identity (district_id, id, user_id, identity_provider_id, issuer, subject)
    VALUES (p_provider.district_id, uuid7(), p_user, p_provider.id, p_provider.issuer, p_subject);
    UPDATE user_invitation i SET status = 'accepted', ended_at = current_setting('kith.now')::timestamptz
    WHERE i.district_id = p_provider.district_id AND i.user_id = p_user AND i.status = 'pending';
    PERFORM user_links_end(p_user, 'invitation');
END
$$;

-- What a verified token is worth: a session, as sign_in_done() makes one, or why there is none.
CREATE OR REPLACE FUNCTION sso_sign_in(
    p_district uuid, p_provider uuid, p_subject text, p_email text, p_is_verified boolean, p_keys text[],
    p_session uuid, p_token_hash text, p_address text, p_agent text, p_now text, p_request text,
    OUT expires_at timestamptz, OUT refusal text)
LANGUAGE plpgsql AS $$
DECLARE
    provider identity_provider;
    known uuid;
    person app_user;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, p_request);
    SELECT * INTO provider FROM identity_provider i
    WHERE i.id = p_provider AND i.is_active AND i.archived_at IS NULL;
    SELECT o.user_id INTO known FROM user_identity o
    WHERE o.issuer = provider.issuer AND o.subject = p_subject AND o.archived_at IS NULL;
    SELECT * INTO person FROM app_user u
    WHERE u.id = coalesce(known, sso_invited(p_email)) AND u.status = 'active' AND u.archived_at IS NULL;
    refusal := CASE
        WHEN provider.id IS NULL THEN 'sso_off'
        WHEN known IS NULL AND NOT (p_is_verified OR provider.vouches_for_email) THEN 'sso_unverified'
        WHEN person.id IS NULL THEN 'sso_unknown'
        WHEN known IS NULL AND EXISTS (
            SELECT FROM user_identity o
            WHERE o.user_id = person.id AND o.issuer = provider.issuer AND o.archived_at IS NULL)
            THEN 'sso_other' END;
    IF refusal IS NOT NULL THEN
        PERFORM sign_in_failed(p_district, person.id, p_keys, p_now, p_request);
        RETURN;
    END IF;
    IF known IS NULL THEN
        PERFORM kith_context(p_district, person.id::text, '', p_now, p_request);
        PERFORM sso_link(provider, person.id, p_subject);
    END IF;
    expires_at := sign_in_done(p_district, person.id, p_session, p_token_hash, p_keys, p_address, p_agent,
                               p_now, p_request);
END
$$;

-- Where the district says so, who has a provider signs in there and not by password. Never so that no
-- administrator could by password, as a provider may be down: then they all may.
CREATE OR REPLACE FUNCTION sso_instead(p_user uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    linked uuid[];
BEGIN
    IF NOT (SELECT d.sso_only FROM district d WHERE d.id = current_setting('kith.district')::uuid) THEN
        RETURN false;
    END IF;
    linked := ARRAY(SELECT o.user_id FROM user_identity o
                    JOIN identity_provider i ON i.district_id = o.district_id AND i.id = o.identity_provider_id
                    WHERE o.archived_at IS NULL AND i.is_active AND i.archived_at IS NULL);
    IF p_user <> ALL (linked) THEN
        RETURN false;
    ELSIF NOT EXISTS (SELECT FROM user_grant g WHERE g.user_id = p_user AND is_admin_grant(g)) THEN
        RETURN true;
    END IF;
    RETURN EXISTS (
        SELECT FROM user_grant g
        JOIN app_user u ON u.district_id = g.district_id AND u.id = g.user_id
        WHERE is_admin_grant(g) AND u.id <> ALL (linked) AND u.password_hash IS NOT NULL
          AND u.status = 'active' AND u.archived_at IS NULL);
END
$$;

-- The secret comes encrypted, for this row alone.
CREATE OR REPLACE FUNCTION identity_provider_set_secret(p_id uuid, p_version bigint, p_sealed text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('identity_provider', p_id, p_version);
    UPDATE identity_provider i SET sealed_secret = p_sealed
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_id;
END
$$;

-- Nobody is known by a provider as this user any more; the next sign-in there goes by the e-mail address again.
-- The user's sessions end.
CREATE OR REPLACE FUNCTION user_unlink(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('app_user', p_id, p_version);
    UPDATE user_identity o SET archived_at = current_setting('kith.now')::timestamptz
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.user_id = p_id AND o.archived_at IS NULL;
    PERFORM user_end_sessions(p_id, p_version);
END
$$;

REVOKE EXECUTE ON FUNCTION sso_begin, sso_take, sso_invited, sso_link, sso_sign_in, sso_instead,
    identity_provider_set_secret, user_unlink
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sso_begin, sso_take, sso_invited, sso_link, sso_sign_in, sso_instead,
    identity_provider_set_secret, user_unlink
    TO kith_api;

RESET ROLE;
