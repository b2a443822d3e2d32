-- A mail that an administrator sends to itself, to see that mail arrives.

SET ROLE kith_owner;

CREATE TABLE mail_check (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL DEFAULT current_setting('kith.user')::uuid,
    code text NOT NULL DEFAULT lpad((('x' || substr(gen_random_uuid()::text, 1, 8))::bit(32)::bigint % 100000000)::text, 8, '0'),
    status text NOT NULL DEFAULT 'sent',
    expires_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz + interval '24 hours',
    confirmed_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT mail_check_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT mail_check_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT mail_check_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT mail_check_code_check CHECK (code ~ '^[0-9]{8}$'),
    CONSTRAINT mail_check_status_check CHECK (status IN ('sent', 'confirmed')),
    CONSTRAINT mail_check_confirmed_at_check CHECK ((confirmed_at IS NULL) = (status = 'sent'))
);
CREATE INDEX mail_check_user_id ON mail_check (district_id, user_id, created_at, id);
CREATE INDEX mail_check_status ON mail_check (district_id, status, created_at, id);
CREATE INDEX mail_check_created_at ON mail_check (district_id, created_at, id);
CREATE INDEX mail_check_updated_at ON mail_check (district_id, updated_at, id);
GRANT SELECT, INSERT, UPDATE ON mail_check TO kith_api;
GRANT SELECT ON mail_check TO kith_mailer;

RESET ROLE;
