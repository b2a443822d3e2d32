-- Who counts as served had at least so much of the program: said by it, and carried by the figures of its cohorts.

SET ROLE kith_owner;

ALTER TABLE program
    ADD COLUMN minimum_dosage numeric(7,2),
    ADD COLUMN dosage_unit text,
    ADD CONSTRAINT program_minimum_dosage_check CHECK (minimum_dosage >= 0),
    ADD CONSTRAINT program_dosage_unit_check
        CHECK (dosage_unit IN ('sessions', 'hours', 'days') AND (minimum_dosage IS NULL OR dosage_unit IS NOT NULL));

ALTER TABLE observation
    ADD COLUMN minimum_dosage numeric(7,2),
    ADD COLUMN dosage_unit text,
    ADD CONSTRAINT observation_minimum_dosage_check CHECK (minimum_dosage >= 0),
    ADD CONSTRAINT observation_dosage_unit_check
        CHECK (dosage_unit IN ('sessions', 'hours', 'days') AND (minimum_dosage IS NULL) = (dosage_unit IS NULL));
CREATE INDEX observation_minimum_dosage
    ON observation (district_id, school_year, partnership_id, dosage_unit, minimum_dosage)
    WHERE minimum_dosage IS NOT NULL AND superseded_by IS NULL AND archived_at IS NULL;

RESET ROLE;
