-- Decides the reminders of check-ins that are due (78_reminder.sql): each is a row, with its mail or the reason why there
-- is none. Of few, each has statements of its own; of many, thousands at a time are written by one.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS reminder_decide(record, date, text);
DROP FUNCTION IF EXISTS reminder_escalate(record, date);

-- What a mail knows of the rule by which it goes; the language, where it is not its person's.
CREATE OR REPLACE FUNCTION reminder_ruled(r reminder_rule) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_strip_nulls(jsonb_build_object('reminder_rule_id', r.id, 'locale', reminder_locale(r)));

-- By which a mail is a reminder's and no other one's.
CREATE OR REPLACE FUNCTION reminder_occurrence(p_due_on date, p_offset bigint, p_side text) RETURNS text
LANGUAGE sql STABLE
RETURN p_due_on || ' ' || p_offset || ' ' || p_side;

-- The mail of a reminder, as it is decided; NULL: there is nobody. p_due: a row of reminders_due(). p_variables: of its
-- check-in.
CREATE OR REPLACE FUNCTION reminder_mail(p_due record, p_variables jsonb, p_reason text) RETURNS message
LANGUAGE plpgsql AS $$
DECLARE
    m message;
BEGIN
    IF num_nonnulls(p_due.contact_id, p_due.user_id) <> 1 THEN
        RETURN NULL;
    END IF;
    m.class := 'duty';
    m.topic := 'check_ins';
    m.kind := 'check_in_reminder';
    m.subject_id := p_due.check_in_id;
    m.occurrence := reminder_occurrence(p_due.due_on, p_due.offset_days, p_due.side);
    m.contact_id := p_due.contact_id;
    m.user_id := p_due.user_id;
    m.partnership_id := p_due.partnership_id;
    m.variables := p_variables
        || jsonb_build_object('offset_days', p_due.offset_days, 'side', p_due.side, 'is_overdue', p_due.offset_days > 0)
        || reminder_ruled(p_due.rule);
    m.not_before := local_instant(coalesce(p_due.goes_on, p_due.from_day), p_due.mail_hour, p_due.zone);
    m.not_after := local_instant(p_due.until_day + 1, 0, p_due.zone);
    RETURN message_decided(m, p_reason);
END
$$;

-- A reminder as it is decided with its mail.
CREATE OR REPLACE FUNCTION reminder_decided(p_due record, p_mail message, p_reason text) RETURNS reminder
LANGUAGE plpgsql AS $$
DECLARE
    r reminder;
BEGIN
    r.district_id := current_setting('kith.district')::uuid;
    r.id := uuid7();
    r.check_in_id := p_due.check_in_id;
    r.due_on := p_due.due_on;
    r.offset_days := p_due.offset_days;
    r.side := p_due.side;
    r.recipient_key := p_due.recipient_key;
    r.contact_id := p_due.contact_id;
    r.user_id := p_due.user_id;
    r.sends_on := coalesce(p_due.goes_on, p_due.from_day);
    r.decided_at := current_setting('kith.now')::timestamptz;
    r.decision := CASE p_mail.status WHEN 'queued' THEN 'queued' ELSE 'suppressed' END;
    r.reason := CASE WHEN p_mail.id IS NULL THEN coalesce(p_reason, 'no_lead') ELSE p_mail.reason END;
    r.message_id := p_mail.id;
    r.reminder_rule_id := (p_due.rule).id;
    RETURN r;
END
$$;

-- Writes reminders with their mails, of which some may have been decided before: how many.
CREATE OR REPLACE FUNCTION reminders_write(p_reminders reminder[], p_mails message[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    made uuid[] := messages_write(p_mails);
    is_new boolean := coalesce(cardinality(made), 0) = coalesce(cardinality(p_mails), 0);
    done integer;
BEGIN
    PERFORM message_task(m, m.reason) FROM unnest(p_mails) AS m WHERE m.reason IS NOT NULL AND m.id = ANY (made);
    INSERT INTO reminder (district_id, id, check_in_id, due_on, offset_days, side, recipient_key,
                          contact_id, user_id, sends_on, decided_at, decision, reason, message_id, reminder_rule_id)
    SELECT r.district_id, r.id, r.check_in_id, r.due_on, r.offset_days, r.side, r.recipient_key, r.contact_id, r.user_id,
           r.sends_on, r.decided_at, m.decision, m.reason, m.message_id, r.reminder_rule_id
    FROM unnest(p_reminders) AS r
    CROSS JOIN LATERAL (
        SELECT r.decision, r.reason, r.message_id WHERE is_new OR r.message_id IS NULL
        UNION ALL -- its own, or what was there
        SELECT CASE WHEN o.status <> 'suppressed' THEN 'queued' ELSE 'suppressed' END,
               CASE o.status WHEN 'suppressed' THEN o.reason END, o.id
        FROM message o
        WHERE NOT is_new AND r.message_id IS NOT NULL AND o.district_id = r.district_id AND o.kind = 'check_in_reminder'
          AND o.subject_id = r.check_in_id AND o.recipient_key = r.recipient_key
          AND o.occurrence = reminder_occurrence(r.due_on, r.offset_days, r.side)) AS m
    ON CONFLICT ON CONSTRAINT reminder_recipient_key_key DO NOTHING;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- What the district's side has not done when it is overdue goes on to whom the lead answers for it, beside the lead, if
-- the rule says so: by its first day that is late enough to the first of escalation(), by the second one to the next; a
-- mail a person and day of the rule. Of the partner's side nobody else hears.
CREATE OR REPLACE FUNCTION reminder_escalate(p_due record) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r reminder_rule := p_due.rule;
BEGIN
    PERFORM message_queue(
        'duty', 'check_ins', 'check_in_escalation', p_due.check_in_id, NULL, e.user_id,
        p_due.due_on || ' ' || p_due.offset_days || ' escalation',
        check_in_variables(p_due.check_in_id) || jsonb_build_object(
            'offset_days', p_due.offset_days, 'side', 'district', 'is_overdue', true, 'lead', u.name) || reminder_ruled(r),
        local_instant(p_due.goes_on, p_due.mail_hour, p_due.zone),
        local_instant(p_due.until_day + 1, 0, p_due.zone), p_due.partnership_id)
    FROM escalation(p_due.user_id, p_due.site_id, p_due.today) e
    JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = p_due.user_id
    WHERE e.place = (SELECT count(*) FROM unnest(r.reminder_days) AS day
                     WHERE day BETWEEN r.escalation_days AND p_due.offset_days);
END
$$;

-- Decides the reminders whose instant has come: how many. It may run any number of times, late, and
-- beside others.
CREATE OR REPLACE FUNCTION reminders_decide(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    due record;
    why text;
    about uuid;
    variables jsonb;
    mail message;
    mails message[];
    reminders reminder[];
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR due IN SELECT o.*, rows_at_a_time(count(*) OVER ()) AS at_a_time FROM reminders_due(p_now) o LOOP
        why := reminder_fate(due);
        IF about IS DISTINCT FROM due.check_in_id THEN -- once for all who are reminded of it
            about := due.check_in_id;
            variables := check_in_variables(about);
        END IF;
        mail := reminder_mail(due, variables, why);
        IF mail.id IS NOT NULL THEN
            mails := mails || mail;
        END IF;
        reminders := reminders || reminder_decided(due, mail, why);
        IF cardinality(reminders) >= due.at_a_time THEN
            done := done + reminders_write(reminders, mails);
            reminders := NULL;
            mails := NULL;
        END IF;
        IF due.side = 'district' AND due.user_id IS NOT NULL AND due.is_lead AND due.offset_days > 0 AND (due.rule).escalates
           AND coalesce(why, 'rate_limited') IN ('rate_limited', 'snoozed') THEN
            PERFORM reminder_escalate(due);
        END IF;
    END LOOP;
    RETURN done + CASE WHEN reminders IS NOT NULL THEN reminders_write(reminders, mails) ELSE 0 END;
END
$$;

REVOKE EXECUTE ON FUNCTION reminder_ruled, reminder_occurrence, reminder_mail, reminder_decided, reminders_write,
    reminder_escalate, reminders_decide FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reminder_ruled, reminder_occurrence, reminder_mail, reminder_decided, reminders_write,
    reminder_escalate, reminders_decide TO kith_checkin;

RESET ROLE;
