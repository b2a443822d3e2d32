-- Reminders of check-ins. By a rule (77_reminder_rule.sql) whoever it names on a side that has not answered is reminded
-- once for each of its days and each due date.

SET ROLE kith_owner;

-- Of earlier versions, whose rules were settings.
DROP TRIGGER IF EXISTS partnership_rules_since ON partnership;
DROP TRIGGER IF EXISTS reminder_rules_since ON district;
DROP FUNCTION IF EXISTS partnership_rules_since, reminder_rules_since;
DROP FUNCTION IF EXISTS reminders_due(timestamptz);
DROP FUNCTION IF EXISTS reminders_due(timestamptz, uuid[]);
DROP FUNCTION IF EXISTS reminder_fate(record, date), reminder_fate(record);
DROP FUNCTION IF EXISTS reminder_fences(integer[], jsonb, jsonb);
DROP FUNCTION IF EXISTS reminder_slots(date, date, uuid, integer[], jsonb);
DROP FUNCTION IF EXISTS reminder_days(date, date, uuid, integer[]);

-- When a day of a rule, counted from the due date, reminds: from which day on, not before the check-in opens, until
-- which. Those up to the due date not past it, those after it within two weeks.
CREATE OR REPLACE FUNCTION reminder_span(
    p_offset integer, p_due_on date, p_opens_on date, OUT from_day date, OUT until_day date)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN p_offset <= 0 THEN greatest(p_due_on + p_offset, p_opens_on) ELSE p_due_on + p_offset END,
           CASE WHEN p_offset <= 0 THEN p_due_on ELSE p_due_on + p_offset + 14 END;
END;

-- When the rules of a partnership, or of the district (NULL), remind of a check-in: each counted day once, by the rule
-- that decides it, or by the last one of those around that do not (is_in_force). on_day: the first day on which mail
-- may go; NULL: none is left. next_day: that of the next one.
CREATE OR REPLACE FUNCTION reminder_slots(p_due_on date, p_opens_on date, p_site uuid, p_partnership uuid)
RETURNS TABLE (offset_days integer, from_day date, until_day date, on_day date, at timestamptz, rule reminder_rule,
               is_in_force boolean, next_day date, zone text, mail_hour integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.offset_days, o.from_day, o.until_day, m.on_day,
           local_instant(coalesce(m.on_day, o.from_day), d.mail_hour, z.zone), o.rule, o.is_in_force,
           lead(m.on_day) OVER (PARTITION BY o.is_in_force ORDER BY o.offset_days), z.zone, d.mail_hour
    FROM district d
    CROSS JOIN LATERAL (SELECT zone_of_site(p_site) AS zone) AS z
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (n.offset_days) n.offset_days, s.from_day, s.until_day, r.rule, f.is_in_force
        FROM reminder_rules(p_partnership) r
        CROSS JOIN LATERAL unnest((r.rule).reminder_days) AS n (offset_days)
        CROSS JOIN LATERAL reminder_span(n.offset_days, p_due_on, p_opens_on) s
        CROSS JOIN LATERAL (SELECT s.from_day >= r.from_date AND s.from_day < r.ends_before AS is_in_force) AS f
        WHERE r.ends_before > p_opens_on AND r.from_date <= p_due_on + 90
        ORDER BY n.offset_days, f.is_in_force DESC, r.from_date DESC) AS o
    CROSS JOIN LATERAL (SELECT first_mail_day(o.from_day, o.until_day, p_site) AS on_day) AS m
    WHERE d.id = current_setting('kith.district')::uuid;
END;

-- Who is reminded: those of both sides on that day whom the rule names. Where the district has none, whoever does that
-- at the site; a side that nobody speaks for is there all the same, so that somebody learns of it.
CREATE OR REPLACE FUNCTION reminder_recipients(p_partnership uuid, p_day date, p_recipients text)
RETURNS TABLE (side text, contact_id uuid, user_id uuid, recipient_key text, is_lead boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH named AS (
        SELECT r.side, r.contact_id, r.user_id, bool_or(r.role = 'lead') AS is_lead
        FROM partnership_role r
        WHERE r.district_id = current_setting('kith.district')::uuid
          AND r.partnership_id = p_partnership AND r.archived_at IS NULL
          AND (r.role = 'lead' OR r.role = 'co_lead' AND p_recipients IN ('co_leads', 'coordinators')
               OR r.role = 'coordinator' AND p_recipients = 'coordinators')
          AND p_day BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity')
        GROUP BY r.side, r.contact_id, r.user_id)
    SELECT n.side, n.contact_id, n.user_id, coalesce('contact:' || n.contact_id, 'user:' || n.user_id), n.is_lead
    FROM named n
    UNION ALL
    SELECT s.side, NULL, f.user_id, coalesce('user:' || f.user_id, 'side:' || s.side), true
    FROM unnest('{district,partner}'::text[]) AS s (side)
    CROSS JOIN LATERAL (
        SELECT CASE s.side WHEN 'district' THEN (
            SELECT site_answers(p.lead_site_id, 'partnership_lead', p_day) FROM partnership p
            WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership) END AS user_id) AS f
    WHERE s.side NOT IN (SELECT n.side FROM named n);
END;

-- The same by the rule of that day.
CREATE OR REPLACE FUNCTION reminder_recipients(p_partnership uuid, p_day date)
RETURNS TABLE (side text, contact_id uuid, user_id uuid, recipient_key text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.side, r.contact_id, r.user_id, r.recipient_key
    FROM reminder_recipients(p_partnership, p_day, (reminder_rule_on(p_partnership, p_day)).recipients) r;
END;

-- Of a check-in: in the place of whoever has passed it on, the colleague (78_pass_on.sql).
CREATE OR REPLACE FUNCTION check_in_reminded(p_check_in uuid, p_partnership uuid, p_day date, p_recipients text)
RETURNS TABLE (side text, contact_id uuid, user_id uuid, recipient_key text, is_lead boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.side, coalesce(g.to_contact_id, r.contact_id), r.user_id,
           coalesce('contact:' || g.to_contact_id, r.recipient_key), r.is_lead
    FROM reminder_recipients(p_partnership, p_day, p_recipients) r
    LEFT JOIN check_in_delegate g ON g.district_id = current_setting('kith.district')::uuid AND g.check_in_id = p_check_in
        AND g.from_contact_id = r.contact_id AND g.archived_at IS NULL;
END;

-- The same by the rule of that day.
CREATE OR REPLACE FUNCTION check_in_reminded(p_check_in uuid, p_partnership uuid, p_day date)
RETURNS TABLE (side text, contact_id uuid, user_id uuid, recipient_key text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.side, r.contact_id, r.user_id, r.recipient_key
    FROM check_in_reminded(p_check_in, p_partnership, p_day, (reminder_rule_on(p_partnership, p_day)).recipients) r;
END;

-- What mails about check-ins say, but for what is their recipients' own. The organizer is the
-- district's lead, who gets the answers to the invitation, or else where the district takes mail;
-- without one there is no invitation.
CREATE OR REPLACE FUNCTION check_ins_variables(p_check_ins uuid[]) RETURNS TABLE (check_in_id uuid, variables jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, jsonb_build_object(
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
    JOIN check_in c ON c.district_id = d.id AND c.id = ANY (p_check_ins)
    JOIN partnership p ON p.district_id = d.id AND p.id = c.partnership_id
    JOIN partner r ON r.district_id = d.id AND r.id = p.partner_id
    LEFT JOIN site s ON s.district_id = d.id AND s.id = p.lead_site_id
    WHERE d.id = current_setting('kith.district')::uuid;
END;

CREATE OR REPLACE FUNCTION check_in_variables(p_check_in uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT v.variables FROM check_ins_variables(ARRAY[p_check_in]) v);
END
$$;

-- Until when somebody has put off what reminds it of a check-in, by its last word; NULL: it has not.
CREATE OR REPLACE FUNCTION snoozed_until(p_check_in uuid, p_due_on date, p_side text, p_key text) RETURNS date
LANGUAGE plpgsql STABLE AS $$ -- as district_today()
BEGIN
    RETURN (SELECT d.sends_on FROM reminder d
            WHERE d.district_id = current_setting('kith.district')::uuid AND d.check_in_id = p_check_in AND d.due_on = p_due_on
              AND d.side = p_side AND d.recipient_key = p_key AND d.decision = 'snoozed'
            ORDER BY d.decided_at DESC, d.id DESC LIMIT 1);
END
$$;

-- What the calendar, its side or others have against a reminder that is decided on a day; NULL: nothing. Who comes late
-- sends on the next mail day, unless the next rule's day has come by then.
CREATE OR REPLACE FUNCTION reminder_fate(
    p_on_day date, p_goes_on date, p_next_day date, p_has_answered boolean, p_snoozed_until date, p_is_near boolean)
RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_on_day IS NULL THEN 'blackout'
            WHEN p_has_answered THEN 'already_done'
            WHEN p_goes_on IS NULL OR p_next_day <= p_goes_on THEN 'stale'
            WHEN p_snoozed_until >= p_goes_on THEN 'snoozed'
            WHEN p_is_near THEN 'rate_limited' END;

-- Whether the same one, of a due date before, has gone or will, within a week: of one that was withdrawn nobody knows.
CREATE OR REPLACE FUNCTION reminder_is_near(p_check_in uuid, p_offset bigint, p_side text, p_key text, p_goes_on date)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM reminder d
        JOIN message m ON m.district_id = d.district_id AND m.id = d.message_id AND m.status <> 'suppressed'
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.check_in_id = p_check_in
          AND d.offset_days = p_offset AND d.side = p_side AND d.recipient_key = p_key
          AND d.decision = 'queued' AND d.sends_on > p_goes_on - 7);
END
$$;

-- The reminders whose instant has come and that nobody has decided: of which check-in, by which rule, for whom, when each
-- goes and until when it is of use, what stands against it, and whether it goes on to others. What was to be reminded of
-- before the check-in had its date, or before there was the rule, is not reminded of. p_only: of these partnerships;
-- NULL: of all.
CREATE FUNCTION reminders_due(p_now timestamptz, p_only uuid[])
RETURNS TABLE (check_in_id uuid, partnership_id uuid, due_on date, offset_days integer, rule_id uuid, side text, contact_id uuid,
               user_id uuid, recipient_key text, sends_on date, goes_at timestamptz, useless_at timestamptz, reason text,
               escalates boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH apart AS MATERIALIZED ( -- the partnerships that have rules of their own
        SELECT DISTINCT r.partnership_id FROM reminder_rule r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.partnership_id IS NOT NULL
          AND r.archived_at IS NULL
    ), put_off AS MATERIALIZED (
        SELECT DISTINCT r.check_in_id FROM reminder r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.decision = 'snoozed'
          AND r.due_on >= (p_now AT TIME ZONE 'UTC')::date - 120
    ), running AS MATERIALIZED (
        SELECT c.id, c.partnership_id, c.due_on, c.opens_on, c.dated_at, c.sequence > 0 AS has_moved,
               p.lead_site_id AS site_id, l.like_id, a.partnership_id AS apart
        FROM district d
        JOIN check_in c ON c.district_id = d.id AND c.status IN ('scheduled', 'open')
            AND c.archived_at IS NULL AND (p_only IS NULL OR c.partnership_id = ANY (p_only))
            -- No rule is further away.
            AND c.due_on BETWEEN (p_now AT TIME ZONE 'UTC')::date - 120
                AND (p_now AT TIME ZONE 'UTC')::date + 120
        JOIN partnership p ON p.district_id = d.id AND p.id = c.partnership_id
            AND p.status IN ('active', 'renewing') AND p.archived_at IS NULL
        LEFT JOIN apart a ON a.partnership_id = c.partnership_id
        LEFT JOIN sites_alike() l ON l.site_id = p.lead_site_id
        WHERE d.id = current_setting('kith.district')::uuid
    ), slot AS MATERIALIZED ( -- once for all the check-ins of one calendar that are due on a day
        SELECT o.*, r.offset_days, r.on_day, r.next_day, r.at, (r.rule).id AS rule_id, (r.rule).recipients,
               r.offset_days > 0 AND (r.rule).escalates AS escalates, t.today, g.goes_on,
               coalesce(g.goes_on, r.from_day) AS sends_on,
               local_instant(coalesce(g.goes_on, r.from_day), r.mail_hour, r.zone) AS goes_at,
               local_instant(r.until_day + 1, 0, r.zone) AS useless_at
        FROM (SELECT DISTINCT w.due_on, w.opens_on, w.like_id, w.apart FROM running w) o
        CROSS JOIN LATERAL reminder_slots(o.due_on, o.opens_on, o.like_id, o.apart) r
        CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE r.zone)::date AS today) t
        CROSS JOIN LATERAL (SELECT first_mail_day(greatest(t.today, r.from_day), r.until_day, o.like_id) AS goes_on OFFSET 0) g
        WHERE r.is_in_force AND r.at <= p_now
    ), due AS (
        SELECT c.id, c.partnership_id, c.due_on, s.offset_days, s.rule_id, o.side, o.contact_id, o.user_id, o.recipient_key,
               s.sends_on, s.goes_at, s.useless_at,
               reminder_fate(
                   s.on_day, s.goes_on, s.next_day,
                   EXISTS (SELECT FROM check_in_half h
                           WHERE h.district_id = current_setting('kith.district')::uuid
                             AND h.check_in_id = c.id AND h.side = o.side AND h.status = 'submitted'),
                   CASE WHEN f.check_in_id IS NOT NULL THEN snoozed_until(c.id, c.due_on, o.side, o.recipient_key) END,
                   c.has_moved AND reminder_is_near(c.id, s.offset_days, o.side, o.recipient_key, s.goes_on)) AS reason,
               s.escalates AND o.side = 'district' AND o.user_id IS NOT NULL AND o.is_lead AS escalates
        FROM running c
        LEFT JOIN put_off f ON f.check_in_id = c.id
        JOIN slot s ON s.due_on = c.due_on AND s.opens_on = c.opens_on AND s.like_id IS NOT DISTINCT FROM c.like_id
            AND s.apart IS NOT DISTINCT FROM c.apart AND s.at >= c.dated_at
        CROSS JOIN LATERAL check_in_reminded(c.id, c.partnership_id, s.today, s.recipients) o
        WHERE NOT EXISTS (
            SELECT FROM reminder d
            WHERE d.district_id = current_setting('kith.district')::uuid AND d.check_in_id = c.id
              AND d.due_on = c.due_on AND d.offset_days = s.offset_days AND d.side = o.side
              AND d.recipient_key = o.recipient_key)
        OFFSET 0)
    SELECT u.id, u.partnership_id, u.due_on, u.offset_days, u.rule_id, u.side, u.contact_id, u.user_id, u.recipient_key,
           u.sends_on, u.goes_at, u.useless_at, u.reason,
           u.escalates AND coalesce(u.reason, 'rate_limited') IN ('rate_limited', 'snoozed')
    FROM due u
    ORDER BY u.id, u.offset_days, u.side, u.recipient_key;
END;

REVOKE EXECUTE ON FUNCTION snoozed_until, reminder_span, reminder_slots, reminder_recipients(uuid, date, text), reminder_recipients(uuid, date),
    check_in_reminded(uuid, uuid, date, text), check_in_reminded(uuid, uuid, date), check_ins_variables, check_in_variables, reminders_due, reminder_fate,
    reminder_is_near FROM PUBLIC;
GRANT EXECUTE ON FUNCTION snoozed_until, reminder_span, reminder_slots, reminder_recipients(uuid, date, text), reminder_recipients(uuid, date),
    check_in_reminded(uuid, uuid, date, text), check_in_reminded(uuid, uuid, date), check_ins_variables,
    check_in_variables, reminder_fate, reminder_is_near TO kith_api;
GRANT EXECUTE ON FUNCTION snoozed_until, reminder_span, reminder_slots, reminder_recipients(uuid, date, text), reminder_recipients(uuid, date),
    check_in_reminded(uuid, uuid, date, text), check_in_reminded(uuid, uuid, date), check_ins_variables,
    check_in_variables, reminders_due, reminder_fate, reminder_is_near TO kith_checkin;

RESET ROLE;
