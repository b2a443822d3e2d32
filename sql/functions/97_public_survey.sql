-- A survey that anybody answers who has its public link: without an account, a cookie or a name. Its pages keep nothing: what
-- was answered on the ones before comes along with the form (kept), and is judged anew.

SET ROLE kith_owner;

-- What a survey may be: a filter finds what it is to find. And what opens: a public link is of anonymous answers about no
-- relationship; students are asked by it alone, where parents were told or consented if it touches what 20 U.S.C. 1232h protects.
CREATE OR REPLACE FUNCTION survey_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    document instrument;
BEGIN
    SELECT * INTO document FROM instrument n WHERE n.district_id = NEW.district_id AND n.id = NEW.instrument_id;
    IF EXISTS (SELECT FROM saved_filter f WHERE f.district_id = NEW.district_id AND f.id = NEW.contact_filter_id AND f.resource <> 'contacts') THEN
        PERFORM refuse_field('contact_filter_id', '"contact_filter_id" is no filter of contacts.');
    ELSIF EXISTS (SELECT FROM saved_filter f WHERE f.district_id = NEW.district_id AND f.id = NEW.user_filter_id AND f.resource <> 'users') THEN
        PERFORM refuse_field('user_filter_id', '"user_filter_id" is no filter of users.');
    END IF;
    NEW.public_code := CASE WHEN NEW.has_public_link
        THEN coalesce(NEW.public_code, left(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 26)) END;
    IF NEW.status NOT IN ('scheduled', 'open') THEN
        RETURN NEW;
    ELSIF NEW.has_public_link AND (NEW.mode <> 'anonymous' OR document.subject <> 'none') THEN
        PERFORM refuse_state('A public link is of an anonymous survey that asks about no relationship.',
                             jsonb_build_object('status', NEW.status, 'missing', '["mode"]'::jsonb));
    ELSIF NEW.audience = 'student' AND num_nonnulls(NEW.contact_filter_id, NEW.user_filter_id) > 0 THEN
        PERFORM refuse_state('Students are asked by the public link alone.',
                             jsonb_build_object('status', NEW.status, 'missing', '["audience"]'::jsonb));
    ELSIF NEW.audience = 'student' AND NEW.is_sensitive AND NEW.consent_note IS NULL THEN
        PERFORM refuse_state('Say first how parents were told, or consented.',
                             jsonb_build_object('status', NEW.status, 'missing', '["consent_note"]'::jsonb));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER survey_check BEFORE INSERT OR UPDATE ON survey FOR EACH ROW EXECUTE FUNCTION survey_check();

-- What a form of such a page brings along of the pages before; {} where it is not what our pages send.
CREATE OR REPLACE FUNCTION public_survey_kept(p_questions jsonb, p_text text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    kept jsonb;
BEGIN
    kept := p_text;
    IF jsonb_typeof(kept) <> 'object' OR survey_answer_errors(p_questions, kept) IS NOT NULL THEN
        RETURN '{}';
    END IF;
    RETURN coalesce(kept, '{}');
EXCEPTION WHEN invalid_text_representation OR untranslatable_character OR program_limit_exceeded THEN
    RETURN '{}';
END
$$;

-- The page of a public link, as far as the form has come; body NULL: there is none. sent: what is to be sealed, as all is
-- answered.
CREATE OR REPLACE FUNCTION public_survey(
    p_slug text, p_code text, p_form jsonb, p_lang text, p_now text, p_request text,
    OUT locale text, OUT body jsonb, OUT survey_id uuid, OUT sent jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    s survey;
    document instrument;
    zone text;
    kept jsonb;
    said record;
    errors jsonb := '[]';
    number bigint := 1; -- of the page
    pressed text := split_part(p_form ->> 'do', ':', 1);
    is_open boolean;
BEGIN
    SELECT l.locale, l.body INTO locale, body FROM page_login(p_slug, NULL, p_now, p_request) l;
    IF body IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO s FROM survey v
    WHERE v.district_id = current_setting('kith.district')::uuid AND v.public_code = p_code AND v.archived_at IS NULL;
    IF s.id IS NULL THEN
        body := NULL;
        RETURN;
    END IF;
    survey_id := s.id;
    is_open := s.status = 'open' AND s.closes_on >= district_today();
    SELECT * INTO STRICT document FROM instrument n WHERE n.district_id = s.district_id AND n.id = s.instrument_id;
    SELECT d.zone INTO STRICT zone FROM district d WHERE d.id = s.district_id;
    kept := public_survey_kept(document.questions, p_form ->> 'kept');
    IF p_form ->> 'page' ~ '^[1-9][0-9]{0,3}$' THEN
        number := (p_form ->> 'page')::bigint;
        said := survey_form(document, kept, p_form);
        kept := said.answers;
        errors := said.errors;
        IF errors = '[]' AND pressed = 'send' THEN
            errors := survey_form_lacking(document, kept, (survey_answer_sent(document.questions, document.sections, kept)).lacking);
        END IF;
        IF errors = '[]' AND pressed = 'send' THEN
            sent := jsonb_build_object('audience', s.audience, 'site_id', s.site_id,
                                       'answers', (survey_answer_sent(document.questions, document.sections, kept)).answers);
        ELSIF errors = '[]' AND p_form ->> 'go' ~ '^[1-9][0-9]{0,3}$' THEN
            number := (p_form ->> 'go')::bigint;
        ELSIF errors = '[]' AND pressed = 'review' THEN
            number := 9999;
        ELSIF errors = '[]' AND pressed IN ('next', 'back') THEN
            number := survey_page_next(document, kept, number, pressed = 'back');
        ELSIF errors <> '[]' THEN -- of the first page where something is wrong
            number := coalesce((SELECT min(w.page) FROM instrument_walk(document.questions, document.sections, kept) AS w
                                JOIN jsonb_array_elements(errors) AS e ON split_part(e ->> 'name', '.', 2) = w.code), number);
        END IF;
    END IF;
    body := body || jsonb_build_object(
        'name', s.name, 'introduction', s.introduction,
        'closes', page_time(local_instant(s.closes_on + 1, 0, zone) - interval '1 second', zone),
        'cell', (SELECT d.survey_cell FROM district d WHERE d.id = s.district_id),
        'is_open', is_open AND pressed IS DISTINCT FROM 'sent', 'is_over', NOT is_open,
        'is_begun', p_form ? 'page' AND NOT (pressed = 'stay' AND p_form ->> 'page' = '1'),
        'is_sent', coalesce(pressed = 'sent', false), 'form_verb', CASE WHEN is_open AND pressed IS DISTINCT FROM 'sent' THEN 'stay' END,
        'kept', kept::text, 'has_errors', errors <> '[]',
        'errors', (SELECT jsonb_agg(jsonb_build_object(
                       'name', e.error ->> 'name', 'code', e.error ->> 'code', 'text', page_words(w.question -> 'text', p_lang)) ORDER BY e.place)
                   FROM jsonb_array_elements(errors) WITH ORDINALITY AS e (error, place)
                   JOIN instrument_walk(document.questions, document.sections, kept) AS w ON w.code = split_part(e.error ->> 'name', '.', 2)))
        || page_survey_way(document, kept, number);
    body := body || jsonb_build_object('review', CASE WHEN (body -> 'is_end')::boolean THEN page_survey_review(document, kept, p_lang) END);
    body := body || page_survey_questions(document, (body ->> 'page')::bigint, kept, p_lang,
                                          jsonb_build_object('errors', errors) || CASE WHEN errors <> '[]' THEN jsonb_build_object('form', p_form) ELSE '{}' END);
END
$$;

-- Keeps one answer by a public link, under a name of its form: one that comes again is the same. Of so many in an hour, and
-- in all, and no more.
CREATE OR REPLACE FUNCTION public_survey_put(
    p_slug text, p_code text, p_name text, p_sealed text, p_now text, p_request text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := sign_in_district(p_slug, NULL);
    s survey;
    this_hour timestamptz := date_trunc('hour', p_now::timestamptz);
    is_there boolean;
BEGIN
    PERFORM kith_context(district, '', '', p_now, p_request);
    SELECT * INTO s FROM survey v WHERE v.district_id = district AND v.public_code = p_code AND v.archived_at IS NULL
        AND v.status = 'open' AND v.closes_on >= district_today();
    IF s.id IS NULL OR NOT survey_has_spool(s.id) THEN
        PERFORM refuse_state('The survey is not open.', '{"status": "closed"}');
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I o WHERE o.district_id = $1 AND o.name = $2)', survey_table('spool', s.id))
    INTO is_there USING district, p_name;
    IF is_there THEN
        RETURN;
    END IF;
    INSERT INTO survey_public_use AS u (district_id, survey_id, hour, in_hour, total) VALUES (district, s.id, this_hour, 1, 1)
    ON CONFLICT ON CONSTRAINT survey_public_use_pkey DO UPDATE
        SET hour = excluded.hour, in_hour = CASE WHEN u.hour = excluded.hour THEN u.in_hour + 1 ELSE 1 END, total = u.total + 1
        WHERE u.total < s.public_total AND (u.hour <> excluded.hour OR u.in_hour < s.public_hourly);
    IF NOT FOUND THEN
        PERFORM refuse_state('As many have answered as this hour, or this survey, takes.', '{"status": "full"}');
    END IF;
    EXECUTE format('INSERT INTO public.%I (district_id, name, part, kept) VALUES ($1, $2, ''public'', $3) ON CONFLICT DO NOTHING',
                   survey_table('spool', s.id)) USING district, p_name, p_sealed;
EXCEPTION WHEN undefined_table THEN
    PERFORM refuse_state('The survey is not open.', '{"status": "closed"}');
END
$$;

REVOKE EXECUTE ON FUNCTION survey_check, public_survey_kept, public_survey, public_survey_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public_survey_kept, public_survey, public_survey_put TO kith_api;

RESET ROLE;
