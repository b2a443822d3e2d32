-- Reminders of check-ins. A rule is a number of days before (negative) or after the due date; by it
-- each lead of a side that has not answered is reminded once for each due date.

SET ROLE kith_owner;

-- When the rules of a check-in remind: the first day on which mail may go, from the rule's day on and
-- not before the check-in opens; NULL: none is left. Those up to the due date not past it, those
-- after it within two weeks.
CREATE OR REPLACE FUNCTION reminder_days(p_due_on date, p_opens_on date, p_site uuid)
RETURNS TABLE (offset_days integer, from_day date, until_day date, on_day date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.offset_days, r.from_day, r.until_day, first_mail_day(r.from_day, r.until_day, p_site)
    FROM (SELECT rule AS offset_days,
                 CASE WHEN rule <= 0 THEN greatest(p_due_on + rule, p_opens_on)
                      ELSE p_due_on + rule END AS from_day,
                 CASE WHEN rule <= 0 THEN p_due_on ELSE p_due_on + rule + 14 END AS until_day
          FROM check_in_settings() s, unnest(s.reminder_days) AS rule) AS r;
END;

-- Who is reminded: the leads of both sides on that day.
CREATE OR REPLACE FUNCTION reminder_recipients(p_partnership uuid, p_day date)
RETURNS TABLE (side text, contact_id uuid, user_id uuid, recipient_key text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT r.side, r.contact_id, r.user_id,
           coalesce('contact:' || r.contact_id, 'user:' || r.user_id)
    FROM partnership_role r
    WHERE r.district_id = current_setting('kith.district')::uuid
      AND r.partnership_id = p_partnership AND r.role = 'lead' AND r.archived_at IS NULL
      AND p_day BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity');
END;

-- Decides one reminder and its mail. p_sends_on: the day on which it would go, NULL when none is left.
CREATE OR REPLACE FUNCTION reminder_decide(
    p_check_in check_in, p_rule record, p_to record, p_sends_on date, p_reason text,
    p_not_before timestamptz, p_not_after timestamptz, p_name text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    decided uuid;
BEGIN
    decided := message_queue(
        'duty', 'check_ins', 'check_in_reminder', p_check_in.id, p_to.contact_id, p_to.user_id,
        p_check_in.due_on || ' ' || p_rule.offset_days || ' ' || p_to.side,
        jsonb_build_object('partnership', p_name, 'due_on', p_check_in.due_on,
                           'offset_days', p_rule.offset_days, 'side', p_to.side),
        p_not_before, p_not_after, p_check_in.partnership_id, p_reason);
    INSERT INTO reminder (district_id, id, check_in_id, due_on, offset_days, side, recipient_key,
                          contact_id, user_id, sends_on, decided_at, decision, reason, message_id)
    SELECT m.district_id, uuid7(), p_check_in.id, p_check_in.due_on, p_rule.offset_days, p_to.side,
           p_to.recipient_key, p_to.contact_id, p_to.user_id, coalesce(p_sends_on, p_rule.from_day),
           current_setting('kith.now')::timestamptz,
           CASE m.status WHEN 'suppressed' THEN 'suppressed' ELSE 'queued' END,
           CASE m.status WHEN 'suppressed' THEN m.reason END, m.id
    FROM message m WHERE m.district_id = p_check_in.district_id AND m.id = decided
    ON CONFLICT ON CONSTRAINT reminder_recipient_key_key DO NOTHING;
    RETURN FOUND;
END
$$;

-- Decides the reminders whose instant has come: how many. It may run any number of times, late, and
-- beside others. What was to be reminded of before the check-in had its date is not reminded of.
-- Who comes late sends on the next mail day, unless the next rule's day has come by then.
CREATE OR REPLACE FUNCTION reminders_decide(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    settings record;
    p record;
    one check_in;
    rule record;
    recipient record;
    today date;
    next_on date; -- the day on which it would go
    why text;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    SELECT * INTO settings FROM check_in_settings();
    FOR one IN
        SELECT c.* FROM check_in c
        JOIN partnership s ON s.district_id = p_district AND s.id = c.partnership_id
            AND s.status IN ('active', 'renewing') AND s.archived_at IS NULL
        WHERE c.district_id = p_district AND c.status IN ('scheduled', 'open')
          AND c.archived_at IS NULL
          -- No rule is further away.
          AND c.due_on BETWEEN (p_now AT TIME ZONE 'UTC')::date - 120
              AND (p_now AT TIME ZONE 'UTC')::date + 120
        ORDER BY c.id
    LOOP
        SELECT s.name, s.lead_site_id AS site_id, zone_of_site(s.lead_site_id) AS zone INTO p
        FROM partnership s WHERE s.district_id = p_district AND s.id = one.partnership_id;
        today := (p_now AT TIME ZONE p.zone)::date;
        FOR rule IN
            SELECT d.*, local_instant(coalesce(d.on_day, d.from_day), settings.mail_hour, p.zone) AS at,
                   lead(d.on_day) OVER w AS next_day
            FROM reminder_days(one.due_on, one.opens_on, p.site_id) d
            WINDOW w AS (ORDER BY d.offset_days)
            ORDER BY d.offset_days
        LOOP
            CONTINUE WHEN rule.at > p_now OR rule.at < one.dated_at;
            next_on := first_mail_day(greatest(today, rule.from_day), rule.until_day, p.site_id);
            FOR recipient IN
                SELECT r.*, EXISTS (
                    SELECT FROM check_in_half h
                    WHERE h.district_id = p_district AND h.check_in_id = one.id
                      AND h.side = r.side AND h.status = 'submitted') AS has_answered
                FROM reminder_recipients(one.partnership_id, today) r
                WHERE NOT EXISTS (
                    SELECT FROM reminder d
                    WHERE d.district_id = p_district AND d.check_in_id = one.id
                      AND d.due_on = one.due_on AND d.offset_days = rule.offset_days
                      AND d.side = r.side AND d.recipient_key = r.recipient_key)
                ORDER BY r.side, r.recipient_key
            LOOP
                why := CASE
                    WHEN rule.on_day IS NULL THEN 'blackout'
                    WHEN recipient.has_answered THEN 'already_done'
                    WHEN next_on IS NULL OR rule.next_day <= next_on THEN 'stale'
                    WHEN EXISTS (
                        SELECT FROM reminder d
                        WHERE d.district_id = p_district AND d.check_in_id = one.id
                          AND d.offset_days = rule.offset_days AND d.side = recipient.side
                          AND d.recipient_key = recipient.recipient_key
                          AND d.decision = 'queued' AND d.sends_on > next_on - 7)
                    THEN 'rate_limited' END;
                done := done + reminder_decide(
                    one, rule, recipient, next_on, why,
                    local_instant(coalesce(next_on, rule.from_day), settings.mail_hour, p.zone),
                    local_instant(rule.until_day + 1, 0, p.zone), p.name)::integer;
            END LOOP;
        END LOOP;
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION reminder_days, reminder_recipients, reminder_decide, reminders_decide
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reminder_days, reminder_recipients, reminder_decide, reminders_decide
    TO kith_checkin;

RESET ROLE;
