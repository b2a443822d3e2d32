-- What both sides agree on of a goal of which they had said different things in a check-in.

SET ROLE kith_owner;

CREATE TABLE goal_settlement (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    goal_id uuid NOT NULL,
    progress text NOT NULL,
    current numeric(18,6),
    note text,
    side text NOT NULL, -- whose words it was written down in
    user_id uuid,
    contact_id uuid,
    settled_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT goal_settlement_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT goal_settlement_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT goal_settlement_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT goal_settlement_goal_id_fkey FOREIGN KEY (district_id, goal_id) REFERENCES goal (district_id, id),
    CONSTRAINT goal_settlement_user_id_fkey FOREIGN KEY (district_id, user_id) REFERENCES app_user (district_id, id),
    CONSTRAINT goal_settlement_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT goal_settlement_goal_id_key UNIQUE (district_id, check_in_id, goal_id),
    CONSTRAINT goal_settlement_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT goal_settlement_contact_id_check CHECK (num_nonnulls(contact_id, user_id) = 1),
    CONSTRAINT goal_settlement_progress_check CHECK (progress IN (
        'not_started', 'on_track', 'at_risk', 'behind', 'met', 'missed', 'no_data', 'dropped')),
    CONSTRAINT goal_settlement_note_check CHECK (char_length(note) <= 10000)
);
CREATE INDEX goal_settlement_check_in_id ON goal_settlement (district_id, check_in_id, created_at, id);
CREATE INDEX goal_settlement_goal_id ON goal_settlement (district_id, goal_id, created_at, id);
CREATE INDEX goal_settlement_user_id ON goal_settlement (district_id, user_id, created_at, id);
CREATE INDEX goal_settlement_contact_id ON goal_settlement (district_id, contact_id, created_at, id);
CREATE INDEX goal_settlement_created_at ON goal_settlement (district_id, created_at, id);
CREATE INDEX goal_settlement_updated_at ON goal_settlement (district_id, updated_at, id);

GRANT SELECT, INSERT, UPDATE ON goal_settlement TO kith_api;
GRANT SELECT ON goal_settlement TO kith_checkin;

RESET ROLE;
