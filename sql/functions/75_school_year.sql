-- School years: their dates, the calendar that one takes over from another when it opens, what is planned then
-- (97_convening_plan.sql), and what it came to when it closes.

SET ROLE kith_owner;

-- July to June, where nobody says otherwise.
CREATE OR REPLACE FUNCTION school_year_dates() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.starts_on := coalesce(NEW.starts_on, make_date(NEW.school_year::integer - 1, 7, 1));
    NEW.ends_on := coalesce(NEW.ends_on, make_date(NEW.school_year::integer, 6, 30));
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER school_year_dates BEFORE INSERT ON school_year
    FOR EACH ROW EXECUTE FUNCTION school_year_dates();

-- A day is in one school year at most.
CREATE OR REPLACE FUNCTION refuse_year_overlap() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('school_year ' || NEW.district_id, 0));
    IF EXISTS (SELECT FROM school_year y
               WHERE y.district_id = NEW.district_id AND y.id <> NEW.id AND y.archived_at IS NULL
                 AND y.starts_on <= NEW.ends_on AND y.ends_on >= NEW.starts_on) THEN
        RAISE EXCEPTION 'school years overlap' USING ERRCODE = '23P01',
            TABLE = TG_TABLE_NAME, CONSTRAINT = 'school_year_starts_on_key';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER refuse_year_overlap AFTER INSERT OR UPDATE ON school_year
    FOR EACH ROW WHEN (NEW.archived_at IS NULL) EXECUTE FUNCTION refuse_year_overlap();

-- What a closed day of one year is in the next: the same federal holiday, or else the same weekday of the same
-- week.
CREATE OR REPLACE FUNCTION day_a_year_later(p_day date) RETURNS date
LANGUAGE sql STABLE
RETURN coalesce(
    CASE WHEN is_federal_holiday(p_day) THEN (
        SELECT d.day FROM (SELECT p_day + 364 + n AS day, abs(n) AS away FROM generate_series(-7, 7) n) d
        WHERE date_part('isodow', d.day) < 6 AND is_federal_holiday(d.day)
        ORDER BY d.away, d.day LIMIT 1) END,
    p_day + 364);

-- Where a range of days begins a year later: on the same weekday, in that week in which as many of its federal holidays
-- are in it still. It is as long as it was.
CREATE OR REPLACE FUNCTION range_a_year_later(p_first date, p_last date) RETURNS date
LANGUAGE sql STABLE
RETURN CASE WHEN coalesce(p_last, p_first) = p_first THEN day_a_year_later(p_first) ELSE (
    SELECT later.first
    FROM (VALUES (p_first, p_first + 364), (p_first, p_first + 371)) later (since, first)
    ORDER BY (
        SELECT least(count(*) FILTER (WHERE is_federal_holiday(later.since + n)),
                     count(*) FILTER (WHERE is_federal_holiday(later.first + n)))
        FROM generate_series(0, p_last - p_first) n WHERE date_part('isodow', later.first + n) < 6) DESC, later.first
    LIMIT 1) END;

-- The quarters of a year that has none: those of the other one, a year later; or three months each from its first day on,
-- the last one until its last.
CREATE OR REPLACE FUNCTION school_year_copy_quarters(p_to school_year, p_from bigint) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO reporting_quarter (district_id, id, school_year, number, starts_on, ends_on)
    SELECT p_to.district_id, uuid7(), p_to.school_year, c.number, c.starts_on, c.ends_on
    FROM (SELECT q.number, (q.starts_on + v.later)::date AS starts_on, (q.ends_on + v.later)::date AS ends_on
          FROM reporting_quarter q
          CROSS JOIN (SELECT make_interval(years => (p_to.school_year - p_from)::integer) AS later) v
          WHERE q.district_id = p_to.district_id AND q.school_year = p_from AND q.archived_at IS NULL
          UNION ALL
          SELECT n + 1, (v.first + make_interval(months => 3 * n))::date,
                 CASE n WHEN 3 THEN greatest(p_to.ends_on, (v.first + interval '9 months')::date)
                        ELSE (v.first + make_interval(months => 3 * n + 3))::date - 1 END
          FROM generate_series(0, 3) n
          CROSS JOIN (SELECT p_to.starts_on AS first) v
          WHERE p_from IS NULL) c
    WHERE NOT EXISTS (
        SELECT FROM reporting_quarter q
        WHERE q.district_id = p_to.district_id AND q.school_year = p_to.school_year
          AND q.archived_at IS NULL);
    -- And those that sites have in their place.
    INSERT INTO site_quarter (district_id, id, site_id, school_year, number, starts_on, ends_on)
    SELECT q.district_id, uuid7(), q.site_id, p_to.school_year, q.number, (q.starts_on + v.later)::date,
           (q.ends_on + v.later)::date
    FROM site_quarter q
    JOIN site s ON s.district_id = q.district_id AND s.id = q.site_id AND s.status IN ('planned', 'open')
        AND s.archived_at IS NULL
    CROSS JOIN (SELECT make_interval(years => (p_to.school_year - p_from)::integer) AS later) v
    WHERE q.district_id = p_to.district_id AND q.school_year = p_from AND q.archived_at IS NULL AND NOT EXISTS (
        SELECT FROM site_quarter o
        WHERE o.district_id = q.district_id AND o.site_id = q.site_id AND o.school_year = p_to.school_year
          AND o.archived_at IS NULL);
END;

-- Closed days and blackouts of the days from one to the other, in the year after, but for what is there.
CREATE OR REPLACE FUNCTION school_year_copy_days(p_to school_year, p_first date, p_last date)
RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO closed_day (district_id, id, site_id, starts_on, ends_on, reason, is_open)
    SELECT c.district_id, uuid7(), c.site_id, v.starts_on, v.starts_on + (c.ends_on - c.starts_on), c.reason, c.is_open
    FROM closed_day c
    CROSS JOIN LATERAL (SELECT range_a_year_later(c.starts_on, c.ends_on) AS starts_on) v
    WHERE c.district_id = p_to.district_id AND c.archived_at IS NULL
      AND c.starts_on BETWEEN p_first AND p_last AND v.starts_on BETWEEN p_to.starts_on AND p_to.ends_on
      AND NOT EXISTS (
        SELECT FROM closed_day o
        WHERE o.district_id = c.district_id AND o.site_id IS NOT DISTINCT FROM c.site_id
          AND o.starts_on = v.starts_on AND o.archived_at IS NULL);
    INSERT INTO blackout (district_id, id, site_id, starts_on, ends_on, reason)
    SELECT b.district_id, uuid7(), b.site_id, v.starts_on, v.starts_on + (b.ends_on - b.starts_on), b.reason
    FROM blackout b
    CROSS JOIN LATERAL (SELECT range_a_year_later(b.starts_on, b.ends_on) AS starts_on) v
    WHERE b.district_id = p_to.district_id AND b.archived_at IS NULL
      AND b.starts_on BETWEEN p_first AND p_last
      AND v.starts_on BETWEEN p_to.starts_on AND p_to.ends_on
      AND NOT EXISTS (
        SELECT FROM blackout o
        WHERE o.district_id = b.district_id AND o.site_id IS NOT DISTINCT FROM b.site_id
          AND o.starts_on = v.starts_on AND o.archived_at IS NULL);
END;

-- What an action still needs.
CREATE OR REPLACE FUNCTION school_year_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN CASE WHEN p_action = 'close' AND EXISTS (
        SELECT FROM school_year y
        JOIN check_in c ON c.district_id = y.district_id AND c.school_year = y.school_year
            AND c.status IN ('scheduled', 'open') AND c.archived_at IS NULL
        WHERE y.id = p_id)
    THEN '{check_ins}'::text[] ELSE '{}' END;

CREATE OR REPLACE FUNCTION school_year_begin(p_id uuid, p_version bigint, p_action text) RETURNS school_year
LANGUAGE plpgsql AS $$
DECLARE
    year school_year;
    next_status text;
BEGIN
    PERFORM lock_row('school_year', p_id, p_version);
    SELECT * INTO year FROM school_year y WHERE y.id = p_id;
    next_status := transition('school_year', p_action, year.status);
    PERFORM refuse_missing('school_year', year.status, school_year_missing(p_id, p_action));
    year.status := next_status;
    RETURN year;
END
$$;

-- Takes over the calendar of the year before, where there is one, else the standard one: of which year.
CREATE OR REPLACE FUNCTION school_year_copy_calendar(p_to school_year) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
    first_day date;
    last_day date;
BEGIN
    SELECT q.school_year, min(q.starts_on), max(q.ends_on) INTO before, first_day, last_day
    FROM reporting_quarter q
    WHERE q.district_id = p_to.district_id AND q.school_year < p_to.school_year AND q.archived_at IS NULL
    GROUP BY q.school_year ORDER BY q.school_year DESC LIMIT 1;
    PERFORM school_year_copy_quarters(p_to, before);
    -- Days of a year that is further back would fall on other weekdays.
    IF before = p_to.school_year - 1 THEN
        PERFORM school_year_copy_days(p_to, first_day, last_day);
    END IF;
    RETURN before;
END
$$;

-- p_calendar: previous, standard (July to June) or none. NULL: previous.
CREATE OR REPLACE FUNCTION school_year_open(p_id uuid, p_version bigint, p_calendar text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    year school_year := school_year_begin(p_id, p_version, 'open');
    before bigint;
BEGIN
    BEGIN
        IF coalesce(p_calendar, 'previous') = 'previous' THEN
            before := school_year_copy_calendar(year);
        ELSIF p_calendar = 'standard' THEN
            PERFORM school_year_copy_quarters(year, NULL);
        END IF;
    EXCEPTION WHEN exclusion_violation THEN
        PERFORM refuse_field('calendar', 'Its quarters would be on days of another year''s: move those, or open it with '
                                         'the calendar "none" and enter its quarters.');
    END;
    UPDATE school_year SET status = year.status, copied_from = before,
        opened_at = current_setting('kith.now')::timestamptz
    WHERE id = p_id;
    PERFORM school_year_plan(year);
END
$$;

-- What a school year came to, by name. A goal is met as everywhere else: by goal_standing() of 93_goal.sql.
CREATE OR REPLACE FUNCTION school_year_figures(y school_year) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'sites', (SELECT count(*) FROM site s WHERE s.status = 'open' AND s.archived_at IS NULL),
        'partners', (
            SELECT count(DISTINCT p.partner_id) FROM partnership p
            WHERE p.status IN ('active', 'renewing') AND p.archived_at IS NULL),
        'agreements_in_force', (
            SELECT count(*) FROM agreement a WHERE a.status = 'in_force' AND a.archived_at IS NULL),
        'goals', (SELECT count(*) FROM goal g
                  WHERE g.due_on BETWEEN y.starts_on AND y.ends_on AND g.archived_at IS NULL),
        'goals_met', (SELECT count(*) FROM goal g WHERE g.due_on BETWEEN y.starts_on AND y.ends_on
                      AND g.archived_at IS NULL AND goal_standing(g) = 'met'))
        || coalesce((SELECT jsonb_object_agg('partnerships_' || c.status, c.many) FROM (
            SELECT p.status, count(*) AS many FROM partnership p WHERE p.archived_at IS NULL GROUP BY p.status) c),
            '{}')
        || coalesce((SELECT jsonb_object_agg('check_ins_' || c.status, c.many) FROM (
            SELECT i.status, count(*) AS many FROM check_in i
            WHERE i.school_year = y.school_year AND i.archived_at IS NULL GROUP BY i.status) c), '{}')
        || coalesce((SELECT jsonb_object_agg(c.name, c.many) FROM (
            SELECT 'needs_' || n.status AS name, count(*) AS many FROM need n
            WHERE n.needed_by BETWEEN y.starts_on AND y.ends_on AND n.archived_at IS NULL GROUP BY n.status
            UNION ALL
            SELECT 'roll_calls_' || r.status, count(*) FROM roll_call r
            WHERE r.school_year = y.school_year AND r.archived_at IS NULL GROUP BY r.status
            UNION ALL
            SELECT 'site_plans_' || p.status, count(*) FROM site_plan p
            WHERE p.school_year = y.school_year AND p.archived_at IS NULL GROUP BY p.status
            UNION ALL
            SELECT 'convenings_' || v.status, count(*) FROM convening v
            WHERE v.school_year = y.school_year AND v.archived_at IS NULL GROUP BY v.status
            UNION ALL
            SELECT 'gifts_received', count(*) FROM gift g
            WHERE g.received_on BETWEEN y.starts_on AND y.ends_on AND g.archived_at IS NULL
            UNION ALL
            SELECT 'interactions', count(*) FROM interaction i
            WHERE i.on_date BETWEEN y.starts_on AND y.ends_on AND i.archived_at IS NULL
            UNION ALL
            SELECT 'activities', count(*) FROM activity a
            WHERE a.on_date BETWEEN y.starts_on AND y.ends_on AND a.archived_at IS NULL
            UNION ALL
            SELECT 'milestones_reached', count(*) FROM milestone m
            WHERE m.reached_on BETWEEN y.starts_on AND y.ends_on AND m.archived_at IS NULL) c), '{}');
END
$$;

-- What both sides agreed on for a site is over with its year.
CREATE OR REPLACE FUNCTION site_plans_close(y school_year) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    UPDATE site_plan p SET status = 'closed'
    WHERE p.district_id = y.district_id AND p.school_year = y.school_year AND p.status = 'agreed'
      AND p.archived_at IS NULL;
END;

-- And is drafted again for the next one, where the partnership goes on and the site is open: as it was, with who
-- answers for it still.
CREATE OR REPLACE FUNCTION site_plans_carry(y school_year) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO site_plan (district_id, id, partnership_id, site_id, school_year, objectives, activities, logistics,
                           user_id, contact_id)
    SELECT p.district_id, uuid7(), p.partnership_id, p.site_id, y.school_year, p.objectives, p.activities,
           p.logistics, u.id, c.id
    FROM site_plan p
    JOIN partnership t ON t.district_id = p.district_id AND t.id = p.partnership_id
        AND t.status IN ('active', 'renewing', 'paused') AND t.archived_at IS NULL
    JOIN site s ON s.district_id = p.district_id AND s.id = p.site_id AND s.status = 'open' AND s.archived_at IS NULL
    LEFT JOIN app_user u ON u.district_id = p.district_id AND u.id = p.user_id AND u.status = 'active'
        AND u.archived_at IS NULL
    LEFT JOIN contact c ON c.district_id = p.district_id AND c.id = p.contact_id AND c.status = 'active'
        AND c.archived_at IS NULL
    WHERE p.district_id = y.district_id AND p.school_year = y.school_year - 1 AND p.status IN ('agreed', 'closed')
      AND p.archived_at IS NULL
      AND NOT EXISTS (
        SELECT FROM site_plan o
        WHERE o.district_id = p.district_id AND o.partnership_id = p.partnership_id AND o.site_id = p.site_id
          AND o.school_year = y.school_year AND o.archived_at IS NULL)
    ORDER BY p.created_at, p.id;
END;

CREATE OR REPLACE FUNCTION school_year_close(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    year school_year := school_year_begin(p_id, p_version, 'close');
BEGIN
    PERFORM site_plans_close(year);
    UPDATE school_year SET status = year.status, figures = school_year_figures(year),
        report = school_year_report(year), -- of 97_year_report.sql
        closed_at = current_setting('kith.now')::timestamptz
    WHERE id = p_id;
    PERFORM reviews_make(year); -- of 94_review.sql
    PERFORM snapshot_of(year.school_year, NULL); -- of 49_portfolio.sql
END
$$;

CREATE OR REPLACE FUNCTION school_year_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    year school_year := school_year_begin(p_id, p_version, 'reopen');
BEGIN
    UPDATE school_year SET status = year.status, figures = NULL, report = NULL, closed_at = NULL WHERE id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION school_year_dates, refuse_year_overlap, day_a_year_later, range_a_year_later,
    school_year_copy_quarters, school_year_copy_days, school_year_copy_calendar, school_year_missing,
    school_year_begin, school_year_open, school_year_figures, site_plans_close, site_plans_carry, school_year_close,
    school_year_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_federal_holiday, day_a_year_later, range_a_year_later, school_year_copy_quarters,
    school_year_copy_days, school_year_copy_calendar, school_year_missing, school_year_begin, school_year_open, school_year_figures,
    site_plans_close, site_plans_carry, school_year_close, school_year_reopen TO kith_api;

RESET ROLE;
