-- Requests that come twice. All parameters are text; lists come as JSON.

-- Takes the key for this unit; or KI409 at work, KI422 of another request, KI208 done before.
-- $1 principal, $2 key, $3 fingerprint
-- name: idem_begin :exec
SELECT idem_begin($1::text, $2::text, $3::text);

-- The first reply, in a unit of its own behind KI208.
-- $1 principal, $2 key
-- name: idem_replay :maybe
SELECT status, location, etag, body FROM idempotency
WHERE principal = $1::text AND key = $2::text;
