-- Sites: schools and departments. All parameters are text; lists come as JSON.

-- $1 id
-- name: site_get :one
SELECT version, body FROM site_body WHERE id = $1::uuid;

-- The representation, kept as the reply to this key: behind the effect, in its unit.
-- $1 id, $2 principal, $3 key, $4 fingerprint, $5 status, $6 location, $7 what the ETag has behind
-- "version-"
-- name: site_get_and_keep :one
WITH reply AS (
    SELECT version, format('"%s-%s"', version, $7::text) AS etag, body
    FROM site_body WHERE id = $1::uuid),
kept AS (
    INSERT INTO idempotency (
        district_id, principal, key, fingerprint, status, location, etag, body)
    SELECT current_setting('kith.district')::uuid, $2::text, $3::text, $4::text, $5::integer,
           $6::text, etag, body
    FROM reply)
SELECT version, etag, body FROM reply;

-- $1 id,
-- $2 network_id, $3 name, $4 kind, $5 status, $6 merged_into, $7 local_id, $8 state_id, $9 nces_id,
-- $10 level, $11 grade_low, $12 grade_high, $13 street, $14 city, $15 state, $16 postal_code,
-- $17 zone, $18 website, $19 phone, $20 email, $21 title_i
-- name: site_create :exec
INSERT INTO site (
    district_id, id, network_id, name, kind, status, merged_into, local_id, state_id, nces_id,
    level, grade_low, grade_high, street, city, state, postal_code, zone, website, phone, email,
    title_i)
VALUES (
    current_setting('kith.district')::uuid, $1::uuid, $2::uuid, $3::text, $4::text,
    coalesce($5::text, 'open'), $6::uuid, $7::text, $8::text, $9::text, $10::text, $11::text,
    $12::text, $13::text, $14::text, $15::text, $16::text, $17::text, $18::text, $19::text,
    $20::text, $21::boolean);

-- $1 id, $2 mask of what is there (bit i for $4 + i), $3 expected version,
-- $4 network_id, $5 name, $6 kind, $7 status, $8 merged_into, $9 local_id, $10 state_id,
-- $11 nces_id, $12 level, $13 grade_low, $14 grade_high, $15 street, $16 city, $17 state,
-- $18 postal_code, $19 zone, $20 website, $21 phone, $22 email, $23 title_i
-- No row: gone, or another version; a site_get behind it in the unit tells which.
-- name: site_patch :maybe
UPDATE site SET
    network_id = CASE WHEN $2::bigint & 1 <> 0 THEN $4::uuid ELSE network_id END,
    name = CASE WHEN $2::bigint & 2 <> 0 THEN $5::text ELSE name END,
    kind = CASE WHEN $2::bigint & 4 <> 0 THEN $6::text ELSE kind END,
    status = CASE WHEN $2::bigint & 8 <> 0 THEN $7::text ELSE status END,
    merged_into = CASE WHEN $2::bigint & 16 <> 0 THEN $8::uuid ELSE merged_into END,
    local_id = CASE WHEN $2::bigint & 32 <> 0 THEN $9::text ELSE local_id END,
    state_id = CASE WHEN $2::bigint & 64 <> 0 THEN $10::text ELSE state_id END,
    nces_id = CASE WHEN $2::bigint & 128 <> 0 THEN $11::text ELSE nces_id END,
    level = CASE WHEN $2::bigint & 256 <> 0 THEN $12::text ELSE level END,
    grade_low = CASE WHEN $2::bigint & 512 <> 0 THEN $13::text ELSE grade_low END,
    grade_high = CASE WHEN $2::bigint & 1024 <> 0 THEN $14::text ELSE grade_high END,
    street = CASE WHEN $2::bigint & 2048 <> 0 THEN $15::text ELSE street END,
    city = CASE WHEN $2::bigint & 4096 <> 0 THEN $16::text ELSE city END,
    state = CASE WHEN $2::bigint & 8192 <> 0 THEN $17::text ELSE state END,
    postal_code = CASE WHEN $2::bigint & 16384 <> 0 THEN $18::text ELSE postal_code END,
    zone = CASE WHEN $2::bigint & 32768 <> 0 THEN $19::text ELSE zone END,
    website = CASE WHEN $2::bigint & 65536 <> 0 THEN $20::text ELSE website END,
    phone = CASE WHEN $2::bigint & 131072 <> 0 THEN $21::text ELSE phone END,
    email = CASE WHEN $2::bigint & 262144 <> 0 THEN $22::text ELSE email END,
    title_i = CASE WHEN $2::bigint & 524288 <> 0 THEN $23::boolean ELSE title_i END
WHERE id = $1::uuid AND version = $3::bigint
RETURNING version;

-- $1 id, $2 expected version or NULL for any
-- name: site_archive :maybe
UPDATE site SET archived_at = current_setting('kith.now')::timestamptz
WHERE id = $1::uuid AND version = coalesce($2::bigint, version) AND archived_at IS NULL
RETURNING version;

-- $1 id, $2 expected version or NULL for any
-- name: site_restore :maybe
UPDATE site SET archived_at = NULL
WHERE id = $1::uuid AND version = coalesce($2::bigint, version) AND archived_at IS NOT NULL
RETURNING version;
