-- Answers to surveys: what is kept once somebody was asked, what an answer must be, and who gives one.

SET ROLE kith_owner;

-- A survey that has begun asks what it asked: only its name, its last day and its status change.
CREATE OR REPLACE FUNCTION keep_survey() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    field text;
BEGIN
    IF OLD.opened_at IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT n.key INTO field FROM jsonb_each(to_jsonb(NEW)) n
    WHERE n.key = ANY ('{instrument_id,mode,opens_on,asks_district,asks_partner,partner_id,site_id,audience,contact_filter_id,user_filter_id}')
      AND n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key
    ORDER BY n.key LIMIT 1;
    IF field IS NOT NULL THEN
        PERFORM refuse_field(field, 'The survey has begun, so this stays as it is.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER keep_survey BEFORE UPDATE ON survey
    FOR EACH ROW EXECUTE FUNCTION keep_survey();

-- What is wrong with an answer to the question, or NULL: the words of a fault (docs of pages), and a sentence.
CREATE OR REPLACE FUNCTION survey_answer_wrong(p_question jsonb, p_answer jsonb, OUT code text, OUT detail text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    points numeric := coalesce((nullif(p_question -> 'points', 'null'))::numeric, 5);
    given bigint := 0; -- of several options
    known bigint := 0;
    number numeric;
BEGIN
    CASE p_question ->> 'kind'
    WHEN 'rating' THEN
        IF NOT is_whole(p_answer, 1, points) THEN
            code := 'not_in_enum';
            detail := format('must be a whole number from 1 to %s', points);
        END IF;
    WHEN 'importance_occurrence' THEN -- one of them alone is kept as a draft
        IF jsonb_typeof(p_answer) <> 'object' OR p_answer - '{importance,occurrence}'::text[] <> '{}' OR p_answer = '{}'
           OR p_answer ? 'importance' AND NOT is_whole(p_answer -> 'importance', 1, points)
           OR p_answer ? 'occurrence' AND NOT is_whole(p_answer -> 'occurrence', 1, points) THEN
            code := 'not_in_enum';
            detail := format('must be an object of "importance" and "occurrence", each a whole number from 1 to %s', points);
        END IF;
    WHEN 'yes_no' THEN
        IF jsonb_typeof(p_answer) <> 'boolean' THEN
            code := 'not_in_enum';
            detail := 'must be true or false';
        END IF;
    WHEN 'choice' THEN
        IF jsonb_typeof(p_answer) <> 'string' OR NOT p_question -> 'options' @> jsonb_build_array(jsonb_build_object('code', p_answer)) THEN
            code := 'not_in_enum';
            detail := 'must be the code of one of the options';
        END IF;
    WHEN 'multi' THEN
        IF jsonb_typeof(p_answer) = 'array' THEN
            SELECT count(*), count(DISTINCT o.option -> 'code') INTO given, known
            FROM jsonb_array_elements(p_answer) AS a
            LEFT JOIN jsonb_array_elements(p_question -> 'options') AS o (option) ON o.option -> 'code' = a;
        END IF;
        IF given = 0 OR given <> known THEN
            code := 'not_in_enum';
            detail := 'must be a list of the codes of options, each once';
        ELSIF given > (nullif(p_question -> 'most', 'null'))::numeric THEN
            code := 'too_many';
            detail := format('must name at most %s options', p_question ->> 'most');
        END IF;
    WHEN 'number' THEN
        IF NOT is_plain_number(p_answer) THEN
            code := 'invalid_number';
            detail := 'must be a number of at most twelve digits, and six behind the point';
            RETURN;
        END IF;
        number := (p_answer #>> '{}')::numeric;
        IF number < (nullif(p_question -> 'min', 'null'))::numeric THEN
            code := 'too_small';
            detail := format('must be %s or more', p_question ->> 'min');
        ELSIF number > (nullif(p_question -> 'max', 'null'))::numeric THEN
            code := 'too_large';
            detail := format('must be %s or less', p_question ->> 'max');
        END IF;
    WHEN 'text' THEN
        IF jsonb_typeof(p_answer) <> 'string' OR char_length(p_answer #>> '{}') > 2000 THEN
            code := 'too_long';
            detail := 'must be a text of at most 2000 characters';
        END IF;
    END CASE;
END
$$;

CREATE OR REPLACE FUNCTION survey_answer_fault(p_question jsonb, p_answer jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (survey_answer_wrong(p_question, p_answer)).detail;

-- The given answers that are none: to no question of the instrument, or not as it wants them.
CREATE OR REPLACE FUNCTION survey_answer_errors(p_questions jsonb, p_answers jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(jsonb_build_object(
                   'pointer', '/answers/' || pointer_key(f.key), 'detail', format('The answer %s.', f.fault)) ORDER BY f.key)
        FROM (SELECT a.key, CASE WHEN q.question IS NULL THEN 'is no question of this survey'
                                 WHEN a.value <> 'null' THEN survey_answer_fault(q.question, a.value) END AS fault
              FROM jsonb_each(p_answers) AS a
              LEFT JOIN jsonb_array_elements(p_questions) AS q (question) ON q.question ->> 'code' = a.key OFFSET 0) AS f
        WHERE f.fault IS NOT NULL);
END
$$;

-- What of the answers is sent: those to what is asked; and what of that still needs one, or the other half of one.
CREATE OR REPLACE FUNCTION survey_answer_sent(
    p_questions jsonb, p_sections jsonb, p_answers jsonb, OUT answers jsonb, OUT lacking text[])
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    SELECT coalesce(jsonb_object_agg(w.code, p_answers -> w.code) FILTER (WHERE p_answers ? w.code), '{}'),
           array_agg(w.code ORDER BY w.place)
               FILTER (WHERE NOT survey_is_answered(p_answers -> w.code) AND (w.is_required OR p_answers ? w.code))
    INTO answers, lacking
    FROM instrument_walk(p_questions, p_sections, p_answers) AS w
    WHERE w.is_shown;
END
$$;

-- Refuses an answer to what is not asked, or not of this invitation.
CREATE OR REPLACE FUNCTION survey_answer_refuse(asked survey, invitation survey_invitation) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF asked.status <> 'open' OR asked.closes_on < district_today() THEN
        PERFORM refuse_state('The survey is not open.', jsonb_build_object('status', asked.status));
    ELSIF invitation.status IN ('excluded', 'declined', 'delegated', 'left_org') THEN
        PERFORM refuse_state('This invitation is not to be answered.',
                             jsonb_build_object('status', invitation.status));
    END IF;
END
$$;

-- Writes answers as they are now, all of what each is about, and how far their invitations have come: some of them as a
-- draft, or what is sent. What was sent stays as it was until its correction is sent. Not by the rights of whoever answers:
-- whoever calls it has asked for these and locked their invitations, and to ask them of each row again takes longer than to
-- write it. Looked for by their ids and not joined, as a plan may be made while there are hardly any.
DROP FUNCTION IF EXISTS survey_answer_keep(uuid, uuid, jsonb, boolean);
CREATE OR REPLACE FUNCTION survey_answers_keep(p_ids uuid[], p_invitations uuid[], p_answers jsonb[], p_submits boolean[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    UPDATE survey_answer w
    SET (answers, draft, status, submitted_at) = (
        SELECT CASE WHEN k.is_submit OR w.status <> 'submitted' THEN k.answers ELSE w.answers END,
               CASE WHEN NOT k.is_submit AND w.status = 'submitted' THEN nullif(k.answers, w.answers) END,
               CASE WHEN k.is_submit OR w.status = 'submitted' THEN 'submitted' ELSE 'partial' END,
               CASE WHEN k.is_submit THEN business_now ELSE w.submitted_at END
        FROM (SELECT p_answers[n] AS answers, p_submits[n] AS is_submit FROM array_position(p_ids, w.id) AS n) AS k)
    WHERE w.district_id = district AND w.id = ANY (p_ids);
    UPDATE survey_invitation i
    SET (status, answered_at) = (
        SELECT CASE WHEN l.lacks THEN 'partial' ELSE 'answered' END, CASE WHEN NOT l.lacks THEN coalesce(i.answered_at, business_now) END
        FROM (SELECT EXISTS (SELECT FROM survey_answer w
                             WHERE w.district_id = district AND w.survey_invitation_id = i.id AND w.status <> 'submitted') AS lacks) AS l)
    WHERE i.district_id = district AND i.id = ANY (p_invitations);
END
$$;

-- Keeps the answers about one relationship, or about nothing in particular (NULL): some of them as a draft, all that are
-- required when p_submit, of which what is hidden is left out. An answer of null takes the one given before back. Whoever
-- calls it has found out that the invitation is the caller's.
CREATE OR REPLACE FUNCTION survey_answer_put(
    p_invitation uuid, p_partnership uuid, p_answers jsonb, p_submit boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    invitation survey_invitation;
    asked survey;
    kept survey_answer;
    document instrument;
    errors jsonb;
    merged jsonb;
    sent record;
BEGIN
    SELECT * INTO invitation FROM survey_invitation i WHERE i.id = p_invitation FOR UPDATE;
    SELECT * INTO asked FROM survey s WHERE s.id = invitation.survey_id;
    PERFORM survey_answer_refuse(asked, invitation);
    SELECT * INTO kept FROM survey_answer w
    WHERE w.survey_invitation_id = p_invitation AND w.partnership_id IS NOT DISTINCT FROM p_partnership;
    IF kept.id IS NULL THEN
        PERFORM refuse_field('partnership_id', 'The invitation does not ask about this one.');
    END IF;
    SELECT * INTO document FROM instrument n WHERE n.id = asked.instrument_id;
    errors := survey_answer_errors(document.questions, p_answers);
    IF errors IS NOT NULL THEN
        PERFORM refuse_fields('Some answers are not as they must be; see errors.', errors);
    END IF;
    IF asked.mode = 'anonymous' THEN
        PERFORM survey_ballot_put(asked, invitation, kept, document, p_answers, p_submit);
        RETURN;
    END IF;
    merged := jsonb_strip_nulls(coalesce(kept.draft, kept.answers) || p_answers);
    IF p_submit THEN
        sent := survey_answer_sent(document.questions, document.sections, merged);
        IF sent.lacking IS NOT NULL THEN
            PERFORM refuse_fields('Some questions need an answer; see errors.', (
                SELECT jsonb_agg(jsonb_build_object('pointer', '/answers/' || l, 'detail', 'This question needs an answer.'))
                FROM unnest(sent.lacking) AS l));
        END IF;
        merged := sent.answers;
    END IF;
    PERFORM survey_answers_keep(ARRAY[kept.id], ARRAY[p_invitation], ARRAY[merged], ARRAY[p_submit]);
END
$$;

-- The answer of a user to its own invitation.
CREATE OR REPLACE FUNCTION survey_invitation_answer(
    p_id uuid, p_version bigint, p_partnership uuid, p_answers jsonb, p_submit boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM survey_invitation i
                   WHERE i.id = p_id AND i.user_id = current_setting('kith.user')::uuid) THEN
        RAISE EXCEPTION 'no invitation of this user' USING ERRCODE = 'KI404';
    END IF;
    PERFORM lock_row('survey_invitation', p_id, p_version);
    PERFORM survey_answer_put(p_id, p_partnership, p_answers, coalesce(p_submit, true));
END
$$;

-- The same of a partner's contact who is signed in; its grants cover no survey, so the scope is as by a link.
CREATE OR REPLACE FUNCTION own_survey_invitation_answer(
    p_id uuid, p_version bigint, p_partnership uuid, p_answers jsonb, p_submit boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    scope text := current_setting('kith.scope');
BEGIN
    IF NOT EXISTS (SELECT FROM own_survey_invitation i WHERE i.id = p_id) THEN
        RAISE EXCEPTION 'no invitation of this contact' USING ERRCODE = 'KI404';
    END IF;
    PERFORM set_config('kith.scope', '*', true);
    PERFORM lock_row('survey_invitation', p_id, p_version);
    PERFORM survey_answer_put(p_id, p_partnership, p_answers, coalesce(p_submit, true));
    PERFORM set_config('kith.scope', scope, true);
END
$$;

REVOKE EXECUTE ON FUNCTION keep_survey, survey_answer_wrong, survey_answer_fault, survey_answer_errors, survey_answer_sent,
    survey_answer_refuse, survey_answers_keep, survey_answer_put, survey_invitation_answer, own_survey_invitation_answer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_answer_wrong, survey_answer_fault, survey_answer_errors, survey_answer_sent,
    survey_answer_refuse, survey_answers_keep, survey_answer_put, survey_invitation_answer, own_survey_invitation_answer TO kith_api;
GRANT EXECUTE ON FUNCTION survey_answer_wrong, survey_answer_fault, survey_answer_errors, survey_answer_sent,
    survey_answer_refuse, survey_answers_keep, survey_answer_put TO kith_survey;

RESET ROLE;
