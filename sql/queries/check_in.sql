-- What time does to the agreements, convenings and check-ins of a district, in this order (kith-checkin). How many each time.
-- $1 district, $2 now

-- name: agreements_advance :one
SELECT agreements_advance($1::uuid, $2::timestamptz) AS done;

-- name: departures_advance :one
SELECT departures_advance($1::uuid, $2::timestamptz) AS done;

-- name: remedies_advance :one
SELECT remedies_advance($1::uuid, $2::timestamptz) AS done;

-- name: convenings_advance :one
SELECT convenings_advance($1::uuid, $2::timestamptz) AS done;

-- name: check_in_replan :one
SELECT check_in_replan($1::uuid, $2::timestamptz) AS done;

-- name: check_in_plan :one
SELECT check_in_plan($1::uuid, $2::timestamptz) AS done;

-- name: check_in_advance :one
SELECT check_in_advance($1::uuid, $2::timestamptz) AS done;

-- name: check_in_mails_withdraw :one
SELECT check_in_mails_withdraw($1::uuid, $2::timestamptz) AS done;

-- name: reminders_decide :one
SELECT reminders_decide($1::uuid, $2::timestamptz) AS done;

-- name: check_in_notices_decide :one
SELECT check_in_notices_decide($1::uuid, $2::timestamptz) AS done;

-- name: giving_summaries_make :one
SELECT giving_summaries_make($1::uuid, $2::timestamptz) AS done;

-- name: bulletins_send :one
SELECT bulletins_send($1::uuid, $2::timestamptz) AS done;
