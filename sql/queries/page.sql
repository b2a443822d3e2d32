-- What pages are made of. All parameters are text; views, forms and bodies are JSON (96_page.sql, 97_*_page.sql).

-- $1 district, $2 hash of the link's token, $3 comma list of purposes, $4 now, $5 request id, $6 the part of it ("": itself)
-- name: link_enter :one
SELECT purpose, locale FROM link_enter($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text);

-- $1 purpose, $2 id of its subject
-- name: task_begin :one
SELECT locale FROM task_begin($1::text, $2::uuid);

-- $1 view
-- name: task_page :one
SELECT p.body::text AS body, CASE WHEN task_is_passed_on() THEN 'passed_on' END AS template, b.to_open, b.survey_id
FROM (SELECT task_page($1::jsonb) AS body OFFSET 0) p CROSS JOIN LATERAL task_ballot() b;

-- $1 verb, $2 form
-- name: task_put :one
SELECT p.errors = '[]' AS is_good, p.errors::text AS errors, p.said, p.next,
       b.to_open, b.survey_id, b.invitation_id, b.draft, b.part, b.sent
FROM task_put($1::text, $2::jsonb) p CROSS JOIN LATERAL task_ballot() b;

-- $1 district, $2 forms: [{"link", "request", "verb", "form"}], $3 now
-- name: survey_forms_put :many
SELECT place, errors::text AS errors, next FROM survey_forms_put($1::uuid, $2::jsonb, $3::text);

-- Of an anonymous survey: $1 survey, $2 name, $3 draft, $4 part, $5 what is sent of it or NULL, $6 the invitation, if all is
-- name: survey_spool_put :exec
SELECT survey_spool_put($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::uuid);

-- The file of the task's agreement: somebody takes it, which leaves a record; and a piece of it, $1 number.
-- name: task_document :maybe
SELECT f.name, f.media_type, f.pieces
FROM task() t
JOIN agreement a ON a.district_id = current_setting('kith.district')::uuid AND a.id = t.subject_id
CROSS JOIN LATERAL attachment_take(a.attachment_id) f;

-- name: task_document_piece :maybe
SELECT encode(p.bytes, 'hex') AS bytes
FROM task() t
JOIN agreement a ON a.district_id = current_setting('kith.district')::uuid AND a.id = t.subject_id
JOIN attachment_piece p ON p.district_id = a.district_id AND p.attachment_id = a.attachment_id
    AND p.number = $1::bigint;

-- name: task_one_click :exec
SELECT task_one_click();

-- $1 district, $2 now, $3 request id
-- name: page_help :one
SELECT locale, body::text AS body FROM page_help($1::uuid, $2::text, $3::text);

-- $1 slug or NULL, $2 host, $3 now, $4 request id
-- name: page_login :one
SELECT locale, body::text AS body FROM page_login($1::text, $2::text, $3::text, $4::text);

-- $1 slug, $2 view, $3 now, $4 request id
-- name: page_inquiry :one
SELECT locale, body::text AS body FROM page_inquiry($1::text, $2::jsonb, $3::text, $4::text);

-- $1 form, $2 its language, $3 slug, $4 id, $5 now, $6 request id
-- name: page_inquiry_put :one
SELECT inquiry_receive(f.organization, f.name, f.email, nullif(f.phone, ''), nullif(f.website, ''), f.message,
                       nullif(f.kind, ''), nullif(f.offer_kind, ''), nullif(f.site_id, '')::uuid, nullif(f.need_id, '')::uuid, $2::text, f.fax,
                       $3::text, NULL, $4::uuid, $5::text, $6::text) AS answer_by
FROM jsonb_to_record($1::jsonb) AS f (organization text, name text, email text, phone text, website text,
                                      message text, kind text, offer_kind text, site_id text, need_id text, fax text);

-- $1 slug or NULL, $2 host, $3 e-mail, $4 now, $5 request id
-- name: password_mail_ask :exec
SELECT password_mail_ask($1::text, $2::text, $3::text, $4::text, $5::text);

-- $1 the dashboard's document
-- name: page_home :one
SELECT locale, body::text AS body FROM page_home($1::jsonb);

-- name: page_organization :one
SELECT locale, body::text AS body FROM page_organization();

-- $1 form: kind, item
-- name: page_done :exec
SELECT CASE f.kind WHEN 'call' THEN call_task_complete(f.item, NULL, NULL)
                   ELSE action_item_complete(f.item, NULL) END
FROM jsonb_to_record($1::jsonb) AS f (kind text, item uuid);

-- The district's logo, for everybody.
-- $1 the district's slug, $2 the logo, $3 which piece, $4 now, $5 request
-- name: district_logo :maybe
SELECT l.media_type, l.sha256, l.pieces, encode(l.bytes, 'hex') AS bytes
FROM district_logo_piece($1::text, $2::uuid, $3::bigint, $4::text, $5::text) AS l;

-- The public link of a survey: $1 slug, $2 code, $3 form, $4 language, $5 now, $6 request id
-- name: public_survey :one
SELECT locale, body::text AS body, survey_id::text AS survey_id, sent::text AS sent
FROM public_survey($1::text, $2::text, $3::jsonb, $4::text, $5::text, $6::text);

-- $1 slug, $2 code, $3 name, $4 sealed, $5 now, $6 request id
-- name: public_survey_put :exec
SELECT public_survey_put($1::text, $2::text, $3::text, $4::text, $5::text, $6::text);
