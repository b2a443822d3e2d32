-- Files that are kept with whatever they belong to, in pieces. A piece comes before its attachment is made, so
-- there is no foreign key; pieces of nothing are swept away.

SET ROLE kith_owner;

CREATE TABLE attachment (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    subject_kind text,
    subject_id uuid,
    description text,
    uploaded_by uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT attachment_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT attachment_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT attachment_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT attachment_media_type_check CHECK (char_length(media_type) <= 100),
    CONSTRAINT attachment_sha256_check CHECK (char_length(sha256) <= 64),
    CONSTRAINT attachment_subject_kind_check CHECK (char_length(subject_kind) BETWEEN 1 AND 64),
    CONSTRAINT attachment_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT attachment_uploaded_by_fkey FOREIGN KEY (district_id, uploaded_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT attachment_subject_id_check CHECK ((subject_id IS NULL) = (subject_kind IS NULL))
);
CREATE INDEX attachment_subject_kind
    ON attachment (district_id, subject_kind, created_at, id);
CREATE INDEX attachment_subject_id
    ON attachment (district_id, subject_id, created_at, id);
CREATE INDEX attachment_updated_at ON attachment (district_id, updated_at, id);
CREATE INDEX attachment_created_at ON attachment (district_id, created_at, id);

CREATE TABLE attachment_piece (
    district_id uuid NOT NULL,
    attachment_id uuid NOT NULL,
    number bigint NOT NULL, -- from 0
    bytes bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT attachment_piece_pkey PRIMARY KEY (district_id, attachment_id, number)
);
ALTER TABLE attachment_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX attachment_piece_stored_at ON attachment_piece (district_id, stored_at);

GRANT SELECT, INSERT, UPDATE ON attachment TO kith_api;
GRANT SELECT, INSERT ON attachment_piece TO kith_api;

RESET ROLE;
