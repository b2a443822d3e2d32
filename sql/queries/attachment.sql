-- Attachments. All parameters are text.

-- A piece of a file that is coming.
-- $1 attachment, $2 number, $3 bytes (hexadecimal)
-- name: attachment_piece_put :exec
INSERT INTO attachment_piece (district_id, attachment_id, number, bytes)
VALUES (current_setting('kith.district')::uuid, $1::uuid, $2::bigint, decode($3::text, 'hex'));

-- The file is there whole.
-- $1 id, $2 name, $3 media type, $4 bytes, $5 SHA-256, $6 kind of what it belongs to, $7 which of those
-- name: attachment_create :exec
INSERT INTO attachment (district_id, id, name, media_type, bytes, sha256, subject_kind, subject_id, uploaded_by)
VALUES (current_setting('kith.district')::uuid, $1::uuid, $2::text, $3::text, $4::bigint, $5::text, $6::text, $7::uuid,
        current_setting('kith.user')::uuid);

-- Somebody who may read it takes it, which leaves a record.
-- $1 id
-- name: attachment_take :maybe
SELECT f.name, f.media_type, f.pieces
FROM attachment a CROSS JOIN LATERAL attachment_take(a.id) AS f
WHERE a.district_id = current_setting('kith.district')::uuid AND a.id = $1::uuid;

-- name: attachment_sweep :exec
SELECT attachment_sweep();

-- $1 attachment, $2 number
-- name: attachment_piece_get :maybe
SELECT encode(bytes, 'hex') AS bytes FROM attachment_piece
WHERE district_id = current_setting('kith.district')::uuid AND attachment_id = $1::uuid AND number = $2::bigint;
