-- Sessions of people. All parameters are text; lists come as JSON.

-- $1 slug or NULL, $2 host, $3 e-mail, $4 keys of the throttle (JSON), $5 now, $6 request id
-- name: sign_in_begin :one
SELECT district_id, user_id, password_hash, wait_s
FROM sign_in_begin($1::text, $2::text, $3::text, ARRAY(SELECT jsonb_array_elements_text($4::jsonb)),
                   $5::text, $6::text);

-- $1 district, $2 user or NULL, $3 keys (JSON), $4 now, $5 request id
-- name: sign_in_failed :exec
SELECT sign_in_failed($1::uuid, $2::uuid, ARRAY(SELECT jsonb_array_elements_text($3::jsonb)),
                      $4::text, $5::text);

-- $1 district, $2 user, $3 id of the session, $4 hash of its token, $5 keys (JSON), $6 address, $7 agent,
-- $8 now, $9 request id
-- name: sign_in_done :one
SELECT rfc3339(expires_at) AS expires_at
FROM sign_in_done($1::uuid, $2::uuid, $3::uuid, $4::text,
                  ARRAY(SELECT jsonb_array_elements_text($5::jsonb)), $6::text, $7::text, $8::text, $9::text);

-- $1 slug or NULL, $2 host, $3 e-mail, $4 now, $5 request id
-- name: sign_in_link_ask :exec
SELECT sign_in_link_ask($1::text, $2::text, $3::text, $4::text, $5::text);

-- $1 district, $2 hash of the link's token, $3 keys (JSON), $4 id of the session, $5 hash of its token, $6 address,
-- $7 agent, $8 now, $9 request id
-- name: sign_in_link_spend :one
SELECT user_id, rfc3339(expires_at) AS expires_at, wait_s
FROM sign_in_link_spend($1::uuid, $2::text, ARRAY(SELECT jsonb_array_elements_text($3::jsonb)), $4::uuid,
                        $5::text, $6::text, $7::text, $8::text, $9::text);

-- $1 slug or NULL, $2 host, $3 provider, $4 now, $5 request id
-- name: sso_begin :one
SELECT district_id, issuer, client_id, scopes FROM sso_begin($1::text, $2::text, $3::uuid, $4::text, $5::text);

-- $1 district, $2 provider, $3 mark of the cookie, $4 keys (JSON), $5 now, $6 request id
-- name: sso_take :one
SELECT slug, issuer, client_id, sealed_secret, is_fresh, wait_s
FROM sso_take($1::uuid, $2::uuid, $3::text, ARRAY(SELECT jsonb_array_elements_text($4::jsonb)), $5::text, $6::text);

-- $1 district, $2 provider, $3 subject, $4 e-mail or NULL, $5 whether it is verified, $6 keys (JSON), $7 id of the
-- session, $8 hash of its token, $9 address, $10 agent, $11 now, $12 request id
-- name: sso_sign_in :one
SELECT rfc3339(expires_at) AS expires_at, refusal
FROM sso_sign_in($1::uuid, $2::uuid, $3::text, $4::text, $5::boolean,
                 ARRAY(SELECT jsonb_array_elements_text($6::jsonb)), $7::uuid, $8::text, $9::text, $10::text,
                 $11::text, $12::text);

-- Ends the session or key that asks.
-- $1 hash of its token
-- name: sign_out :exec
UPDATE access_token SET revoked_at = current_setting('kith.now')::timestamptz
WHERE token_hash = $1::text AND revoked_at IS NULL;

-- Who asks, what it may, where. The district's own settings are read at /v1/districts.
-- $1 token for state-changing requests with the cookie, $2 hash of the token
-- name: me :one
SELECT u.version, json_build_object(
    'user', json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'phone', u.phone,
                              'locale', u.locale, 'zone', u.zone),
    'grants', coalesce((
        SELECT json_agg(json_build_object('role', g.role, 'scope_kind', g.scope_kind,
                                          'scope_id', g.scope_id, 'from_date', g.from_date,
                                          'until_date', g.until_date)
                        ORDER BY g.role, g.scope_kind, g.scope_id)
        FROM user_grant g WHERE g.user_id = u.id AND g.archived_at IS NULL), '[]'),
    'district', json_build_object('id', d.id, 'slug', d.slug, 'name', d.name, 'zone', d.zone,
                                  'locale', d.locale, 'locales', d.locales),
    'session', json_build_object('kind', t.kind, 'expires_at', rfc3339(t.expires_at)),
    'csrf_token', $1::text)::text AS body
FROM access_token t
JOIN app_user u ON u.district_id = t.district_id AND u.id = t.user_id
JOIN district d ON d.id = t.district_id
WHERE t.token_hash = $2::text;
