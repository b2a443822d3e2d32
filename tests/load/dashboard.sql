-- After kpi.sql: what a usual district's dashboards read. Its partnerships run, each for one of ten focus areas, with a
-- goal and what both sides gave; its schools have students, priorities of this and the next year, and a year of six rates
-- of all, of those who are served and of those who are not. Variables: district, now.

SELECT set_config('kith.now', :'now', false), set_config('kith.district', :'district', false),
       set_config('kith.user', '', false), set_config('kith.request', '', false),
       set_config('kith.import', '', false);
INSERT INTO indicator (district_id, id, code, name, family, unit, aggregation, periods, suppression)
SELECT :'district', uuid7(), 'rate_' || n, 'Rate ' || n, 'engagement', 'percent', 'ratio_of_sums',
       '{month,quarter,school_year}', 'none'
FROM generate_series(1, 6) n;
INSERT INTO focus_area (district_id, id, name)
SELECT :'district', uuid7(), 'Focus ' || n FROM generate_series(0, 9) n;
INSERT INTO site_year (district_id, id, site_id, school_year, enrollment)
SELECT :'district', uuid7(), s.id, 2027, 300 + 5 * row_number() OVER (ORDER BY s.name) FROM site s;
UPDATE partnership p SET status = 'active', starts_on = '2026-08-01', activated_at = :'now'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM partnership) AS o
WHERE o.id = p.id;
UPDATE partnership p SET focus_area_id = f.id
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM partnership) AS o
JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS place FROM focus_area WHERE name LIKE 'Focus %') AS f
    ON true
WHERE o.id = p.id AND f.place = o.place % 10;
INSERT INTO investment (district_id, id, partnership_id, site_id, side, kind, status, amount_cents, from_date, until_date)
SELECT :'district', uuid7(), l.partnership_id, l.site_id, v.side, 'cash', 'delivered', 120000, '2026-08-01', '2027-01-31'
FROM partnership_site l CROSS JOIN (VALUES ('partner'), ('district')) AS v (side);
INSERT INTO goal (district_id, id, partnership_id, statement, indicator_id, baseline, baseline_on, target, due_on)
SELECT :'district', uuid7(), p.id, 'More sessions', i.id, 0, '2026-07-01', 60, '2027-06-30'
FROM partnership p JOIN indicator i ON i.code = 'sessions';
INSERT INTO priority (district_id, id, school_year, site_id, statement, focus_area_id, status, adopted_on, adopted_by)
SELECT :'district', uuid7(), y.year, s.id, 'More of it', f.id, CASE y.year WHEN 2027 THEN 'adopted' ELSE 'draft' END,
       CASE y.year WHEN 2027 THEN date '2026-07-01' END, CASE y.year WHEN 2027 THEN (SELECT id FROM app_user LIMIT 1) END
FROM (SELECT id, row_number() OVER (ORDER BY name) AS place FROM site) AS s
CROSS JOIN (VALUES (2027), (2028)) AS y (year)
JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS place FROM focus_area WHERE name LIKE 'Focus %') AS f
    ON f.place = (s.place + y.year) % 10;
INSERT INTO observation (district_id, id, indicator_id, site_id, cohort, school_year, period_kind, period_start, numerator,
                         denominator)
SELECT :'district', uuid7(), i.id, s.id, c.cohort, 2027, 'month', (date '2026-07-01' + n * interval '1 month')::date,
       c.people * 2 / 3, c.people
FROM indicator i, site s, generate_series(0, 5) n, (VALUES ('all', 300), ('served', 120), ('not_served', 180)) AS c (cohort, people)
WHERE i.code LIKE 'rate_%';
