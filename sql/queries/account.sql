-- Passwords, keys and sessions of those who have an account. All parameters are text; lists come as JSON.

-- What the new password of whoever asks may not contain, and the old one's hash.
-- $1 keys of the throttle (JSON)
-- name: password_begin :one
SELECT u.id, u.email, u.name, u.password_hash,
       sign_in_wait(ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) AS wait_s
FROM app_user u WHERE u.id = current_setting('kith.user')::uuid;

-- Of two at once, the one that waits for the row sees that it is another password's now.
-- $1 the old password's hash, $2 the new one's, $3 hash of the token that goes on, $4 keys (JSON)
-- name: password_change :one
WITH forgotten AS (
    DELETE FROM sign_in_failure f
    WHERE f.key IN (SELECT jsonb_array_elements_text($4::jsonb)) AND f.key LIKE 'pair:%')
SELECT coalesce((
    SELECT password_put(u.id, $2::text, $3::text)
    FROM (SELECT o.id FROM app_user o
          WHERE o.id = current_setting('kith.user')::uuid AND o.password_hash = $1::text
          FOR UPDATE) AS u), false)::int AS done;

-- $1 district, $2 hash of the link's token, $3 keys (JSON), $4 now, $5 request id
-- name: password_link_begin :one
SELECT user_id, email, name, wait_s
FROM password_link_begin($1::uuid, $2::text, ARRAY(SELECT jsonb_array_elements_text($3::jsonb)),
                         $4::text, $5::text);

-- $1 district, $2 hash of the link's token, $3 the password's hash, $4 id of a session or NULL, $5 hash of its token,
-- $6 address, $7 agent, $8 now, $9 request id
-- name: password_link_spend :one
SELECT done::int, is_signed_in
FROM password_link_spend($1::uuid, $2::text, $3::text, $4::uuid, $5::text, $6::text, $7::text, $8::text, $9::text);

-- And a mail to the user with a link of its own, which the mailer makes: no secret waits anywhere.
-- $1 id, $2 user, $3 hash of the token
-- name: password_link_create :one
SELECT rfc3339(l.expires_at) AS expires_at,
       CASE WHEN l.expires_at IS NOT NULL THEN message_queue(
           'account', 'account', 'password_reset', $2::uuid, NULL, $2::uuid, $1::text, '{}',
           current_setting('kith.now')::timestamptz, l.expires_at) END AS message_id
FROM password_link_create($1::uuid, $2::uuid, $3::text) AS l;

-- The reply that a repetition gets: without the secret.
-- $1 key, $2 fingerprint, $3 id of the link
-- name: password_link_keep :exec
INSERT INTO idempotency (district_id, principal, key, fingerprint, status, body)
SELECT t.district_id, current_setting('kith.user'), $1::text, $2::text, 201,
       json_build_object('user_id', t.user_id, 'expires_at', rfc3339(t.expires_at),
                         'message_id', m.id, 'token', NULL, 'link', NULL)::text
FROM access_token t
JOIN message m ON m.district_id = t.district_id AND m.kind = 'password_reset'
    AND m.subject_id = t.user_id AND m.occurrence = $3::text
WHERE t.id = $3::uuid;

-- $1 id, $2 user or NULL, $3 label, $4 end or NULL, $5 roles (JSON) or NULL, $6 whether it only reads,
-- $7 resources (JSON) or NULL, $8 kind and $9 id of its place or NULL, $10 hash of the token,
-- $11 hash of the token that asks
-- name: api_key_create :exec
SELECT api_key_create($1::uuid, $2::uuid, $3::text, $4::timestamptz,
                      CASE WHEN $5::text IS NOT NULL
                           THEN ARRAY(SELECT jsonb_array_elements_text($5::jsonb)) END,
                      $6::boolean,
                      CASE WHEN $7::text IS NOT NULL
                           THEN ARRAY(SELECT jsonb_array_elements_text($7::jsonb)) END,
                      $8::text, $9::uuid, $10::text, $11::text);

-- What a limited key may ask, a comma list; NULL: all.
-- $1 hash of the token that asks
-- name: key_resources :one
SELECT array_to_string(t.resources, ',') AS resources
FROM access_token t
WHERE t.district_id = current_setting('kith.district')::uuid AND t.token_hash = $1::text;

-- The sessions of whoever asks that are not over, newest first.
-- $1 hash of the token that asks
-- name: my_sessions :one
SELECT json_build_object('data', coalesce(json_agg(json_build_object(
    'id', s.id, 'address', s.address, 'agent', s.agent, 'created_at', rfc3339(s.created_at),
    'last_used_at', rfc3339(s.last_used_at),
    'expires_at', rfc3339(s.expires_at), 'is_current', s.token_hash = $1::text)
    ORDER BY s.created_at DESC, s.id DESC), '[]'))::text AS body
FROM (
    SELECT t.* FROM access_token t
    WHERE t.user_id = current_setting('kith.user')::uuid AND t.kind = 'session'
      AND t.revoked_at IS NULL AND t.archived_at IS NULL
      AND t.expires_at > current_setting('kith.now')::timestamptz
      AND t.last_used_at > current_setting('kith.now')::timestamptz - interval '2 hours'
    ORDER BY t.created_at DESC, t.id DESC LIMIT 200) AS s;

-- To end one again changes nothing.
-- $1 id
-- name: my_session_end :maybe
UPDATE access_token t
SET revoked_at = coalesce(t.revoked_at, current_setting('kith.now')::timestamptz)
WHERE t.id = $1::uuid AND t.user_id = current_setting('kith.user')::uuid AND t.kind = 'session'
RETURNING t.token_hash;

-- All of one's own but that which asks.
-- $1 hash of the token that asks
-- name: my_sessions_end :many
UPDATE access_token t SET revoked_at = current_setting('kith.now')::timestamptz
WHERE t.user_id = current_setting('kith.user')::uuid AND t.kind = 'session' AND t.revoked_at IS NULL
  AND t.token_hash <> $1::text
RETURNING t.token_hash;

-- $1 mask of the fields that are set, $2 version, $3 name, $4 phone, $5 locale, $6 zone
-- name: me_patch :maybe
UPDATE app_user u
SET name = CASE WHEN $1::bigint & 1 <> 0 THEN $3::text ELSE u.name END,
    phone = CASE WHEN $1::bigint & 2 <> 0 THEN $4::text ELSE u.phone END,
    locale = CASE WHEN $1::bigint & 4 <> 0 THEN $5::text ELSE u.locale END,
    zone = CASE WHEN $1::bigint & 8 <> 0 THEN $6::text ELSE u.zone END
WHERE u.id = current_setting('kith.user')::uuid AND u.version = $2::bigint
RETURNING u.version;
