-- What an administrator looks after. All parameters are text.

-- No row: nobody has that id.
-- $1 resource, $2 setting, $3 who, $4 from, $5 until (NULL: any), $6 now
-- name: settings_history :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT settings_history($1::text, $2::text, $3::uuid, $4::timestamptz, $5::timestamptz, 500)::text AS body
      WHERE $6::text <> '' AND ids_there('{app_user}', ARRAY[$3::uuid]) OFFSET 0) AS d;

-- $1 now
-- name: mail_hold :one
SELECT md5(d.body) AS version, d.body
FROM (SELECT mail_hold_document(200)::text AS body WHERE $1::text <> '' OFFSET 0) AS d;

-- $1 now
-- name: jobs :one
SELECT md5(d.body) AS version, d.body FROM (SELECT jobs_document()::text AS body WHERE $1::text <> '' OFFSET 0) AS d;

-- $1 now
-- name: health :one
SELECT md5(d.body) AS version, d.body FROM (SELECT health_document()::text AS body WHERE $1::text <> '' OFFSET 0) AS d;

-- Somebody takes a list as a file.
-- $1 resource
-- name: export_record :exec
SELECT export_record($1::text);

-- The reply, and keeps it under the key.
-- $1 consumer or NULL, $2 type or NULL, $3 how many at most or NULL, $4 key or NULL, $5 fingerprint
-- name: dead_letters_redrive_many :one
WITH done AS MATERIALIZED (
    SELECT json_build_object('redriven', dead_letters_redrive(
        $1::text, $2::text, coalesce($3::integer, 1000)))::text AS body),
kept AS (
    INSERT INTO idempotency (district_id, principal, key, fingerprint, status, body)
    SELECT current_setting('kith.district')::uuid, current_setting('kith.user'), $4::text, $5::text, 200, d.body
    FROM done d WHERE $4::text IS NOT NULL)
SELECT d.body FROM done d;

-- $1 now
-- name: retention :one
SELECT md5(d.body) AS version, d.body
FROM (SELECT retention_document(10000, 100)::text AS body WHERE $1::text <> '' OFFSET 0) AS d;

-- No row: there is no such erasure.
-- $1 erasure, $2 now
-- name: erasure_preview :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT erasure_preview($1::uuid)::text AS body WHERE $2::text <> '' OFFSET 0) AS d WHERE d.body IS NOT NULL;

-- Somebody takes the file, which leaves a record.
-- $1 request
-- name: records_take :maybe
SELECT 'records-' || $1::text || '.json' AS name, 'application/json' AS media_type, t.parts AS pieces
FROM records_take($1::uuid) t;

-- $1 request, $2 number
-- name: records_part_get :maybe
SELECT encode(convert_to(content, 'UTF8'), 'hex') AS bytes FROM records_part
WHERE district_id = current_setting('kith.district')::uuid AND records_request_id = $1::uuid AND number = $2::bigint;
