-- What every change leaves behind, and what a repeated request meets. audit and outbox are written by
-- the trigger function record_change() alone, which nobody can go around; they and idempotency carry
-- no foreign key, for they outlive what they tell of.

SET ROLE kith_owner;

-- Ids are UUIDv7 and say the time, so that RANGE by id is a range of time: see ensure_partitions().
CREATE TABLE audit (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor uuid, -- NULL: the system
    request_id text,
    action text NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid uuid, -- NULL: many rows, see detail
    changed text[],   -- names of fields
    "values" jsonb,   -- {"field": {"from": …, "to": …}} of the public ones
    detail jsonb,     -- of many rows: {"import", "first", "last", "count"}
    CONSTRAINT audit_pkey PRIMARY KEY (district_id, id)
) PARTITION BY RANGE (id);
CREATE INDEX audit_aggregateid ON audit (district_id, aggregateid, id);

-- Columns as Debezium names them. Real time, for leases and monitoring.
CREATE TABLE outbox (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid uuid,
    type text NOT NULL,
    payload jsonb NOT NULL, -- a CloudEvent
    sequence bigint,        -- the row's version
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    claimed_until timestamptz,
    published_at timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (district_id, id)
) PARTITION BY RANGE (id);

-- Replies already given, by who asked and the key that came with it. Never partitioned: a UNIQUE
-- over the time would let one key happen twice.
CREATE TABLE idempotency (
    district_id uuid NOT NULL,
    principal text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    status integer NOT NULL,
    location text,
    version bigint, -- of the representation in body
    body text,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    CONSTRAINT idempotency_pkey PRIMARY KEY (district_id, principal, key),
    CONSTRAINT idempotency_key_check CHECK (char_length(key) BETWEEN 1 AND 255),
    CONSTRAINT idempotency_status_check CHECK (status BETWEEN 200 AND 299)
);

GRANT SELECT ON audit TO kith_api;
GRANT SELECT, INSERT, DELETE ON idempotency TO kith_api;

RESET ROLE;
