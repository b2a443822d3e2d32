-- What things are called, folded, so that they are found by a part, with a slip of the pen, without their
-- accents. The extensions come with PostgreSQL; whoever migrates may make them where it may create in the
-- database, for all three are trusted.

CREATE SCHEMA IF NOT EXISTS kith_extensions;
GRANT USAGE ON SCHEMA kith_extensions TO kith_owner, kith_migrate, kith_api, kith_backup;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA kith_extensions;
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA kith_extensions;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA kith_extensions;

SET ROLE kith_owner;

CREATE TABLE search_text (
    district_id uuid NOT NULL,
    id uuid NOT NULL, -- of the row that it tells of
    kind text NOT NULL, -- its table
    name text NOT NULL,
    words text NOT NULL, -- a space before and behind each
    is_archived boolean NOT NULL,
    CONSTRAINT search_text_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT search_text_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id)
);
CREATE INDEX search_text_name ON search_text (district_id, name, id);
CREATE INDEX search_text_kind ON search_text (district_id, kind, name, id);
-- A short list of what is not yet in its place: every search reads it.
CREATE INDEX search_text_words ON search_text USING gin (
    district_id kith_extensions.uuid_ops, kind kith_extensions.text_ops,
    words kith_extensions.gin_trgm_ops) WITH (gin_pending_list_limit = 256);

CREATE VIEW search_result WITH (security_invoker = true) AS
    SELECT s.district_id, s.id, s.kind, s.name FROM search_text s WHERE NOT s.is_archived;

GRANT SELECT ON search_text, search_result TO kith_api;

RESET ROLE;
