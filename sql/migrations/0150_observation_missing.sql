-- Observations of a day; of a percentage without its whole; and those that say why there is no figure. Sums tell how
-- many of each kind they are made of, and of how many people.

SET ROLE kith_owner;

-- One has other arguments now, the other is made of it: both are made again.
DROP FUNCTION IF EXISTS import_observations(uuid, bigint, bigint, jsonb), observation_fault(indicator, text, date, numeric, numeric);

ALTER TABLE indicator
    DROP CONSTRAINT indicator_periods_check,
    ADD CONSTRAINT indicator_periods_check CHECK (cardinality(periods) BETWEEN 1 AND 5
        AND periods <@ '{day,month,quarter,school_year,ytd}'
        AND (NOT is_ytd OR periods <@ '{school_year,ytd}'));

ALTER TABLE observation
    ALTER COLUMN numerator DROP NOT NULL,
    ADD COLUMN percent numeric(9,6), -- as its source tells it
    ADD COLUMN weighted_by text, -- whose number the denominator is, where the source has none
    ADD COLUMN missing text, -- why there is no figure
    DROP CONSTRAINT observation_period_kind_check,
    ADD CONSTRAINT observation_period_kind_check
        CHECK (period_kind IN ('day', 'month', 'quarter', 'school_year', 'ytd')),
    DROP CONSTRAINT observation_period_start_check,
    ADD CONSTRAINT observation_period_start_check CHECK (CASE
        WHEN period_kind IN ('day', 'quarter') THEN true
        WHEN period_kind = 'month' THEN extract(day FROM period_start) = 1
        ELSE extract(month FROM period_start) = 7 AND extract(day FROM period_start) = 1 END),
    DROP CONSTRAINT observation_period_end_check,
    ADD CONSTRAINT observation_period_end_check CHECK (period_end >= period_start AND CASE period_kind
        WHEN 'day' THEN period_end = period_start
        WHEN 'month' THEN period_end = (period_start + interval '1 month')::date - 1
        ELSE period_end < (period_start + interval '1 year')::date END
        AND (period_kind <> 'school_year' OR period_end = (period_start + interval '1 year')::date - 1)),
    ADD CONSTRAINT observation_percent_check CHECK (percent BETWEEN 0 AND 100),
    ADD CONSTRAINT observation_weighted_by_check
        CHECK (weighted_by IS NULL OR weighted_by = 'enrollment' AND denominator IS NOT NULL),
    ADD CONSTRAINT observation_missing_check
        CHECK (missing IN ('not_submitted', 'suppressed', 'not_available', 'no_weight')),
    ADD CONSTRAINT observation_numerator_missing_check CHECK ((numerator IS NULL) = (missing IS NOT NULL));

ALTER TABLE tally
    ALTER COLUMN numerator DROP NOT NULL, -- where all are missing
    ADD COLUMN people numeric, -- how many are behind it at one time
    ADD COLUMN missing bigint NOT NULL DEFAULT 0, -- observations without a figure
    ADD COLUMN weighted bigint NOT NULL DEFAULT 0; -- of n, those with another's number as their weight

ALTER TABLE rollup
    ADD COLUMN missing bigint,
    ADD COLUMN weighted bigint,
    ADD COLUMN is_summed boolean NOT NULL DEFAULT false;

RESET ROLE;

UPDATE indicator SET periods = '{day}'::text[] || periods, version = version + 1
WHERE supplied AND code = 'attendance_rate' AND NOT 'day' = ANY (periods);
INSERT INTO rollup_mark (district_id, is_whole) SELECT id, true FROM district;
