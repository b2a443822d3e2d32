-- Whom a partner adds waits for the district's word: is this person of that organization?

SET ROLE kith_owner;

ALTER TABLE partner_edit
    ADD COLUMN affiliation_id uuid, -- the place of whom it adds
    ADD CONSTRAINT partner_edit_affiliation_id_fkey FOREIGN KEY (district_id, affiliation_id)
        REFERENCES affiliation (district_id, id);
CREATE INDEX partner_edit_affiliation_id ON partner_edit (district_id, affiliation_id, created_at, id);

RESET ROLE;
