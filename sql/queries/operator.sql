-- What an operator asks from the command line, as kith_migrate, of all districts.

-- name: verify_waiting :one
SELECT (SELECT count(*) FROM district) AS districts,
       (SELECT count(*) FROM rollup_mark) + (SELECT count(*) FROM tally_crossing) AS waiting;

-- $1 now: months that are to come are not published
-- name: verify_rollups :many
SELECT d.slug, c.what, i.code AS indicator, c.school_year, c.scope_kind, c.scope_id, c.cohort, c.period_kind,
       c.period_start
FROM district d
CROSS JOIN LATERAL rollup_check(d.id, $1::timestamptz) c
JOIN indicator i ON i.district_id = d.id AND i.id = c.indicator_id
ORDER BY d.slug, i.code, c.school_year, c.scope_kind, c.scope_id, c.cohort, c.period_kind, c.period_start, c.what;

-- name: rebuild_keys :many
SELECT d.id AS district_id, d.slug, k.indicator_id, k.code, k.school_year
FROM district d CROSS JOIN LATERAL rollup_keys_of(d.id) AS k ORDER BY d.slug, k.code, k.school_year;

-- $1 district, $2 indicator, $3 school year, $4 now
-- name: rebuild_key :one
SELECT rollup_rebuild($1::uuid, $2::uuid, $3::integer, $4::timestamptz) AS differed;

-- $1 since, $2 the consumer that is to handle them again, or null, $3 after which event, or null, $4 how many at most
-- name: replay_events :one
SELECT last, events FROM event_replay($1::timestamptz, $2::text, $3::uuid, $4::integer);

-- name: dead_letters_list :many
SELECT d.slug, l.consumer, l.event_id, l.type, rfc3339(l.dead_at) AS dead_at,
       coalesce(translate(l.error, E'\n\r', '  '), 'it ended its process') AS error
FROM dead_letter l JOIN district d ON d.id = l.district_id
WHERE l.dead_at IS NOT NULL AND l.dropped_at IS NULL ORDER BY l.dead_at, l.event_id, l.consumer;

-- $1 event, or null for all
-- name: dead_letters_redrive :one
SELECT event_redrive($1::uuid) AS letters;

-- name: doctor_server :one
SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
       (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms;

-- name: doctor_districts :one
SELECT count(*) AS districts, count(*) FILTER (WHERE d.go_live_at IS NULL OR d.mail_held_at IS NOT NULL) AS held,
       coalesce((SELECT string_agg(DISTINCT z.zone, ', ')
                 FROM (SELECT zone FROM district UNION SELECT zone FROM site WHERE zone IS NOT NULL) z
                 WHERE NOT EXISTS (SELECT FROM pg_timezone_names n WHERE n.name = z.zone)), '') AS unknown_zones
FROM district d WHERE d.archived_at IS NULL;

-- $1 attempt, $2 kind, $3 status or null, $4 now
-- name: mail_report_take :one
SELECT mail_report_take($1::uuid, $2::text, $3::text, $4::timestamptz) AS verdict;
