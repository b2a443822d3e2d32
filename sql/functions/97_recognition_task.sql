-- What waits for a person of gifts and stories, beside thanks.

SET ROLE kith_owner;

-- What is offered, and was reviewed, waits for those who may accept it: a superintendent's gift for executives, a principal's for who is
-- that where it goes, the others for whoever runs the program.
CREATE OR REPLACE FUNCTION my_gift_acceptance(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.id, g.title, NULL::date, g.partnership_id
    FROM gift g
    LEFT JOIN partnership p ON p.district_id = g.district_id AND p.id = g.partnership_id
    CROSS JOIN LATERAL (SELECT gift_signer(g) AS signer) AS s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.signer IN ('principal', 'department_head')
                    THEN site_answers(coalesce(g.site_id, p.lead_site_id), 'principal', p_day) END AS user_id) AS head
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.status = 'offered'
      AND g.archived_at IS NULL AND NOT gift_is_stepping(g)
      AND CASE WHEN s.signer = 'superintendent' THEN user_has_role(p_user, '{executive}', p_day)
               WHEN head.user_id IS NOT NULL THEN head.user_id = p_user
               ELSE user_has_role(p_user, '{director}', p_day) END;
END;

-- Steps of reviews before that, for reviewers, and the superintendent's for executives.
CREATE OR REPLACE FUNCTION my_gift_step(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, g.title, s.due_on, g.partnership_id
    FROM gift_step s
    JOIN gift g ON g.district_id = s.district_id AND g.id = s.gift_id AND g.status = 'offered' AND g.archived_at IS NULL
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.status = 'pending' AND s.archived_at IS NULL
      AND user_has_role(p_user, CASE s.kind WHEN 'superintendent' THEN '{executive}' ELSE '{reviewer}' END::text[], p_day);
END;

-- A contribution of the last year that needs a letter for taxes, which is due by the end of the next January.
CREATE OR REPLACE FUNCTION my_tax_letter(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.id, g.title, make_date(date_part('year', g.received_on)::integer + 1, 1, 31), g.partnership_id
    FROM gift g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.status = 'received'
      AND g.archived_at IS NULL AND g.received_on > p_day - 400 AND gift_tax_letter(g) = 'due'
      AND user_has_role(p_user, '{director,reviewer}', p_day);
END;

-- What was drafted for review: summaries of a year.
CREATE OR REPLACE FUNCTION my_tax_summary(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, t.donor, make_date(t.year::integer + 1, 1, 31), NULL::uuid
    FROM tax_document t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.status = 'draft' AND t.archived_at IS NULL
      AND user_has_role(p_user, '{director,reviewer}', p_day);
END;

-- What waits for an approval waits for those who may give it.
CREATE OR REPLACE FUNCTION my_story_approval(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, s.title, NULL::date, NULL::uuid
    FROM story s
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.status = 'review'
      AND s.archived_at IS NULL AND user_has_role(p_user, '{director}', p_day);
END;

-- Who was to be named in a story, and said no by the link of a mail, or takes a yes back: whoever tells the story leaves
-- them out, asks again, or gives it up. What was withdrawn by it is told for a month; where nobody tells it, directors are.
CREATE OR REPLACE FUNCTION my_story_refusal(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, t.title || ': ' || story_subject_name(s), NULL::date, s.partnership_id
    FROM story_subject s
    JOIN story t ON t.district_id = s.district_id AND t.id = s.story_id AND t.archived_at IS NULL
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.archived_at IS NULL
      AND s.answered_by IS NOT NULL AND s.consent_on IS NULL AND coalesce(s.asked_at <= s.answered_at, true)
      AND (t.status IN ('draft', 'review') OR t.status = 'withdrawn' AND s.answered_at > p_day - interval '30 days')
      AND CASE WHEN t.owner_id IS NULL THEN user_has_role(p_user, '{director}', p_day) ELSE t.owner_id = p_user END;
END;

REVOKE EXECUTE ON FUNCTION my_gift_acceptance, my_gift_step, my_tax_letter, my_tax_summary, my_story_approval, my_story_refusal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION my_gift_acceptance, my_gift_step, my_tax_letter, my_tax_summary, my_story_approval, my_story_refusal TO kith_api;

RESET ROLE;
