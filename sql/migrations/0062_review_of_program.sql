-- A program is reviewed wherever it runs, without a partnership.

SET ROLE kith_owner;

ALTER TABLE partnership_review
    ALTER COLUMN partnership_id DROP NOT NULL,
    ADD CONSTRAINT partnership_review_partnership_id_check
        CHECK (partnership_id IS NOT NULL OR program_id IS NOT NULL);

RESET ROLE;
