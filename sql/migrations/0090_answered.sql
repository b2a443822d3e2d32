-- A check-in is answered when both halves are in, whoever completes it when; and a side that nobody leads gets no
-- reminder, which is a decision like others.

SET ROLE kith_owner;

ALTER TABLE check_in ADD COLUMN answered_at timestamptz; -- since when both halves are in

ALTER TABLE reminder
    ALTER COLUMN message_id DROP NOT NULL,
    DROP CONSTRAINT reminder_contact_id_check,
    ADD CONSTRAINT reminder_contact_id_check CHECK (
        num_nonnulls(contact_id, user_id, message_id) = 2 AND message_id IS NOT NULL
        OR num_nonnulls(contact_id, user_id, message_id) = 0 AND recipient_key = 'side:' || side
            AND decision = 'suppressed');
CREATE INDEX reminder_no_lead ON reminder (district_id, check_in_id) WHERE reason = 'no_lead';

RESET ROLE;

DO $$
BEGIN
    IF EXISTS (SELECT FROM district) THEN
        UPDATE check_in c SET answered_at = h.last_at
        FROM (SELECT i.district_id, i.check_in_id, max(i.submitted_at) AS last_at FROM check_in_half i
              WHERE i.status = 'submitted' GROUP BY i.district_id, i.check_in_id HAVING count(*) = 2) AS h
        WHERE c.district_id = h.district_id AND c.id = h.check_in_id;
    END IF;
END
$$;
