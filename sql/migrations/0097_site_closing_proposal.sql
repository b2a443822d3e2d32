-- Closings of sites that a file proposes, as something goes on there.

SET ROLE kith_owner;

ALTER TABLE site_closing
    ADD COLUMN import_id uuid, -- whose file says so
    ADD CONSTRAINT site_closing_import_id_fkey FOREIGN KEY (district_id, import_id)
        REFERENCES import (district_id, id),
    DROP CONSTRAINT site_closing_status_check,
    ADD CONSTRAINT site_closing_status_check
        CHECK (status IN ('proposed', 'planned', 'done', 'cancelled', 'undone'));
CREATE UNIQUE INDEX site_closing_proposed_key ON site_closing (district_id, site_id) WHERE status = 'proposed';

RESET ROLE;
