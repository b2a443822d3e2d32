-- Reminders of check-ins. A rule is a number of days before (negative) or after the due date; by it
-- each lead of a side that has not answered is reminded once for each due date.

SET ROLE kith_owner;

-- When the rules of a check-in remind: the first day on which mail may go, from the rule's day on and
-- not before the check-in opens; NULL: none is left. Those up to the due date not past it, those
-- after it within two weeks.
DROP FUNCTION IF EXISTS reminders_due(timestamptz); -- of an earlier version, which needs the other
DROP FUNCTION IF EXISTS reminder_days(date, date, uuid);
CREATE OR REPLACE FUNCTION reminder_days(p_due_on date, p_opens_on date, p_site uuid, p_rules integer[])
RETURNS TABLE (offset_days integer, from_day date, until_day date, on_day date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.offset_days, r.from_day, r.until_day, first_mail_day(r.from_day, r.until_day, p_site)
    FROM (SELECT rule AS offset_days,
                 CASE WHEN rule <= 0 THEN greatest(p_due_on + rule, p_opens_on)
                      ELSE p_due_on + rule END AS from_day,
                 CASE WHEN rule <= 0 THEN p_due_on ELSE p_due_on + rule + 14 END AS until_day
          FROM unnest(p_rules) AS rule) AS r;
END;

-- The same with the instant of each, since when the rule is there, and the day of the next one that was there in time.
-- p_since: of the rules that have not always been there.
CREATE OR REPLACE FUNCTION reminder_slots(
    p_due_on date, p_opens_on date, p_site uuid, p_rules integer[], p_since jsonb)
RETURNS TABLE (offset_days integer, from_day date, until_day date, on_day date, at timestamptz, since timestamptz,
               next_day date, zone text, mail_hour integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.offset_days, i.from_day, i.until_day, i.on_day, i.at, i.since,
           lead(i.on_day) OVER (PARTITION BY i.at >= i.since ORDER BY i.offset_days), i.zone, i.mail_hour
    FROM (SELECT r.*, z.zone, d.mail_hour,
                 local_instant(coalesce(r.on_day, r.from_day), d.mail_hour, z.zone) AS at,
                 coalesce((p_since ->> r.offset_days::text)::timestamptz, '-infinity') AS since
          FROM district d
          CROSS JOIN LATERAL (SELECT zone_of_site(p_site) AS zone) AS z
          CROSS JOIN LATERAL reminder_days(p_due_on, p_opens_on, p_site, p_rules) r
          WHERE d.id = current_setting('kith.district')::uuid) AS i;
END;

-- Who is reminded: the leads of both sides on that day. Where the district has none, whoever does that at the site;
-- a side that nobody speaks for is there all the same, so that somebody learns of it.
CREATE OR REPLACE FUNCTION reminder_recipients(p_partnership uuid, p_day date)
RETURNS TABLE (side text, contact_id uuid, user_id uuid, recipient_key text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH named AS (
        SELECT DISTINCT r.side, r.contact_id, r.user_id
        FROM partnership_role r
        WHERE r.district_id = current_setting('kith.district')::uuid
          AND r.partnership_id = p_partnership AND r.role = 'lead' AND r.archived_at IS NULL
          AND p_day BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity'))
    SELECT n.side, n.contact_id, n.user_id, coalesce('contact:' || n.contact_id, 'user:' || n.user_id)
    FROM named n
    UNION ALL
    SELECT s.side, NULL, f.user_id, coalesce('user:' || f.user_id, 'side:' || s.side)
    FROM unnest('{district,partner}'::text[]) AS s (side)
    CROSS JOIN LATERAL (
        SELECT CASE s.side WHEN 'district' THEN (
            SELECT site_answers(p.lead_site_id, 'partnership_lead', p_day) FROM partnership p
            WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership) END AS user_id) AS f
    WHERE s.side NOT IN (SELECT n.side FROM named n);
END;

-- What a mail about a check-in says, but for what is its recipient's own. The organizer is the
-- district's lead, who gets the answers to the invitation, or else where the district takes mail;
-- without one there is no invitation.
CREATE OR REPLACE FUNCTION check_in_variables(p_check_in uuid) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'partnership', p.name, 'partner', r.name, 'site', s.name, 'due_on', c.due_on,
        'uid', c.uid, 'sequence', c.sequence, 'zone', coalesce(s.zone, d.zone),
        'dtstamp', rfc3339(current_setting('kith.now')::timestamptz),
        'organizer', coalesce(
            (SELECT jsonb_build_object('name', u.name, 'address', u.email)
             FROM partnership_role o
             JOIN app_user u ON u.district_id = d.id AND u.id = o.user_id
                 AND u.status = 'active' AND u.archived_at IS NULL
             WHERE o.district_id = d.id AND o.partnership_id = p.id AND o.role = 'lead'
               AND o.archived_at IS NULL
             ORDER BY o.created_at, o.id LIMIT 1),
            CASE WHEN d.reply_to IS NOT NULL THEN
                jsonb_build_object('name', coalesce(d.mail_from_name, d.name), 'address', d.reply_to)
            END))
    FROM district d
    JOIN check_in c ON c.district_id = d.id AND c.id = p_check_in
    JOIN partnership p ON p.district_id = d.id AND p.id = c.partnership_id
    JOIN partner r ON r.district_id = d.id AND r.id = p.partner_id
    LEFT JOIN site s ON s.district_id = d.id AND s.id = p.lead_site_id
    WHERE d.id = current_setting('kith.district')::uuid;
END;

-- Since when the rules of a partnership have been there: its own, or else those of its district, which may be younger for it.
CREATE OR REPLACE FUNCTION reminder_fences(p_own integer[], p_own_since jsonb, p_since jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN p_own <> '{}' THEN p_own_since WHEN p_own_since = '{}' THEN p_since ELSE (
        SELECT jsonb_object_agg(f.key, f.at)
        FROM (SELECT e.key, to_jsonb(max(e.value::timestamptz)) AS at
              FROM (SELECT * FROM jsonb_each_text(p_own_since) UNION ALL SELECT * FROM jsonb_each_text(p_since)) AS e
              WHERE e.value IS NOT NULL GROUP BY e.key) AS f) END;
END
$$;

-- The same where a partnership gets rules of its own, others, or none of its own any more.
CREATE OR REPLACE FUNCTION partnership_rules_since() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    d record;
    fences jsonb;
BEGIN
    SELECT o.reminder_days AS rules, o.reminder_days_since AS since INTO STRICT d FROM district o WHERE o.id = NEW.district_id;
    fences := reminder_fences(OLD.reminder_days, OLD.reminder_days_since, d.since);
    NEW.reminder_days_since := (
        SELECT coalesce(jsonb_object_agg(rule, CASE
                   WHEN rule = ANY (coalesce(nullif(OLD.reminder_days, '{}'), d.rules)) THEN fences -> rule::text
                   ELSE to_jsonb(current_setting('kith.now')::timestamptz) END), '{}')
        FROM unnest(coalesce(nullif(NEW.reminder_days, '{}'), d.rules)) AS rule);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER partnership_rules_since BEFORE UPDATE OF reminder_days ON partnership
    FOR EACH ROW WHEN (NEW.reminder_days <> OLD.reminder_days) EXECUTE FUNCTION partnership_rules_since();

-- A rule that is new reminds of nothing that lies before it.
CREATE OR REPLACE FUNCTION reminder_rules_since() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.reminder_days_since := (
        SELECT coalesce(jsonb_object_agg(rule, CASE
                   WHEN rule = ANY (OLD.reminder_days) THEN OLD.reminder_days_since -> rule::text
                   ELSE to_jsonb(current_setting('kith.now')::timestamptz) END), '{}')
        FROM unnest(NEW.reminder_days) AS rule);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER reminder_rules_since BEFORE UPDATE OF reminder_days ON district
    FOR EACH ROW WHEN (NEW.reminder_days IS DISTINCT FROM OLD.reminder_days) EXECUTE FUNCTION reminder_rules_since();

-- The reminders whose instant has come and that nobody has decided: of which check-in, by which rule,
-- for whom. What was to be reminded of before the check-in had its date, or before there was the rule, is not
-- reminded of.
CREATE OR REPLACE FUNCTION reminders_due(p_now timestamptz)
RETURNS TABLE (check_in_id uuid, partnership_id uuid, due_on date, site_id uuid, zone text,
               mail_hour integer, today date, offset_days integer, from_day date, until_day date,
               on_day date, next_day date, side text, contact_id uuid, user_id uuid,
               recipient_key text, has_answered boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH running AS MATERIALIZED (
        SELECT c.id, c.partnership_id, c.due_on, c.opens_on, c.dated_at, p.lead_site_id AS site_id,
               coalesce(nullif(p.reminder_days, '{}'), d.reminder_days) AS rules,
               CASE WHEN p.reminder_days = '{}' AND p.reminder_days_since = '{}' THEN d.reminder_days_since
                    ELSE reminder_fences(p.reminder_days, p.reminder_days_since, d.reminder_days_since) END AS fences
        FROM district d
        JOIN check_in c ON c.district_id = d.id AND c.status IN ('scheduled', 'open')
            AND c.archived_at IS NULL
            -- No rule is further away.
            AND c.due_on BETWEEN (p_now AT TIME ZONE 'UTC')::date - 120
                AND (p_now AT TIME ZONE 'UTC')::date + 120
        JOIN partnership p ON p.district_id = d.id AND p.id = c.partnership_id
            AND p.status IN ('active', 'renewing') AND p.archived_at IS NULL
        WHERE d.id = current_setting('kith.district')::uuid
    ), rule AS MATERIALIZED ( -- once for all the check-ins of a site that are due on a day
        SELECT o.*, r.*
        FROM (SELECT DISTINCT w.due_on, w.opens_on, w.site_id, w.rules, w.fences FROM running w) o
        CROSS JOIN LATERAL reminder_slots(o.due_on, o.opens_on, o.site_id, o.rules, o.fences) r
        WHERE r.at >= r.since
    )
    SELECT c.id, c.partnership_id, c.due_on, c.site_id, r.zone, r.mail_hour, t.today, r.offset_days,
           r.from_day, r.until_day, r.on_day, r.next_day, o.side, o.contact_id, o.user_id,
           o.recipient_key,
           EXISTS (SELECT FROM check_in_half h
                   WHERE h.district_id = current_setting('kith.district')::uuid
                     AND h.check_in_id = c.id AND h.side = o.side AND h.status = 'submitted')
    FROM running c
    JOIN rule r ON r.due_on = c.due_on AND r.opens_on = c.opens_on
        AND r.site_id IS NOT DISTINCT FROM c.site_id AND r.rules = c.rules AND r.fences = c.fences AND r.at <= p_now AND r.at >= c.dated_at
    CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE r.zone)::date AS today) t
    CROSS JOIN LATERAL reminder_recipients(c.partnership_id, t.today) o
    WHERE NOT EXISTS (
        SELECT FROM reminder d
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.check_in_id = c.id
          AND d.due_on = c.due_on AND d.offset_days = r.offset_days AND d.side = o.side
          AND d.recipient_key = o.recipient_key)
    ORDER BY c.id, r.offset_days, o.side, o.recipient_key;
END;

-- What becomes of a reminder that is decided on a day: when it would go, and what the calendar, its side or others
-- have against it; NULL: nothing. p_due: as of reminders_due(). Who comes late sends on the next mail day, unless the
-- next rule's day has come by then.
CREATE OR REPLACE FUNCTION reminder_fate(p_due record, p_today date, OUT next_on date, OUT why text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    next_on := first_mail_day(greatest(p_today, p_due.from_day), p_due.until_day, p_due.site_id);
    why := CASE
        WHEN p_due.on_day IS NULL THEN 'blackout'
        WHEN p_due.has_answered THEN 'already_done'
        WHEN next_on IS NULL OR p_due.next_day <= next_on THEN 'stale'
        WHEN snoozed_until(p_due.check_in_id, p_due.due_on, p_due.side, p_due.recipient_key) >= next_on THEN 'snoozed'
        WHEN EXISTS ( -- that has gone or will: of one that was withdrawn nobody knows
            SELECT FROM reminder d
            JOIN message m ON m.district_id = d.district_id AND m.id = d.message_id AND m.status <> 'suppressed'
            WHERE d.district_id = current_setting('kith.district')::uuid AND d.check_in_id = p_due.check_in_id
              AND d.offset_days = p_due.offset_days AND d.side = p_due.side
              AND d.recipient_key = p_due.recipient_key
              AND d.decision = 'queued' AND d.sends_on > next_on - 7)
        THEN 'rate_limited' END;
END
$$;

-- Decides one reminder and its mail. p_due: a row of reminders_due(). p_sends_on: the day on which it
-- would go, NULL when none is left.
CREATE OR REPLACE FUNCTION reminder_decide(p_due record, p_sends_on date, p_reason text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    decided uuid;
BEGIN
    IF num_nonnulls(p_due.contact_id, p_due.user_id) = 1 THEN
        decided := message_queue(
            'duty', 'check_ins', 'check_in_reminder', p_due.check_in_id, p_due.contact_id, p_due.user_id,
            p_due.due_on || ' ' || p_due.offset_days || ' ' || p_due.side,
            check_in_variables(p_due.check_in_id)
                || jsonb_build_object('offset_days', p_due.offset_days, 'side', p_due.side,
                                      'is_overdue', p_due.offset_days > 0),
            local_instant(coalesce(p_sends_on, p_due.from_day), p_due.mail_hour, p_due.zone),
            local_instant(p_due.until_day + 1, 0, p_due.zone), p_due.partnership_id, p_reason);
    END IF;
    INSERT INTO reminder (district_id, id, check_in_id, due_on, offset_days, side, recipient_key,
                          contact_id, user_id, sends_on, decided_at, decision, reason, message_id)
    SELECT d.id, uuid7(), p_due.check_in_id, p_due.due_on, p_due.offset_days, p_due.side,
           p_due.recipient_key, p_due.contact_id, p_due.user_id, coalesce(p_sends_on, p_due.from_day),
           current_setting('kith.now')::timestamptz,
           CASE WHEN m.status <> 'suppressed' THEN 'queued' ELSE 'suppressed' END,
           CASE WHEN m.id IS NULL THEN coalesce(p_reason, 'no_lead') WHEN m.status = 'suppressed' THEN m.reason END,
           m.id
    FROM district d
    LEFT JOIN message m ON m.district_id = d.id AND m.id = decided
    WHERE d.id = current_setting('kith.district')::uuid
    ON CONFLICT ON CONSTRAINT reminder_recipient_key_key DO NOTHING;
    RETURN FOUND;
END
$$;

-- What the district's side has not done when it is overdue goes on to whom the lead answers for it, beside the lead:
-- by the first rule after the due date to the first of escalation(), by the second one to the next; a mail a person
-- and rule. Of the partner's side nobody else hears.
CREATE OR REPLACE FUNCTION reminder_escalate(p_due record, p_sends_on date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM message_queue(
        'duty', 'check_ins', 'check_in_escalation', p_due.check_in_id, NULL, e.user_id,
        p_due.due_on || ' ' || p_due.offset_days || ' escalation',
        check_in_variables(p_due.check_in_id) || jsonb_build_object(
            'offset_days', p_due.offset_days, 'side', 'district', 'is_overdue', true, 'lead', u.name),
        local_instant(p_sends_on, p_due.mail_hour, p_due.zone),
        local_instant(p_due.until_day + 1, 0, p_due.zone), p_due.partnership_id)
    FROM escalation(p_due.user_id, p_due.site_id, p_due.today) e
    JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = p_due.user_id
    WHERE e.place = (SELECT count(*) FROM unnest(partnership_rules(p_due.partnership_id)) AS rule
                     WHERE rule BETWEEN 1 AND p_due.offset_days);
END
$$;

-- Decides the reminders whose instant has come: how many. It may run any number of times, late, and
-- beside others.
CREATE OR REPLACE FUNCTION reminders_decide(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    due record;
    fate record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR due IN SELECT * FROM reminders_due(p_now) LOOP
        fate := reminder_fate(due, due.today);
        done := done + reminder_decide(due, fate.next_on, fate.why)::integer;
        IF due.side = 'district' AND due.user_id IS NOT NULL AND due.offset_days > 0
           AND coalesce(fate.why, 'rate_limited') IN ('rate_limited', 'snoozed') THEN
            PERFORM reminder_escalate(due, fate.next_on);
        END IF;
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION reminder_fences, partnership_rules_since, reminder_rules_since, reminder_days, reminder_slots, reminder_recipients,
    check_in_variables, reminders_due, reminder_fate, reminder_decide, reminder_escalate, reminders_decide FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reminder_fences, reminder_days, reminder_slots, reminder_recipients, reminder_fate TO kith_api;
GRANT EXECUTE ON FUNCTION reminder_fences, reminder_days, reminder_slots, reminder_recipients, check_in_variables, reminders_due,
    reminder_fate, reminder_decide, reminder_escalate, reminders_decide TO kith_checkin;

RESET ROLE;
