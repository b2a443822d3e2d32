-- Blocks of what a release proves, one after the other, so that what is in memory is of one: no sum has counts of two of them.
-- Whole schools are one; who is served and who is not another; and those of partners some by some.

SET ROLE kith_owner;

-- p_is_split: who is served and who is not; p_partnerships: of these, NULL of none. NULL and NULL: whatever it is.
CREATE OR REPLACE FUNCTION is_of_block(p_cohort text, p_partnership uuid, p_is_split boolean, p_partnerships uuid[])
RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN p_is_split IS NULL
    OR (p_cohort <> 'all') = p_is_split
       AND CASE WHEN p_partnerships IS NULL THEN p_partnership IS NULL ELSE p_partnership = ANY (p_partnerships) END;

-- A partner's partnerships are together, and partners of which a sum is kept that has counts of both, as partnerships have
-- gone from one to the other. p_most: counts of a block, unless one partner has more.
CREATE OR REPLACE FUNCTION release_blocks(p_indicator uuid, p_year integer, p_most integer)
RETURNS TABLE (is_split boolean, partnerships uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH kept AS MATERIALIZED (
        SELECT c.id, c.partnership_id, coalesce(t.partner_id, c.partnership_id) AS partner_id
        FROM release_count c
        LEFT JOIN partnership t ON t.district_id = c.district_id AND t.id = c.partnership_id
        WHERE c.indicator_id = p_indicator AND c.school_year = p_year AND c.partnership_id IS NOT NULL
    ), crossing AS (
        SELECT array_agg(DISTINCT k.partner_id) AS partners
        FROM (SELECT o.id, unnest(o.parts) AS part FROM release_sum o
              WHERE o.indicator_id = p_indicator AND o.school_year = p_year) AS s
        JOIN kept k ON k.id = s.part
        GROUP BY s.id
        HAVING count(DISTINCT k.partner_id) > 1
    ), one AS (
        SELECT k.partnership_id, CASE WHEN c.partner_id IS NULL THEN k.partner_id END AS partner_id, count(*) AS n
        FROM kept k
        LEFT JOIN (SELECT DISTINCT unnest(x.partners) AS partner_id FROM crossing x) AS c ON c.partner_id = k.partner_id
        GROUP BY 1, 2
    ), placed AS ( -- peers have the same place
        SELECT o.partnership_id, (sum(o.n) OVER (ORDER BY o.partner_id) - 1)::bigint / p_most AS place FROM one o)
    SELECT v.is_split, NULL::uuid[] FROM (VALUES (false), (true)) AS v (is_split)
    UNION ALL
    SELECT true, array_agg(p.partnership_id ORDER BY p.partnership_id) FROM placed p GROUP BY p.place;
END
$$;

REVOKE EXECUTE ON FUNCTION is_of_block, release_blocks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION release_blocks TO kith_kpi;

RESET ROLE;
