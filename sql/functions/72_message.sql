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

-- How many mails of the classes program and bulletin one recipient gets in seven days.
CREATE OR REPLACE FUNCTION mail_weekly_cap() RETURNS integer
LANGUAGE sql STABLE
RETURN (SELECT d.mail_weekly_cap FROM district d WHERE d.id = current_setting('kith.district')::uuid);

-- Whether somebody gets as many of them as that around an instant.
CREATE OR REPLACE FUNCTION mail_week_is_full(p_contact uuid, p_user uuid, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE
RETURN (SELECT count(*) FROM message m
        WHERE m.district_id = current_setting('kith.district')::uuid
          AND (m.contact_id = p_contact OR m.user_id = p_user)
          AND m.class IN ('program', 'bulletin') AND m.status <> 'suppressed'
          AND m.not_before > p_at - interval '7 days'
          AND m.not_before < p_at + interval '7 days') >= mail_weekly_cap();

-- The recipient as it is now: address, language, and the situations of mail_rules() that it is in. Who
-- has left: the person, or its place at the partner of the partnership that the mail is about.
CREATE OR REPLACE FUNCTION mail_recipient(
    p_contact uuid, p_user uuid, p_partnership uuid, p_topic text,
    OUT address text, OUT locale text, OUT situations text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    d record;
    today date;
    has_left boolean;
    channels text[] := '{email}';
BEGIN
    SELECT o.locale, o.zone INTO STRICT d FROM district o WHERE o.id = district;
    today := (current_setting('kith.now')::timestamptz AT TIME ZONE d.zone)::date;
    IF p_contact IS NOT NULL THEN
        SELECT c.email, coalesce(c.locale, d.locale), c.channels,
               c.archived_at IS NOT NULL OR c.status <> 'active'
        INTO STRICT address, locale, channels, has_left
        FROM contact c WHERE c.district_id = district AND c.id = p_contact;
        has_left := has_left OR coalesce((
            SELECT NOT bool_or(a.archived_at IS NULL
                               AND coalesce(a.until_date, 'infinity') >= today)
            FROM partnership p
            JOIN affiliation a ON a.district_id = district AND a.partner_id = p.partner_id
                AND a.contact_id = p_contact
            WHERE p.district_id = district AND p.id = p_partnership), false);
    ELSE
        SELECT u.email, u.locale, u.archived_at IS NOT NULL OR u.status <> 'active'
        INTO STRICT address, locale, has_left
        FROM app_user u WHERE u.district_id = district AND u.id = p_user;
    END IF;
    situations := ARRAY(
        SELECT 'left' WHERE has_left
        UNION ALL
        SELECT 'no_email' WHERE address IS NULL
        UNION ALL
        SELECT 'bounced' FROM address_suppression s
        WHERE s.district_id = district AND s.address = mail_recipient.address
          AND s.archived_at IS NULL
        UNION ALL
        SELECT 'opted_out_all' WHERE NOT 'email' = ANY (channels)
        UNION ALL
        SELECT CASE f.topic WHEN 'all' THEN 'opted_out_all' ELSE 'opted_out_topic' END
        FROM preference f
        WHERE f.district_id = district AND f.topic IN ('all', p_topic) AND f.channel = 'email'
          AND f.opted_out AND f.archived_at IS NULL
          AND (f.contact_id = p_contact OR f.user_id = p_user));
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

-- A mail as it is decided: what is its recipient's, and whether it goes. m: the rest; in its person's language, unless the
-- variables have a locale. p_reason: what the caller knows against it already; NULL: nothing.
CREATE OR REPLACE FUNCTION message_decided(m message, p_reason text) RETURNS message
LANGUAGE plpgsql AS $$
DECLARE
    recipient record;
    why text := p_reason;
BEGIN
    m.district_id := current_setting('kith.district')::uuid;
    m.id := uuid7();
    m.recipient_key := coalesce('contact:' || m.contact_id, 'user:' || m.user_id);
    SELECT * INTO recipient FROM mail_recipient(m.contact_id, m.user_id, m.partnership_id, m.topic);
    IF why IS NULL AND cardinality(recipient.situations) > 0 THEN
        why := mail_stop(m.class, recipient.situations);
    END IF;
    IF why IS NULL AND m.not_after <= current_setting('kith.now')::timestamptz THEN
        why := 'stale';
    END IF;
    IF why IS NULL AND m.class IN ('program', 'bulletin') THEN
        -- Under a lock, in a statement of its own: whoever comes next sees what this one decides.
        PERFORM pg_advisory_xact_lock(hashtextextended('mail ' || m.district_id || m.recipient_key, 0));
        IF mail_week_is_full(m.contact_id, m.user_id, m.not_before) THEN
            why := 'rate_limited';
        END IF;
    END IF;
    m.to_address := recipient.address;
    m.locale := coalesce(m.variables ->> 'locale', recipient.locale);
    m.status := CASE WHEN why IS NULL THEN 'queued' ELSE 'suppressed' END;
    m.reason := why;
    RETURN m;
END
$$;

-- Writes mails as they are decided, but for those that somebody else has decided; the ids of what was written.
CREATE OR REPLACE FUNCTION messages_write(p_mails message[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    made uuid[];
BEGIN
    WITH written AS (
        INSERT INTO message (district_id, id, class, topic, kind, subject_id, recipient_key, occurrence,
                             contact_id, user_id, partnership_id, to_address, locale, variables, status,
                             reason, not_before, not_after)
        SELECT m.district_id, m.id, m.class, m.topic, m.kind, m.subject_id, m.recipient_key, m.occurrence,
               m.contact_id, m.user_id, m.partnership_id, m.to_address, m.locale, m.variables, m.status,
               m.reason, m.not_before, m.not_after
        FROM unnest(p_mails) AS m
        ON CONFLICT ON CONSTRAINT message_occurrence_key DO NOTHING
        RETURNING id)
    SELECT array_agg(w.id) INTO made FROM written w;
    RETURN made;
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
    m message;
BEGIN
    SELECT o.id INTO decided FROM message o
    WHERE o.district_id = district AND o.kind = p_kind AND o.subject_id = p_subject
      AND o.recipient_key = key AND o.occurrence = p_occurrence;
    IF decided IS NOT NULL THEN
        RETURN decided;
    END IF;
    m.class := p_class;
    m.topic := p_topic;
    m.kind := p_kind;
    m.subject_id := p_subject;
    m.occurrence := p_occurrence;
    m.contact_id := p_contact;
    m.user_id := p_user;
    m.partnership_id := p_partnership;
    m.variables := p_variables;
    m.not_before := p_not_before;
    m.not_after := p_not_after;
    m := message_decided(m, p_reason);
    IF messages_write(ARRAY[m]) IS NULL THEN -- somebody else decided it just now
        SELECT o.id INTO STRICT decided FROM message o
        WHERE o.district_id = district AND o.kind = p_kind AND o.subject_id = p_subject
          AND o.recipient_key = key AND o.occurrence = p_occurrence;
        RETURN decided;
    END IF;
    IF p_reason IS NULL THEN
        PERFORM message_task(m, m.reason);
    END IF;
    RETURN m.id;
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
          AND m.status IN ('queued', 'retry')
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

REVOKE EXECUTE ON FUNCTION mail_rules, mail_stop, mail_weekly_cap, mail_week_is_full, mail_recipient,
    partnership_lead, message_task, message_decided, messages_write, message_queue, message_withdraw, messages_suppress, call_task_complete, call_task_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION uuid7, mail_rules, mail_stop, mail_weekly_cap, mail_week_is_full, mail_recipient, partnership_lead,
    message_task, message_decided, messages_write, message_queue, message_withdraw TO kith_api, kith_checkin, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION messages_suppress TO kith_checkin, kith_survey;
GRANT EXECUTE ON FUNCTION call_task_complete, call_task_reopen TO kith_api;

RESET ROLE;
