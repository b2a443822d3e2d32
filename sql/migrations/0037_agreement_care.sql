-- How agreements are reviewed, what they have to settle, who signed them, and what comes of it when one lapses.

SET ROLE kith_owner;

CREATE TABLE agreement_step (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid,
    due_on date,
    status text NOT NULL DEFAULT 'pending',
    comment text,
    decided_at timestamptz,
    decided_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT agreement_step_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT agreement_step_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT agreement_step_agreement_id_fkey FOREIGN KEY (district_id, agreement_id)
        REFERENCES agreement (district_id, id),
    CONSTRAINT agreement_step_kind_check CHECK (
        kind IN ('legal', 'risk', 'finance', 'program', 'superintendent', 'other')),
    CONSTRAINT agreement_step_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT agreement_step_status_check CHECK (
        status IN ('pending', 'approved', 'returned', 'rejected')),
    CONSTRAINT agreement_step_comment_check CHECK (char_length(comment) <= 10000),
    CONSTRAINT agreement_step_decided_by_fkey FOREIGN KEY (district_id, decided_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT agreement_step_decided_at_check CHECK ((decided_at IS NULL) = (status = 'pending'))
);
CREATE INDEX agreement_step_agreement_id
    ON agreement_step (district_id, agreement_id, created_at, id);
CREATE INDEX agreement_step_kind
    ON agreement_step (district_id, kind, created_at, id);
CREATE INDEX agreement_step_user_id
    ON agreement_step (district_id, user_id, created_at, id);
CREATE INDEX agreement_step_due_on
    ON agreement_step (district_id, due_on, created_at, id);
CREATE INDEX agreement_step_status
    ON agreement_step (district_id, status, created_at, id);
CREATE INDEX agreement_step_updated_at ON agreement_step (district_id, updated_at, id);
CREATE INDEX agreement_step_created_at ON agreement_step (district_id, created_at, id);

CREATE TABLE agreement_item (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    code text,
    name text NOT NULL,
    position bigint NOT NULL,
    is_required boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'not_yet',
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT agreement_item_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT agreement_item_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT agreement_item_agreement_id_fkey FOREIGN KEY (district_id, agreement_id)
        REFERENCES agreement (district_id, id),
    CONSTRAINT agreement_item_code_check CHECK (char_length(code) BETWEEN 1 AND 64),
    CONSTRAINT agreement_item_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT agreement_item_position_check CHECK (position BETWEEN 0 AND 1000),
    CONSTRAINT agreement_item_status_check CHECK (
        status IN ('not_yet', 'discussing', 'finalized', 'not_applicable')),
    CONSTRAINT agreement_item_note_check CHECK (char_length(note) <= 10000
        AND (status <> 'not_applicable' OR coalesce(note, '') ~ '\S'))
);
CREATE UNIQUE INDEX agreement_item_code_key
    ON agreement_item (district_id, agreement_id, code) WHERE archived_at IS NULL;
CREATE INDEX agreement_item_agreement_id
    ON agreement_item (district_id, agreement_id, position, id);
CREATE INDEX agreement_item_status
    ON agreement_item (district_id, status, position, id);
CREATE INDEX agreement_item_position ON agreement_item (district_id, position, id);
CREATE INDEX agreement_item_updated_at ON agreement_item (district_id, updated_at, id);
CREATE INDEX agreement_item_created_at ON agreement_item (district_id, created_at, id);

CREATE TABLE agreement_signature (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    side text NOT NULL,
    method text NOT NULL,
    signer text NOT NULL,
    signed_on date NOT NULL,
    document_sha256 text,
    attachment_id uuid,
    consent text,
    user_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT agreement_signature_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT agreement_signature_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT agreement_signature_agreement_id_fkey FOREIGN KEY (district_id, agreement_id)
        REFERENCES agreement (district_id, id),
    CONSTRAINT agreement_signature_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT agreement_signature_method_check CHECK (method IN ('recorded', 'typed')),
    CONSTRAINT agreement_signature_signer_check CHECK (char_length(signer) <= 255),
    CONSTRAINT agreement_signature_document_sha256_check CHECK (char_length(document_sha256) <= 64),
    CONSTRAINT agreement_signature_attachment_id_fkey FOREIGN KEY (district_id, attachment_id)
        REFERENCES attachment (district_id, id),
    CONSTRAINT agreement_signature_consent_check CHECK (char_length(consent) <= 255),
    CONSTRAINT agreement_signature_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id)
);
CREATE INDEX agreement_signature_agreement_id
    ON agreement_signature (district_id, agreement_id, created_at, id);
CREATE INDEX agreement_signature_side
    ON agreement_signature (district_id, side, created_at, id);
CREATE INDEX agreement_signature_updated_at ON agreement_signature (district_id, updated_at, id);
CREATE INDEX agreement_signature_created_at ON agreement_signature (district_id, created_at, id);

ALTER TABLE partnership ADD COLUMN agreement_lapsed_on date; -- since when it has none that is valid, after one

GRANT SELECT, INSERT, UPDATE ON agreement_step, agreement_item, agreement_signature TO kith_api;

RESET ROLE;
