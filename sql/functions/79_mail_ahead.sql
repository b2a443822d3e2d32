-- What comes next, and why something does not: reminders that nobody has decided yet, by the same functions that
-- decide them (78_reminder.sql), beside the mails that wait.

SET ROLE kith_owner;

-- For what a mail waits: its district to be live, whoever holds the mail, its time, the next attempt, the mailer, or the
-- mail server, which has it or will in a moment. NULL: it does not wait.
-- The others ask for the first.
DROP FUNCTION IF EXISTS check_in_decisions_document(uuid, uuid, integer), message_told(uuid), next_mails_document(uuid, uuid, bigint);
DROP FUNCTION IF EXISTS next_things(uuid, uuid), next_things(uuid, uuid, uuid), reminders_undecided(uuid);
DROP FUNCTION IF EXISTS message_waits_for(text, text, timestamptz);
CREATE OR REPLACE FUNCTION message_waits_for(
    p_class text, p_status text, p_not_before timestamptz, p_claimed_until timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    IF p_status NOT IN ('queued', 'retry') THEN
        RETURN NULL;
    ELSIF p_claimed_until IS NOT NULL THEN
        RETURN 'server';
    END IF;
    RETURN (
        SELECT CASE WHEN r.stops AND coalesce(d.go_live_at > business_now, true) THEN 'go_live'
                    WHEN r.stops AND d.mail_held_at IS NOT NULL THEN 'release'
                    WHEN p_not_before > business_now THEN CASE p_status WHEN 'retry' THEN 'retry' ELSE 'time' END
                    ELSE 'mailer' END
        FROM district d
        JOIN mail_rules() r ON r.class = p_class AND r.situation = 'hold'
        WHERE d.id = current_setting('kith.district')::uuid);
END
$$;

-- The reminders of a check-in that nobody has decided: when each would go if it were decided on its day, or now where
-- that is over, and what stands against it. Besides what a decision may say: check_in_over, not_running (the
-- partnership), rule_not_in_force (the rule is younger, or another has its place), before_dated (the date is).
CREATE FUNCTION reminders_undecided(p_check_in uuid)
RETURNS TABLE (check_in_id uuid, due_on date, offset_days integer, rule uuid, from_day date, side text, contact_id uuid,
               user_id uuid, recipient_key text, at timestamptz, goes_on date, goes_at timestamptz, zone text,
               reason text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    due record;
    why text;
BEGIN
    FOR due IN
        SELECT s.*, o.*, c.id AS check_in_id, c.due_on, p.id AS partnership_id, p.lead_site_id AS site_id,
               first_mail_day(greatest(t.today, s.from_day), s.until_day, p.lead_site_id) AS goes_on,
               EXISTS (SELECT FROM check_in_half h
                       WHERE h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = o.side
                         AND h.status = 'submitted') AS has_answered,
               c.sequence > 0 AS has_moved, snoozed_until(c.id, c.due_on, o.side, o.recipient_key) AS snoozed_until,
               CASE WHEN c.status NOT IN ('scheduled', 'open') OR c.archived_at IS NOT NULL THEN 'check_in_over'
                    WHEN p.status NOT IN ('active', 'renewing') OR p.archived_at IS NOT NULL THEN 'not_running'
                    WHEN NOT s.is_in_force THEN 'rule_not_in_force'
                    WHEN s.at < c.dated_at THEN 'before_dated' END AS outside
        FROM check_in c
        JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
        CROSS JOIN LATERAL reminder_slots(c.due_on, c.opens_on, p.lead_site_id, p.id) s
        CROSS JOIN LATERAL (SELECT (greatest(business_now, s.at) AT TIME ZONE s.zone)::date AS today) AS t
        CROSS JOIN LATERAL check_in_reminded(c.id, p.id, t.today, (s.rule).recipients) o
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_check_in
          AND NOT EXISTS (
            SELECT FROM reminder r
            WHERE r.district_id = c.district_id AND r.check_in_id = c.id AND r.due_on = c.due_on
              AND r.offset_days = s.offset_days AND r.side = o.side AND r.recipient_key = o.recipient_key)
        ORDER BY s.offset_days, o.side, o.recipient_key
    LOOP
        why := reminder_fate(due.on_day, due.goes_on, due.next_day, due.has_answered, due.snoozed_until, due.has_moved
            AND reminder_is_near(due.check_in_id, due.offset_days, due.side, due.recipient_key, due.goes_on));
        RETURN QUERY SELECT due.check_in_id, due.due_on, due.offset_days, (due.rule).id, due.from_day, due.side, due.contact_id,
            due.user_id, due.recipient_key, due.at, coalesce(due.goes_on, due.from_day),
            local_instant(coalesce(due.goes_on, due.from_day), due.mail_hour, due.zone), due.zone,
            coalesce(due.outside, why, CASE
                WHEN due.recipient_key LIKE 'side:%' THEN 'no_lead'
                ELSE mail_stop('duty', (mail_recipient(due.contact_id, due.user_id, due.partnership_id, 'check_ins')).situations)
            END);
    END LOOP;
END
$$;

-- What is to come about a partnership, or to a contact, or (what is decided) to a user, whoever decided it or will: each thing by itself, and of which mail
-- it is. What reminds of duties and goes to one person on one day is one mail (79_duty_mail.sql).
CREATE FUNCTION next_things(p_partnership uuid, p_contact uuid, p_user uuid)
RETURNS TABLE (kind text, subject_id uuid, message_id uuid, offset_days integer, rule uuid, contact_id uuid, user_id uuid,
               goes_at timestamptz, zone text, reason text, waits_for text, carrier uuid, is_gathered boolean, mail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH subject AS MATERIALIZED (
        SELECT c.id FROM check_in c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.status IN ('scheduled', 'open')
          AND c.archived_at IS NULL
          AND c.partnership_id = ANY (ARRAY(
            SELECT p_partnership WHERE p_partnership IS NOT NULL
            UNION
            SELECT r.partnership_id FROM partnership_role r
            WHERE r.district_id = current_setting('kith.district')::uuid AND r.contact_id = p_contact
              AND r.role IN ('lead', 'co_lead', 'coordinator') AND r.archived_at IS NULL))),
    thing AS MATERIALIZED (
        SELECT m.kind, m.subject_id, m.id AS message_id, NULL::integer AS offset_days,
               (m.variables ->> 'reminder_rule_id')::uuid AS rule, m.contact_id, m.user_id,
               coalesce(c.not_before, m.not_before) AS goes_at, zone_of_site(p.lead_site_id) AS zone, NULL::text AS reason,
               message_waits_for(m.class, m.status, coalesce(c.not_before, m.not_before), m.claimed_until) AS waits_for,
               m.carried_by AS carrier, message_gathers(m.kind, m.variables) AND m.attempt_count = 0 AS is_gathered
        FROM message m
        LEFT JOIN partnership p ON p.district_id = m.district_id AND p.id = m.partnership_id
        LEFT JOIN message c ON c.district_id = m.district_id AND c.id = m.carried_by
        WHERE m.district_id = current_setting('kith.district')::uuid AND m.status IN ('queued', 'retry')
          AND m.class <> 'account' AND m.kind <> 'duties'
          AND (m.partnership_id = p_partnership OR m.contact_id = p_contact OR m.user_id = p_user)
        UNION ALL
        SELECT 'check_in_reminder', u.check_in_id, NULL, u.offset_days, u.rule, u.contact_id, u.user_id, u.goes_at, u.zone,
               u.reason, CASE WHEN u.reason IS NULL THEN 'time' END, NULL, u.reason IS NULL
        FROM subject s CROSS JOIN LATERAL reminders_undecided(s.id) u
        WHERE (p_contact IS NULL OR u.contact_id = p_contact)
          AND coalesce(u.reason NOT IN ('not_running', 'rule_not_in_force', 'before_dated'), true)
          AND (u.reason IS NULL OR u.at >= current_setting('kith.now')::timestamptz))
    SELECT t.kind, t.subject_id, t.message_id, t.offset_days, t.rule, t.contact_id, t.user_id, t.goes_at, t.zone, t.reason,
           t.waits_for, t.carrier, t.is_gathered OR t.carrier IS NOT NULL,
           CASE WHEN t.carrier IS NOT NULL THEN t.carrier::text
                WHEN t.is_gathered THEN concat_ws(' ', t.contact_id, t.user_id, (t.goes_at AT TIME ZONE t.zone)::date)
                ELSE concat_ws(' ', t.kind, t.subject_id, t.message_id, t.offset_days, t.contact_id, t.user_id) END
    FROM thing t;
END;

-- A rule, as what was decided by it tells of it.
CREATE OR REPLACE FUNCTION reminder_rule_told(p_rule uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_build_object('id', r.id, 'partnership_id', r.partnership_id, 'effective_from', r.effective_from)
        FROM reminder_rule r WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = p_rule);

-- The next mails of those, with what each tells of: the first ones. What would not go says why. Of what else goes in one
-- it is told how much (others), and not what: it is about other partnerships. NULL: there is no such thing.
CREATE FUNCTION next_mails_document(p_partnership uuid, p_contact uuid, p_most bigint) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH thing AS MATERIALIZED (SELECT * FROM next_things(p_partnership, p_contact, NULL)),
    mail AS MATERIALIZED (
        SELECT DISTINCT ON (t.mail) t.*, count(*) OVER (PARTITION BY t.mail) AS shown
        FROM thing t ORDER BY t.mail, t.goes_at, t.kind, t.subject_id, t.offset_days),
    soon AS (SELECT * FROM mail m ORDER BY m.goes_at, m.kind, m.subject_id, m.contact_id, m.user_id LIMIT p_most),
    whole AS MATERIALIZED ( -- once a person
        SELECT o.mail, count(*) AS things
        FROM (SELECT DISTINCT s.contact_id, s.user_id FROM soon s WHERE s.is_gathered AND p_contact IS NULL) AS w
        CROSS JOIN LATERAL next_things(NULL, w.contact_id, w.user_id) o
        GROUP BY o.mail),
    counted AS (
        SELECT s.*, greatest(0, coalesce((SELECT w.things FROM whole w WHERE w.mail = s.mail), 0) - s.shown) AS others
        FROM soon s),
    first AS (SELECT c.*, c.carrier IS NOT NULL OR c.shown + c.others > 1 AS is_of_several FROM counted c)
    SELECT jsonb_build_object('total', (SELECT count(*) FROM mail), 'mails', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'kind', CASE WHEN f.is_of_several THEN 'duties' ELSE f.kind END,
            'subject_id', CASE WHEN f.is_of_several THEN coalesce(f.contact_id, f.user_id) ELSE f.subject_id END,
            'message_id', CASE WHEN f.is_of_several THEN f.carrier ELSE f.message_id END,
            'offset_days', CASE WHEN NOT f.is_of_several THEN f.offset_days END,
            'things', (SELECT jsonb_agg(jsonb_build_object(
                           'kind', t.kind, 'subject_id', t.subject_id, 'message_id', t.message_id, 'offset_days', t.offset_days,
                           'rule', reminder_rule_told(t.rule))
                           ORDER BY t.goes_at, t.kind, t.subject_id, t.offset_days)
                       FROM thing t WHERE t.mail = f.mail),
            'others', f.others,
            'contact_id', f.contact_id, 'user_id', f.user_id, 'name', coalesce(c.name, u.name),
            'goes_at', rfc3339(f.goes_at), 'goes_on', (f.goes_at AT TIME ZONE f.zone)::date,
            'local_time', to_char(f.goes_at AT TIME ZONE f.zone, 'HH24:MI'), 'zone', f.zone,
            'would_go', f.reason IS NULL, 'reason', f.reason, 'waits_for', f.waits_for)
            ORDER BY f.goes_at, f.kind, f.subject_id, f.contact_id, f.user_id)
        FROM first f
        LEFT JOIN contact c ON c.district_id = current_setting('kith.district')::uuid AND c.id = f.contact_id
        LEFT JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = f.user_id), '[]'))
    WHERE EXISTS (SELECT FROM partnership p WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership)
       OR EXISTS (SELECT FROM contact c WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_contact);
END;

-- What was decided of a mail, and what became of it: of one that another carries, what became of that.
CREATE OR REPLACE FUNCTION message_told(p_message uuid) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'message_id', m.id, 'carried_by', m.carried_by, 'status', m.status, 'reason', m.reason,
        'not_before', rfc3339(m.not_before),
        'not_after', rfc3339(m.not_after), 'sent_at', rfc3339(m.sent_at),
        'waits_for', message_waits_for(m.class, m.status, m.not_before, m.claimed_until),
        'attempts', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'number', a.number, 'started_at', rfc3339(a.started_at), 'ended_at', rfc3339(a.ended_at),
                'outcome', a.outcome, 'code', a.code, 'detail', a.detail) ORDER BY a.number)
            FROM message_attempt a
            WHERE a.district_id = m.district_id AND a.message_id = coalesce(m.carried_by, m.id)), '[]'))
    FROM message m WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = p_message;
END;

-- All that was decided about the mails of a check-in, and all that was not, and why. p_contact: for whom alone.
CREATE FUNCTION check_in_decisions_document(p_check_in uuid, p_contact uuid, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH decision AS MATERIALIZED (
        SELECT 'check_in_reminder' AS kind, d.offset_days, d.reminder_rule_id AS rule, d.side, d.contact_id, d.user_id, d.due_on,
               d.due_on + d.offset_days::integer AS rule_on, d.sends_on AS goes_on, d.decision, d.reason,
               d.decided_at AS at, d.message_id
        FROM reminder d
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.check_in_id = p_check_in
        UNION ALL -- notices of what has changed, and escalations
        SELECT m.kind, NULL, (m.variables ->> 'reminder_rule_id')::uuid, m.variables ->> 'side', m.contact_id, m.user_id, (m.variables ->> 'due_on')::date, NULL,
               (m.not_before AT TIME ZONE (m.variables ->> 'zone'))::date,
               CASE m.status WHEN 'suppressed' THEN 'suppressed' ELSE 'queued' END, m.reason, m.created_at, m.id
        FROM message m
        WHERE m.district_id = current_setting('kith.district')::uuid AND m.subject_id = p_check_in
          AND NOT EXISTS (SELECT FROM reminder d WHERE d.district_id = m.district_id AND d.message_id = m.id)
        UNION ALL
        SELECT 'check_in_reminder', u.offset_days, u.rule, u.side, u.contact_id, u.user_id, u.due_on,
               u.due_on + u.offset_days, u.goes_on, 'none',
               coalesce(u.reason, CASE WHEN u.at > current_setting('kith.now')::timestamptz THEN 'not_due_yet' END), NULL, NULL
        FROM reminders_undecided(p_check_in) u),
    first AS (
        SELECT * FROM decision d WHERE p_contact IS NULL OR d.contact_id = p_contact
        ORDER BY d.due_on, d.goes_on, d.side, d.contact_id, d.user_id LIMIT p_most)
    SELECT jsonb_build_object(
        'check_in_id', c.id, 'status', c.status, 'due_on', c.due_on, 'opens_on', c.opens_on,
        'dated_at', rfc3339(c.dated_at), 'zone', z.zone, 'mail_hour', (SELECT s.mail_hour FROM check_in_settings() s),
        'is_reminded', CASE WHEN p_contact IS NOT NULL THEN EXISTS (
            SELECT FROM check_in_reminded(c.id, c.partnership_id, partnership_today(c.partnership_id)) r
            WHERE r.contact_id = p_contact) END,
        'snoozes', (SELECT count(*) FROM first f WHERE f.decision = 'snoozed'),
        'decisions', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'kind', f.kind, 'offset_days', f.offset_days, 'rule', reminder_rule_told(f.rule), 'side', f.side,
                'contact_id', f.contact_id,
                'user_id', f.user_id, 'name', coalesce(t.name, u.name), 'due_on', f.due_on, 'rule_on', f.rule_on,
                'goes_on', f.goes_on, 'decision', f.decision, 'reason', f.reason, 'decided_at', rfc3339(f.at),
                'message', message_told(f.message_id))
                ORDER BY f.due_on, f.goes_on, f.side, f.contact_id, f.user_id)
            FROM first f
            LEFT JOIN contact t ON t.district_id = c.district_id AND t.id = f.contact_id
            LEFT JOIN app_user u ON u.district_id = c.district_id AND u.id = f.user_id), '[]'))
    FROM check_in c
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
    CROSS JOIN LATERAL (SELECT zone_of_site(p.lead_site_id) AS zone) AS z
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_check_in;
END;

REVOKE EXECUTE ON FUNCTION message_waits_for, reminders_undecided, next_things, reminder_rule_told, next_mails_document, message_told,
    check_in_decisions_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION message_waits_for, reminders_undecided, next_things, reminder_rule_told, next_mails_document, message_told,
    check_in_decisions_document TO kith_api;

RESET ROLE;
