-- What the partnerships of plan.sql have in the middle of a quarter: an agreement with each partner, which holds, for all
-- of its partnerships; the check-in of this quarter, open, and that of the next one. Nobody is reminded yet.

BEGIN;
SELECT set_config('kith.now', :'now', true), set_config('kith.district', :'district', true);
SET session_replication_role = replica; -- no record of what nobody did
INSERT INTO agreement (district_id, id, kind, title, status, effective_on, expires_on)
SELECT district_id, id, 'mou', name, 'in_force', '2026-07-01', '2028-06-30' FROM partner WHERE district_id = :'district'; -- by its partner's id
INSERT INTO agreement_item (district_id, id, agreement_id, position, name, status)
SELECT district_id, uuid7(), id, 1, 'Purpose', 'finalized' FROM agreement WHERE district_id = :'district';
INSERT INTO agreement_partnership (district_id, id, agreement_id, partnership_id)
SELECT district_id, uuid7(), partner_id, id FROM partnership WHERE district_id = :'district';
INSERT INTO check_in (district_id, id, partnership_id, school_year, number, due_on, planned_on, opens_on, dated_at, uid, status,
                      opened_at)
SELECT p.district_id, p.id, p.id, 2027, 2, date '2026-12-31', date '2026-12-31', date '2026-12-10', timestamptz :'now', p.id, 'open', timestamptz '2026-12-10T07:00:00Z'
FROM partnership p WHERE p.district_id = :'district'
UNION ALL
SELECT p.district_id, uuid7(), p.id, 2027, 3, date '2027-03-31', date '2027-03-31', date '2027-03-10', :'now', p.id, 'scheduled', NULL
FROM partnership p WHERE p.district_id = :'district';
COMMIT;
VACUUM ANALYZE;
CHECKPOINT;
