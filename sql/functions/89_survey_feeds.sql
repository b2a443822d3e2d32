-- What surveys found, where other things of the district need it.

SET ROLE kith_owner;

-- What an assessment takes over from its survey: of its own place, where the survey asked about several, and of those
-- whom it is about, where they answered as such. Needs are what matters more than it happens, the widest gap first.
CREATE OR REPLACE FUNCTION assessment_found(a assessment, asked survey) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    most_needs constant bigint := 20;
    by_what text := CASE WHEN asked.site_id IS NOT NULL OR coalesce(a.site_id, a.network_id) IS NULL THEN 'all'
                         WHEN a.site_id IS NOT NULL THEN 'site' ELSE 'network' END;
    of_key text := CASE by_what WHEN 'all' THEN 'all' ELSE coalesce(a.site_id, a.network_id)::text END;
    who text := CASE a.audience WHEN 'families' THEN 'family' WHEN 'students' THEN 'student' WHEN 'staff' THEN 'staff'
                                WHEN 'partners' THEN 'partner' END;
    told jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM survey_tally t WHERE t.survey_id = asked.id AND t.dimension = 'all' AND t.audience = who) THEN
        who := NULL;
    END IF;
    told := survey_group_document(asked.id, by_what, of_key, CASE WHEN who IS NOT NULL THEN 'audience' END, who);
    RETURN survey_results_document(asked.id, by_what, NULL, NULL, 1, of_key) || jsonb_build_object(
        'answers', told -> 'answers', 'by', by_what, 'key', of_key, 'audience', who, 'factors', told -> 'factors',
        'needs', (
            SELECT coalesce(jsonb_agg(q.told ORDER BY q.gap_rank, q.place), '[]')
            FROM (SELECT e.told - '{values,kind,section,factor,mean,median,quartiles,deviation}'::text[] AS told, e.place,
                         (e.told ->> 'gap_rank')::bigint AS gap_rank
                  FROM jsonb_array_elements(told -> 'questions') WITH ORDINALITY AS e (told, place)
                  WHERE e.told ->> 'gap_rank' IS NOT NULL
                  ORDER BY (e.told ->> 'gap_rank')::bigint, e.place LIMIT most_needs) AS q));
END
$$;

REVOKE EXECUTE ON FUNCTION assessment_found FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assessment_found TO kith_api;

RESET ROLE;
