-- When the district's fiscal year begins; the budget periods of an award.

SET ROLE kith_owner;

ALTER TABLE district
    ADD COLUMN fiscal_month integer NOT NULL DEFAULT 7,
    ADD CONSTRAINT district_fiscal_month_check CHECK (fiscal_month BETWEEN 1 AND 12);

CREATE TABLE funding_period (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    funding_application_id uuid NOT NULL,
    name text,
    from_date date NOT NULL,
    until_date date NOT NULL,
    awarded_cents bigint NOT NULL,
    report_due_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT funding_period_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT funding_period_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT funding_period_funding_application_id_fkey FOREIGN KEY (district_id, funding_application_id)
        REFERENCES funding_application (district_id, id),
    CONSTRAINT funding_period_name_check CHECK (char_length(name) <= 255),
    CONSTRAINT funding_period_until_date_check CHECK (until_date >= from_date),
    CONSTRAINT funding_period_awarded_cents_check CHECK (awarded_cents BETWEEN 1 AND 1000000000000)
);
CREATE INDEX funding_period_funding_application_id
    ON funding_period (district_id, funding_application_id, created_at, id);
CREATE INDEX funding_period_from_date ON funding_period (district_id, from_date, id);
CREATE INDEX funding_period_report_due_on ON funding_period (district_id, report_due_on, created_at, id);
CREATE INDEX funding_period_updated_at ON funding_period (district_id, updated_at, id);
CREATE INDEX funding_period_created_at ON funding_period (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON funding_period TO kith_api;

RESET ROLE;
