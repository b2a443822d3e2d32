-- What is measured: indicators, the observations that are loaded, the sums that follow from them
-- (tally, which no program's reader sees) and what may be shown of these (rollup).

SET ROLE kith_owner;

CREATE TABLE indicator (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    family text NOT NULL,
    unit text NOT NULL,
    direction text NOT NULL DEFAULT 'up',
    aggregation text NOT NULL,
    periods text[] NOT NULL DEFAULT '{month,quarter,school_year}', -- that observations may be of
    is_ytd boolean NOT NULL DEFAULT false, -- then no period is made of shorter ones
    suppression text NOT NULL,
    definition text,
    source text,
    computed_from text, -- a table whose rows are its observations; NULL: it has its own
    supplied boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT indicator_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT indicator_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT indicator_code_key UNIQUE (district_id, code),
    CONSTRAINT indicator_code_check CHECK (code ~ '^[a-z0-9_]{1,64}$'),
    CONSTRAINT indicator_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT indicator_family_check CHECK (family IN ('attendance', 'grades', 'engagement',
        'wellbeing', 'family', 'partnership', 'money', 'process')),
    CONSTRAINT indicator_unit_check CHECK (unit IN ('percent', 'people', 'sessions', 'hours', 'cents',
        'score', 'count', 'days')),
    CONSTRAINT indicator_direction_check CHECK (direction IN ('up', 'down')),
    CONSTRAINT indicator_aggregation_check
        CHECK (aggregation IN ('sum', 'ratio_of_sums', 'weighted_mean', 'latest')),
    CONSTRAINT indicator_periods_check CHECK (cardinality(periods) BETWEEN 1 AND 4
        AND periods <@ '{month,quarter,school_year,ytd}'
        AND (NOT is_ytd OR periods <@ '{school_year,ytd}')),
    CONSTRAINT indicator_suppression_check
        CHECK (suppression IN ('student', 'staff', 'partner', 'none')),
    CONSTRAINT indicator_definition_check CHECK (char_length(definition) <= 10000),
    CONSTRAINT indicator_source_check CHECK (char_length(source) <= 255),
    CONSTRAINT indicator_computed_from_check CHECK (computed_from IN ('investment'))
);
CREATE INDEX indicator_name ON indicator (district_id, name, id);
CREATE INDEX indicator_family ON indicator (district_id, family, name, id);
CREATE INDEX indicator_updated_at ON indicator (district_id, updated_at, id);
CREATE INDEX indicator_created_at ON indicator (district_id, created_at, id);

ALTER TABLE goal ADD CONSTRAINT goal_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
    REFERENCES indicator (district_id, id);

-- Counts, rates and means of a group of a site in a period, never of a person. A correction is one more
-- row, which supersedes the one before; what holds has no superseded_by. Partitioned by the school
-- year, a part of the natural key: see ensure_partitions().
CREATE TABLE observation (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    indicator_id uuid NOT NULL,
    site_id uuid NOT NULL,
    cohort text NOT NULL DEFAULT 'all',
    partnership_id uuid, -- whose cohort it is; NULL: of any partnership
    school_year integer NOT NULL,
    period_kind text NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL, -- inclusive; observation_before() knows it where the start tells
    numerator numeric(18,6) NOT NULL, -- of a weighted mean: the mean
    denominator numeric(18,6), -- of a weighted mean: its weight
    source text, -- where it comes from: a system, a roster
    computed_by text,
    as_of date,
    supersedes uuid,
    superseded_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT observation_pkey PRIMARY KEY (district_id, school_year, id),
    CONSTRAINT observation_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT observation_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
        REFERENCES indicator (district_id, id),
    CONSTRAINT observation_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT observation_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT observation_cohort_check CHECK (cohort IN ('all', 'served', 'not_served')),
    CONSTRAINT observation_partnership_id_check CHECK (partnership_id IS NULL OR cohort <> 'all'),
    CONSTRAINT observation_school_year_check CHECK (school_year = extract(year FROM period_start)
        + CASE WHEN extract(month FROM period_start) >= 7 THEN 1 ELSE 0 END),
    CONSTRAINT observation_period_kind_check
        CHECK (period_kind IN ('month', 'quarter', 'school_year', 'ytd')),
    CONSTRAINT observation_period_start_check CHECK (CASE period_kind
        WHEN 'month' THEN extract(day FROM period_start) = 1
        WHEN 'quarter' THEN true
        ELSE extract(month FROM period_start) = 7 AND extract(day FROM period_start) = 1 END),
    CONSTRAINT observation_period_end_check CHECK (period_end >= period_start AND CASE period_kind
        WHEN 'month' THEN period_end = (period_start + interval '1 month')::date - 1
        ELSE period_end < (period_start + interval '1 year')::date END
        AND (period_kind <> 'school_year' OR period_end = (period_start + interval '1 year')::date - 1)),
    CONSTRAINT observation_numerator_check CHECK (numerator >= 0),
    CONSTRAINT observation_denominator_check CHECK (denominator >= 0),
    CONSTRAINT observation_source_check CHECK (char_length(source) <= 255),
    CONSTRAINT observation_computed_by_check CHECK (char_length(computed_by) <= 255)
) PARTITION BY LIST (school_year);
CREATE UNIQUE INDEX observation_period_start_key ON observation (district_id, school_year,
    indicator_id, site_id, partnership_id, cohort, period_kind, period_start, period_end)
    NULLS NOT DISTINCT WHERE superseded_by IS NULL AND archived_at IS NULL;
CREATE INDEX observation_id ON observation (district_id, id);
CREATE INDEX observation_period_start ON observation (district_id, period_start, id);
CREATE INDEX observation_indicator_id ON observation (district_id, indicator_id, period_start, id);
CREATE INDEX observation_site_id ON observation (district_id, site_id, period_start, id);
CREATE INDEX observation_partnership_id
    ON observation (district_id, partnership_id, period_start, id);
CREATE INDEX observation_updated_at ON observation (district_id, updated_at, id);
CREATE INDEX observation_created_at ON observation (district_id, created_at, id);

-- What is to be computed again: appended by triggers, claimed and deleted by rollup_work(). Without an
-- indicator it is about all of them; without a site about what is above the sites alone.
CREATE TABLE rollup_mark (
    district_id uuid NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    indicator_id uuid,
    school_year integer,
    site_id uuid,
    is_whole boolean NOT NULL DEFAULT false, -- all sites
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT rollup_mark_pkey PRIMARY KEY (district_id, id)
);
CREATE INDEX rollup_mark_id ON rollup_mark (id);
CREATE INDEX rollup_mark_indicator_id ON rollup_mark (district_id, indicator_id, school_year);

-- The sums, exact and not for readers: of a site and period from the observations, above them from the
-- level below. A site's row with a partnership is what that partnership's is made of.
CREATE TABLE tally (
    district_id uuid NOT NULL,
    indicator_id uuid NOT NULL,
    school_year integer NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    partnership_id uuid,
    cohort text NOT NULL,
    period_kind text NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    numerator numeric NOT NULL,
    denominator numeric,
    n bigint NOT NULL, -- observations
    is_made boolean NOT NULL, -- of shorter periods
    observed_from date, -- the oldest and the newest as_of
    as_of date,
    hidden text DEFAULT 'cell', -- NULL: shown; edge: a bound is shown; see suppress()
    CONSTRAINT tally_scope_key UNIQUE NULLS NOT DISTINCT (district_id, indicator_id, school_year,
        scope_kind, scope_id, partnership_id, cohort, period_kind, period_start, period_end),
    CONSTRAINT tally_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT tally_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
        REFERENCES indicator (district_id, id),
    CONSTRAINT tally_scope_kind_check
        CHECK (scope_kind IN ('site', 'network', 'district', 'partnership', 'partner')),
    CONSTRAINT tally_hidden_check CHECK (hidden IN ('cell', 'edge'))
);

-- The student indicators of a school year as they were let out together, after suppression.
CREATE TABLE release (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year integer NOT NULL,
    note text,
    cells bigint NOT NULL DEFAULT 0, -- how many there were, and how many of them are hidden
    hidden_cells bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT release_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT release_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT release_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT release_note_check CHECK (char_length(note) <= 10000)
);
CREATE INDEX release_school_year ON release (district_id, school_year, created_at, id);
CREATE INDEX release_created_at ON release (district_id, created_at, id);
CREATE INDEX release_updated_at ON release (district_id, updated_at, id);

-- What may be shown. Of a hidden cell there is no number at all.
CREATE TABLE rollup (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    indicator_id uuid NOT NULL,
    indicator_code text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid NOT NULL,
    cohort text NOT NULL,
    school_year integer NOT NULL,
    period_kind text NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    value numeric,
    value_low numeric, -- where a rate is within one case of 0 or 1
    value_high numeric,
    numerator numeric, -- only where nothing is suppressed, or where it is the value
    denominator numeric,
    n bigint, -- observations
    is_suppressed boolean NOT NULL,
    observed_from date,
    as_of date,
    release_id uuid, -- of a student indicator
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz, -- computed
    archived_at timestamptz,
    CONSTRAINT rollup_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT rollup_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT rollup_indicator_id_fkey FOREIGN KEY (district_id, indicator_id)
        REFERENCES indicator (district_id, id),
    -- Deferred: a release is made of its cells before it is a row itself.
    CONSTRAINT rollup_release_id_fkey FOREIGN KEY (district_id, release_id)
        REFERENCES release (district_id, id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT rollup_scope_key UNIQUE (district_id, indicator_id, scope_kind, scope_id, cohort,
        school_year, period_kind, period_start, period_end),
    CONSTRAINT rollup_value_check CHECK (NOT is_suppressed
        OR value IS NULL AND numerator IS NULL AND denominator IS NULL AND n IS NULL)
);
CREATE INDEX rollup_scope_id
    ON rollup (district_id, scope_id, school_year, period_kind, period_start, id);
CREATE INDEX rollup_period_start ON rollup (district_id, period_start, id);
CREATE INDEX rollup_indicator_id ON rollup (district_id, indicator_id, period_start, id);
CREATE INDEX rollup_indicator_code ON rollup (district_id, indicator_code, period_start, id);
CREATE INDEX rollup_scope_kind ON rollup (district_id, scope_kind, period_start, id);
CREATE INDEX rollup_scope ON rollup (district_id, scope_id, period_start, id);
CREATE INDEX rollup_cohort ON rollup (district_id, cohort, period_start, id);
CREATE INDEX rollup_school_year ON rollup (district_id, school_year, period_start, id);
CREATE INDEX rollup_period_kind ON rollup (district_id, period_kind, period_start, id);
CREATE INDEX rollup_updated_at ON rollup (district_id, updated_at, id);
CREATE INDEX rollup_created_at ON rollup (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON indicator, observation TO kith_api;
GRANT SELECT, INSERT ON release TO kith_api;
GRANT SELECT ON rollup TO kith_api;

RESET ROLE;
