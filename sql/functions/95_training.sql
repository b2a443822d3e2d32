-- Training by a mail's link: who is invited registers or withdraws, and of those who wait the first moves up when a seat
-- becomes free, whoever frees it.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION training_is_over(t training) RETURNS boolean
LANGUAGE sql STABLE
RETURN t.archived_at IS NOT NULL OR coalesce(t.until_date, t.on_date) < district_today();

CREATE OR REPLACE FUNCTION training_lock(p_training uuid) RETURNS void
LANGUAGE sql
RETURN pg_advisory_xact_lock(hashtextextended('training_seat ' || p_training, 0));

-- Since when somebody waits: who waits again begins at the end, and of two in one instant one is behind the other.
CREATE OR REPLACE FUNCTION training_seat_waits() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'waiting' THEN
        NEW.waits_since := NULL;
    ELSIF TG_OP = 'INSERT' OR to_jsonb(OLD) ->> 'status' <> 'waiting' THEN
        PERFORM training_lock(NEW.training_id);
        NEW.waits_since := greatest(business_now(), (
            SELECT max(o.waits_since) + interval '1 millisecond' FROM training_seat o
            WHERE o.district_id = NEW.district_id AND o.training_id = NEW.training_id AND o.status = 'waiting'));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER training_seat_waits BEFORE INSERT OR UPDATE OF status ON training_seat
    FOR EACH ROW EXECUTE FUNCTION training_seat_waits();

-- As the owner: whoever withdraws need not be who may write the others' seats. A seat that somebody changes just now is
-- passed over.
CREATE OR REPLACE FUNCTION training_move_up(p_district uuid, p_training uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    t training;
    s training_seat;
BEGIN
    IF coalesce(current_setting('kith.now', true), '') = '' OR is_unguarded() THEN
        RETURN;
    END IF;
    PERFORM training_lock(p_training);
    SELECT o.* INTO t FROM training o WHERE o.district_id = p_district AND o.id = p_training;
    LOOP
        EXIT WHEN training_is_over(t) OR (SELECT w.taken FROM training_tally(t) w) >= t.seats;
        SELECT o.* INTO s FROM training_seat o
        WHERE o.district_id = p_district AND o.training_id = p_training AND o.status = 'waiting' AND o.archived_at IS NULL
        ORDER BY o.waits_since, o.id LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN s.id IS NULL;
        UPDATE training_seat o SET status = 'registered' WHERE o.district_id = p_district AND o.id = s.id;
        PERFORM training_mail('training_seat', s, t);
    END LOOP;
END
$$;

-- The invitation may be declined as a topic; that one has a seat after all is not.
CREATE OR REPLACE FUNCTION training_mail(p_kind text, s training_seat, t training) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM message_queue(
        CASE p_kind WHEN 'training_seat' THEN 'duty' ELSE 'program' END, 'trainings', p_kind, s.id, s.contact_id,
        s.user_id, format('%s %s', p_kind, business_now), '{}', business_now,
        local_instant(coalesce(t.until_date, t.on_date) + 1, 0, zone_of_site(t.site_id)));
END
$$;

-- Who is invited gets a mail.
CREATE OR REPLACE FUNCTION training_invite() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF nullif(current_setting('kith.now', true), '') IS NOT NULL THEN
        PERFORM training_mail('training_invitation', NEW, t) FROM training t
        WHERE t.district_id = NEW.district_id AND t.id = NEW.training_id AND NOT training_is_over(t);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER training_invite AFTER INSERT ON training_seat
    FOR EACH ROW WHEN (NEW.status = 'invited') EXECUTE FUNCTION training_invite();
CREATE OR REPLACE TRIGGER training_invite_again AFTER UPDATE OF status ON training_seat
    FOR EACH ROW WHEN (NEW.status = 'invited' AND OLD.status <> 'invited') EXECUTE FUNCTION training_invite();

CREATE OR REPLACE FUNCTION training_seat_freed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM training_move_up(NEW.district_id, (to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'training' THEN 'id'
                                                                 ELSE 'training_id' END)::uuid);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER training_seat_freed AFTER UPDATE ON training_seat
    FOR EACH ROW WHEN (OLD.status IN ('registered', 'attended') AND OLD.archived_at IS NULL
        AND (NEW.status NOT IN ('registered', 'attended') OR NEW.archived_at IS NOT NULL))
    EXECUTE FUNCTION training_seat_freed();
CREATE OR REPLACE TRIGGER training_seat_freed AFTER UPDATE OF seats ON training
    FOR EACH ROW WHEN (coalesce(NEW.seats, 100001) > coalesce(OLD.seats, 100001)) EXECUTE FUNCTION training_seat_freed();

-- ---- By the link ---------------------------------------------------------------------------------

-- A form that comes twice says the same. Where others wait nobody passes them.
CREATE OR REPLACE FUNCTION task_training_answer(p_comes boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    k record := task();
    s training_seat;
    t training;
    is_free boolean;
BEGIN
    PERFORM lock_row('training_seat', k.subject_id, NULL);
    SELECT o.* INTO s FROM training_seat o WHERE o.id = k.subject_id;
    PERFORM training_lock(s.training_id);
    SELECT o.* INTO t FROM training o WHERE o.district_id = s.district_id AND o.id = s.training_id;
    IF training_is_over(t) OR s.archived_at IS NOT NULL OR s.status IN ('attended', 'absent') THEN
        PERFORM refuse_state('The training is over.', jsonb_build_object('status', s.status));
    ELSIF p_comes = (s.status IN ('registered', 'waiting')) OR NOT p_comes AND s.status = 'cancelled' THEN
        RETURN '[]';
    END IF;
    is_free := t.seats IS NULL OR (SELECT w.taken FROM training_tally(t) w) < t.seats AND NOT EXISTS (
        SELECT FROM training_seat o
        WHERE o.district_id = t.district_id AND o.training_id = t.id AND o.status = 'waiting' AND o.archived_at IS NULL);
    UPDATE training_seat o SET status = CASE WHEN NOT p_comes THEN 'cancelled' WHEN is_free THEN 'registered'
                                             ELSE 'waiting' END
    WHERE o.id = k.subject_id;
    RETURN '[]';
END
$$;

CREATE OR REPLACE FUNCTION page_training(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    k record := task();
    s training_seat;
    t training;
    is_open boolean;
BEGIN
    SELECT o.* INTO STRICT s FROM training_seat o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = k.subject_id;
    SELECT o.* INTO STRICT t FROM training o WHERE o.district_id = s.district_id AND o.id = s.training_id;
    is_open := NOT training_is_over(t) AND s.archived_at IS NULL AND s.status NOT IN ('attended', 'absent');
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(k.contact_id, k.user_id), 'title', t.title,
        'giver', (SELECT p.name FROM partner p WHERE p.district_id = t.district_id AND p.id = t.partner_id),
        'on', page_date(t.on_date), 'until', CASE WHEN t.until_date > t.on_date THEN page_date(t.until_date) END,
        'location', t.location, 'hours', page_number(t.hours), 'paragraphs', text_paragraphs(coalesce(t.description, '')),
        'left', page_number(greatest(t.seats - (SELECT w.taken FROM training_tally(t) w), 0)),
        'stands', CASE WHEN s.status <> 'invited' THEN s.status END,
        'ahead', CASE WHEN s.status = 'waiting' THEN (
            SELECT count(*) FROM training_seat o
            WHERE o.district_id = s.district_id AND o.training_id = s.training_id AND o.status = 'waiting'
              AND o.archived_at IS NULL AND (o.waits_since, o.id) < (s.waits_since, s.id)) END,
        'is_over', NOT is_open, 'can_come', is_open AND s.status IN ('invited', 'cancelled'),
        'can_withdraw', is_open AND s.status <> 'cancelled', 'is_invited', s.status = 'invited');
END
$$;

CREATE OR REPLACE FUNCTION home_trainings(p_contact uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(jsonb_build_object('id', s.id, 'title', t.title, 'on', page_date(t.on_date),
                                            'status', s.status) ORDER BY t.on_date, s.id)
        FROM training_seat s
        JOIN training t ON t.district_id = s.district_id AND t.id = s.training_id
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.contact_id = p_contact
          AND s.archived_at IS NULL AND s.status IN ('invited', 'registered', 'waiting') AND NOT training_is_over(t));
END
$$;

REVOKE EXECUTE ON FUNCTION training_is_over, training_seat_waits, training_lock, training_move_up, training_mail,
    training_invite, training_seat_freed, task_training_answer, page_training, home_trainings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION training_is_over, training_lock, training_move_up, task_training_answer, page_training,
    home_trainings TO kith_api;

RESET ROLE;
