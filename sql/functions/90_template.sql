-- Templates: which words one of a kind may ask for. Whoever saves another one is told at once, and not when it is filled.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION template_kind_words(p_kind text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(w.word ORDER BY w.word)
    FROM (SELECT t.word FROM template_words(NULL) t
          UNION
          SELECT t.word FROM thank_you_words(NULL::thank_you) t WHERE p_kind = 'thank_you') AS w;
END;

-- The first thing in double braces of a text that is none of the words, with its line; NULL: there is none.
CREATE OR REPLACE FUNCTION template_wrong_word(p_text text, p_words text[], OUT line bigint, OUT word text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT l.line, m.found[1]
    FROM string_to_table(p_text, E'\n') WITH ORDINALITY AS l (text, line)
    CROSS JOIN LATERAL regexp_matches(l.text, '\{\{[^{}]*\}{0,2}', 'g') WITH ORDINALITY AS m (found, place)
    WHERE m.found[1] <> ALL (SELECT '{{' || w || '}}' FROM unnest(p_words) AS w)
    ORDER BY l.line, m.place LIMIT 1;
END;

-- One that was saved before there was this rule keeps what it has until its texts are changed.
CREATE OR REPLACE FUNCTION template_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    words text[];
    one record;
    wrong record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.kind, NEW.subject, NEW.text) IS NOT DISTINCT FROM (OLD.kind, OLD.subject, OLD.text) THEN
            RETURN NEW;
        END IF;
    END IF;
    words := template_kind_words(NEW.kind);
    FOR one IN SELECT * FROM (VALUES ('subject', NEW.subject), ('text', NEW.text)) AS f (name, text) LOOP
        SELECT * INTO wrong FROM template_wrong_word(one.text, words);
        IF wrong.word IS NOT NULL THEN
            PERFORM refuse_field(one.name, format('"%s", in line %s of "%s", is no word that is filled in. Those are: %s.',
                                                  wrong.word, wrong.line, one.name, array_to_string(words, ', ')));
        END IF;
    END LOOP;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER template_check BEFORE INSERT OR UPDATE OF kind, subject, text ON template
    FOR EACH ROW EXECUTE FUNCTION template_check();

REVOKE EXECUTE ON FUNCTION template_kind_words, template_wrong_word, template_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION template_kind_words, template_wrong_word TO kith_api;

RESET ROLE;
