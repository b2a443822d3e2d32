-- A partner's own record, laid before it by a mail's link: what it says of a field is applied at once or waits for the
-- district's word, as when it is signed in (82_partner_edit.sql).

SET ROLE kith_owner;

-- One mail to each who speaks for the partner, once a day.
CREATE OR REPLACE FUNCTION partner_ask_record(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p partner;
    asked record;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM lock_row('partner', p_id, p_version);
    SELECT t.* INTO p FROM partner t WHERE t.id = p_id;
    IF NOT EXISTS (SELECT FROM partner_correspondents(p_id)) THEN
        PERFORM refuse_state('There is nobody to write to.',
                             jsonb_build_object('status', p.stage, 'missing', '["contact"]'::jsonb));
    END IF;
    FOR asked IN SELECT w.contact_id, w.partnership_id FROM partner_correspondents(p_id) w ORDER BY w.contact_id LOOP
        PERFORM message_queue(
            'duty', 'confirmations', 'record_check', p_id, asked.contact_id, NULL, format('asked %s', district_today()),
            jsonb_build_object('partner', p.name), business_now, business_now + interval '30 days',
            asked.partnership_id);
    END LOOP;
END
$$;

-- All fields that a partner may change, as they stand.
CREATE OR REPLACE FUNCTION partner_record(p_partner uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_object_agg(f.field, (to_jsonb(p) || jsonb_build_object(
            'focus_area_ids', partner_edit_current(p.district_id, p.id, 'focus_area_ids')::jsonb,
            'funding_types', partner_edit_current(p.district_id, p.id, 'funding_types')::jsonb)) -> f.field)
        FROM partner p CROSS JOIN partner_edit_fields() f
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partner);

-- The same as a form says it: an empty field is none, what is ticked is in its list.
CREATE OR REPLACE FUNCTION record_said(p_form jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT jsonb_object_agg(f.field, CASE f.field
        WHEN 'in_directory' THEN to_jsonb(coalesce(p_form ->> 'in_directory', '') = 'yes')
        WHEN 'funding_types' THEN coalesce((
            SELECT jsonb_agg(substr(k, 6) ORDER BY k) FROM jsonb_object_keys(p_form) k WHERE k LIKE 'fund.%'), '[]')
        WHEN 'focus_area_ids' THEN coalesce((
            SELECT jsonb_agg(substr(k, 6) ORDER BY k) FROM jsonb_object_keys(p_form) k WHERE k LIKE 'area.%'), '[]')
        ELSE to_jsonb(form_text(p_form, f.field)) END)
    FROM partner_edit_fields() f);

-- As the owner, of the partner that the link is about and no other.
CREATE OR REPLACE FUNCTION task_record_write(p_said jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    t record := task();
BEGIN
    IF t.purpose <> 'record' OR t.contact_id IS NULL THEN
        RAISE EXCEPTION 'no link of a record' USING ERRCODE = 'KI404';
    END IF;
    PERFORM partner_edits_put(current_setting('kith.district')::uuid, t.subject_id, partner_record(t.subject_id), p_said,
                              t.contact_id);
END
$$;

CREATE OR REPLACE FUNCTION task_record_put(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    said jsonb := record_said(p_form);
BEGIN
    PERFORM lock_row('partner', t.subject_id, NULL);
    IF NOT EXISTS (SELECT FROM partner_correspondents(t.subject_id) w WHERE w.contact_id = t.contact_id) THEN
        PERFORM refuse_state('You do not speak for it any more.', '{}');
    ELSIF said ->> 'name' IS NULL THEN
        RETURN form_error('name', 'required');
    ELSIF said ->> 'ein' !~ '^[0-9]{9}$' THEN
        RETURN form_error('ein', 'nine_digits');
    ELSIF EXISTS (
        SELECT FROM jsonb_array_elements_text(said -> 'focus_area_ids') AS w (id)
        WHERE NOT EXISTS (SELECT FROM focus_area f WHERE f.id = w.id::uuid AND f.archived_at IS NULL)) THEN
        RETURN form_error('', 'changed');
    END IF;
    PERFORM task_record_write(said);
    RETURN '[]';
END
$$;

CREATE OR REPLACE FUNCTION page_record(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    p partner;
    may boolean;
    form jsonb := p_view -> 'form';
    stood jsonb;
    shown jsonb;
    readiness jsonb;
BEGIN
    SELECT o.* INTO STRICT p FROM partner o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = t.subject_id;
    may := p.archived_at IS NULL
        AND EXISTS (SELECT FROM partner_correspondents(p.id) w WHERE w.contact_id = t.contact_id);
    stood := partner_record(p.id);
    readiness := CASE WHEN may THEN page_readiness(p_view) END;
    shown := CASE WHEN form ? 'name' THEN record_said(form) ELSE stood END;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id), 'partner', p.name,
        'may', may, 'is_over', NOT may,
        'fields', (
            SELECT jsonb_agg(jsonb_build_object(
                'name', f.name, 'value', shown ->> f.name, 'error', page_error(p_view, f.name), 'type', f.type,
                'is_line', f.type IS NOT NULL, 'is_text', f.type IS NULL AND f.choices IS NULL,
                'is_choice', f.choices IS NOT NULL, 'is_required', f.name IN ('name', 'kind'), 'fills', f.fills,
                'choices', (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'is_chosen', c.code = shown ->> f.name)
                                             ORDER BY c.place)
                            FROM unnest(f.choices) WITH ORDINALITY AS c (code, place)),
                'waits', e.waits, 'waiting', (
                    SELECT w.proposed FROM partner_edit w
                    WHERE w.district_id = p.district_id AND w.partner_id = p.id AND w.field = f.name
                      AND w.status = 'waiting' AND w.archived_at IS NULL LIMIT 1)) ORDER BY f.place)
            FROM (VALUES
                (1, 'name', 'text', 'organization', NULL::text[]),
                (2, 'kind', NULL, NULL, '{business,nonprofit,higher_ed,faith_based,government,service_center,civic,other}'),
                (3, 'ein', 'text', 'off', NULL),
                (4, 'website', 'url', 'url', NULL),
                (5, 'email', 'email', 'off', NULL),
                (6, 'phone', 'tel', 'off', NULL),
                (7, 'street', 'text', 'off', NULL),
                (8, 'city', 'text', 'off', NULL),
                (9, 'state', 'text', 'off', NULL),
                (10, 'postal_code', 'text', 'off', NULL),
                (11, 'description', NULL, NULL, NULL),
                (12, 'strengths', NULL, NULL, NULL),
                (13, 'innovation', NULL, NULL, NULL),
                (14, 'reach', NULL, NULL, '{one_school,nearby,district}'))
                AS f (place, name, type, fills, choices)
            JOIN partner_edit_fields() e ON e.field = f.name),
        'funds', (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'is_chosen', shown -> 'funding_types' ? c.code)
                                   ORDER BY c.place)
                  FROM unnest('{federal,state,local,foundation,corporate,individual,medicaid,other}'::text[])
                      WITH ORDINALITY AS c (code, place)),
        'areas', (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name,
                                                      'is_chosen', shown -> 'focus_area_ids' ? a.id::text) ORDER BY a.name, a.id)
                  FROM (SELECT * FROM focus_area o WHERE o.district_id = p.district_id AND o.archived_at IS NULL
                        ORDER BY o.name, o.id LIMIT 100) AS a),
        'in_directory', coalesce((shown ->> 'in_directory')::boolean, false),
        'has_changed', page_error(p_view, '') = 'changed',
        'has_errors', coalesce(jsonb_path_exists(p_view -> 'errors', '$[*] ? (@.name != "")'), false),
        'errors', (SELECT jsonb_agg(x.value || jsonb_build_object(
                       'label', split_part(x.value ->> 'name', '.', 1),
                       'condition', (SELECT w.condition FROM task_conditions() w
                                     WHERE w.id::text = split_part(x.value ->> 'name', '.', 2))))
                   FROM jsonb_array_elements(p_view -> 'errors') x WHERE x.value ->> 'name' <> ''),
        'keeps', CASE WHEN may THEN page_keep(p_view, p.id) END,
        'readiness', readiness, 'has_readiness', readiness IS NOT NULL, 'rate_verb', 'record_rate');
END
$$;

-- Of before there were others than of the lead site; the pages before used them.
DROP FUNCTION IF EXISTS task_readiness();
DROP FUNCTION IF EXISTS partnership_readiness(uuid);

REVOKE EXECUTE ON FUNCTION partner_ask_record, partner_record, record_said, task_record_write, task_record_put,
    page_record FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_ask_record, partner_record, record_said, task_record_write, task_record_put,
    page_record TO kith_api;

RESET ROLE;
