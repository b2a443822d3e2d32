-- What people have in their calendars of a check-in follows it: a date that moved, an end before its
-- time, and what came back after that. And mails that have become needless do not go.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS check_in_notices_due(timestamptz); -- of an earlier version

-- Who has an invitation in the calendar that no longer holds, of what was due a fortnight ago at the
-- most: what it says, by the sequence of the last mail that went. is_over: it is taken back; otherwise
-- the side has not answered, and still has this lead. p_only: of these partnerships; NULL: of all.
CREATE OR REPLACE FUNCTION check_in_notices_due(p_now timestamptz, p_only uuid[])
RETURNS TABLE (check_in_id uuid, partnership_id uuid, due_on date, sequence bigint, site_id uuid,
               zone text, mail_hour integer, today date, recipient_key text, contact_id uuid,
               user_id uuid, side text, was_due_on date, is_over boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH changed AS MATERIALIZED (
        SELECT c.*, p.lead_site_id AS site_id, coalesce(s.zone, d.zone) AS zone, d.mail_hour,
               c.status IN ('cancelled', 'skipped') OR c.archived_at IS NOT NULL AS is_over
        FROM district d
        JOIN check_in c ON c.district_id = d.id AND c.sequence > 0
            AND c.status IN ('cancelled', 'skipped', 'scheduled', 'open')
            AND c.due_on >= (p_now AT TIME ZONE 'UTC')::date - 14 AND (p_only IS NULL OR c.partnership_id = ANY (p_only))
        JOIN partnership p ON p.district_id = d.id AND p.id = c.partnership_id
        LEFT JOIN site s ON s.district_id = d.id AND s.id = p.lead_site_id
        WHERE d.id = current_setting('kith.district')::uuid
    ), told AS MATERIALIZED (
        SELECT DISTINCT ON (c.id, m.recipient_key)
               c.*, m.recipient_key, m.contact_id, m.user_id, m.kind = 'check_in_cancelled' AS was_over,
               m.variables ->> 'side' AS side, (m.variables ->> 'due_on')::date AS was_due_on,
               coalesce((m.variables ->> 'sequence')::bigint, 0) AS was_sequence
        FROM changed c
        JOIN message m ON m.district_id = c.district_id AND m.subject_id = c.id
            AND m.kind IN ('check_in_reminder', 'check_in_cancelled')
            AND m.status IN ('sent', 'unknown')
        ORDER BY c.id, m.recipient_key, coalesce((m.variables ->> 'sequence')::bigint, 0) DESC,
                 m.sent_at DESC NULLS LAST, m.id DESC
    )
    SELECT t.id, t.partnership_id, t.due_on, t.sequence, t.site_id, t.zone, t.mail_hour, y.today,
           t.recipient_key, t.contact_id, t.user_id, t.side, t.was_due_on, t.is_over
    FROM told t
    CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE t.zone)::date AS today) y
    WHERE t.was_sequence < t.sequence
      AND CASE WHEN t.is_over THEN NOT t.was_over
               ELSE (t.was_over OR t.was_due_on <> t.due_on)
                    AND EXISTS (
                        SELECT FROM check_in_reminded(t.id, t.partnership_id, y.today) r
                        WHERE r.recipient_key = t.recipient_key)
                    AND NOT EXISTS (
                        SELECT FROM check_in_half h
                        WHERE h.district_id = t.district_id AND h.check_in_id = t.id
                          AND h.side = t.side AND h.status = 'submitted') END
      -- Nothing tells of this sequence already, or was decided to.
      AND NOT EXISTS (
        SELECT FROM message m
        WHERE m.district_id = t.district_id AND m.subject_id = t.id
          AND m.recipient_key = t.recipient_key
          AND (m.kind = CASE WHEN t.is_over THEN 'check_in_cancelled' ELSE 'check_in_reminder' END
               AND m.status <> 'suppressed' AND (m.variables ->> 'sequence')::bigint >= t.sequence
               OR m.occurrence = 'sequence ' || t.sequence))
    ORDER BY t.id, t.recipient_key;
END;

-- Decides the mails that bring calendars up to date: how many. At once, or at the mail hour when it is
-- earlier; on days on which no mail goes, at that of the next one.
CREATE OR REPLACE FUNCTION check_in_notices_decide(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    due record;
    day date;
    done integer := 0;
    picked uuid[] := turn_only(p_district, 'partnership');
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF picked = '{}' THEN
        RETURN 0;
    END IF;
    FOR due IN EXECUTE 'SELECT * FROM check_in_notices_due($1, $2)' USING p_now, picked LOOP
        day := first_mail_day(due.today, due.today + 14, due.site_id);
        PERFORM message_queue(
            'duty', 'check_ins',
            CASE WHEN due.is_over THEN 'check_in_cancelled' ELSE 'check_in_reminder' END,
            due.check_in_id, due.contact_id, due.user_id, 'sequence ' || due.sequence,
            check_in_variables(due.check_in_id)
                || jsonb_build_object('side', due.side, 'is_moved', NOT due.is_over,
                                      'was_due_on', due.was_due_on,
                                      'is_overdue', due.due_on < due.today),
            greatest(p_now, local_instant(coalesce(day, due.today), due.mail_hour, due.zone)),
            local_instant(greatest(due.due_on, day, due.today) + 1, 0, due.zone),
            due.partnership_id, CASE WHEN day IS NULL THEN 'blackout' END);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Withdraws what has not gone and need not any more: reminders of a side that has answered, and
-- cancellations of what is due again. How many.
CREATE OR REPLACE FUNCTION check_in_mails_withdraw(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    picked uuid[] := turn_only(p_district, 'partnership');
    done integer;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF picked = '{}' THEN
        RETURN 0;
    END IF;
    EXECUTE
        'SELECT messages_suppress($1, array_agg(n.id ORDER BY n.id), array_agg(n.why ORDER BY n.id))
         FROM (SELECT m.id, CASE m.kind WHEN ''check_in_cancelled'' THEN ''cancelled'' ELSE ''already_done'' END AS why
               FROM message m
               JOIN check_in c ON c.district_id = $1 AND c.id = m.subject_id AND ($2 IS NULL OR c.partnership_id = ANY ($2))
               WHERE m.district_id = $1 AND m.status IN (''queued'', ''retry'') AND m.claimed_until IS NULL
                 AND CASE
                     WHEN m.kind IN (''check_in_reminder'', ''check_in_escalation'') THEN EXISTS (
                         SELECT FROM check_in_half h
                         WHERE h.district_id = $1 AND h.check_in_id = c.id
                           AND h.side = m.variables ->> ''side'' AND h.status = ''submitted'')
                     WHEN m.kind = ''check_in_cancelled'' THEN
                         c.status IN (''scheduled'', ''open'') AND c.archived_at IS NULL
                     ELSE false END
               ORDER BY m.id FOR UPDATE OF m SKIP LOCKED) AS n'
        INTO done USING p_district, picked;
    RETURN done;
END
$$;

-- What becomes of a mail may make another one due, or needless, of which no row but its own tells: it was on its way while
-- its check-in moved or was answered. It leaves a mark (29_turn.sql).
CREATE OR REPLACE FUNCTION check_in_mail_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('kith.district', true), ''); -- a migration has none
BEGIN
    PERFORM set_config('kith.district', NEW.district_id::text, true);
    IF NEW.status IN ('queued', 'retry') OR EXISTS (
        SELECT FROM check_in c WHERE c.district_id = NEW.district_id AND c.id = NEW.subject_id AND c.sequence > 0) THEN
        PERFORM turn_again(NEW.district_id, 'check_in', NEW.subject_id);
    END IF;
    PERFORM set_config('kith.district', before, true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER check_in_mail_mark AFTER UPDATE OF status, claimed_until ON message
    FOR EACH ROW WHEN ((NEW.status <> OLD.status OR OLD.claimed_until IS NOT NULL AND NEW.claimed_until IS NULL)
        AND NEW.kind IN ('check_in_reminder', 'check_in_escalation', 'check_in_cancelled'))
    EXECUTE FUNCTION check_in_mail_mark();

REVOKE EXECUTE ON FUNCTION check_in_notices_due, check_in_notices_decide, check_in_mails_withdraw, check_in_mail_mark
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_notices_due, check_in_notices_decide, check_in_mails_withdraw
    TO kith_checkin;

RESET ROLE;
