-- Observations: what comes before one is written, and who hears of it. Indicators that are supplied.

SET ROLE kith_owner;

-- Raw figures are the data steward's; everybody else reads rollups.
DROP POLICY IF EXISTS readers ON observation;
CREATE POLICY readers ON observation AS RESTRICTIVE FOR SELECT TO kith_api
    USING (kith_has_role('admin,data_steward'));

-- The last day of a period, where the kind and the first day tell it.
CREATE OR REPLACE FUNCTION observation_period_end(p_district uuid, p_kind text, p_start date)
RETURNS date
LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE p_kind
    WHEN 'month' THEN
        RETURN (p_start + interval '1 month')::date - 1;
    WHEN 'school_year' THEN
        RETURN (p_start + interval '1 year')::date - 1;
    WHEN 'quarter' THEN
        RETURN (SELECT q.ends_on FROM reporting_quarter q
                WHERE q.district_id = p_district AND q.starts_on = p_start AND q.archived_at IS NULL
                ORDER BY q.id LIMIT 1);
    ELSE
        RETURN NULL;
    END CASE;
END
$$;

-- What is wrong with an observation of the indicator: which field, and a sentence.
CREATE OR REPLACE FUNCTION observation_fault(
    p_indicator indicator, p_kind text, p_period_end date, p_numerator numeric, p_denominator numeric)
RETURNS TABLE (field text, sentence text)
LANGUAGE sql IMMUTABLE ROWS 1
BEGIN ATOMIC
    SELECT f.field, f.sentence
    FROM (VALUES
        (1, 'indicator_id', 'This indicator is computed, not loaded.',
         p_indicator.computed_from IS NOT NULL),
        (2, 'period_kind', format('This indicator is measured by %s.',
            replace(array_to_string(p_indicator.periods, ' or '), '_', ' ')),
         p_kind <> ALL (p_indicator.periods)),
        (3, 'denominator', 'This indicator needs a denominator.',
         p_denominator IS NULL AND p_indicator.aggregation IN ('ratio_of_sums', 'weighted_mean')),
        (4, 'numerator', 'A part is not larger than the whole.',
         p_indicator.aggregation = 'ratio_of_sums' AND p_numerator > p_denominator),
        (5, 'period_start', 'No reporting quarter begins on this day.',
         p_period_end IS NULL AND p_kind = 'quarter'),
        (6, 'period_end', 'Say the last day that is counted.', p_period_end IS NULL))
        AS f (place, field, sentence, is_so)
    WHERE f.is_so ORDER BY f.place LIMIT 1;
END;

-- The end of its period, where the start tells it; and what it corrects, unless that is known. Whoever
-- comes second with the same key waits, then corrects the first, or fails with 23505. A file has
-- thousands of them: what is planned once is enough.
CREATE OR REPLACE FUNCTION observation_before() RETURNS trigger
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    measured indicator;
    fault record;
BEGIN
    IF NEW.indicator_id IS NULL OR NEW.period_kind IS NULL OR NEW.period_start IS NULL THEN
        RETURN NEW; -- which the table refuses
    END IF;
    SELECT i.* INTO measured
    FROM indicator i WHERE i.district_id = NEW.district_id AND i.id = NEW.indicator_id;
    NEW.period_end := coalesce(NEW.period_end,
                               observation_period_end(NEW.district_id, NEW.period_kind,
                                                      NEW.period_start));
    SELECT * INTO fault FROM observation_fault(measured, NEW.period_kind, NEW.period_end,
                                               NEW.numerator, NEW.denominator);
    IF fault.field IS NOT NULL THEN
        PERFORM refuse_field(fault.field, fault.sentence);
    ELSIF NEW.supersedes IS NULL THEN
        UPDATE observation o SET superseded_by = NEW.id
        WHERE o.district_id = NEW.district_id AND o.school_year = NEW.school_year
          AND o.indicator_id = NEW.indicator_id AND o.site_id = NEW.site_id AND o.cohort = NEW.cohort
          AND o.partnership_id IS NOT DISTINCT FROM NEW.partnership_id
          AND o.period_kind = NEW.period_kind AND o.period_start = NEW.period_start
          AND o.period_end = NEW.period_end AND o.superseded_by IS NULL AND o.archived_at IS NULL
        RETURNING o.id INTO NEW.supersedes;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER observation_before BEFORE INSERT ON observation
    FOR EACH ROW EXECUTE FUNCTION observation_before();

-- A mark for each key that the statement touched. It reads nothing but the transition tables: a
-- migration has no context. Runs as the owner, who alone writes marks. Arguments: what a mark says; the
-- columns whose change matters. What the database counts itself is counted again of the table alone that changed.
CREATE OR REPLACE FUNCTION mark_rollups() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    rows text := CASE TG_OP
        WHEN 'INSERT' THEN 'new_rows'
        WHEN 'DELETE' THEN 'old_rows'
        ELSE (
            SELECT format(
                '(SELECT b.* FROM new_rows n JOIN old_rows o ON o.district_id = n.district_id
                     AND o.id = n.id
                  CROSS JOIN LATERAL (SELECT n.* UNION ALL SELECT o.*) AS b
                  WHERE (%s) IS DISTINCT FROM (%s))',
                string_agg('n.' || c, ', '), string_agg('o.' || c, ', '))
            FROM unnest(string_to_array(TG_ARGV[1], ',')) AS c)
        END;
BEGIN
    EXECUTE format(
        'INSERT INTO rollup_mark (district_id, indicator_id, school_year, site_id, is_whole, computed_from)
         SELECT s.*, $1 FROM ('
        || CASE TG_ARGV[0]
            WHEN 'investment' THEN -- the school years of its days
                'SELECT DISTINCT r.district_id, NULL::uuid, y, NULL::uuid, true FROM %s AS r
                 CROSS JOIN LATERAL generate_series(
                     extract(year FROM r.from_date + interval ''6 months'')::integer,
                     extract(year FROM r.until_date + interval ''6 months'')::integer) AS y'
            WHEN 'gift' THEN -- of its day
                'SELECT DISTINCT r.district_id, NULL::uuid,
                     extract(year FROM r.received_on + interval ''6 months'')::integer, NULL::uuid, true
                 FROM %s AS r WHERE r.received_on IS NOT NULL'
            WHEN 'roll_call' THEN
                'SELECT DISTINCT r.district_id, NULL::uuid, r.school_year::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'check_in' THEN -- of the day on which it is due
                'SELECT DISTINCT r.district_id, NULL::uuid,
                     extract(year FROM r.due_on + interval ''6 months'')::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'need' THEN -- of the day on which it was opened, wherever in the world
                'SELECT DISTINCT r.district_id, NULL::uuid,
                     extract(year FROM r.opened_at + h * interval ''14 hours'' + interval ''6 months'')::integer,
                     NULL::uuid, true
                 FROM %s AS r CROSS JOIN generate_series(-1, 1) AS h WHERE r.opened_at IS NOT NULL'
            WHEN 'partnership' THEN -- from its first year until this one, and those to come that are counted already
                'SELECT DISTINCT r.district_id, NULL::uuid, y, NULL::uuid, true
                 FROM %s AS r
                 CROSS JOIN LATERAL (SELECT coalesce(r.starts_on,
                     (coalesce(r.activated_at, r.created_at) AT TIME ZONE ''UTC'')::date) AS first) AS d
                 CROSS JOIN LATERAL (
                     SELECT generate_series(
                         extract(year FROM d.first + interval ''6 months'')::integer,
                         extract(year FROM greatest(d.first, r.ended_on, (r.updated_at AT TIME ZONE ''UTC'')::date)
                                           + interval ''6 months'')::integer)
                     UNION ALL
                     SELECT NULL) AS years (y)
                 WHERE r.status IN (''active'', ''renewing'', ''paused'', ''ended'')'
            WHEN 'partnership_year' THEN
                'SELECT DISTINCT r.district_id, NULL::uuid, r.school_year::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'works_at' THEN
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'lead' THEN -- where check-ins count, of any year
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'calendar' THEN
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, true FROM %s AS r'
            ELSE
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, false FROM %s AS r'
        END || ') AS s', rows)
    USING CASE WHEN TG_ARGV[0] = 'lead' THEN 'check_in'
               WHEN TG_ARGV[0] IN ('partnership_year', 'works_at') THEN 'partnership'
               WHEN TG_ARGV[0] NOT IN ('calendar', 'scope') THEN TG_ARGV[0] END;
    RETURN NULL;
END
$$;

-- The same of observations, which are many: these statements are planned once. An UPDATE marks row by row, and not
-- at all when another takes the place of one: that is of the same series, and marks it.
CREATE OR REPLACE FUNCTION mark_observations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO rollup_mark (district_id, indicator_id, school_year, site_id, partnership_id, cohort)
        SELECT DISTINCT r.district_id, r.indicator_id, r.school_year, r.site_id, r.partnership_id,
               r.cohort
        FROM new_rows r;
    WHEN 'DELETE' THEN
        INSERT INTO rollup_mark (district_id, indicator_id, school_year, site_id, partnership_id, cohort)
        SELECT DISTINCT r.district_id, r.indicator_id, r.school_year, r.site_id, r.partnership_id,
               r.cohort
        FROM old_rows r;
    ELSE
        INSERT INTO rollup_mark (district_id, indicator_id, school_year, site_id, partnership_id, cohort)
        VALUES (OLD.district_id, OLD.indicator_id, OLD.school_year, OLD.site_id, OLD.partnership_id,
                OLD.cohort),
               (NEW.district_id, NEW.indicator_id, NEW.school_year, NEW.site_id, NEW.partnership_id,
                NEW.cohort);
    END CASE;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    marked record;
    event record;
BEGIN
    FOR marked IN
        SELECT * FROM (VALUES
            ('observation', NULL, NULL),
            ('investment', 'investment',
             'partnership_id,partner_id,site_id,side,kind,is_assigned,status,confirmed,amount_cents,hours,rate_cents,from_date,'
             || 'until_date,archived_at'),
            ('gift', 'gift', 'status,thanked,received_on,partner_id,partnership_id,site_id,archived_at'),
            ('roll_call', 'roll_call', 'site_id,school_year,status,archived_at'),
            ('check_in', 'check_in', 'status,due_on,answered_at,archived_at'),
            ('need', 'need', 'status,opened_at,site_id,archived_at'),
            ('reporting_quarter', 'calendar', 'school_year,starts_on,ends_on,archived_at'),
            ('partnership_site', 'scope',
             'partnership_id,site_id,from_date,until_date,archived_at'),
            ('partnership', 'scope', 'partner_id'),
            ('site', 'scope', 'network_id'),
            ('district', 'scope', 'small_cell,survey_cell')) AS m (name, cause, fields)
    LOOP
        FOR event IN SELECT * FROM statement_events() LOOP
            -- What is new and empty changes no sum.
            CONTINUE WHEN event.name <> 'UPDATE' AND marked.name IN ('partnership', 'site', 'district');
            CONTINUE WHEN event.name = 'UPDATE' AND marked.name = 'observation';
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
                 FOR EACH STATEMENT EXECUTE FUNCTION %s',
                'mark_' || lower(event.name), event.name, marked.name, event.transition,
                CASE WHEN marked.cause IS NULL THEN 'mark_observations()'
                     ELSE format('mark_rollups(%L, %L)', marked.cause, marked.fields) END);
        END LOOP;
    END LOOP;
END
$$;

-- Of active partners the years of partnerships, and a year that opens.
DO $$
DECLARE
    marked record;
    event record;
BEGIN
    FOR marked IN
        SELECT * FROM (VALUES
            ('partnership', 'partnership',
             'partner_id,status,starts_on,ended_on,activated_at,lead_site_id,archived_at'),
            ('partnership_site', 'works_at', 'partnership_id,site_id,from_date,until_date,archived_at'),
            ('school_year', 'partnership_year', 'school_year,status,archived_at')) AS m (name, cause, fields)
    LOOP
        FOR event IN
            SELECT * FROM (VALUES
                ('INSERT', 'NEW TABLE AS new_rows'),
                ('UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
                ('DELETE', 'OLD TABLE AS old_rows')) AS e (name, transition)
        LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
                 FOR EACH STATEMENT EXECUTE FUNCTION mark_rollups(%L, %L)',
                'mark_partners_' || lower(event.name), event.name, marked.name, event.transition, marked.cause,
                marked.fields);
        END LOOP;
    END LOOP;
END
$$;

CREATE OR REPLACE TRIGGER mark_lead AFTER UPDATE ON partnership
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mark_rollups('lead', 'lead_site_id');

-- In another zone a day is another one: of check-ins that were complete, and of needs that were opened, which may so
-- come into the year before or after.
CREATE OR REPLACE FUNCTION mark_zone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('kith.district', true), '');
BEGIN
    PERFORM set_config('kith.district', NEW.id::text, true);
    INSERT INTO rollup_mark (district_id, indicator_id, school_year, is_whole)
    SELECT DISTINCT NEW.id, t.indicator_id, t.school_year + y, true
    FROM indicator i
    JOIN tally t ON t.district_id = i.district_id AND t.indicator_id = i.id AND t.scope_kind = 'district'
    CROSS JOIN generate_series(-1, 1) AS y
    WHERE i.district_id = NEW.id AND i.computed_from IN ('check_in', 'need');
    PERFORM set_config('kith.district', before, true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_zone AFTER UPDATE ON district
    FOR EACH ROW WHEN (NEW.zone IS DISTINCT FROM OLD.zone) EXECUTE FUNCTION mark_zone();

-- Of family plans the years that a row is of: its own, its plan's, or those of plans of the sites where it works.
-- Whoever writes one without a context, as a program of the operator's, has none for plans.
CREATE OR REPLACE FUNCTION mark_family() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('kith.district', true), '');
BEGIN
    PERFORM set_config('kith.district', coalesce(NEW.district_id, OLD.district_id)::text, true);
    INSERT INTO rollup_mark (district_id, indicator_id, school_year, is_whole)
    SELECT i.district_id, i.id, y.school_year, true
    FROM (SELECT DISTINCT r.district_id, coalesce(f.school_year, r.school_year)::integer AS school_year
          FROM (VALUES (to_jsonb(OLD)), (to_jsonb(NEW))) AS v (row)
          CROSS JOIN LATERAL jsonb_to_record(v.row) AS r (
              district_id uuid, id uuid, site_id uuid, lead_site_id uuid, family_plan_id uuid, school_year bigint)
          LEFT JOIN LATERAL (
              SELECT p.school_year FROM family_plan p
              WHERE TG_TABLE_NAME = 'family_part' AND p.district_id = r.district_id AND p.id = r.family_plan_id
              UNION ALL
              SELECT p.school_year FROM family_plan p
              WHERE TG_TABLE_NAME = 'partnership_site' AND p.district_id = r.district_id AND p.site_id = r.site_id
              UNION ALL
              SELECT p.school_year
              FROM (SELECT r.lead_site_id AS id
                    UNION ALL
                    SELECT s.site_id FROM partnership_site s
                    WHERE s.district_id = r.district_id AND s.partnership_id = r.id) AS s
              JOIN family_plan p ON p.district_id = r.district_id AND p.site_id = s.id
              WHERE TG_TABLE_NAME = 'partnership') AS f ON TG_TABLE_NAME <> 'family_plan'
          WHERE r.district_id IS NOT NULL) AS y
    JOIN indicator i ON i.district_id = y.district_id AND i.computed_from = 'family_plan'
    WHERE y.school_year IS NOT NULL;
    PERFORM set_config('kith.district', before, true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_family AFTER INSERT OR DELETE OR UPDATE OF site_id, school_year, archived_at
    ON family_plan FOR EACH ROW EXECUTE FUNCTION mark_family();
CREATE OR REPLACE TRIGGER mark_family
    AFTER INSERT OR DELETE OR UPDATE OF family_plan_id, partnership_id, part, archived_at
    ON family_part FOR EACH ROW EXECUTE FUNCTION mark_family();
CREATE OR REPLACE TRIGGER mark_family
    AFTER INSERT OR DELETE OR UPDATE OF partnership_id, site_id, from_date, until_date, archived_at
    ON partnership_site FOR EACH ROW EXECUTE FUNCTION mark_family();
-- What is new has no status that counts, unless a file brought it.
CREATE OR REPLACE TRIGGER mark_family_insert AFTER INSERT ON partnership
    FOR EACH ROW WHEN (NEW.status <> 'exploring') EXECUTE FUNCTION mark_family();
CREATE OR REPLACE TRIGGER mark_family AFTER UPDATE ON partnership
    FOR EACH ROW WHEN ((NEW.status, NEW.starts_on, NEW.ended_on, NEW.activated_at, NEW.lead_site_id, NEW.archived_at)
        IS DISTINCT FROM
        (OLD.status, OLD.starts_on, OLD.ended_on, OLD.activated_at, OLD.lead_site_id, OLD.archived_at))
    EXECUTE FUNCTION mark_family();

CREATE OR REPLACE TRIGGER mark_update
    AFTER UPDATE OF indicator_id, site_id, partnership_id, cohort, school_year, numerator, denominator, as_of,
        archived_at ON observation
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION mark_observations();

-- What is supplied stays, whatever it is renamed to.
CREATE OR REPLACE FUNCTION keep_supplied() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('A supplied indicator is not archived.', '{"status": "supplied"}');
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER keep_supplied BEFORE UPDATE ON indicator FOR EACH ROW
    WHEN (NEW.supplied AND NEW.archived_at IS NOT NULL) EXECUTE FUNCTION keep_supplied();

-- The supplied indicators that the district has not: how many. What it renamed stays as it is, for it
-- is known by its code. Rates of students count students, so that thresholds mean people.
CREATE OR REPLACE FUNCTION seed_indicators(p_district uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := business_now();
    made integer;
BEGIN
    INSERT INTO indicator (district_id, id, code, name, family, unit, direction, aggregation, periods,
                           is_ytd, suppression, computed_from, definition, supplied, created_at, updated_at)
    SELECT p_district, uuid7(), s.code, s.name, s.family, s.unit, s.direction, s.aggregation,
           s.periods::text[], s.periods NOT LIKE '%month%' AND s.periods NOT LIKE '%quarter%',
           s.suppression, s.computed_from, s.definition, true, business_now, business_now
    FROM (VALUES
        ('attendance_rate', 'Attendance rate', 'attendance', 'percent', 'up', 'ratio_of_sums',
         '{month,quarter,school_year}', 'student', NULL,
         'Students attending on an average day, of those enrolled.'),
        ('chronic_absence', 'Chronic absence', 'attendance', 'percent', 'down', 'ratio_of_sums',
         '{school_year,ytd}', 'student', NULL,
         'Students absent on 10 % or more of their enrolled days, of those enrolled for at least 10.'),
        ('course_pass_rate', 'Course pass rate', 'grades', 'percent', 'up', 'ratio_of_sums',
         '{quarter,school_year}', 'student', NULL, 'Students who passed their courses, of those graded.'),
        ('mean_grade', 'Mean grade', 'grades', 'score', 'up', 'weighted_mean',
         '{quarter,school_year}', 'student', NULL, 'Mean of the grades, weighted by students.'),
        ('proficiency', 'Proficiency', 'grades', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'student', NULL, 'Students proficient in the state''s tests, of those tested.'),
        ('graduation_rate', 'Graduation rate', 'grades', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'student', NULL, 'Students who graduated, of their cohort.'),
        ('engagement', 'Engagement', 'engagement', 'percent', 'up', 'ratio_of_sums',
         '{month,quarter,school_year}', 'student', NULL,
         'Students who took part regularly, of those enrolled in what is offered.'),
        ('discipline', 'Discipline', 'wellbeing', 'percent', 'down', 'ratio_of_sums',
         '{quarter,school_year}', 'student', NULL, 'Students with a referral or suspension, of those enrolled.'),
        ('family_integration', 'Family integration', 'family', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'none', 'family_plan',
         'Partnerships that plan with families or deliver for them, of those that ran in the year at sites with a '
         || 'family plan of it.'),
        ('reach', 'Reach', 'partnership', 'people', 'up', 'sum', '{month,quarter,school_year}',
         'student', NULL,
         'People served; a longer period made of shorter ones counts sessions, not people.'),
        ('sessions', 'Sessions', 'partnership', 'sessions', 'up', 'sum', '{month,quarter,school_year}',
         'none', NULL, 'Sessions that were held.'),
        ('hours', 'Hours given', 'money', 'hours', 'up', 'sum', '{month}', 'none', 'investment',
         'Hours that partners gave, pro-rated by day.'),
        ('value_partner', 'Value from partners', 'money', 'cents', 'up', 'sum', '{month}', 'none',
         'investment', 'What partners delivered, at recognition value, pro-rated by day.'),
        ('value_district', 'Value from the district', 'money', 'cents', 'up', 'sum', '{month}', 'none',
         'investment', 'What the district delivered, at recognition value, pro-rated by day.'),
        ('check_ins_on_time', 'Check-ins on time', 'process', 'percent', 'up', 'ratio_of_sums',
         '{month}', 'none', 'check_in', 'Check-ins answered by both sides by the day when due, of those that are over.'),
        ('unthanked_gifts', 'Un-thanked gifts', 'process', 'percent', 'down', 'ratio_of_sums', '{month}',
         'none', 'gift', 'Gifts that nobody has said thanks for, of those received.'),
        ('roll_call_coverage', 'Roll-call coverage', 'process', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'none', 'roll_call', 'Sites that have signed their roll call, of those that have one.'),
        ('needs_met', 'Needs met', 'process', 'percent', 'up', 'ratio_of_sums',
         '{month}', 'none', 'need', 'Needs met, of those opened.'),
        ('partners_active', 'Active partners', 'partnership', 'count', 'up', 'latest', '{month}', 'none', 'partnership',
         'Partners with a partnership that runs in the month, each once; in a longer period those of its last month.'))
        AS s (code, name, family, unit, direction, aggregation, periods, suppression, computed_from,
              definition)
    ON CONFLICT ON CONSTRAINT indicator_code_key DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION observation_period_end, observation_fault, observation_before, mark_rollups,
    mark_observations, mark_zone, mark_family, keep_supplied, seed_indicators FROM PUBLIC;
GRANT EXECUTE ON FUNCTION observation_period_end, observation_fault TO kith_api;
GRANT EXECUTE ON FUNCTION seed_indicators TO kith_migrate;

RESET ROLE;
