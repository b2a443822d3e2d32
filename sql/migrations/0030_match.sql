-- The district weighs the factors by which partners are matched with needs.

SET ROLE kith_owner;

CREATE TABLE match_weight (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    factor text NOT NULL,
    weight bigint NOT NULL,
    from_date date NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT match_weight_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT match_weight_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT match_weight_factor_check CHECK (
        factor IN ('focus', 'resources', 'reach', 'capacity', 'evidence', 'ties', 'load', 'stage')),
    CONSTRAINT match_weight_weight_check CHECK (weight BETWEEN 0 AND 100)
);
CREATE INDEX match_weight_factor ON match_weight (district_id, factor, from_date, id);
CREATE INDEX match_weight_from_date ON match_weight (district_id, from_date, id);
CREATE INDEX match_weight_updated_at ON match_weight (district_id, updated_at, id);
CREATE INDEX match_weight_created_at ON match_weight (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON match_weight TO kith_api;

RESET ROLE;
