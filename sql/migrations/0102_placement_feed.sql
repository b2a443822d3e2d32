-- Placements feed investments by themselves: those that are there from this school year on.

SET ROLE kith_owner;

ALTER TABLE investment
    ADD COLUMN is_fed boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT investment_is_fed_check CHECK (NOT is_fed OR placement_id IS NOT NULL);
ALTER TABLE placement ADD COLUMN feeds_from date; -- NULL: its first day

RESET ROLE;

UPDATE placement SET feeds_from = make_date(extract(year FROM now() + interval '6 months')::integer - 1, 7, 1);
