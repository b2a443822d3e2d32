-- Surveys: who is asked, what an answer may be, and what of the answers may be told.

SET ROLE kith_owner;

-- One change of the survey's status.
CREATE OR REPLACE FUNCTION survey_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS survey LANGUAGE plpgsql AS $$
DECLARE
    moved survey;
    next_status text;
BEGIN
    PERFORM lock_row('survey', p_id, p_version);
    SELECT * INTO moved FROM survey s WHERE s.id = p_id;
    next_status := transition('survey', p_action, moved.status);
    UPDATE survey s
    SET status = next_status,
        status_reason = p_reason,
        opened_at = CASE WHEN next_status = 'open'
                         THEN coalesce(s.opened_at, current_setting('kith.now')::timestamptz)
                         ELSE s.opened_at END,
        opened_by = CASE WHEN p_action = 'open' THEN nullif(current_setting('kith.user'), '')::uuid
                         ELSE s.opened_by END,
        closed_at = CASE WHEN next_status = 'closed'
                         THEN current_setting('kith.now')::timestamptz END,
        counted_at = CASE WHEN next_status = 'closed' THEN s.counted_at END
    WHERE s.id = p_id RETURNING s.* INTO moved;
    IF next_status = 'closed' THEN
        PERFORM survey_settle(p_id); -- 86_survey_work.sql
    ELSIF next_status = 'open' AND moved.mode = 'anonymous' THEN
        PERFORM survey_spool_make(p_id);
    END IF;
    RETURN moved;
END
$$;

CREATE OR REPLACE FUNCTION survey_schedule(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM survey_move(p_id, p_version, 'schedule', NULL);
END
$$;

-- A survey that is past its end is not opened: its last day is moved first.
CREATE OR REPLACE FUNCTION survey_open(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    opened survey := survey_move(p_id, p_version, 'open', NULL);
BEGIN
    IF opened.closes_on < district_today() THEN
        PERFORM refuse_state('Its last day is over; move it first.',
                             '{"status": "scheduled", "missing": ["closes_on"]}');
    END IF;
    IF num_nonnulls(opened.contact_filter_id, opened.user_filter_id) = 0 THEN -- else kith-survey does
        PERFORM survey_invite(p_id);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION survey_pause(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM survey_move(p_id, p_version, 'pause', p_reason);
END
$$;

CREATE OR REPLACE FUNCTION survey_resume(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM survey_move(p_id, p_version, 'resume', NULL);
END
$$;

CREATE OR REPLACE FUNCTION survey_close(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM survey_move(p_id, p_version, 'close', NULL);
END
$$;

-- A reopening needs a day to close again.
CREATE OR REPLACE FUNCTION survey_reopen(p_id uuid, p_version bigint, p_reason text, p_closes_on date)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM survey_move(p_id, p_version, 'reopen', p_reason);
    IF p_closes_on < district_today() THEN
        PERFORM refuse_field('closes_on', 'The day is over.');
    END IF;
    UPDATE survey SET closes_on = p_closes_on WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION survey_cancel(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM survey_move(p_id, p_version, 'cancel', p_reason);
END
$$;

-- An assessment takes over what its survey found: never more than everybody is shown, and no comments.
CREATE OR REPLACE FUNCTION assessment_fill(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a assessment;
    asked survey;
    found jsonb;
BEGIN
    PERFORM lock_row('assessment', p_id, p_version);
    SELECT t.* INTO a FROM assessment t WHERE t.id = p_id;
    SELECT s.* INTO asked FROM survey s WHERE s.id = a.survey_id;
    IF asked.id IS NULL THEN
        PERFORM refuse_state('It names no survey.', '{"missing": ["survey"]}');
    ELSIF asked.status <> 'closed' THEN
        PERFORM refuse_state('Results come when the survey is closed.', jsonb_build_object('status', asked.status));
    ELSIF asked.site_id IS DISTINCT FROM a.site_id AND asked.site_id IS NOT NULL THEN
        PERFORM refuse_state('The survey asked about another site.', jsonb_build_object('site_id', asked.site_id));
    END IF;
    found := assessment_found(a, asked); -- 89_survey_feeds.sql
    UPDATE assessment t SET source = 'survey', asked_on = asked.closes_on, people = (found ->> 'answers')::bigint,
        findings = jsonb_build_object('survey_id', asked.id, 'survey', asked.name, 'mode', asked.mode,
                                      'opens_on', asked.opens_on, 'closes_on', asked.closes_on) ||
                   (found - '{comments,survey_id,and,status,has_more,next_after}'::text[]),
        filled_at = current_setting('kith.now')::timestamptz, filled_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

-- What another survey found is not what this one did.
CREATE OR REPLACE FUNCTION assessment_emptied() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.findings := NULL;
    NEW.filled_at := NULL;
    NEW.filled_by := NULL;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER assessment_emptied BEFORE UPDATE ON assessment
    FOR EACH ROW WHEN (NEW.survey_id IS DISTINCT FROM OLD.survey_id)
    EXECUTE FUNCTION assessment_emptied();

REVOKE EXECUTE ON FUNCTION assessment_fill, assessment_emptied, survey_move,
    survey_schedule, survey_open, survey_pause, survey_resume, survey_close, survey_reopen, survey_cancel
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assessment_fill, survey_move, survey_schedule, survey_open,
    survey_pause, survey_resume, survey_close, survey_reopen, survey_cancel TO kith_api;
GRANT EXECUTE ON FUNCTION survey_move, survey_open, survey_close TO kith_survey;

RESET ROLE;
