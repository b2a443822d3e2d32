-- A survey of a district with :answers answers to 40 questions, about 5,000 relationships of 900 partners at 120 sites.
-- Nothing is counted yet, and nothing is marked.
BEGIN;
SET LOCAL session_replication_role = replica;
SELECT set_config('kith.now', :'now', true), set_config('kith.district', :'district', true), setseed(0.5) \gset

INSERT INTO instrument (district_id, id, code, edition, name, locales, questions)
SELECT :'district', '01930000-0000-7000-8000-0000000000a1', 'forty', 1, 'Forty', '{en}',
       jsonb_agg(jsonb_build_object(
           'code', 'q' || n, 'section', 's', 'required', true, 'text', jsonb_build_object('en', 'Question ' || n),
           'kind', CASE WHEN n <= 28 THEN 'rating' WHEN n <= 32 THEN 'importance_occurrence' WHEN n <= 36 THEN 'yes_no'
                        WHEN n <= 38 THEN 'choice' WHEN n = 39 THEN 'number' ELSE 'text' END,
           'factor', CASE WHEN n <= 28 THEN 'f' || n % 7 END,
           'options', '[{"code": "a"}, {"code": "b"}, {"code": "c"}]'::jsonb) ORDER BY n)
FROM generate_series(1, 40) AS n
ON CONFLICT DO NOTHING;

INSERT INTO survey (district_id, id, name, instrument_id, mode, status, school_year, opens_on, closes_on, opened_at)
VALUES (:'district', :'survey', 'Forty', '01930000-0000-7000-8000-0000000000a1', 'attributed', 'open', 2027, '2026-12-01',
        '2026-12-11', :'now');

INSERT INTO partnership (district_id, id, partner_id, lead_site_id, name, arrangement, status, activated_at)
SELECT :'district', ('01930000-0000-7000-8001-' || lpad(n::text, 12, '0'))::uuid,
       ('01930000-0000-7000-8002-' || lpad((n % 900)::text, 12, '0'))::uuid,
       ('01930000-0000-7000-8003-' || lpad((n % 120)::text, 12, '0'))::uuid, 'Partnership ' || n,
       (ARRAY['program', 'sponsorship', 'service'])[1 + n % 3], 'active', :'now'
FROM generate_series(1, 5000) AS n
WHERE NOT EXISTS (SELECT FROM partnership p WHERE p.district_id = :'district');

INSERT INTO survey_answer (district_id, id, survey_id, survey_invitation_id, partnership_id, side, status, answers, submitted_at)
SELECT :'district', gen_random_uuid(), :'survey', gen_random_uuid(),
       ('01930000-0000-7000-8001-' || lpad((1 + n % 5000)::text, 12, '0'))::uuid,
       (ARRAY['district', 'partner'])[1 + n / 5000 % 2], 'submitted', a.answers, :'now'
FROM generate_series(1, :answers) AS n
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg('q' || q, CASE
        WHEN q <= 28 THEN to_jsonb(1 + floor(random() * 5)::integer)
        WHEN q <= 32 THEN jsonb_build_object('importance', 1 + floor(random() * 5)::integer,
                                             'occurrence', 1 + floor(random() * 5)::integer)
        WHEN q <= 36 THEN to_jsonb(random() < 0.5)
        WHEN q <= 38 THEN to_jsonb((ARRAY['a', 'b', 'c'])[1 + floor(random() * 3)::integer])
        WHEN q = 39 THEN to_jsonb(floor(random() * 100)::integer + n * 0)
        ELSE to_jsonb('What I have to say'::text) END) AS answers
    FROM generate_series(1, 40) AS q) AS a;
COMMIT;
