-- Custom fields, whose values are checked and written in one way; saved filters, which are counted; templates,
-- which are filled in.

SET ROLE kith_owner;

-- The value as the field's type has it; NULL: it takes none such.
CREATE OR REPLACE FUNCTION custom_reading(f custom_field, p_value text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    given text := btrim(p_value);
    is_good boolean;
BEGIN
    is_good := CASE f.type
        WHEN 'number' THEN given ~ '^-?[0-9]{1,12}(\.[0-9]{1,6})?$'
        WHEN 'date' THEN given ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
        WHEN 'yes_no' THEN given IN ('yes', 'no')
        WHEN 'choice' THEN given = ANY (f.choices)
        WHEN 'url' THEN given ~ '^https?://[!-~]+$'
        WHEN 'text' THEN given <> '' END;
    IF is_good AND f.type = 'date' THEN
        BEGIN
            given := given::date::text;
        EXCEPTION WHEN datetime_field_overflow THEN
            is_good := false;
        END;
    ELSIF is_good AND f.type = 'number' THEN
        given := trim_scale(given::numeric)::text;
        is_good := given::numeric BETWEEN coalesce(f.minimum, '-infinity') AND coalesce(f.maximum, 'infinity');
    END IF;
    RETURN CASE WHEN is_good THEN given END;
END
$$;

-- The same, or a refusal.
CREATE OR REPLACE FUNCTION custom_canonical(f custom_field, p_value text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    given text := custom_reading(f, p_value);
BEGIN
    IF given IS NULL THEN
        PERFORM refuse_field('value', format('"value" is no %s that %s takes.', replace(f.type, '_', ' or '),
                                             f.name));
    END IF;
    RETURN coalesce(given, btrim(p_value)); -- whoever is not guarded may
END
$$;

DROP POLICY IF EXISTS readers ON custom_value;
CREATE POLICY readers ON custom_value AS RESTRICTIVE FOR SELECT TO kith_api
    USING (custom_is_read((SELECT f.class FROM custom_field f
                           WHERE f.district_id = custom_value.district_id AND f.id = custom_value.custom_field_id),
                          custom_value.site_id, custom_value.partner_id, custom_value.contact_id,
                          custom_value.partnership_id));
DROP FUNCTION IF EXISTS custom_is_read(text, uuid, uuid);

CREATE OR REPLACE FUNCTION custom_value_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    field custom_field;
BEGIN
    SELECT * INTO field FROM custom_field f
    WHERE f.district_id = NEW.district_id AND f.id = NEW.custom_field_id AND f.archived_at IS NULL;
    IF field.id IS NULL OR to_jsonb(NEW) ->> (field.subject || '_id') IS NULL THEN
        PERFORM refuse_field('custom_field_id', '"custom_field_id" is no field of what the value is of.');
    END IF;
    IF current_user = 'kith_api' THEN
        PERFORM private_put(custom_is_read(field.class, NEW.site_id, NEW.partner_id, NEW.contact_id, NEW.partnership_id), 'value', NULL);
    END IF;
    NEW.value := custom_canonical(field, NEW.value);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER custom_value_check
    BEFORE INSERT OR UPDATE OF custom_field_id, site_id, partner_id, contact_id, partnership_id, value
    ON custom_value FOR EACH ROW
    WHEN (NEW.archived_at IS NULL AND NEW.custom_field_id IS NOT NULL AND NEW.value IS NOT NULL)
    EXECUTE FUNCTION custom_value_check();

-- By what may be filtered: the field, its type, and what finds it: a column of the resource's table, or a table
-- that links it, with the column there.
CREATE OR REPLACE FUNCTION filter_fields()
RETURNS TABLE (resource text, field text, type text, by_table text, by_column text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT c.resource, f.field, f.type, NULL, NULL
    FROM (VALUES
        ('sites',        'kind:text status:text level:text network_id:uuid city:text title_i:boolean '
                         || 'created_at:timestamptz'),
        ('partners',     'kind:text stage:text tier:text reach:text city:text owner_id:uuid lead_site_id:uuid '
                         || 'parent_id:uuid last_contact_on:date completeness:integer created_at:timestamptz'),
        ('contacts',     'status:text locale:text created_at:timestamptz'),
        ('partnerships', 'status:text arrangement:text tier:text partner_id:uuid program_id:uuid '
                         || 'focus_area_id:uuid lead_site_id:uuid starts_on:date ends_on:date '
                         || 'activated_at:timestamptz created_at:timestamptz'),
        ('users',        'status:text locale:text created_at:timestamptz')) AS c (resource, columns)
    CROSS JOIN LATERAL regexp_split_to_table(c.columns, ' ') AS pair
    CROSS JOIN LATERAL (SELECT split_part(pair, ':', 1), split_part(pair, ':', 2)) AS f (field, type)
    UNION ALL
    SELECT * FROM (VALUES
        ('sites',        'tag_id',      'uuid', 'tagging',          'site_id'),
        ('partners',     'tag_id',      'uuid', 'tagging',          'partner_id'),
        ('contacts',     'tag_id',      'uuid', 'tagging',          'contact_id'),
        ('partnerships', 'tag_id',      'uuid', 'tagging',          'partnership_id'),
        ('partners',     'focus_area_id', 'uuid', 'partner_focus_area', 'partner_id'),
        ('contacts',     'partner_id',  'uuid', 'affiliation',      'contact_id'),
        ('partnerships', 'site_id',     'uuid', 'partnership_site', 'partnership_id'),
        ('users',        'role',        'text', 'user_grant',       'user_id'),
        ('sites',        'custom',      'text', 'custom_value',     'site_id'),
        ('partners',     'custom',      'text', 'custom_value',     'partner_id'),
        ('contacts',     'custom',      'text', 'custom_value',     'contact_id'),
        ('partnerships', 'custom',      'text', 'custom_value',     'partnership_id'))
        AS l (resource, field, type, by_table, by_column);
END;

-- One criterion as a condition over t; "custom.<code>" is a custom field.
CREATE OR REPLACE FUNCTION filter_condition(p_resource text, p_criterion jsonb) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    wanted text := p_criterion ->> 'field';
    op text := p_criterion ->> 'op';
    given text[] := ARRAY(SELECT jsonb_array_elements_text(coalesce(p_criterion -> 'values', '[]')));
    f record;
    side text;
BEGIN
    SELECT * INTO f FROM filter_fields() x
    WHERE x.resource = p_resource AND x.field = split_part(wanted, '.', 1)
      AND (x.field = 'custom') = (split_part(wanted, '.', 2) <> '');
    IF f.field IS NULL THEN
        PERFORM refuse_field('criteria', format('"criteria" has a field that %s have not: %s.', p_resource,
                                                left(wanted, 64)));
    ELSIF (op IN ('from', 'until') AND (f.type NOT IN ('date', 'timestamptz', 'integer') OR cardinality(given) <> 1))
          OR (op IN ('is', 'is_not') AND given = '{}')
          OR (op IN ('empty', 'not_empty') AND given <> '{}') THEN
        PERFORM refuse_field('criteria', format('"criteria" cannot ask %s of %s so.', op, wanted));
    ELSIF op IN ('from', 'until') THEN
        RETURN format('t.%I %s %L::%s', f.field, CASE op WHEN 'from' THEN '>=' ELSE '<=' END, given[1], f.type);
    END IF;
    side := CASE
        WHEN f.by_table IS NULL AND op = 'is' THEN -- as it stands an index may find it
            format('t.%I = ANY (%L::%s[])', f.field, given, f.type)
        WHEN f.by_table IS NULL AND op = 'is_not' THEN
            format('coalesce(t.%I = ANY (%L::%s[]), false)', f.field, given, f.type)
        WHEN f.by_table IS NULL THEN format('t.%I IS NULL', f.field)
        ELSE format(
            'EXISTS (SELECT FROM %I x WHERE x.district_id = t.district_id AND x.%I = t.id '
            'AND x.archived_at IS NULL%s%s)', f.by_table, f.by_column,
            CASE WHEN f.field = 'custom' THEN format(
                ' AND x.custom_field_id IN (SELECT c.id FROM custom_field c WHERE '
                'c.district_id = t.district_id AND c.code = %L AND c.subject || %L = %L '
                'AND c.archived_at IS NULL)', split_part(wanted, '.', 2), 's', p_resource)
            ELSE '' END,
            CASE WHEN given <> '{}' THEN format(
                ' AND x.%I = ANY (%L::%s[])', CASE f.field WHEN 'custom' THEN 'value' ELSE f.field END,
                given, f.type)
            ELSE '' END) END;
    RETURN CASE WHEN (op IN ('is_not', 'empty') AND f.by_table IS NOT NULL)
                  OR (op IN ('is_not', 'not_empty') AND f.by_table IS NULL)
                THEN 'NOT (' || side || ')' ELSE side END;
END
$$;

-- What a filter finds, of what is not archived.
CREATE OR REPLACE FUNCTION filter_rows(p_resource text, p_criteria jsonb)
RETURNS TABLE (id uuid, name text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT t.id, t.name FROM %I t WHERE t.archived_at IS NULL%s',
        CASE p_resource WHEN 'users' THEN 'app_user' ELSE left(p_resource, -1) END,
        (SELECT coalesce(string_agg(' AND ' || filter_condition(p_resource, c), ''), '')
         FROM jsonb_array_elements(p_criteria) c));
END
$$;

-- Counted whenever it is written. Values that are none of their type are the client's fault.
CREATE OR REPLACE FUNCTION saved_filter_count() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.count := (SELECT count(*) FROM filter_rows(NEW.resource, NEW.criteria));
    NEW.counted_at := current_setting('kith.now')::timestamptz;
    RETURN NEW;
EXCEPTION WHEN invalid_text_representation OR datetime_field_overflow OR invalid_datetime_format
               OR numeric_value_out_of_range THEN
    PERFORM refuse_field('criteria', '"criteria" has a value that is none of its field''s.');
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER saved_filter_count BEFORE INSERT OR UPDATE OF resource, criteria, counted_at
    ON saved_filter FOR EACH ROW EXECUTE FUNCTION saved_filter_count();

-- Whoever may read a filter may have it counted again; it is written by its owner.
CREATE OR REPLACE FUNCTION saved_filter_recount(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('saved_filter', p_id, p_version);
    UPDATE saved_filter SET counted_at = current_setting('kith.now')::timestamptz WHERE id = p_id;
END
$$;

DROP POLICY IF EXISTS readers ON saved_filter;
CREATE POLICY readers ON saved_filter AS RESTRICTIVE FOR SELECT TO kith_api
    USING (is_shared OR owner_id::text = current_setting('kith.user', true) OR kith_has_role('admin'));

-- The filter by which a list is asked for, which must be of what the list shows.
CREATE OR REPLACE FUNCTION saved_filter_of(p_id uuid, p_resource text) RETURNS saved_filter
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found saved_filter;
BEGIN
    SELECT * INTO found FROM saved_filter f WHERE f.id = p_id AND f.archived_at IS NULL;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'no such filter' USING ERRCODE = 'KI404';
    ELSIF found.resource <> p_resource THEN
        PERFORM refuse_field('saved_filter', format('"saved_filter" finds %s.', found.resource));
    END IF;
    RETURN found;
END
$$;

CREATE OR REPLACE FUNCTION saved_filter_rows(p_id uuid, p_resource text) RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.id FROM saved_filter_of(p_id, p_resource) f CROSS JOIN LATERAL filter_rows(f.resource, f.criteria) r;
END;

CREATE OR REPLACE FUNCTION saved_filter_matches(p_id uuid, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS MATERIALIZED (
        SELECT r.id, r.name FROM saved_filter f CROSS JOIN LATERAL filter_rows(f.resource, f.criteria) r
        WHERE f.id = p_id),
    first AS (SELECT * FROM found o ORDER BY o.name, o.id LIMIT p_most)
    SELECT jsonb_build_object(
        'resource', f.resource, 'total', (SELECT count(*) FROM found),
        'data', coalesce((SELECT jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name)
                                           ORDER BY o.name, o.id) FROM first o), '[]'))
    FROM saved_filter f WHERE f.id = p_id;
END;

-- The words that a template may ask for, and what they are of a partnership; without one, of the district.
CREATE OR REPLACE FUNCTION template_words(p_partnership uuid) RETURNS TABLE (word text, value text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.word, w.value
    FROM district d
    LEFT JOIN partnership p ON p.district_id = d.id AND p.id = p_partnership
    LEFT JOIN partner r ON r.district_id = d.id AND r.id = p.partner_id
    LEFT JOIN site s ON s.district_id = d.id AND s.id = p.lead_site_id
    LEFT JOIN app_user u ON u.district_id = d.id AND u.id::text = current_setting('kith.user')
    CROSS JOIN LATERAL (VALUES
        ('district.name', d.name), ('district.website', d.website), ('district.phone', d.phone),
        ('today', to_char(district_today(), 'FMMonth FMDD, YYYY')), ('me.name', u.name), ('me.email', u.email),
        ('partnership.name', p.name), ('partnership.purpose', p.purpose), ('partnership.vision', p.vision),
        ('partnership.starts_on', p.starts_on::text), ('partnership.ends_on', p.ends_on::text),
        ('partner.name', r.name), ('partner.website', r.website), ('site.name', s.name), ('site.phone', s.phone))
        AS w (word, value)
    WHERE d.id = current_setting('kith.district')::uuid;
END;

-- A template with its words filled in; missing: those that are asked for and have no value.
CREATE OR REPLACE FUNCTION template_filled(p_id uuid, p_partnership uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    found template;
    w record;
    missing text[] := '{}';
    asked text;
BEGIN
    SELECT * INTO found FROM template t WHERE t.id = p_id;
    IF found.id IS NULL THEN
        RETURN NULL;
    END IF;
    FOR w IN SELECT * FROM template_words(p_partnership) LOOP
        IF w.value IS NOT NULL THEN
            found.text := replace(found.text, '{{' || w.word || '}}', w.value);
            found.subject := replace(found.subject, '{{' || w.word || '}}', w.value);
        END IF;
    END LOOP;
    FOR asked IN SELECT DISTINCT m[1] FROM regexp_matches(
        coalesce(found.subject, '') || found.text, '\{\{([a-z_.]{1,64})\}\}', 'g') m ORDER BY 1 LOOP
        missing := missing || asked;
    END LOOP;
    RETURN jsonb_build_object('subject', found.subject, 'text', found.text, 'missing', to_jsonb(missing));
END
$$;

REVOKE EXECUTE ON FUNCTION custom_reading, custom_canonical, custom_value_check, filter_fields, filter_condition, filter_rows,
    saved_filter_count, saved_filter_recount, saved_filter_of, saved_filter_rows, saved_filter_matches,
    template_words, template_filled FROM PUBLIC;
GRANT EXECUTE ON FUNCTION custom_reading, custom_canonical, filter_fields, filter_condition, filter_rows,
    saved_filter_recount, saved_filter_of, saved_filter_rows, saved_filter_matches, template_words, template_filled
    TO kith_api;

RESET ROLE;
