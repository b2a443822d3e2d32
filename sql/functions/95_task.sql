-- One task of one person: what a link opens, or a user who is signed in. task() says which; what is
-- done to it goes through task_put(), and 96_page.sql tells what there is to see.
--
-- A link's context has all of kith.scope, because what may be written with it is what the functions
-- here write: no statement takes anything else from whoever holds a link.

SET ROLE kith_owner;

-- The task of the context. side: of whoever does it; a contact is the partner's, a user the district's.
CREATE OR REPLACE FUNCTION task(
    OUT purpose text, OUT subject_id uuid, OUT contact_id uuid, OUT user_id uuid, OUT message_id uuid,
    OUT locale text, OUT side text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.purpose, t.subject_id, t.contact_id, t.user_id, t.message_id, t.locale,
           CASE WHEN t.contact_id IS NULL THEN 'district' ELSE 'partner' END
    FROM jsonb_to_record(current_setting('kith.task')::jsonb)
        AS t (purpose text, subject_id uuid, contact_id uuid, user_id uuid, message_id uuid,
              locale text);
END;

-- The context of whoever holds a link, for one of the purposes; KI401: it opens nothing, or nothing any
-- more. Of mail one may be rid also where one has left. Nothing is written: scanners open every link.
CREATE OR REPLACE FUNCTION link_enter(
    p_district uuid, p_token_hash text, p_purposes text, p_now text, p_request text,
    OUT purpose text, OUT locale text)
LANGUAGE plpgsql AS $$
DECLARE
    ignored text;
    opened record;
    business_now timestamptz := p_now;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, p_request);
    SELECT l.purpose, l.subject_id, l.contact_id, l.user_id, l.message_id,
           coalesce(c.locale, u.locale, d.locale) AS locale
    INTO opened
    FROM (SELECT k.purpose, k.subject_id, k.contact_id, k.user_id, k.message_id FROM link k
          WHERE k.district_id = p_district AND k.token_hash = p_token_hash
            AND k.revoked_at IS NULL AND k.expires_at > business_now
          UNION ALL
          SELECT t.purpose, NULL, NULL, t.user_id, NULL FROM access_token t
          WHERE t.district_id = p_district AND t.token_hash = p_token_hash
            AND t.kind = 'link' AND t.purpose IN ('password', 'invitation', 'sign_in')
            AND t.revoked_at IS NULL AND t.archived_at IS NULL AND t.expires_at > business_now) AS l
    JOIN district d ON d.id = p_district AND d.archived_at IS NULL
    LEFT JOIN contact c ON c.district_id = p_district AND c.id = l.contact_id
    LEFT JOIN app_user u ON u.district_id = p_district AND u.id = l.user_id
    WHERE l.purpose = ANY (string_to_array(p_purposes, ','))
      AND (l.purpose = 'preferences' OR c.status = 'active' AND c.archived_at IS NULL
           OR u.status = 'active' AND u.archived_at IS NULL);
    IF opened.purpose IS NULL THEN
        RAISE EXCEPTION 'no such link' USING ERRCODE = 'KI401';
    END IF;
    purpose := opened.purpose;
    locale := opened.locale;
    ignored := set_config('kith.task', to_jsonb(opened)::text, true)
        || set_config('kith.user', coalesce(opened.user_id::text, ''), true)
        || set_config('kith.roles', CASE WHEN opened.contact_id IS NULL THEN '' ELSE 'partner' END, true)
        || set_config('kith.scope', '*', true);
    IF purpose = 'check_in' AND NOT task_is_current() THEN
        RAISE EXCEPTION 'no longer a task of this person' USING ERRCODE = 'KI401';
    END IF;
END
$$;

-- Whether a task of a partner's side is this contact's, who is signed in: what it was asked, the vision and goals of what it
-- leads, the record of its organization.
CREATE OR REPLACE FUNCTION task_is_own(p_purpose text, p_subject uuid, p_contact uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN CASE p_purpose
    WHEN 'ask' THEN EXISTS (
        SELECT FROM ask a WHERE a.district_id = current_setting('kith.district')::uuid AND a.id = p_subject
                            AND a.contact_id = p_contact AND a.sent_at IS NOT NULL AND a.archived_at IS NULL)
    WHEN 'acknowledgment' THEN EXISTS (SELECT FROM partnership_leads(p_subject) l WHERE l.contact_id = p_contact)
    WHEN 'record' THEN p_subject IN (SELECT own_partner_ids())
    ELSE false END;

-- The same for a user who is signed in, whose scope stays what it is; but a partner's contact does its own
-- side's, as by a link. KI404: there is no such thing.
CREATE OR REPLACE FUNCTION task_begin(p_purpose text, p_subject uuid, OUT locale text)
LANGUAGE plpgsql AS $$
DECLARE
    ignored text;
    is_staff boolean := kith_has_role(
        'admin,director,executive,coordinator,school_leader,reviewer,data_steward,viewer');
    contact uuid;
BEGIN
    SELECT u.locale, u.contact_id INTO locale, contact FROM app_user u
    WHERE u.id = current_setting('kith.user')::uuid;
    IF NOT (CASE p_purpose
            WHEN 'check_in' THEN EXISTS (SELECT FROM check_in c WHERE c.id = p_subject AND c.archived_at IS NULL)
            ELSE NOT is_staff AND task_is_own(p_purpose, p_subject, contact) END) THEN
        RAISE EXCEPTION 'no such task' USING ERRCODE = 'KI404';
    END IF;
    ignored := set_config('kith.task', jsonb_build_object(
        'purpose', p_purpose, 'subject_id', p_subject, 'contact_id', CASE WHEN NOT is_staff THEN contact END,
        'user_id', CASE WHEN is_staff THEN current_setting('kith.user') END, 'locale', locale)::text, true);
    IF NOT is_staff THEN
        IF contact IS NULL OR p_purpose = 'check_in' AND NOT task_is_current() THEN
            RAISE EXCEPTION 'no such task' USING ERRCODE = 'KI404';
        END IF;
        ignored := set_config('kith.scope', '*', true);
    END IF;
END
$$;

-- A contact has a role in the partnership, or a place at its partner; users come and go by their status.
CREATE OR REPLACE FUNCTION task_is_current() RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.contact_id IS NULL OR EXISTS (
        SELECT FROM check_in c
        JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
        WHERE c.id = t.subject_id AND (
            EXISTS (SELECT FROM partnership_role r
                    WHERE r.district_id = c.district_id AND r.partnership_id = p.id
                      AND r.contact_id = t.contact_id AND r.archived_at IS NULL
                      AND coalesce(r.until_date, 'infinity') >= district_today())
            OR EXISTS (SELECT FROM affiliation a
                       WHERE a.district_id = c.district_id AND a.partner_id = p.partner_id
                         AND a.contact_id = t.contact_id AND a.archived_at IS NULL
                         AND coalesce(a.until_date, 'infinity') >= district_today())))
    FROM task() t;
END;

-- ---- Outcomes ------------------------------------------------------------------------------------

-- One thing that is wrong with a form: of the field of that name ('': of all), by a code.
CREATE OR REPLACE FUNCTION form_error(p_name text, p_code text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_array(jsonb_build_object('name', p_name, 'code', p_code));

-- What was typed, without what is only white space.
CREATE OR REPLACE FUNCTION form_text(p_form jsonb, p_name text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_form ->> p_name ~ '\S' THEN p_form ->> p_name END;

-- ---- Check-ins -----------------------------------------------------------------------------------

-- What a half says: its four sections, and of each goal its progress.
CREATE OR REPLACE FUNCTION check_in_said(p_check_in uuid, p_side text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'goals_set', nullif(h.goals_set, ''), 'progress_assessed', nullif(h.progress_assessed, ''),
        'challenges', nullif(h.challenges, ''), 'adjustments', nullif(h.adjustments, ''),
        'goals', coalesce((
            SELECT jsonb_object_agg(g.goal_id, jsonb_build_object(
                'progress', g.progress, 'current', trim_scale(g.current)::text,
                'note', nullif(g.note, '')))
            FROM check_in_goal g
            WHERE g.district_id = h.district_id AND g.check_in_id = h.check_in_id
              AND g.side = h.side), '{}'))
    FROM check_in_half h
    WHERE h.district_id = current_setting('kith.district')::uuid
      AND h.check_in_id = p_check_in AND h.side = p_side);

-- The same of a form: progress.<goal>, current.<goal>, note.<goal>.
CREATE OR REPLACE FUNCTION check_in_typed(p_form jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object(
    'goals_set', form_text(p_form, 'goals_set'),
    'progress_assessed', form_text(p_form, 'progress_assessed'),
    'challenges', form_text(p_form, 'challenges'), 'adjustments', form_text(p_form, 'adjustments'),
    'goals', coalesce((
        SELECT jsonb_object_agg(g.id, jsonb_build_object(
            'progress', p_form ->> ('progress.' || g.id),
            'current', trim_scale((form_text(p_form, 'current.' || g.id))::numeric)::text,
            'note', form_text(p_form, 'note.' || g.id)))
        FROM (SELECT substr(f.key, 10) AS id FROM jsonb_each_text(p_form) f
              WHERE f.key LIKE 'progress.%' AND f.value <> '') AS g), '{}'));

-- Names what stood there, so that whoever writes over it is known to have seen it.
CREATE OR REPLACE FUNCTION check_in_seal(p_check_in uuid, p_side text) RETURNS text
LANGUAGE sql STABLE
RETURN md5(coalesce(check_in_said(p_check_in, p_side)::text, ''));

-- A goal of which something is said but not how far it is.
CREATE OR REPLACE FUNCTION check_in_goal_errors(p_form jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN coalesce((
    SELECT jsonb_agg(DISTINCT jsonb_build_object('name', 'progress.' || g.id, 'code', 'required'))
    FROM (SELECT split_part(f.key, '.', 2) AS id FROM jsonb_each_text(p_form) f
          WHERE (f.key LIKE 'current.%' OR f.key LIKE 'note.%') AND f.value ~ '\S') AS g
    WHERE coalesce(p_form ->> ('progress.' || g.id), '') = ''), '[]');

-- Keeps the half of the task's side as it was typed, and sends it when p_send. What stands there and
-- was not seen when this was typed is not written over. A form that comes twice changes nothing.
CREATE OR REPLACE FUNCTION task_half_put(p_form jsonb, p_send boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    c check_in := check_in_take(t.subject_id, NULL, 'save_half');
    stood jsonb := check_in_said(c.id, t.side);
    typed jsonb;
    half check_in_half;
    errors jsonb := check_in_goal_errors(p_form);
BEGIN
    IF errors <> '[]' THEN
        RETURN errors;
    END IF;
    typed := check_in_typed(p_form);
    IF typed IS DISTINCT FROM stood
       AND p_form ->> 'seal' IS DISTINCT FROM check_in_seal(c.id, t.side) THEN
        RETURN form_error('', 'changed');
    END IF;
    half := check_in_lock_half(c, t.side);
    IF half.status = 'submitted' AND typed = stood THEN
        RETURN '[]';
    END IF;
    PERFORM check_in_write_half(
        c, half, t.user_id, NULL, t.contact_id, typed ->> 'goals_set', typed ->> 'progress_assessed',
        typed ->> 'challenges', typed ->> 'adjustments',
        (SELECT jsonb_agg(g.value || jsonb_build_object('goal_id', g.key) ORDER BY g.key)
         FROM jsonb_each(typed -> 'goals') g));
    IF p_send AND jsonb_strip_nulls(typed) = '{"goals": {}}' THEN
        RETURN form_error('goals_set', 'empty');
    ELSIF p_send THEN
        PERFORM check_in_submit_half(c.id, NULL, t.side);
    END IF;
    RETURN '[]';
END
$$;

-- What this side says of the other's half.
CREATE OR REPLACE FUNCTION task_half_judge(p_action text, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    c check_in := check_in_take(t.subject_id, NULL, p_action);
BEGIN
    IF p_action = 'dispute' AND form_text(p_form, 'reason') IS NULL THEN
        RETURN form_error('reason', 'required');
    END IF;
    PERFORM check_in_write_verdict(c, check_in_lock_half(c, t.side), p_action,
                                   CASE p_action WHEN 'dispute' THEN form_text(p_form, 'reason') END);
    RETURN '[]';
END
$$;

-- The contact confirms the words that the district's staff wrote down for it.
CREATE OR REPLACE FUNCTION task_behalf_confirm() RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    UPDATE check_in_half h SET behalf_confirmed_at = current_setting('kith.now')::timestamptz
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.check_in_id = t.subject_id
      AND h.side = 'partner' AND h.on_behalf_of = t.contact_id AND h.behalf_confirmed_at IS NULL;
    RETURN '[]';
END
$$;

-- Who may own an action: whoever has a role in the partnership, as 'contact:…' or 'user:…'.
CREATE OR REPLACE FUNCTION partnership_people(p_partnership uuid)
RETURNS TABLE (key text, name text, side text, user_id uuid, contact_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (coalesce('contact:' || r.contact_id, 'user:' || r.user_id))
           coalesce('contact:' || r.contact_id, 'user:' || r.user_id), coalesce(c.name, u.name), r.side,
           r.user_id, r.contact_id
    FROM partnership_role r
    LEFT JOIN contact c ON c.district_id = r.district_id AND c.id = r.contact_id
    LEFT JOIN app_user u ON u.district_id = r.district_id AND u.id = r.user_id
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.partnership_id = p_partnership
      AND r.archived_at IS NULL AND coalesce(r.until_date, 'infinity') >= district_today()
      AND coalesce(c.archived_at, u.archived_at) IS NULL;
END;

-- Both halves show to the task's side.
CREATE OR REPLACE FUNCTION task_sees_both() RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT check_in_shows(t.subject_id, CASE t.side WHEN 'district' THEN 'partner' ELSE 'district' END)
        AND EXISTS (SELECT FROM check_in_half h
                    WHERE h.district_id = current_setting('kith.district')::uuid
                      AND h.check_in_id = t.subject_id AND h.side <> t.side AND h.status = 'submitted')
    FROM task() t;
END;

-- Something to do that was agreed. The form brings its id, so that one that comes twice is one.
CREATE OR REPLACE FUNCTION task_action_add(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    district uuid := current_setting('kith.district')::uuid;
    c check_in;
    owner record;
BEGIN
    SELECT * INTO STRICT c FROM check_in i WHERE i.district_id = district AND i.id = t.subject_id;
    IF NOT task_sees_both() OR c.status NOT IN ('open', 'complete', 'closed_partial') THEN
        PERFORM refuse_state('The other half does not show yet.',
                             jsonb_build_object('status', c.status));
    ELSIF form_text(p_form, 'description') IS NULL THEN
        RETURN form_error('description', 'required');
    END IF;
    SELECT p.user_id, p.contact_id INTO owner FROM partnership_people(c.partnership_id) p
    WHERE p.key = p_form ->> 'owner';
    IF NOT FOUND AND coalesce(p_form ->> 'owner', '') <> '' THEN
        RETURN form_error('owner', 'unknown_id');
    END IF;
    INSERT INTO action_item (district_id, id, partnership_id, check_in_id, description, owner_user_id,
                             owner_contact_id, due_on)
    VALUES (district, (p_form ->> 'item')::uuid, c.partnership_id, c.id, form_text(p_form, 'description'),
            owner.user_id, owner.contact_id, form_text(p_form, 'due_on')::date)
    ON CONFLICT ON CONSTRAINT action_item_pkey DO NOTHING;
    RETURN '[]';
END
$$;

-- One's own is done.
CREATE OR REPLACE FUNCTION task_action_done(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    UPDATE action_item i SET status = 'done', done_at = current_setting('kith.now')::timestamptz
    FROM check_in c
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = (p_form ->> 'item')::uuid
      AND c.district_id = i.district_id AND c.id = t.subject_id AND i.partnership_id = c.partnership_id
      AND (i.owner_contact_id = t.contact_id OR i.owner_user_id = t.user_id)
      AND i.status = 'open' AND i.archived_at IS NULL;
    RETURN '[]';
END
$$;

-- ---- Surveys -------------------------------------------------------------------------------------

-- The relationships that the invitation asks about, in the order in which the pages count them.
CREATE OR REPLACE FUNCTION survey_asked(p_invitation uuid)
RETURNS TABLE (place bigint, partnership_id uuid, partnership text, partner text, status text,
               answers jsonb, submitted_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT row_number() OVER (ORDER BY p.name, p.id), p.id, p.name, r.name, w.status, w.answers,
           w.submitted_at
    FROM survey_answer w
    JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id
    JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
    WHERE w.district_id = current_setting('kith.district')::uuid
      AND w.survey_invitation_id = p_invitation;
END;

-- The questions of the survey, with the number of the page on which they stand: a page is a section.
CREATE OR REPLACE FUNCTION survey_questions(p_invitation uuid)
RETURNS TABLE (page bigint, place bigint, code text, kind text, is_required boolean, question jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT dense_rank() OVER (ORDER BY q.first), q.place, q.question ->> 'code', q.question ->> 'kind',
           coalesce((q.question ->> 'required')::boolean, false), q.question
    FROM (SELECT e.question, e.place,
                 min(e.place) OVER (PARTITION BY e.question ->> 'section') AS first
          FROM survey_invitation i
          JOIN survey s ON s.district_id = i.district_id AND s.id = i.survey_id
          JOIN instrument n ON n.district_id = s.district_id AND n.id = s.instrument_id
          CROSS JOIN jsonb_array_elements(n.questions) WITH ORDINALITY AS e (question, place)
          WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_invitation) AS q;
END;

-- An answer as it was typed, as the question wants it; JSON's null for none.
CREATE OR REPLACE FUNCTION survey_typed(p_kind text, p_text text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_text !~ '\S' THEN 'null'
            WHEN p_kind = 'rating' AND p_text ~ '^[1-5]$' THEN to_jsonb(p_text::integer)
            WHEN p_kind = 'yes_no' AND p_text IN ('yes', 'no') THEN to_jsonb(p_text = 'yes')
            ELSE to_jsonb(p_text) END;

-- Keeps the answers of one page about one relationship; p_send: those are all.
CREATE OR REPLACE FUNCTION task_survey_put(p_form jsonb, p_send boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    about record;
    typed jsonb;
    errors jsonb;
BEGIN
    SELECT * INTO about FROM survey_asked(t.subject_id) a WHERE a.place = (p_form ->> 'place')::bigint;
    IF about.place IS NULL THEN
        RAISE EXCEPTION 'no such relationship' USING ERRCODE = 'KI404';
    ELSIF about.status = 'submitted' THEN
        RETURN '[]'; -- sent once; a form that comes again says nothing new
    END IF;
    SELECT coalesce(jsonb_object_agg(q.code, survey_typed(q.kind, p_form ->> ('a.' || q.code))), '{}')
    INTO typed
    FROM survey_questions(t.subject_id) q WHERE p_form ? ('a.' || q.code);
    PERFORM survey_answer_put(t.subject_id, about.partnership_id, typed, false);
    IF NOT p_send THEN
        RETURN '[]';
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', 'a.' || q.code, 'code', 'required')
                              ORDER BY q.place), '[]')
    INTO errors
    FROM survey_questions(t.subject_id) q
    WHERE q.is_required AND NOT jsonb_strip_nulls(about.answers || typed) ? q.code;
    IF errors = '[]' THEN
        PERFORM survey_answer_put(t.subject_id, about.partnership_id, '{}', true);
    END IF;
    RETURN errors;
END
$$;

-- To take no part, and to take part after all; both as long as not all is answered.
CREATE OR REPLACE FUNCTION task_survey_decline(p_declines boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    UPDATE survey_invitation i
    SET status = CASE WHEN p_declines THEN 'declined'
                      WHEN EXISTS (SELECT FROM survey_answer w
                                   WHERE w.district_id = i.district_id AND w.survey_invitation_id = i.id
                                     AND w.status <> 'asked') THEN 'partial'
                      ELSE 'invited' END
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = t.subject_id
      AND CASE WHEN p_declines THEN i.status IN ('invited', 'partial') ELSE i.status = 'declined' END;
    RETURN '[]';
END
$$;

-- ---- Agreements ----------------------------------------------------------------------------------

-- The partner's contact acknowledges the text that it was shown: another one since is 'changed'.
CREATE OR REPLACE FUNCTION task_agreement_acknowledge(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    a agreement;
BEGIN
    PERFORM lock_row('agreement', t.subject_id, NULL);
    SELECT * INTO a FROM agreement g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.id = t.subject_id;
    IF (t.side = 'partner' AND a.partner_at IS NOT NULL)
       OR (t.side = 'district' AND a.district_at IS NOT NULL) THEN
        RETURN '[]';
    ELSIF a.status NOT IN ('out_for_signature', 'in_force') THEN
        PERFORM refuse_state('It is not out for signature.', jsonb_build_object('status', a.status));
    ELSIF p_form ->> 'seal' IS DISTINCT FROM agreement_seal(a) THEN
        RETURN form_error('', 'changed');
    ELSIF coalesce(p_form ->> 'read', '') <> 'yes' THEN
        RETURN form_error('read', 'required');
    END IF;
    PERFORM refuse_missing('agreement', a.status, agreement_missing(a.id, 'acknowledge'));
    PERFORM agreement_acknowledge_as(a.id, t.side, t.user_id, t.contact_id);
    RETURN '[]';
END
$$;

-- What is acknowledged, in short.
CREATE OR REPLACE FUNCTION agreement_seal(a agreement) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN md5(jsonb_build_array(a.kind, a.title, a.text, a.document_url, a.attachment_id, a.effective_on, a.expires_on, a.data_flows,
                             a.data_basis, a.data_purpose, a.data_destroy_by)::text);

-- Out for signature, it is laid before the leads of its partnerships on the partner's side; once they
-- have answered, or it is out no more, what was not sent need not go. A migration has no context.
CREATE OR REPLACE FUNCTION agreement_ask() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    business_now timestamptz;
BEGIN
    IF coalesce(current_setting('kith.district', true), '') = '' THEN
        RETURN NULL;
    END IF;
    business_now := current_setting('kith.now')::timestamptz;
    IF NEW.status <> 'out_for_signature' OR NEW.partner_at IS NOT NULL OR NEW.archived_at IS NOT NULL THEN
        PERFORM message_withdraw(NEW.district_id, NEW.id, NULL,
            CASE WHEN NEW.partner_at IS NULL THEN 'cancelled' ELSE 'already_done' END);
        RETURN NULL;
    ELSIF OLD.status = 'out_for_signature' THEN
        RETURN NULL;
    END IF;
    FOR asked IN
        SELECT DISTINCT ON (l.contact_id) l.contact_id, p.id, p.name
        FROM agreement_partnership a
        JOIN partnership p ON p.district_id = a.district_id AND p.id = a.partnership_id
            AND p.archived_at IS NULL
        CROSS JOIN LATERAL partnership_leads(p.id) l
        WHERE a.district_id = NEW.district_id AND a.agreement_id = NEW.id AND a.archived_at IS NULL
          AND l.side = 'partner'
        ORDER BY l.contact_id, p.name, p.id
    LOOP
        PERFORM message_queue(
            'duty', 'agreements', 'agreement_acknowledgment', NEW.id, asked.contact_id, NULL,
            'version ' || NEW.version,
            jsonb_build_object('agreement', NEW.title, 'partnership', asked.name),
            business_now, business_now + interval '30 days', asked.id);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_ask AFTER UPDATE OF status, partner_at, archived_at ON agreement
    FOR EACH ROW WHEN (OLD.status = 'out_for_signature' OR NEW.status = 'out_for_signature')
    EXECUTE FUNCTION agreement_ask();

-- ---- Preferences ---------------------------------------------------------------------------------

-- What there is mail about. A duty goes on where only its topic was declined, as mail_rules() says; of class staff is what
-- only the district's people get, and may do without.
CREATE OR REPLACE FUNCTION mail_topics() RETURNS TABLE (topic text, class text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES ('check_ins', 'duty'), ('agreements', 'duty'), ('introductions', 'duty'), ('confirmations', 'duty'),
                          ('digest', 'staff'),
                          ('surveys', 'program'), ('asks', 'program'), ('convenings', 'program'), ('thank_yous', 'program'),
                          ('needs', 'bulletin'))
        AS t (topic, class);
END;

CREATE OR REPLACE FUNCTION task_opts_out(p_topic text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM preference f
        WHERE f.district_id = current_setting('kith.district')::uuid AND f.topic = p_topic
          AND f.channel = 'email' AND f.opted_out AND f.archived_at IS NULL
          AND (f.contact_id = t.contact_id OR f.user_id = t.user_id))
    FROM task() t;
END;

-- A bulletin comes to who asked for it; the rest, until somebody declines it.
CREATE OR REPLACE FUNCTION task_wants(p_topic text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT NOT task_opts_out(p_topic) AND (
        NOT EXISTS (SELECT FROM mail_topics() m WHERE m.topic = p_topic AND m.class = 'bulletin')
        OR EXISTS (
            SELECT FROM preference f
            WHERE f.district_id = current_setting('kith.district')::uuid AND f.topic = p_topic
              AND f.channel = 'email' AND NOT f.opted_out AND f.archived_at IS NULL
              AND (f.contact_id = t.contact_id OR f.user_id = t.user_id)))
    FROM task() t;
END;

-- Who the task's person is wants no mail about the topic, or wants it; to say it again changes nothing.
CREATE OR REPLACE FUNCTION task_opt_out(p_topic text, p_out boolean, p_source text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    IF task_wants(p_topic) <> p_out THEN
        RETURN;
    END IF;
    INSERT INTO preference (district_id, id, contact_id, user_id, topic, opted_out, source)
    VALUES (current_setting('kith.district')::uuid, uuid7(), t.contact_id, t.user_id, p_topic, p_out,
            p_source)
    ON CONFLICT (district_id, coalesce(contact_id, user_id), topic, channel) WHERE archived_at IS NULL
    DO UPDATE SET opted_out = excluded.opted_out, source = excluded.source;
END
$$;

-- RFC 8058: one click on the mail's own topic.
CREATE OR REPLACE FUNCTION task_one_click() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    PERFORM task_opt_out(coalesce((
        SELECT m.topic FROM message m
        WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = t.message_id), 'all'),
        true, 'one_click');
END
$$;

-- The topics that are ticked, and the language.
CREATE OR REPLACE FUNCTION task_preferences_put(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    PERFORM task_opt_out(m.topic, NOT p_form ? ('topic.' || m.topic), 'link')
    FROM mail_topics() m WHERE m.class <> 'duty' AND (m.class <> 'staff' OR t.user_id IS NOT NULL);
    UPDATE contact c SET locale = p_form ->> 'locale'
    WHERE c.district_id = district AND c.id = t.contact_id
      AND c.locale IS DISTINCT FROM p_form ->> 'locale';
    UPDATE app_user u SET locale = p_form ->> 'locale'
    WHERE u.district_id = district AND u.id = t.user_id AND u.locale <> p_form ->> 'locale';
    RETURN '[]';
END
$$;

-- The person is not, or no longer, whom we should write to: somebody of the district finds out who is.
-- Nothing more is sent to whoever has left.
CREATE OR REPLACE FUNCTION task_hand_over(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    m message;
BEGIN
    IF p_form ->> 'reason' = 'pass_on' AND form_text(p_form, 'note') IS NULL THEN
        RETURN form_error('note', 'required');
    END IF;
    SELECT * INTO m FROM message o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = t.message_id;
    IF m.id IS NULL THEN
        RAISE EXCEPTION 'no mail that this is about' USING ERRCODE = 'KI404';
    END IF;
    INSERT INTO call_task AS k (district_id, id, kind, reason, subject_id, recipient_key, contact_id,
                                user_id, partnership_id, message_id, owner_id, note)
    VALUES (m.district_id, uuid7(), 'hand_over', p_form ->> 'reason', m.subject_id, m.recipient_key,
            m.contact_id, m.user_id, m.partnership_id, m.id, partnership_lead(m.partnership_id),
            form_text(p_form, 'note'))
    ON CONFLICT ON CONSTRAINT call_task_recipient_key_key DO UPDATE
    SET kind = 'hand_over', reason = excluded.reason, status = 'open', done_at = NULL,
        note = CASE WHEN k.note = excluded.note OR excluded.note IS NULL THEN k.note
                    ELSE right(concat_ws(E'\n', k.note, excluded.note), 10000) END;
    IF p_form ->> 'reason' <> 'pass_on' THEN
        PERFORM task_opt_out('all', true, 'link');
    END IF;
    RETURN '[]';
END
$$;

-- A mail with a link for a new password, once an hour at most, to whoever has an account of that address;
-- of an unknown one nothing is told.
CREATE OR REPLACE FUNCTION password_mail_ask(
    p_slug text, p_host text, p_email text, p_now text, p_request text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := sign_in_district(p_slug, p_host);
    business_now timestamptz := p_now;
    asking uuid;
BEGIN
    IF district IS NULL THEN
        RETURN;
    END IF;
    PERFORM kith_context(district, '', '', p_now, p_request);
    SELECT u.id INTO asking FROM app_user u
    WHERE u.district_id = district AND u.email = p_email AND u.status = 'active' AND u.archived_at IS NULL;
    IF asking IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('kith.scope', '*', true);
    PERFORM message_queue('account', 'account', 'password_reset', asking, NULL, asking,
                          'asked in the hour ' || date_trunc('hour', business_now AT TIME ZONE 'UTC'), '{}',
                          business_now, business_now + interval '1 hour');
END
$$;

-- ---- All of them ---------------------------------------------------------------------------------

-- What the form of that verb does. errors: what is wrong with it (then some of it may be kept all the
-- same: what was typed is not lost); said: what to tell; next: the page to go to.
CREATE OR REPLACE FUNCTION task_put(
    p_verb text, p_form jsonb, OUT errors jsonb, OUT said text, OUT next text)
LANGUAGE plpgsql AS $$
DECLARE
    place text := p_form ->> 'place';
    page integer := p_form ->> 'page';
BEGIN
    errors := CASE p_verb
        WHEN 'check_in_save' THEN task_half_put(p_form, false)
        WHEN 'check_in_send' THEN task_half_put(p_form, true)
        WHEN 'check_in_confirm' THEN task_half_judge('confirm', p_form)
        WHEN 'check_in_dispute' THEN task_half_judge('dispute', p_form)
        WHEN 'check_in_own' THEN task_behalf_confirm()
        WHEN 'action_add' THEN task_action_add(p_form)
        WHEN 'action_done' THEN task_action_done(p_form)
        WHEN 'survey_save' THEN task_survey_put(p_form, false)
        WHEN 'survey_next' THEN task_survey_put(p_form, false)
        WHEN 'survey_back' THEN task_survey_put(p_form, false)
        WHEN 'survey_send' THEN task_survey_put(p_form, true)
        WHEN 'survey_decline' THEN task_survey_decline(true)
        WHEN 'survey_accept' THEN task_survey_decline(false)
        WHEN 'agreement_acknowledge' THEN task_agreement_acknowledge(p_form)
        WHEN 'agreement_sign' THEN task_agreement_sign(p_form)
        WHEN 'investment_confirm' THEN task_investment_judge('confirmed', p_form)
        WHEN 'investment_dispute' THEN task_investment_judge('disputed', p_form)
        WHEN 'record_save' THEN task_record_put(p_form)
        WHEN 'record_tell' THEN task_hand_over(p_form)
        WHEN 'credential_send' THEN task_credential_send(p_form)
        WHEN 'credential_tell' THEN task_hand_over(p_form)
        WHEN 'acknowledgment_give' THEN task_acknowledgment_give(p_form)
        WHEN 'acknowledgment_tell' THEN task_hand_over(p_form)
        WHEN 'ask_pledge' THEN task_ask_answer('pledge', p_form)
        WHEN 'ask_decline' THEN task_ask_answer('decline', p_form)
        WHEN 'ask_talk' THEN task_ask_answer('talk', p_form)
        WHEN 'ask_tell' THEN task_hand_over(p_form)
        WHEN 'convening_answer' THEN task_convening_answer(p_form)
        WHEN 'convening_tell' THEN task_hand_over(p_form)
        WHEN 'preferences_save' THEN task_preferences_put(p_form)
        WHEN 'preferences_tell' THEN task_hand_over(p_form)
        WHEN 'preferences_none' THEN '[]'
        WHEN 'preferences_some' THEN '[]' END;
    IF p_verb IN ('preferences_none', 'preferences_some') THEN
        PERFORM task_opt_out('all', p_verb = 'preferences_none', 'link');
    END IF;
    said := p_verb;
    next := CASE p_verb
        WHEN 'survey_save' THEN format('/%s/%s', place, page)
        WHEN 'survey_next' THEN format('/%s/%s', place, page + 1)
        WHEN 'survey_back' THEN format('/%s/%s', place, page - 1)
        WHEN 'check_in_save' THEN '/edit'
        ELSE '' END;
END
$$;

REVOKE EXECUTE ON FUNCTION task, link_enter, task_is_own, task_begin, task_is_current, form_error, form_text,
    check_in_said, check_in_typed, check_in_seal, check_in_goal_errors, task_half_put, task_half_judge,
    task_behalf_confirm, partnership_people, task_sees_both, task_action_add, task_action_done,
    survey_asked, survey_questions, survey_typed, task_survey_put, task_survey_decline,
    task_agreement_acknowledge, agreement_seal, agreement_ask, mail_topics, task_opts_out, task_wants, task_opt_out,
    task_one_click, task_preferences_put, task_hand_over, password_mail_ask, task_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task, link_enter, task_is_own, task_begin, task_is_current, form_error, form_text,
    check_in_said, check_in_typed, check_in_seal, check_in_goal_errors, task_half_put, task_half_judge,
    task_behalf_confirm, partnership_people, task_sees_both, task_action_add, task_action_done,
    survey_asked, survey_questions, survey_typed, task_survey_put, task_survey_decline,
    task_agreement_acknowledge, agreement_seal, mail_topics, task_opts_out, task_wants, task_opt_out,
    task_one_click, task_preferences_put, task_hand_over, password_mail_ask, task_put TO kith_api;

RESET ROLE;
