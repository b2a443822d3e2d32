-- An agreement's document may be a file that is kept here, which imports name by what it is called.

SET ROLE kith_owner;

ALTER TABLE agreement
    ADD COLUMN attachment_id uuid,
    ADD CONSTRAINT agreement_attachment_id_fkey FOREIGN KEY (district_id, attachment_id)
        REFERENCES attachment (district_id, id);
CREATE UNIQUE INDEX agreement_attachment_id_key ON agreement (district_id, attachment_id);

RESET ROLE;
