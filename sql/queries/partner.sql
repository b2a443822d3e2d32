-- Partners, beside what follows from their declaration.

-- No row: there is no such partner.
-- $1 partner
-- name: partner_duplicates :maybe
SELECT d.body::text AS body FROM (SELECT partner_duplicates($1::uuid) AS body) AS d WHERE d.body IS NOT NULL;
