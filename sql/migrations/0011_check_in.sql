-- Check-ins: each quarter both sides of a partnership say, each for itself, how it goes; reminders,
-- each decided once; and what was agreed to do.

SET ROLE kith_owner;

CREATE TABLE check_in (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    school_year bigint NOT NULL,
    number bigint NOT NULL, -- of the reporting quarter
    due_on date NOT NULL,
    opens_on date NOT NULL,
    dated_at timestamptz NOT NULL, -- since when it is due then: what was before is not reminded of
    status text NOT NULL DEFAULT 'scheduled',
    reason text, -- of what was skipped, cancelled or reopened
    is_cancelled_with boolean NOT NULL DEFAULT false, -- by the partnership's pause or end
    opened_at timestamptz,
    completed_at timestamptz,
    closed_at timestamptz,
    reopened_at timestamptz,
    uid text NOT NULL, -- of the iCalendar invitation, with the sequence
    sequence bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT check_in_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT check_in_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT check_in_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT check_in_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT check_in_number_check CHECK (number BETWEEN 1 AND 4),
    CONSTRAINT check_in_opens_on_check CHECK (opens_on <= due_on),
    CONSTRAINT check_in_status_check CHECK (status IN (
        'scheduled', 'open', 'complete', 'closed_partial', 'missed', 'skipped', 'cancelled')),
    CONSTRAINT check_in_reason_check CHECK (char_length(reason) <= 10000
        AND (status <> 'skipped' OR reason IS NOT NULL)),
    CONSTRAINT check_in_is_cancelled_with_check CHECK (NOT is_cancelled_with OR status = 'cancelled')
);
-- What makes planning idempotent.
CREATE UNIQUE INDEX check_in_number_key
    ON check_in (district_id, partnership_id, school_year, number) WHERE archived_at IS NULL;
CREATE INDEX check_in_partnership_id ON check_in (district_id, partnership_id, due_on, id);
CREATE INDEX check_in_status ON check_in (district_id, status, due_on, id);
CREATE INDEX check_in_school_year ON check_in (district_id, school_year, due_on, id);
CREATE INDEX check_in_due_on ON check_in (district_id, due_on, id);
CREATE INDEX check_in_opens_on ON check_in (district_id, opens_on, id);
CREATE INDEX check_in_updated_at ON check_in (district_id, updated_at, id);
CREATE INDEX check_in_created_at ON check_in (district_id, created_at, id);

CREATE TABLE check_in_half (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    side text NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    goals_set text,
    progress_assessed text,
    challenges text,
    adjustments text,
    recorded_by uuid, -- the user who wrote it
    on_behalf_of uuid, -- the contact whose words they are, told by phone
    contact_id uuid, -- who wrote it by link
    submitted_at timestamptz,
    behalf_confirmed_at timestamptz, -- by link
    verdict text, -- of this side about the other half
    verdict_reason text,
    verdict_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT check_in_half_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT check_in_half_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT check_in_half_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT check_in_half_recorded_by_fkey FOREIGN KEY (district_id, recorded_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT check_in_half_on_behalf_of_fkey FOREIGN KEY (district_id, on_behalf_of)
        REFERENCES contact (district_id, id),
    CONSTRAINT check_in_half_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT check_in_half_side_key UNIQUE (district_id, check_in_id, side),
    CONSTRAINT check_in_half_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT check_in_half_status_check CHECK (status IN ('draft', 'submitted')),
    CONSTRAINT check_in_half_submitted_at_check
        CHECK ((status = 'submitted') = (submitted_at IS NOT NULL)),
    CONSTRAINT check_in_half_on_behalf_of_check CHECK (side = 'partner' OR on_behalf_of IS NULL),
    CONSTRAINT check_in_half_contact_id_check CHECK (side = 'partner' OR contact_id IS NULL),
    CONSTRAINT check_in_half_goals_set_check CHECK (char_length(goals_set) <= 10000),
    CONSTRAINT check_in_half_progress_assessed_check CHECK (char_length(progress_assessed) <= 10000),
    CONSTRAINT check_in_half_challenges_check CHECK (char_length(challenges) <= 10000),
    CONSTRAINT check_in_half_adjustments_check CHECK (char_length(adjustments) <= 10000),
    CONSTRAINT check_in_half_verdict_check CHECK (verdict IN ('confirmed', 'disputed')),
    CONSTRAINT check_in_half_verdict_reason_check CHECK (char_length(verdict_reason) <= 10000
        AND (verdict IS DISTINCT FROM 'disputed' OR verdict_reason IS NOT NULL))
);
CREATE INDEX check_in_half_check_in_id ON check_in_half (district_id, check_in_id, created_at, id);
CREATE INDEX check_in_half_created_at ON check_in_half (district_id, created_at, id);
CREATE INDEX check_in_half_updated_at ON check_in_half (district_id, updated_at, id);

-- What a side says of a goal.
CREATE TABLE check_in_goal (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    side text NOT NULL,
    goal_id uuid NOT NULL,
    progress text NOT NULL,
    current numeric(18,6),
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT check_in_goal_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT check_in_goal_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT check_in_goal_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT check_in_goal_side_fkey FOREIGN KEY (district_id, check_in_id, side)
        REFERENCES check_in_half (district_id, check_in_id, side),
    CONSTRAINT check_in_goal_goal_id_fkey FOREIGN KEY (district_id, goal_id)
        REFERENCES goal (district_id, id),
    CONSTRAINT check_in_goal_goal_id_key UNIQUE (district_id, check_in_id, side, goal_id),
    CONSTRAINT check_in_goal_progress_check CHECK (progress IN (
        'not_started', 'on_track', 'at_risk', 'behind', 'met', 'missed', 'no_data', 'dropped')),
    CONSTRAINT check_in_goal_note_check CHECK (char_length(note) <= 10000)
);
CREATE INDEX check_in_goal_check_in_id ON check_in_goal (district_id, check_in_id, created_at, id);
CREATE INDEX check_in_goal_goal_id ON check_in_goal (district_id, goal_id, created_at, id);
CREATE INDEX check_in_goal_created_at ON check_in_goal (district_id, created_at, id);
CREATE INDEX check_in_goal_updated_at ON check_in_goal (district_id, updated_at, id);

CREATE TABLE action_item (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    check_in_id uuid, -- where it was agreed
    description text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    owner_user_id uuid,
    owner_contact_id uuid,
    due_on date,
    done_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT action_item_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT action_item_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT action_item_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT action_item_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT action_item_owner_user_id_fkey FOREIGN KEY (district_id, owner_user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT action_item_owner_contact_id_fkey FOREIGN KEY (district_id, owner_contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT action_item_description_check CHECK (char_length(description) BETWEEN 1 AND 10000),
    CONSTRAINT action_item_status_check CHECK (status IN ('open', 'done')),
    CONSTRAINT action_item_owner_contact_id_check
        CHECK (owner_user_id IS NULL OR owner_contact_id IS NULL),
    CONSTRAINT action_item_done_at_check CHECK ((status = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX action_item_partnership_id
    ON action_item (district_id, partnership_id, created_at, id);
CREATE INDEX action_item_check_in_id ON action_item (district_id, check_in_id, created_at, id);
CREATE INDEX action_item_owner_user_id ON action_item (district_id, owner_user_id, created_at, id);
CREATE INDEX action_item_owner_contact_id
    ON action_item (district_id, owner_contact_id, created_at, id);
CREATE INDEX action_item_status ON action_item (district_id, status, created_at, id);
CREATE INDEX action_item_due_on ON action_item (district_id, due_on, created_at, id);
CREATE INDEX action_item_created_at ON action_item (district_id, created_at, id);
CREATE INDEX action_item_updated_at ON action_item (district_id, updated_at, id);

-- One decision: for whom, by which rule, of which due date. A date that moves makes new ones, but
-- none that would come soon after the same rule's last one.
CREATE TABLE reminder (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    due_on date NOT NULL,
    offset_days bigint NOT NULL, -- before (negative) or after the due date
    side text NOT NULL,
    recipient_key text NOT NULL,
    contact_id uuid,
    user_id uuid,
    sends_on date NOT NULL,
    decided_at timestamptz NOT NULL,
    decision text NOT NULL,
    reason text,
    message_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT reminder_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT reminder_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT reminder_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT reminder_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT reminder_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT reminder_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT reminder_recipient_key_key
        UNIQUE (district_id, check_in_id, due_on, offset_days, side, recipient_key),
    CONSTRAINT reminder_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT reminder_contact_id_check CHECK (num_nonnulls(contact_id, user_id) = 1),
    CONSTRAINT reminder_decision_check CHECK (decision IN ('queued', 'suppressed')),
    CONSTRAINT reminder_reason_check CHECK ((decision = 'suppressed') = (reason IS NOT NULL))
);
CREATE INDEX reminder_check_in_id ON reminder (district_id, check_in_id, created_at, id);
CREATE INDEX reminder_contact_id ON reminder (district_id, contact_id, created_at, id);
CREATE INDEX reminder_user_id ON reminder (district_id, user_id, created_at, id);
CREATE INDEX reminder_decision ON reminder (district_id, decision, created_at, id);
CREATE INDEX reminder_message_id ON reminder (district_id, message_id);
CREATE INDEX reminder_created_at ON reminder (district_id, created_at, id);
CREATE INDEX reminder_updated_at ON reminder (district_id, updated_at, id);

GRANT SELECT, INSERT, UPDATE ON check_in, check_in_half, check_in_goal, action_item TO kith_api;
GRANT DELETE ON check_in_goal TO kith_api;
GRANT SELECT ON reminder TO kith_api;
GRANT SELECT, INSERT, UPDATE ON check_in TO kith_checkin;
GRANT SELECT, INSERT ON reminder TO kith_checkin;
GRANT SELECT ON check_in_half, check_in_goal, goal, site, reporting_quarter, closed_day, blackout
    TO kith_checkin;
GRANT UPDATE ON goal TO kith_checkin;

RESET ROLE;
