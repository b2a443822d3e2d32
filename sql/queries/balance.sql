-- What both sides of partnerships gave.

-- $1 kind of scope, $2 its id (of a kind of partner its name), $3 school year, or $4 fiscal year (both NULL: this one)
-- name: balance :maybe
SELECT json_build_object(
    'scope_kind', $1::text, 'scope_id', coalesce(k.id, current_setting('kith.district')::uuid),
    'school_year', y.school_year, 'fiscal_year', y.fiscal_year, 'starts_on', y.starts_on, 'ends_on', y.ends_on,
    'partner_cents', b.partner_cents, 'district_cents', b.district_cents,
    'partner_pledged_cents', b.partner_pledged_cents, 'district_pledged_cents', b.district_pledged_cents,
    'outside_cents', b.outside_cents,
    'disputed_cents', b.disputed_cents, 'entries', b.entries,
    'balance', CASE WHEN b.partner_cents > 0 AND b.district_cents > 0
                    THEN round(b.partner_cents::numeric / (b.partner_cents + b.district_cents), 4)::text END)::text AS body
FROM money_year($3::integer, $4::integer) AS y
CROSS JOIN (SELECT scope_id($1::text, $2::text) AS id) AS k
CROSS JOIN LATERAL investments_balanced($1::text, k.id, y.starts_on, y.ends_on) AS b;
