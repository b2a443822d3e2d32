-- A site's own calendar: quarters of its own, and days on which it is open although the district is closed.

SET ROLE kith_owner;

ALTER TABLE closed_day
    ADD COLUMN is_open boolean NOT NULL DEFAULT false; -- the other way round: it is open all the same

CREATE TABLE site_quarter (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    school_year bigint NOT NULL,
    number bigint NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT site_quarter_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT site_quarter_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT site_quarter_site_id_fkey FOREIGN KEY (district_id, site_id) REFERENCES site (district_id, id),
    CONSTRAINT site_quarter_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT site_quarter_number_check CHECK (number BETWEEN 1 AND 4),
    CONSTRAINT site_quarter_ends_on_check CHECK (ends_on >= starts_on)
);
CREATE UNIQUE INDEX site_quarter_number_key ON site_quarter (district_id, site_id, school_year, number)
    WHERE archived_at IS NULL;
CREATE INDEX site_quarter_site_id ON site_quarter (district_id, site_id, starts_on, id);
CREATE INDEX site_quarter_school_year ON site_quarter (district_id, school_year, starts_on, id);
CREATE INDEX site_quarter_starts_on ON site_quarter (district_id, starts_on, id);
CREATE INDEX site_quarter_ends_on ON site_quarter (district_id, ends_on, starts_on, id);
CREATE INDEX site_quarter_updated_at ON site_quarter (district_id, updated_at, id);
CREATE INDEX site_quarter_created_at ON site_quarter (district_id, created_at, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON site_quarter TO kith_api;
GRANT SELECT ON site_quarter TO kith_checkin;

RESET ROLE;
