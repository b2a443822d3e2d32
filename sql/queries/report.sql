-- Reports that people keep. No row: there is none.
-- $1 report, $2 school year (NULL: its own)

-- name: report_page :maybe
SELECT r.body ->> 'locale' AS locale, r.body ->> 'file_name' AS name, r.body::text AS body
FROM (SELECT report_page($1::uuid, $2::integer) AS body OFFSET 0) AS r WHERE r.body IS NOT NULL;

-- name: report_sheet :many
SELECT r.file_name, r.sheet, r.is_head, r.kinds, r.cells[1] AS c0, r.cells[2] AS c1, r.cells[3] AS c2,
       r.cells[4] AS c3, r.cells[5] AS c4, r.cells[6] AS c5, r.cells[7] AS c6, r.cells[8] AS c7, r.cells[9] AS c8
FROM report_sheet($1::uuid, $2::integer) AS r;

-- name: report_lines :many
SELECT report_file_name(r.told, 'csv') AS file_name, l.table_code, l.of_what, l.column_code, l.kind, l.value, l.mark
FROM (SELECT report_told($1::uuid, $2::integer) AS told OFFSET 0) AS r
LEFT JOIN LATERAL report_lines(r.told -> 'tables') AS l ON true
WHERE r.told IS NOT NULL;
