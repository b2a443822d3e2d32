-- The answers of an anonymous survey, as long as somebody gives them: kith-api keeps them in a draft that the link's token
-- alone opens, and seals what is sent (pages/ballot.c). What it has opened of that, and what it is to close, stands in the
-- context: kith.held {"name", "draft"}, kith.to_open, kith.to_keep {"survey_id", "invitation_id", "draft", "sent", "part",
-- "is_done"}.

SET ROLE kith_owner;

-- What the page has from its link; {}: it has none.
CREATE OR REPLACE FUNCTION survey_held() RETURNS jsonb
LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('kith.held', true), '')::jsonb, '{}');

-- Takes it; false: there is a draft that must be opened first, and nothing else is to be done.
CREATE OR REPLACE FUNCTION survey_hold(p_invitation uuid, p_held jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    ignored text;
    asked survey;
    kept text;
BEGIN
    ignored := set_config('kith.held', coalesce(p_held, '{}')::text, true) || set_config('kith.to_open', '', true)
        || set_config('kith.to_keep', '', true);
    SELECT s.* INTO asked FROM survey_invitation i
    JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_invitation;
    IF asked.mode <> 'anonymous' OR p_held ->> 'name' IS NULL OR p_held ? 'draft' THEN
        RETURN true;
    END IF;
    kept := survey_spool_draft(asked.id, p_held ->> 'name');
    PERFORM set_config('kith.to_open', coalesce(jsonb_build_object('survey_id', asked.id, 'draft', kept)::text, ''), true)
    WHERE kept IS NOT NULL;
    RETURN kept IS NULL;
END
$$;

-- By what the draft knows a relationship, or none.
CREATE OR REPLACE FUNCTION survey_ballot_key(p_partnership uuid) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(p_partnership::text, 'none');

-- Of one relationship: its status and its answers, as the draft has them. Whoever has sent all by another mail's link has
-- none here.
CREATE OR REPLACE FUNCTION survey_ballot(p_survey uuid, p_invitation uuid, p_partnership uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine jsonb := survey_held() -> 'draft' -> survey_ballot_key(p_partnership);
BEGIN
    IF mine IS NULL AND (survey_is_marked(p_survey, p_invitation) OR EXISTS (
        SELECT FROM survey_invitation i
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_invitation AND i.status = 'answered')) THEN
        RETURN '{"status": "submitted", "answers": {}}';
    END IF;
    RETURN coalesce(mine, '{"status": "asked", "answers": {}}');
END
$$;

-- As survey_answer_put(), which has judged the answers, of an anonymous survey: what is sent is told to nobody any more.
CREATE OR REPLACE FUNCTION survey_ballot_put(
    asked survey, invitation survey_invitation, kept survey_answer, document instrument, p_answers jsonb, p_submit boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held jsonb := survey_held();
    key text := survey_ballot_key(kept.partnership_id);
    mine jsonb := survey_ballot(asked.id, invitation.id, kept.partnership_id);
    merged jsonb := jsonb_strip_nulls(mine -> 'answers' || p_answers);
    before jsonb := coalesce(nullif(current_setting('kith.to_keep', true), '')::jsonb, '{}');
    sent record;
BEGIN
    IF held ->> 'name' IS NULL THEN
        PERFORM refuse_state('An anonymous survey is answered by the link of its mail alone.',
                             jsonb_build_object('status', asked.status));
    ELSIF mine ->> 'status' = 'submitted' OR invitation.status = 'answered' THEN
        RETURN;
    ELSIF p_submit THEN
        sent := survey_answer_sent(document.questions, document.sections, merged);
        IF sent.lacking IS NOT NULL THEN
            PERFORM refuse_fields('Some questions need an answer; see errors.', (
                SELECT jsonb_agg(jsonb_build_object('pointer', '/answers/' || l, 'detail', 'This question needs an answer.'))
                FROM unnest(sent.lacking) AS l));
        END IF;
        before := before || jsonb_build_object('part', md5(held ->> 'name' || key), 'sent', (
            SELECT jsonb_build_object(
                'partner_id', p.partner_id, 'partnership_kind', p.arrangement, 'site_id', kept.site_id, 'side', kept.side,
                'audience', kept.audience, 'answers', sent.answers)
            FROM (SELECT) AS o
            LEFT JOIN partnership p ON p.district_id = asked.district_id AND p.id = kept.partnership_id));
        mine := '{"status": "submitted", "answers": {}}';
    ELSE
        mine := jsonb_build_object('status', 'partial', 'answers', merged);
    END IF;
    held := held || jsonb_build_object('draft', coalesce(held -> 'draft', '{}') || jsonb_build_object(key, mine));
    PERFORM set_config('kith.held', held::text, true),
            set_config('kith.to_keep', (before || jsonb_build_object(
                'survey_id', asked.id, 'invitation_id', invitation.id, 'draft', held -> 'draft',
                'is_done', NOT EXISTS (
                    SELECT FROM survey_answer w
                    WHERE w.district_id = asked.district_id AND w.survey_invitation_id = invitation.id
                      AND held -> 'draft' -> survey_ballot_key(w.partnership_id) ->> 'status' IS DISTINCT FROM 'submitted')))::text,
                true);
END
$$;

-- What kith-api has to do for it, behind task_page() and task_put(): open a draft, and ask again; or keep one. invitation_id:
-- once all is sent.
CREATE OR REPLACE FUNCTION task_ballot(
    OUT to_open text, OUT survey_id text, OUT invitation_id text, OUT draft text, OUT part text, OUT sent text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    o jsonb := nullif(current_setting('kith.to_open', true), '')::jsonb;
    k jsonb := nullif(current_setting('kith.to_keep', true), '')::jsonb;
BEGIN
    IF o IS NULL AND k IS NULL THEN -- nearly always
        RETURN;
    END IF;
    to_open := o ->> 'draft';
    survey_id := coalesce(o ->> 'survey_id', k ->> 'survey_id');
    invitation_id := CASE WHEN (k ->> 'is_done')::boolean THEN k ->> 'invitation_id' END;
    draft := k ->> 'draft';
    part := k ->> 'part';
    sent := k ->> 'sent';
END
$$;

REVOKE EXECUTE ON FUNCTION task_ballot, survey_held, survey_hold, survey_ballot_key, survey_ballot, survey_ballot_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_ballot, survey_held, survey_hold, survey_ballot_key, survey_ballot, survey_ballot_put TO kith_api;

RESET ROLE;
