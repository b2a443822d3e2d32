-- Posts and who holds them, what a school wants of partnerships, and whether it is ready for them.

SET ROLE kith_owner;

CREATE TABLE post (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid,
    network_id uuid, -- with neither: the district's
    kind text NOT NULL,
    title text NOT NULL,
    reports_to_id uuid, -- a post
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT post_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT post_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT post_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT post_network_id_fkey FOREIGN KEY (district_id, network_id)
        REFERENCES network (district_id, id),
    CONSTRAINT post_reports_to_id_fkey FOREIGN KEY (district_id, reports_to_id)
        REFERENCES post (district_id, id),
    CONSTRAINT post_network_id_check CHECK (network_id IS NULL OR site_id IS NULL),
    CONSTRAINT post_kind_check
        CHECK (kind IN ('superintendent', 'network_lead', 'principal',
            'partnership_lead', 'family_liaison', 'other')),
    CONSTRAINT post_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT post_reports_to_id_check CHECK (reports_to_id <> id)
);
CREATE INDEX post_title ON post (district_id, title, id);
CREATE INDEX post_site_id ON post (district_id, site_id, title, id);
CREATE INDEX post_network_id ON post (district_id, network_id, title, id);
CREATE INDEX post_kind ON post (district_id, kind, title, id);
CREATE INDEX post_reports_to_id ON post (district_id, reports_to_id, title, id);
CREATE INDEX post_updated_at ON post (district_id, updated_at, id);
CREATE INDEX post_created_at ON post (district_id, created_at, id);

CREATE TABLE post_holder (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    post_id uuid NOT NULL,
    user_id uuid NOT NULL,
    is_acting boolean NOT NULL DEFAULT false,
    from_date date NOT NULL,
    until_date date, -- the last day on which it holds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT post_holder_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT post_holder_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT post_holder_post_id_fkey FOREIGN KEY (district_id, post_id)
        REFERENCES post (district_id, id),
    CONSTRAINT post_holder_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT post_holder_until_date_check CHECK (until_date >= from_date)
);
CREATE INDEX post_holder_post_id ON post_holder (district_id, post_id, from_date, id);
CREATE INDEX post_holder_user_id ON post_holder (district_id, user_id, from_date, id);
CREATE INDEX post_holder_from_date ON post_holder (district_id, from_date, id);
CREATE INDEX post_holder_updated_at ON post_holder (district_id, updated_at, id);
CREATE INDEX post_holder_created_at ON post_holder (district_id, created_at, id);

CREATE TABLE site_vision (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    school_year bigint NOT NULL, -- from which on it holds
    text text NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    adopted_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT site_vision_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT site_vision_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT site_vision_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT site_vision_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT site_vision_text_check CHECK (char_length(text) BETWEEN 1 AND 10000),
    CONSTRAINT site_vision_status_check CHECK (status IN ('draft', 'adopted', 'retired')),
    CONSTRAINT site_vision_adopted_on_check CHECK ((status = 'draft') = (adopted_on IS NULL))
);
CREATE UNIQUE INDEX site_vision_status_key ON site_vision (district_id, site_id)
    WHERE status = 'adopted' AND archived_at IS NULL;
CREATE INDEX site_vision_site_id ON site_vision (district_id, site_id, school_year, id);
CREATE INDEX site_vision_status ON site_vision (district_id, status, school_year, id);
CREATE INDEX site_vision_school_year ON site_vision (district_id, school_year, id);
CREATE INDEX site_vision_updated_at ON site_vision (district_id, updated_at, id);
CREATE INDEX site_vision_created_at ON site_vision (district_id, created_at, id);

CREATE TABLE site_vision_author (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_vision_id uuid NOT NULL,
    role text NOT NULL,
    name text, -- of students none: they are counted
    people bigint NOT NULL DEFAULT 1,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT site_vision_author_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT site_vision_author_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT site_vision_author_site_vision_id_fkey FOREIGN KEY (district_id, site_vision_id)
        REFERENCES site_vision (district_id, id),
    CONSTRAINT site_vision_author_role_check
        CHECK (role IN ('principal', 'staff', 'family', 'student', 'partner', 'community')),
    CONSTRAINT site_vision_author_name_check
        CHECK (char_length(name) <= 200 AND (role <> 'student' OR name IS NULL)),
    CONSTRAINT site_vision_author_people_check CHECK (people BETWEEN 1 AND 10000)
);
CREATE INDEX site_vision_author_site_vision_id
    ON site_vision_author (district_id, site_vision_id, created_at, id);
CREATE INDEX site_vision_author_role ON site_vision_author (district_id, role, created_at, id);
CREATE INDEX site_vision_author_updated_at ON site_vision_author (district_id, updated_at, id);
CREATE INDEX site_vision_author_created_at ON site_vision_author (district_id, created_at, id);

CREATE TABLE readiness_condition (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    description text,
    code text, -- of those that are supplied
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT readiness_condition_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT readiness_condition_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT readiness_condition_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT readiness_condition_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT readiness_condition_code_check CHECK (char_length(code) <= 64)
);
CREATE UNIQUE INDEX readiness_condition_code_key ON readiness_condition (district_id, code)
    WHERE code IS NOT NULL;
CREATE INDEX readiness_condition_name ON readiness_condition (district_id, name, id);
CREATE INDEX readiness_condition_updated_at ON readiness_condition (district_id, updated_at, id);
CREATE INDEX readiness_condition_created_at ON readiness_condition (district_id, created_at, id);

CREATE TABLE readiness_rating (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    readiness_condition_id uuid NOT NULL,
    school_year bigint NOT NULL,
    partner_id uuid, -- who rates; NULL: the school
    rating bigint NOT NULL,
    note text,
    rated_on date,
    recorded_by uuid DEFAULT nullif(current_setting('kith.user', true), '')::uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT readiness_rating_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT readiness_rating_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT readiness_rating_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT readiness_rating_readiness_condition_id_fkey FOREIGN KEY (district_id, readiness_condition_id)
        REFERENCES readiness_condition (district_id, id),
    CONSTRAINT readiness_rating_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT readiness_rating_recorded_by_fkey FOREIGN KEY (district_id, recorded_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT readiness_rating_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT readiness_rating_rating_check CHECK (rating BETWEEN 1 AND 4),
    CONSTRAINT readiness_rating_note_check CHECK (char_length(note) <= 10000)
);
CREATE UNIQUE INDEX readiness_rating_school_year_key
    ON readiness_rating (district_id, site_id, readiness_condition_id, school_year)
    WHERE partner_id IS NULL AND archived_at IS NULL;
CREATE UNIQUE INDEX readiness_rating_partner_id_key
    ON readiness_rating (district_id, site_id, readiness_condition_id, school_year, partner_id)
    WHERE partner_id IS NOT NULL AND archived_at IS NULL;
CREATE INDEX readiness_rating_site_id ON readiness_rating (district_id, site_id, school_year, id);
CREATE INDEX readiness_rating_readiness_condition_id
    ON readiness_rating (district_id, readiness_condition_id, school_year, id);
CREATE INDEX readiness_rating_partner_id ON readiness_rating (district_id, partner_id, school_year, id);
CREATE INDEX readiness_rating_school_year ON readiness_rating (district_id, school_year, id);
CREATE INDEX readiness_rating_updated_at ON readiness_rating (district_id, updated_at, id);
CREATE INDEX readiness_rating_created_at ON readiness_rating (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON post, post_holder, site_vision, site_vision_author, readiness_condition,
    readiness_rating TO kith_api;

RESET ROLE;
