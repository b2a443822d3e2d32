-- What an operator does from the command line, as kith_migrate, before anybody can sign in.

-- The district's context for what follows in the transaction.
-- $1 district, $2 now
-- name: admin_context :exec
SELECT set_config('kith.district', $1::uuid::text, true), set_config('kith.user', '', true),
       set_config('kith.now', $2::timestamptz::text, true),
       set_config('kith.request', 'kith admin', true), set_config('kith.import', '', true);

-- $1 slug
-- name: admin_district_find :maybe
SELECT id FROM district WHERE slug = $1::text;

-- $1 id, $2 slug, $3 name, $4 zone
-- name: admin_district_create :exec
INSERT INTO district (id, district_id, slug, name, zone)
VALUES ($1::uuid, $1::uuid, $2::text, $3::text, $4::text);

-- The supplied focus areas; those that are there stay as they are.
-- $1 district
-- name: admin_focus_areas_seed :exec
SELECT seed_focus_areas($1::uuid);

-- The supplied indicators, in the same way.
-- $1 district
-- name: admin_indicators_seed :exec
SELECT seed_indicators($1::uuid);

-- The supplied instruments, likewise.
-- $1 district
-- name: admin_instruments_seed :exec
SELECT seed_instruments($1::uuid);

-- And the conditions that partners need.
-- $1 district
-- name: admin_readiness_seed :exec
SELECT seed_readiness_conditions($1::uuid);

-- The user of that address, made or with a new password and active again.
-- $1 district, $2 id if it is new, $3 e-mail, $4 name, $5 hash of the password
-- name: admin_user_put :one
INSERT INTO app_user (district_id, id, email, name, password_hash)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text)
ON CONFLICT ON CONSTRAINT app_user_email_key DO UPDATE
SET name = excluded.name, password_hash = excluded.password_hash, status = 'active', archived_at = NULL
RETURNING id;

-- It holds at once, in each zone and by whatever clock the programs go.
-- $1 district, $2 id, $3 user, $4 role
-- name: admin_grant_create :exec
INSERT INTO user_grant (district_id, id, user_id, role, from_date)
SELECT $1::uuid, $2::uuid, $3::uuid, $4::text, '2000-01-01'
WHERE NOT EXISTS (
    SELECT FROM user_grant g
    WHERE g.district_id = $1::uuid AND g.user_id = $3::uuid AND g.role = $4::text
      AND g.scope_kind = 'district' AND g.until_date IS NULL AND g.archived_at IS NULL);
