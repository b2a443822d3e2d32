-- The first statement of every unit. All parameters are text; lists come as JSON.

-- Who holds the token, and the unit's context; or KI401, KI403.
-- $1 district, $2 hash of the token (hexadecimal), $3 comma list of roles of which one is needed (""
-- for none), $4 now, $5 request id and traceparent, $6 what a limited key must cover: "read partners"
-- name: enter :one
SELECT user_id, roles, grants, csrf_hash, rfc3339(expires_at) AS expires_at, is_limited
FROM kith_enter($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text);

-- The same before a list: a generic plan made for a small tenant would cost a big one dear.
-- $1 district, $2 hash of the token, $3 needed roles, $4 now, $5 request id and traceparent, $6 what a limited key must
-- cover
-- name: enter_for_list :one
SELECT user_id, roles, grants, csrf_hash, rfc3339(expires_at) AS expires_at, is_limited,
       set_config('plan_cache_mode', 'force_custom_plan', true) AS plan_cache_mode
FROM kith_enter($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text);

-- The context alone, for a read whose principal was verified a moment ago: what its policies, masks and
-- derived fields ask for, and nothing else, as every setting costs and a point read is short.
-- $1 district, $2 user, $3 comma list of its roles, $4 now
-- name: context :exec
SELECT set_config('kith.district', $1::text, true), set_config('kith.user', $2::text, true),
       set_config('kith.roles', $3::text, true), set_config('kith.now', $4::text, true);

-- The same before a list.
-- $1 district, $2 user, $3 comma list of its roles, $4 now
-- name: context_for_list :exec
SELECT set_config('kith.district', $1::text, true), set_config('kith.user', $2::text, true),
       set_config('kith.roles', $3::text, true), set_config('kith.now', $4::text, true),
       set_config('plan_cache_mode', 'force_custom_plan', true);
