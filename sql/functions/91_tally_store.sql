-- Tallies of networks and the district made and stored, and how their work is spread.

SET ROLE kith_owner;

-- What lies above the sites, of the tallies that are stored: networks and the district of sites, partnerships of
-- their cohorts at sites, partners, programs, focus areas and kinds of partnerships; and the whole schools where one of
-- these works. What the database counts itself may name no partnership: above sites and partnerships it is counted again.
CREATE OR REPLACE FUNCTION tally_levels(p_indicator uuid, p_year integer)
RETURNS SETOF tally LANGUAGE sql STABLE AS $$
    WITH measured AS (
        SELECT i.computed_from IS NOT NULL AS is_computed,
               coalesce(i.computed_from IN ('partnership', 'site_year'), false) AS is_of_partners -- a network's are no sum of its sites'
        FROM indicator i WHERE i.id = p_indicator
    ), low AS MATERIALIZED (
        SELECT t.* FROM tally t
        WHERE t.indicator_id = p_indicator AND t.school_year = p_year
          AND t.scope_kind IN ('site', 'partnership')
    ), site_rows AS (
        SELECT * FROM low WHERE scope_kind = 'site' AND partnership_id IS NULL
    ), counted AS (
        SELECT ARRAY(SELECT c FROM tally_computed(p_indicator, p_year) AS c
                     WHERE c.scope_kind NOT IN ('site', 'partnership')) AS rows
        FROM measured m WHERE m.is_computed
    ), parts AS (
        SELECT s.scope_kind AS kind, s.scope_id AS id, t.cohort, t.period_kind, t.period_start, t.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of,
               t.people, t.missing, t.weighted
        FROM low t JOIN partnership_scopes() AS s ON s.partnership_id = t.partnership_id, measured m
        WHERE t.scope_kind = 'site' AND NOT m.is_computed
        UNION ALL
        SELECT t.scope_kind, t.scope_id, t.cohort, t.period_kind, t.period_start, t.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of,
               t.people, t.missing, t.weighted
        FROM counted k
        CROSS JOIN LATERAL (SELECT * FROM unnest(k.rows)
                            UNION ALL SELECT * FROM tally_made(p_indicator, p_year, k.rows)) AS t
        UNION ALL
        SELECT 'district', t.district_id, t.cohort, t.period_kind, t.period_start, t.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of,
               t.people, t.missing, t.weighted
        FROM site_rows t, measured m WHERE NOT m.is_computed
        UNION ALL
        SELECT 'network', s.network_id, t.cohort, t.period_kind, t.period_start, t.period_end,
               t.numerator, t.denominator, t.n, t.is_made, t.observed_from, t.as_of,
               t.people, t.missing, t.weighted
        FROM site_rows t JOIN site s ON s.id = t.scope_id, measured m
        WHERE s.network_id IS NOT NULL AND NOT m.is_of_partners
        UNION ALL -- a school counts once, in however many ways one works there
        SELECT w.scope_kind, w.scope_id, 'schools_where_it_works', r.period_kind, r.period_start,
               r.period_end, r.numerator, r.denominator, r.n, r.is_made, r.observed_from, r.as_of,
               r.people, r.missing, r.weighted
        FROM site_rows r
        JOIN (SELECT w.scope_kind, w.scope_id, w.site_id, range_agg(daterange(w.from_date, w.until_date, '[]')) AS days
              FROM tally_works_at() w GROUP BY w.scope_kind, w.scope_id, w.site_id) AS w
            ON w.site_id = r.scope_id AND w.days && daterange(r.period_start, r.period_end, '[]')
        WHERE r.cohort = 'all' AND NOT (SELECT m.is_computed FROM measured m)
    )
    SELECT current_setting('kith.district')::uuid, p_indicator, p_year, p.kind, p.id, NULL::uuid,
           p.cohort, p.period_kind, p.period_start, p.period_end, sum(p.numerator), sum(p.denominator),
           sum(p.n)::bigint, bool_or(p.is_made), min(p.observed_from), max(p.as_of), 'cell', sum(p.people),
           sum(p.missing)::bigint, sum(p.weighted)::bigint
    FROM parts p
    GROUP BY p.kind, p.id, p.cohort, p.period_kind, p.period_start, p.period_end
$$;

-- Makes the stored tallies what they are to be: of the sites (NULL: all), or of what is above them. A
-- row that is as it was is not written.
CREATE OR REPLACE FUNCTION tally_store(p_indicator uuid, p_year integer, p_above boolean, p_sites uuid[])
RETURNS void LANGUAGE plpgsql
SET enable_nestloop = off SET enable_mergejoin = off SET enable_sort = off SET work_mem = '32MB' SET jit = off AS $$ -- whole years are joined, whatever is estimated
DECLARE
    is_computed boolean := (SELECT i.computed_from IS NOT NULL FROM indicator i WHERE i.id = p_indicator);
    kinds text[] := CASE
        WHEN p_above THEN '{network,district,partner,program,focus_area,kind}'::text[]
            || CASE WHEN is_computed THEN '{}'::text[] ELSE '{partnership}' END
        ELSE '{site}'::text[] || CASE WHEN is_computed THEN '{partnership}'::text[] ELSE '{}' END END;
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT * FROM tally_levels(p_indicator, p_year) WHERE p_above
        UNION ALL
        SELECT * FROM tally_sites(p_indicator, p_year, p_sites) WHERE NOT p_above
    ), gone AS (
        DELETE FROM tally t
        WHERE t.indicator_id = p_indicator AND t.school_year = p_year AND t.scope_kind = ANY (kinds)
          AND (p_sites IS NULL OR t.scope_id = ANY (p_sites))
          AND NOT EXISTS (
              SELECT FROM fresh f
              WHERE f.scope_kind = t.scope_kind AND f.scope_id = t.scope_id
                AND f.partnership_id IS NOT DISTINCT FROM t.partnership_id AND f.cohort = t.cohort
                AND f.period_kind = t.period_kind AND f.period_start = t.period_start
                AND f.period_end = t.period_end)
    )
    INSERT INTO tally AS t
    SELECT f.* FROM fresh f
    WHERE NOT EXISTS (
        SELECT FROM tally o
        WHERE o.indicator_id = p_indicator AND o.school_year = p_year
          AND o.scope_kind = f.scope_kind AND o.scope_id = f.scope_id
          AND o.partnership_id IS NOT DISTINCT FROM f.partnership_id AND o.cohort = f.cohort
          AND o.period_kind = f.period_kind AND o.period_start = f.period_start
          AND o.period_end = f.period_end
          AND (o.numerator, o.denominator, o.n, o.is_made, o.observed_from, o.as_of, o.people, o.missing, o.weighted)
              IS NOT DISTINCT FROM (f.numerator, f.denominator, f.n, f.is_made, f.observed_from, f.as_of, f.people,
                                    f.missing, f.weighted))
    ON CONFLICT ON CONSTRAINT tally_scope_key DO UPDATE
    SET numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        is_made = excluded.is_made, observed_from = excluded.observed_from, as_of = excluded.as_of,
        people = excluded.people, missing = excluded.missing, weighted = excluded.weighted;
END
$$;

-- The lock of an indicator's year; every worker holds the district's beside it, shared, so that
-- whoever holds that alone sees all that they did.
CREATE OR REPLACE FUNCTION tally_key(p_district uuid, p_indicator uuid, p_year integer) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN hashtextextended(concat_ws(' ', 'tally', p_district, p_indicator, p_year), 0);

-- Marks of no indicator become one for each indicator and year there is anything of.
CREATE OR REPLACE FUNCTION rollup_spread(p_district uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    claimed integer;
BEGIN
    PERFORM pg_advisory_xact_lock(tally_key(p_district, NULL, NULL));
    WITH marks AS (
        DELETE FROM rollup_mark m WHERE m.district_id = p_district AND m.indicator_id IS NULL
        RETURNING m.school_year, m.is_whole, m.computed_from
    ), spread AS (
        INSERT INTO rollup_mark (district_id, indicator_id, school_year, is_whole)
        SELECT p_district, k.indicator_id, k.school_year, bool_or(m.is_whole)
        FROM marks m
        JOIN LATERAL (
            SELECT DISTINCT t.indicator_id, t.school_year FROM tally t
            WHERE m.school_year IS NULL AND (m.computed_from IS NULL OR t.indicator_id IN (
                SELECT i.id FROM indicator i WHERE i.computed_from = m.computed_from))
            UNION
            SELECT i.id, m.school_year FROM indicator i
            WHERE m.school_year IS NOT NULL AND i.computed_from = coalesce(m.computed_from, i.computed_from)) AS k ON true
        GROUP BY k.indicator_id, k.school_year)
    SELECT count(*) INTO claimed FROM marks;
    RETURN claimed;
END
$$;

REVOKE EXECUTE ON FUNCTION tally_levels, tally_store, tally_key, rollup_spread FROM PUBLIC;

RESET ROLE;
