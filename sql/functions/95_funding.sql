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

CREATE OR REPLACE FUNCTION funding_application_award(
    p_id uuid, p_version bigint, p_cents bigint, p_from date, p_until date, p_number text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_until < p_from THEN
        PERFORM refuse_field('until_date', 'The last day is not before the first.');
    ELSIF funding_shares(p_id) > p_cents THEN
        PERFORM refuse_field('awarded_cents', 'Partnerships are to be carried by more than this.');
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

-- Each running partnership of the scope: what both sides gave or promised for the year before, what of it is
-- promised or awarded for this one, and the share of both; those with the least first.
CREATE OR REPLACE FUNCTION sustainability(
    p_partnership uuid, p_partner uuid, p_site uuid, p_network uuid, p_year integer, p_most integer)
RETURNS json LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH runs AS MATERIALIZED (
        SELECT w.id, w.name FROM partnership w
        LEFT JOIN site s ON s.district_id = w.district_id AND s.id = w.lead_site_id
        WHERE w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
          AND (p_partnership IS NULL OR w.id = p_partnership)
          AND (p_partner IS NULL OR w.partner_id = p_partner)
          AND (p_site IS NULL OR w.lead_site_id = p_site)
          AND (p_network IS NULL OR s.network_id = p_network)
    ), money AS (
        SELECT i.partnership_id, year_share(investment_cents(i), i.from_date, i.until_date, p_year - 1) AS before,
               year_share(investment_cents(i), i.from_date, i.until_date, p_year) AS secured, 0::numeric AS awards
        FROM investment i
        WHERE i.status IN ('pledged', 'delivered') AND i.archived_at IS NULL
          AND i.from_date <= make_date(p_year, 6, 30) AND i.until_date >= make_date(p_year - 2, 7, 1)
        UNION ALL
        SELECT f.partnership_id, 0, v.cents, v.cents
        FROM funding_partnership f
        JOIN funding_application a ON a.district_id = f.district_id AND a.id = f.funding_application_id
        CROSS JOIN LATERAL (
            SELECT year_share(f.share_cents, a.from_date, a.until_date, p_year) AS cents) AS v
        WHERE a.status = 'awarded' AND a.archived_at IS NULL AND f.archived_at IS NULL
    ), summed AS (
        SELECT r.id, r.name, round(coalesce(sum(m.before), 0))::bigint AS before,
               round(coalesce(sum(m.secured), 0))::bigint AS secured,
               round(coalesce(sum(m.awards), 0))::bigint AS awards
        FROM runs r LEFT JOIN money m ON m.partnership_id = r.id GROUP BY r.id, r.name
    ), shown AS MATERIALIZED (
        SELECT s.*, round(least(1, s.secured::numeric / nullif(s.before, 0)), 4) AS share FROM summed s
    ), ranked AS (
        SELECT s.*, row_number() OVER (ORDER BY s.share NULLS LAST, s.before DESC, s.name, s.id) AS rank
        FROM shown s
    )
    SELECT json_build_object(
        'school_year', p_year, 'count', (SELECT count(*) FROM shown),
        'before_cents', (SELECT coalesce(sum(s.before), 0) FROM shown s),
        'secured_cents', (SELECT coalesce(sum(s.secured), 0) FROM shown s),
        'award_cents', (SELECT coalesce(sum(s.awards), 0) FROM shown s),
        'share', (SELECT round(sum(least(s.secured, s.before)) / nullif(sum(s.before), 0), 4)::text FROM shown s),
        'has_more', (SELECT count(*) > p_most FROM shown),
        'partnerships', coalesce((
            SELECT json_agg(json_build_object(
                'partnership_id', s.id, 'name', s.name, 'before_cents', s.before, 'secured_cents', s.secured,
                'award_cents', s.awards, 'share', s.share::text) ORDER BY s.rank)
            FROM ranked s WHERE s.rank <= p_most), '[]'));
END;

-- ---- Training ------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION training_taken(t training) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT count(*) FROM training_seat s
        WHERE s.district_id = t.district_id AND s.training_id = t.id AND s.archived_at IS NULL
          AND s.status IN ('registered', 'attended'));

CREATE OR REPLACE FUNCTION training_attended(t training) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT count(*) FROM training_seat s
        WHERE s.district_id = t.district_id AND s.training_id = t.id AND s.archived_at IS NULL
          AND s.status = 'attended');

CREATE OR REPLACE FUNCTION training_hours(t training) RETURNS numeric
LANGUAGE sql STABLE
RETURN (SELECT coalesce(sum(coalesce(s.hours, t.hours)), 0)::numeric(14,2) FROM training_seat s
        WHERE s.district_id = t.district_id AND s.training_id = t.id AND s.archived_at IS NULL
          AND s.status = 'attended');

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
    IF training_taken(wanted) >= wanted.seats THEN
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
    USING (kith_has_role('admin,director,executive')
           OR nullif(current_setting('kith.user'), '')::uuid IN (user_id, coach_id)
           OR user_id IN (SELECT w.user_id
                          FROM supervised_users(nullif(current_setting('kith.user'), '')::uuid, district_today()) w)
           OR site_id IN (SELECT l.site_id
                          FROM led_sites(nullif(current_setting('kith.user'), '')::uuid, district_today()) l));

-- ---- Examples ------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION example_copied(e example) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT count(*) FROM example_copy c
        WHERE c.district_id = e.district_id AND c.example_id = e.id AND c.archived_at IS NULL);

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

REVOKE EXECUTE ON FUNCTION funding_application_move, funding_application_begin, funding_application_decline,
    funding_application_withdraw, funding_application_reopen, funding_application_submit,
    funding_application_award, funding_shares, funding_partnership_check, sustainability,
    training_taken, training_attended, training_hours, training_seat_check, example_copied, example_move,
    example_share, example_retire, example_revise FROM PUBLIC;
GRANT EXECUTE ON FUNCTION funding_application_move, funding_application_begin, funding_application_decline,
    funding_application_withdraw, funding_application_reopen, funding_application_submit,
    funding_application_award, funding_shares, sustainability, training_taken, training_attended,
    training_hours, example_copied, example_move, example_share, example_retire, example_revise TO kith_api;

RESET ROLE;
