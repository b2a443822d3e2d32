-- What time does to the partnerships of a district and what is about them, in this order (kith-checkin). How many each time.
-- $1 district, $2 now

-- name: agreements_advance :one
SELECT agreements_advance($1::uuid, $2::timestamptz) AS done;

-- name: partners_advance :one
SELECT partners_advance($1::uuid, $2::timestamptz) AS done;

-- name: retention_advance :one
SELECT retention_advance($1::uuid, $2::timestamptz) AS done;

-- name: records_requests_remind :one
SELECT records_requests_remind($1::uuid, $2::timestamptz) AS done;

-- name: partner_years_send :one
SELECT partner_years_send($1::uuid, $2::timestamptz) AS done;

-- name: reports_send :one
SELECT reports_send($1::uuid, $2::timestamptz) AS done;

-- name: digests_decide :one
SELECT digests_decide($1::uuid, $2::timestamptz) AS done;

-- name: turn_begin :one
SELECT turn_begin($1::uuid, $2::timestamptz) AS done;

-- name: departures_advance :one
SELECT departures_advance($1::uuid, $2::timestamptz) AS done;

-- name: site_closings_advance :one
SELECT site_closings_advance($1::uuid, $2::timestamptz) AS done;

-- name: remedies_advance :one
SELECT remedies_advance($1::uuid, $2::timestamptz) AS done;

-- name: calls_to_action_advance :one
SELECT calls_to_action_advance($1::uuid, $2::timestamptz) AS done;

-- name: needs_advance :one
SELECT needs_advance($1::uuid, $2::timestamptz) AS done;

-- name: asks_advance :one
SELECT asks_advance($1::uuid, $2::timestamptz) AS done;

-- name: placements_advance :one
SELECT placements_advance($1::uuid, $2::timestamptz) AS done;

-- name: reviews_advance :one
SELECT reviews_advance($1::uuid, $2::timestamptz) AS done;

-- name: reviews_gather :one
SELECT reviews_gather($1::uuid, $2::timestamptz) AS done;

-- name: snapshots_advance :one
SELECT snapshots_advance($1::uuid, $2::timestamptz) AS done;

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

-- No row: there is no such partnership.
-- $1 partnership, $2 how many (NULL: 3), $3 now
-- name: partnership_next_mails :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT next_mails_document($1::uuid, NULL, coalesce($2::bigint, 3))::text AS body WHERE $3::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;

-- $1 contact, $2 how many (NULL: 3), $3 now
-- name: contact_next_mails :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT next_mails_document(NULL, $1::uuid, coalesce($2::bigint, 3))::text AS body WHERE $3::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;

-- $1 check-in, $2 contact (NULL: everybody), $3 now
-- name: check_in_decisions :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT check_in_decisions_document($1::uuid, $2::uuid, 500)::text AS body WHERE $3::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;
