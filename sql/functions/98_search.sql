-- Search: what is found by its name, and how. Nothing private is among the words.

SET ROLE kith_owner;

-- The tables whose rows are found: what they are called, what else they are called, and the texts in which words are
-- found, over the row's alias n.
DROP FUNCTION IF EXISTS search_columns(text);
DROP FUNCTION IF EXISTS searched(), search_lexemes(uuid, text, text), search_lexemes(uuid, text, text, text),
    search_term(text[], text, boolean);
CREATE OR REPLACE FUNCTION searched() RETURNS TABLE (kind text, name text, more text, texts text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('partner', 'n.name', 'concat_ws('' '', array_to_string(n.aliases, '' ''), n.city)',
         'concat_ws('' '', n.description, n.strengths, n.innovation)'),
        ('contact', 'n.name', 'array_to_string(n.aliases, '' '')', NULL),
        ('program', 'n.name', NULL, 'n.description'),
        ('offer', 'n.name', NULL, 'n.description'),
        ('site', 'n.name', 'concat_ws('' '', n.city, n.local_id, n.state_id, n.nces_id)', NULL),
        ('network', 'n.name', NULL, NULL),
        ('focus_area', 'n.name', NULL, NULL),
        ('app_user', 'n.name', NULL, NULL), -- in the list of users alone
        ('need', 'n.title', NULL, 'n.description'),
        ('partnership', 'n.name', NULL, 'n.purpose'),
        ('inquiry', 'n.organization', 'n.name', 'concat_ws('' '', n.message, n.email, n.website)'),
        ('credential', 'coalesce(n.label, replace(n.kind, ''_'', '' ''))', 'replace(n.kind, ''_'', '' '')', NULL))
        AS s (kind, name, more, texts);
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
                      'n.archived_at IS NOT NULL, search_fold(%s)', s.kind, s.name, s.name,
                      coalesce(s.more, 'NULL'), coalesce(s.texts, 'NULL'))
        FROM searched() s WHERE s.kind = p_kind);

-- A word as the index has it: of a district, and of one kind or of any (NULL). A kind ends in '~' where it is a text's word
-- and in '=' where it is the whole name, and before that in '#' where it is of the sample.
CREATE OR REPLACE FUNCTION search_lexeme(p_district uuid, p_kind text, p_word text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN encode(uuid_send(p_district), 'base64') || coalesce(p_kind, '') || ' ' || p_word;

-- All that finds a row. Of each sixteenth it stands there twice: where very many have a word, the thousand that are shown
-- come from the sample, and the index is not read for all of them.
CREATE OR REPLACE FUNCTION search_lexemes(
    p_district uuid, p_id uuid, p_kind text, p_name text, p_words text, p_texts text) RETURNS tsvector
LANGUAGE sql STABLE
RETURN array_to_tsvector(ARRAY(
    SELECT DISTINCT search_lexeme(p_district, k.kind || m.mark || w.place, w.word)
    FROM (SELECT '' AS place, t.word FROM string_to_table(btrim(p_words), ' ') AS t (word)
          UNION ALL
          SELECT '~', t.word FROM string_to_table(btrim(p_texts), ' ') AS t (word) WHERE length(t.word) <= 64
          UNION ALL
          SELECT '=', left(btrim(search_fold(p_name)), 64)) AS w
    CROSS JOIN (VALUES (p_kind), ('')) AS k (kind)
    JOIN (VALUES (''), ('#')) AS m (mark) ON m.mark = '' OR left(md5(p_id::text), 1) = '0'
    WHERE w.word <> ''));

-- Words that are new to their districts. Each is looked up, however few the planner expects: no write reads the words
-- of a district from end to end. BETWEEN says what = does, which the index of trigrams would take: that finds a word in all
-- districts, and reads what it has not yet taken in from end to end.
CREATE OR REPLACE FUNCTION search_learn(p_districts uuid[], p_words text[]) RETURNS void
LANGUAGE sql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
BEGIN ATOMIC
    INSERT INTO search_word (district_id, word)
    SELECT DISTINCT r.district_id, w.word
    FROM unnest(p_districts, p_words) AS r (district_id, words)
    CROSS JOIN LATERAL string_to_table(btrim(r.words), ' ') AS w (word)
    WHERE w.word <> '' AND NOT EXISTS (
        SELECT FROM search_word s WHERE s.district_id = r.district_id AND s.word BETWEEN w.word AND w.word);
END;

-- Words of rows that were, unless others have them: a name that was erased is nobody's word any more.
CREATE OR REPLACE FUNCTION search_forget(p_districts uuid[], p_words text[]) RETURNS void
LANGUAGE sql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
BEGIN ATOMIC
    DELETE FROM search_word s
    USING (SELECT DISTINCT r.district_id, w.word
           FROM unnest(p_districts, p_words) AS r (district_id, words)
           CROSS JOIN LATERAL string_to_table(btrim(r.words), ' ') AS w (word)) AS o
    WHERE s.district_id = o.district_id AND s.word BETWEEN o.word AND o.word AND NOT EXISTS (
        SELECT FROM search_text t
        WHERE t.lexemes @@ quote_literal(search_lexeme(o.district_id, NULL, o.word))::tsquery);
END;

-- AFTER each statement, with its rows: who writes a row need not know of this.
CREATE OR REPLACE FUNCTION search_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    districts uuid[];
    words text[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        WITH gone AS (
            DELETE FROM search_text s USING old_rows o WHERE s.district_id = o.district_id AND s.id = o.id
            RETURNING s.district_id, s.words)
        SELECT array_agg(g.district_id), array_agg(g.words) INTO districts, words FROM gone g;
        PERFORM search_forget(districts, words);
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format(
            'SELECT array_agg(s.district_id), array_agg(s.words)
             FROM (SELECT %s FROM new_rows n) AS f (district_id, id, kind, name, words, is_archived, texts)
             JOIN search_text s ON s.district_id = f.district_id AND s.id = f.id AND s.words <> f.words',
            search_columns(TG_TABLE_NAME)) INTO districts, words;
    END IF;
    EXECUTE format(
        'WITH put AS (
             INSERT INTO search_text AS s (district_id, id, kind, name, words, is_archived, lexemes)
             SELECT f.district_id, f.id, f.kind, f.name, f.words, f.is_archived,
                    search_lexemes(f.district_id, f.id, f.kind, f.name, f.words, f.texts)
             FROM (SELECT %1$s FROM new_rows n' || CASE WHEN TG_OP = 'UPDATE' THEN ' EXCEPT SELECT %1$s FROM old_rows n'
                                                       ELSE '' END || ') AS f (district_id, id, kind, name, words, is_archived, texts)
             ON CONFLICT ON CONSTRAINT search_text_pkey DO UPDATE
             SET name = excluded.name, words = excluded.words, is_archived = excluded.is_archived,
                 lexemes = excluded.lexemes
             WHERE (s.name, s.words, s.is_archived, s.lexemes)
                 IS DISTINCT FROM (excluded.name, excluded.words, excluded.is_archived, excluded.lexemes)
             RETURNING s.district_id, s.words)
         SELECT search_learn(array_agg(p.district_id), array_agg(p.words)) FROM put p HAVING count(*) > 0',
        search_columns(TG_TABLE_NAME));
    IF words IS NOT NULL THEN
        PERFORM search_forget(districts, words);
    END IF;
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

-- What finds rows of these kinds in the sample by a word that begins so (or is it) in their name, '~' their texts, or by a
-- whole name, '=': as a part of a tsquery.
CREATE OR REPLACE FUNCTION search_term(p_kinds text[], p_word text, p_begins boolean, p_where text) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT string_agg(quote_literal(search_lexeme(current_setting('kith.district')::uuid,
                                                      coalesce(k.kind, '') || '#' || p_where, p_word))
                          || CASE WHEN p_begins THEN ':*' ELSE '' END, ' | ')
        FROM unnest(coalesce(p_kinds, '{NULL}')) AS k (kind));

-- The same for a word that begins so: one that very many have is meant as it stands, so that the index is not read for all
-- of them where another word of the search tells few.
CREATE OR REPLACE FUNCTION search_begins(p_kinds text[], p_word text, p_where text, p_is_alone boolean) RETURNS text
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    itself constant tsquery := search_term(p_kinds, p_word, false, p_where);
BEGIN
    IF NOT p_is_alone THEN
        PERFORM FROM search_text s WHERE s.lexemes @@ itself OFFSET 999 LIMIT 1;
    END IF;
    RETURN search_term(p_kinds, p_word, NOT FOUND, p_where);
END
$$;

-- Words that are much like this one, which may be a slip of the pen, unless it is a word itself: as a part of a tsquery, or ''.
DROP FUNCTION IF EXISTS search_terms_alike(text[], text);
CREATE OR REPLACE FUNCTION search_slips(p_kinds text[], p_word text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, kith_extensions, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district');
    alike text[];
BEGIN
    IF NOT EXISTS (SELECT FROM search_word s WHERE s.district_id = district AND s.word = p_word) THEN
        PERFORM set_config('pg_trgm.word_similarity_threshold',
                           CASE WHEN length(p_word) <= 8 THEN '0.35' ELSE '0.5' END, true);
        EXECUTE 'SELECT array_agg(f.word)
                 FROM (SELECT s.word FROM search_word s WHERE s.district_id = $1 AND s.word %> $2
                       GROUP BY s.word ORDER BY similarity($2, s.word) DESC, s.word LIMIT 20) AS f'
        INTO alike USING district, p_word;
    END IF;
    RETURN coalesce((SELECT string_agg(' | ' || search_term(p_kinds, a, false, ''), '') FROM unnest(alike) AS a), '');
END
$$;

-- So many of the sample that a tsquery finds or, when those are fewer, of all rows.
DROP FUNCTION IF EXISTS search_some(text);
CREATE OR REPLACE FUNCTION search_some(p_terms text, p_most integer) RETURNS TABLE (id uuid, words text)
LANGUAGE plpgsql STABLE ROWS 1000 SET enable_seqscan = off AS $$
DECLARE
    sampled constant tsquery := p_terms;
    of_all constant tsquery := replace(p_terms, '#', '');
BEGIN
    RETURN QUERY
        WITH part AS MATERIALIZED (
            SELECT s.id, s.words FROM search_text s WHERE s.lexemes @@ sampled LIMIT p_most
        ), enough AS (
            SELECT count(*) = p_most AS are FROM part
        )
        SELECT p.* FROM part p WHERE (SELECT e.are FROM enough e)
        UNION ALL
        (SELECT s.id, s.words FROM search_text s
         WHERE s.lexemes @@ of_all AND NOT (SELECT e.are FROM enough e) LIMIT p_most);
END
$$;

-- The best of a thousand first: those that begin so; or, p_alike, of 400 those that are much like it, as far as they are.
CREATE OR REPLACE FUNCTION search_matching(p_terms text, p_text text, p_alike boolean) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, kith_extensions, pg_temp AS $$
BEGIN
    IF p_alike THEN
        RETURN ARRAY(
            WITH f AS MATERIALIZED ( -- how much alike two texts are is what costs here: of fewer
                SELECT s.id, word_similarity(p_text, s.words) AS alike FROM search_some(p_terms, 400) s)
            SELECT f.id FROM f
            WHERE f.alike >= CASE WHEN length(p_text) <= 8 THEN 0.35 ELSE 0.5 END::real
            ORDER BY f.alike DESC, f.id);
    END IF;
    RETURN ARRAY(
        SELECT s.id FROM search_some(p_terms, 1000) s
        ORDER BY starts_with(s.words, ' ' || p_text || ' ') DESC, starts_with(s.words, ' ' || p_text) DESC,
                 length(s.words), s.id);
END
$$;

-- Partners and contacts of whom it is exactly what they alone have: an EIN, the address of a site of the web; for staff
-- an e-mail address or a phone number, too, of which one may be an earlier one.
CREATE OR REPLACE FUNCTION search_known(p_kinds text[], p_query text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asked constant text := lower(btrim(p_query));
    is_staff constant boolean :=
        kith_has_role('admin,director,executive,coordinator,school_leader,reviewer,data_steward');
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT k.of_id
        FROM (VALUES
            ('ein', CASE WHEN asked ~ '^[0-9]{2}-?[0-9]{7}$' THEN replace(asked, '-', '') END),
            ('website', CASE WHEN asked ~ '^[^@[:space:]]+[.][^@[:space:]]+$'
                             THEN substring(asked FROM '^(?:https?://)?(?:www\.)?([^/:?#]+)') END),
            ('email', CASE WHEN is_staff AND asked LIKE '%_@_%' THEN asked END),
            ('phone', CASE WHEN is_staff AND asked ~ '^[-0-9+(). ]+$' THEN duplicate_phone(asked) END))
            AS w (reason, key)
        JOIN duplicate_key k ON k.district_id = current_setting('kith.district')::uuid
            AND k.kind = ANY (coalesce(p_kinds, '{partner,contact}')) AND k.reason = w.reason AND k.key = w.key
        LIMIT 20);
END
$$;

-- The rows of these kinds (NULL: of any) that are called so, the best first: what is known by just that; whose name it is,
-- or begins so; those with all the words in it, or words that begin so; when they are few, then those that have each in a
-- name or a text; when there are none, those that are called much alike.
CREATE OR REPLACE FUNCTION search_find(p_kinds text[], p_query text)
RETURNS TABLE (id uuid, place bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = pg_catalog, public, kith_extensions, pg_temp AS $$
DECLARE
    folded constant text := btrim(search_fold(p_query));
    words constant text[] := ARRAY(SELECT DISTINCT w FROM string_to_table(folded, ' ') AS w LIMIT 8);
    is_alone constant boolean := cardinality(words) = 1;
    begun constant text := left(folded, 64);
    few constant integer := 20;
    begins text[]; -- of each word
    terms text[];
    named uuid[];
    ids uuid[];
BEGIN
    IF folded = '' THEN
        RETURN;
    END IF;
    ids := search_known(p_kinds, p_query) || search_matching(search_term(p_kinds, begun, false, '='), folded, false)
        || search_matching(search_term(p_kinds, begun, true, '='), folded, false);
    begins := ARRAY(SELECT search_begins(p_kinds, w, '', is_alone) FROM unnest(words) AS w);
    terms := ARRAY(SELECT '(' || b || ')' FROM unnest(begins) AS b);
    named := search_matching(array_to_string(terms, ' & '), folded, false);
    ids := ids || named;
    IF cardinality(named) < few THEN
        terms := ARRAY(
            SELECT '(' || w.begins || ' | ' || search_begins(p_kinds, w.word, '~', is_alone) || ')'
            FROM unnest(words, begins) AS w (word, begins));
        ids := ids || search_matching(array_to_string(terms, ' & '), folded, false);
    END IF;
    IF ids = '{}' THEN
        terms := ARRAY(SELECT '(' || w.begins || search_slips(p_kinds, w.word) || ')'
                       FROM unnest(words, begins) AS w (word, begins));
        ids := search_matching(array_to_string(terms, ' & '), folded, true);
    END IF;
    IF ids = '{}' AND NOT is_alone THEN
        ids := search_matching(array_to_string(terms, ' | '), folded, true);
    END IF;
    RETURN QUERY SELECT u.id, min(u.place) FROM unnest(ids) WITH ORDINALITY AS u (id, place) GROUP BY u.id;
END
$$;

-- Who may not list inquiries does not find them.
DROP POLICY IF EXISTS readers ON search_text;
CREATE POLICY readers ON search_text AS RESTRICTIVE FOR SELECT TO kith_api
    USING (kind <> 'inquiry'
        OR kith_has_role('admin,director,executive,coordinator,school_leader,reviewer,data_steward'));

DROP POLICY IF EXISTS search ON search_text;
CREATE POLICY search ON search_text TO kith_owner USING (true);
DROP POLICY IF EXISTS search ON search_word;
CREATE POLICY search ON search_word TO kith_owner USING (true);

DO $$
DECLARE
    followed record;
BEGIN
    FOR followed IN
        SELECT s.kind, e.* FROM searched() s, (VALUES
            ('INSERT', 'NEW TABLE AS new_rows'),
            ('UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
            ('DELETE', 'OLD TABLE AS old_rows')) AS e (event, rows)
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
             FOR EACH STATEMENT EXECUTE FUNCTION search_follow()',
            'search_' || lower(followed.event), followed.event, followed.kind, followed.rows);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION searched, search_fold, search_columns, search_lexeme, search_lexemes, search_learn,
    search_forget, search_follow, search_alike, search_term, search_begins, search_some, search_slips, search_matching, search_known, search_find
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_alike, search_find TO kith_api;
GRANT EXECUTE ON FUNCTION searched, search_fold, search_columns, search_lexeme, search_lexemes, search_learn
    TO kith_migrate;

RESET ROLE;

-- Rows of before.
DO $$
DECLARE
    followed text;
BEGIN
    FOR followed IN SELECT s.kind FROM searched() s LOOP
        EXECUTE format(
            'INSERT INTO search_text AS s (district_id, id, kind, name, words, is_archived, lexemes)
             SELECT f.district_id, f.id, f.kind, f.name, f.words, f.is_archived,
                    search_lexemes(f.district_id, f.id, f.kind, f.name, f.words, f.texts)
             FROM (SELECT %s FROM %I n) AS f (district_id, id, kind, name, words, is_archived, texts)
             ON CONFLICT ON CONSTRAINT search_text_pkey DO UPDATE
             SET words = excluded.words, lexemes = excluded.lexemes
             WHERE (s.words, s.lexemes) IS DISTINCT FROM (excluded.words, excluded.lexemes)', search_columns(followed), followed);
    END LOOP;
    PERFORM search_learn(array_agg(s.district_id), array_agg(s.words)) FROM search_text s;
END
$$;
