-- Convenings: their places, whom they are for, what is mailed, from planned to closed, and what waits for a person.

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

-- When somebody is asked or reminded: at the mail hour of the first school day that its week of mails has room for,
-- up to a last day; NULL: there is none before it starts.
DROP FUNCTION IF EXISTS convening_mail_at(convening_invitee, convening, date);
CREATE OR REPLACE FUNCTION convening_mail_at(i convening_invitee, c convening, p_from date, p_last date)
RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    clock text := zone_of_site(c.site_id);
    day date := p_from;
    at timestamptz;
BEGIN
    LOOP
        day := first_mail_day(day, least(p_from + 30, p_last), c.site_id);
        SELECT greatest(current_setting('kith.now')::timestamptz, local_instant(day, d.mail_hour, clock))
        INTO at FROM district d WHERE d.id = c.district_id AND day IS NOT NULL;
        EXIT WHEN at IS NULL OR NOT mail_week_is_full(i.contact_id, i.user_id, at);
        day := day + 1;
    END LOOP;
    RETURN CASE WHEN at < c.starts_at THEN at END;
END
$$;

-- Decides one mail, once. Where no day is left for an invitation it goes at once; a reminder may go on the day itself,
-- and says why not. What changes the plans of somebody who comes is a duty.
CREATE OR REPLACE FUNCTION convening_tell(i convening_invitee, c convening, p_when text, p_occurrence text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    at timestamptz := business_now;
    is_asked boolean := p_when IN ('invited', 'reminder');
    today date := (business_now AT TIME ZONE zone_of_site(c.site_id))::date;
    last_day date := convening_day(c) - CASE p_when WHEN 'reminder' THEN 0 ELSE 1 END;
BEGIN
    IF is_asked THEN
        at := convening_mail_at(i, c, today, last_day);
    END IF;
    PERFORM message_queue(
        CASE WHEN NOT is_asked AND i.status IN ('accepted', 'tentative', 'waitlisted')
                  AND i.partnership_id IS NOT NULL THEN 'duty' ELSE 'program' END,
        'convenings', CASE p_when WHEN 'cancelled' THEN 'convening_cancelled' ELSE 'convening_invitation' END,
        i.id, i.contact_id, i.user_id, p_occurrence,
        jsonb_build_object('when', p_when, 'day', convening_day(c), 'sequence', c.sequence,
                           'was', CASE p_when WHEN 'moved' THEN c.moved_from END),
        coalesce(at, business_now), c.starts_at, i.partnership_id,
        CASE WHEN at IS NULL AND p_when = 'reminder'
             THEN CASE WHEN first_mail_day(today, last_day, c.site_id) IS NULL THEN 'blackout'
                       ELSE 'rate_limited' END END);
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

-- What an end of the year celebrated is written about and thanked for. Each partner who came was met, which is a
-- contact of a person's with it, once.
CREATE OR REPLACE FUNCTION convening_close(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c convening := convening_begin(p_id, p_version, 'close');
BEGIN
    PERFORM convening_celebrate(c);
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

REVOKE EXECUTE ON FUNCTION convening_sites, convening_partnerships, convening_owner, convening_mail_at, convening_tell,
    convening_told, convening_has_begun, convening_missing, convening_begin, convening_people, convening_invite,
    convening_refresh, convening_hold, convening_attend, convening_partner_of, convening_close, convening_cancel,
    convening_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_sites, convening_partnerships, convening_owner, convening_mail_at, convening_tell,
    convening_told, convening_has_begun, convening_missing, convening_begin, convening_people, convening_invite,
    convening_refresh, convening_hold, convening_attend, convening_partner_of, convening_close, convening_cancel,
    convening_reopen TO kith_api;

RESET ROLE;
