-- What a turn of kith-checkin need not look at: since its last look at all partnerships no clock has come to an hour at
-- which something may be due (reading), and nothing has changed of those of which there is no mark.

SET ROLE kith_owner;

ALTER TABLE schedule ADD COLUMN reading text; -- of the clocks, at the last look at all; NULL: there was none

CREATE TABLE turn_mark (
    district_id uuid NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    subject_id uuid, -- NULL: all
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT turn_mark_pkey PRIMARY KEY (district_id, id)
);

RESET ROLE;
