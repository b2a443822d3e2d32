-- Partners, beside what follows from their declaration.

-- No row: there is no such partner.
-- $1 partner
-- name: partner_duplicates :maybe
SELECT d.body::text AS body FROM (SELECT partner_duplicates($1::uuid) AS body OFFSET 0) AS d WHERE d.body IS NOT NULL;

-- No row: there is no such contact.
-- $1 contact, $2 now
-- name: contact_duplicates :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT contact_duplicates($1::uuid)::text AS body WHERE $2::text <> '' OFFSET 0) AS d WHERE d.body IS NOT NULL;

-- No row: there is no such site.
-- $1 site, $2 site that takes over, $3 first day, $4 now
-- name: site_closing_preview :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT site_closing_preview($1::uuid, $2::uuid, $3::date)::text AS body WHERE $4::text <> '' OFFSET 0) AS d
WHERE d.body IS NOT NULL;

-- By the public form. It sets the context itself.
-- $1 organization, $2 name, $3 e-mail, $4 phone, $5 website, $6 message, $7 kind, $8 offer's kind, $9 site, $10 language,
-- $11 what no person fills in, $12 district's slug, $13 host, $14 id, $15 now, $16 request id
-- name: inquiry_receive :one
SELECT answer_by FROM inquiry_receive(
    $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::uuid, $10::uuid, $11::text,
    $12::text, $13::text, $14::text, $15::uuid, $16::text, $17::text) AS answer_by;

-- No row: there is no such inquiry.
-- $1 inquiry, $2 now
-- name: inquiry_duplicates :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT inquiry_duplicates($1::uuid)::text AS body WHERE $2::text <> '' OFFSET 0) AS d WHERE d.body IS NOT NULL;
