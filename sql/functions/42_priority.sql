-- Priorities, and the guard of employees' work. Parameters of an action are its row's id, the version that the
-- client asked for (NULL: any), and its fields.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION priority_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN CASE WHEN p_action = 'carry_over' AND EXISTS (
    SELECT FROM priority p WHERE p.carried_from_id = p_id AND p.archived_at IS NULL)
    THEN '{carried}' ELSE '{}' END::text[];

-- Locks a row for an action, and gives the status that the action leads to.
CREATE OR REPLACE FUNCTION action_begin(p_table text, p_id uuid, p_version bigint, p_action text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    old_status text;
BEGIN
    PERFORM lock_row(p_table, p_id, p_version);
    EXECUTE format('SELECT status FROM %I WHERE id = $1', p_table) INTO old_status USING p_id;
    RETURN transition(p_table, p_action, old_status);
END
$$;

CREATE OR REPLACE FUNCTION priority_adopt(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('priority', p_id, p_version, 'adopt');
BEGIN
    UPDATE priority SET status = next_status, adopted_on = district_today(),
        adopted_by = current_setting('kith.user')::uuid
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION priority_close(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('priority', p_id, p_version, 'close');
BEGIN
    UPDATE priority SET status = next_status, status_reason = p_reason WHERE id = p_id;
END
$$;

-- The target of a year is the next one's to say again.
CREATE OR REPLACE FUNCTION priority_carry_over(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found_status text := action_begin('priority', p_id, p_version, 'carry_over');
BEGIN
    PERFORM refuse_missing('priority', found_status, priority_missing(p_id, 'carry_over'));
    INSERT INTO priority (district_id, id, school_year, network_id, site_id, statement, focus_area_id,
                          indicator_id, direction, baseline, carried_from_id)
    SELECT p.district_id, uuid7(), p.school_year + 1, p.network_id, p.site_id, p.statement,
           p.focus_area_id, p.indicator_id, p.direction, p.target, p.id
    FROM priority p WHERE p.id = p_id;
END
$$;

-- What measures it, from where and how far, is changed with a reason, which stays with it. NULL: as it is.
CREATE OR REPLACE FUNCTION priority_revise(
    p_id uuid, p_version bigint, p_reason text, p_indicator uuid, p_direction text, p_baseline numeric, p_target numeric)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('priority', p_id, p_version, 'revise');
BEGIN
    PERFORM set_config('kith.revises', p_id::text, true);
    UPDATE priority p SET status = next_status, revision_reason = p_reason, revised_on = district_today(),
        revised_by = current_setting('kith.user')::uuid, indicator_id = coalesce(p_indicator, p.indicator_id),
        direction = coalesce(p_direction, p.direction), baseline = coalesce(p_baseline, p.baseline),
        target = coalesce(p_target, p.target)
    WHERE p.id = p_id;
    PERFORM set_config('kith.revises', '', true);
END
$$;

-- What was adopted is what was wanted; another year, or another priority, says something else. What measures it is
-- revised.
CREATE OR REPLACE FUNCTION refuse_adopted_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state(
        CASE WHEN (NEW.school_year, NEW.network_id, NEW.site_id, NEW.statement, NEW.focus_area_id)
                  IS DISTINCT FROM (OLD.school_year, OLD.network_id, OLD.site_id, OLD.statement, OLD.focus_area_id)
             THEN 'What was adopted stays as it is.'
             ELSE 'What measures it is revised, with a reason.' END,
        jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER refuse_adopted_change BEFORE UPDATE ON priority
    FOR EACH ROW WHEN (OLD.status <> 'draft'
        AND (NEW.school_year, NEW.network_id, NEW.site_id, NEW.statement, NEW.focus_area_id)
            IS DISTINCT FROM
            (OLD.school_year, OLD.network_id, OLD.site_id, OLD.statement, OLD.focus_area_id)
        OR OLD.status <> 'draft' AND coalesce(current_setting('kith.revises', true), '') <> OLD.id::text
        AND (NEW.indicator_id, NEW.direction, NEW.baseline, NEW.target)
            IS DISTINCT FROM (OLD.indicator_id, OLD.direction, OLD.baseline, OLD.target))
    EXECUTE FUNCTION refuse_adopted_change();

-- A review of a need is at the need's place.
CREATE OR REPLACE FUNCTION follow_need() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT n.network_id, n.site_id INTO NEW.network_id, NEW.site_id
    FROM need n WHERE n.district_id = NEW.district_id AND n.id = NEW.need_id;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER follow_need BEFORE INSERT OR UPDATE ON displacement_review
    FOR EACH ROW WHEN (NEW.need_id IS NOT NULL) EXECUTE FUNCTION follow_need();

-- Another proposal than the one that was decided on has not been decided on.
CREATE OR REPLACE FUNCTION refuse_decided_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('It was decided on as it stands; reopen it first.',
                         jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER refuse_decided_change BEFORE UPDATE ON displacement_review
    FOR EACH ROW WHEN (OLD.status <> 'open'
        AND (NEW.partnership_id, NEW.proposal, NEW.done_by_employees)
            IS DISTINCT FROM (OLD.partnership_id, OLD.proposal, OLD.done_by_employees))
    EXECUTE FUNCTION refuse_decided_change();

CREATE OR REPLACE FUNCTION displacement_review_decide(
    p_id uuid, p_version bigint, p_kind text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found_status text := action_begin('displacement_review', p_id, p_version, 'decide');
    found displacement_review;
BEGIN
    SELECT d.* INTO found FROM displacement_review d WHERE d.id = p_id;
    IF p_kind = 'new' AND found.done_by_employees THEN
        PERFORM refuse_field('kind', 'What employees do now is not new.');
    ELSIF p_kind = 'displaces' AND NOT found.done_by_employees THEN
        PERFORM refuse_field('kind', 'What no employee does displaces nobody.');
    END IF;
    UPDATE displacement_review SET
        status = CASE p_kind WHEN 'displaces' THEN 'approval' ELSE 'cleared' END,
        kind = p_kind, status_reason = p_reason,
        decided_by = current_setting('kith.user')::uuid,
        decided_at = current_setting('kith.now')::timestamptz
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION displacement_review_end(
    p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('displacement_review', p_id, p_version, p_action);
BEGIN
    UPDATE displacement_review SET status = next_status, status_reason = p_reason,
        approved_by = current_setting('kith.user')::uuid,
        approved_at = current_setting('kith.now')::timestamptz
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION displacement_review_approve(p_id uuid, p_version bigint, p_reason text)
RETURNS void
LANGUAGE sql RETURN displacement_review_end(p_id, p_version, 'approve', p_reason);
CREATE OR REPLACE FUNCTION displacement_review_refuse(p_id uuid, p_version bigint, p_reason text)
RETURNS void
LANGUAGE sql RETURN displacement_review_end(p_id, p_version, 'refuse', p_reason);

CREATE OR REPLACE FUNCTION displacement_review_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('displacement_review', p_id, p_version, 'reopen');
BEGIN
    UPDATE displacement_review SET status = next_status, kind = NULL, status_reason = NULL,
        decided_by = NULL, decided_at = NULL, approved_by = NULL, approved_at = NULL
    WHERE id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION priority_missing, action_begin, priority_adopt, priority_close,
    priority_carry_over, priority_revise, refuse_adopted_change, follow_need, refuse_decided_change,
    displacement_review_decide, displacement_review_end, displacement_review_approve,
    displacement_review_refuse, displacement_review_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION priority_missing, action_begin, priority_adopt, priority_close,
    priority_carry_over, priority_revise, displacement_review_decide, displacement_review_end,
    displacement_review_approve, displacement_review_refuse, displacement_review_reopen TO kith_api;

RESET ROLE;
