-- What kith-kpi does, as kith_kpi.
-- $1 how many at most, $2 now, $3 whether the newest, not the oldest

-- name: rollup_work :one
SELECT rollup_work($1::integer, $2::timestamptz, $3::boolean) AS done;

-- name: rollup_cross :one
SELECT rollup_cross($1::integer, $2::timestamptz, $3::boolean) AS done;

-- $1 how many at most, $2 now
-- name: survey_work :one
SELECT survey_work($1::integer, $2::timestamptz) AS done;

-- name: rollup_state :one
SELECT waiting, oldest_s FROM rollup_state();

-- $1 district, $2 now
-- name: rollups_advance :one
SELECT rollups_advance($1::uuid, $2::timestamptz) AS done;

-- $1 district, $2 now
-- name: releases_make :one
SELECT releases_make($1::uuid, $2::timestamptz) AS done;

-- $1 now
-- name: release_take :many
SELECT district_id, release_id, school_year FROM release_take($1::timestamptz);

-- $1 district, $2 school year
-- name: release_next :one
SELECT release_next($1::uuid, $2::integer) AS indicator_id;

-- $1 indicator, $2 school year, $3 counts of a block at most
-- name: release_blocks :many
SELECT is_split, partnerships FROM release_blocks($1::uuid, $2::integer, $3::integer);

-- $1 indicator, $2 school year, $3 and $4 of a block: is it split, its partnerships
-- name: release_unknown :many
SELECT id, count, numerator, is_current, is_shown, low, high, few, bound_low, bound_high, was_bound, rate_low, rate_high,
       is_bound_new, mate, same
FROM release_unknown($1::uuid, $2::integer, $3::boolean, $4::uuid[]);

-- name: release_sums :many
SELECT parts FROM release_sums($1::uuid, $2::integer, $3::boolean, $4::uuid[]);

-- name: release_cells :many
SELECT cell, rank, is_shown, is_widest, size, low, high, parts FROM release_cells($1::uuid, $2::integer, $3::boolean, $4::uuid[]);

-- $1 release, $2 indicator, $3 school year, $4 cells and $5 counts to hide, $6 sums to keep, $7 counts to forget, $8 how many
-- cells the proof hid
-- name: release_prove :one
SELECT release_prove($1::uuid, $2::uuid, $3::integer, $4::text[], $5::bigint[], $6::jsonb, $7::bigint[], $8::bigint) AS done;

-- $1 district, $2 release, $3 school year, $4 now
-- name: release_publish :one
SELECT release_publish($1::uuid, $2::uuid, $3::integer, $4::timestamptz) AS hidden;

-- $1 district, $2 release, $3 reason, $4 now
-- name: release_refuse :one
SELECT release_refuse($1::uuid, $2::uuid, $3::text, $4::timestamptz) AS done;
