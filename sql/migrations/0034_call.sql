-- Calls to action, snapshots of the landscape, and portfolio reviews with what they decided.

SET ROLE kith_owner;

CREATE TABLE call_to_action (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    situation text NOT NULL,
    focus_area_id uuid NOT NULL,
    resource_kinds text[] NOT NULL DEFAULT '{}',
    quantity bigint NOT NULL,
    unit text,
    deadline date NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    resolution text,
    opened_at timestamptz,
    opened_by uuid,
    ended_at timestamptz,
    report jsonb, -- as it was when the call was over
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT call_to_action_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT call_to_action_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT call_to_action_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT call_to_action_opened_by_fkey FOREIGN KEY (district_id, opened_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT call_to_action_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT call_to_action_situation_check CHECK (char_length(situation) BETWEEN 1 AND 10000),
    CONSTRAINT call_to_action_resource_kinds_check CHECK (cardinality(resource_kinds) <= 11
            AND resource_kinds <@ (
                '{money,space,staff_time,volunteers,equipment,software,training,internships,'
                || 'mentors,food,other}')::text[]),
    CONSTRAINT call_to_action_quantity_check CHECK (quantity BETWEEN 1 AND 1000000000),
    CONSTRAINT call_to_action_unit_check CHECK (char_length(unit) <= 64),
    CONSTRAINT call_to_action_status_check CHECK (
        status IN ('draft', 'open', 'extended', 'closed', 'cancelled')),
    CONSTRAINT call_to_action_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT call_to_action_resolution_check CHECK (char_length(resolution) <= 10000)
);
CREATE INDEX call_to_action_focus_area_id
    ON call_to_action (district_id, focus_area_id, deadline, id);
CREATE INDEX call_to_action_deadline ON call_to_action (district_id, deadline, id);
CREATE INDEX call_to_action_status ON call_to_action (district_id, status, deadline, id);
CREATE INDEX call_to_action_updated_at ON call_to_action (district_id, updated_at, id);
CREATE INDEX call_to_action_created_at ON call_to_action (district_id, created_at, id);

CREATE TABLE landscape_snapshot (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year bigint NOT NULL,
    term bigint,
    name text NOT NULL,
    notes text,
    taken_on date NOT NULL,
    partners bigint NOT NULL,
    partnerships bigint NOT NULL,
    needs bigint NOT NULL,
    gaps bigint NOT NULL,
    content jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT landscape_snapshot_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT landscape_snapshot_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT landscape_snapshot_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT landscape_snapshot_term_check CHECK (term BETWEEN 1 AND 4),
    CONSTRAINT landscape_snapshot_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT landscape_snapshot_notes_check CHECK (char_length(notes) <= 10000)
);
CREATE INDEX landscape_snapshot_school_year ON landscape_snapshot (district_id, school_year, id);
CREATE INDEX landscape_snapshot_term ON landscape_snapshot (district_id, term, school_year, id);
CREATE INDEX landscape_snapshot_updated_at ON landscape_snapshot (district_id, updated_at, id);
CREATE INDEX landscape_snapshot_created_at ON landscape_snapshot (district_id, created_at, id);

CREATE TABLE portfolio_review (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year bigint NOT NULL,
    network_id uuid, -- whose it is; NULL, as the site's: the district's
    site_id uuid,
    planned_on date NOT NULL,
    findings text,
    status text NOT NULL DEFAULT 'planned',
    held_on date,
    closed_on date,
    evidence jsonb, -- as it was when the review was held
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT portfolio_review_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT portfolio_review_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT portfolio_review_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT portfolio_review_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT portfolio_review_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT portfolio_review_network_id_check CHECK (network_id IS NULL OR site_id IS NULL),
    CONSTRAINT portfolio_review_findings_check CHECK (char_length(findings) <= 10000),
    CONSTRAINT portfolio_review_status_check CHECK (status IN ('planned', 'held', 'closed'))
);
CREATE INDEX portfolio_review_school_year
    ON portfolio_review (district_id, school_year, planned_on, id);
CREATE INDEX portfolio_review_network_id
    ON portfolio_review (district_id, network_id, planned_on, id);
CREATE INDEX portfolio_review_site_id ON portfolio_review (district_id, site_id, planned_on, id);
CREATE INDEX portfolio_review_planned_on ON portfolio_review (district_id, planned_on, id);
CREATE INDEX portfolio_review_status ON portfolio_review (district_id, status, planned_on, id);
CREATE INDEX portfolio_review_updated_at ON portfolio_review (district_id, updated_at, id);
CREATE INDEX portfolio_review_created_at ON portfolio_review (district_id, created_at, id);

CREATE TABLE portfolio_decision (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    portfolio_review_id uuid NOT NULL,
    kind text NOT NULL,
    decision text NOT NULL,
    owner_id uuid NOT NULL,
    due_on date,
    partnership_id uuid,
    status text NOT NULL DEFAULT 'open',
    outcome text,
    done_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT portfolio_decision_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT portfolio_decision_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT portfolio_decision_portfolio_review_id_fkey FOREIGN KEY (district_id, portfolio_review_id)
        REFERENCES portfolio_review (district_id, id),
    CONSTRAINT portfolio_decision_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT portfolio_decision_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT portfolio_decision_kind_check CHECK (
        kind IN ('keep', 'grow', 'adjust', 'end', 'seek', 'other')),
    CONSTRAINT portfolio_decision_decision_check CHECK (char_length(decision) BETWEEN 1 AND 10000),
    CONSTRAINT portfolio_decision_status_check CHECK (status IN ('open', 'done')),
    CONSTRAINT portfolio_decision_outcome_check CHECK (char_length(outcome) <= 10000)
);
CREATE INDEX portfolio_decision_portfolio_review_id
    ON portfolio_decision (district_id, portfolio_review_id, created_at, id);
CREATE INDEX portfolio_decision_kind ON portfolio_decision (district_id, kind, created_at, id);
CREATE INDEX portfolio_decision_owner_id
    ON portfolio_decision (district_id, owner_id, created_at, id);
CREATE INDEX portfolio_decision_due_on ON portfolio_decision (district_id, due_on, created_at, id);
CREATE INDEX portfolio_decision_partnership_id
    ON portfolio_decision (district_id, partnership_id, created_at, id);
CREATE INDEX portfolio_decision_status ON portfolio_decision (district_id, status, created_at, id);
CREATE INDEX portfolio_decision_updated_at ON portfolio_decision (district_id, updated_at, id);
CREATE INDEX portfolio_decision_created_at ON portfolio_decision (district_id, created_at, id);

ALTER TABLE need
    ADD COLUMN call_to_action_id uuid,
    ADD CONSTRAINT need_call_to_action_id_fkey FOREIGN KEY (district_id, call_to_action_id)
        REFERENCES call_to_action (district_id, id);
CREATE INDEX need_call_to_action_id ON need (district_id, call_to_action_id, needed_by, id);

-- When records of one partner become one, its pledges follow the asks that they answer.
ALTER TABLE pledge
    DROP CONSTRAINT pledge_ask_id_fkey,
    ADD CONSTRAINT pledge_ask_id_fkey FOREIGN KEY (district_id, ask_id, need_id, partner_id)
        REFERENCES ask (district_id, id, need_id, partner_id) ON UPDATE CASCADE;

GRANT SELECT, INSERT, UPDATE ON call_to_action, landscape_snapshot, portfolio_review, portfolio_decision
    TO kith_api;

RESET ROLE;
