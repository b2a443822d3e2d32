-- Rows of what comes by the million wait a batch together, and not each by itself: whatever is plain and new is
-- written at once (95_import_observation.sql), and import_row has it once, when it is known what became of it.

SET ROLE kith_owner;

CREATE TABLE import_batch (
    district_id uuid NOT NULL,
    import_id uuid NOT NULL,
    first_line bigint NOT NULL, -- of the file
    last_line bigint NOT NULL,
    row_count bigint NOT NULL,
    rows text NOT NULL, -- JSON, as import_stage takes it
    CONSTRAINT import_batch_pkey PRIMARY KEY (district_id, import_id, first_line),
    CONSTRAINT import_batch_import_id_fkey FOREIGN KEY (district_id, import_id) REFERENCES import (district_id, id)
);
ALTER TABLE import_batch ALTER COLUMN rows SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, DELETE ON import_batch TO kith_api;

-- Rows that were written at once have no text of a key.
DROP INDEX import_row_key_text;
CREATE INDEX import_row_key_text ON import_row (district_id, import_id, key_text, line) WHERE key_text IS NOT NULL;

-- A row of a file is written by those who hold its import's work, which holds the import; an observation belongs to a
-- site and an indicator, whose keys have the district in them. These foreign keys were looked up a million times for nothing.
ALTER TABLE import_row DROP CONSTRAINT import_row_import_id_fkey;
ALTER TABLE observation DROP CONSTRAINT observation_district_id_fkey;

RESET ROLE;
