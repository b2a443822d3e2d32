-- What is planned at sites and with families, how partnerships are reviewed, and agreements renewed together.

SET ROLE kith_owner;

CREATE TABLE site_plan (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    site_id uuid NOT NULL,
    school_year bigint NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    objectives text,
    activities text,
    logistics text,
    user_id uuid,
    contact_id uuid,
    agreed_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT site_plan_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT site_plan_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT site_plan_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT site_plan_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT site_plan_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT site_plan_status_check CHECK (status IN ('draft', 'agreed', 'closed')),
    CONSTRAINT site_plan_objectives_check CHECK (char_length(objectives) <= 10000),
    CONSTRAINT site_plan_activities_check CHECK (char_length(activities) <= 10000),
    CONSTRAINT site_plan_logistics_check CHECK (char_length(logistics) <= 10000),
    CONSTRAINT site_plan_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT site_plan_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id)
);
CREATE UNIQUE INDEX site_plan_school_year_key
    ON site_plan (district_id, partnership_id, site_id, school_year) WHERE archived_at IS NULL;
CREATE INDEX site_plan_partnership_id
    ON site_plan (district_id, partnership_id, created_at, id);
CREATE INDEX site_plan_site_id
    ON site_plan (district_id, site_id, created_at, id);
CREATE INDEX site_plan_school_year
    ON site_plan (district_id, school_year, created_at, id);
CREATE INDEX site_plan_status
    ON site_plan (district_id, status, created_at, id);
CREATE INDEX site_plan_user_id
    ON site_plan (district_id, user_id, created_at, id);
CREATE INDEX site_plan_updated_at ON site_plan (district_id, updated_at, id);
CREATE INDEX site_plan_created_at ON site_plan (district_id, created_at, id);

CREATE TABLE family_plan (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    school_year bigint NOT NULL,
    statement text NOT NULL,
    user_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT family_plan_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT family_plan_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT family_plan_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT family_plan_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT family_plan_statement_check CHECK (char_length(statement) BETWEEN 1 AND 10000),
    CONSTRAINT family_plan_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id)
);
CREATE UNIQUE INDEX family_plan_school_year_key
    ON family_plan (district_id, site_id, school_year) WHERE archived_at IS NULL;
CREATE INDEX family_plan_site_id
    ON family_plan (district_id, site_id, created_at, id);
CREATE INDEX family_plan_school_year
    ON family_plan (district_id, school_year, created_at, id);
CREATE INDEX family_plan_user_id
    ON family_plan (district_id, user_id, created_at, id);
CREATE INDEX family_plan_updated_at ON family_plan (district_id, updated_at, id);
CREATE INDEX family_plan_created_at ON family_plan (district_id, created_at, id);

CREATE TABLE family_part (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    family_plan_id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    part text NOT NULL,
    notes text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT family_part_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT family_part_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT family_part_family_plan_id_fkey FOREIGN KEY (district_id, family_plan_id)
        REFERENCES family_plan (district_id, id),
    CONSTRAINT family_part_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT family_part_part_check CHECK (part IN ('none', 'invited', 'co_plans', 'delivers')),
    CONSTRAINT family_part_notes_check CHECK (char_length(notes) <= 10000)
);
CREATE UNIQUE INDEX family_part_partnership_id_key
    ON family_part (district_id, family_plan_id, partnership_id) WHERE archived_at IS NULL;
CREATE INDEX family_part_family_plan_id
    ON family_part (district_id, family_plan_id, created_at, id);
CREATE INDEX family_part_partnership_id
    ON family_part (district_id, partnership_id, created_at, id);
CREATE INDEX family_part_part
    ON family_part (district_id, part, created_at, id);
CREATE INDEX family_part_updated_at ON family_part (district_id, updated_at, id);
CREATE INDEX family_part_created_at ON family_part (district_id, created_at, id);

CREATE TABLE family_event (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    family_plan_id uuid,
    partnership_id uuid,
    name text NOT NULL,
    on_date date NOT NULL,
    languages text[] NOT NULL DEFAULT '{}',
    families_reached bigint,
    notes text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT family_event_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT family_event_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT family_event_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT family_event_family_plan_id_fkey FOREIGN KEY (district_id, family_plan_id)
        REFERENCES family_plan (district_id, id),
    CONSTRAINT family_event_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT family_event_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT family_event_families_reached_check CHECK (families_reached BETWEEN 0 AND 100000),
    CONSTRAINT family_event_notes_check CHECK (char_length(notes) <= 10000)
);
CREATE INDEX family_event_site_id
    ON family_event (district_id, site_id, on_date, id);
CREATE INDEX family_event_family_plan_id
    ON family_event (district_id, family_plan_id, on_date, id);
CREATE INDEX family_event_partnership_id
    ON family_event (district_id, partnership_id, on_date, id);
CREATE INDEX family_event_on_date ON family_event (district_id, on_date, id);
CREATE INDEX family_event_updated_at ON family_event (district_id, updated_at, id);
CREATE INDEX family_event_created_at ON family_event (district_id, created_at, id);

CREATE TABLE partnership_review (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    program_id uuid,
    school_year bigint NOT NULL,
    due_on date NOT NULL,
    user_id uuid,
    status text NOT NULL DEFAULT 'due',
    quality bigint,
    sustainability bigint,
    findings text,
    decision text,
    evidence jsonb,
    decided_by uuid,
    decided_at timestamptz,
    approved_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partnership_review_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partnership_review_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partnership_review_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT partnership_review_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT partnership_review_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT partnership_review_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partnership_review_status_check CHECK (
        status IN ('due', 'drafting', 'decided', 'approved')),
    CONSTRAINT partnership_review_quality_check CHECK (quality BETWEEN 1 AND 4),
    CONSTRAINT partnership_review_sustainability_check CHECK (sustainability BETWEEN 1 AND 4),
    CONSTRAINT partnership_review_findings_check CHECK (char_length(findings) <= 10000),
    CONSTRAINT partnership_review_decision_check CHECK (
        decision IN ('renew', 'grow', 'adjust', 'exit')),
    CONSTRAINT partnership_review_decided_by_fkey FOREIGN KEY (district_id, decided_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partnership_review_approved_by_fkey FOREIGN KEY (district_id, approved_by)
        REFERENCES app_user (district_id, id)
);
CREATE INDEX partnership_review_partnership_id
    ON partnership_review (district_id, partnership_id, due_on, id);
CREATE INDEX partnership_review_program_id
    ON partnership_review (district_id, program_id, due_on, id);
CREATE INDEX partnership_review_school_year
    ON partnership_review (district_id, school_year, due_on, id);
CREATE INDEX partnership_review_user_id
    ON partnership_review (district_id, user_id, due_on, id);
CREATE INDEX partnership_review_status
    ON partnership_review (district_id, status, due_on, id);
CREATE INDEX partnership_review_decision
    ON partnership_review (district_id, decision, due_on, id);
CREATE INDEX partnership_review_due_on ON partnership_review (district_id, due_on, id);
CREATE INDEX partnership_review_updated_at ON partnership_review (district_id, updated_at, id);
CREATE INDEX partnership_review_created_at ON partnership_review (district_id, created_at, id);

CREATE TABLE renewal_campaign (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    expires_from date NOT NULL,
    expires_until date NOT NULL,
    kind text,
    board_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT renewal_campaign_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT renewal_campaign_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT renewal_campaign_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT renewal_campaign_kind_check CHECK (
        kind IN ('master', 'mou', 'site_plan', 'data_sharing', 'amendment',
        'provisional')),
    CONSTRAINT renewal_campaign_expires_until_check CHECK (expires_until >= expires_from)
);
CREATE INDEX renewal_campaign_updated_at ON renewal_campaign (district_id, updated_at, id);
CREATE INDEX renewal_campaign_created_at ON renewal_campaign (district_id, created_at, id);

CREATE TABLE renewal (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    renewal_campaign_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    decision text,
    comment text,
    successor_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT renewal_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT renewal_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT renewal_renewal_campaign_id_fkey FOREIGN KEY (district_id, renewal_campaign_id)
        REFERENCES renewal_campaign (district_id, id),
    CONSTRAINT renewal_agreement_id_fkey FOREIGN KEY (district_id, agreement_id)
        REFERENCES agreement (district_id, id),
    CONSTRAINT renewal_decision_check CHECK (decision IN ('renew', 'renegotiate', 'let_expire')),
    CONSTRAINT renewal_comment_check CHECK (char_length(comment) <= 10000),
    CONSTRAINT renewal_successor_id_fkey FOREIGN KEY (district_id, successor_id)
        REFERENCES agreement (district_id, id)
);
CREATE UNIQUE INDEX renewal_agreement_id_key
    ON renewal (district_id, renewal_campaign_id, agreement_id) WHERE archived_at IS NULL;
CREATE INDEX renewal_renewal_campaign_id
    ON renewal (district_id, renewal_campaign_id, created_at, id);
CREATE INDEX renewal_agreement_id
    ON renewal (district_id, agreement_id, created_at, id);
CREATE INDEX renewal_decision
    ON renewal (district_id, decision, created_at, id);
CREATE INDEX renewal_updated_at ON renewal (district_id, updated_at, id);
CREATE INDEX renewal_created_at ON renewal (district_id, created_at, id);

-- Who of the other side says that it is so; outside grants count for a side only where somebody said so.
ALTER TABLE investment
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN confirmed_by uuid,
    ADD COLUMN confirmed_contact_id uuid,
    ADD COLUMN dispute_reason text,
    ADD COLUMN is_assigned boolean NOT NULL DEFAULT false,
    ADD COLUMN grant_name text,
    ADD COLUMN match_cents bigint,
    ADD CONSTRAINT investment_confirmed_by_fkey FOREIGN KEY (district_id, confirmed_by)
        REFERENCES app_user (district_id, id),
    ADD CONSTRAINT investment_confirmed_contact_id_fkey FOREIGN KEY (district_id, confirmed_contact_id)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT investment_dispute_reason_check CHECK (char_length(dispute_reason) <= 10000),
    ADD CONSTRAINT investment_grant_name_check CHECK (char_length(grant_name) <= 255),
    ADD CONSTRAINT investment_match_cents_check CHECK (match_cents BETWEEN 0 AND 1000000000000
        AND (match_cents IS NULL OR grant_name IS NOT NULL));

GRANT SELECT, INSERT, UPDATE ON site_plan,
    family_plan,
    family_part,
    family_event,
    partnership_review,
    renewal_campaign,
    renewal TO kith_api;

RESET ROLE;
