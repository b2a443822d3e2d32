-- Whose an investment is, in a partnership of several.

SET ROLE kith_owner;

ALTER TABLE investment
    ADD COLUMN partner_id uuid, -- NULL: the partnership's own
    ADD CONSTRAINT investment_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id);
CREATE INDEX investment_partner_id ON investment (district_id, partner_id, created_at, id);

RESET ROLE;
