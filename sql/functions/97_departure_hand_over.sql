-- Who takes over what somebody leaves, and the one transaction in which it is done.

SET ROLE kith_owner;

-- Each item of a departure with its receiver: the one named for it, or for all of its resource, or the
-- departure's own. is_lacking: nobody was named, and it needs somebody.
CREATE OR REPLACE FUNCTION departure_items(p_id uuid)
RETURNS TABLE (name text, field text, resource text, way text, subject_id uuid, title text, rival text,
               receiver_id uuid, given_by text, is_lacking boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.name, i.field, i.resource, i.way, i.subject_id, i.title, i.rival, w.receiver_id, w.given_by,
           i.way <> 'ends' AND w.receiver_id IS NULL AND NOT (o.id IS NOT NULL AND i.may_lack)
    FROM departure d
    CROSS JOIN LATERAL person_items(CASE WHEN d.user_id IS NULL THEN 'contact' ELSE 'user' END,
                                    coalesce(d.user_id, d.contact_id), d.partner_id, d.on_date) i
    LEFT JOIN LATERAL (
        SELECT r.* FROM departure_receiver r
        WHERE r.district_id = d.district_id AND r.departure_id = d.id AND r.archived_at IS NULL
          AND r.resource = i.resource AND coalesce(r.subject_id, i.subject_id) = i.subject_id
        ORDER BY r.subject_id LIMIT 1) o ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN i.way = 'ends' THEN NULL
                    WHEN o.id IS NOT NULL THEN coalesce(o.user_id, o.contact_id)
                    ELSE coalesce(d.receiver_user_id, d.receiver_contact_id) END AS receiver_id,
               CASE WHEN i.way = 'ends' THEN 'nobody'
                    WHEN o.subject_id IS NOT NULL THEN 'item'
                    WHEN o.id IS NOT NULL THEN 'resource' ELSE 'departure' END AS given_by) w
    WHERE d.district_id = current_setting('kith.district')::uuid AND d.id = p_id;
END;

-- Somebody who can take something over on a day: active, and not about to leave.
CREATE OR REPLACE FUNCTION can_receive(p_who uuid, p_day date) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
        SELECT FROM app_user u
        WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = p_who
          AND u.status = 'active' AND u.archived_at IS NULL
        UNION ALL
        SELECT FROM contact c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_who
          AND c.status = 'active' AND c.archived_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM departure d
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.status = 'planned'
          AND d.archived_at IS NULL AND p_who IN (d.user_id, d.contact_id) AND d.partner_id IS NULL
          AND d.on_date <= p_day);

CREATE OR REPLACE FUNCTION departure_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM departure d
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(i.is_lacking), false) AS is_lacking,
               coalesce(bool_or(NOT can_receive(i.receiver_id, d.on_date))
                            FILTER (WHERE i.receiver_id IS NOT NULL), false) AS is_gone
        FROM departure_items(d.id) i) AS n
    CROSS JOIN LATERAL (VALUES (1, 'receiver', n.is_lacking), (2, 'receiver_gone', n.is_gone))
        AS m (place, code, is_missing)
    WHERE d.id = p_id AND p_action = 'hand_over' AND m.is_missing;
END;

-- Who takes over is somebody else, of the same side, who is there.
CREATE OR REPLACE FUNCTION check_receiver(d departure, p_user uuid, p_contact uuid, p_prefix text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    field text := p_prefix || CASE WHEN p_user IS NULL THEN 'contact_id' ELSE 'user_id' END;
    who uuid := coalesce(p_user, p_contact);
BEGIN
    IF who IS NULL THEN
        RETURN;
    ELSIF (p_user IS NULL) <> (d.user_id IS NULL) THEN
        PERFORM refuse_field(field, format('"%s" must be null: who leaves is of the other side.', field));
    ELSIF who IN (d.user_id, d.contact_id) THEN
        PERFORM refuse_field(field, format('"%s" must not be who leaves.', field));
    ELSIF EXISTS (SELECT FROM app_user u WHERE u.id = who UNION ALL SELECT FROM contact c WHERE c.id = who)
        AND NOT can_receive(who, d.on_date) THEN
        PERFORM refuse_field(field, format('"%s" is nobody who can take it over.', field));
    END IF;
END
$$;

-- A departure ends an account: an administrator's is no director's to end.
CREATE OR REPLACE FUNCTION check_leaver(d departure) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'kith_api' AND NOT kith_has_role('admin') AND EXISTS (
        SELECT FROM user_grant g
        WHERE g.district_id = d.district_id AND g.user_id = d.user_id AND g.role = 'admin' AND g.archived_at IS NULL
          AND coalesce(g.until_date, 'infinity') >= district_today()) THEN
        RAISE EXCEPTION '"user_id" is an administrator; that one leaves is for administrators to say.'
            USING ERRCODE = 'KI493', COLUMN = 'user_id';
    END IF;
END
$$;

-- What was handed over, or will not be, stays as it is. Only a request is asked: what a hand-over writes of other
-- departures says what it lacks when it is its turn, and whoever is erased is erased here, too.
CREATE OR REPLACE FUNCTION guard_departure() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status <> 'planned' THEN
        PERFORM refuse_state(format('It is %s.', replace(OLD.status, '_', ' ')),
                             jsonb_build_object('status', OLD.status));
    END IF;
    PERFORM check_receiver(NEW, NEW.receiver_user_id, NEW.receiver_contact_id, 'receiver_');
    PERFORM check_leaver(NEW);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_new BEFORE INSERT ON departure
    FOR EACH ROW EXECUTE FUNCTION guard_departure();
CREATE OR REPLACE TRIGGER guard_change BEFORE UPDATE ON departure
    FOR EACH ROW WHEN (current_user = 'kith_api' AND NEW.status = OLD.status AND (NEW.user_id, NEW.contact_id,
        NEW.partner_id, NEW.on_date, NEW.reason, NEW.receiver_user_id, NEW.receiver_contact_id)
        IS DISTINCT FROM (OLD.user_id, OLD.contact_id, OLD.partner_id, OLD.on_date, OLD.reason,
        OLD.receiver_user_id, OLD.receiver_contact_id))
    EXECUTE FUNCTION guard_departure();

CREATE OR REPLACE FUNCTION guard_receiver() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    d departure;
BEGIN
    SELECT t.* INTO d FROM departure t WHERE t.district_id = NEW.district_id AND t.id = NEW.departure_id;
    IF d.id IS NULL THEN
        RETURN NEW; -- the foreign key says so
    ELSIF d.status <> 'planned' THEN
        PERFORM refuse_state(format('The departure is %s.', replace(d.status, '_', ' ')),
                             jsonb_build_object('status', d.status));
    ELSIF NOT EXISTS (SELECT FROM person_columns() c
                      WHERE c.resource = NEW.resource AND c.way <> 'ends'
                        AND c.person = CASE WHEN d.user_id IS NULL THEN 'contact' ELSE 'user' END) THEN
        PERFORM refuse_field('resource', '"resource" names nothing that such a person hands over.');
    ELSIF NEW.subject_id IS NOT NULL
        AND (NEW.subject_id, NEW.resource) IS DISTINCT FROM (OLD.subject_id, OLD.resource) AND NOT EXISTS (
        SELECT FROM departure_items(d.id) i
        WHERE i.resource = NEW.resource AND i.subject_id = NEW.subject_id) THEN
        PERFORM refuse_field('subject_id', '"subject_id" names nothing that who leaves carries.');
    END IF;
    PERFORM check_receiver(d, NEW.user_id, NEW.contact_id, '');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_new BEFORE INSERT ON departure_receiver
    FOR EACH ROW EXECUTE FUNCTION guard_receiver();
CREATE OR REPLACE TRIGGER guard_change
    BEFORE UPDATE OF departure_id, resource, subject_id, user_id, contact_id ON departure_receiver
    FOR EACH ROW WHEN (current_user = 'kith_api') EXECUTE FUNCTION guard_receiver();

-- ---- Handing over --------------------------------------------------------------------------------

DROP FUNCTION IF EXISTS departure_move(departure, jsonb, date);

-- Rows of one table that one person takes over as they are: by one statement, since what follows a statement costs
-- as much for one row as for a thousand.
CREATE OR REPLACE FUNCTION departure_move_all(
    d departure, p_table text, p_field text, p_ids uuid[], p_receiver uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('UPDATE %I t SET %I = $3 WHERE t.district_id = $1 AND t.id = ANY ($2)', p_table, p_field)
    USING d.district_id, p_ids, p_receiver;
END
$$;

-- Rows that end, and the receiver's own after them; a row that had not begun is archived. Where somebody holds it by
-- then already, or one row says what another does, nobody begins.
CREATE OR REPLACE FUNCTION departure_end_all(
    d departure, p_table text, p_field text, p_rival text, p_ids uuid[], p_receiver uuid, p_today date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    rivals text := format(
        '(%s) AND $2 IS NOT NULL AND coalesce(o.until_date, ''infinity'') >= t.from_date
         AND coalesce(o.from_date, ''-infinity'') <= coalesce(t.until_date, ''infinity'')', replace(p_rival, '$3', '$2'));
    columns text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                     WHERE a.attrelid = p_table::regclass AND a.attnum > 0 AND NOT a.attisdropped
                       AND a.attgenerated = '');
    held jsonb;
BEGIN
    EXECUTE format('SELECT jsonb_agg(to_jsonb(t) ORDER BY array_position($2, t.id)) FROM %I t
                    WHERE t.district_id = $1 AND t.id = ANY ($2)', p_table)
    INTO held USING d.district_id, p_ids;
    EXECUTE format(
        'UPDATE %I t SET until_date = CASE WHEN t.from_date >= $3 THEN t.until_date ELSE $3 - 1 END,
             archived_at = CASE WHEN t.from_date >= $3 THEN $4 ELSE t.archived_at END
         WHERE t.district_id = $1 AND t.id = ANY ($2)', p_table)
    USING d.district_id, p_ids, d.on_date, business_now;
    IF p_receiver IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'WITH next AS MATERIALIZED (
             SELECT h.place, r.* FROM jsonb_array_elements($1) WITH ORDINALITY AS h (item, place)
             CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$I, h.item || $3 || jsonb_build_object(
                 ''id'', uuid7(), ''from_date'', greatest((h.item ->> ''from_date'')::date, $4))) r
             WHERE coalesce((h.item ->> ''until_date'')::date >= $4, true))
         INSERT INTO %1$I (%2$s) SELECT %2$s FROM next t
         WHERE NOT EXISTS (SELECT FROM %1$I o
                           WHERE o.district_id = t.district_id AND o.archived_at IS NULL AND o.id <> ALL ($5) AND %3$s)
           AND NOT EXISTS (SELECT FROM next o WHERE o.place < t.place AND %3$s)
         ORDER BY t.place', p_table, columns, rivals)
    USING held, p_receiver,
          jsonb_build_object(p_field, p_receiver, 'version', 1, 'created_at', business_now, 'updated_at', business_now),
          p_today, p_ids;
END
$$;

-- Nothing opens any more for who leaves, no mail goes there, and nobody need be called about it.
CREATE OR REPLACE FUNCTION departure_end_access(d departure) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    UPDATE app_user u SET archived_at = business_now
    WHERE u.district_id = d.district_id AND u.id = d.user_id AND u.archived_at IS NULL;
    UPDATE contact c SET status = 'left'
    WHERE c.district_id = d.district_id AND c.id = d.contact_id AND d.partner_id IS NULL
      AND c.status IN ('active', 'inactive');
    UPDATE link l SET revoked_at = business_now
    WHERE l.district_id = d.district_id AND (l.user_id = d.user_id OR l.contact_id = d.contact_id)
      AND l.revoked_at IS NULL AND l.purpose <> 'preferences'
      AND (d.partner_id IS NULL OR EXISTS (
          SELECT FROM message m
          JOIN partnership p ON p.district_id = m.district_id AND p.id = m.partnership_id
          WHERE m.district_id = l.district_id AND m.id = l.message_id AND p.partner_id = d.partner_id));
    UPDATE message m SET status = 'suppressed', reason = 'left_org'
    WHERE m.district_id = d.district_id AND (m.user_id = d.user_id OR m.contact_id = d.contact_id)
      AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL
      AND (d.partner_id IS NULL OR EXISTS (
          SELECT FROM partnership p
          WHERE p.district_id = m.district_id AND p.id = m.partnership_id AND p.partner_id = d.partner_id));
    UPDATE call_task k SET status = 'done', done_at = business_now
    WHERE k.district_id = d.district_id AND k.kind = 'hand_over' AND k.status = 'open'
      AND (k.user_id = d.user_id OR k.contact_id = d.contact_id)
      AND (d.partner_id IS NULL OR EXISTS (
          SELECT FROM partnership p
          WHERE p.district_id = k.district_id AND p.id = k.partnership_id AND p.partner_id = d.partner_id));
END
$$;

-- All of it, or none. As the owner: what somebody carries is of many tables, and who may say that he leaves may
-- say all of it.
CREATE OR REPLACE FUNCTION departure_run(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    d departure;
    today date := district_today();
    carried jsonb;
    held record;
BEGIN
    SELECT t.* INTO STRICT d FROM departure t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id FOR UPDATE;
    IF d.status <> 'planned' OR d.on_date > today THEN
        RETURN;
    END IF;
    -- Whoever gives somebody something meanwhile waits, or is seen.
    PERFORM FROM app_user u WHERE u.district_id = d.district_id AND u.id = d.user_id FOR UPDATE;
    PERFORM FROM contact c WHERE c.district_id = d.district_id AND c.id = d.contact_id FOR UPDATE;
    PERFORM refuse_missing('departure', d.status, departure_missing(p_id, 'hand_over'));
    SELECT coalesce(jsonb_agg(to_jsonb(i)), '[]') INTO carried FROM departure_items(p_id) i;
    FOR held IN
        SELECT i.item ->> 'name' AS name, i.item ->> 'field' AS field, i.item ->> 'way' AS way,
               i.item ->> 'rival' AS rival, (i.item ->> 'receiver_id')::uuid AS receiver,
               array_agg((i.item ->> 'subject_id')::uuid ORDER BY i.place) AS ids
        FROM jsonb_array_elements(carried) WITH ORDINALITY AS i (item, place)
        GROUP BY 1, 2, 3, 4, 5 ORDER BY min(i.place)
    LOOP
        IF held.way = 'moves' THEN
            PERFORM departure_move_all(d, held.name, held.field, held.ids, held.receiver);
        ELSE
            PERFORM departure_end_all(d, held.name, held.field, held.rival, held.ids, held.receiver, today);
        END IF;
    END LOOP;
    PERFORM departure_letters(d, carried);
    PERFORM departure_end_access(d);
    UPDATE departure t SET status = 'handed_over', problem = NULL, items = departure_list(carried),
        handed_over_at = current_setting('kith.now')::timestamptz
    WHERE t.district_id = d.district_id AND t.id = d.id;
END
$$;

-- At once, or on its day, when it is still to come; then what is missing is said now. Done before, it stays done.
CREATE OR REPLACE FUNCTION departure_hand_over(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    d departure;
BEGIN
    PERFORM lock_row('departure', p_id, p_version);
    SELECT t.* INTO d FROM departure t WHERE t.id = p_id;
    IF d.status = 'handed_over' THEN
        RETURN;
    END IF;
    PERFORM check_leaver(d);
    PERFORM transition('departure', 'hand_over', d.status);
    PERFORM refuse_missing('departure', d.status, departure_missing(p_id, 'hand_over'));
    PERFORM departure_run(p_id);
END
$$;

CREATE OR REPLACE FUNCTION departure_cancel(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('departure', p_id, p_version, 'cancel');
BEGIN
    UPDATE departure t SET status = next_status, status_reason = p_reason, problem = NULL WHERE t.id = p_id;
END
$$;

-- One whose day has come; what stands in its way is kept, and who leaves is out all the same.
CREATE OR REPLACE FUNCTION departure_try(p_id uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    why text;
BEGIN
    BEGIN
        PERFORM departure_run(p_id);
        RETURN 1;
    EXCEPTION WHEN SQLSTATE 'KI490' OR SQLSTATE 'KI491' OR integrity_constraint_violation THEN
        why := left(SQLERRM, 1000);
    END;
    BEGIN
        PERFORM departure_end_access(t) FROM departure t WHERE t.district_id = district AND t.id = p_id;
    EXCEPTION WHEN SQLSTATE 'KI490' THEN
        why := left(SQLERRM, 1000); -- the last administrator
    END;
    UPDATE departure t SET problem = why
    WHERE t.district_id = district AND t.id = p_id AND t.problem IS DISTINCT FROM why;
    RETURN 0;
END
$$;

REVOKE EXECUTE ON FUNCTION departure_items, can_receive, departure_missing, check_receiver, check_leaver, guard_departure,
    guard_receiver, departure_move_all, departure_end_all, departure_end_access, departure_run,
    departure_hand_over, departure_cancel, departure_try FROM PUBLIC;
GRANT EXECUTE ON FUNCTION departure_items, can_receive, departure_missing, check_receiver, check_leaver, departure_run,
    departure_hand_over, departure_cancel TO kith_api;

RESET ROLE;
