-- Corrections of an answer that was sent are kept apart until they are sent. A copy of an instrument says of which.

SET ROLE kith_owner;

ALTER TABLE survey_answer
    ADD COLUMN draft jsonb, -- of one that is submitted
    ADD CONSTRAINT survey_answer_draft_check
        CHECK (draft IS NULL OR jsonb_typeof(draft) = 'object' AND status = 'submitted');
ALTER TABLE instrument
    ALTER COLUMN status SET DEFAULT 'draft',
    ADD COLUMN copied_from_id uuid,
    ADD CONSTRAINT instrument_copied_from_id_fkey FOREIGN KEY (district_id, copied_from_id)
        REFERENCES instrument (district_id, id);
CREATE INDEX instrument_copied_from_id ON instrument (district_id, copied_from_id, name, id);

RESET ROLE;
