-- What waits for a person of agreements: to be reviewed, decided and signed, to be given notice of, and data that is
-- to be destroyed; and credentials that somebody has to look at.

SET ROLE kith_owner;

-- Whether anybody has a role on a day: in a small district the directors do what nobody else does.
CREATE OR REPLACE FUNCTION role_is_held(p_role text, p_day date) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM user_grant g
    JOIN app_user u ON u.district_id = g.district_id AND u.id = g.user_id AND u.status = 'active'
        AND u.archived_at IS NULL
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.role = p_role AND g.archived_at IS NULL
      AND p_day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'));

-- Whether a user is who has the role; where nobody has it, who runs the program.
CREATE OR REPLACE FUNCTION user_stands_for(p_user uuid, p_role text, p_day date) RETURNS boolean
LANGUAGE sql STABLE
RETURN user_has_role(p_user, ARRAY[p_role], p_day)
    OR user_has_role(p_user, '{director}', p_day) AND NOT role_is_held(p_role, p_day);

-- Whether an agreement is a user's to see to: who leads one of its partnerships for the district; where nobody does,
-- who runs the program. And of which partnership.
CREATE OR REPLACE FUNCTION agreement_falls_to(p_agreement uuid, p_user uuid, p_day date)
RETURNS TABLE (falls boolean, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(bool_or(r.user_id = p_user), user_has_role(p_user, '{director}', p_day)),
           (array_agg(l.partnership_id ORDER BY l.partnership_id) FILTER (WHERE r.user_id = p_user))[1]
    FROM agreement_partnership l
    JOIN partnership p ON p.district_id = l.district_id AND p.id = l.partnership_id AND p.archived_at IS NULL
    JOIN partnership_role r ON r.district_id = l.district_id AND r.partnership_id = l.partnership_id
        AND r.role = 'lead' AND r.archived_at IS NULL
        AND p_day BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity')
    JOIN app_user u ON u.district_id = r.district_id AND u.id = r.user_id AND u.status = 'active'
        AND u.archived_at IS NULL
    WHERE l.district_id = current_setting('kith.district')::uuid AND l.agreement_id = p_agreement
      AND l.archived_at IS NULL;
END;

-- Steps of a review wait for who is named in them, and, where nobody is who is still there, for reviewers, the
-- superintendent's for executives.
CREATE OR REPLACE FUNCTION my_agreement_step(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, a.title, coalesce(s.due_on, a.board_on), NULL::uuid
    FROM agreement_step s
    JOIN agreement a ON a.district_id = s.district_id AND a.id = s.agreement_id AND a.archived_at IS NULL
        AND a.status IN ('review', 'board_approval')
    LEFT JOIN app_user u ON u.district_id = s.district_id AND u.id = s.user_id AND u.status = 'active'
        AND u.archived_at IS NULL
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.status = 'pending'
      AND s.archived_at IS NULL
      AND CASE WHEN u.id IS NOT NULL THEN u.id = p_user
               WHEN s.user_id IS NOT NULL THEN user_has_role(p_user, '{director}', p_day)
               ELSE user_stands_for(p_user, CASE s.kind WHEN 'superintendent' THEN 'executive' ELSE 'reviewer' END,
                                    p_day) END;
END;

-- Whether a step of its review is still to be decided.
CREATE OR REPLACE FUNCTION agreement_is_stepping(a agreement) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM agreement_step s
    WHERE s.district_id = a.district_id AND s.agreement_id = a.id AND s.status = 'pending'
      AND s.archived_at IS NULL);

-- Once no step is open, it goes out for signature, to the board, or back.
CREATE OR REPLACE FUNCTION my_agreement_review(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, a.title, a.effective_on, NULL::uuid
    FROM agreement a
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.status = 'review'
      AND a.archived_at IS NULL AND user_has_role(p_user, '{director,reviewer}', p_day)
      AND NOT agreement_is_stepping(a);
END;

-- What the board decides waits for executives; before its meeting is known, and once it is over, for who runs the
-- program, too.
CREATE OR REPLACE FUNCTION my_board_decision(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, a.title, a.board_on, NULL::uuid
    FROM agreement a
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.status = 'board_approval'
      AND a.archived_at IS NULL AND NOT agreement_is_stepping(a)
      AND (user_stands_for(p_user, 'executive', p_day)
           OR (coalesce(a.board_on, '-infinity') <= p_day OR coalesce(a.board_item, '') !~ '\S')
              AND user_has_role(p_user, '{director}', p_day));
END;

-- What the district has yet to sign waits for whom its limits name; without limits, for who leads its partnerships.
-- A principal's is of the site that leads one of them.
CREATE OR REPLACE FUNCTION my_agreement_signature(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, a.title, a.effective_on, f.partnership_id
    FROM agreement a
    CROSS JOIN LATERAL (SELECT agreement_signer(a) AS signer) AS s
    CROSS JOIN LATERAL agreement_falls_to(a.id, p_user, p_day) f
    LEFT JOIN LATERAL (
        SELECT site_answers(p.lead_site_id, 'principal', p_day) AS user_id
        FROM agreement_partnership l
        JOIN partnership p ON p.district_id = l.district_id AND p.id = l.partnership_id
        WHERE s.signer IN ('principal', 'department_head') AND l.district_id = a.district_id
          AND l.agreement_id = a.id AND l.archived_at IS NULL AND p.lead_site_id IS NOT NULL
        ORDER BY l.created_at, l.id LIMIT 1) AS head ON true
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.status = 'out_for_signature'
      AND a.archived_at IS NULL AND a.district_signed_on IS NULL
      AND CASE WHEN s.signer IS NULL THEN f.falls
               WHEN s.signer = 'superintendent' THEN user_stands_for(p_user, 'executive', p_day)
               WHEN head.user_id IS NOT NULL THEN head.user_id = p_user
               ELSE user_has_role(p_user, '{director}', p_day) END;
END;

-- The last day on which notice can be given, two months ahead; nobody has said yet whether it is. After it, what
-- renews itself does.
CREATE OR REPLACE FUNCTION my_agreement_notice(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, a.title, agreement_notice_by(a), f.partnership_id
    FROM agreement a
    CROSS JOIN LATERAL agreement_falls_to(a.id, p_user, p_day) f
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.status = 'in_force'
      AND a.archived_at IS NULL AND a.expires_on >= p_day AND a.notice_days > 0
      AND agreement_notice_by(a) BETWEEN p_day AND p_day + 60
      AND a.notice_for IS DISTINCT FROM a.expires_on AND f.falls;
END;

-- A month ahead, and until somebody records that the partner has destroyed or returned the data.
CREATE OR REPLACE FUNCTION my_data_disposal(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.id, a.title, a.data_destroy_by, f.partnership_id
    FROM agreement a
    CROSS JOIN LATERAL agreement_falls_to(a.id, p_user, p_day) f
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.data_destroy_by IS NOT NULL
      AND a.data_disposed_on IS NULL AND a.data_destroy_by <= p_day + 30 AND a.data_flows
      AND a.status IN ('in_force', 'expired', 'superseded', 'terminated') AND a.archived_at IS NULL AND f.falls;
END;

-- What a partner has shown, and nobody has looked at.
CREATE OR REPLACE FUNCTION my_credential_review(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name || coalesce(': ' || c.label, ''), NULL::date, NULL::uuid
    FROM credential c
    JOIN partner p ON p.district_id = c.district_id AND p.id = c.partner_id AND p.archived_at IS NULL
        AND p.stage NOT IN ('declined', 'barred')
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.status = 'submitted'
      AND c.archived_at IS NULL AND coalesce(c.expires_on, 'infinity') >= p_day
      AND user_has_role(p_user, '{director,reviewer}', p_day);
END;

DO $$
DECLARE
    made text;
BEGIN
    FOREACH made IN ARRAY '{role_is_held,user_stands_for,agreement_falls_to,agreement_is_stepping,my_agreement_step,
        my_agreement_review,my_board_decision,my_agreement_signature,my_agreement_notice,my_data_disposal,
        my_credential_review}'::text[] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %I FROM PUBLIC', made);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO kith_api', made);
    END LOOP;
END
$$;

RESET ROLE;
