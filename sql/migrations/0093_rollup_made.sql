-- Figures say whether they are made of shorter periods: of people, then, nobody knows how many these were.

SET ROLE kith_owner;

ALTER TABLE rollup ADD COLUMN is_made boolean NOT NULL DEFAULT false;

RESET ROLE;

UPDATE rollup r SET is_made = true, version = r.version + 1
FROM tally t
WHERE t.is_made AND t.district_id = r.district_id AND t.indicator_id = r.indicator_id AND t.school_year = r.school_year
  AND t.scope_kind = r.scope_kind AND t.scope_id = r.scope_id AND t.partnership_id IS NULL AND t.cohort = r.cohort
  AND t.period_kind = r.period_kind AND t.period_start = r.period_start AND t.period_end = r.period_end;
