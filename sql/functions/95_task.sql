-- One task of one person: what a link opens, or a user who is signed in. task() says which; what is
-- done to it goes through task_put(), and task_page() tells what there is to see.
--
-- A link's context has all of kith.scope, because what may be written with it is what the functions
-- here write: no statement takes anything else from whoever holds a link.

SET ROLE kith_owner;

-- The task of the context. side: of whoever does it; a contact is the partner's, a user the district's.
CREATE OR REPLACE FUNCTION task(
    OUT purpose text, OUT subject_id uuid, OUT contact_id uuid, OUT user_id uuid, OUT message_id uuid,
    OUT locale text, OUT side text)
LANGUAGE plpgsql STABLE AS $$ -- one that keeps its plan: it is asked several times of each request
BEGIN
    SELECT t.purpose, t.subject_id, t.contact_id, t.user_id, t.message_id, t.locale,
           CASE WHEN t.contact_id IS NULL THEN 'district' ELSE 'partner' END
    INTO purpose, subject_id, contact_id, user_id, message_id, locale, side
    FROM jsonb_to_record(current_setting('kith.task')::jsonb)
        AS t (purpose text, subject_id uuid, contact_id uuid, user_id uuid, message_id uuid,
              locale text);
END
$$;

-- The context of whoever holds a link, for one of the purposes; KI401: it opens nothing, or nothing any
-- more. Of mail one may be rid also where one has left. Nothing is written: scanners open every link. p_part:
-- "purpose.subject" of a thing that the link of all that waits for somebody opens; "": the link's own.
DROP FUNCTION IF EXISTS link_enter(uuid, text, text, text, text);
CREATE OR REPLACE FUNCTION link_enter(
    p_district uuid, p_token_hash text, p_purposes text, p_now text, p_request text, p_part text DEFAULT '',
    OUT purpose text, OUT locale text)
LANGUAGE plpgsql AS $$
DECLARE
    ignored text;
    opened record;
    business_now timestamptz := p_now;
BEGIN
    ignored := set_config('kith.district', p_district::text, true);
    SELECT l.purpose, l.subject_id, l.contact_id, l.user_id, l.message_id,
           coalesce(c.locale, u.locale, d.locale) AS locale
    INTO opened
    FROM (SELECT k.purpose, k.subject_id, k.contact_id, k.user_id, k.message_id FROM link k
          WHERE k.district_id = p_district AND k.token_hash = p_token_hash
            AND k.revoked_at IS NULL AND k.expires_at > business_now AND p_part = ''
          UNION ALL
          SELECT 'preferences', NULL, k.contact_id, k.user_id, k.message_id FROM link k
          WHERE k.district_id = p_district AND k.stop_hash = p_token_hash AND k.stop_expires_at > business_now AND p_part = ''
          UNION ALL
          SELECT o.* FROM link k
          CROSS JOIN LATERAL (
              SELECT t.purpose, t.subject_id, t.contact_id, t.user_id, t.message_id FROM link t
              WHERE t.district_id = p_district AND (t.contact_id = k.contact_id OR t.user_id = k.user_id)
                AND t.purpose || '.' || t.subject_id = p_part AND t.revoked_at IS NULL
              ORDER BY t.created_at DESC, t.id DESC LIMIT 1) AS o
          WHERE k.district_id = p_district AND k.token_hash = p_token_hash AND k.purpose = 'tasks'
            AND k.revoked_at IS NULL AND k.expires_at > business_now AND p_part <> ''
          UNION ALL
          SELECT t.purpose, NULL, NULL, t.user_id, NULL FROM access_token t
          WHERE t.district_id = p_district AND t.token_hash = p_token_hash
            AND t.kind = 'link' AND t.purpose IN ('password', 'invitation', 'sign_in')
            AND t.revoked_at IS NULL AND t.archived_at IS NULL AND t.expires_at > business_now AND p_part = '') AS l
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
    ignored := kith_context(p_district, coalesce(opened.user_id::text, ''),
                            CASE WHEN opened.contact_id IS NULL THEN '' ELSE 'partner' END, p_now, p_request);
    ignored := set_config('kith.task', to_jsonb(opened)::text, true) || set_config('kith.scope', '*', true);
    IF purpose = 'check_in' AND NOT task_is_current() THEN
        RAISE EXCEPTION 'no longer a task of this person' USING ERRCODE = 'KI401';
    END IF;
END
$$;

-- Whether a task of a partner's side is this contact's, who is signed in: what it was asked, the vision and goals of what it
-- leads, the agreements and entries of that, what it is invited to, surveys that ask it, stories that
-- name it, the record, the papers and the years of its
-- organization.
CREATE OR REPLACE FUNCTION task_is_own(p_purpose text, p_subject uuid, p_contact uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN CASE p_purpose
    WHEN 'ask' THEN EXISTS (
        SELECT FROM ask a WHERE a.district_id = current_setting('kith.district')::uuid AND a.id = p_subject
                            AND a.contact_id = p_contact AND a.sent_at IS NOT NULL AND a.archived_at IS NULL)
    WHEN 'acknowledgment' THEN EXISTS (SELECT FROM partnership_leads(p_subject) l WHERE l.contact_id = p_contact)
    WHEN 'record' THEN p_subject IN (SELECT own_partner_ids())
    WHEN 'credential' THEN p_subject IN (SELECT own_partner_ids())
    WHEN 'partner_year' THEN p_subject IN (SELECT own_partner_ids())
    WHEN 'agreement' THEN EXISTS (
        SELECT FROM agreement g
        JOIN agreement_partnership k ON k.district_id = g.district_id AND k.agreement_id = g.id AND k.archived_at IS NULL
        CROSS JOIN LATERAL partnership_leads(k.partnership_id) l
        WHERE g.district_id = current_setting('kith.district')::uuid AND g.id = p_subject AND g.archived_at IS NULL
          AND g.status IN ('out_for_signature', 'in_force') AND l.contact_id = p_contact)
    WHEN 'investments' THEN EXISTS (SELECT FROM partnership_leads(p_subject) l WHERE l.contact_id = p_contact)
    WHEN 'survey' THEN EXISTS (
        SELECT FROM survey_invitation i
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_subject AND i.contact_id = p_contact
          AND i.archived_at IS NULL)
    WHEN 'training' THEN EXISTS (
        SELECT FROM training_seat s
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_subject AND s.contact_id = p_contact
          AND s.archived_at IS NULL)
    WHEN 'story_consent' THEN EXISTS (
        SELECT FROM story_subject s
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_subject AND s.asked_at IS NOT NULL
          AND p_contact IN (SELECT story_voices(s)))
    WHEN 'convening' THEN EXISTS (
        SELECT FROM convening_invitee i
        JOIN convening c ON c.district_id = i.district_id AND c.id = i.convening_id AND c.archived_at IS NULL
        WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_subject AND i.contact_id = p_contact
          AND i.archived_at IS NULL AND c.status <> 'planned')
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

-- One thing that is wrong with a form: of the field of that name ('': of all), by a code.
CREATE OR REPLACE FUNCTION form_error(p_name text, p_code text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_array(jsonb_build_object('name', p_name, 'code', p_code));

-- What was typed, without what is only white space.
CREATE OR REPLACE FUNCTION form_text(p_form jsonb, p_name text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_form ->> p_name ~ '\S' THEN p_form ->> p_name END;

REVOKE EXECUTE ON FUNCTION task, link_enter, task_is_own, task_begin, task_is_current, form_error, form_text
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task, link_enter, task_is_own, task_begin, task_is_current, form_error, form_text
    TO kith_api;

RESET ROLE;
