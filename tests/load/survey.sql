-- :people contacts in the district :district, whom a saved filter finds, and a survey that asks them, to open on a Tuesday.

BEGIN;
SELECT set_config('kith.now', :'now', true), set_config('kith.district', :'district', true);
SET session_replication_role = replica; -- no record of what nobody did
INSERT INTO contact (district_id, id, name, email)
SELECT :'district', uuid7(), 'Contact ' || n, 'contact' || n || '@example.org' FROM generate_series(1, :people) n;
INSERT INTO saved_filter (district_id, id, name, resource, criteria, owner_id, is_shared)
SELECT :'district', uuid7(), 'Everybody', 'contacts', '[]', u.id, true FROM app_user u WHERE u.district_id = :'district' LIMIT 1;
INSERT INTO instrument (district_id, id, code, edition, name, locales, subject, questions)
SELECT :'district', uuid7(), 'load', 1, 'Load', '{en}', 'none',
       '[{"code": "well", "kind": "yes_no", "section": "s", "required": true, "text": {"en": "Is it well?"}}]';
INSERT INTO survey (district_id, id, name, instrument_id, status, school_year, opens_on, closes_on, audience, contact_filter_id, introduction)
SELECT :'district', uuid7(), 'Fall', n.id, 'scheduled', 2027, '2026-12-01', '2026-12-11', 'family', f.id, 'Please tell us.'
FROM instrument n, saved_filter f
WHERE n.district_id = :'district' AND n.code = 'load' AND f.district_id = :'district';
COMMIT;
