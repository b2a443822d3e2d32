-- The close of an anonymous survey (kith-survey), in the context of its district.

-- name: survey_count_begin :one
SELECT c.survey_id, c.is_enough::integer AS is_enough FROM survey_count_begin() c;

-- $1 survey, $2 name and $3 part behind which, $4 how many
-- name: survey_count_take :many
SELECT t.name, t.part, t.kept FROM survey_count_take($1::uuid, $2::text, $3::text, $4::integer) t;

-- $1 survey, $2 what was opened
-- name: survey_count_add :exec
SELECT survey_count_add($1::uuid, $2::jsonb);

-- $1 survey, $2 whether there are enough
-- name: survey_count_end :one
SELECT survey_count_end($1::uuid, $2::boolean) AS done;
