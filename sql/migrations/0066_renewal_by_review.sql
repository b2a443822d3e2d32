-- Which review decided what becomes of an agreement that ends.

SET ROLE kith_owner;

ALTER TABLE renewal
    ADD COLUMN partnership_review_id uuid,
    ADD CONSTRAINT renewal_partnership_review_id_fkey FOREIGN KEY (district_id, partnership_review_id)
        REFERENCES partnership_review (district_id, id);

RESET ROLE;
