-- An attempt: its links, its beginning, its end, and what each outcome means.

SET ROLE kith_owner;

-- What the link in a mail of the kind opens; NULL: it has none.
CREATE OR REPLACE FUNCTION message_task_purpose(p_kind text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_kind
    WHEN 'agreement_copy' THEN 'agreement'
    WHEN 'check_in_reminder' THEN 'check_in'
    WHEN 'survey_invitation' THEN 'survey'
    WHEN 'survey_reminder' THEN 'survey'
    WHEN 'agreement_acknowledgment' THEN 'agreement'
    WHEN 'investment_confirmation' THEN 'investments'
    WHEN 'partnership_acknowledgment' THEN 'acknowledgment'
    WHEN 'duties' THEN 'tasks'
    WHEN 'record_check' THEN 'record'
    WHEN 'partner_year' THEN 'partner_year'
    WHEN 'credential_request' THEN 'credential'
    WHEN 'credential_notice' THEN 'credential'
    WHEN 'training_invitation' THEN 'training'
    WHEN 'training_seat' THEN 'training'
    WHEN 'story_consent' THEN 'story_consent'
    WHEN 'ask' THEN 'ask'
    WHEN 'convening_invitation' THEN 'convening' END;

-- The same, until the end of which day, and of what. What is late can still be done.
DROP FUNCTION IF EXISTS message_thing_link(uuid, uuid, text), message_task_link(message);
CREATE OR REPLACE FUNCTION message_task_link(m message, p_today date, OUT purpose text, OUT until_day date, OUT subject_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    days_after constant integer := 30;
BEGIN
    purpose := message_task_purpose(m.kind);
    IF purpose IS NULL THEN
        RETURN;
    END IF;
    subject_id := m.subject_id;
    until_day := p_today + days_after;
    CASE m.kind
    WHEN 'agreement_copy' THEN
        subject_id := (SELECT s.agreement_id FROM agreement_signature s
                       WHERE s.district_id = m.district_id AND s.id = m.subject_id);
    WHEN 'check_in_reminder' THEN
        until_day := greatest(p_today, (SELECT c.due_on FROM check_in c
            WHERE c.district_id = m.district_id AND c.id = m.subject_id)) + days_after;
    WHEN 'survey_invitation', 'survey_reminder' THEN
        until_day := greatest(p_today, (SELECT s.closes_on
            FROM survey_invitation i
            JOIN survey s ON s.district_id = m.district_id AND s.id = i.survey_id
            WHERE i.district_id = m.district_id AND i.id = m.subject_id)) + days_after;
    WHEN 'duties' THEN
        subject_id := NULL;
    WHEN 'credential_request', 'credential_notice' THEN
        subject_id := coalesce((SELECT c.partner_id FROM credential c
            WHERE c.district_id = m.district_id AND c.id = m.subject_id), m.subject_id);
    WHEN 'training_invitation', 'training_seat' THEN
        until_day := greatest(p_today, (SELECT coalesce(t.until_date, t.on_date) FROM training_seat s
            JOIN training t ON t.district_id = s.district_id AND t.id = s.training_id
            WHERE s.district_id = m.district_id AND s.id = m.subject_id));
    WHEN 'partner_year' THEN
        until_day := p_today + 120;
    WHEN 'ask' THEN
        until_day := greatest(p_today, (SELECT a.respond_by FROM ask a
            WHERE a.district_id = m.district_id AND a.id = m.subject_id)) + days_after;
    WHEN 'convening_invitation' THEN
        until_day := greatest(p_today, (SELECT convening_day(c)
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

-- Whether it is one of them.
CREATE OR REPLACE FUNCTION message_is_account(m message) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF m.class <> 'account' THEN
        RETURN false;
    END IF;
    RETURN m.kind IN (SELECT a.kind FROM account_mails() a);
END
$$;

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

-- How an attempt begins: whose links its mail carries, what they open and for how long. One that ends mails lives for
-- 90 days.
DROP FUNCTION IF EXISTS message_beginning(message);
CREATE OR REPLACE FUNCTION message_beginning(
    m message, p_zone text, OUT message_id uuid, OUT number bigint, OUT contact_id uuid, OUT user_id uuid, OUT is_account boolean,
    OUT purpose text, OUT subject_id uuid, OUT expires_at timestamptz, OUT stop_expires_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    stop_days constant integer := 90;
    today constant date := (current_setting('kith.now')::timestamptz AT TIME ZONE p_zone)::date;
    task record;
BEGIN
    task := message_task_link(m, today);
    message_id := m.id;
    number := m.attempt_count;
    contact_id := m.contact_id;
    user_id := m.user_id;
    is_account := message_is_account(m);
    purpose := task.purpose;
    subject_id := task.subject_id;
    expires_at := local_instant(task.until_day + 1, 0, p_zone);
    stop_expires_at := CASE WHEN message_has_stop(m) THEN local_instant(today + stop_days + 1, 0, p_zone) END;
END
$$;

-- Begins attempts, with the links that their mails carry: their messages are claimed for the lease.
CREATE OR REPLACE FUNCTION attempts_write(p_sends jsonb, p_lease_ms bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    ids constant uuid[] := ARRAY(SELECT (s ->> 'message_id')::uuid FROM jsonb_array_elements(p_sends) s);
BEGIN
    UPDATE message o
    SET attempt_count = s.number, claimed_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    FROM jsonb_to_recordset(p_sends) AS s (message_id uuid, number bigint)
    WHERE o.district_id = district AND o.id = ANY (ids) AND o.id = s.message_id; -- by their keys, as in messages_end()
    INSERT INTO message_attempt (district_id, id, message_id, number, started_at)
    SELECT district, s.attempt_id, s.message_id, s.number, business_now
    FROM jsonb_to_recordset(p_sends) AS s (message_id uuid, number bigint, attempt_id uuid);
    INSERT INTO link (district_id, id, token_hash, purpose, subject_id, contact_id, user_id, message_id, expires_at, stop_hash,
                      stop_expires_at)
    SELECT district, s.link_id, CASE WHEN s.purpose IS NULL THEN s.stop_hash ELSE s.task_hash END,
           coalesce(s.purpose, 'preferences'), s.subject_id, s.contact_id, s.user_id, s.message_id,
           CASE WHEN s.purpose IS NULL THEN s.stop_expires_at ELSE s.expires_at END,
           CASE WHEN s.purpose IS NOT NULL AND s.stop_expires_at IS NOT NULL THEN s.stop_hash END,
           CASE WHEN s.purpose IS NOT NULL THEN s.stop_expires_at END
    FROM jsonb_to_recordset(p_sends) AS s (
        message_id uuid, contact_id uuid, user_id uuid, purpose text, subject_id uuid, expires_at timestamptz,
        stop_expires_at timestamptz, link_id uuid, task_hash text, stop_hash text)
    WHERE s.purpose IS NOT NULL OR s.stop_expires_at IS NOT NULL;
    PERFORM message_account_link(s.message_id, s.link_id, s.task_hash)
    FROM jsonb_to_recordset(p_sends) AS s (message_id uuid, is_account boolean, link_id uuid, task_hash text)
    WHERE s.is_account;
END
$$;

-- The same, and when one of them cannot be written each by itself, so that it alone fails. What became of each: send or
-- failed.
CREATE OR REPLACE FUNCTION attempts_begin(p_sends jsonb, p_lease_ms bigint)
RETURNS TABLE (place integer, verdict text)
LANGUAGE plpgsql AS $$
DECLARE
    is_single constant boolean := jsonb_array_length(p_sends) = 1;
BEGIN
    IF p_sends = '[]' THEN
        RETURN;
    END IF;
    BEGIN
        PERFORM attempts_write(p_sends, p_lease_ms);
        RETURN QUERY SELECT generate_series(0, jsonb_array_length(p_sends) - 1), 'send';
        RETURN;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR plpgsql_error THEN
        IF is_single THEN
            PERFORM message_fail(current_setting('kith.district')::uuid, (p_sends #>> '{0,message_id}')::uuid,
                                 current_setting('kith.now')::timestamptz);
        END IF;
    END;
    RETURN QUERY
    SELECT n, CASE WHEN is_single THEN 'failed'
                   ELSE (SELECT b.verdict FROM attempts_begin(jsonb_build_array(p_sends -> n), p_lease_ms) b) END
    FROM generate_series(0, jsonb_array_length(p_sends) - 1) n;
END
$$;

-- The links of what mails carry: each opens its own thing, whatever becomes of the others.
CREATE OR REPLACE FUNCTION message_thing_links(p_links jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO link (district_id, id, token_hash, purpose, subject_id, contact_id, user_id, message_id, expires_at)
    SELECT m.district_id, l.id, l.hash, t.purpose, t.subject_id, m.contact_id, m.user_id, m.id,
           local_instant(t.until_day + 1, 0, zone_of_site(NULL))
    FROM jsonb_to_recordset(p_links) AS l (message_id uuid, id uuid, hash text)
    JOIN message m ON m.district_id = current_setting('kith.district')::uuid AND m.id = l.message_id
    CROSS JOIN LATERAL message_task_link(m, district_today()) t
    WHERE t.purpose IS NOT NULL;
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
      AND claimed_until IS NOT NULL;
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
    IF m.attempt_count <> p_number OR m.claimed_until IS NULL AND m.status <> 'unknown' THEN
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

-- Ends attempts, each like message_end(); those that were sent at once. NULL: another one has begun. Rows are looked up by
-- keys that do not come from a join, so that there is no plan that reads all others of the district, even one that was made
-- when there were none.
CREATE OR REPLACE FUNCTION messages_end(p_district uuid, p_now timestamptz, p_ends jsonb)
RETURNS TABLE (message_id uuid, status text)
LANGUAGE plpgsql AS $$
DECLARE
    ids constant uuid[] := ARRAY(SELECT (e ->> 'id')::uuid FROM jsonb_array_elements(p_ends) e);
BEGIN
    PERFORM mailer_begin(), kith_context(p_district, '', '', p_now::text, '');
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT e.* FROM jsonb_to_recordset(p_ends) AS e (id uuid, number bigint, outcome text, code text, detail text)
        WHERE e.outcome = 'sent'),
    ended AS (
        UPDATE message_attempt a SET outcome = 'sent', ended_at = p_now, code = t.code, detail = t.detail
        FROM told t
        WHERE a.district_id = p_district AND a.message_id = ANY (ids) AND a.message_id = t.id AND a.number = t.number),
    sent AS (
        UPDATE message o SET status = 'sent', claimed_until = NULL, sent_at = p_now
        FROM told t
        WHERE o.district_id = p_district AND o.id = ANY (ids) AND o.id = t.id AND o.attempt_count = t.number
          AND (o.claimed_until IS NOT NULL OR o.status = 'unknown')
        RETURNING o.id, o.status)
    SELECT t.id, s.status FROM told t LEFT JOIN sent s ON s.id = t.id;
    RETURN QUERY
    SELECT e.id, message_end(p_district, e.id, e.number, p_now, e.outcome, e.is_bad_address, e.code, e.detail, e.wait_s)
    FROM jsonb_to_recordset(p_ends) AS e (
        id uuid, number bigint, outcome text, is_bad_address boolean, code text, detail text, wait_s bigint)
    WHERE e.outcome <> 'sent';
END
$$;

-- Gives back what was claimed and not begun: nothing of the attempt stays, but the links that nobody has been told. The
-- owner's, as attempts are never taken out otherwise.
CREATE OR REPLACE FUNCTION messages_give_back(p_district uuid, p_now timestamptz, p_attempts uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM mailer_begin(), kith_context(p_district, '', '', p_now::text, '');
    WITH gone AS (
        DELETE FROM message_attempt a
        WHERE a.district_id = p_district AND a.id = ANY (p_attempts) AND a.outcome IS NULL
        RETURNING a.message_id, a.number)
    UPDATE message o
    SET status = CASE WHEN o.attempt_count > 1 THEN 'retry' ELSE 'queued' END, claimed_until = NULL,
        attempt_count = o.attempt_count - 1
    FROM gone g
    WHERE o.district_id = p_district AND o.id = g.message_id AND o.attempt_count = g.number AND o.claimed_until IS NOT NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION message_task_purpose, message_task_link, message_has_stop, account_mails, message_is_account, message_account_link, message_beginning, attempts_write,
    attempts_begin, message_thing_links, message_extend, message_end, messages_end, messages_give_back FROM PUBLIC;
GRANT EXECUTE ON FUNCTION message_task_purpose, message_task_link, message_has_stop, account_mails, message_is_account, message_account_link, message_beginning, attempts_write,
    attempts_begin, message_thing_links, message_extend, message_end, messages_end, messages_give_back TO kith_mailer;

RESET ROLE;
