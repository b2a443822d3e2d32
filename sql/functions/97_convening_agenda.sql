-- The agenda that fills itself: what the system puts on it by the kind of the convening, as long as it has not been
-- held. What people wrote there stays, and so does what they took off.

SET ROLE kith_owner;

-- The goals of those that run at its place, their own and those that they share with others.
CREATE OR REPLACE FUNCTION convening_goals(c convening)
RETURNS TABLE (id uuid, statement text, due_on date, partnership_id uuid, standing text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH running AS MATERIALIZED (SELECT p.id FROM convening_partnerships(c) p)
    SELECT DISTINCT ON (g.id) g.id, g.statement, g.due_on, w.partnership_id, t.standing
    FROM (SELECT o.id, o.partnership_id, false AS is_shared FROM goal o
          WHERE o.district_id = c.district_id AND o.partnership_id IN (SELECT r.id FROM running r)
          UNION ALL
          SELECT s.goal_id, s.partnership_id, true FROM goal_partnership s
          WHERE s.district_id = c.district_id AND s.partnership_id IN (SELECT r.id FROM running r)
            AND s.archived_at IS NULL) AS w
    JOIN goal g ON g.district_id = c.district_id AND g.id = w.id AND g.archived_at IS NULL
    CROSS JOIN LATERAL goal_told(g) AS t
    ORDER BY g.id, w.is_shared, w.partnership_id;
END;

-- To begin with: who leads the school, what it wants, and who is new since the year before.
CREATE OR REPLACE FUNCTION convening_agenda_start(c convening)
RETURNS TABLE (kind text, subject_kind text, subject_id uuid, partnership_id uuid, title text, sort text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'principal', 'post', o.id, NULL::uuid, u.name, ''
    FROM post o CROSS JOIN LATERAL post_holding(o.id, district_today()) h
    JOIN app_user u ON u.district_id = o.district_id AND u.id = h.user_id
    WHERE o.district_id = c.district_id AND o.site_id = c.site_id AND o.kind = 'principal' AND o.archived_at IS NULL
    UNION ALL
    SELECT 'vision', 'site_vision', v.id, NULL, v.text, ''
    FROM site_vision v
    WHERE v.district_id = c.district_id AND v.site_id = c.site_id AND v.status = 'adopted' AND v.archived_at IS NULL
    UNION ALL
    SELECT 'new_partnership', 'partnership', p.id, p.id, p.name, p.name
    FROM convening_partnerships(c) p
    WHERE p.activated_at > c.starts_at - interval '1 year';
END;

-- All hands: what is behind, what is late, and what is still needed.
CREATE OR REPLACE FUNCTION convening_agenda_middle(c convening)
RETURNS TABLE (kind text, subject_kind text, subject_id uuid, partnership_id uuid, title text, sort text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH running AS MATERIALIZED (SELECT p.id FROM convening_partnerships(c) p)
    SELECT 'goal_behind', 'goal', g.id, g.partnership_id, g.statement, g.standing || g.due_on
    FROM convening_goals(c) g
    WHERE g.standing IN ('behind', 'at_risk')
    UNION ALL
    SELECT 'overdue_action', 'action_item', a.id, a.partnership_id, a.description, a.due_on::text
    FROM action_item a
    LEFT JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
    LEFT JOIN convening o ON o.district_id = a.district_id AND o.id = a.convening_id
    WHERE a.district_id = c.district_id
      AND (a.partnership_id IN (SELECT r.id FROM running r)
           OR coalesce(a.site_id, n.site_id) IN (SELECT s FROM convening_sites(c) s)
           OR (o.site_id, o.network_id) IS NOT DISTINCT FROM (c.site_id, c.network_id) AND o.id IS NOT NULL)
      AND a.status = 'open' AND a.due_on < district_today() AND a.archived_at IS NULL
    UNION ALL
    SELECT 'open_need', 'need', n.id, NULL, n.title, n.needed_by::text
    FROM need n
    WHERE n.district_id = c.district_id AND n.status IN ('open', 'partly_matched') AND n.archived_at IS NULL
      AND (n.site_id IN (SELECT s FROM convening_sites(c) s)
           OR n.site_id IS NULL AND (n.network_id = c.network_id OR coalesce(c.site_id, c.network_id) IS NULL));
END;

-- To celebrate: what was reached in the year, and what partners gave.
CREATE OR REPLACE FUNCTION convening_agenda_end(c convening)
RETURNS TABLE (kind text, subject_kind text, subject_id uuid, partnership_id uuid, title text, sort text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH running AS MATERIALIZED (SELECT p.id, p.name FROM convening_partnerships(c) p),
    year AS MATERIALIZED (SELECT y.starts_on, y.ends_on FROM school_year_span(c.school_year) y)
    SELECT 'goal_met', 'goal', g.id, g.partnership_id, g.statement, g.due_on::text
    FROM convening_goals(c) g
    WHERE g.due_on >= (SELECT y.starts_on FROM year y) AND g.standing = 'met'
    UNION ALL
    SELECT 'milestone', 'milestone', m.id, m.partnership_id, m.name, m.reached_on::text
    FROM milestone m, year y
    WHERE m.district_id = c.district_id AND m.partnership_id IN (SELECT r.id FROM running r)
      AND m.status = 'reached' AND m.reached_on BETWEEN y.starts_on AND y.ends_on AND m.archived_at IS NULL
    UNION ALL
    SELECT 'need_met', 'need', n.id, NULL, n.title, n.needed_by::text
    FROM need n, year y
    WHERE n.district_id = c.district_id AND n.status = 'met' AND n.archived_at IS NULL
      AND (n.updated_at AT TIME ZONE 'UTC')::date BETWEEN y.starts_on AND y.ends_on
      AND n.site_id IN (SELECT s FROM convening_sites(c) s)
    UNION ALL
    SELECT 'gift', 'gift', f.id, f.partnership_id, f.title, f.received_on::text
    FROM gift f, year y
    WHERE f.district_id = c.district_id AND f.status = 'received' AND f.archived_at IS NULL
      AND f.received_on BETWEEN y.starts_on AND y.ends_on
      AND CASE WHEN f.site_id IS NULL THEN f.partnership_id IN (SELECT r.id FROM running r)
               ELSE f.site_id IN (SELECT s FROM convening_sites(c) s) END
    UNION ALL
    SELECT 'gift', 'investment', v.id, v.partnership_id, coalesce(nullif(btrim(v.purpose), ''), r.name),
           v.from_date::text
    FROM investment v
    JOIN running r ON r.id = v.partnership_id
    CROSS JOIN year y
    WHERE v.district_id = c.district_id AND v.side = 'partner' AND v.status = 'delivered'
      AND v.kind IN ('cash', 'grant', 'in_kind') AND v.archived_at IS NULL AND investment_counts_as(v) <> 'disputed'
      AND v.from_date <= least(y.ends_on, given_until()) AND v.until_date >= y.starts_on
      AND NOT EXISTS (SELECT FROM gift f WHERE f.district_id = v.district_id AND f.investment_id = v.id)
      AND (v.site_id IS NULL OR v.site_id IN (SELECT s FROM convening_sites(c) s));
END;

-- What belongs on the agenda now, of each kind so many at the most.
CREATE OR REPLACE FUNCTION convening_agenda(c convening)
RETURNS TABLE (place bigint, kind text, subject_kind text, subject_id uuid, partnership_id uuid, title text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 100 * array_position(ARRAY['principal', 'vision', 'new_partnership', 'goal_behind', 'overdue_action',
                                      'open_need', 'goal_met', 'milestone', 'need_met', 'gift'], r.kind)
               + r.number,
           r.kind, r.subject_kind, r.subject_id, r.partnership_id,
           left(regexp_replace(r.title, '\s+', ' ', 'g'), 500)
    FROM (SELECT a.*, row_number() OVER (PARTITION BY a.kind ORDER BY a.sort, a.subject_id) AS number
          FROM (SELECT s.* FROM convening_agenda_start(c) s WHERE c.kind = 'start'
                UNION ALL SELECT m.* FROM convening_agenda_middle(c) m WHERE c.kind = 'middle'
                UNION ALL SELECT e.* FROM convening_agenda_end(c) e WHERE c.kind = 'end') AS a) AS r
    WHERE r.number < 100;
END;

CREATE OR REPLACE FUNCTION convening_refresh_agenda(c convening) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO agenda_item AS t (district_id, id, convening_id, "position", source, kind, title, partnership_id,
                                  subject_kind, subject_id)
    SELECT c.district_id, uuid7(), c.id, a.place, 'system', a.kind, a.title, a.partnership_id, a.subject_kind,
           a.subject_id
    FROM convening_agenda(c) a
    ON CONFLICT (district_id, convening_id, kind, subject_id) WHERE source = 'system' DO UPDATE
    SET title = excluded.title, is_withdrawn = false,
        archived_at = CASE WHEN t.is_withdrawn THEN NULL ELSE t.archived_at END
    WHERE t.title <> excluded.title OR t.is_withdrawn;
    UPDATE agenda_item t SET archived_at = current_setting('kith.now')::timestamptz, is_withdrawn = true
    WHERE t.convening_id = c.id AND t.source = 'system' AND t.archived_at IS NULL
      AND (t.kind, t.subject_id) NOT IN (SELECT a.kind, a.subject_id FROM convening_agenda(c) a);
    UPDATE convening t SET agenda_on = district_today() WHERE t.id = c.id;
END
$$;

-- A new one has its agenda at once.
CREATE OR REPLACE FUNCTION convening_made() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.district', true), '') <> '' THEN
        PERFORM convening_refresh_agenda(NEW);
    END IF;
    RETURN NULL;
END
$$;
-- Of those that are planned in bulk (convening_plan_make) the worker fills it, when their day comes near.
CREATE OR REPLACE TRIGGER convening_made AFTER INSERT ON convening
    FOR EACH ROW WHEN (NEW.convening_template_id IS NULL) EXECUTE FUNCTION convening_made();

-- What is new stands behind what is there, but before what the system puts there. What the system found is
-- the system's, and once it was held the agenda is as it was; what was said to it is written down until it is closed.
CREATE OR REPLACE FUNCTION agenda_item_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    SELECT c.status INTO found_status FROM convening c
    WHERE c.district_id = NEW.district_id AND c.id = NEW.convening_id;
    IF TG_OP = 'INSERT' THEN
        NEW."position" := coalesce(NEW."position", (
            SELECT least(coalesce(max(a."position"), 0) + 1, 99) FROM agenda_item a
            WHERE a.convening_id = NEW.convening_id AND a.source = 'by_hand'));
    END IF;
    IF found_status IN ('held', 'closed', 'cancelled') AND (
           TG_OP = 'INSERT' OR found_status <> 'held'
           OR (NEW.kind, NEW.title, NEW.titles, NEW."position", NEW.archived_at, NEW.partnership_id)
              IS DISTINCT FROM (OLD.kind, OLD.title, OLD.titles, OLD."position", OLD.archived_at, OLD.partnership_id)) THEN
        PERFORM refuse_state(format('The convening is %s, and its agenda stays as it was.', found_status),
                             jsonb_build_object('status', found_status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER agenda_item_check BEFORE INSERT OR UPDATE ON agenda_item
    FOR EACH ROW EXECUTE FUNCTION agenda_item_check();

CREATE OR REPLACE FUNCTION agenda_item_of_system() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_field(CASE WHEN NEW.kind <> OLD.kind THEN 'kind' ELSE 'partnership_id' END,
                         'The system put it there.');
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER agenda_item_of_system BEFORE UPDATE ON agenda_item
    FOR EACH ROW WHEN (OLD.source = 'system'
        AND (NEW.kind, NEW.partnership_id) IS DISTINCT FROM (OLD.kind, OLD.partnership_id))
    EXECUTE FUNCTION agenda_item_of_system();

-- ---- What time does ------------------------------------------------------------------------------

-- Who was invited and has not declined is reminded once of each day on which it is to start.
CREATE OR REPLACE FUNCTION convening_remind(c convening) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    i convening_invitee;
    done integer := 0;
BEGIN
    FOR i IN
        SELECT t.* FROM convening_invitee t
        WHERE t.convening_id = c.id AND t.archived_at IS NULL AND t.status IN ('invited', 'accepted', 'tentative')
          AND EXISTS (SELECT FROM message m
                      WHERE m.district_id = t.district_id AND m.subject_id = t.id AND m.status IN ('sent', 'unknown')
                        AND m.kind = 'convening_invitation')
          AND NOT EXISTS (SELECT FROM message m
                          WHERE m.district_id = t.district_id AND m.subject_id = t.id
                            AND m.kind = 'convening_invitation'
                            AND m.occurrence = 'reminder ' || convening_day(c))
        ORDER BY t.id
    LOOP
        PERFORM convening_tell(i, c, 'reminder', 'reminder ' || convening_day(c));
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Agendas of what comes in the next sixty days are filled once a day, so many at a time, what comes first before;
-- who was invited is reminded. How many.
CREATE OR REPLACE FUNCTION convenings_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    at_a_time constant integer := 200;
    c convening;
    today date;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    FOR c IN
        SELECT t.* FROM convening t
        WHERE t.district_id = p_district AND t.status IN ('planned', 'invited') AND t.archived_at IS NULL
          AND t.starts_at BETWEEN p_now AND p_now + interval '60 days' AND t.agenda_on IS DISTINCT FROM today
        ORDER BY t.starts_at, t.id LIMIT at_a_time FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM convening_refresh_agenda(c);
        done := done + 1;
    END LOOP;
    FOR c IN
        SELECT t.* FROM convening t
        WHERE t.district_id = p_district AND t.status = 'invited' AND t.archived_at IS NULL AND t.reminder_days > 0
          AND t.starts_at BETWEEN p_now AND p_now + interval '61 days'
          AND (p_now AT TIME ZONE zone_of_site(t.site_id))::date >= convening_day(t) - t.reminder_days::integer
        ORDER BY t.id FOR UPDATE SKIP LOCKED
    LOOP
        done := done + convening_remind(c);
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION convening_goals, convening_agenda_start, convening_agenda_middle, convening_agenda_end,
    convening_agenda, convening_refresh_agenda, convening_made, agenda_item_check, agenda_item_of_system,
    convening_remind, convenings_advance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_goals, convening_agenda_start, convening_agenda_middle, convening_agenda_end,
    convening_agenda, convening_refresh_agenda TO kith_api;
GRANT EXECUTE ON FUNCTION convenings_advance TO kith_checkin;

RESET ROLE;
