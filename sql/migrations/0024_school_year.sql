-- School years, the partnership policy and who has acknowledged it, and what changes of a site from year to year.

SET ROLE kith_owner;

CREATE TABLE school_year (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year bigint NOT NULL, -- the year in which it ends
    starts_on date NOT NULL,
    ends_on date NOT NULL, -- inclusive; refuse_year_overlap() keeps years apart
    status text NOT NULL DEFAULT 'planned',
    copied_from bigint, -- the school year whose calendar it took over
    opened_at timestamptz,
    closed_at timestamptz,
    figures jsonb, -- what it came to, when it was closed
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT school_year_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT school_year_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT school_year_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT school_year_ends_on_check
        CHECK (ends_on > starts_on AND ends_on < starts_on + 400
            AND date_part('year', ends_on) = school_year),
    CONSTRAINT school_year_status_check CHECK (status IN ('planned', 'open', 'closed'))
);
CREATE UNIQUE INDEX school_year_school_year_key ON school_year (district_id, school_year)
    WHERE archived_at IS NULL;
CREATE INDEX school_year_school_year ON school_year (district_id, school_year, id);
CREATE INDEX school_year_starts_on ON school_year (district_id, starts_on, id);
CREATE INDEX school_year_ends_on ON school_year (district_id, ends_on, id);
CREATE INDEX school_year_status ON school_year (district_id, status, starts_on, id);
CREATE INDEX school_year_updated_at ON school_year (district_id, updated_at, id);
CREATE INDEX school_year_created_at ON school_year (district_id, created_at, id);

CREATE TABLE policy (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    edition bigint NOT NULL, -- counted by the trigger policy_number
    title text NOT NULL,
    text text NOT NULL,
    statement text, -- the superintendent's
    statement_by text,
    status text NOT NULL DEFAULT 'draft',
    adopted_on date,
    adopted_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT policy_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT policy_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT policy_adopted_by_fkey FOREIGN KEY (district_id, adopted_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT policy_edition_check CHECK (edition >= 1),
    CONSTRAINT policy_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT policy_text_check CHECK (char_length(text) BETWEEN 1 AND 20000),
    CONSTRAINT policy_statement_check CHECK (char_length(statement) <= 10000),
    CONSTRAINT policy_statement_by_check CHECK (char_length(statement_by) <= 255),
    CONSTRAINT policy_status_check CHECK (status IN ('draft', 'in_force', 'retired')),
    CONSTRAINT policy_adopted_on_check CHECK ((status = 'draft') = (adopted_on IS NULL))
);
CREATE UNIQUE INDEX policy_edition_key ON policy (district_id, edition);
CREATE UNIQUE INDEX policy_status_key ON policy (district_id, status)
    WHERE status = 'in_force' AND archived_at IS NULL;
CREATE INDEX policy_status ON policy (district_id, status, edition, id);
CREATE INDEX policy_edition ON policy (district_id, edition, id);
CREATE INDEX policy_updated_at ON policy (district_id, updated_at, id);
CREATE INDEX policy_created_at ON policy (district_id, created_at, id);

CREATE TABLE policy_acknowledgment (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    policy_id uuid NOT NULL,
    user_id uuid NOT NULL,
    acknowledged_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT policy_acknowledgment_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT policy_acknowledgment_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT policy_acknowledgment_policy_id_fkey FOREIGN KEY (district_id, policy_id)
        REFERENCES policy (district_id, id),
    CONSTRAINT policy_acknowledgment_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id)
);
CREATE UNIQUE INDEX policy_acknowledgment_user_id_key ON policy_acknowledgment (district_id, policy_id, user_id);
CREATE INDEX policy_acknowledgment_user_id ON policy_acknowledgment (district_id, user_id, id);
CREATE INDEX policy_acknowledgment_updated_at ON policy_acknowledgment (district_id, updated_at, id);
CREATE INDEX policy_acknowledgment_created_at ON policy_acknowledgment (district_id, created_at, id);

CREATE TABLE site_year (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    school_year bigint NOT NULL,
    enrollment bigint,
    title_i boolean,
    economic_need numeric(5, 2), -- percent of its students
    as_of date,
    source text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT site_year_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT site_year_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT site_year_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT site_year_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT site_year_enrollment_check CHECK (enrollment BETWEEN 0 AND 1000000),
    CONSTRAINT site_year_economic_need_check CHECK (economic_need BETWEEN 0 AND 100),
    CONSTRAINT site_year_source_check CHECK (char_length(source) <= 255)
);
CREATE UNIQUE INDEX site_year_school_year_key ON site_year (district_id, site_id, school_year)
    WHERE archived_at IS NULL;
CREATE INDEX site_year_school_year ON site_year (district_id, school_year, id);
CREATE INDEX site_year_site_id ON site_year (district_id, site_id, school_year, id);
CREATE INDEX site_year_updated_at ON site_year (district_id, updated_at, id);
CREATE INDEX site_year_created_at ON site_year (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON school_year, policy TO kith_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON site_year TO kith_api;
GRANT SELECT, INSERT ON policy_acknowledgment TO kith_api;

RESET ROLE;
