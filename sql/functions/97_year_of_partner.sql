-- A partner's own year, by a mail's link or signed in: what it and the district put in, what came of it, the goals, the
-- schools and what was published of them, stories and thanks. It is told of the year that has ended, and of those before.

SET ROLE kith_owner;

-- The partnerships of the partner that ran in those days.
CREATE OR REPLACE FUNCTION partner_year_partnerships(p_partner uuid, p_first date, p_last date) RETURNS uuid[]
LANGUAGE sql STABLE
RETURN ARRAY(
    SELECT p.id FROM partnership p CROSS JOIN LATERAL partnership_ran(p) AS r
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.partner_id = p_partner AND p.archived_at IS NULL
      AND r.first <= p_last AND r.last >= p_first);

-- The schools where they worked in those days.
CREATE OR REPLACE FUNCTION partner_year_sites(p_joined uuid[], p_first date, p_last date)
RETURNS TABLE (site_id uuid, name text, partnerships bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, s.name, count(*)
    FROM (SELECT p.id, p.lead_site_id AS site_id FROM partnership p
          WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = ANY (p_joined)
          UNION
          SELECT w.partnership_id, w.site_id FROM partnership_site w
          WHERE w.district_id = current_setting('kith.district')::uuid AND w.partnership_id = ANY (p_joined)
            AND w.archived_at IS NULL AND coalesce(w.from_date, '-infinity') <= p_last
            AND coalesce(w.until_date, 'infinity') >= p_first) AS w
    JOIN site s ON s.district_id = current_setting('kith.district')::uuid AND s.id = w.site_id
    GROUP BY s.id, s.name;
END;

-- What both sides gave by kind, by its days in the year, and how much of it the partner has confirmed.
CREATE OR REPLACE FUNCTION partner_year_given(p_partner uuid, p_joined uuid[], p_first date, p_last date) RETURNS jsonb
LANGUAGE sql STABLE
RETURN report_table('investments', '{partner:cents,district:cents,outside:cents,confirmed:cents,disputed:cents}', (
    SELECT jsonb_agg(report_row(c.kind, NULL, c.partner::text, c.district::text, c.outside::text, c.confirmed::text,
                                c.disputed::text) ORDER BY c.kind)
    FROM (SELECT e.kind, coalesce(sum(e.cents) FILTER (WHERE e.whose = 'partner'), 0) AS partner,
                 coalesce(sum(e.cents) FILTER (WHERE e.whose = 'district'), 0) AS district,
                 coalesce(sum(e.cents) FILTER (WHERE e.whose = 'outside'), 0) AS outside,
                 coalesce(sum(e.cents) FILTER (WHERE e.confirmed = 'confirmed' AND e.whose <> 'disputed'), 0) AS confirmed,
                 coalesce(sum(e.cents) FILTER (WHERE e.whose = 'disputed'), 0) AS disputed
          FROM (SELECT i.kind, i.confirmed, investment_counts_as(i) AS whose,
                       round(span_share(investment_cents(i), i.from_date, i.until_date, p_first,
                                        least(p_last, (SELECT given_until())))) AS cents
                FROM investment i
                WHERE i.district_id = current_setting('kith.district')::uuid AND i.partnership_id = ANY (p_joined)
                  AND coalesce(i.partner_id, p_partner) = p_partner AND i.status = 'delivered'
                  AND i.archived_at IS NULL AND i.from_date <= p_last AND i.until_date >= p_first) AS e
          GROUP BY e.kind) AS c));

-- What was published of the schools as wholes, a table each indicator of students, beside the year before.
CREATE OR REPLACE FUNCTION partner_year_published(p_sites uuid[], p_year integer) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH shown AS (
        SELECT DISTINCT ON (i.id, r.scope_id, r.school_year) i, r.scope_id AS site_id, r.school_year,
               report_value(dashboard_cell(r, i.unit)::jsonb) AS value
        FROM rollup r
        JOIN indicator i ON i.district_id = r.district_id AND i.id = r.indicator_id AND i.suppression = 'student'
            AND i.archived_at IS NULL
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.scope_id = ANY (p_sites)
          AND r.school_year IN (p_year, p_year - 1) AND r.scope_kind = 'site' AND r.cohort = 'all'
          AND r.period_kind IN ('school_year', 'ytd') AND r.period_start <= district_today()
        ORDER BY i.id, r.scope_id, r.school_year, r.period_kind = 'school_year' DESC, r.period_end DESC
    ), told AS (
        SELECT o.i, report_table('published', '{figure:figure,before:figure}', jsonb_agg(
                   report_row(NULL, s.name, o.now, o.before) || jsonb_build_object('kind', report_unit((o.i).unit))
                   ORDER BY s.name, s.id)) AS told
        FROM (SELECT w.i, w.site_id, max(w.value) FILTER (WHERE w.school_year = p_year) AS now,
                     max(w.value) FILTER (WHERE w.school_year < p_year) AS before
              FROM shown w GROUP BY w.i, w.site_id) AS o
        JOIN site s ON s.district_id = (o.i).district_id AND s.id = o.site_id
        GROUP BY o.i HAVING bool_or(o.now IS NOT NULL)
    )
    SELECT coalesce(array_agg(f.told || report_of_indicator(jsonb_build_object('indicator_id', (f.i).id, 'unit', (f.i).unit))
                              - 'kind' ORDER BY (f.i).family, (f.i).name, (f.i).code), '{}')
    FROM (SELECT * FROM told t ORDER BY (t.i).family, (t.i).name, (t.i).code LIMIT 12) AS f;
END;

-- What the year came to, in tables: at most 30 schools.
CREATE OR REPLACE FUNCTION partner_year_tables(p_partner uuid, p_year integer) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    most constant integer := 30;
    span record := school_year_span(p_year);
    joined uuid[] := partner_year_partnerships(p_partner, span.starts_on, span.ends_on);
    document jsonb := dashboard_document('partner', p_partner, p_year, 'school_year');
    summary jsonb[] := report_of_summary(document);
    balance jsonb := document #> '{portfolio,by_site}';
    sites uuid[];
    schools jsonb;
BEGIN
    SELECT array_agg(w.site_id), jsonb_agg(report_row(
        NULL, w.name, w.partnerships::text, b.told ->> 'value_cents', b.told ->> 'students') ORDER BY w.name, w.site_id)
    INTO sites, schools
    FROM (SELECT * FROM partner_year_sites(joined, span.starts_on, span.ends_on) AS s ORDER BY s.name, s.site_id LIMIT most) AS w
    LEFT JOIN jsonb_array_elements(balance) AS b (told) ON (b.told ->> 'site_id')::uuid = w.site_id;
    RETURN to_jsonb(
        ARRAY[jsonb_set(summary[1], '{rows}', jsonb_path_query_array(summary[1], '$.rows[*] ? (@.code != "partners")')),
              partner_year_given(p_partner, joined, span.starts_on, span.ends_on), summary[2],
              report_table('year_schools', '{partnerships:count,value:cents,students:count}', schools)]
        || report_of_goals(document) || partner_year_published(sites, p_year));
END
$$;

-- Thanks that were said in the year, and awards.
CREATE OR REPLACE FUNCTION partner_year_thanks(p_partner uuid, p_year integer, p_first date, p_last date) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object('title', o.title, 'on', page_date(o.day)) ORDER BY o.day DESC, o.title)
    FROM (SELECT t.subject AS title, t.given_on AS day FROM thank_you t
          WHERE t.district_id = current_setting('kith.district')::uuid AND t.partner_id = p_partner
            AND t.status IN ('sent', 'given') AND t.archived_at IS NULL
            AND coalesce(t.school_year = p_year, t.given_on BETWEEN p_first AND p_last)
          UNION ALL
          SELECT a.title, a.given_on FROM award a
          WHERE a.district_id = current_setting('kith.district')::uuid AND a.partner_id = p_partner
            AND a.school_year = p_year AND a.archived_at IS NULL
          ORDER BY day DESC, title LIMIT 50) AS o);

-- Stories of the year that everybody can read, of its partnerships and gifts.
CREATE OR REPLACE FUNCTION partner_year_stories(p_partner uuid, p_joined uuid[], p_first date, p_last date) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object('id', s.id, 'title', s.title, 'summary', s.summary, 'slug', d.slug,
                                        'story_lang', s.locale) ORDER BY s.published_at DESC, s.id)
    FROM (SELECT DISTINCT b.story_id FROM story_subject b
          LEFT JOIN gift g ON g.district_id = b.district_id AND g.id = b.gift_id
          WHERE b.district_id = current_setting('kith.district')::uuid AND b.archived_at IS NULL
            AND (b.partnership_id = ANY (p_joined) OR g.partner_id = p_partner)) AS b
    JOIN story s ON s.district_id = current_setting('kith.district')::uuid AND s.id = b.story_id
    JOIN district d ON d.id = s.district_id
    WHERE s.status = 'published' AND s.archived_at IS NULL
      AND (s.published_at AT TIME ZONE d.zone)::date BETWEEN p_first AND p_last);

-- The years of which there is something to tell: the latest first, ten at most.
CREATE OR REPLACE FUNCTION partner_year_choices(p_partner uuid) RETURNS integer[]
LANGUAGE sql STABLE
RETURN ARRAY(
    SELECT y.year FROM generate_series(school_year_today(), school_year_today() - 9, -1) AS y (year)
    CROSS JOIN LATERAL school_year_span(y.year) AS s
    WHERE partner_year_partnerships(p_partner, s.starts_on, s.ends_on) <> '{}'
    ORDER BY y.year DESC);

-- The year that the address says, or the mail was about, or else the last that has ended; of those there are.
CREATE OR REPLACE FUNCTION page_partner_year(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    choices integer[] := partner_year_choices(t.subject_id);
    asked integer := CASE WHEN p_view #>> '{path,0}' ~ '^2\d{3}$' THEN p_view #>> '{path,0}' END;
    year integer := coalesce(
        (SELECT c FROM unnest(choices) AS c WHERE c = asked),
        (SELECT (m.variables ->> 'school_year')::integer FROM message m
         WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = t.message_id AND m.kind = 'partner_year'),
        (SELECT max(c) FROM unnest(choices) AS c WHERE c < school_year_today()), school_year_today());
    span record := school_year_span(year);
    thanks jsonb := partner_year_thanks(t.subject_id, year, span.starts_on, span.ends_on);
    stories jsonb := partner_year_stories(
        t.subject_id, partner_year_partnerships(t.subject_id, span.starts_on, span.ends_on), span.starts_on, span.ends_on);
BEGIN
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'partner', (SELECT r.name FROM partner r
                    WHERE r.district_id = current_setting('kith.district')::uuid AND r.id = t.subject_id),
        'from_year', (year - 1)::text, 'to_year', year::text, 'is_running', span.ends_on >= district_today(),
        'first', page_date(span.starts_on), 'last', page_date(span.ends_on), 'on', page_date(district_today()),
        'tables', report_page_tables(partner_year_tables(t.subject_id, year)),
        'thanks', thanks, 'has_thanks', thanks IS NOT NULL, 'stories', stories, 'has_stories', stories IS NOT NULL,
        'has_years', cardinality(choices) > 1,
        'years', (SELECT jsonb_agg(jsonb_build_object('year', c::text, 'from_year', (c - 1)::text, 'is_shown', c = year)
                                   ORDER BY c DESC) FROM unnest(choices) AS c));
END
$$;

-- ---- The mail ------------------------------------------------------------------------------------

-- The school year of which partners are told on a day: from so many days after its end, for two weeks.
CREATE OR REPLACE FUNCTION partner_year_due(p_days integer, p_day date) RETURNS integer
LANGUAGE sql STABLE
RETURN (
    SELECT max(y.year)
    FROM generate_series(date_part('year', p_day)::integer - 1, date_part('year', p_day)::integer + 1) AS y (year)
    CROSS JOIN LATERAL school_year_span(y.year) AS s
    WHERE p_day - s.ends_on - p_days BETWEEN 0 AND 13);

-- Decides the mails of the year that has ended, to whom the district writes at each partner that worked with it then: once
-- each, in mail hours of a business day.
CREATE OR REPLACE FUNCTION partner_years_send(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    most constant integer := 500; -- partners in a turn
    today date;
    year integer;
    span record;
    morning timestamptz;
    late timestamptz;
    due uuid[];
    made uuid[];
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    SELECT partner_year_due(d.partner_year_days, today), local_instant(today, d.mail_hour::integer, d.zone),
           local_instant(today + 30, 0, d.zone)
    INTO STRICT year, morning, late FROM district d WHERE d.id = p_district;
    IF year IS NULL OR p_now < morning OR first_business_day(today, today) IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM mail_week_lock();
    span := school_year_span(year);
    due := ARRAY(
        SELECT r.id FROM partner r
        WHERE r.district_id = p_district AND r.archived_at IS NULL AND r.stage NOT IN ('declined', 'barred')
          AND NOT EXISTS (SELECT FROM message m
                          WHERE m.district_id = p_district AND m.subject_id = r.id AND m.kind = 'partner_year'
                            AND m.occurrence = year::text)
          AND partner_year_partnerships(r.id, span.starts_on, span.ends_on) <> '{}'
          AND EXISTS (SELECT FROM partner_correspondents(r.id))
        ORDER BY r.id LIMIT most);
    SELECT w.made INTO made
    FROM (SELECT array_agg(uuid7()) AS ids, array_agg(r.id) AS partners, array_agg(c.contact_id) AS contacts,
                 array_agg(NULL::uuid) AS nobody, array_agg(year::text) AS years,
                 array_agg(jsonb_build_object('school_year', year, 'partner', r.name, 'year_from', (year - 1)::text,
                                              'year_to', year::text)) AS variables,
                 array_agg(morning) AS mornings, array_agg(late) AS lates, array_agg(NULL::text) AS reasons
          FROM unnest(due) AS d (id)
          JOIN partner r ON r.district_id = p_district AND r.id = d.id
          CROSS JOIN LATERAL (SELECT DISTINCT o.contact_id FROM partner_correspondents(r.id) AS o) AS c) AS l
    CROSS JOIN LATERAL messages_write('program', 'thank_yous', 'partner_year', l.ids, l.partners, l.contacts, l.nobody, l.nobody,
                                      l.years, l.variables, l.mornings, l.lates, l.reasons) AS w
    WHERE l.ids IS NOT NULL;
    IF cardinality(due) = most THEN
        PERFORM set_config('kith.more', 'true', true);
    END IF;
    RETURN coalesce(cardinality(made), 0);
END
$$;

-- The partner is no partner any more, or the district tells no years.
CREATE OR REPLACE FUNCTION partner_year_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN r.archived_at IS NOT NULL OR r.stage IN ('declined', 'barred') OR d.partner_year_days IS NULL
                        THEN 'cancelled' END
            FROM partner r JOIN district d ON d.id = r.district_id
            WHERE r.district_id = m.district_id AND r.id = m.subject_id);
END
$$;

REVOKE EXECUTE ON FUNCTION partner_year_partnerships, partner_year_sites, partner_year_given, partner_year_published,
    partner_year_tables, partner_year_thanks, partner_year_stories, partner_year_choices, page_partner_year, partner_year_due,
    partner_years_send, partner_year_obstacle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_year_partnerships, partner_year_sites, partner_year_given, partner_year_published,
    partner_year_tables, partner_year_thanks, partner_year_stories, partner_year_choices, page_partner_year TO kith_api;
GRANT EXECUTE ON FUNCTION partner_years_send TO kith_checkin;
GRANT EXECUTE ON FUNCTION partner_year_obstacle TO kith_mailer;

RESET ROLE;
