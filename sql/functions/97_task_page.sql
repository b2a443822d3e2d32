-- The pages of agreements, preferences and passwords, and the one function that all links' pages come
-- through.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION page_agreement(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    a agreement;
    zone text;
    acknowledged_at timestamptz;
BEGIN
    SELECT * INTO STRICT a FROM agreement g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.id = t.subject_id;
    SELECT d.zone INTO STRICT zone FROM district d WHERE d.id = a.district_id;
    acknowledged_at := CASE t.side WHEN 'partner' THEN a.partner_at ELSE a.district_at END;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'title', a.title, 'kind', a.kind, 'status', a.status, 'text', a.text, 'document_url', a.document_url,
        'file', (SELECT jsonb_build_object('name', f.name, 'sha256', f.sha256) FROM attachment f
                 WHERE f.district_id = a.district_id AND f.id = a.attachment_id),
        'effective', page_date(a.effective_on), 'expires', page_date(a.expires_on),
        'data', CASE WHEN a.data_flows THEN jsonb_build_object(
            'basis', a.data_basis, 'purpose', a.data_purpose, 'destroy_by', page_date(a.data_destroy_by)) END,
        'partnerships', (
            SELECT jsonb_agg(jsonb_build_object('name', p.name, 'partner', r.name) ORDER BY p.name, p.id)
            FROM agreement_partnership l
            JOIN partnership p ON p.district_id = l.district_id AND p.id = l.partnership_id
            JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
            WHERE l.district_id = a.district_id AND l.agreement_id = a.id AND l.archived_at IS NULL),
        'acknowledged', page_time(acknowledged_at, zone),
        'acknowledged_by', CASE t.side WHEN 'partner' THEN page_person(a.partner_by, NULL)
                                       ELSE page_person(NULL, a.district_by) END,
        'told_to', page_person(NULL, CASE t.side WHEN 'partner' THEN a.partner_recorded_by END),
        'can_acknowledge', acknowledged_at IS NULL AND a.archived_at IS NULL
            AND a.status IN ('out_for_signature', 'in_force'),
        'is_over', acknowledged_at IS NULL
            AND (a.archived_at IS NOT NULL OR a.status NOT IN ('out_for_signature', 'in_force')),
        'seal', agreement_seal(a), 'has_changed', page_error(p_view, '') = 'changed',
        'can_sign', agreement_may_sign(a, t.contact_id), 'signer', p_view -> 'form' ->> 'signer',
        'consents', p_view -> 'form' ->> 'consent' = 'yes', 'has_authority', p_view -> 'form' ->> 'authority' = 'yes',
        'signed', page_date(a.partner_signed_on), 'partner_signer', a.partner_signer,
        'read_error', page_error(p_view, 'read'), 'signer_error', page_error(p_view, 'signer'),
        'consent_error', page_error(p_view, 'consent'), 'authority_error', page_error(p_view, 'authority'),
        'has_errors', coalesce(jsonb_path_exists(p_view -> 'errors', '$[*] ? (@.name != "")'), false),
        'errors', (SELECT jsonb_agg(e.value) FROM jsonb_array_elements(p_view -> 'errors') e
                   WHERE e.value ->> 'name' <> ''));
END
$$;

CREATE OR REPLACE FUNCTION page_preferences(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    form jsonb := p_view -> 'form';
    chosen text := coalesce(form ->> 'locale', (
        SELECT coalesce(c.locale, d.locale) FROM district d
        LEFT JOIN contact c ON c.district_id = d.id AND c.id = t.contact_id
        WHERE d.id = current_setting('kith.district')::uuid AND t.contact_id IS NOT NULL), (
        SELECT u.locale FROM app_user u
        WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = t.user_id));
BEGIN
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'address', coalesce(
            (SELECT c.email FROM contact c
             WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = t.contact_id),
            (SELECT u.email FROM app_user u
             WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = t.user_id)),
        'has_none', task_opts_out('all'),
        'languages', (SELECT jsonb_agg(jsonb_build_object(
                          'code', o.code, 'is_chosen', o.code IN (chosen, split_part(chosen, '-', 1)))
                          ORDER BY o.place)
                      FROM district d, unnest(d.locales) WITH ORDINALITY AS o (code, place)
                      WHERE d.id = current_setting('kith.district')::uuid),
        'topics', (SELECT jsonb_agg(jsonb_build_object(
                       'topic', m.topic, 'is_duty', m.class = 'duty', 'is_wanted', task_wants(m.topic))
                       ORDER BY m.class DESC, m.topic) FROM mail_topics() m
                   WHERE m.class <> 'staff' OR t.user_id IS NOT NULL),
        'is_contact', t.contact_id IS NOT NULL,
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false),
        'errors', p_view -> 'errors');
END
$$;

CREATE OR REPLACE FUNCTION page_password(p_view jsonb) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'district', page_district(), 'person', u.name, 'email', u.email,
        'error', page_error(p_view, 'new_password'))
    FROM task() t JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = t.user_id;
END;

-- The forms of each page that say that the mail came to the wrong person, or at the wrong time; what was wrong with them.
CREATE OR REPLACE FUNCTION page_tell(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
        'can_tell', t.message_id IS NOT NULL, 'is_left', f.form ->> 'tell_reason' = 'left_org',
        'is_not_me', f.form ->> 'tell_reason' = 'not_me', 'is_pass_on', f.form ->> 'tell_reason' = 'pass_on',
        'can_name', t.contact_id IS NOT NULL AND (t.purpose = 'check_in' OR m.id IS NOT NULL AND t.purpose <> 'convening'),
        'tell_email', f.form ->> 'tell_email',
        'tell_email_error', page_error(f.said, 'tell_email'), 'tell_note', f.form ->> 'tell_note', 'tell_reason_error', page_error(f.said, 'tell_reason'),
        'tell_note_error', page_error(f.said, 'tell_note'),
        'has_tell_errors', coalesce(jsonb_array_length(f.said -> 'errors') > 0, false),
        'tell_errors', f.said -> 'errors',
        'can_snooze', coalesce(mail_waits(m) AND mail_last(m) > district_today(), false),
        'snoozed', page_date(mail_put_off(m)), 'snooze_on', f.form ->> 'snooze_on',
        'snooze_error', page_error(f.said, 'snooze'), 'snooze_on_error', page_error(f.said, 'snooze_on'))
    FROM task() t
    CROSS JOIN LATERAL task_mail() m
    CROSS JOIN LATERAL (SELECT CASE WHEN p_view ->> 'verb' IN ('tell', 'snooze') THEN p_view ELSE '{}' END AS said) s
    CROSS JOIN LATERAL (SELECT s.said, s.said -> 'form' AS form) f);
END
$$;

-- The page of the context's task. What was said by those forms is no other's.
CREATE OR REPLACE FUNCTION task_page(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    told jsonb := page_tell(p_view);
BEGIN
    IF task_is_passed_on() THEN
        RETURN jsonb_build_object('district', page_district());
    ELSIF p_view ->> 'verb' IN ('tell', 'snooze') THEN
        p_view := p_view - '{verb,form,errors}'::text[];
    END IF;
    RETURN told || CASE t.purpose
        WHEN 'check_in' THEN page_check_in(p_view)
        WHEN 'survey' THEN page_survey(p_view)
        WHEN 'agreement' THEN page_agreement(p_view)
        WHEN 'investments' THEN page_investments(p_view)
        WHEN 'acknowledgment' THEN page_acknowledgment(p_view)
        WHEN 'ask' THEN page_ask(p_view)
        WHEN 'credential' THEN page_credential(p_view)
        WHEN 'record' THEN page_record(p_view)
        WHEN 'partner_year' THEN page_partner_year(p_view)
        WHEN 'convening' THEN page_convening(p_view)
        WHEN 'training' THEN page_training(p_view)
        WHEN 'story_consent' THEN page_story_consent(p_view)
        WHEN 'tasks' THEN page_tasks(p_view)
        WHEN 'preferences' THEN page_preferences(p_view)
        WHEN 'password' THEN page_password(p_view)
        WHEN 'invitation' THEN page_password(p_view)
        WHEN 'sign_in' THEN page_password(p_view) END
        || jsonb_build_object('is_refused', coalesce((p_view ->> 'is_refused')::boolean, false));
END
$$;

REVOKE EXECUTE ON FUNCTION page_agreement, page_preferences, page_password, page_tell, task_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_agreement, page_preferences, page_password, page_tell, task_page TO kith_api;

RESET ROLE;
