-- What a district still lacks, and what waits for a person.

-- $1 mails that are shown at most
-- name: setup :one
SELECT setup_document($1::integer)::text AS body;

-- $1 tasks that are shown at most
-- name: my_tasks :one
SELECT my_tasks_document($1::integer)::text AS body;

-- No row: there is no such filter, or it is somebody else's.
-- $1 saved filter, $2 rows that are shown at most
-- name: saved_filter_matches :maybe
SELECT r.body::text AS body
FROM (SELECT saved_filter_matches($1::uuid, $2::integer) AS body OFFSET 0) AS r WHERE r.body IS NOT NULL;

-- The columns that a file of these records has beside their own.
-- $1 subject
-- name: custom_columns :many
SELECT f.id, f.code, f.type FROM custom_field f
WHERE f.subject = $1::text AND f.archived_at IS NULL ORDER BY f.place, f.code LIMIT 200;

-- An error: it is none that the list can be asked for by.
-- $1 saved filter, $2 the list
-- name: saved_filter_check :exec
SELECT id FROM saved_filter_of($1::uuid, $2::text);

-- $1 template, $2 partnership or NULL
-- name: template_filled :maybe
SELECT r.body::text AS body
FROM (SELECT template_filled($1::uuid, $2::uuid) AS body OFFSET 0) AS r WHERE r.body IS NOT NULL;
