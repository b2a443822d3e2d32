-- 100,000 partners in the district :district, numbered from 100,001, and five in each of 200 tiny
-- ones. Ids end in the number, so that whoever measures can ask for any. The same rows every time.

BEGIN;
SELECT set_config('kith.now', :'now', true), setseed(0.5);

INSERT INTO district (id, district_id, slug, name, zone)
SELECT id, id, 'tiny-' || n, 'Tiny district ' || n, 'America/Chicago'
FROM (SELECT n, ('01930000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid AS id
      FROM generate_series(1, 200) n) AS tiny;

CREATE TEMPORARY TABLE loaded AS
SELECT n,
       CASE WHEN n <= 200000 THEN :'district'::uuid
            ELSE ('01930000-0000-7000-9000-' || lpad(((n - 200001) / 5 + 1)::text, 12, '0'))::uuid
       END AS district_id,
       (:'id_prefix' || n)::uuid AS id,
       substr(md5(n::text), 1, 8) AS word,
       (ARRAY['business', 'nonprofit', 'higher_ed', 'faith_based', 'government', 'service_center',
              'civic', 'other'])[1 + floor(random() * 8)::integer] AS kind,
       (ARRAY['prospect', 'contacted', 'vetting', 'approved', 'approved', 'declined'])
           [1 + floor(random() * 6)::integer] AS stage
FROM generate_series(100001, 201000) n;

INSERT INTO partner (district_id, id, name, aliases, kind, stage, tier, ein, website, email, phone,
                     street, city, state, postal_code, description, strengths, reach)
SELECT district_id, id, initcap(word) || ' Community Partners', ARRAY[upper(word)], kind, stage,
       'partner', '000' || n, 'https://' || word || '.example.org/',
       'office@' || word || '.example.org', '+1 312 555 0100', n || ' Main Street', 'Springfield',
       'IL', '62701',
       'Tutors, mentors and work places for the students of the schools nearby: ' || word,
       'Volunteers who stay for years.', 'district'
FROM loaded;
COMMIT;
VACUUM ANALYZE;
CHECKPOINT;
