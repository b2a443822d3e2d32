-- What a school year came to. No row: there is no such year.
-- $1 school year

-- $2 now
-- name: school_year_report :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT school_year_told($1::uuid)::text AS body WHERE $2::text <> '' OFFSET 0) AS d WHERE d.body IS NOT NULL;

-- name: school_year_page :maybe
SELECT r.body ->> 'locale' AS locale, r.body ->> 'file_name' AS name, r.body::text AS body
FROM (SELECT school_year_report_page($1::uuid) AS body OFFSET 0) AS r WHERE r.body IS NOT NULL;

-- name: school_year_sheet :many
SELECT r.file_name, r.sheet, r.is_head, r.kinds, r.cells[1] AS c0, r.cells[2] AS c1, r.cells[3] AS c2,
       r.cells[4] AS c3, r.cells[5] AS c4, r.cells[6] AS c5, r.cells[7] AS c6, r.cells[8] AS c7, r.cells[9] AS c8
FROM school_year_sheet_rows($1::uuid) AS r;
