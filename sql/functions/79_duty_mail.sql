-- One mail a person a day: what reminds of duties, and would go to somebody on the same day, goes as one message of kind
-- duties, which carries the others. Each of those stays a row of its own, with its reason, and follows what becomes of
-- the mail that carries it.

SET ROLE kith_owner;

-- What is gathered. A new date is none of it: it goes at once, as what people have in their calendars is wrong.
CREATE OR REPLACE FUNCTION message_gathers(p_kind text, p_variables jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN p_kind IN ('check_in_reminder', 'check_in_escalation', 'agreement_notice', 'credential_notice', 'records_request_due',
                  'digest', 'agreement_acknowledgment', 'partnership_acknowledgment', 'investment_confirmation',
                  'credential_request', 'record_check')
    AND NOT p_variables ? 'is_moved';

-- What stops one by itself, whoever carries it.
CREATE OR REPLACE FUNCTION duty_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN message_obstacle(m, (mail_recipient(m.contact_id, m.user_id, m.partnership_id, m.topic)).situations);
END
$$;

-- Whether one may go in a mail before that instant. One that cannot be read is not taken along: it fails by itself.
DROP FUNCTION IF EXISTS duty_goes_before(message, bigint, timestamptz);
CREATE FUNCTION duty_goes_before(m message, p_left bigint, p_until timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN message_gathers(m.kind, m.variables) AND duty_obstacle(m) IS NULL
        AND coalesce(message_wait(m, p_left) < p_until, true)
        AND (message_letter(m)).kind IS NOT NULL;
EXCEPTION WHEN data_exception THEN
    RETURN false;
END
$$;

CREATE OR REPLACE FUNCTION duty_mail_occurrence(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN district_today() || CASE WHEN message_is_timed(m) THEN '' ELSE ' at once' END;
END
$$;

-- Whether somebody has had the mail of that day: what is gathered and goes by time, gathered or alone.
CREATE OR REPLACE FUNCTION duty_mail_went(m message, p_day date) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    RETURN EXISTS (
        SELECT FROM message o
        WHERE o.district_id = m.district_id AND (o.contact_id = m.contact_id OR o.user_id = m.user_id)
          AND o.created_at > business_now - interval '90 days' AND o.id <> m.id AND o.carried_by IS NULL
          AND (o.kind = 'duties' OR message_gathers(o.kind, o.variables)) AND message_is_timed(o)
          AND (o.claimed_until IS NOT NULL OR o.sent_at >= local_instant(p_day, 0, zone_of_site(NULL))));
END
$$;

-- The districts of which kith-checkin has still to decide what goes now: their turn has come, and is not over. Nobody waits
-- for it longer than it would look again.
DROP FUNCTION IF EXISTS duties_are_being_decided();
CREATE OR REPLACE FUNCTION districts_being_decided(p_now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT s.district_id FROM schedule s
        WHERE s.task = 'check_ins' AND s.next_at > p_now - interval '15 minutes' AND s.next_at <= p_now);
END
$$;

-- The mail of today that waits already to carry what goes to its person; NULL: there is none, or it has gone. What
-- somebody sends goes at once, and waits for no morning.
CREATE OR REPLACE FUNCTION duty_mail_waits(m message) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT o.id FROM message o
            WHERE o.district_id = m.district_id AND o.kind = 'duties' AND o.subject_id = coalesce(m.contact_id, m.user_id)
              AND o.recipient_key = m.recipient_key AND o.occurrence = duty_mail_occurrence(m) AND o.status = 'queued'
              AND o.attempt_count = 0);
END
$$;

-- The same, or a new one, decided like each by its natural key.
CREATE OR REPLACE FUNCTION duty_mail(m message, p_address text, p_locale text, p_not_after timestamptz) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    made uuid := duty_mail_waits(m);
BEGIN
    IF made IS NOT NULL THEN
        UPDATE message o SET not_after = greatest(o.not_after, p_not_after) WHERE o.district_id = m.district_id AND o.id = made;
        RETURN made;
    END IF;
    INSERT INTO message (district_id, id, class, topic, kind, subject_id, recipient_key, occurrence, contact_id, user_id,
                         to_address, locale, variables, status, not_before, not_after)
    VALUES (m.district_id, uuid7(), 'duty', m.topic, 'duties', coalesce(m.contact_id, m.user_id), m.recipient_key,
            duty_mail_occurrence(m), m.contact_id, m.user_id, p_address, p_locale,
            jsonb_build_object('is_timed', message_is_timed(m)), 'queued', current_setting('kith.now')::timestamptz, p_not_after)
    ON CONFLICT ON CONSTRAINT message_occurrence_key DO NOTHING
    RETURNING id INTO made;
    RETURN made;
END
$$;

-- Gathers what goes to somebody today beside m, which goes now, and whose person is locked (messages_next). False: it goes
-- alone. Whoever gathers waits for those who have taken one of them, and they for nobody.
DROP FUNCTION IF EXISTS duties_gather(message, text, text, bigint);
CREATE FUNCTION duties_gather(m message, p_address text, p_locale text, p_left bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    most constant integer := 50;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    before timestamptz;
    mine uuid[];
    last_useful timestamptz;
    carrier uuid;
BEGIN
    IF NOT message_gathers(m.kind, m.variables) THEN
        RETURN false;
    END IF;
    PERFORM FROM message o
    WHERE o.district_id = m.district_id AND (o.contact_id = m.contact_id OR o.user_id = m.user_id)
      AND o.status = 'queued' AND o.claimed_until IS NULL AND o.id <> m.id ORDER BY o.id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    before := CASE WHEN message_is_timed(m) THEN local_instant(district_today() + 1, 0, zone_of_site(NULL))
                   ELSE business_now + interval '1 microsecond' END;
    SELECT array_agg(f.id ORDER BY f.id), max(f.not_after) INTO mine, last_useful
    FROM (SELECT o.id, o.not_after FROM message o
          WHERE o.district_id = m.district_id AND (o.contact_id = m.contact_id OR o.user_id = m.user_id)
            AND o.status = 'queued' AND o.carried_by IS NULL AND o.attempt_count = 0 AND o.not_before < before
            AND o.id <> m.id AND duty_goes_before(o, p_left, before)
            AND (message_is_timed(m) OR NOT duty_is_timed(o) OR o.district_id <> ALL (districts_being_decided(business_now)))
          ORDER BY o.not_before, o.id LIMIT most - 1) AS f;
    IF mine IS NOT NULL OR duty_mail_waits(m) IS NOT NULL THEN
        carrier := duty_mail(m, p_address, p_locale, greatest(m.not_after, last_useful));
    END IF;
    IF carrier IS NULL THEN
        RETURN false;
    END IF;
    UPDATE message o SET carried_by = carrier
    WHERE o.district_id = m.district_id AND o.id = ANY (m.id || coalesce(mine, '{}'));
    RETURN true;
END
$$;

-- What a mail carries is looked at once more before each attempt: what need not go any more is left out, each for its
-- own reason.
CREATE OR REPLACE FUNCTION duties_sift(m message) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    carried message;
    why text;
BEGIN
    FOR carried IN
        SELECT o.* FROM message o
        WHERE o.district_id = m.district_id AND o.carried_by = m.id AND o.status <> 'suppressed'
        ORDER BY o.id FOR UPDATE
    LOOP
        why := duty_obstacle(carried);
        IF why IS NOT NULL THEN
            UPDATE message o SET status = 'suppressed', reason = why
            WHERE o.district_id = m.district_id AND o.id = carried.id;
            PERFORM message_task(carried, why);
        END IF;
    END LOOP;
END
$$;

-- What a mail still carries, in the order in which it tells of it: what is due first. Of several reminders of one
-- thing, the last.
CREATE OR REPLACE FUNCTION duties_carried(m message) RETURNS SETOF message
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o FROM message o
    WHERE o.district_id = m.district_id AND o.carried_by = m.id AND o.status <> 'suppressed'
      AND NOT EXISTS (
        SELECT FROM message n
        WHERE n.district_id = m.district_id AND n.carried_by = m.id AND n.status <> 'suppressed' AND n.kind = o.kind
          AND n.subject_id = o.subject_id AND (n.not_before, n.id) > (o.not_before, o.id))
    ORDER BY o.kind = 'digest', coalesce(o.variables ->> 'due_on', o.variables ->> 'on'), o.not_before, o.id;
END;

-- Why a mail need not go: nothing that it carries goes.
CREATE OR REPLACE FUNCTION duties_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN bool_and(o.status = 'suppressed') THEN min(o.reason) END
            FROM message o WHERE o.district_id = m.district_id AND o.carried_by = m.id);
END
$$;

-- What becomes of a mail becomes of all that it carries: of all the mails of a statement in one of its own.
CREATE OR REPLACE FUNCTION duties_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n WHERE n.kind = 'duties') THEN
        UPDATE message o
        SET status = n.status, reason = n.reason, sent_at = n.sent_at, to_address = n.to_address, locale = n.locale,
            claimed_until = n.claimed_until
        FROM new_rows n
        JOIN old_rows w ON w.district_id = n.district_id AND w.id = n.id
        WHERE n.kind = 'duties' AND (n.status <> w.status OR n.claimed_until IS DISTINCT FROM w.claimed_until)
          AND o.district_id = n.district_id AND o.carried_by = n.id AND o.status <> 'suppressed';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER duties_follow AFTER UPDATE ON message
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION duties_follow();

REVOKE EXECUTE ON FUNCTION message_gathers, duty_obstacle, duty_goes_before, duty_mail_occurrence, duty_mail_went,
    districts_being_decided, duty_mail_waits, duty_mail, duties_gather, duties_sift, duties_carried, duties_obstacle, duties_follow FROM PUBLIC;
GRANT EXECUTE ON FUNCTION message_gathers TO kith_api, kith_mailer;
GRANT EXECUTE ON FUNCTION duties_carried, duties_obstacle, duty_obstacle, duty_goes_before, duty_mail_occurrence, duty_mail_went, districts_being_decided,
    duty_mail_waits, duty_mail, duties_gather, duties_sift TO kith_mailer;

RESET ROLE;
