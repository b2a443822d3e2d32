-- What kith-kpi does, as kith_kpi.
-- $1 how many at most, $2 now

-- name: rollup_work :one
SELECT rollup_work($1::integer, $2::timestamptz) AS done;

-- name: rollup_cross :one
SELECT rollup_cross($1::integer, $2::timestamptz) AS done;

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
