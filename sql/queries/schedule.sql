-- Whose turn it is; see sql/functions/55_schedule.sql. In the transaction that does the work.

-- No row: nothing is due.
-- $1 task, $2 now
-- name: schedule_claim :maybe
SELECT c.district AS district_id
FROM (SELECT schedule_claim($1::text, $2::timestamptz) AS district) AS c WHERE c.district IS NOT NULL;

-- To be looked at again at the next quarter of an hour.
-- $1 task, $2 district, $3 now, $4 why it failed, or NULL
-- name: schedule_done :exec
SELECT schedule_done($1::text, $2::uuid, schedule_next($3::timestamptz), $4::text);

-- $1 task, $2 districts (JSON), $3 now
-- name: schedule_ring :exec
SELECT schedule_ring($1::text, ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid), $3::timestamptz);
