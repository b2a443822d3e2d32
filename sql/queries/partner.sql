-- Partners, the organizations. All parameters are text; lists come as JSON.

-- $1 id
-- name: partner_get :one
SELECT version, body FROM partner_body WHERE id = $1::uuid;

-- The representation, kept as the reply to this key: behind the effect, in its unit.
-- $1 id, $2 principal, $3 key, $4 fingerprint, $5 status, $6 location, $7 what the ETag has behind
-- "version-"
-- name: partner_get_and_keep :one
WITH reply AS (
    SELECT version, format('"%s-%s"', version, $7::text) AS etag, body
    FROM partner_body WHERE id = $1::uuid),
kept AS (
    INSERT INTO idempotency (
        district_id, principal, key, fingerprint, status, location, etag, body)
    SELECT current_setting('kith.district')::uuid, $2::text, $3::text, $4::text, $5::integer,
           $6::text, etag, body
    FROM reply)
SELECT version, etag, body FROM reply;

-- $1 id,
-- $2 parent_id, $3 name, $4 aliases, $5 kind, $6 ein, $7 website, $8 email, $9 phone, $10 street,
-- $11 city, $12 state, $13 postal_code, $14 description, $15 strengths, $16 innovation, $17 reach,
-- $18 tier, $19 stage, $20 barred_reason, $21 culture_notes, $22 owner_id, $23 lead_site_id,
-- $24 last_contact_on
-- name: partner_create :exec
INSERT INTO partner (
    district_id, id, parent_id, name, aliases, kind, ein, website, email, phone, street, city,
    state, postal_code, description, strengths, innovation, reach, tier, stage, barred_reason,
    culture_notes, owner_id, lead_site_id, last_contact_on)
VALUES (
    current_setting('kith.district')::uuid, $1::uuid, $2::uuid, $3::text,
    ARRAY(SELECT jsonb_array_elements_text($4::jsonb)), $5::text, $6::text, $7::text, $8::text,
    $9::text, $10::text, $11::text, $12::text, $13::text, $14::text, $15::text, $16::text,
    $17::text, $18::text, coalesce($19::text, 'prospect'), $20::text, $21::text, $22::uuid,
    $23::uuid, $24::date);

-- $1 id, $2 mask of what is there (bit i for $4 + i), $3 expected version,
-- $4 parent_id, $5 name, $6 aliases, $7 kind, $8 ein, $9 website, $10 email, $11 phone, $12 street,
-- $13 city, $14 state, $15 postal_code, $16 description, $17 strengths, $18 innovation, $19 reach,
-- $20 tier, $21 stage, $22 barred_reason, $23 culture_notes, $24 owner_id, $25 lead_site_id,
-- $26 last_contact_on
-- No row: gone, or another version; a partner_get behind it in the unit tells which.
-- name: partner_patch :maybe
UPDATE partner SET
    parent_id = CASE WHEN $2::bigint & 1 <> 0 THEN $4::uuid ELSE parent_id END,
    name = CASE WHEN $2::bigint & 2 <> 0 THEN $5::text ELSE name END,
    aliases = CASE WHEN $2::bigint & 4 <> 0
        THEN ARRAY(SELECT jsonb_array_elements_text($6::jsonb)) ELSE aliases END,
    kind = CASE WHEN $2::bigint & 8 <> 0 THEN $7::text ELSE kind END,
    ein = CASE WHEN $2::bigint & 16 <> 0 THEN $8::text ELSE ein END,
    website = CASE WHEN $2::bigint & 32 <> 0 THEN $9::text ELSE website END,
    email = CASE WHEN $2::bigint & 64 <> 0 THEN $10::text ELSE email END,
    phone = CASE WHEN $2::bigint & 128 <> 0 THEN $11::text ELSE phone END,
    street = CASE WHEN $2::bigint & 256 <> 0 THEN $12::text ELSE street END,
    city = CASE WHEN $2::bigint & 512 <> 0 THEN $13::text ELSE city END,
    state = CASE WHEN $2::bigint & 1024 <> 0 THEN $14::text ELSE state END,
    postal_code = CASE WHEN $2::bigint & 2048 <> 0 THEN $15::text ELSE postal_code END,
    description = CASE WHEN $2::bigint & 4096 <> 0 THEN $16::text ELSE description END,
    strengths = CASE WHEN $2::bigint & 8192 <> 0 THEN $17::text ELSE strengths END,
    innovation = CASE WHEN $2::bigint & 16384 <> 0 THEN $18::text ELSE innovation END,
    reach = CASE WHEN $2::bigint & 32768 <> 0 THEN $19::text ELSE reach END,
    tier = CASE WHEN $2::bigint & 65536 <> 0 THEN $20::text ELSE tier END,
    stage = CASE WHEN $2::bigint & 131072 <> 0 THEN $21::text ELSE stage END,
    barred_reason = CASE WHEN $2::bigint & 262144 <> 0 THEN $22::text ELSE barred_reason END,
    culture_notes = CASE WHEN $2::bigint & 524288 <> 0 THEN $23::text ELSE culture_notes END,
    owner_id = CASE WHEN $2::bigint & 1048576 <> 0 THEN $24::uuid ELSE owner_id END,
    lead_site_id = CASE WHEN $2::bigint & 2097152 <> 0 THEN $25::uuid ELSE lead_site_id END,
    last_contact_on = CASE WHEN $2::bigint & 4194304 <> 0 THEN $26::date ELSE last_contact_on END
WHERE id = $1::uuid AND version = $3::bigint
RETURNING version;

-- $1 id, $2 expected version or NULL for any
-- name: partner_archive :maybe
UPDATE partner SET archived_at = current_setting('kith.now')::timestamptz
WHERE id = $1::uuid AND version = coalesce($2::bigint, version) AND archived_at IS NULL
RETURNING version;

-- $1 id, $2 expected version or NULL for any
-- name: partner_restore :maybe
UPDATE partner SET archived_at = NULL
WHERE id = $1::uuid AND version = coalesce($2::bigint, version) AND archived_at IS NOT NULL
RETURNING version;
