-- The halves of a check-in, and what each side says of the other's.

SET ROLE kith_owner;

-- Both sides' halves are in.
CREATE OR REPLACE FUNCTION check_in_is_answered(p_check_in uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN (SELECT count(*) = 2 FROM check_in_half h
        WHERE h.district_id = current_setting('kith.district')::uuid AND h.check_in_id = p_check_in
          AND h.status = 'submitted');

-- The local day on which one that is answered completes itself, when it is no longer to come: a week is left to whoever
-- wants to look at it before.
CREATE OR REPLACE FUNCTION check_in_completes_on(c check_in) RETURNS date
LANGUAGE plpgsql STABLE AS $$ -- as district_today()
BEGIN
    RETURN (SELECT greatest((c.answered_at AT TIME ZONE zone_of_site(p.lead_site_id))::date + 7, c.due_on + 1)
            FROM partnership p WHERE p.district_id = c.district_id AND p.id = c.partnership_id);
END
$$;

-- The due day is over, where the partnership is.
CREATE OR REPLACE FUNCTION check_in_is_past(p_check_in uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN (SELECT c.due_on < partnership_today(c.partnership_id) FROM check_in c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_check_in);

-- Whether the context sees what a half says: its own side's always; the other's when that is in, and
-- both are or the due day is over; and what the own hand wrote for the other side.
CREATE OR REPLACE FUNCTION check_in_shows(p_check_in uuid, p_side text) RETURNS boolean
LANGUAGE sql STABLE
RETURN p_side = CASE current_setting('kith.roles') WHEN 'partner' THEN 'partner' ELSE 'district' END
    OR EXISTS (
        SELECT FROM check_in_half h
        WHERE h.district_id = current_setting('kith.district')::uuid
          AND h.check_in_id = p_check_in AND h.side = p_side
          AND (h.recorded_by::text = current_setting('kith.user')
               OR h.status = 'submitted'
                  AND (check_in_is_answered(p_check_in) OR check_in_is_past(p_check_in))));

-- Locks a check-in in which the action is possible, and gives it.
CREATE OR REPLACE FUNCTION check_in_take(p_id uuid, p_version bigint, p_action text, OUT taken check_in)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('check_in', p_id, p_version);
    SELECT * INTO STRICT taken FROM check_in c
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_id;
    PERFORM transition('check_in', p_action, taken.status);
END
$$;

-- The half of a side, made if there is none, locked.
CREATE OR REPLACE FUNCTION check_in_lock_half(p_check_in check_in, p_side text, OUT taken check_in_half)
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO check_in_half (district_id, id, check_in_id, side)
    VALUES (p_check_in.district_id, uuid7(), p_check_in.id, p_side)
    ON CONFLICT ON CONSTRAINT check_in_half_side_key DO NOTHING;
    SELECT * INTO STRICT taken FROM check_in_half h
    WHERE h.district_id = p_check_in.district_id AND h.check_in_id = p_check_in.id
      AND h.side = p_side FOR UPDATE;
END
$$;

-- The same for a user. The partner's is written by staff for a contact of the partner's, who told it.
CREATE OR REPLACE FUNCTION check_in_take_half(
    p_check_in check_in, p_side text, p_on_behalf_of uuid, OUT taken check_in_half)
LANGUAGE plpgsql AS $$
BEGIN
    IF p_side = 'district' AND p_on_behalf_of IS NOT NULL THEN
        PERFORM refuse_field('on_behalf_of', 'The district''s half is not a contact''s.');
    ELSIF p_side = 'partner' AND p_on_behalf_of IS NULL THEN
        PERFORM refuse_field('on_behalf_of', 'Whose words these are has to be said.');
    ELSIF p_side = 'partner' AND NOT EXISTS (
        SELECT FROM partnership_role r
        WHERE r.district_id = p_check_in.district_id AND r.contact_id = p_on_behalf_of
          AND r.partnership_id = p_check_in.partnership_id AND r.archived_at IS NULL
        UNION ALL
        SELECT FROM partnership p
        JOIN affiliation a ON a.district_id = p.district_id AND a.partner_id = p.partner_id
            AND a.contact_id = p_on_behalf_of AND a.archived_at IS NULL
        WHERE p.district_id = p_check_in.district_id AND p.id = p_check_in.partnership_id) THEN
        PERFORM refuse_field('on_behalf_of', 'This is no contact of the partner.');
    END IF;
    taken := check_in_lock_half(p_check_in, p_side);
END
$$;

-- Replaces what a half says. One that was in is a draft again, as long as the other side has not seen
-- it. Who wrote it: a user (for a contact, where p_on_behalf_of says so), or a contact by its link.
CREATE OR REPLACE FUNCTION check_in_write_half(
    p_check_in check_in, p_half check_in_half, p_user uuid, p_on_behalf_of uuid, p_contact uuid,
    p_goals_set text, p_progress_assessed text, p_challenges text, p_adjustments text, p_goals jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said record;
BEGIN
    IF p_half.status = 'submitted'
       AND (check_in_is_answered(p_check_in.id) OR check_in_is_past(p_check_in.id)) THEN
        PERFORM refuse_state('This half is in, and the other side has seen it.',
                             jsonb_build_object('status', p_check_in.status, 'half', p_half.status));
    END IF;
    UPDATE check_in_half h
    SET goals_set = p_goals_set, progress_assessed = p_progress_assessed,
        challenges = p_challenges, adjustments = p_adjustments, on_behalf_of = p_on_behalf_of,
        recorded_by = p_user, contact_id = p_contact,
        behalf_confirmed_at = NULL, status = 'draft', submitted_at = NULL
    WHERE h.district_id = p_check_in.district_id AND h.id = p_half.id;
    DELETE FROM check_in_goal g
    WHERE g.district_id = p_check_in.district_id AND g.check_in_id = p_check_in.id
      AND g.side = p_half.side
      AND g.goal_id NOT IN (SELECT (e ->> 'goal_id')::uuid
                            FROM jsonb_array_elements(coalesce(p_goals, '[]')) e);
    FOR said IN
        SELECT (e ->> 'goal_id')::uuid AS goal_id, e ->> 'progress' AS progress,
               (e ->> 'current')::numeric AS current, e ->> 'note' AS note
        FROM jsonb_array_elements(coalesce(p_goals, '[]')) WITH ORDINALITY AS t (e, place)
        ORDER BY place
    LOOP
        IF NOT EXISTS (SELECT FROM partnership_goals(p_check_in.partnership_id) g
                       WHERE g.id = said.goal_id) THEN
            PERFORM refuse_field('goals', 'There is a goal that is none of this partnership''s.');
        END IF;
        INSERT INTO check_in_goal (district_id, id, check_in_id, side, goal_id, progress, current, note)
        VALUES (p_check_in.district_id, uuid7(), p_check_in.id, p_half.side, said.goal_id,
                said.progress, said.current, said.note)
        ON CONFLICT ON CONSTRAINT check_in_goal_goal_id_key DO UPDATE
        SET progress = excluded.progress, current = excluded.current, note = excluded.note;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION check_in_save_half(
    p_id uuid, p_version bigint, p_side text, p_on_behalf_of uuid, p_goals_set text,
    p_progress_assessed text, p_challenges text, p_adjustments text, p_goals jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'save_half');
BEGIN
    PERFORM check_in_write_half(
        c, check_in_take_half(c, p_side, p_on_behalf_of), current_setting('kith.user')::uuid,
        p_on_behalf_of, NULL, p_goals_set, p_progress_assessed, p_challenges, p_adjustments, p_goals);
END
$$;

-- The half is in; the other half shows when it is in too. Nobody of this side is reminded any more.
CREATE OR REPLACE FUNCTION check_in_submit_half(p_id uuid, p_version bigint, p_side text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, 'submit_half');
    half check_in_half;
BEGIN
    SELECT * INTO half FROM check_in_half h
    WHERE h.district_id = c.district_id AND h.check_in_id = p_id AND h.side = p_side FOR UPDATE;
    IF half.status = 'submitted' THEN
        PERFORM refuse_state('This half is in already.',
                             jsonb_build_object('status', c.status, 'half', half.status));
    ELSIF half.id IS NULL
          OR btrim(concat(half.goals_set, half.progress_assessed, half.challenges,
                          half.adjustments)) = ''
             AND NOT EXISTS (SELECT FROM check_in_goal g
                             WHERE g.district_id = c.district_id AND g.check_in_id = p_id
                               AND g.side = p_side) THEN
        PERFORM refuse_state('There is nothing in this half yet.',
                             jsonb_build_object('status', c.status, 'missing',
                                                jsonb_build_array(p_side || '_half')));
    END IF;
    UPDATE check_in_half h
    SET status = 'submitted', submitted_at = current_setting('kith.now')::timestamptz
    WHERE h.district_id = c.district_id AND h.id = half.id;
    UPDATE message m SET status = 'suppressed', reason = 'already_done'
    FROM reminder r
    WHERE r.district_id = c.district_id AND r.check_in_id = p_id AND r.side = p_side
      AND m.district_id = c.district_id AND m.id = r.message_id AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL;
    UPDATE check_in SET answered_at = current_setting('kith.now')::timestamptz
    WHERE district_id = c.district_id AND id = p_id AND check_in_is_answered(p_id);
END
$$;

-- What a side says of the other half, which it must be able to see.
CREATE OR REPLACE FUNCTION check_in_write_verdict(
    p_check_in check_in, p_half check_in_half, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    other text := CASE p_half.side WHEN 'district' THEN 'partner' ELSE 'district' END;
    verdict_said text := CASE p_action WHEN 'confirm' THEN 'confirmed' ELSE 'disputed' END;
BEGIN
    IF NOT EXISTS (SELECT FROM check_in_half h
                   WHERE h.district_id = p_check_in.district_id AND h.check_in_id = p_check_in.id
                     AND h.side = other AND h.status = 'submitted')
       OR NOT (check_in_is_answered(p_check_in.id) OR check_in_is_past(p_check_in.id)) THEN
        PERFORM refuse_state('The other half does not show yet.',
                             jsonb_build_object('status', p_check_in.status, 'missing',
                                                jsonb_build_array(other || '_half')));
    END IF;
    UPDATE check_in_half h
    SET verdict = verdict_said, verdict_reason = p_reason,
        verdict_at = current_setting('kith.now')::timestamptz
    WHERE h.district_id = p_check_in.district_id AND h.id = p_half.id
      AND (h.verdict, h.verdict_reason) IS DISTINCT FROM (verdict_said, p_reason);
END
$$;

CREATE OR REPLACE FUNCTION check_in_judge(
    p_action text, p_id uuid, p_version bigint, p_side text, p_on_behalf_of uuid, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c check_in := check_in_take(p_id, p_version, p_action);
BEGIN
    PERFORM check_in_write_verdict(c, check_in_take_half(c, p_side, p_on_behalf_of), p_action, p_reason);
END
$$;

CREATE OR REPLACE FUNCTION check_in_confirm(
    p_id uuid, p_version bigint, p_side text, p_on_behalf_of uuid)
RETURNS void LANGUAGE sql
BEGIN ATOMIC
    SELECT check_in_judge('confirm', p_id, p_version, p_side, p_on_behalf_of, NULL);
END;

CREATE OR REPLACE FUNCTION check_in_dispute(
    p_id uuid, p_version bigint, p_side text, p_on_behalf_of uuid, p_reason text)
RETURNS void LANGUAGE sql
BEGIN ATOMIC
    SELECT check_in_judge('dispute', p_id, p_version, p_side, p_on_behalf_of, p_reason);
END;

REVOKE EXECUTE ON FUNCTION check_in_is_answered, check_in_completes_on, check_in_is_past, check_in_shows, check_in_take,
    check_in_lock_half, check_in_take_half, check_in_write_half, check_in_save_half, check_in_submit_half,
    check_in_write_verdict, check_in_judge, check_in_confirm, check_in_dispute FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_completes_on TO kith_checkin, kith_api;
GRANT EXECUTE ON FUNCTION check_in_is_answered, check_in_is_past, check_in_shows, check_in_take,
    check_in_lock_half, check_in_take_half, check_in_write_half, check_in_save_half, check_in_submit_half,
    check_in_write_verdict, check_in_judge, check_in_confirm, check_in_dispute TO kith_api;

RESET ROLE;
