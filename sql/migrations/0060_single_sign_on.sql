-- Signing in at a provider of the district: the providers, and whom each of them knows as which user.
SET ROLE kith_owner;

ALTER TABLE district ADD COLUMN sso_only boolean NOT NULL DEFAULT false;

CREATE TABLE identity_provider (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    label text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    sealed_secret text, -- encrypted by kith-api, for this row alone; NULL: a public client
    scopes text NOT NULL,
    vouches_for_email boolean NOT NULL,
    is_active boolean NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT identity_provider_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT identity_provider_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT identity_provider_label_check CHECK (char_length(label) BETWEEN 1 AND 200),
    -- http is for this machine alone, and kith-api takes it in tests only.
    CONSTRAINT identity_provider_issuer_check
        CHECK (char_length(issuer) <= 2000 AND issuer !~ '[?#@]'
               AND issuer ~ '^(https://|http://(localhost|127\.0\.0\.1)[:/])'),
    CONSTRAINT identity_provider_client_id_check CHECK (char_length(client_id) BETWEEN 1 AND 255),
    CONSTRAINT identity_provider_sealed_secret_check CHECK (char_length(sealed_secret) <= 4000),
    CONSTRAINT identity_provider_scopes_check
        CHECK (char_length(scopes) <= 255 AND 'openid' = ANY (string_to_array(scopes, ' ')))
);
CREATE UNIQUE INDEX identity_provider_issuer_key
    ON identity_provider (district_id, issuer, client_id) WHERE archived_at IS NULL;
CREATE INDEX identity_provider_updated_at ON identity_provider (district_id, updated_at, id);
CREATE INDEX identity_provider_created_at ON identity_provider (district_id, created_at, id);

CREATE TABLE user_identity (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    identity_provider_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL, -- the provider's name for the user, which never changes
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT user_identity_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT user_identity_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT user_identity_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT user_identity_identity_provider_id_fkey FOREIGN KEY (district_id, identity_provider_id)
        REFERENCES identity_provider (district_id, id),
    CONSTRAINT user_identity_issuer_check CHECK (char_length(issuer) <= 2000),
    CONSTRAINT user_identity_subject_check CHECK (char_length(subject) BETWEEN 1 AND 255)
);
-- One subject is one user, and one user one subject.
CREATE UNIQUE INDEX user_identity_subject_key
    ON user_identity (district_id, issuer, subject) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX user_identity_user_id_key
    ON user_identity (district_id, user_id, issuer) WHERE archived_at IS NULL;
CREATE INDEX user_identity_user_id ON user_identity (district_id, user_id);
CREATE INDEX user_identity_identity_provider_id ON user_identity (district_id, identity_provider_id);

GRANT SELECT, INSERT, UPDATE ON identity_provider, user_identity TO kith_api;

RESET ROLE;
