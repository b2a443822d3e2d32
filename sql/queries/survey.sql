-- What surveys found.

-- No row: there is no such survey.
-- $1 survey, $2 by what, $3 and by what, $4 behind which key, $5 how many groups, $6 the key of one (each of these NULL
-- when it is not said), $7 now
-- name: survey_results :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT survey_results_document($1::uuid, coalesce($2::text, 'all'), $3::text, $4::text, coalesce($5::bigint, 200), $6::text)::text
             AS body
      WHERE $7::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;

-- No row: there is no such survey.
-- $1 survey, $2 by what, $3 of which key (NULL: all), $4 and by what, $5 of which key, $6 now
-- name: survey_questions :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT survey_group_document($1::uuid, coalesce($2::text, 'all'), coalesce($3::text, 'all'), $4::text, $5::text)::text AS body
      WHERE $6::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;

-- No row: there is no such instrument.
-- $1 instrument, $2 by what, $3 of which key (NULL: all), $4 how many waves (NULL: 20), $5 now
-- name: instrument_trends :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT survey_trend_document($1::uuid, coalesce($2::text, 'all'), coalesce($3::text, 'all'), coalesce($4::bigint, 20))::text
             AS body
      WHERE $5::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;

-- $1 survey, $2 the person behind whom, or NULL, $3 how many
-- name: survey_audience :maybe
SELECT d.body::text AS body FROM (SELECT survey_audience_page($1::uuid, $2::uuid, $3::bigint) AS body OFFSET 0) AS d
WHERE d.body IS NOT NULL;

-- No row: there is no such survey. The first is of what is common to all.
-- $1 survey, $2 by what, $3 and by what, $4 behind which key, $5 how many groups (each of these NULL when it is not said)
-- name: survey_rows :many
SELECT r.is_head, r.next_after, r.cells[1] AS c0, r.cells[2] AS c1, r.cells[3] AS c2, r.cells[4] AS c3, r.cells[5] AS c4,
       r.cells[6] AS c5, r.cells[7] AS c6, r.cells[8] AS c7, r.cells[9] AS c8, r.cells[10] AS c9, r.cells[11] AS c10,
       r.cells[12] AS c11, r.cells[13] AS c12, r.cells[14] AS c13,
       r.cells[15] AS c14, r.cells[16] AS c15, r.cells[17] AS c16
FROM survey_rows($1::uuid, coalesce($2::text, 'all'), $3::text, $4::text, coalesce($5::bigint, 200)) AS r;

-- No row: there is no such survey.
-- $1 survey, $2 now
-- name: survey_progress :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT survey_progress_document($1::uuid)::text AS body WHERE $2::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;
