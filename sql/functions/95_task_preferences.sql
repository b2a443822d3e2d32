-- What a person wants by mail, what it hands over, and the mails of passwords.

SET ROLE kith_owner;

-- What there is mail about. A duty goes on where only its topic was declined, as mail_rules() says; of class staff is what
-- only the district's people get, and may do without.
CREATE OR REPLACE FUNCTION mail_topics() RETURNS TABLE (topic text, class text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES ('check_ins', 'duty'), ('agreements', 'duty'), ('introductions', 'duty'), ('confirmations', 'duty'),
                          ('digest', 'staff'), ('reports', 'staff'),
                          ('surveys', 'program'), ('asks', 'program'), ('convenings', 'program'), ('thank_yous', 'program'), ('stories', 'program'), ('trainings', 'program'),
                          ('needs', 'bulletin'))
        AS t (topic, class);
END;

CREATE OR REPLACE FUNCTION task_opts_out(p_topic text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM preference f
        WHERE f.district_id = current_setting('kith.district')::uuid AND f.topic = p_topic
          AND f.channel = 'email' AND f.opted_out AND f.archived_at IS NULL
          AND (f.contact_id = t.contact_id OR f.user_id = t.user_id))
    FROM task() t;
END;

-- A bulletin comes to who asked for it; the rest, until somebody declines it.
CREATE OR REPLACE FUNCTION task_wants(p_topic text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT NOT task_opts_out(p_topic) AND (
        NOT EXISTS (SELECT FROM mail_topics() m WHERE m.topic = p_topic AND m.class = 'bulletin')
        OR EXISTS (
            SELECT FROM preference f
            WHERE f.district_id = current_setting('kith.district')::uuid AND f.topic = p_topic
              AND f.channel = 'email' AND NOT f.opted_out AND f.archived_at IS NULL
              AND (f.contact_id = t.contact_id OR f.user_id = t.user_id)))
    FROM task() t;
END;

-- Who the task's person is wants no mail about the topic, or wants it; to say it again changes nothing.
CREATE OR REPLACE FUNCTION task_opt_out(p_topic text, p_out boolean, p_source text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    IF task_wants(p_topic) <> p_out THEN
        RETURN;
    END IF;
    INSERT INTO preference (district_id, id, contact_id, user_id, topic, opted_out, source)
    VALUES (current_setting('kith.district')::uuid, uuid7(), t.contact_id, t.user_id, p_topic, p_out,
            p_source)
    ON CONFLICT (district_id, coalesce(contact_id, user_id), topic, channel) WHERE archived_at IS NULL
    DO UPDATE SET opted_out = excluded.opted_out, source = excluded.source;
END
$$;

-- RFC 8058: one click on the mail's own topic.
CREATE OR REPLACE FUNCTION task_one_click() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    PERFORM task_opt_out(coalesce((
        SELECT m.topic FROM message m
        WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = t.message_id), 'all'),
        true, 'one_click');
END
$$;

-- The topics that are ticked, and the language.
CREATE OR REPLACE FUNCTION task_preferences_put(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    PERFORM task_opt_out(m.topic, NOT p_form ? ('topic.' || m.topic), 'link')
    FROM mail_topics() m WHERE m.class <> 'duty' AND (m.class <> 'staff' OR t.user_id IS NOT NULL);
    UPDATE contact c SET locale = p_form ->> 'locale'
    WHERE c.district_id = district AND c.id = t.contact_id
      AND c.locale IS DISTINCT FROM p_form ->> 'locale';
    UPDATE app_user u SET locale = p_form ->> 'locale'
    WHERE u.district_id = district AND u.id = t.user_id AND u.locale <> p_form ->> 'locale';
    RETURN '[]';
END
$$;

-- The person is not, or no longer, whom we should write to: somebody of the district finds out who is.
-- Nothing more is sent to whoever has left.
CREATE OR REPLACE FUNCTION task_hand_over(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    m message;
BEGIN
    IF p_form ->> 'tell_reason' = 'pass_on' THEN
        IF task_pass_on(p_form) THEN
            RETURN '[]';
        ELSIF form_text(p_form, 'tell_email') IS NULL AND form_text(p_form, 'tell_note') IS NULL THEN
            RETURN form_error('tell_note', 'required');
        END IF;
    END IF;
    SELECT * INTO m FROM message o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = t.message_id;
    IF m.id IS NULL THEN
        RAISE EXCEPTION 'no mail that this is about' USING ERRCODE = 'KI404';
    END IF;
    INSERT INTO call_task AS k (district_id, id, kind, reason, subject_id, recipient_key, contact_id,
                                user_id, partnership_id, message_id, owner_id, note)
    SELECT DISTINCT ON (o.subject_id) o.district_id, uuid7(), 'hand_over', p_form ->> 'tell_reason', o.subject_id, o.recipient_key,
           o.contact_id, o.user_id, o.partnership_id, o.id, partnership_lead(o.partnership_id),
           nullif(concat_ws(E'\n', form_text(p_form, 'tell_email'), form_text(p_form, 'tell_note')), '')
    FROM message o -- a mail that carries others is about what each of them is about
    WHERE o.district_id = m.district_id AND (m.kind <> 'duties' AND o.id = m.id
                                             OR o.carried_by = m.id AND o.status <> 'suppressed')
    ORDER BY o.subject_id, o.id
    ON CONFLICT ON CONSTRAINT call_task_recipient_key_key DO UPDATE
    SET kind = 'hand_over', reason = excluded.reason, status = 'open', done_at = NULL,
        note = CASE WHEN k.note = excluded.note OR excluded.note IS NULL THEN k.note
                    ELSE right(concat_ws(E'\n', k.note, excluded.note), 10000) END;
    IF p_form ->> 'tell_reason' <> 'pass_on' THEN
        PERFORM task_opt_out('all', true, 'link');
    END IF;
    RETURN '[]';
END
$$;

-- A mail with a link for a new password, once an hour at most, to whoever has an account of that address;
-- of an unknown one nothing is told.
CREATE OR REPLACE FUNCTION password_mail_ask(
    p_slug text, p_host text, p_email text, p_now text, p_request text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := sign_in_district(p_slug, p_host);
    business_now timestamptz := p_now;
    asking uuid;
BEGIN
    IF district IS NULL THEN
        RETURN;
    END IF;
    PERFORM kith_context(district, '', '', p_now, p_request);
    SELECT u.id INTO asking FROM app_user u
    WHERE u.district_id = district AND u.email = p_email AND u.status = 'active' AND u.archived_at IS NULL;
    IF asking IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('kith.scope', '*', true);
    PERFORM message_queue('account', 'account', 'password_reset', asking, NULL, asking,
                          'asked in the hour ' || date_trunc('hour', business_now AT TIME ZONE 'UTC'), '{}',
                          business_now, business_now + interval '1 hour');
END
$$;

REVOKE EXECUTE ON FUNCTION mail_topics, task_opts_out, task_wants, task_opt_out, task_one_click,
    task_preferences_put, task_hand_over, password_mail_ask FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_topics, task_opts_out, task_wants, task_opt_out, task_one_click,
    task_preferences_put, task_hand_over, password_mail_ask TO kith_api;

RESET ROLE;
