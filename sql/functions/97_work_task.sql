-- What waits for a person of needs and asks, inquiries, roll calls, champions, applications and reviews.

SET ROLE kith_owner;

-- Whoever cares for a partner sees its asks first; where nobody does, whoever runs the program.
CREATE OR REPLACE FUNCTION my_ask(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, p.name, (a.submitted_at AT TIME ZONE d.zone)::date + d.ask_owner_days::integer, NULL::uuid
    FROM ask a
    JOIN district d ON d.id = a.district_id
    JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
    WHERE a.district_id = current_setting('kith.district')::uuid
      AND (a.owner_id = p_user OR a.owner_id IS NULL AND user_has_role(p_user, '{director}', p_day))
      AND a.status = 'draft' AND a.submitted_at IS NOT NULL AND a.cleared_at IS NULL AND a.held_at IS NULL
      AND a.archived_at IS NULL;
END;

-- The partner has declined by itself, and nobody has seen it.
CREATE OR REPLACE FUNCTION my_ask_answer(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, p.name || ': ' || n.title, NULL::date, NULL::uuid
    FROM ask a
    JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
    JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.status = 'declined'
      AND a.answered_contact_id IS NOT NULL AND a.answer_seen_at IS NULL AND a.archived_at IS NULL
      AND p_user IN (a.sent_by, a.owner_id) AND ask_asker(a) = p_user;
END;

-- It waits for an answer, and no mail has come to whom it asks: somebody has to call.
CREATE OR REPLACE FUNCTION my_ask_unreached(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, p.name || ': ' || n.title, a.respond_by, NULL::uuid
    FROM ask a
    JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
    JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.status = 'sent' AND a.archived_at IS NULL
      AND p_user IN (a.sent_by, a.owner_id) AND ask_asker(a) = p_user
      AND EXISTS (
        SELECT FROM message m
        WHERE m.district_id = a.district_id AND m.kind = 'ask' AND m.subject_id = a.id
          AND m.recipient_key = 'contact:' || a.contact_id AND m.status IN ('suppressed', 'failed', 'unknown'));
END;

-- To be extended or closed: a week ahead, and until it closes by itself.
CREATE OR REPLACE FUNCTION my_call_to_action(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, c.title, c.deadline, NULL::uuid
    FROM call_to_action c
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.opened_by = p_user
      AND c.status IN ('open', 'extended') AND c.deadline <= p_day + 7 AND c.archived_at IS NULL;
END;

-- The next steps, two weeks ahead: of whoever takes them, or owns the champion.
CREATE OR REPLACE FUNCTION my_champion_step(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, o.name, s.on_date, NULL::uuid
    FROM champion_step s
    JOIN champion c ON c.district_id = s.district_id AND c.id = s.champion_id AND c.archived_at IS NULL
    JOIN contact o ON o.district_id = c.district_id AND o.id = c.contact_id
    WHERE s.district_id = current_setting('kith.district')::uuid AND coalesce(s.user_id, c.owner_id) = p_user
      AND NOT s.is_done AND s.on_date <= p_day + 14 AND s.archived_at IS NULL;
END;

-- What the schools are to have of a champion, two weeks ahead, until it is reached or has another day: of who owns it.
CREATE OR REPLACE FUNCTION my_champion_milestone(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, left(concat_ws(': ', o.name, split_part(c.milestone, E'\n', 1)), 255), c.milestone_due_on, NULL::uuid
    FROM champion c
    JOIN contact o ON o.district_id = c.district_id AND o.id = c.contact_id
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.owner_id = p_user
      AND c.status NOT IN ('reached', 'lapsed') AND c.milestone_due_on <= p_day + 14 AND c.archived_at IS NULL;
END;

CREATE OR REPLACE FUNCTION my_complaint(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name, NULL::date, c.partnership_id
    FROM complaint c
    JOIN partner p ON p.district_id = c.district_id AND p.id = c.partner_id
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.owner_id = p_user AND c.status = 'open'
      AND c.archived_at IS NULL;
END;

-- Nobody at the district cares for them, who work with schools or may.
CREATE OR REPLACE FUNCTION my_partner_owner(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.id, p.name, NULL::date, NULL::uuid
    FROM partner p
    LEFT JOIN app_user u ON u.district_id = p.district_id AND u.id = p.owner_id
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
      AND p.stage IN ('approved', 'active') AND (p.owner_id IS NULL OR u.status <> 'active' OR u.archived_at IS NOT NULL)
      AND user_has_role(p_user, '{director}', p_day);
END;

-- What is left of an offer and ends within a month: of whoever cares for the partner, to be taken or held longer.
CREATE OR REPLACE FUNCTION my_offer_expiry(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.id, p.name || ': ' || o.name, o.until_date, NULL::uuid
    FROM partner p
    JOIN offer o ON o.district_id = p.district_id AND o.partner_id = p.id AND o.status = 'open'
        AND o.until_date BETWEEN p_day AND p_day + 30 AND coalesce(o.remaining, 1) > 0 AND o.archived_at IS NULL
    WHERE p.district_id = current_setting('kith.district')::uuid AND p.owner_id = p_user
      AND p.stage NOT IN ('barred', 'declined') AND p.archived_at IS NULL;
END;

CREATE OR REPLACE FUNCTION my_funding_application(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, a.title, a.due_on, NULL::uuid
    FROM funding_application a
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.owner_id = p_user
      AND a.status IN ('planned', 'drafting') AND a.archived_at IS NULL;
END;

-- Whose it is; before it is anybody's, of whoever runs the program.
CREATE OR REPLACE FUNCTION my_inquiry(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.id, i.organization, i.answer_by, NULL::uuid
    FROM inquiry i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.status IN ('new', 'assigned')
      AND i.archived_at IS NULL
      AND (i.owner_id = p_user OR i.owner_id IS NULL AND user_has_role(p_user, '{director}', p_day));
END;

-- Whether the district has it itself: of whoever leads the network of its place; without one, of whoever runs the
-- program.
CREATE OR REPLACE FUNCTION my_need_review(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT n.id, n.title, NULL::date, NULL::uuid
    FROM need n
    LEFT JOIN site s ON s.district_id = n.district_id AND s.id = n.site_id
    CROSS JOIN LATERAL (SELECT network_lead(coalesce(n.network_id, s.network_id), p_day) AS user_id) AS lead
    WHERE n.district_id = current_setting('kith.district')::uuid AND n.status = 'capacity_review'
      AND n.internal_capacity IS NULL AND n.archived_at IS NULL
      AND (user_has_role(p_user, '{director}', p_day) OR EXISTS ( -- of nobody else each need is looked at
          SELECT FROM post_holder h
          JOIN post p ON p.district_id = h.district_id AND p.id = h.post_id AND p.kind = 'network_lead'
          WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user AND h.archived_at IS NULL))
      AND (lead.user_id = p_user OR lead.user_id IS NULL AND user_has_role(p_user, '{director}', p_day));
END;

-- What was promised and nobody has answered, and what waits since there is room for it again: of who answers for
-- partnerships at the need's place; without one, of whoever runs the program. What a partner says itself is a task of
-- whoever asked, too; unasked, of who cares for the partner.
CREATE OR REPLACE FUNCTION my_pledge(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, p.name || ': ' || n.title, n.needed_by, NULL::uuid
    FROM pledge t
    JOIN need n ON n.district_id = t.district_id AND n.id = t.need_id
    JOIN partner p ON p.district_id = t.district_id AND p.id = t.partner_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n.site_id IS NOT NULL THEN site_answers(n.site_id, 'partnership_lead', p_day)
                    ELSE network_lead(n.network_id, p_day) END AS user_id) AS lead
    LEFT JOIN ask a ON a.district_id = t.district_id AND a.id = t.ask_id
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.status IN ('offered', 'waitlisted')
      AND t.archived_at IS NULL
      AND (t.status = 'offered'
           OR n.status IN ('open', 'partly_matched', 'matched') AND n.archived_at IS NULL
              AND n.quantity - n.filled >= t.quantity)
      AND (t.is_own_word AND t.status = 'offered' AND coalesce(ask_asker(a), p.owner_id) = p_user
           OR (user_has_role(p_user, '{director}', p_day) OR EXISTS ( -- of nobody else each pledge is looked at
               SELECT FROM post_holder h
               WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user
                 AND h.archived_at IS NULL))
              AND (lead.user_id = p_user OR lead.user_id IS NULL AND user_has_role(p_user, '{director}', p_day)));
END;

-- What somebody meant to come back to, two weeks ahead: of whom it was with; when that one is gone, of who leads the
-- partnership, or cares for the partner.
CREATE OR REPLACE FUNCTION my_interaction_follow_up(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.id, p.name || ': ' || i.subject, i.follow_up_on, i.partnership_id
    FROM interaction i
    JOIN partner p ON p.district_id = i.district_id AND p.id = i.partner_id
    LEFT JOIN app_user u ON u.district_id = i.district_id AND u.id = i.user_id AND u.status = 'active'
        AND u.archived_at IS NULL
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.follow_up_on <= p_day + 14
      AND i.followed_up_on IS NULL AND i.archived_at IS NULL
      AND coalesce(u.id, partnership_lead(i.partnership_id), p.owner_id) = p_user;
END;

-- What was paused until a day that has come goes on or ends: of whoever leads it, a week ahead.
CREATE OR REPLACE FUNCTION my_pause(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.id, p.name, p.paused_until, p.id
    FROM led_partnerships(p_user, p_day) p
    WHERE p.status = 'paused' AND p.paused_until <= p_day + 7;
END;

-- Reviews, by the name of what they are of.
CREATE OR REPLACE FUNCTION reviews_titled()
RETURNS TABLE (id uuid, title text, due_on date, partnership_id uuid, user_id uuid, status text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id, coalesce(p.name, g.name), r.due_on, p.id, r.user_id, r.status
    FROM partnership_review r
    LEFT JOIN partnership p ON p.district_id = r.district_id AND p.id = r.partnership_id
    LEFT JOIN program g ON g.district_id = r.district_id AND g.id = r.program_id
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.archived_at IS NULL;
END;
REVOKE EXECUTE ON FUNCTION reviews_titled FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reviews_titled TO kith_api;

-- Two months ahead: of whoever drafts it, else of whoever leads the partnership, or cares for the program's partner.
CREATE OR REPLACE FUNCTION my_partnership_review(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id, r.title, r.due_on, r.partnership_id
    FROM reviews_titled() r
    WHERE r.status IN ('due', 'drafting') AND r.due_on <= p_day + 60
      AND (r.user_id = p_user
           OR r.user_id IS NULL AND (
               r.partnership_id IN (SELECT l.id FROM led_partnerships(p_user, p_day) l)
               OR r.partnership_id IS NULL AND r.id IN (
                   SELECT v.id FROM partner o
                   JOIN program g ON g.district_id = o.district_id AND g.partner_id = o.id
                   JOIN partnership_review v ON v.district_id = g.district_id AND v.program_id = g.id
                   WHERE o.district_id = current_setting('kith.district')::uuid AND o.owner_id = p_user)));
END;

CREATE OR REPLACE FUNCTION my_review_approval(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id, r.title, r.due_on, r.partnership_id
    FROM reviews_titled() r
    WHERE r.status = 'decided' AND user_has_role(p_user, '{executive}', p_day);
END;

-- What was pledged until a day that is over: delivered, or not to come.
CREATE OR REPLACE FUNCTION my_investment_delivery(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.id, left(coalesce(nullif(split_part(i.purpose, E'\n', 1), ''), l.name), 200), i.until_date, l.id
    FROM led_partnerships(p_user, p_day) l
    JOIN investment i ON i.district_id = l.district_id AND i.partnership_id = l.id AND i.status = 'pledged'
        AND i.until_date < p_day AND i.archived_at IS NULL
    WHERE l.status IN ('active', 'renewing', 'paused');
END;
REVOKE EXECUTE ON FUNCTION my_investment_delivery FROM PUBLIC;
GRANT EXECUTE ON FUNCTION my_investment_delivery TO kith_api;

-- What a funder wants to know within a month, of whoever sees to the award.
CREATE OR REPLACE FUNCTION my_funding_report(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.id, concat_ws(', ', a.title, f.name), f.report_due_on, NULL::uuid
    FROM funding_application a
    JOIN funding_period f ON f.district_id = a.district_id AND f.funding_application_id = a.id
        AND f.report_due_on <= p_day + 30 AND f.reported_on IS NULL AND f.archived_at IS NULL
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.owner_id = p_user AND a.status = 'awarded'
      AND a.archived_at IS NULL;
END;

-- Of whoever supervises the post, else of whoever leads the partnership.
CREATE OR REPLACE FUNCTION my_placement_clearance(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, t.title, t.due_on, t.partnership_id
    FROM placements_unclear(p_day) t
    WHERE t.supervisor_id = p_user
       OR t.supervisor_id IS NULL AND t.partnership_id IN (SELECT l.id FROM led_partnerships(p_user, p_day) l);
END;

CREATE OR REPLACE FUNCTION my_portfolio_decision(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.id, d.decision, d.due_on, d.partnership_id
    FROM portfolio_decision d
    WHERE d.district_id = current_setting('kith.district')::uuid AND d.owner_id = p_user
      AND d.status = 'open' AND d.archived_at IS NULL;
END;

-- The school's while it is open, a month ahead: of who answers for partnerships there, else of its principal, else of
-- those who lead it by a grant. What is late is of whoever runs the program, too, as is what was submitted.
CREATE OR REPLACE FUNCTION my_roll_call(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id, s.name, r.due_on, NULL::uuid
    FROM roll_call r
    JOIN site s ON s.district_id = r.district_id AND s.id = r.site_id
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.archived_at IS NULL
      AND CASE r.status
          WHEN 'open' THEN r.due_on <= p_day + 30
              AND EXISTS ( -- who has nothing to do with the site is not asked about for long
                  SELECT FROM post_holder h
                  JOIN post p ON p.district_id = h.district_id AND p.id = h.post_id
                  WHERE h.district_id = r.district_id AND h.user_id = p_user AND h.archived_at IS NULL
                    AND (p.site_id = r.site_id OR p.network_id = s.network_id
                         OR EXISTS (SELECT FROM post b WHERE b.district_id = r.district_id
                                    AND b.site_id = r.site_id AND b.reports_to_id = p.id)))
              AND coalesce(site_answers(r.site_id, 'partnership_lead', p_day),
                           site_answers(r.site_id, 'principal', p_day)) = p_user
              OR r.due_on <= p_day + 30
              AND EXISTS (
                  SELECT FROM user_grant g
                  WHERE g.district_id = r.district_id AND g.user_id = p_user AND g.role = 'school_leader'
                    AND g.scope_kind = 'site' AND g.scope_id = r.site_id AND g.archived_at IS NULL
                    AND p_day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'))
              AND coalesce(site_answers(r.site_id, 'partnership_lead', p_day),
                           site_answers(r.site_id, 'principal', p_day)) IS NULL
              OR r.due_on < p_day AND user_has_role(p_user, '{director}', p_day)
          WHEN 'submitted' THEN user_has_role(p_user, '{director}', p_day) END;
END;

DO $$
DECLARE
    made text;
BEGIN
    FOREACH made IN ARRAY '{ask,ask_answer,ask_unreached,call_to_action,champion_milestone,champion_step,complaint,offer_expiry,partner_owner,
        funding_application,funding_report,inquiry,need_review,interaction_follow_up,
        partnership_review,pause,placement_clearance,pledge,review_approval,
        portfolio_decision,roll_call}'::text[] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %I FROM PUBLIC', 'my_' || made);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO kith_api', 'my_' || made);
    END LOOP;
END
$$;

RESET ROLE;
