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
    WHERE n.key = ANY ('{instrument_id,mode,opens_on,asks_district,asks_partner,partner_id,site_id}')
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

-- What is wrong with an answer to the question, or NULL.
CREATE OR REPLACE FUNCTION survey_answer_fault(p_question jsonb, p_answer jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_question ->> 'kind'
    WHEN 'rating' THEN
        CASE WHEN jsonb_typeof(p_answer) = 'number' AND p_answer IN ('1', '2', '3', '4', '5')
             THEN NULL ELSE 'must be a whole number from 1 to 5' END
    WHEN 'yes_no' THEN
        CASE WHEN jsonb_typeof(p_answer) = 'boolean' THEN NULL ELSE 'must be true or false' END
    WHEN 'text' THEN
        CASE WHEN jsonb_typeof(p_answer) = 'string' AND char_length(p_answer #>> '{}') <= 2000
             THEN NULL ELSE 'must be a text of at most 2000 characters' END
    ELSE 'is of a kind that nobody can answer' END;

-- Keeps the answers about one relationship: some of them as a draft, all that are required when
-- p_submit. An answer of null takes the one given before back. Whoever calls it has found out that
-- the invitation is the caller's.
CREATE OR REPLACE FUNCTION survey_answer_put(
    p_invitation uuid, p_partnership uuid, p_answers jsonb, p_submit boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    invitation survey_invitation;
    asked survey;
    kept survey_answer;
    questions jsonb;
    given record;
    fault text;
    merged jsonb;
    lacking text;
BEGIN
    SELECT * INTO invitation FROM survey_invitation i WHERE i.id = p_invitation FOR UPDATE;
    SELECT * INTO asked FROM survey s WHERE s.id = invitation.survey_id;
    IF asked.status <> 'open' OR asked.closes_on < district_today() THEN
        PERFORM refuse_state('The survey is not open.', jsonb_build_object('status', asked.status));
    ELSIF invitation.status IN ('excluded', 'declined', 'delegated', 'left_org') THEN
        PERFORM refuse_state('This invitation is not to be answered.',
                             jsonb_build_object('status', invitation.status));
    END IF;
    SELECT * INTO kept FROM survey_answer w
    WHERE w.survey_invitation_id = p_invitation AND w.partnership_id = p_partnership;
    IF kept.id IS NULL THEN
        PERFORM refuse_field('partnership_id', 'The invitation does not ask about this one.');
    END IF;
    SELECT n.questions INTO questions FROM instrument n WHERE n.id = asked.instrument_id;
    FOR given IN
        SELECT a.key, a.value, q.question
        FROM jsonb_each(p_answers) a
        LEFT JOIN LATERAL (SELECT question FROM jsonb_array_elements(questions) question
                           WHERE question ->> 'code' = a.key) q ON true
    LOOP
        fault := CASE WHEN given.question IS NULL THEN 'is no question of this survey'
                      WHEN given.value <> 'null' THEN survey_answer_fault(given.question, given.value)
                 END;
        IF fault IS NOT NULL THEN
            PERFORM refuse_field('answers/' || replace(replace(given.key, '~', '~0'), '/', '~1'),
                                 'The answer ' || fault || '.');
        END IF;
    END LOOP;
    merged := jsonb_strip_nulls(kept.answers || p_answers);
    SELECT q ->> 'code' INTO lacking FROM jsonb_array_elements(questions) q
    WHERE (q ->> 'required')::boolean AND NOT merged ? (q ->> 'code') LIMIT 1;
    IF p_submit AND lacking IS NOT NULL THEN
        PERFORM refuse_field('answers/' || lacking, 'This question needs an answer.');
    END IF;
    UPDATE survey_answer w
    SET answers = merged,
        status = CASE WHEN p_submit THEN 'submitted'
                      WHEN w.status = 'submitted' AND lacking IS NULL THEN 'submitted'
                      ELSE 'partial' END,
        submitted_at = CASE WHEN p_submit THEN current_setting('kith.now')::timestamptz
                            ELSE w.submitted_at END
    WHERE w.id = kept.id;
    UPDATE survey_invitation i
    SET status = CASE WHEN open_count.n = 0 THEN 'answered' ELSE 'partial' END,
        answered_at = CASE WHEN open_count.n = 0 THEN current_setting('kith.now')::timestamptz END
    FROM (SELECT count(*) AS n FROM survey_answer w
          WHERE w.survey_invitation_id = p_invitation AND w.status <> 'submitted') AS open_count
    WHERE i.id = p_invitation;
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

REVOKE EXECUTE ON FUNCTION keep_survey, survey_answer_fault, survey_answer_put, survey_invitation_answer,
    own_survey_invitation_answer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_answer_fault, survey_answer_put, survey_invitation_answer,
    own_survey_invitation_answer TO kith_api;
GRANT EXECUTE ON FUNCTION survey_answer_fault, survey_answer_put TO kith_survey;

RESET ROLE;
