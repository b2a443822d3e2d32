-- What time does to the surveys of a district, in this order (kith-survey). How many each time.
-- $1 district, $2 now

-- name: surveys_advance :one
SELECT surveys_advance($1::uuid, $2::timestamptz) AS done;

-- name: surveys_invite :one
SELECT surveys_invite($1::uuid, $2::timestamptz) AS done;

-- name: survey_mails_withdraw :one
SELECT survey_mails_withdraw($1::uuid, $2::timestamptz) AS done;

-- name: survey_invitations_decide :one
SELECT survey_invitations_decide($1::uuid, $2::timestamptz) AS done;

-- name: survey_reminders_decide :one
SELECT survey_reminders_decide($1::uuid, $2::timestamptz) AS done;
