-- Decides the reminders of check-ins that are due (78_reminder.sql): each is a row, with its mail or the reason why there
-- is none. Of few, each has statements of its own; of many, as many as rows_at_a_time() says are written by one.

SET ROLE kith_owner;

-- Of earlier versions.
DROP FUNCTION IF EXISTS reminder_decide(record, date, text), reminder_escalate(record, date), reminder_escalate(record),
    reminder_mail(record, jsonb, text), reminder_decided(record, message, text), reminders_write(reminder[], message[]);

-- What a mail knows of the rule by which it goes; the language, where it is not its person's.
CREATE OR REPLACE FUNCTION reminder_ruled(r reminder_rule) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_strip_nulls(jsonb_build_object('reminder_rule_id', r.id, 'locale', reminder_locale(r)));

-- By which a mail is a reminder's and no other one's.
CREATE OR REPLACE FUNCTION reminder_occurrence(p_due_on date, p_offset bigint, p_side text) RETURNS text
LANGUAGE sql STABLE
RETURN p_due_on || ' ' || p_offset || ' ' || p_side;

-- The mails of reminders; where there is nobody there is none. p_due: columns of reminders_due(), each as an array, and the
-- ids of the mails. made: which of them were written, with the reasons.
CREATE OR REPLACE FUNCTION reminder_mails_write(p_due record, OUT made uuid[], OUT reasons text[])
LANGUAGE plpgsql AS $$
DECLARE
    m record;
BEGIN
    WITH about AS MATERIALIZED ( -- once for all who are reminded of it
        SELECT v.* FROM check_ins_variables(ARRAY(SELECT DISTINCT i FROM unnest(p_due.check_ins) AS i)) v
    ), ruled AS MATERIALIZED (
        SELECT r.id, reminder_ruled(r) AS variables FROM reminder_rule r
        WHERE r.district_id = current_setting('kith.district')::uuid
          AND r.id = ANY (ARRAY(SELECT DISTINCT i FROM unnest(p_due.rules) AS i)))
    SELECT array_agg(n.id) AS ids, array_agg(n.check_in_id) AS subjects, array_agg(n.contact_id) AS contacts,
           array_agg(n.user_id) AS users, array_agg(n.partnership_id) AS partnerships, array_agg(n.goes_at) AS goes_at,
           array_agg(n.useless_at) AS useless_at, array_agg(n.reason) AS reasons, array_agg(n.occurrence) AS occurrences,
           array_agg(n.variables) AS variables
    INTO m
    FROM (SELECT o.*, reminder_occurrence(o.due_on, o.offset_days, o.side) AS occurrence,
                 a.variables || jsonb_build_object(
                     'offset_days', o.offset_days, 'side', o.side, 'is_overdue', o.offset_days > 0) || r.variables AS variables
          FROM unnest(p_due.mails, p_due.check_ins, p_due.partnerships, p_due.due_days, p_due.offsets, p_due.rules, p_due.sides,
                      p_due.contacts, p_due.users, p_due.goes_at, p_due.useless_at, p_due.reasons)
              WITH ORDINALITY AS o (id, check_in_id, partnership_id, due_on, offset_days, rule_id, side, contact_id, user_id,
                                    goes_at, useless_at, reason, place)
          JOIN about a ON a.check_in_id = o.check_in_id
          JOIN ruled r ON r.id = o.rule_id
          WHERE o.id IS NOT NULL
          ORDER BY o.place) AS n; -- the same for all, so that two who decide do not wait for each other
    SELECT w.made, w.reasons INTO made, reasons
    FROM messages_write('duty', 'check_ins', 'check_in_reminder', m.ids, m.subjects, m.contacts, m.users, m.partnerships,
                        m.occurrences, m.variables, m.goes_at, m.useless_at, m.reasons) w;
END
$$;

-- Reminders with their mails, of which some may have been decided before: how many.
CREATE OR REPLACE FUNCTION reminders_write(p_due record) RETURNS integer
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$ -- as messages_write()
DECLARE
    mails record := reminder_mails_write(p_due);
    done integer;
BEGIN
    INSERT INTO reminder (district_id, id, check_in_id, due_on, offset_days, side, recipient_key, contact_id, user_id, sends_on,
                          decided_at, decision, reason, message_id, reminder_rule_id)
    SELECT current_setting('kith.district')::uuid, uuid7(), o.check_in_id, o.due_on, o.offset_days, o.side, o.recipient_key,
           o.contact_id, o.user_id, o.sends_on, current_setting('kith.now')::timestamptz,
           CASE WHEN m.id IS NOT NULL AND m.reason IS NULL OR b.status <> 'suppressed' THEN 'queued' ELSE 'suppressed' END,
           CASE WHEN o.mail_id IS NULL THEN coalesce(o.reason, 'no_lead')
                WHEN m.id IS NOT NULL THEN m.reason
                WHEN b.status = 'suppressed' THEN b.reason END,
           coalesce(m.id, b.id), o.rule_id
    FROM unnest(p_due.mails, p_due.check_ins, p_due.due_days, p_due.offsets, p_due.rules, p_due.sides, p_due.contacts,
                p_due.users, p_due.keys, p_due.send_days, p_due.reasons)
        WITH ORDINALITY AS o (mail_id, check_in_id, due_on, offset_days, rule_id, side, contact_id, user_id, recipient_key,
                              sends_on, reason, place)
    LEFT JOIN unnest(mails.made, mails.reasons) AS m (id, reason) ON m.id = o.mail_id
    LEFT JOIN LATERAL ( -- what was there, looked up by the check-in, whatever the planner believes of a table being filled
        SELECT w.id, w.status, w.reason FROM message w
        WHERE m.id IS NULL AND o.mail_id IS NOT NULL
          AND w.district_id = current_setting('kith.district')::uuid AND w.subject_id = o.check_in_id
          AND w.recipient_key = o.recipient_key AND w.kind || '' = 'check_in_reminder'
          AND w.occurrence = reminder_occurrence(o.due_on, o.offset_days, o.side)
        LIMIT 1) AS b ON true
    ORDER BY o.place
    ON CONFLICT ON CONSTRAINT reminder_recipient_key_key DO NOTHING;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- What the district's side has not done when it is overdue goes on to whom the lead answers for it, beside the lead, if
-- the rule says so: by its first day that is late enough to the first of escalation(), by the second one to the next; a
-- mail a person and day of the rule. Of the partner's side nobody else hears.
CREATE OR REPLACE FUNCTION reminders_escalate(p_due record) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    m record;
BEGIN
    SELECT array_agg(uuid7()) AS ids, array_agg(o.check_in_id) AS subjects, array_agg(e.user_id) AS users,
           array_agg(o.partnership_id) AS partnerships, array_agg(o.goes_at) AS goes_at, array_agg(o.useless_at) AS useless_at,
           array_agg(o.due_on || ' ' || o.offset_days || ' escalation') AS occurrences,
           array_agg(check_in_variables(o.check_in_id) || jsonb_build_object(
               'offset_days', o.offset_days, 'side', 'district', 'is_overdue', true, 'lead', u.name) || reminder_ruled(r)) AS variables
    INTO m
    FROM unnest(p_due.check_ins, p_due.partnerships, p_due.due_days, p_due.offsets, p_due.rules, p_due.users, p_due.goes_at,
                p_due.useless_at, p_due.escalating)
        AS o (check_in_id, partnership_id, due_on, offset_days, rule_id, user_id, goes_at, useless_at, escalates)
    JOIN partnership p ON p.district_id = district AND p.id = o.partnership_id
    JOIN reminder_rule r ON r.district_id = district AND r.id = o.rule_id
    JOIN app_user u ON u.district_id = district AND u.id = o.user_id
    CROSS JOIN LATERAL escalation(o.user_id, p.lead_site_id, partnership_today(p.id)) e
    WHERE o.escalates
      AND e.place = (SELECT count(*) FROM unnest(r.reminder_days) AS day WHERE day BETWEEN r.escalation_days AND o.offset_days);
    PERFORM messages_write('duty', 'check_ins', 'check_in_escalation', m.ids, m.subjects, NULL, m.users, m.partnerships,
                           m.occurrences, m.variables, m.goes_at, m.useless_at, NULL);
END
$$;

-- Decides the reminders whose instant has come: how many. It may run any number of times, late, and
-- beside others.
CREATE OR REPLACE FUNCTION reminders_decide(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    due record;
    done integer := 0;
    picked uuid[] := turn_only(p_district, 'partnership');
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF picked = '{}' THEN
        RETURN 0;
    END IF;
    FOR due IN EXECUTE -- planned for few, or for all
        'SELECT array_agg(n.check_in_id) AS check_ins, array_agg(n.partnership_id) AS partnerships, array_agg(n.due_on) AS due_days,
               array_agg(n.offset_days) AS offsets, array_agg(n.rule_id) AS rules, array_agg(n.side) AS sides,
               array_agg(n.contact_id) AS contacts, array_agg(n.user_id) AS users, array_agg(n.recipient_key) AS keys,
               array_agg(n.sends_on) AS send_days, array_agg(n.goes_at) AS goes_at, array_agg(n.useless_at) AS useless_at,
               array_agg(n.reason) AS reasons, array_agg(n.escalates) AS escalating, bool_or(n.escalates) AS escalates,
               array_agg(CASE WHEN num_nonnulls(n.contact_id, n.user_id) = 1 THEN uuid7() END) AS mails
        FROM (SELECT o.*, (row_number() OVER () - 1) / rows_at_a_time(count(*) OVER ()) AS piece
              FROM reminders_due($1, $2) o
              ORDER BY piece, o.check_in_id, o.offset_days, o.side, o.recipient_key) AS n
        GROUP BY n.piece ORDER BY n.piece'
        USING p_now, picked
    LOOP
        done := done + reminders_write(due);
        IF due.escalates THEN
            PERFORM reminders_escalate(due);
        END IF;
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION reminder_ruled, reminder_occurrence, reminder_mails_write, reminders_write,
    reminders_escalate, reminders_decide FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reminder_ruled, reminder_occurrence, reminder_mails_write, reminders_write,
    reminders_escalate, reminders_decide TO kith_checkin;

RESET ROLE;
