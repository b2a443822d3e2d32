-- What a partner says of its own record: applied at once, or waiting for the district's word, field by field.

SET ROLE kith_owner;

CREATE TABLE partner_edit (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    field text NOT NULL,
    old text, -- as it was when this was said
    proposed text,
    user_id uuid DEFAULT nullif(current_setting('kith.user', true), '')::uuid,
    status text NOT NULL,
    reason text,
    decided_at timestamptz,
    decided_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partner_edit_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partner_edit_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partner_edit_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT partner_edit_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partner_edit_decided_by_fkey FOREIGN KEY (district_id, decided_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partner_edit_field_check CHECK (char_length(field) BETWEEN 1 AND 64),
    CONSTRAINT partner_edit_old_check CHECK (char_length(old) <= 10000),
    CONSTRAINT partner_edit_proposed_check CHECK (char_length(proposed) <= 10000),
    CONSTRAINT partner_edit_status_check
        CHECK (status IN ('applied', 'waiting', 'accepted', 'refused', 'withdrawn', 'superseded')),
    CONSTRAINT partner_edit_reason_check CHECK (char_length(reason) <= 10000)
);
CREATE INDEX partner_edit_partner_id ON partner_edit (district_id, partner_id, created_at, id);
CREATE INDEX partner_edit_user_id ON partner_edit (district_id, user_id, created_at, id);
CREATE INDEX partner_edit_status ON partner_edit (district_id, status, created_at, id);
CREATE INDEX partner_edit_updated_at ON partner_edit (district_id, updated_at, id);
CREATE INDEX partner_edit_created_at ON partner_edit (district_id, created_at, id);

GRANT SELECT, UPDATE ON partner_edit TO kith_api;

RESET ROLE;
