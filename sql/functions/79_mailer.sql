-- What kith-mailer does to messages: claims one that is due (79_mailer_claim.sql), finds out once more whether it may
-- go (here), begins an attempt with its links and writes what became of it (79_mailer_attempt.sql). A claim is a lease
-- of the real clock; an attempt has a number, and whoever ends one writes only while it is the last.

SET ROLE kith_owner;

-- What stops a mail now, by what it is about; NULL: nothing. Of the kinds that are many a statement asks for all of a batch
-- (messages_looked), and the function takes part in it.
CREATE OR REPLACE FUNCTION check_in_stop(m message) RETURNS TABLE (reason text)
LANGUAGE sql STABLE ROWS 1
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
              AND h.side = m.variables ->> 'side' AND h.status = 'submitted') THEN 'already_done'
        WHEN check_in_is_passed_on(c.id, m.contact_id) THEN 'passed_on' END
    FROM check_in c
    JOIN partnership p ON p.district_id = m.district_id AND p.id = c.partnership_id
    WHERE c.district_id = m.district_id AND c.id = m.subject_id;
END;

CREATE OR REPLACE FUNCTION agreement_stop(m message) RETURNS TABLE (reason text)
LANGUAGE sql STABLE ROWS 1
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
LANGUAGE plpgsql STABLE AS $$
BEGIN
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
END
$$;

-- The text is another one than was signed, or the partner has said all that was asked.
CREATE OR REPLACE FUNCTION agreement_copy_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN s.attachment_id IS DISTINCT FROM a.attachment_id
                         OR s.attachment_id IS NULL
                            AND encode(sha256(convert_to(a.text, 'UTF8')), 'hex') IS DISTINCT FROM s.document_sha256
                    THEN 'cancelled' END
        FROM agreement_signature s
        JOIN agreement a ON a.district_id = s.district_id AND a.id = s.agreement_id
        WHERE s.district_id = m.district_id AND s.id = m.subject_id);
END
$$;

CREATE OR REPLACE FUNCTION investment_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN NOT EXISTS (SELECT FROM investments_unanswered(m.subject_id)) THEN 'already_done' END;
END
$$;

-- One that was renewed, or need not be any more.
CREATE OR REPLACE FUNCTION credential_notice_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN c.archived_at IS NOT NULL OR c.status = 'rejected'
                        OR c.expires_on IS DISTINCT FROM (m.variables ->> 'on')::date THEN 'cancelled'
                    WHEN credential_is_followed(c) THEN 'already_done' END
        FROM credential c WHERE c.district_id = m.district_id AND c.id = m.subject_id);
END
$$;

-- Whether none of the papers that were asked for has come since.
CREATE OR REPLACE FUNCTION credential_request_waits(m message) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM jsonb_to_recordset(m.variables -> 'kinds') AS k (code text)
        WHERE NOT EXISTS (
            SELECT FROM credential c
            WHERE c.district_id = m.district_id AND c.partner_id = m.subject_id AND c.kind = k.code AND c.status <> 'rejected'
              AND c.archived_at IS NULL AND c.created_at > m.created_at));
END
$$;

-- An invitation that was accepted or taken back, or went out once more since.
CREATE OR REPLACE FUNCTION user_invitation_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN i.status = 'accepted' THEN 'already_done'
                    WHEN i.status <> 'pending' OR i.mails::text <> m.occurrence THEN 'cancelled' END
        FROM user_invitation i WHERE i.district_id = m.district_id AND i.id = m.subject_id);
END
$$;

-- Answered, or no question any more.
CREATE OR REPLACE FUNCTION story_consent_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN s.answered_at >= m.created_at THEN 'already_done'
                    WHEN s.archived_at IS NOT NULL OR t.archived_at IS NOT NULL OR t.status NOT IN ('draft', 'review') THEN 'cancelled' END
        FROM story_subject s
        JOIN story t ON t.district_id = s.district_id AND t.id = s.story_id
        WHERE s.district_id = m.district_id AND s.id = m.subject_id);
END
$$;

-- What stops it by what it is about. A statement for each, which keeps its plan: one expression of all of them would be
-- planned whole for each message.
CREATE OR REPLACE FUNCTION message_subject_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE
    WHEN m.kind = 'thank_you' THEN
        RETURN thank_you_obstacle(m);
    WHEN m.kind = 'tax_document' THEN
        RETURN tax_document_obstacle(m);
    WHEN m.kind = 'bulletin' THEN
        RETURN bulletin_obstacle(m);
    WHEN m.kind = 'report' THEN
        RETURN report_obstacle(m);
    WHEN m.kind = 'partner_year' THEN
        RETURN partner_year_obstacle(m);
    WHEN m.kind IN ('check_in_reminder', 'check_in_escalation', 'check_in_cancelled') THEN
        RETURN (SELECT o.reason FROM check_in_stop(m) o);
    WHEN m.kind IN ('survey_invitation', 'survey_reminder') THEN
        RETURN (SELECT o.reason FROM survey_stop(m) o);
    WHEN m.kind = 'agreement_acknowledgment' THEN
        RETURN (SELECT o.reason FROM agreement_stop(m) o);
    WHEN m.kind = 'agreement_notice' THEN
        RETURN agreement_notice_obstacle(m);
    WHEN m.kind = 'agreement_copy' THEN
        RETURN agreement_copy_obstacle(m);
    WHEN m.kind = 'investment_confirmation' THEN
        RETURN investment_obstacle(m);
    WHEN m.kind = 'partnership_acknowledgment' THEN
        RETURN CASE WHEN NOT EXISTS (SELECT FROM partnership_unacknowledged(m.subject_id)) THEN 'already_done' END;
    WHEN m.kind IN ('training_invitation', 'training_seat') THEN
        RETURN training_obstacle(m);
    WHEN m.kind = 'story_consent' THEN
        RETURN story_consent_obstacle(m);
    WHEN m.kind = 'ask' THEN
        RETURN ask_obstacle(m);
    WHEN m.kind IN ('inquiry_receipt', 'inquiry_answer') THEN
        RETURN inquiry_obstacle(m);
    WHEN m.kind = 'credential_notice' THEN
        RETURN credential_notice_obstacle(m);
    WHEN m.kind = 'credential_request' THEN
        RETURN CASE WHEN m.variables ? 'kinds' AND NOT credential_request_waits(m) THEN 'already_done' END;
    WHEN m.kind = 'user_invitation' THEN
        RETURN user_invitation_obstacle(m);
    WHEN m.kind IN ('convening_invitation', 'convening_cancelled') THEN
        RETURN convening_obstacle(m);
    WHEN m.kind = 'duties' THEN
        RETURN duties_obstacle(m);
    ELSE
        RETURN NULL;
    END CASE;
END
$$;

-- Why the message need not go any more, or must not: a reason of message_reason_check, or NULL. The
-- reasons count in the order of message_queue(): the subject's, the recipient's, the time.
CREATE OR REPLACE FUNCTION message_stop(m message, p_subject text, p_situations text[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(
        p_subject,
        CASE WHEN cardinality(p_situations) > 0 THEN mail_stop(m.class, p_situations) END,
        CASE WHEN m.not_after <= current_setting('kith.now')::timestamptz THEN 'stale' END);
END
$$;

CREATE OR REPLACE FUNCTION message_obstacle(m message, p_situations text[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN message_stop(m, message_subject_obstacle(m), p_situations);
END
$$;

REVOKE EXECUTE ON FUNCTION check_in_stop, agreement_stop,
    agreement_notice_obstacle, agreement_copy_obstacle, investment_obstacle, credential_notice_obstacle,
    credential_request_waits, user_invitation_obstacle, story_consent_obstacle, message_subject_obstacle, message_stop, message_obstacle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_stop, agreement_stop, agreement_notice_obstacle,
    agreement_copy_obstacle, investment_obstacle, credential_notice_obstacle, user_invitation_obstacle,
    story_consent_obstacle, message_subject_obstacle, message_stop, message_obstacle TO kith_mailer;
GRANT EXECUTE ON FUNCTION credential_request_waits TO kith_mailer, kith_api;

RESET ROLE;
