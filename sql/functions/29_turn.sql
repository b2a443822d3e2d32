-- What a turn of kith-checkin looks at. Some of its steps ask of each partnership that runs whether something is due. The
-- answer changes with its rows and with the clock: whoever changes such rows leaves a mark, in the same transaction, and
-- the clocks are read at every turn. When one has come to an hour at which something may be due, all partnerships are
-- looked at; else those that have a mark, and when there is none, nothing.

SET ROLE kith_owner;

-- Of what these steps read: the marks of a change of its row, a kind and the field that names its subject. all: whom it
-- concerns is not told by the row. A step that reads another table has it here, or waits for the next look at all.
CREATE OR REPLACE FUNCTION turn_sources() RETURNS TABLE (name text, marks text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('district', 'all'), ('site', 'all'), ('reporting_quarter', 'all'), ('site_quarter', 'all'), ('closed_day', 'all'),
        ('blackout', 'all'), ('post', 'all'), ('post_holder', 'all'), ('required_credential', 'all'),
        ('reminder_rule', 'rule.partnership_id'),
        ('app_user', 'user.id'), ('contact', 'contact.id'),
        ('partner', 'partner.id'), ('affiliation', 'partner.partner_id'), ('credential', 'partner.partner_id'),
        ('partnership', 'partnership.id'), ('partnership_role', 'partnership.partnership_id'),
        ('partnership_partner', 'partnership.partnership_id'), ('placement', 'partnership.partnership_id'),
        ('investment', 'partnership.partnership_id'),
        ('milestone', 'partnership.partnership_id'), ('goal_partnership', 'partnership.partnership_id'),
        ('goal', 'partnership.partnership_id,goal.id'),
        ('agreement', 'agreement.id,agreement.supersedes_id,agreement.amends_id'), ('agreement_item', 'agreement.agreement_id'),
        ('agreement_partnership', 'partnership.partnership_id,agreement.agreement_id'),
        ('need', 'need.id'), ('pledge', 'partnership.partnership_id'),
        ('displacement_review', 'partnership.partnership_id,need.need_id'),
        ('check_in', 'partnership.partnership_id'), ('check_in_half', 'check_in.check_in_id'),
        ('check_in_delegate', 'check_in.check_in_id')) AS s (name, marks);
END;

-- The marks of one row, as it was and as it is; {}: it was not, or is not.
CREATE OR REPLACE FUNCTION turn_mark_row(p_district uuid, p_marks text, p_old jsonb, p_new jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    mark text;
    of_kind text;
    was text;
    subject text;
BEGIN
    FOREACH mark IN ARRAY string_to_array(p_marks, ',') LOOP
        of_kind := split_part(mark, '.', 1);
        was := p_old ->> split_part(mark, '.', 2);
        subject := p_new ->> split_part(mark, '.', 2);
        IF p_new <> '{}' AND (subject IS NOT NULL OR of_kind IN ('all', 'rule')) THEN
            INSERT INTO turn_mark (district_id, kind, subject_id) VALUES (p_district, of_kind, subject::uuid);
        END IF;
        IF p_old <> '{}' AND (was IS NOT NULL OR of_kind IN ('all', 'rule'))
           AND (p_new = '{}' OR was IS DISTINCT FROM subject) THEN
            INSERT INTO turn_mark (district_id, kind, subject_id) VALUES (p_district, of_kind, was::uuid);
        END IF;
    END LOOP;
END
$$;

-- How many marks are looked at one by one, and partnerships for them: of more, all are.
CREATE OR REPLACE FUNCTION turn_most() RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2000;

-- The statement that leaves those of many rows. p_rows: a query of them, which the trigger alone can ask.
CREATE OR REPLACE FUNCTION turn_mark_statement(p_marks text, p_rows text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT format(
        'WITH r AS MATERIALIZED (%s), n AS (SELECT EXISTS (SELECT FROM r OFFSET %s) AS is_many)
         INSERT INTO turn_mark (district_id, kind, subject_id)
         SELECT DISTINCT m.* FROM (%s) AS m
         UNION
         SELECT r.district_id, ''all'', NULL FROM r, n WHERE n.is_many', p_rows, turn_most(),
        string_agg(format(
            'SELECT r.district_id, %L, %s FROM r, n WHERE NOT n.is_many%s', s.kind, s.subject,
            CASE WHEN s.kind IN ('all', 'rule') THEN '' ELSE format(' AND %s IS NOT NULL', s.subject) END), ' UNION ALL '))
    FROM (SELECT split_part(m, '.', 1) AS kind,
                 CASE WHEN m = 'all' THEN 'NULL::uuid' ELSE format('r.%I', split_part(m, '.', 2)) END AS subject
          FROM unnest(string_to_array(p_marks, ',')) AS m) AS s);

-- That it be looked at in the next turn, too, as somebody else is at it now.
CREATE OR REPLACE FUNCTION turn_again(p_district uuid, p_kind text, p_subject uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    INSERT INTO turn_mark (district_id, kind, subject_id) VALUES (p_district, p_kind, p_subject);
END;

-- What the clocks of a district's zones say of which it depends whether something is due: the day, and whether its mail
-- hour has come. Of UTC, by which some steps narrow down what they look at, the day.
CREATE OR REPLACE FUNCTION clock_reading(p_district uuid, p_now timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT string_agg(format('%s %s %s', w.zone, w.today, p_now >= local_instant(w.today, d.mail_hour::integer, w.zone)), ', '
                          ORDER BY w.zone) || (p_now AT TIME ZONE 'UTC')::date
        FROM district d
        CROSS JOIN LATERAL (
            SELECT z.zone, (p_now AT TIME ZONE z.zone)::date AS today
            FROM (SELECT d.zone UNION SELECT s.zone FROM site s WHERE s.district_id = d.id AND s.zone IS NOT NULL) AS z) AS w
        WHERE d.id = p_district);
END
$$;

-- Takes the marks: what commits later is for the next turn. How many. What it is that the steps of this transaction look
-- at stands in kith.turn: 'all', or the marks; unset, as where a step is run by itself, all.
CREATE OR REPLACE FUNCTION turn_begin(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    now_reads text;
    taken record;
    is_all boolean;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    now_reads := clock_reading(p_district, p_now);
    WITH gone AS (
        DELETE FROM turn_mark m WHERE m.district_id = p_district RETURNING m.kind, m.subject_id),
    few AS (
        SELECT DISTINCT g.kind, g.subject_id FROM gone g LIMIT turn_most() + 1)
    SELECT (SELECT count(*) FROM gone) AS marks, coalesce(jsonb_agg(jsonb_build_array(f.kind, f.subject_id)), '[]') AS told,
           coalesce(bool_or(f.subject_id IS NULL), false) OR count(*) > turn_most() AS is_all
    INTO STRICT taken FROM few f;
    is_all := taken.is_all OR NOT EXISTS (
        SELECT FROM schedule s WHERE s.district_id = p_district AND s.task = 'check_ins' AND s.reading = now_reads);
    IF is_all THEN
        UPDATE schedule s SET reading = now_reads
        WHERE s.district_id = p_district AND s.task = 'check_ins' AND s.reading IS DISTINCT FROM now_reads;
    END IF;
    PERFORM set_config('kith.turn', CASE WHEN is_all THEN 'all' ELSE taken.told::text END, true);
    RETURN taken.marks;
END
$$;

-- Which partnerships a step looks at, or agreements, or partners: those of the marks that were taken, and of those that
-- came since, as earlier steps leave some, which stay for the next turn. NULL: all.
CREATE OR REPLACE FUNCTION turn_only(p_district uuid, p_kind text) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    turn text := current_setting('kith.turn', true);
    marks jsonb;
    picked uuid[];
BEGIN
    IF coalesce(turn, '') IN ('', 'all') THEN
        RETURN NULL;
    END IF;
    SELECT turn::jsonb || coalesce(jsonb_agg(jsonb_build_array(m.kind, m.subject_id)), '[]') INTO STRICT marks
    FROM (SELECT DISTINCT o.kind, o.subject_id FROM turn_mark o WHERE o.district_id = p_district LIMIT turn_most() + 1) AS m;
    IF marks = '[]' THEN
        RETURN '{}';
    ELSIF jsonb_array_length(marks) > turn_most() OR turn_is_wide(p_district, marks) THEN
        RETURN NULL;
    END IF;
    picked := turn_partnerships(p_district, marks);
    IF cardinality(picked) > turn_most() THEN
        RETURN NULL;
    ELSIF p_kind = 'agreement' THEN
        picked := ARRAY(SELECT m.id FROM turn_marks(marks) m WHERE m.kind = 'agreement'
                      UNION
                      SELECT l.agreement_id FROM agreement_partnership l
                      WHERE l.district_id = p_district AND l.partnership_id = ANY (picked));
    ELSIF p_kind = 'partner' THEN
        picked := ARRAY(SELECT m.id FROM turn_marks(marks) m WHERE m.kind = 'partner'
                      UNION
                      SELECT a.partner_id FROM turn_marks(marks) m
                      JOIN affiliation a ON a.district_id = p_district AND a.contact_id = m.id WHERE m.kind = 'contact'
                      UNION
                      SELECT p.partner_id FROM partnership p WHERE p.district_id = p_district AND p.id = ANY (picked));
    END IF;
    RETURN CASE WHEN cardinality(picked) <= turn_most() THEN picked END;
END
$$;

CREATE OR REPLACE FUNCTION turn_marks(p_marks jsonb) RETURNS TABLE (kind text, id uuid)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT m ->> 0, (m ->> 1)::uuid FROM jsonb_array_elements(p_marks) AS m;
END;

-- A mark of all; or of somebody who has a post, and so speaks for whatever has no lead of its own.
CREATE OR REPLACE FUNCTION turn_is_wide(p_district uuid, p_marks jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM turn_marks(p_marks) m
        WHERE m.id IS NULL
           OR m.kind = 'user' AND EXISTS (SELECT FROM post_holder h WHERE h.district_id = p_district AND h.user_id = m.id));
END
$$;

CREATE OR REPLACE FUNCTION turn_partnerships(p_district uuid, p_marks jsonb) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
    RETURN ARRAY(
        WITH marks AS MATERIALIZED (SELECT m.kind, m.id FROM turn_marks(p_marks) m)
        SELECT m.id FROM marks m WHERE m.kind IN ('partnership', 'rule')
        UNION
        SELECT r.partnership_id FROM marks m
        JOIN partnership_role r ON r.district_id = p_district AND r.user_id = m.id WHERE m.kind = 'user'
        UNION
        SELECT r.partnership_id FROM marks m
        JOIN partnership_role r ON r.district_id = p_district AND r.contact_id = m.id WHERE m.kind = 'contact'
        UNION
        SELECT p.id FROM marks m JOIN partnership p ON p.district_id = p_district AND p.partner_id = m.id WHERE m.kind = 'partner'
        UNION
        SELECT c.partnership_id FROM marks m
        JOIN partnership_partner c ON c.district_id = p_district AND c.partner_id = m.id WHERE m.kind = 'partner'
        UNION
        SELECT l.partnership_id FROM marks m
        JOIN agreement_partnership l ON l.district_id = p_district AND l.agreement_id = m.id WHERE m.kind = 'agreement'
        UNION
        SELECT g.partnership_id FROM marks m
        JOIN goal_partnership g ON g.district_id = p_district AND g.goal_id = m.id WHERE m.kind = 'goal'
        UNION
        SELECT g.partnership_id FROM marks m
        JOIN pledge g ON g.district_id = p_district AND g.need_id = m.id AND g.partnership_id IS NOT NULL WHERE m.kind = 'need'
        UNION
        SELECT c.partnership_id FROM marks m
        JOIN check_in c ON c.district_id = p_district AND c.id = m.id WHERE m.kind = 'check_in'
        ORDER BY 1 LIMIT turn_most() + 1);
END
$$;

DROP POLICY IF EXISTS mark ON turn_mark;
CREATE POLICY mark ON turn_mark TO kith_owner USING (true) WITH CHECK (true);

REVOKE EXECUTE ON FUNCTION turn_sources, turn_mark_row, turn_most, turn_mark_statement, turn_again, clock_reading, turn_begin,
    turn_only, turn_marks, turn_is_wide, turn_partnerships FROM PUBLIC;
GRANT EXECUTE ON FUNCTION turn_begin, turn_only, turn_again TO kith_checkin;

RESET ROLE;
