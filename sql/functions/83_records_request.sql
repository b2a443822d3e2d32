-- A records request: everything about one person or partner, in one file, as it was when it was gathered.

SET ROLE kith_owner;

-- What stands in no file: secrets, and what is derived.
CREATE OR REPLACE FUNCTION records_hidden() RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN '{district_id,password_hash,token_hash,csrf_hash,stop_hash}'::text[];

-- Nor what was answered without a name, or is counted of answers: who reads a file was promised nothing less than who reads
-- the results.
CREATE OR REPLACE FUNCTION records_hidden_tables() RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN '{survey_anonymous_answer,survey_counted,survey_block,survey_mark,survey_tally,survey_look,survey_public_use}'::text[];

-- The rows of a table by what stands in one of its columns.
CREATE OR REPLACE FUNCTION records_by(p_name text, p_field text, p_ids uuid[])
RETURNS TABLE (name text, row_id text, whole jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT %L::text, (to_jsonb(t) ->> ''id''), to_jsonb(t) - $2 FROM %I t
         WHERE t.district_id = current_setting(''kith.district'')::uuid AND t.%I = ANY ($1)',
        p_name, p_name, p_field) USING p_ids, records_hidden();
END
$$;

-- The rows about a subject: its own, and those that name it in a column that refers to it.
CREATE OR REPLACE FUNCTION records_about(p_parent text, p_ids uuid[]) RETURNS TABLE (name text, row_id text, whole jsonb)
LANGUAGE plpgsql STABLE AS $$ -- the rules that it reads come in later files
BEGIN
    RETURN QUERY SELECT b.*
    FROM (SELECT p_parent AS name, 'id' AS field
          UNION ALL
          SELECT r.name, r.field FROM reference_columns(p_parent) r WHERE r.name <> ALL (records_hidden_tables())) c
    CROSS JOIN LATERAL records_by(c.name, c.field, p_ids) b;
END
$$;

-- Both sides of a check-in may see what the other said.
CREATE OR REPLACE FUNCTION records_are_open(p_check_in uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN check_in_is_answered(p_check_in) OR check_in_is_past(p_check_in);

-- What people have answered in confidence is in no file about a partner or a person, nor is in one about a partner, whom a
-- survey asks about it, or what one side of a check-in says before the other side may see it.
CREATE OR REPLACE FUNCTION records_may_tell(p_name text, p_whole jsonb) RETURNS boolean
LANGUAGE sql STABLE
RETURN CASE p_name
    WHEN 'survey_answer' THEN EXISTS (
        SELECT FROM survey s
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = (p_whole ->> 'survey_id')::uuid
          AND s.mode = 'attributed')
    WHEN 'survey_invitation' THEN false
    WHEN 'check_in_half' THEN p_whole ->> 'status' = 'submitted' AND records_are_open((p_whole ->> 'check_in_id')::uuid)
    WHEN 'check_in_goal' THEN records_are_open((p_whole ->> 'check_in_id')::uuid)
    WHEN 'check_in_site' THEN records_are_open((p_whole ->> 'check_in_id')::uuid)
    ELSE true END;

-- What partnerships have in common with others is of none of them alone: an agreement, say.
CREATE OR REPLACE FUNCTION records_shared(p_partnerships uuid[]) RETURNS TABLE (name text, ids uuid[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.name, array_agg(s.id)
    FROM (SELECT 'agreement' AS name, l.agreement_id AS id FROM agreement_partnership l
          WHERE l.district_id = current_setting('kith.district')::uuid AND l.partnership_id = ANY (p_partnerships)
          UNION
          SELECT 'goal', l.goal_id FROM goal_partnership l
          WHERE l.district_id = current_setting('kith.district')::uuid AND l.partnership_id = ANY (p_partnerships)
          UNION
          SELECT 'story', l.story_id FROM story_subject l
          WHERE l.district_id = current_setting('kith.district')::uuid AND l.partnership_id = ANY (p_partnerships)
          UNION
          SELECT 'funding_application', l.funding_application_id FROM funding_partnership l
          WHERE l.district_id = current_setting('kith.district')::uuid AND l.partnership_id = ANY (p_partnerships)) AS s
    GROUP BY s.name;
END;

-- The rows that go with those (83_retention.sql), and with p_itself those, too: an agreement's checklist, what both sides
-- said in a check-in.
CREATE OR REPLACE FUNCTION records_whole(p_name text, p_ids uuid[], p_itself boolean)
RETURNS TABLE (name text, row_id text, whole jsonb)
LANGUAGE plpgsql STABLE AS $$ -- the rules that it reads come in later files
BEGIN
    RETURN QUERY SELECT b.*
    FROM (SELECT p_name AS name, 'id' AS field WHERE p_itself
          UNION ALL
          SELECT taken, p_name || '_id'
          FROM retention_kinds() k JOIN retention_deletable() d ON d.kind = k.kind CROSS JOIN LATERAL unnest(d.takes) AS taken
          WHERE k.name = p_name AND p_name <> 'records_request' -- the file itself
            AND taken <> ALL (records_hidden_tables())) c
    CROSS JOIN LATERAL records_by(c.name, c.field, p_ids) b;
END
$$;

-- All of a request: of a contact also what its user did, and what it has said in surveys under its name; of a partner also
-- its partnerships and all that goes with what is about them; what the audit log tells of the subject; and which files
-- belong to any of it.
CREATE OR REPLACE FUNCTION records_of(r records_request) RETURNS TABLE (name text, row_id text, whole jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH users AS MATERIALIZED (
        SELECT array_agg(u.id) AS ids FROM app_user u
        WHERE u.district_id = r.district_id AND (u.id = r.user_id OR u.contact_id = r.contact_id)),
    contacts AS MATERIALIZED (
        SELECT array_agg(c.id) AS ids FROM (
            SELECT r.contact_id AS id
            UNION
            SELECT u.contact_id FROM app_user u WHERE u.district_id = r.district_id AND u.id = r.user_id) AS c
        WHERE c.id IS NOT NULL),
    partnerships AS MATERIALIZED (
        SELECT array_agg(p.id) AS ids FROM partnership p
        WHERE p.district_id = r.district_id AND p.partner_id = r.partner_id),
    named AS MATERIALIZED (
        SELECT b.* FROM contacts s, records_about('contact', s.ids) b
        UNION ALL
        SELECT b.* FROM users s, records_about('app_user', s.ids) b
        UNION ALL
        SELECT b.* FROM records_about('partner', ARRAY[r.partner_id]) b WHERE r.partner_id IS NOT NULL
        UNION ALL
        SELECT b.* FROM partnerships s, records_about('partnership', s.ids) b),
    found AS MATERIALIZED (
        SELECT n.* FROM named n
        UNION ALL
        SELECT w.*
        FROM (SELECT array_agg(n.row_id::uuid) AS ids FROM named n WHERE n.name = 'survey_invitation' AND r.partner_id IS NULL) AS h,
             records_by('survey_answer', 'survey_invitation_id', h.ids) w
        WHERE records_may_tell(w.name, w.whole)
        UNION ALL
        SELECT w.* FROM partnerships s, records_shared(s.ids) h, records_whole(h.name, h.ids, true) w
        UNION ALL
        SELECT w.*
        FROM (SELECT n.name, array_agg(n.row_id::uuid) AS ids FROM named n GROUP BY n.name) AS h,
             records_whole(h.name, h.ids, false) w
        WHERE r.partner_id IS NOT NULL)
    SELECT DISTINCT ON (a.name, a.row_id, a.whole) a.* FROM (
        SELECT f.* FROM found f WHERE r.partner_id IS NULL OR records_may_tell(f.name, f.whole)
        UNION ALL
        SELECT 'attachment', t.id::text, to_jsonb(t) - records_hidden() FROM attachment t
        WHERE t.district_id = r.district_id AND t.subject_id IN (SELECT f.row_id::uuid FROM found f)
        UNION ALL
        SELECT 'audit', t.id::text, to_jsonb(t) - records_hidden() FROM audit t
        WHERE t.district_id = r.district_id
          AND (t.actor IN (SELECT unnest(s.ids) FROM users s)
               OR t.aggregateid IN (r.contact_id, r.user_id, r.partner_id))) AS a
    ORDER BY a.name, a.row_id, a.whole;
END;

DROP FUNCTION IF EXISTS records_may_tell_answer(uuid); -- of before check-ins were in the file

-- Writes the file in parts, and gives how many records it has. The owner's: nobody else writes one, nor reads all
-- that is in it.
CREATE OR REPLACE FUNCTION records_gather(p_id uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    rows_a_part constant integer := 500;
    r records_request;
    records bigint;
BEGIN
    SELECT * INTO STRICT r FROM records_request o WHERE o.district_id = district AND o.id = p_id;
    DELETE FROM records_part p WHERE p.district_id = district AND p.records_request_id = p_id;
    WITH numbered AS MATERIALIZED (
        SELECT n.*, row_number() OVER (ORDER BY n.name, n.row_id, n.whole) AS place FROM records_of(r) n),
    part AS (
        INSERT INTO records_part (district_id, records_request_id, number, content)
        SELECT district, p_id, 1 + (n.place - 1) / rows_a_part,
               string_agg(CASE WHEN n.place = 1 THEN '' ELSE E',\n' END
                          || jsonb_build_object('resource', n.name, 'record', n.whole)::text, '' ORDER BY n.place)
        FROM numbered n GROUP BY 1 + (n.place - 1) / rows_a_part)
    SELECT count(*) INTO records FROM numbered;
    INSERT INTO records_part (district_id, records_request_id, number, content)
    VALUES (district, p_id, 0, left(jsonb_build_object(
                'records_request_id', r.id, 'contact_id', r.contact_id, 'user_id', r.user_id,
                'partner_id', r.partner_id, 'gathered_at', rfc3339(current_setting('kith.now')::timestamptz),
                'count', records)::text, -1) || E', "records": [\n'),
           (district, p_id, 2 + greatest(records - 1, 0) / rows_a_part, E'\n]}\n');
    RETURN records;
END
$$;

-- The request, locked, in its next status.
CREATE OR REPLACE FUNCTION records_request_move(p_id uuid, p_version bigint, p_action text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('records_request', p_id, p_version);
    RETURN transition('records_request', p_action, (
        SELECT r.status FROM records_request r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = p_id));
END
$$;

-- Somebody is at it: also at what stands on paper.
CREATE OR REPLACE FUNCTION records_request_begin(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := records_request_move(p_id, p_version, 'begin');
BEGIN
    UPDATE records_request r SET status = next_status,
        owner_id = coalesce(r.owner_id, current_setting('kith.user')::uuid)
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION records_request_gather(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := records_request_move(p_id, p_version, 'gather');
BEGIN
    UPDATE records_request r SET status = next_status, records = records_gather(p_id),
        gathered_at = current_setting('kith.now')::timestamptz
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION records_request_deliver(p_id uuid, p_version bigint, p_delivered_to text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := records_request_move(p_id, p_version, 'deliver');
BEGIN
    UPDATE records_request r SET status = next_status, delivered_to = p_delivered_to,
        delivered_at = current_setting('kith.now')::timestamptz
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION records_request_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := records_request_move(p_id, p_version, 'withdraw');
BEGIN
    UPDATE records_request r SET status = next_status, status_reason = p_reason
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = p_id;
END
$$;

-- On which days before it is due whoever sees to it is told; a day late, once more.
CREATE OR REPLACE FUNCTION records_request_days() RETURNS integer[]
LANGUAGE sql IMMUTABLE
RETURN '{7,3,1,0,-1}'::integer[];

-- In the morning of such a day, or of the next business day, one mail each; of two such days that fall on one, the later
-- one counts. Nobody sees to it: the administrators do.
-- What became known later than that day is not told of it.
CREATE OR REPLACE FUNCTION records_requests_remind(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    today date;
    morning timestamptz;
    r record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    SELECT local_instant(today, d.mail_hour::integer, d.zone) INTO STRICT morning FROM district d WHERE d.id = p_district;
    IF p_now < morning THEN
        RETURN 0;
    END IF;
    FOR r IN
        SELECT DISTINCT ON (q.id, u.id) q.id, q.due_on, u.id AS told, q.due_on || ' ' || n AS occurrence
        FROM records_request q
        CROSS JOIN unnest(records_request_days()) AS n
        JOIN app_user u ON u.district_id = q.district_id AND u.status = 'active' AND u.archived_at IS NULL
            AND CASE WHEN q.owner_id IS NOT NULL THEN u.id = q.owner_id
                     ELSE user_has_role(u.id, '{admin}', today) END
        WHERE q.district_id = p_district AND q.status IN ('received', 'gathering', 'ready')
          AND q.archived_at IS NULL AND q.received_on <= q.due_on - n
          AND q.due_on - n BETWEEN today - 4 AND today AND first_business_day(q.due_on - n, today) = today
          AND NOT EXISTS (SELECT FROM message m
                          WHERE m.district_id = p_district AND m.kind = 'records_request_due'
                            AND m.subject_id = q.id AND m.user_id = u.id
                            AND (m.not_before >= morning OR m.occurrence = q.due_on || ' ' || n))
        ORDER BY q.id, u.id, n
    LOOP
        PERFORM message_queue('duty', 'records', 'records_request_due', r.id, NULL, r.told, r.occurrence,
                              jsonb_build_object('on', r.due_on, 'is_overdue', r.due_on < today), morning,
                              morning + interval '1 day');
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Somebody takes the file: how many parts it has, and a record of it. No row: there is no such request.
CREATE OR REPLACE FUNCTION records_take(p_id uuid, OUT parts bigint) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    r records_request;
    ignored text;
BEGIN
    SELECT o.* INTO r FROM records_request o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    IF r.id IS NOT NULL AND NOT EXISTS (
        SELECT FROM records_part p WHERE p.district_id = r.district_id AND p.records_request_id = r.id) THEN
        ignored := refuse_state('There is no file; gather it.', jsonb_build_object('status', r.status));
    ELSIF r.id IS NOT NULL THEN
        ignored := record_write(r.district_id, 'records_request', 'downloaded', r.id, r.version, NULL, NULL,
                                jsonb_build_object('id', r.id));
        RETURN QUERY SELECT count(*) FROM records_part p
        WHERE p.district_id = r.district_id AND p.records_request_id = r.id;
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION records_hidden, records_hidden_tables, records_by, records_about, records_may_tell, records_are_open,
    records_shared, records_whole, records_of, records_gather, records_request_move,
    records_request_begin, records_request_gather, records_request_deliver, records_request_withdraw,
    records_request_days, records_requests_remind, records_take FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records_requests_remind TO kith_checkin;
GRANT EXECUTE ON FUNCTION records_gather, records_request_move, records_request_begin, records_request_gather,
    records_request_deliver, records_request_withdraw, records_take TO kith_api;

RESET ROLE;
