-- What actions share: who may act on a row, where a transition of status (34_transition.sql) leads, and how an action
-- is refused. KI404: no such row. KIOUT: a row that the grants do not cover. KI412: another version.
-- KI304: it is there already, and the detail says where. KI490: the state forbids it; the message is for the client, the detail a JSON object. KI491: a
-- field is at fault, named as the error's column; the message is for the client.

SET ROLE kith_owner;

-- What is sealed, or must be so or so, does not keep a name while its person is erased (83_erasure.sql).
CREATE OR REPLACE FUNCTION is_erasing() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('kith.erasing', true) = 'on', false);

-- Nor does a guard of what is settled keep a reference to a record that has become another (98_merge.sql).
CREATE OR REPLACE FUNCTION is_unguarded() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN is_erasing() OR coalesce(current_setting('kith.merging', true) = 'on', false);

-- Nothing was to be written: p_id says the same, and the API answers with that.
CREATE OR REPLACE FUNCTION refuse_same(p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'it is there' USING ERRCODE = 'KI304', DETAIL = p_id::text;
END
$$;

CREATE OR REPLACE FUNCTION refuse_state(p_message text, p_state jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF is_unguarded() THEN
        RETURN;
    END IF;
    RAISE EXCEPTION '%', p_message USING ERRCODE = 'KI490', DETAIL = p_state::text;
END
$$;

CREATE OR REPLACE FUNCTION refuse_field(p_field text, p_message text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF is_unguarded() THEN
        RETURN;
    END IF;
    RAISE EXCEPTION '%', p_message USING ERRCODE = 'KI491', COLUMN = p_field;
END
$$;

-- Who sees to something from now on. KI491 where that user has left, or does so at this moment: whoever hands over
-- what somebody carries holds the row (97_departure_hand_over.sql). Who saw to what is over, by its last day or its
-- status, may be whoever it was.
CREATE OR REPLACE FUNCTION serving_put(p_field text, p_user uuid, p_before uuid, p_last date, p_status text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF p_user IS DISTINCT FROM p_before AND (
        SELECT u.archived_at IS NOT NULL FROM app_user u
        WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = p_user FOR KEY SHARE)
       AND NOT coalesce(p_last < district_today(), false)
       AND NOT coalesce(p_status = ANY ('{done,closed,held,cancelled,applied,dropped,resolved,dismissed,sent,given}'), false)
    THEN
        PERFORM refuse_field(p_field, format('"%s" has left.', p_field));
    END IF;
    RETURN p_user;
END
$$;

CREATE OR REPLACE FUNCTION serving_put(p_field text, p_user uuid, p_before uuid) RETURNS uuid
LANGUAGE sql
RETURN serving_put(p_field, p_user, p_before, NULL, NULL);

-- Locks a row for an action, if it is there, may be written, is not archived, and has the version
-- (NULL: any).
CREATE OR REPLACE FUNCTION lock_row(p_table text, p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found_version bigint;
    found_archived timestamptz;
    is_there boolean;
BEGIN
    EXECUTE format('SELECT version, archived_at FROM %I WHERE id = $1 FOR UPDATE', p_table)
    INTO found_version, found_archived USING p_id;
    IF found_version IS NULL THEN -- not there, or no row that this context may write
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id = $1)', p_table)
        INTO is_there USING p_id;
        RAISE EXCEPTION 'no row to act on'
            USING ERRCODE = CASE WHEN is_there THEN 'KIOUT' ELSE 'KI404' END;
    ELSIF found_version <> p_version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    ELSIF found_archived IS NOT NULL THEN
        PERFORM refuse_state('It is archived; restore it first.', '{"status": "archived"}');
    END IF;
END
$$;

-- The status that the action leads to.
CREATE OR REPLACE FUNCTION transition(p_resource text, p_action text, p_status text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    next_status text;
BEGIN
    SELECT t.to_status INTO next_status FROM transitions() t
    WHERE t.resource = p_resource AND t.action = p_action AND t.from_status = p_status;
    IF next_status IS NULL THEN
        PERFORM refuse_state(
            format('It is %s, so that this is not possible.', replace(p_status, '_', ' ')),
            jsonb_build_object('status', p_status, 'possible', (
                SELECT coalesce(jsonb_agg(DISTINCT t.action), '[]') FROM transitions() t
                WHERE t.resource = p_resource AND t.from_status = p_status)));
    END IF;
    RETURN next_status;
END
$$;

-- Makes the function of each of some actions that only move a row: <resource>_move does it, and is told the action and what
-- else there is to say.
CREATE OR REPLACE FUNCTION make_moves(p_resource text, p_verbs text[], p_parameters text, p_rest text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    verb text;
BEGIN
    FOREACH verb IN ARRAY p_verbs LOOP
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION %1$s_%2$s(p_id uuid, p_version bigint%3$s) RETURNS void
             LANGUAGE sql RETURN %1$s_move(p_id, p_version, %2$L, %4$s)', p_resource, verb, p_parameters, p_rest);
    END LOOP;
END
$$;

-- What a change of status is called in its event, by "resource from to": the action's past participle. Of several actions
-- between the same two it is the first.
CREATE OR REPLACE FUNCTION transition_events() RETURNS jsonb
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_object_agg(e.change, e.event)
    FROM (SELECT concat_ws(' ', t.resource, t.from_status, t.to_status) AS change,
                 CASE min(t.action)
                     WHEN 'apply' THEN 'applied'
                     WHEN 'bar' THEN 'barred'
                     WHEN 'begin' THEN 'begun'
                     WHEN 'vet' THEN 'vetted'
                     WHEN 'verify' THEN 'verified'
                     WHEN 'cancel' THEN 'cancelled'
                     WHEN 'give' THEN 'given'
                     WHEN 'commit' THEN 'committed'
                     WHEN 'drop' THEN 'dropped'
                     WHEN 'hand_over' THEN 'handed_over'
                     WHEN 'hold' THEN 'held'
                     WHEN 'meet' THEN 'met'
                     WHEN 'miss' THEN 'missed'
                     WHEN 'refer' THEN 'referred'
                     WHEN 'send' THEN 'sent'
                     WHEN 'skip' THEN 'skipped'
                     WHEN 'submit' THEN 'submitted'
                     WHEN 'withdraw' THEN 'withdrawn'
                     ELSE min(t.action) || CASE WHEN min(t.action) LIKE '%e' THEN 'd' ELSE 'ed' END
                 END AS event
          FROM transitions() t
          WHERE t.from_status <> t.to_status -- what stays as it is was changed, not moved
          GROUP BY 1) AS e;
END;

-- NULL: the change is no transition. What all are called is a constant of the plan, which stays with the session: to look
-- through the transitions takes a third of a millisecond.
CREATE OR REPLACE FUNCTION transition_event(p_resource text, p_from text, p_to text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN transition_events() ->> concat_ws(' ', p_resource, p_from, p_to);
END
$$;

-- Refuses an action for what is missing, if anything is.
CREATE OR REPLACE FUNCTION refuse_missing(p_resource text, p_status text, p_missing text[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_missing <> '{}' THEN
        PERFORM refuse_state(
            (SELECT string_agg(coalesce(o.name || ': ', '') || r.sentence, ' ' ORDER BY m.place)
             FROM unnest(p_missing) WITH ORDINALITY AS m (code, place)
             JOIN requirements() r ON r.resource = p_resource AND r.code = split_part(m.code, ':', 1)
             LEFT JOIN partner o ON o.id = nullif(split_part(m.code, ':', 2), '')::uuid),
            jsonb_strip_nulls(jsonb_build_object('status', p_status, 'missing', p_missing)));
    END IF;
END
$$;

-- A trigger's: what is no draft any more stays as it was.
CREATE OR REPLACE FUNCTION refuse_past_draft() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('Only a draft is changed.', jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;

REVOKE EXECUTE ON FUNCTION is_erasing, is_unguarded, serving_put(text, uuid, uuid, date, text), serving_put(text, uuid, uuid), make_moves, refuse_past_draft, refuse_same, refuse_state,
    refuse_field, lock_row, transition, transition_events, transition_event, refuse_missing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION serving_put(text, uuid, uuid, date, text), serving_put(text, uuid, uuid) TO kith_api;
GRANT EXECUTE ON FUNCTION is_erasing, is_unguarded, refuse_same, refuse_state, refuse_field, lock_row, transition,
    refuse_missing TO kith_api, kith_checkin, kith_survey, kith_kpi, kith_mailer;

RESET ROLE;
