-- What a school year came to, as a report (96_report_tables.sql). It is kept when the year closes,
-- with the snapshot of the landscape; of a year that is open it is as of today.

SET ROLE kith_owner;

-- The partnerships that ran in those days, ended since or not, and whether they began or ended in them.
CREATE OR REPLACE FUNCTION report_partnerships(p_first date, p_last date)
RETURNS TABLE (id uuid, partner_id uuid, lead_site_id uuid, kind text, tier text, began boolean, ended boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, t.partner_id, t.lead_site_id, r.kind, coalesce(t.tier, r.tier, 'none'),
           d.first >= p_first, d.last <= p_last
    FROM partnership t
    JOIN partner r ON r.district_id = t.district_id AND r.id = t.partner_id
    CROSS JOIN LATERAL partnership_ran(t) AS d
    CROSS JOIN (SELECT district_today() AS day OFFSET 0) AS today
    WHERE t.archived_at IS NULL AND d.first <= least(p_last, today.day) AND d.last >= p_first;
END;

-- Partnerships by kind and tier of their partners, and at each site where they worked.
CREATE OR REPLACE FUNCTION report_of_partnerships(p_first date, p_last date) RETURNS jsonb[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    columns text[] := '{partnerships:count,partners:count,began:count,ended:count}';
    tables jsonb[] := '{}';
    by_what text;
BEGIN
    FOREACH by_what IN ARRAY '{kind,tier}'::text[] LOOP
        tables := tables || report_table('partnerships_by_' || by_what, columns, (
            SELECT jsonb_agg(c.told ORDER BY c.many DESC, c.code)
            FROM (SELECT to_jsonb(p) ->> by_what AS code, count(*) AS many,
                         report_row(to_jsonb(p) ->> by_what, NULL, count(*)::text, count(DISTINCT p.partner_id)::text,
                                    (count(*) FILTER (WHERE p.began))::text,
                                    (count(*) FILTER (WHERE p.ended))::text) AS told
                  FROM report_partnerships(p_first, p_last) AS p GROUP BY to_jsonb(p) ->> by_what) AS c));
    END LOOP;
    RETURN tables || report_table('partnerships_by_site', columns, (
        SELECT jsonb_agg(report_row(NULL, s.name, c.many::text, c.partners::text, c.began::text, c.ended::text)
                         ORDER BY c.many DESC, s.name, s.id)
        FROM (SELECT w.site_id, count(*) AS many, count(DISTINCT p.partner_id) AS partners,
                     count(*) FILTER (WHERE p.began) AS began, count(*) FILTER (WHERE p.ended) AS ended
              FROM report_partnerships(p_first, p_last) AS p
              CROSS JOIN LATERAL (
                  SELECT p.lead_site_id AS site_id WHERE p.lead_site_id IS NOT NULL
                  UNION
                  SELECT l.site_id FROM partnership_site l
                  WHERE l.district_id = current_setting('kith.district')::uuid AND l.partnership_id = p.id
                    AND l.archived_at IS NULL AND coalesce(l.from_date, '-infinity') <= p_last
                    AND coalesce(l.until_date, 'infinity') >= p_first) AS w
              GROUP BY w.site_id) AS c
        JOIN site s ON s.id = c.site_id));
END
$$;

-- What both sides gave by kind, by its days in the year, and the balance.
CREATE OR REPLACE FUNCTION report_of_investments(p_first date, p_last date) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[
        report_table('investments', '{partner:cents,district:cents,outside:cents,disputed:cents}', (
            SELECT jsonb_agg(report_row(c.kind, NULL, c.partner::text, c.district::text, c.outside::text, c.disputed::text)
                             ORDER BY c.kind)
            FROM (SELECT e.kind, coalesce(sum(e.cents) FILTER (WHERE e.whose = 'partner'), 0) AS partner,
                         coalesce(sum(e.cents) FILTER (WHERE e.whose = 'district'), 0) AS district,
                         coalesce(sum(e.cents) FILTER (WHERE e.whose = 'outside'), 0) AS outside,
                         coalesce(sum(e.cents) FILTER (WHERE e.whose = 'disputed'), 0) AS disputed
                  FROM (SELECT i.kind, investment_counts_as(i) AS whose,
                               round(span_share(investment_cents(i), i.from_date, i.until_date, p_first,
                                                least(p_last, (SELECT given_until())))) AS cents
                        FROM investment i
                        WHERE i.district_id = current_setting('kith.district')::uuid AND i.status = 'delivered'
                          AND i.archived_at IS NULL AND i.from_date <= p_last AND i.until_date >= p_first) AS e
                  GROUP BY e.kind) AS c)),
        report_table('balance', '{partner:cents,district:cents,balance:percent}', (
            SELECT jsonb_build_array(
                report_row('delivered', NULL, b.partner_cents::text, b.district_cents::text,
                           CASE WHEN b.partner_cents > 0 AND b.district_cents > 0
                                THEN round(b.partner_cents::numeric / (b.partner_cents + b.district_cents), 4)::text END),
                report_row('pledged', NULL, b.partner_pledged_cents::text, b.district_pledged_cents::text, NULL))
            FROM investments_balanced('district', NULL, p_first, p_last) AS b))];
END;

-- By quarter: check-ins that are over, and stories that were published. Gifts by kind; no amounts, which are for staff.
CREATE OR REPLACE FUNCTION report_of_work(y school_year) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[
        report_table('check_ins', '{due:count,complete:count,on_time:count,rate:percent}', (
            SELECT jsonb_agg(report_row(coalesce('quarter_' || c.number, 'all'), NULL, c.due::text, c.complete::text,
                                        c.on_time::text, round(c.on_time::numeric / c.due, 4)::text)
                             ORDER BY c.number)
            FROM (SELECT i.number, count(*) AS due, count(*) FILTER (WHERE i.status = 'complete') AS complete,
                         count(*) FILTER (WHERE i.status = 'complete'
                                          AND (i.completed_at AT TIME ZONE d.zone)::date <= i.due_on) AS on_time
                  FROM check_in i JOIN district d ON d.id = i.district_id
                  WHERE i.school_year = y.school_year AND i.status IN ('complete', 'closed_partial', 'missed')
                    AND i.archived_at IS NULL
                  GROUP BY ROLLUP (i.number)) AS c
            WHERE c.due > 0)),
        report_table('gifts', '{gifts:count,thanked:count}', (
            SELECT jsonb_agg(report_row(c.kind, NULL, c.many::text, c.thanked::text) ORDER BY c.many DESC, c.kind)
            FROM (SELECT g.kind, count(*) AS many, count(*) FILTER (WHERE g.thanked) AS thanked FROM gift g
                  WHERE g.status = 'received' AND g.received_on BETWEEN y.starts_on AND y.ends_on
                    AND g.archived_at IS NULL GROUP BY g.kind) AS c)),
        report_table('stories', '{stories:count,partnerships:count,sites:count}', (
            SELECT jsonb_agg(report_row('published', NULL, c.many::text, c.partnerships::text, c.sites::text))
            FROM (SELECT count(DISTINCT s.id) AS many, count(DISTINCT o.partnership_id) AS partnerships,
                         count(DISTINCT o.site_id) AS sites
                  FROM story s
                  JOIN district d ON d.id = s.district_id
                  LEFT JOIN story_subject o ON o.district_id = s.district_id AND o.story_id = s.id
                      AND o.archived_at IS NULL
                  WHERE s.status = 'published' AND s.archived_at IS NULL
                    AND (s.published_at AT TIME ZONE d.zone)::date BETWEEN y.starts_on AND y.ends_on) AS c
            WHERE c.many > 0))];
END;

-- Goals that were due in the year by how they stand, as everywhere else; and what portfolio reviews of it decided.
CREATE OR REPLACE FUNCTION report_of_aims(y school_year) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[
        report_table('goals', '{goals:count}', (
            SELECT jsonb_agg(report_row(c.standing, NULL, c.many::text) ORDER BY c.many DESC, c.standing)
            FROM (SELECT s.standing, count(*) AS many
                  FROM goal g CROSS JOIN LATERAL goal_told(g) AS s
                  WHERE g.due_on BETWEEN y.starts_on AND y.ends_on AND g.archived_at IS NULL
                  GROUP BY s.standing) AS c)),
        report_table('decisions', '{kind:code,status:code,due_on:date}', (
            SELECT jsonb_agg(report_row(NULL, d.decision, d.kind, d.status, d.due_on::text)
                             ORDER BY d.due_on, d.created_at, d.id)
            FROM portfolio_review r
            JOIN portfolio_decision d ON d.district_id = r.district_id AND d.portfolio_review_id = r.id
                AND d.archived_at IS NULL
            WHERE r.school_year = y.school_year AND r.archived_at IS NULL))];
END;

CREATE OR REPLACE FUNCTION school_year_report(y school_year) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    aims jsonb[] := report_of_aims(y);
BEGIN
    RETURN jsonb_build_object(
        'school_year', y.school_year, 'starts_on', y.starts_on, 'ends_on', y.ends_on, 'as_of', district_today(),
        'tables', to_jsonb(report_of_partnerships(y.starts_on, y.ends_on) || aims[1:1]
            || report_of_investments(y.starts_on, y.ends_on) || report_of_work(y) || aims[2:2]));
END
$$;

-- As it was kept when the year closed, else as of today.
CREATE OR REPLACE FUNCTION school_year_told(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT coalesce(y.report, school_year_report(y)) || jsonb_build_object(
            'school_year_id', y.id, 'is_kept', y.report IS NOT NULL, 'district', d.name)
        FROM school_year y JOIN district d ON d.id = y.district_id WHERE y.id = p_id);

-- The report as its page shows it.
CREATE OR REPLACE FUNCTION school_year_report_page(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.told - 'tables' || jsonb_build_object(
        'locale', d.locale, 'file_name', format('school_year_%s.html', r.told ->> 'school_year'),
        'first', page_date((r.told ->> 'starts_on')::date), 'last', page_date((r.told ->> 'ends_on')::date),
        'on', page_date((r.told ->> 'as_of')::date), 'tables', report_page_tables(r.told -> 'tables'))
    FROM (SELECT school_year_told(p_id) AS told OFFSET 0) AS r
    JOIN district d ON d.id = current_setting('kith.district')::uuid
    WHERE r.told IS NOT NULL;
END;

-- And as rows of a spreadsheet.
CREATE OR REPLACE FUNCTION school_year_sheet_rows(p_id uuid)
RETURNS TABLE (file_name text, sheet text, is_head boolean, kinds text, cells text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT format('school_year_%s.xlsx', r.told ->> 'school_year'), w.*
    FROM (SELECT school_year_told(p_id) AS told OFFSET 0) AS r
    CROSS JOIN LATERAL report_sheet_rows(r.told -> 'tables') AS w;
END;

DROP FUNCTION IF EXISTS school_year_report_rows(uuid);
DROP FUNCTION IF EXISTS investment_balance(text, uuid, integer);
DROP FUNCTION IF EXISTS investment_balance(text, uuid, date, date);

REVOKE EXECUTE ON FUNCTION report_partnerships, report_of_partnerships, report_of_investments,
    report_of_work, report_of_aims, school_year_report, school_year_told,
    school_year_report_page, school_year_sheet_rows FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_partnerships, report_of_partnerships, report_of_investments,
    report_of_work, report_of_aims, school_year_report, school_year_told,
    school_year_report_page, school_year_sheet_rows TO kith_api;

RESET ROLE;
