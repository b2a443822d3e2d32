-- What mails about convenings say, and what stops them. Their subject is the invitee, and variables ->> 'when'
-- says which it is: invited, reminder, moved, seat; kind convening_cancelled is of its own.

SET ROLE kith_owner;

-- The local day on which it starts.
CREATE OR REPLACE FUNCTION convening_day(c convening) RETURNS date
LANGUAGE sql STABLE
RETURN (c.starts_at AT TIME ZONE zone_of_site(c.site_id))::date;

CREATE OR REPLACE FUNCTION convening_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN m.kind = 'convening_cancelled' THEN
                CASE WHEN c.status = 'cancelled' OR c.archived_at IS NOT NULL THEN NULL ELSE 'cancelled' END
            WHEN c.status <> 'invited' OR c.archived_at IS NOT NULL OR i.archived_at IS NOT NULL THEN 'cancelled'
            WHEN CASE m.variables ->> 'when'
                WHEN 'invited' THEN i.status <> 'invited'
                WHEN 'seat' THEN i.status <> 'accepted'
                WHEN 'reminder' THEN i.status IN ('declined', 'waitlisted')
                ELSE i.status = 'declined' END THEN 'already_done'
            WHEN CASE m.variables ->> 'when'
                WHEN 'moved' THEN (m.variables ->> 'sequence')::bigint <> c.sequence
                WHEN 'reminder' THEN (m.variables ->> 'day')::date <> convening_day(c) END THEN 'moved' END
        FROM convening_invitee i
        JOIN convening c ON c.district_id = i.district_id AND c.id = i.convening_id
        WHERE i.district_id = m.district_id AND i.id = m.subject_id);
END
$$;


-- What its place is called.
CREATE OR REPLACE FUNCTION convening_place(c convening) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT s.name FROM site s WHERE s.district_id = c.district_id AND s.id = c.site_id),
    (SELECT n.name FROM network n WHERE n.district_id = c.district_id AND n.id = c.network_id),
    (SELECT d.name FROM district d WHERE d.id = c.district_id));

-- The agenda as somebody sees it, each item with the partnership it is about: users all of it; contacts what is about
-- nobody else's. That there are needs which are not public they are told, once of each kind, and not which.
CREATE OR REPLACE FUNCTION convening_agenda_of(p_convening uuid, p_contact uuid, p_locale text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'kind', a.kind, 'has_label', a.kind NOT IN ('topic', 'win') AND NOT a.is_kept, 'minutes', a.minutes,
        'is_kept', a.is_kept, 'title', CASE WHEN NOT a.is_kept THEN
            coalesce(a.titles ->> p_locale, a.titles ->> split_part(p_locale, '-', 1), a.title) END,
        'whose', (SELECT p.name FROM partnership p
                  WHERE p.district_id = a.district_id AND p.id = a.partnership_id AND p.name <> a.title))
        ORDER BY a."position", a.id)
    FROM (SELECT o.* FROM (
              SELECT t.*, k.is_kept, row_number() OVER (PARTITION BY t.kind, k.is_kept ORDER BY t."position", t.id) AS number
              FROM agenda_item t
              CROSS JOIN LATERAL (
                  SELECT p_contact IS NOT NULL AND t.subject_kind IS NOT DISTINCT FROM 'need' AND NOT EXISTS (
                      SELECT FROM need n
                      WHERE n.district_id = t.district_id AND n.id = t.subject_id AND n.is_public) AS is_kept) AS k
              WHERE t.district_id = current_setting('kith.district')::uuid AND t.convening_id = p_convening
                AND t.archived_at IS NULL
                AND (p_contact IS NULL OR t.partnership_id IS NULL AND t.kind <> 'overdue_action' OR EXISTS (
                    SELECT FROM partnership_role r
                    WHERE r.district_id = t.district_id AND r.partnership_id = t.partnership_id
                      AND r.contact_id = p_contact AND r.archived_at IS NULL))) AS o
          WHERE NOT o.is_kept OR o.number = 1
          ORDER BY o."position", o.id LIMIT 40) AS a);

-- mail_date() with the time on the clocks of a zone.
CREATE OR REPLACE FUNCTION mail_time(p_at timestamptz, p_zone text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    local timestamp := p_at AT TIME ZONE p_zone;
BEGIN
    RETURN mail_date(local::date) || jsonb_build_object(
        'hour', to_char(local, 'FMHH12'), 'minute', to_char(local, 'MI'),
        'half', CASE WHEN extract(hour FROM local) < 12 THEN 'am' ELSE 'pm' END);
END
$$;

CREATE OR REPLACE FUNCTION convening_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    i convening_invitee;
    c convening;
    zone text;
BEGIN
    SELECT t.* INTO STRICT i FROM convening_invitee t WHERE t.district_id = m.district_id AND t.id = m.subject_id;
    SELECT t.* INTO STRICT c FROM convening t WHERE t.district_id = m.district_id AND t.id = i.convening_id;
    zone := zone_of_site(c.site_id);
    RETURN jsonb_build_object(
        'title', c.title, 'place', convening_place(c), 'when', m.variables ->> 'when',
        'start', mail_time(c.starts_at, zone), 'end', mail_time(c.ends_at, zone), 'zone', zone,
        'was', mail_time((m.variables ->> 'was')::timestamptz, zone),
        'location', c.location, 'online_url', c.online_url, 'answer', i.status,
        'is_open', i.status = 'invited', 'reason', c.status_reason,
        'agenda', coalesce(convening_agenda_of(c.id, m.contact_id, m.locale), '[]'),
        'has_agenda', convening_agenda_of(c.id, m.contact_id, m.locale) IS NOT NULL,
        'lead', (SELECT u.name FROM app_user u WHERE u.district_id = m.district_id AND u.id = c.host_id));
END
$$;

-- The iCalendar part: the answers go to its host, or to where the district takes mail; without one there is none.
CREATE OR REPLACE FUNCTION convening_calendar(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'is_cancelled', m.kind = 'convening_cancelled', 'uid', c.id, 'sequence', c.sequence,
            'due_on', convening_day(c), 'starts_at', c.starts_at, 'ends_at', c.ends_at,
            'location', coalesce(c.location, c.online_url), 'zone', zone_of_site(c.site_id), 'stamped_at', m.created_at,
            'organizer_name', coalesce(u.name, d.mail_from_name, d.name),
            'organizer_address', coalesce(u.email, d.reply_to))
        FROM convening_invitee i
        JOIN convening c ON c.district_id = i.district_id AND c.id = i.convening_id
        JOIN district d ON d.id = i.district_id
        LEFT JOIN app_user u ON u.district_id = c.district_id AND u.id = c.host_id AND u.status = 'active'
            AND u.archived_at IS NULL
        WHERE i.district_id = m.district_id AND i.id = m.subject_id
          AND m.kind IN ('convening_invitation', 'convening_cancelled')
          AND coalesce(u.email, d.reply_to) IS NOT NULL);
END
$$;


REVOKE EXECUTE ON FUNCTION convening_day, convening_obstacle, convening_place, convening_agenda_of, mail_time,
    convening_about, convening_calendar FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_day, convening_place, convening_agenda_of TO kith_api;
GRANT EXECUTE ON FUNCTION convening_day, convening_obstacle, convening_place, convening_agenda_of, mail_time,
    convening_about, convening_calendar TO kith_mailer;

RESET ROLE;
