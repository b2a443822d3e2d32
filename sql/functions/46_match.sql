-- Matches: how well what partners have serves what places need, factor by factor, each from 0 to 1 with the
-- reason for it. The district weighs the factors.

SET ROLE kith_owner;

-- What a factor weighs today: the last weight that a district gave it, or else the supplied one.
CREATE OR REPLACE FUNCTION match_weights() RETURNS TABLE (factor text, place integer, weight bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.factor, s.place, coalesce((
        SELECT w.weight FROM match_weight w
        WHERE w.factor = s.factor AND w.from_date <= district_today() AND w.archived_at IS NULL
        ORDER BY w.from_date DESC, w.id DESC LIMIT 1), s.weight)
    FROM (VALUES
        ('focus', 1, 30), ('resources', 2, 15), ('reach', 3, 20), ('capacity', 4, 10),
        ('evidence', 5, 10), ('ties', 6, 5), ('load', 7, 5), ('stage', 8, 5)) AS s (factor, place, weight);
END;

-- What partners have that may serve a need, of one partner or (NULL) of all: its programs, and the partner
-- itself, which has what all of these have. A program brings people; what kinds a partner has is unknown.
CREATE OR REPLACE FUNCTION match_candidates(p_partner uuid)
RETURNS TABLE (kind text, id uuid, name text, partner_id uuid, focus uuid[], kinds text[], reach text,
               capacity bigint, evidence bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH own AS MATERIALIZED (
        SELECT 'program' AS kind, g.id, g.name, g.partner_id,
               array_remove(ARRAY[g.focus_area_id], NULL) AS focus,
               '{staff_time,volunteers,training,internships,mentors}'::text[] AS kinds,
               NULL::text AS reach, g.capacity, g.evidence_tier AS evidence
        FROM program g
        WHERE g.status IN ('planned', 'active') AND g.archived_at IS NULL
          AND g.partner_id = coalesce(p_partner, g.partner_id)
    ), may AS (
        SELECT p.* FROM partner p
        WHERE p.stage NOT IN ('declined', 'barred') AND p.archived_at IS NULL
          AND p.id = coalesce(p_partner, p.id)
    )
    SELECT o.kind, o.id, o.name, o.partner_id, o.focus, o.kinds, coalesce(o.reach, p.reach),
           o.capacity, o.evidence
    FROM own o JOIN may p ON p.id = o.partner_id
    UNION ALL
    SELECT 'partner', p.id, p.name, p.id, coalesce(h.focus, '{}'), coalesce(h.kinds, '{}'), p.reach,
           NULL, h.evidence
    FROM may p
    LEFT JOIN (
        SELECT c.partner_id, array_agg(DISTINCT f.id) FILTER (WHERE f.id IS NOT NULL) AS focus,
               array_agg(DISTINCT k.kind) FILTER (WHERE k.kind IS NOT NULL) AS kinds,
               min(c.evidence) AS evidence
        FROM (SELECT o.partner_id, o.focus, o.kinds, o.evidence FROM own o
              UNION ALL
              SELECT w.partner_id, ARRAY[w.focus_area_id], '{}', NULL FROM partnership w
              WHERE w.focus_area_id IS NOT NULL AND w.status NOT IN ('ended', 'declined')
                AND w.archived_at IS NULL AND w.partner_id = coalesce(p_partner, w.partner_id)) AS c
        LEFT JOIN LATERAL unnest(c.focus) AS f (id) ON true
        LEFT JOIN LATERAL unnest(c.kinds) AS k (kind) ON true
        GROUP BY c.partner_id) AS h ON h.partner_id = p.id;
END;

-- Where partners work today: at a site, or (NULL) for the district.
CREATE OR REPLACE FUNCTION match_ties(p_partner uuid)
RETURNS TABLE (partner_id uuid, site_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT w.partner_id, coalesce(s.site_id, w.lead_site_id)
    FROM partnership w
    LEFT JOIN partnership_site s ON s.district_id = w.district_id AND s.partnership_id = w.id
        AND s.archived_at IS NULL AND coalesce(s.until_date, 'infinity') >= district_today()
    WHERE w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
      AND w.partner_id = coalesce(p_partner, w.partner_id);
END;

-- Each pair of an open need and what may serve it, with its factors; of one need, of one partner, or of one
-- of each. Who works on nothing near to it serves no need.
CREATE OR REPLACE FUNCTION match_pairs(p_need uuid, p_partner uuid)
RETURNS TABLE (need_id uuid, kind text, id uuid, name text, partner_id uuid, score numeric, factors json)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH weights AS MATERIALIZED (
        SELECT w.*, sum(w.weight) OVER () AS whole FROM match_weights() w
    ), needs AS MATERIALIZED (
        SELECT n.*, n.quantity - n.filled AS lacking, f.parent_id AS focus_parent, s.city
        FROM need n
        JOIN focus_area f ON f.district_id = n.district_id AND f.id = n.focus_area_id
        LEFT JOIN site s ON s.district_id = n.district_id AND s.id = n.site_id
        WHERE n.archived_at IS NULL AND CASE WHEN p_need IS NULL
            THEN n.status IN ('open', 'partly_matched') ELSE n.id = p_need END
    ), ties AS MATERIALIZED (
        SELECT t.partner_id, array_agg(t.site_id) AS sites FROM match_ties(p_partner) t GROUP BY t.partner_id
    ), asks AS MATERIALIZED (
        SELECT a.partner_id, count(*) AS many FROM ask a
        WHERE a.status IN ('sent', 'talk') AND a.archived_at IS NULL
          AND a.partner_id = coalesce(p_partner, a.partner_id)
        GROUP BY a.partner_id
    ), pairs AS (
        SELECT n.id AS need_id, n.lacking, n.people_affected, n.resource_kinds, n.site_id, n.city,
               c.kind, c.id, c.name, c.partner_id, c.focus, c.kinds, c.reach, c.capacity, c.evidence,
               p.stage, p.city AS partner_city, coalesce(t.sites, '{}') AS sites, t.sites IS NOT NULL AS tied,
               coalesce(a.many, 0) AS asked, d.ask_limit,
               CASE WHEN n.focus_area_id = ANY (c.focus) THEN 1
                    WHEN n.focus_parent = ANY (c.focus) OR EXISTS (
                        SELECT FROM focus_area f WHERE f.id = ANY (c.focus)
                        AND f.parent_id IN (n.focus_area_id, n.focus_parent)) THEN 0.5
                    ELSE 0 END AS focus_value,
               CASE WHEN n.resource_kinds && c.kinds THEN 1
                    WHEN n.resource_kinds = '{}' OR c.kinds = '{}' THEN 0.5 ELSE 0 END AS kinds_value
        FROM needs n
        CROSS JOIN match_candidates(p_partner) c
        JOIN partner p ON p.id = c.partner_id
        JOIN district d ON d.id = n.district_id
        LEFT JOIN ties t ON t.partner_id = c.partner_id
        LEFT JOIN asks a ON a.partner_id = c.partner_id
    ), valued AS (
        SELECT r.need_id, r.kind, r.id, r.name, r.partner_id, f.factor, f.value, f.reason
        FROM pairs r
        CROSS JOIN LATERAL (VALUES
            ('focus', r.focus_value, CASE r.focus_value
                WHEN 1 THEN 'It works on this.' WHEN 0.5 THEN 'It works on something near to this.'
                ELSE 'It is not known to work on this.' END),
            ('resources', r.kinds_value, CASE r.kinds_value
                WHEN 1 THEN 'It has what is needed.' WHEN 0.5 THEN 'It is not known what is needed, or had.'
                ELSE 'It has other things.' END),
            ('reach', CASE
                WHEN r.site_id = ANY (r.sites) THEN 1
                WHEN r.reach = 'district' THEN 1
                WHEN r.reach = 'nearby' AND r.city = r.partner_city THEN 1
                WHEN r.reach = 'nearby' AND r.city <> r.partner_city THEN 0.1
                WHEN r.reach = 'one_school' AND r.tied THEN 0
                ELSE 0.5 END, CASE
                WHEN r.site_id = ANY (r.sites) THEN 'It works there.'
                WHEN r.reach = 'district' THEN 'It works anywhere in the district.'
                WHEN r.reach = 'nearby' AND r.city = r.partner_city THEN 'It is in the same city.'
                WHEN r.reach = 'nearby' AND r.city <> r.partner_city THEN 'It works nearby, in another city.'
                WHEN r.reach = 'one_school' AND r.tied THEN 'It works with one school, and has it.'
                WHEN r.reach = 'one_school' THEN 'It works with one school, and has none yet.'
                ELSE 'It is not known where it would work.' END),
            ('capacity', CASE WHEN r.capacity IS NULL THEN 0.5
                ELSE least(1, r.capacity::numeric / greatest(coalesce(r.people_affected, r.lacking), 1)) END,
                CASE WHEN r.capacity IS NULL THEN 'It is not known how much there is.'
                     WHEN r.capacity >= coalesce(r.people_affected, r.lacking) THEN 'There is enough.'
                     ELSE 'There is a part of it.' END),
            ('evidence', CASE WHEN r.evidence IS NULL THEN 0 ELSE (5 - r.evidence) / 4.0 END,
                coalesce('Its evidence is of tier ' || r.evidence || '.', 'It has shown no evidence.')),
            ('ties', CASE WHEN r.site_id = ANY (r.sites) THEN 1 WHEN r.tied THEN 0.5 ELSE 0 END,
                CASE WHEN r.site_id = ANY (r.sites) THEN 'It is a partner there.'
                     WHEN r.tied THEN 'It is a partner elsewhere.' ELSE 'It is no partner yet.' END),
            ('load', greatest(0, 1 - r.asked::numeric / r.ask_limit),
                'Of ' || r.ask_limit || ' asks that may wait for its answer, ' || r.asked || ' do.'),
            ('stage', CASE WHEN r.stage = 'prospect' THEN 0.25 WHEN r.stage = 'contacted' THEN 0.5
                           WHEN r.stage = 'vetting' THEN 0.5 ELSE 1 END, 'Its stage is ' || r.stage || '.')
            ) AS f (factor, value, reason)
        WHERE r.focus_value > 0
    )
    SELECT v.need_id, v.kind, v.id, v.name, v.partner_id,
           round(coalesce(100 * sum(v.value * w.weight) / nullif(min(w.whole), 0), 0), 4),
           json_agg(json_build_object(
               'factor', v.factor, 'value', round(v.value, 4)::text, 'weight', w.weight, 'contribution',
               round(coalesce(100 * v.value * w.weight / nullif(w.whole, 0), 0), 4)::text,
               'reason', v.reason) ORDER BY w.place)
    FROM valued v JOIN weights w ON w.factor = v.factor
    GROUP BY v.need_id, v.kind, v.id, v.name, v.partner_id;
END;

REVOKE EXECUTE ON FUNCTION match_weights, match_candidates, match_ties, match_pairs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION match_weights, match_candidates, match_ties, match_pairs TO kith_api;

RESET ROLE;
