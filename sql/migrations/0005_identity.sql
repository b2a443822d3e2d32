-- Signing in: what failed lately, by whom and from where, so that guessing gets slow and nobody is
-- locked out.

SET ROLE kith_owner;

CREATE TABLE sign_in_failure (
    district_id uuid NOT NULL,
    key text NOT NULL, -- 'pair:…', 'account:…' or 'net:…', of hashes: no address stands here
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT sign_in_failure_pkey PRIMARY KEY (district_id, key),
    CONSTRAINT sign_in_failure_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT sign_in_failure_key_check CHECK (char_length(key) <= 100),
    CONSTRAINT sign_in_failure_failures_check CHECK (failures >= 1)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failure TO kith_api;

RESET ROLE;
