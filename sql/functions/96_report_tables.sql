-- Reports are tables of one shape, which a page, a file and programs show alike. A table has a code, which the texts name, or
-- stands for an indicator; its columns are of a kind; its rows are of a code, an indicator or a name. A column of
-- figures is of the kind that the row says. A value is a text: "" where there is none, "*" where it is suppressed, "<=0.05" and
-- ">=0.95" where no more is told of it than that.

SET ROLE kith_owner;

-- A table: its name, its columns (name:kind), its rows (what it is by: a code, or the name of something; and values).
CREATE OR REPLACE FUNCTION report_table(p_code text, p_columns text[], p_rows jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('code', p_code, 'columns', (
        SELECT jsonb_agg(jsonb_build_object('code', split_part(c.told, ':', 1), 'kind', split_part(c.told, ':', 2))
                         ORDER BY c.place)
        FROM unnest(p_columns) WITH ORDINALITY AS c (told, place)),
    'rows', coalesce(p_rows, '[]'));

CREATE OR REPLACE FUNCTION report_row(p_code text, p_name text, VARIADIC p_values text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('code', p_code, 'name', p_name, 'values', to_jsonb(array_replace(p_values, NULL, '')));

-- Of what kind a value is.
CREATE OR REPLACE FUNCTION report_kind(p_table jsonb, p_row jsonb, p_column integer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_table #>> ARRAY['columns', p_column::text, 'kind']
    WHEN 'figure' THEN coalesce(p_row ->> 'kind', 'count') ELSE p_table #>> ARRAY['columns', p_column::text, 'kind'] END;

CREATE OR REPLACE FUNCTION report_is_number(p_value text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN p_value ~ '^-?\d+(\.\d+)?$';

-- A number as people read it.
CREATE OR REPLACE FUNCTION report_number(p_kind text, p_value numeric) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_kind
    WHEN 'cents' THEN '$' || to_char(p_value / 100, 'FM999,999,999,999,990.00')
    WHEN 'percent' THEN to_char(100 * p_value, 'FM990.0') || ' %'
    WHEN 'decimal' THEN to_char(p_value, 'FM999,999,999,990.00')
    ELSE to_char(p_value, 'FM999,999,999,990') END;

-- A value as people read it.
CREATE OR REPLACE FUNCTION report_cell(p_kind text, p_value text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE
    WHEN p_value = '' THEN jsonb_build_object('text', '–', 'is_number', p_kind NOT IN ('code', 'date'))
    WHEN p_value = '*' THEN '{"is_hidden": true, "is_number": true}'::jsonb
    WHEN left(p_value, 2) IN ('<=', '>=') THEN jsonb_build_object(
        'is_number', true, 'text', CASE left(p_value, 2) WHEN '<=' THEN '≤ ' ELSE '≥ ' END
                                   || report_number(p_kind, substr(p_value, 3)::numeric))
    WHEN p_kind = 'code' THEN jsonb_build_object('word', p_value)
    WHEN p_kind = 'date' THEN page_date(p_value::date)
    ELSE jsonb_build_object('is_number', true, 'text', report_number(p_kind, p_value::numeric)) END;

-- What a row is of, as the page shows it: a word, an indicator's name, or a name.
CREATE OR REPLACE FUNCTION report_label(p_row jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('code', p_row -> 'code', 'indicator', p_row -> 'indicator', 'name', p_row -> 'name');

-- The figure over a table: its first column as bars, of the first twelve rows; of what is no number none.
CREATE OR REPLACE FUNCTION report_bars(p_table jsonb) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_agg(report_label(r.told) || jsonb_build_object(
               'width', round(100 * (r.told #>> '{values,0}')::numeric / greatest(m.most, 1), 1)::text,
               'cell', report_cell(p_table #>> '{columns,0,kind}', r.told #>> '{values,0}')) ORDER BY r.place)
    FROM jsonb_array_elements(p_table -> 'rows') WITH ORDINALITY AS r (told, place)
    CROSS JOIN (
        SELECT max((o.told #>> '{values,0}')::numeric) AS most FROM jsonb_array_elements(p_table -> 'rows') AS o (told)
        WHERE p_table #>> '{columns,0,kind}' IN ('count', 'cents')) AS m
    WHERE p_table #>> '{columns,0,kind}' IN ('count', 'cents') AND r.place <= 12
      AND r.told ->> 'code' IS DISTINCT FROM 'all';
END;

-- The figure over a table whose rows are periods: its first column as a line, which has a gap where nothing is shown, the
-- lowest and the highest value, and, where the table has one, the line of the target.
CREATE OR REPLACE FUNCTION report_line(p_table jsonb) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH point AS (
        SELECT r.place, CASE WHEN report_is_number(r.told #>> '{values,0}') THEN (r.told #>> '{values,0}')::numeric END AS value,
               count(*) OVER () AS many
        FROM jsonb_array_elements(p_table -> 'rows') WITH ORDINALITY AS r (told, place)
        WHERE p_table ->> 'figure' = 'line'
    ), ends AS (
        SELECT least(min(p.value), (p_table ->> 'target')::numeric) AS low,
               greatest(max(p.value), (p_table ->> 'target')::numeric) AS high, count(p.value) AS shown
        FROM point p
    ), placed AS (
        SELECT p.place, round(20 + 560 * (p.place - 1)::numeric / greatest(p.many - 1, 1), 1) AS x,
               round(140 - 120 * coalesce((p.value - e.low) / nullif(e.high - e.low, 0), 0.5), 1) AS y,
               p.place - row_number() OVER (ORDER BY p.place) AS run
        FROM point p CROSS JOIN ends e WHERE p.value IS NOT NULL
    )
    SELECT jsonb_build_object(
        'low', report_cell(p_table ->> 'kind', e.low::text), 'high', report_cell(p_table ->> 'kind', e.high::text),
        'target', CASE WHEN p_table ->> 'target' IS NOT NULL THEN
            round(140 - 120 * coalesce(((p_table ->> 'target')::numeric - e.low) / nullif(e.high - e.low, 0), 0.5), 1)::text END,
        'runs', (SELECT jsonb_agg(jsonb_build_object('points', r.points) ORDER BY r.run)
                 FROM (SELECT p.run, string_agg(p.x || ',' || p.y, ' ' ORDER BY p.place) AS points
                       FROM placed p GROUP BY p.run) AS r),
        'dots', (SELECT jsonb_agg(jsonb_build_object('x', p.x::text, 'y', p.y::text) ORDER BY p.place) FROM placed p))
    FROM ends e WHERE e.shown > 1;
END;

-- Tables as a page shows them.
CREATE OR REPLACE FUNCTION report_page_tables(p_tables jsonb) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_agg(t.told - 'rows' - 'columns' - 'name' || jsonb_build_object(
        'title', t.told -> 'name', 'indicator', t.told -> 'indicator', 'id', 'table-' || t.place, 'is_empty', t.told -> 'rows' = '[]',
        'bars', f.bars, 'has_bars', f.bars IS NOT NULL, 'line', f.line, 'has_line', f.line IS NOT NULL,
        'columns', (SELECT jsonb_agg(jsonb_build_object(
                        'code', c.told -> 'code', 'is_number', c.told ->> 'kind' NOT IN ('code', 'date'))
                        ORDER BY c.place)
                    FROM jsonb_array_elements(t.told -> 'columns') WITH ORDINALITY AS c (told, place)),
        'rows', (SELECT jsonb_agg(report_label(w.told) || jsonb_build_object(
                     'cells', (SELECT jsonb_agg(report_cell(report_kind(t.told, w.told, v.place::integer - 1), v.value)
                                                ORDER BY v.place)
                               FROM jsonb_array_elements_text(w.told -> 'values') WITH ORDINALITY AS v (value, place)))
                     ORDER BY w.place)
                 FROM jsonb_array_elements(t.told -> 'rows') WITH ORDINALITY AS w (told, place))) ORDER BY t.place)
    FROM jsonb_array_elements(p_tables) WITH ORDINALITY AS t (told, place)
    CROSS JOIN LATERAL (SELECT report_bars(t.told) AS bars, report_line(t.told) AS line OFFSET 0) AS f;
END;

-- And as rows of a spreadsheet, a sheet each table: what its cells are (t text, n number, d date) and say. Marks of what is
-- suppressed stay texts. A sheet's name has at most 31 characters, and some that it must not have.
CREATE OR REPLACE FUNCTION report_sheet_rows(p_tables jsonb)
RETURNS TABLE (sheet text, is_head boolean, kinds text, cells text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE t.told ->> 'code' WHEN 'trend'
               THEN left(regexp_replace(coalesce(t.told ->> 'indicator', t.told ->> 'name'), '[^[:alnum:]_ -]', ' ', 'g'), 26)
                    || ' ' || t.place
               ELSE t.told ->> 'code' END,
           w.place = 0, 't' || c.kinds, ARRAY[w.label] || c.cells
    FROM jsonb_array_elements(p_tables) WITH ORDINALITY AS t (told, place)
    CROSS JOIN LATERAL (
        SELECT 0::bigint AS place, NULL::jsonb AS told, t.told ->> 'code' AS label, (
                   SELECT jsonb_agg(c.told -> 'code' ORDER BY c.place)
                   FROM jsonb_array_elements(t.told -> 'columns') WITH ORDINALITY AS c (told, place)) AS cells
        UNION ALL
        SELECT o.place, o.told, coalesce(o.told ->> 'name', o.told ->> 'indicator', o.told ->> 'code'), o.told -> 'values'
        FROM jsonb_array_elements(t.told -> 'rows') WITH ORDINALITY AS o (told, place)) AS w
    CROSS JOIN LATERAL (
        SELECT string_agg(CASE WHEN k.kind = 'date' AND k.value <> '' THEN 'd'
                               WHEN k.kind <> 'code' AND report_is_number(k.value) THEN 'n' ELSE 't' END, ''
                          ORDER BY k.place) AS kinds,
               array_agg(CASE WHEN k.kind = 'cents' AND report_is_number(k.value) THEN round(k.value::numeric / 100, 2)::text
                              ELSE nullif(k.value, '') END ORDER BY k.place) AS cells
        FROM (SELECT v.place, v.value, CASE WHEN w.place = 0 THEN 'code'
                                            ELSE report_kind(t.told, w.told, v.place::integer - 1) END AS kind
              FROM jsonb_array_elements_text(w.cells) WITH ORDINALITY AS v (value, place)) AS k) AS c
    ORDER BY t.place, w.place;
END;

-- And as lines of a file: each value with what it is of, and a mark where it is suppressed or a bound.
CREATE OR REPLACE FUNCTION report_lines(p_tables jsonb)
RETURNS TABLE (table_code text, of_what text, column_code text, kind text, value text, mark text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.told ->> 'code', concat_ws(': ', CASE WHEN t.told ->> 'code' = 'trend'
                                              THEN coalesce(t.told ->> 'indicator', t.told ->> 'name') END,
                                        coalesce(w.told ->> 'name', w.told ->> 'indicator', w.told ->> 'code')),
           t.told #>> ARRAY['columns', (v.place - 1)::text, 'code'], report_kind(t.told, w.told, v.place::integer - 1),
           CASE WHEN v.value NOT IN ('', '*') THEN ltrim(v.value, '<>=') END,
           CASE WHEN v.value = '*' THEN 'suppressed' WHEN left(v.value, 2) = '<=' THEN 'at_most'
                WHEN left(v.value, 2) = '>=' THEN 'at_least' END
    FROM jsonb_array_elements(p_tables) WITH ORDINALITY AS t (told, place)
    CROSS JOIN LATERAL jsonb_array_elements(t.told -> 'rows') WITH ORDINALITY AS w (told, place)
    CROSS JOIN LATERAL jsonb_array_elements_text(w.told -> 'values') WITH ORDINALITY AS v (value, place)
    ORDER BY t.place, w.place, v.place;
END;

REVOKE EXECUTE ON FUNCTION report_table, report_row, report_kind, report_is_number, report_number, report_cell, report_label,
    report_bars, report_line, report_page_tables, report_sheet_rows, report_lines FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_table, report_row, report_kind, report_is_number, report_number, report_cell, report_label,
    report_bars, report_line, report_page_tables, report_sheet_rows, report_lines TO kith_api;

RESET ROLE;
