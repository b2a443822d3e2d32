-- Whoever writes to the district by its public form is answered by mail, in the language of the form.

SET ROLE kith_owner;

ALTER TABLE inquiry
    ADD COLUMN locale text, -- of the form; NULL: the district's
    ADD CONSTRAINT inquiry_locale_check CHECK (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$');

ALTER TABLE message
    ADD COLUMN inquiry_id uuid, -- whose sender it is for, who is no contact
    ADD CONSTRAINT message_inquiry_id_fkey FOREIGN KEY (district_id, inquiry_id) REFERENCES inquiry (district_id, id),
    DROP CONSTRAINT message_contact_id_check,
    ADD CONSTRAINT message_contact_id_check CHECK (num_nonnulls(contact_id, user_id, inquiry_id) = 1),
    DROP CONSTRAINT message_recipient_key_check,
    ADD CONSTRAINT message_recipient_key_check CHECK (
        recipient_key = coalesce('contact:' || contact_id, 'user:' || user_id, 'inquiry:' || inquiry_id));
CREATE INDEX message_inquiry_id ON message (district_id, inquiry_id, created_at, id) WHERE inquiry_id IS NOT NULL;

-- To write of what was asked and answered.
GRANT SELECT ON inquiry TO kith_mailer;

RESET ROLE;
