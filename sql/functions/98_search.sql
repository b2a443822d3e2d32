-- Search: what is found by its name, and how. Nothing private is among the words.

SET ROLE kith_owner;

-- The tables whose rows are found: what they are called, and what else they are found by, over the row's
-- alias n.
CREATE OR REPLACE FUNCTION searched() RETURNS TABLE (kind text, name text, more text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('partner', 'n.name', 'concat_ws('' '', array_to_string(n.aliases, '' ''), n.city)'),
        ('contact', 'n.name', NULL),
        ('program', 'n.name', NULL),
        ('offer', 'n.name', NULL),
        ('site', 'n.name', 'n.city'),
        ('network', 'n.name', NULL),
        ('focus_area', 'n.name', NULL),
        ('need', 'n.title', NULL),
        ('partnership', 'n.name', NULL))
        AS s (kind, name, more);
END;

-- Small letters without accents, digits, and one space around each word.
CREATE OR REPLACE FUNCTION search_fold(p_text text) RETURNS text
LANGUAGE sql STABLE
RETURN ' ' || btrim(regexp_replace(
    lower(kith_extensions.unaccent('kith_extensions.unaccent'::regdictionary, normalize(p_text, NFC))),
    '[^[:alnum:]]+', ' ', 'g')) || ' ';

-- The row of search_text for a row n of the table, as a SELECT's list.
CREATE OR REPLACE FUNCTION search_columns(p_kind text) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT format('n.district_id, n.id, %L, %s, search_fold(concat_ws('' '', %s, %s)), '
                      'n.archived_at IS NOT NULL', s.kind, s.name, s.name, coalesce(s.more, 'NULL'))
        FROM searched() s WHERE s.kind = p_kind);

-- AFTER each statement, with its rows: who writes a row need not know of this.
CREATE OR REPLACE FUNCTION search_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM search_text s USING old_rows o WHERE s.district_id = o.district_id AND s.id = o.id;
        RETURN NULL;
    END IF;
    EXECUTE format(
        'INSERT INTO search_text AS s (district_id, id, kind, name, words, is_archived)
         SELECT %s FROM new_rows n
         ON CONFLICT ON CONSTRAINT search_text_pkey DO UPDATE
         SET name = excluded.name, words = excluded.words, is_archived = excluded.is_archived
         WHERE (s.name, s.words, s.is_archived)
             IS DISTINCT FROM (excluded.name, excluded.words, excluded.is_archived)',
        search_columns(TG_TABLE_NAME));
    RETURN NULL;
END
$$;

-- What is called much like it, the best first; a short text less so. Of very many it looks at a thousand. As
-- the owner, and of the context's district alone: behind a policy no operator of trigrams uses an index.
CREATE OR REPLACE FUNCTION search_alike(p_kinds text[], p_text text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, kith_extensions, pg_temp AS $$
DECLARE
    folded text := btrim(search_fold(p_text));
    found uuid[];
BEGIN
    PERFORM set_config('pg_trgm.word_similarity_threshold',
                       CASE WHEN length(folded) <= 8 THEN '0.35' ELSE '0.5' END, true);
    EXECUTE format(
        'SELECT coalesce(array_agg(f.id ORDER BY word_similarity($3, f.words) DESC, f.id), ''{}'')
         FROM (SELECT s.id, s.words FROM search_text s
               WHERE s.district_id = $1%s AND s.words %%> $3 LIMIT 1000) AS f',
        CASE WHEN p_kinds IS NULL THEN '' ELSE ' AND s.kind = ANY ($2)' END)
    INTO found USING current_setting('kith.district')::uuid, p_kinds, folded;
    RETURN found;
END
$$;

-- The rows of these kinds (NULL: of any) that are called so, the best first: those with all the words in
-- it, or words that begin so; when there are none, those that are called much alike.
CREATE OR REPLACE FUNCTION search_find(p_kinds text[], p_query text)
RETURNS TABLE (id uuid, place bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, public, kith_extensions, pg_temp AS $$
DECLARE
    folded text := btrim(search_fold(p_query));
    has_words text;
    ids uuid[];
BEGIN
    IF folded = '' THEN
        RETURN;
    END IF;
    SELECT string_agg(format(' AND s.words LIKE %L', '% ' || w.word || '%'), '') INTO has_words
    FROM (SELECT DISTINCT word FROM string_to_table(folded, ' ') AS word LIMIT 8) AS w;
    EXECUTE format(
        'SELECT coalesce(array_agg(f.id ORDER BY starts_with(f.words, '' '' || $3 || '' '') DESC,
                                   starts_with(f.words, '' '' || $3) DESC, length(f.words), f.id), ''{}'')
         FROM (SELECT s.id, s.words FROM search_text s WHERE s.district_id = $1%s%s LIMIT 1000) AS f',
        CASE WHEN p_kinds IS NULL THEN '' ELSE ' AND s.kind = ANY ($2)' END, has_words)
    INTO ids USING current_setting('kith.district')::uuid, p_kinds, folded;
    IF ids = '{}' THEN
        ids := search_alike(p_kinds, p_query);
    END IF;
    RETURN QUERY SELECT u.id, u.place FROM unnest(ids) WITH ORDINALITY AS u (id, place);
END
$$;

DROP POLICY IF EXISTS search ON search_text;
CREATE POLICY search ON search_text TO kith_owner USING (true);

DO $$
DECLARE
    followed record;
BEGIN
    FOR followed IN
        SELECT s.kind, e.* FROM searched() s, (VALUES
            ('INSERT', 'NEW TABLE AS new_rows'),
            ('UPDATE', 'NEW TABLE AS new_rows'),
            ('DELETE', 'OLD TABLE AS old_rows')) AS e (event, rows)
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
             FOR EACH STATEMENT EXECUTE FUNCTION search_follow()',
            'search_' || lower(followed.event), followed.event, followed.kind, followed.rows);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION searched, search_fold, search_columns, search_follow, search_alike, search_find
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_alike, search_find TO kith_api;
GRANT EXECUTE ON FUNCTION searched, search_fold, search_columns TO kith_migrate;

RESET ROLE;

-- Rows of before.
DO $$
DECLARE
    followed text;
BEGIN
    FOR followed IN SELECT s.kind FROM searched() s LOOP
        EXECUTE format(
            'INSERT INTO search_text (district_id, id, kind, name, words, is_archived)
             SELECT %s FROM %I n
             ON CONFLICT ON CONSTRAINT search_text_pkey DO NOTHING', search_columns(followed), followed);
    END LOOP;
END
$$;
