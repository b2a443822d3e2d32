-- What partners do by a mail's link: sign an agreement, and say whether what was put in is as it was written down.

SET ROLE kith_owner;

ALTER TABLE agreement_signature
    ADD COLUMN contact_id uuid, -- who signed by a link
    ADD CONSTRAINT agreement_signature_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT agreement_signature_contact_id_check CHECK (num_nonnulls(contact_id, user_id) <= 1);
CREATE INDEX agreement_signature_contact_id ON agreement_signature (district_id, contact_id, created_at, id);

-- To write of what was signed, and of what waits for a partner's word.
GRANT SELECT ON agreement_signature, investment TO kith_mailer;

RESET ROLE;
