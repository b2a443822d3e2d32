-- What kith-mailer does to messages: claims one that is due, finds out once more whether it may go,
-- begins an attempt with its links, and writes what became of it. A claim is a lease of the real clock;
-- an attempt has a number, and whoever ends one writes only while it is the last.

SET ROLE kith_owner;

-- ---- What stops it now ---------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION check_in_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN m.kind = 'check_in_cancelled' THEN
            CASE WHEN c.archived_at IS NOT NULL OR c.status IN ('cancelled', 'skipped') THEN NULL
                 ELSE 'cancelled' END
        WHEN c.archived_at IS NOT NULL OR c.status IN ('cancelled', 'skipped') THEN 'cancelled'
        WHEN p.archived_at IS NOT NULL OR p.status NOT IN ('active', 'renewing') THEN 'cancelled'
        WHEN c.status NOT IN ('scheduled', 'open') THEN 'already_done'
        WHEN c.due_on <> (m.variables ->> 'due_on')::date THEN 'moved'
        WHEN EXISTS (
            SELECT FROM check_in_half h
            WHERE h.district_id = m.district_id AND h.check_in_id = c.id
              AND h.side = m.variables ->> 'side' AND h.status = 'submitted') THEN 'already_done' END
    FROM check_in c
    JOIN partnership p ON p.district_id = m.district_id AND p.id = c.partnership_id
    WHERE c.district_id = m.district_id AND c.id = m.subject_id;
END;

CREATE OR REPLACE FUNCTION survey_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN i.archived_at IS NOT NULL OR s.archived_at IS NOT NULL OR i.status = 'excluded'
            OR s.status <> 'open' THEN 'cancelled'
        WHEN i.status IN ('left_org', 'bounced') THEN i.status
        WHEN i.status NOT IN ('invited', 'partial') THEN 'already_done' END
    FROM survey_invitation i
    JOIN survey s ON s.district_id = m.district_id AND s.id = i.survey_id
    WHERE i.district_id = m.district_id AND i.id = m.subject_id;
END;

CREATE OR REPLACE FUNCTION agreement_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN a.archived_at IS NOT NULL
            OR a.status IN ('expired', 'superseded', 'terminated', 'rejected', 'withdrawn')
        THEN 'cancelled'
        WHEN CASE WHEN m.contact_id IS NULL THEN a.district_at ELSE a.partner_at END IS NOT NULL
        THEN 'already_done' END
    FROM agreement a WHERE a.district_id = m.district_id AND a.id = m.subject_id;
END;

-- What was going to expire and has been renewed, what lapsed and is valid again.
CREATE OR REPLACE FUNCTION agreement_notice_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN EXISTS (
    SELECT FROM agreement a
    WHERE a.district_id = m.district_id AND a.id = m.subject_id
      AND (a.status <> 'in_force' OR a.archived_at IS NOT NULL
           OR a.expires_on IS DISTINCT FROM (m.variables ->> 'on')::date)
    UNION ALL
    SELECT FROM partnership p
    WHERE p.district_id = m.district_id AND p.id = m.subject_id
      AND (p.archived_at IS NOT NULL
           OR CASE WHEN m.variables ? 'is_gate_due' THEN p.gate_due IS DISTINCT FROM (m.variables ->> 'on')::date
                   ELSE p.agreement_lapsed_on IS NULL END)) THEN 'cancelled' END;

-- The text is another one than was signed, or the partner has said all that was asked.
CREATE OR REPLACE FUNCTION agreement_copy_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT CASE WHEN s.attachment_id IS DISTINCT FROM a.attachment_id
                     OR s.attachment_id IS NULL
                        AND encode(sha256(convert_to(a.text, 'UTF8')), 'hex') IS DISTINCT FROM s.document_sha256
                THEN 'cancelled' END
    FROM agreement_signature s
    JOIN agreement a ON a.district_id = s.district_id AND a.id = s.agreement_id
    WHERE s.district_id = m.district_id AND s.id = m.subject_id);

CREATE OR REPLACE FUNCTION investment_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN NOT EXISTS (SELECT FROM investments_unanswered(m.subject_id)) THEN 'already_done' END;

-- One that was renewed, or need not be any more.
CREATE OR REPLACE FUNCTION credential_notice_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT CASE WHEN c.archived_at IS NOT NULL OR c.status = 'rejected'
                    OR c.expires_on IS DISTINCT FROM (m.variables ->> 'on')::date THEN 'cancelled'
                WHEN credential_is_followed(c) THEN 'already_done' END
    FROM credential c WHERE c.district_id = m.district_id AND c.id = m.subject_id);

-- An invitation that was accepted or taken back, or went out once more since.
CREATE OR REPLACE FUNCTION user_invitation_obstacle(m message) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN i.status = 'accepted' THEN 'already_done'
                WHEN i.status <> 'pending' OR i.mails::text <> m.occurrence THEN 'cancelled' END
    FROM user_invitation i WHERE i.district_id = m.district_id AND i.id = m.subject_id;
END;

-- Why the message need not go any more, or must not: a reason of message_reason_check, or NULL. The
-- reasons count in the order of message_queue(): the subject's, the recipient's, the time.
CREATE OR REPLACE FUNCTION message_obstacle(m message, p_situations text[]) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(
    CASE m.kind
        WHEN 'thank_you' THEN thank_you_obstacle(m)
        WHEN 'tax_document' THEN tax_document_obstacle(m)
        WHEN 'bulletin' THEN bulletin_obstacle(m)
        WHEN 'check_in_reminder' THEN check_in_obstacle(m)
        WHEN 'check_in_escalation' THEN check_in_obstacle(m)
        WHEN 'check_in_cancelled' THEN check_in_obstacle(m)
        WHEN 'survey_invitation' THEN survey_obstacle(m)
        WHEN 'survey_reminder' THEN survey_obstacle(m)
        WHEN 'agreement_acknowledgment' THEN agreement_obstacle(m)
        WHEN 'agreement_notice' THEN agreement_notice_obstacle(m)
        WHEN 'agreement_copy' THEN agreement_copy_obstacle(m)
        WHEN 'investment_confirmation' THEN investment_obstacle(m)
        WHEN 'partnership_acknowledgment' THEN
            CASE WHEN NOT EXISTS (SELECT FROM partnership_unacknowledged(m.subject_id)) THEN 'already_done' END
        WHEN 'ask' THEN ask_obstacle(m)
        WHEN 'inquiry_receipt' THEN inquiry_obstacle(m)
        WHEN 'inquiry_answer' THEN inquiry_obstacle(m)
        WHEN 'credential_notice' THEN credential_notice_obstacle(m)
        WHEN 'user_invitation' THEN user_invitation_obstacle(m)
        WHEN 'convening_invitation' THEN convening_obstacle(m)
        WHEN 'convening_cancelled' THEN convening_obstacle(m) END,
    (SELECT r.reason
     FROM mail_rules() WITH ORDINALITY AS r (class, situation, stops, task, reason, place)
     WHERE r.class = m.class AND r.situation = ANY (p_situations) AND r.stops
     ORDER BY r.place LIMIT 1),
    CASE WHEN m.not_after <= current_setting('kith.now')::timestamptz THEN 'stale' END);

-- ---- Claiming ------------------------------------------------------------------------------------

-- A message that is due, of any district, locked; NULL: none is, or others are at all of them. What is
-- claimed is due again when the lease is over. A district that is not live yet, or whose mail somebody holds, holds
-- what its rules hold, but not for longer than it is worth anything. p_resting: domains that have had enough for now, but
-- for who waits for a mail to sign in;
-- p_only: addresses and domains to which alone anything goes, NULL: all.
CREATE OR REPLACE FUNCTION message_next(
    p_now timestamptz, p_resting text[], p_only text[], OUT district_id uuid, OUT message_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held text[] := ARRAY(SELECT r.class FROM mail_rules() r WHERE r.situation = 'hold' AND r.stops);
BEGIN
    SELECT m.district_id, m.id INTO message_next.district_id, message_next.message_id
    FROM message m
    JOIN district d ON d.id = m.district_id
    WHERE m.status IN ('queued', 'retry', 'claimed') AND m.not_before <= p_now
      AND (m.status <> 'claimed' OR m.claimed_until <= clock_timestamp())
      AND (m.class <> ALL (held) OR d.go_live_at <= p_now AND d.mail_held_at IS NULL OR m.not_after <= p_now)
      AND d.archived_at IS NULL
      AND (m.class = 'account' OR split_part(m.to_address, '@', 2) <> ALL (p_resting))
      AND (p_only IS NULL OR m.to_address = ANY (p_only)
           OR split_part(m.to_address, '@', 2) = ANY (p_only))
    ORDER BY m.not_before, m.id LIMIT 1
    FOR UPDATE OF m SKIP LOCKED;
END
$$;

-- An attempt whose mailer never came back: nobody knows whether it went. True: it was one too many.
CREATE OR REPLACE FUNCTION message_give_up(m message) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    most_unknown constant integer := 2;
BEGIN
    UPDATE message_attempt a
    SET outcome = 'unknown', ended_at = current_setting('kith.now')::timestamptz,
        detail = 'The mailer ended before it knew.'
    WHERE a.district_id = m.district_id AND a.message_id = m.id AND a.number = m.attempt_count
      AND a.outcome IS NULL;
    RETURN (SELECT count(*) FROM message_attempt a
            WHERE a.district_id = m.district_id AND a.message_id = m.id
              AND a.outcome = 'unknown') >= most_unknown;
END
$$;

-- Mails of a district that went today.
CREATE OR REPLACE FUNCTION messages_sent_today(p_today date, p_zone text) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT count(*) FROM message m
        WHERE m.district_id = current_setting('kith.district')::uuid
          AND m.sent_at >= local_instant(p_today, 0, p_zone));

-- Until when a message that may go has to wait, as its district has sent as many today as it may; or
-- NULL. Accounts do not wait.
CREATE OR REPLACE FUNCTION message_wait(m message, p_most_a_day bigint) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    d record;
    today date;
BEGIN
    IF m.class = 'account' THEN
        RETURN NULL;
    END IF;
    SELECT o.zone, o.mail_hour INTO STRICT d FROM district o WHERE o.id = m.district_id;
    today := (current_setting('kith.now')::timestamptz AT TIME ZONE d.zone)::date;
    RETURN CASE WHEN messages_sent_today(today, d.zone) >= p_most_a_day
                THEN local_instant(today + 1, d.mail_hour, d.zone) END;
END
$$;

-- The same, in the context of its district, which lasts as long as the transaction and the lock.
CREATE OR REPLACE FUNCTION message_take(
    p_now timestamptz, p_resting text[], p_only text[], OUT district_id uuid, OUT message_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT n.district_id, n.message_id INTO message_take.district_id, message_take.message_id
    FROM message_next(p_now, p_resting, p_only) n;
    IF message_take.district_id IS NOT NULL THEN
        PERFORM kith_context(message_take.district_id, '', '', p_now::text, '');
    END IF;
END
$$;

-- Claims the message that was taken for the lease: send; or what was done with it instead: suppressed,
-- unknown (it stays so), waits, or again (its address is another one now, to be looked at once more).
CREATE OR REPLACE FUNCTION message_claim(
    p_message uuid, p_lease_ms bigint, p_most_a_day bigint, OUT verdict text)
LANGUAGE plpgsql AS $$
DECLARE
    m message;
    recipient record;
    why text;
    later timestamptz;
BEGIN
    SELECT o.* INTO STRICT m FROM message o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_message;
    SELECT * INTO recipient
    FROM mail_recipient(m.contact_id, m.user_id, m.partnership_id, m.topic)
    WHERE m.inquiry_id IS NULL
    UNION ALL
    SELECT * FROM inquiry_recipient(m.inquiry_id) WHERE m.inquiry_id IS NOT NULL;
    IF m.status = 'claimed' AND message_give_up(m) THEN
        verdict := 'unknown';
        UPDATE message o SET status = 'unknown', claimed_until = NULL
        WHERE o.district_id = m.district_id AND o.id = m.id;
        RETURN;
    END IF;
    why := message_obstacle(m, recipient.situations);
    IF why IS NOT NULL THEN
        verdict := 'suppressed';
        UPDATE message o SET status = 'suppressed', reason = why, claimed_until = NULL
        WHERE o.district_id = m.district_id AND o.id = m.id;
        PERFORM message_task(m, why);
        RETURN;
    END IF;
    later := message_wait(m, p_most_a_day);
    verdict := CASE WHEN later IS NOT NULL THEN 'waits'
                    WHEN m.to_address <> recipient.address THEN 'again' ELSE 'send' END;
    UPDATE message o
    SET to_address = recipient.address, locale = recipient.locale,
        not_before = coalesce(later, o.not_before),
        status = CASE WHEN verdict = 'send' THEN 'claimed' WHEN o.attempt_count > 0 THEN 'retry'
                      ELSE 'queued' END,
        attempt_count = o.attempt_count + CASE verdict WHEN 'send' THEN 1 ELSE 0 END,
        claimed_until = CASE verdict WHEN 'send'
            THEN clock_timestamp() + p_lease_ms * interval '1 millisecond' END
    WHERE o.district_id = m.district_id AND o.id = m.id;
END
$$;

-- What is in a message cannot be read: it fails, so that it does not stand in the way of all others.
CREATE OR REPLACE FUNCTION message_fail(p_district uuid, p_message uuid, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    m message;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    UPDATE message o SET status = 'failed', claimed_until = NULL
    WHERE o.district_id = p_district AND o.id = p_message AND o.status IN ('queued', 'retry', 'claimed')
    RETURNING o.* INTO m;
    IF FOUND THEN
        PERFORM message_task(m, 'failed');
    END IF;
END
$$;

-- ---- An attempt ----------------------------------------------------------------------------------

-- What the link in a mail of the kind opens, until the end of which day, and of what; NULL: it has none. What is
-- late can still be done.
DROP FUNCTION IF EXISTS message_task_link(message);
CREATE FUNCTION message_task_link(m message, OUT purpose text, OUT until_day date, OUT subject_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    days_after constant integer := 30;
    today date := district_today();
BEGIN
    subject_id := m.subject_id;
    CASE m.kind
    WHEN 'agreement_copy' THEN
        purpose := 'agreement';
        until_day := today + days_after;
        subject_id := (SELECT s.agreement_id FROM agreement_signature s
                       WHERE s.district_id = m.district_id AND s.id = m.subject_id);
    WHEN 'check_in_reminder' THEN
        purpose := 'check_in';
        until_day := greatest(today, (SELECT c.due_on FROM check_in c
            WHERE c.district_id = m.district_id AND c.id = m.subject_id)) + days_after;
    WHEN 'survey_invitation', 'survey_reminder' THEN
        purpose := 'survey';
        until_day := greatest(today, (SELECT s.closes_on
            FROM survey_invitation i
            JOIN survey s ON s.district_id = m.district_id AND s.id = i.survey_id
            WHERE i.district_id = m.district_id AND i.id = m.subject_id)) + days_after;
    WHEN 'agreement_acknowledgment' THEN
        purpose := 'agreement';
        until_day := today + days_after;
    WHEN 'investment_confirmation' THEN
        purpose := 'investments';
        until_day := today + days_after;
    WHEN 'partnership_acknowledgment' THEN
        purpose := 'acknowledgment';
        until_day := today + days_after;
    WHEN 'record_check' THEN
        purpose := 'record';
        until_day := today + days_after;
    WHEN 'credential_request', 'credential_notice' THEN
        purpose := 'credential';
        until_day := today + days_after;
        subject_id := coalesce((SELECT c.partner_id FROM credential c
            WHERE c.district_id = m.district_id AND c.id = m.subject_id), m.subject_id);
    WHEN 'ask' THEN
        purpose := 'ask';
        until_day := greatest(today, (SELECT a.respond_by FROM ask a
            WHERE a.district_id = m.district_id AND a.id = m.subject_id)) + days_after;
    WHEN 'convening_invitation' THEN
        purpose := 'convening';
        until_day := greatest(today, (SELECT convening_day(c)
            FROM convening_invitee i
            JOIN convening c ON c.district_id = m.district_id AND c.id = i.convening_id
            WHERE i.district_id = m.district_id AND i.id = m.subject_id)) + days_after;
    ELSE
    END CASE;
END
$$;

-- The mails of accounts, what their links are for, and for how long; NULL: until the mail itself is over.
CREATE OR REPLACE FUNCTION account_mails() RETURNS TABLE (kind text, purpose text, lives interval)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('password_reset',  'password',   interval '24 hours'),
        ('sign_in',         'sign_in',    interval '30 minutes'),
        ('user_invitation', 'invitation', NULL))
        AS k (kind, purpose, lives);
END;

-- The link of a mail about an account: a token that does this one thing. Those of this message's
-- earlier attempts stay, as one of them may have arrived; those made before it end. The owner's, so
-- that the mailer can make no other tokens.
DROP FUNCTION IF EXISTS message_password_link(uuid, uuid, text);
CREATE OR REPLACE FUNCTION message_account_link(p_message uuid, p_id uuid, p_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    m message;
    k record;
BEGIN
    SELECT o.* INTO STRICT m FROM message o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_message
      AND o.user_id IS NOT NULL;
    SELECT * INTO STRICT k FROM account_mails() a WHERE a.kind = m.kind;
    UPDATE access_token t SET revoked_at = current_setting('kith.now')::timestamptz
    WHERE t.district_id = m.district_id AND t.user_id = m.user_id AND t.purpose = k.purpose
      AND t.revoked_at IS NULL AND t.created_at < m.created_at;
    INSERT INTO access_token (district_id, id, user_id, kind, purpose, token_hash, expires_at)
    VALUES (m.district_id, p_id, m.user_id, 'link', k.purpose, p_hash,
            coalesce(current_setting('kith.now')::timestamptz + k.lives, m.not_after));
END
$$;

-- Begins the attempt that was claimed in this transaction, and inserts the links that the mail will
-- carry. Of a link that the kind has not, nothing is kept. One that ends mails lives for 90 days.
CREATE OR REPLACE FUNCTION message_begin(
    p_message uuid, p_attempt uuid, p_task_id uuid, p_task_hash text, p_stop_id uuid, p_stop_hash text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stop_days constant integer := 90;
    district uuid := current_setting('kith.district')::uuid;
    m message;
    task record;
    zone text;
    is_account boolean;
BEGIN
    SELECT o.* INTO STRICT m FROM message o WHERE o.district_id = district AND o.id = p_message;
    is_account := m.kind IN (SELECT a.kind FROM account_mails() a);
    SELECT o.zone INTO STRICT zone FROM district o WHERE o.id = district;
    SELECT * INTO task FROM message_task_link(m);
    INSERT INTO message_attempt (district_id, id, message_id, number, started_at, link_hash)
    VALUES (district, p_attempt, m.id, m.attempt_count, current_setting('kith.now')::timestamptz,
            CASE WHEN task.purpose IS NOT NULL OR is_account THEN p_task_hash END);
    IF is_account THEN
        PERFORM message_account_link(m.id, p_task_id, p_task_hash);
    END IF;
    INSERT INTO link (district_id, id, token_hash, purpose, subject_id, contact_id, user_id,
                      message_id, expires_at)
    SELECT district, l.id, l.hash, l.purpose, l.subject_id, m.contact_id, m.user_id, m.id,
           local_instant(l.until_day + 1, 0, zone)
    FROM (VALUES (p_task_id, p_task_hash, task.purpose, task.subject_id, task.until_day),
                 (p_stop_id, p_stop_hash, CASE WHEN m.class <> 'account' THEN 'preferences' END,
                  NULL, district_today() + stop_days))
        AS l (id, hash, purpose, subject_id, until_day)
    WHERE l.purpose IS NOT NULL;
END
$$;

-- The attempt goes on: its lease is as long as it was, from now on.
CREATE OR REPLACE FUNCTION message_extend(
    p_district uuid, p_message uuid, p_number bigint, p_lease_ms bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('kith.district', p_district::text, true);
    UPDATE message SET claimed_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    WHERE district_id = p_district AND id = p_message AND attempt_count = p_number
      AND status = 'claimed';
END
$$;

-- Ends the attempt: its row says what became of it, whatever happened meanwhile, and the message
-- follows while it is the last one. The message's status, or NULL when another attempt has begun.
-- p_outcome: sent, deferred, refused or unknown; p_wait_s: until the next one, if there is one.
CREATE OR REPLACE FUNCTION message_end(
    p_district uuid, p_message uuid, p_number bigint, p_now timestamptz, p_outcome text,
    p_is_bad_address boolean, p_code text, p_detail text, p_wait_s bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m message;
    next_status text;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    SELECT o.* INTO m FROM message o
    WHERE o.district_id = p_district AND o.id = p_message FOR UPDATE;
    UPDATE message_attempt a SET outcome = p_outcome, ended_at = p_now, code = p_code,
        detail = p_detail
    WHERE a.district_id = p_district AND a.message_id = p_message AND a.number = p_number;
    IF m.attempt_count <> p_number OR m.status NOT IN ('claimed', 'unknown') THEN
        RETURN NULL;
    END IF;
    next_status := CASE p_outcome
        WHEN 'sent' THEN 'sent'
        WHEN 'refused' THEN 'failed'
        WHEN 'deferred' THEN 'retry'
        ELSE CASE WHEN message_give_up(m) THEN 'unknown' ELSE 'retry' END END;
    UPDATE message o
    SET status = next_status, claimed_until = NULL,
        sent_at = CASE next_status WHEN 'sent' THEN p_now END,
        not_before = CASE next_status WHEN 'retry' THEN p_now + p_wait_s * interval '1 second'
                                      ELSE o.not_before END
    WHERE o.district_id = p_district AND o.id = p_message;
    IF p_is_bad_address THEN
        INSERT INTO address_suppression (district_id, id, address, reason, detail)
        VALUES (p_district, uuid7(), m.to_address, 'bounced', p_code)
        ON CONFLICT (district_id, address) WHERE archived_at IS NULL DO NOTHING;
        UPDATE survey_invitation i SET status = 'bounced'
        WHERE i.district_id = p_district AND i.id = m.subject_id
          AND i.status IN ('invited', 'partial');
    END IF;
    IF next_status = 'failed' THEN
        PERFORM message_task(m, CASE WHEN p_is_bad_address THEN 'bounced' ELSE 'failed' END);
    END IF;
    RETURN next_status;
END
$$;

-- ---- What a mail says ----------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION check_in_about(m message) RETURNS jsonb
LANGUAGE sql STABLE
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

CREATE OR REPLACE FUNCTION survey_about(m message) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'survey', s.name, 'mode', s.mode,
        'introduction', CASE WHEN char_length(s.introduction) > 1000
                             THEN left(s.introduction, 999) || '…' ELSE s.introduction END,
        'closes', mail_date(s.closes_on), 'has_begun', i.status = 'partial',
        'partnerships', coalesce(
            (SELECT jsonb_agg(p.name ORDER BY p.name)
             FROM survey_answer w
             JOIN partnership p ON p.district_id = m.district_id AND p.id = w.partnership_id
             WHERE w.district_id = m.district_id AND w.survey_invitation_id = i.id
               AND w.status <> 'submitted'), '[]'))
    FROM survey_invitation i
    JOIN survey s ON s.district_id = m.district_id AND s.id = i.survey_id
    WHERE i.district_id = m.district_id AND i.id = m.subject_id;
END;

CREATE OR REPLACE FUNCTION agreement_about(m message) RETURNS jsonb
LANGUAGE sql STABLE
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
LANGUAGE sql STABLE
BEGIN ATOMIC
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
    WHERE s.district_id = m.district_id AND s.id = m.subject_id;
END;

-- The iCalendar part of a mail about a check-in, while there is a day to come or one to take back, and
-- somebody who gets the answers; NULL otherwise.
CREATE OR REPLACE FUNCTION message_invitation(m message) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
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
      AND (m.variables ->> 'due_on')::date >= partnership_today(c.partnership_id);
END;

-- All that the mailer needs to write the message that it has claimed.
CREATE OR REPLACE FUNCTION message_letter(
    p_message uuid,
    OUT number bigint, OUT class text, OUT topic text, OUT kind text, OUT locale text,
    OUT to_name text, OUT to_address text, OUT from_name text, OUT reply_to text, OUT slug text,
    OUT series_id uuid, OUT has_task boolean, OUT district jsonb, OUT about jsonb, OUT invitation jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    m message;
BEGIN
    SELECT o.* INTO STRICT m FROM message o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_message;
    number := m.attempt_count;
    class := m.class;
    topic := m.topic;
    kind := m.kind;
    locale := m.locale;
    to_address := m.to_address;
    to_name := coalesce(
        (SELECT c.name FROM contact c WHERE c.district_id = m.district_id AND c.id = m.contact_id),
        (SELECT u.name FROM app_user u WHERE u.district_id = m.district_id AND u.id = m.user_id),
        (SELECT i.name FROM inquiry i WHERE i.district_id = m.district_id AND i.id = m.inquiry_id));
    SELECT coalesce(d.mail_from_name, d.name), d.reply_to, d.slug,
           jsonb_build_object('name', d.name, 'sender', coalesce(d.mail_from_name, d.name),
                              'phone', d.phone, 'website', d.website, 'reply_to', d.reply_to)
    INTO STRICT from_name, reply_to, slug, district FROM district d WHERE d.id = m.district_id;
    -- The mail that began it, so that a reader shows them together.
    SELECT o.id INTO series_id FROM message o
    WHERE o.district_id = m.district_id AND o.subject_id = m.subject_id
      AND o.recipient_key = m.recipient_key AND o.status = 'sent' AND o.id <> m.id
      AND m.class <> 'account'
    ORDER BY o.sent_at, o.id LIMIT 1;
    SELECT a.link_hash IS NOT NULL INTO STRICT has_task FROM message_attempt a
    WHERE a.district_id = m.district_id AND a.message_id = m.id AND a.number = m.attempt_count;
    about := coalesce(CASE
        WHEN m.kind = 'thank_you' THEN thank_you_about(m)
        WHEN m.kind = 'tax_document' THEN tax_document_about(m)
        WHEN m.kind = 'bulletin' THEN bulletin_about(m)
        WHEN m.kind = 'digest' THEN digest_about(m)
        WHEN m.kind IN ('check_in_reminder', 'check_in_cancelled') THEN check_in_about(m)
        WHEN m.kind = 'check_in_escalation' THEN
            check_in_about(m) || jsonb_build_object('lead', m.variables ->> 'lead')
        WHEN m.kind IN ('survey_invitation', 'survey_reminder') THEN survey_about(m)
        WHEN m.kind = 'agreement_acknowledgment' THEN agreement_about(m)
        WHEN m.kind = 'agreement_copy' THEN agreement_copy_about(m)
        WHEN m.kind = 'mail_check' THEN (
            SELECT jsonb_build_object('code', c.code)
            FROM mail_check c WHERE c.district_id = m.district_id AND c.id = m.subject_id)
        WHEN m.kind IN ('investment_confirmation', 'partnership_acknowledgment', 'credential_request',
                        'record_check') THEN m.variables
        WHEN m.kind = 'ask' THEN ask_about(m)
        WHEN m.inquiry_id IS NOT NULL THEN inquiry_about(m)
        WHEN m.kind = 'user_invitation' THEN (
            SELECT jsonb_build_object('inviter', u.name, 'until', mail_date((i.expires_at AT TIME ZONE d.zone)::date))
            FROM user_invitation i
            JOIN district d ON d.id = i.district_id
            LEFT JOIN app_user u ON u.district_id = i.district_id AND u.id = i.invited_by
            WHERE i.district_id = m.district_id AND i.id = m.subject_id)
        WHEN m.kind IN ('agreement_notice', 'credential_notice') THEN
            m.variables || jsonb_build_object('on', mail_date((m.variables ->> 'on')::date),
                                              'notice', mail_date((m.variables ->> 'notice')::date))
        WHEN m.kind = 'introduction_letter' THEN m.variables
        WHEN m.kind IN ('remedy', 'remedy_notice', 'records_request_due') THEN
            m.variables || jsonb_build_object('on', mail_date((m.variables ->> 'on')::date))
        WHEN m.kind IN ('convening_invitation', 'convening_cancelled') THEN convening_about(m) END, '{}');
    invitation := coalesce(message_invitation(m), convening_calendar(m));
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
                        FILTER (WHERE NOT h.is_held AND m.status <> 'claimed'), 0)::bigint,
           count(*) FILTER (WHERE m.status = 'claimed'),
           count(*) FILTER (WHERE h.is_held)
    FROM message m
    JOIN district d ON d.id = m.district_id AND d.archived_at IS NULL
    JOIN mail_rules() r ON r.class = m.class AND r.situation = 'hold'
    CROSS JOIN LATERAL (
        SELECT r.stops AND (d.go_live_at IS NULL OR d.go_live_at > p_now OR d.mail_held_at IS NOT NULL)
            AS is_held) h
    WHERE m.status IN ('queued', 'retry', 'claimed') AND m.not_before <= p_now;
END;

DROP POLICY IF EXISTS claim ON message;
CREATE POLICY claim ON message TO kith_owner USING (true);

REVOKE EXECUTE ON FUNCTION check_in_obstacle, survey_obstacle, agreement_obstacle, agreement_notice_obstacle,
    agreement_copy_obstacle, agreement_copy_about, investment_obstacle, credential_notice_obstacle,
    user_invitation_obstacle, message_obstacle,
    message_next, message_give_up, messages_sent_today, message_wait, message_take, message_claim,
    message_fail, message_task_link, account_mails, message_account_link, message_begin, message_extend, message_end,
    mail_date, check_in_about,
    survey_about, agreement_about, message_invitation, message_letter, messages_watch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_obstacle, survey_obstacle, agreement_obstacle, agreement_notice_obstacle,
    agreement_copy_obstacle, agreement_copy_about, investment_obstacle, credential_notice_obstacle,
    user_invitation_obstacle, message_obstacle,
    message_next, message_give_up, messages_sent_today, message_wait, message_take, message_claim,
    message_fail, message_task_link, account_mails, message_account_link, message_begin, message_extend, message_end,
    mail_date, check_in_about,
    survey_about, agreement_about, message_invitation, message_letter, messages_watch,
    partnership_today TO kith_mailer;

RESET ROLE;
