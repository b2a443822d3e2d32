-- Claiming: what a mail waits for, and what ends it before it went.

SET ROLE kith_owner;

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

-- Mails of the district that went today.
DROP FUNCTION IF EXISTS messages_sent_today(date, text);
CREATE OR REPLACE FUNCTION messages_sent_today() RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    midnight timestamptz := local_instant(district_today(), 0, zone_of_site(NULL));
BEGIN
    RETURN (SELECT count(*) FROM message m
            WHERE m.district_id = current_setting('kith.district')::uuid AND m.carried_by IS NULL AND m.sent_at >= midnight);
END
$$;

-- Whether time decides it, and not somebody who acts now: it leaves in mail hours, on a day of mail.
CREATE OR REPLACE FUNCTION message_is_timed(m message) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN m.kind IN ('check_in_reminder', 'check_in_escalation', 'check_in_cancelled', 'survey_invitation', 'survey_reminder',
                  'digest', 'ask', 'agreement_notice', 'credential_notice', 'records_request_due', 'bulletin', 'remedy',
                  'report')
    OR m.kind = 'convening_invitation' AND m.variables ->> 'when' = 'reminder'
    OR m.variables ? 'snoozed_on'
    OR m.kind = 'duties' AND (m.variables ->> 'is_timed')::boolean;

-- Whether it is one of those that become one mail of their day.
CREATE OR REPLACE FUNCTION duty_is_timed(m message) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN message_is_timed(m) AND (m.kind = 'duties' OR message_gathers(m.kind, m.variables));

-- When a message goes that does not go before that day: at the mail hour of the first day of mail, a school day for
-- check-ins and the district's own people, a business day for others; NULL: there is none for long.
CREATE OR REPLACE FUNCTION message_goes_at(m message, p_from date, p_site uuid) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    until_day date := p_from + 60;
BEGIN
    RETURN (
        SELECT local_instant(CASE WHEN m.user_id IS NOT NULL OR m.topic = 'check_ins'
                                  THEN first_mail_day(p_from, until_day, p_site)
                                  ELSE first_business_day(p_from, until_day) END, d.mail_hour, zone_of_site(p_site))
        FROM district d WHERE d.id = m.district_id);
END
$$;

-- A person's own word to another, which leaves in mail hours, too.
CREATE OR REPLACE FUNCTION message_is_word(m message) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN m.kind IN ('thank_you', 'tax_document', 'introduction_letter');

-- Whether a day was closed after that instant, when somebody may have taken it for a school day: at seven, for snow.
CREATE OR REPLACE FUNCTION is_closed_since(p_day date, p_site uuid, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM closed_day c
        WHERE c.district_id = current_setting('kith.district')::uuid AND (c.site_id IS NULL OR c.site_id = p_site)
          AND c.starts_on <= p_day AND coalesce(c.ends_on, c.starts_on) >= p_day AND NOT c.is_open
          AND c.archived_at IS NULL AND c.updated_at > p_at) AND NOT is_school_day(p_day, p_site);
END
$$;

-- Until when a duty waits beyond that, or NULL: until the next day of mail, as its person has had today's, unless it would
-- be worth nothing by then.
DROP FUNCTION IF EXISTS duty_wait(message, date, uuid, timestamptz);
CREATE OR REPLACE FUNCTION duty_wait(m message, p_today date, p_site uuid) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    later timestamptz;
BEGIN
    IF m.kind <> 'duties' AND duty_is_timed(m) AND duty_mail_went(m, p_today) THEN
        later := message_goes_at(m, p_today + 1, p_site);
    END IF;
    RETURN CASE WHEN later < m.not_after THEN later END;
END
$$;

-- Until when a message that may go has to wait, or NULL: as its district may send no more today (p_left); or as it
-- is late, and today is no day on which such a mail goes, or not any more. Where none comes in time it waits until it
-- is stale. Whoever decided it for a day has looked at that day, but for a blackout or a closed day of which nobody knew.
-- Accounts do not wait.
DROP FUNCTION IF EXISTS message_wait(message, bigint);
CREATE FUNCTION message_wait(m message, p_left bigint) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    site uuid;
    today date;
    d record;
    from_day date;
    later timestamptz;
BEGIN
    IF m.class = 'account' OR p_left > 0 AND NOT message_is_timed(m) AND NOT message_is_word(m) THEN
        RETURN NULL;
    END IF;
    IF m.topic = 'check_ins' THEN
        site := (SELECT p.lead_site_id FROM partnership p WHERE p.district_id = m.district_id AND p.id = m.partnership_id);
    END IF;
    SELECT o.mail_hour, o.mail_until_hour, coalesce(s.zone, o.zone) AS zone INTO STRICT d
    FROM district o LEFT JOIN site s ON s.district_id = o.id AND s.id = site
    WHERE o.id = m.district_id;
    today := (business_now AT TIME ZONE d.zone)::date;
    from_day := CASE
        WHEN p_left <= 0 THEN today + 1
        WHEN business_now >= local_instant(today, greatest(d.mail_until_hour, d.mail_hour + 1), d.zone) THEN today + 1
        WHEN (m.not_before AT TIME ZONE d.zone)::date < today
            OR m.attempt_count > 0 AND (m.created_at AT TIME ZONE d.zone)::date < today
            OR business_now < local_instant(today, d.mail_hour, d.zone) OR is_blackout(today, site)
            OR is_closed_since(today, site, m.created_at) THEN today END;
    IF from_day IS NOT NULL THEN
        later := message_goes_at(m, from_day, site);
        IF coalesce(later > business_now, true) THEN
            RETURN least(later, m.not_after);
        END IF;
    END IF;
    RETURN duty_wait(m, today, site);
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
    WHERE o.district_id = p_district AND o.id = p_message AND o.status IN ('queued', 'retry')
    RETURNING o.* INTO m;
    IF FOUND THEN
        PERFORM message_task(m, 'failed');
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION message_give_up, messages_sent_today, message_is_timed, duty_is_timed, message_goes_at,
    message_is_word, is_closed_since, duty_wait, message_wait,
    message_fail FROM PUBLIC;
GRANT EXECUTE ON FUNCTION message_give_up, messages_sent_today, message_is_timed, duty_is_timed, message_goes_at,
    message_is_word, is_closed_since, duty_wait, message_wait,
    message_fail TO kith_mailer;

RESET ROLE;
