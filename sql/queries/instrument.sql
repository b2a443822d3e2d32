-- Instruments that an operator loads from a file.

-- Its code and edition; or a row for each place that is at fault.
-- $1 district, $2 document
-- name: instrument_load :many
SELECT pointer, detail, code, edition FROM instrument_load($1::uuid, $2::jsonb);
