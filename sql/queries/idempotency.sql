-- Requests that come twice. All parameters are text.

-- Takes the key for this unit; or KI409 at work, KI422 of another request, KI208 done before. The keys of a principal
-- are its own.
-- $1 key, $2 fingerprint
-- name: idem_begin :exec
SELECT idem_begin(current_setting('kith.user'), $1::text, $2::text);

-- The first reply, in a unit of its own behind KI208.
-- $1 key
-- name: idem_replay :maybe
SELECT status, location, version, body FROM idempotency
WHERE principal = current_setting('kith.user') AND key = $1::text;

-- The reply to a request of many parts, each of which kept its own: at its end, and once.
-- $1 key, $2 fingerprint, $3 reply
-- name: idem_keep :exec
INSERT INTO idempotency (district_id, principal, key, fingerprint, status, body)
VALUES (current_setting('kith.district')::uuid, current_setting('kith.user'), $1::text, $2::text, 200, $3::text)
ON CONFLICT ON CONSTRAINT idempotency_pkey DO NOTHING;
