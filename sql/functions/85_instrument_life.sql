-- From an instrument's draft to the first survey that asks it: from then on it stays as it is, and what is to be different
-- is another edition, begun as a copy.

SET ROLE kith_owner;

-- KI494: several places are at fault. The detail: {"errors": [{"pointer", "detail"}]}, at most a hundred.
CREATE OR REPLACE FUNCTION refuse_fields(p_message text, p_errors jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF is_unguarded() THEN
        RETURN;
    END IF;
    RAISE EXCEPTION '%', p_message USING ERRCODE = 'KI494', DETAIL = jsonb_build_object('errors', p_errors)::text;
END
$$;

CREATE OR REPLACE FUNCTION instrument_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    errors jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('pointer', f.pointer, 'detail', format('"%s" %s.', f.pointer, f.detail)))
    INTO errors
    FROM (SELECT * FROM instrument_faults(NEW.locales, NEW.sections, NEW.factors, NEW.questions, NEW.about) LIMIT 100) AS f;
    IF errors IS NOT NULL THEN
        PERFORM refuse_fields('The instrument is not as it must be; see errors.', errors);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER instrument_check
    AFTER INSERT OR UPDATE OF locales, sections, factors, questions, about ON instrument
    FOR EACH ROW EXECUTE FUNCTION instrument_check();

-- A member that is null is left out, so that there is one way to say nothing.
CREATE OR REPLACE FUNCTION instrument_trim() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.sections := jsonb_strip_nulls(NEW.sections);
    NEW.factors := jsonb_strip_nulls(NEW.factors);
    NEW.questions := jsonb_strip_nulls(NEW.questions);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER instrument_trim BEFORE INSERT OR UPDATE OF sections, factors, questions ON instrument
    FOR EACH ROW EXECUTE FUNCTION instrument_trim();

-- Editions of a code count from 1.
CREATE OR REPLACE FUNCTION instrument_number() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('instrument ' || NEW.district_id || NEW.code, 0));
    SELECT coalesce(max(n.edition), 0) + 1 INTO NEW.edition
    FROM instrument n WHERE n.district_id = NEW.district_id AND n.code = NEW.code;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER instrument_number BEFORE INSERT ON instrument
    FOR EACH ROW WHEN (NEW.edition IS NULL) EXECUTE FUNCTION instrument_number();

-- Of one that is frozen only archived_at changes.
CREATE OR REPLACE FUNCTION keep_instrument() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.name, NEW.subject, NEW.locales, NEW.sections, NEW.factors, NEW.questions, NEW.about) IS DISTINCT FROM
       (OLD.name, OLD.subject, OLD.locales, OLD.sections, OLD.factors, OLD.questions, OLD.about) THEN
        PERFORM refuse_state(
            'A survey asks it, so that it stays as it is; copy it, and change the copy.',
            jsonb_build_object('status', OLD.status, 'frozen_at', rfc3339(OLD.frozen_at), 'survey_id', instrument_survey(OLD.id)));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER keep_instrument BEFORE UPDATE ON instrument
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION keep_instrument();

-- The first survey that was to ask it.
CREATE OR REPLACE FUNCTION instrument_survey(p_id uuid) RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT s.id FROM survey s
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.instrument_id = p_id AND s.status <> 'draft'
        ORDER BY s.opens_on, s.id LIMIT 1);

-- What is to be asked is published, and from now on frozen, whoever may write instruments. The row is locked, so that no
-- change of it comes between.
CREATE OR REPLACE FUNCTION instrument_ask(p_id uuid, p_status text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    asked instrument;
BEGIN
    SELECT * INTO asked FROM instrument n WHERE n.district_id = district AND n.id = p_id FOR NO KEY UPDATE;
    IF asked.frozen_at IS NOT NULL THEN
        RETURN;
    ELSIF asked.status <> 'published' OR asked.archived_at IS NOT NULL THEN
        PERFORM refuse_state('Its instrument is not published; publish it first.',
                             jsonb_build_object('status', p_status, 'missing', '["instrument_id"]'::jsonb));
    END IF;
    UPDATE instrument n SET frozen_at = current_setting('kith.now')::timestamptz WHERE n.district_id = district AND n.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION instrument_freeze() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'kith_api' THEN -- what a worker opens was scheduled
        PERFORM instrument_ask(NEW.instrument_id, NEW.status);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER instrument_freeze AFTER INSERT OR UPDATE OF status, instrument_id ON survey
    FOR EACH ROW WHEN (NEW.status IN ('scheduled', 'open')) EXECUTE FUNCTION instrument_freeze();

CREATE OR REPLACE FUNCTION instrument_publish(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('instrument', p_id, p_version, 'publish');
BEGIN
    UPDATE instrument SET status = next_status WHERE id = p_id;
END
$$;

-- A draft of the same: the next edition of its code, or of another one. It is found by copied_from_id.
CREATE OR REPLACE FUNCTION instrument_copy(p_id uuid, p_version bigint, p_code text, p_name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('instrument', p_id, p_version);
    INSERT INTO instrument (district_id, id, code, name, subject, locales, sections, factors, questions, about, status,
                            copied_from_id)
    SELECT n.district_id, uuid7(), coalesce(p_code, n.code), coalesce(p_name, n.name), n.subject, n.locales, n.sections,
           n.factors, n.questions, n.about, 'draft', n.id
    FROM instrument n WHERE n.id = p_id;
END
$$;

-- A draft of a document as GET gives it, of whose members those of the server are left aside: its edition, or what is wrong.
CREATE OR REPLACE FUNCTION instrument_load(p_district uuid, p_document jsonb)
RETURNS TABLE (pointer text, detail text, code text, edition bigint)
LANGUAGE plpgsql AS $$
DECLARE
    servers constant text[] := '{id,version,created_at,updated_at,archived_at,edition,status,frozen_at,survey_id,copied_from_id}';
    business_now timestamptz := business_now();
    d jsonb := CASE jsonb_typeof(p_document) WHEN 'object' THEN p_document - servers ELSE p_document END;
    languages text[];
BEGIN
    RETURN QUERY
        SELECT f.pointer, f.detail, NULL, NULL::bigint
        FROM instrument_member_faults('', d, '{name,code,locales,sections,questions}', '{subject,factors,about}') AS f;
    IF FOUND THEN
        RETURN;
    END IF;
    IF jsonb_typeof(d -> 'locales') = 'array' THEN
        languages := ARRAY(SELECT jsonb_array_elements_text(d -> 'locales'));
    END IF;
    RETURN QUERY
        SELECT f.pointer, f.detail, NULL, NULL::bigint FROM (
            SELECT '/name' AS pointer, 'must be a text of 1 to 200 characters' AS detail
            WHERE jsonb_typeof(d -> 'name') <> 'string' OR d ->> 'name' !~ '\S' OR char_length(d ->> 'name') > 200
            UNION ALL
            SELECT '/code', 'must be 1 to 64 small letters, digits and "_"' WHERE NOT is_instrument_code(d -> 'code')
            UNION ALL
            SELECT '/subject', 'must be relationship or none' WHERE d ->> 'subject' NOT IN ('relationship', 'none')
            UNION ALL
            SELECT * FROM instrument_faults(languages, d -> 'sections', coalesce(d -> 'factors', '[]'), d -> 'questions',
                                            coalesce(d -> 'about', '{}'))) AS f;
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
        INSERT INTO instrument AS n (district_id, id, code, name, subject, locales, sections, factors, questions, about, created_at, updated_at)
        VALUES (p_district, uuid7(), d ->> 'code', btrim(d ->> 'name'), coalesce(d ->> 'subject', 'relationship'), languages, d -> 'sections',
                coalesce(d -> 'factors', '[]'), d -> 'questions', coalesce(d -> 'about', '{}'), business_now, business_now)
        RETURNING NULL::text, NULL::text, n.code, n.edition;
END
$$;

REVOKE EXECUTE ON FUNCTION instrument_load FROM PUBLIC;
GRANT EXECUTE ON FUNCTION instrument_load TO kith_migrate;
REVOKE EXECUTE ON FUNCTION refuse_fields, instrument_check, instrument_trim, instrument_number, keep_instrument, instrument_survey,
    instrument_ask, instrument_freeze, instrument_publish, instrument_copy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_fields, instrument_survey, instrument_ask, instrument_publish, instrument_copy TO kith_api;
GRANT EXECUTE ON FUNCTION refuse_fields TO kith_survey;

RESET ROLE;
