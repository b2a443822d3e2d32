-- Offers, programs and people on the page of a partner's record: a form each, and an empty one for what is new. What a
-- form says is kept as where somebody of the partner is signed in (82_partner_keep.sql).

SET ROLE kith_owner;

-- The fields of the forms. said: of the row. Of offers of money the page says dollars.
CREATE OR REPLACE FUNCTION keep_form_fields() RETURNS TABLE (
    kind text, place integer, name text, said text, type text, choices text[], is_required boolean)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT f.kind, f.place, f.name, f.said, f.type, f.choices::text[], f.is_required FROM (VALUES
        ('offer', 1, 'offer_name', 'name', 'text', NULL, true),
        ('offer', 2, 'offer_kind', 'kind', NULL, '{money,space,staff_time,volunteers,equipment,software,training,internships,mentors,food,other}', true),
        ('offer', 3, 'offer_quantity', 'quantity', 'text', NULL, false),
        ('offer', 4, 'offer_unit', 'unit', 'text', NULL, false),
        ('offer', 5, 'offer_until', 'until_date', 'date', NULL, false),
        ('offer', 6, 'offer_text', 'description', NULL, NULL, false),
        ('program', 1, 'program_status', 'status', NULL, '{planned,active,paused,ended}', true),
        ('program', 2, 'program_capacity', 'capacity', 'text', NULL, false),
        ('program', 3, 'program_schedule', 'schedule', NULL, NULL, false),
        ('program', 4, 'program_text', 'description', NULL, NULL, false),
        ('person', 1, 'person_name', 'name', 'text', NULL, true),
        ('person', 2, 'person_role', 'role', 'text', NULL, true),
        ('person', 3, 'person_email', 'email', 'email', NULL, false),
        ('person', 4, 'person_phone', 'phone', 'tel', NULL, false))
        AS f (kind, place, name, said, type, choices, is_required);
END;

-- What there is of each kind today: a hundred at most.
CREATE OR REPLACE FUNCTION keep_rows(p_partner uuid) RETURNS TABLE (kind text, id uuid, title text, fields jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    (SELECT 'offer', o.id, o.name, to_jsonb(o) FROM offer o
     WHERE o.district_id = current_setting('kith.district')::uuid AND o.partner_id = p_partner AND o.archived_at IS NULL
     ORDER BY o.name, o.id LIMIT 100)
    UNION ALL
    (SELECT 'program', g.id, g.name, to_jsonb(g) FROM program g
     WHERE g.district_id = current_setting('kith.district')::uuid AND g.partner_id = p_partner AND g.archived_at IS NULL
     ORDER BY g.name, g.id LIMIT 100)
    UNION ALL
    (SELECT 'person', a.id, c.name, to_jsonb(a) || jsonb_build_object(
         'name', c.name, 'email', c.email, 'phone', c.phone, 'version', a.version + c.version - 1)
     FROM affiliation a
     JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id AND c.archived_at IS NULL
     WHERE a.district_id = current_setting('kith.district')::uuid AND a.partner_id = p_partner AND a.archived_at IS NULL
       AND coalesce(a.until_date, 'infinity') > district_today()
     ORDER BY c.name, a.id LIMIT 100);
END;

-- The form of one row, or of a new one, with what was typed where something of it was wrong.
CREATE OR REPLACE FUNCTION page_keep_form(p_view jsonb, p_kind text, p_id uuid, p_row jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'name', f.name || '.' || p_id, 'label', f.name, 'error', page_error(p_view, f.name || '.' || p_id),
        'value', v.value, 'type', f.type, 'is_line', f.type IS NOT NULL, 'is_required', f.is_required,
        'is_text', f.type IS NULL AND f.choices IS NULL, 'is_choice', f.choices IS NOT NULL,
        'choices', (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'is_chosen', c.code = v.value) ORDER BY c.place)
                    FROM unnest(f.choices) WITH ORDINALITY AS c (code, place))) ORDER BY f.place)
    FROM keep_form_fields() f
    CROSS JOIN LATERAL (SELECT coalesce(
        p_view -> 'form' ->> (f.name || '.' || p_id),
        CASE WHEN f.said = 'quantity' AND p_row ->> 'kind' = 'money' THEN trim_scale((p_row ->> 'quantity')::numeric / 100)::text
             ELSE p_row ->> f.said END)) AS v (value)
    WHERE f.kind = p_kind);

-- What is new has its id already: a form that comes twice makes it once.
CREATE OR REPLACE FUNCTION page_keep(p_view jsonb, p_partner uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'group', k.kind, 'can_add', k.can_add, 'save', k.kind || '_save', 'end', k.kind || '_end', 'can_end', k.can_add,
        'add', k.kind || '_add', 'new_id', n.id, 'is_new_open', coalesce(n.is_open, false),
        'new_fields', page_keep_form(p_view, k.kind, n.id, '{}'),
        'items', (SELECT jsonb_agg(jsonb_build_object(
                      'id', r.id, 'title', r.title, 'fields', page_keep_form(p_view, k.kind, r.id, r.fields),
                      'is_open', coalesce(p_view -> 'form' ->> 'item' = r.id::text, false)) ORDER BY r.title, r.id)
                  FROM keep_rows(p_partner) r WHERE r.kind = k.kind)) ORDER BY k.place)
    FROM (VALUES (1, 'offer', true), (2, 'program', false), (3, 'person', true)) AS k (place, kind, can_add)
    CROSS JOIN LATERAL (
        SELECT coalesce(t.id, uuid7()) AS id, t.id IS NOT NULL AS is_open
        FROM (SELECT CASE WHEN p_view ->> 'verb' = k.kind || '_add'
                          THEN (p_view -> 'form' ->> 'item')::uuid END AS id) AS t) AS n);

-- The row of the form's item with what the form says, in the shape of the view of that kind.
CREATE OR REPLACE FUNCTION keep_said(p_kind text, p_item uuid, p_row jsonb, p_form jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT p_row || s.said || CASE WHEN s.said ? 'quantity' THEN jsonb_build_object('quantity', trim_scale(
        (s.said ->> 'quantity')::numeric * CASE s.said ->> 'kind' WHEN 'money' THEN 100 ELSE 1 END)) ELSE '{}' END
    FROM (SELECT jsonb_object_agg(f.said, to_jsonb(form_text(p_form, f.name || '.' || p_item))) AS said
          FROM keep_form_fields() f WHERE f.kind = p_kind) AS s);

-- What is wrong with it by itself: what is required, and numbers that are whole.
CREATE OR REPLACE FUNCTION keep_fault(p_kind text, p_item uuid, p_said jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f record;
    quantity numeric := p_said ->> 'quantity';
BEGIN
    SELECT k.name INTO f FROM keep_form_fields() k
    WHERE k.kind = p_kind AND k.is_required AND p_said ->> k.said IS NULL ORDER BY k.place LIMIT 1;
    IF f.name IS NOT NULL THEN
        RETURN form_error(f.name || '.' || p_item, 'required');
    ELSIF quantity <> trunc(quantity) THEN
        RETURN form_error('offer_quantity.' || p_item, 'too_precise');
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION task_keep_offer(p_was jsonb, p_said jsonb, p_contact uuid) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
    was own_offer := jsonb_populate_record(NULL::own_offer, p_was);
    said own_offer := jsonb_populate_record(NULL::own_offer, p_said);
    wrong record;
BEGIN
    SELECT f.field, f.code INTO wrong FROM own_offer_fault(was, said) f;
    IF wrong.code IS NULL THEN
        PERFORM own_offer_keep(was, said, p_contact);
    END IF;
    RETURN ARRAY[wrong.field, wrong.code];
END
$$;

CREATE OR REPLACE FUNCTION task_keep_person(p_was jsonb, p_said jsonb, p_contact uuid) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
    was own_affiliation := jsonb_populate_record(NULL::own_affiliation, p_was);
    said own_affiliation := jsonb_populate_record(NULL::own_affiliation, p_said);
    wrong record;
BEGIN
    said.contact_id := coalesce(said.contact_id, uuid7());
    SELECT f.field, f.code INTO wrong FROM own_person_fault(was, said) f;
    IF wrong.code IS NULL THEN
        PERFORM own_person_keep(was, said, p_contact);
    END IF;
    RETURN ARRAY[wrong.field, wrong.code];
END
$$;

-- As the owner, of the partner that the task is about and no other. p_verb: offer_add, offer_save, offer_end, and so of
-- the others.
CREATE OR REPLACE FUNCTION task_keep_write(p_verb text, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    t record := task();
    item uuid := p_form ->> 'item';
    kept text := split_part(p_verb, '_', 1);
    was jsonb;
    said jsonb;
    wrong text[];
    errors jsonb;
BEGIN
    IF t.purpose <> 'record' OR t.contact_id IS NULL THEN
        RAISE EXCEPTION 'no task of a record' USING ERRCODE = 'KI404';
    END IF;
    was := (SELECT r.fields FROM keep_rows(t.subject_id) r WHERE r.kind = kept AND r.id = item);
    IF was IS NULL AND p_verb NOT LIKE '%\_add' OR was IS NOT NULL AND p_verb LIKE '%\_add' THEN
        RETURN '[]'; -- done before
    END IF;
    said := CASE WHEN p_verb LIKE '%\_end' THEN was || CASE kept
                WHEN 'offer' THEN jsonb_build_object('archived_at', current_setting('kith.now'))
                ELSE jsonb_build_object('until_date', greatest(district_today(), (was ->> 'from_date')::date)) END
            ELSE keep_said(kept, item, coalesce(was, jsonb_build_object(
                'district_id', current_setting('kith.district'), 'id', item, 'partner_id', t.subject_id)), p_form) END;
    errors := keep_fault(kept, item, said);
    IF errors IS NULL AND kept = 'program' THEN
        PERFORM own_program_keep(jsonb_populate_record(NULL::own_program, was),
                                 jsonb_populate_record(NULL::own_program, said), t.contact_id);
    ELSIF errors IS NULL THEN
        wrong := CASE kept WHEN 'offer' THEN task_keep_offer(was, said, t.contact_id)
                           ELSE task_keep_person(was, said, t.contact_id) END;
        errors := (SELECT form_error(f.name || '.' || item, wrong[2]) FROM keep_form_fields() f
                   WHERE f.kind = kept AND f.said = wrong[1]);
    END IF;
    RETURN coalesce(errors, '[]');
END
$$;

CREATE OR REPLACE FUNCTION task_keep(p_verb text, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    PERFORM lock_row('partner', t.subject_id, NULL);
    IF NOT EXISTS (SELECT FROM partner_correspondents(t.subject_id) w WHERE w.contact_id = t.contact_id) THEN
        PERFORM refuse_state('You do not speak for it any more.', '{}');
    END IF;
    RETURN task_keep_write(p_verb, p_form);
END
$$;

REVOKE EXECUTE ON FUNCTION keep_form_fields, keep_rows, page_keep_form, page_keep, keep_said, keep_fault, task_keep_offer,
    task_keep_person, task_keep_write, task_keep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_form_fields, keep_rows, page_keep_form, page_keep, task_keep_write, task_keep TO kith_api;

RESET ROLE;
