-- What whoever verified a credential has seen of it, where neither a file nor an address of one is kept.

SET ROLE kith_owner;

ALTER TABLE credential
    ADD COLUMN seen text,
    ADD CONSTRAINT credential_seen_check CHECK (char_length(seen) BETWEEN 1 AND 255);

RESET ROLE;
