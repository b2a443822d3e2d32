-- What partnerships do beside their goals and agreements: who else is in them, what people had to do with each
-- other, what was done, what changed, what is to be reached, and who has a post at a site.

SET ROLE kith_owner;

CREATE TABLE partnership_partner (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    role text NOT NULL DEFAULT 'co_partner',
    program_id uuid,
    from_date date,
    until_date date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partnership_partner_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partnership_partner_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partnership_partner_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT partnership_partner_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT partnership_partner_role_check CHECK (
        role IN ('co_partner', 'funder', 'provider', 'fiscal_agent', 'adviser',
        'other')),
    CONSTRAINT partnership_partner_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT partnership_partner_until_date_check CHECK (until_date >= from_date)
);
CREATE UNIQUE INDEX partnership_partner_partner_id_key
    ON partnership_partner (district_id, partnership_id, partner_id) WHERE archived_at IS NULL;
CREATE INDEX partnership_partner_partnership_id
    ON partnership_partner (district_id, partnership_id, created_at, id);
CREATE INDEX partnership_partner_partner_id
    ON partnership_partner (district_id, partner_id, created_at, id);
CREATE INDEX partnership_partner_updated_at ON partnership_partner (district_id, updated_at, id);
CREATE INDEX partnership_partner_created_at ON partnership_partner (district_id, created_at, id);

CREATE TABLE interaction (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    partnership_id uuid,
    site_id uuid,
    kind text NOT NULL,
    on_date date NOT NULL,
    subject text NOT NULL,
    notes text,
    user_id uuid,
    contact_id uuid,
    follow_up_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT interaction_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT interaction_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT interaction_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT interaction_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT interaction_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT interaction_kind_check CHECK (
        kind IN ('one_to_one', 'community_meeting', 'special_project',
        'funding_opportunity', 'call', 'mail', 'visit')),
    CONSTRAINT interaction_subject_check CHECK (char_length(subject) BETWEEN 1 AND 200),
    CONSTRAINT interaction_notes_check CHECK (char_length(notes) <= 10000),
    CONSTRAINT interaction_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT interaction_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id)
);
CREATE INDEX interaction_partner_id
    ON interaction (district_id, partner_id, on_date, id);
CREATE INDEX interaction_partnership_id
    ON interaction (district_id, partnership_id, on_date, id);
CREATE INDEX interaction_site_id
    ON interaction (district_id, site_id, on_date, id);
CREATE INDEX interaction_kind
    ON interaction (district_id, kind, on_date, id);
CREATE INDEX interaction_user_id
    ON interaction (district_id, user_id, on_date, id);
CREATE INDEX interaction_contact_id
    ON interaction (district_id, contact_id, on_date, id);
CREATE INDEX interaction_follow_up_on
    ON interaction (district_id, follow_up_on, on_date, id);
CREATE INDEX interaction_on_date ON interaction (district_id, on_date, id);
CREATE INDEX interaction_updated_at ON interaction (district_id, updated_at, id);
CREATE INDEX interaction_created_at ON interaction (district_id, created_at, id);

CREATE TABLE activity (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    site_id uuid,
    program_id uuid,
    kind text NOT NULL,
    title text NOT NULL,
    on_date date NOT NULL,
    until_date date,
    audience text[] NOT NULL DEFAULT '{}',
    head_count bigint,
    hours numeric(12,2),
    notes text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT activity_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT activity_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT activity_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT activity_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT activity_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT activity_kind_check CHECK (
        kind IN ('lab_visit', 'training', 'session', 'event', 'other')),
    CONSTRAINT activity_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT activity_audience_check CHECK (audience <@ '{students,staff,families,community}'),
    CONSTRAINT activity_head_count_check CHECK (head_count BETWEEN 0 AND 1000000),
    CONSTRAINT activity_hours_check CHECK (hours BETWEEN 0 AND 100000),
    CONSTRAINT activity_notes_check CHECK (char_length(notes) <= 10000),
    CONSTRAINT activity_until_date_check CHECK (until_date >= on_date)
);
CREATE INDEX activity_partnership_id
    ON activity (district_id, partnership_id, on_date, id);
CREATE INDEX activity_site_id
    ON activity (district_id, site_id, on_date, id);
CREATE INDEX activity_program_id
    ON activity (district_id, program_id, on_date, id);
CREATE INDEX activity_kind
    ON activity (district_id, kind, on_date, id);
CREATE INDEX activity_on_date ON activity (district_id, on_date, id);
CREATE INDEX activity_updated_at ON activity (district_id, updated_at, id);
CREATE INDEX activity_created_at ON activity (district_id, created_at, id);

CREATE TABLE partnership_change (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    kind text NOT NULL,
    on_date date NOT NULL,
    site_id uuid,
    check_in_id uuid,
    description text NOT NULL,
    response text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partnership_change_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partnership_change_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partnership_change_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT partnership_change_kind_check CHECK (
        kind IN ('leadership', 'process', 'community_need', 'lesson', 'adjustment')),
    CONSTRAINT partnership_change_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT partnership_change_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT partnership_change_description_check CHECK (
        char_length(description) BETWEEN 1 AND 10000),
    CONSTRAINT partnership_change_response_check CHECK (char_length(response) <= 10000)
);
CREATE INDEX partnership_change_partnership_id
    ON partnership_change (district_id, partnership_id, on_date, id);
CREATE INDEX partnership_change_kind
    ON partnership_change (district_id, kind, on_date, id);
CREATE INDEX partnership_change_site_id
    ON partnership_change (district_id, site_id, on_date, id);
CREATE INDEX partnership_change_on_date ON partnership_change (district_id, on_date, id);
CREATE INDEX partnership_change_updated_at ON partnership_change (district_id, updated_at, id);
CREATE INDEX partnership_change_created_at ON partnership_change (district_id, created_at, id);

CREATE TABLE milestone (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    goal_id uuid,
    name text NOT NULL,
    due_on date NOT NULL,
    status text NOT NULL DEFAULT 'open',
    status_reason text,
    reached_on date,
    notes text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT milestone_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT milestone_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT milestone_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT milestone_goal_id_fkey FOREIGN KEY (district_id, goal_id)
        REFERENCES goal (district_id, id),
    CONSTRAINT milestone_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT milestone_status_check CHECK (status IN ('open', 'reached', 'dropped')),
    CONSTRAINT milestone_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT milestone_notes_check CHECK (char_length(notes) <= 10000),
    CONSTRAINT milestone_reached_on_check CHECK ((reached_on IS NOT NULL) = (status = 'reached'))
);
CREATE INDEX milestone_partnership_id
    ON milestone (district_id, partnership_id, due_on, id);
CREATE INDEX milestone_goal_id
    ON milestone (district_id, goal_id, due_on, id);
CREATE INDEX milestone_status
    ON milestone (district_id, status, due_on, id);
CREATE INDEX milestone_due_on ON milestone (district_id, due_on, id);
CREATE INDEX milestone_updated_at ON milestone (district_id, updated_at, id);
CREATE INDEX milestone_created_at ON milestone (district_id, created_at, id);

CREATE TABLE goal_partnership (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    goal_id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    district_at timestamptz,
    district_by uuid,
    partner_at timestamptz,
    partner_by uuid,
    partner_recorded_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT goal_partnership_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT goal_partnership_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT goal_partnership_goal_id_fkey FOREIGN KEY (district_id, goal_id)
        REFERENCES goal (district_id, id),
    CONSTRAINT goal_partnership_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT goal_partnership_district_by_fkey FOREIGN KEY (district_id, district_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT goal_partnership_partner_by_fkey FOREIGN KEY (district_id, partner_by)
        REFERENCES contact (district_id, id),
    CONSTRAINT goal_partnership_partner_recorded_by_fkey FOREIGN KEY (district_id, partner_recorded_by)
        REFERENCES app_user (district_id, id)
);
CREATE UNIQUE INDEX goal_partnership_partnership_id_key
    ON goal_partnership (district_id, goal_id, partnership_id) WHERE archived_at IS NULL;
CREATE INDEX goal_partnership_goal_id
    ON goal_partnership (district_id, goal_id, created_at, id);
CREATE INDEX goal_partnership_partnership_id
    ON goal_partnership (district_id, partnership_id, created_at, id);
CREATE INDEX goal_partnership_updated_at ON goal_partnership (district_id, updated_at, id);
CREATE INDEX goal_partnership_created_at ON goal_partnership (district_id, created_at, id);

CREATE TABLE placement (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    site_id uuid NOT NULL,
    title text NOT NULL,
    contact_id uuid,
    fte numeric(4,3) NOT NULL,
    funder text NOT NULL,
    funder_name text,
    annual_cost_cents bigint,
    supervisor_id uuid,
    from_date date NOT NULL,
    until_date date,
    clearance_attested_on date,
    clearance_attested_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT placement_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT placement_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT placement_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT placement_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT placement_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT placement_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT placement_fte_check CHECK (fte BETWEEN 0 AND 1),
    CONSTRAINT placement_funder_check CHECK (funder IN ('district', 'partner', 'other')),
    CONSTRAINT placement_funder_name_check CHECK (char_length(funder_name) <= 255),
    CONSTRAINT placement_annual_cost_cents_check CHECK (annual_cost_cents BETWEEN 0 AND 1000000000),
    CONSTRAINT placement_supervisor_id_fkey FOREIGN KEY (district_id, supervisor_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT placement_clearance_attested_by_fkey FOREIGN KEY (district_id, clearance_attested_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT placement_until_date_check CHECK (until_date >= from_date)
);
CREATE INDEX placement_partnership_id
    ON placement (district_id, partnership_id, created_at, id);
CREATE INDEX placement_site_id
    ON placement (district_id, site_id, created_at, id);
CREATE INDEX placement_contact_id
    ON placement (district_id, contact_id, created_at, id);
CREATE INDEX placement_funder
    ON placement (district_id, funder, created_at, id);
CREATE INDEX placement_supervisor_id
    ON placement (district_id, supervisor_id, created_at, id);
CREATE INDEX placement_updated_at ON placement (district_id, updated_at, id);
CREATE INDEX placement_created_at ON placement (district_id, created_at, id);

-- An investment may be what a placement is worth.
ALTER TABLE investment ADD COLUMN placement_id uuid,
    ADD CONSTRAINT investment_placement_id_fkey FOREIGN KEY (district_id, placement_id)
        REFERENCES placement (district_id, id);
CREATE INDEX investment_placement_id ON investment (district_id, placement_id, from_date, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON partnership_partner, interaction, activity, goal_partnership, placement TO kith_api;
GRANT SELECT, INSERT, UPDATE ON partnership_change, milestone TO kith_api;

RESET ROLE;
