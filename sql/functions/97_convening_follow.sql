-- What follows when a convening changes, and what its owner has to do.

SET ROLE kith_owner;

-- ---- What follows by itself ----------------------------------------------------------------------

-- One that is over stays when it was; there are never fewer seats than are taken. Whatever calendars show counts.
CREATE OR REPLACE FUNCTION convening_move() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.starts_at <> OLD.starts_at THEN
        NEW.moved_from := OLD.starts_at;
        IF NEW.ends_at = OLD.ends_at THEN
            NEW.ends_at := NEW.starts_at + (OLD.ends_at - OLD.starts_at);
        END IF;
    END IF;
    IF (NEW.starts_at, NEW.ends_at) IS DISTINCT FROM (OLD.starts_at, OLD.ends_at)
       AND OLD.status NOT IN ('planned', 'invited') THEN
        PERFORM refuse_state(format('It is %s, so that its time stays.', OLD.status),
                             jsonb_build_object('status', OLD.status));
    ELSIF NEW.capacity < convening_seats(NEW.id) THEN
        PERFORM refuse_field('capacity', format('%s seats are taken.', convening_seats(NEW.id)));
    END IF;
    NEW.sequence := OLD.sequence + 1;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER convening_move BEFORE UPDATE ON convening
    FOR EACH ROW WHEN (
        (NEW.starts_at, NEW.ends_at, NEW.location, NEW.online_url, NEW.capacity, NEW.status = 'cancelled',
         NEW.archived_at IS NULL)
        IS DISTINCT FROM
        (OLD.starts_at, OLD.ends_at, OLD.location, OLD.online_url, OLD.capacity, OLD.status = 'cancelled',
         OLD.archived_at IS NULL))
    EXECUTE FUNCTION convening_move();

-- Who has heard of it is told. A migration has no context.
CREATE OR REPLACE FUNCTION convening_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    i convening_invitee;
    is_on boolean := NEW.status = 'invited' AND NEW.archived_at IS NULL;
BEGIN
    IF coalesce(current_setting('kith.district', true), '') = '' THEN
        RETURN NULL;
    ELSIF is_on AND NEW.capacity IS DISTINCT FROM OLD.capacity THEN
        PERFORM convening_fill(NEW);
    END IF;
    IF convening_has_begun(NEW) OR is_on AND (NEW.starts_at, NEW.ends_at, NEW.location, NEW.online_url)
       IS NOT DISTINCT FROM (OLD.starts_at, OLD.ends_at, OLD.location, OLD.online_url)
       OR NEW.status NOT IN ('invited', 'cancelled') THEN
        RETURN NULL;
    END IF;
    IF NEW.starts_at = OLD.starts_at THEN
        NEW.moved_from := NULL; -- is not what is told
    END IF;
    FOR i IN SELECT * FROM convening_told(NEW.id) LOOP
        PERFORM convening_tell(i, NEW, CASE WHEN is_on THEN 'moved' ELSE 'cancelled' END,
                               'sequence ' || NEW.sequence);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER convening_follow AFTER UPDATE ON convening
    FOR EACH ROW WHEN (OLD.status = 'invited' AND OLD.archived_at IS NULL AND OLD.sequence <> NEW.sequence)
    EXECUTE FUNCTION convening_follow();

-- That its agenda was filled is no change of it.
CREATE OR REPLACE TRIGGER bump_version
    BEFORE UPDATE OF district_id, id, school_year, network_id, site_id, kind, title, starts_at, ends_at, moved_from,
        location, online_url, capacity, reminder_days, host_id, convening_template_id, status, status_reason, notes,
        held_on, closed_on, sequence, version, created_at, updated_at, archived_at ON convening
    FOR EACH ROW EXECUTE FUNCTION bump_version();

-- ---- What waits for a person ---------------------------------------------------------------------

-- Those that a user sees to on a day; narrowed first by the posts that the user holds.
CREATE OR REPLACE FUNCTION owned_convenings(p_user uuid, p_day date) RETURNS SETOF convening
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH held AS MATERIALIZED (
        SELECT o.site_id, o.network_id
        FROM post_holder h JOIN post o ON o.district_id = h.district_id AND o.id = h.post_id AND o.archived_at IS NULL
        WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user AND h.archived_at IS NULL
          AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity'))
    SELECT c.* FROM convening c
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.archived_at IS NULL
      AND c.status IN ('planned', 'invited', 'held')
      AND (c.host_id = p_user OR c.host_id IS NULL AND (
              c.site_id IN (SELECT h.site_id FROM held h) OR c.network_id IN (SELECT h.network_id FROM held h)
              OR c.site_id IN (SELECT s.id FROM site s
                               WHERE s.network_id IN (SELECT h.network_id FROM held h)))
          AND convening_owner(c, p_day) = p_user);
END;

CREATE OR REPLACE FUNCTION my_convening_invitation(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, c.title, convening_day(c) - 14, NULL::uuid FROM owned_convenings(p_user, p_day) c
    WHERE c.status = 'planned' AND convening_day(c) BETWEEN p_day AND p_day + 45;
END;

CREATE OR REPLACE FUNCTION my_convening_attendance(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, c.title, convening_day(c), NULL::uuid FROM owned_convenings(p_user, p_day) c
    WHERE convening_has_begun(c) AND (c.status <> 'held' OR 'attendance' = ANY (convening_missing(c.id, 'close')));
END;

CREATE OR REPLACE FUNCTION my_convening_notes(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, c.title, convening_day(c) + 7, NULL::uuid FROM owned_convenings(p_user, p_day) c
    WHERE c.status = 'held';
END;

CREATE OR REPLACE FUNCTION my_convening_decision(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.id, d.decision, d.due_on, d.partnership_id FROM convening_decision d
    WHERE d.district_id = current_setting('kith.district')::uuid AND d.owner_user_id = p_user
      AND d.status = 'open' AND d.archived_at IS NULL;
END;

REVOKE EXECUTE ON FUNCTION owned_convenings, my_convening_invitation, my_convening_attendance, my_convening_notes,
    my_convening_decision, convening_move, convening_follow FROM PUBLIC;
GRANT EXECUTE ON FUNCTION owned_convenings, my_convening_invitation, my_convening_attendance, my_convening_notes,
    my_convening_decision TO kith_api;

RESET ROLE;
