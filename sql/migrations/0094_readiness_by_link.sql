-- Which of a partner's contacts has said how ready a school is, by a check-in's page.

SET ROLE kith_owner;

ALTER TABLE readiness_rating
    ADD COLUMN contact_id uuid, -- who said it for the partner; NULL: recorded_by did
    ADD CONSTRAINT readiness_rating_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id);

RESET ROLE;
