-- What a convening decides, until it is written back to what it is about.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION convening_decision_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind IN ('goal', 'action', 'other') THEN
        NEW.partnership_id := coalesce(NEW.partnership_id, (
            SELECT g.partnership_id FROM goal g WHERE g.district_id = NEW.district_id AND g.id = NEW.goal_id));
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status <> 'open' THEN
        PERFORM refuse_state(format('It is %s, and stays as it is.', OLD.status),
                             jsonb_build_object('status', OLD.status));
    ELSIF NEW.kind NOT IN ('action', 'other') AND NEW.partnership_id IS NULL THEN
        PERFORM refuse_field('partnership_id', 'Say which partnership it is about.');
    ELSIF num_nonnulls(NEW.partnership_id, NEW.need_id, NEW.partner_id) > 1 THEN
        PERFORM refuse_field(CASE WHEN NEW.need_id IS NULL THEN 'partner_id' ELSE 'need_id' END,
                             'It is about a partnership, a need or a partner: one of them.');
    ELSIF NOT EXISTS (SELECT FROM goal g WHERE g.district_id = NEW.district_id AND g.id = NEW.goal_id
                      AND g.partnership_id = NEW.partnership_id) AND NEW.goal_id IS NOT NULL THEN
        PERFORM refuse_field('goal_id', '"goal_id" is no goal of the partnership.');
    ELSIF NOT EXISTS (SELECT FROM agenda_item a WHERE a.district_id = NEW.district_id AND a.id = NEW.agenda_item_id
                      AND a.convening_id = NEW.convening_id) AND NEW.agenda_item_id IS NOT NULL THEN
        PERFORM refuse_field('agenda_item_id', '"agenda_item_id" is not on this agenda.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER convening_decision_check BEFORE INSERT ON convening_decision
    FOR EACH ROW EXECUTE FUNCTION convening_decision_check();
CREATE OR REPLACE TRIGGER convening_decision_change BEFORE UPDATE ON convening_decision
    FOR EACH ROW WHEN (
        (NEW.kind, NEW.decision, NEW.agenda_item_id, NEW.partnership_id, NEW.goal_id, NEW.need_id, NEW.partner_id,
         NEW.site_id, NEW.section, NEW.target, NEW.change_kind, NEW.due_on)
        IS DISTINCT FROM
        (OLD.kind, OLD.decision, OLD.agenda_item_id, OLD.partnership_id, OLD.goal_id, OLD.need_id, OLD.partner_id,
         OLD.site_id, OLD.section, OLD.target, OLD.change_kind, OLD.due_on))
    EXECUTE FUNCTION convening_decision_check();

-- The plan of the site for the year, drafted where there is none or it was agreed on; with one paragraph more.
CREATE OR REPLACE FUNCTION convening_decision_plan(d convening_decision, c convening) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    site uuid := coalesce(d.site_id, c.site_id);
    plan site_plan;
    stood text;
BEGIN
    IF site IS NULL THEN
        PERFORM refuse_field('site_id', 'Say of which site the plan is.');
    END IF;
    SELECT t.* INTO plan FROM site_plan t
    WHERE t.partnership_id = d.partnership_id AND t.site_id = site AND t.school_year = c.school_year
      AND t.archived_at IS NULL;
    IF plan.id IS NULL THEN
        INSERT INTO site_plan AS t (district_id, id, partnership_id, site_id, school_year)
        VALUES (d.district_id, uuid7(), d.partnership_id, site, c.school_year) RETURNING t.* INTO plan;
    ELSIF plan.status <> 'draft' THEN
        PERFORM site_plan_revise(plan.id, NULL);
    END IF;
    stood := to_jsonb(plan) ->> d.section;
    IF char_length(stood) + char_length(d.decision) >= 10000 THEN
        PERFORM refuse_field('section', 'There is no room for it in the plan.');
    END IF;
    EXECUTE format('UPDATE site_plan SET %I = $1 WHERE id = $2', d.section)
    USING concat_ws(E'\n', nullif(stood, ''), d.decision), plan.id;
    RETURN plan.id;
END
$$;

-- What somebody is to do, about what it is: a partnership, or what the convening says itself.
CREATE OR REPLACE FUNCTION convening_decision_action(d convening_decision) RETURNS uuid
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO action_item (district_id, id, partnership_id, need_id, partner_id, site_id, convening_id, description,
                             owner_user_id, owner_contact_id, due_on)
    SELECT d.district_id, uuid7(), d.partnership_id, d.need_id, d.partner_id,
           CASE WHEN num_nonnulls(d.partnership_id, d.need_id, d.partner_id) = 0 THEN d.site_id END,
           CASE WHEN d.partnership_id IS NULL THEN d.convening_id END,
           d.decision, d.owner_user_id, d.owner_contact_id, d.due_on
    RETURNING id;
END;

-- Writes what was decided back to what it is about, as what it becomes. Whatever has somebody who sees to it, or a day,
-- is something to do.
CREATE OR REPLACE FUNCTION convening_decision_write(
    d convening_decision, c convening, OUT result_kind text, OUT result_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    IF d.kind = 'action' OR d.kind = 'other' AND num_nonnulls(d.owner_user_id, d.owner_contact_id, d.due_on) > 0 THEN
        result_kind := 'action_items';
        result_id := convening_decision_action(d);
        RETURN;
    END IF;
    result_id := uuid7();
    CASE d.kind
    WHEN 'partnership_change' THEN
        result_kind := 'partnership_changes';
        INSERT INTO partnership_change (district_id, id, partnership_id, kind, on_date, site_id, description)
        VALUES (d.district_id, result_id, d.partnership_id, d.change_kind, convening_day(c),
                coalesce(d.site_id, c.site_id), d.decision);
    WHEN 'goal' THEN
        result_kind := 'goals';
        IF d.goal_id IS NULL THEN
            INSERT INTO goal (district_id, id, partnership_id, statement, due_on, target)
            VALUES (d.district_id, result_id, d.partnership_id, d.decision, d.due_on, d.target);
        ELSE
            result_id := d.goal_id;
            PERFORM lock_row('goal', d.goal_id, NULL);
            UPDATE goal g SET due_on = coalesce(d.due_on, g.due_on), target = coalesce(d.target, g.target)
            WHERE g.id = d.goal_id;
        END IF;
    WHEN 'site_plan' THEN
        result_kind := 'site_plans';
        result_id := convening_decision_plan(d, c);
    ELSE
        result_id := NULL;
    END CASE;
END
$$;

CREATE OR REPLACE FUNCTION convening_decision_apply(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('convening_decision', p_id, p_version, 'apply');
    d convening_decision;
    c convening;
    made record;
BEGIN
    SELECT t.* INTO d FROM convening_decision t WHERE t.id = p_id;
    SELECT t.* INTO c FROM convening t WHERE t.id = d.convening_id;
    PERFORM transition('convening', 'apply', c.status);
    SELECT * INTO made FROM convening_decision_write(d, c);
    UPDATE convening_decision t
    SET status = next_status, result_kind = made.result_kind, result_id = made.result_id,
        applied_at = current_setting('kith.now')::timestamptz, applied_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION convening_decision_drop(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('convening_decision', p_id, p_version, 'drop');
BEGIN
    UPDATE convening_decision t SET status = next_status WHERE t.id = p_id;
END
$$;

-- All that is open of a convening, or nothing.
CREATE OR REPLACE FUNCTION convening_apply(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one uuid;
BEGIN
    PERFORM convening_begin(p_id, p_version, 'apply');
    FOR one IN
        SELECT d.id FROM convening_decision d
        WHERE d.convening_id = p_id AND d.status = 'open' AND d.archived_at IS NULL ORDER BY d.created_at, d.id
    LOOP
        PERFORM convening_decision_apply(one, NULL);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION convening_decision_plan, convening_decision_action, convening_decision_write,
    convening_decision_apply, convening_decision_drop, convening_apply, convening_decision_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_decision_plan, convening_decision_action, convening_decision_write,
    convening_decision_apply, convening_decision_drop, convening_apply TO kith_api;

RESET ROLE;
