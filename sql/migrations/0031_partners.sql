-- What there is to know of a partner beside its own row: who cares for it inside the district, its focus
-- areas, its credentials, and what it offers.

SET ROLE kith_owner;

ALTER TABLE partner
    DROP CONSTRAINT partner_stage_check,
    ADD COLUMN stage_reason text, -- why it was declined, or looked at again
    ADD COLUMN funding_types text[] NOT NULL DEFAULT '{}', -- that it can reach
    ADD COLUMN language_notes text, -- private
    ADD COLUMN in_directory boolean NOT NULL DEFAULT false,
    ADD COLUMN merged_into uuid,
    ADD CONSTRAINT partner_stage_check CHECK (stage IN ('prospect', 'contacted', 'vetting', 'approved',
        'active', 'dormant', 'declined', 'barred')),
    ADD CONSTRAINT partner_stage_reason_check CHECK (char_length(stage_reason) <= 10000),
    ADD CONSTRAINT partner_funding_types_check CHECK (cardinality(funding_types) <= 8
        AND funding_types <@ '{federal,state,local,foundation,corporate,individual,medicaid,other}'),
    ADD CONSTRAINT partner_language_notes_check CHECK (char_length(language_notes) <= 10000),
    ADD CONSTRAINT partner_merged_into_fkey FOREIGN KEY (district_id, merged_into)
        REFERENCES partner (district_id, id),
    ADD CONSTRAINT partner_merged_into_check
        CHECK (merged_into <> id AND (merged_into IS NULL OR archived_at IS NOT NULL));
CREATE INDEX partner_merged_into ON partner (district_id, merged_into, name, id);
CREATE INDEX partner_in_directory ON partner (district_id, in_directory, name, id);

-- Beside the one who cares for it at the district.
CREATE TABLE partner_owner (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    user_id uuid NOT NULL,
    site_id uuid, -- the school or department for which
    note text,
    from_date date,
    until_date date, -- the last day on which it holds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partner_owner_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partner_owner_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partner_owner_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT partner_owner_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partner_owner_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT partner_owner_note_check CHECK (char_length(note) <= 255),
    CONSTRAINT partner_owner_until_date_check CHECK (until_date >= from_date)
);
CREATE UNIQUE INDEX partner_owner_user_id_key ON partner_owner (district_id, partner_id, user_id)
    WHERE archived_at IS NULL;
CREATE INDEX partner_owner_partner_id ON partner_owner (district_id, partner_id, created_at, id);
CREATE INDEX partner_owner_user_id ON partner_owner (district_id, user_id, created_at, id);
CREATE INDEX partner_owner_site_id ON partner_owner (district_id, site_id, created_at, id);
CREATE INDEX partner_owner_updated_at ON partner_owner (district_id, updated_at, id);
CREATE INDEX partner_owner_created_at ON partner_owner (district_id, created_at, id);

CREATE TABLE partner_focus_area (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    focus_area_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partner_focus_area_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partner_focus_area_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partner_focus_area_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT partner_focus_area_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id)
);
CREATE UNIQUE INDEX partner_focus_area_focus_area_id_key
    ON partner_focus_area (district_id, partner_id, focus_area_id) WHERE archived_at IS NULL;
CREATE INDEX partner_focus_area_partner_id
    ON partner_focus_area (district_id, partner_id, created_at, id);
CREATE INDEX partner_focus_area_focus_area_id
    ON partner_focus_area (district_id, focus_area_id, created_at, id);
CREATE INDEX partner_focus_area_updated_at ON partner_focus_area (district_id, updated_at, id);
CREATE INDEX partner_focus_area_created_at ON partner_focus_area (district_id, created_at, id);

CREATE TABLE credential (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    kind text NOT NULL,
    label text,
    document_url text,
    coverage_cents bigint,
    issued_on date,
    expires_on date, -- the last day on which it holds
    status text NOT NULL DEFAULT 'submitted',
    status_reason text,
    verified_by uuid,
    verified_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT credential_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT credential_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT credential_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT credential_verified_by_fkey FOREIGN KEY (district_id, verified_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT credential_kind_check CHECK (kind IN ('liability_insurance', 'clearance_attestation',
        'w9', 'nonprofit_status', 'license', 'data_security', 'other')),
    CONSTRAINT credential_label_check CHECK (char_length(label) BETWEEN 1 AND 255
        AND (kind <> 'other' OR label IS NOT NULL)),
    CONSTRAINT credential_document_url_check CHECK (char_length(document_url) <= 2000),
    CONSTRAINT credential_coverage_cents_check CHECK (coverage_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT credential_expires_on_check CHECK (expires_on >= issued_on),
    CONSTRAINT credential_status_check CHECK (status IN ('submitted', 'verified', 'rejected')),
    CONSTRAINT credential_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT credential_verified_by_check
        CHECK ((status = 'verified') = (verified_by IS NOT NULL)
            AND (verified_by IS NULL) = (verified_at IS NULL))
);
CREATE INDEX credential_partner_id ON credential (district_id, partner_id, created_at, id);
CREATE INDEX credential_kind ON credential (district_id, kind, created_at, id);
CREATE INDEX credential_status ON credential (district_id, status, created_at, id);
CREATE INDEX credential_expires_on ON credential (district_id, expires_on, created_at, id);
CREATE INDEX credential_updated_at ON credential (district_id, updated_at, id);
CREATE INDEX credential_created_at ON credential (district_id, created_at, id);

CREATE TABLE offer (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    description text,
    focus_area_id uuid,
    reach text, -- NULL: as the partner's
    quantity bigint, -- NULL: as much as is asked for
    unit text,
    taken bigint NOT NULL DEFAULT 0, -- by offer_take() alone
    remaining bigint, -- fill_remaining() computes it
    from_date date,
    until_date date, -- the last day on which it holds
    status text NOT NULL DEFAULT 'open',
    status_reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT offer_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT offer_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT offer_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT offer_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT offer_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT offer_kind_check CHECK (kind IN ('money', 'space', 'staff_time', 'volunteers',
        'equipment', 'software', 'training', 'internships', 'mentors', 'food', 'other')),
    CONSTRAINT offer_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT offer_reach_check CHECK (reach IN ('one_school', 'nearby', 'district')),
    CONSTRAINT offer_quantity_check CHECK (quantity BETWEEN 0 AND 1000000000000 AND quantity >= taken),
    CONSTRAINT offer_unit_check CHECK (char_length(unit) BETWEEN 1 AND 64),
    CONSTRAINT offer_taken_check CHECK (taken >= 0),
    CONSTRAINT offer_until_date_check CHECK (until_date >= from_date),
    CONSTRAINT offer_status_check CHECK (status IN ('open', 'withdrawn')),
    CONSTRAINT offer_status_reason_check CHECK (char_length(status_reason) <= 10000)
);
CREATE INDEX offer_partner_id ON offer (district_id, partner_id, name, id);
CREATE INDEX offer_kind ON offer (district_id, kind, name, id);
CREATE INDEX offer_focus_area_id ON offer (district_id, focus_area_id, name, id);
CREATE INDEX offer_status ON offer (district_id, status, name, id);
CREATE INDEX offer_remaining ON offer (district_id, remaining, name, id);
CREATE INDEX offer_until_date ON offer (district_id, until_date, name, id);
CREATE INDEX offer_name ON offer (district_id, name, id);
CREATE INDEX offer_updated_at ON offer (district_id, updated_at, id);
CREATE INDEX offer_created_at ON offer (district_id, created_at, id);

-- What partners see of those who want to be seen.
CREATE VIEW directory_entry WITH (security_invoker = true) AS
    SELECT p.district_id, p.id, p.version, p.created_at, p.updated_at, p.archived_at, p.name, p.kind,
           p.website, p.city, p.description, p.strengths
    FROM partner p
    WHERE p.in_directory AND p.stage IN ('approved', 'active', 'dormant');

GRANT SELECT, INSERT, UPDATE, DELETE ON partner_owner, partner_focus_area, credential, offer TO kith_api;
GRANT SELECT ON directory_entry TO kith_api;

RESET ROLE;
