-- Plans for sites and families, what the other side says of an investment, the balance of both sides, and
-- agreements that are renewed together.

SET ROLE kith_owner;

-- ---- Plans ---------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION site_plan_move(p_id uuid, p_version bigint, p_action text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('site_plan', p_id, p_version);
    UPDATE site_plan t SET status = transition('site_plan', p_action, t.status),
        agreed_on = CASE p_action WHEN 'agree' THEN district_today() WHEN 'revise' THEN NULL ELSE t.agreed_on END
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION site_plan_agree(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN site_plan_move(p_id, p_version, 'agree');
CREATE OR REPLACE FUNCTION site_plan_revise(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN site_plan_move(p_id, p_version, 'revise');
CREATE OR REPLACE FUNCTION site_plan_close(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN site_plan_move(p_id, p_version, 'close');

-- What the plan tells of them, as the indicator counts it: family_plan_runs() of 39_partnership_work.sql.
CREATE OR REPLACE FUNCTION family_plan_told(p family_plan)
RETURNS TABLE (partnerships bigint, integrated bigint, rate numeric)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT count(*), count(*) FILTER (WHERE r.takes_part), round(avg(r.takes_part::integer), 4)
    FROM family_plan_runs(p) AS r;
END;
DROP FUNCTION IF EXISTS family_plan_rate(family_plan);
DROP FUNCTION IF EXISTS family_plan_count(family_plan, boolean);

DROP FUNCTION IF EXISTS family_event_families(family_event);

-- ---- Investments ---------------------------------------------------------------------------------

-- What it is worth: as entered, or the hours by the rate that was entered with them.
CREATE OR REPLACE FUNCTION investment_cents(i investment) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN coalesce(i.amount_cents, round(i.hours * i.rate_cents));

-- The other side says whether it is so: of the partner's the district's user, of the district's a lead of the
-- partner's side, who told the user.
CREATE OR REPLACE FUNCTION investment_judge(
    p_id uuid, p_version bigint, p_answer text, p_reason text, p_on_behalf_of uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    i investment;
BEGIN
    PERFORM lock_row('investment', p_id, p_version);
    SELECT t.* INTO i FROM investment t WHERE t.id = p_id;
    IF (i.side = 'partner') <> (p_on_behalf_of IS NULL) THEN
        PERFORM refuse_field('on_behalf_of', CASE i.side
            WHEN 'partner' THEN '"on_behalf_of" must be null: it is the partner''s own entry.'
            ELSE '"on_behalf_of" must be who leads it on the partner''s side.' END);
    END IF;
    PERFORM check_behalf(p_on_behalf_of, ARRAY[i.partnership_id]);
    UPDATE investment t SET confirmed = p_answer, dispute_reason = p_reason,
        confirmed_at = current_setting('kith.now')::timestamptz,
        confirmed_by = current_setting('kith.user')::uuid, confirmed_contact_id = p_on_behalf_of
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION investment_confirm(p_id uuid, p_version bigint, p_on_behalf_of uuid) RETURNS void
LANGUAGE sql RETURN investment_judge(p_id, p_version, 'confirmed', NULL, p_on_behalf_of);
CREATE OR REPLACE FUNCTION investment_dispute(
    p_id uuid, p_version bigint, p_reason text, p_on_behalf_of uuid) RETURNS void
LANGUAGE sql RETURN investment_judge(p_id, p_version, 'disputed', p_reason, p_on_behalf_of);

-- What was confirmed was the entry as it stood.
CREATE OR REPLACE FUNCTION investment_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.confirmed := NULL;
    NEW.dispute_reason := NULL;
    NEW.confirmed_at := NULL;
    NEW.confirmed_by := NULL;
    NEW.confirmed_contact_id := NULL;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER investment_changed BEFORE UPDATE ON investment
    FOR EACH ROW WHEN (OLD.confirmed IS NOT NULL AND
        (NEW.side, NEW.partner_id, NEW.kind, NEW.amount_cents, NEW.hours, NEW.rate_cents, NEW.from_date, NEW.until_date)
        IS DISTINCT FROM
        (OLD.side, OLD.partner_id, OLD.kind, OLD.amount_cents, OLD.hours, OLD.rate_cents, OLD.from_date, OLD.until_date))
    EXECUTE FUNCTION investment_changed();

-- Beside the partnership's own partner, only who works in it gives to it.
CREATE OR REPLACE FUNCTION investment_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM partner o WHERE o.district_id = NEW.district_id AND o.id = NEW.partner_id) AND NOT EXISTS (
        SELECT FROM partnership p WHERE p.id = NEW.partnership_id AND p.partner_id = NEW.partner_id
        UNION ALL
        SELECT FROM partnership_partner c
        WHERE c.partnership_id = NEW.partnership_id AND c.partner_id = NEW.partner_id AND c.archived_at IS NULL)
    THEN
        PERFORM refuse_field('partner_id', '"partner_id" is no partner of the partnership.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER investment_check BEFORE INSERT OR UPDATE OF partnership_id, partner_id ON investment
    FOR EACH ROW EXECUTE FUNCTION investment_check();

DROP FUNCTION IF EXISTS partnership_evidence(uuid, integer);
-- What both sides gave in a year, each entry by its days in it: delivered, and what is only pledged, or agreed for months
-- to come; apart from them what comes from outside, and what is disputed. No row: no such scope.
CREATE OR REPLACE FUNCTION investments_balanced(p_kind text, p_id uuid, p_first date, p_last date)
RETURNS TABLE (partner_cents bigint, district_cents bigint, partner_pledged_cents bigint,
               district_pledged_cents bigint, outside_cents bigint, disputed_cents bigint, entries bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH entry AS (
        SELECT investment_counts_as(i) AS whose, round(d.cents) AS cents,
               CASE i.status WHEN 'delivered'
                    THEN round(span_share(investment_cents(i), i.from_date, i.until_date, p_first, d.given_until))
                    ELSE 0 END AS given
        FROM investment i
        CROSS JOIN LATERAL (
            SELECT span_share(investment_cents(i), i.from_date, i.until_date, p_first, p_last) AS cents,
                   least(p_last, (SELECT given_until())) AS given_until) AS d
        JOIN partnership p ON p.district_id = i.district_id AND p.id = i.partnership_id
        LEFT JOIN site s ON s.district_id = i.district_id AND s.id = coalesce(i.site_id, p.lead_site_id)
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.from_date <= p_last
          AND i.until_date >= p_first AND i.archived_at IS NULL AND i.status IN ('pledged', 'delivered')
          AND CASE p_kind WHEN 'district' THEN true
                          WHEN 'partnership' THEN p.id = p_id
                          WHEN 'partner' THEN coalesce(i.partner_id, p.partner_id) = p_id
                          WHEN 'site' THEN s.id = p_id
                          WHEN 'network' THEN s.network_id = p_id
                          WHEN 'program' THEN p.program_id = p_id
                          WHEN 'focus_area' THEN p.id IN (
                              SELECT g.partnership_id FROM partnership_groups() AS g WHERE g.focus_area_id = p_id)
                          ELSE coalesce(i.partner_id, p.partner_id) IN (
                              SELECT r.id FROM partner r WHERE r.kind = scope_partner_kind(p_kind, p_id)) END
    )
    SELECT coalesce(sum(e.given) FILTER (WHERE e.whose = 'partner'), 0)::bigint,
           coalesce(sum(e.given) FILTER (WHERE e.whose = 'district'), 0)::bigint,
           coalesce(sum(e.cents - e.given) FILTER (WHERE e.whose = 'partner'), 0)::bigint,
           coalesce(sum(e.cents - e.given) FILTER (WHERE e.whose = 'district'), 0)::bigint,
           coalesce(sum(e.cents) FILTER (WHERE e.whose = 'outside'), 0)::bigint,
           coalesce(sum(e.cents) FILTER (WHERE e.whose = 'disputed'), 0)::bigint,
           count(*)
    FROM entry e
    HAVING p_kind = 'district' OR scope_name(p_kind, p_id) IS NOT NULL;
END;

-- ---- Renewal campaigns ---------------------------------------------------------------------------

-- Those in force that end in its span, and that it has not yet.
CREATE OR REPLACE FUNCTION renewal_campaign_select(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('renewal_campaign', p_id, p_version);
    INSERT INTO renewal (district_id, id, renewal_campaign_id, agreement_id)
    SELECT c.district_id, uuid7(), c.id, a.id
    FROM renewal_campaign c
    JOIN agreement a ON a.district_id = c.district_id AND a.status = 'in_force' AND a.archived_at IS NULL
        AND a.expires_on BETWEEN c.expires_from AND c.expires_until AND a.kind = coalesce(c.kind, a.kind)
    WHERE c.id = p_id AND NOT EXISTS (
        SELECT FROM renewal r
        WHERE r.renewal_campaign_id = c.id AND r.agreement_id = a.id AND r.archived_at IS NULL)
    ORDER BY a.expires_on, a.id;
    PERFORM renewal_reviews_make(p_id); -- of 94_review.sql
END
$$;

-- Whether one is behind its time: undecided or not drafted a month before the board meets or, without a meeting,
-- the agreement ends; not through its review when the board has met; not signed when the agreement has ended.
CREATE OR REPLACE FUNCTION renewal_lateness(r renewal) RETURNS TABLE (is_late boolean)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT CASE
        WHEN r.decision = 'let_expire' THEN false
        WHEN r.decision IS NULL OR n.id IS NULL THEN d.today > least(c.board_on, a.expires_on) - 30
        WHEN n.status IN ('draft', 'review', 'returned') THEN d.today > least(c.board_on, a.expires_on)
        WHEN n.status IN ('board_approval', 'out_for_signature') THEN d.today > a.expires_on
        ELSE n.status IN ('rejected', 'withdrawn') END
    FROM agreement a
    CROSS JOIN (SELECT district_today() AS today OFFSET 0) AS d
    JOIN renewal_campaign c ON c.district_id = r.district_id AND c.id = r.renewal_campaign_id
    LEFT JOIN agreement n ON n.district_id = r.district_id AND n.id = r.successor_id
    WHERE a.district_id = r.district_id AND a.id = r.agreement_id;
END;

-- How far a campaign is: each agreement in one place, with what is to be signed by the status of the next one.
CREATE OR REPLACE FUNCTION renewal_board(p_district uuid, p_campaign uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'selected', count(*),
        'undecided', count(*) FILTER (WHERE r.decision IS NULL),
        'let_expire', count(*) FILTER (WHERE r.decision = 'let_expire'),
        'late', count(*) FILTER (WHERE l.is_late),
        'to_draft', count(*) FILTER (WHERE r.decision <> 'let_expire' AND r.successor_id IS NULL),
        'next', coalesce((
            SELECT jsonb_object_agg(s.status, s.many)
            FROM (SELECT a.status, count(*) AS many
                  FROM renewal n
                  JOIN agreement a ON a.district_id = n.district_id AND a.id = n.successor_id
                  WHERE n.district_id = p_district AND n.renewal_campaign_id = p_campaign
                    AND n.archived_at IS NULL
                  GROUP BY a.status) s), '{}'))
    FROM renewal r CROSS JOIN LATERAL renewal_lateness(r) AS l
    WHERE r.district_id = p_district AND r.renewal_campaign_id = p_campaign AND r.archived_at IS NULL);

-- What the last review of a partnership that it covers has decided.
DROP FUNCTION IF EXISTS renewal_suggestion(renewal);
CREATE OR REPLACE FUNCTION renewal_suggested(r renewal) RETURNS TABLE (decision text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT v.decision FROM agreement_partnership l
    JOIN partnership_review v ON v.district_id = l.district_id AND v.partnership_id = l.partnership_id
        AND v.decision IS NOT NULL AND v.archived_at IS NULL
    WHERE l.district_id = r.district_id AND l.agreement_id = r.agreement_id AND l.archived_at IS NULL
    ORDER BY v.decided_at DESC, v.id LIMIT 1;
END;

CREATE OR REPLACE FUNCTION renewal_decide(p_id uuid, p_version bigint, p_decision text, p_comment text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('renewal', p_id, p_version);
    UPDATE renewal t SET decision = p_decision, comment = p_comment, partnership_review_id = NULL WHERE t.id = p_id;
END
$$;

-- What is undecided is decided as the last reviews of all its partnerships were approved: with one that adjusts it
-- is negotiated anew, without any that goes on it is let expire. Where one is not reviewed, people decide.
CREATE OR REPLACE FUNCTION renewal_campaign_follow_reviews(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('renewal_campaign', p_id, p_version);
    UPDATE renewal t SET decision = v.decision, partnership_review_id = v.review_id
    FROM (SELECT r.id, (array_agg(x.id ORDER BY x.decision = 'adjust' DESC, x.decision = 'exit', x.decided_at DESC))[1]
                           AS review_id,
                 CASE WHEN bool_or(x.decision = 'adjust') THEN 'renegotiate'
                      WHEN bool_and(x.decision = 'exit') THEN 'let_expire' ELSE 'renew' END AS decision
          FROM renewal r
          JOIN agreement_partnership l ON l.district_id = r.district_id AND l.agreement_id = r.agreement_id
              AND l.archived_at IS NULL
          LEFT JOIN LATERAL (
              SELECT v.id, v.decision, v.decided_at FROM partnership_review v
              WHERE v.district_id = l.district_id AND v.partnership_id = l.partnership_id AND v.status = 'approved'
                AND v.archived_at IS NULL
              ORDER BY v.decided_at DESC, v.id LIMIT 1) AS x ON true
          WHERE r.renewal_campaign_id = p_id AND r.decision IS NULL AND r.archived_at IS NULL
          GROUP BY r.id
          HAVING bool_and(x.id IS NOT NULL)) AS v
    WHERE t.id = v.id;
END
$$;

-- What an agreement brings along into the next: its checklist to be gone through again, but for what did not apply;
-- its steps with their reviewers, each so many days later; its partnerships; its files, but for what was signed.
CREATE OR REPLACE FUNCTION renewal_carry(p_from uuid, p_to uuid, p_days integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    file record;
    document uuid := (SELECT a.attachment_id FROM agreement a WHERE a.id = p_from);
BEGIN
    INSERT INTO agreement_item (district_id, id, agreement_id, code, name, "position", is_required, status, note)
    SELECT i.district_id, uuid7(), p_to, i.code, i.name, i."position", i.is_required,
           CASE i.status WHEN 'not_applicable' THEN i.status ELSE 'not_yet' END, i.note
    FROM agreement_item i WHERE i.agreement_id = p_from AND i.archived_at IS NULL
    ORDER BY i."position", i.id;
    INSERT INTO agreement_step (district_id, id, agreement_id, kind, user_id, due_on)
    SELECT s.district_id, uuid7(), p_to, s.kind,
           CASE WHEN user_has_role_somewhere(s.user_id, '{admin,director,executive,reviewer}', district_today())
                THEN s.user_id END, s.due_on + p_days
    FROM agreement_step s WHERE s.agreement_id = p_from AND s.archived_at IS NULL
    ORDER BY s.created_at, s.id;
    INSERT INTO agreement_partnership (district_id, id, agreement_id, partnership_id)
    SELECT l.district_id, uuid7(), p_to, l.partnership_id
    FROM agreement_partnership l WHERE l.agreement_id = p_from AND l.archived_at IS NULL;
    FOR file IN
        SELECT f.*, uuid7() AS copy_id FROM attachment f
        WHERE f.subject_kind = 'agreement' AND f.subject_id = p_from AND f.archived_at IS NULL
          AND NOT EXISTS (SELECT FROM agreement_signature s
                          WHERE s.district_id = f.district_id AND s.attachment_id = f.id)
        ORDER BY f.created_at, f.id
    LOOP
        INSERT INTO attachment (district_id, id, name, media_type, bytes, sha256, subject_kind, subject_id,
                                description, uploaded_by)
        VALUES (file.district_id, file.copy_id, file.name, file.media_type, file.bytes, file.sha256, 'agreement', p_to,
                file.description, current_setting('kith.user')::uuid);
        INSERT INTO attachment_piece (district_id, attachment_id, number, bytes)
        SELECT p.district_id, file.copy_id, p.number, p.bytes
        FROM attachment_piece p WHERE p.district_id = file.district_id AND p.attachment_id = file.id;
        UPDATE agreement a SET attachment_id = file.copy_id WHERE a.id = p_to AND file.id = document;
    END LOOP;
END
$$;

-- The next version: the same text and dates a term later, at the campaign's board meeting, with what it brings
-- along.
CREATE OR REPLACE FUNCTION renewal_prefill(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r renewal;
    made uuid := uuid7();
BEGIN
    PERFORM lock_row('renewal', p_id, p_version);
    SELECT t.* INTO r FROM renewal t WHERE t.id = p_id;
    IF coalesce(r.decision, '') NOT IN ('renew', 'renegotiate') THEN
        PERFORM refuse_state('It is not decided that there is a next one.',
                             jsonb_build_object('decision', r.decision));
    ELSIF r.successor_id IS NOT NULL THEN
        PERFORM refuse_state('The next one is drafted.', jsonb_build_object('successor_id', r.successor_id));
    END IF;
    INSERT INTO agreement (district_id, id, kind, title, effective_on, expires_on, notice_days, amount_cents, auto_renew,
                           board_on, text, document_url, data_flows, data_basis, named_in_notice, under_direct_control,
                           data_purpose, data_destroy_by, supersedes_id)
    SELECT a.district_id, made, a.kind, left(a.title, 180) || ', from ' || (a.expires_on + 1), a.expires_on + 1,
           (a.expires_on + (age(a.expires_on + 1, a.effective_on)))::date, a.notice_days, a.amount_cents, a.auto_renew,
           c.board_on, a.text, a.document_url, a.data_flows, a.data_basis, a.named_in_notice, a.under_direct_control,
           a.data_purpose,
           CASE WHEN a.data_basis IN ('study', 'audit_or_evaluation') THEN a.data_destroy_by END, a.id
    FROM agreement a JOIN renewal_campaign c ON c.id = r.renewal_campaign_id
    WHERE a.id = r.agreement_id;
    PERFORM renewal_carry(r.agreement_id, made, (
        SELECT n.effective_on - a.effective_on FROM agreement a, agreement n
        WHERE a.id = r.agreement_id AND n.id = made));
    UPDATE renewal t SET successor_id = made WHERE t.id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION site_plan_move, site_plan_agree, site_plan_revise, site_plan_close,
    family_plan_told, investment_cents, investment_judge,
    investment_confirm, investment_dispute, investment_changed, investment_check, investments_balanced,
    renewal_campaign_select, renewal_campaign_follow_reviews, renewal_lateness, renewal_carry,
    renewal_board, renewal_suggested, renewal_decide, renewal_prefill FROM PUBLIC;
GRANT EXECUTE ON FUNCTION site_plan_move, site_plan_agree, site_plan_revise, site_plan_close,
    family_plan_told, investment_cents, investment_judge,
    investment_confirm, investment_dispute, investments_balanced, renewal_campaign_select,
    renewal_campaign_follow_reviews, renewal_lateness, renewal_carry, renewal_suggested,
    renewal_board, renewal_decide, renewal_prefill TO kith_api;


RESET ROLE;
