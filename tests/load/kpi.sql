-- A usual district: 120 schools in 12 networks, 900 partners, 1,200 partnerships at two schools each; a year
-- of three indicators that hide nothing. Variables: district, now.

SELECT set_config('kith.now', :'now', false), set_config('kith.district', :'district', false),
       set_config('kith.user', '', false), set_config('kith.request', '', false),
       set_config('kith.import', '', false);
SELECT seed_indicators(:'district');
INSERT INTO indicator (district_id, id, code, name, family, unit, aggregation, periods, suppression)
VALUES (:'district', uuid7(), 'families_reached', 'Families reached', 'family', 'percent', 'ratio_of_sums',
        '{quarter,school_year}', 'none'),
       (:'district', uuid7(), 'seats_filled', 'Seats filled', 'engagement', 'count', 'latest',
        '{month,quarter,school_year}', 'none');

INSERT INTO network (district_id, id, name)
SELECT :'district', uuid7(), 'Network ' || n FROM generate_series(1, 12) n;
INSERT INTO site (district_id, id, name, kind, network_id)
SELECT :'district', uuid7(), 'School ' || to_char(n, 'FM000'), 'school',
       (SELECT id FROM network ORDER BY name OFFSET n % 12 LIMIT 1)
FROM generate_series(1, 120) n;
INSERT INTO partner (district_id, id, name, kind)
SELECT :'district', uuid7(), 'Partner ' || n, 'civic' FROM generate_series(1, 900) n;
INSERT INTO reporting_quarter (district_id, id, school_year, number, starts_on, ends_on)
SELECT :'district', uuid7(), 2027, n + 1, (date '2026-07-01' + n * interval '3 months')::date,
       (date '2026-07-01' + (n + 1) * interval '3 months')::date - 1
FROM generate_series(0, 3) n;
INSERT INTO partnership (district_id, id, partner_id, name, arrangement)
SELECT :'district', uuid7(), p.id, 'Partnership ' || n, 'program'
FROM generate_series(1, 1200) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM partner) p ON p.place = n % 900 + 1;
INSERT INTO partnership_site (district_id, id, partnership_id, site_id)
SELECT :'district', uuid7(), p.id, s.id
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM partnership) p
CROSS JOIN (VALUES (0), (1)) AS v (n)
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM site) s
    ON s.place = (p.place * 7 + v.n * 13) % 120 + 1;
INSERT INTO observation (district_id, id, indicator_id, site_id, school_year, period_kind, period_start, numerator)
SELECT :'district', uuid7(), i.id, s.id, 2027, 'month', (date '2026-07-01' + n * interval '1 month')::date, 40
FROM indicator i, site s, generate_series(0, 11) n WHERE i.code IN ('sessions', 'seats_filled');
INSERT INTO observation (district_id, id, indicator_id, site_id, cohort, partnership_id, school_year,
                         period_kind, period_start, numerator)
SELECT :'district', uuid7(), i.id, l.site_id, 'served', l.partnership_id, 2027, 'month',
       (date '2026-07-01' + n * interval '1 month')::date, 4
FROM indicator i, (SELECT * FROM partnership_site ORDER BY id LIMIT 600) l, generate_series(0, 5) n
WHERE i.code = 'sessions';
INSERT INTO observation (district_id, id, indicator_id, site_id, school_year, period_kind, period_start, numerator,
                         denominator)
SELECT :'district', uuid7(), i.id, s.id, 2027, 'quarter', q.starts_on, 5, 9
FROM indicator i, site s, reporting_quarter q WHERE i.code = 'families_reached';
