-- Grants from outside count for neither side, in figures as in the balance: what they were counted in is counted anew.

INSERT INTO rollup_mark (district_id, is_whole, computed_from)
SELECT DISTINCT district_id, true, 'investment' FROM investment WHERE kind = 'grant' AND NOT is_assigned;
