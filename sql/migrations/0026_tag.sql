-- What a district adds of its own: tags, custom fields, saved filters, templates.

SET ROLE kith_owner;

CREATE TABLE tag (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    description text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT tag_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT tag_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT tag_name_check CHECK (char_length(name) BETWEEN 1 AND 64),
    CONSTRAINT tag_description_check CHECK (char_length(description) <= 10000)
);
CREATE UNIQUE INDEX tag_name_key ON tag (district_id, lower(name))
    WHERE archived_at IS NULL;
CREATE INDEX tag_name ON tag (district_id, name, id);
CREATE INDEX tag_updated_at ON tag (district_id, updated_at, id);
CREATE INDEX tag_created_at ON tag (district_id, created_at, id);

-- On what a tag is: one of the four.
CREATE TABLE tagging (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    tag_id uuid NOT NULL,
    site_id uuid,
    partner_id uuid,
    contact_id uuid,
    partnership_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT tagging_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT tagging_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT tagging_tag_id_fkey FOREIGN KEY (district_id, tag_id)
        REFERENCES tag (district_id, id),
    CONSTRAINT tagging_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT tagging_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT tagging_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT tagging_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT tagging_site_id_check
        CHECK (num_nonnulls(site_id, partner_id, contact_id, partnership_id) = 1)
);
CREATE UNIQUE INDEX tagging_tag_id_key ON tagging (district_id, tag_id,
    coalesce(site_id, partner_id, contact_id, partnership_id))
    WHERE archived_at IS NULL;
CREATE INDEX tagging_tag_id ON tagging (district_id, tag_id, created_at, id);
CREATE INDEX tagging_site_id ON tagging (district_id, site_id, created_at, id);
CREATE INDEX tagging_partner_id ON tagging (district_id, partner_id, created_at, id);
CREATE INDEX tagging_contact_id ON tagging (district_id, contact_id, created_at, id);
CREATE INDEX tagging_partnership_id ON tagging (district_id, partnership_id, created_at, id);
CREATE INDEX tagging_updated_at ON tagging (district_id, updated_at, id);
CREATE INDEX tagging_created_at ON tagging (district_id, created_at, id);

CREATE TABLE custom_field (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    subject text NOT NULL, -- what has it
    code text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    choices text[] NOT NULL DEFAULT '{}',
    minimum numeric(18, 6),
    maximum numeric(18, 6),
    is_required boolean NOT NULL DEFAULT false,
    help text,
    place bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT custom_field_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT custom_field_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT custom_field_subject_check
        CHECK (subject IN ('site', 'partner', 'contact', 'partnership')),
    CONSTRAINT custom_field_code_check CHECK (code ~ '^[a-z0-9_]{1,64}$'),
    CONSTRAINT custom_field_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT custom_field_type_check
        CHECK (type IN ('text', 'number', 'date', 'yes_no', 'choice', 'url')),
    CONSTRAINT custom_field_choices_check
        CHECK (cardinality(choices) <= 100 AND (type = 'choice') = (choices <> '{}')),
    CONSTRAINT custom_field_maximum_check CHECK (maximum >= minimum),
    CONSTRAINT custom_field_minimum_check
        CHECK (type = 'number' OR (minimum IS NULL AND maximum IS NULL)),
    CONSTRAINT custom_field_help_check CHECK (char_length(help) <= 10000),
    CONSTRAINT custom_field_place_check CHECK (place BETWEEN 0 AND 1000)
);
CREATE UNIQUE INDEX custom_field_code_key ON custom_field (district_id, subject, code)
    WHERE archived_at IS NULL;
CREATE INDEX custom_field_name ON custom_field (district_id, name, id);
CREATE INDEX custom_field_subject ON custom_field (district_id, subject, name, id);
CREATE INDEX custom_field_updated_at ON custom_field (district_id, updated_at, id);
CREATE INDEX custom_field_created_at ON custom_field (district_id, created_at, id);

CREATE TABLE custom_value (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    custom_field_id uuid NOT NULL,
    site_id uuid,
    partner_id uuid,
    contact_id uuid,
    partnership_id uuid,
    value text NOT NULL, -- canonical, by the field's type
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT custom_value_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT custom_value_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT custom_value_custom_field_id_fkey FOREIGN KEY (district_id, custom_field_id)
        REFERENCES custom_field (district_id, id),
    CONSTRAINT custom_value_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT custom_value_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT custom_value_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT custom_value_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT custom_value_site_id_check
        CHECK (num_nonnulls(site_id, partner_id, contact_id, partnership_id) = 1),
    CONSTRAINT custom_value_value_check CHECK (char_length(value) BETWEEN 1 AND 500)
);
CREATE UNIQUE INDEX custom_value_custom_field_id_key ON custom_value (district_id, custom_field_id,
    coalesce(site_id, partner_id, contact_id, partnership_id))
    WHERE archived_at IS NULL;
CREATE INDEX custom_value_custom_field_id
    ON custom_value (district_id, custom_field_id, value, created_at, id);
CREATE INDEX custom_value_site_id ON custom_value (district_id, site_id, created_at, id);
CREATE INDEX custom_value_partner_id ON custom_value (district_id, partner_id, created_at, id);
CREATE INDEX custom_value_contact_id ON custom_value (district_id, contact_id, created_at, id);
CREATE INDEX custom_value_partnership_id ON custom_value (district_id, partnership_id, created_at, id);
CREATE INDEX custom_value_updated_at ON custom_value (district_id, updated_at, id);
CREATE INDEX custom_value_created_at ON custom_value (district_id, created_at, id);

CREATE TABLE saved_filter (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    resource text NOT NULL,
    criteria jsonb NOT NULL DEFAULT '[]',
    owner_id uuid NOT NULL DEFAULT nullif(current_setting('kith.user', true), '')::uuid,
    is_shared boolean NOT NULL DEFAULT false,
    count bigint NOT NULL DEFAULT 0, -- as of counted_at
    counted_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT saved_filter_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT saved_filter_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT saved_filter_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT saved_filter_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT saved_filter_resource_check
        CHECK (resource IN ('sites', 'partners', 'contacts', 'partnerships', 'users'))
);
CREATE INDEX saved_filter_name ON saved_filter (district_id, name, id);
CREATE INDEX saved_filter_resource ON saved_filter (district_id, resource, name, id);
CREATE INDEX saved_filter_owner_id ON saved_filter (district_id, owner_id, name, id);
CREATE INDEX saved_filter_updated_at ON saved_filter (district_id, updated_at, id);
CREATE INDEX saved_filter_created_at ON saved_filter (district_id, created_at, id);

CREATE TABLE template (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    locale text NOT NULL DEFAULT 'en',
    subject text,
    text text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT template_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT template_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT template_kind_check
        CHECK (kind IN ('agreement', 'vision', 'message', 'thank_you', 'introduction', 'story', 'report',
            'other')),
    CONSTRAINT template_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT template_locale_check CHECK (char_length(locale) BETWEEN 2 AND 255),
    CONSTRAINT template_subject_check CHECK (char_length(subject) <= 255),
    CONSTRAINT template_text_check CHECK (char_length(text) BETWEEN 1 AND 20000)
);
CREATE UNIQUE INDEX template_name_key ON template (district_id, kind, lower(name), locale)
    WHERE archived_at IS NULL;
CREATE INDEX template_name ON template (district_id, name, id);
CREATE INDEX template_kind ON template (district_id, kind, name, id);
CREATE INDEX template_updated_at ON template (district_id, updated_at, id);
CREATE INDEX template_created_at ON template (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON tag, tagging, custom_field, custom_value, saved_filter, template TO kith_api;

RESET ROLE;
