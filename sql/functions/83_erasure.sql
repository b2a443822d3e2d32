-- Erasing a person: a partner's contact, or a user, in one transaction. What becomes of each text of each table
-- follows from one list, personal_rules(); a text that it does not name is searched for the person's full name and
-- address, which are replaced. Who did it when stays, and what is only an id.

SET ROLE kith_owner;

-- rule: replace (of the rows that name the person in by_field, by the value, NULL where it is none; {id} is the row's),
--       delete (those rows), keep (and why). person: whose id by_field has.
CREATE OR REPLACE FUNCTION personal_rules()
RETURNS TABLE (name text, field text, rule text, person text, by_field text, value text, reason text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('contact',           'name',       'replace', 'contact',  'id',         'Erased person', NULL),
        ('contact',           'email',      'replace', 'contact',  'id',         NULL, NULL),
        ('contact',           'phone',      'replace', 'contact',  'id',         NULL, NULL),
        ('contact',           'aliases',    'replace', 'contact',  'id',         '{}', NULL),
        ('contact',           'other_emails', 'replace', 'contact', 'id',        '{}', NULL),
        ('contact',           'notes',      'replace', 'contact',  'id',         NULL, NULL),
        ('app_user',          'name',       'replace', 'app_user', 'id',         'Erased person', NULL),
        ('app_user',          'email',      'replace', 'app_user', 'id',         'erased-{id}@invalid', NULL),
        ('app_user',          'phone',      'replace', 'app_user', 'id',         NULL, NULL),
        ('app_user',          'password_hash', 'replace', 'app_user', 'id',      NULL, NULL),
        ('access_token',      'address',    'replace', 'app_user', 'user_id',    NULL, NULL),
        ('access_token',      'agent',      'replace', 'app_user', 'user_id',    NULL, NULL),
        ('access_token',      'label',      'replace', 'app_user', 'user_id',    NULL, NULL),
        ('user_identity',     'subject',    'replace', 'app_user', 'user_id',    'erased-{id}', NULL),
        ('affiliation',       'role',       'replace', 'contact',  'contact_id', '[erased]', NULL),
        ('call_task',         'note',       'replace', 'contact',  'contact_id', NULL, NULL),
        ('call_task',         'note',       'replace', 'app_user', 'user_id',    NULL, NULL),
        ('champion',          'influence',  'replace', 'contact',  'contact_id', NULL, NULL),
        ('convening_invitee', 'note',       'replace', 'contact',  'contact_id', NULL, NULL),
        ('convening_invitee', 'note',       'replace', 'app_user', 'user_id',    NULL, NULL),
        ('contact_merge',     'changes',    'replace', 'contact',  'contact_id', '{}', NULL),
        ('custom_value',      NULL,         'delete',  'contact',  'contact_id', NULL, NULL),
        ('import_change',     'before',     'replace', 'contact',  'row_id',     '{}', NULL),
        ('import_change',     'before',     'replace', 'app_user', 'row_id',     '{}', NULL),
        ('import_change',     'custom',     'replace', 'contact',  'row_id',     NULL, NULL),
        ('import_row',        'cells',      'replace', 'contact',  'row_id',     NULL, NULL),
        ('import_row',        'bound',      'replace', 'contact',  'row_id',     NULL, NULL),
        ('import_row',        'key_text',   'replace', 'contact',  'row_id',     NULL, NULL),
        ('import_row',        'cells',      'replace', 'app_user', 'row_id',     NULL, NULL),
        ('import_row',        'bound',      'replace', 'app_user', 'row_id',     NULL, NULL),
        ('import_row',        'key_text',   'replace', 'app_user', 'row_id',     NULL, NULL),
        ('message',           'to_address', 'replace', 'contact',  'contact_id', 'erased@invalid', NULL),
        ('message',           'variables',  'replace', 'contact',  'contact_id', '{}', NULL),
        ('message',           'to_address', 'replace', 'app_user', 'user_id',    'erased@invalid', NULL),
        ('message',           'variables',  'replace', 'app_user', 'user_id',    '{}', NULL),
        ('survey_invitation', 'address',    'replace', 'contact',  'contact_id', 'erased-{id}@invalid', NULL),
        ('survey_invitation', 'address',    'replace', 'app_user', 'user_id',    'erased-{id}@invalid', NULL),
        ('agreement',         'text',       'keep', NULL, NULL, NULL, 'what both sides agreed on stands as it was signed'),
        ('agreement',         'district_signer', 'keep', NULL, NULL, NULL, 'a signature is the agreement''s evidence'),
        ('agreement',         'partner_signer', 'keep', NULL, NULL, NULL, 'a signature is the agreement''s evidence'),
        ('agreement',         'data_certified_by', 'keep', NULL, NULL, NULL, 'that data was destroyed is the agreement''s evidence'),
        ('agreement_signature', 'signer',   'keep', NULL, NULL, NULL, 'a signature is the agreement''s evidence'),
        ('agreement_signature', 'consent',  'keep', NULL, NULL, NULL, 'a signature is the agreement''s evidence'),
        ('audit',             NULL,         'keep', NULL, NULL, NULL, 'append-only; of private fields it keeps no value'),
        ('outbox',            NULL,         'keep', NULL, NULL, NULL, 'ids and names of fields, gone after thirty days'),
        ('processed',         NULL,         'keep', NULL, NULL, NULL, 'ids'),
        ('search_text',       NULL,         'keep', NULL, NULL, NULL, 'follows the row that it is of'),
        ('duplicate_key',     NULL,         'keep', NULL, NULL, NULL, 'follows the row that it is of'),
        ('duplicate_match',   NULL,         'keep', NULL, NULL, NULL, 'names of what is the same'),
        ('search_word',       NULL,         'keep', NULL, NULL, NULL, 'forgotten with the last row that has it'),
        ('sign_in_failure',   NULL,         'keep', NULL, NULL, NULL, 'hashes, forgotten after an hour'),
        ('policy',            NULL,         'keep', NULL, NULL, NULL, 'adopted and published by the district'),
        ('district',          NULL,         'keep', NULL, NULL, NULL, 'the district''s own; changed in its settings'),
        ('identity_provider', NULL,         'keep', NULL, NULL, NULL, 'the district''s own; changed in its settings'),
        ('observation',       NULL,         'keep', NULL, NULL, NULL, 'figures'),
        ('rollup',            NULL,         'keep', NULL, NULL, NULL, 'figures'),
        ('rollup_mark',       NULL,         'keep', NULL, NULL, NULL, 'figures'),
        ('turn_mark',         NULL,         'keep', NULL, NULL, NULL, 'ids'),
        ('schedule',          'reading',    'keep', NULL, NULL, NULL, 'zones and days'),
        ('tally',             NULL,         'keep', NULL, NULL, NULL, 'figures'),
        ('tally_crossing',    NULL,         'keep', NULL, NULL, NULL, 'figures'),
        ('release_count',     NULL,         'keep', NULL, NULL, NULL, 'figures'),
        ('erased_address',    NULL,         'keep', NULL, NULL, NULL, 'hashes, so that no import brings the address back'))
        AS r (name, field, rule, person, by_field, value, reason);
END;

-- Every text of every tenant table that is no code: what becomes of it. mention: it is searched.
CREATE OR REPLACE FUNCTION personal_texts()
RETURNS TABLE (name text, field text, type text, rule text, reason text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL),
           coalesce(r.rule, 'mention'), r.reason
    FROM tenant_tables() t
    JOIN pg_class c ON c.oid = t.name::regclass
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.atttypid IN ('text'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
    LEFT JOIN LATERAL (
        SELECT p.rule, p.reason FROM personal_rules() p
        WHERE p.name = t.name AND coalesce(p.field, a.attname) = a.attname
        ORDER BY p.field IS NULL LIMIT 1) AS r ON true
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint k
        WHERE k.conrelid = c.oid AND (
            k.contype = 'f' AND a.attnum = ANY (k.conkey)
            OR k.contype = 'c' AND k.conkey = ARRAY[a.attnum] AND pg_get_constraintdef(k.oid) ~ '= ANY \(|<@ | ~ ''\^'));
END;

CREATE OR REPLACE FUNCTION erasure_escaped(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_text ~ '^\w' THEN '\m' ELSE '' END
    || regexp_replace(p_text, '([].^$*+?(){}|\\[-])', '\\\1', 'g')
    || CASE WHEN p_text ~ '\w$' THEN '\M' ELSE '' END;

-- Addresses and full names, as a pattern; a name of one word is nobody's alone. NULL: nothing to look for.
CREATE OR REPLACE FUNCTION erasure_pattern(p_contact uuid, p_user uuid) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT string_agg(DISTINCT erasure_escaped(w.word), '|')
    FROM (SELECT unnest(c.email || (c.name || c.aliases) || c.other_emails) AS word FROM contact c WHERE c.id = p_contact
          UNION ALL
          SELECT unnest(ARRAY[u.email, u.name]) FROM app_user u WHERE u.id = p_user) AS w
    WHERE w.word ~ '@' OR w.word ~ '\S\s+\S' AND char_length(w.word) >= 5);

-- Of each table with texts that are searched: the rows with the pattern ($1) in one, as a condition on t, and what
-- replaces it by a word ($2).
DROP FUNCTION IF EXISTS erasure_of_table(text);
CREATE OR REPLACE FUNCTION erasure_searches() RETURNS TABLE (name text, condition text, change text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.name, format('concat_ws('' '', %s) ~* $1', string_agg(format('t.%I::text', p.field), ', ')),
           string_agg(format('%I = regexp_replace(t.%I::text, $1, $2, ''gi'')::%s', p.field, p.field,
                             p.type), ', ')
    FROM personal_texts() p WHERE p.rule = 'mention' GROUP BY p.name ORDER BY p.name;
END;

-- What a rule is about, as a condition on t; $1 is the contact, $2 the user.
CREATE OR REPLACE FUNCTION erasure_rule_condition(p_person text, p_by text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN format('t.district_id = current_setting(''kith.district'')::uuid AND t.%I = %s', p_by,
              CASE p_person WHEN 'contact' THEN '$1' ELSE '$2' END);

-- What would go: rows by table, field and rule. The owner's, as no role reads all of it.
CREATE OR REPLACE FUNCTION erasure_targets(p_contact uuid, p_user uuid, p_mentions boolean)
RETURNS TABLE (name text, field text, rule text, rows bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    pattern text := erasure_pattern(p_contact, p_user);
    r record;
BEGIN
    FOR r IN SELECT p.* FROM personal_rules() p WHERE p.rule IN ('replace', 'delete') LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, %L::text, %L::text, count(*) FROM %I t WHERE %s',
            r.name, r.field, r.rule, r.name, erasure_rule_condition(r.person, r.by_field)) USING p_contact, p_user;
    END LOOP;
    IF NOT p_mentions OR pattern IS NULL THEN
        RETURN;
    END IF;
    FOR r IN SELECT s.* FROM erasure_searches() s LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L::text, NULL::text, ''mention'', count(*) FROM %I t
             WHERE t.district_id = current_setting(''kith.district'')::uuid AND %s',
            r.name, r.name, r.condition) USING pattern;
    END LOOP;
END
$$;

-- ---- Files ---------------------------------------------------------------------------------------

-- What in the name of a row of the table is the person's own, so that its files are, too.
CREATE OR REPLACE FUNCTION erasure_own_kinds() RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN '{contact,affiliation,award,champion,training_seat,convening_invitee,introduction_letter}'::text[];

-- The files of the person, which go with it; and those that may tell of it, of which somebody says whether they do:
-- they are kept with a row that names the person, or it stands in their own name, description or plain text. Whether it
-- stands in a picture or a PDF nobody knows who has not looked. The owner's, as erasure_targets().
CREATE OR REPLACE FUNCTION erasure_files(p_contact uuid, p_user uuid)
RETURNS TABLE (attachment_id uuid, name text, subject_kind text, subject_id uuid, how text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    pattern text := erasure_pattern(p_contact, p_user);
    words bytea[] := ARRAY(
        SELECT convert_to(w.word, 'UTF8')
        FROM (SELECT unnest(c.email || (c.name || c.aliases) || c.other_emails) AS word FROM contact c
              WHERE c.district_id = district AND c.id = p_contact
              UNION
              SELECT unnest(ARRAY[u.email, u.name]) FROM app_user u
              WHERE u.district_id = district AND u.id = p_user) AS w
        WHERE w.word ~ '@' OR w.word ~ '\S\s+\S');
    rows uuid[] := ARRAY[p_contact];
    r record;
    more uuid[];
BEGIN
    FOR r IN
        SELECT c.name, string_agg(format('t.%I = %s', c.field, c.whose), ' OR ') AS condition
        FROM (SELECT f.name, f.field, '$2' AS whose FROM reference_columns('contact') f
              UNION ALL
              SELECT f.name, f.field, '$3' FROM reference_columns('app_user') f WHERE f.field = 'user_id') AS c
        WHERE c.name IN (SELECT attachment_kinds()) GROUP BY c.name
    LOOP
        EXECUTE format('SELECT array_agg(t.id) FROM %I t WHERE t.district_id = $1 AND (%s)', r.name, r.condition)
        INTO more USING district, p_contact, p_user;
        rows := rows || more;
    END LOOP;
    RETURN QUERY
    SELECT a.id, a.name, a.subject_kind, a.subject_id,
           CASE WHEN a.subject_id = ANY (rows) AND a.subject_kind = ANY (erasure_own_kinds()) THEN 'delete'
                ELSE 'look' END
    FROM attachment a
    WHERE a.district_id = district AND EXISTS (SELECT FROM attachment_piece p
                                               WHERE p.district_id = district AND p.attachment_id = a.id)
      AND (a.subject_id = ANY (rows) OR concat_ws(' ', a.name, a.description) ~* pattern
           OR a.media_type ~ '^(text/|application/json)' AND EXISTS (
               SELECT FROM attachment_piece p CROSS JOIN unnest(words) AS w
               WHERE p.district_id = district AND p.attachment_id = a.id AND position(w IN p.bytes) > 0));
END
$$;

-- Their content goes, and what they are called.
CREATE OR REPLACE FUNCTION erasure_files_delete(p_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    DELETE FROM attachment_piece p WHERE p.district_id = district AND p.attachment_id = ANY (p_ids);
    UPDATE attachment a SET name = '[erased]', description = NULL,
        archived_at = coalesce(a.archived_at, current_setting('kith.now')::timestamptz)
    WHERE a.district_id = district AND a.id = ANY (p_ids);
END
$$;

-- ---- What forbids it -----------------------------------------------------------------------------

-- Holds (83_hold.sql) on the person, on a partner where it has or had a place, on a partnership in which it had a role;
-- and schedules of the records that name it.
CREATE OR REPLACE FUNCTION erasure_reasons(p_contact uuid, p_user uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    today date := district_today();
    reasons jsonb;
    k record;
    one jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'kind', h.kind, 'legal_hold_id', CASE h.kind WHEN 'legal_hold' THEN h.id END,
        'records_request_id', CASE h.kind WHEN 'records_request' THEN h.id END, 'retention_rule_id', NULL,
        'detail', h.matter, 'records', NULL, 'until', h.until_date)
        ORDER BY h.kind, h.from_date, h.id), '[]') INTO reasons
    FROM holds(today) h
    WHERE h.contact_id = p_contact OR h.user_id = p_user
       OR EXISTS (SELECT FROM affiliation a
                  WHERE a.district_id = district AND a.contact_id = p_contact AND a.partner_id = h.partner_id)
       OR EXISTS (SELECT FROM partnership_role r
                  JOIN partnership p ON p.district_id = r.district_id AND p.id = r.partnership_id
                  WHERE r.district_id = district AND (r.contact_id = p_contact OR r.user_id = p_user)
                    AND (p.id = h.partnership_id OR p.partner_id = h.partner_id));
    FOR k IN
        SELECT n.*, r.id AS rule_id, r.years, r.source, (
            SELECT string_agg(format('t.%I = %s', c.field, c.whose), ' OR ')
            FROM (SELECT f.field, '$1' AS whose FROM reference_columns('contact') f WHERE f.name = n.name
                  UNION ALL
                  SELECT f.field, '$2' FROM reference_columns('app_user') f WHERE f.name = n.name
                  UNION ALL
                  SELECT 'id', '$1' WHERE n.name = 'contact'
                  UNION ALL
                  SELECT 'id', '$2' WHERE n.name = 'app_user') AS c) AS named
        FROM retention_rule r JOIN retention_kinds() n ON n.kind = r.kind
        WHERE r.district_id = district AND r.archived_at IS NULL AND r.blocks_erasure
    LOOP
        CONTINUE WHEN k.named IS NULL;
        EXECUTE format(
            'SELECT jsonb_build_object(''kind'', ''retention'', ''legal_hold_id'', NULL, ''records_request_id'', NULL,
                                       ''retention_rule_id'', $3,
                                       ''detail'', $4, ''records'', count(*),
                                       ''until'', CASE WHEN bool_and(t.until IS NOT NULL) THEN max(t.until) END)
             FROM (SELECT (%s + make_interval(years => $5))::date AS until FROM %I t
                   WHERE t.district_id = $6 AND (%s)) AS t
             WHERE t.until IS NULL OR t.until >= $7 HAVING count(*) > 0', k.day, k.name, k.named)
        INTO one USING p_contact, p_user, k.rule_id, k.kind || ': ' || k.source, k.years::integer, district, today;
        IF one IS NOT NULL THEN
            reasons := reasons || one;
        END IF;
    END LOOP;
    RETURN reasons;
END
$$;

-- What keeps an erasure from being run, by kind.
CREATE OR REPLACE FUNCTION erasure_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT r ->> 'kind' FROM erasure e
        CROSS JOIN LATERAL erasure_person(e) p
        CROSS JOIN LATERAL jsonb_array_elements(erasure_reasons(p.contact_id, p.user_id)) r
        WHERE e.id = p_id AND p_action = 'run' ORDER BY 1);
END
$$;

-- Of a contact that turned out to be another's record, the one that is left; and the records that became one.
CREATE OR REPLACE FUNCTION contact_left(p_contact uuid) RETURNS uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE up AS (
        SELECT c.district_id, c.id, c.merged_into FROM contact c WHERE c.id = p_contact
        UNION ALL
        SELECT c.district_id, c.id, c.merged_into FROM up
        JOIN contact c ON c.district_id = up.district_id AND c.id = up.merged_into)
    SELECT up.id FROM up WHERE up.merged_into IS NULL;
END;

CREATE OR REPLACE FUNCTION contacts_merged(p_contact uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE down AS (
        SELECT c.district_id, c.id FROM contact c WHERE c.merged_into = p_contact
        UNION ALL
        SELECT c.district_id, c.id FROM down
        JOIN contact c ON c.district_id = down.district_id AND c.merged_into = down.id)
    SELECT down.id FROM down;
END;

-- The contact and the user that the person is: who signs in as a partner's contact is both.
CREATE OR REPLACE FUNCTION erasure_person(e erasure, OUT contact_id uuid, OUT user_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(contact_left(e.contact_id), (SELECT u.contact_id FROM app_user u
                                   WHERE u.district_id = e.district_id AND u.id = e.user_id)),
           coalesce(e.user_id, (SELECT u.id FROM app_user u
                                WHERE u.district_id = e.district_id
                                  AND u.contact_id = contact_left(e.contact_id)));
END;

-- All of the person's records: what was merged into the contact is as much its own.
CREATE OR REPLACE FUNCTION erasure_persons(e erasure) RETURNS TABLE (contact_id uuid, user_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.contact_id, p.user_id FROM erasure_person(e) p
    UNION ALL
    SELECT m.id, (SELECT u.id FROM app_user u WHERE u.district_id = e.district_id AND u.contact_id = m.id)
    FROM erasure_person(e) p CROSS JOIN LATERAL contacts_merged(p.contact_id) AS m (id);
END;

-- NULL: there is no such erasure.
CREATE OR REPLACE FUNCTION erasure_preview(p_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    e erasure;
    p record;
    reasons jsonb;
BEGIN
    SELECT * INTO e FROM erasure o WHERE o.id = p_id;
    IF e.id IS NULL THEN
        RETURN NULL;
    END IF;
    p := erasure_person(e);
    reasons := erasure_reasons(p.contact_id, p.user_id);
    RETURN jsonb_build_object(
        'erasure_id', e.id, 'contact_id', p.contact_id, 'user_id', p.user_id, 'is_allowed', reasons = '[]',
        'reasons', reasons,
        'goes', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                     'resource', t.name, 'field', t.field, 'how', t.rule, 'rows', t.rows)
                     ORDER BY t.name, t.field, t.rule), '[]')
                 FROM (SELECT g.name, g.field, g.rule, sum(g.rows) AS rows
                       FROM erasure_persons(e) w
                       CROSS JOIN LATERAL erasure_targets(w.contact_id, w.user_id, e.replaces_mentions) g
                       GROUP BY g.name, g.field, g.rule) AS t WHERE t.rows > 0),
        'files', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                      'attachment_id', f.attachment_id, 'name', f.name, 'subject_kind', f.subject_kind,
                      'subject_id', f.subject_id, 'how', f.how) ORDER BY f.how, f.name, f.attachment_id), '[]')
                  FROM erasure_files(p.contact_id, p.user_id) f),
        'stays', (SELECT jsonb_agg(jsonb_build_object('resource', r.name, 'field', r.field, 'why', r.reason)
                                   ORDER BY r.name, r.field)
                  FROM personal_rules() r WHERE r.rule = 'keep'));
END
$$;

REVOKE EXECUTE ON FUNCTION personal_rules, personal_texts, erasure_escaped, erasure_pattern, erasure_searches,
    erasure_rule_condition, erasure_own_kinds, erasure_files, erasure_files_delete, erasure_targets, erasure_reasons,
    erasure_missing, erasure_person, erasure_preview, contact_left, contacts_merged, erasure_persons FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact_left, contacts_merged, erasure_persons, personal_rules, erasure_files,
    erasure_targets, erasure_reasons, erasure_missing, erasure_person, erasure_preview TO kith_api;

RESET ROLE;
