-- Reviews of partnerships and programs: what the system knows, a rating, a decision.

SET ROLE kith_owner;

-- What a review is of: its partnership, or all that a program has run in.
CREATE OR REPLACE FUNCTION review_partnerships(r partnership_review) RETURNS uuid[]
LANGUAGE sql STABLE
RETURN CASE WHEN r.partnership_id IS NOT NULL THEN ARRAY[r.partnership_id]
    ELSE ARRAY(
        SELECT p.id FROM partnership p
        WHERE p.district_id = r.district_id AND p.archived_at IS NULL
          AND (p.activated_at IS NOT NULL OR p.status IN ('active', 'renewing', 'paused'))
          AND (p.program_id = r.program_id OR EXISTS (
              SELECT FROM partnership_partner c
              WHERE c.district_id = p.district_id AND c.partnership_id = p.id AND c.program_id = r.program_id
                AND c.archived_at IS NULL))
        ORDER BY p.id) END;

-- What was promised and what came of it: goals of their own and those that they share, milestones, check-ins,
-- and the year's figures as they are published.
CREATE OR REPLACE FUNCTION review_results(p_ids uuid[], p_year integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'goals', coalesce((
            SELECT jsonb_agg(jsonb_build_object('goal_id', g.id, 'statement', g.statement, 'is_shared', s.is_shared,
                                                'standing', goal_standing(g)) ORDER BY g.due_on, g.id)
            FROM (SELECT o.id, false AS is_shared FROM goal o WHERE o.partnership_id = ANY (p_ids)
                  UNION
                  SELECT o.goal_id, true FROM goal_partnership o JOIN goal h ON h.id = o.goal_id
                  WHERE o.partnership_id = ANY (p_ids) AND o.archived_at IS NULL
                    AND h.partnership_id <> ALL (p_ids)) AS s
            JOIN goal g ON g.id = s.id AND g.archived_at IS NULL), '[]'),
        'milestones', (
            SELECT jsonb_build_object('open', count(*) FILTER (WHERE m.status = 'open'),
                                      'reached', count(*) FILTER (WHERE m.status = 'reached'),
                                      'missed', count(*) FILTER (WHERE m.status = 'missed'),
                                      'dropped', count(*) FILTER (WHERE m.status = 'dropped'))
            FROM milestone m WHERE m.partnership_id = ANY (p_ids) AND m.archived_at IS NULL),
        'check_ins', coalesce((
            SELECT jsonb_object_agg(c.status, c.many)
            FROM (SELECT t.status, count(*) AS many FROM check_in t
                  WHERE t.partnership_id = ANY (p_ids) AND t.school_year = p_year
                    AND t.archived_at IS NULL GROUP BY t.status) AS c), '{}'),
        'check_ins_disputed', (
            SELECT count(DISTINCT t.id) FROM check_in t
            JOIN check_in_half h ON h.district_id = t.district_id AND h.check_in_id = t.id AND h.verdict = 'disputed'
            WHERE t.partnership_id = ANY (p_ids) AND t.school_year = p_year AND t.archived_at IS NULL),
        'figures', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'code', u.indicator_code, 'partnership_id', u.scope_id, 'cohort', u.cohort, 'value', u.value::text,
                'is_suppressed', u.is_suppressed, 'is_made', u.is_made) ORDER BY u.indicator_code, u.scope_id, u.cohort)
            FROM rollup u
            WHERE u.scope_kind = 'partnership' AND u.scope_id = ANY (p_ids) AND u.school_year = p_year
              AND u.period_kind IN ('school_year', 'ytd')), '[]'));
END;

-- What closed surveys of the year found about the partners, as everybody is shown it.
CREATE OR REPLACE FUNCTION review_surveys(p_partners uuid[], p_year integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'survey_id', s.id, 'name', s.name, 'partner_id', f.found -> 'key', 'answers', f.found -> 'answers',
               'is_suppressed', f.found -> 'is_suppressed', 'scores', f.found -> 'scores')
               ORDER BY s.closes_on, s.id, f.found ->> 'key'), '[]')
    FROM survey s
    CROSS JOIN LATERAL jsonb_array_elements(
        survey_groups_told(s, 'partner', NULL, p_partners::text[], NULL, cardinality(p_partners))) AS f (found)
    WHERE s.school_year = p_year AND s.status = 'closed' AND s.archived_at IS NULL;
END;
DROP FUNCTION IF EXISTS survey_results(uuid, text);

-- What the partners have shown of themselves, and what of it is lacking.
CREATE OR REPLACE FUNCTION review_credentials(p_ids uuid[], p_partners uuid[]) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'missing', (SELECT coalesce(jsonb_agg(DISTINCT m.code), '[]')
                FROM unnest(p_ids) AS i (id)
                CROSS JOIN LATERAL unnest(partnership_credentials_missing(i.id)) AS m (code)),
    'held', (SELECT coalesce(jsonb_agg(jsonb_build_object('partner_id', c.partner_id, 'kind', c.kind,
                                                          'expires_on', c.expires_on)
                                       ORDER BY c.partner_id, c.kind, c.expires_on), '[]')
             FROM credential c
             WHERE c.partner_id = ANY (p_partners) AND c.status = 'verified' AND c.archived_at IS NULL
               AND coalesce(c.expires_on, 'infinity') >= district_today()));

-- What both sides put in, and what of it the other side says is not so.
CREATE OR REPLACE FUNCTION review_investments(p_ids uuid[], p_year integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT to_jsonb(b) || (
        SELECT jsonb_build_object('confirmed', count(*) FILTER (WHERE i.confirmed = 'confirmed'),
                                  'disputed', count(*) FILTER (WHERE i.confirmed = 'disputed'))
        FROM investment i
        WHERE i.partnership_id = ANY (p_ids) AND i.archived_at IS NULL AND i.status <> 'cancelled'
          AND i.from_date <= y.ends_on AND i.until_date >= y.starts_on)
    FROM school_year_span(p_year) AS y
    CROSS JOIN LATERAL (
          SELECT coalesce(sum(v.partner_cents), 0) AS partner_cents,
                 coalesce(sum(v.district_cents), 0) AS district_cents,
                 coalesce(sum(v.partner_pledged_cents), 0) AS partner_pledged_cents,
                 coalesce(sum(v.district_pledged_cents), 0) AS district_pledged_cents,
                 coalesce(sum(v.outside_cents), 0) AS outside_cents,
                 coalesce(sum(v.disputed_cents), 0) AS disputed_cents, coalesce(sum(v.entries), 0) AS entries
          FROM unnest(p_ids) AS i (id)
          CROSS JOIN LATERAL investments_balanced('partnership', i.id, y.starts_on, y.ends_on) AS v) AS b;
END;

-- What the system knows of what is reviewed, in its school year.
CREATE OR REPLACE FUNCTION review_evidence(r partnership_review) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT review_results(w.ids, y.year) || jsonb_build_object(
        'partnerships', to_jsonb(w.ids),
        'interactions', (
            SELECT count(*) FROM interaction i
            WHERE i.partnership_id = ANY (w.ids) AND i.archived_at IS NULL
              AND i.on_date BETWEEN y.starts_on AND y.ends_on),
        'activities', (
            SELECT jsonb_build_object('count', count(*), 'hours', coalesce(sum(a.hours), 0))
            FROM activity a JOIN partnership p ON p.id = a.partnership_id
            WHERE a.partnership_id = ANY (w.ids) AND a.archived_at IS NULL
              AND a.on_date BETWEEN y.starts_on AND y.ends_on
              AND coalesce(coalesce(a.program_id, p.program_id) = r.program_id, r.program_id IS NULL)),
        'changes', (
            SELECT count(*) FROM partnership_change c
            WHERE c.partnership_id = ANY (w.ids) AND c.archived_at IS NULL
              AND c.on_date BETWEEN y.starts_on AND y.ends_on),
        'open_actions', (
            SELECT count(*) FROM action_item a
            WHERE a.partnership_id = ANY (w.ids) AND a.archived_at IS NULL AND a.status = 'open'),
        'credentials', review_credentials(w.ids, w.partners),
        'surveys', review_surveys(w.partners, y.year),
        'investments', review_investments(w.ids, y.year),
        'agreement_lapsed_on', (SELECT min(p.agreement_lapsed_on) FROM partnership p WHERE p.id = ANY (w.ids)))
    FROM (SELECT i.ids, ARRAY(SELECT p.partner_id FROM partnership p WHERE p.id = ANY (i.ids)
                              UNION
                              SELECT g.partner_id FROM program g WHERE g.id = r.program_id) AS partners
          FROM (SELECT review_partnerships(r) AS ids OFFSET 0) AS i OFFSET 0) AS w
    CROSS JOIN (SELECT r.school_year::integer AS year, s.starts_on, s.ends_on
                FROM school_year_span(r.school_year) AS s) AS y;
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

DROP FUNCTION IF EXISTS partnership_review_decide(uuid, bigint, text);
CREATE OR REPLACE FUNCTION partnership_review_move(
    p_id uuid, p_version bigint, p_action text, p_decision text, p_step text, p_on date) RETURNS void
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
        evidence = CASE WHEN p_action IN ('draft', 'gather', 'decide') THEN review_evidence(t) ELSE t.evidence END,
        evidence_as_of = CASE WHEN p_action IN ('draft', 'gather', 'decide') THEN district_today()
                              ELSE t.evidence_as_of END,
        decision = CASE p_action WHEN 'approve' THEN t.decision ELSE p_decision END,
        next_step = CASE p_action WHEN 'approve' THEN t.next_step ELSE p_step END,
        next_on = CASE p_action WHEN 'approve' THEN t.next_on ELSE p_on END,
        decided_by = CASE p_action WHEN 'decide' THEN who WHEN 'approve' THEN t.decided_by END,
        decided_at = CASE p_action WHEN 'decide' THEN business_now WHEN 'approve' THEN t.decided_at END,
        approved_by = CASE p_action WHEN 'approve' THEN who END
    WHERE t.id = p_id
    RETURNING t.* INTO v;
    IF p_action = 'approve' THEN
        PERFORM review_follow(v); -- of 97_review_follow.sql
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION partnership_review_draft(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'draft', NULL, NULL, NULL);
CREATE OR REPLACE FUNCTION partnership_review_gather(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'gather', NULL, NULL, NULL);
CREATE OR REPLACE FUNCTION partnership_review_decide(
    p_id uuid, p_version bigint, p_decision text, p_step text, p_on date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_decision = 'renew' AND coalesce(p_step, p_on::text) IS NOT NULL THEN
        PERFORM refuse_field(CASE WHEN p_step IS NULL THEN 'next_on' ELSE 'next_step' END,
                             'What is renewed goes on as it is: nothing else is to be done.');
    ELSIF p_on < district_today() THEN
        PERFORM refuse_field('next_on', '"next_on" must not be in the past.');
    END IF;
    PERFORM partnership_review_move(p_id, p_version, 'decide', p_decision, p_step, p_on);
END
$$;
CREATE OR REPLACE FUNCTION partnership_review_approve(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'approve', NULL, NULL, NULL);
CREATE OR REPLACE FUNCTION partnership_review_return(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partnership_review_move(p_id, p_version, 'return', NULL, NULL, NULL);
DROP FUNCTION IF EXISTS partnership_review_move(uuid, bigint, text, text);

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

-- A review of each of these partnerships (NULL: of all) that has none of the school year; whoever leads it drafts it.
-- A supporter or a single gift has none. So many at a time: how many.
CREATE OR REPLACE FUNCTION reviews_begin(p_district uuid, p_year bigint, p_due date, p_ids uuid[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    at_a_time constant integer := 1000;
    done integer;
BEGIN
    INSERT INTO partnership_review (district_id, id, partnership_id, school_year, due_on, user_id)
    SELECT p.district_id, uuid7(), p.id, p_year, p_due, partnership_lead(p.id)
    FROM partnership p
    WHERE p.district_id = p_district AND p.status IN ('active', 'renewing', 'paused')
      AND p.archived_at IS NULL AND (p_ids IS NULL OR p.id = ANY (p_ids))
      AND NOT EXISTS (
        SELECT FROM partnership_review r
        WHERE r.district_id = p.district_id AND r.partnership_id = p.id AND r.school_year = p_year
          AND r.program_id IS NULL)
      AND NOT partnership_is_light(p.id)
    ORDER BY p.id LIMIT at_a_time;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- The same of the programs that these partnerships run, as whose own or as a co-partner's: who cares for the partner
-- at the district drafts it.
CREATE OR REPLACE FUNCTION program_reviews_begin(p_district uuid, p_year bigint, p_due date, p_ids uuid[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    at_a_time constant integer := 1000;
    done integer;
BEGIN
    INSERT INTO partnership_review (district_id, id, program_id, school_year, due_on, user_id)
    SELECT g.district_id, uuid7(), g.id, p_year, p_due, u.id
    FROM (SELECT p.program_id FROM partnership p
          WHERE p.district_id = p_district AND p.status IN ('active', 'renewing', 'paused')
            AND p.archived_at IS NULL AND (p_ids IS NULL OR p.id = ANY (p_ids)) AND p.program_id IS NOT NULL
            AND NOT partnership_is_light(p.id)
          UNION
          SELECT c.program_id FROM partnership_partner c
          JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
              AND p.status IN ('active', 'renewing', 'paused') AND p.archived_at IS NULL
          WHERE c.district_id = p_district AND c.archived_at IS NULL AND c.program_id IS NOT NULL
            AND (p_ids IS NULL OR p.id = ANY (p_ids)) AND NOT partnership_is_light(p.id)) AS runs
    JOIN program g ON g.district_id = p_district AND g.id = runs.program_id AND g.status <> 'ended'
        AND g.archived_at IS NULL
    JOIN partner o ON o.district_id = g.district_id AND o.id = g.partner_id
    LEFT JOIN app_user u ON u.district_id = o.district_id AND u.id = o.owner_id AND u.status = 'active'
        AND u.archived_at IS NULL
    WHERE NOT EXISTS (
        SELECT FROM partnership_review r
        WHERE r.district_id = g.district_id AND r.program_id = g.id AND r.school_year = p_year
          AND r.partnership_id IS NULL)
    ORDER BY g.id LIMIT at_a_time;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- Of partnerships and of programs, due with the year's last day.
CREATE OR REPLACE FUNCTION reviews_make(y school_year) RETURNS integer
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('reviews ' || y.district_id, 0));
    RETURN reviews_begin(y.district_id, y.school_year, y.ends_on, NULL)
        + program_reviews_begin(y.district_id, y.school_year, y.ends_on, NULL);
END
$$;

-- What a campaign renews is decided by reviews: those of what its agreements cover begin with it, due a month before
-- the board meets or, without a meeting, the agreement ends.
CREATE OR REPLACE FUNCTION renewal_reviews_make(p_campaign uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    due record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('reviews ' || current_setting('kith.district'), 0));
    FOR due IN
        SELECT r.district_id, d.due_on, school_year_of(d.due_on) AS school_year,
               array_agg(DISTINCT l.partnership_id) AS ids
        FROM renewal_campaign c
        JOIN renewal r ON r.district_id = c.district_id AND r.renewal_campaign_id = c.id AND r.archived_at IS NULL
        JOIN agreement a ON a.district_id = r.district_id AND a.id = r.agreement_id
        JOIN agreement_partnership l ON l.district_id = a.district_id AND l.agreement_id = a.id
            AND l.archived_at IS NULL
        CROSS JOIN LATERAL (
            SELECT greatest(least(c.board_on, a.expires_on) - 30, district_today()) AS due_on) AS d
        WHERE c.id = p_campaign
        GROUP BY r.district_id, d.due_on ORDER BY d.due_on
    LOOP
        PERFORM reviews_begin(due.district_id, due.school_year, due.due_on, due.ids);
        PERFORM program_reviews_begin(due.district_id, due.school_year, due.due_on, due.ids);
    END LOOP;
END
$$;

-- Whoever drafts a review finds its evidence: as of the day on which it began, and anew when it falls due; as it was
-- decided it stays. So many at a time: how many.
CREATE OR REPLACE FUNCTION reviews_gather(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    at_a_time constant integer := 500;
    today date;
    one uuid;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    FOR one IN
        SELECT r.id FROM partnership_review r
        WHERE r.district_id = p_district AND r.status IN ('due', 'drafting') AND r.archived_at IS NULL
          AND (r.evidence_as_of IS NULL OR r.due_on <= today AND r.evidence_as_of < r.due_on)
        ORDER BY r.due_on, r.id LIMIT at_a_time FOR UPDATE SKIP LOCKED
    LOOP
        UPDATE partnership_review r SET evidence = review_evidence(r), evidence_as_of = today WHERE r.id = one;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Toward the end of an open school year, by the district's lead; and what closing it has left, for a month.
CREATE OR REPLACE FUNCTION reviews_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    y school_year;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR y IN
        SELECT t.* FROM school_year t
        JOIN district d ON d.id = t.district_id
        WHERE t.district_id = p_district AND t.archived_at IS NULL
          AND CASE t.status
              WHEN 'open' THEN d.review_lead_days > 0
                  AND district_today() BETWEEN t.ends_on - d.review_lead_days AND t.ends_on
              WHEN 'closed' THEN (t.closed_at AT TIME ZONE d.zone)::date + 30 >= district_today() END
    LOOP
        done := done + reviews_make(y);
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION review_partnerships, review_results, review_surveys, review_credentials,
    review_investments, review_evidence, partnership_review_missing, partnership_review_move,
    partnership_review_draft, partnership_review_gather, partnership_review_decide, partnership_review_approve,
    partnership_review_return, keep_review, reviews_begin, program_reviews_begin, reviews_make,
    renewal_reviews_make, reviews_gather, reviews_advance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION review_partnerships, review_results, review_surveys, review_credentials,
    review_investments, review_evidence, partnership_review_missing, partnership_review_move,
    partnership_review_draft, partnership_review_gather, partnership_review_decide, partnership_review_approve,
    partnership_review_return, reviews_begin, program_reviews_begin, reviews_make, renewal_reviews_make TO kith_api;
GRANT EXECUTE ON FUNCTION reviews_advance, reviews_gather TO kith_checkin;

RESET ROLE;
