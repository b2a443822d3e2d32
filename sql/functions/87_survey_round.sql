-- What time does to surveys: they open at the mail hour of their day, invite, remind whoever has not
-- answered, and close with the last second of their last day. Everything here is decided from what
-- there is, so that any number of workers may do it at any time.

SET ROLE kith_owner;

-- Opens and closes what is due: how many. One that nobody opened before its end stays as it was, as
-- its last day may still be moved.
CREATE OR REPLACE FUNCTION surveys_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    due record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR due IN
        SELECT s.id, CASE s.status WHEN 'scheduled' THEN 'open' ELSE 'close' END AS action
        FROM district d
        JOIN survey s ON s.district_id = d.id AND s.archived_at IS NULL
        CROSS JOIN LATERAL (SELECT local_instant(s.closes_on + 1, 0, d.zone) <= p_now AS is_over) o
        WHERE d.id = p_district
          AND CASE WHEN s.status = 'scheduled'
                   THEN NOT o.is_over AND local_instant(s.opens_on, d.mail_hour, d.zone) <= p_now
                   WHEN s.status IN ('open', 'paused') THEN o.is_over END
        ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
    LOOP
        PERFORM survey_move(due.id, NULL, due.action, NULL);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Invites to the open surveys whom they ask by now: how many.
CREATE OR REPLACE FUNCTION surveys_invite(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    asking uuid;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR asking IN
        SELECT s.id FROM survey s
        WHERE s.district_id = p_district AND s.status = 'open' AND s.archived_at IS NULL ORDER BY s.id
    LOOP
        done := done + survey_invite(asking);
    END LOOP;
    RETURN done;
END
$$;

-- What the mails of an invitation say. The page has the whole introduction.
CREATE OR REPLACE FUNCTION survey_variables(p_invitation uuid) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'survey', s.name, 'closes_on', s.closes_on, 'mode', s.mode,
        'is_attributed', s.mode = 'attributed', 'is_confidential', s.mode = 'confidential',
        'introduction', CASE WHEN char_length(s.introduction) <= 1000 THEN s.introduction
                             ELSE left(s.introduction, 999) || '…' END,
        'relationships', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('partnership', p.name, 'partner', r.name)
                                      ORDER BY p.name, p.id), '[]')
            FROM survey_answer w
            JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
            JOIN partner r ON r.district_id = w.district_id AND r.id = p.partner_id
            WHERE w.district_id = i.district_id AND w.survey_invitation_id = i.id))
    FROM survey_invitation i
    JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_invitation;
END;

-- The first day of a range on which a survey's mail may go to such a person, or NULL: the district's
-- own people are asked on school days, partners on business days.
CREATE OR REPLACE FUNCTION first_survey_day(p_from date, p_until date, p_is_user boolean) RETURNS date
LANGUAGE sql STABLE
RETURN CASE WHEN p_is_user THEN first_mail_day(p_from, p_until, NULL)
            ELSE first_business_day(p_from, p_until) END;

-- Decides the mails of invitations: how many. At once when somebody has just opened the survey by
-- hand, or else from the mail hour of a day on which it may go. A mail that was withdrawn, as the
-- survey was paused or closed before it went, is followed by another when the survey is open again.
CREATE OR REPLACE FUNCTION survey_invitations_decide(p_district uuid, p_now timestamptz)
RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    due record;
    day date;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR due IN
        SELECT i.id, i.user_id, i.contact_id, s.closes_on, d.zone, d.mail_hour, w.withdrawn,
               (p_now AT TIME ZONE d.zone)::date AS today,
               s.opened_by IS NOT NULL AND i.created_at = s.opened_at AS is_by_hand
        FROM district d
        JOIN survey s ON s.district_id = d.id AND s.status = 'open' AND s.archived_at IS NULL
        JOIN survey_invitation i ON i.district_id = d.id AND i.survey_id = s.id
            AND i.status IN ('invited', 'partial') AND i.archived_at IS NULL
        CROSS JOIN LATERAL (
            SELECT count(*) AS withdrawn,
                   count(*) FILTER (WHERE m.status <> 'suppressed' OR m.reason <> 'cancelled') AS holding
            FROM message m
            WHERE m.district_id = d.id AND m.kind = 'survey_invitation' AND m.subject_id = i.id) w
        WHERE d.id = p_district AND w.holding = 0
          AND (p_now AT TIME ZONE d.zone)::date <= s.closes_on
        ORDER BY i.id
    LOOP
        day := first_survey_day(due.today, due.closes_on, due.user_id IS NOT NULL);
        PERFORM message_queue(
            'program', 'surveys', 'survey_invitation', due.id, due.contact_id, due.user_id,
            (due.withdrawn + 1)::text, survey_variables(due.id),
            CASE WHEN due.is_by_hand AND NOT is_blackout(due.today, NULL) THEN p_now
                 ELSE greatest(p_now, local_instant(coalesce(day, due.today), due.mail_hour, due.zone))
            END,
            local_instant(due.closes_on + 1, 0, due.zone), NULL,
            CASE WHEN day IS NULL AND (NOT due.is_by_hand OR is_blackout(due.today, NULL))
                 THEN 'blackout' END);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- When the reminders of a survey go: three days before its last day and on it, or on the next day on
-- which a mail may go, not past the last.
CREATE OR REPLACE FUNCTION survey_reminder_days(p_closes_on date, p_is_user boolean)
RETURNS TABLE (offset_days integer, from_day date, on_day date, next_day date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.offset_days, r.from_day, r.on_day, lead(r.on_day) OVER (ORDER BY r.offset_days)
    FROM (SELECT n AS offset_days, p_closes_on + n AS from_day,
                 first_survey_day(p_closes_on + n, p_closes_on, p_is_user) AS on_day
          FROM unnest('{-3,0}'::integer[]) AS n) AS r;
END;

-- Decides the reminders of whoever has not answered, and was invited by mail before that day: how many.
CREATE OR REPLACE FUNCTION survey_reminders_decide(p_district uuid, p_now timestamptz)
RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    due record;
    next_on date; -- the day on which it would go
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR due IN
        WITH rule AS MATERIALIZED (
            SELECT s.id AS survey_id, s.closes_on, k.is_user, r.*, d.zone, d.mail_hour,
                   (p_now AT TIME ZONE d.zone)::date AS today, s.closes_on || ' ' || r.offset_days AS name
            FROM district d
            JOIN survey s ON s.district_id = d.id AND s.status = 'open' AND s.archived_at IS NULL
                AND s.closes_on >= (p_now AT TIME ZONE d.zone)::date
            CROSS JOIN (VALUES (true), (false)) AS k (is_user)
            CROSS JOIN LATERAL survey_reminder_days(s.closes_on, k.is_user) r
            WHERE d.id = p_district
              AND local_instant(coalesce(r.on_day, r.from_day), d.mail_hour, d.zone) <= p_now)
        SELECT i.id, i.user_id, i.contact_id, r.*
        FROM rule r
        JOIN survey_invitation i ON i.district_id = p_district AND i.survey_id = r.survey_id
            AND (i.user_id IS NOT NULL) = r.is_user AND i.status IN ('invited', 'partial')
            AND i.archived_at IS NULL
        WHERE (SELECT max(m.not_before) AT TIME ZONE r.zone FROM message m
               WHERE m.district_id = p_district AND m.kind = 'survey_invitation'
                 AND m.subject_id = i.id) < coalesce(r.on_day, r.from_day)
          AND NOT EXISTS (
            SELECT FROM message m
            WHERE m.district_id = p_district AND m.kind = 'survey_reminder' AND m.subject_id = i.id
              AND m.occurrence = r.name)
        ORDER BY i.id, r.offset_days
    LOOP
        next_on := first_survey_day(greatest(due.today, due.from_day), due.closes_on, due.is_user);
        PERFORM message_queue(
            'program', 'surveys', 'survey_reminder', due.id, due.contact_id, due.user_id, due.name,
            survey_variables(due.id)
                || jsonb_build_object('offset_days', due.offset_days,
                                      'is_last_day', due.offset_days = 0),
            greatest(p_now, local_instant(coalesce(next_on, due.from_day), due.mail_hour, due.zone)),
            local_instant(due.closes_on + 1, 0, due.zone), NULL,
            CASE WHEN due.on_day IS NULL THEN 'blackout'
                 WHEN next_on IS NULL OR due.next_day <= next_on THEN 'stale' END);
        -- Counted anew, so that whoever else decides it at once counts the same.
        UPDATE survey_invitation i SET reminders = (
            SELECT count(*) FROM message m
            WHERE m.district_id = p_district AND m.kind = 'survey_reminder' AND m.subject_id = due.id
              AND m.status <> 'suppressed')
        WHERE i.district_id = p_district AND i.id = due.id;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Withdraws the mails that have not gone and need not any more: of surveys that are not open, and of
-- whoever has answered or shall not. How many.
CREATE OR REPLACE FUNCTION survey_mails_withdraw(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    RETURN (
        SELECT messages_suppress(p_district, array_agg(n.id ORDER BY n.id), array_agg(n.why ORDER BY n.id))
        FROM (SELECT m.id, CASE i.status WHEN 'answered' THEN 'already_done' ELSE 'cancelled' END AS why
              FROM message m
              JOIN survey_invitation i ON i.district_id = p_district AND i.id = m.subject_id
              JOIN survey s ON s.district_id = p_district AND s.id = i.survey_id
              WHERE m.district_id = p_district AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL
                AND m.kind IN ('survey_invitation', 'survey_reminder')
                AND (s.status <> 'open' OR s.archived_at IS NOT NULL
                     OR i.status NOT IN ('invited', 'partial') OR i.archived_at IS NOT NULL)
              ORDER BY m.id FOR UPDATE OF m SKIP LOCKED) AS n);
END
$$;

REVOKE EXECUTE ON FUNCTION surveys_advance, surveys_invite, survey_variables, first_survey_day,
    survey_invitations_decide, survey_reminder_days, survey_reminders_decide, survey_mails_withdraw
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION surveys_advance, surveys_invite, survey_variables, first_survey_day,
    survey_invitations_decide, survey_reminder_days, survey_reminders_decide, survey_mails_withdraw
    TO kith_survey;

RESET ROLE;
