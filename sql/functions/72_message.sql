-- Whether a mail goes is decided once, here, and leaves a row: queued, or suppressed with the reason.

SET ROLE kith_owner;

-- What stops which class of mail, in the order in which the reasons count. hold: the mail waits, and
-- its status stays what it was. A duty that mail cannot tell of makes a task.
CREATE OR REPLACE FUNCTION mail_rules()
RETURNS TABLE (class text, situation text, stops boolean, task text, reason text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 24 AS $$
BEGIN
    RETURN QUERY SELECT * FROM (VALUES
        ('account',  'left',            true,  NULL,        'left_org'),
        ('account',  'no_email',        true,  NULL,        'no_email'),
        ('account',  'bounced',         true,  NULL,        'bounced'),
        ('account',  'opted_out_all',   false, NULL,        NULL),
        ('account',  'opted_out_topic', false, NULL,        NULL),
        ('account',  'hold',            false, NULL,        NULL),
        ('duty',     'left',            true,  'hand_over', 'left_org'),
        ('duty',     'no_email',        true,  'call',      'no_email'),
        ('duty',     'bounced',         true,  'call',      'bounced'),
        ('duty',     'opted_out_all',   true,  'call',      'opted_out'),
        ('duty',     'opted_out_topic', false, NULL,        NULL),
        ('duty',     'hold',            true,  NULL,        'held'),
        ('program',  'left',            true,  NULL,        'left_org'),
        ('program',  'no_email',        true,  NULL,        'no_email'),
        ('program',  'bounced',         true,  NULL,        'bounced'),
        ('program',  'opted_out_all',   true,  NULL,        'opted_out'),
        ('program',  'opted_out_topic', true,  NULL,        'opted_out'),
        ('program',  'hold',            true,  NULL,        'held'),
        ('bulletin', 'left',            true,  NULL,        'left_org'),
        ('bulletin', 'no_email',        true,  NULL,        'no_email'),
        ('bulletin', 'bounced',         true,  NULL,        'bounced'),
        ('bulletin', 'opted_out_all',   true,  NULL,        'opted_out'),
        ('bulletin', 'opted_out_topic', true,  NULL,        'opted_out'),
        ('bulletin', 'hold',            true,  NULL,        'held'))
        AS r (class, situation, stops, task, reason);
END
$$;

-- What stops a class of mail for somebody in these situations, the first reason that counts; NULL: nothing.
CREATE OR REPLACE FUNCTION mail_stop(p_class text, p_situations text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT r.reason
            FROM mail_rules() WITH ORDINALITY AS r (class, situation, stops, task, reason, place)
            WHERE r.class = p_class AND r.situation = ANY (p_situations) AND r.stops
            ORDER BY r.place LIMIT 1);
END
$$;

-- The classes of which a recipient gets so many mails in seven days and no more.
CREATE OR REPLACE FUNCTION mail_is_capped(p_class text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_class IN ('program', 'bulletin');

-- How many that is.
CREATE OR REPLACE FUNCTION mail_weekly_cap() RETURNS integer
LANGUAGE sql STABLE
RETURN (SELECT d.mail_weekly_cap FROM district d WHERE d.id = current_setting('kith.district')::uuid);

-- Whether somebody gets as many of them as that around an instant. One that takes part in the statement that asks.
CREATE OR REPLACE FUNCTION mail_week(p_contact uuid, p_user uuid, p_at timestamptz) RETURNS TABLE (is_full boolean)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT (SELECT count(*) FROM message m
            WHERE m.district_id = current_setting('kith.district')::uuid AND m.contact_id = p_contact
              AND mail_is_capped(m.class || '') AND m.status <> 'suppressed' -- by its person, whatever the planner believes
              AND m.not_before > p_at - interval '7 days' AND m.not_before < p_at + interval '7 days')
           + (SELECT count(*) FROM message m
              WHERE m.district_id = current_setting('kith.district')::uuid AND m.user_id = p_user
                AND mail_is_capped(m.class || '') AND m.status <> 'suppressed'
                AND m.not_before > p_at - interval '7 days' AND m.not_before < p_at + interval '7 days')
           >= (SELECT d.mail_weekly_cap FROM district d WHERE d.id = current_setting('kith.district')::uuid);
END;

-- The same of one.
CREATE OR REPLACE FUNCTION mail_week_is_full(p_contact uuid, p_user uuid, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$ -- one that keeps its plans
BEGIN
    RETURN (SELECT w.is_full FROM mail_week(p_contact, p_user, p_at) w);
END
$$;

-- Whoever decides mails of these classes for many takes this until its end, and everybody who decides one waits.
CREATE OR REPLACE FUNCTION mail_week_lock() RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT pg_advisory_xact_lock(hashtextextended('mails ' || current_setting('kith.district'), 0));
END;

-- Waits until nobody does, which takes as long as a turn of two thousand: a person's action is late by that and not refused.
CREATE OR REPLACE FUNCTION mail_week_wait() RETURNS void
LANGUAGE sql VOLATILE SET lock_timeout = '5s'
BEGIN ATOMIC
    SELECT pg_advisory_xact_lock_shared(hashtextextended('mails ' || current_setting('kith.district'), 0));
END;

-- The recipient as it is now: address, language, and the situations of mail_rules() that it is in. Who has left: the
-- person, or its place at the partner of the partnership that the mail is about. One that takes part in the statement that
-- asks, so that many are looked up together.
CREATE OR REPLACE FUNCTION mail_person(p_contact uuid, p_user uuid, p_partnership uuid, p_topic text)
RETURNS TABLE (address text, locale text, situations text[])
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(c.email, u.email),
           coalesce(c.locale, u.locale, (SELECT d.locale FROM district d WHERE d.id = current_setting('kith.district')::uuid)),
           array_remove(ARRAY[
        CASE WHEN coalesce(c.archived_at, u.archived_at) IS NOT NULL OR coalesce(c.status, u.status) <> 'active'
                  OR c.id IS NOT NULL AND p_partnership IS NOT NULL AND (
                      SELECT NOT bool_or(a.archived_at IS NULL AND coalesce(a.until_date, 'infinity') >= (
                          SELECT (current_setting('kith.now')::timestamptz AT TIME ZONE d.zone)::date
                          FROM district d WHERE d.id = current_setting('kith.district')::uuid))
                      FROM partnership p
                      JOIN affiliation a ON a.district_id = p.district_id AND a.partner_id = p.partner_id AND a.contact_id = c.id
                      WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership) THEN 'left' END,
        CASE WHEN coalesce(c.email, u.email) IS NULL THEN 'no_email' END,
        CASE WHEN EXISTS (
            SELECT FROM address_suppression s
            WHERE s.district_id = current_setting('kith.district')::uuid AND s.address = coalesce(c.email, u.email) AND s.archived_at IS NULL) THEN 'bounced' END,
        CASE WHEN NOT 'email' = ANY (c.channels) OR f.of_all THEN 'opted_out_all' END,
        CASE WHEN f.of_topic THEN 'opted_out_topic' END], NULL)
    FROM (VALUES (p_contact, CASE WHEN p_contact IS NULL THEN p_user END)) AS w (contact_id, user_id)
    LEFT JOIN contact c ON c.district_id = current_setting('kith.district')::uuid AND c.id = w.contact_id
    LEFT JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = w.user_id
    CROSS JOIN LATERAL (
        SELECT bool_or(f.topic = 'all') AS of_all, bool_or(f.topic = p_topic) AS of_topic
        FROM preference f
        WHERE f.district_id = current_setting('kith.district')::uuid AND f.topic IN ('all', p_topic) AND f.channel = 'email' AND f.opted_out
          AND f.archived_at IS NULL AND (f.contact_id = w.contact_id OR f.user_id = w.user_id)) f
    WHERE coalesce(c.id, u.id) IS NOT NULL;
END;

-- The same of one, whom there must be.
CREATE OR REPLACE FUNCTION mail_recipient(
    p_contact uuid, p_user uuid, p_partnership uuid, p_topic text,
    OUT address text, OUT locale text, OUT situations text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT w.address, w.locale, w.situations INTO STRICT address, locale, situations
    FROM mail_person(p_contact, p_user, p_partnership, p_topic) w;
END
$$;

-- The district's lead of the partnership, who cares for what mail cannot do; NULL: there is none.
CREATE OR REPLACE FUNCTION partnership_lead(p_partnership uuid) RETURNS uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.user_id FROM partnership_role r
    WHERE r.district_id = current_setting('kith.district')::uuid
      AND r.partnership_id = p_partnership AND r.side = 'district' AND r.role = 'lead'
      AND r.archived_at IS NULL
    ORDER BY r.created_at, r.id LIMIT 1;
END;

-- A duty that mail could not tell of makes a task of the district's lead: one for all the mails about one
-- thing. p_reason: why it does not go, of mail_rules(), or 'failed'.
CREATE OR REPLACE FUNCTION message_task(m message, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF m.inquiry_id IS NOT NULL THEN
        PERFORM inquiry_task(m, p_reason);
        RETURN;
    ELSIF m.kind = 'duties' THEN
        PERFORM message_task(o, p_reason) FROM message o
        WHERE o.district_id = m.district_id AND o.carried_by = m.id AND o.status <> 'suppressed';
        RETURN;
    END IF;
    INSERT INTO call_task (district_id, id, kind, reason, subject_id, recipient_key, contact_id,
                           user_id, partnership_id, message_id, owner_id)
    SELECT m.district_id, uuid7(), t.kind, p_reason, m.subject_id, m.recipient_key, m.contact_id,
           m.user_id, m.partnership_id, m.id, coalesce(partnership_lead(m.partnership_id), training_caller(m))
    FROM (SELECT CASE WHEN p_reason = 'failed' AND m.class = 'duty' THEN 'call'
                      ELSE (SELECT max(r.task) FROM mail_rules() r
                            WHERE r.class = m.class AND r.reason = p_reason) END AS kind) AS t
    WHERE t.kind IS NOT NULL
    ON CONFLICT ON CONSTRAINT call_task_recipient_key_key DO NOTHING;
END
$$;

DROP FUNCTION IF EXISTS messages_write(message[]), message_decided(message, text); -- of earlier versions

-- Decides mails of one kind, each with what is its recipient's and whether it goes, and writes them, but for those that were
-- decided before. Each is in its person's language, unless its variables have a locale. p_reasons: what the caller knows
-- against one already; NULL: nothing. made: the ids of what was written, with the reasons.
CREATE OR REPLACE FUNCTION messages_write(
    p_class text, p_topic text, p_kind text, p_ids uuid[], p_subjects uuid[], p_contacts uuid[], p_users uuid[],
    p_partnerships uuid[], p_occurrences text[], p_variables jsonb[], p_not_before timestamptz[], p_not_after timestamptz[],
    p_reasons text[], OUT made uuid[], OUT reasons text[])
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$ -- of one mail most would be planning
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    now_at timestamptz := current_setting('kith.now')::timestamptz;
    known text[] := coalesce(array_remove(p_reasons, NULL), '{}');
    stopped uuid[];
BEGIN
    WITH written AS (
        INSERT INTO message AS o (district_id, id, class, topic, kind, subject_id, recipient_key, occurrence, contact_id, user_id,
                                  partnership_id, to_address, locale, variables, status, reason, not_before, not_after,
                                  created_at, updated_at)
        SELECT district, n.id, p_class, p_topic, p_kind, n.subject_id,
               coalesce('contact:' || n.contact_id, 'user:' || n.user_id), n.occurrence, n.contact_id, n.user_id,
               n.partnership_id, n.address, coalesce(n.variables ->> 'locale', n.locale), n.variables,
               CASE WHEN n.reason IS NULL THEN 'queued' ELSE 'suppressed' END, n.reason, n.not_before, n.not_after,
               now_at, now_at
        FROM (SELECT m.*, coalesce(
                  m.known,
                  CASE WHEN m.situations <> '{}' THEN mail_stop(p_class, m.situations) END,
                  CASE WHEN m.not_after <= now_at THEN 'stale' END,
                  CASE WHEN mail_is_capped(p_class) AND (SELECT k.is_full FROM mail_week(m.contact_id, m.user_id, m.not_before) k)
                       THEN 'rate_limited' END) AS reason
              FROM (SELECT l.*, w.*
                    FROM unnest(p_ids, p_subjects, p_contacts, p_users, p_partnerships, p_occurrences, p_variables, p_not_before,
                                p_not_after, p_reasons) AS l (id, subject_id, contact_id, user_id, partnership_id, occurrence,
                                                              variables, not_before, not_after, known)
                    CROSS JOIN LATERAL mail_person(l.contact_id, l.user_id, l.partnership_id, p_topic) w
                    OFFSET 0) AS m
              OFFSET 0) AS n -- what is used twice is asked once
        ON CONFLICT ON CONSTRAINT message_occurrence_key DO NOTHING
        RETURNING o.id, o.reason)
    SELECT array_agg(w.id), array_agg(w.reason), array_agg(w.id) FILTER (WHERE w.reason IS NOT NULL AND w.reason <> ALL (known))
    INTO made, reasons, stopped FROM written w;
    IF stopped IS NOT NULL THEN
        PERFORM message_task(m, m.reason) FROM message m
        WHERE m.district_id = district AND m.id = ANY (stopped);
    END IF;
END
$$;

-- Decides one mail, and gives its id; what was decided before stays as it was. p_contact or p_user is
-- who gets it.
CREATE OR REPLACE FUNCTION message_queue(
    p_class text, p_topic text, p_kind text, p_subject uuid, p_contact uuid, p_user uuid,
    p_occurrence text, p_variables jsonb, p_not_before timestamptz, p_not_after timestamptz,
    p_partnership uuid DEFAULT NULL, p_reason text DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    key text := coalesce('contact:' || p_contact, 'user:' || p_user);
    decided uuid;
BEGIN
    SELECT o.id INTO decided FROM message o
    WHERE o.district_id = district AND o.kind = p_kind AND o.subject_id = p_subject
      AND o.recipient_key = key AND o.occurrence = p_occurrence;
    IF decided IS NULL THEN
        IF mail_is_capped(p_class) THEN -- whoever comes next sees what this one decides
            PERFORM mail_week_wait();
            PERFORM pg_advisory_xact_lock(hashtextextended('mail ' || district || key, 0));
        END IF;
        SELECT w.made[1] INTO decided
        FROM messages_write(p_class, p_topic, p_kind, ARRAY[uuid7()], ARRAY[p_subject], ARRAY[p_contact], ARRAY[p_user],
                            ARRAY[p_partnership], ARRAY[p_occurrence], ARRAY[p_variables], ARRAY[p_not_before],
                            ARRAY[p_not_after], ARRAY[p_reason]) w;
    END IF;
    IF decided IS NULL THEN -- somebody else decided it just now
        SELECT o.id INTO STRICT decided FROM message o
        WHERE o.district_id = district AND o.kind = p_kind AND o.subject_id = p_subject
          AND o.recipient_key = key AND o.occurrence = p_occurrence;
    END IF;
    RETURN decided;
END
$$;

-- Mails that have not gone, and now need not: of a subject, or of a partnership. What takes an
-- invitation back because the partnership has stopped goes all the same.
CREATE OR REPLACE FUNCTION message_withdraw(
    p_district uuid, p_subject uuid, p_partnership uuid, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    waiting uuid;
BEGIN
    FOR waiting IN
        SELECT m.id FROM message m
        WHERE m.district_id = p_district
          AND (m.subject_id = p_subject
               OR m.partnership_id = p_partnership AND m.kind <> 'check_in_cancelled')
          AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL
        ORDER BY m.id FOR UPDATE
    LOOP
        UPDATE message SET status = 'suppressed', reason = p_reason
        WHERE district_id = p_district AND id = waiting;
    END LOOP;
END
$$;

-- Withdraws mails that have not gone, one after another, each for its reason: how many.
CREATE OR REPLACE FUNCTION messages_suppress(p_district uuid, p_ids uuid[], p_reasons text[]) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1..coalesce(cardinality(p_ids), 0) LOOP
        UPDATE message SET status = 'suppressed', reason = p_reasons[n]
        WHERE district_id = p_district AND id = p_ids[n];
    END LOOP;
    RETURN coalesce(cardinality(p_ids), 0);
END
$$;

CREATE OR REPLACE FUNCTION call_task_complete(p_id uuid, p_version bigint, p_note text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('call_task', p_id, p_version, 'complete');
BEGIN
    UPDATE call_task t SET status = next_status, done_at = current_setting('kith.now')::timestamptz,
        note = coalesce(p_note, t.note)
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION call_task_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('call_task', p_id, p_version, 'reopen');
BEGIN
    UPDATE call_task t SET status = next_status, done_at = NULL WHERE t.id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION mail_rules, mail_stop, mail_is_capped, mail_weekly_cap, mail_week, mail_week_is_full, mail_week_lock, mail_week_wait, mail_person, mail_recipient,
    partnership_lead, message_task, messages_write, message_queue, message_withdraw, messages_suppress, call_task_complete, call_task_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uuid7, mail_rules, mail_stop, mail_is_capped, mail_weekly_cap, mail_week, mail_week_is_full, mail_week_wait, mail_person, mail_recipient, partnership_lead,
    message_task, messages_write, message_queue, message_withdraw TO kith_api, kith_checkin, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION messages_suppress TO kith_checkin, kith_survey;
GRANT EXECUTE ON FUNCTION mail_week_lock TO kith_survey;
GRANT EXECUTE ON FUNCTION call_task_complete, call_task_reopen TO kith_api;

RESET ROLE;
