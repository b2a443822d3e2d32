-- Schedules that the clock applies, and what each day's round has put away.

SET ROLE kith_owner;

ALTER TABLE retention_rule
    ADD COLUMN is_automatic boolean NOT NULL DEFAULT false; -- applied once a day; false: when somebody says so

CREATE TABLE retention_run (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    retention_rule_id uuid NOT NULL,
    on_date date NOT NULL,
    kind text NOT NULL,
    years bigint NOT NULL, -- that counted: the longest of the kind's schedules
    archived_rows bigint NOT NULL,
    held_rows bigint NOT NULL, -- past the schedule and under a hold
    left_rows bigint NOT NULL, -- too many for a day
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT retention_run_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT retention_run_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT retention_run_retention_rule_id_fkey FOREIGN KEY (district_id, retention_rule_id)
        REFERENCES retention_rule (district_id, id),
    CONSTRAINT retention_run_on_date_key UNIQUE (district_id, retention_rule_id, on_date),
    CONSTRAINT retention_run_kind_check CHECK (char_length(kind) <= 64)
);
CREATE INDEX retention_run_retention_rule_id ON retention_run (district_id, retention_rule_id, on_date, id);
CREATE INDEX retention_run_kind ON retention_run (district_id, kind, on_date, id);
CREATE INDEX retention_run_on_date ON retention_run (district_id, on_date, id);
CREATE INDEX retention_run_updated_at ON retention_run (district_id, updated_at, id);
CREATE INDEX retention_run_created_at ON retention_run (district_id, created_at, id);

GRANT SELECT ON retention_run TO kith_api;

RESET ROLE;
