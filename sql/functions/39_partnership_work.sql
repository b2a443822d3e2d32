-- What partnerships do: contacts with a partner, activities, goals that several share, milestones, families, and posts
-- at sites.

SET ROLE kith_owner;

-- ---- Contacts ------------------------------------------------------------------------------------

-- An interaction is with the partner of the partnership that it is about, or with a co-partner.
CREATE OR REPLACE FUNCTION interaction_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.on_date > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    ELSIF NEW.partnership_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM partnership p WHERE p.id = NEW.partnership_id AND p.partner_id = NEW.partner_id
        UNION ALL
        SELECT FROM partnership_partner o
        WHERE o.partnership_id = NEW.partnership_id AND o.partner_id = NEW.partner_id
          AND o.archived_at IS NULL) THEN
        PERFORM refuse_field('partnership_id', '"partnership_id" is a partnership with another partner.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER interaction_check
    BEFORE INSERT OR UPDATE OF on_date, partner_id, partnership_id ON interaction
    FOR EACH ROW EXECUTE FUNCTION interaction_check();

-- What came of what somebody meant to come back to.
CREATE OR REPLACE FUNCTION interaction_follow_up(p_id uuid, p_version bigint, p_outcome text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('interaction', p_id, p_version);
    IF (SELECT i.follow_up_on IS NULL FROM interaction i WHERE i.id = p_id) THEN
        PERFORM refuse_state('Nobody meant to come back to it.', '{"follow_up_on": null}');
    END IF;
    UPDATE interaction i SET followed_up_on = district_today(), follow_up_outcome = p_outcome WHERE i.id = p_id;
END
$$;

-- Another day for it is another time.
CREATE OR REPLACE FUNCTION interaction_again() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.followed_up_on := NULL;
    NEW.follow_up_outcome := NULL;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER interaction_again BEFORE UPDATE ON interaction
    FOR EACH ROW WHEN (NEW.follow_up_on IS DISTINCT FROM OLD.follow_up_on) EXECUTE FUNCTION interaction_again();

CREATE OR REPLACE FUNCTION activity_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.on_date > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER activity_check BEFORE INSERT OR UPDATE OF on_date ON activity
    FOR EACH ROW EXECUTE FUNCTION activity_check();

DROP FUNCTION IF EXISTS activity_people(activity);

-- A partner's last contact is its last interaction or activity, whoever entered it.
CREATE OR REPLACE FUNCTION partner_contacted(p_district uuid, p_partner uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE partner t SET last_contact_on = c.on_date
    FROM (SELECT greatest(
              (SELECT max(i.on_date) FROM interaction i
               WHERE i.district_id = p_district AND i.partner_id = p_partner AND i.archived_at IS NULL),
              (SELECT max(a.on_date) FROM partnership p
               JOIN activity a ON a.district_id = p.district_id AND a.partnership_id = p.id
                   AND a.archived_at IS NULL
               WHERE p.district_id = p_district AND p.partner_id = p_partner)) AS on_date) AS c
    WHERE t.district_id = p_district AND t.id = p_partner
      AND t.last_contact_on IS DISTINCT FROM c.on_date;
END;

CREATE OR REPLACE FUNCTION contact_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    touched record;
BEGIN
    FOR touched IN
        SELECT DISTINCT r.district_id, coalesce(r.partner_id, p.partner_id) AS partner_id
        FROM (VALUES (to_jsonb(OLD)), (to_jsonb(NEW))) AS v (row),
             jsonb_to_record(v.row) AS r (district_id uuid, partner_id uuid, partnership_id uuid)
        LEFT JOIN partnership p ON p.district_id = r.district_id AND p.id = r.partnership_id
        WHERE r.district_id IS NOT NULL
        ORDER BY 2
    LOOP
        PERFORM partner_contacted(touched.district_id, touched.partner_id);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER contact_follow
    AFTER INSERT OR DELETE OR UPDATE OF partner_id, on_date, archived_at ON interaction
    FOR EACH ROW EXECUTE FUNCTION contact_follow();
CREATE OR REPLACE TRIGGER contact_follow
    AFTER INSERT OR DELETE OR UPDATE OF partnership_id, on_date, archived_at ON activity
    FOR EACH ROW EXECUTE FUNCTION contact_follow();

CREATE OR REPLACE FUNCTION partnership_partner_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM partnership p WHERE p.id = NEW.partnership_id AND p.partner_id = NEW.partner_id)
    THEN
        PERFORM refuse_field('partner_id', '"partner_id" is the partnership''s own partner.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER partnership_partner_check
    BEFORE INSERT OR UPDATE OF partnership_id, partner_id ON partnership_partner
    FOR EACH ROW EXECUTE FUNCTION partnership_partner_check();

-- ---- Goals that are shared -----------------------------------------------------------------------

CREATE OR REPLACE FUNCTION goal_partnership_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM goal g WHERE g.id = NEW.goal_id AND g.partnership_id = NEW.partnership_id) THEN
        PERFORM refuse_field('partnership_id', '"partnership_id" has this goal as its own.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER goal_partnership_check
    BEFORE INSERT OR UPDATE OF goal_id, partnership_id ON goal_partnership
    FOR EACH ROW EXECUTE FUNCTION goal_partnership_check();

-- What others acknowledged was the goal as it stood.
CREATE OR REPLACE FUNCTION clear_shares() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- Whoever changes one without a context, as a program of the operator's, has none for shares.
    PERFORM set_config('kith.district', NEW.district_id::text, true);
    UPDATE goal_partnership s
    SET district_at = NULL, district_by = NULL, partner_at = NULL, partner_by = NULL, partner_recorded_by = NULL,
        partner_version = NULL
    WHERE s.district_id = NEW.district_id AND s.goal_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER clear_shares AFTER UPDATE ON goal
    FOR EACH ROW WHEN (
        (NEW.statement, NEW.indicator_id, NEW.unit, NEW.direction, NEW.target, NEW.due_on)
        IS DISTINCT FROM
        (OLD.statement, OLD.indicator_id, OLD.unit, OLD.direction, OLD.target, OLD.due_on))
    EXECUTE FUNCTION clear_shares();

CREATE OR REPLACE FUNCTION goal_partnership_acknowledge(p_id uuid, p_version bigint, p_on_behalf_of uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('goal_partnership', p_id, p_version);
    PERFORM check_behalf(p_on_behalf_of, ARRAY(
        SELECT s.partnership_id FROM goal_partnership s WHERE s.id = p_id));
    PERFORM acknowledge_as('goal_partnership', '', p_id,
        CASE WHEN p_on_behalf_of IS NULL THEN 'district' ELSE 'partner' END,
        current_setting('kith.user')::uuid, p_on_behalf_of);
END
$$;

-- ---- Milestones ----------------------------------------------------------------------------------

-- A milestone's goal is one of its partnership, or one that the partnership shares.
CREATE OR REPLACE FUNCTION milestone_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.goal_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM goal g WHERE g.id = NEW.goal_id AND g.partnership_id = NEW.partnership_id
        UNION ALL
        SELECT FROM goal_partnership s
        WHERE s.goal_id = NEW.goal_id AND s.partnership_id = NEW.partnership_id AND s.archived_at IS NULL)
    THEN
        PERFORM refuse_field('goal_id', '"goal_id" is a goal of another partnership.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER milestone_check BEFORE INSERT OR UPDATE OF goal_id, partnership_id ON milestone
    FOR EACH ROW EXECUTE FUNCTION milestone_check();

-- Missed is what was due before today; what was missed is open again once it is due another day.
CREATE OR REPLACE FUNCTION milestone_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN p_action = 'miss' AND t.due_on >= district_today()
                         OR p_action = 'reopen' AND t.status = 'missed' AND t.due_on < district_today()
                    THEN '{due_on}'::text[] ELSE '{}'::text[] END
        FROM milestone t WHERE t.id = p_id);

CREATE OR REPLACE FUNCTION milestone_move(
    p_id uuid, p_version bigint, p_action text, p_reached date, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    m milestone;
    next_status text;
BEGIN
    PERFORM lock_row('milestone', p_id, p_version);
    SELECT t.* INTO m FROM milestone t WHERE t.id = p_id;
    next_status := transition('milestone', p_action, m.status);
    PERFORM refuse_missing('milestone', m.status, milestone_missing(p_id, p_action));
    IF p_reached > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    END IF;
    UPDATE milestone t SET status = next_status,
        reached_on = p_reached, status_reason = p_reason
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION milestone_reach(p_id uuid, p_version bigint, p_on_date date) RETURNS void
LANGUAGE sql RETURN milestone_move(p_id, p_version, 'reach', coalesce(p_on_date, district_today()), NULL);
CREATE OR REPLACE FUNCTION milestone_miss(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN milestone_move(p_id, p_version, 'miss', NULL, NULL);
CREATE OR REPLACE FUNCTION milestone_drop(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN milestone_move(p_id, p_version, 'drop', NULL, p_reason);
CREATE OR REPLACE FUNCTION milestone_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN milestone_move(p_id, p_version, 'reopen', NULL, NULL);

-- ---- Families ------------------------------------------------------------------------------------

-- The partnerships that run at a plan's site in its year, or ran there before they ended; and whether their part is to
-- plan with the families or to deliver. What the plan tells (94_plans.sql) and what the indicator counts (91_tally.sql) is this.
CREATE OR REPLACE FUNCTION family_plan_runs(p family_plan)
RETURNS TABLE (partnership_id uuid, partner_id uuid, takes_part boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, t.partner_id, EXISTS (
               SELECT FROM family_part f
               WHERE f.district_id = p.district_id AND f.family_plan_id = p.id AND f.partnership_id = t.id
                 AND f.archived_at IS NULL AND f.part IN ('co_plans', 'delivers'))
    FROM (SELECT s.starts_on AS first_day, s.ends_on AS last_day FROM school_year_span(p.school_year) AS s) AS y
    CROSS JOIN LATERAL ( -- by indexes, however many there are elsewhere
        SELECT w.id FROM partnership w WHERE w.district_id = p.district_id AND w.lead_site_id = p.site_id
        UNION
        SELECT s.partnership_id FROM partnership_site s
        WHERE s.district_id = p.district_id AND s.site_id = p.site_id AND s.archived_at IS NULL
          AND coalesce(s.from_date, '-infinity') <= y.last_day AND coalesce(s.until_date, 'infinity') >= y.first_day
        ) AS w
    JOIN partnership t ON t.district_id = p.district_id AND t.id = w.id AND t.archived_at IS NULL
    CROSS JOIN LATERAL partnership_ran(t) AS r
    WHERE r.first <= y.last_day AND r.last >= y.first_day;
END;

-- ---- Placements ----------------------------------------------------------------------------------

-- Says that the clearance was met, and never what it found.
DROP FUNCTION IF EXISTS placement_attest(uuid, bigint);
CREATE OR REPLACE FUNCTION placement_attest(p_id uuid, p_version bigint, p_until date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('placement', p_id, p_version);
    IF p_until < district_today() THEN
        PERFORM refuse_field('until', '"until" must not be over.');
    END IF;
    UPDATE placement t SET clearance_attested_on = district_today(), clearance_until = p_until,
        clearance_attested_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

-- Whoever has the post next is attested for anew.
CREATE OR REPLACE FUNCTION placement_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.clearance_attested_on := NULL;
    NEW.clearance_attested_by := NULL;
    NEW.clearance_until := NULL;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER placement_changed BEFORE UPDATE ON placement
    FOR EACH ROW WHEN (NEW.contact_id IS DISTINCT FROM OLD.contact_id)
    EXECUTE FUNCTION placement_changed();

-- Who sees to it that the post is cleared, from a month before it is not.
CREATE OR REPLACE FUNCTION placements_unclear(p_day date)
RETURNS TABLE (id uuid, partnership_id uuid, title text, supervisor_id uuid, due_on date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, t.partnership_id, t.title, t.supervisor_id, coalesce(t.clearance_until, t.from_date)
    FROM placement t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.archived_at IS NULL
      AND t.contact_id IS NOT NULL AND t.from_date <= p_day + 30
      AND coalesce(t.until_date, 'infinity') >= p_day
      AND (t.clearance_attested_on IS NULL OR t.clearance_until <= p_day + 30
           AND t.clearance_until < coalesce(t.until_date, 'infinity'));
END;

-- What a post costs in those days, both ends included, as a share of the year that begins with the first.
CREATE OR REPLACE FUNCTION placement_cents(p placement, p_from date, p_until date) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN round(p.annual_cost_cents * p.fte * (p_until - p_from + 1)
             / ((p_from + interval '1 year')::date - p_from));

CREATE OR REPLACE FUNCTION placement_invest(p_id uuid, p_version bigint, p_from date, p_until date)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p placement;
BEGIN
    PERFORM lock_row('placement', p_id, p_version);
    SELECT t.* INTO p FROM placement t WHERE t.id = p_id;
    PERFORM refuse_missing('placement', NULL, array_remove(ARRAY[
        CASE WHEN p.annual_cost_cents IS NULL THEN 'annual_cost' END], NULL));
    IF p_from < p.from_date OR p_from > p_until THEN
        PERFORM refuse_field('from_date', '"from_date" must be a day of the placement, and not after "until_date".');
    ELSIF p_until > coalesce(p.until_date, 'infinity') THEN
        PERFORM refuse_field('until_date', '"until_date" must be a day of the placement.');
    ELSIF EXISTS (
        SELECT FROM investment i
        WHERE i.placement_id = p_id AND i.archived_at IS NULL AND i.status <> 'cancelled'
          AND i.from_date <= p_until AND i.until_date >= p_from) THEN
        PERFORM refuse_state('Some of these days are an investment already.', '{"status": "invested"}');
    END IF;
    INSERT INTO investment (district_id, id, partnership_id, site_id, side, kind, amount_cents, from_date,
                            until_date, purpose, placement_id)
    VALUES (p.district_id, uuid7(), p.partnership_id, p.site_id,
            CASE p.funder WHEN 'other' THEN 'partner' ELSE p.funder END,
            CASE p.funder WHEN 'other' THEN 'grant' ELSE 'staff_fte' END, -- which counts for neither side
            placement_cents(p, p_from, p_until), p_from, p_until, concat_ws(', ', p.title, p.funder_name), p_id);
END
$$;

REVOKE EXECUTE ON FUNCTION interaction_check, interaction_follow_up, interaction_again, activity_check, partner_contacted,
    contact_follow, partnership_partner_check, goal_partnership_check, clear_shares,
    goal_partnership_acknowledge, milestone_check, milestone_move, milestone_missing, milestone_miss, milestone_reach, milestone_drop,
    milestone_reopen, placement_attest, placement_changed, placements_unclear, placement_cents, placement_invest,
    family_plan_runs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION interaction_follow_up, goal_partnership_acknowledge, milestone_move, milestone_missing, milestone_miss, milestone_reach,
    milestone_drop, milestone_reopen, placement_attest, placements_unclear, placement_cents, placement_invest,
    family_plan_runs TO kith_api;

RESET ROLE;
