-- The day on which a partnership really ended, whatever was planned. Of those that ended already it is the day on which
-- that was said, or the planned one, if that was over by then.

SET ROLE kith_owner;

ALTER TABLE partnership ADD COLUMN ended_on date;

RESET ROLE;

UPDATE partnership p
SET ended_on = least(p.ends_on, (coalesce(
        (SELECT max(a.at) FROM audit a
         WHERE a.district_id = p.district_id AND a.aggregateid = p.id AND a.aggregatetype = 'partnership'
           AND a.action = 'ended'),
        p.updated_at) AT TIME ZONE d.zone)::date)
FROM district d
WHERE d.id = p.district_id AND p.status = 'ended';

INSERT INTO rollup_mark (district_id, is_whole, computed_from)
SELECT DISTINCT p.district_id, true, c.computed
FROM partnership p CROSS JOIN (VALUES ('partnership'), ('family_plan')) AS c (computed)
WHERE p.status = 'ended';
