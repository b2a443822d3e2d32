-- Events on their way: which of the outbox are to be published, who has handled which of them, and those
-- that nobody could handle. Times here are of the real clock: leases and monitoring.

SET ROLE kith_owner;

CREATE INDEX outbox_unpublished ON outbox (created_at, id) WHERE published_at IS NULL;
CREATE INDEX outbox_id ON outbox (id);

GRANT SELECT, UPDATE (claimed_until, published_at), DELETE ON outbox TO kith_publisher;

-- An event is handled once by a consumer: its row here is of the transaction of the effect. Never
-- partitioned, and kept for longer than the event itself.
CREATE TABLE processed (
    district_id uuid NOT NULL,
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT processed_pkey PRIMARY KEY (district_id, consumer, event_id)
);
CREATE INDEX processed_handled_at ON processed USING brin (handled_at);

-- Events that a consumer could not handle. While dead_at is NULL it is still tried; after that it waits
-- for somebody to say that it is to be tried again.
CREATE TABLE dead_letter (
    district_id uuid NOT NULL,
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    attempts integer NOT NULL DEFAULT 1, -- begun; one that ends the process counts too
    error text,
    first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    dead_at timestamptz,
    CONSTRAINT dead_letter_pkey PRIMARY KEY (district_id, consumer, event_id)
);
CREATE INDEX dead_letter_event_id ON dead_letter (consumer, event_id);

-- How far the healing sweep of each consumer has come, over all districts: see event_sweep().
CREATE TABLE event_consumer (
    name text NOT NULL,
    low_mark uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- all before it is handled
    next_mark uuid, -- what it may become once every transaction before next_xid has ended
    next_xid xid8,
    swept_at timestamptz,
    CONSTRAINT event_consumer_pkey PRIMARY KEY (name)
);

-- Sites and periods whose figures have changed, and are still to be summed up for the partnerships and
-- partners that work there: these are many, and may be some moments later than what lies above a site.
-- Written and deleted under the lock of the indicator's year.
CREATE TABLE tally_crossing (
    district_id uuid NOT NULL,
    indicator_id uuid NOT NULL,
    school_year integer NOT NULL,
    site_id uuid NOT NULL,
    period_kind text NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT tally_crossing_pkey PRIMARY KEY (district_id, indicator_id, school_year, site_id,
        period_kind, period_start, period_end)
);
CREATE INDEX tally_crossing_since ON tally_crossing (since);
-- Many rows change their numbers and nothing that has an index: with room on their page that costs none.
ALTER TABLE tally SET (fillfactor = 70);
CREATE INDEX tally_partnership_id ON tally (district_id, indicator_id, school_year, partnership_id,
    cohort, period_start) WHERE partnership_id IS NOT NULL;

-- School years of whose student indicators something has changed since their last release; business time.
CREATE TABLE release_due (
    district_id uuid NOT NULL,
    school_year integer NOT NULL,
    since timestamptz NOT NULL,
    CONSTRAINT release_due_pkey PRIMARY KEY (district_id, school_year),
    CONSTRAINT release_due_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id)
);

GRANT SELECT, DELETE ON processed, idempotency TO kith_publisher;
GRANT SELECT ON dead_letter TO kith_publisher;
CREATE INDEX idempotency_created_at ON idempotency USING brin (created_at);

RESET ROLE;
