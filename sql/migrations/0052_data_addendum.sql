-- Whom the district names as a school official, and directs, is attested with the agreement (34 CFR 99.31(a)(1)).

SET ROLE kith_owner;

ALTER TABLE agreement
    ADD COLUMN named_in_notice boolean NOT NULL DEFAULT false,
    ADD COLUMN under_direct_control boolean NOT NULL DEFAULT false;

RESET ROLE;
