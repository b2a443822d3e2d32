-- The network map: partners and sites as nodes, what joins them today as edges, and what a graph tells of
-- both: degrees, components, who stands alone.

SET ROLE kith_owner;

-- Who works where today: partners of running partnerships at their sites, and programs that run there.
CREATE OR REPLACE FUNCTION network_ties(p_focus uuid)
RETURNS TABLE (partner_id uuid, site_id uuid, partnerships bigint, programs bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH today AS MATERIALIZED (
        SELECT district_today() AS day -- once, and not for each row
    ), runs AS (
        SELECT w.id, w.partner_id, w.lead_site_id
        FROM partnership w
        LEFT JOIN program g ON g.district_id = w.district_id AND g.id = w.program_id
        WHERE w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
          AND (p_focus IS NULL OR coalesce(w.focus_area_id, g.focus_area_id) = p_focus)
    ), brings AS (
        SELECT r.id, r.partner_id FROM runs r
        UNION
        SELECT r.id, c.partner_id
        FROM runs r
        JOIN partnership_partner c ON c.district_id = current_setting('kith.district')::uuid
            AND c.partnership_id = r.id AND c.archived_at IS NULL
            AND (SELECT t.day FROM today t) BETWEEN coalesce(c.from_date, '-infinity') AND coalesce(c.until_date, 'infinity')
    ), reaches AS (
        SELECT r.id, r.lead_site_id AS site_id FROM runs r WHERE r.lead_site_id IS NOT NULL
        UNION
        SELECT r.id, s.site_id
        FROM runs r
        JOIN partnership_site s ON s.district_id = current_setting('kith.district')::uuid
            AND s.partnership_id = r.id AND s.archived_at IS NULL
            AND (SELECT t.day FROM today t) BETWEEN coalesce(s.from_date, '-infinity') AND coalesce(s.until_date, 'infinity')
    ), ties AS (
        SELECT b.partner_id, r.site_id, b.id AS partnership_id, NULL::uuid AS program_id
        FROM brings b JOIN reaches r ON r.id = b.id
        UNION ALL
        SELECT DISTINCT g.partner_id, s.site_id, NULL::uuid, g.id
        FROM program_site s
        JOIN program g ON g.district_id = s.district_id AND g.id = s.program_id
        WHERE g.status = 'active' AND g.archived_at IS NULL AND (p_focus IS NULL OR g.focus_area_id = p_focus)
          AND s.archived_at IS NULL
          AND (SELECT t.day FROM today t) BETWEEN coalesce(s.from_date, '-infinity') AND coalesce(s.until_date, 'infinity')
    )
    SELECT t.partner_id, t.site_id, count(t.partnership_id), count(t.program_id)
    FROM ties t GROUP BY t.partner_id, t.site_id;
END;

-- The component of each node 1 to p_nodes, named by its lowest node; edge i joins p_from[i] and p_to[i].
-- Union and find with halved paths (Tarjan and van Leeuwen, 1984): a parent is never above its child, so
-- that one pass at the end is enough.
CREATE OR REPLACE FUNCTION network_components(p_nodes integer, p_from integer[], p_to integer[])
RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    parent integer[] := ARRAY(SELECT n FROM generate_series(1, p_nodes) AS n ORDER BY n);
    a integer;
    b integer;
BEGIN
    FOR edge IN 1 .. coalesce(cardinality(p_from), 0) LOOP
        a := p_from[edge];
        WHILE parent[a] <> a LOOP
            parent[a] := parent[parent[a]];
            a := parent[a];
        END LOOP;
        b := p_to[edge];
        WHILE parent[b] <> b LOOP
            parent[b] := parent[parent[b]];
            b := parent[b];
        END LOOP;
        parent[greatest(a, b)] := least(a, b);
    END LOOP;
    FOR node IN 1 .. p_nodes LOOP
        parent[node] := parent[parent[node]];
    END LOOP;
    RETURN parent;
END
$$;

-- The map of the district, or of one network's sites, or around one site or one partner: its neighbors, and
-- theirs; of one focus area, if one is given. Sites that are open, and approved partners, stand alone where
-- nothing joins them; a partner that has no tie belongs to the district, and to none of its networks. At
-- most p_nodes and p_edges are shown, those of the highest degree; the figures count all of them. p_told: by partner, what
-- surveys found (network_told()).
DROP FUNCTION IF EXISTS network_map(uuid, uuid, uuid, uuid, integer, integer);
CREATE OR REPLACE FUNCTION network_map(
    p_network uuid, p_site uuid, p_partner uuid, p_focus uuid, p_nodes integer, p_edges integer, p_told jsonb)
RETURNS json LANGUAGE sql STABLE SET enable_nestloop = off SET enable_mergejoin = off SET jit = off
BEGIN ATOMIC
    WITH places AS MATERIALIZED (
        SELECT s.id, s.name, s.kind FROM site s
        WHERE s.status NOT IN ('closed', 'merged') AND s.archived_at IS NULL
          AND (p_network IS NULL OR s.network_id = p_network)
    ), ties AS MATERIALIZED (
        SELECT t.* FROM network_ties(p_focus) t JOIN places s ON s.id = t.site_id
    ), around AS MATERIALIZED (
        SELECT t.* FROM ties t
        WHERE (p_site IS NULL OR t.partner_id IN (SELECT o.partner_id FROM ties o WHERE o.site_id = p_site))
          AND (p_partner IS NULL OR t.site_id IN (SELECT o.site_id FROM ties o WHERE o.partner_id = p_partner))
    ), named AS (
        SELECT 'partner' AS sort, p.id, p.name, p.kind
        FROM partner p
        LEFT JOIN (SELECT DISTINCT t.partner_id FROM around t) AS t ON t.partner_id = p.id
        WHERE t.partner_id IS NOT NULL OR p.id = p_partner
           OR p_network IS NULL AND p_site IS NULL AND p_partner IS NULL
              AND p.stage IN ('approved', 'active', 'dormant') AND p.archived_at IS NULL
        UNION ALL
        SELECT 'site', s.id, s.name, s.kind
        FROM places s
        LEFT JOIN (SELECT DISTINCT t.site_id FROM around t) AS t ON t.site_id = s.id
        WHERE t.site_id IS NOT NULL OR s.id = p_site
           OR p_site IS NULL AND p_partner IS NULL
    ), numbered AS MATERIALIZED (
        SELECT n.*, row_number() OVER (ORDER BY n.sort, n.id)::integer AS number FROM named n
    ), edges AS MATERIALIZED (
        SELECT t.*, p.number AS a, s.number AS b
        FROM around t
        JOIN numbered p ON p.id = t.partner_id AND p.sort = 'partner'
        JOIN numbered s ON s.id = t.site_id AND s.sort = 'site'
    ), degrees AS (
        SELECT e.number, count(*) AS degree
        FROM (SELECT a AS number FROM edges UNION ALL SELECT b FROM edges) AS e GROUP BY e.number
    ), roots AS (
        SELECT r.root, r.number
        FROM (SELECT array_agg(e.a) AS a, array_agg(e.b) AS b FROM edges e) AS e
        CROSS JOIN LATERAL unnest(network_components((SELECT count(*)::integer FROM numbered), e.a, e.b))
            WITH ORDINALITY AS r (root, number)
    ), components AS (
        SELECT r.root, count(*) AS nodes, row_number() OVER (ORDER BY count(*) DESC, r.root) AS component
        FROM roots r GROUP BY r.root HAVING count(*) > 1
    ), nodes AS MATERIALIZED (
        SELECT n.*, coalesce(d.degree, 0) AS degree, c.component,
               row_number() OVER (ORDER BY coalesce(d.degree, 0) DESC, n.name, n.id) AS rank
        FROM numbered n
        JOIN roots r ON r.number = n.number
        LEFT JOIN components c ON c.root = r.root
        LEFT JOIN degrees d ON d.number = n.number
    ), shown AS MATERIALIZED (
        SELECT e.*, row_number() OVER (ORDER BY p.rank + s.rank, e.partner_id, e.site_id) AS rank
        FROM edges e
        JOIN nodes p ON p.number = e.a AND p.rank <= p_nodes
        JOIN nodes s ON s.number = e.b AND s.rank <= p_nodes
    )
    SELECT json_build_object(
        'as_of', district_today(),
        'partners', (SELECT count(*) FROM nodes n WHERE n.sort = 'partner'),
        'sites', (SELECT count(*) FROM nodes n WHERE n.sort = 'site'),
        'ties', (SELECT count(*) FROM edges),
        'components', (SELECT count(*) FROM components),
        'largest_component', (SELECT coalesce(max(c.nodes), 0) FROM components c),
        'isolated_partners', (SELECT count(*) FROM nodes n WHERE n.sort = 'partner' AND n.degree = 0),
        'isolated_sites', (SELECT count(*) FROM nodes n WHERE n.sort = 'site' AND n.degree = 0),
        'has_more', (SELECT count(*) > p_nodes FROM nodes)
                    OR (SELECT count(*) FROM edges) > (SELECT count(*) FROM shown s WHERE s.rank <= p_edges),
        'nodes', coalesce((
            SELECT json_agg(json_build_object(
                'node', n.sort, 'id', n.id, 'name', n.name, 'kind', n.kind, 'degree', n.degree,
                'component', n.component,
                'relationship', CASE n.sort WHEN 'partner' THEN p_told -> n.id::text END) ORDER BY n.rank)
            FROM nodes n WHERE n.rank <= p_nodes), '[]'),
        'edges', coalesce((
            SELECT json_agg(json_build_object(
                'partner_id', s.partner_id, 'site_id', s.site_id, 'partnerships', s.partnerships,
                'programs', s.programs) ORDER BY s.rank)
            FROM shown s WHERE s.rank <= p_edges), '[]'));
END;

REVOKE EXECUTE ON FUNCTION network_ties, network_components, network_map FROM PUBLIC;
GRANT EXECUTE ON FUNCTION network_ties, network_components, network_map TO kith_api;

RESET ROLE;
