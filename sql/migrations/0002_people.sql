-- Districts, which are the tenants, and who may do what in them.
--
-- Every tenant table: district_id first in every key; ids are the caller's; created_at and updated_at
-- are business time, kith.now of the unit (outside of a unit they must be given); version is counted
-- by the trigger bump_version. Names of constraints are part of the API: see ../README.md.

SET ROLE kith_owner;

-- A zone that the server cannot compute with would lock its district out. Made here and not among the
-- functions, as constraints need it.
CREATE FUNCTION is_zone(p_name text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN timestamptz '2000-01-01 00:00:00Z' AT TIME ZONE p_name IS NOT NULL;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END
$$;
GRANT EXECUTE ON FUNCTION is_zone TO PUBLIC;

CREATE TABLE district (
    id uuid NOT NULL,
    district_id uuid NOT NULL, -- the id again, so that every tenant table has the same policy
    slug text NOT NULL,
    name text NOT NULL,
    zone text NOT NULL,
    locale text NOT NULL DEFAULT 'en',
    locales text[] NOT NULL DEFAULT '{en,es}',
    small_cell integer NOT NULL DEFAULT 10,
    survey_cell integer NOT NULL DEFAULT 5,
    text_cell integer NOT NULL DEFAULT 10,
    mail_hour integer NOT NULL DEFAULT 9,
    mail_from_name text,
    reply_to text,
    website text,
    phone text,
    street text,
    city text,
    state text,
    postal_code text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT district_pkey PRIMARY KEY (id),
    CONSTRAINT district_district_id_check CHECK (district_id = id),
    CONSTRAINT district_slug_key UNIQUE (slug),
    CONSTRAINT district_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT district_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT district_zone_check CHECK (char_length(zone) <= 255 AND is_zone(zone)),
    CONSTRAINT district_locale_check CHECK (locale = ANY (locales)),
    CONSTRAINT district_locales_check CHECK (cardinality(locales) BETWEEN 1 AND 100),
    CONSTRAINT district_small_cell_check CHECK (small_cell >= 10),
    CONSTRAINT district_survey_cell_check CHECK (survey_cell >= 5),
    CONSTRAINT district_text_cell_check CHECK (text_cell >= 10),
    CONSTRAINT district_mail_hour_check CHECK (mail_hour BETWEEN 0 AND 23),
    CONSTRAINT district_mail_from_name_check CHECK (char_length(mail_from_name) <= 255),
    CONSTRAINT district_reply_to_check CHECK (char_length(reply_to) <= 254),
    CONSTRAINT district_website_check CHECK (char_length(website) <= 2000),
    CONSTRAINT district_phone_check CHECK (char_length(phone) <= 255),
    CONSTRAINT district_street_check CHECK (char_length(street) <= 255),
    CONSTRAINT district_city_check CHECK (char_length(city) <= 255),
    CONSTRAINT district_state_check CHECK (char_length(state) <= 255),
    CONSTRAINT district_postal_code_check CHECK (char_length(postal_code) <= 255)
);

-- The policy's column: without it a list of the one district reads them all.
CREATE INDEX district_district_id ON district (district_id);

CREATE TABLE app_user (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    email text NOT NULL, -- lower case, by whoever writes it
    name text NOT NULL,
    phone text,
    locale text NOT NULL DEFAULT 'en',
    zone text,
    status text NOT NULL DEFAULT 'active',
    password_hash text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT app_user_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT app_user_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT app_user_email_key UNIQUE (district_id, email),
    CONSTRAINT app_user_email_check CHECK (char_length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    CONSTRAINT app_user_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT app_user_phone_check CHECK (char_length(phone) <= 255),
    CONSTRAINT app_user_locale_check CHECK (char_length(locale) BETWEEN 2 AND 255),
    CONSTRAINT app_user_zone_check CHECK (char_length(zone) <= 255 AND is_zone(zone)),
    CONSTRAINT app_user_status_check CHECK (status IN ('active', 'disabled')),
    CONSTRAINT app_user_password_hash_check CHECK (char_length(password_hash) <= 255)
);

CREATE TABLE user_grant (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    scope_kind text NOT NULL DEFAULT 'district',
    scope_id uuid, -- of a network, site or partner, as scope_kind says
    from_date date NOT NULL,
    until_date date, -- the last day on which it holds
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT user_grant_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT user_grant_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT user_grant_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT user_grant_role_check CHECK (role IN ('admin', 'director', 'executive', 'coordinator',
        'school_leader', 'reviewer', 'data_steward', 'viewer', 'partner')),
    CONSTRAINT user_grant_scope_kind_check
        CHECK (scope_kind IN ('district', 'network', 'site', 'partner')),
    CONSTRAINT user_grant_scope_id_check CHECK ((scope_kind = 'district') = (scope_id IS NULL)),
    CONSTRAINT user_grant_until_date_check CHECK (until_date >= from_date)
);
-- In the order in which kith_enter() tells them, which so sorts nothing.
CREATE INDEX user_grant_user_id
    ON user_grant (district_id, user_id, role, scope_kind, scope_id);

CREATE TABLE access_token (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    token_hash text NOT NULL, -- SHA-256 in hexadecimal; the token itself is nowhere
    csrf_hash text,
    label text,
    expires_at timestamptz, -- the first instant at which it is worth nothing
    revoked_at timestamptz,
    last_used_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT access_token_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT access_token_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT access_token_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT access_token_token_hash_key UNIQUE (district_id, token_hash),
    CONSTRAINT access_token_kind_check CHECK (kind IN ('session', 'api_key', 'link')),
    CONSTRAINT access_token_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT access_token_csrf_hash_check CHECK (csrf_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT access_token_label_check CHECK (char_length(label) <= 255)
);
CREATE INDEX access_token_user_id ON access_token (district_id, user_id);

GRANT SELECT, INSERT, UPDATE ON app_user, user_grant, access_token TO kith_api;
-- Districts are made by kith admin, never by a request.
GRANT SELECT, UPDATE ON district TO kith_api;

RESET ROLE;
