-- What follows by itself: from dates that move, from partnerships that pause or end, and from what
-- sites add.

SET ROLE kith_owner;

-- A due date that moves takes along the day on which it opens, the invitation, and the reminders.
CREATE OR REPLACE FUNCTION check_in_move() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    settings record;
BEGIN
    IF OLD.status NOT IN ('scheduled', 'open') THEN
        PERFORM refuse_state(format('It is %s, so that its date stays.', replace(OLD.status, '_', ' ')),
                             jsonb_build_object('status', OLD.status));
    END IF;
    SELECT * INTO settings FROM check_in_settings();
    NEW.opens_on := CASE NEW.status WHEN 'scheduled' THEN NEW.due_on - settings.opening_days
                                    ELSE least(NEW.opens_on, NEW.due_on) END;
    NEW.sequence := OLD.sequence + 1;
    NEW.dated_at := current_setting('kith.now')::timestamptz;
    PERFORM message_withdraw(NEW.district_id, NEW.id, NULL, 'moved');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_in_move BEFORE UPDATE OF due_on ON check_in
    FOR EACH ROW WHEN (NEW.due_on <> OLD.due_on) EXECUTE FUNCTION check_in_move();

-- What is archived is not due, and its invitation is taken back; what is restored is due again.
CREATE OR REPLACE FUNCTION check_in_put_away() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.sequence := OLD.sequence + 1;
    PERFORM message_withdraw(NEW.district_id, NEW.id, NULL, 'cancelled');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_in_put_away BEFORE UPDATE OF archived_at ON check_in
    FOR EACH ROW WHEN ((NEW.archived_at IS NULL) <> (OLD.archived_at IS NULL))
    EXECUTE FUNCTION check_in_put_away();

-- A partnership that stops takes along its check-ins to come and its mails; one that runs again has
-- them back, as long as they are not due yet.
CREATE OR REPLACE FUNCTION check_in_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    was_running boolean := OLD.status IN ('active', 'renewing') AND OLD.archived_at IS NULL;
    is_running boolean := NEW.status IN ('active', 'renewing') AND NEW.archived_at IS NULL;
    business_now timestamptz := business_now();
    today date;
    one uuid;
BEGIN
    IF was_running = is_running AND NEW.status = OLD.status THEN
        RETURN NULL;
    END IF;
    SELECT (business_now AT TIME ZONE coalesce(
        (SELECT s.zone FROM site s WHERE s.district_id = d.id AND s.id = NEW.lead_site_id), d.zone))::date
    INTO today FROM district d WHERE d.id = NEW.district_id;
    IF was_running AND NOT is_running THEN
        FOR one IN
            SELECT c.id FROM check_in c
            WHERE c.district_id = NEW.district_id AND c.partnership_id = NEW.id
              AND c.status IN ('scheduled', 'open') AND c.archived_at IS NULL
              AND c.due_on >= today
            ORDER BY c.id
        LOOP
            UPDATE check_in SET status = 'cancelled', is_cancelled_with = true,
                closed_at = business_now, sequence = sequence + 1
            WHERE district_id = NEW.district_id AND id = one;
        END LOOP;
    ELSIF is_running AND NOT was_running THEN
        FOR one IN
            SELECT c.id FROM check_in c
            WHERE c.district_id = NEW.district_id AND c.partnership_id = NEW.id
              AND c.is_cancelled_with AND c.archived_at IS NULL
              AND c.due_on >= today
            ORDER BY c.id
        LOOP
            UPDATE check_in SET status = CASE WHEN opened_at IS NULL THEN 'scheduled' ELSE 'open' END,
                is_cancelled_with = false, closed_at = NULL, dated_at = business_now,
                sequence = sequence + 1
            WHERE district_id = NEW.district_id AND id = one;
        END LOOP;
    END IF;
    IF NOT is_running AND (was_running OR NEW.status = 'ended' AND OLD.status <> 'ended') THEN
        PERFORM message_withdraw(NEW.district_id, NULL, NEW.id, 'cancelled');
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER check_in_follow AFTER UPDATE OF status, archived_at ON partnership
    FOR EACH ROW EXECUTE FUNCTION check_in_follow();

CREATE OR REPLACE FUNCTION action_item_complete(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('action_item', p_id, p_version, 'complete');
BEGIN
    UPDATE action_item t SET status = next_status, done_at = current_setting('kith.now')::timestamptz
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION action_item_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('action_item', p_id, p_version, 'reopen');
BEGIN
    UPDATE action_item t SET status = next_status, done_at = NULL,
        owner_user_id = serving_put('owner_user_id', t.owner_user_id, NULL)
    WHERE t.id = p_id;
END
$$;

-- ---- What sites add ------------------------------------------------------------------------------

-- A site of the partnership, as long as the check-in is open.
CREATE OR REPLACE FUNCTION check_in_site_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    c check_in;
BEGIN
    SELECT i.* INTO c FROM check_in i WHERE i.district_id = NEW.district_id AND i.id = NEW.check_in_id;
    IF c.id IS NULL THEN
        RETURN NEW;
    ELSIF NOT EXISTS (
        SELECT FROM partnership p WHERE p.district_id = c.district_id AND p.id = c.partnership_id
          AND p.lead_site_id = NEW.site_id
        UNION ALL
        SELECT FROM partnership_site s
        WHERE s.district_id = c.district_id AND s.partnership_id = c.partnership_id AND s.site_id = NEW.site_id
          AND s.archived_at IS NULL) THEN
        PERFORM refuse_field('site_id', '"site_id" is no site of this partnership.');
    ELSIF c.status <> 'open' THEN
        PERFORM refuse_state('The check-in is not open.', jsonb_build_object('status', c.status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_in_site_check BEFORE INSERT OR UPDATE OF rating, note ON check_in_site
    FOR EACH ROW EXECUTE FUNCTION check_in_site_check();

REVOKE EXECUTE ON FUNCTION check_in_site_check, check_in_move, check_in_put_away, check_in_follow,
    action_item_complete, action_item_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION action_item_complete, action_item_reopen TO kith_api;

RESET ROLE;
