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
    WHEN 'day' THEN
        RETURN p_start;
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

-- What a source's numbers mean. A percentage is a part of the whole; with the part alone it tells the whole; without
-- either it is of the site's students, whose number is its weight. Where there is none, no sum can hold it.
CREATE OR REPLACE FUNCTION observation_figure(
    p_indicator indicator, p_enrollment bigint, p_numerator numeric, p_denominator numeric, p_percent numeric,
    p_missing text)
RETURNS TABLE (numerator numeric, denominator numeric, weighted_by text, missing text)
LANGUAGE sql IMMUTABLE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN m.missing IS NULL THEN coalesce(p_numerator, round(p_percent / 100 * CASE
               WHEN p_indicator.aggregation = 'ratio_of_sums' THEN w.denominator
               WHEN p_indicator.aggregation = 'weighted_mean' AND p_indicator.unit = 'percent' THEN 1 END, 6)) END,
           w.denominator, w.weighted_by, m.missing
    FROM (SELECT p_percent IS NOT NULL AND p_missing IS NULL AND p_denominator IS NULL
                 AND p_indicator.aggregation IN ('ratio_of_sums', 'weighted_mean') AS is_asked,
                 round(p_numerator * 100 / nullif(p_percent, 0)) AS told) AS d
    CROSS JOIN LATERAL (
        SELECT CASE WHEN d.is_asked THEN coalesce(d.told, p_enrollment) ELSE p_denominator END AS denominator,
               CASE WHEN d.is_asked AND d.told IS NULL AND p_enrollment IS NOT NULL THEN 'enrollment' END
                   AS weighted_by) AS w
    CROSS JOIN LATERAL (
        SELECT coalesce(p_missing, CASE WHEN d.is_asked AND w.denominator IS NULL THEN 'no_weight' END) AS missing) AS m;
END;

-- The students of a site in a school year, or NULL.
CREATE OR REPLACE FUNCTION site_enrollment(p_district uuid, p_site uuid, p_year integer) RETURNS bigint
LANGUAGE sql STABLE
RETURN (SELECT y.enrollment FROM site_year y
        WHERE y.district_id = p_district AND y.site_id = p_site AND y.school_year = p_year AND y.archived_at IS NULL);

-- What is wrong with an observation of the indicator: which field, and a sentence.
CREATE OR REPLACE FUNCTION observation_fault(
    p_indicator indicator, p_kind text, p_period_end date, p_numerator numeric, p_denominator numeric, p_percent numeric,
    p_missing text)
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
        (3, 'numerator', CASE WHEN p_percent IS NULL THEN 'Say a number, a percentage, or why it is missing.'
                              ELSE 'A percentage is of a whole, which this indicator has not.' END,
         p_numerator IS NULL AND p_missing IS NULL),
        (4, 'denominator', 'This indicator needs a denominator.',
         p_denominator IS NULL AND p_missing IS NULL AND p_indicator.aggregation IN ('ratio_of_sums', 'weighted_mean')),
        (5, 'numerator', 'A part is not larger than the whole.',
         p_indicator.aggregation = 'ratio_of_sums' AND p_numerator > p_denominator),
        (6, 'numerator', 'What is missing has no number.', p_numerator IS NOT NULL AND p_missing IS NOT NULL),
        (7, 'period_start', 'No reporting quarter begins on this day.',
         p_period_end IS NULL AND p_kind = 'quarter'),
        (8, 'period_end', 'Say the last day that is counted.', p_period_end IS NULL))
        AS f (place, field, sentence, is_so)
    WHERE f.is_so ORDER BY f.place LIMIT 1;
END;

-- Whether nothing is wrong with one that says a number and no percentage: observation_fault, for the million.
CREATE OR REPLACE FUNCTION observation_is_plain(
    p_aggregation text, p_computed_from text, p_periods text[], p_kind text, p_year integer, p_start date, p_end date,
    p_numerator numeric, p_denominator numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN p_computed_from IS NULL AND p_kind = ANY (p_periods) AND p_end IS NOT NULL AND p_numerator IS NOT NULL
   AND (p_denominator IS NOT NULL OR p_aggregation NOT IN ('ratio_of_sums', 'weighted_mean'))
   AND (p_aggregation <> 'ratio_of_sums' OR p_numerator <= p_denominator)
   AND p_year = extract(year FROM p_start + interval '6 months');

-- What counts as served by the program of a partnership; no row: it does not say.
CREATE OR REPLACE FUNCTION program_dosage(p_district uuid, p_partnership uuid)
RETURNS TABLE (minimum_dosage numeric, dosage_unit text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT g.minimum_dosage, g.dosage_unit
    FROM partnership p JOIN program g ON g.district_id = p.district_id AND g.id = p.program_id
    WHERE p.district_id = p_district AND p.id = p_partnership AND g.minimum_dosage IS NOT NULL;
END;

-- What is wrong with the dosage that a row says: a cohort of a program has the program's.
CREATE OR REPLACE FUNCTION observation_dosage_fault(
    p_district uuid, p_cohort text, p_partnership uuid, p_minimum numeric, p_unit text)
RETURNS TABLE (field text, sentence text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT 'minimum_dosage', 'Only who is served, or not, had a dosage or had not.' WHERE p_cohort = 'all'
    UNION ALL
    SELECT 'minimum_dosage', format('The program counts who had %s %s at least.', trim_scale(d.minimum_dosage), d.dosage_unit)
    FROM program_dosage(p_district, p_partnership) AS d
    WHERE p_cohort <> 'all' AND (d.minimum_dosage, d.dosage_unit) IS DISTINCT FROM (p_minimum, p_unit)
    LIMIT 1;
END;

-- What the cohorts of partnerships had at least in a school year, and how many partnerships say so. As the owner: figures
-- that were loaded are not everybody's to read.
CREATE OR REPLACE FUNCTION cohort_dosages(p_partnerships uuid[], p_year integer) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM observation o
                   WHERE o.district_id = current_setting('kith.district')::uuid AND o.school_year = p_year
                     AND o.minimum_dosage IS NOT NULL AND o.superseded_by IS NULL AND o.archived_at IS NULL) THEN
        RETURN '[]';
    END IF;
    RETURN (
        SELECT coalesce(json_agg(json_build_object('minimum_dosage', d.minimum_dosage::text, 'dosage_unit', d.dosage_unit,
                                                   'partnerships', d.many) ORDER BY d.dosage_unit, d.minimum_dosage), '[]')
        FROM (SELECT w.minimum_dosage, w.dosage_unit, count(*) AS many
              FROM unnest(p_partnerships) AS p (id)
              CROSS JOIN LATERAL (
                  SELECT DISTINCT o.minimum_dosage, o.dosage_unit FROM observation o
                  WHERE o.district_id = current_setting('kith.district')::uuid AND o.school_year = p_year
                    AND o.partnership_id = p.id AND o.cohort = 'served'
                    AND o.minimum_dosage IS NOT NULL AND o.superseded_by IS NULL AND o.archived_at IS NULL) AS w
              GROUP BY w.minimum_dosage, w.dosage_unit) AS d);
END
$$;

-- Its period and figure, as far as the rest tells them; and what it corrects, unless that is known. Whoever
-- comes second with the same key waits, then corrects the first, or fails with 23505. A file has
-- thousands of them: what is planned once is enough.
CREATE OR REPLACE FUNCTION observation_before() RETURNS trigger
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    measured indicator;
    fault record;
BEGIN
    IF NEW.indicator_id IS NULL OR NEW.period_kind IS NULL THEN
        RETURN NEW; -- which the table refuses
    END IF;
    IF NEW.period_kind IN ('school_year', 'ytd') THEN
        NEW.period_start := coalesce(NEW.period_start, make_date(NEW.school_year - 1, 7, 1));
    ELSIF NEW.period_start IS NULL THEN
        PERFORM refuse_field('period_start', 'Say the first day of the period.');
    END IF;
    SELECT i.* INTO measured
    FROM indicator i WHERE i.district_id = NEW.district_id AND i.id = NEW.indicator_id;
    NEW.period_end := coalesce(NEW.period_end,
                               observation_period_end(NEW.district_id, NEW.period_kind,
                                                      NEW.period_start));
    IF NEW.percent IS NOT NULL AND NEW.missing IS NULL AND (NEW.numerator IS NULL OR NEW.denominator IS NULL) THEN
        SELECT f.numerator, f.denominator, f.weighted_by, f.missing
        INTO NEW.numerator, NEW.denominator, NEW.weighted_by, NEW.missing
        FROM observation_figure(measured, site_enrollment(NEW.district_id, NEW.site_id, NEW.school_year), NEW.numerator,
                                NEW.denominator, NEW.percent, NEW.missing) AS f;
    END IF;
    IF num_nonnulls(NEW.minimum_dosage, NEW.dosage_unit) > 0 THEN
        SELECT * INTO fault FROM observation_dosage_fault(NEW.district_id, NEW.cohort, NEW.partnership_id, NEW.minimum_dosage,
                                                          NEW.dosage_unit);
        IF fault.field IS NOT NULL THEN
            PERFORM refuse_field(fault.field, fault.sentence);
        END IF;
    ELSIF NEW.cohort <> 'all' AND NEW.partnership_id IS NOT NULL THEN
        SELECT d.minimum_dosage, d.dosage_unit INTO NEW.minimum_dosage, NEW.dosage_unit
        FROM program_dosage(NEW.district_id, NEW.partnership_id) AS d;
    END IF;
    SELECT * INTO fault FROM observation_fault(measured, NEW.period_kind, NEW.period_end, NEW.numerator,
                                               NEW.denominator, NEW.percent, NEW.missing);
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
-- What observations_load writes has been looked at, all of it at once.
CREATE OR REPLACE FUNCTION is_readied() RETURNS boolean
LANGUAGE sql STABLE
RETURN coalesce(current_setting('kith.readied', true) = 'on', false);
CREATE OR REPLACE TRIGGER observation_before BEFORE INSERT ON observation
    FOR EACH ROW WHEN (NOT is_readied()) EXECUTE FUNCTION observation_before();

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
                           is_ytd, suppression, computed_from, definition, source, supplied, created_at, updated_at)
    SELECT p_district, uuid7(), s.code, s.name, s.family, s.unit, s.direction, s.aggregation,
           s.periods::text[], s.periods NOT LIKE '%month%' AND s.periods NOT LIKE '%quarter%',
           s.suppression, s.computed_from, s.definition, s.source, true, business_now, business_now
    FROM (VALUES
        ('attendance_rate', 'Attendance rate', 'attendance', 'percent', 'up', 'ratio_of_sums',
         '{day,month,quarter,school_year}', 'student', NULL,
         'Students attending, of those enrolled, of all days together.',
         'Student information system: daily attendance.'),
        ('chronic_absence', 'Chronic absence', 'attendance', 'percent', 'down', 'ratio_of_sums',
         '{school_year,ytd}', 'student', NULL,
         'Students absent on 10 % or more of their enrolled days, of those enrolled for at least 10.',
         'Student information system: days absent and days enrolled, as the federal count has it.'),
        ('course_pass_rate', 'Course pass rate', 'grades', 'percent', 'up', 'ratio_of_sums',
         '{quarter,school_year}', 'student', NULL, 'Students who passed their courses, of those graded.',
         'Student information system: final marks.'),
        ('mean_grade', 'Mean grade', 'grades', 'score', 'up', 'weighted_mean',
         '{quarter,school_year}', 'student', NULL, 'Mean of the grades, weighted by students.',
         'Student information system: marks.'),
        ('proficiency', 'Proficiency', 'grades', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'student', NULL, 'Students proficient in the state''s tests, of those tested.',
         'The state''s file of test results.'),
        ('graduation_rate', 'Graduation rate', 'grades', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'student', NULL, 'Students who graduated, of their cohort.',
         'The state''s file of graduates: the four-year adjusted cohort.'),
        ('engagement', 'Engagement', 'engagement', 'percent', 'up', 'ratio_of_sums',
         '{month,quarter,school_year}', 'student', NULL,
         'Students who took part regularly, of those enrolled in what is offered.',
         'Rosters of programs.'),
        ('participation', 'Participation', 'engagement', 'percent', 'up', 'ratio_of_sums',
         '{month,quarter,school_year}', 'student', NULL,
         'Students who took part at least once, of all enrolled at the site.',
         'Rosters of programs.'),
        ('discipline', 'Discipline', 'wellbeing', 'percent', 'down', 'ratio_of_sums',
         '{quarter,school_year}', 'student', NULL, 'Students with a referral or suspension, of those enrolled.',
         'Student information system: incidents.'),
        ('family_integration', 'Family integration', 'family', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'none', 'family_plan',
         'Partnerships that plan with families or deliver for them, of those that ran in the year at sites with a '
         || 'family plan of it.',
         'Kith: family plans and what partnerships do for them.'),
        ('reach', 'Reach', 'partnership', 'people', 'up', 'sum', '{month,quarter,school_year}',
         'student', NULL,
         'People served; a longer period made of shorter ones counts sessions, not people.',
         'Partners'' rosters or sign-in sheets.'),
        ('sessions', 'Sessions', 'partnership', 'sessions', 'up', 'sum', '{month,quarter,school_year}',
         'none', NULL, 'Sessions that were held.',
         'Partners'' records of what was held.'),
        ('hours', 'Hours given', 'money', 'hours', 'up', 'sum', '{month}', 'none', 'investment',
         'Hours that partners gave, pro-rated by day.',
         'Kith: investments that were delivered.'),
        ('value_partner', 'Value from partners', 'money', 'cents', 'up', 'sum', '{month}', 'none',
         'investment', 'What partners delivered, at recognition value, pro-rated by day.',
         'Kith: investments that were delivered.'),
        ('value_district', 'Value from the district', 'money', 'cents', 'up', 'sum', '{month}', 'none',
         'investment', 'What the district delivered, at recognition value, pro-rated by day.',
         'Kith: investments that were delivered.'),
        ('check_ins_on_time', 'Check-ins on time', 'process', 'percent', 'up', 'ratio_of_sums',
         '{month}', 'none', 'check_in', 'Check-ins answered by both sides by the day when due, of those that are over.',
         'Kith: check-ins.'),
        ('unthanked_gifts', 'Un-thanked gifts', 'process', 'percent', 'down', 'ratio_of_sums', '{month}',
         'none', 'gift', 'Gifts that nobody has said thanks for, of those received.',
         'Kith: gifts.'),
        ('roll_call_coverage', 'Roll-call coverage', 'process', 'percent', 'up', 'ratio_of_sums',
         '{school_year}', 'none', 'roll_call', 'Sites that have signed their roll call, of those that have one.',
         'Kith: roll calls.'),
        ('needs_met', 'Needs met', 'process', 'percent', 'up', 'ratio_of_sums',
         '{month}', 'none', 'need', 'Needs met, of those opened.',
         'Kith: needs.'),
        ('survey_response', 'Survey response', 'process', 'percent', 'up', 'ratio_of_sums',
         '{month}', 'none', 'survey_answer', 'What was answered of what people were asked by surveys that closed.',
         'Kith: surveys that closed.'),
        ('partners_active', 'Active partners', 'partnership', 'count', 'up', 'latest', '{month}', 'none', 'partnership',
         'Partners with a partnership that runs in the month, each once; in a longer period those of its last month.',
         'Kith: partnerships.'),
        ('balance', 'Balance of both sides', 'money', 'percent', 'none', 'ratio_of_sums', '{month}', 'none', 'investment',
         'The partners'' share of what both sides delivered, at recognition value; nothing until both have given.',
         'Kith: investments that were delivered.'),
        ('delivered_of_promised', 'Delivered of what was promised', 'money', 'percent', 'up', 'ratio_of_sums', '{month}',
         'none', 'investment',
         'What both sides delivered of what they promised or delivered for these days, at recognition value.',
         'Kith: investments, promised and delivered.'),
        ('partners_per_100', 'Partners per 100 students', 'partnership', 'count', 'up', 'latest', '{month}', 'none', 'site_year',
         'Active partners for each hundred students of schools that are open, as last known; in a longer period of its '
         || 'last month.', 'Kith: partnerships and enrollment.'),
        ('value_per_100', 'Value per 100 students', 'money', 'cents', 'up', 'ratio_of_sums', '{month}', 'none', 'site_year',
         'What partners delivered for each hundred students of schools that are open, as last known.',
         'Kith: investments that were delivered, and enrollment.'),
        ('days_to_active', 'Days until a need is worked on', 'process', 'days', 'down', 'weighted_mean', '{month}', 'none',
         'pledge', 'Days from a need''s opening until the first partnership that came of it was active, in the month of that.',
         'Kith: needs, pledges and partnerships.'),
        ('trust', 'Trust', 'partnership', 'score', 'up', 'weighted_mean', '{month}', 'partner', 'survey',
         'Mean of what both sides said of trust, from 1 to 5, in surveys of relationships that closed.',
         'Kith: surveys that closed.'),
        ('relationship_value', 'Value of the relationship', 'partnership', 'score', 'up', 'weighted_mean', '{month}', 'partner', 'survey',
         'Mean of what both sides said the relationship is worth, from 1 to 5, in surveys that closed.',
         'Kith: surveys that closed.'))
        AS s (code, name, family, unit, direction, aggregation, periods, suppression, computed_from,
              definition, source)
    ON CONFLICT ON CONSTRAINT indicator_code_key DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION observation_period_end, observation_figure, site_enrollment, observation_fault,
    observation_is_plain, is_readied, program_dosage, observation_dosage_fault, cohort_dosages, observation_before, keep_supplied,
    seed_indicators FROM PUBLIC;
GRANT EXECUTE ON FUNCTION observation_period_end, observation_figure, site_enrollment, observation_fault,
    observation_is_plain, is_readied, program_dosage, observation_dosage_fault, cohort_dosages TO kith_api;
GRANT EXECUTE ON FUNCTION seed_indicators TO kith_migrate;

RESET ROLE;
