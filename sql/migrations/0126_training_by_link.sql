-- Whom a training invites registers by a mail's link; who waits moves up in the order of waiting.

SET ROLE kith_owner;

ALTER TABLE training_seat
    ADD COLUMN waits_since timestamptz,
    DROP CONSTRAINT training_seat_status_check,
    ADD CONSTRAINT training_seat_status_check CHECK (
        status IN ('invited', 'registered', 'waiting', 'attended', 'absent', 'cancelled'));
CREATE INDEX training_seat_waits ON training_seat (district_id, training_id, waits_since, id) WHERE status = 'waiting';

GRANT SELECT ON training, training_seat TO kith_mailer;

RESET ROLE;

UPDATE training_seat SET waits_since = created_at, updated_at = now() WHERE status = 'waiting';
