-- What whoever asks may do with one row.

-- $1 hash of the token, $2 plural of the resource, $3 its table, $4 id, $5 needs, a comma list of roles each (JSON), $6 verbs (JSON),
-- $7 of each verb the place of its need (JSON)
-- name: row_rights :many
SELECT place, is_held, is_inside, is_whole, verbs
FROM row_rights($1::text, $2::text, $3::text, $4::uuid, ARRAY(SELECT jsonb_array_elements_text($5::jsonb)),
    ARRAY(SELECT jsonb_array_elements_text($6::jsonb)), ARRAY(SELECT jsonb_array_elements_text($7::jsonb)::integer));
