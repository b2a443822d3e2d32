-- A partnership's vision and goals, laid before the partner's leads by a mail's link and acknowledged without an
-- account (95_task.sql, 96_page.sql), or signed in; what changes later is laid before them again.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION acknowledgment_mail(p partnership, p_occurrence text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    asked uuid;
BEGIN
    FOR asked IN
        SELECT DISTINCT l.contact_id FROM partnership_leads(p.id) l WHERE l.contact_id IS NOT NULL
        ORDER BY l.contact_id
    LOOP
        PERFORM message_queue(
            'duty', 'agreements', 'partnership_acknowledgment', p.id, asked, NULL, p_occurrence,
            jsonb_build_object('partnership', p.name, 'is_changed', p_occurrence LIKE 'changed%'),
            p_at, p_at + interval '30 days', p.id);
    END LOOP;
END
$$;

-- One mail to each lead on the partner's side, once a day.
CREATE OR REPLACE FUNCTION partnership_ask_acknowledgment(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p partnership;
BEGIN
    PERFORM lock_row('partnership', p_id, p_version);
    SELECT t.* INTO p FROM partnership t WHERE t.id = p_id;
    IF NOT EXISTS (SELECT FROM partnership_unacknowledged(p_id)) THEN
        PERFORM refuse_state('Nothing waits for the partner''s word.', jsonb_build_object('status', p.status));
    ELSIF NOT EXISTS (SELECT FROM partnership_leads(p_id) l WHERE l.contact_id IS NOT NULL) THEN
        PERFORM refuse_state('Nobody leads it on the partner''s side.',
                             jsonb_build_object('status', p.status, 'missing', '["lead_partner"]'::jsonb));
    END IF;
    PERFORM acknowledgment_mail(p, format('asked %s', district_today()), current_setting('kith.now')::timestamptz);
END
$$;

-- What was acknowledged has changed: it is laid before the partner again, an hour later, so that what is changed in
-- one sitting is one mail. A migration, or a program of the operator's, has no context.
CREATE OR REPLACE FUNCTION acknowledgment_ask_again() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    p partnership;
BEGIN
    IF coalesce(current_setting('kith.district', true), '') = ''
       OR coalesce(current_setting('kith.now', true), '') = '' THEN
        RETURN NULL;
    END IF;
    SELECT t.* INTO p FROM partnership t
    WHERE t.district_id = NEW.district_id
      AND t.id = (to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'partnership' THEN 'id' ELSE 'partnership_id' END)::uuid;
    IF p.archived_at IS NULL AND p.status NOT IN ('ended', 'declined') THEN
        PERFORM acknowledgment_mail(p, format('changed %s', district_today()),
                                    current_setting('kith.now')::timestamptz + interval '1 hour');
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER acknowledgment_ask_again AFTER UPDATE ON partnership
    FOR EACH ROW WHEN (OLD.vision_partner_at IS NOT NULL AND NEW.vision_partner_at IS NULL AND NEW.vision ~ '\S')
    EXECUTE FUNCTION acknowledgment_ask_again();
CREATE OR REPLACE TRIGGER acknowledgment_ask_again AFTER UPDATE ON goal
    FOR EACH ROW WHEN (OLD.partner_at IS NOT NULL AND NEW.partner_at IS NULL AND NEW.archived_at IS NULL)
    EXECUTE FUNCTION acknowledgment_ask_again();
CREATE OR REPLACE TRIGGER acknowledgment_ask_again AFTER UPDATE ON goal_partnership
    FOR EACH ROW WHEN (OLD.partner_at IS NOT NULL AND NEW.partner_at IS NULL AND NEW.archived_at IS NULL)
    EXECUTE FUNCTION acknowledgment_ask_again();

-- All that waits for the partner's word, by a contact who leads it on that side.
CREATE OR REPLACE FUNCTION partnership_acknowledge_all(p_id uuid, p_contact uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM acknowledge_as(w.what, CASE w.what WHEN 'partnership' THEN 'vision_' ELSE '' END, w.id, 'partner', NULL,
                           p_contact)
    FROM partnership_unacknowledged(p_id) w;
END
$$;

CREATE OR REPLACE FUNCTION task_acknowledgment_give(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    p partnership;
BEGIN
    PERFORM lock_row('partnership', t.subject_id, NULL);
    SELECT s.* INTO p FROM partnership s
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = t.subject_id;
    IF NOT EXISTS (SELECT FROM partnership_leads(p.id) l WHERE l.contact_id = t.contact_id) THEN
        PERFORM refuse_state('You do not lead it any more.', jsonb_build_object('status', p.status));
    ELSIF p_form ->> 'seal' IS DISTINCT FROM partnership_seal(p) THEN
        RETURN form_error('', 'changed');
    ELSIF NOT EXISTS (SELECT FROM partnership_unacknowledged(p.id)) THEN
        RETURN '[]';
    ELSIF coalesce(p_form ->> 'read', '') <> 'yes' THEN
        RETURN form_error('read', 'required');
    END IF;
    PERFORM partnership_acknowledge_all(p.id, t.contact_id);
    RETURN '[]';
END
$$;

CREATE OR REPLACE FUNCTION page_acknowledgment(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    p partnership := page_partnership();
    zone text := page_zone();
    may boolean;
    waits boolean;
    goals jsonb;
BEGIN
    may := p.archived_at IS NULL AND p.status NOT IN ('ended', 'declined')
        AND EXISTS (SELECT FROM partnership_leads(p.id) l WHERE l.contact_id = t.contact_id);
    waits := EXISTS (SELECT FROM partnership_unacknowledged(p.id));
    SELECT jsonb_agg(jsonb_build_object(
        'id', g.id, 'statement', g.statement, 'target', page_number(g.target), 'unit', g.unit,
        'due', page_date(g.due_on), 'at', page_time(w.at, zone), 'by', page_person(w.contact, NULL))
        ORDER BY g.due_on, g.id)
    INTO goals
    FROM partnership_goals(p.id) g
    LEFT JOIN goal_partnership s ON s.district_id = g.district_id AND s.goal_id = g.id AND s.partnership_id = p.id
        AND s.archived_at IS NULL
    CROSS JOIN LATERAL (
        SELECT CASE WHEN g.partnership_id = p.id THEN g.partner_at ELSE s.partner_at END AS at,
               CASE WHEN g.partnership_id = p.id THEN g.partner_by ELSE s.partner_by END AS contact) AS w
    WHERE g.progress <> 'dropped';
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id), 'partnership', p.name,
        'partner', (SELECT r.name FROM partner r WHERE r.district_id = p.district_id AND r.id = p.partner_id),
        'parts', (SELECT jsonb_agg(jsonb_build_object('name', w.name, 'text', w.text) ORDER BY w.place)
                  FROM (VALUES (1, 'vision', p.vision), (2, 'expectations', p.expectations),
                               (3, 'processes', p.processes), (4, 'desired_outcomes', p.desired_outcomes))
                       AS w (place, name, text)
                  WHERE w.text ~ '\S'),
        'at', page_time(p.vision_partner_at, zone), 'by', page_person(p.vision_partner_by, NULL),
        'goals', goals, 'has_goals', goals IS NOT NULL,
        'can_acknowledge', may AND waits, 'is_over', NOT may, 'is_done', may AND NOT waits,
        'seal', partnership_seal(p), 'has_changed', page_error(p_view, '') = 'changed',
        'read_error', page_error(p_view, 'read'),
        'has_errors', coalesce(jsonb_path_exists(p_view -> 'errors', '$[*] ? (@.name != "")'), false),
        'errors', (SELECT jsonb_agg(e.value) FROM jsonb_array_elements(p_view -> 'errors') e
                   WHERE e.value ->> 'name' <> ''));
END
$$;

-- The same, signed in: of what the seal names, which the representation tells.
CREATE OR REPLACE FUNCTION own_partnership_acknowledge(p_id uuid, p_version bigint, p_seal text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    scope text := current_setting('kith.scope');
    p partnership;
BEGIN
    IF NOT EXISTS (SELECT FROM own_partnership o WHERE o.id = p_id) THEN
        RAISE EXCEPTION 'no partnership of this organization' USING ERRCODE = 'KI404';
    END IF;
    PERFORM set_config('kith.scope', '*', true);
    PERFORM lock_row('partnership', p_id, p_version);
    SELECT s.* INTO p FROM partnership s WHERE s.id = p_id;
    IF NOT EXISTS (SELECT FROM partnership_leads(p_id) l WHERE l.contact_id = own_contact()) THEN
        PERFORM refuse_state('You do not lead it on the partner''s side.', jsonb_build_object('status', p.status));
    ELSIF p_seal IS DISTINCT FROM partnership_seal(p) THEN
        PERFORM refuse_state('It has changed since you read it.', jsonb_build_object('status', p.status));
    END IF;
    PERFORM partnership_acknowledge_all(p_id, own_contact());
    PERFORM set_config('kith.scope', scope, true);
END
$$;

REVOKE EXECUTE ON FUNCTION acknowledgment_mail, partnership_ask_acknowledgment, acknowledgment_ask_again,
    partnership_acknowledge_all, task_acknowledgment_give, page_acknowledgment, own_partnership_acknowledge FROM PUBLIC;
GRANT EXECUTE ON FUNCTION acknowledgment_mail, partnership_ask_acknowledgment,
    partnership_acknowledge_all, task_acknowledgment_give, page_acknowledgment, own_partnership_acknowledge TO kith_api;

RESET ROLE;
