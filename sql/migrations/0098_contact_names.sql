-- What else a person is called, and has been written to: by hand, or of records that turned out to be of one.

SET ROLE kith_owner;

ALTER TABLE contact
    ADD COLUMN aliases text[] NOT NULL DEFAULT '{}',
    ADD COLUMN other_emails text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT contact_aliases_check CHECK (cardinality(aliases) <= 100),
    ADD CONSTRAINT contact_other_emails_check CHECK (cardinality(other_emails) <= 100);

RESET ROLE;
