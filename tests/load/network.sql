-- A district :district of 5,000 partners, 1,800 sites and 15,000 partnerships that run, for the map of who works where.

BEGIN;
SELECT set_config('kith.now', :'now', true), set_config('kith.district', :'district', true);
SET session_replication_role = replica; -- no record of what nobody did
INSERT INTO partner (district_id, id, name, kind, stage)
SELECT :'district', uuid7(), 'Partner ' || n, 'nonprofit', 'active' FROM generate_series(1, 5000) n;
INSERT INTO site (district_id, id, name, kind, level)
SELECT :'district', uuid7(), 'School ' || n, 'school', 'high' FROM generate_series(1, 1800) n;
INSERT INTO partnership (district_id, id, partner_id, name, arrangement, lead_site_id, status, tier)
SELECT :'district', uuid7(), p.id, 'Partnership ' || n, 'program', s.id, 'active', 'partner'
FROM generate_series(1, 15000) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM partner WHERE district_id = :'district') p
    ON p.place = 1 + (n * 7) % 4500
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM site WHERE district_id = :'district') s
    ON s.place = 1 + (n * 11) % 1700;
INSERT INTO partnership_site (district_id, id, partnership_id, site_id)
SELECT district_id, uuid7(), id, lead_site_id FROM partnership WHERE district_id = :'district';
COMMIT;
