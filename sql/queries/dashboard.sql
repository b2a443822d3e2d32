-- The dashboard: one document of a scope, a school year and a kind of period (sql/functions/95_dashboard.sql).

-- No row: there is no such scope. The version names the document's content.
-- $1 kind of the scope, $2 its id (of the district: NULL; of a kind of partner its name), $3 school year, $4 kind of period
-- name: dashboard :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT dashboard_document($1::text, scope_id($1::text, $2::text), $3::integer, $4::text)::text AS body OFFSET 0) AS d
WHERE d.body IS NOT NULL;
