-- Reports that go by themselves: on a day of each week, month, quarter or school year, to whoever holds one of some roles
-- then, by one mail each, which tells what comes first and leads to the report.

SET ROLE kith_owner;

-- The first day after that one on which it is to go: Mondays; the first of a month; the day after a reporting quarter of the
-- district's own or, where there is none, of a calendar's; the day after a school year.
CREATE OR REPLACE FUNCTION report_next_on(p_every text, p_after date) RETURNS date
LANGUAGE sql STABLE
RETURN CASE p_every
    WHEN 'week' THEN date_trunc('week', p_after)::date + 7
    WHEN 'month' THEN (date_trunc('month', p_after) + interval '1 month')::date
    WHEN 'quarter' THEN coalesce(
        (SELECT min(q.ends_on) + 1 FROM reporting_quarter q
         WHERE q.district_id = current_setting('kith.district')::uuid AND q.ends_on >= p_after AND q.archived_at IS NULL),
        (date_trunc('quarter', p_after) + interval '3 months')::date)
    WHEN 'school_year' THEN (
        SELECT min(s.ends_on) + 1 FROM generate_series(date_part('year', p_after)::integer, date_part('year', p_after)::integer + 1) AS y
        CROSS JOIN LATERAL school_year_span(y) AS s WHERE s.ends_on >= p_after) END;

-- Who has it sent to others may write mails.
CREATE OR REPLACE FUNCTION report_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.every IS NULL THEN
        NEW.next_on := NULL;
        RETURN NEW;
    ELSIF TG_OP = 'INSERT' OR NEW.every IS DISTINCT FROM OLD.every THEN
        IF NOT kith_has_role('admin,director,executive,coordinator') THEN
            PERFORM refuse_field('every', '"every" is set by whoever may write mails for the district.');
        END IF;
        NEW.next_on := report_next_on(NEW.every, district_today());
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER report_check BEFORE INSERT OR UPDATE OF every ON report
    FOR EACH ROW EXECUTE FUNCTION report_check();

-- Who gets it on a day: whoever holds one of its roles then, over the whole district or over the place that it is of.
CREATE OR REPLACE FUNCTION report_recipients(r report, p_day date) RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT u.id
    FROM app_user u
    JOIN user_grant g ON g.district_id = u.district_id AND g.user_id = u.id AND g.archived_at IS NULL
        AND p_day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity') AND g.role = ANY ((r).recipient_roles)
    WHERE u.district_id = current_setting('kith.district')::uuid AND u.status = 'active' AND u.archived_at IS NULL
      AND (g.scope_kind = 'district' OR g.scope_id IN ((r).network_id, (r).site_id)
           OR g.scope_id = (SELECT s.network_id FROM site s WHERE s.district_id = g.district_id AND s.id = (r).site_id));
END;

-- Decides the mails of the reports whose day has come, each once, in mail hours of a school day: how many. What is late by
-- three days is told no more.
CREATE OR REPLACE FUNCTION reports_send(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    most constant integer := 50; -- reports in a turn
    today date;
    morning timestamptz;
    late timestamptz;
    due uuid[];
    made uuid[];
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    SELECT local_instant(today, d.mail_hour::integer, d.zone), local_instant(today + 3, 0, d.zone)
    INTO STRICT morning, late FROM district d WHERE d.id = p_district;
    due := ARRAY(SELECT r.id FROM report r
                 WHERE r.district_id = p_district AND r.next_on <= today AND r.archived_at IS NULL
                 ORDER BY r.next_on, r.name, r.id LIMIT most FOR UPDATE);
    IF due = '{}' OR p_now < morning OR NOT is_mail_day(today, NULL) THEN
        RETURN 0;
    END IF;
    PERFORM mail_week_lock();
    SELECT w.made INTO made
    FROM (SELECT array_agg(uuid7()) AS ids, array_agg(r.id) AS reports, array_agg(NULL::uuid) AS nobody, array_agg(u.id) AS users,
                 array_agg(r.next_on::text) AS days, array_agg(jsonb_build_object('on', r.next_on)) AS variables,
                 array_agg(morning) AS mornings, array_agg(late) AS lates, array_agg(NULL::text) AS reasons
          FROM unnest(due) AS d (id)
          JOIN report r ON r.district_id = p_district AND r.id = d.id
          CROSS JOIN LATERAL report_recipients(r, today) AS u (id)) AS l
    CROSS JOIN LATERAL messages_write('program', 'reports', 'report', l.ids, l.reports, l.nobody, l.users, l.nobody, l.days,
                                      l.variables, l.mornings, l.lates, l.reasons) AS w
    WHERE l.ids IS NOT NULL;
    UPDATE report r SET last_on = today, next_on = report_next_on(r.every, today)
    WHERE r.district_id = p_district AND r.id = ANY (due);
    IF cardinality(due) = most THEN
        PERFORM set_config('kith.more', 'true', true);
    END IF;
    RETURN coalesce(cardinality(made), 0);
END
$$;

-- It is kept no more, or goes by itself no more; or its reader has another role.
CREATE OR REPLACE FUNCTION report_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN r.archived_at IS NOT NULL OR r.every IS NULL
                             OR m.user_id NOT IN (SELECT u FROM report_recipients(r, district_today()) AS u) THEN 'cancelled' END
            FROM report r WHERE r.district_id = m.district_id AND r.id = m.subject_id);
END
$$;

-- The school year that it tells of: its own, or that of the day before the one on which it was to go.
CREATE OR REPLACE FUNCTION report_year(r report, p_on date) RETURNS integer
LANGUAGE sql STABLE
RETURN coalesce((r).school_year, school_year_of(p_on - 1))::integer;

-- What comes first of it, as it is when the mail goes. The owner's: the mailer reads no figures.
CREATE OR REPLACE FUNCTION report_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    r report := (SELECT o FROM report o WHERE o.district_id = m.district_id AND o.id = m.subject_id);
    year integer := report_year(r, (m.variables ->> 'on')::date);
    document jsonb := (SELECT dashboard_document(s.kind, s.id, year, r.period) FROM report_scope(r) AS s);
BEGIN
    RETURN jsonb_build_object(
        'name', left(r.name, 200), 'of', document ->> 'name', 'year_from', (year - 1)::text, 'year_to', year::text,
        'partners', document #>> '{summary,partners}', 'partnerships', document #>> '{summary,partnerships}',
        'sites', document #>> '{summary,sites}',
        'value_partner', page_figure((document #>> '{summary,value_partner_cents}')::numeric, 'cents'),
        'value_district', page_figure((document #>> '{summary,value_district_cents}')::numeric, 'cents'),
        'better', jsonb_array_length(document #> '{summary,better}'), 'worse', jsonb_array_length(document #> '{summary,worse}'),
        'path', format('reports/%s?school_year=%s', r.id, year));
END
$$;

REVOKE EXECUTE ON FUNCTION report_next_on, report_check, report_recipients, reports_send, report_obstacle, report_year,
    report_about FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_next_on TO kith_api;
GRANT EXECUTE ON FUNCTION reports_send TO kith_checkin;
GRANT EXECUTE ON FUNCTION report_obstacle, report_about TO kith_mailer;

RESET ROLE;
