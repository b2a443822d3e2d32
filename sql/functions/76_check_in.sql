-- Check-ins: which there are, who sees whose half, and what is done to them.

SET ROLE kith_owner;

-- What a district may set, in the one place where it is read.
CREATE OR REPLACE FUNCTION check_in_settings(
    OUT opening_days integer, OUT reminder_days integer[], OUT mail_hour integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.check_in_opening_days, d.reminder_days, d.mail_hour
    FROM district d WHERE d.id = current_setting('kith.district')::uuid;
END;

-- The local date of a partnership: of its lead site, or of the district.
CREATE OR REPLACE FUNCTION partnership_today(p_partnership uuid) RETURNS date
LANGUAGE plpgsql STABLE AS $$ -- as district_today()
BEGIN
    RETURN (SELECT (current_setting('kith.now')::timestamptz AT TIME ZONE zone_of_site(p.lead_site_id))::date
            FROM partnership p
            WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership);
END
$$;

-- ---- Planning ------------------------------------------------------------------------------------

-- By the tier where the partnership says nothing; without a tier, as a partner.
CREATE OR REPLACE FUNCTION check_in_cadence(p_cadence text, p_tier text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(p_cadence, CASE p_tier WHEN 'anchor' THEN 'quarterly' WHEN 'supporter' THEN 'none'
                                       ELSE 'twice_a_year' END);

-- Inserts the missing check-ins of running partnerships for the current quarter and the next: how
-- many. Due the last school day; none that was due before the partnership was active, or will be
-- after its end. Whoever runs it beside others inserts nothing twice: check_in_number_key.
CREATE OR REPLACE FUNCTION check_in_plan(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    settings record;
    missing record;
    one uuid;
    made integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    SELECT * INTO settings FROM check_in_settings();
    FOR missing IN
        WITH running AS MATERIALIZED (
            SELECT p.id, p.lead_site_id, p.ends_on, (p_now AT TIME ZONE z.zone)::date AS today,
                   (coalesce(p.activated_at, p.created_at) AT TIME ZONE z.zone)::date AS active_on,
                   check_in_cadence(p.cadence, coalesce(p.tier, partner.tier)) AS cadence
            FROM district d
            JOIN partnership p ON p.district_id = d.id AND p.status IN ('active', 'renewing')
                AND p.archived_at IS NULL
            JOIN partner ON partner.district_id = d.id AND partner.id = p.partner_id
            LEFT JOIN site s ON s.district_id = d.id AND s.id = p.lead_site_id
            CROSS JOIN LATERAL (SELECT coalesce(s.zone, d.zone) AS zone) z
            WHERE d.id = p_district),
        -- Of each site, or none: the quarter of today and the next one. Its own ones count in the place of the district's.
        quarters AS MATERIALIZED (
            SELECT o.*, min(o.starts_on) FILTER (WHERE o.starts_on > o.today) OVER (PARTITION BY o.place, o.today) AS next_on
            FROM (SELECT s.place, s.today, q.school_year, q.number, coalesce(w.starts_on, q.starts_on) AS starts_on,
                         coalesce(w.ends_on, q.ends_on) AS ends_on
                  FROM (SELECT DISTINCT coalesce(r.lead_site_id, p_district) AS place, r.today FROM running r) AS s
                  JOIN reporting_quarter q ON q.district_id = p_district AND q.archived_at IS NULL
                  LEFT JOIN site_quarter w ON w.district_id = p_district AND w.site_id = s.place
                      AND w.school_year = q.school_year AND w.number = q.number AND w.archived_at IS NULL) AS o),
        wanted AS MATERIALIZED (
            SELECT r.*, q.school_year, q.number, q.starts_on, q.ends_on AS quarter_ends_on
            FROM running r
            JOIN quarters q ON q.place = coalesce(r.lead_site_id, p_district) AND q.today = r.today
                AND (r.today BETWEEN q.starts_on AND q.ends_on OR q.starts_on = q.next_on)
            WHERE (r.cadence = 'quarterly' OR r.cadence = 'twice_a_year' AND q.number IN (2, 4))
              AND NOT EXISTS (
                SELECT FROM check_in c
                WHERE c.district_id = p_district AND c.partnership_id = r.id
                  AND c.school_year = q.school_year AND c.number = q.number
                  AND c.archived_at IS NULL)),
        -- Once for all the partnerships of a site.
        due AS MATERIALIZED (
            SELECT o.*, last_school_day(o.starts_on, o.quarter_ends_on, o.lead_site_id) AS on_day
            FROM (SELECT DISTINCT w.starts_on, w.quarter_ends_on, w.lead_site_id FROM wanted w) o)
        SELECT w.id, w.school_year, w.number, due.on_day
        FROM wanted w
        JOIN due ON due.starts_on = w.starts_on AND due.quarter_ends_on = w.quarter_ends_on
            AND due.lead_site_id IS NOT DISTINCT FROM w.lead_site_id
        WHERE due.on_day >= w.active_on AND due.on_day <= coalesce(w.ends_on, 'infinity')
        ORDER BY w.id, w.school_year, w.number
    LOOP
        one := uuid7();
        INSERT INTO check_in (district_id, id, partnership_id, school_year, number, due_on, planned_on,
                              opens_on, dated_at, uid)
        VALUES (p_district, one, missing.id, missing.school_year, missing.number, missing.on_day,
                missing.on_day, missing.on_day - settings.opening_days, p_now, one)
        ON CONFLICT (district_id, partnership_id, school_year, number) WHERE archived_at IS NULL
        DO NOTHING;
        made := made + CASE WHEN FOUND THEN 1 ELSE 0 END;
    END LOOP;
    RETURN made;
END
$$;

-- What was planned follows the calendar as long as it is not open and nobody has moved it: how many
-- moved. A district's closed days are often entered after its quarters.
CREATE OR REPLACE FUNCTION check_in_replan(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    moved record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR moved IN
        WITH planned AS MATERIALIZED (
            SELECT c.id, c.due_on, coalesce(o.starts_on, q.starts_on) AS starts_on,
                   coalesce(o.ends_on, q.ends_on) AS ends_on, p.lead_site_id
            FROM check_in c
            JOIN partnership p ON p.district_id = p_district AND p.id = c.partnership_id
            JOIN reporting_quarter q ON q.district_id = p_district AND q.archived_at IS NULL
                AND q.school_year = c.school_year AND q.number = c.number
            LEFT JOIN site_quarter o ON o.district_id = p_district AND o.site_id = p.lead_site_id
                AND o.school_year = q.school_year AND o.number = q.number AND o.archived_at IS NULL
            WHERE c.district_id = p_district AND c.status = 'scheduled' AND c.archived_at IS NULL
              AND c.due_on = c.planned_on),
        due AS MATERIALIZED (
            SELECT o.*, last_school_day(o.starts_on, o.ends_on, o.lead_site_id) AS on_day
            FROM (SELECT DISTINCT w.starts_on, w.ends_on, w.lead_site_id FROM planned w) o)
        SELECT w.id, due.on_day
        FROM planned w
        JOIN due ON due.starts_on = w.starts_on AND due.ends_on = w.ends_on
            AND due.lead_site_id IS NOT DISTINCT FROM w.lead_site_id
        WHERE due.on_day <> w.due_on
        ORDER BY w.id
    LOOP
        UPDATE check_in c SET due_on = moved.on_day, planned_on = moved.on_day
        WHERE c.district_id = p_district AND c.id = moved.id AND c.status = 'scheduled'
          AND c.due_on = c.planned_on;
        done := done + CASE WHEN FOUND THEN 1 ELSE 0 END;
    END LOOP;
    RETURN done;
END
$$;

-- ---- Halves --------------------------------------------------------------------------------------

-- Both sides' halves are in.
CREATE OR REPLACE FUNCTION check_in_is_answered(p_check_in uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN (SELECT count(*) = 2 FROM check_in_half h
        WHERE h.district_id = current_setting('kith.district')::uuid AND h.check_in_id = p_check_in
          AND h.status = 'submitted');

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
      AND m.district_id = c.district_id AND m.id = r.message_id AND m.status IN ('queued', 'retry');
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

-- ---- Status --------------------------------------------------------------------------------------

-- Ends it: complete when both halves are in, else closed_partial or missed. The goals of which both
-- sides say the same take it over; where they differ, both stand and none is taken.
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
    UPDATE goal g SET progress = d.progress, current = coalesce(d.current, g.current),
        current_on = CASE WHEN d.current IS NULL THEN g.current_on
                          ELSE partnership_today(p_check_in.partnership_id) END
    FROM check_in_goal d
    JOIN check_in_goal o ON o.district_id = d.district_id AND o.check_in_id = d.check_in_id
        AND o.goal_id = d.goal_id AND o.side = 'partner'
    WHERE ending = 'complete' AND d.district_id = p_check_in.district_id
      AND d.check_in_id = p_check_in.id AND d.side = 'district'
      AND d.progress = o.progress AND d.current IS NOT DISTINCT FROM o.current
      AND g.district_id = d.district_id AND g.id = d.goal_id AND g.archived_at IS NULL;
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
        completed_at = NULL, is_cancelled_with = false, sequence = sequence + 1,
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

-- What time does to check-ins: those whose day has come open; those whose next one is open end. How
-- many. One that was reopened ends by hand alone.
CREATE OR REPLACE FUNCTION check_in_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    one check_in;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR one IN
        SELECT * FROM check_in c
        WHERE c.district_id = p_district AND c.status = 'scheduled' AND c.archived_at IS NULL
          AND c.opens_on <= (p_now AT TIME ZONE 'UTC')::date + 1 -- nowhere is it later
          AND c.opens_on <= partnership_today(c.partnership_id)
        ORDER BY c.id FOR UPDATE SKIP LOCKED
    LOOP
        UPDATE check_in SET status = 'open', opened_at = p_now
        WHERE district_id = p_district AND id = one.id;
        done := done + 1;
    END LOOP;
    FOR one IN
        SELECT * FROM check_in c
        WHERE c.district_id = p_district AND c.status = 'open' AND c.archived_at IS NULL
          AND c.reopened_at IS NULL
          -- No join: by each partnership's own check-ins, whatever the planner believes of their number.
          AND c.due_on < (
            SELECT max(n.due_on) FROM check_in n
            WHERE n.district_id = p_district AND n.partnership_id = c.partnership_id
              AND n.opened_at IS NOT NULL AND n.archived_at IS NULL)
        ORDER BY c.id FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM check_in_finish(one);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- ---- What follows by itself ----------------------------------------------------------------------

-- A due date that moves takes along the day on which it opens, the invitation, and the reminders.
CREATE OR REPLACE FUNCTION check_in_move() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    settings record;
BEGIN
    IF OLD.status NOT IN ('scheduled', 'open') THEN
        PERFORM refuse_state(format('It is %s, so that its date stays.', replace(OLD.status, '_', ' ')),
                             jsonb_build_object('status', OLD.status));
    END IF;
    SELECT * INTO settings FROM check_in_settings();
    NEW.opens_on := CASE NEW.status WHEN 'scheduled' THEN NEW.due_on - settings.opening_days
                                    ELSE least(NEW.opens_on, NEW.due_on) END;
    NEW.sequence := OLD.sequence + 1;
    NEW.dated_at := current_setting('kith.now')::timestamptz;
    PERFORM message_withdraw(NEW.district_id, NEW.id, NULL, 'moved');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_in_move BEFORE UPDATE OF due_on ON check_in
    FOR EACH ROW WHEN (NEW.due_on <> OLD.due_on) EXECUTE FUNCTION check_in_move();

-- What is archived is not due, and its invitation is taken back; what is restored is due again.
CREATE OR REPLACE FUNCTION check_in_put_away() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.sequence := OLD.sequence + 1;
    PERFORM message_withdraw(NEW.district_id, NEW.id, NULL, 'cancelled');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_in_put_away BEFORE UPDATE OF archived_at ON check_in
    FOR EACH ROW WHEN ((NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL))
    EXECUTE FUNCTION check_in_put_away();

-- A partnership that stops takes along its check-ins to come and its mails; one that runs again has
-- them back, as long as they are not due yet.
CREATE OR REPLACE FUNCTION check_in_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    was_running boolean := OLD.status IN ('active', 'renewing') AND OLD.archived_at IS NULL;
    is_running boolean := NEW.status IN ('active', 'renewing') AND NEW.archived_at IS NULL;
    -- A migration has no context.
    business_now timestamptz :=
        coalesce(nullif(current_setting('kith.now', true), '')::timestamptz, clock_timestamp());
    today date;
    one uuid;
BEGIN
    IF was_running = is_running AND NEW.status = OLD.status THEN
        RETURN NULL;
    END IF;
    SELECT (business_now AT TIME ZONE coalesce(
        (SELECT s.zone FROM site s WHERE s.district_id = d.id AND s.id = NEW.lead_site_id), d.zone))::date
    INTO today FROM district d WHERE d.id = NEW.district_id;
    IF was_running AND NOT is_running THEN
        FOR one IN
            SELECT c.id FROM check_in c
            WHERE c.district_id = NEW.district_id AND c.partnership_id = NEW.id
              AND c.status IN ('scheduled', 'open') AND c.archived_at IS NULL
              AND c.due_on >= today
            ORDER BY c.id
        LOOP
            UPDATE check_in SET status = 'cancelled', is_cancelled_with = true,
                closed_at = business_now, sequence = sequence + 1
            WHERE district_id = NEW.district_id AND id = one;
        END LOOP;
    ELSIF is_running AND NOT was_running THEN
        FOR one IN
            SELECT c.id FROM check_in c
            WHERE c.district_id = NEW.district_id AND c.partnership_id = NEW.id
              AND c.is_cancelled_with AND c.archived_at IS NULL
              AND c.due_on >= today
            ORDER BY c.id
        LOOP
            UPDATE check_in SET status = CASE WHEN opened_at IS NULL THEN 'scheduled' ELSE 'open' END,
                is_cancelled_with = false, closed_at = NULL, dated_at = business_now,
                sequence = sequence + 1
            WHERE district_id = NEW.district_id AND id = one;
        END LOOP;
    END IF;
    IF NOT is_running AND (was_running OR NEW.status = 'ended' AND OLD.status <> 'ended') THEN
        PERFORM message_withdraw(NEW.district_id, NULL, NEW.id, 'cancelled');
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER check_in_follow AFTER UPDATE OF status, archived_at ON partnership
    FOR EACH ROW EXECUTE FUNCTION check_in_follow();

CREATE OR REPLACE FUNCTION action_item_complete(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    PERFORM lock_row('action_item', p_id, p_version);
    SELECT * INTO item FROM action_item i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_id;
    UPDATE action_item SET status = transition('action_item', 'complete', item.status),
        done_at = current_setting('kith.now')::timestamptz
    WHERE district_id = item.district_id AND id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION action_item_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    item record;
BEGIN
    PERFORM lock_row('action_item', p_id, p_version);
    SELECT * INTO item FROM action_item i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_id;
    UPDATE action_item SET status = transition('action_item', 'reopen', item.status), done_at = NULL
    WHERE district_id = item.district_id AND id = p_id;
END
$$;

-- ---- What sites add ------------------------------------------------------------------------------

-- A site of the partnership, as long as the check-in is open.
CREATE OR REPLACE FUNCTION check_in_site_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    c check_in;
BEGIN
    SELECT i.* INTO c FROM check_in i WHERE i.district_id = NEW.district_id AND i.id = NEW.check_in_id;
    IF c.id IS NULL THEN
        RETURN NEW;
    ELSIF NOT EXISTS (
        SELECT FROM partnership p WHERE p.district_id = c.district_id AND p.id = c.partnership_id
          AND p.lead_site_id = NEW.site_id
        UNION ALL
        SELECT FROM partnership_site s
        WHERE s.district_id = c.district_id AND s.partnership_id = c.partnership_id AND s.site_id = NEW.site_id
          AND s.archived_at IS NULL) THEN
        PERFORM refuse_field('site_id', '"site_id" is no site of this partnership.');
    ELSIF c.status <> 'open' THEN
        PERFORM refuse_state('The check-in is not open.', jsonb_build_object('status', c.status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_in_site_check BEFORE INSERT OR UPDATE OF rating, note ON check_in_site
    FOR EACH ROW EXECUTE FUNCTION check_in_site_check();

REVOKE EXECUTE ON FUNCTION check_in_site_check, check_in_settings, partnership_today, check_in_cadence, check_in_plan,
    check_in_replan,
    check_in_is_answered, check_in_is_past, check_in_shows, check_in_take, check_in_lock_half,
    check_in_take_half, check_in_write_half, check_in_save_half, check_in_submit_half,
    check_in_write_verdict, check_in_judge, check_in_confirm, check_in_dispute, check_in_finish,
    check_in_open, check_in_complete, check_in_missing, check_in_close, check_in_drop,
    check_in_skip, check_in_cancel, check_in_reopen, check_in_advance, check_in_move,
    check_in_put_away, check_in_follow, action_item_complete, action_item_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_settings, partnership_today, check_in_is_answered,
    check_in_is_past, check_in_shows, check_in_take, check_in_lock_half, check_in_take_half,
    check_in_write_half, check_in_save_half, check_in_submit_half, check_in_write_verdict,
    check_in_judge, check_in_confirm, check_in_dispute, check_in_finish, check_in_open,
    check_in_complete, check_in_missing, check_in_close, check_in_drop, check_in_skip, check_in_cancel,
    check_in_reopen, action_item_complete, action_item_reopen TO kith_api;
GRANT EXECUTE ON FUNCTION check_in_settings, partnership_today, check_in_cadence, check_in_plan,
    check_in_replan, check_in_finish, check_in_advance TO kith_checkin;

RESET ROLE;
