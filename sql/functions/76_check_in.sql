-- Check-ins: which there are. Their halves, their life and what follows by itself have files of their own.

SET ROLE kith_owner;

-- What a district may set, in the one place where it is read.
DROP FUNCTION IF EXISTS check_in_decisions_document(uuid, uuid, integer); -- of earlier versions, which ask for it
DROP FUNCTION IF EXISTS reminders_due(timestamptz);
DROP FUNCTION IF EXISTS reminders_due(timestamptz, uuid[]);
DROP FUNCTION IF EXISTS reminder_days(date, date, uuid);
DROP FUNCTION IF EXISTS check_in_settings();
CREATE FUNCTION check_in_settings(OUT opening_days integer, OUT mail_hour integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.check_in_opening_days, d.mail_hour
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

-- Of earlier versions.
DROP FUNCTION IF EXISTS partnership_rules(uuid);
DROP FUNCTION IF EXISTS check_ins_missing(uuid, timestamptz, integer);
DROP FUNCTION IF EXISTS check_ins_planned(uuid, timestamptz);

-- By the tier where the partnership says nothing; without a tier, as a partner.
CREATE OR REPLACE FUNCTION check_in_cadence(p_cadence text, p_tier text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(p_cadence, CASE p_tier WHEN 'anchor' THEN 'quarterly' WHEN 'supporter' THEN 'none'
                                       ELSE 'twice_a_year' END);

-- The missing check-ins of running partnerships for the current quarter and the next, and when each is due. Due the last
-- school day; none that would have been open when the partnership was activated, or will be due after its end. p_only: of
-- these partnerships; NULL: of all.
CREATE OR REPLACE FUNCTION check_ins_missing(p_district uuid, p_now timestamptz, p_opening_days integer, p_only uuid[])
RETURNS TABLE (partnership_id uuid, school_year bigint, number bigint, on_day date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH running AS MATERIALIZED (
        SELECT p.id, a.like_id, p.ends_on, (p_now AT TIME ZONE z.zone)::date AS today,
               (coalesce(p.activated_at, p.created_at) AT TIME ZONE z.zone)::date
                   + CASE WHEN p.activated_at IS NULL THEN 0 ELSE p_opening_days END AS due_from,
               check_in_cadence(p.cadence, coalesce(p.tier, partner.tier)) AS cadence
        FROM district d
        JOIN partnership p ON p.district_id = d.id AND p.status IN ('active', 'renewing')
            AND p.archived_at IS NULL AND (p_only IS NULL OR p.id = ANY (p_only))
        JOIN partner ON partner.district_id = d.id AND partner.id = p.partner_id
        LEFT JOIN site s ON s.district_id = d.id AND s.id = p.lead_site_id
        LEFT JOIN sites_alike() a ON a.site_id = p.lead_site_id
        CROSS JOIN LATERAL (SELECT coalesce(s.zone, d.zone) AS zone) z
        WHERE d.id = p_district),
    -- Of each calendar: the quarter of today and the next one. A site's own ones count in the place of the district's.
    quarters AS MATERIALIZED (
        SELECT o.*, min(o.starts_on) FILTER (WHERE o.starts_on > o.today) OVER (PARTITION BY o.place, o.today) AS next_on
        FROM (SELECT s.place, s.today, q.school_year, q.number, coalesce(w.starts_on, q.starts_on) AS starts_on,
                     coalesce(w.ends_on, q.ends_on) AS ends_on
              FROM (SELECT DISTINCT coalesce(r.like_id, p_district) AS place, r.today FROM running r) AS s
              JOIN reporting_quarter q ON q.district_id = p_district AND q.archived_at IS NULL
              LEFT JOIN site_quarter w ON w.district_id = p_district AND w.site_id = s.place
                  AND w.school_year = q.school_year AND w.number = q.number AND w.archived_at IS NULL) AS o),
    due AS MATERIALIZED (
        SELECT q.*, last_school_day(q.starts_on, q.ends_on, nullif(q.place, p_district)) AS on_day
        FROM quarters q
        WHERE q.today BETWEEN q.starts_on AND q.ends_on OR q.starts_on = q.next_on)
    SELECT r.id, q.school_year, q.number, q.on_day
    FROM running r
    JOIN due q ON q.place = coalesce(r.like_id, p_district) AND q.today = r.today
    WHERE (r.cadence = 'quarterly' OR r.cadence = 'twice_a_year' AND q.number IN (2, 4))
      AND q.on_day BETWEEN r.due_from AND coalesce(r.ends_on, 'infinity')
      AND NOT EXISTS (
        SELECT FROM check_in c
        WHERE c.district_id = p_district AND c.partnership_id = r.id
          -- Looked up by the partnership, whatever the planner believes of a table that has just been filled.
          AND c.school_year + 0 = q.school_year AND c.number = q.number -- one that was put away is wanted no more
        OFFSET 0)
    ORDER BY r.id, q.school_year, q.number;
END;

-- How many rows a statement writes of so many, which are told of by one event: as many as a usual district has each by
-- its own. More at a time are not faster, and what works with them holds all of them in memory.
CREATE OR REPLACE FUNCTION rows_at_a_time(p_rows bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_rows <= 1000 THEN 1 ELSE 1000 END;

-- Inserts them: how many. Whoever runs it beside others inserts nothing twice: check_in_number_key.
CREATE OR REPLACE FUNCTION check_in_plan(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    settings record;
    batch record;
    made integer;
    total integer := 0;
    picked uuid[] := turn_only(p_district, 'partnership');
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF picked = '{}' THEN
        RETURN 0;
    END IF;
    SELECT * INTO settings FROM check_in_settings();
    FOR batch IN EXECUTE -- planned for few, or for all
        'SELECT array_agg(n.partnership_id) AS partnerships, array_agg(n.school_year) AS years, array_agg(n.number) AS numbers,
                array_agg(n.on_day) AS days
         FROM (SELECT o.*, (row_number() OVER () - 1) / rows_at_a_time(count(*) OVER ()) AS piece
               FROM check_ins_missing($1, $2, $3, $4) o
               ORDER BY piece, o.partnership_id, o.school_year, o.number) AS n
         GROUP BY n.piece ORDER BY n.piece'
        USING p_district, p_now, settings.opening_days, picked
    LOOP
        INSERT INTO check_in (district_id, id, partnership_id, school_year, number, due_on, planned_on,
                              opens_on, dated_at, uid)
        SELECT p_district, w.id, w.partnership_id, w.school_year, w.number, w.on_day, w.on_day,
               w.on_day - settings.opening_days, p_now, w.id
        FROM (SELECT uuid7() AS id, m.*
              FROM unnest(batch.partnerships, batch.years, batch.numbers, batch.days)
                  AS m (partnership_id, school_year, number, on_day)
              OFFSET 0) AS w -- one id, used twice
        ON CONFLICT (district_id, partnership_id, school_year, number) WHERE archived_at IS NULL
        DO NOTHING;
        GET DIAGNOSTICS made = ROW_COUNT;
        total := total + made;
    END LOOP;
    RETURN total;
END
$$;

-- What the plan has made and nobody has touched, of running partnerships: when the calendar has it due, and whether
-- tier, cadence, end and calendar still want it. One that the plan itself cancelled is among them. p_only: as above.
CREATE OR REPLACE FUNCTION check_ins_planned(p_district uuid, p_now timestamptz, p_only uuid[])
RETURNS TABLE (id uuid, due_on date, on_day date, is_cancelled boolean, is_wanted boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH planned AS MATERIALIZED (
        SELECT c.id, c.number, c.due_on, c.is_cancelled_by_plan, coalesce(o.starts_on, q.starts_on) AS starts_on,
               coalesce(o.ends_on, q.ends_on) AS quarter_ends_on, a.like_id, p.ends_on,
               (p_now AT TIME ZONE z.zone)::date AS today,
               (coalesce(p.activated_at, p.created_at) AT TIME ZONE z.zone)::date AS active_on,
               check_in_cadence(p.cadence, coalesce(p.tier, partner.tier)) AS cadence
        FROM district d
        JOIN check_in c ON c.district_id = d.id AND c.archived_at IS NULL
            AND (c.status = 'scheduled' AND c.due_on = c.planned_on OR c.is_cancelled_by_plan)
            AND (p_only IS NULL OR c.partnership_id = ANY (p_only))
        JOIN partnership p ON p.district_id = d.id AND p.id = c.partnership_id
            AND p.status IN ('active', 'renewing') AND p.archived_at IS NULL
        JOIN partner ON partner.district_id = d.id AND partner.id = p.partner_id
        LEFT JOIN site s ON s.district_id = d.id AND s.id = p.lead_site_id
        LEFT JOIN sites_alike() a ON a.site_id = p.lead_site_id
        LEFT JOIN reporting_quarter q ON q.district_id = d.id AND q.archived_at IS NULL
            AND q.school_year = c.school_year AND q.number = c.number
        LEFT JOIN site_quarter o ON o.district_id = d.id AND o.site_id = p.lead_site_id
            AND o.school_year = q.school_year AND o.number = q.number AND o.archived_at IS NULL
        CROSS JOIN LATERAL (SELECT coalesce(s.zone, d.zone) AS zone) z
        WHERE d.id = p_district),
    due AS MATERIALIZED (
        SELECT o.*, last_school_day(o.starts_on, o.quarter_ends_on, o.like_id) AS on_day
        FROM (SELECT DISTINCT w.starts_on, w.quarter_ends_on, w.like_id FROM planned w) o)
    SELECT w.id, w.due_on, due.on_day, w.is_cancelled_by_plan,
           due.on_day IS NOT NULL AND due.on_day BETWEEN w.active_on AND coalesce(w.ends_on, 'infinity')
               AND (NOT w.is_cancelled_by_plan OR due.on_day >= w.today)
               AND (w.cadence = 'quarterly' OR w.cadence = 'twice_a_year' AND w.number IN (2, 4))
    FROM planned w
    LEFT JOIN due ON due.starts_on = w.starts_on AND due.quarter_ends_on = w.quarter_ends_on
        AND due.like_id IS NOT DISTINCT FROM w.like_id;
END;

-- What was planned follows the calendar, and what else it was planned by, as long as it is not open and nobody has
-- moved it: it moves, is cancelled, or is back. How many. A district's closed days are often entered after its quarters.
CREATE OR REPLACE FUNCTION check_in_replan(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    changed record;
    done integer := 0;
    picked uuid[] := turn_only(p_district, 'partnership');
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF picked = '{}' THEN
        RETURN 0;
    END IF;
    FOR changed IN EXECUTE
        'SELECT * FROM check_ins_planned($1, $2, $3) w
         WHERE w.is_wanted = w.is_cancelled OR w.is_wanted AND w.on_day <> w.due_on
         ORDER BY w.id'
        USING p_district, p_now, picked
    LOOP
        IF changed.is_wanted = changed.is_cancelled THEN
            UPDATE check_in c SET status = CASE WHEN changed.is_wanted THEN 'scheduled' ELSE 'cancelled' END,
                is_cancelled_by_plan = NOT changed.is_wanted, sequence = c.sequence + 1,
                closed_at = CASE WHEN NOT changed.is_wanted THEN p_now END, dated_at = p_now
            WHERE c.district_id = p_district AND c.id = changed.id
              AND (c.status = 'scheduled' AND c.due_on = c.planned_on OR c.is_cancelled_by_plan)
              AND c.is_cancelled_by_plan = changed.is_cancelled;
            done := done + CASE WHEN FOUND THEN 1 ELSE 0 END;
        END IF;
        IF changed.is_wanted AND changed.on_day <> changed.due_on THEN
            UPDATE check_in c SET due_on = changed.on_day, planned_on = changed.on_day
            WHERE c.district_id = p_district AND c.id = changed.id AND c.status = 'scheduled'
              AND c.due_on = c.planned_on;
            done := done + CASE WHEN FOUND AND NOT changed.is_cancelled THEN 1 ELSE 0 END;
        ELSIF NOT changed.is_wanted THEN
            PERFORM message_withdraw(p_district, changed.id, NULL, 'cancelled');
        END IF;
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION check_in_settings, partnership_today, check_in_cadence, check_ins_missing, rows_at_a_time, check_in_plan,
    check_ins_planned, check_in_replan FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_in_settings, partnership_today TO kith_api;
GRANT EXECUTE ON FUNCTION check_in_settings, partnership_today, check_in_cadence, check_ins_missing, rows_at_a_time, check_in_plan,
    check_ins_planned, check_in_replan TO kith_checkin;

RESET ROLE;
