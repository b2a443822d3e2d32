-- Events for a worker: see sql/functions/58_event.sql.

-- $1 consumer, $2 ids (JSON)
-- name: event_take :many
SELECT district_id, id, type, aggregatetype, aggregateid, sequence, data
FROM event_take($1::text, ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid));

-- $1 consumer, $2 ids (JSON), $3 after how many attempts they are dead
-- name: event_try :many
SELECT id, attempts
FROM event_try($1::text, ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid), $3::integer);

-- $1 consumer, $2 id, $3 why, $4 after how many attempts it is dead
-- name: event_fail :one
SELECT event_fail($1::text, $2::uuid, $3::text, $4::integer) AS is_dead;

-- $1 consumer, $2 aggregates (JSON), $3 how many at most, $4 also when it is not due
-- name: event_sweep :many
SELECT id, attempts
FROM event_sweep($1::text, ARRAY(SELECT jsonb_array_elements_text($2::jsonb)), $3::integer, $4::boolean);

-- $1 consumer
-- name: event_dead :one
SELECT event_dead($1::text) AS dead;
