-- Who a partner's people are and what it offers, the subjects that priorities, needs and programs
-- share, and the district's calendar. Each declared filter has an index that goes on with the
-- default sort.

SET ROLE kith_owner;

CREATE INDEX network_updated_at ON network (district_id, updated_at, id);
CREATE INDEX network_created_at ON network (district_id, created_at, id);

CREATE TABLE focus_area (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    parent_id uuid, -- a tree: refuse_cycle() sees to it
    name text NOT NULL,
    code text,
    beyond_teaching boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT focus_area_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT focus_area_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT focus_area_parent_id_fkey FOREIGN KEY (district_id, parent_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT focus_area_parent_id_check CHECK (parent_id <> id),
    CONSTRAINT focus_area_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT focus_area_code_check CHECK (code ~ '^[a-z0-9_]{1,64}$')
);
CREATE UNIQUE INDEX focus_area_code_key ON focus_area (district_id, code) WHERE code IS NOT NULL;
CREATE INDEX focus_area_name ON focus_area (district_id, name, id);
CREATE INDEX focus_area_parent_id ON focus_area (district_id, parent_id, name, id);
CREATE INDEX focus_area_beyond_teaching ON focus_area (district_id, beyond_teaching, name, id);
CREATE INDEX focus_area_updated_at ON focus_area (district_id, updated_at, id);
CREATE INDEX focus_area_created_at ON focus_area (district_id, created_at, id);

CREATE TABLE contact (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    email text,
    phone text,
    locale text, -- NULL: the district's
    channels text[] NOT NULL DEFAULT '{email}', -- the ways that are allowed; only mail is automatic
    status text NOT NULL DEFAULT 'active',
    notes text, -- private
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT contact_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT contact_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT contact_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT contact_email_check
        CHECK (char_length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    CONSTRAINT contact_phone_check CHECK (char_length(phone) <= 255),
    CONSTRAINT contact_locale_check CHECK (char_length(locale) BETWEEN 2 AND 255),
    CONSTRAINT contact_channels_check
        CHECK (cardinality(channels) <= 4 AND channels <@ '{email,phone,text,post}'),
    CONSTRAINT contact_status_check CHECK (status IN ('active', 'inactive', 'left', 'deceased')),
    CONSTRAINT contact_notes_check CHECK (char_length(notes) <= 10000)
);
CREATE UNIQUE INDEX contact_email_key ON contact (district_id, email)
    WHERE email IS NOT NULL AND archived_at IS NULL;
CREATE INDEX contact_email ON contact (district_id, email, name, id);
CREATE INDEX contact_name ON contact (district_id, name, id);
CREATE INDEX contact_status ON contact (district_id, status, name, id);
CREATE INDEX contact_updated_at ON contact (district_id, updated_at, id);
CREATE INDEX contact_created_at ON contact (district_id, created_at, id);

CREATE TABLE affiliation (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    role text NOT NULL,
    from_date date,
    until_date date, -- the last day on which it holds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT affiliation_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT affiliation_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT affiliation_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT affiliation_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT affiliation_role_check CHECK (char_length(role) BETWEEN 1 AND 255),
    CONSTRAINT affiliation_until_date_check CHECK (until_date >= from_date)
);
CREATE INDEX affiliation_contact_id ON affiliation (district_id, contact_id, created_at, id);
CREATE INDEX affiliation_partner_id ON affiliation (district_id, partner_id, created_at, id);
CREATE INDEX affiliation_updated_at ON affiliation (district_id, updated_at, id);
CREATE INDEX affiliation_created_at ON affiliation (district_id, created_at, id);

CREATE TABLE program (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    name text NOT NULL,
    description text,
    focus_area_id uuid,
    setting text,
    audience text[] NOT NULL DEFAULT '{}',
    grades text[] NOT NULL DEFAULT '{}',
    capacity bigint,
    schedule text,
    cost_cents bigint,
    evidence_tier bigint,
    evidence_citation text,
    status text NOT NULL DEFAULT 'active',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT program_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT program_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT program_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT program_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT program_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT program_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT program_setting_check CHECK (setting IN ('in_school', 'out_of_school')),
    CONSTRAINT program_audience_check
        CHECK (cardinality(audience) <= 3 AND audience <@ '{students,staff,families}'),
    CONSTRAINT program_grades_check
        CHECK (cardinality(grades) <= 15
            AND grades <@ '{PK,TK,KG,01,02,03,04,05,06,07,08,09,10,11,12}'),
    CONSTRAINT program_capacity_check CHECK (capacity BETWEEN 0 AND 1000000),
    CONSTRAINT program_schedule_check CHECK (char_length(schedule) <= 10000),
    CONSTRAINT program_cost_cents_check CHECK (cost_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT program_evidence_tier_check CHECK (evidence_tier BETWEEN 1 AND 4),
    CONSTRAINT program_evidence_citation_check
        CHECK (char_length(evidence_citation) BETWEEN 1 AND 10000
            AND (evidence_tier IS NULL OR evidence_tier = 4 OR evidence_citation IS NOT NULL)),
    CONSTRAINT program_status_check CHECK (status IN ('planned', 'active', 'paused', 'ended'))
);
CREATE INDEX program_name ON program (district_id, name, id);
CREATE INDEX program_partner_id ON program (district_id, partner_id, name, id);
CREATE INDEX program_focus_area_id ON program (district_id, focus_area_id, name, id);
CREATE INDEX program_setting ON program (district_id, setting, name, id);
CREATE INDEX program_status ON program (district_id, status, name, id);
CREATE INDEX program_evidence_tier ON program (district_id, evidence_tier, name, id);
CREATE INDEX program_updated_at ON program (district_id, updated_at, id);
CREATE INDEX program_created_at ON program (district_id, created_at, id);

CREATE TABLE program_site (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    site_id uuid NOT NULL,
    from_date date,
    until_date date, -- the last day on which it holds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT program_site_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT program_site_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT program_site_program_id_fkey FOREIGN KEY (district_id, program_id)
        REFERENCES program (district_id, id),
    CONSTRAINT program_site_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT program_site_until_date_check CHECK (until_date >= from_date)
);
CREATE UNIQUE INDEX program_site_site_id_key ON program_site (district_id, program_id, site_id)
    WHERE archived_at IS NULL;
CREATE INDEX program_site_program_id ON program_site (district_id, program_id, created_at, id);
CREATE INDEX program_site_site_id ON program_site (district_id, site_id, created_at, id);
CREATE INDEX program_site_updated_at ON program_site (district_id, updated_at, id);
CREATE INDEX program_site_created_at ON program_site (district_id, created_at, id);

CREATE TABLE reporting_quarter (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year bigint NOT NULL, -- the year in which it ends
    number bigint NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL, -- inclusive; refuse_overlap() keeps a year's apart
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT reporting_quarter_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT reporting_quarter_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT reporting_quarter_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT reporting_quarter_number_check CHECK (number BETWEEN 1 AND 4),
    CONSTRAINT reporting_quarter_ends_on_check CHECK (ends_on >= starts_on)
);
CREATE UNIQUE INDEX reporting_quarter_number_key
    ON reporting_quarter (district_id, school_year, number) WHERE archived_at IS NULL;
CREATE INDEX reporting_quarter_starts_on ON reporting_quarter (district_id, starts_on, id);
CREATE INDEX reporting_quarter_ends_on ON reporting_quarter (district_id, ends_on, id);
CREATE INDEX reporting_quarter_school_year
    ON reporting_quarter (district_id, school_year, starts_on, id);
CREATE INDEX reporting_quarter_updated_at ON reporting_quarter (district_id, updated_at, id);
CREATE INDEX reporting_quarter_created_at ON reporting_quarter (district_id, created_at, id);

CREATE TABLE closed_day (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid, -- NULL: the whole district's
    starts_on date NOT NULL,
    ends_on date, -- inclusive; NULL: the one day
    reason text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT closed_day_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT closed_day_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT closed_day_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT closed_day_ends_on_check CHECK (ends_on >= starts_on),
    CONSTRAINT closed_day_reason_check CHECK (char_length(reason) BETWEEN 1 AND 255)
);
CREATE INDEX closed_day_starts_on ON closed_day (district_id, starts_on, id);
CREATE INDEX closed_day_ends_on ON closed_day (district_id, ends_on, id);
CREATE INDEX closed_day_site_id ON closed_day (district_id, site_id, starts_on, id);
CREATE INDEX closed_day_updated_at ON closed_day (district_id, updated_at, id);
CREATE INDEX closed_day_created_at ON closed_day (district_id, created_at, id);

-- No automatic mail goes on these days.
CREATE TABLE blackout (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid, -- NULL: the whole district's
    starts_on date NOT NULL,
    ends_on date NOT NULL, -- inclusive
    reason text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT blackout_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT blackout_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT blackout_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT blackout_ends_on_check CHECK (ends_on >= starts_on),
    CONSTRAINT blackout_reason_check CHECK (char_length(reason) BETWEEN 1 AND 255)
);
CREATE INDEX blackout_starts_on ON blackout (district_id, starts_on, id);
CREATE INDEX blackout_ends_on ON blackout (district_id, ends_on, id);
CREATE INDEX blackout_site_id ON blackout (district_id, site_id, starts_on, id);
CREATE INDEX blackout_updated_at ON blackout (district_id, updated_at, id);
CREATE INDEX blackout_created_at ON blackout (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON focus_area, contact, affiliation, program, program_site,
    reporting_quarter, closed_day, blackout TO kith_api;

RESET ROLE;
