-- What a survey found, in the assessment that it filled.

SET ROLE kith_owner;

ALTER TABLE assessment
    ADD COLUMN findings jsonb,
    ADD COLUMN filled_at timestamptz,
    ADD COLUMN filled_by uuid,
    ADD CONSTRAINT assessment_filled_by_fkey FOREIGN KEY (district_id, filled_by)
        REFERENCES app_user (district_id, id);

RESET ROLE;
