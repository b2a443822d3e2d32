-- Convenings: their life cycle, who is invited and answers, who came, and what was decided. A row of `convening` is
-- locked for whatever takes or frees a seat, so that there are never more than its capacity.

SET ROLE kith_owner;

-- ---- Places --------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION convening_sites(c convening) RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id FROM site s
    WHERE s.district_id = c.district_id AND s.archived_at IS NULL
      AND (s.id = c.site_id OR c.site_id IS NULL AND s.status = 'open'
           AND (c.network_id IS NULL OR s.network_id = c.network_id));
END;

-- The partnerships that run there, each way by its index; the district's are all that run.
CREATE OR REPLACE FUNCTION convening_partnerships(c convening) RETURNS SETOF partnership
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH place AS MATERIALIZED (SELECT s AS id FROM convening_sites(c) s),
    here AS (
        SELECT p.id FROM partnership p JOIN place l ON l.id = p.lead_site_id WHERE p.district_id = c.district_id
        UNION
        SELECT m.partnership_id FROM partnership_site m JOIN place l ON l.id = m.site_id
        WHERE m.district_id = c.district_id AND m.archived_at IS NULL
          AND coalesce(m.until_date, 'infinity') >= district_today()
        UNION
        SELECT p.id FROM partnership p
        WHERE p.district_id = c.district_id AND coalesce(c.site_id, c.network_id) IS NULL)
    SELECT p.* FROM here h
    JOIN partnership p ON p.district_id = c.district_id AND p.id = h.id AND p.status IN ('active', 'renewing')
        AND p.archived_at IS NULL;
END;

-- Who sees to it: its host, or who answers for partnerships at its place.
CREATE OR REPLACE FUNCTION convening_owner(c convening, p_day date) RETURNS uuid
LANGUAGE sql STABLE
RETURN coalesce(c.host_id, CASE WHEN c.site_id IS NOT NULL THEN site_answers(c.site_id, 'partnership_lead', p_day)
                                WHEN c.network_id IS NOT NULL THEN network_lead(c.network_id, p_day) END);

-- ---- Mails ---------------------------------------------------------------------------------------

-- When somebody is asked or reminded: at the mail hour of the first school day that its week of mails has room for;
-- NULL: there is none before it starts.
CREATE OR REPLACE FUNCTION convening_mail_at(i convening_invitee, c convening, p_from date) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    clock text := zone_of_site(c.site_id);
    day date := p_from;
    at timestamptz;
BEGIN
    LOOP
        day := first_mail_day(day, least(p_from + 30, convening_day(c) - 1), c.site_id);
        SELECT greatest(current_setting('kith.now')::timestamptz, local_instant(day, d.mail_hour, clock))
        INTO at FROM district d WHERE d.id = c.district_id AND day IS NOT NULL;
        EXIT WHEN at IS NULL OR NOT mail_week_is_full(i.contact_id, i.user_id, at);
        day := day + 1;
    END LOOP;
    RETURN at;
END
$$;

-- Decides one mail, once. Where no day is left for an invitation it goes at once. What changes the plans of somebody
-- who comes is a duty.
CREATE OR REPLACE FUNCTION convening_tell(i convening_invitee, c convening, p_when text, p_occurrence text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    at timestamptz := business_now;
    is_asked boolean := p_when IN ('invited', 'reminder');
BEGIN
    IF is_asked THEN
        at := convening_mail_at(i, c, (business_now AT TIME ZONE zone_of_site(c.site_id))::date);
    END IF;
    PERFORM message_queue(
        CASE WHEN NOT is_asked AND i.status IN ('accepted', 'tentative', 'waitlisted')
                  AND i.partnership_id IS NOT NULL THEN 'duty' ELSE 'program' END,
        'convenings', CASE p_when WHEN 'cancelled' THEN 'convening_cancelled' ELSE 'convening_invitation' END,
        i.id, i.contact_id, i.user_id, p_occurrence,
        jsonb_build_object('when', p_when, 'day', convening_day(c), 'sequence', c.sequence,
                           'was', CASE p_when WHEN 'moved' THEN c.moved_from END),
        coalesce(at, business_now), c.starts_at, i.partnership_id,
        CASE WHEN at IS NULL AND p_when = 'reminder' THEN 'blackout' END);
END
$$;

-- Those of the convening's invitees who have heard of it by mail and would like to hear more.
CREATE OR REPLACE FUNCTION convening_told(p_convening uuid) RETURNS SETOF convening_invitee
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.* FROM convening_invitee i
    WHERE i.convening_id = p_convening AND i.archived_at IS NULL AND i.status <> 'declined'
      AND EXISTS (SELECT FROM message m
                  WHERE m.district_id = i.district_id AND m.subject_id = i.id
                    AND m.kind = 'convening_invitation' AND m.status IN ('sent', 'unknown', 'claimed'))
    ORDER BY i.id;
END;

-- ---- Actions -------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION convening_has_begun(c convening) RETURNS boolean
LANGUAGE sql STABLE
RETURN c.starts_at <= current_setting('kith.now')::timestamptz;

CREATE OR REPLACE FUNCTION convening_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN (
    SELECT array_remove(CASE
        WHEN p_action IN ('hold', 'attend') THEN ARRAY[CASE WHEN NOT convening_has_begun(c) THEN 'begun' END]
        WHEN p_action = 'invite' THEN ARRAY[CASE WHEN convening_has_begun(c) THEN 'to_come' END]
        WHEN p_action = 'close' THEN ARRAY[
            CASE WHEN c.notes IS NULL OR c.notes !~ '\S' THEN 'notes' END,
            CASE WHEN NOT EXISTS (SELECT FROM convening_invitee i
                                  WHERE i.convening_id = c.id AND i.attended IS NOT NULL AND i.archived_at IS NULL)
                 THEN 'attendance' END]
        ELSE '{}'::text[] END, NULL)
    FROM convening c WHERE c.id = p_id);

-- Locks it for an action, and gives it as it will be.
CREATE OR REPLACE FUNCTION convening_begin(p_id uuid, p_version bigint, p_action text) RETURNS convening
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('convening', p_id, p_version, p_action);
    c convening;
BEGIN
    SELECT t.* INTO c FROM convening t WHERE t.id = p_id;
    PERFORM refuse_missing('convening', c.status, convening_missing(p_id, p_action));
    c.status := next_status;
    RETURN c;
END
$$;

-- Whom it is for: who leads a partnership that runs there, on both sides, who holds a post there, and its host.
CREATE OR REPLACE FUNCTION convening_people(c convening)
RETURNS TABLE (contact_id uuid, user_id uuid, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (coalesce(w.contact_id, w.user_id)) w.contact_id, w.user_id, w.partnership_id
    FROM (SELECT l.contact_id, l.user_id, p.id AS partnership_id
          FROM convening_partnerships(c) p CROSS JOIN LATERAL partnership_leads(p.id) l
          UNION ALL
          SELECT NULL, h.user_id, NULL
          FROM post o CROSS JOIN LATERAL post_holding(o.id, district_today()) h
          WHERE o.district_id = c.district_id AND o.archived_at IS NULL
            AND (o.site_id IN (SELECT s FROM convening_sites(c) s) OR o.network_id = c.network_id
                 OR coalesce(c.site_id, c.network_id) IS NULL)
          UNION ALL
          SELECT NULL, c.host_id, NULL WHERE c.host_id IS NOT NULL) AS w
    ORDER BY coalesce(w.contact_id, w.user_id), w.partnership_id;
END;

-- Invites whom it is for, but for those who were taken off, and those who were added since. A mail that did
-- not go is decided anew.
CREATE OR REPLACE FUNCTION convening_invite(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c convening := convening_begin(p_id, p_version, 'invite');
    i convening_invitee;
    tries bigint;
BEGIN
    INSERT INTO convening_invitee (district_id, id, convening_id, contact_id, user_id, partnership_id)
    SELECT c.district_id, uuid7(), c.id, w.contact_id, w.user_id, w.partnership_id
    FROM convening_people(c) w
    WHERE NOT EXISTS (SELECT FROM convening_invitee o
                      WHERE o.convening_id = c.id
                        AND coalesce(o.contact_id, o.user_id) = coalesce(w.contact_id, w.user_id));
    PERFORM convening_refresh_agenda(c);
    UPDATE convening t SET status = c.status WHERE t.id = p_id AND t.status <> c.status;
    FOR i IN
        SELECT o.* FROM convening_invitee o
        WHERE o.convening_id = p_id AND o.archived_at IS NULL AND o.status = 'invited' ORDER BY o.id
    LOOP
        SELECT count(*) INTO tries FROM message m
        WHERE m.subject_id = i.id AND m.kind = 'convening_invitation' AND m.variables ->> 'when' = 'invited'
        HAVING bool_and(m.status = 'suppressed') IS NOT FALSE;
        IF FOUND THEN
            PERFORM convening_tell(i, c, 'invited', 'invited ' || tries + 1);
        END IF;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION convening_refresh(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM convening_refresh_agenda(convening_begin(p_id, p_version, 'refresh'));
END
$$;

-- Its agenda is filled for the last time. Who has not answered has not.
CREATE OR REPLACE FUNCTION convening_hold(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c convening := convening_begin(p_id, p_version, 'hold');
BEGIN
    IF c.held_on IS NULL THEN
        PERFORM convening_refresh_agenda(c);
    END IF;
    UPDATE convening t SET status = c.status, held_on = convening_day(c) WHERE t.id = p_id;
    UPDATE convening_invitee i SET status = 'no_answer' WHERE i.convening_id = p_id AND i.status = 'invited';
END
$$;

-- Who came, and who did not, by the ids of invitees.
CREATE OR REPLACE FUNCTION convening_attend(p_id uuid, p_version bigint, p_present jsonb, p_absent jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    said record;
BEGIN
    PERFORM convening_begin(p_id, p_version, 'attend');
    FOR said IN SELECT * FROM (VALUES ('absent', p_absent, false), ('present', p_present, true)) AS v (field, ids, came)
    LOOP
        IF EXISTS (SELECT FROM jsonb_array_elements_text(said.ids) e
                   WHERE NOT EXISTS (SELECT FROM convening_invitee i
                                     WHERE i.id = e::uuid AND i.convening_id = p_id AND i.archived_at IS NULL)) THEN
            PERFORM refuse_field(said.field, format('"%s" has the id of nobody who was invited.', said.field));
        END IF;
        UPDATE convening_invitee i SET attended = said.came
        WHERE i.convening_id = p_id AND i.attended IS DISTINCT FROM said.came
          AND i.id IN (SELECT e::uuid FROM jsonb_array_elements_text(said.ids) e);
    END LOOP;
END
$$;

-- The partner of an invitee: of the partnership for which it came, or where it is today.
CREATE OR REPLACE FUNCTION convening_partner_of(i convening_invitee) RETURNS uuid
LANGUAGE sql STABLE
RETURN CASE WHEN i.contact_id IS NOT NULL THEN coalesce(
    (SELECT p.partner_id FROM partnership p WHERE p.district_id = i.district_id AND p.id = i.partnership_id),
    (SELECT a.partner_id FROM affiliation a
     WHERE a.district_id = i.district_id AND a.contact_id = i.contact_id AND a.archived_at IS NULL
       AND district_today() BETWEEN coalesce(a.from_date, '-infinity') AND coalesce(a.until_date, 'infinity')
     ORDER BY a.created_at, a.id LIMIT 1)) END;

-- Each partner who came was met, which is a contact of a person's with it, once.
CREATE OR REPLACE FUNCTION convening_close(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c convening := convening_begin(p_id, p_version, 'close');
BEGIN
    UPDATE convening t SET status = c.status, closed_on = district_today() WHERE t.id = p_id;
    INSERT INTO interaction (district_id, id, partner_id, partnership_id, site_id, kind, on_date, subject, user_id,
                             contact_id)
    SELECT c.district_id, uuid7(), w.partner_id, w.partnership_id, w.site_id, 'community_meeting', c.held_on, c.title,
           c.host_id, w.contact_id
    FROM (SELECT DISTINCT ON (convening_partner_of(i)) convening_partner_of(i) AS partner_id, i.partnership_id,
                 coalesce(c.site_id, p.lead_site_id) AS site_id, i.contact_id
          FROM convening_invitee i
          LEFT JOIN partnership p ON p.district_id = i.district_id AND p.id = i.partnership_id
          WHERE i.convening_id = p_id AND i.attended AND i.archived_at IS NULL AND i.contact_id IS NOT NULL
          ORDER BY convening_partner_of(i), i.id) AS w
    WHERE w.partner_id IS NOT NULL AND kith_covers(w.site_id) AND c.held_on <= district_today()
      AND NOT EXISTS (SELECT FROM interaction o
                      WHERE o.partner_id = w.partner_id AND o.kind = 'community_meeting' AND o.on_date = c.held_on
                        AND o.subject = c.title AND o.archived_at IS NULL);
END
$$;

CREATE OR REPLACE FUNCTION convening_cancel(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c convening := convening_begin(p_id, p_version, 'cancel');
BEGIN
    UPDATE convening t SET status = c.status, status_reason = p_reason WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION convening_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c convening := convening_begin(p_id, p_version, 'reopen');
BEGIN
    UPDATE convening t SET status = c.status, closed_on = NULL WHERE t.id = p_id;
END
$$;

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

-- ---- Seats ---------------------------------------------------------------------------------------

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

-- ---- Decisions -----------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION convening_decision_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status <> 'open' THEN
        PERFORM refuse_state(format('It is %s, and stays as it is.', OLD.status),
                             jsonb_build_object('status', OLD.status));
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
        (NEW.kind, NEW.decision, NEW.agenda_item_id, NEW.partnership_id, NEW.goal_id, NEW.site_id, NEW.section,
         NEW.target, NEW.change_kind, NEW.due_on)
        IS DISTINCT FROM
        (OLD.kind, OLD.decision, OLD.agenda_item_id, OLD.partnership_id, OLD.goal_id, OLD.site_id, OLD.section,
         OLD.target, OLD.change_kind, OLD.due_on))
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

-- Writes what was decided back to what it is about, as what it becomes.
CREATE OR REPLACE FUNCTION convening_decision_write(
    d convening_decision, c convening, OUT result_kind text, OUT result_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    result_id := uuid7();
    CASE d.kind
    WHEN 'action' THEN
        result_kind := 'action_items';
        INSERT INTO action_item (district_id, id, partnership_id, description, owner_user_id, owner_contact_id, due_on)
        VALUES (d.district_id, result_id, d.partnership_id, d.decision, d.owner_user_id, d.owner_contact_id, d.due_on);
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

DO $$
DECLARE
    made text;
BEGIN
    FOREACH made IN ARRAY '{convening_sites,convening_partnerships,convening_owner,convening_mail_at,convening_tell,convening_told,
        convening_has_begun,convening_missing,convening_begin,convening_people,convening_invite,convening_refresh,
        convening_hold,convening_attend,convening_partner_of,convening_close,convening_cancel,convening_reopen,
        convening_seats,convening_fill,convening_answer,convening_invitee_answer,convening_decision_plan,
        convening_decision_write,convening_decision_apply,convening_decision_drop,convening_apply,owned_convenings,
        my_convening_invitation,my_convening_attendance,my_convening_notes,my_convening_decision}'::text[] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %I FROM PUBLIC', made);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO kith_api', made);
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION convening_move, convening_follow, convening_invitee_check, convening_invitee_put_away,
    convening_decision_check FROM PUBLIC;

RESET ROLE;
