-- Versions, and the audit and outbox rows of every change. Statement-level triggers see to it, so no
-- write path can miss it, and a statement costs one row each however many rows it writes.

SET ROLE kith_owner;

-- RFC 9562, of the real clock: random, then its first 48 bits and the version overwritten.
CREATE OR REPLACE FUNCTION uuid7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send((date_part('epoch', clock_timestamp()) * 1000)::bigint) FROM 3)
            FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid;

-- The nth of many ids that one statement makes, in their order: the first one's time and the end of its bits of chance, with
-- a counter of 24 bits between them (RFC 9562, 6.2, method 1). Chance costs more than all else of an id.
CREATE OR REPLACE FUNCTION uuid7_nth(p_first text, p_n bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN overlay(overlay(p_first PLACING lpad(to_hex(p_n >> 12), 3, '0') FROM 16)
               PLACING lpad(to_hex(p_n & 4095), 3, '0') FROM 21)::uuid;

-- An instant as conventions have it in JSON: RFC 3339, UTC, milliseconds.
CREATE OR REPLACE FUNCTION rfc3339(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Counts the version when something else than the version and updated_at changed; an UPDATE that
-- changes nothing leaves both, and record_change() knows by the version. Outside of a unit (a
-- migration) updated_at is what the statement says.
CREATE OR REPLACE FUNCTION bump_version() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    given timestamptz := NEW.updated_at;
BEGIN
    IF NEW.id <> OLD.id OR NEW.district_id <> OLD.district_id THEN
        RAISE EXCEPTION 'the key of a row never changes' USING ERRCODE = '23514',
            TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_id_check';
    END IF;
    NEW.version := OLD.version;
    NEW.updated_at := OLD.updated_at;
    IF NEW IS DISTINCT FROM OLD THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := coalesce(nullif(current_setting('kith.now', true), '')::timestamptz, given);
    END IF;
    RETURN NEW;
END
$$;

-- The statements after which a trigger looks at all that they wrote, and by which names.
CREATE OR REPLACE FUNCTION statement_events()
RETURNS TABLE (name text, transition text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('INSERT', 'NEW TABLE AS new_rows'),
        ('UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
        ('DELETE', 'OLD TABLE AS old_rows')) AS e (name, transition);
END;

-- What a change of one row is called; moved by a transition, as that says.
CREATE OR REPLACE FUNCTION record_action(p_op text, p_aggregate text, p_old jsonb, p_new jsonb) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    moved text := CASE WHEN p_new ? 'stage' THEN 'stage' ELSE 'status' END;
BEGIN
    IF p_op <> 'UPDATE' THEN
        RETURN CASE p_op WHEN 'INSERT' THEN 'created' ELSE 'deleted' END;
    ELSIF p_old -> 'archived_at' <> p_new -> 'archived_at' AND 'null' IN (p_old -> 'archived_at', p_new -> 'archived_at') THEN
        RETURN CASE p_old -> 'archived_at' WHEN 'null' THEN 'archived' ELSE 'restored' END;
    ELSIF p_old -> moved <> p_new -> moved THEN
        RETURN coalesce(transition_event(p_aggregate, p_old ->> moved, p_new ->> moved), 'updated');
    END IF;
    RETURN 'updated';
END
$$;

-- Which fields of a row have changed, and of those in the comma list how.
CREATE OR REPLACE FUNCTION record_fields(p_public text, p_old jsonb, p_new jsonb, OUT names text[], OUT contents jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT array_agg(f.key ORDER BY f.key),
           jsonb_object_agg(f.key, jsonb_build_object('from', p_old -> f.key, 'to', f.value))
               FILTER (WHERE f.key = ANY (string_to_array(p_public, ',')))
    INTO names, contents
    FROM jsonb_each(p_new) f
    WHERE f.value IS DISTINCT FROM coalesce(p_old -> f.key, 'null')
      AND f.key <> ALL ('{version,created_at,updated_at,id,district_id,completeness,completeness_until}');
    IF is_erasing() THEN
        contents := NULL; -- the name that goes does not come to stay here
    END IF;
END
$$;

-- Of the request that asked for a row's change its id ('kith.request', 1), or its traceparent ('kith.trace', 2). A statement
-- that does what several have asked for has them in kith.requests, by the ids of rows.
CREATE OR REPLACE FUNCTION record_request(p_id uuid, p_setting text, p_part integer) RETURNS text
LANGUAGE sql STABLE
RETURN nullif(coalesce(nullif(current_setting(p_setting, true), ''),
                       split_part(nullif(current_setting('kith.requests', true), '')::jsonb ->> p_id::text, ';', p_part)), '');

CREATE OR REPLACE FUNCTION record_payload(
    p_district uuid, p_event uuid, p_type text, p_aggregate text, p_id uuid, p_version bigint, p_at timestamptz, p_data jsonb)
RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_strip_nulls(jsonb_build_object(
    'specversion', '1.0',
    'id', p_event,
    'source', '/districts/' || p_district,
    'type', p_type,
    'subject', p_aggregate || '/' || p_id,
    'time', rfc3339(p_at),
    'datacontenttype', 'application/json',
    'sequence', p_version::text,
    'traceparent', record_request(p_id, 'kith.trace', 2),
    'data', p_data));

-- One change as its audit row and its event, which share an id. Without a version it tells of many
-- rows, and p_data says which.
CREATE OR REPLACE FUNCTION record_write(
    p_district uuid, p_aggregate text, p_action text, p_id uuid, p_version bigint,
    p_changed text[], p_values jsonb, p_data jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    event uuid := uuid7();
    event_type text := 'org.kith.' || p_aggregate || '.' || p_action || '.v1';
    business_now timestamptz := business_now();
BEGIN
    WITH recorded AS (
        INSERT INTO audit (district_id, id, at, actor, request_id, action, aggregatetype, aggregateid,
                           changed, "values", detail)
        VALUES (p_district, event, business_now,
                nullif(current_setting('kith.user', true), '')::uuid,
                record_request(p_id, 'kith.request', 1),
                p_action, p_aggregate, p_id, p_changed, p_values,
                CASE WHEN p_version IS NULL THEN p_data END))
    INSERT INTO outbox (district_id, id, aggregatetype, aggregateid, type, sequence, payload)
    VALUES (p_district, event, p_aggregate, p_id, event_type, p_version,
            record_payload(p_district, event, event_type, p_aggregate, p_id, p_version, business_now, p_data));
END
$$;

-- The same of several rows that one statement changed, each of which somebody else has asked for.
CREATE OR REPLACE FUNCTION record_each(p_aggregate text, p_public text, p_old jsonb[], p_new jsonb[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    first text := uuid7();
    business_now timestamptz := business_now();
BEGIN
    WITH change AS MATERIALIZED (
        SELECT (r.new_row ->> 'district_id')::uuid AS district_id, uuid7_nth(first, r.nth) AS event, r.new_row -> 'id' AS name,
               (r.new_row ->> 'id')::uuid AS id, (r.new_row ->> 'version')::bigint AS version,
               record_action('UPDATE', p_aggregate, r.old_row, r.new_row) AS action, f.names, f.contents
        FROM unnest(p_old, p_new) WITH ORDINALITY AS r (old_row, new_row, nth)
        CROSS JOIN LATERAL record_fields(p_public, r.old_row, r.new_row) AS f
    ), recorded AS (
        INSERT INTO audit (district_id, id, at, actor, request_id, action, aggregatetype, aggregateid, changed, "values")
        SELECT c.district_id, c.event, business_now, nullif(current_setting('kith.user', true), '')::uuid,
               record_request(c.id, 'kith.request', 1), c.action, p_aggregate, c.id, c.names, c.contents
        FROM change c)
    INSERT INTO outbox (district_id, id, aggregatetype, aggregateid, type, sequence, payload)
    SELECT c.district_id, c.event, p_aggregate, c.id, t.event_type, c.version,
           record_payload(c.district_id, c.event, t.event_type, p_aggregate, c.id, c.version, business_now,
                          jsonb_build_object('id', c.name, 'changed', to_jsonb(c.names)))
    FROM change c
    CROSS JOIN LATERAL (SELECT 'org.kith.' || p_aggregate || '.' || c.action || '.v1' AS event_type) AS t;
END
$$;

-- What one statement did to many rows of a district, as one of them.
CREATE OR REPLACE FUNCTION record_batch(
    p_district uuid, p_aggregate text, p_action text, p_first text, p_last text, p_count bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM record_write(
        p_district, p_aggregate, p_action, NULL, NULL, NULL, NULL,
        jsonb_build_object('import', nullif(current_setting('kith.import', true), ''),
                           'first', p_first, 'last', p_last, 'count', p_count));
END
$$;

-- AFTER INSERT, UPDATE and DELETE for each statement, with the transition tables old_rows and
-- new_rows. Arguments: the aggregate type; a comma list of the public fields, whose values the audit
-- row keeps; a field, if any, whose change alone is told by another row's event; the marks that it leaves for
-- kith-checkin, if any (29_turn.sql). Runs as the owner: nobody else may write audit or outbox.
CREATE OR REPLACE FUNCTION record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    loops constant text := current_setting('enable_nestloop');
    old_row jsonb := '{}';
    new_row jsonb := '{}';
    several boolean;
    key_row jsonb;
    fields record; -- that changed
    old_rows_each jsonb[];
    new_rows_each jsonb[];
    ignored text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT to_jsonb(n), EXISTS (SELECT FROM new_rows OFFSET 1)
        INTO new_row, several FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        -- Mostly of one row, whose two versions need no join.
        SELECT to_jsonb(n), (SELECT to_jsonb(o) FROM old_rows o LIMIT 1), EXISTS (SELECT FROM new_rows OFFSET 1)
        INTO new_row, old_row, several FROM new_rows n LIMIT 1;
        IF several THEN
            -- Planned once, perhaps for two rows: not by a loop, which of thousands would look at each pair.
            ignored := set_config('enable_nestloop', 'off', true);
            SELECT to_jsonb(c.o), to_jsonb(c.n), c.several INTO old_row, new_row, several
            FROM (SELECT o, n, count(*) OVER () > 1 AS several
                  FROM new_rows n JOIN old_rows o ON o.district_id = n.district_id AND o.id = n.id
                  WHERE n.version <> o.version LIMIT 1) AS c; -- one alone as JSON
            ignored := set_config('enable_nestloop', loops, true);
        ELSIF old_row -> 'version' = new_row -> 'version' THEN
            RETURN NULL;
        END IF;
    ELSE
        SELECT to_jsonb(o), EXISTS (SELECT FROM old_rows OFFSET 1)
        INTO old_row, several FROM old_rows o;
    END IF;
    IF several IS NULL THEN
        RETURN NULL; -- no row, or none that changed
    ELSIF NOT several THEN
        IF TG_ARGV[3] IS NOT NULL THEN
            PERFORM turn_mark_row(
                coalesce(new_row ->> 'district_id', old_row ->> 'district_id')::uuid, TG_ARGV[3], old_row, new_row);
        END IF;
        fields := record_fields(TG_ARGV[1], old_row, new_row);
        IF fields.names = ARRAY[TG_ARGV[2]] THEN
            RETURN NULL;
        END IF;
        key_row := CASE TG_OP WHEN 'DELETE' THEN old_row ELSE new_row END;
        ignored := record_write(
            (key_row ->> 'district_id')::uuid, TG_ARGV[0], record_action(TG_OP, TG_ARGV[0], old_row, new_row),
            (key_row ->> 'id')::uuid,
            (key_row ->> 'version')::bigint + CASE TG_OP WHEN 'DELETE' THEN 1 ELSE 0 END,
            fields.names, fields.contents,
            jsonb_build_object('id', key_row -> 'id', 'changed', to_jsonb(fields.names)));
        RETURN NULL;
    END IF;
    IF TG_ARGV[3] IS NOT NULL THEN
        EXECUTE turn_mark_statement(TG_ARGV[3], CASE TG_OP
            WHEN 'INSERT' THEN 'SELECT * FROM new_rows'
            WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
            ELSE 'SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows' END);
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM record_batch(b.district_id, TG_ARGV[0], 'created', b.first, b.last, b.rows)
        FROM (SELECT r.district_id, min(r.id) AS first, max(r.id) AS last, count(*) AS rows
              FROM (SELECT n.district_id, n.id::text COLLATE "C" AS id FROM new_rows n OFFSET 0) AS r
              GROUP BY r.district_id) AS b;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM record_batch(b.district_id, TG_ARGV[0], 'deleted', b.first, b.last, b.rows)
        FROM (SELECT r.district_id, min(r.id) AS first, max(r.id) AS last, count(*) AS rows
              FROM (SELECT o.district_id, o.id::text COLLATE "C" AS id FROM old_rows o OFFSET 0) AS r
              GROUP BY r.district_id) AS b;
    ELSIF coalesce(current_setting('kith.requests', true), '') <> '' THEN
        ignored := set_config('enable_nestloop', 'off', true);
        SELECT array_agg(to_jsonb(o) ORDER BY n.id), array_agg(to_jsonb(n) ORDER BY n.id) INTO old_rows_each, new_rows_each
        FROM new_rows n JOIN old_rows o ON o.district_id = n.district_id AND o.id = n.id WHERE n.version <> o.version;
        ignored := set_config('enable_nestloop', loops, true);
        PERFORM record_each(TG_ARGV[0], TG_ARGV[1], old_rows_each, new_rows_each);
    ELSE
        ignored := set_config('enable_nestloop', 'off', true);
        PERFORM record_batch(
            b.district_id, TG_ARGV[0],
            CASE WHEN b.is_archived THEN 'archived' WHEN b.is_restored THEN 'restored' ELSE 'updated' END, b.first, b.last, b.rows)
        FROM (SELECT n.district_id, min(n.id::text COLLATE "C") AS first, max(n.id::text COLLATE "C") AS last, count(*) AS rows,
                     bool_and(o.archived_at IS NULL AND n.archived_at IS NOT NULL) AS is_archived,
                     bool_and(o.archived_at IS NOT NULL AND n.archived_at IS NULL) AS is_restored
              FROM new_rows n JOIN old_rows o ON o.district_id = n.district_id AND o.id = n.id
              WHERE n.version <> o.version GROUP BY n.district_id) AS b;
        ignored := set_config('enable_nestloop', loops, true);
    END IF;
    RETURN NULL;
END
$$;

-- But for what is past its schedule, which retention_dispose() takes out.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('kith.disposing', true) = 'audit' AND current_user = 'kith_owner' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;

GRANT EXECUTE ON FUNCTION rfc3339 TO PUBLIC;
REVOKE EXECUTE ON FUNCTION uuid7, uuid7_nth, bump_version, statement_events, record_action, record_fields, record_request, record_payload,
    record_write, record_each, record_batch, record_change, refuse_change FROM PUBLIC;
-- For what makes many rows in one statement; the id of one row is the program's.
GRANT EXECUTE ON FUNCTION uuid7, uuid7_nth TO kith_api, kith_checkin, kith_survey, kith_kpi, kith_mailer;

RESET ROLE;
