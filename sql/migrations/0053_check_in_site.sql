-- What each site of a partnership with many adds to a check-in, beside the half that its lead fills in.

SET ROLE kith_owner;

CREATE TABLE check_in_site (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    check_in_id uuid NOT NULL,
    site_id uuid NOT NULL,
    rating bigint,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT check_in_site_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT check_in_site_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT check_in_site_check_in_id_fkey FOREIGN KEY (district_id, check_in_id)
        REFERENCES check_in (district_id, id),
    CONSTRAINT check_in_site_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT check_in_site_rating_check CHECK (rating BETWEEN 1 AND 4),
    CONSTRAINT check_in_site_note_check CHECK (char_length(note) <= 10000)
);
CREATE UNIQUE INDEX check_in_site_site_id_key ON check_in_site (district_id, check_in_id, site_id)
    WHERE archived_at IS NULL;
CREATE INDEX check_in_site_check_in_id ON check_in_site (district_id, check_in_id, created_at, id);
CREATE INDEX check_in_site_site_id ON check_in_site (district_id, site_id, created_at, id);
CREATE INDEX check_in_site_updated_at ON check_in_site (district_id, updated_at, id);
CREATE INDEX check_in_site_created_at ON check_in_site (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON check_in_site TO kith_api;

RESET ROLE;
