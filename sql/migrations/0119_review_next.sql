-- What a review decided leads to something: what is to be done, until when; and thanks for what was pledged and came.

SET ROLE kith_owner;

ALTER TABLE partnership_review
    ADD COLUMN next_step text,
    ADD COLUMN next_on date,
    ADD CONSTRAINT partnership_review_next_step_check CHECK (char_length(next_step) BETWEEN 1 AND 10000);

ALTER TABLE action_item
    ADD COLUMN partnership_review_id uuid,
    ADD CONSTRAINT action_item_partnership_review_id_fkey FOREIGN KEY (district_id, partnership_review_id)
        REFERENCES partnership_review (district_id, id);
CREATE INDEX action_item_partnership_review_id ON action_item (district_id, partnership_review_id, created_at, id);

ALTER TABLE thank_you
    ADD COLUMN pledge_id uuid,
    ADD CONSTRAINT thank_you_pledge_id_fkey FOREIGN KEY (district_id, pledge_id) REFERENCES pledge (district_id, id),
    DROP CONSTRAINT thank_you_occasion_check,
    ADD CONSTRAINT thank_you_occasion_check
        CHECK (occasion IN ('gift', 'pledge', 'milestone', 'win', 'year', 'event', 'other'));
CREATE UNIQUE INDEX thank_you_pledge_id_key
    ON thank_you (district_id, pledge_id) WHERE pledge_id IS NOT NULL AND status <> 'dropped' AND archived_at IS NULL;
CREATE INDEX thank_you_pledge_id ON thank_you (district_id, pledge_id, created_at, id);

RESET ROLE;
