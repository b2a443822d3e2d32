-- Networks, sites and partners.

SET ROLE kith_owner;

CREATE TABLE network (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    description text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT network_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT network_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT network_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT network_description_check CHECK (char_length(description) <= 10000)
);
CREATE INDEX network_name ON network (district_id, name, id);

CREATE TABLE site (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    network_id uuid,
    name text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    merged_into uuid,
    local_id text,
    state_id text,
    nces_id text,
    level text,
    grade_low text,
    grade_high text,
    street text,
    city text,
    state text,
    postal_code text,
    zone text, -- NULL: the district's
    website text,
    phone text,
    email text,
    title_i boolean,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT site_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT site_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT site_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT site_merged_into_fkey FOREIGN KEY (district_id, merged_into)
        REFERENCES site (district_id, id),
    CONSTRAINT site_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT site_kind_check CHECK (kind IN ('school', 'department')),
    CONSTRAINT site_status_check CHECK (status IN ('planned', 'open', 'closed', 'merged')),
    CONSTRAINT site_merged_into_check
        CHECK ((status = 'merged') = (merged_into IS NOT NULL) AND merged_into <> id),
    CONSTRAINT site_local_id_check CHECK (char_length(local_id) BETWEEN 1 AND 255),
    CONSTRAINT site_state_id_check CHECK (char_length(state_id) BETWEEN 1 AND 255),
    CONSTRAINT site_nces_id_check CHECK (nces_id ~ '^[0-9]{12}$'),
    CONSTRAINT site_level_check CHECK (level IN ('elementary', 'middle', 'high', 'k8', 'k12', 'other')),
    CONSTRAINT site_grade_low_check CHECK (char_length(grade_low) <= 255),
    CONSTRAINT site_grade_high_check CHECK (char_length(grade_high) <= 255),
    CONSTRAINT site_street_check CHECK (char_length(street) <= 255),
    CONSTRAINT site_city_check CHECK (char_length(city) <= 255),
    CONSTRAINT site_state_check CHECK (char_length(state) <= 255),
    CONSTRAINT site_postal_code_check CHECK (char_length(postal_code) <= 255),
    CONSTRAINT site_zone_check CHECK (char_length(zone) <= 255 AND is_zone(zone)),
    CONSTRAINT site_website_check CHECK (char_length(website) <= 2000),
    CONSTRAINT site_phone_check CHECK (char_length(phone) <= 255),
    CONSTRAINT site_email_check CHECK (char_length(email) <= 254 AND email = lower(email))
);
CREATE UNIQUE INDEX site_local_id_key ON site (district_id, local_id) WHERE local_id IS NOT NULL;
CREATE UNIQUE INDEX site_nces_id_key ON site (district_id, nces_id) WHERE nces_id IS NOT NULL;
CREATE INDEX site_name ON site (district_id, name, id);
CREATE INDEX site_updated_at ON site (district_id, updated_at, id);
CREATE INDEX site_created_at ON site (district_id, created_at, id);
CREATE INDEX site_kind ON site (district_id, kind, name, id);
CREATE INDEX site_network_id ON site (district_id, network_id, name, id);

CREATE TABLE partner (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    parent_id uuid, -- a branch's organization
    name text NOT NULL,
    aliases text[] NOT NULL DEFAULT '{}',
    kind text NOT NULL,
    ein text,
    website text,
    email text,
    phone text,
    street text,
    city text,
    state text,
    postal_code text,
    description text,
    strengths text,
    innovation text, -- what does not exist inside the district
    reach text,      -- where it would like to work
    tier text,
    stage text NOT NULL DEFAULT 'prospect',
    barred_reason text,
    culture_notes text, -- private
    owner_id uuid,
    lead_site_id uuid,
    last_contact_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partner_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partner_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partner_parent_id_fkey FOREIGN KEY (district_id, parent_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT partner_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partner_lead_site_id_fkey FOREIGN KEY (district_id, lead_site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT partner_parent_id_check CHECK (parent_id <> id),
    CONSTRAINT partner_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT partner_aliases_check CHECK (cardinality(aliases) <= 100),
    CONSTRAINT partner_kind_check CHECK (kind IN ('business', 'nonprofit', 'higher_ed', 'faith_based',
        'government', 'service_center', 'civic', 'other')),
    CONSTRAINT partner_ein_check CHECK (ein ~ '^[0-9]{9}$'),
    CONSTRAINT partner_website_check CHECK (char_length(website) <= 2000),
    CONSTRAINT partner_email_check CHECK (char_length(email) <= 254 AND email = lower(email)),
    CONSTRAINT partner_phone_check CHECK (char_length(phone) <= 255),
    CONSTRAINT partner_street_check CHECK (char_length(street) <= 255),
    CONSTRAINT partner_city_check CHECK (char_length(city) <= 255),
    CONSTRAINT partner_state_check CHECK (char_length(state) <= 255),
    CONSTRAINT partner_postal_code_check CHECK (char_length(postal_code) <= 255),
    CONSTRAINT partner_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT partner_strengths_check CHECK (char_length(strengths) <= 10000),
    CONSTRAINT partner_innovation_check CHECK (char_length(innovation) <= 10000),
    CONSTRAINT partner_reach_check CHECK (reach IN ('one_school', 'nearby', 'district')),
    CONSTRAINT partner_tier_check CHECK (tier IN ('supporter', 'partner', 'anchor')),
    CONSTRAINT partner_stage_check CHECK (stage IN ('prospect', 'contacted', 'vetting', 'approved',
        'declined', 'barred')),
    CONSTRAINT partner_barred_reason_check CHECK (char_length(barred_reason) <= 10000
        AND (stage <> 'barred' OR barred_reason IS NOT NULL)),
    CONSTRAINT partner_culture_notes_check CHECK (char_length(culture_notes) <= 10000)
);
CREATE UNIQUE INDEX partner_ein_key ON partner (district_id, ein)
    WHERE ein IS NOT NULL AND archived_at IS NULL;
CREATE INDEX partner_name ON partner (district_id, name, id);
CREATE INDEX partner_updated_at ON partner (district_id, updated_at, id);
CREATE INDEX partner_created_at ON partner (district_id, created_at, id);
CREATE INDEX partner_kind ON partner (district_id, kind, name, id);
CREATE INDEX partner_stage ON partner (district_id, stage, name, id);
CREATE INDEX partner_tier ON partner (district_id, tier, name, id);
CREATE INDEX partner_owner_id ON partner (district_id, owner_id);

GRANT SELECT, INSERT, UPDATE ON network, site, partner TO kith_api;

RESET ROLE;
