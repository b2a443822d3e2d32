-- Thanks for a win say what it was.

SET ROLE kith_owner;

ALTER TABLE thank_you
    ADD COLUMN about text, -- what it is for
    ADD CONSTRAINT thank_you_about_check CHECK (char_length(about) <= 10000),
    DROP CONSTRAINT thank_you_occasion_check,
    ADD CONSTRAINT thank_you_occasion_check
        CHECK (occasion IN ('gift', 'milestone', 'win', 'year', 'event', 'other'));

RESET ROLE;
