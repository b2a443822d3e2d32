-- Signing in by password. The hash is compared in the API, off its loop; here is who may try, and what
-- comes of it.
--
-- After some failures each further one makes the next attempt wait longer, up to a minute: for this
-- account from this network at once, for the account from anywhere and for the network with any
-- account late and little, so that nobody can lock another out. An hour without failures forgets.

SET ROLE kith_owner;

-- The district that is meant: of that slug; or of the host's first label; or the only one there is.
CREATE OR REPLACE FUNCTION sign_in_district(p_slug text, p_host text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT CASE
        WHEN p_slug IS NOT NULL THEN
            (SELECT d.id FROM district d WHERE d.slug = p_slug AND d.archived_at IS NULL)
        ELSE coalesce(
            (SELECT d.id FROM district d
             WHERE d.slug = split_part(p_host, '.', 1) AND d.archived_at IS NULL),
            (SELECT d.id FROM district d
             WHERE d.archived_at IS NULL
               AND NOT EXISTS (SELECT FROM district o WHERE o.archived_at IS NULL AND o.id <> d.id)))
        END;
END;

-- Seconds that n failures make the next attempt wait.
CREATE OR REPLACE FUNCTION sign_in_delay(p_key text, p_failures integer) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN CASE split_part(p_key, ':', 1)
    WHEN 'pair' THEN CASE WHEN p_failures < 5 THEN 0 ELSE least(2 ^ least(p_failures - 5, 10), 60) END
    WHEN 'account' THEN CASE WHEN p_failures < 50 THEN 0 ELSE 5 END
    ELSE CASE WHEN p_failures < 100 THEN 0 ELSE least(2 ^ least(p_failures - 100, 10), 60) END
    END::integer;

-- Seconds still to be waited by whoever tries under these keys, in the unit's district.
CREATE OR REPLACE FUNCTION sign_in_wait(p_keys text[]) RETURNS integer
LANGUAGE sql STABLE
RETURN (
    SELECT greatest(coalesce(max(ceil(extract(
               epoch FROM f.last_at - current_setting('kith.now')::timestamptz)
               + sign_in_delay(f.key, f.failures))), 0), 0)::integer
    FROM sign_in_failure f
    WHERE f.key = ANY (p_keys)
      AND f.last_at > current_setting('kith.now')::timestamptz - interval '1 hour');

-- The context of whoever tries, and for how long it has to wait.
CREATE OR REPLACE FUNCTION sign_in_enter(p_district uuid, p_keys text[], p_now text, p_request text)
RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, p_request);
    RETURN sign_in_wait(p_keys);
END
$$;

-- Who tries: the user and the hash to compare with (neither for an unknown one), and how many seconds
-- are still to be waited.
CREATE OR REPLACE FUNCTION sign_in_begin(
    p_slug text, p_host text, p_email text, p_keys text[], p_now text, p_request text,
    OUT district_id uuid, OUT user_id uuid, OUT password_hash text, OUT wait_s integer)
LANGUAGE plpgsql AS $$
BEGIN
    district_id := sign_in_district(p_slug, p_host);
    wait_s := 0;
    IF district_id IS NULL THEN
        RETURN;
    END IF;
    wait_s := sign_in_enter(district_id, p_keys, p_now, p_request);
    SELECT u.id, CASE WHEN NOT sso_instead(u.id) THEN u.password_hash END
    INTO user_id, password_hash FROM app_user u
    WHERE u.email = p_email AND u.status = 'active' AND u.archived_at IS NULL;
END
$$;

-- An audit row of a sign-in that failed; nothing else tells of it.
CREATE OR REPLACE FUNCTION record_sign_in_failure(p_district uuid, p_user uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    INSERT INTO audit (district_id, id, at, actor, request_id, action, aggregatetype, aggregateid)
    VALUES (p_district, uuid7(), current_setting('kith.now')::timestamptz, NULL,
            current_setting('kith.request'), 'sign_in_failed', 'user', p_user);
END;

CREATE OR REPLACE FUNCTION sign_in_failed(
    p_district uuid, p_user uuid, p_keys text[], p_now text, p_request text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, p_request);
    INSERT INTO sign_in_failure AS f (district_id, key, failures, last_at)
    SELECT p_district, k, 1, p_now::timestamptz FROM unnest(p_keys) AS k ORDER BY k
    ON CONFLICT ON CONSTRAINT sign_in_failure_pkey DO UPDATE
    SET failures = CASE WHEN f.last_at > excluded.last_at - interval '1 hour'
                        THEN f.failures + 1 ELSE 1 END,
        last_at = excluded.last_at;
    PERFORM record_sign_in_failure(p_district, p_user);
END
$$;

-- The session, where it was begun, and its end; the failures of this account from this network are forgotten.
DROP FUNCTION IF EXISTS sign_in_done(uuid, uuid, uuid, text, text[], text, text);
CREATE OR REPLACE FUNCTION sign_in_done(
    p_district uuid, p_user uuid, p_session uuid, p_token_hash text, p_keys text[], p_address text,
    p_agent text, p_now text, p_request text, OUT expires_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kith_context(p_district, p_user::text, '', p_now, p_request);
    DELETE FROM sign_in_failure f WHERE f.key = ANY (p_keys) AND f.key LIKE 'pair:%';
    expires_at := p_now::timestamptz + interval '12 hours';
    INSERT INTO access_token (district_id, id, user_id, kind, token_hash, expires_at, last_used_at, address,
                              agent)
    VALUES (p_district, p_session, p_user, 'session', p_token_hash, expires_at, p_now::timestamptz, p_address,
            left(p_agent, 255));
END
$$;

REVOKE EXECUTE ON FUNCTION sign_in_district, sign_in_delay, sign_in_wait, sign_in_enter, sign_in_begin, record_sign_in_failure,
    sign_in_failed, sign_in_done FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_district, sign_in_delay, sign_in_wait, sign_in_enter, sign_in_begin, record_sign_in_failure,
    sign_in_failed, sign_in_done TO kith_api;

RESET ROLE;
