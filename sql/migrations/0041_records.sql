-- What becomes of records about people and partners: how long they are kept, what must not be touched, what is
-- given to whoever asks for it, and what is erased.

SET ROLE kith_owner;

CREATE TABLE retention_rule (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    years bigint NOT NULL,
    source text NOT NULL, -- the law or schedule that says so
    blocks_erasure boolean NOT NULL DEFAULT true,
    note text,
    applied_at timestamptz,
    archived_rows bigint NOT NULL DEFAULT 0, -- by all rounds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT retention_rule_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT retention_rule_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT retention_rule_kind_check CHECK (kind IN ('activity', 'agreement', 'check_in', 'contact', 'credential',
        'inquiry', 'interaction', 'investment', 'message', 'partnership', 'placement', 'survey', 'user')),
    CONSTRAINT retention_rule_years_check CHECK (years BETWEEN 0 AND 100),
    CONSTRAINT retention_rule_source_check CHECK (char_length(source) BETWEEN 1 AND 255),
    CONSTRAINT retention_rule_note_check CHECK (char_length(note) <= 10000)
);
CREATE UNIQUE INDEX retention_rule_source_key ON retention_rule (district_id, source, kind)
    WHERE archived_at IS NULL;
CREATE INDEX retention_rule_updated_at ON retention_rule (district_id, updated_at, id);
CREATE INDEX retention_rule_created_at ON retention_rule (district_id, created_at, id);

CREATE TABLE legal_hold (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    matter text NOT NULL,
    reason text NOT NULL,
    contact_id uuid,
    user_id uuid,
    partner_id uuid,
    partnership_id uuid,
    from_date date NOT NULL,
    until_date date, -- the last day on which it holds
    status text NOT NULL DEFAULT 'held',
    placed_by uuid DEFAULT nullif(current_setting('kith.user', true), '')::uuid,
    released_at timestamptz,
    released_by uuid,
    release_reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT legal_hold_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT legal_hold_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT legal_hold_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT legal_hold_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT legal_hold_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT legal_hold_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT legal_hold_placed_by_fkey FOREIGN KEY (district_id, placed_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT legal_hold_released_by_fkey FOREIGN KEY (district_id, released_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT legal_hold_matter_check CHECK (char_length(matter) BETWEEN 1 AND 200),
    CONSTRAINT legal_hold_reason_check CHECK (char_length(reason) BETWEEN 1 AND 10000),
    CONSTRAINT legal_hold_contact_id_check
        CHECK (num_nonnulls(contact_id, user_id, partner_id, partnership_id) = 1),
    CONSTRAINT legal_hold_until_date_check CHECK (until_date >= from_date),
    CONSTRAINT legal_hold_status_check CHECK (status IN ('held', 'released')),
    CONSTRAINT legal_hold_release_reason_check CHECK (char_length(release_reason) <= 10000),
    CONSTRAINT legal_hold_released_at_check CHECK ((released_at IS NULL) = (status = 'held'))
);
CREATE INDEX legal_hold_contact_id ON legal_hold (district_id, contact_id, created_at, id);
CREATE INDEX legal_hold_user_id ON legal_hold (district_id, user_id, created_at, id);
CREATE INDEX legal_hold_partner_id ON legal_hold (district_id, partner_id, created_at, id);
CREATE INDEX legal_hold_partnership_id ON legal_hold (district_id, partnership_id, created_at, id);
CREATE INDEX legal_hold_status ON legal_hold (district_id, status, created_at, id);
CREATE INDEX legal_hold_updated_at ON legal_hold (district_id, updated_at, id);
CREATE INDEX legal_hold_created_at ON legal_hold (district_id, created_at, id);

CREATE TABLE records_request (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    requester text NOT NULL,
    contact_id uuid,
    user_id uuid,
    partner_id uuid,
    received_on date NOT NULL,
    due_on date NOT NULL,
    owner_id uuid,
    note text,
    status text NOT NULL DEFAULT 'received',
    status_reason text,
    gathered_at timestamptz,
    records bigint, -- in the file
    delivered_at timestamptz,
    delivered_to text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT records_request_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT records_request_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT records_request_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT records_request_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT records_request_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT records_request_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT records_request_requester_check CHECK (char_length(requester) BETWEEN 1 AND 200),
    CONSTRAINT records_request_contact_id_check CHECK (num_nonnulls(contact_id, user_id, partner_id) = 1),
    CONSTRAINT records_request_due_on_check CHECK (due_on >= received_on),
    CONSTRAINT records_request_note_check CHECK (char_length(note) <= 10000),
    CONSTRAINT records_request_status_check
        CHECK (status IN ('received', 'gathering', 'ready', 'delivered', 'withdrawn')),
    CONSTRAINT records_request_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT records_request_delivered_to_check CHECK (char_length(delivered_to) <= 255)
);
CREATE INDEX records_request_contact_id ON records_request (district_id, contact_id, due_on, id);
CREATE INDEX records_request_user_id ON records_request (district_id, user_id, due_on, id);
CREATE INDEX records_request_partner_id ON records_request (district_id, partner_id, due_on, id);
CREATE INDEX records_request_owner_id ON records_request (district_id, owner_id, due_on, id);
CREATE INDEX records_request_status ON records_request (district_id, status, due_on, id);
CREATE INDEX records_request_due_on ON records_request (district_id, due_on, id);
CREATE INDEX records_request_updated_at ON records_request (district_id, updated_at, id);
CREATE INDEX records_request_created_at ON records_request (district_id, created_at, id);

-- The file of a request, one after the other; it is deleted with the delivery's erasure, or made anew.
CREATE TABLE records_part (
    district_id uuid NOT NULL,
    records_request_id uuid NOT NULL,
    number bigint NOT NULL,
    content text NOT NULL,
    CONSTRAINT records_part_pkey PRIMARY KEY (district_id, records_request_id, number),
    CONSTRAINT records_part_records_request_id_fkey FOREIGN KEY (district_id, records_request_id)
        REFERENCES records_request (district_id, id)
);

CREATE TABLE erasure (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid,
    user_id uuid,
    reason text NOT NULL,
    replaces_mentions boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'draft',
    done_at timestamptz,
    done_by uuid,
    changed_rows bigint,
    kept_rows bigint, -- that name the person and are sealed
    lifted_at timestamptz, -- its address may come back
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT erasure_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT erasure_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT erasure_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT erasure_user_id_fkey FOREIGN KEY (district_id, user_id) REFERENCES app_user (district_id, id),
    CONSTRAINT erasure_done_by_fkey FOREIGN KEY (district_id, done_by) REFERENCES app_user (district_id, id),
    CONSTRAINT erasure_contact_id_check CHECK (num_nonnulls(contact_id, user_id) = 1),
    CONSTRAINT erasure_reason_check CHECK (char_length(reason) BETWEEN 1 AND 10000),
    CONSTRAINT erasure_status_check CHECK (status IN ('draft', 'done', 'withdrawn'))
);
CREATE INDEX erasure_contact_id ON erasure (district_id, contact_id, created_at, id);
CREATE INDEX erasure_user_id ON erasure (district_id, user_id, created_at, id);
CREATE INDEX erasure_status ON erasure (district_id, status, created_at, id);
CREATE INDEX erasure_updated_at ON erasure (district_id, updated_at, id);
CREATE INDEX erasure_created_at ON erasure (district_id, created_at, id);

-- Addresses that were erased: their hashes, so that no import brings one back.
CREATE TABLE erased_address (
    district_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    hash text NOT NULL,
    CONSTRAINT erased_address_pkey PRIMARY KEY (district_id, hash, erasure_id),
    CONSTRAINT erased_address_erasure_id_fkey FOREIGN KEY (district_id, erasure_id)
        REFERENCES erasure (district_id, id),
    CONSTRAINT erased_address_hash_check CHECK (hash ~ '^[0-9a-f]{64}$')
);

GRANT SELECT, INSERT, UPDATE ON retention_rule, legal_hold, records_request, erasure TO kith_api;
GRANT SELECT ON records_part, erased_address TO kith_api;

RESET ROLE;
