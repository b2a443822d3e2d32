-- Mails to whoever wrote to the district: that it has arrived, and what is answered. They go to the address of the
-- inquiry, as its sender is no contact and has no preferences to be asked for. They are duties: they wait while the
-- district's mail is on hold, and an answer that cannot go is somebody's call.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION inquiry_recipient(p_inquiry uuid, OUT address text, OUT locale text, OUT situations text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.email, coalesce(i.locale, d.locale), array_remove(ARRAY[
        CASE WHEN i.email IS NULL THEN 'no_email' END,
        CASE WHEN EXISTS (SELECT FROM address_suppression s
                          WHERE s.district_id = i.district_id AND s.address = i.email AND s.archived_at IS NULL)
             THEN 'bounced' END], NULL)
    FROM inquiry i
    JOIN district d ON d.id = i.district_id
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_inquiry;
END;

-- An answer that no mail brings is for whoever gave it to tell; a receipt is for nobody.
CREATE OR REPLACE FUNCTION inquiry_task(m message, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    scope text := current_setting('kith.scope', true);
BEGIN
    IF m.kind = 'inquiry_answer' AND (p_reason = 'failed' OR EXISTS (
        SELECT FROM mail_rules() r WHERE r.class = m.class AND r.reason = p_reason AND r.task IS NOT NULL)) THEN
        PERFORM set_config('kith.scope', '*', true);
        INSERT INTO call_task (district_id, id, kind, reason, subject_id, recipient_key, message_id, owner_id, note)
        SELECT m.district_id, uuid7(), 'call', p_reason, m.subject_id, m.recipient_key, m.id, i.owner_id,
               left(concat_ws(', ', i.name, i.organization, i.phone), 2000)
        FROM inquiry i WHERE i.district_id = m.district_id AND i.id = m.inquiry_id
        ON CONFLICT ON CONSTRAINT call_task_recipient_key_key DO NOTHING;
        PERFORM set_config('kith.scope', coalesce(scope, ''), true);
    END IF;
END
$$;

-- Decides one; its id. Anybody can give anybody's address: of receipts an address gets one a day.
CREATE OR REPLACE FUNCTION inquiry_mail(p_kind text, p_inquiry uuid, p_occurrence text) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    made uuid := uuid7();
    recipient record := inquiry_recipient(p_inquiry);
    why text := recipient.situations[1];
    decided message;
BEGIN
    IF why IS NULL AND p_kind = 'inquiry_receipt' THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('receipt ' || district || recipient.address, 0));
        IF EXISTS (SELECT FROM message m
                   WHERE m.district_id = district AND m.inquiry_id IS NOT NULL AND m.kind = p_kind
                     AND m.to_address = recipient.address AND m.status <> 'suppressed'
                     AND m.created_at > business_now - interval '1 day') THEN
            why := 'rate_limited';
        END IF;
    END IF;
    INSERT INTO message (district_id, id, class, topic, kind, subject_id, recipient_key, occurrence, inquiry_id,
                         to_address, locale, status, reason, not_before, not_after)
    VALUES (district, made, 'duty', 'inquiries', p_kind, p_inquiry, 'inquiry:' || p_inquiry, p_occurrence, p_inquiry,
            recipient.address, recipient.locale, CASE WHEN why IS NULL THEN 'queued' ELSE 'suppressed' END, why,
            business_now, business_now + interval '14 days')
    ON CONFLICT ON CONSTRAINT message_occurrence_key DO NOTHING
    RETURNING * INTO decided;
    IF FOUND THEN
        PERFORM inquiry_task(decided, why);
    END IF;
    RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION inquiry_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'organization', i.organization,
            'need', (SELECT n.title FROM need n WHERE n.district_id = i.district_id AND n.id = i.need_id),
            'answer_by', mail_date(i.answer_by),
            'answer', text_paragraphs(CASE m.kind WHEN 'inquiry_answer' THEN i.answer END),
            'said', text_paragraphs(CASE WHEN char_length(i.message) > 2000
                                         THEN left(i.message, 1999) || '…' ELSE i.message END),
            'owner', (SELECT u.name FROM app_user u WHERE u.district_id = i.district_id AND u.id = i.owner_id))
        FROM inquiry i WHERE i.district_id = m.district_id AND i.id = m.subject_id);
END
$$;

-- Found to be spam, or answered by now.
CREATE OR REPLACE FUNCTION inquiry_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN i.status = 'spam' OR i.archived_at IS NOT NULL THEN 'cancelled'
                    WHEN m.kind = 'inquiry_receipt' AND i.answered_at IS NOT NULL THEN 'already_done' END
        FROM inquiry i WHERE i.district_id = m.district_id AND i.id = m.subject_id);
END
$$;

REVOKE EXECUTE ON FUNCTION inquiry_recipient, inquiry_task, inquiry_mail, inquiry_about, inquiry_obstacle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION inquiry_recipient, inquiry_task, inquiry_about, inquiry_obstacle TO kith_mailer;
GRANT EXECUTE ON FUNCTION inquiry_recipient, inquiry_task, inquiry_mail TO kith_api;

RESET ROLE;
