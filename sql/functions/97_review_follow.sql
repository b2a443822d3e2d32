-- What an approved review leads to: a partnership that is to be left has a planned end, and its leads the task to end it;
-- what is to grow or to be adjusted is an action of whoever leads it, until a day.

SET ROLE kith_owner;

-- Of a program it is each partnership that runs it. p_on: the day that was decided on, else the last day of the review's school
-- year, or, when that is over, a month from now.
CREATE OR REPLACE FUNCTION review_follow(r partnership_review) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    days constant integer := 30;
    last_day date := coalesce(r.next_on, (
        SELECT CASE WHEN y.ends_on > district_today() THEN y.ends_on ELSE district_today() + days END
        FROM school_year_span(r.school_year) AS y));
    runs uuid[] := ARRAY(
        SELECT p.id FROM partnership p
        WHERE p.id = ANY (review_partnerships(r)) AND p.status IN ('active', 'renewing', 'paused')
        ORDER BY p.id);
BEGIN
    IF r.decision = 'exit' THEN
        UPDATE partnership p SET ends_on = greatest(last_day, p.starts_on)
        WHERE p.id = ANY (runs) AND p.ends_on IS DISTINCT FROM greatest(last_day, p.starts_on);
    ELSIF r.decision IN ('grow', 'adjust') THEN
        INSERT INTO action_item (district_id, id, partnership_id, partnership_review_id, description, owner_user_id, due_on)
        SELECT r.district_id, uuid7(), one, r.id, coalesce(r.next_step, r.findings),
               coalesce(partnership_lead(one), r.user_id), last_day
        FROM unnest(runs) AS one;
    END IF;
END
$$;

-- What its newest approved review decided of a partnership; NULL: there is none.
CREATE OR REPLACE FUNCTION partnership_decided(p_partnership uuid, p_program uuid) RETURNS partnership_review
LANGUAGE sql STABLE
RETURN (
    SELECT r FROM partnership_review r
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.status = 'approved' AND r.archived_at IS NULL
      AND (r.partnership_id = p_partnership OR r.partnership_id IS NULL AND r.program_id = p_program)
    ORDER BY r.decided_at DESC, r.id DESC LIMIT 1);

-- It is to be left, and whoever leads it ends it, with a reason; where nobody does, who owns the partner, or every
-- director of the district.
CREATE OR REPLACE FUNCTION my_partnership_exit(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.id, p.name || ': ' || coalesce(r.next_step, r.findings), p.ends_on, p.id
    FROM led_partnerships(p_user, p_day) p
    CROSS JOIN LATERAL partnership_decided(p.id, p.program_id) AS r
    WHERE p.status IN ('active', 'renewing', 'paused') AND r.decision = 'exit'
    UNION ALL
    SELECT p.id, p.name || ': ' || coalesce(r.next_step, r.findings), p.ends_on, p.id
    FROM (SELECT v.partnership_id AS id FROM partnership_review v
          WHERE v.district_id = current_setting('kith.district')::uuid AND v.decision = 'exit' AND v.status = 'approved'
          UNION
          SELECT q.id FROM partnership_review v
          JOIN partnership q ON q.district_id = v.district_id AND q.program_id = v.program_id
          WHERE v.district_id = current_setting('kith.district')::uuid AND v.decision = 'exit' AND v.status = 'approved'
            AND v.partnership_id IS NULL) AS e
    JOIN partnership p ON p.district_id = current_setting('kith.district')::uuid AND p.id = e.id AND p.archived_at IS NULL
        AND p.status IN ('active', 'renewing', 'paused')
    JOIN partner o ON o.district_id = p.district_id AND o.id = p.partner_id
    LEFT JOIN app_user u ON u.district_id = o.district_id AND u.id = o.owner_id AND u.status = 'active'
        AND u.archived_at IS NULL
    CROSS JOIN LATERAL partnership_decided(p.id, p.program_id) AS r
    WHERE r.decision = 'exit' AND partnership_is_unled(p.id)
      AND CASE WHEN u.id IS NULL THEN user_has_role(p_user, '{director}', p_day) ELSE u.id = p_user END;
END;

REVOKE EXECUTE ON FUNCTION review_follow, partnership_decided, my_partnership_exit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION review_follow, partnership_decided, my_partnership_exit TO kith_api;

RESET ROLE;
