-- Contacts that turned out to be one person, as partners that are one.

SET ROLE kith_owner;

ALTER TABLE contact
    ADD COLUMN merged_into uuid,
    ADD CONSTRAINT contact_merged_into_fkey FOREIGN KEY (district_id, merged_into)
        REFERENCES contact (district_id, id),
    ADD CONSTRAINT contact_merged_into_check
        CHECK (merged_into <> id AND (merged_into IS NULL OR archived_at IS NOT NULL));
CREATE INDEX contact_merged_into ON contact (district_id, merged_into, name, id);

CREATE TABLE contact_merge (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL, -- that is left
    merged uuid[] NOT NULL,
    user_id uuid,
    reason text,
    changes jsonb NOT NULL,
    undone_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT contact_merge_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT contact_merge_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT contact_merge_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT contact_merge_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT contact_merge_reason_check CHECK (char_length(reason) <= 10000)
);
CREATE INDEX contact_merge_contact_id ON contact_merge (district_id, contact_id, created_at, id);
CREATE INDEX contact_merge_updated_at ON contact_merge (district_id, updated_at, id);
CREATE INDEX contact_merge_created_at ON contact_merge (district_id, created_at, id);

GRANT SELECT ON contact_merge TO kith_api;

RESET ROLE;
