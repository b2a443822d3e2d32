-- A district's own sender.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN mail_from text,
    ADD CONSTRAINT district_mail_from_check CHECK (char_length(mail_from) <= 254);

RESET ROLE;
