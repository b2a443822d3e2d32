-- Beside the 100,000 partners of partners.sql, in the district :district: 1,800 sites in 12 networks, 60,000
-- partnerships with a lead and a goal each, half of them with figures of their own, 500,000 interactions, 60,000
-- investments and activities. All that has a name is found by it.

BEGIN;
SELECT set_config('kith.now', :'now', true), set_config('kith.district', :'district', true), setseed(0.5);
SET session_replication_role = replica; -- no record of what nobody did
CREATE TEMPORARY TABLE numbered_partner AS
SELECT id, row_number() OVER (ORDER BY id) AS place FROM partner WHERE district_id = :'district';

INSERT INTO focus_area (district_id, id, name) VALUES (:'district', uuid7(), 'Literacy');
INSERT INTO network (district_id, id, name) SELECT :'district', uuid7(), 'Network ' || n FROM generate_series(1, 12) n;
INSERT INTO site (district_id, id, network_id, name, kind, level, city)
SELECT :'district', uuid7(), w.id, 'School ' || n, 'school', 'high', 'City ' || n % 40
FROM generate_series(1, 1800) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS k FROM network WHERE district_id = :'district') w
    ON w.k = 1 + n % 12;
CREATE TEMPORARY TABLE numbered_site AS
SELECT id, row_number() OVER (ORDER BY id) AS place FROM site WHERE district_id = :'district';

INSERT INTO partnership (district_id, id, partner_id, name, arrangement, lead_site_id, status, tier)
SELECT :'district', uuid7(), p.id, 'Partnership ' || n,
       (ARRAY['program', 'sponsorship', 'service'])[1 + n % 3], s.id,
       (ARRAY['exploring', 'active', 'active', 'active', 'ended'])[1 + n % 5], 'partner'
FROM generate_series(1, 60000) n
JOIN numbered_partner p ON p.place = 1 + (n * 7) % 100000
JOIN numbered_site s ON s.place = 1 + n % 1800;
CREATE TEMPORARY TABLE numbered_partnership AS
SELECT id, partner_id, lead_site_id, row_number() OVER (ORDER BY id) AS n FROM partnership
WHERE district_id = :'district';

INSERT INTO partnership_site (district_id, id, partnership_id, site_id)
SELECT :'district', uuid7(), id, lead_site_id FROM numbered_partnership;
SELECT seed_indicators(:'district');
INSERT INTO goal (district_id, id, partnership_id, statement, due_on, indicator_id, baseline, target)
SELECT :'district', uuid7(), p.id, 'Goal ' || n, date '2027-06-30' - (n % 300)::integer,
       CASE WHEN n % 2 = 0 THEN i.id END, 10, 100
FROM numbered_partnership p JOIN indicator i ON i.district_id = :'district' AND i.code = 'sessions';
INSERT INTO rollup (district_id, id, indicator_id, indicator_code, scope_kind, scope_id, cohort, school_year,
                    period_kind, period_start, period_end, value, is_suppressed)
SELECT :'district', uuid7(), i.id, i.code, 'partnership', p.id, 'served', 2027, t.kind, t.first, t.last, n % 90, false
FROM numbered_partnership p
JOIN indicator i ON i.district_id = :'district' AND i.code = 'sessions'
CROSS JOIN (VALUES ('month', date '2026-09-01', date '2026-09-30'), ('month', '2026-10-01', '2026-10-31'),
                   ('school_year', '2026-07-01', '2027-06-30')) AS t (kind, first, last)
WHERE n % 2 = 0;
INSERT INTO investment (district_id, id, partnership_id, side, kind, status, amount_cents, from_date, until_date)
SELECT :'district', uuid7(), id, (ARRAY['partner', 'district'])[1 + n % 2], 'cash', 'delivered', 1000 * n,
       date '2026-07-01' + (n % 100)::integer, '2027-06-30'
FROM numbered_partnership;
INSERT INTO activity (district_id, id, partnership_id, kind, title, on_date, audience)
SELECT :'district', uuid7(), id, 'session', 'Activity ' || n, date '2026-09-01' + (n % 80)::integer, '{}'
FROM numbered_partnership;
INSERT INTO interaction (district_id, id, partner_id, kind, on_date, subject)
SELECT :'district', uuid7(), p.id, (ARRAY['call', 'visit', 'mail'])[1 + n % 3],
       date '2020-01-01' + (n % 2500)::integer, 'Interaction ' || n
FROM generate_series(1, 500000) n JOIN numbered_partner p ON p.place = 1 + (n * 13) % 100000;
INSERT INTO contact (district_id, id, name, email)
SELECT :'district', uuid7(), 'Contact ' || n, 'contact' || n || '@example.org' FROM generate_series(1, 100000) n;
INSERT INTO need (district_id, id, title, site_id, focus_area_id, needed_by, status, opened_at)
SELECT :'district', uuid7(), 'Need ' || n, s.id, (SELECT id FROM focus_area WHERE district_id = :'district'),
       '2027-06-30', 'open', :'now'
FROM generate_series(1, 20000) n JOIN numbered_site s ON s.place = 1 + n % 1800;
SELECT format('INSERT INTO search_text (district_id, id, kind, name, words, is_archived, lexemes)
               SELECT f.district_id, f.id, f.kind, f.name, f.words, f.is_archived,
                      search_lexemes(f.district_id, f.id, f.kind, f.name, f.words, f.texts)
               FROM (SELECT %s FROM %I n WHERE n.district_id = %L)
                    AS f (district_id, id, kind, name, words, is_archived, texts)
               ON CONFLICT ON CONSTRAINT search_text_pkey DO NOTHING', search_columns(s.kind), s.kind, :'district')
FROM searched() s \gexec
SELECT search_learn(array_agg(district_id), array_agg(words)) FROM search_text WHERE district_id = :'district';
COMMIT;
VACUUM ANALYZE;
CHECKPOINT;
