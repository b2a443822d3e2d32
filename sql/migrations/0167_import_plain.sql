-- What is plain of a batch is kept as rows of PostgreSQL, whose values are read once, and not as JSON.

SET ROLE kith_owner;

CREATE TYPE import_observation AS (
    line bigint,
    id uuid,
    cells text, -- JSON
    indicator_id text, -- this and the next two: an id, or what names one row
    site_id text,
    partnership_id text,
    cohort text,
    school_year smallint,
    period_kind text,
    period_start date,
    period_end date,
    numerator numeric,
    denominator numeric,
    source text,
    computed_by text,
    as_of date
);

ALTER TABLE import_batch ADD COLUMN plain text NOT NULL DEFAULT '{}'; -- an array of import_<kind>, as text
ALTER TABLE import_batch ALTER COLUMN plain SET STORAGE EXTERNAL;

RESET ROLE;
