-- Imports. All parameters are text; lists come as JSON.

-- A piece of a file that is coming.
-- $1 import, $2 number, $3 bytes (hexadecimal)
-- name: import_chunk_put :exec
INSERT INTO import_chunk (district_id, import_id, number, bytes)
VALUES (current_setting('kith.district')::uuid, $1::uuid, $2::bigint, decode($3::text, 'hex'));

-- The file is there whole.
-- $1 id, $2 kind, $3 dry run, $4 key, $5 empty cells, $6 mapping, $7 constants, $8 unmapped columns (JSON), $9 bytes,
-- $10 encoding, $11 separator, $12 roles that may do this, $13 fields to make (JSON)
-- name: import_create :exec
INSERT INTO import (district_id, id, kind, dry_run, key, empty_cells, mapping, constants, unmapped, file_bytes, encoding,
                    separator, roles, new_fields, started_by)
VALUES (current_setting('kith.district')::uuid, $1::uuid, $2::text, $3::boolean, $4::text, $5::text, $6::jsonb, $7::jsonb,
        ARRAY(SELECT jsonb_array_elements_text($8::jsonb)), $9::bigint, $10::text, $11::text,
        $12::text, $13::jsonb, current_setting('kith.user')::uuid);

-- An error: whoever asks may not make fields of the district's own.
-- $1 roles that may
-- name: import_check_define :exec
SELECT CASE WHEN kith_has_role($1::text) AND current_setting('kith.scope', true) = '*' THEN true ELSE refuse_outside() END;

-- Somebody is to work on it.
-- $1 import
-- name: import_queue :exec
INSERT INTO import_work (district_id, id, token_id)
VALUES (current_setting('kith.district')::uuid, $1::uuid, nullif(current_setting('kith.token', true), '')::uuid);

-- What came of a file that is none.
-- $1 import
-- name: import_chunks_drop :exec
DELETE FROM import_chunk WHERE district_id = current_setting('kith.district')::uuid AND import_id = $1::uuid;

-- name: import_sweep :exec
SELECT import_sweep();

-- Work that nobody has, of any district; its lease is ours from now on.
-- $1 holder, $2 lease in ms
-- name: import_claim :maybe
SELECT district_id, id FROM import_claim($1::uuid, $2::bigint);

-- The context of whoever started it; or KI403, or KI410 when the lease is another's.
-- $1 district, $2 import, $3 holder, $4 lease in ms, $5 needed roles, $6 now
-- name: import_enter :exec
SELECT import_enter($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::text, $6::text);

-- $1 import
-- name: import_load :one
SELECT i.kind, i.status, i.dry_run, i.key, i.empty_cells, i.mapping, i.constants, i.encoding, i.separator,
       greatest((SELECT max(r.line) FROM import_row r
                 WHERE r.district_id = i.district_id AND r.import_id = i.id),
                (SELECT max(b.last_line) FROM import_batch b
                 WHERE b.district_id = i.district_id AND b.import_id = i.id), 0) AS staged_line
FROM import i WHERE i.id = $1::uuid;

-- $1 import, $2 number
-- name: import_chunk_get :maybe
SELECT encode(bytes, 'hex') AS bytes FROM import_chunk
WHERE district_id = current_setting('kith.district')::uuid AND import_id = $1::uuid AND number = $2::bigint;

-- Rows as they were read: [{"line", "id", "cells", "bound", "refs", "faults"}].
-- $1 import, $2 rows
-- name: import_stage :exec
INSERT INTO import_row (district_id, import_id, line, row_id, cells, bound, refs, faults, outcome)
SELECT current_setting('kith.district')::uuid, $1::uuid, r.line, r.id, r.cells, r.bound, r.refs, r.faults,
       CASE WHEN r.faults IS NOT NULL THEN 'rejected' END
FROM jsonb_to_recordset($2::jsonb) AS r (line bigint, id uuid, cells text[], bound jsonb, refs jsonb, faults jsonb);

-- The same of a kind whose plain rows are written at once: they wait together.
-- $1 import, $2 rows, $3 those that are plain (of the type import_<kind>[]), $4 first line, $5 last line, $6 how many
-- name: import_stage_batch :exec
INSERT INTO import_batch (district_id, import_id, rows, plain, first_line, last_line, row_count)
VALUES (current_setting('kith.district')::uuid, $1::uuid, $2::text, $3::text, $4::bigint, $5::bigint, $6::bigint);

-- All of them are there.
-- $1 import, $2 rows
-- name: import_read_done :exec
UPDATE import SET status = 'running', rows_read = $2::bigint WHERE id = $1::uuid;

-- name: import_analyze :exec
SELECT import_analyze();

-- $1 import, $2 what is particular to the kind, $3 rows at most
-- name: import_apply :one
SELECT import_apply($1::uuid, $2::jsonb, $3::bigint) AS more;

-- $1 import, $2 what is particular to the kind, $3 rows at most at once
-- name: import_rehearse :one
SELECT import_rehearse($1::uuid, $2::jsonb, $3::bigint) AS more;

-- $1 import, $2 what is particular to the kind, $3 rows at most
-- name: import_take_back :one
SELECT import_take_back($1::uuid, $2::jsonb, $3::bigint) AS more;

-- $1 import, $2 reason
-- name: import_fail :exec
SELECT import_finish($1::uuid, 'failed', $2::text);

-- Cells are for those who may import the kind: raw figures, private notes.
-- $1 import, $2 after line, $3 rows at most
-- name: import_rows :many
SELECT r.line, json_build_object('line', r.line, 'outcome', r.outcome,
    'id', CASE WHEN r.outcome IN ('updated', 'unchanged', 'conflict') OR r.outcome = 'created' AND NOT i.dry_run
               THEN r.row_id END,
    'cells', CASE WHEN kith_has_role(i.roles) THEN r.cells END, 'errors', coalesce(r.faults, '[]'))::text AS body
FROM import_row r JOIN import i ON i.district_id = r.district_id AND i.id = r.import_id
WHERE r.district_id = current_setting('kith.district')::uuid AND r.import_id = $1::uuid AND r.line > $2::bigint
ORDER BY r.line LIMIT $3::bigint;

-- The same of one outcome.
-- $1 import, $2 after line, $3 rows at most, $4 outcome
-- name: import_rows_by_outcome :many
SELECT r.line, json_build_object('line', r.line, 'outcome', r.outcome,
    'id', CASE WHEN r.outcome IN ('updated', 'unchanged', 'conflict') OR r.outcome = 'created' AND NOT i.dry_run
               THEN r.row_id END,
    'cells', CASE WHEN kith_has_role(i.roles) THEN r.cells END, 'errors', coalesce(r.faults, '[]'))::text AS body
FROM import_row r JOIN import i ON i.district_id = r.district_id AND i.id = r.import_id
WHERE r.district_id = current_setting('kith.district')::uuid AND r.import_id = $1::uuid AND r.line > $2::bigint
  AND r.outcome = $4::text
ORDER BY r.line LIMIT $3::bigint;
