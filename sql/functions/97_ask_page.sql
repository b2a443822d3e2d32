-- Asks on their way: the mail that asks, and how the partner answers, on a page without an account (95_task.sql,
-- 96_page.sql) or signed in.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS first_business_hour();

-- When a contact gets a person's own word to it that is no duty: in the first hour of a business day that its week of mails
-- has room for, whatever comes later by itself; NULL: there is none up to that day. Whoever comes next waits.
CREATE OR REPLACE FUNCTION personal_mail_at(p_contact uuid, p_last date) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    d district;
    at timestamptz := next_business_hour();
BEGIN
    SELECT o.* INTO STRICT d FROM district o WHERE o.id = current_setting('kith.district')::uuid;
    PERFORM pg_advisory_xact_lock(hashtextextended('mail ' || d.id || 'contact:' || p_contact, 0));
    WHILE mail_week_is_full(p_contact, NULL, at) LOOP
        at := local_instant(first_business_day((at AT TIME ZONE d.zone)::date + 1, p_last), d.mail_hour, d.zone);
    END LOOP;
    RETURN at;
END
$$;

-- What is sent asks by mail, and again where somebody else is asked: on which day, whoever sends it is told at once; that
-- it is on none, too. A migration has no context.
CREATE OR REPLACE FUNCTION ask_mail_at(a ask) RETURNS timestamptz
LANGUAGE sql
RETURN personal_mail_at(a.contact_id, least(a.respond_by, district_today() + 60));

CREATE OR REPLACE FUNCTION ask_mail_day() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.mail_on := NULL;
    IF NEW.contact_id IS NOT NULL AND coalesce(current_setting('kith.district', true), '') <> ''
       AND NOT EXISTS (
           SELECT FROM mail_recipient(NEW.contact_id, NULL, NULL, 'asks') w
           JOIN mail_rules() r ON r.class = 'program' AND r.situation = ANY (w.situations) AND r.stops) THEN
        NEW.mail_on := (SELECT (ask_mail_at(NEW) AT TIME ZONE d.zone)::date FROM district d WHERE d.id = NEW.district_id);
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER ask_mail_day BEFORE UPDATE OF status, contact_id ON ask
    FOR EACH ROW WHEN (NEW.status = 'sent'
        AND (OLD.status <> 'sent' OR OLD.contact_id IS DISTINCT FROM NEW.contact_id))
    EXECUTE FUNCTION ask_mail_day();

CREATE OR REPLACE FUNCTION ask_mail() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    goes_at timestamptz;
BEGIN
    IF NEW.contact_id IS NOT NULL AND coalesce(current_setting('kith.district', true), '') <> '' THEN
        goes_at := ask_mail_at(NEW);
        PERFORM message_queue(
            'program', 'asks', 'ask', NEW.id, NEW.contact_id, NULL, 'sent', '{}',
            coalesce(goes_at, current_setting('kith.now')::timestamptz),
            coalesce(goes_at, current_setting('kith.now')::timestamptz) + interval '14 days', NULL,
            CASE WHEN goes_at IS NULL THEN 'rate_limited' END);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER ask_mail AFTER UPDATE OF status, contact_id ON ask
    FOR EACH ROW WHEN (NEW.status = 'sent'
        AND (OLD.status <> 'sent' OR OLD.contact_id IS DISTINCT FROM NEW.contact_id))
    EXECUTE FUNCTION ask_mail();

-- ---- Answering -----------------------------------------------------------------------------------

-- The schools among which what is pledged for a need may be divided; none where it is for one alone.
CREATE OR REPLACE FUNCTION need_sites(p_need uuid) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, s.name
    FROM need n
    JOIN site s ON s.district_id = n.district_id AND s.status = 'open' AND s.archived_at IS NULL
        AND (n.network_id IS NULL OR s.network_id = n.network_id)
    WHERE n.district_id = current_setting('kith.district')::uuid AND n.id = p_need AND n.site_id IS NULL;
END;

-- What a partner's word says of a pledge; each fault is its field's.
CREATE OR REPLACE FUNCTION check_own_pledge(p_need uuid, p_starts_on date, p_ends_on date, p_sites jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_ends_on < p_starts_on THEN
        PERFORM refuse_field('ends_on', '"ends_on" must not be before "starts_on".');
    ELSIF EXISTS (SELECT FROM jsonb_array_elements_text(p_sites) AS w (id)
                  WHERE NOT EXISTS (SELECT FROM need_sites(p_need) s WHERE s.id = w.id::uuid)) THEN
        PERFORM refuse_field('site_ids', 'The need is not of each of these sites.');
    END IF;
END
$$;

-- It asks this contact, who has not left the partner.
CREATE OR REPLACE FUNCTION ask_may_answer(a ask, p_contact uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN a.status IN ('sent', 'talk') AND a.archived_at IS NULL AND a.contact_id = p_contact
    AND coalesce((
        SELECT bool_or(f.archived_at IS NULL AND coalesce(f.until_date, 'infinity') >= district_today())
        FROM affiliation f
        WHERE f.district_id = a.district_id AND f.partner_id = a.partner_id AND f.contact_id = p_contact), true);

-- Who has to know the answer: whoever sent it, or else who cares for the partner.
CREATE OR REPLACE FUNCTION ask_asker(a ask) RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT u.id FROM app_user u
        WHERE u.district_id = a.district_id AND u.id IN (a.sent_by, a.owner_id) AND u.status = 'active'
          AND u.archived_at IS NULL
        ORDER BY u.id = a.sent_by DESC LIMIT 1);

-- The partner's own word, by a link or signed in: pledge, decline or talk. p_said has the fields of the verb.
CREATE OR REPLACE FUNCTION ask_answer(p_id uuid, p_version bigint, p_contact uuid, p_verb text, p_said jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    a ask;
    made uuid := uuid7();
    s record;
BEGIN
    IF p_verb = 'decline' THEN
        PERFORM ask_decline(p_id, p_version, p_said ->> 'reason');
    ELSIF p_verb = 'talk' THEN
        SELECT o.* INTO a FROM ask o WHERE o.id = p_id;
        PERFORM ask_talk(p_id, p_version,
                         coalesce(first_business_day(district_today() + 1, district_today() + 14), district_today() + 1),
                         p_said ->> 'note', ask_asker(a));
    ELSE
        PERFORM ask_begin(p_id, p_version, 'pledge');
        SELECT o.* INTO STRICT a FROM ask o WHERE o.id = p_id;
        SELECT * INTO s FROM jsonb_to_record(p_said)
            AS r (quantity bigint, starts_on date, ends_on date, note text, site_ids jsonb);
        PERFORM check_own_pledge(a.need_id, s.starts_on, s.ends_on, s.site_ids);
        INSERT INTO pledge (district_id, id, need_id, partner_id, ask_id, contact_id, program_id, quantity, starts_on,
                            ends_on, note, is_own_word)
        VALUES (a.district_id, made, a.need_id, a.partner_id, a.id, p_contact, a.program_id, s.quantity, s.starts_on,
                s.ends_on, s.note, true);
        INSERT INTO pledge_site (district_id, id, pledge_id, site_id)
        SELECT a.district_id, uuid7(), made, w.id::uuid FROM jsonb_array_elements_text(s.site_ids) AS w (id);
    END IF;
    UPDATE ask o SET answered_contact_id = p_contact, answer_seen_at = NULL, answer_seen_by = NULL
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
END
$$;

-- What the form of a verb says.
CREATE OR REPLACE FUNCTION ask_said(p_verb text, p_form jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE p_verb
    WHEN 'decline' THEN jsonb_build_object('reason', form_text(p_form, 'why'))
    WHEN 'talk' THEN jsonb_build_object('note', form_text(p_form, 'question'))
    ELSE jsonb_build_object(
        'quantity', form_text(p_form, 'quantity')::bigint, 'starts_on', form_text(p_form, 'starts_on')::date,
        'ends_on', form_text(p_form, 'ends_on')::date, 'note', form_text(p_form, 'terms'),
        'site_ids', coalesce((SELECT jsonb_agg(substr(f.key, 6) ORDER BY f.key) FROM jsonb_each_text(p_form) f
                              WHERE f.key LIKE 'site.%' AND f.value = 'yes'), '[]')) END;

-- A form that comes twice: it has been answered just so, by the same contact.
CREATE OR REPLACE FUNCTION ask_is_repeated(a ask, p_contact uuid, p_verb text, p_said jsonb) RETURNS boolean
LANGUAGE sql STABLE
RETURN a.answered_contact_id = p_contact AND CASE p_verb
    WHEN 'decline' THEN a.status = 'declined' AND a.status_reason IS NOT DISTINCT FROM p_said ->> 'reason'
    WHEN 'talk' THEN a.status = 'talk' AND EXISTS (
        SELECT FROM follow_up f WHERE f.district_id = a.district_id AND f.ask_id = a.id AND f.status = 'open'
                                  AND f.note IS NOT DISTINCT FROM p_said ->> 'note')
    ELSE a.status = 'pledged' AND EXISTS (
        SELECT FROM pledge g
        WHERE g.district_id = a.district_id AND g.ask_id = a.id AND g.quantity = (p_said ->> 'quantity')::bigint
          AND (g.starts_on, g.ends_on, g.note) IS NOT DISTINCT FROM
              ((p_said ->> 'starts_on')::date, (p_said ->> 'ends_on')::date, p_said ->> 'note')) END;

CREATE OR REPLACE FUNCTION task_ask_answer(p_verb text, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    said jsonb := ask_said(p_verb, p_form);
    a ask;
BEGIN
    PERFORM lock_row('ask', t.subject_id, NULL);
    SELECT o.* INTO a FROM ask o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = t.subject_id;
    IF ask_is_repeated(a, t.contact_id, p_verb, said) THEN
        RETURN '[]';
    ELSIF NOT ask_may_answer(a, t.contact_id) THEN
        PERFORM refuse_state('It does not wait for an answer of yours.', jsonb_build_object('status', a.status));
    ELSIF p_verb = 'pledge' AND said ->> 'quantity' IS NULL THEN
        RETURN form_error('quantity', 'required');
    ELSIF p_verb = 'pledge' AND said ->> 'ends_on' < said ->> 'starts_on' THEN
        RETURN form_error('ends_on', 'before_start');
    ELSIF p_verb = 'talk' AND said ->> 'note' IS NULL THEN
        RETURN form_error('question', 'required');
    END IF;
    PERFORM ask_answer(a.id, NULL, t.contact_id, p_verb, said);
    RETURN '[]';
END
$$;

-- More schools than that are no list to tick.
CREATE OR REPLACE FUNCTION page_ask_sites(p_need uuid, p_form jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN count(*) <= 60 THEN jsonb_agg(jsonb_build_object(
            'id', s.id, 'name', s.name, 'is_chosen', coalesce(p_form ->> ('site.' || s.id) = 'yes', false))
            ORDER BY s.name, s.id) END
        FROM need_sites(p_need) s);

-- How it was answered, in the partner's own words.
CREATE OR REPLACE FUNCTION page_ask_answer(a ask, p_zone text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE WHEN a.status IN ('pledged', 'declined', 'talk') THEN jsonb_build_object(
    'status', a.status, 'at', page_time(a.answered_at, p_zone), 'by', page_person(a.answered_contact_id, NULL),
    'reason', CASE a.status
        WHEN 'declined' THEN a.status_reason
        WHEN 'talk' THEN (SELECT f.note FROM follow_up f WHERE f.district_id = a.district_id AND f.ask_id = a.id
                          ORDER BY f.created_at DESC, f.id DESC LIMIT 1) END,
    'pledge', CASE a.status WHEN 'pledged' THEN (
        SELECT jsonb_build_object('quantity', page_number(g.quantity), 'starts', page_date(g.starts_on),
                                  'ends', page_date(g.ends_on), 'note', g.note, 'status', g.status)
        FROM pledge g WHERE g.district_id = a.district_id AND g.ask_id = a.id
        ORDER BY g.created_at DESC, g.id DESC LIMIT 1) END) END;

CREATE OR REPLACE FUNCTION page_ask(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    a ask;
    n need;
    zone text;
    may boolean;
    form jsonb := p_view -> 'form';
    sites jsonb;
BEGIN
    SELECT o.* INTO STRICT a FROM ask o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = t.subject_id;
    SELECT o.* INTO STRICT n FROM need o WHERE o.district_id = a.district_id AND o.id = a.need_id;
    SELECT d.zone INTO STRICT zone FROM district d WHERE d.id = a.district_id;
    may := ask_may_answer(a, t.contact_id);
    sites := page_ask_sites(n.id, form);
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'partner', (SELECT p.name FROM partner p WHERE p.district_id = a.district_id AND p.id = a.partner_id),
        'need', n.title, 'description', n.description, 'message', a.message, 'asker', page_person(NULL, a.sent_by),
        'place', coalesce((SELECT s.name FROM site s WHERE s.district_id = n.district_id AND s.id = n.site_id),
                          (SELECT w.name FROM network w WHERE w.district_id = n.district_id AND w.id = n.network_id)),
        'wanted', page_number(coalesce(a.quantity, n.quantity - n.filled)), 'unit', n.unit,
        'needed_by', page_date(n.needed_by), 'respond_by', page_date(a.respond_by),
        'may', may, 'is_over', NOT may AND a.status NOT IN ('pledged', 'declined'),
        'answer', page_ask_answer(a, zone), 'sites', sites, 'has_sites', sites IS NOT NULL,
        'quantity', coalesce(form ->> 'quantity', coalesce(a.quantity, n.quantity - n.filled)::text),
        'starts_on', form ->> 'starts_on', 'ends_on', form ->> 'ends_on', 'terms', form ->> 'terms',
        'question', form ->> 'question', 'why', form ->> 'why', 'note', form ->> 'note',
        'quantity_error', page_error(p_view, 'quantity'), 'starts_on_error', page_error(p_view, 'starts_on'),
        'ends_on_error', page_error(p_view, 'ends_on'), 'terms_error', page_error(p_view, 'terms'),
        'question_error', page_error(p_view, 'question'), 'why_error', page_error(p_view, 'why'),
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false), 'errors', p_view -> 'errors');
END
$$;

-- ---- Signed in -----------------------------------------------------------------------------------

CREATE OR REPLACE VIEW own_ask WITH (security_invoker = true) AS
    SELECT a.district_id, a.id, a.version, a.created_at, a.updated_at, a.archived_at, a.partner_id, a.need_id,
           n.title AS need, n.description, coalesce(s.name, w.name) AS place,
           coalesce(a.quantity, n.quantity - n.filled) AS quantity, n.unit, n.needed_by, a.message, a.respond_by,
           a.status, CASE a.status WHEN 'declined' THEN a.status_reason END AS reason, a.sent_at, a.answered_at,
           a.xmin -- whether this unit wrote it
    FROM ask a
    JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
    LEFT JOIN site s ON s.district_id = n.district_id AND s.id = n.site_id
    LEFT JOIN network w ON w.district_id = n.district_id AND w.id = n.network_id
    WHERE a.sent_at IS NOT NULL AND a.partner_id = ANY (ARRAY(SELECT own_partner_ids()));

-- What a partner may pledge for by itself.
CREATE OR REPLACE VIEW open_need WITH (security_invoker = true) AS
    SELECT n.district_id, n.id, n.version, n.created_at, n.updated_at, n.archived_at, n.title, n.description,
           coalesce(s.name, w.name) AS place, n.focus_area_id, f.name AS focus_area, n.resource_kinds,
           n.quantity - n.filled AS quantity, n.unit, n.needed_by, n.urgency
    FROM need n
    JOIN focus_area f ON f.district_id = n.district_id AND f.id = n.focus_area_id
    LEFT JOIN site s ON s.district_id = n.district_id AND s.id = n.site_id
    LEFT JOIN network w ON w.district_id = n.district_id AND w.id = n.network_id
    WHERE n.status IN ('open', 'partly_matched') AND n.archived_at IS NULL
      AND EXISTS (SELECT FROM own_partner_ids())
      AND (n.is_public OR n.id = ANY (ARRAY(
            SELECT a.need_id FROM ask a
            WHERE a.partner_id = ANY (ARRAY(SELECT own_partner_ids())) AND a.status IN ('sent', 'talk')
              AND a.archived_at IS NULL)));

-- Who is signed in as a partner's contact.
CREATE OR REPLACE FUNCTION own_contact() RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT u.contact_id FROM app_user u
        WHERE u.district_id = current_setting('kith.district')::uuid
          AND u.id = nullif(current_setting('kith.user'), '')::uuid);

-- What its organization was asked, answered with all of kith.scope: nothing else is written.
CREATE OR REPLACE FUNCTION own_ask_answer(p_id uuid, p_version bigint, p_verb text, p_said jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    scope text := current_setting('kith.scope');
BEGIN
    IF NOT EXISTS (SELECT FROM own_ask o WHERE o.id = p_id) THEN
        RAISE EXCEPTION 'no ask of this organization' USING ERRCODE = 'KI404';
    END IF;
    PERFORM set_config('kith.scope', '*', true);
    PERFORM ask_answer(p_id, p_version, own_contact(), p_verb, p_said);
    PERFORM set_config('kith.scope', scope, true);
END
$$;

CREATE OR REPLACE FUNCTION own_ask_pledge(
    p_id uuid, p_version bigint, p_quantity bigint, p_starts_on date, p_ends_on date, p_note text, p_sites jsonb)
RETURNS void LANGUAGE sql
RETURN own_ask_answer(p_id, p_version, 'pledge', jsonb_build_object(
    'quantity', p_quantity, 'starts_on', p_starts_on, 'ends_on', p_ends_on, 'note', p_note,
    'site_ids', coalesce(p_sites, '[]')));
CREATE OR REPLACE FUNCTION own_ask_decline(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN own_ask_answer(p_id, p_version, 'decline', jsonb_build_object('reason', p_reason));
CREATE OR REPLACE FUNCTION own_ask_talk(p_id uuid, p_version bigint, p_note text) RETURNS void
LANGUAGE sql RETURN own_ask_answer(p_id, p_version, 'talk', jsonb_build_object('note', p_note));

-- INSTEAD OF an insert into own_pledge: a partner promises of itself, for a need that the public may read or that it
-- was asked for; then that is its answer. The owner's: no grant of a partner's covers a need.
CREATE OR REPLACE FUNCTION own_pledge_put() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    asked uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM partner p
                   WHERE p.district_id = district AND p.id = NEW.partner_id AND p.archived_at IS NULL
                     AND p.stage <> 'barred' AND p.id IN (SELECT own_partner_ids())) THEN
        PERFORM refuse_field('partner_id', 'This is no organization of yours.');
    END IF;
    SELECT a.id INTO asked FROM ask a
    WHERE a.district_id = district AND a.partner_id = NEW.partner_id AND a.need_id = NEW.need_id
      AND a.status IN ('sent', 'talk') AND a.archived_at IS NULL
    ORDER BY a.sent_at, a.id LIMIT 1 FOR UPDATE;
    IF NOT EXISTS (SELECT FROM need n
                   WHERE n.district_id = district AND n.id = NEW.need_id AND n.archived_at IS NULL
                     AND n.status IN ('open', 'partly_matched') AND (n.is_public OR asked IS NOT NULL)) THEN
        PERFORM refuse_field('need_id', 'There is no such need that is open to you.');
    END IF;
    PERFORM check_own_pledge(NEW.need_id, NEW.starts_on, NEW.ends_on, NEW.site_ids);
    INSERT INTO pledge (district_id, id, need_id, partner_id, ask_id, contact_id, quantity, starts_on, ends_on, note,
                        is_own_word)
    VALUES (district, NEW.id, NEW.need_id, NEW.partner_id, asked, own_contact(), NEW.quantity, NEW.starts_on,
            NEW.ends_on, NEW.note, true);
    INSERT INTO pledge_site (district_id, id, pledge_id, site_id)
    SELECT district, uuid7(), NEW.id, w.id::uuid FROM jsonb_array_elements_text(NEW.site_ids) AS w (id);
    UPDATE ask a SET answered_contact_id = own_contact() WHERE a.district_id = district AND a.id = asked;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER own_pledge_put INSTEAD OF INSERT ON own_pledge
    FOR EACH ROW EXECUTE FUNCTION own_pledge_put();

-- As long as nobody counts on it.
CREATE OR REPLACE FUNCTION own_pledge_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    scope text := current_setting('kith.scope');
BEGIN
    IF NOT EXISTS (SELECT FROM own_pledge g WHERE g.id = p_id) THEN
        RAISE EXCEPTION 'no pledge of this organization' USING ERRCODE = 'KI404';
    END IF;
    PERFORM set_config('kith.scope', '*', true);
    PERFORM pledge_withdraw(p_id, p_version, p_reason);
    PERFORM set_config('kith.scope', scope, true);
END
$$;

REVOKE EXECUTE ON FUNCTION personal_mail_at, ask_mail_at, ask_mail_day, ask_mail, need_sites, check_own_pledge, ask_may_answer, ask_asker,
    ask_answer, ask_said, ask_is_repeated, task_ask_answer, page_ask_sites, page_ask_answer, page_ask, own_contact,
    own_ask_answer, own_ask_pledge, own_ask_decline, own_ask_talk, own_pledge_put, own_pledge_withdraw FROM PUBLIC;
GRANT EXECUTE ON FUNCTION personal_mail_at TO kith_checkin;
GRANT EXECUTE ON FUNCTION personal_mail_at, ask_mail_at, need_sites, check_own_pledge, ask_may_answer, ask_asker,
    ask_answer, ask_said, ask_is_repeated, task_ask_answer, page_ask_sites, page_ask_answer, page_ask, own_contact,
    own_ask_answer, own_ask_pledge, own_ask_decline, own_ask_talk, own_pledge_withdraw TO kith_api;
GRANT SELECT ON own_ask, open_need TO kith_api;
GRANT INSERT ON own_pledge TO kith_api;

RESET ROLE;
