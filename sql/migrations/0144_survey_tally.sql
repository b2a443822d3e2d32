-- What surveys found, counted as answers come: 86_survey_fold.sql, 86_survey_tally.sql.

SET ROLE kith_owner;

-- Answers that are to be counted anew: appended by triggers, claimed and deleted by survey_work().
CREATE TABLE survey_mark (
    district_id uuid NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    survey_id uuid NOT NULL,
    survey_answer_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT survey_mark_pkey PRIMARY KEY (district_id, id)
);
CREATE INDEX survey_mark_id ON survey_mark (id);
CREATE INDEX survey_mark_survey_id ON survey_mark (district_id, survey_id, id);

-- Answers that are told together, or not at all. cell: what all of them have in common, as of survey_cell(); '*' where
-- they have not.
CREATE TABLE survey_block (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    survey_id uuid NOT NULL,
    cell text[] NOT NULL,
    CONSTRAINT survey_block_pkey PRIMARY KEY (district_id, id)
);
CREATE INDEX survey_block_survey_id ON survey_block (district_id, survey_id, cell);

-- Each answer as it is counted. Without answers it waits to be told.
CREATE TABLE survey_counted (
    district_id uuid NOT NULL,
    survey_answer_id uuid NOT NULL,
    survey_id uuid NOT NULL,
    cell text[] NOT NULL,
    survey_block_id uuid, -- NULL: it waits, or the survey is attributed
    answers jsonb,
    is_changed boolean NOT NULL DEFAULT false, -- since it was told
    quoted jsonb, -- its texts as they are told
    place uuid,   -- of these among those of others: of chance
    is_unquoted boolean NOT NULL DEFAULT false, -- it has others
    CONSTRAINT survey_counted_pkey PRIMARY KEY (district_id, survey_answer_id)
);
CREATE INDEX survey_counted_waiting ON survey_counted (district_id, survey_id, cell) WHERE answers IS NULL;
CREATE INDEX survey_counted_survey_id ON survey_counted (district_id, survey_id);
CREATE INDEX survey_counted_unquoted ON survey_counted (district_id, survey_id) WHERE is_unquoted;
CREATE INDEX survey_counted_place ON survey_counted (district_id, survey_id, place) WHERE place IS NOT NULL;
CREATE INDEX survey_counted_block ON survey_counted (district_id, survey_block_id) WHERE survey_block_id IS NOT NULL;

-- Sums of all that is told, by what the answers have in common. Those of a row without answers are none: there are
-- answers of which nothing is told.
CREATE TABLE survey_tally (
    district_id uuid NOT NULL,
    survey_id uuid NOT NULL,
    dimension text NOT NULL,
    key text COLLATE "C" NOT NULL,
    side text NOT NULL,
    audience text NOT NULL,
    n bigint NOT NULL,
    sums jsonb NOT NULL, -- {slot of survey_slots(): amount}, but those that are nothing
    CONSTRAINT survey_tally_pkey PRIMARY KEY (district_id, survey_id, dimension, key, side, audience),
    CONSTRAINT survey_tally_dimension_check
        CHECK (dimension IN ('all', 'partner', 'partnership', 'partnership_kind', 'site'))
);

CREATE INDEX survey_answer_partnership_id ON survey_answer (district_id, partnership_id);

-- What was told of a survey stands there now.
ALTER TABLE survey DROP COLUMN published;

RESET ROLE;

-- What there is is counted by the first work of kith-kpi.
INSERT INTO survey_mark (district_id, survey_id, survey_answer_id)
SELECT w.district_id, w.survey_id, w.id FROM survey_answer w WHERE w.status = 'submitted';
