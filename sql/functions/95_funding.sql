-- Money from elsewhere and what it carries; seats of a training; examples that other sites copy.

SET ROLE kith_owner;

-- ---- Applications and awards ---------------------------------------------------------------------

CREATE OR REPLACE FUNCTION funding_application_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('funding_application', p_id, p_version);
    UPDATE funding_application t
    SET status = transition('funding_application', p_action, t.status), status_reason = p_reason,
        decided_on = CASE WHEN p_action = 'decline' THEN district_today() END,
        submitted_on = CASE WHEN p_action <> 'reopen' THEN t.submitted_on END
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION funding_application_begin(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN funding_application_move(p_id, p_version, 'begin', NULL);
CREATE OR REPLACE FUNCTION funding_application_decline(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN funding_application_move(p_id, p_version, 'decline', p_reason);
CREATE OR REPLACE FUNCTION funding_application_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN funding_application_move(p_id, p_version, 'withdraw', p_reason);
CREATE OR REPLACE FUNCTION funding_application_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN funding_application_move(p_id, p_version, 'reopen', NULL);

CREATE OR REPLACE FUNCTION funding_application_submit(p_id uuid, p_version bigint, p_on date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_on > district_today() THEN
        PERFORM refuse_field('on_date', 'The day is still to come.');
    END IF;
    PERFORM funding_application_move(p_id, p_version, 'submit', NULL);
    UPDATE funding_application t SET submitted_on = coalesce(p_on, district_today()) WHERE t.id = p_id;
END
$$;

-- What of an award carries partnerships is never more than the award, whoever writes at once.
CREATE OR REPLACE FUNCTION funding_shares(p_application uuid) RETURNS numeric
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('funding_shares ' || p_application, 0));
    RETURN (SELECT coalesce(sum(f.share_cents), 0) FROM funding_partnership f
            WHERE f.district_id = current_setting('kith.district')::uuid
              AND f.funding_application_id = p_application AND f.archived_at IS NULL);
END
$$;

-- Whether its periods lie within the days of an award, none on a day of another, and come to no more than it.
CREATE OR REPLACE FUNCTION funding_periods_fit(p_application uuid, p_cents bigint, p_from date, p_until date)
RETURNS boolean LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(sum(f.awarded_cents) <= p_cents AND bool_and(f.from_date >= p_from AND f.until_date <= p_until), true)
    FROM funding_period f
    WHERE f.district_id = current_setting('kith.district')::uuid AND f.funding_application_id = p_application
      AND f.archived_at IS NULL);

-- One after the other, whoever writes at once.
CREATE OR REPLACE FUNCTION funding_period_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    a funding_application;
BEGIN
    IF NEW.archived_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    PERFORM funding_shares(NEW.funding_application_id);
    SELECT t.* INTO a FROM funding_application t
    WHERE t.district_id = NEW.district_id AND t.id = NEW.funding_application_id;
    IF EXISTS (SELECT FROM funding_period o
               WHERE o.district_id = NEW.district_id AND o.funding_application_id = NEW.funding_application_id
                 AND o.id <> NEW.id AND o.archived_at IS NULL AND o.from_date <= NEW.until_date
                 AND o.until_date >= NEW.from_date) THEN
        PERFORM refuse_field('from_date', 'Another period of it has some of these days.');
    ELSIF a.status = 'awarded' AND (NEW.from_date < a.from_date OR NEW.until_date > a.until_date) THEN
        PERFORM refuse_field('from_date', 'Its days are not within those of the award.');
    ELSIF a.status = 'awarded' AND NOT funding_periods_fit(a.id, a.awarded_cents, a.from_date, a.until_date) THEN
        PERFORM refuse_field('awarded_cents', 'The periods come to more than the award.');
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER funding_period_check AFTER INSERT OR UPDATE ON funding_period
    FOR EACH ROW EXECUTE FUNCTION funding_period_check();

CREATE OR REPLACE FUNCTION funding_application_award(
    p_id uuid, p_version bigint, p_cents bigint, p_from date, p_until date, p_number text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_until < p_from THEN
        PERFORM refuse_field('until_date', 'The last day is not before the first.');
    ELSIF funding_shares(p_id) > p_cents THEN
        PERFORM refuse_field('awarded_cents', 'Partnerships are to be carried by more than this.');
    ELSIF NOT funding_periods_fit(p_id, p_cents, p_from, p_until) THEN
        PERFORM refuse_field('awarded_cents', 'Its periods are for more than this, or for other days.');
    END IF;
    PERFORM lock_row('funding_application', p_id, p_version);
    UPDATE funding_application t
    SET status = transition('funding_application', 'award', t.status), decided_on = district_today(),
        awarded_cents = p_cents, from_date = p_from, until_date = p_until, award_number = p_number
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION funding_partnership_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    shares numeric := funding_shares(NEW.funding_application_id);
    awarded bigint := (SELECT a.awarded_cents FROM funding_application a
                       WHERE a.district_id = NEW.district_id AND a.id = NEW.funding_application_id
                         AND a.status = 'awarded');
BEGIN
    IF NEW.funding_application_id IS NULL THEN
        RETURN NEW; -- which the table refuses
    ELSIF TG_OP = 'UPDATE' AND OLD.archived_at IS NULL
       AND OLD.funding_application_id = NEW.funding_application_id THEN
        shares := shares - OLD.share_cents;
    END IF;
    IF NEW.archived_at IS NULL AND shares + NEW.share_cents > awarded THEN
        PERFORM refuse_field('share_cents', format('Of the award %s cents are left.', awarded - shares));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER funding_partnership_check BEFORE INSERT OR UPDATE ON funding_partnership
    FOR EACH ROW EXECUTE FUNCTION funding_partnership_check();

-- ---- What is secured for a school year -----------------------------------------------------------

-- What awards bring to the partnerships that they carry, by span of days: each share over the periods of its award
-- by what these are for, or over the award's own days.
CREATE OR REPLACE FUNCTION funding_spans()
RETURNS TABLE (partnership_id uuid, cents numeric, from_date date, until_date date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.partnership_id, f.share_cents * coalesce(p.awarded_cents / p.whole, 1),
           coalesce(p.from_date, a.from_date), coalesce(p.until_date, a.until_date)
    FROM funding_partnership f
    JOIN funding_application a ON a.district_id = f.district_id AND a.id = f.funding_application_id
        AND a.status = 'awarded' AND a.archived_at IS NULL
    LEFT JOIN (
        SELECT w.funding_application_id, w.awarded_cents, w.from_date, w.until_date,
               sum(w.awarded_cents) OVER (PARTITION BY w.funding_application_id) AS whole
        FROM funding_period w WHERE w.archived_at IS NULL) AS p ON p.funding_application_id = a.id
    WHERE f.archived_at IS NULL;
END;

DROP FUNCTION IF EXISTS sustainability(uuid, uuid, uuid, uuid, integer, integer);
-- What both sides gave or promised in the year before these days, and what of it is promised or awarded in them, by
-- running partnership of the scope and by site: that of the entry, else that which leads. An award is where its
-- partnership is led.
CREATE OR REPLACE FUNCTION sustained(
    p_partnership uuid, p_partner uuid, p_site uuid, p_network uuid, p_first date, p_last date)
RETURNS TABLE (partnership_id uuid, name text, site_id uuid, before bigint, secured bigint, awards bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH runs AS MATERIALIZED (
        SELECT w.id, w.name, w.lead_site_id FROM partnership w
        LEFT JOIN site s ON s.district_id = w.district_id AND s.id = w.lead_site_id
        WHERE w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
          AND (p_partnership IS NULL OR w.id = p_partnership)
          AND (p_partner IS NULL OR w.partner_id = p_partner)
          AND (p_network IS NULL OR s.network_id = p_network)
          AND (p_site IS NULL OR w.lead_site_id = p_site OR EXISTS (
              SELECT FROM partnership_site l
              WHERE l.district_id = w.district_id AND l.partnership_id = w.id AND l.site_id = p_site
                AND l.archived_at IS NULL))
    ), money AS (
        SELECT i.partnership_id, i.site_id,
               span_share(investment_cents(i), i.from_date, i.until_date, (p_first - interval '1 year')::date,
                          p_first - 1) AS before,
               span_share(investment_cents(i), i.from_date, i.until_date, p_first, p_last) AS secured,
               0::numeric AS awards
        FROM investment i
        WHERE i.status IN ('pledged', 'delivered') AND i.archived_at IS NULL AND investment_counts_as(i) <> 'disputed'
          AND i.from_date <= p_last AND i.until_date >= (p_first - interval '1 year')::date
        UNION ALL
        SELECT f.partnership_id, NULL, 0, v.cents, v.cents
        FROM funding_spans() f
        CROSS JOIN LATERAL (
            SELECT span_share(f.cents, f.from_date, f.until_date, p_first, p_last) AS cents) AS v
    )
    SELECT r.id, r.name, coalesce(m.site_id, r.lead_site_id), round(coalesce(sum(m.before), 0))::bigint,
           round(coalesce(sum(m.secured), 0))::bigint, round(coalesce(sum(m.awards), 0))::bigint
    FROM runs r
    LEFT JOIN money m ON m.partnership_id = r.id AND (p_site IS NULL OR coalesce(m.site_id, r.lead_site_id) = p_site)
    GROUP BY r.id, r.name, coalesce(m.site_id, r.lead_site_id);
END;

-- Those with the least secured first, of partnerships and of sites.
CREATE OR REPLACE FUNCTION sustainability(
    p_partnership uuid, p_partner uuid, p_site uuid, p_network uuid, p_school integer, p_fiscal integer, p_most integer)
RETURNS json LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT y.* FROM money_year(p_school, p_fiscal) AS y
    ), parts AS MATERIALIZED (
        SELECT s.* FROM asked a
        CROSS JOIN LATERAL sustained(p_partnership, p_partner, p_site, p_network, a.starts_on, a.ends_on) AS s
    ), shown AS MATERIALIZED (
        SELECT p.partnership_id AS id, p.name, sum(p.before)::bigint AS before, sum(p.secured)::bigint AS secured,
               sum(p.awards)::bigint AS awards,
               round(least(1, sum(p.secured) / nullif(sum(p.before), 0)), 4) AS share
        FROM parts p GROUP BY p.partnership_id, p.name
    ), ranked AS (
        SELECT s.*, row_number() OVER (ORDER BY s.share NULLS LAST, s.before DESC, s.name, s.id) AS rank
        FROM shown s
    ), places AS MATERIALIZED (
        SELECT p.site_id, t.name, sum(p.before)::bigint AS before, sum(p.secured)::bigint AS secured,
               sum(p.awards)::bigint AS awards,
               round(sum(least(p.secured, p.before)) / nullif(sum(p.before), 0), 4) AS share
        FROM parts p JOIN site t ON t.id = p.site_id
        WHERE p.before > 0 OR p.secured > 0
        GROUP BY p.site_id, t.name
    )
    SELECT json_build_object(
        'school_year', a.school_year, 'fiscal_year', a.fiscal_year, 'starts_on', a.starts_on, 'ends_on', a.ends_on,
        'count', (SELECT count(*) FROM shown),
        'before_cents', (SELECT coalesce(sum(s.before), 0) FROM shown s),
        'secured_cents', (SELECT coalesce(sum(s.secured), 0) FROM shown s),
        'award_cents', (SELECT coalesce(sum(s.awards), 0) FROM shown s),
        'share', (SELECT round(sum(least(s.secured, s.before)) / nullif(sum(s.before), 0), 4)::text FROM shown s),
        'has_more', (SELECT count(*) > p_most FROM shown),
        'partnerships', coalesce((
            SELECT json_agg(json_build_object(
                'partnership_id', s.id, 'name', s.name, 'before_cents', s.before, 'secured_cents', s.secured,
                'award_cents', s.awards, 'share', s.share::text) ORDER BY s.rank)
            FROM ranked s WHERE s.rank <= p_most), '[]'),
        'sites', coalesce((
            SELECT json_agg(json_build_object(
                'site_id', s.site_id, 'name', s.name, 'before_cents', s.before, 'secured_cents', s.secured,
                'award_cents', s.awards, 'share', s.share::text) ORDER BY s.share NULLS LAST, s.before DESC, s.name,
                s.site_id)
            FROM (SELECT p.* FROM places p ORDER BY p.share NULLS LAST, p.before DESC, p.name, p.site_id
                  LIMIT p_most) AS s), '[]'))
    FROM asked a;
END;

-- ---- Training ------------------------------------------------------------------------------------

-- Of its seats those that are taken, those who came, and their hours. As a row, a part of the statement that asks.
CREATE OR REPLACE FUNCTION training_tally(t training) RETURNS TABLE (taken bigint, attended bigint, hours numeric)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT count(*), count(*) FILTER (WHERE s.status = 'attended'),
           coalesce(sum(coalesce(s.hours, t.hours)) FILTER (WHERE s.status = 'attended'), 0)::numeric(14,2)
    FROM training_seat s
    WHERE s.district_id = t.district_id AND s.training_id = t.id AND s.archived_at IS NULL
      AND s.status IN ('registered', 'attended');
END;
DROP FUNCTION IF EXISTS training_taken(training);
DROP FUNCTION IF EXISTS training_attended(training);
DROP FUNCTION IF EXISTS training_hours(training);

-- Nobody registers for a seat that is not there, however many do at once; who waits takes none, and who came,
-- came.
CREATE OR REPLACE FUNCTION training_seat_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    wanted training;
BEGIN
    IF NEW.training_id IS NULL THEN
        RETURN NEW; -- which the table refuses
    ELSIF num_nonnulls(NEW.user_id, NEW.contact_id) <> 1 THEN
        PERFORM refuse_field('user_id', 'Name one person: a user or a contact.');
    ELSIF NEW.status <> 'registered' OR NEW.archived_at IS NOT NULL
          OR TG_OP = 'UPDATE' AND OLD.status IN ('registered', 'attended') AND OLD.archived_at IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('training_seat ' || NEW.training_id, 0));
    SELECT * INTO wanted FROM training t WHERE t.district_id = NEW.district_id AND t.id = NEW.training_id;
    IF (SELECT s.taken FROM training_tally(wanted) s) >= wanted.seats THEN
        PERFORM refuse_state('No seat is left; who waits takes none.',
                             jsonb_build_object('seats', wanted.seats));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER training_seat_check BEFORE INSERT OR UPDATE ON training_seat
    FOR EACH ROW EXECUTE FUNCTION training_seat_check();

-- ---- Coaching ------------------------------------------------------------------------------------

-- How a leader is rated is read by the leader, the coach, whoever supervises the leader or leads the network, and
-- who runs the district; not by peers.
DROP POLICY IF EXISTS readers ON coaching;
CREATE POLICY readers ON coaching AS RESTRICTIVE FOR SELECT TO kith_api
    USING (kith_has_role('executive') OR runs_at(site_id)
           OR nullif(current_setting('kith.user'), '')::uuid IN (user_id, coach_id)
           OR user_id IN (SELECT w.user_id
                          FROM supervised_users(nullif(current_setting('kith.user'), '')::uuid, district_today()) w)
           OR site_id IN (SELECT l.site_id
                          FROM led_sites(nullif(current_setting('kith.user'), '')::uuid, district_today()) l));

-- Nobody rates oneself.
CREATE OR REPLACE FUNCTION coaching_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.sourcing, NEW.tracking, NEW.communication, NEW.evaluation)
       IS DISTINCT FROM (OLD.sourcing, OLD.tracking, OLD.communication, OLD.evaluation) THEN
        PERFORM refuse_field('user_id', '"user_id" is you: nobody rates oneself.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER coaching_check BEFORE INSERT OR UPDATE ON coaching
    FOR EACH ROW WHEN (NEW.user_id::text = current_setting('kith.user', true)) EXECUTE FUNCTION coaching_check();

-- ---- Examples ------------------------------------------------------------------------------------

DROP FUNCTION IF EXISTS example_copied(example);

CREATE OR REPLACE FUNCTION example_move(p_id uuid, p_version bigint, p_action text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('example', p_id, p_version);
    UPDATE example t SET status = transition('example', p_action, t.status),
        shared_on = CASE p_action WHEN 'share' THEN district_today() WHEN 'retire' THEN t.shared_on END
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION example_share(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN example_move(p_id, p_version, 'share');
CREATE OR REPLACE FUNCTION example_retire(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN example_move(p_id, p_version, 'retire');
CREATE OR REPLACE FUNCTION example_revise(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN example_move(p_id, p_version, 'revise');

-- Of before a school year had the days that the district gave it.
DROP FUNCTION IF EXISTS year_share(numeric, date, date, integer);

REVOKE EXECUTE ON FUNCTION funding_application_move, funding_application_begin, funding_application_decline,
    funding_application_withdraw, funding_application_reopen, funding_application_submit,
    funding_application_award, funding_shares, funding_partnership_check, funding_periods_fit,
    funding_period_check, funding_spans, sustained, sustainability,
    training_tally, training_seat_check, coaching_check, example_move,
    example_share, example_retire, example_revise FROM PUBLIC;
GRANT EXECUTE ON FUNCTION funding_application_move, funding_application_begin, funding_application_decline,
    funding_application_withdraw, funding_application_reopen, funding_application_submit,
    funding_application_award, funding_shares, funding_periods_fit, funding_spans, sustained, sustainability,
    training_tally, example_move, example_share, example_retire, example_revise TO kith_api;

RESET ROLE;
