-- A survey that is open to :people people of the district :district and to one more, of eleven questions on one page,
-- each with an invitation of the same number; links are made by whoever holds their tokens.
BEGIN;
SELECT set_config('kith.now', :'now', true), set_config('kith.district', :'district', true) \gset
SET LOCAL session_replication_role = replica; -- no record of what nobody did
INSERT INTO instrument (district_id, id, code, edition, name, locales, subject, status, sections, questions)
SELECT :'district', '01930000-0000-7000-8000-0000000000c1', 'eleven', 1, 'Eleven', '{en}', 'none', 'published',
       '[{"code": "s", "title": {"en": "All of it"}}]', jsonb_agg(jsonb_build_object(
           'code', 'q' || n, 'kind', CASE n WHEN 10 THEN 'text' WHEN 11 THEN 'number' ELSE 'rating' END, 'section', 's', 'required', n < 10,
           'factor', CASE WHEN n < 10 THEN 'f' || n % 3 END, 'text', jsonb_build_object('en', 'Question ' || n)) ORDER BY n)
FROM generate_series(1, 11) AS n;
INSERT INTO survey (district_id, id, name, instrument_id, mode, status, school_year, opens_on, closes_on, opened_at, audience)
VALUES (:'district', :'survey', 'Eleven', '01930000-0000-7000-8000-0000000000c1', 'attributed', 'open', 2027, '2026-01-01',
        '2036-01-01', :'now', 'partner');
CREATE TEMPORARY TABLE person AS
SELECT n, ('01930000-0000-7000-8004-' || lpad(n::text, 12, '0'))::uuid AS contact_id,
       ('01930000-0000-7000-8005-' || lpad(n::text, 12, '0'))::uuid AS invitation_id
FROM generate_series(1, :people + 1) AS n;
INSERT INTO contact (district_id, id, name, email)
SELECT :'district', contact_id, 'Contact ' || n, 'contact' || n || '@example.org' FROM person;
INSERT INTO survey_invitation (district_id, id, survey_id, address, contact_id, audience)
SELECT :'district', invitation_id, :'survey', 'contact' || n || '@example.org', contact_id, 'partner' FROM person;
INSERT INTO survey_answer (district_id, id, survey_id, survey_invitation_id, audience)
SELECT :'district', uuid7(), :'survey', invitation_id, 'partner' FROM person;
COMMIT;
