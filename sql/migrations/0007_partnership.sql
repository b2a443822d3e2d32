-- What a partner and sites do together: who leads it, for what goals, under which agreement, with what
-- from each side. Statuses change by actions alone: see transitions().

SET ROLE kith_owner;

CREATE TABLE partnership (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    name text NOT NULL,
    arrangement text NOT NULL,
    program_id uuid,
    focus_area_id uuid,
    lead_site_id uuid, -- NULL: the district's own
    tier text, -- NULL: the partner's
    cadence text, -- of check-ins; NULL: by the tier
    status text NOT NULL DEFAULT 'exploring',
    status_reason text,
    paused_until date,
    starts_on date,
    ends_on date,
    activated_at timestamptz, -- the first time
    gate_due date, -- of one that was active before it had what the gate asks for
    purpose text,
    vision text,
    vision_district_at timestamptz, -- when each side acknowledged the vision as it stands
    vision_district_by uuid,
    vision_partner_at timestamptz,
    vision_partner_by uuid,
    vision_partner_recorded_by uuid, -- who of the district was told so by the partner
    expectations text,
    processes text,
    desired_outcomes text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partnership_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partnership_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partnership_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT partnership_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT partnership_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT partnership_lead_site_id_fkey FOREIGN KEY (district_id, lead_site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT partnership_vision_district_by_fkey FOREIGN KEY (district_id, vision_district_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partnership_vision_partner_by_fkey FOREIGN KEY (district_id, vision_partner_by)
        REFERENCES contact (district_id, id),
    CONSTRAINT partnership_vision_partner_recorded_by_fkey
        FOREIGN KEY (district_id, vision_partner_recorded_by) REFERENCES app_user (district_id, id),
    CONSTRAINT partnership_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT partnership_arrangement_check CHECK (arrangement IN (
        'program', 'sponsorship', 'service', 'public_private', 'research', 'gift', 'other')),
    CONSTRAINT partnership_tier_check CHECK (tier IN ('supporter', 'partner', 'anchor')),
    CONSTRAINT partnership_cadence_check CHECK (cadence IN ('quarterly', 'twice_a_year', 'none')),
    CONSTRAINT partnership_status_check CHECK (status IN (
        'exploring', 'aligning', 'agreement', 'active', 'paused', 'renewing', 'ended', 'declined')),
    CONSTRAINT partnership_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT partnership_paused_until_check CHECK (paused_until IS NULL OR status = 'paused'),
    CONSTRAINT partnership_ends_on_check CHECK (ends_on >= starts_on),
    CONSTRAINT partnership_purpose_check CHECK (char_length(purpose) <= 10000),
    CONSTRAINT partnership_vision_check CHECK (char_length(vision) <= 10000),
    CONSTRAINT partnership_vision_district_by_check
        CHECK ((vision_district_at IS NULL) = (vision_district_by IS NULL)),
    CONSTRAINT partnership_vision_partner_by_check
        CHECK ((vision_partner_at IS NULL) = (vision_partner_by IS NULL)),
    CONSTRAINT partnership_vision_partner_recorded_by_check
        CHECK (vision_partner_at IS NOT NULL OR vision_partner_recorded_by IS NULL),
    CONSTRAINT partnership_expectations_check CHECK (char_length(expectations) <= 10000),
    CONSTRAINT partnership_processes_check CHECK (char_length(processes) <= 10000),
    CONSTRAINT partnership_desired_outcomes_check CHECK (char_length(desired_outcomes) <= 10000)
);
CREATE INDEX partnership_partner_id ON partnership (district_id, partner_id, name, id);
CREATE INDEX partnership_program_id ON partnership (district_id, program_id, name, id);
CREATE INDEX partnership_focus_area_id ON partnership (district_id, focus_area_id, name, id);
CREATE INDEX partnership_lead_site_id ON partnership (district_id, lead_site_id, name, id);
CREATE INDEX partnership_status ON partnership (district_id, status, name, id);
CREATE INDEX partnership_arrangement ON partnership (district_id, arrangement, name, id);
CREATE INDEX partnership_name ON partnership (district_id, name, id);
CREATE INDEX partnership_gate_due ON partnership (district_id, gate_due, name, id);
CREATE INDEX partnership_updated_at ON partnership (district_id, updated_at, id);
CREATE INDEX partnership_created_at ON partnership (district_id, created_at, id);

CREATE TABLE partnership_site (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    site_id uuid NOT NULL,
    from_date date,
    until_date date, -- the last day on which it holds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partnership_site_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partnership_site_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partnership_site_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT partnership_site_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT partnership_site_until_date_check CHECK (until_date >= from_date)
);
CREATE UNIQUE INDEX partnership_site_site_id_key
    ON partnership_site (district_id, partnership_id, site_id) WHERE archived_at IS NULL;
CREATE INDEX partnership_site_partnership_id
    ON partnership_site (district_id, partnership_id, created_at, id);
CREATE INDEX partnership_site_site_id ON partnership_site (district_id, site_id, created_at, id);
CREATE INDEX partnership_site_updated_at ON partnership_site (district_id, updated_at, id);
CREATE INDEX partnership_site_created_at ON partnership_site (district_id, created_at, id);

-- Distributed over both sides; a lead on each is needed before it is active.
CREATE TABLE partnership_role (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    side text NOT NULL,
    role text NOT NULL,
    user_id uuid, -- of the district's side
    contact_id uuid, -- of the partner's side
    from_date date,
    until_date date, -- the last day on which it holds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partnership_role_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partnership_role_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partnership_role_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT partnership_role_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partnership_role_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT partnership_role_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT partnership_role_role_check CHECK (role IN (
        'lead', 'co_lead', 'sponsor', 'coordinator', 'family_liaison')),
    CONSTRAINT partnership_role_user_id_check CHECK ((side = 'district') = (user_id IS NOT NULL)),
    CONSTRAINT partnership_role_contact_id_check CHECK ((side = 'partner') = (contact_id IS NOT NULL)),
    CONSTRAINT partnership_role_until_date_check CHECK (until_date >= from_date)
);
CREATE INDEX partnership_role_partnership_id
    ON partnership_role (district_id, partnership_id, created_at, id);
CREATE INDEX partnership_role_user_id ON partnership_role (district_id, user_id, created_at, id);
CREATE INDEX partnership_role_contact_id
    ON partnership_role (district_id, contact_id, created_at, id);
CREATE INDEX partnership_role_updated_at ON partnership_role (district_id, updated_at, id);
CREATE INDEX partnership_role_created_at ON partnership_role (district_id, created_at, id);

CREATE TABLE goal (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    statement text NOT NULL,
    indicator_id uuid, -- what measures it; NULL: typed progress alone
    unit text,
    direction text NOT NULL DEFAULT 'up',
    baseline numeric(18,6),
    baseline_on date,
    target numeric(18,6),
    due_on date NOT NULL,
    progress text NOT NULL DEFAULT 'not_started', -- as typed; what the indicator says is computed
    current numeric(18,6), -- as typed
    current_on date,
    district_at timestamptz, -- when each side acknowledged it as it stands
    district_by uuid,
    partner_at timestamptz,
    partner_by uuid,
    partner_recorded_by uuid, -- who of the district was told so by the partner
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT goal_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT goal_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT goal_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT goal_district_by_fkey FOREIGN KEY (district_id, district_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT goal_partner_by_fkey FOREIGN KEY (district_id, partner_by)
        REFERENCES contact (district_id, id),
    CONSTRAINT goal_partner_recorded_by_fkey FOREIGN KEY (district_id, partner_recorded_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT goal_district_by_check CHECK ((district_at IS NULL) = (district_by IS NULL)),
    CONSTRAINT goal_partner_by_check CHECK ((partner_at IS NULL) = (partner_by IS NULL)),
    CONSTRAINT goal_partner_recorded_by_check
        CHECK (partner_at IS NOT NULL OR partner_recorded_by IS NULL),
    CONSTRAINT goal_statement_check CHECK (char_length(statement) BETWEEN 1 AND 10000),
    CONSTRAINT goal_unit_check CHECK (char_length(unit) <= 64),
    CONSTRAINT goal_direction_check CHECK (direction IN ('up', 'down')),
    CONSTRAINT goal_progress_check CHECK (progress IN (
        'not_started', 'on_track', 'at_risk', 'behind', 'met', 'missed', 'no_data', 'dropped')),
    CONSTRAINT goal_target_check CHECK (target IS NULL OR baseline IS NULL
        OR direction = 'up' AND target >= baseline
        OR direction = 'down' AND target <= baseline)
);
CREATE INDEX goal_partnership_id ON goal (district_id, partnership_id, due_on, id);
CREATE INDEX goal_indicator_id ON goal (district_id, indicator_id, due_on, id);
CREATE INDEX goal_progress ON goal (district_id, progress, due_on, id);
CREATE INDEX goal_due_on ON goal (district_id, due_on, id);
CREATE INDEX goal_updated_at ON goal (district_id, updated_at, id);
CREATE INDEX goal_created_at ON goal (district_id, created_at, id);

CREATE TABLE agreement (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    effective_on date,
    expires_on date, -- the last day on which it is in force
    notice_days bigint,
    auto_renew boolean NOT NULL DEFAULT false,
    board_on date,
    board_item text,
    document_url text,
    text text, -- what is acknowledged, where there is no document
    district_at timestamptz, -- when each side acknowledged it as it stands
    district_by uuid,
    partner_at timestamptz,
    partner_by uuid,
    partner_recorded_by uuid, -- who of the district was told so by the partner
    district_signed_on date,
    district_signer text, -- name and title as signed
    partner_signed_on date,
    partner_signer text,
    data_flows boolean NOT NULL DEFAULT false, -- then a data addendum is needed
    data_basis text,
    data_purpose text,
    data_destroy_by date,
    supersedes_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT agreement_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT agreement_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT agreement_district_by_fkey FOREIGN KEY (district_id, district_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT agreement_partner_by_fkey FOREIGN KEY (district_id, partner_by)
        REFERENCES contact (district_id, id),
    CONSTRAINT agreement_partner_recorded_by_fkey FOREIGN KEY (district_id, partner_recorded_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT agreement_supersedes_id_fkey FOREIGN KEY (district_id, supersedes_id)
        REFERENCES agreement (district_id, id),
    CONSTRAINT agreement_kind_check CHECK (kind IN (
        'master', 'mou', 'site_plan', 'data_sharing', 'amendment', 'provisional')),
    CONSTRAINT agreement_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT agreement_status_check CHECK (status IN (
        'draft', 'review', 'board_approval', 'out_for_signature', 'in_force', 'expired',
        'superseded', 'terminated', 'returned', 'rejected', 'withdrawn')),
    CONSTRAINT agreement_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT agreement_expires_on_check CHECK (expires_on >= effective_on),
    CONSTRAINT agreement_notice_days_check CHECK (notice_days BETWEEN 0 AND 3650),
    CONSTRAINT agreement_board_item_check CHECK (char_length(board_item) <= 255),
    CONSTRAINT agreement_document_url_check CHECK (char_length(document_url) <= 2000),
    CONSTRAINT agreement_text_check CHECK (char_length(text) <= 20000),
    CONSTRAINT agreement_district_by_check CHECK ((district_at IS NULL) = (district_by IS NULL)),
    CONSTRAINT agreement_partner_by_check CHECK ((partner_at IS NULL) = (partner_by IS NULL)),
    CONSTRAINT agreement_partner_recorded_by_check
        CHECK (partner_at IS NOT NULL OR partner_recorded_by IS NULL),
    CONSTRAINT agreement_district_signer_check CHECK (char_length(district_signer) <= 255
        AND (district_signed_on IS NULL) = (district_signer IS NULL)),
    CONSTRAINT agreement_partner_signer_check CHECK (char_length(partner_signer) <= 255
        AND (partner_signed_on IS NULL) = (partner_signer IS NULL)),
    CONSTRAINT agreement_data_basis_check CHECK (data_basis IN (
        'parental_consent', 'school_official', 'study', 'audit_or_evaluation', 'none')),
    CONSTRAINT agreement_data_purpose_check CHECK (char_length(data_purpose) <= 10000),
    CONSTRAINT agreement_data_destroy_by_check CHECK (data_destroy_by IS NOT NULL
        OR data_basis IS NULL OR data_basis NOT IN ('study', 'audit_or_evaluation')),
    CONSTRAINT agreement_supersedes_id_check CHECK (supersedes_id <> id)
);
CREATE INDEX agreement_status ON agreement (district_id, status, title, id);
CREATE INDEX agreement_kind ON agreement (district_id, kind, title, id);
CREATE INDEX agreement_expires_on ON agreement (district_id, expires_on, title, id);
CREATE INDEX agreement_title ON agreement (district_id, title, id);
CREATE INDEX agreement_updated_at ON agreement (district_id, updated_at, id);
CREATE INDEX agreement_created_at ON agreement (district_id, created_at, id);

CREATE TABLE agreement_partnership (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT agreement_partnership_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT agreement_partnership_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT agreement_partnership_agreement_id_fkey FOREIGN KEY (district_id, agreement_id)
        REFERENCES agreement (district_id, id),
    CONSTRAINT agreement_partnership_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id)
);
CREATE UNIQUE INDEX agreement_partnership_partnership_id_key
    ON agreement_partnership (district_id, agreement_id, partnership_id) WHERE archived_at IS NULL;
CREATE INDEX agreement_partnership_agreement_id
    ON agreement_partnership (district_id, agreement_id, created_at, id);
CREATE INDEX agreement_partnership_partnership_id
    ON agreement_partnership (district_id, partnership_id, created_at, id);
CREATE INDEX agreement_partnership_updated_at ON agreement_partnership (district_id, updated_at, id);
CREATE INDEX agreement_partnership_created_at ON agreement_partnership (district_id, created_at, id);

CREATE TABLE investment (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    site_id uuid,
    side text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'pledged',
    amount_cents bigint, -- of cash and grants, and what in-kind is worth
    hours numeric(12,2),
    rate_cents bigint, -- of an hour, as it was when this was entered
    from_date date NOT NULL,
    until_date date NOT NULL, -- inclusive: by these days it is pro-rated
    purpose text,
    confirmed text, -- by the other side
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT investment_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT investment_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT investment_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT investment_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT investment_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT investment_kind_check CHECK (kind IN (
        'cash', 'grant', 'in_kind', 'staff_fte', 'hours', 'space', 'software', 'training')),
    CONSTRAINT investment_status_check CHECK (status IN ('pledged', 'delivered', 'cancelled')),
    CONSTRAINT investment_amount_cents_check CHECK (amount_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT investment_hours_check CHECK (hours BETWEEN 0 AND 10000000),
    CONSTRAINT investment_rate_cents_check CHECK (rate_cents BETWEEN 0 AND 10000000),
    CONSTRAINT investment_until_date_check CHECK (until_date >= from_date),
    CONSTRAINT investment_purpose_check CHECK (char_length(purpose) <= 10000),
    CONSTRAINT investment_confirmed_check CHECK (confirmed IN ('confirmed', 'disputed'))
);
CREATE INDEX investment_partnership_id ON investment (district_id, partnership_id, from_date, id);
CREATE INDEX investment_side ON investment (district_id, side, from_date, id);
CREATE INDEX investment_kind ON investment (district_id, kind, from_date, id);
CREATE INDEX investment_status ON investment (district_id, status, from_date, id);
CREATE INDEX investment_from_date ON investment (district_id, from_date, id);
CREATE INDEX investment_updated_at ON investment (district_id, updated_at, id);
CREATE INDEX investment_created_at ON investment (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON partnership, partnership_site, partnership_role, goal, agreement,
    agreement_partnership, investment TO kith_api;

RESET ROLE;
