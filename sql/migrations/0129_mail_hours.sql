-- Mail leaves until an hour after that at which it begins.

UPDATE district SET mail_until_hour = mail_hour + 1, version = version + 1 WHERE mail_until_hour <= mail_hour;

SET ROLE kith_owner;

ALTER TABLE district
    DROP CONSTRAINT district_mail_until_hour_check,
    ADD CONSTRAINT district_mail_until_hour_check CHECK (mail_until_hour BETWEEN 1 AND 24 AND mail_until_hour > mail_hour);

RESET ROLE;
