-- Sites that close, or go on in another: from which day, and what became of what they had.

SET ROLE kith_owner;

CREATE TABLE site_closing (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    into_site_id uuid, -- which takes over what the site has
    kind text NOT NULL,
    on_date date NOT NULL, -- the first day on which it is closed
    reason text,
    status text NOT NULL DEFAULT 'planned',
    user_id uuid,
    changes jsonb NOT NULL DEFAULT '[]',
    done_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT site_closing_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT site_closing_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT site_closing_site_id_fkey FOREIGN KEY (district_id, site_id) REFERENCES site (district_id, id),
    CONSTRAINT site_closing_into_site_id_fkey FOREIGN KEY (district_id, into_site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT site_closing_user_id_fkey FOREIGN KEY (district_id, user_id) REFERENCES app_user (district_id, id),
    CONSTRAINT site_closing_into_site_id_check
        CHECK (into_site_id <> site_id AND (kind = 'close' OR into_site_id IS NOT NULL)),
    CONSTRAINT site_closing_kind_check CHECK (kind IN ('close', 'merge')),
    CONSTRAINT site_closing_reason_check CHECK (char_length(reason) <= 10000),
    CONSTRAINT site_closing_status_check CHECK (status IN ('planned', 'done', 'cancelled', 'undone'))
);
CREATE UNIQUE INDEX site_closing_site_id_key ON site_closing (district_id, site_id)
    WHERE status IN ('planned', 'done');
CREATE INDEX site_closing_site_id ON site_closing (district_id, site_id, on_date, id);
CREATE INDEX site_closing_into_site_id ON site_closing (district_id, into_site_id, on_date, id);
CREATE INDEX site_closing_status ON site_closing (district_id, status, on_date, id);
CREATE INDEX site_closing_on_date ON site_closing (district_id, on_date, id);
CREATE INDEX site_closing_updated_at ON site_closing (district_id, updated_at, id);
CREATE INDEX site_closing_created_at ON site_closing (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON site_closing TO kith_api;

RESET ROLE;
