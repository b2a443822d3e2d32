-- Sessions as a school information system has them, kept apart from the district's reporting quarters.

SET ROLE kith_owner;

CREATE TABLE academic_session (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    source_id text, -- in the system that it comes from
    title text NOT NULL,
    kind text NOT NULL,
    school_year bigint NOT NULL,
    starts_on date NOT NULL,
    ends_before date NOT NULL, -- the first day after it
    parent_id uuid,
    reporting_quarter_id uuid, -- which took over its days, because somebody asked for it
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT academic_session_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT academic_session_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT academic_session_parent_id_fkey FOREIGN KEY (district_id, parent_id)
        REFERENCES academic_session (district_id, id),
    CONSTRAINT academic_session_reporting_quarter_id_fkey FOREIGN KEY (district_id, reporting_quarter_id)
        REFERENCES reporting_quarter (district_id, id),
    CONSTRAINT academic_session_source_id_check CHECK (char_length(source_id) BETWEEN 1 AND 255),
    CONSTRAINT academic_session_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT academic_session_kind_check
        CHECK (kind IN ('grading_period', 'term', 'semester', 'school_year')),
    CONSTRAINT academic_session_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT academic_session_ends_before_check CHECK (ends_before > starts_on),
    CONSTRAINT academic_session_parent_id_check CHECK (parent_id <> id)
);
CREATE UNIQUE INDEX academic_session_source_id_key ON academic_session (district_id, source_id)
    WHERE source_id IS NOT NULL AND archived_at IS NULL;
CREATE INDEX academic_session_starts_on ON academic_session (district_id, starts_on, id);
CREATE INDEX academic_session_school_year ON academic_session (district_id, school_year, starts_on, id);
CREATE INDEX academic_session_kind ON academic_session (district_id, kind, starts_on, id);
CREATE INDEX academic_session_parent_id ON academic_session (district_id, parent_id, starts_on, id);
CREATE INDEX academic_session_updated_at ON academic_session (district_id, updated_at, id);
CREATE INDEX academic_session_created_at ON academic_session (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON academic_session TO kith_api;

RESET ROLE;
