-- Convenings: where the partners of a school, a network or the district come together, how they are planned from
-- templates, what is on the agenda, who is invited and came, and what was decided.

SET ROLE kith_owner;

CREATE TABLE convening_template (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    level text NOT NULL DEFAULT 'site',
    kind text NOT NULL,
    anchor text NOT NULL,
    quarter bigint, -- whose anchor it is; NULL: the year's
    offset_days bigint NOT NULL DEFAULT 0,
    local_hour bigint NOT NULL, -- on the clocks of the place
    local_minute bigint NOT NULL DEFAULT 0,
    duration_minutes bigint NOT NULL DEFAULT 90,
    capacity bigint,
    location text,
    reminder_days bigint NOT NULL DEFAULT 3,
    agenda jsonb NOT NULL DEFAULT '[]', -- [{"titles": {locale: text}, "minutes"}], in order
    is_active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT convening_template_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT convening_template_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT convening_template_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT convening_template_level_check CHECK (level IN ('site', 'network', 'district')),
    CONSTRAINT convening_template_kind_check CHECK (kind IN ('start', 'middle', 'end', 'other')),
    CONSTRAINT convening_template_anchor_check CHECK (anchor IN ('starts', 'ends')),
    CONSTRAINT convening_template_quarter_check CHECK (quarter BETWEEN 1 AND 4),
    CONSTRAINT convening_template_offset_days_check CHECK (offset_days BETWEEN -366 AND 366),
    CONSTRAINT convening_template_local_hour_check CHECK (local_hour BETWEEN 0 AND 23),
    CONSTRAINT convening_template_local_minute_check CHECK (local_minute BETWEEN 0 AND 59),
    CONSTRAINT convening_template_duration_minutes_check CHECK (duration_minutes BETWEEN 5 AND 1440),
    CONSTRAINT convening_template_capacity_check CHECK (capacity BETWEEN 1 AND 100000),
    CONSTRAINT convening_template_location_check CHECK (char_length(location) <= 255),
    CONSTRAINT convening_template_reminder_days_check CHECK (reminder_days BETWEEN 0 AND 60)
);
CREATE UNIQUE INDEX convening_template_name_key ON convening_template (district_id, name) WHERE archived_at IS NULL;
CREATE INDEX convening_template_level
    ON convening_template (district_id, level, name, id);
CREATE INDEX convening_template_kind
    ON convening_template (district_id, kind, name, id);
CREATE INDEX convening_template_name
    ON convening_template (district_id, name, id);
CREATE INDEX convening_template_updated_at ON convening_template (district_id, updated_at, id);
CREATE INDEX convening_template_created_at ON convening_template (district_id, created_at, id);

CREATE TABLE convening (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year bigint NOT NULL,
    network_id uuid, -- whose it is; NULL, as the site's: the district's
    site_id uuid,
    kind text NOT NULL,
    title text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    moved_from timestamptz, -- when it was to start, before it was moved last
    location text,
    online_url text,
    capacity bigint,
    reminder_days bigint NOT NULL DEFAULT 3,
    host_id uuid,
    convening_template_id uuid,
    status text NOT NULL DEFAULT 'planned',
    status_reason text,
    notes text,
    held_on date,
    closed_on date,
    sequence bigint NOT NULL DEFAULT 0, -- of what calendars have of it
    agenda_on date, -- when its agenda was filled last; no change of it
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT convening_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT convening_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT convening_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT convening_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT convening_host_id_fkey FOREIGN KEY (district_id, host_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT convening_convening_template_id_fkey FOREIGN KEY (district_id, convening_template_id)
        REFERENCES convening_template (district_id, id),
    CONSTRAINT convening_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT convening_network_id_check CHECK (network_id IS NULL OR site_id IS NULL),
    CONSTRAINT convening_kind_check CHECK (kind IN ('start', 'middle', 'end', 'other')),
    CONSTRAINT convening_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT convening_starts_at_check
        CHECK (starts_at BETWEEN '1999-01-01T00:00:00Z' AND '2101-12-31T00:00:00Z'),
    CONSTRAINT convening_ends_at_check
        CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '7 days'),
    CONSTRAINT convening_location_check CHECK (char_length(location) <= 255),
    CONSTRAINT convening_online_url_check CHECK (char_length(online_url) <= 2000),
    CONSTRAINT convening_capacity_check CHECK (capacity BETWEEN 1 AND 100000),
    CONSTRAINT convening_reminder_days_check CHECK (reminder_days BETWEEN 0 AND 60),
    CONSTRAINT convening_status_check
        CHECK (status IN ('planned', 'invited', 'held', 'closed', 'cancelled')),
    CONSTRAINT convening_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT convening_notes_check CHECK (char_length(notes) <= 10000)
);
-- One of a place, year and kind; of others one of a template.
CREATE UNIQUE INDEX convening_kind_key
    ON convening (district_id, coalesce(site_id, network_id, district_id), school_year, kind)
    WHERE archived_at IS NULL AND status <> 'cancelled' AND kind <> 'other';
CREATE UNIQUE INDEX convening_convening_template_id_key
    ON convening (district_id, coalesce(site_id, network_id, district_id), school_year, convening_template_id)
    WHERE archived_at IS NULL AND status <> 'cancelled';
CREATE INDEX convening_school_year
    ON convening (district_id, school_year, starts_at, id);
CREATE INDEX convening_network_id
    ON convening (district_id, network_id, starts_at, id);
CREATE INDEX convening_site_id
    ON convening (district_id, site_id, starts_at, id);
CREATE INDEX convening_kind
    ON convening (district_id, kind, starts_at, id);
CREATE INDEX convening_host_id
    ON convening (district_id, host_id, starts_at, id);
CREATE INDEX convening_convening_template_id
    ON convening (district_id, convening_template_id, starts_at, id);
CREATE INDEX convening_status
    ON convening (district_id, status, starts_at, id);
CREATE INDEX convening_starts_at
    ON convening (district_id, starts_at, id);
CREATE INDEX convening_updated_at ON convening (district_id, updated_at, id);
CREATE INDEX convening_created_at ON convening (district_id, created_at, id);

CREATE TABLE convening_plan (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    convening_template_id uuid NOT NULL,
    school_year bigint NOT NULL,
    network_id uuid, -- its sites alone
    site_ids text[] NOT NULL DEFAULT '{}', -- these alone
    status text NOT NULL DEFAULT 'draft',
    made bigint, -- how many there were of it
    committed_at timestamptz,
    committed_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT convening_plan_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT convening_plan_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT convening_plan_convening_template_id_fkey FOREIGN KEY (district_id, convening_template_id)
        REFERENCES convening_template (district_id, id),
    CONSTRAINT convening_plan_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT convening_plan_committed_by_fkey FOREIGN KEY (district_id, committed_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT convening_plan_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT convening_plan_status_check CHECK (status IN ('draft', 'committed'))
);
CREATE INDEX convening_plan_convening_template_id
    ON convening_plan (district_id, convening_template_id, created_at, id);
CREATE INDEX convening_plan_school_year
    ON convening_plan (district_id, school_year, created_at, id);
CREATE INDEX convening_plan_network_id
    ON convening_plan (district_id, network_id, created_at, id);
CREATE INDEX convening_plan_status
    ON convening_plan (district_id, status, created_at, id);
CREATE INDEX convening_plan_updated_at ON convening_plan (district_id, updated_at, id);
CREATE INDEX convening_plan_created_at ON convening_plan (district_id, created_at, id);

CREATE TABLE agenda_item (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    convening_id uuid NOT NULL,
    "position" bigint NOT NULL,
    source text NOT NULL DEFAULT 'by_hand',
    kind text NOT NULL DEFAULT 'topic',
    title text NOT NULL,
    titles jsonb NOT NULL DEFAULT '{}', -- in other languages
    note text,
    minutes bigint,
    presenter_id uuid,
    partnership_id uuid,
    subject_kind text, -- what the system put there
    subject_id uuid,
    is_withdrawn boolean NOT NULL DEFAULT false, -- archived by the system, as there is no cause any more
    thank_you_id uuid, -- what came of a win
    story_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT agenda_item_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT agenda_item_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT agenda_item_convening_id_fkey FOREIGN KEY (district_id, convening_id)
        REFERENCES convening (district_id, id),
    CONSTRAINT agenda_item_presenter_id_fkey FOREIGN KEY (district_id, presenter_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT agenda_item_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT agenda_item_thank_you_id_fkey FOREIGN KEY (district_id, thank_you_id)
        REFERENCES thank_you (district_id, id),
    CONSTRAINT agenda_item_story_id_fkey FOREIGN KEY (district_id, story_id)
        REFERENCES story (district_id, id),
    CONSTRAINT agenda_item_position_check CHECK ("position" BETWEEN 0 AND 100000),
    CONSTRAINT agenda_item_source_check CHECK (source IN ('by_hand', 'system')),
    CONSTRAINT agenda_item_kind_check
        CHECK (kind IN (
        'topic', 'win', 'principal', 'vision', 'new_partnership', 'goal_behind', 'overdue_action', 'open_need',
        'goal_met', 'milestone', 'need_met', 'gift')),
    CONSTRAINT agenda_item_title_check CHECK (char_length(title) BETWEEN 1 AND 500),
    CONSTRAINT agenda_item_note_check CHECK (char_length(note) <= 10000),
    CONSTRAINT agenda_item_minutes_check CHECK (minutes BETWEEN 1 AND 1440),
    CONSTRAINT agenda_item_subject_kind_check CHECK (char_length(subject_kind) BETWEEN 1 AND 64),
    CONSTRAINT agenda_item_subject_id_check CHECK ((subject_id IS NULL) = (source = 'by_hand'))
);
CREATE UNIQUE INDEX agenda_item_subject_id_key ON agenda_item (district_id, convening_id, kind, subject_id)
    WHERE source = 'system';
CREATE INDEX agenda_item_convening_id
    ON agenda_item (district_id, convening_id, "position", id);
CREATE INDEX agenda_item_source
    ON agenda_item (district_id, source, "position", id);
CREATE INDEX agenda_item_kind
    ON agenda_item (district_id, kind, "position", id);
CREATE INDEX agenda_item_partnership_id
    ON agenda_item (district_id, partnership_id, "position", id);
CREATE INDEX agenda_item_presenter_id
    ON agenda_item (district_id, presenter_id, "position", id);
CREATE INDEX agenda_item_position
    ON agenda_item (district_id, "position", id);
CREATE INDEX agenda_item_updated_at ON agenda_item (district_id, updated_at, id);
CREATE INDEX agenda_item_created_at ON agenda_item (district_id, created_at, id);

CREATE TABLE convening_invitee (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    convening_id uuid NOT NULL,
    contact_id uuid,
    user_id uuid,
    partnership_id uuid, -- why it is invited
    status text NOT NULL DEFAULT 'invited',
    guests bigint NOT NULL DEFAULT 0,
    note text, -- what it needs, as it says
    answered_at timestamptz,
    recorded_by uuid, -- who was told the answer; NULL: its own
    attended boolean,
    is_walk_in boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT convening_invitee_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT convening_invitee_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT convening_invitee_convening_id_fkey FOREIGN KEY (district_id, convening_id)
        REFERENCES convening (district_id, id),
    CONSTRAINT convening_invitee_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT convening_invitee_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT convening_invitee_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT convening_invitee_recorded_by_fkey FOREIGN KEY (district_id, recorded_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT convening_invitee_contact_id_check CHECK (num_nonnulls(contact_id, user_id) = 1),
    CONSTRAINT convening_invitee_status_check
        CHECK (status IN (
        'invited', 'accepted', 'declined', 'tentative', 'waitlisted', 'no_answer')),
    CONSTRAINT convening_invitee_guests_check CHECK (guests BETWEEN 0 AND 20),
    CONSTRAINT convening_invitee_note_check CHECK (char_length(note) <= 2000)
);
CREATE UNIQUE INDEX convening_invitee_contact_id_key
    ON convening_invitee (district_id, convening_id, coalesce(contact_id, user_id)) WHERE archived_at IS NULL;
CREATE INDEX convening_invitee_convening_id
    ON convening_invitee (district_id, convening_id, created_at, id);
CREATE INDEX convening_invitee_contact_id
    ON convening_invitee (district_id, contact_id, created_at, id);
CREATE INDEX convening_invitee_user_id
    ON convening_invitee (district_id, user_id, created_at, id);
CREATE INDEX convening_invitee_partnership_id
    ON convening_invitee (district_id, partnership_id, created_at, id);
CREATE INDEX convening_invitee_status
    ON convening_invitee (district_id, status, created_at, id);
CREATE INDEX convening_invitee_updated_at ON convening_invitee (district_id, updated_at, id);
CREATE INDEX convening_invitee_created_at ON convening_invitee (district_id, created_at, id);

CREATE TABLE convening_decision (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    convening_id uuid NOT NULL,
    agenda_item_id uuid,
    kind text NOT NULL,
    decision text NOT NULL,
    partnership_id uuid,
    goal_id uuid,
    site_id uuid,
    section text, -- of the site plan
    target numeric(18,6), -- of the goal
    change_kind text,
    owner_user_id uuid,
    owner_contact_id uuid,
    due_on date,
    status text NOT NULL DEFAULT 'open',
    result_kind text, -- what it became
    result_id uuid,
    applied_at timestamptz,
    applied_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT convening_decision_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT convening_decision_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT convening_decision_convening_id_fkey FOREIGN KEY (district_id, convening_id)
        REFERENCES convening (district_id, id),
    CONSTRAINT convening_decision_agenda_item_id_fkey FOREIGN KEY (district_id, agenda_item_id)
        REFERENCES agenda_item (district_id, id),
    CONSTRAINT convening_decision_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT convening_decision_goal_id_fkey FOREIGN KEY (district_id, goal_id)
        REFERENCES goal (district_id, id),
    CONSTRAINT convening_decision_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT convening_decision_owner_user_id_fkey FOREIGN KEY (district_id, owner_user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT convening_decision_owner_contact_id_fkey FOREIGN KEY (district_id, owner_contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT convening_decision_applied_by_fkey FOREIGN KEY (district_id, applied_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT convening_decision_kind_check
        CHECK (kind IN ('action', 'site_plan', 'goal', 'partnership_change', 'other')),
    CONSTRAINT convening_decision_decision_check CHECK (char_length(decision) BETWEEN 1 AND 10000),
    CONSTRAINT convening_decision_partnership_id_check CHECK (kind = 'other' OR partnership_id IS NOT NULL),
    CONSTRAINT convening_decision_goal_id_check CHECK (goal_id IS NULL OR kind = 'goal'),
    CONSTRAINT convening_decision_section_check
        CHECK ((kind = 'site_plan') = (section IS NOT NULL)
            AND section IN ('objectives', 'activities', 'logistics')),
    CONSTRAINT convening_decision_target_check CHECK (target IS NULL OR kind = 'goal'),
    CONSTRAINT convening_decision_change_kind_check
        CHECK ((kind = 'partnership_change') = (change_kind IS NOT NULL)
            AND change_kind IN ('leadership', 'process', 'community_need', 'lesson', 'adjustment')),
    CONSTRAINT convening_decision_owner_contact_id_check
        CHECK (owner_user_id IS NULL OR owner_contact_id IS NULL),
    CONSTRAINT convening_decision_due_on_check
        CHECK (kind <> 'goal' OR due_on IS NOT NULL OR goal_id IS NOT NULL AND target IS NOT NULL),
    CONSTRAINT convening_decision_status_check CHECK (status IN ('open', 'applied', 'dropped')),
    CONSTRAINT convening_decision_result_id_check CHECK ((result_id IS NULL) = (result_kind IS NULL))
);
CREATE INDEX convening_decision_convening_id
    ON convening_decision (district_id, convening_id, created_at, id);
CREATE INDEX convening_decision_partnership_id
    ON convening_decision (district_id, partnership_id, created_at, id);
CREATE INDEX convening_decision_kind
    ON convening_decision (district_id, kind, created_at, id);
CREATE INDEX convening_decision_status
    ON convening_decision (district_id, status, created_at, id);
CREATE INDEX convening_decision_owner_user_id
    ON convening_decision (district_id, owner_user_id, created_at, id);
CREATE INDEX convening_decision_updated_at ON convening_decision (district_id, updated_at, id);
CREATE INDEX convening_decision_created_at ON convening_decision (district_id, created_at, id);

-- A purpose is known by what opens it (task_page()).
ALTER TABLE link DROP CONSTRAINT link_purpose_check,
    ADD CONSTRAINT link_purpose_check CHECK (purpose ~ '^[a-z_]{1,64}$');

GRANT SELECT, INSERT, UPDATE ON convening_template, convening, convening_plan, agenda_item, convening_invitee,
    convening_decision TO kith_api;
GRANT SELECT ON convening, convening_invitee, agenda_item, network TO kith_mailer;

RESET ROLE;
