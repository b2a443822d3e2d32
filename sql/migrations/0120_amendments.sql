-- An amendment belongs to an agreement, and changes it from a day on.

SET ROLE kith_owner;

ALTER TABLE agreement
    ADD COLUMN amends_id uuid,
    ADD COLUMN amended_on date, -- when it changed what it amends
    ADD CONSTRAINT agreement_amends_id_fkey FOREIGN KEY (district_id, amends_id) REFERENCES agreement (district_id, id),
    ADD CONSTRAINT agreement_amends_id_check CHECK (amends_id IS NULL OR kind = 'amendment' AND amends_id <> id);
CREATE INDEX agreement_amends_id ON agreement (district_id, amends_id, created_at, id);

RESET ROLE;
