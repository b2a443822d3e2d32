-- An attempt: its links, its beginning, its end, and what each outcome means.

SET ROLE kith_owner;

-- What the link in a mail of the kind opens, until the end of which day, and of what; NULL: it has none. What is
-- late can still be done.
DROP FUNCTION IF EXISTS message_thing_link(uuid, uuid, text), message_task_link(message);
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
    WHEN 'duties' THEN
        purpose := 'tasks';
        until_day := today + days_after;
        subject_id := NULL;
    WHEN 'record_check' THEN
        purpose := 'record';
        until_day := today + days_after;
    WHEN 'credential_request', 'credential_notice' THEN
        purpose := 'credential';
        until_day := today + days_after;
        subject_id := coalesce((SELECT c.partner_id FROM credential c
            WHERE c.district_id = m.district_id AND c.id = m.subject_id), m.subject_id);
    WHEN 'training_invitation', 'training_seat' THEN
        purpose := 'training';
        until_day := greatest(today, (SELECT coalesce(t.until_date, t.on_date) FROM training_seat s
            JOIN training t ON t.district_id = s.district_id AND t.id = s.training_id
            WHERE s.district_id = m.district_id AND s.id = m.subject_id));
    WHEN 'story_consent' THEN
        purpose := 'story_consent';
        until_day := today + days_after;
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

-- Whether it has a link that ends mails: accounts' have none, and who is no contact has no mails to end.
CREATE OR REPLACE FUNCTION message_has_stop(m message) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN m.class <> 'account' AND m.inquiry_id IS NULL;

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
                 (p_stop_id, p_stop_hash, CASE WHEN message_has_stop(m) THEN 'preferences' END,
                  NULL, district_today() + stop_days))
        AS l (id, hash, purpose, subject_id, until_day)
    WHERE l.purpose IS NOT NULL;
END
$$;

-- The link of one that the mail carries: each opens its own thing, whatever becomes of the others.
CREATE OR REPLACE FUNCTION message_thing_link(p_message uuid, p_id uuid, p_hash text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO link (district_id, id, token_hash, purpose, subject_id, contact_id, user_id, message_id, expires_at)
    SELECT m.district_id, p_id, p_hash, t.purpose, t.subject_id, m.contact_id, m.user_id, m.id,
           local_instant(t.until_day + 1, 0, d.zone)
    FROM message m
    JOIN district d ON d.id = m.district_id
    CROSS JOIN LATERAL message_task_link(m) t
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = p_message AND t.purpose IS NOT NULL;
END;

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
        PERFORM message_bounced(m, p_code);
    END IF;
    IF next_status = 'failed' THEN
        PERFORM message_task(m, CASE WHEN p_is_bad_address THEN 'bounced' ELSE 'failed' END);
    END IF;
    RETURN next_status;
END
$$;

REVOKE EXECUTE ON FUNCTION message_task_link, message_has_stop, account_mails, message_account_link, message_begin, message_thing_link,
    message_extend, message_end FROM PUBLIC;
GRANT EXECUTE ON FUNCTION message_task_link, message_has_stop, account_mails, message_account_link, message_begin, message_thing_link,
    message_extend, message_end TO kith_mailer;

RESET ROLE;
