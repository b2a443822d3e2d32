-- What follows of a roll call that is confirmed: done at once, or proposed to whoever leads a partnership.

SET ROLE kith_owner;

CREATE TABLE roll_call_change (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    roll_call_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    kind text NOT NULL,
    partnership_id uuid,
    program_id uuid,
    status text NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT roll_call_change_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT roll_call_change_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT roll_call_change_roll_call_id_fkey FOREIGN KEY (district_id, roll_call_id)
        REFERENCES roll_call (district_id, id),
    CONSTRAINT roll_call_change_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT roll_call_change_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT roll_call_change_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT roll_call_change_decided_by_fkey FOREIGN KEY (district_id, decided_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT roll_call_change_kind_check
        CHECK (kind IN ('lead_site', 'program_site', 'partnership_site', 'co_partner', 'partnership')),
    CONSTRAINT roll_call_change_status_check CHECK (status IN ('proposed', 'applied', 'dismissed')),
    CONSTRAINT roll_call_change_note_check CHECK (char_length(note) <= 10000)
);
CREATE UNIQUE INDEX roll_call_change_kind_key ON roll_call_change (district_id, roll_call_id, partner_id, kind,
    coalesce(partnership_id, program_id, partner_id)) WHERE status <> 'dismissed';
CREATE INDEX roll_call_change_roll_call_id ON roll_call_change (district_id, roll_call_id, created_at, id);
CREATE INDEX roll_call_change_partner_id ON roll_call_change (district_id, partner_id, created_at, id);
CREATE INDEX roll_call_change_partnership_id ON roll_call_change (district_id, partnership_id, created_at, id);
CREATE INDEX roll_call_change_kind ON roll_call_change (district_id, kind, created_at, id);
CREATE INDEX roll_call_change_status ON roll_call_change (district_id, status, created_at, id);
CREATE INDEX roll_call_change_updated_at ON roll_call_change (district_id, updated_at, id);
CREATE INDEX roll_call_change_created_at ON roll_call_change (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON roll_call_change TO kith_api;

RESET ROLE;
