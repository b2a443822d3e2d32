-- A pledge may take of what its partner offers.

SET ROLE kith_owner;

ALTER TABLE pledge
    ADD COLUMN offer_id uuid,
    ADD CONSTRAINT pledge_offer_id_fkey FOREIGN KEY (district_id, offer_id)
        REFERENCES offer (district_id, id);
CREATE INDEX pledge_offer_id ON pledge (district_id, offer_id, created_at, id);

RESET ROLE;
