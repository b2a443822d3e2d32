-- Who there is in the database. Roles belong to the cluster and may be there already: made by
-- another database of it, or beforehand where migrations may not make roles. Passwords are the
-- operator's: none is set here.

DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('kith_owner',     'NOLOGIN'),
            ('kith_search',    'NOLOGIN'),
            ('kith_migrate',   'LOGIN BYPASSRLS IN ROLE kith_owner'),
            ('kith_backup',    'LOGIN BYPASSRLS'),
            ('kith_api',       'LOGIN'),
            ('kith_publisher', 'LOGIN'),
            ('kith_kpi',       'LOGIN'),
            ('kith_checkin',   'LOGIN'),
            ('kith_survey',    'LOGIN'),
            ('kith_mailer',    'LOGIN')) AS w (name, how)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.how);
            IF wanted.name = 'kith_api' THEN
                ALTER ROLE kith_api SET lock_timeout = '250ms';
                ALTER ROLE kith_api SET statement_timeout = '30s';
                ALTER ROLE kith_api SET idle_in_transaction_session_timeout = '60s';
            END IF;
        END IF;
    END LOOP;
    EXECUTE format('REVOKE CREATE ON DATABASE %I FROM PUBLIC', current_database());
    -- Bulk writes go through a temporary table.
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO kith_owner, kith_migrate, kith_api',
                   current_database());
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO kith_owner;
GRANT USAGE ON SCHEMA public TO kith_api, kith_backup, kith_search, kith_publisher, kith_kpi,
    kith_checkin, kith_survey, kith_mailer;

-- Nobody runs a function that was not given to him, and a dump misses no table of later.
ALTER DEFAULT PRIVILEGES FOR ROLE kith_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kith_owner GRANT SELECT ON TABLES TO kith_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE kith_owner GRANT SELECT ON SEQUENCES TO kith_backup;

-- Which of the files are applied: kept by kith migrate, from this one on. It is of no district.
CREATE TABLE schema_migration (
    name text NOT NULL,
    kind text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL,
    CONSTRAINT schema_migration_pkey PRIMARY KEY (name),
    CONSTRAINT schema_migration_kind_check CHECK (kind IN ('migration', 'function'))
);
ALTER TABLE schema_migration OWNER TO kith_owner;
GRANT SELECT ON schema_migration TO kith_api, kith_backup;
