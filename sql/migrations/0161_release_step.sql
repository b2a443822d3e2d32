-- A release is made an indicator at a time, each in a transaction of its own, and published at once.

SET ROLE kith_owner;

-- What of a release is proved: while it is there, nobody touches the sums of that indicator's year.
CREATE TABLE release_step (
    district_id uuid NOT NULL,
    release_id uuid NOT NULL,
    indicator_id uuid NOT NULL,
    school_year integer NOT NULL,
    sums jsonb NOT NULL, -- as release_keep() has them
    dead bigint[] NOT NULL,
    coarsened bigint NOT NULL,
    CONSTRAINT release_step_pkey PRIMARY KEY (district_id, indicator_id, school_year),
    CONSTRAINT release_step_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
        REFERENCES indicator (district_id, id)
);
CREATE INDEX release_step_release_id ON release_step (district_id, release_id);

RESET ROLE;
