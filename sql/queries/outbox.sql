-- Events of the outbox: publishing them, and what is to be kept in order, as kith_publisher.

-- $1 how many at most, $2 lease in ms
-- name: outbox_claim :many
SELECT id, type, subject, event FROM outbox_claim($1::integer, $2::integer * interval '1 millisecond');

-- $1 ids (JSON), $2 whether they are in the stream
-- name: outbox_end :exec
SELECT outbox_end(ARRAY(SELECT jsonb_array_elements_text($1::jsonb)::uuid), $2::boolean);

-- name: outbox_state :one
SELECT pending, oldest_s FROM outbox_state();

-- $1 now, $2 how many of each at most
-- name: outbox_housekeep :one
SELECT outbox_housekeep($1::timestamptz, $2::integer) AS more;
