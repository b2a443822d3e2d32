-- Papers of a partner that a mail asks for, and that are sent by its link without an account (95_task.sql, 96_page.sql):
-- each waits until somebody of the district has looked at it.

SET ROLE kith_owner;

-- Asks the partner's side for what its partnerships lack, or for those kinds; once a day.
CREATE OR REPLACE FUNCTION partner_ask_credentials(p_id uuid, p_version bigint, p_kinds text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p partner;
    lacking text[];
    asked record;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM lock_row('partner', p_id, p_version);
    SELECT t.* INTO p FROM partner t WHERE t.id = p_id;
    lacking := CASE WHEN cardinality(p_kinds) > 0 THEN p_kinds ELSE partner_credentials_lacking(p_id) END;
    IF lacking = '{}' THEN
        PERFORM refuse_state('Nothing is lacking.', jsonb_build_object('status', p.stage));
    ELSIF NOT EXISTS (SELECT FROM partner_correspondents(p_id)) THEN
        PERFORM refuse_state('There is nobody to write to.',
                             jsonb_build_object('status', p.stage, 'missing', '["contact"]'::jsonb));
    END IF;
    FOR asked IN SELECT w.contact_id, w.partnership_id FROM partner_correspondents(p_id) w ORDER BY w.contact_id LOOP
        PERFORM message_queue(
            'duty', 'agreements', 'credential_request', p_id, asked.contact_id, NULL, format('asked %s', district_today()),
            jsonb_build_object('partner', p.name, 'kinds', (
                SELECT jsonb_agg(jsonb_build_object('code', k.code) ORDER BY k.place)
                FROM unnest(lacking) WITH ORDINALITY AS k (code, place))), business_now,
            business_now + interval '30 days', asked.partnership_id);
    END LOOP;
END
$$;

-- What was sent: of that kind, until then, with its file, whose pieces are there already. The form brings its id, so that
-- one that comes twice is one.
CREATE OR REPLACE FUNCTION task_credential_send(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    district uuid := current_setting('kith.district')::uuid;
    made uuid := (p_form ->> 'item')::uuid;
    file jsonb := p_form -> 'file';
BEGIN
    IF NOT task_sends_papers(t.subject_id) THEN
        PERFORM refuse_state('You do not speak for it any more.', '{}');
    ELSIF coalesce(p_form ->> 'kind', '') = '' THEN
        RETURN form_error('kind', 'required');
    ELSIF p_form ->> 'kind' = 'other' AND form_text(p_form, 'label') IS NULL THEN
        RETURN form_error('label', 'required');
    ELSIF form_text(p_form, 'expires_on')::date < district_today() THEN
        RETURN form_error('expires_on', 'over');
    END IF;
    INSERT INTO credential (district_id, id, partner_id, kind, label, expires_on, submitted_contact_id)
    VALUES (district, made, t.subject_id, p_form ->> 'kind', form_text(p_form, 'label'),
            form_text(p_form, 'expires_on')::date, t.contact_id)
    ON CONFLICT ON CONSTRAINT credential_pkey DO NOTHING;
    IF NOT FOUND THEN
        RETURN '[]';
    END IF;
    INSERT INTO attachment (district_id, id, name, media_type, bytes, sha256, subject_kind, subject_id,
                            uploaded_contact_id)
    VALUES (district, (file ->> 'id')::uuid, file ->> 'name', file ->> 'media_type', (file ->> 'bytes')::bigint,
            file ->> 'sha256', 'credential', made, t.contact_id);
    RETURN '[]';
END
$$;

CREATE OR REPLACE FUNCTION page_credential(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    p partner;
    may boolean;
    lacking text[];
    papers jsonb;
    form jsonb := p_view -> 'form';
BEGIN
    SELECT o.* INTO STRICT p FROM partner o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = t.subject_id;
    may := p.archived_at IS NULL AND task_sends_papers(p.id);
    lacking := partner_credentials_lacking(p.id);
    SELECT jsonb_agg(jsonb_build_object(
        'kind', c.kind, 'label', c.label, 'until', page_date(c.expires_on),
        'standing', credential_standing(c.status, c.expires_on),
        'reason', CASE c.status WHEN 'rejected' THEN c.status_reason END) ORDER BY c.kind, c.created_at, c.id)
    INTO papers
    FROM credential c
    WHERE c.district_id = p.district_id AND c.partner_id = p.id AND c.archived_at IS NULL;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id), 'partner', p.name,
        'may', may, 'is_over', NOT may, 'is_lacking', lacking <> '{}',
        'lacking', (SELECT jsonb_agg(jsonb_build_object('code', k) ORDER BY k) FROM unnest(lacking) AS k),
        'papers', papers, 'has_papers', papers IS NOT NULL,
        'kinds', (
            SELECT jsonb_agg(jsonb_build_object('code', k.code, 'is_chosen',
                       k.code = coalesce(form ->> 'kind', lacking[1])) ORDER BY k.place)
            FROM unnest('{liability_insurance,clearance_attestation,w9,nonprofit_status,license,data_security,other}'
                        ::text[]) WITH ORDINALITY AS k (code, place)),
        'item', coalesce(form ->> 'item', uuid7()::text), 'label', form ->> 'label', 'expires_on', form ->> 'expires_on',
        'kind_error', page_error(p_view, 'kind'), 'label_error', page_error(p_view, 'label'),
        'expires_on_error', page_error(p_view, 'expires_on'), 'file_error', page_error(p_view, 'file'),
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false), 'errors', p_view -> 'errors');
END
$$;

REVOKE EXECUTE ON FUNCTION partner_ask_credentials, task_credential_send, page_credential FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_ask_credentials, task_credential_send, page_credential TO kith_api;

RESET ROLE;
