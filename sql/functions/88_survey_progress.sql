-- How a survey goes, day by day: whose invitation was sent, and who has answered all that they are asked about. Of an anonymous
-- one nobody knows when anybody has answered.

SET ROLE kith_owner;

-- NULL: there is no such survey.
CREATE OR REPLACE FUNCTION survey_progress_document(p_survey uuid) RETURNS jsonb
LANGUAGE sql STABLE SET jit = off
BEGIN ATOMIC
    WITH invited AS MATERIALIZED (
        SELECT i.id, (i.answered_at AT TIME ZONE d.zone)::date AS answered_on,
               (SELECT min(m.sent_at AT TIME ZONE d.zone)::date FROM message m
                WHERE m.district_id = i.district_id AND m.subject_id = i.id AND m.kind = 'survey_invitation') AS sent_on
        FROM survey_invitation i JOIN district d ON d.id = i.district_id
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.survey_id = p_survey AND i.archived_at IS NULL
    ), happened AS (
        SELECT i.sent_on AS day, 1 AS sent, 0 AS answered FROM invited i WHERE i.sent_on IS NOT NULL
        UNION ALL
        SELECT i.answered_on, 0, 1 FROM invited i WHERE i.answered_on IS NOT NULL
    )
    SELECT jsonb_build_object('survey_id', s.id, 'days', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'day', g.day, 'sent', g.sent, 'answered', CASE WHEN s.mode <> 'anonymous' THEN g.answered END) ORDER BY g.day), '[]')
        FROM (SELECT h.day, sum(h.sent) AS sent, sum(h.answered) AS answered FROM happened h
              WHERE s.mode <> 'anonymous' OR h.sent > 0 GROUP BY h.day) AS g))
    FROM survey s WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey;
END;

REVOKE EXECUTE ON FUNCTION survey_progress_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_progress_document TO kith_api;

RESET ROLE;
