-- What kith migrate asks and writes; the first migration makes its table.

-- name: migration_lock :one
-- One migration at a time in a database: the number only has to be the same everywhere.
SELECT pg_advisory_lock(7741528618);

-- name: migration_notice_death :exec
-- The server ends a statement within a second of its client's death, and so frees the lock.
SET client_connection_check_interval = 1000;

-- name: migration_quiet :exec
-- "Does not exist, skipping" is what DROP IF EXISTS is for.
SET client_min_messages = warning;

-- name: migration_table_exists :one
SELECT (to_regclass('public.schema_migration') IS NOT NULL)::int AS yes;

-- name: migration_list :many
SELECT name, kind, checksum,
       to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS applied_at
FROM public.schema_migration
ORDER BY name COLLATE "C";

-- How long a migration waits for a lock; and it is in no district: what checks a new foreign key reads as the owner,
-- whom the policies ask for one.
-- name: migration_begin :one
SELECT set_config('lock_timeout', $1, true), set_config('kith.district', '00000000-0000-0000-0000-000000000000', true);

-- name: migration_record :exec
INSERT INTO public.schema_migration (name, kind, checksum, applied_at)
VALUES ($1, $2, $3, now())
ON CONFLICT ON CONSTRAINT schema_migration_pkey
DO UPDATE SET checksum = excluded.checksum, applied_at = excluded.applied_at;
