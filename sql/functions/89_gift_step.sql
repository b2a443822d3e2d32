-- How gifts are reviewed before they are accepted: in the steps that the district asks of what is worth so much, and in
-- those that people add.

SET ROLE kith_owner;

-- What is offered has the steps of the rules, when it comes and when it is said to be worth more. Offered anew it is
-- reviewed anew.
CREATE OR REPLACE FUNCTION gift_steps_add() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.district', true), '') = '' THEN
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' AND OLD.status <> 'offered' THEN
        UPDATE gift_step s SET status = 'pending', comment = NULL, decided_at = NULL, decided_by = NULL
        WHERE s.district_id = NEW.district_id AND s.gift_id = NEW.id AND s.status <> 'pending';
    END IF;
    INSERT INTO gift_step (district_id, id, gift_id, kind, due_on)
    SELECT NEW.district_id, uuid7(), NEW.id, r.step, district_today() + min(r.due_days)::integer
    FROM review_rule r
    WHERE r.district_id = NEW.district_id AND r.subject = 'gift' AND r.step <> 'none' AND r.archived_at IS NULL
      AND coalesce(gift_worth(NEW) >= r.from_cents, true)
      AND NOT EXISTS (SELECT FROM gift_step s
                      WHERE s.district_id = NEW.district_id AND s.gift_id = NEW.id AND s.kind = r.step
                        AND s.archived_at IS NULL)
    GROUP BY r.step
    ORDER BY r.step;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER gift_steps_add AFTER INSERT OR UPDATE OF status, amount_cents, value_cents ON gift
    FOR EACH ROW WHEN (NEW.status = 'offered') EXECUTE FUNCTION gift_steps_add();

-- With a file's gift what nobody has decided goes, when the file is reverted.
CREATE OR REPLACE FUNCTION gift_steps_drop() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM gift_step s WHERE s.district_id = OLD.district_id AND s.gift_id = OLD.id AND s.version = 1;
    RETURN OLD;
END
$$;
CREATE OR REPLACE TRIGGER gift_steps_drop BEFORE DELETE ON gift
    FOR EACH ROW EXECUTE FUNCTION gift_steps_drop();

-- What was decided stays; what was not is taken away, or made another, by whoever runs the program.
CREATE OR REPLACE FUNCTION gift_step_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.user', true), '') = '' OR is_unguarded() THEN
        RETURN NEW;
    ELSIF OLD.status <> 'pending' THEN
        PERFORM refuse_state('It is decided.', jsonb_build_object('status', OLD.status));
    ELSIF NOT kith_has_role('admin,director') THEN
        PERFORM refuse_state('Whoever runs the program takes a step away.', jsonb_build_object('status', OLD.status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER gift_step_keep BEFORE UPDATE ON gift_step
    FOR EACH ROW WHEN ((NEW.gift_id, NEW.kind) IS DISTINCT FROM (OLD.gift_id, OLD.kind)
        OR OLD.archived_at IS NULL AND NEW.archived_at IS NOT NULL)
    EXECUTE FUNCTION gift_step_keep();

-- Any reviewer decides, an executive in the superintendent's, and who runs the program in each.
CREATE OR REPLACE FUNCTION gift_step_decide(p_id uuid, p_version bigint, p_action text, p_comment text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    s gift_step;
    found_status text;
BEGIN
    PERFORM lock_row('gift_step', p_id, p_version);
    SELECT t.* INTO s FROM gift_step t WHERE t.id = p_id;
    SELECT g.status INTO found_status FROM gift g WHERE g.district_id = s.district_id AND g.id = s.gift_id;
    IF NOT kith_has_role('admin,director')
       AND NOT kith_has_role(CASE s.kind WHEN 'superintendent' THEN 'executive' ELSE 'reviewer' END) THEN
        PERFORM refuse_state('Somebody else decides in this step.', jsonb_build_object('status', s.status));
    ELSIF found_status <> 'offered' THEN
        PERFORM refuse_state('The gift waits for no acceptance.',
                             jsonb_build_object('status', s.status, 'gift_status', found_status));
    END IF;
    UPDATE gift_step t SET status = transition('gift_step', p_action, t.status), comment = p_comment,
        decided_at = current_setting('kith.now')::timestamptz, decided_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION gift_step_approve(p_id uuid, p_version bigint, p_comment text) RETURNS void
LANGUAGE sql RETURN gift_step_decide(p_id, p_version, 'approve', p_comment);
CREATE OR REPLACE FUNCTION gift_step_reject(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN gift_step_decide(p_id, p_version, 'reject', p_reason);

REVOKE EXECUTE ON FUNCTION gift_steps_add, gift_steps_drop, gift_step_keep, gift_step_decide, gift_step_approve,
    gift_step_reject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gift_step_decide, gift_step_approve, gift_step_reject TO kith_api;

RESET ROLE;
