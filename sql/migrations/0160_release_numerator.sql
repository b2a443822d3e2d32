-- What releases told of numerators is kept, too, as it tells of the counts that they are a part of.

SET ROLE kith_owner;

ALTER TABLE release_count
    ADD COLUMN numerator numeric, -- those whom the rate counts; NULL: it has none, or it is not known any more
    ADD COLUMN same bigint, -- the id of the first that was the same count, with another numerator; NULL: this is the first
    ADD COLUMN rate_low numeric, -- as a bound near 0 or 1 has told
    ADD COLUMN rate_high numeric;

RESET ROLE;
