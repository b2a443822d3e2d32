-- The mails of surveys, decided by set: two thousand people in one turn, then the next, so that nobody waits long for what a
-- turn holds. survey_look says how far it has come; whoever it has looked at is not looked at again until there is reason.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS survey_variables(uuid), survey_reminder_days(date, boolean),
    survey_invitations_due(uuid, timestamptz, timestamptz, uuid), survey_reminders_due(uuid, timestamptz, timestamptz, uuid); -- of earlier versions

-- How many people one turn looks at.
CREATE OR REPLACE FUNCTION survey_turn() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2000;

-- Up to so many each have a statement and an event of their own.
CREATE OR REPLACE FUNCTION survey_few() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 100;

-- What the mails of invitations to one survey say. The page has the whole introduction.
CREATE OR REPLACE FUNCTION survey_variables(p_survey uuid, p_invitations uuid[])
RETURNS TABLE (invitation_id uuid, variables jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH said AS MATERIALIZED (
        SELECT s.district_id, survey_subject(s.id) = 'none' AS is_about_none, jsonb_build_object(
            'survey', s.name, 'closes_on', s.closes_on, 'mode', s.mode,
            'is_attributed', s.mode = 'attributed', 'is_confidential', s.mode = 'confidential',
            'introduction', CASE WHEN char_length(s.introduction) <= 1000 THEN s.introduction
                                 ELSE left(s.introduction, 999) || '…' END, 'relationships', '[]'::jsonb) AS variables
        FROM survey s WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey
    )
    SELECT i.id, CASE WHEN s.is_about_none THEN s.variables ELSE s.variables || jsonb_build_object('relationships', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('partnership', p.name, 'partner', r.name) ORDER BY p.name, p.id), '[]')
        FROM survey_answer w
        JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
        JOIN partner r ON r.district_id = w.district_id AND r.id = p.partner_id
        WHERE w.district_id = s.district_id AND w.survey_invitation_id = i.id)) END
    FROM said s CROSS JOIN unnest(p_invitations) AS i (id);
END;

-- The first day of a range on which a survey's mail may go to such a person, or NULL: the district's
-- own people are asked on school days, partners on business days.
CREATE OR REPLACE FUNCTION first_survey_day(p_from date, p_until date, p_is_user boolean) RETURNS date
LANGUAGE sql STABLE
RETURN CASE WHEN p_is_user THEN first_mail_day(p_from, p_until, NULL)
            ELSE first_business_day(p_from, p_until) END;

-- Mails of one kind, of one survey, decided now: how many. p_due: columns, each as an array. Whoever decides another mail
-- of these people waits, as each gets so many a week and no more.
CREATE OR REPLACE FUNCTION survey_mails_write(p_kind text, p_survey uuid, p_due record) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    n integer := coalesce(cardinality(p_due.subjects), 0);
    piece integer := CASE WHEN n <= survey_few() THEN 1 ELSE n END;
    first_id text := uuid7();
    said jsonb[];
BEGIN
    IF n = 0 THEN
        RETURN 0;
    END IF;
    PERFORM mail_week_lock();
    SELECT array_agg(CASE WHEN o.more IS NULL THEN v.variables ELSE v.variables || o.more END ORDER BY o.place) INTO STRICT said
    FROM unnest(p_due.subjects, p_due.more) WITH ORDINALITY AS o (subject_id, more, place)
    JOIN (SELECT * FROM survey_variables(p_survey, ARRAY(SELECT DISTINCT s FROM unnest(p_due.subjects) AS s))) v
        ON v.invitation_id = o.subject_id;
    FOR low IN 1..n BY piece LOOP
        PERFORM messages_write(
            'program', 'surveys', p_kind, ARRAY(SELECT uuid7_nth(first_id, i) FROM generate_series(low, least(low + piece - 1, n)) AS i),
            p_due.subjects[low:low + piece - 1], p_due.contacts[low:low + piece - 1],
            p_due.users[low:low + piece - 1], NULL, p_due.occurrences[low:low + piece - 1],
            said[low:low + piece - 1], p_due.goes_at[low:low + piece - 1],
            p_due.useless_at[low:low + piece - 1], p_due.reasons[low:low + piece - 1]);
    END LOOP;
    RETURN n;
END
$$;

-- Whether somebody is invited behind a place.
CREATE OR REPLACE FUNCTION survey_has_more(p_survey uuid, p_after_at timestamptz, p_after_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$ -- one that keeps its plan: a turn with nothing to do asks no more than this
BEGIN
    RETURN EXISTS (
        SELECT FROM survey_invitation i
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.survey_id = p_survey
          AND (i.created_at, i.id) > (p_after_at, p_after_id));
END
$$;

-- Whom the next turn's mails of a survey go to, from a place on: as arrays, and up to which place that is. At once when somebody has just opened the survey by hand, or else from the mail hour of a day on which
-- it may go. One that was withdrawn, as the survey was paused or closed before it went, is followed by another.
CREATE OR REPLACE FUNCTION survey_invitations_due(
    p_survey uuid, p_now timestamptz, p_after_at timestamptz, p_after_id uuid,
    OUT subjects uuid[], OUT contacts uuid[], OUT users uuid[], OUT occurrences text[], OUT more jsonb[],
    OUT goes_at timestamptz[], OUT useless_at timestamptz[], OUT reasons text[],
    OUT upto_at timestamptz, OUT upto_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH asking AS MATERIALIZED (
        SELECT k.is_user, s.opened_at, s.opened_by IS NOT NULL AS is_by_hand, d.zone, w.day, w.is_dark,
               local_instant(coalesce(w.day, t.today), d.mail_hour, d.zone) AS goes_at,
               local_instant(s.closes_on + 1, 0, d.zone) AS useless_at
        FROM district d
        JOIN survey s ON s.district_id = d.id AND s.id = p_survey
        CROSS JOIN (VALUES (true), (false)) AS k (is_user)
        CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE d.zone)::date AS today) t
        CROSS JOIN LATERAL (SELECT first_survey_day(t.today, s.closes_on, k.is_user) AS day,
                                   is_blackout(t.today, NULL) AS is_dark OFFSET 0) w
        WHERE d.id = current_setting('kith.district')::uuid
    ), looked AS MATERIALIZED (
        SELECT i.id, i.user_id, i.contact_id, i.created_at, i.status, i.reason, i.archived_at
        FROM survey_invitation i
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.survey_id = p_survey
          AND (i.created_at, i.id) > (p_after_at, p_after_id)
        ORDER BY i.created_at, i.id LIMIT survey_turn()
    ), due AS (
        SELECT i.id, i.user_id, i.contact_id, m.withdrawn,
               CASE WHEN o.is_now THEN p_now ELSE greatest(p_now, a.goes_at) END AS goes_at, a.useless_at,
               coalesce(i.reason, CASE WHEN a.day IS NULL AND NOT o.is_now THEN 'blackout' END) AS reason, i.created_at
        FROM looked i
        JOIN asking a ON a.is_user = (i.user_id IS NOT NULL)
        CROSS JOIN LATERAL (SELECT a.is_by_hand AND i.created_at < a.opened_at + interval '15 minutes' AND NOT a.is_dark AS is_now) o
        CROSS JOIN LATERAL (
            SELECT count(*) AS withdrawn,
                   count(*) FILTER (WHERE m.status <> 'suppressed' OR m.reason <> 'cancelled') AS holding
            FROM message m
            WHERE m.district_id = current_setting('kith.district')::uuid AND m.subject_id = i.id
              AND m.kind || '' = 'survey_invitation') m
        WHERE i.status IN ('invited', 'partial', 'excluded') AND i.archived_at IS NULL AND m.holding = 0
    )
    SELECT array_agg(d.id), array_agg(d.contact_id), array_agg(d.user_id), array_agg((d.withdrawn + 1)::text), NULL::jsonb[],
           array_agg(d.goes_at), array_agg(d.useless_at), array_agg(d.reason),
           (SELECT max(l.created_at) FROM looked l),
           (SELECT l.id FROM looked l ORDER BY l.created_at DESC, l.id DESC LIMIT 1)
    FROM (SELECT * FROM due ORDER BY created_at, id) AS d;
END;

-- When the reminders of a survey go: by its own days before its last one, or on the next day on which a mail may go, not
-- past the last.
CREATE OR REPLACE FUNCTION survey_reminder_days(p_closes_on date, p_days bigint[], p_is_user boolean)
RETURNS TABLE (offset_days integer, from_day date, on_day date, next_day date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.offset_days, r.from_day, r.on_day, lead(r.on_day) OVER (ORDER BY r.offset_days)
    FROM (SELECT DISTINCT -n AS offset_days, p_closes_on - n AS from_day,
                 first_survey_day(p_closes_on - n, p_closes_on, p_is_user) AS on_day
          FROM unnest(p_days::integer[]) AS n) AS r;
END;

-- The rules whose hour has come, for both kinds of people.
CREATE OR REPLACE FUNCTION survey_rules_due(p_survey uuid, p_now timestamptz)
RETURNS TABLE (is_user boolean, name text, offset_days integer, from_day date, on_day date, goes_at timestamptz,
               useless_at timestamptz, reason text, zone text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.is_user, s.closes_on || ' ' || r.offset_days, r.offset_days, r.from_day, r.on_day,
           greatest(p_now, local_instant(coalesce(w.next_on, r.from_day), d.mail_hour, d.zone)),
           local_instant(s.closes_on + 1, 0, d.zone),
           CASE WHEN r.on_day IS NULL THEN 'blackout' WHEN w.next_on IS NULL OR r.next_day <= w.next_on THEN 'stale' END, d.zone
    FROM district d
    JOIN survey s ON s.district_id = d.id AND s.id = p_survey
    CROSS JOIN (VALUES (true), (false)) AS k (is_user)
    CROSS JOIN LATERAL survey_reminder_days(s.closes_on, s.reminder_days, k.is_user) r
    CROSS JOIN LATERAL (
        SELECT first_survey_day(greatest((p_now AT TIME ZONE d.zone)::date, r.from_day), s.closes_on, k.is_user) AS next_on
        OFFSET 0) w
    WHERE d.id = current_setting('kith.district')::uuid AND s.closes_on >= (p_now AT TIME ZONE d.zone)::date
      AND local_instant(coalesce(r.on_day, r.from_day), d.mail_hour, d.zone) <= p_now;
END;

-- The same as survey_invitations_due(), of reminders: of whoever has not answered, and was invited by mail before that day.
CREATE OR REPLACE FUNCTION survey_reminders_due(
    p_survey uuid, p_now timestamptz, p_after_at timestamptz, p_after_id uuid,
    OUT subjects uuid[], OUT contacts uuid[], OUT users uuid[], OUT occurrences text[], OUT more jsonb[],
    OUT goes_at timestamptz[], OUT useless_at timestamptz[], OUT reasons text[],
    OUT upto_at timestamptz, OUT upto_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH rule AS MATERIALIZED (
        SELECT * FROM survey_rules_due(p_survey, p_now)
    ), looked AS MATERIALIZED (
        SELECT i.id, i.user_id, i.contact_id, i.created_at, i.status, i.archived_at
        FROM survey_invitation i
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.survey_id = p_survey
          AND (i.created_at, i.id) > (p_after_at, p_after_id)
        ORDER BY i.created_at, i.id LIMIT survey_turn()
    ), due AS (
        SELECT i.id, i.user_id, i.contact_id, i.created_at, r.*
        FROM looked i
        JOIN rule r ON r.is_user = (i.user_id IS NOT NULL)
        CROSS JOIN LATERAL (
            SELECT max(m.not_before) FILTER (WHERE m.kind = 'survey_invitation') AS invited_at,
                   array_agg(m.occurrence) FILTER (WHERE m.kind = 'survey_reminder') AS reminded
            FROM message m WHERE m.district_id = current_setting('kith.district')::uuid AND m.subject_id = i.id) s
        WHERE i.status IN ('invited', 'partial') AND i.archived_at IS NULL
          AND s.invited_at AT TIME ZONE r.zone < coalesce(r.on_day, r.from_day)
          AND r.name <> ALL (coalesce(s.reminded, '{}'))
          AND i.id NOT IN (SELECT a.id FROM survey_marked(p_survey) a)
    )
    SELECT array_agg(d.id), array_agg(d.contact_id), array_agg(d.user_id), array_agg(d.name),
           array_agg(jsonb_build_object('offset_days', d.offset_days, 'is_last_day', d.offset_days = 0)),
           array_agg(d.goes_at), array_agg(d.useless_at), array_agg(d.reason),
           (SELECT max(l.created_at) FROM looked l),
           (SELECT l.id FROM looked l ORDER BY l.created_at DESC, l.id DESC LIMIT 1)
    FROM (SELECT * FROM due ORDER BY id, offset_days) AS d;
END;

-- Decides the mails of invitations: how many.
CREATE OR REPLACE FUNCTION survey_invitations_decide(p_district uuid, p_now timestamptz)
RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    l record;
    due record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR l IN
        SELECT o.survey_id, o.mailed_at, o.mailed_id
        FROM survey_look o
        JOIN survey s ON s.district_id = o.district_id AND s.id = o.survey_id AND s.status = 'open' AND s.archived_at IS NULL
        JOIN district d ON d.id = o.district_id AND (p_now AT TIME ZONE d.zone)::date <= s.closes_on
        WHERE o.district_id = p_district ORDER BY o.survey_id FOR UPDATE OF o
    LOOP
        l.mailed_at := coalesce(l.mailed_at, '-infinity');
        l.mailed_id := coalesce(l.mailed_id, nobody);
        WHILE survey_has_more(l.survey_id, l.mailed_at, l.mailed_id) LOOP
            due := survey_invitations_due(l.survey_id, p_now, l.mailed_at, l.mailed_id);
            done := done + survey_mails_write('survey_invitation', l.survey_id, due);
            l.mailed_at := due.upto_at;
            l.mailed_id := due.upto_id;
            EXIT WHEN done >= survey_turn();
        END LOOP;
        UPDATE survey_look o SET is_quiet = false, mailed_at = l.mailed_at, mailed_id = l.mailed_id
        WHERE o.district_id = p_district AND o.survey_id = l.survey_id
          AND (o.is_quiet OR (o.mailed_at, o.mailed_id) IS DISTINCT FROM (l.mailed_at, l.mailed_id));
        IF done >= survey_turn() THEN
            PERFORM set_config('kith.more', 'true', true);
            EXIT;
        END IF;
    END LOOP;
    RETURN done;
END
$$;

-- Decides the reminders, when all who are to be invited are: how many.
CREATE OR REPLACE FUNCTION survey_reminders_decide(p_district uuid, p_now timestamptz)
RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    l record;
    due record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF current_setting('kith.more', true) = 'true' THEN
        RETURN 0;
    END IF;
    FOR l IN
        SELECT o.survey_id, o.reminded_at, o.reminded_id, o.rules, r.rules AS now_rules
        FROM survey_look o
        JOIN survey s ON s.district_id = o.district_id AND s.id = o.survey_id AND s.status = 'open' AND s.archived_at IS NULL
        CROSS JOIN LATERAL (
            SELECT string_agg(n.name || n.is_user, ',' ORDER BY n.name, n.is_user) AS rules
            FROM survey_rules_due(o.survey_id, p_now) n) r
        WHERE o.district_id = p_district AND r.rules IS NOT NULL ORDER BY o.survey_id FOR UPDATE OF o
    LOOP
        IF l.rules IS DISTINCT FROM l.now_rules THEN
            l.reminded_at := NULL;
            l.reminded_id := NULL;
        END IF;
        l.reminded_at := coalesce(l.reminded_at, '-infinity');
        l.reminded_id := coalesce(l.reminded_id, nobody);
        WHILE survey_has_more(l.survey_id, l.reminded_at, l.reminded_id) LOOP
            due := survey_reminders_due(l.survey_id, p_now, l.reminded_at, l.reminded_id);
            done := done + survey_mails_write('survey_reminder', l.survey_id, due);
            -- Counted anew, so that whoever else decides it at once counts the same.
            UPDATE survey_invitation i SET reminders = c.n
            FROM (SELECT w.id, (SELECT count(*) FROM message m
                                WHERE m.district_id = p_district AND m.kind || '' = 'survey_reminder' AND m.subject_id = w.id
                                  AND m.status <> 'suppressed') AS n
                  FROM (SELECT DISTINCT u.id FROM unnest(due.subjects) AS u (id)) AS w) AS c
            WHERE i.district_id = p_district AND i.id = c.id AND i.reminders <> c.n;
            l.reminded_at := due.upto_at;
            l.reminded_id := due.upto_id;
            EXIT WHEN done >= survey_turn();
        END LOOP;
        UPDATE survey_look o SET rules = l.now_rules, reminded_at = l.reminded_at, reminded_id = l.reminded_id
        WHERE o.district_id = p_district AND o.survey_id = l.survey_id
          AND (o.rules, o.reminded_at, o.reminded_id) IS DISTINCT FROM (l.now_rules, l.reminded_at, l.reminded_id);
        IF done >= survey_turn() THEN
            PERFORM set_config('kith.more', 'true', true);
            EXIT;
        END IF;
    END LOOP;
    RETURN done;
END
$$;

-- What stops a mail about a survey, and what it tells, as 79_mailer.sql and 79_mailer_letter.sql have it of others.
CREATE OR REPLACE FUNCTION survey_stop(m message) RETURNS TABLE (reason text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT CASE
        WHEN i.archived_at IS NOT NULL OR s.archived_at IS NOT NULL OR i.status = 'excluded'
            OR s.status <> 'open' THEN 'cancelled'
        WHEN i.status IN ('left_org', 'bounced') THEN i.status
        WHEN i.status NOT IN ('invited', 'partial') OR s.mode = 'anonymous' AND survey_is_marked(s.id, i.id)
            THEN 'already_done' END
    FROM survey_invitation i
    JOIN survey s ON s.district_id = m.district_id AND s.id = i.survey_id
    WHERE i.district_id = m.district_id AND i.id = m.subject_id;
END;

CREATE OR REPLACE FUNCTION survey_tells(m message) RETURNS TABLE (about jsonb)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'survey', s.name, 'mode', s.mode,
        'introduction', CASE WHEN char_length(s.introduction) > 1000
                             THEN left(s.introduction, 999) || '…' ELSE s.introduction END,
        'closes', mail_date(s.closes_on), 'has_begun', i.status = 'partial',
        'is_of_partnerships', EXISTS (
            SELECT FROM survey_answer w
            WHERE w.district_id = m.district_id AND w.survey_invitation_id = i.id AND w.partnership_id IS NOT NULL),
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

REVOKE EXECUTE ON FUNCTION survey_stop, survey_tells FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_stop, survey_tells TO kith_mailer;

REVOKE EXECUTE ON FUNCTION survey_turn, survey_few, survey_variables, first_survey_day, survey_mails_write, survey_has_more, survey_invitations_due,
    survey_reminder_days, survey_rules_due, survey_reminders_due, survey_invitations_decide, survey_reminders_decide FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_turn, survey_few, survey_variables, first_survey_day, survey_mails_write, survey_has_more, survey_invitations_due,
    survey_reminder_days, survey_rules_due, survey_reminders_due, survey_invitations_decide, survey_reminders_decide
    TO kith_survey;

RESET ROLE;
