-- What places want most, what they lack, and what partners promise for it: priorities, needs, the guard
-- of employees' work, asks and pledges. Statuses change by actions alone: see transitions().

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN ask_limit bigint NOT NULL DEFAULT 3,
    ADD COLUMN ask_owner_days bigint NOT NULL DEFAULT 3,
    ADD CONSTRAINT district_ask_limit_check CHECK (ask_limit BETWEEN 1 AND 100),
    ADD CONSTRAINT district_ask_owner_days_check CHECK (ask_owner_days BETWEEN 0 AND 60);

CREATE TABLE assessment (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year bigint NOT NULL, -- the year in which it ends
    network_id uuid, -- whose it is; NULL, as the site's: the district's
    site_id uuid,
    audience text NOT NULL,
    source text NOT NULL DEFAULT 'other',
    survey_id uuid,
    asked_on date,
    people bigint,
    summary text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT assessment_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT assessment_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT assessment_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT assessment_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT assessment_survey_id_fkey FOREIGN KEY (district_id, survey_id)
        REFERENCES survey (district_id, id),
    CONSTRAINT assessment_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT assessment_network_id_check CHECK (network_id IS NULL OR site_id IS NULL),
    CONSTRAINT assessment_audience_check CHECK (
        audience IN ('families', 'students', 'staff', 'partners', 'community')),
    CONSTRAINT assessment_source_check CHECK (source IN ('survey', 'meeting', 'interviews', 'other')),
    CONSTRAINT assessment_people_check CHECK (people BETWEEN 0 AND 10000000),
    CONSTRAINT assessment_summary_check CHECK (char_length(summary) BETWEEN 1 AND 10000)
);
CREATE INDEX assessment_school_year ON assessment (district_id, school_year, id);
CREATE INDEX assessment_network_id ON assessment (district_id, network_id, school_year, id);
CREATE INDEX assessment_site_id ON assessment (district_id, site_id, school_year, id);
CREATE INDEX assessment_audience ON assessment (district_id, audience, school_year, id);
CREATE INDEX assessment_source ON assessment (district_id, source, school_year, id);
CREATE INDEX assessment_survey_id ON assessment (district_id, survey_id, school_year, id);
CREATE INDEX assessment_updated_at ON assessment (district_id, updated_at, id);
CREATE INDEX assessment_created_at ON assessment (district_id, created_at, id);

CREATE TABLE priority (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year bigint NOT NULL, -- the year in which it ends
    network_id uuid, -- whose it is; NULL, as the site's: the district's
    site_id uuid,
    statement text NOT NULL,
    focus_area_id uuid,
    assessment_id uuid,
    indicator_id uuid,
    direction text NOT NULL DEFAULT 'up',
    baseline numeric(18,6),
    target numeric(18,6),
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    adopted_on date,
    adopted_by uuid,
    carried_from_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT priority_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT priority_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT priority_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT priority_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT priority_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT priority_assessment_id_fkey FOREIGN KEY (district_id, assessment_id)
        REFERENCES assessment (district_id, id),
    CONSTRAINT priority_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
        REFERENCES indicator (district_id, id),
    CONSTRAINT priority_adopted_by_fkey FOREIGN KEY (district_id, adopted_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT priority_carried_from_id_fkey FOREIGN KEY (district_id, carried_from_id)
        REFERENCES priority (district_id, id),
    CONSTRAINT priority_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT priority_network_id_check CHECK (network_id IS NULL OR site_id IS NULL),
    CONSTRAINT priority_statement_check CHECK (char_length(statement) BETWEEN 1 AND 10000),
    CONSTRAINT priority_direction_check CHECK (direction IN ('up', 'down')),
    CONSTRAINT priority_status_check CHECK (status IN ('draft', 'adopted', 'closed')),
    CONSTRAINT priority_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT priority_adopted_by_check CHECK ((adopted_on IS NULL) = (adopted_by IS NULL))
);
CREATE INDEX priority_school_year ON priority (district_id, school_year, id);
CREATE INDEX priority_network_id ON priority (district_id, network_id, school_year, id);
CREATE INDEX priority_site_id ON priority (district_id, site_id, school_year, id);
CREATE INDEX priority_focus_area_id ON priority (district_id, focus_area_id, school_year, id);
CREATE INDEX priority_assessment_id ON priority (district_id, assessment_id, school_year, id);
CREATE INDEX priority_indicator_id ON priority (district_id, indicator_id, school_year, id);
CREATE INDEX priority_status ON priority (district_id, status, school_year, id);
CREATE INDEX priority_carried_from_id ON priority (district_id, carried_from_id, school_year, id);
CREATE INDEX priority_updated_at ON priority (district_id, updated_at, id);
CREATE INDEX priority_created_at ON priority (district_id, created_at, id);

CREATE TABLE need (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    description text,
    network_id uuid, -- whose it is; NULL, as the site's: the district's
    site_id uuid,
    focus_area_id uuid NOT NULL,
    priority_id uuid,
    assessment_id uuid,
    people_affected bigint,
    resource_kinds text[] NOT NULL DEFAULT '{}',
    quantity bigint NOT NULL DEFAULT 1,
    unit text,
    filled bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    needed_by date NOT NULL,
    urgency text NOT NULL DEFAULT 'routine',
    origin text NOT NULL DEFAULT 'school',
    internal_capacity text,
    capacity_reason text,
    displacement_note text,
    reviewed_by uuid,
    reviewed_at timestamptz,
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    opened_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT need_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT need_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT need_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT need_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT need_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT need_priority_id_fkey FOREIGN KEY (district_id, priority_id)
        REFERENCES priority (district_id, id),
    CONSTRAINT need_assessment_id_fkey FOREIGN KEY (district_id, assessment_id)
        REFERENCES assessment (district_id, id),
    CONSTRAINT need_reviewed_by_fkey FOREIGN KEY (district_id, reviewed_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT need_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT need_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT need_network_id_check CHECK (network_id IS NULL OR site_id IS NULL),
    CONSTRAINT need_people_affected_check CHECK (people_affected BETWEEN 0 AND 10000000),
    CONSTRAINT need_resource_kinds_check CHECK (cardinality(resource_kinds) <= 11
            AND resource_kinds <@ (
                '{money,space,staff_time,volunteers,equipment,software,training,internships,'
                || 'mentors,food,other}')::text[]),
    CONSTRAINT need_quantity_check CHECK (quantity BETWEEN 1 AND 1000000000),
    CONSTRAINT need_unit_check CHECK (char_length(unit) <= 64),
    CONSTRAINT need_urgency_check CHECK (urgency IN ('routine', 'urgent', 'call_to_action')),
    CONSTRAINT need_origin_check CHECK (
        origin IN ('school', 'network', 'district', 'families', 'students', 'staff', 'partner',
            'survey', 'event', 'other')),
    CONSTRAINT need_internal_capacity_check CHECK (
        internal_capacity IN ('none', 'service_center', 'available')),
    CONSTRAINT need_capacity_reason_check CHECK (char_length(capacity_reason) <= 10000),
    CONSTRAINT need_displacement_note_check CHECK (char_length(displacement_note) <= 10000),
    CONSTRAINT need_status_check CHECK (
        status IN ('draft', 'capacity_review', 'open', 'partly_matched', 'matched', 'met',
            'expired', 'withdrawn')),
    CONSTRAINT need_status_reason_check CHECK (char_length(status_reason) <= 10000)
);
CREATE INDEX need_title ON need (district_id, title, id);
CREATE INDEX need_network_id ON need (district_id, network_id, needed_by, id);
CREATE INDEX need_site_id ON need (district_id, site_id, needed_by, id);
CREATE INDEX need_focus_area_id ON need (district_id, focus_area_id, needed_by, id);
CREATE INDEX need_priority_id ON need (district_id, priority_id, needed_by, id);
CREATE INDEX need_assessment_id ON need (district_id, assessment_id, needed_by, id);
CREATE INDEX need_needed_by ON need (district_id, needed_by, id);
CREATE INDEX need_urgency ON need (district_id, urgency, needed_by, id);
CREATE INDEX need_origin ON need (district_id, origin, needed_by, id);
CREATE INDEX need_status ON need (district_id, status, needed_by, id);
CREATE INDEX need_updated_at ON need (district_id, updated_at, id);
CREATE INDEX need_created_at ON need (district_id, created_at, id);

CREATE TABLE displacement_review (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    need_id uuid,
    partner_id uuid,
    partnership_id uuid,
    network_id uuid, -- whose it is; NULL, as the site's: the district's
    site_id uuid,
    proposal text NOT NULL,
    done_by_employees boolean NOT NULL,
    positions text,
    consulted text,
    kind text,
    status text NOT NULL DEFAULT 'open',
    status_reason text,
    decided_by uuid,
    decided_at timestamptz,
    approved_by uuid,
    approved_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT displacement_review_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT displacement_review_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT displacement_review_need_id_fkey FOREIGN KEY (district_id, need_id)
        REFERENCES need (district_id, id),
    CONSTRAINT displacement_review_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT displacement_review_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT displacement_review_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT displacement_review_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT displacement_review_decided_by_fkey FOREIGN KEY (district_id, decided_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT displacement_review_approved_by_fkey FOREIGN KEY (district_id, approved_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT displacement_review_network_id_check CHECK (network_id IS NULL OR site_id IS NULL),
    CONSTRAINT displacement_review_proposal_check CHECK (char_length(proposal) BETWEEN 1 AND 10000),
    CONSTRAINT displacement_review_positions_check CHECK (char_length(positions) <= 10000),
    CONSTRAINT displacement_review_consulted_check CHECK (char_length(consulted) <= 10000),
    CONSTRAINT displacement_review_kind_check CHECK (
        kind IN ('new', 'expands', 'displaces') AND (kind IS DISTINCT FROM 'new' OR NOT
            done_by_employees)),
    CONSTRAINT displacement_review_status_check CHECK (
        status IN ('open', 'cleared', 'approval', 'approved', 'refused')),
    CONSTRAINT displacement_review_status_reason_check CHECK (char_length(status_reason) <= 10000)
);
CREATE INDEX displacement_review_need_id
    ON displacement_review (district_id, need_id, created_at, id);
CREATE INDEX displacement_review_partner_id
    ON displacement_review (district_id, partner_id, created_at, id);
CREATE INDEX displacement_review_partnership_id
    ON displacement_review (district_id, partnership_id, created_at, id);
CREATE INDEX displacement_review_network_id
    ON displacement_review (district_id, network_id, created_at, id);
CREATE INDEX displacement_review_site_id
    ON displacement_review (district_id, site_id, created_at, id);
CREATE INDEX displacement_review_kind ON displacement_review (district_id, kind, created_at, id);
CREATE INDEX displacement_review_status
    ON displacement_review (district_id, status, created_at, id);
CREATE INDEX displacement_review_updated_at ON displacement_review (district_id, updated_at, id);
CREATE INDEX displacement_review_created_at ON displacement_review (district_id, created_at, id);

CREATE TABLE ask (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    need_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    contact_id uuid,
    program_id uuid,
    quantity bigint,
    message text,
    respond_by date,
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    owner_id uuid,
    submitted_at timestamptz,
    submitted_by uuid,
    cleared_at timestamptz,
    cleared_by uuid,
    held_at timestamptz,
    held_by uuid,
    held_reason text,
    held_until date,
    sent_at timestamptz,
    sent_by uuid,
    answered_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT ask_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT ask_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT ask_need_id_fkey FOREIGN KEY (district_id, need_id)
        REFERENCES need (district_id, id),
    CONSTRAINT ask_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT ask_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT ask_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT ask_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT ask_submitted_by_fkey FOREIGN KEY (district_id, submitted_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT ask_cleared_by_fkey FOREIGN KEY (district_id, cleared_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT ask_held_by_fkey FOREIGN KEY (district_id, held_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT ask_sent_by_fkey FOREIGN KEY (district_id, sent_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT ask_quantity_check CHECK (quantity BETWEEN 1 AND 1000000000),
    CONSTRAINT ask_message_check CHECK (char_length(message) <= 10000),
    CONSTRAINT ask_status_check CHECK (
        status IN ('draft', 'sent', 'pledged', 'declined', 'talk', 'expired', 'withdrawn')),
    CONSTRAINT ask_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT ask_cleared_at_check CHECK ((cleared_at IS NULL) = (cleared_by IS NULL)),
    CONSTRAINT ask_held_at_check CHECK ((held_at IS NULL) = (held_by IS NULL)),
    CONSTRAINT ask_held_reason_check CHECK (char_length(held_reason) <= 10000)
);
CREATE UNIQUE INDEX ask_of_key ON ask (district_id, id, need_id, partner_id);
CREATE INDEX ask_need_id ON ask (district_id, need_id, created_at, id);
CREATE INDEX ask_partner_id ON ask (district_id, partner_id, created_at, id);
CREATE INDEX ask_contact_id ON ask (district_id, contact_id, created_at, id);
CREATE INDEX ask_program_id ON ask (district_id, program_id, created_at, id);
CREATE INDEX ask_respond_by ON ask (district_id, respond_by, created_at, id);
CREATE INDEX ask_status ON ask (district_id, status, created_at, id);
CREATE INDEX ask_owner_id ON ask (district_id, owner_id, created_at, id);
CREATE INDEX ask_submitted_at ON ask (district_id, submitted_at, created_at, id);
CREATE INDEX ask_updated_at ON ask (district_id, updated_at, id);
CREATE INDEX ask_created_at ON ask (district_id, created_at, id);

CREATE TABLE follow_up (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    ask_id uuid NOT NULL,
    due_on date NOT NULL,
    owner_id uuid,
    note text,
    status text NOT NULL DEFAULT 'open',
    outcome text,
    done_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT follow_up_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT follow_up_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT follow_up_ask_id_fkey FOREIGN KEY (district_id, ask_id)
        REFERENCES ask (district_id, id),
    CONSTRAINT follow_up_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT follow_up_note_check CHECK (char_length(note) <= 10000),
    CONSTRAINT follow_up_status_check CHECK (status IN ('open', 'done')),
    CONSTRAINT follow_up_outcome_check CHECK (char_length(outcome) <= 10000)
);
CREATE INDEX follow_up_ask_id ON follow_up (district_id, ask_id, due_on, id);
CREATE INDEX follow_up_due_on ON follow_up (district_id, due_on, id);
CREATE INDEX follow_up_owner_id ON follow_up (district_id, owner_id, due_on, id);
CREATE INDEX follow_up_status ON follow_up (district_id, status, due_on, id);
CREATE INDEX follow_up_updated_at ON follow_up (district_id, updated_at, id);
CREATE INDEX follow_up_created_at ON follow_up (district_id, created_at, id);

CREATE TABLE pledge (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    need_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    ask_id uuid, -- of the same need and partner
    contact_id uuid,
    program_id uuid,
    quantity bigint NOT NULL,
    starts_on date,
    ends_on date,
    note text,
    status text NOT NULL DEFAULT 'offered',
    status_reason text,
    delivered bigint NOT NULL DEFAULT 0,
    accepted_at timestamptz,
    delivered_at timestamptz,
    partnership_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT pledge_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT pledge_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT pledge_need_id_fkey FOREIGN KEY (district_id, need_id)
        REFERENCES need (district_id, id),
    CONSTRAINT pledge_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT pledge_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT pledge_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT pledge_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT pledge_ask_id_fkey FOREIGN KEY (district_id, ask_id, need_id, partner_id)
        REFERENCES ask (district_id, id, need_id, partner_id),
    CONSTRAINT pledge_quantity_check CHECK (quantity BETWEEN 1 AND 1000000000),
    CONSTRAINT pledge_ends_on_check CHECK (ends_on >= starts_on),
    CONSTRAINT pledge_note_check CHECK (char_length(note) <= 10000),
    CONSTRAINT pledge_status_check CHECK (
        status IN ('offered', 'accepted', 'waitlisted', 'declined', 'partly_delivered', 'delivered',
            'failed')),
    CONSTRAINT pledge_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT pledge_delivered_check CHECK (delivered BETWEEN 0 AND quantity)
);
CREATE INDEX pledge_need_id ON pledge (district_id, need_id, created_at, id);
CREATE INDEX pledge_partner_id ON pledge (district_id, partner_id, created_at, id);
CREATE INDEX pledge_ask_id ON pledge (district_id, ask_id, created_at, id);
CREATE INDEX pledge_contact_id ON pledge (district_id, contact_id, created_at, id);
CREATE INDEX pledge_program_id ON pledge (district_id, program_id, created_at, id);
CREATE INDEX pledge_status ON pledge (district_id, status, created_at, id);
CREATE INDEX pledge_partnership_id ON pledge (district_id, partnership_id, created_at, id);
CREATE INDEX pledge_updated_at ON pledge (district_id, updated_at, id);
CREATE INDEX pledge_created_at ON pledge (district_id, created_at, id);

CREATE TABLE pledge_site (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    pledge_id uuid NOT NULL,
    site_id uuid NOT NULL,
    quantity bigint,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT pledge_site_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT pledge_site_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT pledge_site_pledge_id_fkey FOREIGN KEY (district_id, pledge_id)
        REFERENCES pledge (district_id, id),
    CONSTRAINT pledge_site_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT pledge_site_quantity_check CHECK (quantity BETWEEN 1 AND 1000000000)
);
CREATE UNIQUE INDEX pledge_site_site_id_key ON pledge_site (district_id, pledge_id, site_id)
    WHERE archived_at IS NULL;
CREATE INDEX pledge_site_pledge_id ON pledge_site (district_id, pledge_id, created_at, id);
CREATE INDEX pledge_site_site_id ON pledge_site (district_id, site_id, created_at, id);
CREATE INDEX pledge_site_updated_at ON pledge_site (district_id, updated_at, id);
CREATE INDEX pledge_site_created_at ON pledge_site (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON assessment, priority, need, displacement_review, ask, follow_up, pledge,
    pledge_site TO kith_api;
GRANT DELETE ON need TO kith_api;

RESET ROLE;
