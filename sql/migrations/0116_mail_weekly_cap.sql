-- How many mails of programs and bulletins somebody gets a week.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN mail_weekly_cap integer NOT NULL DEFAULT 3,
    ADD CONSTRAINT district_mail_weekly_cap_check CHECK (mail_weekly_cap BETWEEN 1 AND 14);

RESET ROLE;
