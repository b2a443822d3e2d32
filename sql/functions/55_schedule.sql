-- Whose turn it is: a task's due district is claimed by locking its row for the transaction that does
-- the work, so that a worker that dies gives it back, and a ring that comes meanwhile waits and counts.

SET ROLE kith_owner;

-- A district that is due, locked; NULL: none is, or others are at all of them.
CREATE OR REPLACE FUNCTION schedule_claim(p_task text, p_now timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT s.district_id FROM schedule s
    WHERE s.task = p_task AND s.next_at <= p_now
    ORDER BY s.next_at, s.district_id LIMIT 1
    FOR UPDATE SKIP LOCKED;
END;

-- The next quarter of an hour: mail hours and the ends of local days fall on no other instants.
CREATE OR REPLACE FUNCTION schedule_next(p_now timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_bin('15 minutes', p_now, timestamptz '2000-01-01 00:00:00Z') + interval '15 minutes';

-- The work is done, or failed, and why; p_next: when to look again. kith.more: it is not done, but there was enough of
-- it for one transaction, and the district stays due.
DROP FUNCTION IF EXISTS schedule_done(text, uuid, timestamptz);
CREATE OR REPLACE FUNCTION schedule_done(
    p_task text, p_district uuid, p_next timestamptz, p_error text DEFAULT NULL) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    UPDATE schedule SET
        next_at = CASE WHEN p_error IS NULL AND current_setting('kith.more', true) = 'true' THEN next_at ELSE p_next END,
        last_run_at = clock_timestamp(), error = left(p_error, 1000),
        failed_at = CASE WHEN p_error IS NOT NULL THEN clock_timestamp() END
    WHERE district_id = p_district AND task = p_task AND next_at < 'infinity';
END;

-- Something has happened in these districts: look at once. In the order of their ids, so that two who
-- ring the same ones do not wait for each other.
CREATE OR REPLACE FUNCTION schedule_ring(p_task text, p_districts uuid[], p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    rung uuid;
BEGIN
    FOR rung IN SELECT DISTINCT d FROM unnest(p_districts) AS d ORDER BY d LOOP
        -- One that is due may be at work already, and has looked before this happened: wait until it is done.
        PERFORM FROM schedule s WHERE s.district_id = rung AND s.task = p_task FOR UPDATE;
        UPDATE schedule SET next_at = p_now
        WHERE district_id = rung AND task = p_task AND next_at > p_now AND next_at < 'infinity';
    END LOOP;
END
$$;

-- Each district has its rows; one that is archived is not looked at.
CREATE OR REPLACE FUNCTION schedule_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO schedule (district_id, task, next_at)
    SELECT NEW.id, t.task, CASE WHEN NEW.archived_at IS NULL THEN timestamptz '-infinity'
                                ELSE 'infinity' END
    FROM (VALUES ('check_ins'), ('surveys'), ('kpis')) AS t (task)
    ON CONFLICT ON CONSTRAINT schedule_pkey DO UPDATE SET next_at = excluded.next_at;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER schedule_follow AFTER INSERT OR UPDATE OF archived_at ON district
    FOR EACH ROW EXECUTE FUNCTION schedule_follow();

DROP POLICY IF EXISTS claim ON schedule;
CREATE POLICY claim ON schedule TO kith_owner, kith_kpi, kith_checkin, kith_survey USING (true);

-- What a step decides may be another thing now: the next turn looks at all (29_turn.sql).
UPDATE schedule SET reading = NULL WHERE reading IS NOT NULL;

REVOKE EXECUTE ON FUNCTION schedule_claim, schedule_next, schedule_done, schedule_ring, schedule_follow
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION schedule_claim, schedule_next, schedule_done, schedule_ring
    TO kith_kpi, kith_checkin, kith_survey;

RESET ROLE;
