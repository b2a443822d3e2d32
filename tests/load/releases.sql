-- A large district's students: schools in networks of thirty, partnerships at two schools each, and of one indicator a year
-- of months: of one school in ten now and then few, of four in five who is served and who is not, and of each partnership
-- those whom it serves. Variables: district, now, schools.

SELECT set_config('kith.now', :'now', false), set_config('kith.district', :'district', false),
       set_config('kith.user', '', false), set_config('kith.request', '', false),
       set_config('kith.import', '', false), setseed(0.5);
SELECT seed_indicators(:'district');
INSERT INTO network (district_id, id, name)
SELECT :'district', uuid7(), 'Network ' || n FROM generate_series(1, greatest(:schools / 30, 1)) n;
INSERT INTO site (district_id, id, name, kind, network_id)
SELECT :'district', uuid7(), 'School ' || to_char(n, 'FM0000'), 'school', w.id
FROM generate_series(1, :schools) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM network) w ON w.place = n % greatest(:schools / 30, 1) + 1;
INSERT INTO partner (district_id, id, name, kind)
SELECT :'district', uuid7(), 'Partner ' || n, 'civic' FROM generate_series(1, :schools * 3 / 4) n;
INSERT INTO reporting_quarter (district_id, id, school_year, number, starts_on, ends_on)
SELECT :'district', uuid7(), 2027, n + 1, (date '2026-07-01' + n * interval '3 months')::date,
       (date '2026-07-01' + (n + 1) * interval '3 months')::date - 1
FROM generate_series(0, 3) n;
INSERT INTO partnership (district_id, id, partner_id, name, arrangement)
SELECT :'district', uuid7(), p.id, p.name || '''s', 'program' FROM partner p;
INSERT INTO partnership_site (district_id, id, partnership_id, site_id)
SELECT :'district', uuid7(), p.id, s.id
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM partnership) p
CROSS JOIN (VALUES (0), (1)) AS v (n)
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM site) s
    ON s.place = (p.place * 7 + v.n * 13) % :schools + 1;

-- How many there are of a school, of whom some are served; few, now and then.
CREATE FUNCTION bench_size() RETURNS integer LANGUAGE sql VOLATILE
RETURN CASE WHEN random() < 0.93 THEN 150 + (random() * 750)::integer ELSE (random() * 30)::integer END;
CREATE FUNCTION bench_part(p_size integer, p_share numeric) RETURNS integer LANGUAGE sql VOLATILE
RETURN (ARRAY[(p_size * p_share)::integer, p_size, (p_size * 9) / 10, greatest(p_size - 1, 0)])[1 + (random() * 3)::integer];

CREATE TABLE bench_school AS
SELECT s.id AS site_id, m.start, bench_size() AS size, random() < 0.8 AS is_split,
       (ARRAY[0.02, 0.05, 0.2, 0.4])[1 + (random() * 3)::integer] AS share
FROM site s
CROSS JOIN (SELECT (date '2026-07-01' + n * interval '1 month')::date AS start FROM generate_series(0, 11) n) AS m;
INSERT INTO observation (district_id, id, indicator_id, site_id, cohort, partnership_id, school_year, period_kind,
                         period_start, numerator, denominator)
SELECT :'district', uuid7(), (SELECT id FROM indicator WHERE code = 'attendance_rate'), o.site_id, o.cohort,
       o.partnership_id, 2027, 'month', o.start, bench_part(o.size, 0.93), o.size
FROM (SELECT site_id, NULL::uuid AS partnership_id, start, 'all' AS cohort, size FROM bench_school
      UNION ALL
      SELECT site_id, NULL, start, 'served', (size * share)::integer FROM bench_school WHERE is_split
      UNION ALL
      SELECT site_id, NULL, start, 'not_served', size - (size * share)::integer FROM bench_school WHERE is_split
      UNION ALL
      SELECT b.site_id, l.partnership_id, b.start, 'served', least(b.size, (random() * 40)::integer)
      FROM bench_school b JOIN partnership_site l USING (site_id)) AS o;

-- What comes of a day: more of the month that runs, of all schools; and of this share of all that came before a correction.
CREATE FUNCTION bench_day(p_share numeric, p_month date) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    WITH changed AS MATERIALIZED (
        UPDATE bench_school b SET size = CASE WHEN b.start = p_month THEN b.size + 1 + b.size / 20 ELSE bench_size() END
        WHERE b.start = p_month OR random() < p_share
        RETURNING b.*
    ), written AS (
        UPDATE observation o SET numerator = bench_part(n.size, 0.93), denominator = n.size
        FROM (SELECT o.id, CASE WHEN o.partnership_id IS NOT NULL THEN least(c.size, (random() * 40)::integer)
                                WHEN o.cohort = 'served' THEN (c.size * c.share)::integer
                                WHEN o.cohort = 'not_served' THEN c.size - (c.size * c.share)::integer
                                ELSE c.size END AS size
              FROM observation o JOIN changed c ON c.site_id = o.site_id AND c.start = o.period_start) AS n
        WHERE o.id = n.id
        RETURNING o.id)
    SELECT count(*) FROM written
$$;
