-- Whom a survey asks, told before it opens and after: each person, about what, or the reason why not.

SET ROLE kith_owner;

-- The same shape for both: what would be decided now; or, once it was decided, what was, and why a mail did not go.
-- left_out: relationships beyond those that one person is asked about.
CREATE OR REPLACE FUNCTION survey_preview(p_survey uuid)
RETURNS TABLE (person uuid, user_id uuid, contact_id uuid, name text, address text, audience text, reason text, asked uuid[],
               left_out uuid[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM survey s WHERE s.district_id = district AND s.id = p_survey AND s.opened_at IS NOT NULL) THEN
        RETURN QUERY
        SELECT coalesce(p.contact_id, p.user_id), p.user_id, p.contact_id, p.name, p.address, p.audience,
               coalesce(p.reason, CASE WHEN w.situations <> '{}' THEN mail_stop('program', w.situations) END), p.asked, p.left_out
        FROM survey_people(p_survey) p
        CROSS JOIN LATERAL mail_person(p.contact_id, p.user_id, NULL, 'surveys') w;
    ELSE
        RETURN QUERY
        SELECT coalesce(i.contact_id, i.user_id), i.user_id, i.contact_id, coalesce(c.name, u.name), i.address, i.audience,
               coalesce(i.reason, m.reason),
               ARRAY(SELECT w.partnership_id FROM survey_answer w
                     WHERE w.district_id = district AND w.survey_invitation_id = i.id AND w.partnership_id IS NOT NULL
                     ORDER BY w.partnership_id), '{}'::uuid[]
        FROM survey_invitation i
        LEFT JOIN contact c ON c.district_id = district AND c.id = i.contact_id
        LEFT JOIN app_user u ON u.district_id = district AND u.id = i.user_id
        LEFT JOIN LATERAL (
            SELECT o.reason FROM message o
            WHERE o.district_id = district AND o.subject_id = i.id AND o.kind = 'survey_invitation'
            ORDER BY o.created_at DESC, o.id DESC LIMIT 1) m ON true
        WHERE i.district_id = district AND i.survey_id = p_survey AND i.archived_at IS NULL;
    END IF;
END
$$;

-- A page of it, behind one person, with how many there are of each kind in all. NULL: there is no such survey.
CREATE OR REPLACE FUNCTION survey_audience_page(p_survey uuid, p_after uuid, p_limit bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    told jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM survey s WHERE s.id = p_survey) THEN
        RETURN NULL;
    END IF;
    WITH person AS MATERIALIZED (SELECT * FROM survey_preview(p_survey)),
    page AS (SELECT * FROM person p WHERE p_after IS NULL OR p.person > p_after ORDER BY p.person LIMIT p_limit)
    SELECT jsonb_build_object(
        'survey_id', p_survey,
        'asked', (SELECT count(*) FROM person p WHERE p.reason IS NULL),
        'relationships', (SELECT coalesce(sum(cardinality(p.asked)), 0) FROM person p WHERE p.reason IS NULL),
        'over_five', (SELECT coalesce(sum(cardinality(p.left_out)), 0) FROM person p WHERE p.reason IS NULL),
        'left_out', (SELECT coalesce(jsonb_object_agg(r.reason, r.n), '{}')
                     FROM (SELECT p.reason, count(*) AS n FROM person p WHERE p.reason IS NOT NULL GROUP BY p.reason) AS r),
        'next', (SELECT max(g.person::text) FROM page g HAVING count(*) = p_limit AND EXISTS (
            SELECT FROM person p WHERE p.person > (SELECT max(o.person::text)::uuid FROM page o))),
        'people', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'user_id', g.user_id, 'contact_id', g.contact_id, 'name', g.name, 'address', g.address,
                       'audience', g.audience, 'reason', g.reason,
                       'relationships', (
                           SELECT coalesce(jsonb_agg(jsonb_build_object(
                               'partnership_id', t.id, 'name', t.name, 'reason', CASE WHEN o.is_over THEN 'over_five' END)
                               ORDER BY o.is_over, t.name, t.id), '[]')
                           FROM (SELECT unnest(g.asked) AS id, false AS is_over UNION ALL SELECT unnest(g.left_out), true) AS o
                           JOIN partnership t ON t.district_id = current_setting('kith.district')::uuid AND t.id = o.id))
                       ORDER BY g.person), '[]') FROM page g))
    INTO told;
    RETURN told;
END
$$;

REVOKE EXECUTE ON FUNCTION survey_preview, survey_audience_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_preview, survey_audience_page TO kith_api;

RESET ROLE;
