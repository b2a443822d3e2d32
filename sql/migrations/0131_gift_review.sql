-- Steps in which gifts are reviewed before they are accepted, by the district's rules for what they are worth.

SET ROLE kith_owner;

CREATE TABLE gift_step (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    gift_id uuid NOT NULL,
    kind text NOT NULL,
    due_on date,
    status text NOT NULL DEFAULT 'pending',
    comment text,
    decided_at timestamptz,
    decided_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT gift_step_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT gift_step_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT gift_step_gift_id_fkey FOREIGN KEY (district_id, gift_id) REFERENCES gift (district_id, id),
    CONSTRAINT gift_step_kind_check CHECK (kind IN ('legal', 'risk', 'finance', 'program', 'superintendent', 'other')),
    CONSTRAINT gift_step_status_check CHECK (status IN ('pending', 'approved', 'rejected')),
    CONSTRAINT gift_step_comment_check CHECK (char_length(comment) <= 10000),
    CONSTRAINT gift_step_decided_by_fkey FOREIGN KEY (district_id, decided_by) REFERENCES app_user (district_id, id),
    CONSTRAINT gift_step_decided_at_check CHECK ((decided_at IS NULL) = (status = 'pending'))
);
CREATE INDEX gift_step_gift_id ON gift_step (district_id, gift_id, created_at, id);
CREATE INDEX gift_step_kind ON gift_step (district_id, kind, created_at, id);
CREATE INDEX gift_step_due_on ON gift_step (district_id, due_on, created_at, id);
CREATE INDEX gift_step_status ON gift_step (district_id, status, created_at, id);
CREATE INDEX gift_step_updated_at ON gift_step (district_id, updated_at, id);
CREATE INDEX gift_step_created_at ON gift_step (district_id, created_at, id);

ALTER TABLE review_rule
    ADD COLUMN from_cents bigint, -- NULL: whatever it is worth
    ADD CONSTRAINT review_rule_from_cents_check CHECK (from_cents BETWEEN 0 AND 1000000000000),
    DROP CONSTRAINT review_rule_subject_check,
    ADD CONSTRAINT review_rule_subject_check CHECK (
        subject IN ('master', 'mou', 'site_plan', 'data_sharing', 'amendment', 'provisional', 'gift'));

GRANT SELECT, INSERT, UPDATE ON gift_step TO kith_api;

RESET ROLE;
