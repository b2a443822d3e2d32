-- Partners that stay where they are, although others need what they have: which they are, and the mail that brings
-- them on, of which their present lead is told first.

SET ROLE kith_owner;

-- ---- Which they are ------------------------------------------------------------------------------

-- Since when two quarters are over: from the first day of the second one before today's. A district without a
-- calendar counts six months.
CREATE OR REPLACE FUNCTION two_quarters_ago() RETURNS date
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT q.starts_on FROM reporting_quarter q
     WHERE q.district_id = current_setting('kith.district')::uuid AND q.archived_at IS NULL
       AND q.ends_on < district_today()
     ORDER BY q.starts_on DESC OFFSET 1 LIMIT 1),
    (district_today() - interval '6 months')::date);

-- Who leads a partner's work at the district today: the lead of a partnership that runs, or else its owner.
CREATE OR REPLACE FUNCTION partner_present_lead(p_partner uuid) RETURNS uuid
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT l.user_id FROM partnership p CROSS JOIN LATERAL partnership_leads(p.id) l
     WHERE p.district_id = current_setting('kith.district')::uuid AND p.partner_id = p_partner
       AND p.status IN ('active', 'paused', 'renewing') AND p.archived_at IS NULL AND l.user_id IS NOT NULL
     ORDER BY p.created_at, p.id, l.user_id LIMIT 1),
    (SELECT u.id FROM partner t
     JOIN app_user u ON u.district_id = t.district_id AND u.id = t.owner_id AND u.status = 'active'
         AND u.archived_at IS NULL
     WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_partner));

-- Whom to write to: who leads it on the partner's side, or else whoever has a place there.
CREATE OR REPLACE FUNCTION partner_present_contact(p_partner uuid) RETURNS uuid
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT l.contact_id FROM partnership p CROSS JOIN LATERAL partnership_leads(p.id) l
     WHERE p.district_id = current_setting('kith.district')::uuid AND p.partner_id = p_partner
       AND p.status IN ('active', 'paused', 'renewing') AND p.archived_at IS NULL AND l.contact_id IS NOT NULL
     ORDER BY p.created_at, p.id, l.contact_id LIMIT 1),
    (SELECT c.id FROM affiliation a
     JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id AND c.status = 'active'
         AND c.archived_at IS NULL
     WHERE a.district_id = current_setting('kith.district')::uuid AND a.partner_id = p_partner
       AND a.archived_at IS NULL
       AND district_today() BETWEEN coalesce(a.from_date, '-infinity') AND coalesce(a.until_date, 'infinity')
     ORDER BY c.email IS NULL, a.created_at, a.id LIMIT 1));

-- One site, one person of the district who works with it (its owner for the whole district aside), nothing new
-- (no interaction, activity, partnership or site), and it would go elsewhere. Nobody has dismissed it, and no remedy
-- is under way or has just been tried. Those that have been quiet longest come first; news_on NULL: ever.
CREATE OR REPLACE FUNCTION quiet_partners()
RETURNS TABLE (partner_id uuid, name text, reach text, site_id uuid, news_on date)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    today date := district_today();
    since date := two_quarters_ago();
BEGIN
    RETURN QUERY
    WITH works_at AS ( -- as partner_reach(), of all
        SELECT t.partner_id, t.site_id FROM match_ties(NULL) t
        UNION
        SELECT k.partner_id, coalesce(s.site_id, w.lead_site_id)
        FROM partnership_partner k
        JOIN partnership w ON w.district_id = k.district_id AND w.id = k.partnership_id
            AND w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
        LEFT JOIN partnership_site s ON s.district_id = w.district_id AND s.partnership_id = w.id
            AND s.archived_at IS NULL AND coalesce(s.until_date, 'infinity') >= today
        WHERE k.district_id = district AND k.archived_at IS NULL AND coalesce(k.until_date, 'infinity') >= today
        UNION
        SELECT g.partner_id, l.site_id
        FROM program g
        JOIN program_site l ON l.district_id = g.district_id AND l.program_id = g.id AND l.archived_at IS NULL
            AND today BETWEEN coalesce(l.from_date, '-infinity') AND coalesce(l.until_date, 'infinity')
        WHERE g.district_id = district AND g.status = 'active' AND g.archived_at IS NULL
    ), one_site AS MATERIALIZED (
        SELECT t.partner_id, (array_agg(t.site_id))[1] AS site_id FROM works_at t GROUP BY t.partner_id
        HAVING count(*) = 1 AND count(t.site_id) = 1
    ), several_know AS MATERIALIZED (
        SELECT w.partner_id
        FROM (SELECT h.partner_id, h.person FROM role_holders() h WHERE h.side = 'district'
              UNION
              SELECT o.partner_id, o.user_id FROM partner_owner o
              WHERE o.district_id = district AND o.archived_at IS NULL
                AND coalesce(o.until_date, 'infinity') >= today) AS w
        GROUP BY w.partner_id HAVING count(*) > 1
    ), started AS MATERIALIZED (
        SELECT w.partner_id, max(greatest(w.starts_on, coalesce(w.activated_at, w.created_at)::date,
                                          s.from_date, s.created_at::date)) AS on_date
        FROM partnership w
        LEFT JOIN partnership_site s ON s.district_id = w.district_id AND s.partnership_id = w.id
            AND s.archived_at IS NULL
        WHERE w.district_id = district AND w.archived_at IS NULL AND w.status NOT IN ('ended', 'declined')
        GROUP BY w.partner_id
    ), met AS MATERIALIZED (
        SELECT i.partner_id, max(i.on_date) AS on_date FROM interaction i
        WHERE i.district_id = district AND i.archived_at IS NULL GROUP BY i.partner_id
    ), did AS MATERIALIZED (
        SELECT w.partner_id, max(a.on_date) AS on_date
        FROM activity a JOIN partnership w ON w.district_id = a.district_id AND w.id = a.partnership_id
        WHERE a.district_id = district AND a.archived_at IS NULL GROUP BY w.partner_id
    )
    SELECT p.id, p.name, p.reach, o.site_id, n.on_date
    FROM one_site o
    JOIN partner p ON p.district_id = district AND p.id = o.partner_id
    LEFT JOIN started t ON t.partner_id = p.id
    LEFT JOIN met m ON m.partner_id = p.id
    LEFT JOIN did d ON d.partner_id = p.id
    CROSS JOIN LATERAL (SELECT greatest(t.on_date, m.on_date, d.on_date) AS on_date) n
    WHERE p.archived_at IS NULL AND p.stage NOT IN ('barred', 'declined')
      AND p.reach IS DISTINCT FROM 'one_school' AND coalesce(n.on_date, '-infinity') < since
      AND p.id NOT IN (SELECT k.partner_id FROM several_know k)
      AND p.id NOT IN (SELECT x.partner_id FROM stuck_dismissal x
                       WHERE x.district_id = district AND x.archived_at IS NULL AND x.until_date >= today)
      AND p.id NOT IN (SELECT r.partner_id FROM remedy r
                       WHERE r.district_id = district AND r.archived_at IS NULL
                         AND (r.status = 'waiting' OR r.status = 'sent' AND r.sent_at >= since))
    ORDER BY n.on_date NULLS FIRST, p.name, p.id;
END
$$;

-- Those of them whom open needs elsewhere match, each with the best of these that it could reach. A district has
-- few: at most so many are looked at.
CREATE OR REPLACE FUNCTION stuck_partners(p_limit bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    looked_at constant integer := 200;
    p record;
    needs jsonb;
    found jsonb := '[]';
BEGIN
    FOR p IN
        SELECT q.* FROM quiet_partners() q
        WHERE q.partner_id IN ( -- who works on nothing and offers nothing serves no need
            SELECT g.partner_id FROM program g WHERE g.archived_at IS NULL
            UNION ALL
            SELECT o.partner_id FROM offer o WHERE o.archived_at IS NULL
            UNION ALL
            SELECT w.partner_id FROM partnership w WHERE w.focus_area_id IS NOT NULL AND w.archived_at IS NULL
            UNION ALL
            SELECT a.partner_id FROM partner_focus_area a WHERE a.archived_at IS NULL)
        ORDER BY q.news_on NULLS FIRST, q.name, q.partner_id LIMIT looked_at
    LOOP
        SELECT jsonb_agg(jsonb_build_object(
            'need_id', m.need_id, 'title', n.title, 'site_id', n.site_id, 'network_id', n.network_id,
            'needed_by', n.needed_by, 'lacking', n.quantity - n.filled, 'kind', m.kind, 'id', m.id,
            'name', m.name, 'score', m.score::text) ORDER BY m.score DESC, m.need_id)
        INTO needs
        FROM match_best(NULL, p.partner_id, NULL, 10) m
        JOIN need n ON n.id = m.need_id
        WHERE EXISTS (SELECT FROM json_to_recordset(m.factors) AS f (factor text, value numeric)
                      WHERE f.factor = 'reach' AND f.value >= 0.5);
        CONTINUE WHEN needs IS NULL;
        found := found || jsonb_build_object(
            'partner_id', p.partner_id, 'name', p.name, 'reach', p.reach, 'site_id', p.site_id,
            'lead_id', partner_present_lead(p.partner_id), 'news_on', p.news_on, 'needs', needs);
        EXIT WHEN jsonb_array_length(found) >= p_limit;
    END LOOP;
    RETURN jsonb_build_object('since', two_quarters_ago(), 'partners', found);
END
$$;

-- ---- The remedy ----------------------------------------------------------------------------------

-- Needs that are open, and a partner that would go there.
CREATE OR REPLACE FUNCTION check_remedy(r remedy) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p partner;
BEGIN
    SELECT t.* INTO p FROM partner t WHERE t.district_id = r.district_id AND t.id = r.partner_id;
    IF p.stage IN ('barred', 'declined') OR p.archived_at IS NOT NULL THEN
        PERFORM refuse_field('partner_id', '"partner_id" is barred, has declined, or is archived.');
    ELSIF p.reach = 'one_school' THEN
        PERFORM refuse_field('partner_id', '"partner_id" works with one school, as it prefers.');
    ELSIF EXISTS (
        SELECT FROM jsonb_array_elements_text(r.need_ids) AS e (id)
        LEFT JOIN need n ON n.district_id = r.district_id AND n.id = e.id::uuid AND n.archived_at IS NULL
            AND n.status IN ('open', 'partly_matched')
        WHERE n.id IS NULL) THEN
        PERFORM refuse_field('need_ids', '"need_ids" has a need that is not open.');
    END IF;
END
$$;

-- The present lead is told, and has the district's days; without one, or from the lead, the mail goes as soon as it
-- can.
CREATE OR REPLACE FUNCTION remedy_begin() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_remedy(NEW);
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status <> 'waiting' THEN
            PERFORM refuse_state(format('It is %s.', OLD.status), jsonb_build_object('status', OLD.status));
        END IF;
        RETURN NEW;
    END IF;
    NEW.lead_id := partner_present_lead(NEW.partner_id);
    NEW.contact_id := coalesce(NEW.contact_id, partner_present_contact(NEW.partner_id));
    IF NEW.contact_id IS NULL AND EXISTS (SELECT FROM partner p WHERE p.id = NEW.partner_id) THEN
        PERFORM refuse_field('contact_id', '"contact_id" must be there: the partner has nobody to write to.');
    END IF;
    NEW.waits_until := district_today() + CASE
        WHEN NEW.lead_id IS NULL OR NEW.lead_id::text = current_setting('kith.user') THEN 0
        ELSE (SELECT d.remedy_wait_days FROM district d WHERE d.id = NEW.district_id) END;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER remedy_begin BEFORE INSERT ON remedy
    FOR EACH ROW EXECUTE FUNCTION remedy_begin();
CREATE OR REPLACE TRIGGER remedy_change BEFORE UPDATE ON remedy
    FOR EACH ROW WHEN (current_user = 'kith_api' AND (NEW.partner_id, NEW.need_ids, NEW.contact_id, NEW.text)
        IS DISTINCT FROM (OLD.partner_id, OLD.need_ids, OLD.contact_id, OLD.text))
    EXECUTE FUNCTION remedy_begin();

-- What both mails say.
CREATE OR REPLACE FUNCTION remedy_variables(r remedy) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'partner', p.name, 'contact', c.name, 'person', u.name, 'address', u.email, 'on', r.waits_until,
        'paragraphs', (SELECT coalesce(jsonb_agg(g.part ORDER BY g.place), '[]')
                       FROM regexp_split_to_table(r.text, '\s*\n\s*') WITH ORDINALITY AS g (part, place)
                       WHERE g.part ~ '\S'),
        'needs', (SELECT coalesce(jsonb_agg(jsonb_build_object('title', n.title, 'place', coalesce(s.name, w.name))
                                            ORDER BY e.place), '[]')
                  FROM jsonb_array_elements_text(r.need_ids) WITH ORDINALITY AS e (id, place)
                  JOIN need n ON n.district_id = r.district_id AND n.id = e.id::uuid
                      AND n.status IN ('open', 'partly_matched')
                  LEFT JOIN site s ON s.district_id = n.district_id AND s.id = n.site_id
                  LEFT JOIN network w ON w.district_id = n.district_id AND w.id = n.network_id))
    FROM partner p
    JOIN contact c ON c.district_id = p.district_id AND c.id = r.contact_id
    LEFT JOIN app_user u ON u.district_id = p.district_id AND u.id = r.lead_id
    WHERE p.district_id = r.district_id AND p.id = r.partner_id);

CREATE OR REPLACE FUNCTION remedy_tell() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM message_queue('duty', 'introductions', 'remedy_notice', NEW.id, NULL, NEW.lead_id, 'once',
                          remedy_variables(NEW), current_setting('kith.now')::timestamptz,
                          current_setting('kith.now')::timestamptz + interval '14 days');
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER remedy_tell AFTER INSERT ON remedy
    FOR EACH ROW WHEN (NEW.lead_id::text <> current_setting('kith.user')) EXECUTE FUNCTION remedy_tell();

-- The mail goes, unless nothing of what it would tell is needed any more.
CREATE OR REPLACE FUNCTION remedy_send(p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r remedy;
    about jsonb;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    goes_at timestamptz; -- as an ask
    mail uuid;
BEGIN
    SELECT t.* INTO STRICT r FROM remedy t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id;
    about := remedy_variables(r);
    IF about -> 'needs' = '[]' THEN
        UPDATE remedy t SET status = 'cancelled', status_reason = 'None of the needs is open any more.'
        WHERE t.district_id = r.district_id AND t.id = r.id;
        RETURN;
    END IF;
    goes_at := coalesce(personal_mail_at(r.contact_id, district_today() + 60), business_now);
    mail := message_queue('program', 'asks', 'remedy', r.id, r.contact_id, NULL, 'once', about, goes_at,
                          goes_at + interval '30 days');
    UPDATE remedy t SET status = 'sent', sent_at = business_now, message_id = mail
    WHERE t.district_id = r.district_id AND t.id = r.id;
END
$$;

-- Only the present lead, or who runs the program, lets it go before its day, or stops it.
CREATE OR REPLACE FUNCTION remedy_judge(p_id uuid, p_version bigint, p_action text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('remedy', p_id, p_version, p_action);
BEGIN
    IF NOT keeper_may('remedy', p_action, p_id) THEN
        PERFORM refuse_outside();
    END IF;
    RETURN next_status;
END
$$;

CREATE OR REPLACE FUNCTION remedy_agree(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM remedy_judge(p_id, p_version, 'agree');
    PERFORM remedy_send(p_id);
END
$$;

CREATE OR REPLACE FUNCTION remedy_cancel(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := remedy_judge(p_id, p_version, 'cancel');
BEGIN
    UPDATE remedy t SET status = next_status, status_reason = p_reason WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION my_remedy(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id, p.name, r.waits_until, NULL::uuid
    FROM remedy r JOIN partner p ON p.district_id = r.district_id AND p.id = r.partner_id
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.lead_id = p_user
      AND r.status = 'waiting' AND r.archived_at IS NULL;
END;

REVOKE EXECUTE ON FUNCTION two_quarters_ago, partner_present_lead, partner_present_contact,
    quiet_partners, stuck_partners, check_remedy, remedy_begin, remedy_variables, remedy_tell, remedy_send,
    remedy_judge, remedy_agree, remedy_cancel, my_remedy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION two_quarters_ago, partner_present_lead, partner_present_contact,
    quiet_partners, stuck_partners, check_remedy, remedy_variables, remedy_send, remedy_judge, remedy_agree,
    remedy_cancel, my_remedy TO kith_api;

RESET ROLE;
