-- The daily digest: what waits for one of the district's people (97_my_task.sql), in one mail a day at most. It goes in
-- the morning of a school day, when something is new since the last one, is due today or tomorrow, or a week has
-- passed. A row of digest says that a person's day is decided, and what was told.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION digest_tasks(p_user uuid, p_day date)
RETURNS TABLE (kind text, subject_id uuid, title text, due_on date)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    ignored text := set_config('kith.user', p_user::text, true); -- what a task's kind asks of the context
BEGIN
    RETURN QUERY SELECT t.kind, t.subject_id, t.title, t.due_on FROM my_tasks(p_user, p_day) t;
    ignored := set_config('kith.user', '', true);
END
$$;

-- Whether the person has said that it wants none.
CREATE OR REPLACE FUNCTION digest_is_unwanted(p_user uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM preference f
    WHERE f.district_id = current_setting('kith.district')::uuid AND f.user_id = p_user
      AND f.topic IN ('digest', 'all') AND f.channel = 'email' AND f.opted_out AND f.archived_at IS NULL);

-- Decides one person's day. Whether a mail was decided.
CREATE OR REPLACE FUNCTION digest_decide(p_user uuid, p_day date, p_morning timestamptz, p_night timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    told record;
    before digest;
    mail uuid;
BEGIN
    SELECT count(*) AS tasks, count(*) FILTER (WHERE t.due_on < p_day) AS overdue,
           count(*) FILTER (WHERE t.due_on BETWEEN p_day AND p_day + 1) AS soon,
           md5(coalesce(string_agg(t.kind || ' ' || t.subject_id, ',' ORDER BY t.kind, t.subject_id), '')) AS hash
    INTO STRICT told FROM digest_tasks(p_user, p_day) t;
    SELECT * INTO before FROM digest d
    WHERE d.district_id = district AND d.user_id = p_user AND d.message_id IS NOT NULL
    ORDER BY d.on_date DESC LIMIT 1;
    IF told.tasks > 0 AND (before.user_id IS NULL OR before.tasks_hash <> told.hash OR told.soon > 0
                           OR before.on_date <= p_day - 7) THEN
        mail := message_queue('duty', 'digest', 'digest', p_user, NULL, p_user, p_day::text,
                              jsonb_build_object('on', p_day), p_morning, p_night,
                              NULL, CASE WHEN digest_is_unwanted(p_user) THEN 'opted_out' END);
    END IF;
    INSERT INTO digest (district_id, user_id, on_date, tasks, overdue, tasks_hash, message_id)
    VALUES (district, p_user, p_day, told.tasks, told.overdue, told.hash, mail);
    RETURN mail IS NOT NULL;
END
$$;

-- How many mails were decided. A large district's people have their turn one after the other, through the morning.
CREATE OR REPLACE FUNCTION digests_decide(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    most constant integer := 300;
    today date;
    morning timestamptz;
    night timestamptz;
    one uuid;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    SELECT local_instant(today, d.mail_hour::integer, d.zone), local_instant(today + 1, 0, d.zone)
    INTO STRICT morning, night FROM district d WHERE d.id = p_district;
    IF p_now < morning OR NOT is_mail_day(today, NULL) THEN
        RETURN 0;
    END IF;
    FOR one IN
        SELECT u.id FROM app_user u
        WHERE u.district_id = p_district AND u.status = 'active' AND u.archived_at IS NULL AND u.contact_id IS NULL
          AND EXISTS (SELECT FROM user_grant g
                      WHERE g.district_id = p_district AND g.user_id = u.id AND g.role <> 'partner'
                        AND g.archived_at IS NULL
                        AND today BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'))
          AND NOT EXISTS (SELECT FROM digest d
                          WHERE d.district_id = p_district AND d.user_id = u.id AND d.on_date = today)
        ORDER BY u.id LIMIT most
    LOOP
        done := done + digest_decide(one, today, morning, night)::integer;
    END LOOP;
    RETURN done;
END
$$;

-- What the mail says is what waits when it is sent. The owner's: the mailer reads no tasks.
CREATE OR REPLACE FUNCTION digest_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    shown constant integer := 20;
    day date := (m.variables ->> 'on')::date;
BEGIN
    RETURN (
        WITH task AS MATERIALIZED (SELECT * FROM digest_tasks(m.user_id, day))
        SELECT jsonb_build_object(
            'total', (SELECT count(*) FROM task), 'overdue', (SELECT count(*) FROM task t WHERE t.due_on < day),
            'is_overdue', EXISTS (SELECT FROM task t WHERE t.due_on < day), 'has_tasks', EXISTS (SELECT FROM task),
            'more', greatest((SELECT count(*) FROM task) - shown, 0),
            'has_more', (SELECT count(*) FROM task) > shown,
            'tasks', coalesce((SELECT jsonb_agg(jsonb_build_object(
                         'kind', f.kind, 'title', left(f.title, 255), 'due', mail_date(f.due_on),
                         'credentials', coalesce(task_credentials(f.kind, f.subject_id, day), '[]'),
                         'is_late', coalesce(f.due_on < day, false)) ORDER BY f.due_on, f.kind, f.title)
                      FROM (SELECT * FROM task t ORDER BY t.due_on, t.kind, t.title LIMIT shown) AS f), '[]')));
END
$$;

REVOKE EXECUTE ON FUNCTION digest_tasks, digest_is_unwanted, digest_decide, digests_decide, digest_about FROM PUBLIC;
GRANT EXECUTE ON FUNCTION digests_decide TO kith_checkin;
GRANT EXECUTE ON FUNCTION digest_about TO kith_mailer;

RESET ROLE;
