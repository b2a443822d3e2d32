-- Who has handled which event. A consumer takes events within the transaction of their effect, so that
-- each has its effect once, whoever brings it and however often: the stream, a replay, or the sweep that
-- finds what the stream has lost. The rows are of all districts; the effect sets its own context.

SET ROLE kith_owner;

DROP POLICY IF EXISTS handle ON outbox;
CREATE POLICY handle ON outbox FOR SELECT TO kith_owner USING (true);
DROP POLICY IF EXISTS handle ON processed;
CREATE POLICY handle ON processed TO kith_owner USING (true);
DROP POLICY IF EXISTS handle ON dead_letter;
CREATE POLICY handle ON dead_letter TO kith_owner USING (true);

-- What is handled has no letter that waits for another try. Whoever noted one while another was about to finish could not
-- see the end, nor the other the letter.
CREATE OR REPLACE FUNCTION event_letters_end(p_consumer text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM dead_letter d
    WHERE d.consumer = p_consumer AND d.dead_at IS NULL
      AND EXISTS (SELECT FROM processed p WHERE p.district_id = d.district_id AND p.consumer = p_consumer
                  AND p.event_id = d.event_id)
$$;

-- Takes those of the events that are this consumer's to handle now: each is there, is not handled, and is
-- not dead. One that somebody else is at is waited for. In the order of ids, so that two do not wait for
-- each other, and so that a consumer mostly sees what came first first.
CREATE OR REPLACE FUNCTION event_take(p_consumer text, p_ids uuid[])
RETURNS TABLE (district_id uuid, id uuid, type text, aggregatetype text, aggregateid uuid,
               sequence bigint, data text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    wanted uuid[] := ARRAY(SELECT DISTINCT u FROM unnest(p_ids) AS u ORDER BY u);
    taken uuid[];
BEGIN
    WITH mine AS (
        INSERT INTO processed (district_id, consumer, event_id)
        SELECT o.district_id, p_consumer, o.id
        FROM outbox o
        WHERE o.id = ANY (wanted) AND o.id >= wanted[1] AND o.id <= wanted[cardinality(wanted)]
          AND NOT EXISTS (SELECT FROM dead_letter d
                          WHERE d.district_id = o.district_id AND d.consumer = p_consumer
                            AND d.event_id = o.id AND d.dead_at IS NOT NULL)
        ORDER BY o.id
        ON CONFLICT DO NOTHING
        RETURNING event_id)
    SELECT array_agg(m.event_id ORDER BY m.event_id) INTO taken FROM mine m;
    DELETE FROM dead_letter d
    WHERE d.consumer = p_consumer AND d.event_id = ANY (wanted) AND d.dead_at IS NULL; -- all are handled now
    RETURN QUERY
    SELECT o.district_id, o.id, o.type, o.aggregatetype, o.aggregateid, o.sequence,
           (o.payload -> 'data')::text
    FROM outbox o
    WHERE o.id = ANY (taken) AND o.id >= taken[1] AND o.id <= taken[cardinality(taken)]
    ORDER BY o.id;
END
$$;

-- Notes that the events are tried once more, before they are: whatever the attempt does to the process,
-- it counts. Those that were tried often enough are dead from now on, and are not tried. Gives the others.
CREATE OR REPLACE FUNCTION event_try(p_consumer text, p_ids uuid[], p_most integer)
RETURNS TABLE (id uuid, attempts integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    wanted uuid[] := ARRAY(SELECT DISTINCT u FROM unnest(p_ids) AS u ORDER BY u);
BEGIN
    RETURN QUERY
    WITH tried AS (
        INSERT INTO dead_letter AS d (district_id, consumer, event_id, type)
        SELECT o.district_id, p_consumer, o.id, o.type
        FROM outbox o
        WHERE o.id = ANY (wanted) AND o.id >= wanted[1] AND o.id <= wanted[cardinality(wanted)]
          AND NOT EXISTS (SELECT FROM processed p
                          WHERE p.district_id = o.district_id AND p.consumer = p_consumer
                            AND p.event_id = o.id)
        ORDER BY o.id
        ON CONFLICT ON CONSTRAINT dead_letter_pkey DO UPDATE
        SET attempts = least(d.attempts + 1, p_most), last_at = clock_timestamp(),
            dead_at = CASE WHEN d.attempts >= p_most THEN coalesce(d.dead_at, clock_timestamp()) END
        RETURNING d.event_id, d.attempts, d.dead_at)
    SELECT t.event_id, t.attempts FROM tried t WHERE t.dead_at IS NULL ORDER BY t.event_id;
END
$$;

-- Why the last attempt failed; dead when it was the last one there is. True when it is dead.
CREATE OR REPLACE FUNCTION event_fail(p_consumer text, p_id uuid, p_error text, p_most integer)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    died timestamptz;
BEGIN
    UPDATE dead_letter d
    SET error = left(p_error, 1000), last_at = clock_timestamp(),
        dead_at = CASE WHEN d.attempts >= p_most THEN coalesce(d.dead_at, clock_timestamp()) END
    WHERE d.consumer = p_consumer AND d.event_id = p_id
    RETURNING d.dead_at INTO died;
    RETURN died IS NOT NULL;
END
$$;

-- Finds what the stream did not bring: events of these kinds that are older than five seconds and that
-- the consumer has not handled, the oldest first. At most every ten seconds, by one of its processes;
-- always when it is forced. `attempts` of 0: nobody has tried it.
--
-- The low mark never passes an unhandled event, nor the last minute, nor what a transaction may still
-- commit, however long it takes: an id is made after its transaction has its number, and next_xid is the
-- number of one that came after next_mark; so all ids before that mark can be seen once every number
-- before next_xid has ended.
CREATE OR REPLACE FUNCTION event_sweep(
    p_consumer text, p_aggregates text[], p_limit integer, p_force boolean)
RETURNS TABLE (id uuid, attempts integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    had_number xid8 := pg_current_xact_id_if_assigned(); -- NULL: its number will come after now_at
    now_at timestamptz := clock_timestamp();
    running xid8 := pg_snapshot_xmin(pg_current_snapshot()); -- before anything is looked for
    mine event_consumer;
    settled uuid;
    found_ids uuid[];
    found_attempts integer[];
BEGIN
    IF NOT EXISTS (SELECT FROM event_consumer c WHERE c.name = p_consumer) THEN
        INSERT INTO event_consumer (name) VALUES (p_consumer) ON CONFLICT DO NOTHING;
    END IF;
    SELECT * INTO mine FROM event_consumer c WHERE c.name = p_consumer FOR UPDATE SKIP LOCKED;
    IF mine.name IS NULL THEN
        RETURN; -- somebody else is at it
    ELSIF NOT p_force AND mine.swept_at > now_at - interval '10 seconds' THEN
        RETURN;
    END IF;
    PERFORM event_letters_end(p_consumer);
    SELECT array_agg(f.id ORDER BY f.id), array_agg(f.attempts ORDER BY f.id)
    INTO found_ids, found_attempts
    FROM (SELECT o.id, coalesce(d.attempts, 0) AS attempts
          FROM outbox o
          LEFT JOIN dead_letter d ON d.district_id = o.district_id AND d.consumer = p_consumer
              AND d.event_id = o.id
          WHERE o.id >= mine.low_mark AND o.id < uuid7_floor(now_at - interval '5 seconds')
            AND o.aggregatetype = ANY (p_aggregates) AND d.dead_at IS NULL
            AND NOT EXISTS (SELECT FROM processed p
                            WHERE p.district_id = o.district_id AND p.consumer = p_consumer
                              AND p.event_id = o.id)
          ORDER BY o.id LIMIT p_limit) AS f;
    IF mine.next_xid <= running THEN
        settled := least(mine.next_mark, uuid7_floor(now_at - interval '1 minute'),
                         (left(found_ids[1]::text, 13) || '-0000-0000-000000000000')::uuid);
    END IF;
    UPDATE event_consumer c SET swept_at = now_at, low_mark = greatest(c.low_mark, settled)
    WHERE c.name = p_consumer;
    -- The next one, when there is none, when it has served, or when its number is of another cluster.
    IF had_number IS NULL AND (settled IS NOT NULL OR mine.next_xid IS NULL
                               OR mine.next_xid > pg_current_xact_id()) THEN
        UPDATE event_consumer c SET next_mark = uuid7_floor(now_at), next_xid = pg_current_xact_id()
        WHERE c.name = p_consumer;
    END IF;
    RETURN QUERY SELECT u.id, u.attempts FROM unnest(found_ids, found_attempts) AS u (id, attempts);
END
$$;

-- How many dead letters the consumer has.
CREATE OR REPLACE FUNCTION event_dead(p_consumer text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM dead_letter d
    WHERE d.consumer = p_consumer AND d.dead_at IS NOT NULL AND d.dropped_at IS NULL
$$;

-- For operators, as kith_migrate, who sees all districts: has a part of what was recorded since then, after
-- the given event, published again; and forgets that the consumer, if one is named, has handled it. `last`
-- is NULL when that was all.
CREATE OR REPLACE FUNCTION event_replay(
    p_since timestamptz, p_consumer text, p_after uuid, p_limit integer, OUT last uuid, OUT events integer)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    ids uuid[] := ARRAY(
        SELECT o.id FROM outbox o
        WHERE o.id >= uuid7_floor(p_since) AND o.id > coalesce(p_after, uuid7_floor('epoch'))
        ORDER BY o.id LIMIT p_limit);
BEGIN
    events := cardinality(ids);
    last := CASE WHEN events = p_limit THEN ids[events] END;
    IF p_consumer IS NOT NULL THEN
        DELETE FROM processed p USING outbox o
        WHERE o.id = ANY (ids) AND o.id >= ids[1] AND o.id <= ids[events]
          AND p.district_id = o.district_id AND p.consumer = p_consumer AND p.event_id = o.id;
        UPDATE event_consumer c SET low_mark = least(c.low_mark, uuid7_floor(p_since))
        WHERE c.name = p_consumer;
    END IF;
    UPDATE outbox o SET published_at = NULL, claimed_until = NULL
    WHERE o.id = ANY (ids) AND o.id >= ids[1] AND o.id <= ids[events];
END
$$;

-- Has dead letters tried again, as often as if they were new: that event's, or all: how many there are.
CREATE OR REPLACE FUNCTION event_redrive(p_event uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    letter record;
    letters integer := 0;
BEGIN
    FOR letter IN
        UPDATE dead_letter d SET attempts = 0, dead_at = NULL
        WHERE d.dead_at IS NOT NULL AND d.dropped_at IS NULL AND (p_event IS NULL OR d.event_id = p_event)
        RETURNING d.district_id, d.consumer, d.event_id
    LOOP
        letters := letters + 1;
        UPDATE event_consumer c SET low_mark = least(c.low_mark, letter.event_id)
        WHERE c.name = letter.consumer;
        UPDATE outbox o SET published_at = NULL, claimed_until = NULL
        WHERE o.district_id = letter.district_id AND o.id = letter.event_id;
    END LOOP;
    RETURN letters;
END
$$;

-- ---- By an administrator, in its own district ----------------------------------------------------

-- The dead letter of the context's district, locked, and a record of what is done to it.
CREATE OR REPLACE FUNCTION dead_letter_take(p_id uuid, p_version bigint, p_action text) RETURNS dead_letter
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    d dead_letter;
    ignored text;
BEGIN
    SELECT * INTO d FROM dead_letter o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id FOR UPDATE;
    IF d.id IS NULL THEN
        RAISE EXCEPTION 'no such letter' USING ERRCODE = 'KI404';
    ELSIF d.version <> p_version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    ELSIF d.dead_at IS NULL OR d.dropped_at IS NOT NULL THEN
        ignored := refuse_state('It is not dead.', jsonb_build_object(
            'status', CASE WHEN d.dropped_at IS NULL THEN 'tried' ELSE 'dropped' END));
    END IF;
    ignored := record_write(d.district_id, 'dead_letter', p_action, d.id, d.version + 1, NULL, NULL,
                            jsonb_build_object('id', d.id, 'event', d.event_id, 'consumer', d.consumer));
    RETURN d;
END
$$;

-- Tried again as if it were new, also by a consumer whose mark has passed it.
CREATE OR REPLACE FUNCTION dead_letter_redrive(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    d dead_letter := dead_letter_take(p_id, p_version, 'redriven');
BEGIN
    UPDATE dead_letter SET attempts = 0, dead_at = NULL, version = version + 1
    WHERE district_id = d.district_id AND id = d.id;
    UPDATE event_consumer c SET low_mark = least(c.low_mark, d.event_id) WHERE c.name = d.consumer;
    UPDATE outbox o SET published_at = NULL, claimed_until = NULL
    WHERE o.district_id = d.district_id AND o.id = d.event_id;
END
$$;

-- Nobody handles it any more; it stays, with the reason.
CREATE OR REPLACE FUNCTION dead_letter_drop(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    d dead_letter := dead_letter_take(p_id, p_version, 'dropped');
BEGIN
    UPDATE dead_letter SET drop_reason = p_reason, dropped_at = current_setting('kith.now')::timestamptz,
        dropped_by = current_setting('kith.user')::uuid, version = version + 1
    WHERE district_id = d.district_id AND id = d.id;
END
$$;

-- All dead letters of a consumer and of a type (NULL: of any), the oldest first; how many there were.
CREATE OR REPLACE FUNCTION dead_letters_redrive(p_consumer text, p_type text, p_most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    letter uuid;
    letters integer := 0;
BEGIN
    FOR letter IN
        SELECT d.id FROM dead_letter_entry d
        WHERE d.status = 'dead' AND d.consumer = coalesce(p_consumer, d.consumer)
          AND d.type = coalesce(p_type, d.type)
        ORDER BY d.event_id, d.id LIMIT p_most
    LOOP
        PERFORM dead_letter_redrive(letter, NULL);
        letters := letters + 1;
    END LOOP;
    RETURN letters;
END
$$;

-- How far the district's events are: those that wait to be published, and the oldest of them; and the marks of
-- what is to be summed up.
CREATE OR REPLACE FUNCTION events_waiting(OUT waiting bigint, OUT since timestamptz, OUT marks bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT count(*), min(o.created_at),
           (SELECT count(*) FROM rollup_mark m WHERE m.district_id = current_setting('kith.district')::uuid)
    FROM outbox o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.published_at IS NULL;
END;

REVOKE EXECUTE ON FUNCTION dead_letter_take, dead_letter_redrive, dead_letter_drop, dead_letters_redrive,
    events_waiting FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dead_letter_redrive, dead_letter_drop, dead_letters_redrive, events_waiting
    TO kith_api;
REVOKE EXECUTE ON FUNCTION event_replay, event_redrive FROM PUBLIC;
GRANT EXECUTE ON FUNCTION event_replay, event_redrive TO kith_migrate;
REVOKE EXECUTE ON FUNCTION event_letters_end, event_take, event_try, event_fail, event_sweep, event_dead FROM PUBLIC;
GRANT EXECUTE ON FUNCTION event_take, event_try, event_fail, event_sweep, event_dead
    TO kith_kpi, kith_checkin, kith_survey, kith_mailer;

RESET ROLE;
