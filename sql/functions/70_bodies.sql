-- Resources as clients read them: each view is its table with one column more, `body`, the JSON text.
-- Field classes are masked here, by the roles in the context. A view runs with the rights and the
-- policies of whoever reads it.

SET ROLE kith_owner;

CREATE OR REPLACE VIEW district_body WITH (security_invoker = true) AS
SELECT row_to_json(json)::text AS body, d.*
FROM district d
CROSS JOIN LATERAL (
    SELECT d.id, d.slug, d.name, d.zone, d.locale, d.locales, d.small_cell, d.survey_cell,
           d.text_cell, d.mail_hour, d.mail_from_name, d.reply_to, d.website, d.phone, d.street,
           d.city, d.state, d.postal_code, d.version, rfc3339(d.created_at) AS created_at,
           rfc3339(d.updated_at) AS updated_at, rfc3339(d.archived_at) AS archived_at) AS json;

CREATE OR REPLACE VIEW site_body WITH (security_invoker = true) AS
SELECT row_to_json(json)::text AS body, s.*
FROM site s
CROSS JOIN LATERAL (
    SELECT s.id, s.network_id, s.name, s.kind, s.status, s.merged_into, s.local_id, s.state_id,
           s.nces_id, s.level, s.grade_low, s.grade_high, s.street, s.city, s.state,
           s.postal_code, s.zone, s.website, s.phone, s.email, s.title_i, s.version,
           rfc3339(s.created_at) AS created_at, rfc3339(s.updated_at) AS updated_at,
           rfc3339(s.archived_at) AS archived_at) AS json;

-- The private culture_notes are there for admin and director, and for nobody else not even as null.
CREATE OR REPLACE VIEW partner_body WITH (security_invoker = true) AS
SELECT CASE WHEN kith_has_role('admin,director')
            THEN left(json.text, -1) || ',"culture_notes":'
                || coalesce(to_json(p.culture_notes)::text, 'null') || '}'
            ELSE json.text END AS body,
       p.*
FROM partner p
CROSS JOIN LATERAL (
    SELECT row_to_json(fields)::text AS text
    FROM (SELECT p.id, p.parent_id, p.name, p.aliases, p.kind, p.ein, p.website, p.email, p.phone,
                 p.street, p.city, p.state, p.postal_code, p.description, p.strengths,
                 p.innovation, p.reach, p.tier, p.stage, p.barred_reason, p.owner_id,
                 p.lead_site_id, p.last_contact_on, p.version,
                 rfc3339(p.created_at) AS created_at, rfc3339(p.updated_at) AS updated_at,
                 rfc3339(p.archived_at) AS archived_at) AS fields) AS json;

GRANT SELECT ON district_body, site_body, partner_body TO kith_api;

RESET ROLE;
