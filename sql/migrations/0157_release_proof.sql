-- A release is asked for, and published once it is proved what follows from it and from those before it.

SET ROLE kith_owner;

-- Those that are there were made at once.
ALTER TABLE release
    ADD COLUMN status text NOT NULL DEFAULT 'published',
    ADD COLUMN reason text, -- why it was refused
    ADD COLUMN finished_at timestamptz,
    ADD COLUMN coarsened_cells bigint NOT NULL DEFAULT 0, -- of hidden_cells: what the proof hid beyond the thresholds
    ADD CONSTRAINT release_status_check CHECK (status IN ('asked', 'published', 'refused')),
    ADD CONSTRAINT release_reason_check CHECK (reason IN ('too_large', 'failed')),
    ADD CONSTRAINT release_refused_check CHECK ((status = 'refused') = (reason IS NOT NULL));
ALTER TABLE release ALTER COLUMN status SET DEFAULT 'asked';
CREATE INDEX release_status ON release (district_id, status, created_at, id);

-- Those that wait, of all districts: claimed and deleted by kith-kpi.
CREATE TABLE release_asked (
    district_id uuid NOT NULL,
    release_id uuid NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT release_asked_pkey PRIMARY KEY (district_id, release_id)
);
CREATE INDEX release_asked_since ON release_asked (since, release_id);

-- The counts that all sums are made of: of a site, cohort and shortest period that there is of it, as it was in one
-- release after the other. A count that changes is another one. What the state publishes of a school, less who is served,
-- is a count, too.
CREATE TABLE release_count (
    district_id uuid NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    indicator_id uuid NOT NULL,
    school_year integer NOT NULL,
    site_id uuid NOT NULL,
    partnership_id uuid,
    cohort text NOT NULL,
    period_kind text NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    count numeric NOT NULL,
    is_rest boolean NOT NULL, -- no observation: what others leave of the school
    is_current boolean NOT NULL DEFAULT true,
    is_known boolean NOT NULL DEFAULT false, -- was shown as it is
    was_hidden boolean NOT NULL DEFAULT false, -- this one, or one before it of the same site, cohort and period
    low numeric, -- of a small one: from where to where it may not be told
    high numeric,
    bound_low numeric, -- as a rate near 0 or 1 has told
    bound_high numeric,
    CONSTRAINT release_count_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT release_count_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
        REFERENCES indicator (district_id, id)
);
CREATE UNIQUE INDEX release_count_key ON release_count (district_id, indicator_id, school_year, site_id, partnership_id,
    cohort, period_kind, period_start, period_end) NULLS NOT DISTINCT WHERE is_current;
CREATE INDEX release_count_indicator_id ON release_count (district_id, indicator_id, school_year);

-- Sums of counts that nobody was shown, as they were shown; less those that they contain.
CREATE TABLE release_sum (
    district_id uuid NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    indicator_id uuid NOT NULL,
    school_year integer NOT NULL,
    parts bigint[] NOT NULL,
    CONSTRAINT release_sum_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT release_sum_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
        REFERENCES indicator (district_id, id),
    CONSTRAINT release_sum_parts_check CHECK (cardinality(parts) > 0)
);
CREATE INDEX release_sum_indicator_id ON release_sum (district_id, indicator_id, school_year);

-- Releases are made by kith-kpi.
DROP TRIGGER IF EXISTS release_before ON release;
DROP FUNCTION IF EXISTS release_before();

RESET ROLE;

-- What is shown today is known, and what is hidden stays hidden.
INSERT INTO release_count (district_id, indicator_id, school_year, site_id, cohort, period_kind, period_start, period_end,
                           count, is_rest, is_known, was_hidden)
SELECT t.district_id, t.indicator_id, t.school_year, t.scope_id, t.cohort, t.period_kind, t.period_start, t.period_end,
       CASE WHEN r.is_suppressed AND i.aggregation = 'sum' THEN coalesce(t.numerator, 0)
            WHEN r.is_suppressed THEN coalesce(t.denominator, t.numerator, 0)
            WHEN i.aggregation = 'sum' THEN coalesce(r.value, 0)
            ELSE coalesce(r.denominator, r.value, 0) END,
       false, NOT r.is_suppressed, r.is_suppressed
FROM rollup r
JOIN indicator i ON i.district_id = r.district_id AND i.id = r.indicator_id
JOIN tally t ON t.district_id = r.district_id AND t.indicator_id = r.indicator_id AND t.school_year = r.school_year
    AND t.scope_kind = 'site' AND t.scope_id = r.scope_id AND t.partnership_id IS NULL AND t.cohort = r.cohort
    AND t.period_kind = r.period_kind AND t.period_start = r.period_start AND t.period_end = r.period_end
WHERE r.release_id IS NOT NULL AND r.scope_kind = 'site' AND t.n > 0
  AND NOT (t.is_made AND t.period_kind IN ('quarter', 'school_year'));
