-- What a volunteer's hour is worth, and who may sign for what.

SET ROLE kith_owner;

CREATE TABLE valuation_rate (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    state text, -- NULL: wherever no state has its own
    from_date date NOT NULL,
    rate_cents bigint NOT NULL,
    source text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT valuation_rate_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT valuation_rate_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT valuation_rate_state_check CHECK (state ~ '^[A-Z]{2}$'),
    CONSTRAINT valuation_rate_rate_cents_check CHECK (rate_cents BETWEEN 1 AND 10000000),
    CONSTRAINT valuation_rate_source_check CHECK (char_length(source) <= 2000)
);
CREATE UNIQUE INDEX valuation_rate_from_date_key
    ON valuation_rate (district_id, coalesce(state, ''), from_date)
    WHERE archived_at IS NULL;
CREATE INDEX valuation_rate_from_date ON valuation_rate (district_id, from_date, id);
CREATE INDEX valuation_rate_state ON valuation_rate (district_id, state, from_date, id);
CREATE INDEX valuation_rate_updated_at ON valuation_rate (district_id, updated_at, id);
CREATE INDEX valuation_rate_created_at ON valuation_rate (district_id, created_at, id);

CREATE TABLE signing_authority (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    subject text NOT NULL,
    up_to_cents bigint, -- NULL: any amount
    signer text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT signing_authority_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT signing_authority_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT signing_authority_subject_check
        CHECK (subject IN ('master', 'mou', 'site_plan', 'data_sharing', 'amendment',
            'provisional', 'gift', 'investment')),
    CONSTRAINT signing_authority_up_to_cents_check CHECK (up_to_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT signing_authority_signer_check
        CHECK (signer IN ('principal', 'department_head', 'director', 'superintendent', 'board'))
);
CREATE UNIQUE INDEX signing_authority_up_to_cents_key
    ON signing_authority (district_id, subject, coalesce(up_to_cents, -1))
    WHERE archived_at IS NULL;
CREATE INDEX signing_authority_subject ON signing_authority (district_id, subject, id);
CREATE INDEX signing_authority_updated_at ON signing_authority (district_id, updated_at, id);
CREATE INDEX signing_authority_created_at ON signing_authority (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON valuation_rate, signing_authority TO kith_api;

RESET ROLE;
