-- Until which hour of a day mail leaves.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN mail_until_hour integer NOT NULL DEFAULT 18,
    ADD CONSTRAINT district_mail_until_hour_check CHECK (mail_until_hour BETWEEN 1 AND 24);

-- The mailer looks at the calendar when a mail leaves.
GRANT SELECT ON closed_day, blackout TO kith_mailer;

RESET ROLE;
