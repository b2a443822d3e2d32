-- What an agreement costs or brings, by which the district's limits say who signs it.

SET ROLE kith_owner;

ALTER TABLE agreement
    ADD COLUMN amount_cents bigint,
    ADD CONSTRAINT agreement_amount_cents_check CHECK (amount_cents BETWEEN 0 AND 1000000000000);

RESET ROLE;
