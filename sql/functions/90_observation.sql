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

REVOKE EXECUTE ON FUNCTION observation_period_end, observation_fault, observation_before, keep_supplied,
    seed_indicators FROM PUBLIC;
GRANT EXECUTE ON FUNCTION observation_period_end, observation_fault TO kith_api;
GRANT EXECUTE ON FUNCTION seed_indicators TO kith_migrate;

RESET ROLE;
