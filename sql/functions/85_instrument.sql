-- What is wrong with an instrument's document: its sections, factors, questions, conditions and words. Every fault is told
-- with its place, as a JSON pointer (RFC 6901); of each thing the first that is wrong.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION pointer_key(p_key text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(replace(p_key, '~', '~0'), '/', '~1');

CREATE OR REPLACE FUNCTION is_instrument_code(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(jsonb_typeof(p_value) = 'string' AND p_value #>> '{}' ~ '^[a-z0-9_]{1,64}$', false);

-- A whole number of a range.
CREATE OR REPLACE FUNCTION is_whole(p_value jsonb, p_least numeric, p_most numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(p_value) = 'number'
            THEN (p_value #>> '{}')::numeric BETWEEN p_least AND p_most
                 AND (p_value #>> '{}')::numeric = trunc((p_value #>> '{}')::numeric)
            ELSE false END;

-- A number as answers have it: twelve digits, and six behind the point.
CREATE OR REPLACE FUNCTION is_plain_number(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(p_value) = 'number'
            THEN abs((p_value #>> '{}')::numeric) < 1000000000000
                 AND (p_value #>> '{}')::numeric = round((p_value #>> '{}')::numeric, 6)
            ELSE false END;

-- Words stand in each of the languages, and in no other.
CREATE OR REPLACE FUNCTION instrument_word_faults(p_at text, p_words jsonb, p_locales text[], p_most integer)
RETURNS TABLE (pointer text, detail text)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    one record;
BEGIN
    IF jsonb_typeof(p_words) IS DISTINCT FROM 'object' THEN
        RETURN QUERY SELECT p_at, 'must be an object of texts by their language';
        RETURN;
    END IF;
    RETURN QUERY SELECT p_at || '/' || pointer_key(l), format('is missing: "locales" names %s', l)
                 FROM unnest(p_locales) AS l WHERE NOT p_words ? l;
    FOR one IN SELECT e.key, e.value FROM jsonb_each(p_words) AS e LOOP
        IF one.key <> ALL (p_locales) THEN
            RETURN QUERY SELECT p_at || '/' || pointer_key(one.key), 'is in a language that "locales" does not name';
        ELSIF jsonb_typeof(one.value) <> 'string' OR one.value #>> '{}' !~ '\S'
              OR char_length(one.value #>> '{}') > p_most THEN
            RETURN QUERY SELECT p_at || '/' || pointer_key(one.key), format('must be a text of 1 to %s characters', p_most);
        END IF;
    END LOOP;
END
$$;

-- An object has the members that it needs, and none that nobody knows.
CREATE OR REPLACE FUNCTION instrument_member_faults(p_at text, p_object jsonb, p_needed text[], p_known text[])
RETURNS TABLE (pointer text, detail text)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(p_object) IS DISTINCT FROM 'object' THEN
        RETURN QUERY SELECT p_at, 'must be an object';
        RETURN;
    END IF;
    RETURN QUERY
        SELECT p_at || '/' || n, 'is missing' FROM unnest(p_needed) AS n WHERE coalesce(p_object -> n, 'null') = 'null'
        UNION ALL
        SELECT p_at || '/' || pointer_key(k), 'is not known here' FROM jsonb_object_keys(p_object) AS k
        WHERE k <> ALL (p_needed || p_known);
END
$$;

-- The faults of a list's codes: its items are objects, each with a code of its own.
CREATE OR REPLACE FUNCTION instrument_code_faults(p_at text, p_list jsonb) RETURNS TABLE (pointer text, detail text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT format('%s/%s/code', p_at, c.place - 1),
           CASE WHEN is_instrument_code(c.code) THEN 'is the code of another one, too'
                ELSE 'must be 1 to 64 small letters, digits and "_"' END
    FROM (SELECT e.item -> 'code' AS code, e.place, lag(e.place) OVER (PARTITION BY e.item -> 'code' ORDER BY e.place) AS before
          FROM jsonb_array_elements(p_list) WITH ORDINALITY AS e (item, place)
          WHERE coalesce(e.item -> 'code', 'null') <> 'null') AS c
    WHERE NOT is_instrument_code(c.code) OR c.before IS NOT NULL;
END;

-- A condition asks about a question that comes before. What it may ask depends on the kind.
CREATE OR REPLACE FUNCTION instrument_condition_faults(p_at text, p_condition jsonb, p_earlier jsonb)
RETURNS TABLE (pointer text, detail text)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    most_values constant integer := 30;
    ops constant text[] := '{is,is_not,in,is_answered}';
    op text;
    asked jsonb;
    value jsonb;
BEGIN
    RETURN QUERY SELECT * FROM instrument_member_faults(p_at, p_condition, '{question}', ops);
    IF jsonb_typeof(p_condition) IS DISTINCT FROM 'object' THEN
        RETURN;
    END IF;
    IF (SELECT count(*) FROM jsonb_object_keys(p_condition) AS k WHERE k = ANY (ops)) <> 1 THEN
        RETURN QUERY SELECT p_at, 'must have one of "is", "is_not", "in" and "is_answered"';
        RETURN;
    END IF;
    SELECT k, p_condition -> k INTO op, value FROM jsonb_object_keys(p_condition) AS k WHERE k = ANY (ops);
    asked := p_earlier -> (p_condition ->> 'question');
    IF op = 'is_answered' AND jsonb_typeof(value) <> 'boolean' THEN
        RETURN QUERY SELECT p_at || '/is_answered', 'must be true or false';
    ELSIF op = 'in' AND (jsonb_typeof(value) <> 'array' OR jsonb_array_length(
            CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END) NOT BETWEEN 1 AND most_values) THEN
        RETURN QUERY SELECT p_at || '/in', format('must be a list of 1 to %s answers', most_values);
        RETURN;
    END IF;
    IF asked IS NULL THEN
        IF coalesce(p_condition -> 'question', 'null') <> 'null' THEN
            RETURN QUERY SELECT p_at || '/question', 'names no question that comes before';
        END IF;
    ELSIF asked = 'null' THEN
        RETURN; -- that question itself is told of
    ELSIF op <> 'is_answered' AND asked ->> 'kind' IN ('text', 'importance_occurrence') THEN
        RETURN QUERY SELECT p_at || '/' || op, 'is not for a question of this kind: only "is_answered" is';
    ELSIF op <> 'is_answered' THEN
        RETURN QUERY
            SELECT p_at || '/' || op || CASE op WHEN 'in' THEN '/' || (v.place - 1) ELSE '' END, 'is no answer to that question'
            FROM jsonb_array_elements(CASE op WHEN 'in' THEN value ELSE jsonb_build_array(value) END)
                 WITH ORDINALITY AS v (one, place)
            WHERE survey_answer_fault(asked, CASE asked ->> 'kind' WHEN 'multi' THEN jsonb_build_array(v.one) ELSE v.one END) IS NOT NULL;
    END IF;
END
$$;

-- What is wrong with one question but for its codes and its condition.
CREATE OR REPLACE FUNCTION instrument_question_faults(p_at text, q jsonb, p_locales text[], p_sections text[], p_factors text[])
RETURNS TABLE (pointer text, detail text)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    kind text := q ->> 'kind';
    is_scale boolean;
    is_list boolean;
    options jsonb;
BEGIN
    RETURN QUERY SELECT * FROM instrument_member_faults(p_at, q, '{code,kind,section,text}',
        '{factor,is_reversed,required,hint,options,points,low,high,min,max,most,show_if}');
    IF jsonb_typeof(q) IS DISTINCT FROM 'object' THEN
        RETURN;
    END IF;
    IF kind <> ALL ('{rating,importance_occurrence,yes_no,choice,multi,number,text}'::text[]) THEN
        RETURN QUERY SELECT p_at || '/kind', 'must be rating, importance_occurrence, yes_no, choice, multi, number or text';
        RETURN;
    END IF;
    is_scale := kind IN ('rating', 'importance_occurrence');
    is_list := kind IN ('choice', 'multi');
    RETURN QUERY
        SELECT p_at || '/' || b, 'must be true or false' FROM unnest('{required,is_reversed}'::text[]) AS b
        WHERE jsonb_typeof(q -> b) NOT IN ('boolean', 'null')
        UNION ALL
        SELECT p_at || '/' || m.name, 'is not for a question of this kind'
        FROM (VALUES ('options', is_list), ('points', is_scale), ('low', is_scale), ('high', is_scale),
                     ('min', kind = 'number'), ('max', kind = 'number'), ('most', kind = 'multi')) AS m (name, fits)
        WHERE NOT m.fits AND coalesce(q -> m.name, 'null') <> 'null'
        UNION ALL
        SELECT p_at || '/is_reversed', 'is for ratings alone' WHERE q -> 'is_reversed' = 'true' AND kind <> 'rating'
        UNION ALL
        SELECT p_at || '/section', 'names no section'
        WHERE coalesce(q -> 'section', 'null') <> 'null' AND q ->> 'section' <> ALL (p_sections)
        UNION ALL
        SELECT p_at || '/factor', CASE WHEN is_scale THEN 'names no factor' ELSE 'is for scales alone' END
        WHERE coalesce(q -> 'factor', 'null') <> 'null' AND (NOT is_scale OR q ->> 'factor' <> ALL (p_factors));
    IF coalesce(q -> 'text', 'null') <> 'null' THEN
        RETURN QUERY SELECT * FROM instrument_word_faults(p_at || '/text', q -> 'text', p_locales, 1000);
    END IF;
    RETURN QUERY
        SELECT f.* FROM (VALUES ('hint', 1000, true), ('low', 100, is_scale), ('high', 100, is_scale)) AS w (name, most, fits)
        CROSS JOIN LATERAL instrument_word_faults(p_at || '/' || w.name, q -> w.name, p_locales, w.most) AS f
        WHERE w.fits AND coalesce(q -> w.name, 'null') <> 'null';
    IF is_scale AND coalesce(q -> 'points', 'null') <> 'null' AND NOT is_whole(q -> 'points', 2, 10) THEN
        RETURN QUERY SELECT p_at || '/points', 'must be a whole number from 2 to 10';
    ELSIF kind = 'number' THEN
        RETURN QUERY
            SELECT p_at || '/' || b, 'must be a number of at most twelve digits, and six behind the point'
            FROM unnest('{min,max}'::text[]) AS b
            WHERE coalesce(q -> b, 'null') <> 'null' AND NOT is_plain_number(q -> b)
            UNION ALL
            SELECT p_at || '/max', 'must not be less than "min"'
            WHERE is_plain_number(q -> 'min') AND is_plain_number(q -> 'max') AND q -> 'max' < q -> 'min';
    ELSIF is_list THEN
        options := CASE jsonb_typeof(q -> 'options') WHEN 'array' THEN q -> 'options' ELSE '[]' END;
        IF jsonb_array_length(options) NOT BETWEEN 2 AND 30 THEN
            RETURN QUERY SELECT p_at || '/options', 'must be a list of 2 to 30 options';
        END IF;
        IF coalesce(q -> 'most', 'null') <> 'null' AND kind = 'multi'
           AND NOT is_whole(q -> 'most', 1, greatest(jsonb_array_length(options), 1)) THEN
            RETURN QUERY SELECT p_at || '/most', 'must be a whole number from 1 to how many options there are';
        END IF;
        RETURN QUERY
            SELECT f.* FROM jsonb_array_elements(options) WITH ORDINALITY AS o (option, place)
            CROSS JOIN LATERAL (
                SELECT * FROM instrument_member_faults(format('%s/options/%s', p_at, o.place - 1), o.option, '{code,text}', '{}')
                UNION ALL
                SELECT * FROM instrument_word_faults(format('%s/options/%s/text', p_at, o.place - 1), o.option -> 'text', p_locales, 300)
                WHERE coalesce(o.option -> 'text', 'null') <> 'null') AS f
            UNION ALL
            SELECT * FROM instrument_code_faults(p_at || '/options', options);
    END IF;
END
$$;

-- What is wrong with the whole of it.
CREATE OR REPLACE FUNCTION instrument_faults(
    p_locales text[], p_sections jsonb, p_factors jsonb, p_questions jsonb, p_about jsonb)
RETURNS TABLE (pointer text, detail text)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    sections text[];
    factors text[];
    earlier jsonb := '{}'; -- by their codes; null: one with faults
    wrong jsonb;
    begun text[] := '{}';  -- sections
    section text;
    one record;
BEGIN
    RETURN QUERY
        SELECT '/locales', 'must name 1 to 100 languages' WHERE coalesce(cardinality(p_locales), 0) NOT BETWEEN 1 AND 100
        UNION ALL
        SELECT format('/locales/%s', l.place - 1), 'must be a language such as "en" or "es-MX"'
        FROM unnest(p_locales) WITH ORDINALITY AS l (name, place)
        WHERE l.name IS NULL OR l.name !~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'
        UNION ALL
        SELECT format('/%s', l.name), format('must be a list of %s to %s', l.least, l.most)
        FROM (VALUES ('sections', p_sections, 1, 50), ('factors', p_factors, 0, 20), ('questions', p_questions, 1, 200))
             AS l (name, list, least, most)
        WHERE jsonb_typeof(l.list) IS DISTINCT FROM 'array' OR jsonb_array_length(l.list) NOT BETWEEN l.least AND l.most;
    IF FOUND THEN
        RETURN; -- what follows asks what these say
    END IF;
    sections := ARRAY(SELECT s ->> 'code' FROM jsonb_array_elements(p_sections) AS s WHERE jsonb_typeof(s) = 'object');
    factors := ARRAY(SELECT f ->> 'code' FROM jsonb_array_elements(p_factors) AS f WHERE jsonb_typeof(f) = 'object');
    RETURN QUERY
        SELECT * FROM instrument_code_faults('/sections', p_sections)
        UNION ALL SELECT * FROM instrument_code_faults('/factors', p_factors)
        UNION ALL SELECT * FROM instrument_code_faults('/questions', p_questions)
        UNION ALL SELECT * FROM instrument_word_faults('/about', p_about, p_locales, 10000) WHERE p_about <> '{}'
        UNION ALL
        SELECT f.* FROM jsonb_array_elements(p_factors) WITH ORDINALITY AS e (factor, place)
        CROSS JOIN LATERAL (
            SELECT * FROM instrument_member_faults(format('/factors/%s', e.place - 1), e.factor, '{code,name}', '{}')
            UNION ALL
            SELECT * FROM instrument_word_faults(format('/factors/%s/name', e.place - 1), e.factor -> 'name', p_locales, 200)
            WHERE coalesce(e.factor -> 'name', 'null') <> 'null') AS f;
    FOR one IN
        SELECT e.question, e.place - 1 AS place, format('/questions/%s', e.place - 1) AS at
        FROM jsonb_array_elements(p_questions) WITH ORDINALITY AS e (question, place) ORDER BY e.place
    LOOP
        SELECT jsonb_agg(to_jsonb(f)) INTO wrong
        FROM instrument_question_faults(one.at, one.question, p_locales, sections, factors) AS f;
        RETURN QUERY SELECT w ->> 'pointer', w ->> 'detail' FROM jsonb_array_elements(wrong) AS w;
        CONTINUE WHEN jsonb_typeof(one.question) <> 'object';
        IF section IS DISTINCT FROM one.question ->> 'section' THEN
            section := one.question ->> 'section';
            IF section = ANY (begun) THEN
                RETURN QUERY SELECT one.at || '/section', 'stands apart from the others of its section';
            ELSE
                RETURN QUERY SELECT f.* FROM jsonb_array_elements(p_sections) WITH ORDINALITY AS s (section, place)
                    CROSS JOIN LATERAL instrument_condition_faults(
                        format('/sections/%s/show_if', s.place - 1), s.section -> 'show_if', earlier) AS f
                    WHERE s.section ->> 'code' = one.question ->> 'section' AND coalesce(s.section -> 'show_if', 'null') <> 'null';
            END IF;
            begun := begun || section;
        END IF;
        IF coalesce(one.question -> 'show_if', 'null') <> 'null' THEN
            RETURN QUERY SELECT * FROM instrument_condition_faults(one.at || '/show_if', one.question -> 'show_if', earlier);
        END IF;
        IF is_instrument_code(one.question -> 'code') THEN
            earlier := earlier || jsonb_build_object(
                one.question ->> 'code', CASE WHEN wrong IS NULL THEN one.question ELSE 'null' END);
        END IF;
    END LOOP;
    RETURN QUERY
        SELECT f.* FROM jsonb_array_elements(p_sections) WITH ORDINALITY AS s (section, place)
        CROSS JOIN LATERAL (
            SELECT * FROM instrument_member_faults(format('/sections/%s', s.place - 1), s.section, '{code,title}', '{text,show_if}')
            UNION ALL
            SELECT w.* FROM (VALUES ('title', 200), ('text', 5000)) AS n (name, most)
            CROSS JOIN LATERAL instrument_word_faults(format('/sections/%s/%s', s.place - 1, n.name), s.section -> n.name, p_locales, n.most) AS w
            WHERE coalesce(s.section -> n.name, 'null') <> 'null'
            UNION ALL
            SELECT format('/sections/%s', s.place - 1), 'has no question'
            WHERE s.section ->> 'code' <> ALL (begun)) AS f;
END
$$;

REVOKE EXECUTE ON FUNCTION pointer_key, is_instrument_code, is_whole, is_plain_number, instrument_word_faults,
    instrument_member_faults, instrument_code_faults, instrument_condition_faults, instrument_question_faults,
    instrument_faults FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pointer_key, is_instrument_code, is_whole, is_plain_number, instrument_word_faults,
    instrument_member_faults, instrument_code_faults, instrument_condition_faults, instrument_question_faults,
    instrument_faults TO kith_api;

RESET ROLE;
