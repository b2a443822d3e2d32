-- What a mail says, and what there is to watch.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION check_in_tells(m message) RETURNS TABLE (about jsonb)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'partnership', p.name, 'partner', r.name, 'site', s.name, 'due', mail_date(due.day),
        'side', CASE WHEN m.contact_id IS NULL THEN 'district' ELSE 'partner' END,
        'was_due', mail_date((m.variables ->> 'was_due_on')::date),
        'when', CASE WHEN due.day < partnership_today(p.id) THEN 'overdue'
                     WHEN (m.variables ->> 'is_moved')::boolean THEN 'moved'
                     WHEN due.day = partnership_today(p.id) THEN 'today' ELSE 'before' END,
        'lead', (SELECT u.name FROM app_user u
                 WHERE u.district_id = m.district_id AND u.id = partnership_lead(p.id)))
    FROM check_in c
    JOIN partnership p ON p.district_id = m.district_id AND p.id = c.partnership_id
    JOIN partner r ON r.district_id = m.district_id AND r.id = p.partner_id
    LEFT JOIN site s ON s.district_id = m.district_id AND s.id = p.lead_site_id
    CROSS JOIN LATERAL (
        SELECT coalesce((m.variables ->> 'due_on')::date, c.due_on) AS day) AS due
    WHERE c.district_id = m.district_id AND c.id = m.subject_id;
END;

CREATE OR REPLACE FUNCTION agreement_tells(m message) RETURNS TABLE (about jsonb)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'agreement', a.title, 'effective', mail_date(a.effective_on), 'expires', mail_date(a.expires_on),
        'has_document', a.document_url IS NOT NULL,
        'partnerships', coalesce(
            (SELECT jsonb_agg(p.name ORDER BY p.name)
             FROM agreement_partnership l
             JOIN partnership p ON p.district_id = m.district_id AND p.id = l.partnership_id
             WHERE l.district_id = m.district_id AND l.agreement_id = a.id
               AND l.archived_at IS NULL), '[]'))
    FROM agreement a WHERE a.district_id = m.district_id AND a.id = m.subject_id;
END;

-- The text in full, but for one that is too long for a mail.
CREATE OR REPLACE FUNCTION agreement_copy_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'agreement', a.title, 'signer', s.signer, 'side', s.side, 'on', mail_date(s.signed_on),
            'sha256', s.document_sha256, 'consent', s.consent, 'is_in_force', a.status = 'in_force',
            'effective', mail_date(a.effective_on), 'expires', mail_date(a.expires_on),
            'is_long', octet_length(a.text) > 40000,
            'text', CASE WHEN octet_length(a.text) <= 40000 THEN a.text END,
            'paragraphs', CASE WHEN octet_length(a.text) <= 40000 THEN (
                SELECT jsonb_agg(l ORDER BY place)
                FROM regexp_split_to_table(a.text, '\n+') WITH ORDINALITY AS p (l, place) WHERE l ~ '\S') END)
        FROM agreement_signature s
        JOIN agreement a ON a.district_id = s.district_id AND a.id = s.agreement_id
        WHERE s.district_id = m.district_id AND s.id = m.subject_id);
END
$$;

-- The iCalendar part of a mail about a check-in, while there is a day to come or one to take back, and
-- somebody who gets the answers; NULL otherwise.
CREATE OR REPLACE FUNCTION message_invitation(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'is_cancelled', m.kind = 'check_in_cancelled', 'uid', c.uid, 'sequence', c.sequence,
            'due_on', m.variables ->> 'due_on',
            'stamped_at', coalesce((m.variables ->> 'dtstamp')::timestamptz, m.created_at),
            'organizer_name', m.variables #>> '{organizer,name}',
            'organizer_address', m.variables #>> '{organizer,address}')
        FROM check_in c
        WHERE c.district_id = m.district_id AND c.id = m.subject_id
          AND m.kind IN ('check_in_reminder', 'check_in_cancelled')
          AND m.variables #>> '{organizer,address}' IS NOT NULL
          AND (m.variables ->> 'due_on')::date >= partnership_today(c.partnership_id));
END
$$;

-- What the mail tells of, by its kind; NULL: its texts say all. A statement for each, as one expression of all of them is
-- planned whole.
CREATE OR REPLACE FUNCTION message_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE
    WHEN m.inquiry_id IS NOT NULL THEN
        RETURN inquiry_about(m);
    WHEN m.kind = 'thank_you' THEN
        RETURN thank_you_about(m);
    WHEN m.kind = 'tax_document' THEN
        RETURN tax_document_about(m);
    WHEN m.kind = 'bulletin' THEN
        RETURN bulletin_about(m);
    WHEN m.kind = 'digest' THEN
        RETURN digest_about(m);
    WHEN m.kind = 'report' THEN
        RETURN report_about(m);
    WHEN m.kind = 'duties' THEN
        RETURN (SELECT jsonb_build_object('total', count(*), 'more', count(*) - 1, 'has_more', count(*) > 1)
                FROM duties_carried(m));
    WHEN m.kind IN ('check_in_reminder', 'check_in_cancelled') THEN
        RETURN (SELECT a.about FROM check_in_tells(m) a);
    WHEN m.kind = 'check_in_escalation' THEN
        RETURN (SELECT a.about || jsonb_build_object('lead', m.variables ->> 'lead') FROM check_in_tells(m) a);
    WHEN m.kind IN ('survey_invitation', 'survey_reminder') THEN
        RETURN (SELECT a.about FROM survey_tells(m) a);
    WHEN m.kind = 'agreement_acknowledgment' THEN
        RETURN (SELECT a.about FROM agreement_tells(m) a);
    WHEN m.kind = 'agreement_copy' THEN
        RETURN agreement_copy_about(m);
    WHEN m.kind = 'mail_check' THEN
        RETURN (SELECT jsonb_build_object('code', c.code)
                FROM mail_check c WHERE c.district_id = m.district_id AND c.id = m.subject_id);
    WHEN m.kind IN ('training_invitation', 'training_seat') THEN
        RETURN training_about(m);
    WHEN m.kind = 'ask' THEN
        RETURN ask_about(m);
    WHEN m.kind = 'user_invitation' THEN
        RETURN (SELECT jsonb_build_object('inviter', u.name, 'until', mail_date((i.expires_at AT TIME ZONE d.zone)::date))
                FROM user_invitation i
                JOIN district d ON d.id = i.district_id
                LEFT JOIN app_user u ON u.district_id = i.district_id AND u.id = i.invited_by
                WHERE i.district_id = m.district_id AND i.id = m.subject_id);
    WHEN m.kind IN ('agreement_notice', 'credential_notice') THEN
        RETURN m.variables || jsonb_build_object('on', mail_date((m.variables ->> 'on')::date),
                                                 'notice', mail_date((m.variables ->> 'notice')::date));
    WHEN m.kind IN ('remedy', 'remedy_notice', 'records_request_due', 'address_changed') THEN
        RETURN m.variables || jsonb_build_object('on', mail_date((m.variables ->> 'on')::date));
    WHEN m.kind IN ('convening_invitation', 'convening_cancelled') THEN
        RETURN convening_about(m);
    WHEN m.kind IN ('investment_confirmation', 'partnership_acknowledgment', 'credential_request', 'record_check',
                    'story_consent', 'introduction_letter', 'partner_year') THEN
        RETURN m.variables;
    ELSE
        RETURN NULL;
    END CASE;
END
$$;

-- The same of those of the mails that are many, and what stops them, by one statement. One that cannot be read ends it: what is
-- not in it is asked of each by itself.
CREATE OR REPLACE FUNCTION messages_looked(p_messages uuid[]) RETURNS TABLE (message_id uuid, obstacle text, about jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT m.id,
           CASE m.kind WHEN 'check_in_reminder' THEN (SELECT o.reason FROM check_in_stop(m) o)
                       WHEN 'agreement_acknowledgment' THEN (SELECT o.reason FROM agreement_stop(m) o)
                       ELSE (SELECT o.reason FROM survey_stop(m) o) END,
           CASE m.kind WHEN 'check_in_reminder' THEN (SELECT a.about FROM check_in_tells(m) a)
                       WHEN 'agreement_acknowledgment' THEN (SELECT a.about FROM agreement_tells(m) a)
                       ELSE (SELECT a.about FROM survey_tells(m) a) END
    FROM message m
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = ANY (p_messages)
      AND m.kind IN ('check_in_reminder', 'survey_invitation', 'survey_reminder', 'agreement_acknowledgment');
EXCEPTION WHEN data_exception OR plpgsql_error THEN
    RETURN;
END
$$;

-- What all mails of the district have in common: whose they are.
CREATE OR REPLACE FUNCTION mail_sender(
    OUT from_name text, OUT own_from text, OUT reply_to text, OUT slug text, OUT district jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT coalesce(d.mail_from_name, d.name), d.mail_from, d.reply_to, d.slug, letterhead(d)
    INTO STRICT from_name, own_from, reply_to, slug, district
    FROM district d WHERE d.id = current_setting('kith.district')::uuid;
END
$$;

-- To whom mails go, by name, and the mail that began each one's series, so that a reader shows them together; NULL: there is
-- none. It takes part in the statement that asks, so that many are looked up together.
CREATE OR REPLACE FUNCTION message_heads(p_messages uuid[]) RETURNS TABLE (message_id uuid, to_name text, series_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.id, coalesce(c.name, u.name, i.name), f.id
    FROM message m
    LEFT JOIN contact c ON c.district_id = m.district_id AND c.id = m.contact_id
    LEFT JOIN app_user u ON u.district_id = m.district_id AND u.id = m.user_id
    LEFT JOIN inquiry i ON i.district_id = m.district_id AND i.id = m.inquiry_id
    LEFT JOIN LATERAL (
        SELECT o.id FROM message o
        WHERE o.district_id = m.district_id AND o.subject_id = m.subject_id AND o.recipient_key = m.recipient_key
          AND o.status = 'sent' AND o.id <> m.id
        ORDER BY o.sent_at, o.id LIMIT 1) AS f ON m.class <> 'account'
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = ANY (p_messages);
END;

-- All that the mailer needs to write a message, but for what mail_sender() and message_heads() say. p_about: what it tells,
-- where that is known.
DROP FUNCTION IF EXISTS message_letter(uuid), message_letter(message), message_series(message);
CREATE OR REPLACE FUNCTION message_letter(
    m message, p_about jsonb DEFAULT NULL,
    OUT message_id uuid, OUT number bigint, OUT class text, OUT topic text, OUT kind text, OUT locale text,
    OUT to_address text, OUT has_task boolean, OUT has_stop boolean,
    OUT about jsonb, OUT invitation jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    message_id := m.id;
    number := m.attempt_count;
    class := m.class;
    topic := m.topic;
    kind := m.kind;
    locale := m.locale;
    has_stop := message_has_stop(m);
    to_address := m.to_address;
    has_task := message_task_purpose(m.kind) IS NOT NULL OR message_is_account(m);
    about := coalesce(p_about, message_about(m), '{}');
    CASE
    WHEN m.kind IN ('check_in_reminder', 'check_in_cancelled') THEN
        invitation := message_invitation(m);
    WHEN m.kind IN ('convening_invitation', 'convening_cancelled') THEN
        invitation := convening_calendar(m);
    ELSE
    END CASE;
END
$$;

-- ---- Watching ------------------------------------------------------------------------------------

-- For monitoring, over all districts: for how many seconds the oldest message has been due that may
-- go, how many are being sent, how many wait for their district to be live.
CREATE OR REPLACE FUNCTION messages_watch(
    p_now timestamptz, OUT oldest_due_s bigint, OUT in_flight bigint, OUT held bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT coalesce(max(date_part('epoch', p_now - m.not_before))
                        FILTER (WHERE NOT h.is_held AND m.claimed_until IS NULL), 0)::bigint,
           count(*) FILTER (WHERE m.claimed_until IS NOT NULL),
           count(*) FILTER (WHERE h.is_held)
    FROM message m
    JOIN district d ON d.id = m.district_id AND d.archived_at IS NULL
    JOIN mail_rules() r ON r.class = m.class AND r.situation = 'hold'
    CROSS JOIN LATERAL (
        SELECT r.stops AND (d.go_live_at IS NULL OR d.go_live_at > p_now OR d.mail_held_at IS NOT NULL)
            AS is_held) h
    WHERE m.status IN ('queued', 'retry') AND m.carried_by IS NULL AND m.not_before <= p_now;
END;

DROP POLICY IF EXISTS claim ON message;
CREATE POLICY claim ON message TO kith_owner USING (true);

DROP FUNCTION IF EXISTS check_in_obstacle(message), survey_obstacle(message), agreement_obstacle(message), check_in_about(message),
    survey_about(message), agreement_about(message); -- of earlier versions

REVOKE EXECUTE ON FUNCTION agreement_copy_about, mail_date, check_in_tells, agreement_tells,
    message_invitation, message_about, messages_looked, mail_sender, message_heads, message_letter, messages_watch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_copy_about, mail_date, check_in_tells, agreement_tells,
    message_invitation, message_about, messages_looked, mail_sender, message_heads, message_letter, messages_watch, partnership_today TO kith_mailer;

RESET ROLE;
