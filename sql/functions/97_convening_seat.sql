-- Seats at a convening: answers, who waits for one, who came unasked. The row of `convening` is locked by whatever
-- takes or frees a seat, so that there are never more than its capacity.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION convening_seats(p_convening uuid) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT coalesce(sum(1 + i.guests), 0)::bigint FROM convening_invitee i
        WHERE i.convening_id = p_convening AND i.status = 'accepted' AND i.archived_at IS NULL);

-- Free seats go to those who wait, in the order in which they asked; who has more guests than there is room for
-- waits on.
CREATE OR REPLACE FUNCTION convening_fill(c convening) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    i convening_invitee;
BEGIN
    FOR i IN
        SELECT t.* FROM convening_invitee t
        WHERE t.convening_id = c.id AND t.status = 'waitlisted' AND t.archived_at IS NULL
        ORDER BY t.answered_at, t.id
    LOOP
        IF coalesce(convening_seats(c.id) + 1 + i.guests <= c.capacity, true) THEN
            UPDATE convening_invitee t SET status = 'accepted' WHERE t.id = i.id RETURNING t.* INTO i;
            PERFORM convening_tell(i, c, 'seat', 'seat ' || i.version);
        END IF;
    END LOOP;
END
$$;

-- An answer, which may change until it starts. Where there is no seat left, one waits for it; who has one does not
-- lose it for more guests than there is room for.
CREATE OR REPLACE FUNCTION convening_answer(
    p_invitee uuid, p_answer text, p_guests bigint, p_note text, p_recorded_by uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    c convening;
    i convening_invitee;
    answer text := p_answer;
    party bigint := CASE WHEN p_answer IN ('accepted', 'tentative') THEN coalesce(p_guests, 0) ELSE 0 END;
    free bigint; -- seats, without those that it has
BEGIN
    PERFORM FROM convening t
    WHERE t.id = (SELECT o.convening_id FROM convening_invitee o WHERE o.id = p_invitee) FOR UPDATE;
    SELECT t.* INTO i FROM convening_invitee t WHERE t.id = p_invitee FOR UPDATE;
    SELECT t.* INTO c FROM convening t WHERE t.id = i.convening_id;
    IF c.status <> 'invited' OR convening_has_begun(c) OR coalesce(c.archived_at, i.archived_at) IS NOT NULL THEN
        PERFORM refuse_state('It is not asked any more who comes.', jsonb_build_object('status', c.status));
    END IF;
    free := c.capacity - convening_seats(c.id) + CASE i.status WHEN 'accepted' THEN 1 + i.guests ELSE 0 END;
    IF answer = 'accepted' AND 1 + party > free THEN
        IF i.status = 'accepted' THEN
            PERFORM refuse_field('guests', format('There is room for %s.', free - 1));
        END IF;
        answer := 'waitlisted';
    END IF;
    UPDATE convening_invitee t
    SET status = answer, guests = party, note = p_note, recorded_by = p_recorded_by,
        answered_at = CASE WHEN t.status = answer THEN t.answered_at
                           ELSE current_setting('kith.now')::timestamptz END
    WHERE t.id = i.id;
    IF i.status = 'accepted' THEN
        PERFORM convening_fill(c);
    END IF;
    RETURN answer;
END
$$;

-- What staff was told.
CREATE OR REPLACE FUNCTION convening_invitee_answer(
    p_id uuid, p_version bigint, p_answer text, p_guests bigint, p_note text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found convening_invitee;
BEGIN
    -- The convening before the invitee, as everybody locks them.
    PERFORM FROM convening t
    WHERE t.id = (SELECT o.convening_id FROM convening_invitee o WHERE o.id = p_id) FOR UPDATE;
    PERFORM lock_row('convening_invitee', p_id, p_version);
    SELECT t.* INTO found FROM convening_invitee t WHERE t.id = p_id;
    PERFORM convening_answer(p_id, p_answer, p_guests, coalesce(p_note, found.note),
                             current_setting('kith.user')::uuid);
END
$$;

-- Who comes unasked is a walk-in; nobody came before it began.
CREATE OR REPLACE FUNCTION convening_invitee_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    c convening;
BEGIN
    SELECT t.* INTO c FROM convening t WHERE t.district_id = NEW.district_id AND t.id = NEW.convening_id;
    IF TG_OP = 'INSERT' AND c.status IN ('closed', 'cancelled') THEN
        PERFORM refuse_state(format('It is %s.', c.status), jsonb_build_object('status', c.status));
    ELSIF TG_OP = 'INSERT' AND (NEW.is_walk_in OR c.status = 'held') THEN
        NEW.is_walk_in := true;
        NEW.attended := true;
        NEW.status := 'no_answer';
    END IF;
    IF NEW.attended IS NOT NULL AND NOT convening_has_begun(c) THEN
        PERFORM refuse_field(CASE WHEN NEW.is_walk_in AND TG_OP = 'INSERT' THEN 'is_walk_in' ELSE 'attended' END,
                             'It has not begun.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER convening_invitee_check BEFORE INSERT OR UPDATE OF attended ON convening_invitee
    FOR EACH ROW EXECUTE FUNCTION convening_invitee_check();

-- Who is taken off has no seat, also when put back.
CREATE OR REPLACE FUNCTION convening_invitee_put_away() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    c convening;
BEGIN
    SELECT t.* INTO c FROM convening t WHERE t.district_id = NEW.district_id AND t.id = NEW.convening_id FOR UPDATE;
    IF TG_WHEN = 'BEFORE' THEN
        IF c.status = 'invited' THEN
            NEW.status := 'invited';
            NEW.guests := 0;
            NEW.answered_at := NULL;
            PERFORM message_withdraw(NEW.district_id, NEW.id, NULL, 'cancelled');
        END IF;
        RETURN NEW;
    ELSIF c.status = 'invited' THEN
        PERFORM convening_fill(c);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER convening_invitee_put_away BEFORE UPDATE OF archived_at ON convening_invitee
    FOR EACH ROW WHEN (OLD.archived_at IS NULL AND NEW.archived_at IS NOT NULL)
    EXECUTE FUNCTION convening_invitee_put_away();
CREATE OR REPLACE TRIGGER convening_invitee_seat_freed AFTER UPDATE OF archived_at ON convening_invitee
    FOR EACH ROW WHEN (OLD.archived_at IS NULL AND NEW.archived_at IS NOT NULL AND OLD.status = 'accepted')
    EXECUTE FUNCTION convening_invitee_put_away();

REVOKE EXECUTE ON FUNCTION convening_seats, convening_fill, convening_answer, convening_invitee_answer,
    convening_invitee_check, convening_invitee_put_away FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_seats, convening_fill, convening_answer, convening_invitee_answer TO kith_api;

RESET ROLE;
