-- Who has answered an ask for the partner, who has seen it; and pledges that a partner makes and takes back itself.

SET ROLE kith_owner;

ALTER TABLE ask
    ADD COLUMN answered_contact_id uuid, -- who has answered it, by a link or signed in; NULL: staff wrote it down
    ADD COLUMN answer_seen_at timestamptz, -- since when a refusal waits for nobody
    ADD COLUMN answer_seen_by uuid,
    ADD CONSTRAINT ask_answered_contact_id_fkey FOREIGN KEY (district_id, answered_contact_id)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT ask_answer_seen_by_fkey FOREIGN KEY (district_id, answer_seen_by)
        REFERENCES app_user (district_id, id);
CREATE INDEX ask_sent_by ON ask (district_id, sent_by, status);

ALTER TABLE pledge
    ADD COLUMN is_own_word boolean NOT NULL DEFAULT false, -- the partner has said it itself
    DROP CONSTRAINT pledge_status_check,
    ADD CONSTRAINT pledge_status_check CHECK (
        status IN ('offered', 'accepted', 'waitlisted', 'declined', 'partly_delivered', 'delivered',
            'failed', 'withdrawn'));

-- To write of what is asked for.
GRANT SELECT ON ask TO kith_mailer;

RESET ROLE;
