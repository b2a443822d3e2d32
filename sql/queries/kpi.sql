-- What kith-kpi does, as kith_kpi.

-- $1 at most so many marks of one key, $2 now
-- name: rollup_work :one
SELECT rollup_work($1::integer, $2::timestamptz) AS done;

-- $1 district, $2 now
-- name: releases_make :one
SELECT releases_make($1::uuid, $2::timestamptz) AS done;
