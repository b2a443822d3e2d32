-- Figures of programs, focus areas and kinds of partners.

SET ROLE kith_owner;

ALTER TABLE tally
    DROP CONSTRAINT tally_scope_kind_check,
    ADD CONSTRAINT tally_scope_kind_check CHECK (scope_kind IN (
        'site', 'network', 'district', 'partnership', 'partner', 'program', 'focus_area', 'kind'));

RESET ROLE;

-- What lies above sites and partnerships, of all years.
INSERT INTO rollup_mark (district_id) SELECT d.id FROM district d;
