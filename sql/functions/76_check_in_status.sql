-- The life of a check-in, by hand and by the clock.

SET ROLE kith_owner;

-- Ends it: complete when both halves are in, else closed_partial or missed. The goals of which both
-- sides say the same, or have agreed, take it over; where they differ, both stand and none is taken.
CREATE OR REPLACE FUNCTION check_in_finish(p_check_in check_in) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    in_count bigint;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    ending text;
BEGIN
    SELECT count(*) INTO in_count FROM check_in_half h
    WHERE h.district_id = p_check_in.district_id AND h.check_in_id = p_check_in.id
      AND h.status = 'submitted';
    ending := CASE in_count WHEN 2 THEN 'complete' WHEN 1 THEN 'closed_partial' ELSE 'missed' END;
    UPDATE check_in SET status = ending, closed_at = business_now,
        completed_at = CASE ending WHEN 'complete' THEN business_now END
    WHERE district_id = p_check_in.district_id AND id = p_check_in.id;
    IF ending = 'complete' THEN
        PERFORM check_in_goals_take(p_check_in, NULL);
    END IF;
    PERFORM message_withdraw(p_check_in.district_id, p_check_in.id, NULL,
                             CASE ending WHEN 'complete' THEN 'already_done' ELSE 'cancelled' END);
END
$$;

CREATE OR REPLACE FUNCTION check_in_open(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'open');
BEGIN
    UPDATE check_in SET status = 'open', opened_at = current_setting('kith.now')::timestamptz,
        opens_on = least(opens_on, partnership_today(partnership_id))
    WHERE district_id = c.district_id AND id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION check_in_complete(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'complete');
    missing text[] := check_in_missing(p_id);
BEGIN
    IF cardinality(missing) > 0 THEN
        PERFORM refuse_state('A half is not in yet.',
                             jsonb_build_object('status', c.status, 'missing', to_jsonb(missing)));
    END IF;
    PERFORM check_in_finish(c);
END
$$;

-- The halves that are not in: "district_half".
CREATE OR REPLACE FUNCTION check_in_missing(p_check_in uuid) RETURNS text[]
LANGUAGE sql STABLE
RETURN ARRAY(
    SELECT side || '_half' FROM unnest('{district,partner}'::text[]) AS side
    WHERE NOT EXISTS (
        SELECT FROM check_in_half h
        WHERE h.district_id = current_setting('kith.district')::uuid
          AND h.check_in_id = p_check_in AND h.side = side.side AND h.status = 'submitted'));

CREATE OR REPLACE FUNCTION check_in_close(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'close');
BEGIN
    IF check_in_is_answered(p_id) THEN
        PERFORM refuse_state('Both halves are in: complete it.',
                             jsonb_build_object('status', c.status,
                                                'possible', jsonb_build_array('complete')));
    END IF;
    PERFORM check_in_finish(c);
END
$$;

CREATE OR REPLACE FUNCTION check_in_drop(
    p_action text, p_id uuid, p_version bigint, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, p_action);
BEGIN
    UPDATE check_in SET status = transition('check_in', p_action, c.status), reason = p_reason,
        closed_at = current_setting('kith.now')::timestamptz, sequence = sequence + 1
    WHERE district_id = c.district_id AND id = p_id;
    PERFORM message_withdraw(c.district_id, p_id, NULL, 'cancelled');
END
$$;

CREATE OR REPLACE FUNCTION check_in_skip(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    SELECT check_in_drop('skip', p_id, p_version, p_reason);
END;

CREATE OR REPLACE FUNCTION check_in_cancel(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    SELECT check_in_drop('cancel', p_id, p_version, p_reason);
END;

-- Open again, until somebody closes it; what was in can be written again.
CREATE OR REPLACE FUNCTION check_in_reopen(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'reopen');
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    half uuid;
BEGIN
    UPDATE check_in SET status = 'open', reason = p_reason, reopened_at = business_now,
        dated_at = business_now, opened_at = coalesce(opened_at, business_now), closed_at = NULL,
        completed_at = NULL, answered_at = NULL, is_cancelled_with = false, is_cancelled_by_plan = false,
        sequence = sequence + 1,
        opens_on = least(opens_on, partnership_today(partnership_id))
    WHERE district_id = c.district_id AND id = p_id;
    FOR half IN
        SELECT h.id FROM check_in_half h
        WHERE h.district_id = c.district_id AND h.check_in_id = p_id ORDER BY h.id
    LOOP
        UPDATE check_in_half SET status = 'draft', submitted_at = NULL, verdict = NULL,
            verdict_reason = NULL, verdict_at = NULL
        WHERE district_id = c.district_id AND id = half;
    END LOOP;
END
$$;

-- Which check-ins end by themselves: those whose next one is open; those that have been answered for a week; and the
-- last of its school year, after which none opens for long, when no reminder of it is left. One that was reopened
-- ends by hand alone.
CREATE OR REPLACE FUNCTION check_in_is_over(c check_in) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$ -- as district_today()
DECLARE
    today date := partnership_today(c.partnership_id);
    least_days constant integer := 30; -- as long as its links
BEGIN
    RETURN c.reopened_at IS NULL AND (
        -- No join: by each partnership's own check-ins, whatever the planner believes of their number.
        c.due_on < (SELECT max(n.due_on) FROM check_in n
                    WHERE n.district_id = c.district_id AND n.partnership_id = c.partnership_id
                      AND n.opened_at IS NOT NULL AND n.archived_at IS NULL)
        OR c.answered_at IS NOT NULL AND check_in_completes_on(c) <= today
        OR c.due_on < today - least_days
           AND c.due_on < today - (
            SELECT coalesce(max(day), 0) + 14 FROM unnest((reminder_rule_on(c.partnership_id, today)).reminder_days) AS day)
           AND NOT EXISTS (
            SELECT FROM check_in n
            WHERE n.district_id = c.district_id AND n.partnership_id = c.partnership_id AND n.due_on > c.due_on
              AND n.school_year = c.school_year AND n.status = 'scheduled' AND n.archived_at IS NULL));
END
$$;

-- What time does to check-ins: those whose day has come open; others end. How many. What somebody else is at waits for
-- the next turn.
CREATE OR REPLACE FUNCTION check_in_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    piece record;
    over uuid;
    one check_in;
    done integer := 0;
    picked uuid[] := turn_only(p_district, 'partnership');
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF picked = '{}' THEN
        RETURN 0;
    END IF;
    FOR piece IN EXECUTE
        'SELECT array_agg(n.held ORDER BY n.id) FILTER (WHERE n.held IS NOT NULL) AS ids,
                array_agg(n.id) FILTER (WHERE n.held IS NULL) AS others
         FROM (SELECT o.*, (row_number() OVER (ORDER BY o.id) - 1) / rows_at_a_time(count(*) OVER ()) AS number
               FROM (SELECT c.id, (SELECT h.id FROM check_in h
                                   WHERE h.district_id = $1 AND h.id = c.id AND h.status = ''scheduled''
                                     AND h.archived_at IS NULL AND h.opens_on = c.opens_on
                                   FOR UPDATE SKIP LOCKED) AS held
                     FROM check_in c
                     WHERE c.district_id = $1 AND c.status = ''scheduled'' AND c.archived_at IS NULL
                       AND ($3 IS NULL OR c.partnership_id = ANY ($3))
                       AND c.opens_on <= ($2 AT TIME ZONE ''UTC'')::date + 1 -- nowhere is it later
                       AND c.opens_on <= partnership_today(c.partnership_id)
                     ORDER BY c.id) AS o) AS n
         GROUP BY n.number ORDER BY n.number'
        USING p_district, p_now, picked
    LOOP
        PERFORM turn_again(p_district, 'check_in', o) FROM unnest(piece.others) AS o;
        CONTINUE WHEN piece.ids IS NULL;
        UPDATE check_in SET status = 'open', opened_at = p_now WHERE district_id = p_district AND id = ANY (piece.ids);
        done := done + cardinality(piece.ids);
    END LOOP;
    FOR over IN EXECUTE
        'SELECT c.id FROM check_in c
         WHERE c.district_id = $1 AND c.status = ''open'' AND c.archived_at IS NULL AND ($3 IS NULL OR c.partnership_id = ANY ($3))
           -- Of most it is seen at once that nothing ends them.
           AND CASE WHEN c.answered_at IS NOT NULL OR c.due_on < ($2 AT TIME ZONE ''UTC'')::date - 29 OR EXISTS (
                   SELECT FROM check_in n
                   WHERE n.district_id = $1 AND n.partnership_id = c.partnership_id AND n.due_on > c.due_on
                     AND n.opened_at IS NOT NULL AND n.archived_at IS NULL) THEN check_in_is_over(c) END
         ORDER BY c.id'
        USING p_district, p_now, picked
    LOOP
        SELECT * INTO one FROM check_in c
        WHERE c.district_id = p_district AND c.id = over AND c.status = 'open' AND c.archived_at IS NULL
          AND check_in_is_over(c) FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            PERFORM check_in_finish(one);
            done := done + 1;
        ELSE
            PERFORM turn_again(p_district, 'check_in', over);
        END IF;
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION check_in_finish, check_in_open, check_in_complete, check_in_missing,
    check_in_close, check_in_drop, check_in_skip, check_in_cancel, check_in_reopen, check_in_is_over,
    check_in_advance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_finish, check_in_open, check_in_complete, check_in_missing,
    check_in_close, check_in_drop, check_in_skip, check_in_cancel, check_in_reopen TO kith_api;
GRANT EXECUTE ON FUNCTION check_in_finish, check_in_is_over, check_in_advance TO kith_checkin;

RESET ROLE;
