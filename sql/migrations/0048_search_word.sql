-- Search by whole words: a row's words in one index whose entries begin with the district and the kind, so that a
-- word that half of the rows have is one range of it; and each word once, so that a slip of the pen is looked for
-- among words and not among rows.

SET ROLE kith_owner;

ALTER TABLE search_text ADD COLUMN lexemes tsvector NOT NULL DEFAULT '';
CREATE INDEX search_text_lexemes ON search_text USING gin (lexemes) WITH (gin_pending_list_limit = 256);

-- A word may stand twice: no writer waits for another one's new word.
CREATE TABLE search_word (
    district_id uuid NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    word text NOT NULL,
    CONSTRAINT search_word_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT search_word_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id)
);
CREATE INDEX search_word_word ON search_word (district_id, word);
CREATE INDEX search_word_alike ON search_word USING gin (
    district_id kith_extensions.uuid_ops, word kith_extensions.gin_trgm_ops) WITH (gin_pending_list_limit = 256);

RESET ROLE;
