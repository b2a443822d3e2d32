-- What a partner says of its own record by a mail's link: which contact has said it.

SET ROLE kith_owner;

ALTER TABLE partner_edit
    ADD COLUMN contact_id uuid, -- who said it by a link; NULL: user_id was signed in
    ADD CONSTRAINT partner_edit_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id);

RESET ROLE;
