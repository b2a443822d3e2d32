-- Surveys: who is asked, what an answer may be, and what of the answers may be told.

SET ROLE kith_owner;

-- The relationships that the survey asks about, and whom: the leads of the sides that it asks, of
-- active partnerships. A person is asked about at most five, those that began last; the address
-- decides who a person is.
CREATE OR REPLACE FUNCTION survey_audience(p_survey uuid)
RETURNS TABLE (address text, user_id uuid, contact_id uuid, partnership_id uuid, side text,
               reason text, rank bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH asked AS (
        SELECT s.*, district_today() AS today FROM survey s WHERE s.id = p_survey
    ), lead AS (
        SELECT DISTINCT coalesce(u.email, c.email) AS address, r.user_id, r.contact_id,
               p.id AS partnership_id, r.side, p.activated_at,
               CASE WHEN r.contact_id IS NULL AND u.status <> 'active' THEN 'left_org'
                    WHEN c.status IN ('left', 'deceased') THEN 'left_org'
                    WHEN NOT 'email' = ANY (c.channels) THEN 'opted_out'
                    WHEN coalesce(u.email, c.email) IS NULL THEN 'no_email' END AS reason
        FROM asked a
        JOIN partnership p ON p.status IN ('active', 'renewing') AND p.archived_at IS NULL
            AND (a.partner_id IS NULL OR p.partner_id = a.partner_id)
            AND (a.site_id IS NULL OR p.lead_site_id = a.site_id OR EXISTS (
                SELECT FROM partnership_site ps
                WHERE ps.partnership_id = p.id AND ps.site_id = a.site_id
                  AND ps.archived_at IS NULL))
        JOIN partnership_role r ON r.partnership_id = p.id AND r.archived_at IS NULL
            AND r.role IN ('lead', 'co_lead')
            AND (r.side = 'district' AND a.asks_district OR r.side = 'partner' AND a.asks_partner)
            AND a.today BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity')
        LEFT JOIN app_user u ON u.id = r.user_id
        LEFT JOIN contact c ON c.id = r.contact_id
    )
    SELECT l.address, l.user_id, l.contact_id, l.partnership_id, l.side, l.reason,
           row_number() OVER (PARTITION BY l.address
                              ORDER BY l.activated_at DESC NULLS LAST, l.partnership_id)
    FROM lead l;
END;

-- Invites whom the survey asks and it has not invited: how many. Twice, or by many at once, it makes
-- the same rows.
CREATE OR REPLACE FUNCTION survey_invite(p_survey uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    most_asked constant integer := 5;
    district uuid := current_setting('kith.district')::uuid;
    made integer;
BEGIN
    INSERT INTO survey_invitation (district_id, id, survey_id, address, user_id, contact_id, status,
                                   reason)
    SELECT DISTINCT ON (a.address)
           district, uuid7(), p_survey, a.address, a.user_id,
           CASE WHEN a.user_id IS NULL THEN a.contact_id END,
           CASE WHEN a.reason IS NULL THEN 'invited' ELSE 'excluded' END, a.reason
    FROM survey_audience(p_survey) a
    WHERE a.address IS NOT NULL
    ORDER BY a.address, a.reason NULLS FIRST, a.user_id, a.contact_id
    ON CONFLICT ON CONSTRAINT survey_invitation_address_key DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    INSERT INTO survey_answer (district_id, id, survey_id, survey_invitation_id, partnership_id, side)
    SELECT DISTINCT ON (i.id, a.partnership_id)
           district, uuid7(), p_survey, i.id, a.partnership_id, a.side
    FROM survey_audience(p_survey) a
    JOIN survey_invitation i ON i.survey_id = p_survey AND i.address = a.address
        AND i.status = 'invited'
    WHERE a.rank <= most_asked
      AND (SELECT count(*) FROM survey_answer w WHERE w.survey_invitation_id = i.id) = 0
    ORDER BY i.id, a.partnership_id, a.side
    ON CONFLICT ON CONSTRAINT survey_answer_partnership_id_key DO NOTHING;
    RETURN made;
END
$$;

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
                         THEN current_setting('kith.now')::timestamptz END
    WHERE s.id = p_id RETURNING s.* INTO moved;
    IF next_status = 'closed' THEN
        PERFORM survey_settle(p_id); -- 86_survey_work.sql
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
    PERFORM survey_invite(p_id);
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
    found := survey_results_document(asked.id, 'all', NULL, NULL, 1, NULL);
    UPDATE assessment t SET source = 'survey', asked_on = asked.closes_on, people = (found ->> 'answers')::bigint,
        findings = jsonb_build_object('survey_id', asked.id, 'survey', asked.name, 'mode', asked.mode,
                                      'opens_on', asked.opens_on, 'closes_on', asked.closes_on) ||
                   (found - '{comments,survey_id,by,and,status,has_more,next_after}'::text[]),
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

REVOKE EXECUTE ON FUNCTION assessment_fill, assessment_emptied, survey_audience, survey_invite, survey_move,
    survey_schedule, survey_open, survey_pause, survey_resume, survey_close, survey_reopen, survey_cancel
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assessment_fill, survey_audience, survey_invite, survey_move, survey_schedule, survey_open,
    survey_pause, survey_resume, survey_close, survey_reopen, survey_cancel TO kith_api;
GRANT EXECUTE ON FUNCTION survey_audience, survey_invite, survey_move, survey_open, survey_close TO kith_survey;

RESET ROLE;
