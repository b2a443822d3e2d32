-- Reminded on another day: whoever is reminded of a check-in, or somebody of the district for it, says when. What the
-- rules would send until then is left out, and one mail goes on that day. It is a decision as each other, so that it
-- is told why nothing came; and whom the lead answers to is told all the same.

SET ROLE kith_owner;

-- The last day on which a reminder of it is of use: that on which it is due, or a while after, once it is overdue.
CREATE OR REPLACE FUNCTION snooze_last(c check_in, p_today date) RETURNS date
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_today < c.due_on THEN c.due_on ELSE greatest(c.due_on, p_today) + 14 END;

-- Puts off one side's reminders of one person until that day, or the next day of mail. Why not: over (the day is not to
-- come), late (none comes in time), or NULL. The owner's: nobody else writes a decision.
CREATE OR REPLACE FUNCTION reminder_snooze(p_check_in uuid, p_side text, p_contact uuid, p_user uuid, p_until date)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    key text := coalesce('contact:' || p_contact, 'user:' || p_user);
    c check_in;
    o record;
    today date;
    day date;
    mail uuid;
BEGIN
    SELECT i.* INTO STRICT c FROM check_in i WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_check_in;
    SELECT p.lead_site_id AS site, zone_of_site(p.lead_site_id) AS zone, d.mail_hour INTO STRICT o
    FROM partnership p JOIN district d ON d.id = p.district_id WHERE p.district_id = c.district_id AND p.id = c.partnership_id;
    today := (business_now AT TIME ZONE o.zone)::date;
    day := first_mail_day(p_until, snooze_last(c, today), o.site);
    IF p_until <= today THEN
        RETURN 'over';
    ELSIF day IS NULL THEN
        RETURN 'late';
    END IF;
    PERFORM m.id FROM message m
    WHERE m.district_id = c.district_id AND m.subject_id = c.id AND m.recipient_key = key AND m.kind = 'check_in_reminder'
      AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL AND message_gathers(m.kind, m.variables) ORDER BY m.id FOR UPDATE;
    UPDATE message m SET status = 'suppressed', reason = 'snoozed'
    WHERE m.district_id = c.district_id AND m.subject_id = c.id AND m.recipient_key = key AND m.kind = 'check_in_reminder'
      AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL AND message_gathers(m.kind, m.variables);
    mail := message_queue(
        'duty', 'check_ins', 'check_in_reminder', c.id, p_contact, p_user,
        format('%s snoozed %s %s %s', c.due_on, day, p_side, rfc3339(business_now)),
        check_in_variables(c.id) || jsonb_build_object(
            'offset_days', day - c.due_on, 'side', p_side, 'is_overdue', day > c.due_on, 'snoozed_on', today),
        local_instant(day, o.mail_hour::integer, o.zone), local_instant(snooze_last(c, today) + 1, 0, o.zone), c.partnership_id);
    INSERT INTO reminder AS r (district_id, id, check_in_id, due_on, offset_days, side, recipient_key, contact_id, user_id,
                               sends_on, decided_at, decision, message_id)
    VALUES (c.district_id, uuid7(), c.id, c.due_on, day - c.due_on, p_side, key, p_contact, p_user, day, business_now,
            'snoozed', mail)
    ON CONFLICT ON CONSTRAINT reminder_recipient_key_key DO UPDATE
    SET decision = 'snoozed', reason = NULL, sends_on = excluded.sends_on, decided_at = excluded.decided_at,
        message_id = excluded.message_id, reminder_rule_id = NULL;
    RETURN NULL;
END
$$;

-- By somebody of the district, for one of those who are reminded.
CREATE OR REPLACE FUNCTION check_in_snooze(p_id uuid, p_version bigint, p_contact uuid, p_user uuid, p_until date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'snooze');
    side_ text;
BEGIN
    SELECT r.side INTO side_ FROM check_in_reminded(c.id, c.partnership_id, partnership_today(c.partnership_id)) r
    WHERE r.contact_id = p_contact OR r.user_id = p_user;
    IF num_nonnulls(p_contact, p_user) <> 1 OR side_ IS NULL THEN
        PERFORM refuse_field(CASE WHEN p_user IS NULL THEN 'contact_id' ELSE 'user_id' END,
                             'Must be one of those who are reminded of it, and no other beside.');
    ELSIF EXISTS (SELECT FROM check_in_half h WHERE h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = side_
                    AND h.status = 'submitted') THEN
        PERFORM refuse_state('This side has answered: nobody is reminded any more.', jsonb_build_object('status', c.status));
    END IF;
    CASE reminder_snooze(c.id, side_, p_contact, p_user, p_until)
    WHEN 'over' THEN PERFORM refuse_field('until_on', 'Must be a day to come.');
    WHEN 'late' THEN PERFORM refuse_field('until_on', 'There is no day of mail from then on before it is too late.');
    ELSE
    END CASE;
END
$$;

-- By whoever is reminded, on the page of the check-in; whom no mail reaches is not told that one will come.
CREATE OR REPLACE FUNCTION task_snooze(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    c check_in := check_in_take(t.subject_id, NULL, 'snooze');
    until_day date := snooze_day(p_form, partnership_today(c.partnership_id));
    why text;
BEGIN
    IF until_day IS NULL THEN
        RETURN form_error('snooze_on', 'required');
    ELSIF EXISTS (SELECT FROM check_in_half h WHERE h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = t.side
                    AND h.status = 'submitted') THEN
        PERFORM refuse_state('It is answered already.', jsonb_build_object('status', c.status));
    END IF;
    why := CASE WHEN mail_stop('duty', (mail_recipient(t.contact_id, t.user_id, c.partnership_id, 'check_ins')).situations) IS NOT NULL
                THEN 'unmailed' ELSE reminder_snooze(c.id, t.side, t.contact_id, t.user_id, until_day) END;
    RETURN CASE WHEN why IS NULL THEN '[]' ELSE form_error(
        CASE p_form ->> 'snooze' WHEN 'day' THEN 'snooze_on' ELSE 'snooze' END, why) END;
END
$$;

REVOKE EXECUTE ON FUNCTION snooze_last, reminder_snooze, check_in_snooze, task_snooze FROM PUBLIC;
GRANT EXECUTE ON FUNCTION snooze_last, reminder_snooze, check_in_snooze, task_snooze TO kith_api;

RESET ROLE;
