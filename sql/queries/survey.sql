-- What surveys found.

-- No row: there is no such survey.
-- $1 survey, $2 all, partner or side
-- name: survey_results :maybe
SELECT r.body::text AS body FROM (SELECT survey_results($1::uuid, $2::text) AS body OFFSET 0) AS r
WHERE r.body IS NOT NULL;
