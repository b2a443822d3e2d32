-- Of sums that a release hides, as they are of few people: what they were made of, so that none of the releases to come tells
-- them, when what they are made of has changed.

SET ROLE kith_owner;

ALTER TABLE release_sum
    ADD COLUMN low numeric, -- from where to where it may not be told; NULL: it was shown
    ADD COLUMN high numeric,
    ADD CONSTRAINT release_sum_high_check CHECK ((low IS NULL) = (high IS NULL) AND (low IS NULL OR cardinality(parts) > 1));

RESET ROLE;
