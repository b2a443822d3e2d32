-- Plans for sites and families, what the other side says of an investment, the balance of both sides, reviews,
-- and agreements that are renewed together.

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

-- The partnerships of a plan's site and year: of a year that is over those that ran there in it, whatever became of
-- them, else those that run there today (or, of a year to come, on its first day); and of them those whose part is
-- to plan with the families or to deliver.
CREATE OR REPLACE FUNCTION family_plan_count(p family_plan, p_integrated boolean) RETURNS bigint
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT count(*)
    FROM (SELECT make_date(p.school_year::integer - 1, 7, 1) AS first_day,
                 make_date(p.school_year::integer, 6, 30) AS last_day, district_today() AS today OFFSET 0) AS y
    CROSS JOIN LATERAL (
        SELECT y.last_day < y.today AS is_over,
               CASE WHEN y.last_day < y.today THEN y.first_day ELSE greatest(y.first_day, y.today) END AS from_day,
               greatest(y.first_day, least(y.last_day, y.today)) AS until_day) AS d
    JOIN partnership t ON t.district_id = p.district_id AND t.archived_at IS NULL
    WHERE (t.status IN ('active', 'renewing', 'paused')
           OR d.is_over AND t.status = 'ended' AND t.activated_at IS NOT NULL)
      AND (NOT d.is_over
           OR coalesce(t.starts_on, (coalesce(t.activated_at, t.created_at) AT TIME ZONE 'UTC')::date) <= d.until_day)
      AND (t.status <> 'ended'
           OR coalesce(t.ends_on, (t.updated_at AT TIME ZONE 'UTC')::date) >= d.from_day)
      AND (t.lead_site_id = p.site_id OR EXISTS (
          SELECT FROM partnership_site s
          WHERE s.district_id = p.district_id AND s.partnership_id = t.id AND s.site_id = p.site_id
            AND s.archived_at IS NULL AND coalesce(s.from_date, '-infinity') <= d.until_day
            AND coalesce(s.until_date, 'infinity') >= d.from_day))
      AND (NOT p_integrated OR EXISTS (
          SELECT FROM family_part f
          WHERE f.district_id = p.district_id AND f.family_plan_id = p.id AND f.partnership_id = t.id
            AND f.archived_at IS NULL AND f.part IN ('co_plans', 'delivers')));
END;

CREATE OR REPLACE FUNCTION family_plan_rate(p family_plan) RETURNS numeric
LANGUAGE sql STABLE
RETURN round(family_plan_count(p, true) / nullif(family_plan_count(p, false), 0)::numeric, 4);

CREATE OR REPLACE FUNCTION family_event_families(e family_event) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT e.families_reached FROM district d
        WHERE d.id = e.district_id AND e.families_reached >= d.small_cell);

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
        (NEW.side, NEW.kind, NEW.amount_cents, NEW.hours, NEW.rate_cents, NEW.from_date, NEW.until_date)
        IS DISTINCT FROM
        (OLD.side, OLD.kind, OLD.amount_cents, OLD.hours, OLD.rate_cents, OLD.from_date, OLD.until_date))
    EXECUTE FUNCTION investment_changed();

-- What both sides gave in a school year, July to June, each entry by its days in it: delivered, and what is only
-- pledged. Outside grants count for neither side unless somebody assigned them. No row: no such scope.
CREATE OR REPLACE FUNCTION investment_balance(p_kind text, p_id uuid, p_year integer)
RETURNS TABLE (partner_cents bigint, district_cents bigint, partner_pledged_cents bigint,
               district_pledged_cents bigint, outside_cents bigint, entries bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH year AS (
        SELECT make_date(p_year - 1, 7, 1) AS starts_on, make_date(p_year, 6, 30) AS ends_on
    ), entry AS (
        SELECT i.side, i.status, i.kind = 'grant' AND NOT i.is_assigned AS is_outside,
               round(investment_cents(i)
                     * (least(i.until_date, y.ends_on) - greatest(i.from_date, y.starts_on) + 1)::numeric
                     / (i.until_date - i.from_date + 1)) AS cents
        FROM year y
        JOIN investment i ON i.from_date <= y.ends_on AND i.until_date >= y.starts_on
            AND i.archived_at IS NULL AND i.status IN ('pledged', 'delivered')
            AND i.district_id = current_setting('kith.district')::uuid
        JOIN partnership p ON p.district_id = i.district_id AND p.id = i.partnership_id
        LEFT JOIN site s ON s.district_id = i.district_id AND s.id = coalesce(i.site_id, p.lead_site_id)
        WHERE CASE p_kind WHEN 'district' THEN true
                          WHEN 'partnership' THEN p.id = p_id
                          WHEN 'partner' THEN p.partner_id = p_id
                          WHEN 'site' THEN s.id = p_id
                          ELSE s.network_id = p_id END
    )
    SELECT coalesce(sum(e.cents) FILTER (WHERE NOT e.is_outside AND e.side = 'partner' AND e.status = 'delivered'), 0)::bigint,
           coalesce(sum(e.cents) FILTER (WHERE NOT e.is_outside AND e.side = 'district' AND e.status = 'delivered'), 0)::bigint,
           coalesce(sum(e.cents) FILTER (WHERE NOT e.is_outside AND e.side = 'partner' AND e.status = 'pledged'), 0)::bigint,
           coalesce(sum(e.cents) FILTER (WHERE NOT e.is_outside AND e.side = 'district' AND e.status = 'pledged'), 0)::bigint,
           coalesce(sum(e.cents) FILTER (WHERE e.is_outside), 0)::bigint,
           count(*)
    FROM entry e
    HAVING p_kind = 'district' OR CASE p_kind
        WHEN 'partnership' THEN EXISTS (SELECT FROM partnership t WHERE t.id = p_id)
        WHEN 'partner' THEN EXISTS (SELECT FROM partner t WHERE t.id = p_id)
        WHEN 'site' THEN EXISTS (SELECT FROM site t WHERE t.id = p_id)
        ELSE EXISTS (SELECT FROM network t WHERE t.id = p_id) END;
END;

-- ---- Reviews -------------------------------------------------------------------------------------

-- What the system knows of a partnership in a school year.
CREATE OR REPLACE FUNCTION partnership_evidence(p_partnership uuid, p_year integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'goals', coalesce((
            SELECT jsonb_agg(jsonb_build_object('goal_id', g.id, 'statement', g.statement,
                                                'standing', goal_standing(g)) ORDER BY g.due_on, g.id)
            FROM goal g WHERE g.partnership_id = p_partnership AND g.archived_at IS NULL), '[]'),
        'milestones', (
            SELECT jsonb_build_object('open', count(*) FILTER (WHERE m.status = 'open'),
                                      'reached', count(*) FILTER (WHERE m.status = 'reached'))
            FROM milestone m WHERE m.partnership_id = p_partnership AND m.archived_at IS NULL),
        'check_ins', coalesce((
            SELECT jsonb_object_agg(c.status, c.many)
            FROM (SELECT t.status, count(*) AS many FROM check_in t
                  WHERE t.partnership_id = p_partnership AND t.school_year = p_year
                    AND t.archived_at IS NULL GROUP BY t.status) AS c), '{}'),
        'interactions', (
            SELECT count(*) FROM interaction i
            WHERE i.partnership_id = p_partnership AND i.archived_at IS NULL
              AND i.on_date BETWEEN y.starts_on AND y.ends_on),
        'activities', (
            SELECT jsonb_build_object('count', count(*), 'hours', coalesce(sum(a.hours), 0))
            FROM activity a
            WHERE a.partnership_id = p_partnership AND a.archived_at IS NULL
              AND a.on_date BETWEEN y.starts_on AND y.ends_on),
        'changes', (
            SELECT count(*) FROM partnership_change c
            WHERE c.partnership_id = p_partnership AND c.archived_at IS NULL
              AND c.on_date BETWEEN y.starts_on AND y.ends_on),
        'open_actions', (
            SELECT count(*) FROM action_item a
            WHERE a.partnership_id = p_partnership AND a.archived_at IS NULL AND a.status = 'open'),
        'investments', (SELECT to_jsonb(b) FROM investment_balance('partnership', p_partnership, p_year) b),
        'agreement_lapsed_on', (SELECT p.agreement_lapsed_on FROM partnership p WHERE p.id = p_partnership))
    FROM (SELECT make_date(p_year - 1, 7, 1) AS starts_on, make_date(p_year, 6, 30) AS ends_on) AS y;
END;

CREATE OR REPLACE FUNCTION partnership_review_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM partnership_review t
    CROSS JOIN LATERAL (VALUES
        (1, 'quality', t.quality IS NULL),
        (2, 'sustainability', t.sustainability IS NULL),
        (3, 'findings', coalesce(t.findings, '') !~ '\S')) AS m (place, code, is_missing)
    WHERE t.id = p_id AND p_action = 'decide' AND m.is_missing;
END;

CREATE OR REPLACE FUNCTION partnership_review_move(
    p_id uuid, p_version bigint, p_action text, p_decision text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v partnership_review;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    who uuid := current_setting('kith.user')::uuid;
    next_status text;
BEGIN
    PERFORM lock_row('partnership_review', p_id, p_version);
    SELECT t.* INTO v FROM partnership_review t WHERE t.id = p_id;
    next_status := transition('partnership_review', p_action, v.status);
    PERFORM refuse_missing('partnership_review', v.status, partnership_review_missing(p_id, p_action));
    UPDATE partnership_review t SET status = next_status,
        evidence = CASE WHEN p_action IN ('draft', 'decide')
                        THEN partnership_evidence(t.partnership_id, t.school_year::integer) ELSE t.evidence END,
        decision = CASE p_action WHEN 'approve' THEN t.decision ELSE p_decision END,
        decided_by = CASE p_action WHEN 'decide' THEN who WHEN 'approve' THEN t.decided_by END,
        decided_at = CASE p_action WHEN 'decide' THEN business_now WHEN 'approve' THEN t.decided_at END,
        approved_by = CASE p_action WHEN 'approve' THEN who END
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION partnership_review_draft(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'draft', NULL);
CREATE OR REPLACE FUNCTION partnership_review_decide(p_id uuid, p_version bigint, p_decision text) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'decide', p_decision);
CREATE OR REPLACE FUNCTION partnership_review_approve(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'approve', NULL);
CREATE OR REPLACE FUNCTION partnership_review_return(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'return', NULL);

-- What was decided stays as it was rated.
CREATE OR REPLACE FUNCTION keep_review() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('It is decided; return it first.', jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER keep_review BEFORE UPDATE ON partnership_review
    FOR EACH ROW WHEN (
        OLD.status IN ('decided', 'approved') AND NEW.status = OLD.status
        AND (NEW.quality, NEW.sustainability, NEW.findings)
            IS DISTINCT FROM (OLD.quality, OLD.sustainability, OLD.findings))
    EXECUTE FUNCTION keep_review();

-- A review of each partnership that has none of the school year, due with its last day; whoever leads it drafts
-- it. A supporter or a single gift has none. So many at a time: how many.
CREATE OR REPLACE FUNCTION reviews_make(y school_year) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    at_a_time constant integer := 1000;
    done integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('reviews ' || y.district_id, 0));
    INSERT INTO partnership_review (district_id, id, partnership_id, school_year, due_on, user_id)
    SELECT p.district_id, uuid7(), p.id, y.school_year, y.ends_on, partnership_lead(p.id)
    FROM partnership p
    WHERE p.district_id = y.district_id AND p.status IN ('active', 'renewing', 'paused')
      AND p.archived_at IS NULL
      AND NOT EXISTS (
        SELECT FROM partnership_review r
        WHERE r.district_id = p.district_id AND r.partnership_id = p.id AND r.school_year = y.school_year
          AND r.program_id IS NULL)
      AND NOT partnership_is_light(p.id)
    ORDER BY p.id LIMIT at_a_time;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- Toward the end of an open school year, by the district's lead.
CREATE OR REPLACE FUNCTION reviews_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    y school_year;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR y IN
        SELECT t.* FROM school_year t
        JOIN district d ON d.id = t.district_id AND d.review_lead_days > 0
        WHERE t.district_id = p_district AND t.status = 'open' AND t.archived_at IS NULL
          AND district_today() BETWEEN t.ends_on - d.review_lead_days AND t.ends_on
    LOOP
        done := done + reviews_make(y);
    END LOOP;
    RETURN done;
END
$$;

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
END
$$;

-- How far a campaign is: each agreement in one place, with what is to be signed by the status of the next one.
CREATE OR REPLACE FUNCTION renewal_board(p_district uuid, p_campaign uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'selected', count(*),
        'undecided', count(*) FILTER (WHERE r.decision IS NULL),
        'let_expire', count(*) FILTER (WHERE r.decision = 'let_expire'),
        'to_draft', count(*) FILTER (WHERE r.decision <> 'let_expire' AND r.successor_id IS NULL),
        'next', coalesce((
            SELECT jsonb_object_agg(s.status, s.many)
            FROM (SELECT a.status, count(*) AS many
                  FROM renewal n
                  JOIN agreement a ON a.district_id = n.district_id AND a.id = n.successor_id
                  WHERE n.district_id = p_district AND n.renewal_campaign_id = p_campaign
                    AND n.archived_at IS NULL
                  GROUP BY a.status) s), '{}'))
    FROM renewal r
    WHERE r.district_id = p_district AND r.renewal_campaign_id = p_campaign AND r.archived_at IS NULL);

-- What the last review of a partnership that it covers has decided.
CREATE OR REPLACE FUNCTION renewal_suggestion(r renewal) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT v.decision FROM agreement_partnership l
    JOIN partnership_review v ON v.district_id = l.district_id AND v.partnership_id = l.partnership_id
        AND v.decision IS NOT NULL AND v.archived_at IS NULL
    WHERE l.district_id = r.district_id AND l.agreement_id = r.agreement_id AND l.archived_at IS NULL
    ORDER BY v.decided_at DESC, v.id LIMIT 1);

CREATE OR REPLACE FUNCTION renewal_decide(p_id uuid, p_version bigint, p_decision text, p_comment text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('renewal', p_id, p_version);
    UPDATE renewal t SET decision = p_decision, comment = p_comment WHERE t.id = p_id;
END
$$;

-- The next version: the same text and dates a term later, of the same partnerships, at the campaign's board
-- meeting. Its checklist is gone through again; what did not apply still does not.
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
                           board_on, text, data_flows, data_basis, named_in_notice, under_direct_control,
                           data_purpose, data_destroy_by, supersedes_id)
    SELECT a.district_id, made, a.kind, left(a.title, 180) || ', from ' || (a.expires_on + 1), a.expires_on + 1,
           (a.expires_on + (age(a.expires_on + 1, a.effective_on)))::date, a.notice_days, a.amount_cents, a.auto_renew,
           c.board_on, a.text, a.data_flows, a.data_basis, a.named_in_notice, a.under_direct_control,
           a.data_purpose,
           CASE WHEN a.data_basis IN ('study', 'audit_or_evaluation') THEN a.data_destroy_by END, a.id
    FROM agreement a JOIN renewal_campaign c ON c.id = r.renewal_campaign_id
    WHERE a.id = r.agreement_id;
    INSERT INTO agreement_item (district_id, id, agreement_id, code, name, "position", is_required, status, note)
    SELECT i.district_id, uuid7(), made, i.code, i.name, i."position", i.is_required,
           CASE i.status WHEN 'not_applicable' THEN i.status ELSE 'not_yet' END, i.note
    FROM agreement_item i WHERE i.agreement_id = r.agreement_id AND i.archived_at IS NULL
    ORDER BY i."position", i.id;
    INSERT INTO agreement_partnership (district_id, id, agreement_id, partnership_id)
    SELECT l.district_id, uuid7(), made, l.partnership_id
    FROM agreement_partnership l WHERE l.agreement_id = r.agreement_id AND l.archived_at IS NULL;
    UPDATE renewal t SET successor_id = made WHERE t.id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION site_plan_move, site_plan_agree, site_plan_revise, site_plan_close,
    family_plan_count, family_plan_rate, family_event_families, investment_cents, investment_judge,
    investment_confirm, investment_dispute, investment_changed, investment_balance, partnership_evidence,
    partnership_review_missing, partnership_review_move, partnership_review_draft, partnership_review_decide,
    partnership_review_approve, partnership_review_return, keep_review, reviews_make, reviews_advance,
    renewal_campaign_select,
    renewal_board, renewal_suggestion, renewal_decide, renewal_prefill FROM PUBLIC;
GRANT EXECUTE ON FUNCTION site_plan_move, site_plan_agree, site_plan_revise, site_plan_close,
    family_plan_count, family_plan_rate, family_event_families, investment_cents, investment_judge,
    investment_confirm, investment_dispute, investment_balance, partnership_evidence,
    partnership_review_missing, partnership_review_move, partnership_review_draft, partnership_review_decide,
    partnership_review_approve, partnership_review_return, reviews_make, renewal_campaign_select,
    renewal_suggestion,
    renewal_board, renewal_decide, renewal_prefill TO kith_api;
GRANT EXECUTE ON FUNCTION reviews_advance TO kith_checkin;

RESET ROLE;
