-- Papers that a partner's contact sends by a mail's link.

SET ROLE kith_owner;

ALTER TABLE credential
    ADD COLUMN submitted_contact_id uuid, -- who has sent it; NULL: staff entered it
    ADD CONSTRAINT credential_submitted_contact_id_fkey FOREIGN KEY (district_id, submitted_contact_id)
        REFERENCES contact (district_id, id);

ALTER TABLE attachment
    ADD COLUMN uploaded_contact_id uuid, -- who sent it by a link
    ALTER COLUMN uploaded_by DROP NOT NULL,
    ADD CONSTRAINT attachment_uploaded_contact_id_fkey FOREIGN KEY (district_id, uploaded_contact_id)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT attachment_uploaded_by_check CHECK (num_nonnulls(uploaded_by, uploaded_contact_id) = 1);

RESET ROLE;
