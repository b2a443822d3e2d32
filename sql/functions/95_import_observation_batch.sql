-- Observations by the million. Of the batches of a file, what is plain and new is written by one statement, and so is
-- what import_row tells of it; the rest waits in import_row, and goes the way of all kinds (90_imports_write.sql).

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION is_uuid(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE RETURN p_text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

-- A plain row as import_row has others: its cells, its values, and what names others.
CREATE OR REPLACE FUNCTION import_cells(p_row import_observation) RETURNS text[]
LANGUAGE sql IMMUTABLE RETURN ARRAY(SELECT jsonb_array_elements_text(p_row.cells::jsonb));

CREATE OR REPLACE FUNCTION import_bound(p_row import_observation) RETURNS jsonb
LANGUAGE sql IMMUTABLE RETURN jsonb_strip_nulls(to_jsonb(p_row) - '{line,id,cells}'::text[] || jsonb_build_object(
    'indicator_id', CASE WHEN is_uuid(p_row.indicator_id) THEN p_row.indicator_id END,
    'site_id', CASE WHEN is_uuid(p_row.site_id) THEN p_row.site_id END,
    'partnership_id', CASE WHEN is_uuid(p_row.partnership_id) THEN p_row.partnership_id END));

CREATE OR REPLACE FUNCTION import_refs(p_row import_observation) RETURNS jsonb
LANGUAGE sql IMMUTABLE RETURN jsonb_strip_nulls(jsonb_build_object(
    'indicator_id', CASE WHEN NOT is_uuid(p_row.indicator_id) THEN p_row.indicator_id END,
    'site_id', CASE WHEN NOT is_uuid(p_row.site_id) THEN p_row.site_id END,
    'partnership_id', CASE WHEN NOT is_uuid(p_row.partnership_id) THEN p_row.partnership_id END));

-- {text: id} of the texts that name one row of the table; the first key that finds any decides.
CREATE OR REPLACE FUNCTION import_named(p_table text, p_keys jsonb, p_texts text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    key text;
    named jsonb := '{}';
    found jsonb;
BEGIN
    FOR key IN SELECT k FROM jsonb_array_elements_text(p_keys) k LOOP
        EXECUTE format($query$
            SELECT coalesce(jsonb_object_agg(f.v, f.id), '{}')
            FROM (SELECT w.v, CASE WHEN count(*) = 1 THEN min(t.id::text) END AS id
                  FROM unnest($1) AS w (v) JOIN %1$I t ON %2$s = %3$s
                  WHERE t.district_id = $2 AND t.archived_at IS NULL AND NOT $3 ? w.v GROUP BY w.v) AS f $query$,
            p_table, import_key_side(key, 't'), CASE WHEN key LIKE '~%' THEN 'import_normal(w.v)' ELSE 'w.v' END)
        INTO found USING p_texts, current_setting('kith.district')::uuid, named;
        named := named || found;
    END LOOP;
    RETURN named;
END
$$;

-- The same of texts that may be ids themselves.
CREATE OR REPLACE FUNCTION import_ids(p_spec jsonb, p_field text, p_texts text[]) RETURNS TABLE (said text, id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    named jsonb := import_named(p_spec #>> ARRAY['refs', p_field, 'table'], p_spec #> ARRAY['refs', p_field, 'keys'],
                                ARRAY(SELECT t FROM unnest(p_texts) AS t WHERE NOT is_uuid(t)));
BEGIN
    RETURN QUERY SELECT t, CASE WHEN is_uuid(t) THEN t ELSE named ->> t END::uuid FROM unnest(p_texts) AS t;
END
$$;

-- Rows of batches wait by themselves: what is not plain, or all of them.
DROP FUNCTION IF EXISTS import_unfold(uuid, bigint, bigint);
CREATE OR REPLACE FUNCTION import_unfold(p_import uuid, p_first bigint, p_last bigint, p_all boolean) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO import_row (district_id, import_id, line, row_id, cells, bound, refs, faults, outcome)
    SELECT b.district_id, b.import_id, r.line, r.id, r.cells, r.bound, r.refs, r.faults,
           CASE WHEN r.faults IS NOT NULL THEN 'rejected' END
    FROM import_batch b
    CROSS JOIN LATERAL jsonb_to_recordset(b.rows::jsonb) AS r (
        line bigint, id uuid, cells text[], bound jsonb, refs jsonb, faults jsonb)
    WHERE b.district_id = current_setting('kith.district')::uuid AND b.import_id = p_import
      AND b.first_line BETWEEN p_first AND p_last;
    INSERT INTO import_row (district_id, import_id, line, row_id, cells, bound, refs)
    SELECT b.district_id, b.import_id, r.line, r.id, import_cells(r), import_bound(r), import_refs(r)
    FROM import_batch b CROSS JOIN LATERAL unnest(b.plain::import_observation[]) AS r
    WHERE p_all AND b.district_id = current_setting('kith.district')::uuid AND b.import_id = p_import
      AND b.first_line BETWEEN p_first AND p_last;
END;

-- Plain: a number of a period, and a whole where there must be one, of what is known, that nothing is known of yet.
-- Whether anything is known is asked for a series at once, and only where something is for each row (either way by the whole
-- key of an index, which IS NOT DISTINCT FROM is not). No row of the batches
-- waits afterwards unless it is not plain, or the database refuses one of them: then all wait.
CREATE OR REPLACE FUNCTION observations_load(p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = auto SET enable_nestloop = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM set_config('kith.readied', 'on', true);
    PERFORM import_unfold(p_import, p_first, p_last, false);
    WITH read AS MATERIALIZED (
        SELECT r AS told, r.line, r.id, r.indicator_id AS indicator, r.site_id AS site, r.partnership_id AS partnership,
               r.school_year, r.period_kind, r.period_end, r.numerator, r.denominator, r.source, r.computed_by, r.as_of,
               coalesce(r.cohort, 'all') AS cohort,
               CASE WHEN r.period_kind IN ('school_year', 'ytd')
                    THEN coalesce(r.period_start, make_date(r.school_year - 1, 7, 1)) ELSE r.period_start END AS period_start
        FROM import_batch b CROSS JOIN LATERAL unnest(b.plain::import_observation[]) AS r
        WHERE b.district_id = district AND b.import_id = p_import AND b.first_line BETWEEN p_first AND p_last
    ), meant AS MATERIALIZED (
        SELECT r.*, i.id AS indicator_id, s.id AS site_id, p.id AS partnership_id,
               i.aggregation, i.computed_from, i.periods, d.minimum_dosage, d.dosage_unit,
               coalesce(r.period_end, CASE r.period_kind WHEN 'day' THEN r.period_start
                    ELSE observation_period_end(district, r.period_kind, r.period_start) END) AS ends_on
        FROM read r
        LEFT JOIN import_ids(p_spec, 'indicator_id', ARRAY(SELECT DISTINCT indicator FROM read)) AS n ON n.said = r.indicator
        LEFT JOIN import_ids(p_spec, 'site_id', ARRAY(SELECT DISTINCT site FROM read)) AS s ON s.said = r.site
        LEFT JOIN import_ids(p_spec, 'partnership_id', ARRAY(SELECT DISTINCT partnership FROM read WHERE partnership IS NOT NULL)) AS p
            ON p.said = r.partnership
        LEFT JOIN indicator i ON i.district_id = district AND i.id = n.id
        LEFT JOIN LATERAL program_dosage(district, p.id) d ON r.cohort <> 'all'
    ), series AS MATERIALIZED (
        SELECT m.*, CASE WHEN m.partnership_id IS NULL THEN EXISTS (
                   SELECT FROM observation o
                   WHERE o.district_id = district AND o.school_year = m.school_year AND o.indicator_id = m.indicator_id
                     AND o.site_id = m.site_id AND o.partnership_id IS NULL AND o.cohort = m.cohort
                     AND o.period_kind = m.period_kind AND o.period_start BETWEEN m.starts AND m.ends
                     AND o.superseded_by IS NULL AND o.archived_at IS NULL OFFSET 0)
               ELSE EXISTS (
                   SELECT FROM observation o
                   WHERE o.district_id = district AND o.school_year = m.school_year AND o.indicator_id = m.indicator_id
                     AND o.site_id = m.site_id AND o.partnership_id = m.partnership_id AND o.cohort = m.cohort
                     AND o.period_kind = m.period_kind AND o.period_start BETWEEN m.starts AND m.ends
                     AND o.superseded_by IS NULL AND o.archived_at IS NULL OFFSET 0) END AS is_known
        FROM (SELECT m.school_year, m.indicator_id, m.site_id, m.partnership, m.partnership_id, m.cohort, m.period_kind,
                     min(m.period_start) AS starts, max(m.period_start) AS ends
              FROM meant m GROUP BY m.school_year, m.indicator_id, m.site_id, m.partnership, m.partnership_id, m.cohort,
                                    m.period_kind) AS m
    ), judged AS MATERIALIZED (
        SELECT m.*, m.site_id IS NOT NULL AND (m.partnership_id IS NOT NULL OR m.partnership IS NULL)
               AND coalesce(observation_is_plain(m.aggregation, m.computed_from, m.periods, m.period_kind, m.school_year,
                                                 m.period_start, m.ends_on, m.numerator, m.denominator), false)
               AND s.is_known IS NOT NULL
               AND NOT (s.is_known AND CASE WHEN m.partnership_id IS NULL THEN EXISTS (
                   SELECT FROM observation o
                   WHERE o.district_id = district AND o.school_year = m.school_year AND o.indicator_id = m.indicator_id
                     AND o.site_id = m.site_id AND o.partnership_id IS NULL AND o.cohort = m.cohort
                     AND o.period_kind = m.period_kind AND o.period_start = m.period_start AND o.period_end = m.ends_on
                     AND o.superseded_by IS NULL AND o.archived_at IS NULL OFFSET 0)
               ELSE EXISTS (
                   SELECT FROM observation o
                   WHERE o.district_id = district AND o.school_year = m.school_year AND o.indicator_id = m.indicator_id
                     AND o.site_id = m.site_id AND o.partnership_id = m.partnership_id AND o.cohort = m.cohort
                     AND o.period_kind = m.period_kind AND o.period_start = m.period_start AND o.period_end = m.ends_on
                     AND o.superseded_by IS NULL AND o.archived_at IS NULL OFFSET 0) END) AS is_plain
        FROM meant m
        LEFT JOIN series s ON s.school_year = m.school_year AND s.indicator_id = m.indicator_id AND s.site_id = m.site_id
            AND coalesce(s.partnership, '') = coalesce(m.partnership, '') AND s.cohort = m.cohort AND s.period_kind = m.period_kind
    ), made AS (
        INSERT INTO observation (district_id, id, indicator_id, site_id, cohort, partnership_id, school_year, period_kind,
                                 period_start, period_end, numerator, denominator, source, computed_by, as_of,
                                 minimum_dosage, dosage_unit, created_at, updated_at)
        SELECT district, j.id, j.indicator_id, j.site_id, j.cohort, j.partnership_id, j.school_year, j.period_kind,
               j.period_start, j.ends_on, j.numerator, j.denominator, j.source, j.computed_by, j.as_of,
               j.minimum_dosage, j.dosage_unit, business_now, business_now
        FROM judged j WHERE j.is_plain)
    INSERT INTO import_row (district_id, import_id, line, row_id, cells, bound, refs, outcome)
    SELECT district, p_import, j.line, j.id, CASE WHEN NOT j.is_plain THEN import_cells(j.told) END,
           CASE WHEN NOT j.is_plain THEN import_bound(j.told) END, CASE WHEN NOT j.is_plain THEN import_refs(j.told) END,
           CASE WHEN j.is_plain THEN 'created' END
    FROM judged j;
    PERFORM set_config('kith.readied', 'off', true);
EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'KIOUT' THEN
    PERFORM import_unfold(p_import, p_first, p_last, true);
END
$$;

REVOKE EXECUTE ON FUNCTION is_uuid, import_cells, import_bound, import_refs, import_named, import_ids, import_unfold,
    observations_load FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_uuid, import_cells, import_bound, import_refs, import_named, import_ids, import_unfold,
    observations_load TO kith_api;

RESET ROLE;
