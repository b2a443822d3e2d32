-- Which credentials the district asks of the partners of its partnerships, and when it reminds of those that
-- end.

SET ROLE kith_owner;

CREATE TABLE required_credential (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    arrangement text, -- NULL: each
    tier text, -- NULL: each
    least_coverage_cents bigint, -- of an insurance
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT required_credential_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT required_credential_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT required_credential_kind_check CHECK (kind IN ('liability_insurance',
        'clearance_attestation', 'w9', 'nonprofit_status', 'license', 'data_security')),
    CONSTRAINT required_credential_arrangement_check CHECK (arrangement IN ('program', 'sponsorship',
        'service', 'public_private', 'research', 'gift', 'other')),
    CONSTRAINT required_credential_tier_check CHECK (tier IN ('supporter', 'partner', 'anchor')),
    CONSTRAINT required_credential_least_coverage_cents_check
        CHECK (least_coverage_cents BETWEEN 0 AND 1000000000000)
);
CREATE UNIQUE INDEX required_credential_kind_key
    ON required_credential (district_id, kind, coalesce(arrangement, ''), coalesce(tier, ''),
        coalesce(least_coverage_cents, -1))
    WHERE archived_at IS NULL;
CREATE INDEX required_credential_kind ON required_credential (district_id, kind, created_at, id);
CREATE INDEX required_credential_updated_at ON required_credential (district_id, updated_at, id);
CREATE INDEX required_credential_created_at ON required_credential (district_id, created_at, id);

ALTER TABLE district
    ADD COLUMN credential_lead_days integer[] NOT NULL DEFAULT '{60,30,14}',
    ADD CONSTRAINT district_credential_lead_days_check
        CHECK (cardinality(credential_lead_days) <= 10 AND 1 <= ALL (credential_lead_days)
            AND 365 >= ALL (credential_lead_days));

GRANT SELECT, INSERT, UPDATE ON required_credential TO kith_api;
-- To write of a credential that ends.
GRANT SELECT ON credential TO kith_mailer;

RESET ROLE;
