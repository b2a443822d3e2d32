-- Which steps the review of an agreement has by its kind, and signatures that a file tells of.

SET ROLE kith_owner;

CREATE TABLE review_rule (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    subject text, -- NULL: each kind that no rule names
    step text NOT NULL,
    due_days bigint,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT review_rule_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT review_rule_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT review_rule_subject_check CHECK (
        subject IN ('master', 'mou', 'site_plan', 'data_sharing', 'amendment', 'provisional')),
    CONSTRAINT review_rule_step_check CHECK (
        step IN ('legal', 'risk', 'finance', 'program', 'superintendent', 'other', 'none')),
    CONSTRAINT review_rule_due_days_check CHECK (due_days IS NULL OR due_days BETWEEN 0 AND 365 AND step <> 'none')
);
CREATE INDEX review_rule_subject ON review_rule (district_id, subject, created_at, id);
CREATE INDEX review_rule_updated_at ON review_rule (district_id, updated_at, id);
CREATE INDEX review_rule_created_at ON review_rule (district_id, created_at, id);

ALTER TABLE agreement_signature
    ALTER COLUMN signer DROP NOT NULL, -- a file need not say who
    DROP CONSTRAINT agreement_signature_method_check,
    ADD CONSTRAINT agreement_signature_method_check CHECK (method IN ('recorded', 'typed', 'imported')),
    ADD CONSTRAINT agreement_signature_signer_needed_check CHECK (signer IS NOT NULL OR method = 'imported');

GRANT SELECT, INSERT, UPDATE ON review_rule TO kith_api;

RESET ROLE;
