-- Trust and value on the network map.

SET ROLE kith_owner;

-- By partner what the last closed survey found that asks for both and has enough answers about it: {id: {...}}, as a
-- results document tells it, but of surveys with names, too, only what five have answered: more people read the map. Both
-- ways where each side has as many. Staff alone is told; the latest eight such surveys are looked at.
CREATE OR REPLACE FUNCTION network_told() RETURNS jsonb
LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    most_waves constant integer := 8;
BEGIN
    IF NOT kith_has_role('admin,director,executive,coordinator,school_leader,reviewer,data_steward') THEN
        RETURN '{}';
    END IF;
    RETURN (
        WITH wave AS MATERIALIZED (
            SELECT s.id, s.name, s.closes_on, survey_least(s) AS least
            FROM survey s
            JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
            WHERE s.district_id = current_setting('kith.district')::uuid AND s.status = 'closed' AND s.archived_at IS NULL
              AND n.subject = 'relationship' AND n.factors @> '[{"code": "trust"}, {"code": "value"}]'
            ORDER BY s.closes_on DESC, s.id DESC LIMIT most_waves
        ), slot AS MATERIALIZED (
            SELECT w.id, max(l.slot::text) FILTER (WHERE l.code = 'trust' AND l.value = 'n') AS trust_n,
                   max(l.slot::text) FILTER (WHERE l.code = 'trust' AND l.value = 'sum') AS trust,
                   max(l.slot::text) FILTER (WHERE l.code = 'value' AND l.value = 'n') AS value_n,
                   max(l.slot::text) FILTER (WHERE l.code = 'value' AND l.value = 'sum') AS value
            FROM wave w CROSS JOIN LATERAL survey_slots(w.id) AS l WHERE l.is_factor GROUP BY w.id
        ), told AS MATERIALIZED (
            SELECT t.survey_id, t.key, v.side, sum(t.n) AS n, jsonb_build_object(
                       'trust', survey_mean(sum((t.sums ->> l.trust)::numeric), sum((t.sums ->> l.trust_n)::numeric))::text,
                       'value', survey_mean(sum((t.sums ->> l.value)::numeric), sum((t.sums ->> l.value_n)::numeric))::text) AS means
            FROM slot l
            JOIN survey_tally t ON t.district_id = current_setting('kith.district')::uuid AND t.survey_id = l.id AND t.dimension = 'partner'
            CROSS JOIN LATERAL (VALUES (t.side), ('all')) AS v (side)
            WHERE v.side IN ('all', 'district', 'partner')
            GROUP BY t.survey_id, t.key, v.side
        ), latest AS (
            SELECT DISTINCT ON (t.key) t.key, t.n, t.means, w.*
            FROM told t JOIN wave w ON w.id = t.survey_id
            WHERE t.side = 'all' AND t.n >= w.least AND num_nonnulls(t.means ->> 'trust', t.means ->> 'value') > 0
            ORDER BY t.key, w.closes_on DESC, w.id DESC
        )
        SELECT coalesce(jsonb_object_agg(l.key, l.means || jsonb_build_object(
                   'survey_id', l.id, 'name', l.name, 'closes_on', l.closes_on, 'answers', l.n::bigint,
                   'of_district', (SELECT t.means FROM told t WHERE t.survey_id = l.id AND t.key = l.key AND t.side = 'partner' AND t.n >= l.least),
                   'of_partner', (SELECT t.means FROM told t WHERE t.survey_id = l.id AND t.key = l.key AND t.side = 'district' AND t.n >= l.least))),
               '{}')
        FROM latest l);
END
$$;

REVOKE EXECUTE ON FUNCTION network_told FROM PUBLIC;
GRANT EXECUTE ON FUNCTION network_told TO kith_api;

RESET ROLE;
