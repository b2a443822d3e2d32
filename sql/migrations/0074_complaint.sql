-- What is private of partners: complaints, and fields that a district adds and not everybody reads.

SET ROLE kith_owner;

CREATE TABLE complaint (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    partnership_id uuid,
    site_id uuid, -- where
    received_on date NOT NULL,
    complainant text,
    complaint text NOT NULL,
    owner_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'open',
    outcome text, -- what was done, or why nothing
    closed_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT complaint_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT complaint_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT complaint_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT complaint_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT complaint_site_id_fkey FOREIGN KEY (district_id, site_id) REFERENCES site (district_id, id),
    CONSTRAINT complaint_owner_id_fkey FOREIGN KEY (district_id, owner_id) REFERENCES app_user (district_id, id),
    CONSTRAINT complaint_complainant_check CHECK (char_length(complainant) <= 200),
    CONSTRAINT complaint_complaint_check CHECK (char_length(complaint) BETWEEN 1 AND 10000),
    CONSTRAINT complaint_status_check CHECK (status IN ('open', 'resolved', 'dismissed')),
    CONSTRAINT complaint_outcome_check CHECK (char_length(outcome) <= 10000),
    CONSTRAINT complaint_closed_on_check CHECK ((status = 'open') = (closed_on IS NULL))
);
CREATE INDEX complaint_partner_id ON complaint (district_id, partner_id, received_on, id);
CREATE INDEX complaint_owner_id ON complaint (district_id, owner_id, received_on, id);
CREATE INDEX complaint_status ON complaint (district_id, status, received_on, id);
CREATE INDEX complaint_site_id ON complaint (district_id, site_id, received_on, id);
CREATE INDEX complaint_partnership_id ON complaint (district_id, partnership_id, received_on, id);
CREATE INDEX complaint_received_on ON complaint (district_id, received_on, id);
CREATE INDEX complaint_updated_at ON complaint (district_id, updated_at, id);
CREATE INDEX complaint_created_at ON complaint (district_id, created_at, id);

ALTER TABLE custom_field
    ADD COLUMN class text NOT NULL DEFAULT 'public',
    ADD CONSTRAINT custom_field_class_check CHECK (class IN ('public', 'directory', 'private'));
CREATE INDEX custom_field_class ON custom_field (district_id, class, name, id);

GRANT SELECT, INSERT, UPDATE ON complaint TO kith_api;

RESET ROLE;
