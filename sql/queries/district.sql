-- The district itself. All parameters are text; lists come as JSON.

-- Before anybody is signed in. $1 slug
-- name: district_by_slug :maybe
SELECT id, name, zone, locale FROM district_by_slug($1::text);

-- $1 id
-- name: district_get :one
SELECT version, body FROM district_body WHERE id = $1::uuid;

-- $1 id, $2 mask of what is there (bit i for $4 + i), $3 expected version,
-- $4 name, $5 zone, $6 locale, $7 locales, $8 small_cell, $9 survey_cell, $10 text_cell,
-- $11 mail_hour, $12 mail_from_name, $13 reply_to, $14 website, $15 phone, $16 street, $17 city,
-- $18 state, $19 postal_code
-- No row: gone, or another version; a district_get behind it in the unit tells which.
-- name: district_patch :maybe
UPDATE district SET
    name = CASE WHEN $2::bigint & 1 <> 0 THEN $4::text ELSE name END,
    zone = CASE WHEN $2::bigint & 2 <> 0 THEN $5::text ELSE zone END,
    locale = CASE WHEN $2::bigint & 4 <> 0 THEN $6::text ELSE locale END,
    locales = CASE WHEN $2::bigint & 8 <> 0
        THEN ARRAY(SELECT jsonb_array_elements_text($7::jsonb)) ELSE locales END,
    small_cell = CASE WHEN $2::bigint & 16 <> 0 THEN $8::integer ELSE small_cell END,
    survey_cell = CASE WHEN $2::bigint & 32 <> 0 THEN $9::integer ELSE survey_cell END,
    text_cell = CASE WHEN $2::bigint & 64 <> 0 THEN $10::integer ELSE text_cell END,
    mail_hour = CASE WHEN $2::bigint & 128 <> 0 THEN $11::integer ELSE mail_hour END,
    mail_from_name = CASE WHEN $2::bigint & 256 <> 0 THEN $12::text ELSE mail_from_name END,
    reply_to = CASE WHEN $2::bigint & 512 <> 0 THEN $13::text ELSE reply_to END,
    website = CASE WHEN $2::bigint & 1024 <> 0 THEN $14::text ELSE website END,
    phone = CASE WHEN $2::bigint & 2048 <> 0 THEN $15::text ELSE phone END,
    street = CASE WHEN $2::bigint & 4096 <> 0 THEN $16::text ELSE street END,
    city = CASE WHEN $2::bigint & 8192 <> 0 THEN $17::text ELSE city END,
    state = CASE WHEN $2::bigint & 16384 <> 0 THEN $18::text ELSE state END,
    postal_code = CASE WHEN $2::bigint & 32768 <> 0 THEN $19::text ELSE postal_code END
WHERE id = $1::uuid AND version = $3::bigint
RETURNING version;
