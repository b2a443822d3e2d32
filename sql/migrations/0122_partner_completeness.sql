-- How complete a partner is, stored, so that lists are filtered and sorted by it.

SET ROLE kith_owner;

ALTER TABLE partner
    ADD COLUMN completeness integer NOT NULL DEFAULT 0,
    ADD COLUMN completeness_until date, -- its last day, where a contact's place ends
    ADD CONSTRAINT partner_completeness_check CHECK (completeness BETWEEN 0 AND 100);
CREATE INDEX partner_completeness ON partner (district_id, completeness, id);
CREATE INDEX partner_completeness_until ON partner (district_id, completeness_until)
    WHERE completeness_until IS NOT NULL;

-- What all partners of a district have to have is another than it was: they are counted again from this one on.
CREATE TABLE partner_recount (
    district_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    after_id uuid, -- those until this one are counted; NULL: none is
    CONSTRAINT partner_recount_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partner_recount_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id)
);

RESET ROLE;

-- Those that are there already.
INSERT INTO partner_recount (district_id) SELECT d.id FROM district d;
