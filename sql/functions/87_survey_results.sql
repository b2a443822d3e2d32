-- What surveys found, of survey_tally: nothing stands there that may not be told (86_survey_fold.sql).

SET ROLE kith_owner;

-- Means to two digits; a factor's sum is to twelve, which is more than any mean of real answers is away from a half.
CREATE OR REPLACE FUNCTION survey_mean(p_sum numeric, p_n numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN round(round(p_sum / nullif(p_n, 0), 10), 2);

-- The standard deviation of a sample; none of fewer than two.
CREATE OR REPLACE FUNCTION survey_deviation(p_sum numeric, p_squares numeric, p_n numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_n >= 2 THEN
    round(sqrt(greatest(0, round((p_squares - p_sum * p_sum / p_n) / (p_n - 1), 10))), 2) END;

-- From how many answers on a group is told of.
CREATE OR REPLACE FUNCTION survey_threshold(asked survey) RETURNS bigint
LANGUAGE sql STABLE
RETURN CASE WHEN asked.mode = 'attributed' THEN 1 ELSE survey_least(asked) END;

-- The groups by p_by (all, side, audience, partner, partnership, partnership_kind, site, network), each by p_and
-- (side, audience) where that is said: of p_keys, or else the first p_limit behind p_after. n is of what is told; sums of
-- all slots, or of p_slots.
CREATE OR REPLACE FUNCTION survey_groups(
    p_survey uuid, p_by text, p_and text, p_keys text[], p_after text, p_limit bigint, p_slots text[])
RETURNS TABLE (key text, and_key text, n bigint, sums jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH row AS MATERIALIZED (
        SELECT CASE p_by WHEN 'side' THEN t.side WHEN 'audience' THEN t.audience WHEN 'network' THEN s.network_id::text
                    ELSE t.key END AS key,
               CASE p_and WHEN 'side' THEN t.side WHEN 'audience' THEN t.audience ELSE '' END AS and_key, t.n, t.sums
        FROM survey_tally t
        LEFT JOIN site s ON s.district_id = t.district_id
            AND s.id = CASE WHEN p_by = 'network' THEN t.key::uuid END
        WHERE t.district_id = current_setting('kith.district')::uuid AND t.survey_id = p_survey
          AND t.dimension = CASE p_by WHEN 'side' THEN 'all' WHEN 'audience' THEN 'all' WHEN 'network' THEN 'site' ELSE p_by END
          AND CASE WHEN p_by IN ('side', 'audience', 'network') THEN true
                   WHEN p_keys IS NOT NULL THEN t.key = ANY (p_keys)
                   ELSE t.key IN (
                       SELECT DISTINCT k.key FROM survey_tally k
                       WHERE k.district_id = current_setting('kith.district')::uuid AND k.survey_id = p_survey
                         AND k.dimension = p_by AND k.key > coalesce(p_after, '') COLLATE "C"
                       ORDER BY k.key LIMIT p_limit) END
    ), chosen AS (
        SELECT r.* FROM row r
        WHERE r.key NOT IN ('', '*') AND (p_and IS NULL OR r.and_key NOT IN ('', '*'))
          AND CASE WHEN p_keys IS NULL THEN r.key > coalesce(p_after, '') COLLATE "C" ELSE r.key = ANY (p_keys) END
    ), summed AS (
        SELECT c.key, c.and_key, u.slot, sum((u.amount)::numeric) AS amount
        FROM chosen c
        CROSS JOIN LATERAL (
            SELECT e.key, e.value FROM jsonb_each(c.sums) AS e WHERE p_slots IS NULL
            UNION ALL
            SELECT k, c.sums -> k FROM unnest(p_slots) AS k WHERE c.sums ? k) AS u (slot, amount)
        GROUP BY c.key, c.and_key, u.slot
    )
    SELECT g.key, g.and_key, g.n,
           t.sums
    FROM (SELECT c.key, c.and_key, sum(c.n)::bigint AS n FROM chosen c GROUP BY c.key, c.and_key) AS g
    LEFT JOIN (SELECT s.key, s.and_key, jsonb_object_agg(s.slot, s.amount) AS sums FROM summed s GROUP BY s.key, s.and_key) AS t
        ON t.key = g.key AND t.and_key = g.and_key
    ORDER BY g.key COLLATE "C", g.and_key LIMIT CASE WHEN p_and IS NULL THEN p_limit ELSE p_limit * 10 END;
END;

-- The factors of a group's sums: {code: {n, mean, deviation}}.
CREATE OR REPLACE FUNCTION survey_factors(p_slots jsonb, p_sums jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT coalesce(jsonb_object_agg(f.code, jsonb_build_object(
        'n', f.n::bigint, 'mean', survey_mean(f.sum, f.n)::text,
        'deviation', survey_deviation(f.sum, f.squares, f.n)::text) ORDER BY f.code), '{}')
    FROM (SELECT s.slot ->> 'code' AS code,
                 max((p_sums ->> (s.slot ->> 'slot'))::numeric) FILTER (WHERE s.slot ->> 'value' = 'n') AS n,
                 coalesce(max((p_sums ->> (s.slot ->> 'slot'))::numeric) FILTER (WHERE s.slot ->> 'value' = 'sum'), 0) AS sum,
                 coalesce(max((p_sums ->> (s.slot ->> 'slot'))::numeric) FILTER (WHERE s.slot ->> 'value' = 'squares'), 0) AS squares
          FROM jsonb_array_elements(p_slots) AS s (slot) GROUP BY 1) AS f
    WHERE f.n > 0);

-- What a group is called; a key that is none is its own name.
CREATE OR REPLACE FUNCTION survey_group_name(p_by text, p_key text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_key !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        RETURN p_key;
    END IF;
    RETURN coalesce(CASE p_by
        WHEN 'partner' THEN (SELECT p.name FROM partner p WHERE p.id = p_key::uuid)
        WHEN 'partnership' THEN (SELECT p.name FROM partnership p WHERE p.id = p_key::uuid)
        WHEN 'site' THEN (SELECT s.name FROM site s WHERE s.id = p_key::uuid)
        WHEN 'network' THEN (SELECT n.name FROM network n WHERE n.id = p_key::uuid) END, p_key);
END
$$;

-- Texts, in an order of chance. The owner's: whose they are nobody reads.
CREATE OR REPLACE FUNCTION survey_comments(p_survey uuid, p_limit bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT coalesce(jsonb_agg(t.text ORDER BY t.place, t.key), '[]')
    FROM (SELECT e.value AS text, e.key, c.place
          FROM (SELECT k.* FROM survey_counted k
                WHERE k.district_id = current_setting('kith.district')::uuid AND k.survey_id = p_survey AND k.place IS NOT NULL
                ORDER BY k.place LIMIT p_limit) AS c
          CROSS JOIN LATERAL jsonb_each_text(c.quoted) AS e
          ORDER BY c.place, e.key LIMIT p_limit) AS t;
END;

-- What both sides find, and how much more the district's does.
CREATE OR REPLACE FUNCTION survey_views(p_district jsonb, p_partner jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object(
    'district', (SELECT jsonb_object_agg(f.key, f.value -> 'mean') FROM jsonb_each(p_district) f),
    'partner', (SELECT jsonb_object_agg(f.key, f.value -> 'mean') FROM jsonb_each(p_partner) f),
    'difference', (SELECT jsonb_object_agg(f.key, ((f.value ->> 'mean')::numeric - (o.value ->> 'mean')::numeric)::text)
                   FROM jsonb_each(p_district) f JOIN jsonb_each(p_partner) o ON o.key = f.key));

-- The groups with their factors, as the document tells them.
CREATE OR REPLACE FUNCTION survey_groups_told(
    asked survey, p_by text, p_and text, p_keys text[], p_after text, p_limit bigint) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH slot AS MATERIALIZED (
        SELECT jsonb_agg(to_jsonb(s)) AS factors, coalesce(array_agg(s.slot::text), '{}') AS slots
        FROM survey_slots(asked.id) s WHERE s.is_factor
    ), told AS MATERIALIZED (
        SELECT g.key, g.and_key, g.n, g.n >= survey_threshold(asked) AS is_shown,
               survey_factors(s.factors, g.sums) AS factors
        FROM slot s CROSS JOIN LATERAL survey_groups(asked.id, p_by, p_and, p_keys, p_after, p_limit, s.slots) g
    ), sided AS MATERIALIZED (
        SELECT g.key, g.and_key AS side, survey_factors(s.factors, g.sums) AS factors
        FROM (SELECT array_agg(t.key) AS keys FROM told t WHERE p_and IS NULL AND p_by NOT IN ('side', 'audience')) AS k
        CROSS JOIN slot s
        CROSS JOIN LATERAL survey_groups(asked.id, p_by, 'side', coalesce(k.keys, '{}'), NULL, p_limit, s.slots) g
        WHERE g.n >= survey_threshold(asked)
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'key', t.key, 'name', survey_group_name(p_by, t.key), 'and', nullif(t.and_key, ''),
        'is_suppressed', NOT t.is_shown,
        'answers', CASE WHEN t.is_shown THEN t.n END,
        'scores', CASE WHEN t.is_shown THEN (
            SELECT coalesce(jsonb_object_agg(f.key, f.value -> 'mean'), '{}') FROM jsonb_each(t.factors) f) ELSE '{}' END,
        'deviations', CASE WHEN t.is_shown THEN (
            SELECT coalesce(jsonb_object_agg(f.key, f.value -> 'deviation') FILTER (WHERE f.value ->> 'deviation' IS NOT NULL), '{}')
            FROM jsonb_each(t.factors) f) ELSE '{}' END,
        'views', survey_views((SELECT s.factors FROM sided s WHERE s.key = t.key AND s.side = 'district'),
                              (SELECT s.factors FROM sided s WHERE s.key = t.key AND s.side = 'partner')))
        ORDER BY t.key COLLATE "C", t.and_key), '[]')
    FROM told t;
END;

-- How many were invited and answered.
CREATE OR REPLACE FUNCTION survey_rates(p_survey uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'asked', c.who, 'invited', c.invited, 'answered', c.answered,
        'rate', round(c.answered::numeric / c.invited, 4)::text) ORDER BY c.who), '[]')
    FROM (SELECT coalesce(i.audience, CASE WHEN i.user_id IS NOT NULL THEN 'district' ELSE 'partner' END) AS who, count(*) AS invited,
                 count(*) FILTER (WHERE i.status = 'answered') AS answered
          FROM survey_invitation i
          WHERE i.district_id = current_setting('kith.district')::uuid AND i.survey_id = p_survey
            AND i.status <> 'excluded'
          GROUP BY 1) AS c);

-- What the survey found, by p_by and p_and: the groups behind p_after. An anonymous one tells nothing before it is closed.
CREATE OR REPLACE FUNCTION survey_results_document(
    p_survey uuid, p_by text, p_and text, p_after text, p_limit bigint, p_key text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    most_comments constant bigint := 500;
    asked survey;
    groups jsonb;
    rates jsonb;
    total bigint;
    has_more boolean;
BEGIN
    SELECT * INTO asked FROM survey s WHERE s.id = p_survey;
    IF asked.id IS NULL THEN
        RETURN NULL;
    ELSIF asked.mode = 'anonymous' AND asked.status <> 'closed' THEN
        PERFORM refuse_state('Results come when the survey is closed.',
                             jsonb_build_object('status', asked.status));
    END IF;
    groups := survey_groups_told(asked, p_by, p_and, CASE WHEN p_key IS NOT NULL THEN ARRAY[p_key] END, p_after, p_limit + 1);
    has_more := (SELECT count(DISTINCT g ->> 'key') > p_limit FROM jsonb_array_elements(groups) g);
    IF has_more THEN
        groups := (SELECT jsonb_agg(g.told ORDER BY g.place) FROM jsonb_array_elements(groups) WITH ORDINALITY AS g (told, place)
                   WHERE g.told ->> 'key' <> groups -> -1 ->> 'key');
    END IF;
    rates := survey_rates(p_survey);
    total := (SELECT sum(t.n) FROM survey_tally t WHERE t.survey_id = p_survey AND t.dimension = 'all');
    RETURN jsonb_build_object(
        'survey_id', p_survey, 'by', p_by, 'and', p_and, 'status', asked.status, 'threshold', survey_threshold(asked),
        'invited', (SELECT coalesce(sum((r ->> 'invited')::bigint), 0) FROM jsonb_array_elements(rates) r),
        'rates', rates,
        'answers', CASE WHEN total >= survey_threshold(asked) THEN total END,
        'groups', groups, 'has_more', has_more, 'next_after', CASE WHEN has_more THEN groups -> -1 ->> 'key' END,
        'comments', CASE WHEN p_by = 'all' AND p_and IS NULL THEN survey_comments(p_survey, most_comments) ELSE '[]' END);
END
$$;

DROP FUNCTION IF EXISTS survey_publication(survey), survey_cells(uuid, text),
    survey_groups(uuid, text, jsonb, bigint, bigint);
REVOKE EXECUTE ON FUNCTION survey_mean, survey_deviation, survey_threshold, survey_groups, survey_factors, survey_group_name, survey_comments,
    survey_views, survey_groups_told, survey_rates, survey_results_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_mean, survey_deviation, survey_threshold, survey_least, survey_groups, survey_factors, survey_group_name,
    survey_comments, survey_views, survey_groups_told, survey_rates, survey_results_document TO kith_api;
GRANT SELECT ON survey_tally TO kith_api;

RESET ROLE;
