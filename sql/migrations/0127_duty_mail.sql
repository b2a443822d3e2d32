-- One mail a person a day for what reminds of duties: a message that is of kind duties carries others, and its link
-- opens all that waits for its person.

SET ROLE kith_owner;

ALTER TABLE message
    ADD COLUMN carried_by uuid, -- the mail that it goes in; NULL: it is one of its own
    ADD CONSTRAINT message_carried_by_fkey FOREIGN KEY (district_id, carried_by) REFERENCES message (district_id, id)
        ON DELETE SET NULL (carried_by),
    ADD CONSTRAINT message_carried_by_check CHECK (carried_by IS NULL OR kind <> 'duties');
CREATE INDEX message_carried_by ON message (district_id, carried_by, created_at, id);

-- Each reads what it may send next; what another one carries is never next by itself.
DROP INDEX message_due;
CREATE INDEX message_due ON message (not_before, id)
    WHERE status IN ('queued', 'claimed', 'retry') AND carried_by IS NULL;

ALTER TABLE link
    DROP CONSTRAINT link_subject_id_check,
    ADD CONSTRAINT link_subject_id_check CHECK ((purpose IN ('preferences', 'tasks')) = (subject_id IS NULL));

RESET ROLE;
