-- Reports that people keep: a dashboard's document (95_dashboard.sql) as tables (96_report_tables.sql). Who reads one reads what
-- the dashboard shows, with its marks of what is suppressed.

SET ROLE kith_owner;

-- How a unit is written.
CREATE OR REPLACE FUNCTION report_unit(p_unit text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_unit IN ('percent', 'cents') THEN p_unit WHEN p_unit IN ('score', 'hours') THEN 'decimal' ELSE 'count' END;

-- A cell of the document as a value.
CREATE OR REPLACE FUNCTION report_value(p_cell jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_typeof(p_cell) IS DISTINCT FROM 'object' THEN ''
            WHEN (p_cell ->> 'value_low')::numeric = 0 THEN '<=' || (p_cell ->> 'value_high')
            WHEN p_cell ->> 'value_low' IS NOT NULL THEN '>=' || (p_cell ->> 'value_low')
            WHEN (p_cell ->> 'is_suppressed')::boolean THEN '*'
            ELSE coalesce(p_cell ->> 'value', '') END;

-- A row of an indicator: those that come with Kith have names in each language; of people nobody knows how many they are.
CREATE OR REPLACE FUNCTION report_of_indicator(p_tile jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'kind', report_unit(p_tile ->> 'unit'), 'name', CASE WHEN NOT i.supplied THEN i.name END,
        'indicator', CASE WHEN i.supplied THEN i.code || CASE
            WHEN i.unit = 'people' AND 'sessions' IN (p_tile #>> '{all,unit}', p_tile #>> '{served,unit}') THEN '_sessions'
            ELSE '' END END)
    FROM indicator i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = (p_tile ->> 'indicator_id')::uuid);

-- How much there is, and what it came to per dollar.
CREATE OR REPLACE FUNCTION report_of_summary(p_document jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[
        report_table('summary', '{figure:figure}', (
            SELECT jsonb_agg(report_row(f.code, NULL, CASE WHEN f.code = 'people' AND (o.outputs ->> 'people_is_suppressed')::boolean
                                                           THEN '*' ELSE p_document -> 'summary' ->> f.member END)
                             || jsonb_build_object('kind', f.kind) ORDER BY f.place)
            FROM (VALUES (1, 'partners', 'partners', 'count'), (2, 'partnerships', 'partnerships', 'count'),
                         (3, 'sites', 'sites', 'count'), (4, 'people', 'people', 'count'),
                         (5, 'people_sessions', 'people_sessions', 'count'), (6, 'sessions', 'sessions', 'count'),
                         (7, 'hours_given', 'hours', 'decimal'), (8, 'value_partner', 'value_partner_cents', 'cents'),
                         (9, 'value_district', 'value_district_cents', 'cents'), (10, 'balance', 'balance', 'percent'))
                AS f (place, code, member, kind))),
        report_table('outputs', '{per_1000_dollars:decimal}', (
            SELECT jsonb_agg(report_row(f.code, NULL, CASE WHEN f.code = 'people' AND (o.outputs ->> 'people_is_suppressed')::boolean
                                                           THEN '*' ELSE o.outputs ->> f.member END) ORDER BY f.place)
            FROM (VALUES (1, 'people', 'people_per_1000_dollars'), (2, 'people_sessions', 'people_sessions_per_1000_dollars'),
                         (3, 'sessions', 'sessions_per_1000_dollars'), (4, 'hours_given', 'hours_per_1000_dollars'))
                AS f (place, code, member))),
        report_table('goals_standing', '{goals:count}', (
            SELECT jsonb_agg(report_row(g.told ->> 'progress', NULL, g.told ->> 'count') ORDER BY g.place)
            FROM (SELECT w.told, w.place
                  FROM jsonb_array_elements(p_document #> '{summary,goals}') WITH ORDINALITY AS w (told, place)
                  UNION ALL
                  SELECT jsonb_build_object('progress', 'more_goals', 'count', p_document -> 'more_goals'), 1000
                  WHERE (p_document ->> 'more_goals')::bigint > 0) AS g))]
    FROM (SELECT p_document -> 'outputs' AS outputs) AS o;
END;

-- Each indicator, and (a table of its own) how it went from period to period.
CREATE OR REPLACE FUNCTION report_of_tiles(p_document jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[report_table('indicators',
        '{all:figure,served:figure,not_served:figure,where_it_works:figure,target:figure,changed_for:code,as_of:date}', (
        SELECT jsonb_agg(report_row(NULL, NULL, report_value(t.told -> 'all'), report_value(t.told -> 'served'),
                                    report_value(t.told -> 'not_served'), report_value(t.told -> 'schools_where_it_works'),
                                    t.told ->> 'target', t.told ->> 'changed_for',
                                    coalesce(t.told #>> '{all,as_of}', t.told #>> '{served,as_of}'))
                         || report_of_indicator(t.told) ORDER BY t.place)
        FROM jsonb_array_elements(p_document -> 'indicators') WITH ORDINALITY AS t (told, place)))]
        || CASE WHEN p_document -> 'dosages' <> '[]' THEN ARRAY[report_table('dosages', '{minimum:decimal,partnerships:count}', (
            SELECT jsonb_agg(report_row(d.told ->> 'dosage_unit', NULL, d.told ->> 'minimum_dosage', d.told ->> 'partnerships')
                             ORDER BY d.place)
            FROM jsonb_array_elements(p_document -> 'dosages') WITH ORDINALITY AS d (told, place)))] END;
END;

CREATE OR REPLACE FUNCTION report_of_trends(p_document jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(
        report_table('trend', '{figure:figure}', (
            SELECT jsonb_agg(report_row(NULL, CASE p_document ->> 'period' WHEN 'month' THEN left(p.told ->> 'period_start', 7)
                                              ELSE concat_ws(' – ', p.told ->> 'period_start', p.told ->> 'period_end') END,
                                        report_value(p.told))
                             || jsonb_build_object('kind', report_unit(t.told ->> 'unit')) ORDER BY p.place)
            FROM jsonb_array_elements(t.told -> 'trend') WITH ORDINALITY AS p (told, place)))
        || report_of_indicator(t.told) || jsonb_build_object('figure', 'line', 'target', t.told -> 'target') ORDER BY t.place), '{}')
    FROM jsonb_array_elements(p_document -> 'indicators') WITH ORDINALITY AS t (told, place)
    WHERE jsonb_array_length(t.told -> 'trend') > 1;
END;

CREATE OR REPLACE FUNCTION report_of_goals(p_document jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[report_table('goals_actual', '{value:figure,target:figure,due_on:date,standing:code}', (
        SELECT jsonb_agg(report_row(NULL, g.told ->> 'statement', g.told ->> 'value', g.told ->> 'target',
                                    g.told ->> 'due_on', g.told ->> 'computed_progress')
                         || jsonb_build_object('kind', coalesce(report_unit(i.unit), 'decimal')) ORDER BY g.place)
        FROM jsonb_array_elements(p_document -> 'goals') WITH ORDINALITY AS g (told, place)
        LEFT JOIN indicator i ON i.district_id = current_setting('kith.district')::uuid
            AND i.id = (g.told ->> 'indicator_id')::uuid))];
END;

-- A place, the district beside it, and those below it.
CREATE OR REPLACE FUNCTION report_of_equity(p_document jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[report_table('equity', '{partners_per_100:decimal,value_per_100:cents,people_per_100:decimal,students:count,
                                          partners:count}', (
        SELECT jsonb_agg(report_row(p.code, p.told ->> 'name', p.told ->> 'partners_per_100_students',
                                    p.told ->> 'value_cents_per_100_students',
                                    CASE WHEN (p.told ->> 'is_suppressed')::boolean THEN '*'
                                         ELSE p.told ->> 'people_per_100_students' END,
                                    p.told ->> 'students', p.told ->> 'partners') ORDER BY p.place)
        FROM (SELECT 'here' AS code, e.told -> 'here' AS told, -1 AS place
              UNION ALL
              SELECT 'district', e.told -> 'district', 0 WHERE jsonb_typeof(e.told -> 'district') = 'object'
              UNION ALL
              SELECT NULL, b.told, b.place FROM jsonb_array_elements(e.told -> 'below') WITH ORDINALITY AS b (told, place)) AS p))]
    FROM (SELECT p_document -> 'equity' AS told) AS e WHERE jsonb_typeof(e.told) = 'object';
END;

CREATE OR REPLACE FUNCTION report_of_portfolio(p_document jsonb) RETURNS jsonb[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ARRAY[
        report_table('portfolio_by_kind', '{partnerships:count,partners:count,value:cents}', (
            SELECT jsonb_agg(report_row(k.told ->> 'kind', NULL, k.told ->> 'partnerships', k.told ->> 'partners',
                                        k.told ->> 'value_cents') ORDER BY k.place)
            FROM jsonb_array_elements(o.told -> 'by_kind') WITH ORDINALITY AS k (told, place))),
        report_table('portfolio_by_focus_area', '{partnerships:count,partners:count,value:cents,priorities:count,
                                                  next_priorities:count,gap:code}', (
            SELECT jsonb_agg(report_row(CASE WHEN jsonb_typeof(f.told -> 'focus_area_name') = 'null' THEN 'no_focus_area' END,
                                        f.told ->> 'focus_area_name', f.told ->> 'partnerships', f.told ->> 'partners',
                                        f.told ->> 'value_cents', f.told ->> 'priorities', f.told ->> 'next_priorities',
                                        CASE WHEN (f.told ->> 'is_gap')::boolean THEN 'gap'
                                             WHEN (f.told ->> 'is_next_gap')::boolean THEN 'next_gap' END) ORDER BY f.place)
            FROM jsonb_array_elements(o.told -> 'by_focus_area') WITH ORDINALITY AS f (told, place))),
        report_table('portfolio_by_site', '{partnerships:count,partners:count,value:cents,students:count,
                                            partners_per_100:decimal,priorities:count,next_priorities:count,unmet:count}', (
            SELECT jsonb_agg(report_row(NULL, s.told ->> 'site_name', s.told ->> 'partnerships', s.told ->> 'partners',
                                        s.told ->> 'value_cents', s.told ->> 'students', s.told ->> 'partners_per_100_students',
                                        s.told ->> 'priorities', s.told ->> 'next_priorities', s.told ->> 'unmet_priorities')
                             ORDER BY s.place)
            FROM jsonb_array_elements(o.told -> 'by_site') WITH ORDINALITY AS s (told, place)))]
    FROM (SELECT p_document -> 'portfolio' AS told) AS o;
END;

-- What the report is of: a kind of scope and its id (of the district: NULL).
CREATE OR REPLACE FUNCTION report_scope(r report, OUT kind text, OUT id uuid)
LANGUAGE sql IMMUTABLE
RETURN (CASE WHEN (r).network_id IS NOT NULL THEN 'network' WHEN (r).site_id IS NOT NULL THEN 'site'
             WHEN (r).partner_id IS NOT NULL THEN 'partner' WHEN (r).partnership_id IS NOT NULL THEN 'partnership'
             ELSE 'district' END, coalesce((r).network_id, (r).site_id, (r).partner_id, (r).partnership_id));

-- The report, of that school year or else its own, or else this one; NULL: there is none.
CREATE OR REPLACE FUNCTION report_told(p_id uuid, p_year integer) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    r report := (SELECT o FROM report o WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id);
    year integer := coalesce(p_year, r.school_year, school_year_today());
    document jsonb := (SELECT dashboard_document(s.kind, s.id, year, r.period) FROM report_scope(r) AS s WHERE r.id IS NOT NULL);
BEGIN
    IF document IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object(
        'report_id', r.id, 'name', r.name, 'scope_kind', document -> 'scope_kind', 'of', document -> 'name', 'school_year', year,
        'period', r.period, 'as_of', document -> 'as_of',
        'tables', to_jsonb((
            SELECT coalesce(array_agg(t.told ORDER BY p.place, t.place), '{}')
            FROM unnest('{summary,indicators,trends,goals,equity,portfolio}'::text[]) WITH ORDINALITY AS p (part, place)
            CROSS JOIN LATERAL unnest(CASE p.part
                WHEN 'summary' THEN report_of_summary(document) WHEN 'indicators' THEN report_of_tiles(document)
                WHEN 'trends' THEN report_of_trends(document) WHEN 'goals' THEN report_of_goals(document)
                WHEN 'equity' THEN report_of_equity(document) ELSE report_of_portfolio(document) END)
                WITH ORDINALITY AS t (told, place)
            WHERE p.part = ANY (r.parts))));
END
$$;

CREATE OR REPLACE FUNCTION report_file_name(p_told jsonb, p_ending text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN format('report_%s_%s.%s', p_told ->> 'school_year', p_told ->> 'as_of', p_ending);

-- As its page shows it; and as rows of a spreadsheet.
CREATE OR REPLACE FUNCTION report_page(p_id uuid, p_year integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.told - 'tables' || jsonb_build_object(
        'locale', coalesce(u.locale, d.locale), 'district', d.name, 'file_name', report_file_name(r.told, 'html'),
        'is_of_district', r.told ->> 'scope_kind' = 'district', 'on', page_date((r.told ->> 'as_of')::date),
        'from_year', ((r.told ->> 'school_year')::integer - 1)::text, 'tables', report_page_tables(r.told -> 'tables'))
    FROM (SELECT report_told(p_id, p_year) AS told OFFSET 0) AS r
    JOIN district d ON d.id = current_setting('kith.district')::uuid
    LEFT JOIN app_user u ON u.district_id = d.id AND u.id = nullif(current_setting('kith.user'), '')::uuid
    WHERE r.told IS NOT NULL;
END;

CREATE OR REPLACE FUNCTION report_sheet(p_id uuid, p_year integer)
RETURNS TABLE (file_name text, sheet text, is_head boolean, kinds text, cells text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT report_file_name(r.told, 'xlsx'), w.*
    FROM (SELECT report_told(p_id, p_year) AS told OFFSET 0) AS r
    CROSS JOIN LATERAL report_sheet_rows(r.told -> 'tables') AS w;
END;

REVOKE EXECUTE ON FUNCTION report_unit, report_value, report_of_indicator, report_of_summary, report_of_tiles, report_of_trends,
    report_of_goals, report_of_equity, report_of_portfolio, report_scope, report_told, report_file_name, report_page,
    report_sheet FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_unit, report_value, report_of_indicator, report_of_summary, report_of_tiles, report_of_trends,
    report_of_goals, report_of_equity, report_of_portfolio, report_scope, report_told, report_file_name, report_page,
    report_sheet TO kith_api;

RESET ROLE;
