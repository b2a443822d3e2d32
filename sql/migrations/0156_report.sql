-- Reports that people keep: of what, of when, and to whom they go by themselves.

SET ROLE kith_owner;

CREATE TABLE report (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    network_id uuid, -- what it is of: at most one; none: of the district
    site_id uuid,
    partner_id uuid,
    partnership_id uuid,
    school_year bigint, -- NULL: that of the day
    period text NOT NULL DEFAULT 'month',
    parts text[] NOT NULL DEFAULT '{summary,indicators,trends,goals,equity,portfolio}',
    owner_id uuid NOT NULL DEFAULT nullif(current_setting('kith.user', true), '')::uuid,
    every text, -- NULL: nobody gets it by itself
    recipient_roles text[] NOT NULL DEFAULT '{executive}',
    next_on date, -- when it goes next; report_next_on()
    last_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT report_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT report_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT report_network_id_fkey FOREIGN KEY (district_id, network_id) REFERENCES network (district_id, id),
    CONSTRAINT report_site_id_fkey FOREIGN KEY (district_id, site_id) REFERENCES site (district_id, id),
    CONSTRAINT report_partner_id_fkey FOREIGN KEY (district_id, partner_id) REFERENCES partner (district_id, id),
    CONSTRAINT report_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT report_owner_id_fkey FOREIGN KEY (district_id, owner_id) REFERENCES app_user (district_id, id),
    CONSTRAINT report_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT report_site_id_check CHECK (num_nonnulls(network_id, site_id, partner_id, partnership_id) <= 1),
    CONSTRAINT report_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT report_period_check CHECK (period IN ('month', 'quarter', 'school_year', 'ytd')),
    CONSTRAINT report_parts_check CHECK (
        cardinality(parts) BETWEEN 1 AND 6
        AND parts <@ '{summary,indicators,trends,goals,equity,portfolio}'),
    CONSTRAINT report_every_check CHECK (every IN ('week', 'month', 'quarter', 'school_year')),
    CONSTRAINT report_next_on_check CHECK ((every IS NULL) = (next_on IS NULL)),
    CONSTRAINT report_recipient_roles_check CHECK (
        cardinality(recipient_roles) BETWEEN 1 AND 8
        AND recipient_roles <@ '{admin,director,executive,coordinator,school_leader,reviewer,data_steward,viewer}')
);
CREATE INDEX report_name ON report (district_id, name, id);
CREATE INDEX report_network_id ON report (district_id, network_id, name, id);
CREATE INDEX report_site_id ON report (district_id, site_id, name, id);
CREATE INDEX report_partner_id ON report (district_id, partner_id, name, id);
CREATE INDEX report_partnership_id ON report (district_id, partnership_id, name, id);
CREATE INDEX report_owner_id ON report (district_id, owner_id, name, id);
CREATE INDEX report_every ON report (district_id, every, name, id);
CREATE INDEX report_next_on ON report (district_id, next_on, name, id);
CREATE INDEX report_updated_at ON report (district_id, updated_at, id);
CREATE INDEX report_created_at ON report (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON report TO kith_api;

RESET ROLE;
