-- Imports: a file as it came, its rows with what became of each, and what there was before.

SET ROLE kith_owner;

CREATE TABLE import (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,   -- the plural of the resource
    status text NOT NULL DEFAULT 'received',
    dry_run boolean NOT NULL,
    key text,             -- by which rows are known; NULL: whatever the resource declares
    empty_cells text NOT NULL,
    mapping jsonb NOT NULL,   -- {field: column} of every field that the file says
    constants jsonb NOT NULL, -- {field: text} of what holds for every row
    unmapped text[] NOT NULL, -- columns that nobody asked for
    file_bytes bigint NOT NULL,
    encoding text NOT NULL,
    separator text NOT NULL,
    rows_read bigint NOT NULL DEFAULT 0,
    created bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    reverted bigint NOT NULL DEFAULT 0,
    conflicts bigint NOT NULL DEFAULT 0,
    reason text, -- why it failed
    started_by uuid NOT NULL,
    finished_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT import_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT import_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT import_started_by_fkey FOREIGN KEY (district_id, started_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT import_status_check
        CHECK (status IN ('received', 'running', 'done', 'failed', 'reverting', 'reverted')),
    CONSTRAINT import_empty_cells_check CHECK (empty_cells IN ('keep', 'clear')),
    CONSTRAINT import_encoding_check
        CHECK (encoding IN ('utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be', 'windows-1252')),
    CONSTRAINT import_separator_check CHECK (separator IN ('comma', 'semicolon', 'tab', 'bar')),
    CONSTRAINT import_dry_run_check CHECK (NOT dry_run OR status NOT IN ('reverting', 'reverted')),
    -- Every row of the file is accounted for, once.
    CONSTRAINT import_rows_read_check
        CHECK (status IN ('received', 'running', 'failed')
            OR created + updated + unchanged + rejected = rows_read),
    CONSTRAINT import_reverted_check
        CHECK (status <> 'reverted' OR reverted + conflicts = created + updated)
);
CREATE INDEX import_kind ON import (district_id, kind, created_at, id);
CREATE INDEX import_status ON import (district_id, status, created_at, id);
CREATE INDEX import_created_at ON import (district_id, created_at, id);
CREATE INDEX import_updated_at ON import (district_id, updated_at, id);

-- What is to be done, and by whom: the one table that programs read over all districts. Leases are of
-- the real clock.
CREATE TABLE import_work (
    district_id uuid NOT NULL,
    id uuid NOT NULL, -- the import's
    holder uuid,
    lease_until timestamptz,
    applied_line bigint NOT NULL DEFAULT 0, -- of the file
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT import_work_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT import_work_id_fkey FOREIGN KEY (district_id, id) REFERENCES import (district_id, id)
);

-- The file, until it is done. It comes before its import is made, so there is no foreign key; what no
-- import was made of is swept away.
CREATE TABLE import_chunk (
    district_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number bigint NOT NULL, -- from 0
    bytes bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT import_chunk_pkey PRIMARY KEY (district_id, import_id, number)
);
ALTER TABLE import_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX import_chunk_stored_at ON import_chunk (district_id, stored_at);

CREATE TABLE import_row (
    district_id uuid NOT NULL,
    import_id uuid NOT NULL,
    line bigint NOT NULL,  -- in the file, where the row begins
    cells text[],          -- as they came; kept of rejected rows
    bound jsonb,           -- {field: value} while the row waits
    refs jsonb,            -- {field: text}: references given by natural key, while it waits
    key_text text,         -- which row it is about
    row_id uuid NOT NULL,  -- the resource's; made beforehand
    is_new boolean NOT NULL DEFAULT true,
    outcome text,          -- NULL: waits
    faults jsonb,          -- of a rejected row, or a conflict: [{"column", "code", "detail"}]
    CONSTRAINT import_row_pkey PRIMARY KEY (district_id, import_id, line),
    CONSTRAINT import_row_import_id_fkey FOREIGN KEY (district_id, import_id)
        REFERENCES import (district_id, id),
    CONSTRAINT import_row_outcome_check CHECK (outcome IN ('created', 'updated', 'unchanged',
        'rejected', 'reverted', 'conflict'))
);
CREATE INDEX import_row_outcome ON import_row (district_id, import_id, outcome, line);
CREATE INDEX import_row_key_text ON import_row (district_id, import_id, key_text, line);
CREATE INDEX import_row_row_id ON import_row (district_id, import_id, row_id, line);

-- The record by row, from which an import is reverted.
CREATE TABLE import_change (
    district_id uuid NOT NULL,
    import_id uuid NOT NULL,
    line bigint NOT NULL,
    row_id uuid NOT NULL,
    before jsonb,              -- NULL: the row was made; else the values that were changed
    version_after bigint NOT NULL,
    is_undone boolean,         -- NULL: nobody tried
    CONSTRAINT import_change_pkey PRIMARY KEY (district_id, import_id, line),
    CONSTRAINT import_change_import_id_fkey FOREIGN KEY (district_id, import_id)
        REFERENCES import (district_id, id)
);
CREATE INDEX import_change_is_undone ON import_change (district_id, import_id, is_undone, line);

GRANT SELECT, INSERT, UPDATE ON import, import_row, import_change TO kith_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_work TO kith_api;
GRANT SELECT, INSERT, DELETE ON import_chunk TO kith_api;
-- A revert takes back what an import made, as if it had never been.
GRANT DELETE ON network, site, partner, focus_area, contact, affiliation, program, program_site,
    reporting_quarter TO kith_api;

RESET ROLE;
