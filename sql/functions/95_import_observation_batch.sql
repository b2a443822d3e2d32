-- Observations by the million. Of the batches of a file, what is plain and new is written by one statement, and so is
-- what import_row tells of it; the rest waits in import_row, and goes the way of all kinds (90_imports_write.sql).

SET ROLE kith_owner;

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

-- The rows of batches as they were read.
CREATE OR REPLACE FUNCTION import_unfold(p_import uuid, p_first bigint, p_last bigint) RETURNS void
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
END;

-- Plain: a number of a period, and a whole where there must be one, of what is known, that nothing is known of yet.
-- Each is looked for in the index of natural keys, however many there are. No row of the batches waits afterwards unless
-- it is not plain, or the database refuses one of them: then all wait.
CREATE OR REPLACE FUNCTION observations_load(p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = auto SET enable_nestloop = on SET enable_seqscan = off AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM set_config('kith.readied', 'on', true);
    WITH read AS MATERIALIZED (
        SELECT r.*
        FROM import_batch b
        CROSS JOIN LATERAL jsonb_to_recordset(b.rows::jsonb) AS r (
            line bigint, id uuid, cells jsonb, bound jsonb, refs jsonb, faults jsonb)
        WHERE b.district_id = district AND b.import_id = p_import AND b.first_line BETWEEN p_first AND p_last
    ), named AS MATERIALIZED (
        SELECT f.field, import_named(p_spec #>> ARRAY['refs', f.field, 'table'], p_spec #> ARRAY['refs', f.field, 'keys'],
                                     ARRAY(SELECT DISTINCT r.refs ->> f.field FROM read r WHERE r.refs ? f.field)) AS ids
        FROM unnest('{indicator_id,site_id,partnership_id}'::text[]) AS f (field)
    ), said AS MATERIALIZED (
        SELECT r.*, n.school_year, n.period_kind, n.period_end, n.numerator, n.denominator, n.source, n.computed_by,
               n.as_of, coalesce(n.cohort, 'all') AS cohort,
               CASE WHEN n.period_kind IN ('school_year', 'ytd')
                    THEN coalesce(n.period_start, make_date(n.school_year - 1, 7, 1)) ELSE n.period_start END AS period_start,
               coalesce(n.indicator_id, ((SELECT ids FROM named WHERE field = 'indicator_id')
                                         ->> (r.refs ->> 'indicator_id'))::uuid) AS indicator_id,
               coalesce(n.site_id, ((SELECT ids FROM named WHERE field = 'site_id') ->> (r.refs ->> 'site_id'))::uuid) AS site_id,
               coalesce(n.partnership_id, ((SELECT ids FROM named WHERE field = 'partnership_id')
                                           ->> (r.refs ->> 'partnership_id'))::uuid) AS partnership_id
        FROM read r
        CROSS JOIN LATERAL jsonb_populate_record(
            NULL::observation,
            CASE WHEN r.faults IS NULL AND r.bound ->> 'numerator' NOT LIKE '%\%'
                      AND NOT r.bound ?| '{percent,missing,minimum_dosage,dosage_unit,weighted_by}'
                 THEN r.bound ELSE '{}' END) AS n
    ), meant AS MATERIALIZED (
        SELECT s.*, i.aggregation, i.computed_from, i.periods, d.minimum_dosage, d.dosage_unit,
               coalesce(s.period_end, CASE s.period_kind WHEN 'day' THEN s.period_start
                    ELSE observation_period_end(district, s.period_kind, s.period_start) END) AS ends_on
        FROM said s
        LEFT JOIN indicator i ON i.district_id = district AND i.id = s.indicator_id
        LEFT JOIN LATERAL program_dosage(district, s.partnership_id) d ON s.cohort <> 'all'
    ), judged AS MATERIALIZED (
        SELECT m.*, m.site_id IS NOT NULL AND (m.partnership_id IS NOT NULL OR NOT m.refs ? 'partnership_id')
               AND coalesce(observation_is_plain(m.aggregation, m.computed_from, m.periods, m.period_kind, m.school_year,
                                                 m.period_start, m.ends_on, m.numerator, m.denominator), false)
               AND NOT CASE WHEN m.partnership_id IS NULL THEN EXISTS (
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
                     AND o.superseded_by IS NULL AND o.archived_at IS NULL OFFSET 0) END AS is_plain
        FROM meant m
    ), made AS (
        INSERT INTO observation (district_id, id, indicator_id, site_id, cohort, partnership_id, school_year, period_kind,
                                 period_start, period_end, numerator, denominator, source, computed_by, as_of,
                                 minimum_dosage, dosage_unit, created_at, updated_at)
        SELECT district, j.id, j.indicator_id, j.site_id, j.cohort, j.partnership_id, j.school_year, j.period_kind,
               j.period_start, j.ends_on, j.numerator, j.denominator, j.source, j.computed_by, j.as_of,
               j.minimum_dosage, j.dosage_unit, business_now, business_now
        FROM judged j WHERE j.is_plain)
    INSERT INTO import_row (district_id, import_id, line, row_id, cells, bound, refs, faults, outcome)
    SELECT district, p_import, j.line, j.id,
           CASE WHEN NOT j.is_plain THEN ARRAY(SELECT jsonb_array_elements_text(j.cells)) END,
           CASE WHEN NOT j.is_plain THEN j.bound END, CASE WHEN NOT j.is_plain THEN j.refs END, j.faults,
           CASE WHEN j.faults IS NOT NULL THEN 'rejected' WHEN j.is_plain THEN 'created' END
    FROM judged j;
    PERFORM set_config('kith.readied', 'off', true);
EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'KIOUT' THEN
    PERFORM import_unfold(p_import, p_first, p_last);
END
$$;

REVOKE EXECUTE ON FUNCTION import_named, import_unfold, observations_load FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_named, import_unfold, observations_load TO kith_api;

RESET ROLE;
