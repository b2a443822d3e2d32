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

-- What partners have that may serve a need, of one partner or (NULL) of all: its programs, its offers, and the partner
-- itself, which has what all of these have. A program brings people. Partners are joined as a whole, whatever
-- is estimated.
CREATE OR REPLACE FUNCTION match_candidates(p_partner uuid)
RETURNS TABLE (kind text, id uuid, name text, partner_id uuid, focus uuid[], kinds text[], reach text,
               capacity bigint, evidence bigint)
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH own AS MATERIALIZED (
        SELECT 'program' AS kind, g.id, g.name, g.partner_id,
               array_remove(ARRAY[g.focus_area_id], NULL) AS focus,
               '{staff_time,volunteers,training,internships,mentors}'::text[] AS kinds,
               NULL::text AS reach, g.capacity, g.evidence_tier AS evidence
        FROM program g
        WHERE g.status IN ('planned', 'active') AND g.archived_at IS NULL
          AND g.partner_id = coalesce(p_partner, g.partner_id)
        UNION ALL
        SELECT 'offer', o.id, o.name, o.partner_id, array_remove(ARRAY[o.focus_area_id], NULL),
               ARRAY[o.kind], o.reach, coalesce(o.remaining, 1000000000000), NULL
        FROM offer o
        WHERE o.status = 'open' AND o.archived_at IS NULL AND coalesce(o.remaining, 1) > 0
          AND district_today() BETWEEN coalesce(o.from_date, '-infinity') AND coalesce(o.until_date, 'infinity')
          AND o.partner_id = coalesce(p_partner, o.partner_id)
    ), may AS MATERIALIZED (
        SELECT p.id, p.name, p.reach FROM partner p
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
                AND w.archived_at IS NULL AND w.partner_id = coalesce(p_partner, w.partner_id)
              UNION ALL
              SELECT a.partner_id, ARRAY[a.focus_area_id], '{}', NULL FROM partner_focus_area a
              WHERE a.archived_at IS NULL AND a.partner_id = coalesce(p_partner, a.partner_id)) AS c
        LEFT JOIN LATERAL unnest(c.focus) AS f (id) ON true
        LEFT JOIN LATERAL unnest(c.kinds) AS k (kind) ON true
        GROUP BY c.partner_id) AS h ON h.partner_id = p.id;
END
$$;

-- Where partners work today, co-partners among them: at a site, or (NULL) for the district.
CREATE OR REPLACE FUNCTION match_ties(p_partner uuid)
RETURNS TABLE (partner_id uuid, site_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT t.partner_id, coalesce(s.site_id, t.lead_site_id)
    FROM (SELECT w.district_id, w.id, w.partner_id, w.lead_site_id
          FROM partnership w
          WHERE w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
            AND (p_partner IS NULL OR w.partner_id = p_partner)
          UNION ALL
          SELECT w.district_id, w.id, c.partner_id, w.lead_site_id
          FROM partnership_partner c
          JOIN partnership w ON w.district_id = c.district_id AND w.id = c.partnership_id
              AND w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
          WHERE c.role IN ('co_partner', 'provider') AND c.archived_at IS NULL
            AND coalesce(c.until_date, 'infinity') >= (SELECT district_today())
            AND (p_partner IS NULL OR c.partner_id = p_partner)) AS t
    LEFT JOIN partnership_site s ON s.district_id = t.district_id AND s.partnership_id = t.id
        AND s.archived_at IS NULL AND coalesce(s.until_date, 'infinity') >= (SELECT district_today());
END;

-- Why a factor has its value, in English; clients with other languages word its code, with what is told of it.
CREATE OR REPLACE FUNCTION match_reason(p_code text, p_told text[]) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_code
    WHEN 'works_on_it' THEN 'It works on this.'
    WHEN 'works_near_it' THEN 'It works on something near to this.'
    WHEN 'for_anything' THEN 'It is for whatever is needed.'
    WHEN 'has_it' THEN 'It has what is needed.'
    WHEN 'has_unknown' THEN 'It is not known what is needed, or had.'
    WHEN 'has_others' THEN 'It has other things.'
    WHEN 'works_there' THEN 'It works there.'
    WHEN 'works_anywhere' THEN 'It works anywhere in the district.'
    WHEN 'same_city' THEN 'It is in the same city.'
    WHEN 'other_city' THEN 'It works nearby, in another city.'
    WHEN 'has_its_school' THEN 'It works with one school, and has it.'
    WHEN 'no_school_yet' THEN 'It works with one school, and has none yet.'
    WHEN 'reach_unknown' THEN 'It is not known where it would work.'
    WHEN 'amount_unknown' THEN 'It is not known how much there is.'
    WHEN 'enough' THEN 'There is enough.'
    WHEN 'a_part' THEN 'There is a part of it.'
    WHEN 'no_evidence' THEN 'It has shown no evidence.'
    WHEN 'evidence' THEN 'Its evidence is of tier ' || p_told[1] || '.'
    WHEN 'partner_there' THEN 'It is a partner there.'
    WHEN 'partner_elsewhere' THEN 'It is a partner elsewhere.'
    WHEN 'no_partner' THEN 'It is no partner yet.'
    WHEN 'asks_waiting' THEN 'Of ' || p_told[2] || ' asks that may wait for its answer, ' || p_told[1] || ' do.'
    WHEN 'stage' THEN 'Its stage is ' || p_told[1] || '.' END;

-- The best of what may serve a need; or of the open needs where the partner does not work yet, each with what of
-- the partner serves it best; or, with both, that partner for that need. Who works on nothing near to it serves no need;
-- but an offer for whatever it is.
CREATE OR REPLACE FUNCTION match_best(p_need uuid, p_partner uuid, p_kind text, p_most bigint)
RETURNS TABLE (need_id uuid, kind text, id uuid, name text, partner_id uuid, score numeric, factors json)
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH weights AS MATERIALIZED (
        SELECT jsonb_object_agg(w.factor, w.weight) AS of, greatest(sum(w.weight), 1) AS whole
        FROM match_weights() w
    ), needs AS MATERIALIZED (
        SELECT n.*, n.quantity - n.filled AS lacking, f.parent_id AS focus_parent, s.city, d.ask_limit
        FROM need n
        JOIN district d ON d.id = n.district_id
        JOIN focus_area f ON f.district_id = n.district_id AND f.id = n.focus_area_id
        LEFT JOIN site s ON s.district_id = n.district_id AND s.id = n.site_id
        WHERE n.archived_at IS NULL AND CASE WHEN p_need IS NULL
            THEN n.status IN ('open', 'partly_matched') ELSE n.id = p_need END
    ), near AS MATERIALIZED ( -- the focus areas beside and below
        SELECT n.id AS need_id, array_agg(f.id) AS areas
        FROM needs n JOIN focus_area f ON f.id = n.focus_parent
            OR f.parent_id = n.focus_area_id OR f.parent_id = n.focus_parent
        GROUP BY n.id
    ), ties AS MATERIALIZED (
        SELECT t.partner_id, array_agg(t.site_id) AS sites FROM match_ties(p_partner) t GROUP BY t.partner_id
    ), asks AS MATERIALIZED (
        SELECT a.partner_id, count(*) AS many FROM ask a
        WHERE a.status IN ('sent', 'talk') AND a.archived_at IS NULL
          AND a.partner_id = coalesce(p_partner, a.partner_id)
        GROUP BY a.partner_id
    ), had AS MATERIALIZED (
        SELECT c.*, p.stage, p.city AS partner_city, coalesce(t.sites, '{}') AS sites,
               t.sites IS NOT NULL AS tied, coalesce(a.many, 0) AS asked
        FROM match_candidates(p_partner) c
        JOIN partner p ON p.id = c.partner_id AND (p_partner IS NULL OR p.id = p_partner)
        LEFT JOIN ties t ON t.partner_id = c.partner_id
        LEFT JOIN asks a ON a.partner_id = c.partner_id
        WHERE c.kind = coalesce(p_kind, c.kind)
    ), pairs AS (
        SELECT n.id AS need_id, n.lacking, n.people_affected, n.site_id, n.city, n.ask_limit, c.*,
               coalesce(n.site_id = ANY (c.sites), false) AS works_there,
               CASE WHEN n.focus_area_id = ANY (c.focus) THEN 1 WHEN c.focus && r.areas THEN 0.5
                    ELSE 0 END AS focus_value,
               CASE WHEN n.resource_kinds && c.kinds THEN 1
                    WHEN n.resource_kinds = '{}' OR c.kinds = '{}' THEN 0.5 ELSE 0 END AS resources_value
        FROM needs n CROSS JOIN had c LEFT JOIN near r ON r.need_id = n.id
    ), valued AS (
        SELECT p.*,
               CASE WHEN p.works_there OR p.reach = 'district' THEN 1
                    WHEN p.reach = 'nearby' AND p.city = p.partner_city THEN 1
                    WHEN p.reach = 'nearby' AND p.city <> p.partner_city THEN 0.1
                    WHEN p.reach = 'one_school' AND p.tied THEN 0 ELSE 0.5 END AS reach_value,
               CASE WHEN p.capacity IS NULL THEN 0.5 ELSE least(1, p.capacity::numeric
                    / greatest(CASE p.kind WHEN 'offer' THEN p.lacking
                                  ELSE coalesce(p.people_affected, p.lacking) END, 1)) END AS capacity_value,
               CASE WHEN p.evidence IS NULL THEN 0 ELSE (5 - p.evidence) / 4.0 END AS evidence_value,
               CASE WHEN p.works_there THEN 1 WHEN p.tied THEN 0.5 ELSE 0 END AS ties_value,
               greatest(0, 1 - p.asked::numeric / p.ask_limit) AS load_value,
               CASE p.stage WHEN 'prospect' THEN 0.25 WHEN 'contacted' THEN 0.5 WHEN 'vetting' THEN 0.5
                            ELSE 1 END AS stage_value
        FROM pairs p
        WHERE (p.focus_value > 0 OR p.kind = 'offer' AND p.focus = '{}' AND p.resources_value = 1) AND (p_need IS NOT NULL OR NOT p.works_there)
    ), scored AS (
        SELECT v.*, w.of, w.whole, round(100 * (
            v.focus_value * (w.of ->> 'focus')::integer + v.resources_value * (w.of ->> 'resources')::integer
            + v.reach_value * (w.of ->> 'reach')::integer + v.capacity_value * (w.of ->> 'capacity')::integer
            + v.evidence_value * (w.of ->> 'evidence')::integer + v.ties_value * (w.of ->> 'ties')::integer
            + v.load_value * (w.of ->> 'load')::integer + v.stage_value * (w.of ->> 'stage')::integer)
            / w.whole, 4) AS score
        FROM valued v CROSS JOIN weights w
    ), best AS (
        SELECT s.*, row_number() OVER (PARTITION BY s.need_id ORDER BY s.score DESC, s.kind DESC, s.id) AS rank
        FROM scored s
    ), shown AS (
        SELECT b.* FROM best b WHERE p_need IS NOT NULL OR b.rank = 1
        ORDER BY b.score DESC, b.name, b.id, b.need_id LIMIT p_most
    )
    SELECT s.need_id, s.kind, s.id, s.name, s.partner_id, s.score, (
        SELECT json_agg(json_build_object(
            'factor', f.factor, 'value', round(f.value, 4)::text, 'weight', (s.of ->> f.factor)::integer,
            'contribution', round(100 * f.value * (s.of ->> f.factor)::integer / s.whole, 4)::text,
            'code', f.code, 'told', to_json(f.told), 'reason', match_reason(f.code, f.told)) ORDER BY f.place)
        FROM (VALUES
            (1, 'focus', s.focus_value, CASE s.focus_value
                WHEN 1 THEN 'works_on_it' WHEN 0.5 THEN 'works_near_it' ELSE 'for_anything' END, '{}'::text[]),
            (2, 'resources', s.resources_value, CASE s.resources_value
                WHEN 1 THEN 'has_it' WHEN 0.5 THEN 'has_unknown' ELSE 'has_others' END, '{}'),
            (3, 'reach', s.reach_value, CASE
                WHEN s.works_there THEN 'works_there'
                WHEN s.reach = 'district' THEN 'works_anywhere'
                WHEN s.reach = 'nearby' AND s.city = s.partner_city THEN 'same_city'
                WHEN s.reach = 'nearby' AND s.city <> s.partner_city THEN 'other_city'
                WHEN s.reach = 'one_school' AND s.tied THEN 'has_its_school'
                WHEN s.reach = 'one_school' THEN 'no_school_yet'
                ELSE 'reach_unknown' END, '{}'),
            (4, 'capacity', s.capacity_value, CASE
                WHEN s.capacity IS NULL THEN 'amount_unknown'
                WHEN s.capacity_value = 1 THEN 'enough' ELSE 'a_part' END, '{}'),
            (5, 'evidence', s.evidence_value, CASE WHEN s.evidence IS NULL THEN 'no_evidence' ELSE 'evidence' END,
                array_remove(ARRAY[s.evidence::text], NULL)),
            (6, 'ties', s.ties_value, CASE
                WHEN s.works_there THEN 'partner_there' WHEN s.tied THEN 'partner_elsewhere' ELSE 'no_partner' END, '{}'),
            (7, 'load', s.load_value, 'asks_waiting', ARRAY[s.asked::text, s.ask_limit::text]),
            (8, 'stage', s.stage_value, 'stage', ARRAY[s.stage])
            ) AS f (place, factor, value, code, told))
    FROM shown s;
END
$$;

REVOKE EXECUTE ON FUNCTION match_weights, match_candidates, match_ties, match_reason, match_best FROM PUBLIC;
GRANT EXECUTE ON FUNCTION match_weights, match_candidates, match_ties, match_reason, match_best TO kith_api;

RESET ROLE;
