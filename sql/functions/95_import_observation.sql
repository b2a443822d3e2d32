-- Imports of what is superseded: a correction is a row of its own, which takes the place of another.
-- That is said of observations alone.

SET ROLE kith_owner;

-- Readies rows of observations: what a row does not say and follows from the rest; a percentage as the
-- part that it is of its whole; and what the indicator does not allow, told before anything is written.
CREATE OR REPLACE FUNCTION import_observations(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    WITH said AS MATERIALIZED (
        SELECT r.line, i AS measured, r.bound ->> 'period_kind' AS kind,
               CASE WHEN r.bound ->> 'period_kind' IN ('school_year', 'ytd')
                    THEN coalesce((r.bound ->> 'period_start')::date,
                                  make_date((r.bound ->> 'school_year')::integer - 1, 7, 1))
                    ELSE (r.bound ->> 'period_start')::date END AS starts_on,
               (r.bound ->> 'period_end')::date AS ends_on,
               CASE WHEN r.bound ->> 'numerator' NOT LIKE '%\%' AND r.bound ->> 'missing' IS NULL
                    THEN (r.bound ->> 'numerator')::numeric END AS numerator,
               (r.bound ->> 'denominator')::numeric AS denominator,
               rtrim(CASE WHEN r.bound ->> 'missing' IS NOT NULL THEN NULL
                          WHEN r.bound ->> 'numerator' LIKE '%\%' THEN r.bound ->> 'numerator'
                          ELSE r.bound ->> 'percent' END, '%')::numeric AS percent,
               r.bound ->> 'missing' AS missing, y.enrollment,
               CASE WHEN r.bound ->> 'minimum_dosage' IS NOT NULL THEN r.bound END AS dosed
        FROM import_row r
        LEFT JOIN indicator i
          ON i.district_id = r.district_id AND i.id = (r.bound ->> 'indicator_id')::uuid
        LEFT JOIN site_year y
          ON y.district_id = r.district_id AND y.site_id = (r.bound ->> 'site_id')::uuid
         AND y.school_year = (r.bound ->> 'school_year')::bigint AND y.archived_at IS NULL
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.import_id = p_import
          AND r.line BETWEEN p_first AND p_last AND r.outcome IS NULL
    ), meant AS MATERIALIZED (
        SELECT s.line, s.measured, s.kind, s.starts_on, s.percent, s.dosed, f.*,
               coalesce(s.ends_on, observation_period_end(
                   current_setting('kith.district')::uuid, s.kind, s.starts_on)) AS ends_on
        FROM said s
        CROSS JOIN LATERAL observation_figure(s.measured, s.enrollment, s.numerator, s.denominator, s.percent,
                                              s.missing) AS f
    ), told AS (
        SELECT m.*, coalesce(f.field, d.field) AS field, coalesce(f.sentence, d.sentence) AS sentence
        FROM meant m
        LEFT JOIN LATERAL observation_dosage_fault(
            current_setting('kith.district')::uuid, coalesce(m.dosed ->> 'cohort', 'all'),
            (m.dosed ->> 'partnership_id')::uuid, (m.dosed ->> 'minimum_dosage')::numeric, m.dosed ->> 'dosage_unit') d
            ON m.dosed IS NOT NULL
        LEFT JOIN LATERAL observation_fault(m.measured, m.kind, m.ends_on, m.numerator, m.denominator, m.percent,
                                            m.missing) f ON true
    )
    UPDATE import_row r
    SET bound = jsonb_build_object('cohort', 'all') || r.bound
            || jsonb_strip_nulls(jsonb_build_object('period_start', t.starts_on, 'period_end', t.ends_on))
            || jsonb_build_object('numerator', t.numerator, 'denominator', t.denominator, 'percent', t.percent,
                                  'weighted_by', t.weighted_by, 'missing', t.missing),
        outcome = CASE WHEN t.field IS NOT NULL THEN 'rejected' END,
        faults = CASE WHEN t.field IS NOT NULL THEN jsonb_build_array(jsonb_build_object(
            'column', coalesce(p_spec -> 'columns' ->> t.field, t.field), 'code', 'not_allowed',
            'detail', t.sentence)) END
    FROM told t
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.import_id = p_import
      AND r.line BETWEEN p_first AND p_last AND r.line = t.line;
END;

-- Puts what waits in the lines into the place of what is there. In a unique index either may stand, not
-- both: each old row gives way before its new one comes.
CREATE OR REPLACE FUNCTION import_supersede(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = auto AS $$
BEGIN
    EXECUTE (
        SELECT format($query$
            WITH old AS MATERIALIZED (
                SELECT r.line, t.id, uuid7() AS new_id, r.bound, t AS row
                FROM import_row r JOIN %1$I t ON t.district_id = $1 AND t.id = r.row_id %4$s
                WHERE r.district_id = $1 AND r.import_id = $2 AND r.line BETWEEN $3 AND $4
                  AND r.outcome IS NULL AND NOT r.is_new
                FOR UPDATE OF t),
            gone AS (
                UPDATE %1$I t SET superseded_by = o.new_id
                FROM old o WHERE t.district_id = $1 AND t.id = o.id %4$s
                RETURNING o.line, o.id, o.new_id, o.bound, o.row),
            made AS (
                INSERT INTO %1$I (district_id, id, supersedes, %2$s)
                SELECT $1, g.new_id, g.id, %3$s
                FROM gone g CROSS JOIN LATERAL jsonb_populate_record(g.row, g.bound) n
                RETURNING id, version)
            INSERT INTO import_change (district_id, import_id, line, row_id, before, version_after)
            SELECT $1, $2, o.line, m.id, jsonb_build_object('supersedes', o.id), m.version
            FROM made m JOIN old o ON o.new_id = m.id $query$,
            p_spec ->> 'table', string_agg(format('%I', f), ', '), string_agg(format('n.%I', f), ', '),
            import_within(p_import, p_first, p_last, p_spec))
        FROM jsonb_array_elements_text(p_spec -> 'fields') f)
    USING current_setting('kith.district')::uuid, p_import, p_first, p_last;
END
$$;

-- The way back: what was made in the lines goes, if it is still as it was, and what it took the place
-- of holds again.
CREATE OR REPLACE FUNCTION import_reinstate(
    p_import uuid, p_first bigint, p_last bigint, p_spec jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    made uuid[];
BEGIN
    SELECT array_agg(c.row_id) INTO made FROM import_change c
    WHERE c.district_id = district AND c.import_id = p_import AND c.line BETWEEN p_first AND p_last
      AND c.is_undone IS NULL;
    EXECUTE format($query$
        WITH undone AS (
            DELETE FROM %1$I t USING import_change c
            WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
              AND c.is_undone IS NULL AND t.district_id = $1 AND t.id = ANY ($5) AND t.id = c.row_id
              AND t.version = c.version_after AND t.archived_at IS NULL
            RETURNING c.line, t.id, t.supersedes),
        back AS (
            UPDATE %1$I o SET superseded_by = NULL FROM undone u
            WHERE o.district_id = $1 AND o.id = u.supersedes AND o.superseded_by = u.id)
        UPDATE import_change c SET is_undone = true FROM undone u
        WHERE c.district_id = $1 AND c.import_id = $2 AND c.line BETWEEN $3 AND $4
          AND c.line = u.line $query$, p_spec ->> 'table')
    USING district, p_import, p_first, p_last, made;
END
$$;

REVOKE EXECUTE ON FUNCTION import_observations, import_supersede, import_reinstate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_observations, import_supersede, import_reinstate TO kith_api;

RESET ROLE;
