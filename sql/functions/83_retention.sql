-- How long records are kept: schedules, and the round that puts away what is past its schedule. A hold (83_hold.sql)
-- outranks every schedule.

SET ROLE kith_owner;

-- Of before they told what is needed.
DROP FUNCTION IF EXISTS retention_document(integer, integer);
DROP FUNCTION IF EXISTS retention_rows(text, bigint, date, integer);
DROP FUNCTION IF EXISTS retention_years(text);
DROP FUNCTION IF EXISTS retention_archive(text, bigint);

-- The kinds of records that have a schedule: their table, and the day from which the years count, an expression
-- over t; NULL there: not yet, the record is still in use.
CREATE OR REPLACE FUNCTION retention_kinds() RETURNS TABLE (kind text, name text, day text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('action_item', 'action_item', 'CASE WHEN t.status = ''done'' THEN t.done_at::date END'),
        ('activity',    'activity',    'coalesce(t.until_date, t.on_date)'),
        ('ask',         'ask',
         'CASE WHEN t.status IN (''pledged'', ''declined'', ''expired'', ''withdrawn'') THEN t.updated_at::date END'),
        ('audit',       'audit',       't.at::date'),
        ('award',       'award',       't.given_on'),
        ('bulletin',    'bulletin',
         'CASE WHEN t.status IN (''sent'', ''cancelled'') THEN coalesce(t.sent_at, t.updated_at)::date END'),
        ('call_task',   'call_task',   'CASE WHEN t.status = ''done'' THEN t.done_at::date END'),
        ('champion',    'champion',
         'CASE WHEN t.status IN (''reached'', ''lapsed'') THEN greatest(t.milestone_on, t.updated_at::date) END'),
        ('coaching',    'coaching',    't.on_date'),
        ('convening',   'convening',
         'CASE WHEN t.status IN (''closed'', ''cancelled'') THEN coalesce(t.ends_at, t.starts_at)::date END'),
        ('departure',   'departure',
         'CASE WHEN t.status <> ''planned'' THEN greatest(t.on_date, t.handed_over_at::date) END'),
        ('funding_application', 'funding_application',
         'CASE WHEN t.status IN (''awarded'', ''declined'', ''withdrawn'')
               THEN coalesce(t.until_date, t.decided_on, t.updated_at::date) END'),
        ('gift',        'gift',
         'CASE WHEN t.status IN (''received'', ''refused'', ''withdrawn'')
               THEN coalesce(t.restricted_until, t.received_on, t.updated_at::date) END'),
        ('introduction', 'introduction', 't.on_date'),
        ('need',        'need',
         'CASE WHEN t.status IN (''met'', ''expired'', ''withdrawn'') THEN t.updated_at::date END'),
        ('records_request', 'records_request',
         'CASE WHEN t.status IN (''delivered'', ''withdrawn'') THEN t.updated_at::date END'),
        ('story',       'story',       'CASE WHEN t.status = ''withdrawn'' THEN t.withdrawn_at::date END'),
        ('tax_document', 'tax_document',
         'CASE WHEN t.status IN (''sent'', ''replaced'', ''discarded'') THEN coalesce(t.sent_at, t.updated_at)::date END'),
        ('thank_you',   'thank_you',
         'CASE WHEN t.status <> ''draft'' THEN coalesce(t.given_on, t.updated_at::date) END'),
        ('training',    'training',    'coalesce(t.until_date, t.on_date)'),
        ('agreement',   'agreement',
         'CASE WHEN t.status IN (''expired'', ''superseded'', ''terminated'', ''rejected'', ''withdrawn'')
               THEN coalesce(t.expires_on, t.updated_at::date) END'),
        ('check_in',    'check_in',
         'CASE WHEN t.status NOT IN (''scheduled'', ''open'') THEN t.due_on END'),
        ('complaint',   'complaint',   't.closed_on'),
        ('contact',     'contact',     'CASE WHEN t.status <> ''active'' THEN t.updated_at::date END'),
        ('credential',  'credential',  't.expires_on'),
        ('inquiry',     'inquiry',
         'CASE WHEN t.status NOT IN (''new'', ''assigned'') THEN t.updated_at::date END'),
        ('interaction', 'interaction', 't.on_date'),
        ('investment',  'investment',  't.until_date'),
        ('message',     'message',
         'CASE WHEN t.status NOT IN (''queued'', ''retry'') THEN t.created_at::date END'),
        ('offer',       'offer',       'CASE WHEN t.status = ''withdrawn'' THEN t.updated_at::date ELSE t.until_date END'),
        ('partner',     'partner',
         'CASE WHEN t.stage IN (''declined'', ''dormant'') THEN greatest(t.last_contact_on, t.updated_at::date) END'),
        ('partner_edit', 'partner_edit',
         'CASE WHEN t.status <> ''waiting'' THEN coalesce(t.decided_at, t.updated_at)::date END'),
        ('partnership', 'partnership',
         'CASE t.status WHEN ''ended'' THEN t.ended_on WHEN ''declined'' THEN t.updated_at::date END'),
        ('partnership_review', 'partnership_review',
         'CASE WHEN t.status IN (''decided'', ''approved'') THEN t.updated_at::date END'),
        ('placement',   'placement',   't.until_date'),
        ('pledge',      'pledge',
         'CASE WHEN t.status IN (''declined'', ''delivered'', ''failed'', ''withdrawn'') THEN t.updated_at::date END'),
        ('program',     'program',     'CASE WHEN t.status = ''ended'' THEN t.updated_at::date END'),
        ('roll_call',   'roll_call',   'CASE WHEN t.status = ''confirmed'' THEN t.confirmed_at::date END'),
        ('survey',      'survey',
         'CASE WHEN t.status NOT IN (''draft'', ''scheduled'', ''open'', ''paused'') THEN t.closes_on END'),
        ('user',        'app_user',    'CASE WHEN t.status <> ''active'' THEN t.updated_at::date END'))
        AS k (kind, name, day);
END;

-- The kinds that may be deleted, and the tables of which rows go with them. What anything else refers to stays.
CREATE OR REPLACE FUNCTION retention_deletable() RETURNS TABLE (kind text, takes text[])
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT k.kind, k.takes::text[] FROM (VALUES
        ('action_item', '{}'), ('activity', '{}'),
        ('agreement', '{agreement_item,agreement_partnership,agreement_signature,agreement_step}'),
        ('ask', '{follow_up}'), ('audit', '{}'), ('award', '{}'), ('bulletin', '{}'), ('call_task', '{}'),
        ('champion', '{champion_step}'), ('check_in', '{check_in_goal,check_in_half,check_in_site,check_in_delegate,goal_settlement,reminder}'), ('coaching', '{}'), ('complaint', '{}'),
        ('convening', '{convening_decision,agenda_item,convening_invitee}'),
        ('credential', '{}'), ('departure', '{departure_receiver,introduction_letter}'), ('inquiry', '{}'), ('interaction', '{}'), ('introduction', '{}'),
        ('message', '{message_attempt,mail_report,link,digest}'), ('partner_edit', '{}'), ('partnership_review', '{}'),
        ('placement', '{}'), ('pledge', '{pledge_site}'), ('records_request', '{records_part}'),
        ('roll_call', '{roll_call_mark,roll_call_change}'),
        ('story', '{story_subject,story_person}'),
        ('survey', '{survey_look,survey_public_use,survey_anonymous_answer,survey_answer,survey_invitation,survey_mark,survey_counted,survey_block,survey_tally}'), ('thank_you', '{}'), ('training', '{training_seat}'))
        AS k (kind, takes);
END;

-- A kind that may not be deleted is archived. The audit log has no archive, and nobody shortens it to less than what a suit
-- or an audit would ask for.
CREATE OR REPLACE FUNCTION retention_rule_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.disposal = 'delete' AND NEW.kind NOT IN (SELECT d.kind FROM retention_deletable() d) THEN
        PERFORM refuse_field('disposal', 'Records of this kind are archived; people are erased, and others are needed.');
    ELSIF NEW.kind = 'audit' AND NEW.disposal = 'archive' THEN
        PERFORM refuse_field('disposal', 'The audit log is kept or deleted.');
    ELSIF NEW.kind = 'audit' AND NEW.years < 3 THEN
        PERFORM refuse_field('years', 'The audit log is kept for three years at least.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER retention_rule_check BEFORE INSERT OR UPDATE ON retention_rule
    FOR EACH ROW EXECUTE FUNCTION retention_rule_check();

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

-- Whether a hold is on a row of the table, as a condition on t: on itself, or on a person, partner or partnership that
-- it, or what would go with it, names. $3 are the held ids. The audit log tells of everything: any hold keeps it.
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
          SELECT format('EXISTS (SELECT FROM %I o WHERE o.district_id = t.district_id AND o.%I = t.id AND o.%I = ANY ($3))',
                        taken, p_table || '_id', r.field)
          FROM retention_kinds() k
          JOIN retention_deletable() d ON d.kind = k.kind
          CROSS JOIN LATERAL unnest(d.takes) AS taken
          CROSS JOIN LATERAL unnest('{contact,app_user,partner,partnership}'::text[]) AS parent
          CROSS JOIN LATERAL reference_columns(parent) r
          WHERE k.name = p_table AND r.name = taken
          UNION ALL
          SELECT 'cardinality($3) > 0' WHERE p_table = 'audit') AS c);

-- Whether something else refers to a row, as a condition on t: but for what goes with it.
CREATE OR REPLACE FUNCTION retention_referred(p_kind text, p_table text) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce((
    SELECT string_agg(format('EXISTS (SELECT FROM %I o WHERE o.district_id = t.district_id AND o.%I = t.id)',
                             r.name, r.field), ' OR ')
    FROM reference_columns(p_table) r
    WHERE r.name <> ALL (ARRAY(SELECT unnest(d.takes) FROM retention_deletable() d WHERE d.kind = p_kind))), 'false');

-- The rows of a kind that are past so many years on a day, the oldest first. What is to be deleted may be archived
-- already.
CREATE OR REPLACE FUNCTION retention_due(p_kind text, p_disposal text, p_years bigint, p_day date, p_most integer)
RETURNS TABLE (id uuid, day date, is_held boolean, is_referred boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    k record;
    holds uuid[] := held_ids(p_day);
BEGIN
    SELECT * INTO STRICT k FROM retention_kinds() r WHERE r.kind = p_kind;
    RETURN QUERY EXECUTE format(
        'SELECT t.id, d.day, coalesce(%s, false), %s
         FROM %I t CROSS JOIN LATERAL (SELECT %s AS day) AS d
         WHERE t.district_id = current_setting(''kith.district'')::uuid AND %s
           AND d.day + make_interval(years => $1::integer) < $2
         ORDER BY d.day, t.id LIMIT $4',
        retention_held(k.name),
        CASE WHEN p_disposal = 'delete' THEN retention_referred(k.kind, k.name) ELSE 'false' END,
        k.name, k.day,
        CASE WHEN p_kind = 'audit' THEN 't.at < $2::timestamp - make_interval(years => $1::integer)'
             ELSE '(t.archived_at IS NULL OR $5)' END) USING p_years, p_day, holds, p_most, p_disposal = 'delete';
END
$$;

-- Of several schedules of a kind, the longest counts: nothing is deleted while another one has it kept.
CREATE OR REPLACE FUNCTION retention_years(p_kind text, p_disposal text) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT max(r.years) FROM retention_rule r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.kind = p_kind AND r.archived_at IS NULL
          AND (r.disposal = p_disposal OR p_disposal = 'delete'));

-- What each schedule proposes to put away. The owner's: what goes with a record is nobody's to read.
CREATE OR REPLACE FUNCTION retention_document(p_most integer, p_shown integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT jsonb_build_object('data', coalesce(jsonb_agg(jsonb_build_object(
        'retention_rule_id', r.id, 'kind', r.kind, 'disposal', r.disposal, 'years', r.years, 'source', r.source,
        'due', w.due, 'held', w.held, 'referred', w.referred, 'oldest_on', w.oldest, 'first', w.first)
        ORDER BY r.kind, r.disposal), '[]'))
    FROM retention_rule r
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.goes) AS due, count(*) FILTER (WHERE o.is_held) AS held,
               count(*) FILTER (WHERE o.is_referred AND NOT o.is_held) AS referred, min(o.day) AS oldest,
               coalesce((jsonb_agg(o.id ORDER BY o.day, o.id) FILTER (WHERE o.goes AND o.place <= p_shown)), '[]') AS first
        FROM (SELECT n.*, NOT (n.is_held OR n.is_referred) AS goes,
                     row_number() OVER (PARTITION BY n.is_held OR n.is_referred ORDER BY n.day, n.id) AS place
              FROM retention_due(r.kind, r.disposal, retention_years(r.kind, r.disposal), district_today(), p_most) n) AS o)
        AS w
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.archived_at IS NULL;
END;

-- Archives or deletes what is past its schedule and under no hold, up to five hundred rows at once (of the audit log, which
-- nothing refers to, twenty thousand); files that belong to what is deleted go with it. The owner's: some of it nobody archives by hand.
CREATE OR REPLACE FUNCTION retention_dispose(p_kind text, p_disposal text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most constant integer := CASE p_kind WHEN 'audit' THEN 20000 ELSE 500 END;
    looked_at constant integer := greatest(most, 5000); -- of which some are held or needed
    district uuid := current_setting('kith.district')::uuid;
    table_name text := (SELECT k.name FROM retention_kinds() k WHERE k.kind = p_kind);
    going uuid[] := ARRAY(
        SELECT r.id
        FROM retention_due(p_kind, p_disposal, retention_years(p_kind, p_disposal), district_today(), looked_at) r
        WHERE NOT r.is_held AND NOT r.is_referred LIMIT most);
    taken text;
    gone bigint;
BEGIN
    IF p_disposal = 'archive' THEN
        EXECUTE format('UPDATE %I t SET archived_at = current_setting(''kith.now'')::timestamptz
                        WHERE t.district_id = $1 AND t.archived_at IS NULL AND t.id = ANY ($2)', table_name)
        USING district, going;
        GET DIAGNOSTICS gone = ROW_COUNT;
        RETURN gone;
    END IF;
    FOR taken IN SELECT unnest(d.takes) FROM retention_deletable() d WHERE d.kind = p_kind LOOP
        EXECUTE format('DELETE FROM %I t WHERE t.district_id = $1 AND t.%I = ANY ($2)', taken, table_name || '_id')
        USING district, going;
    END LOOP;
    DELETE FROM attachment a
    WHERE a.district_id = district AND a.subject_kind = table_name AND a.subject_id = ANY (going);
    PERFORM set_config('kith.disposing', table_name, true); -- refuse_change()
    EXECUTE format('DELETE FROM %I t WHERE t.district_id = $1 AND t.id = ANY ($2)', table_name) USING district, going;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('kith.disposing', '', true);
    RETURN gone;
END
$$;

-- Counts what a round has done.
CREATE OR REPLACE FUNCTION retention_note(p_rule retention_rule, p_rows bigint, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE retention_rule o SET applied_at = p_now,
        archived_rows = o.archived_rows + CASE WHEN p_rule.disposal = 'archive' THEN p_rows ELSE 0 END,
        deleted_rows = o.deleted_rows + CASE WHEN p_rule.disposal = 'delete' THEN p_rows ELSE 0 END
    WHERE o.district_id = p_rule.district_id AND o.id = p_rule.id;
END
$$;

CREATE OR REPLACE FUNCTION retention_rule_apply(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r retention_rule;
BEGIN
    PERFORM lock_row('retention_rule', p_id, p_version);
    SELECT * INTO STRICT r FROM retention_rule o WHERE o.id = p_id;
    PERFORM retention_note(r, retention_dispose(r.kind, r.disposal), current_setting('kith.now')::timestamptz);
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
    gone bigint;
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
        gone := 0;
        LOOP
            one := retention_dispose(r.kind, r.disposal);
            gone := gone + one;
            EXIT WHEN one = 0 OR gone >= CASE r.kind WHEN 'audit' THEN 20 * most ELSE most END;
        END LOOP;
        SELECT count(*) FILTER (WHERE w.is_held) AS held,
               count(*) FILTER (WHERE w.is_referred AND NOT w.is_held) AS referred,
               count(*) FILTER (WHERE NOT w.is_held AND NOT w.is_referred) AS left_over
        INTO STRICT found
        FROM retention_due(r.kind, r.disposal, retention_years(r.kind, r.disposal), today, most) w;
        INSERT INTO retention_run (district_id, id, retention_rule_id, on_date, kind, years, archived_rows, deleted_rows,
                                   held_rows, referred_rows, left_rows)
        VALUES (p_district, uuid7(), r.id, today, r.kind, retention_years(r.kind, r.disposal),
                CASE WHEN r.disposal = 'archive' THEN gone ELSE 0 END,
                CASE WHEN r.disposal = 'delete' THEN gone ELSE 0 END, found.held, found.referred, found.left_over);
        IF gone > 0 THEN
            PERFORM retention_note(r, gone, p_now);
        END IF;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION retention_kinds, retention_deletable, retention_rule_check, reference_columns,
    retention_held, retention_referred, retention_due, retention_years, retention_document, retention_dispose,
    retention_note, retention_rule_apply, retention_advance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION retention_advance TO kith_checkin;
GRANT EXECUTE ON FUNCTION retention_kinds, retention_deletable, reference_columns, retention_held,
    retention_referred, retention_due, retention_years, retention_document, retention_dispose, retention_note,
    retention_rule_apply TO kith_api;

RESET ROLE;
