-- What waits for a person of pledges that were accepted.

SET ROLE kith_owner;

-- Whether it came, when the day is over by which it should have; and what becomes of what was accepted two weeks ago and
-- is no partnership yet. Of who answers for partnerships at the need's place; without one, of whoever runs the program.
CREATE OR REPLACE FUNCTION my_pledge_delivery(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, p.name || ': ' || n.title, due.on_date, t.partnership_id
    FROM pledge t
    JOIN need n ON n.district_id = t.district_id AND n.id = t.need_id
    JOIN partner p ON p.district_id = t.district_id AND p.id = t.partner_id
    JOIN district d ON d.id = t.district_id
    CROSS JOIN LATERAL (
        SELECT least(coalesce(t.ends_on, n.needed_by),
                     CASE WHEN t.status = 'accepted' AND t.partnership_id IS NULL
                          THEN (t.accepted_at AT TIME ZONE d.zone)::date + 14 END) AS on_date) AS due
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n.site_id IS NOT NULL THEN site_answers(n.site_id, 'partnership_lead', p_day)
                    ELSE network_lead(n.network_id, p_day) END AS user_id) AS lead
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.status IN ('accepted', 'partly_delivered')
      AND t.archived_at IS NULL AND due.on_date < p_day
      AND (user_has_role(p_user, '{director}', p_day) OR EXISTS ( -- of nobody else each pledge is looked at
          SELECT FROM post_holder h
          WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user AND h.archived_at IS NULL))
      AND (lead.user_id = p_user OR lead.user_id IS NULL AND user_has_role(p_user, '{director}', p_day));
END;

REVOKE EXECUTE ON FUNCTION my_pledge_delivery FROM PUBLIC;
GRANT EXECUTE ON FUNCTION my_pledge_delivery TO kith_api;

RESET ROLE;
