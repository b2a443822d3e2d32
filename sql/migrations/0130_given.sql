-- What was agreed for months to come is not given yet: figures of investments that go on are counted again.

INSERT INTO rollup_mark (district_id, school_year, is_whole, computed_from)
SELECT DISTINCT v.district_id, y, true, 'investment'
FROM investment v
CROSS JOIN LATERAL generate_series(
    extract(year FROM now() + interval '6 months')::integer,
    extract(year FROM v.until_date + interval '6 months')::integer) AS y
WHERE v.until_date > now()::date AND v.status = 'delivered' AND v.archived_at IS NULL;
