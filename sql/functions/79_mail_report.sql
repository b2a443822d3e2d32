-- What is done when another mail system reports of a mail that it had taken. By a command with the attempt's id, which
-- stood in the sender's address and which nobody guesses; or through the API by a provider's webhook.

SET ROLE kith_owner;

-- The address gets nothing more, and whoever was to be told is called. p_code: what the mail system said.
CREATE OR REPLACE FUNCTION message_bounced(m message, p_code text, p_reason text DEFAULT 'bounced') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO address_suppression (district_id, id, address, reason, detail)
    VALUES (m.district_id, uuid7(), m.to_address, p_reason, p_code)
    ON CONFLICT (district_id, address) WHERE archived_at IS NULL DO NOTHING;
    UPDATE survey_invitation i SET status = 'bounced'
    WHERE i.district_id = m.district_id AND i.id = m.subject_id AND i.status IN ('invited', 'partial');
END
$$;

-- Whether an address has had enough: of so many of its mails in a month a mailbox was full, or a server away.
CREATE OR REPLACE FUNCTION address_is_worn(p_address text, p_now timestamptz) RETURNS boolean
LANGUAGE sql STABLE
RETURN (SELECT count(DISTINCT r.message_id) >= 3
        FROM message m
        JOIN mail_report r ON r.district_id = m.district_id AND r.message_id = m.id AND r.kind = 'soft'
            AND r.created_at > p_now - interval '30 days'
        WHERE m.district_id = current_setting('kith.district')::uuid AND m.to_address = p_address
          AND m.created_at > p_now - interval '120 days');

-- hard: there is no such mailbox; soft: not this time; policy: they want none of ours, which is a matter of the
-- operator's; complaint: whoever got it wants no more, and what must be told is told by somebody.
CREATE OR REPLACE FUNCTION mail_report_effect() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    m message;
    is_bounce boolean := NEW.kind = 'hard';
BEGIN
    SELECT o.* INTO STRICT m FROM message o
    WHERE o.district_id = NEW.district_id AND o.id = NEW.message_id FOR UPDATE;
    IF NEW.kind = 'complaint' THEN
        IF m.inquiry_id IS NULL THEN
            INSERT INTO preference (district_id, id, contact_id, user_id, topic, opted_out, source)
            VALUES (m.district_id, uuid7(), m.contact_id, m.user_id, 'all', true, 'complaint')
            ON CONFLICT (district_id, coalesce(contact_id, user_id), topic, channel) WHERE archived_at IS NULL
            DO UPDATE SET opted_out = true, source = 'complaint';
        ELSE
            PERFORM message_bounced(m, NEW.status, 'complaint');
        END IF;
        RETURN NULL;
    END IF;
    is_bounce := is_bounce OR NEW.kind = 'soft' AND address_is_worn(m.to_address, NEW.created_at);
    IF is_bounce THEN
        PERFORM message_bounced(m, NEW.status);
    END IF;
    IF m.status IN ('sent', 'unknown') THEN
        UPDATE message o SET status = 'failed' WHERE o.district_id = m.district_id AND o.id = m.id;
        PERFORM message_task(m, CASE WHEN is_bounce THEN 'bounced' ELSE 'failed' END);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mail_report_effect AFTER INSERT ON mail_report
    FOR EACH ROW EXECUTE FUNCTION mail_report_effect();

-- One that came by mail: taken, known, or unknown (there is no such attempt).
CREATE OR REPLACE FUNCTION mail_report_take(p_attempt uuid, p_kind text, p_status text, p_now timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    a record;
BEGIN
    SELECT t.district_id, t.message_id INTO a FROM message_attempt t WHERE t.id = p_attempt;
    IF a.message_id IS NULL THEN
        RETURN 'unknown';
    END IF;
    PERFORM kith_context(a.district_id, '', 'admin', p_now::text, '');
    INSERT INTO mail_report (district_id, id, message_id, kind, status)
    VALUES (a.district_id, uuid7(), a.message_id, p_kind, p_status)
    ON CONFLICT ON CONSTRAINT mail_report_kind_key DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'taken' ELSE 'known' END;
END
$$;

REVOKE EXECUTE ON FUNCTION message_bounced, address_is_worn, mail_report_effect, mail_report_take FROM PUBLIC;
GRANT EXECUTE ON FUNCTION message_bounced TO kith_api, kith_mailer;
GRANT EXECUTE ON FUNCTION address_is_worn TO kith_api;

RESET ROLE;
