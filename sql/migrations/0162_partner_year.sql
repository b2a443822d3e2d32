-- What a school year came to for a partner, told by a mail's link some days after it has ended.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN partner_year_days integer DEFAULT 14, -- NULL: it goes by itself to nobody
    ADD CONSTRAINT district_partner_year_days_check CHECK (partner_year_days BETWEEN 0 AND 180);

RESET ROLE;
