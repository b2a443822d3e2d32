-- :partnerships partnerships that run and meet every quarter, in the district :district, at 1,800 sites, each led by a
-- user and by a contact: a tenth as many contacts as partnerships, 500 users. The quarters of a school year, one of which
-- ends on the last day of 2026.

BEGIN;
SELECT set_config('kith.now', :'now', true), set_config('kith.district', :'district', true);
SET session_replication_role = replica; -- no record of what nobody did
INSERT INTO reporting_quarter (district_id, id, school_year, number, starts_on, ends_on)
SELECT :'district', uuid7(), 2027, n, d.first::date, (d.first + interval '3 months')::date - 1
FROM generate_series(1, 4) n
CROSS JOIN LATERAL (SELECT timestamp '2026-07-01' + (n - 1) * interval '3 months' AS first) AS d;
INSERT INTO site (district_id, id, name, kind, level)
SELECT :'district', uuid7(), 'School ' || n, 'school', 'high' FROM generate_series(1, 1800) n;
INSERT INTO app_user (district_id, id, name, email, locale, status)
SELECT :'district', uuid7(), 'Lead ' || n, 'lead' || n || '@example.edu', 'en', 'active' FROM generate_series(1, 500) n;
INSERT INTO contact (district_id, id, name, email)
SELECT :'district', uuid7(), 'Contact ' || n, 'contact' || n || '@example.org' FROM generate_series(1, :partnerships / 10) n;
INSERT INTO partner (district_id, id, name, kind, stage, tier)
SELECT :'district', uuid7(), 'Partner ' || n, 'business', 'approved', 'anchor' FROM generate_series(1, :partnerships / 10) n;

CREATE TEMPORARY TABLE numbered AS
SELECT 'site' AS kind, id, row_number() OVER () AS place FROM site WHERE district_id = :'district'
UNION ALL SELECT 'user', id, row_number() OVER () FROM app_user WHERE district_id = :'district' AND name LIKE 'Lead %'
UNION ALL SELECT 'contact', id, row_number() OVER () FROM contact WHERE district_id = :'district'
UNION ALL SELECT 'partner', id, row_number() OVER () FROM partner WHERE district_id = :'district';
CREATE INDEX ON numbered (kind, place);
ANALYZE numbered;
INSERT INTO partnership (district_id, id, partner_id, name, arrangement, lead_site_id, status, tier, activated_at)
SELECT :'district', uuid7(), p.id, 'Partnership ' || n, 'program', s.id, 'active', 'anchor', '2026-08-10T12:00:00Z'
FROM generate_series(1, :partnerships) n
JOIN numbered p ON p.kind = 'partner' AND p.place = 1 + n % (:partnerships / 10)
JOIN numbered s ON s.kind = 'site' AND s.place = 1 + n % 1800;
INSERT INTO partnership_role (district_id, id, partnership_id, side, role, user_id, contact_id)
SELECT :'district', uuid7(), p.id, l.side, 'lead', l.user_id, l.contact_id
FROM (SELECT id, row_number() OVER () AS n FROM partnership WHERE district_id = :'district') AS p
JOIN numbered u ON u.kind = 'user' AND u.place = 1 + p.n % 500
JOIN numbered c ON c.kind = 'contact' AND c.place = 1 + p.n % (:partnerships / 10)
CROSS JOIN LATERAL (VALUES ('district', u.id, NULL::uuid), ('partner', NULL, c.id)) AS l (side, user_id, contact_id);
COMMIT;
VACUUM ANALYZE;
CHECKPOINT;
