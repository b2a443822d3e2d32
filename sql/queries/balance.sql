-- What both sides of partnerships gave.

-- $1 kind of scope, $2 its id, $3 school year
-- name: balance :maybe
SELECT json_build_object(
    'scope_kind', $1::text, 'scope_id', coalesce($2::uuid, current_setting('kith.district')::uuid),
    'school_year', $3::integer, 'partner_cents', b.partner_cents, 'district_cents', b.district_cents,
    'partner_pledged_cents', b.partner_pledged_cents, 'district_pledged_cents', b.district_pledged_cents,
    'outside_cents', b.outside_cents, 'entries', b.entries,
    'balance', CASE WHEN b.partner_cents > 0 AND b.district_cents > 0
                    THEN round(b.partner_cents::numeric / (b.partner_cents + b.district_cents), 4)::text END)::text AS body
FROM investment_balance($1::text, $2::uuid, $3::integer) AS b;
