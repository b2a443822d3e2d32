-- Recognition: reports, documents, and what the public reads. All parameters are text.

-- $1 years at least (NULL: 1), $2 now
-- name: years_of_service :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT service_document(coalesce($1::integer, 1), 500)::text AS body WHERE $2::text <> '' OFFSET 0) AS d;

-- No row: there is no such bulletin.
-- $1 bulletin, $2 now
-- name: bulletin_preview :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT bulletin_preview($1::uuid, 500)::text AS body WHERE $2::text <> '' OFFSET 0) AS d WHERE d.body IS NOT NULL;

-- $1 letter
-- name: tax_document_take :maybe
SELECT d.body ->> 'locale' AS locale, d.body ->> 'name' AS name, d.body::text AS body
FROM (SELECT tax_document_take($1::uuid) AS body OFFSET 0) AS d WHERE d.body IS NOT NULL;

-- $1 award
-- name: award_certificate :maybe
SELECT d.body ->> 'locale' AS locale, d.body ->> 'name' AS name, d.body::text AS body
FROM (SELECT award_certificate($1::uuid) AS body OFFSET 0) AS d WHERE d.body IS NOT NULL;

-- $1 slug, $2 list, feed or page, $3 the story of a page, $4 now, $5 request id
-- name: stories_public :maybe
SELECT locale, changed, body::text AS body FROM stories_public($1::text, $2::text, $3::uuid, $4::text, $5::text);

-- The same parameters; there is no page of one.
-- name: needs_public :maybe
SELECT locale, changed, body::text AS body FROM needs_public($1::text, $2::text, $3::uuid, $4::text, $5::text);

-- $1 slug, $2 story, $3 picture, $4 number of the piece, $5 now, $6 request id
-- name: story_picture :maybe
SELECT media_type, sha256, pieces, encode(bytes, 'hex') AS bytes
FROM story_picture($1::text, $2::uuid, $3::uuid, $4::bigint, $5::text, $6::text);
