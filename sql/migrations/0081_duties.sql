-- What was done of what an agreement asks for later: notice given or not, data destroyed or returned; and what
-- came of an interaction that somebody meant to come back to.

SET ROLE kith_owner;

ALTER TABLE agreement
    ADD COLUMN notice_decision text,
    ADD COLUMN notice_for date, -- the last day that the decision is about
    ADD COLUMN notice_decided_by uuid,
    ADD COLUMN data_disposal text,
    ADD COLUMN data_disposed_on date,
    ADD COLUMN data_certified_by text, -- name and title, of the partner's side
    ADD COLUMN data_recorded_by uuid,
    ADD CONSTRAINT agreement_notice_decision_check CHECK (
        notice_decision IS NULL OR notice_decision IN ('keep', 'give')
        AND notice_for IS NOT NULL AND notice_decided_by IS NOT NULL),
    ADD CONSTRAINT agreement_notice_decided_by_fkey FOREIGN KEY (district_id, notice_decided_by)
        REFERENCES app_user (district_id, id),
    ADD CONSTRAINT agreement_data_disposal_check CHECK (
        data_disposal IS NULL OR data_disposal IN ('destroyed', 'returned')
        AND data_disposed_on IS NOT NULL AND data_certified_by IS NOT NULL AND data_recorded_by IS NOT NULL),
    ADD CONSTRAINT agreement_data_certified_by_check CHECK (char_length(data_certified_by) BETWEEN 1 AND 255),
    ADD CONSTRAINT agreement_data_recorded_by_fkey FOREIGN KEY (district_id, data_recorded_by)
        REFERENCES app_user (district_id, id);
CREATE INDEX agreement_data_waits ON agreement (district_id, data_destroy_by)
    WHERE data_destroy_by IS NOT NULL AND data_disposed_on IS NULL;

ALTER TABLE interaction
    ADD COLUMN followed_up_on date,
    ADD COLUMN follow_up_outcome text,
    ADD CONSTRAINT interaction_follow_up_outcome_check CHECK (char_length(follow_up_outcome) <= 10000);
CREATE INDEX interaction_follow_up_waits ON interaction (district_id, follow_up_on)
    WHERE follow_up_on IS NOT NULL AND followed_up_on IS NULL AND archived_at IS NULL;

RESET ROLE;
