-- What a district still lacks, and what waits for a person.

-- $1 mails that are shown at most
-- name: setup :one
SELECT setup_document($1::integer)::text AS body;

-- $1 tasks that are shown at most
-- name: my_tasks :one
SELECT my_tasks_document($1::integer)::text AS body;
