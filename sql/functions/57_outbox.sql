-- What becomes of the outbox: it is published by whoever leases a part of it, and goes when it is old.
-- Everything here is kith_publisher's, who sees the rows of all districts and nothing else of them. None
-- of it waits for the disk: what a crash takes back happens again.

SET ROLE kith_owner;

DROP POLICY IF EXISTS publish ON outbox;
CREATE POLICY publish ON outbox TO kith_publisher USING (true);
DROP POLICY IF EXISTS expire ON processed;
CREATE POLICY expire ON processed TO kith_publisher USING (true);
DROP POLICY IF EXISTS expire ON idempotency;
CREATE POLICY expire ON idempotency TO kith_publisher USING (true);
DROP POLICY IF EXISTS expire ON dead_letter;
CREATE POLICY expire ON dead_letter FOR SELECT TO kith_publisher USING (true);

-- Leases the oldest events that are neither published nor leased. By the state of each row: ids do not
-- commit in their order, so that a mark up to which all is published would pass over some. (Without sorts
-- only the index of what is not published gives that order, whatever is believed of the table.)
CREATE OR REPLACE FUNCTION outbox_claim(p_limit integer, p_lease interval)
RETURNS TABLE (id uuid, type text, subject text, event text)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
    claimed uuid[];
    ignored text := set_config('synchronous_commit', 'off', true);
BEGIN
    claimed := ARRAY(
        SELECT o.id FROM outbox o
        WHERE o.published_at IS NULL
          AND (o.claimed_until IS NULL OR o.claimed_until <= clock_timestamp())
        ORDER BY o.created_at, o.id LIMIT p_limit FOR UPDATE SKIP LOCKED);
    claimed := ARRAY(SELECT u FROM unnest(claimed) AS u ORDER BY u);
    RETURN QUERY
    WITH leased AS (
        UPDATE outbox o SET claimed_until = clock_timestamp() + p_lease
        WHERE o.id = ANY (claimed) AND o.id >= claimed[1] AND o.id <= claimed[cardinality(claimed)]
        RETURNING o.*)
    SELECT l.id, l.type, coalesce(l.aggregatetype || '/' || l.aggregateid, ''), l.payload::text
    FROM leased l ORDER BY l.id;
END
$$;

-- These are in the stream; or, to nobody's knowledge, they are not: whoever comes next may lease them.
CREATE OR REPLACE FUNCTION outbox_end(p_ids uuid[], p_published boolean) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    ignored text := set_config('synchronous_commit', 'off', true);
    ended uuid[] := ARRAY(SELECT u FROM unnest(p_ids) AS u ORDER BY u);
BEGIN
    UPDATE outbox o
    SET claimed_until = NULL, published_at = CASE WHEN p_published THEN clock_timestamp() END
    WHERE o.id = ANY (ended) AND o.id >= ended[1] AND o.id <= ended[cardinality(ended)]
      AND o.published_at IS NULL;
END
$$;

-- How much waits (up to 100,000 are counted), and for how long the oldest does.
CREATE OR REPLACE FUNCTION outbox_state(OUT pending bigint, OUT oldest_s bigint)
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_sort = off AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM outbox o WHERE o.published_at IS NULL
                                  ORDER BY o.created_at, o.id LIMIT 100000) AS u),
           coalesce((SELECT extract(epoch FROM clock_timestamp() - o.created_at)::bigint
                     FROM outbox o WHERE o.published_at IS NULL ORDER BY o.created_at, o.id LIMIT 1), 0)
$$;

-- What is due from time to time, a part of it: partitions, and what is too old. Published events are kept
-- for 30 days, unless a dead letter names them; who handled them is kept for longer; replies for the 24
-- hours of business time in which a request may be repeated. True when there may be more. One does it at a time.
CREATE OR REPLACE FUNCTION outbox_housekeep(p_now timestamptz, p_limit integer) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    ignored text := set_config('synchronous_commit', 'off', true);
    oldest timestamptz := clock_timestamp() - interval '30 days';
    old uuid[];
    gone integer;
    most integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('outbox_housekeep', 0)) THEN
        RETURN false;
    END IF;
    PERFORM ensure_partitions(clock_timestamp());
    old := ARRAY(
        SELECT o.id FROM outbox o
        WHERE o.id < uuid7_floor(oldest) AND o.published_at < oldest
          AND NOT EXISTS (SELECT FROM dead_letter d
                          WHERE d.district_id = o.district_id AND d.event_id = o.id)
        ORDER BY o.id LIMIT p_limit);
    DELETE FROM outbox o WHERE o.id = ANY (old) AND o.id >= old[1] AND o.id <= old[cardinality(old)];
    DELETE FROM processed p WHERE p.ctid = ANY (ARRAY(
        SELECT q.ctid FROM processed q
        WHERE q.handled_at < oldest - interval '15 days'
          AND NOT EXISTS (SELECT FROM outbox o WHERE o.district_id = q.district_id AND o.id = q.event_id)
        LIMIT p_limit));
    GET DIAGNOSTICS gone = ROW_COUNT;
    most := greatest(gone, cardinality(old));
    DELETE FROM idempotency i WHERE i.ctid = ANY (ARRAY(
        SELECT j.ctid FROM idempotency j WHERE j.created_at < p_now - interval '24 hours' LIMIT p_limit));
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN greatest(most, gone) >= p_limit;
END
$$;

REVOKE EXECUTE ON FUNCTION outbox_claim, outbox_end, outbox_state, outbox_housekeep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outbox_claim, outbox_end, outbox_state, outbox_housekeep, uuid7_floor
    TO kith_publisher;

RESET ROLE;
