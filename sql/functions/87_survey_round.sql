-- What time does to surveys: they open at their hour of their day, invite, remind whoever has not
-- answered, and close with the last second of their last day. Everything here is decided from what
-- there is, so that any number of workers may do it at any time.

SET ROLE kith_owner;

-- Opens and closes what is due: how many. One that nobody opened before its end stays as it was, as
-- its last day may still be moved.
CREATE OR REPLACE FUNCTION surveys_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    due record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR due IN
        SELECT s.id, CASE s.status WHEN 'scheduled' THEN 'open' ELSE 'close' END AS action
        FROM district d
        JOIN survey s ON s.district_id = d.id AND s.archived_at IS NULL
        CROSS JOIN LATERAL (SELECT local_instant(s.closes_on + 1, 0, d.zone) <= p_now AS is_over) o
        WHERE d.id = p_district
          AND CASE WHEN s.status = 'scheduled'
                   THEN NOT o.is_over
                        AND local_instant(s.opens_on, coalesce(s.opening_hour, d.mail_hour)::integer, d.zone) <= p_now
                   WHEN s.status IN ('open', 'paused') THEN o.is_over END
        ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
    LOOP
        PERFORM survey_move(due.id, NULL, due.action, NULL);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Invites to the open surveys whom they ask by now: how many were looked at anew. Whom relationships name is looked at each
-- time; what filters find, once a day from the survey's hour on; and who comes late, if the survey wants it.
CREATE OR REPLACE FUNCTION surveys_invite(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    asking uuid;
    made integer;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR asking IN
        SELECT s.id
        FROM district d
        JOIN survey s ON s.district_id = d.id AND s.status = 'open' AND s.archived_at IS NULL
        LEFT JOIN survey_look l ON l.district_id = d.id AND l.survey_id = s.id
        CROSS JOIN LATERAL (
            SELECT local_instant((p_now AT TIME ZONE d.zone)::date, coalesce(s.opening_hour, d.mail_hour)::integer, d.zone) AS at) h
        WHERE d.id = p_district
          AND (l.looked_at IS NULL
               OR s.late_joiners = 'invite'
                  AND (num_nonnulls(s.contact_filter_id, s.user_filter_id) = 0 OR l.looked_at < h.at AND h.at <= p_now))
        ORDER BY s.id
    LOOP
        made := survey_invite(asking);
        IF made > 0 THEN -- whom the next mails go to stands anywhere
            UPDATE survey_look l SET mailed_at = NULL, mailed_id = NULL
            WHERE l.district_id = p_district AND l.survey_id = asking;
        END IF;
        done := done + made;
    END LOOP;
    RETURN done;
END
$$;

-- Mails that wait, two thousand at most, each withdrawn for its reason: how many. One event tells of many.
CREATE OR REPLACE FUNCTION survey_mails_suppress(p_district uuid, p_ids uuid[], p_reasons text[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    done integer := coalesce(cardinality(p_ids), 0);
BEGIN
    IF done <= survey_few() THEN
        RETURN messages_suppress(p_district, p_ids, p_reasons);
    END IF;
    UPDATE message m SET status = 'suppressed', reason = n.reason
    FROM unnest(p_ids, p_reasons) AS n (id, reason) WHERE m.district_id = p_district AND m.id = n.id;
    RETURN done;
END
$$;

-- Withdraws the mails of surveys that are not open any more: how many. What it does not see, as it is being sent, the mailer
-- asks about once more.
CREATE OR REPLACE FUNCTION survey_mails_withdraw(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    most constant integer := survey_turn();
    l record;
    found record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR l IN
        SELECT o.survey_id
        FROM survey_look o
        JOIN survey s ON s.district_id = o.district_id AND s.id = o.survey_id AND (s.status <> 'open' OR s.archived_at IS NOT NULL)
        WHERE o.district_id = p_district AND NOT o.is_quiet
        ORDER BY o.survey_id FOR UPDATE OF o
    LOOP
        SELECT array_agg(n.id ORDER BY n.id) AS ids, array_agg(text 'cancelled') AS reasons INTO found
        FROM (SELECT m.id
              FROM survey_invitation i
              JOIN message m ON m.district_id = p_district AND m.subject_id = i.id AND m.status || '' IN ('queued', 'retry') AND m.claimed_until IS NULL
                  AND m.kind || '' IN ('survey_invitation', 'survey_reminder')
              WHERE i.district_id = p_district AND i.survey_id = l.survey_id
              LIMIT most FOR UPDATE OF m SKIP LOCKED) AS n;
        done := done + survey_mails_suppress(p_district, found.ids, found.reasons);
        IF cardinality(found.ids) = most THEN
            PERFORM set_config('kith.more', 'true', true);
            RETURN done;
        END IF;
        UPDATE survey_look o SET is_quiet = true, mailed_at = NULL, mailed_id = NULL, rules = NULL
        WHERE o.district_id = p_district AND o.survey_id = l.survey_id;
    END LOOP;
    RETURN done;
END
$$;

-- Nor is whoever has answered, or shall not any more, written to: the mails that wait are withdrawn with that.
CREATE OR REPLACE FUNCTION survey_invitation_settled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    waiting uuid[] := ARRAY(
        SELECT o.id FROM message o
        WHERE o.district_id = NEW.district_id AND o.subject_id = NEW.id AND o.status || '' IN ('queued', 'retry') AND o.claimed_until IS NULL
          AND o.kind || '' IN ('survey_invitation', 'survey_reminder')
        ORDER BY o.id FOR UPDATE SKIP LOCKED);
BEGIN
    IF waiting <> '{}' THEN -- seldom: a change of none is looked at by the triggers, too
        IF coalesce(current_setting('kith.requests', true), '') <> '' THEN -- these are of the same one (95_task_survey_together.sql)
            PERFORM set_config('kith.requests', (
                current_setting('kith.requests')::jsonb
                || (SELECT jsonb_object_agg(w, current_setting('kith.requests')::jsonb -> NEW.id::text) FROM unnest(waiting) AS w))::text, true);
        END IF;
        UPDATE message m SET status = 'suppressed', reason = CASE
            WHEN NEW.status = 'answered' THEN 'already_done' WHEN NEW.status IN ('left_org', 'bounced') THEN NEW.status ELSE 'cancelled' END
        WHERE m.district_id = NEW.district_id AND m.id = ANY (waiting);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER survey_invitation_settled AFTER UPDATE OF status, archived_at ON survey_invitation
    FOR EACH ROW WHEN (NEW.status NOT IN ('invited', 'partial') AND OLD.status IS DISTINCT FROM NEW.status
                       OR NEW.archived_at IS NOT NULL AND OLD.archived_at IS NULL)
    EXECUTE FUNCTION survey_invitation_settled();

REVOKE EXECUTE ON FUNCTION surveys_advance, surveys_invite, survey_mails_suppress, survey_mails_withdraw,
    survey_invitation_settled FROM PUBLIC;
GRANT EXECUTE ON FUNCTION surveys_advance, surveys_invite, survey_mails_suppress, survey_mails_withdraw TO kith_survey;

RESET ROLE;
