-- How long records are kept, and what must not be touched: schedules, legal holds, and the round that puts away
-- what is past its schedule. A hold outranks every schedule.

SET ROLE kith_owner;

-- The kinds of records that have a schedule: their table, and the day from which the years count, an expression
-- over t; NULL there: not yet, the record is still in use.
CREATE OR REPLACE FUNCTION retention_kinds() RETURNS TABLE (kind text, name text, day text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('activity',    'activity',    'coalesce(t.until_date, t.on_date)'),
        ('agreement',   'agreement',
         'CASE WHEN t.status IN (''expired'', ''superseded'', ''terminated'', ''rejected'', ''withdrawn'')
               THEN coalesce(t.expires_on, t.updated_at::date) END'),
        ('check_in',    'check_in',
         'CASE WHEN t.status NOT IN (''scheduled'', ''open'') THEN t.due_on END'),
        ('contact',     'contact',     'CASE WHEN t.status <> ''active'' THEN t.updated_at::date END'),
        ('credential',  'credential',  't.expires_on'),
        ('inquiry',     'inquiry',
         'CASE WHEN t.status NOT IN (''new'', ''assigned'') THEN t.updated_at::date END'),
        ('interaction', 'interaction', 't.on_date'),
        ('investment',  'investment',  't.until_date'),
        ('message',     'message',
         'CASE WHEN t.status NOT IN (''queued'', ''claimed'', ''retry'') THEN t.created_at::date END'),
        ('partnership', 'partnership',
         'CASE WHEN t.status IN (''ended'', ''declined'') THEN coalesce(t.ends_on, t.updated_at::date) END'),
        ('placement',   'placement',   't.until_date'),
        ('survey',      'survey',
         'CASE WHEN t.status NOT IN (''draft'', ''scheduled'', ''open'', ''paused'') THEN t.closes_on END'),
        ('user',        'app_user',    'CASE WHEN t.status <> ''active'' THEN t.updated_at::date END'))
        AS k (kind, name, day);
END;

-- Columns that refer to a row of p_parent, from the catalogue.
CREATE OR REPLACE FUNCTION reference_columns(p_parent text) RETURNS TABLE (name text, field text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT k.conrelid::regclass::text, a.attname::text
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid AND NOT c.relispartition
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2]
    JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[2] AND b.attname = 'id'
    WHERE k.contype = 'f' AND k.confrelid = p_parent::regclass;
END;

-- The holds that hold on a day, by what they are about.
CREATE OR REPLACE FUNCTION legal_holds(p_day date) RETURNS SETOF legal_hold
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT h.* FROM legal_hold h
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.status = 'held' AND h.archived_at IS NULL
      AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity');
END;

-- Whether a hold is on a row of the table, as a condition on t: on itself, or on a person, partner or partnership that
-- it names. $3 are the held ids.
DROP FUNCTION IF EXISTS retention_is_held(text, jsonb, uuid[]);
CREATE OR REPLACE FUNCTION retention_held(p_table text) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT string_agg(c.condition, ' OR ')
    FROM (SELECT 't.id = ANY ($3)' AS condition
          UNION ALL
          SELECT format('t.%I = ANY ($3)', r.field)
          FROM unnest('{contact,app_user,partner,partnership}'::text[]) AS parent
          CROSS JOIN LATERAL reference_columns(parent) r WHERE r.name = p_table
          UNION ALL
          SELECT 'EXISTS (SELECT FROM agreement_partnership l
                          WHERE l.district_id = t.district_id AND l.agreement_id = t.id
                            AND l.partnership_id = ANY ($3))' WHERE p_table = 'agreement') AS c);

-- What is held on a day: the ids of persons, partners and partnerships.
CREATE OR REPLACE FUNCTION held_ids(p_day date) RETURNS uuid[]
LANGUAGE sql STABLE
RETURN ARRAY(
    SELECT coalesce(h.contact_id, h.user_id, h.partner_id, h.partnership_id) FROM legal_holds(p_day) h
    UNION
    SELECT p.id FROM legal_holds(p_day) h
    JOIN partnership p ON p.district_id = h.district_id AND p.partner_id = h.partner_id
    UNION
    SELECT c.id FROM legal_holds(p_day) h
    JOIN app_user u ON u.district_id = h.district_id AND u.id = h.user_id
    JOIN contact c ON c.district_id = u.district_id AND c.id = u.contact_id);

-- The rows of a kind that are past so many years on a day, the oldest first.
CREATE OR REPLACE FUNCTION retention_rows(p_kind text, p_years bigint, p_day date, p_most integer)
RETURNS TABLE (id uuid, day date, is_held boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    k record;
    holds uuid[] := held_ids(p_day);
BEGIN
    SELECT * INTO STRICT k FROM retention_kinds() r WHERE r.kind = p_kind;
    RETURN QUERY EXECUTE format(
        'SELECT t.id, d.day, coalesce(%s, false)
         FROM %I t CROSS JOIN LATERAL (SELECT %s AS day) AS d
         WHERE t.district_id = current_setting(''kith.district'')::uuid AND t.archived_at IS NULL
           AND d.day + make_interval(years => $1::integer) < $2
         ORDER BY d.day, t.id LIMIT $4',
        retention_held(k.name), k.name, k.day) USING p_years, p_day, holds, p_most;
END
$$;

-- Of several schedules of a kind, the longest counts.
CREATE OR REPLACE FUNCTION retention_years(p_kind text) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT max(r.years) FROM retention_rule r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.kind = p_kind AND r.archived_at IS NULL);

-- What each schedule proposes to put away.
CREATE OR REPLACE FUNCTION retention_document(p_most integer, p_shown integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('data', coalesce(jsonb_agg(jsonb_build_object(
        'retention_rule_id', r.id, 'kind', r.kind, 'years', r.years, 'source', r.source,
        'due', w.due, 'held', w.held, 'oldest_on', w.oldest, 'first', w.first) ORDER BY r.kind), '[]'))
    FROM retention_rule r
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT o.is_held) AS due, count(*) FILTER (WHERE o.is_held) AS held,
               min(o.day) AS oldest,
               coalesce((jsonb_agg(o.id ORDER BY o.day, o.id) FILTER (WHERE NOT o.is_held AND o.place <= p_shown)), '[]')
               AS first
        FROM (SELECT n.*, row_number() OVER (PARTITION BY n.is_held ORDER BY n.day, n.id) AS place
              FROM retention_rows(r.kind, retention_years(r.kind), district_today(), p_most) n) AS o) AS w
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.archived_at IS NULL;
END;

-- Archives what is past its schedule and under no hold, up to five hundred rows at once. The owner's: some of it
-- nobody archives by hand.
CREATE OR REPLACE FUNCTION retention_archive(p_kind text, p_years bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most constant integer := 500;
    archived bigint;
BEGIN
    EXECUTE format(
        'UPDATE %I t SET archived_at = current_setting(''kith.now'')::timestamptz
         WHERE t.district_id = current_setting(''kith.district'')::uuid AND t.archived_at IS NULL
           AND t.id IN (SELECT r.id FROM retention_rows($1, $2, district_today(), $3) r WHERE NOT r.is_held)',
        (SELECT k.name FROM retention_kinds() k WHERE k.kind = p_kind)) USING p_kind, p_years, most;
    GET DIAGNOSTICS archived = ROW_COUNT;
    RETURN archived;
END
$$;

CREATE OR REPLACE FUNCTION retention_rule_apply(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r retention_rule;
    archived bigint;
BEGIN
    PERFORM lock_row('retention_rule', p_id, p_version);
    SELECT * INTO STRICT r FROM retention_rule o WHERE o.id = p_id;
    archived := retention_archive(r.kind, retention_years(r.kind));
    UPDATE retention_rule o SET applied_at = current_setting('kith.now')::timestamptz,
        archived_rows = r.archived_rows + archived
    WHERE o.district_id = r.district_id AND o.id = r.id;
END
$$;

-- Once a day of the district, each schedule that the clock applies; what it did is a row, and the row is what makes it
-- once. A kind of which more is due than that goes on the next day.
CREATE OR REPLACE FUNCTION retention_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    most constant integer := 5000;
    today date;
    r retention_rule;
    found record;
    archived bigint;
    one bigint;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    FOR r IN
        SELECT o.* FROM retention_rule o
        WHERE o.district_id = p_district AND o.is_automatic AND o.archived_at IS NULL
          AND NOT EXISTS (SELECT FROM retention_run n
                          WHERE n.district_id = p_district AND n.retention_rule_id = o.id AND n.on_date = today)
        ORDER BY o.kind, o.id FOR UPDATE
    LOOP
        CONTINUE WHEN EXISTS ( -- another was faster, and this one waited for its lock
            SELECT FROM retention_run n
            WHERE n.district_id = p_district AND n.retention_rule_id = r.id AND n.on_date = today);
        archived := 0;
        LOOP
            one := retention_archive(r.kind, retention_years(r.kind));
            archived := archived + one;
            EXIT WHEN one = 0 OR archived >= most;
        END LOOP;
        SELECT count(*) FILTER (WHERE w.is_held) AS held, count(*) FILTER (WHERE NOT w.is_held) AS left_over
        INTO STRICT found FROM retention_rows(r.kind, retention_years(r.kind), today, most) w;
        INSERT INTO retention_run (district_id, id, retention_rule_id, on_date, kind, years, archived_rows, held_rows,
                                   left_rows)
        VALUES (p_district, uuid7(), r.id, today, r.kind, retention_years(r.kind), archived, found.held,
                found.left_over);
        UPDATE retention_rule o SET applied_at = p_now, archived_rows = o.archived_rows + archived
        WHERE o.district_id = p_district AND o.id = r.id AND archived > 0;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

CREATE OR REPLACE FUNCTION legal_hold_release(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    h legal_hold;
BEGIN
    PERFORM lock_row('legal_hold', p_id, p_version);
    SELECT * INTO STRICT h FROM legal_hold o WHERE o.id = p_id;
    UPDATE legal_hold o SET status = transition('legal_hold', 'release', h.status), release_reason = p_reason,
        released_at = current_setting('kith.now')::timestamptz, released_by = current_setting('kith.user')::uuid
    WHERE o.district_id = h.district_id AND o.id = h.id;
END
$$;

REVOKE EXECUTE ON FUNCTION retention_kinds, reference_columns, legal_holds, retention_held, held_ids,
    retention_rows, retention_years, retention_document, retention_archive, retention_rule_apply,
    retention_advance, legal_hold_release FROM PUBLIC;
GRANT EXECUTE ON FUNCTION retention_advance TO kith_checkin;
GRANT EXECUTE ON FUNCTION retention_kinds, reference_columns, legal_holds, retention_held, held_ids,
    retention_rows, retention_years, retention_document, retention_archive, retention_rule_apply,
    legal_hold_release TO kith_api;

RESET ROLE;
