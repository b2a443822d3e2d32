-- What the page of a mail that asks for something offers beside the answer: to be reminded on another day, and to pass it
-- on to a colleague. Check-ins have reminders and colleagues of their own (78_snooze.sql, 78_pass_on.sql), and surveys a
-- wave; of what is offered here there was one mail, and so it goes once more, on the day that was chosen or to the
-- colleague. Each of those mails is a row of the ledger, which tells how it came about.

SET ROLE kith_owner;

-- The mail that the context's link came in, as far as it can go once more; a row of NULLs: it cannot.
CREATE OR REPLACE FUNCTION task_mail() RETURNS message
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    found message;
BEGIN
    SELECT m.* INTO found FROM message m
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = t.message_id
      AND (m.kind IN ('agreement_acknowledgment', 'partnership_acknowledgment', 'investment_confirmation', 'credential_request',
                      'credential_notice', 'record_check', 'ask')
           OR m.kind = 'convening_invitation' AND m.variables ->> 'when' = 'invited');
    RETURN found;
END
$$;

-- Until when the same was put off already; NULL: it was not.
CREATE OR REPLACE FUNCTION mail_put_off(m message) RETURNS date
LANGUAGE sql STABLE
RETURN (SELECT max((o.not_before AT TIME ZONE zone_of_site(NULL))::date) FROM message o
        WHERE o.district_id = m.district_id AND o.kind = m.kind AND o.subject_id = m.subject_id
          AND o.recipient_key = m.recipient_key AND o.status IN ('queued', 'retry') AND o.claimed_until IS NULL AND o.variables ? 'snoozed_on');

-- Whether it still waits for this person.
CREATE OR REPLACE FUNCTION mail_waits(m message) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
BEGIN
    RETURN m.kind = 'credential_request' AND credential_request_waits(m)
        OR m.id IS NOT NULL AND EXISTS (SELECT FROM task_thing(t.purpose, t.subject_id, t.contact_id, t.user_id));
END
$$;

-- The last day on which it is of use to be reminded.
CREATE OR REPLACE FUNCTION mail_last(m message) RETURNS date
LANGUAGE sql STABLE
RETURN least(district_today() + 60, (
    SELECT a.respond_by FROM ask a WHERE m.kind = 'ask' AND a.district_id = m.district_id AND a.id = m.subject_id), (
    SELECT convening_day(c) - 1 FROM convening_invitee i
    JOIN convening c ON c.district_id = i.district_id AND c.id = i.convening_id
    WHERE m.kind = 'convening_invitation' AND i.district_id = m.district_id AND i.id = m.subject_id));

-- The first day from then on that has room for it; NULL: there is none in time.
CREATE OR REPLACE FUNCTION mail_day_from(m message, p_from date) RETURNS date
LANGUAGE plpgsql STABLE AS $$
DECLARE
    last constant date := mail_last(m);
    at date := p_from;
BEGIN
    LOOP
        at := CASE WHEN m.user_id IS NULL THEN first_business_day(at, last) ELSE first_mail_day(at, last, NULL) END;
        EXIT WHEN at IS NULL OR m.class = 'duty'
            OR NOT mail_week_is_full(m.contact_id, m.user_id, local_instant(at, 12, zone_of_site(NULL)));
        at := at + 1;
    END LOOP;
    RETURN at;
END
$$;

-- The mails about it that this person would still get do not go; p_reason says why.
CREATE OR REPLACE FUNCTION mail_give_way(m message, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message o SET status = 'suppressed', reason = p_reason
    WHERE o.district_id = m.district_id AND o.kind = m.kind AND o.subject_id = m.subject_id
      AND o.recipient_key = m.recipient_key AND o.status IN ('queued', 'retry') AND o.claimed_until IS NULL AND o.carried_by IS NULL;
END
$$;

-- The day that the form names.
CREATE OR REPLACE FUNCTION snooze_day(p_form jsonb, p_today date) RETURNS date
LANGUAGE sql IMMUTABLE
RETURN CASE p_form ->> 'snooze' WHEN 'day' THEN form_text(p_form, 'snooze_on')::date
                                ELSE p_today + (p_form ->> 'snooze')::integer END;

-- Once more, on that day.
CREATE OR REPLACE FUNCTION task_mail_snooze(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    m message := task_mail();
    field constant text := CASE p_form ->> 'snooze' WHEN 'day' THEN 'snooze_on' ELSE 'snooze' END;
    until_day constant date := snooze_day(p_form, district_today());
    day date;
BEGIN
    IF NOT coalesce(mail_waits(m), false) THEN
        PERFORM refuse_state('It does not wait for an answer of yours.', '{}');
    ELSIF until_day IS NULL THEN
        RETURN form_error('snooze_on', 'required');
    ELSIF until_day <= district_today() THEN
        RETURN form_error(field, 'over');
    ELSIF mail_stop(m.class, (mail_recipient(m.contact_id, m.user_id, m.partnership_id, m.topic)).situations) IS NOT NULL THEN
        RETURN form_error(field, 'unmailed');
    END IF;
    day := mail_day_from(m, until_day);
    IF day IS NULL THEN
        RETURN form_error(field, 'late');
    END IF;
    PERFORM mail_give_way(m, 'snoozed');
    PERFORM message_queue(
        m.class, m.topic, m.kind, m.subject_id, m.contact_id, m.user_id, format('snoozed %s %s', day, rfc3339(business_now())),
        m.variables || jsonb_build_object('snoozed_on', district_today()),
        local_instant(day, d.mail_hour::integer, d.zone), local_instant(least(day + 14, mail_last(m)) + 1, 0, d.zone),
        m.partnership_id)
    FROM district d WHERE d.id = m.district_id;
    RETURN '[]';
END
$$;

-- A record that was looked at: nobody is reminded of it. The other kinds are looked at once more before they go
-- (message_obstacle).
CREATE OR REPLACE FUNCTION task_mail_done() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    m message := task_mail();
BEGIN
    IF m.kind = 'record_check' THEN
        PERFORM mail_give_way(m, 'already_done');
    END IF;
END
$$;

-- ---- Passed on ---------------------------------------------------------------------------------------------------------

-- Whether a colleague may answer in somebody's place: whoever has a place there for whom somebody has vouched answers what
-- the organization is asked for and sends its papers; for a partnership speaks who leads it.
CREATE OR REPLACE FUNCTION colleague_may(t record, p_colleague uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE t.purpose
    WHEN 'ask' THEN
        RETURN EXISTS (SELECT FROM ask a WHERE a.district_id = current_setting('kith.district')::uuid AND a.id = t.subject_id
                         AND a.status = 'sent' AND a.archived_at IS NULL AND a.contact_id = t.contact_id);
    WHEN 'credential' THEN
        RETURN mail_waits(task_mail());
    WHEN 'record' THEN
        RETURN EXISTS (SELECT FROM partner_correspondents(t.subject_id) w WHERE w.contact_id = p_colleague);
    WHEN 'agreement', 'acknowledgment', 'investments' THEN
        RETURN task_is_own(t.purpose, t.subject_id, p_colleague)
            AND EXISTS (SELECT FROM task_thing(t.purpose, t.subject_id, p_colleague, NULL));
    ELSE
        RETURN false;
    END CASE;
END
$$;

-- The colleague whom the form names, who may answer; NULL: there is none.
CREATE OR REPLACE FUNCTION task_colleague(m message, p_email text) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    colleague uuid := colleague_at(CASE t.purpose
        WHEN 'ask' THEN (SELECT a.partner_id FROM ask a WHERE a.district_id = m.district_id AND a.id = t.subject_id)
        WHEN 'credential' THEN t.subject_id
        WHEN 'record' THEN t.subject_id
        ELSE (SELECT p.partner_id FROM partnership p WHERE p.district_id = m.district_id AND p.id = m.partnership_id) END,
        t.contact_id, p_email);
BEGIN
    RETURN CASE WHEN colleague IS NOT NULL AND colleague_may(t, colleague) THEN colleague END;
END
$$;

-- By the form of a page of such a mail: true where it is done; else somebody of the district has to.
CREATE OR REPLACE FUNCTION task_mail_pass_on(p_form jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    m message := task_mail();
    passed constant jsonb := jsonb_build_object('passed_on_by', m.contact_id);
    colleague uuid;
    goes_at timestamptz;
BEGIN
    IF m.contact_id IS NULL OR form_text(p_form, 'tell_email') IS NULL THEN
        RETURN false;
    END IF;
    colleague := task_colleague(m, form_text(p_form, 'tell_email'));
    goes_at := CASE WHEN m.class = 'duty' THEN next_business_hour() ELSE personal_mail_at(colleague, mail_last(m)) END;
    IF colleague IS NULL OR goes_at IS NULL
       OR mail_stop(m.class, (mail_recipient(colleague, NULL, m.partnership_id, m.topic)).situations) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM mail_give_way(m, 'passed_on');
    UPDATE ask a SET contact_id = colleague WHERE m.kind = 'ask' AND a.district_id = m.district_id AND a.id = m.subject_id;
    UPDATE message o SET variables = o.variables || passed -- an ask's mail follows whom it is to (ask_mail)
    WHERE o.district_id = m.district_id AND o.kind = m.kind AND o.subject_id = m.subject_id AND o.contact_id = colleague
      AND m.kind = 'ask' AND o.status = 'queued' AND o.created_at = business_now();
    IF NOT FOUND THEN
        PERFORM message_queue(
            m.class, m.topic, m.kind, m.subject_id, colleague, NULL, 'passed on ' || rfc3339(business_now()),
            m.variables - 'snoozed_on' || passed, goes_at, goes_at + interval '14 days', m.partnership_id);
    END IF;
    RETURN true;
END
$$;

-- Whether this person has passed on what its mail asked for, and was not asked again since.
CREATE OR REPLACE FUNCTION mail_is_passed_on(m message) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN m.id IS NOT NULL AND EXISTS (
        SELECT FROM message o
        WHERE o.district_id = m.district_id AND o.kind = m.kind AND o.subject_id = m.subject_id
          AND o.variables ->> 'passed_on_by' = m.contact_id::text AND (o.created_at, o.id) > (m.created_at, m.id));
END
$$;

-- Whether the context's person speaks for the partner where its papers are concerned: by its place, or as to whom it was
-- passed on, as long as somebody vouches for it.
CREATE OR REPLACE FUNCTION task_sends_papers(p_partner uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    m message := task_mail();
BEGIN
    RETURN EXISTS (SELECT FROM partner_correspondents(p_partner) w WHERE w.contact_id = t.contact_id)
        OR m.variables ? 'passed_on_by' AND EXISTS (SELECT FROM colleagues_at(p_partner) c WHERE c.id = t.contact_id);
END
$$;

REVOKE EXECUTE ON FUNCTION task_mail, mail_put_off, mail_waits, mail_last, mail_day_from, mail_give_way, snooze_day, task_mail_snooze,
    task_mail_done, colleague_may, task_colleague, task_mail_pass_on, mail_is_passed_on, task_sends_papers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_mail, mail_put_off, mail_waits, mail_last, mail_day_from, mail_give_way, snooze_day, task_mail_snooze,
    task_mail_done, colleague_may, task_colleague, task_mail_pass_on, mail_is_passed_on, task_sends_papers TO kith_api;

RESET ROLE;
