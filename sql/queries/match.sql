-- What could meet a need, and which needs a partner could meet.

-- No row: there is no such need.
-- $1 need, $2 kind (NULL: all), $3 how many (NULL: 25), $4 partner (NULL: all), $5 now
-- name: need_matches :maybe
WITH asked AS MATERIALIZED (SELECT n.* FROM need n WHERE n.id = $1::uuid AND $5::text <> ''),
best AS (
    SELECT m.*, p.name AS partner_name
    FROM match_best($1::uuid, $4::uuid, $2::text, coalesce($3::bigint, 25)) m
    JOIN partner p ON p.id = m.partner_id
), document AS MATERIALIZED (
    SELECT json_build_object(
        'need_id', n.id, 'title', n.title, 'lacking', greatest(n.quantity - n.filled, 0),
        'matches', coalesce((
            SELECT json_agg(json_build_object(
                'kind', b.kind, 'id', b.id, 'name', b.name, 'partner_id', b.partner_id,
                'partner_name', b.partner_name, 'score', b.score::text, 'factors', b.factors)
                ORDER BY b.score DESC, b.name, b.id) FROM best b), '[]'))::text AS body
    FROM asked n)
SELECT md5(d.body) AS version, d.body FROM document d;

-- Where it does not work yet; of what it has, for each need the best. No row: there is no such partner.
-- $1 partner, $2 how many (NULL: 25), $3 now
-- name: partner_matches :maybe
WITH asked AS MATERIALIZED (SELECT p.* FROM partner p WHERE p.id = $1::uuid AND $3::text <> ''),
best AS (
    SELECT m.*, n.title, n.site_id, n.network_id, n.needed_by, n.urgency, n.quantity - n.filled AS lacking
    FROM match_best(NULL, $1::uuid, NULL, coalesce($2::bigint, 25)) m JOIN need n ON n.id = m.need_id
), document AS MATERIALIZED (
    SELECT json_build_object('partner_id', p.id, 'name', p.name, 'needs', coalesce((
        SELECT json_agg(json_build_object(
            'need_id', b.need_id, 'title', b.title, 'site_id', b.site_id, 'network_id', b.network_id,
            'needed_by', b.needed_by, 'urgency', b.urgency, 'lacking', b.lacking, 'kind', b.kind,
            'id', b.id, 'name', b.name, 'score', b.score::text, 'factors', b.factors)
            ORDER BY b.score DESC, b.needed_by, b.need_id) FROM best b), '[]'))::text AS body
    FROM asked p)
SELECT md5(d.body) AS version, d.body FROM document d;

-- Of these documents there is no row where an id names nothing.
-- $1 level (NULL: site), $2 site, $3 network, $4 school year (NULL: this one), $5 now
-- name: gaps :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT gap_document(coalesce($1::text, 'site'), $2::uuid, $3::uuid,
                          coalesce($4::integer, school_year_today()), 2000)::text AS body
      WHERE $5::text <> '' AND ids_there('{site,network}', ARRAY[$2::uuid, $3::uuid]) OFFSET 0) AS d;

-- $1 network, $2 site, $3 partner, $4 focus area, $5 now
-- name: network_map :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT network_map($1::uuid, $2::uuid, $3::uuid, $4::uuid, 10000, 20000, network_told())::text AS body
      WHERE $5::text <> ''
        AND ids_there('{network,site,partner,focus_area}', ARRAY[$1::uuid, $2::uuid, $3::uuid, $4::uuid]) OFFSET 0) AS d;

-- $1 partnership, $2 partner, $3 site, $4 network, $5 school year, $6 fiscal year (both NULL: the next school
-- year), $7 now
-- name: sustainability :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT sustainability($1::uuid, $2::uuid, $3::uuid, $4::uuid,
                            CASE WHEN $6::integer IS NULL
                                 THEN coalesce($5::integer, school_year_today() + 1) END,
                            $6::integer, 500)::text AS body
      WHERE $7::text <> ''
        AND ids_there('{partnership,partner,site,network}', ARRAY[$1::uuid, $2::uuid, $3::uuid, $4::uuid]) OFFSET 0) AS d;

-- The report of a call that is over is as it was then. No row: there is no such call.
-- $1 call, $2 now
-- name: call_to_action_report :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT coalesce(c.report, call_report(c.id))::text AS body FROM call_to_action c
      WHERE c.id = $1::uuid AND $2::text <> '' OFFSET 0) AS d;

-- $1 snapshot, $2 now
-- name: landscape_snapshot_gaps :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT (s.content -> 'gaps')::text AS body FROM landscape_snapshot s
      WHERE s.id = $1::uuid AND $2::text <> '' OFFSET 0) AS d;

-- The earlier one is before. No row: one of both is not there.
-- $1 snapshot, $2 the other, $3 now
-- name: landscape_snapshot_comparison :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT CASE WHEN (a.taken_on, a.id) < (b.taken_on, b.id) THEN snapshot_comparison(a, b)
                  ELSE snapshot_comparison(b, a) END::text AS body
      FROM landscape_snapshot a, landscape_snapshot b
      WHERE a.id = $1::uuid AND b.id = $2::uuid AND $3::text <> '' OFFSET 0) AS d;

-- The evidence of a review that was held is as it was then. No row: there is no such review.
-- $1 review, $2 now
-- name: portfolio_evidence :maybe
SELECT md5(d.body) AS version, d.body
FROM (SELECT (coalesce(r.evidence, portfolio_evidence(r.id))
              || jsonb_build_object('is_frozen', r.evidence IS NOT NULL))::text AS body
      FROM portfolio_review r WHERE r.id = $1::uuid AND $2::text <> '' OFFSET 0) AS d;
