-- What somebody who has written about a need pledges for it when the inquiry becomes a partner's.

SET ROLE kith_owner;

ALTER TABLE inquiry
    ADD COLUMN pledge_id uuid,
    ADD CONSTRAINT inquiry_pledge_id_fkey FOREIGN KEY (district_id, pledge_id) REFERENCES pledge (district_id, id);

RESET ROLE;
