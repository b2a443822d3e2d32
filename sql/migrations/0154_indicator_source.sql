-- Where the figures of supplied indicators come from, and one more: who took part at all.

DO $$
BEGIN
    IF EXISTS (SELECT FROM district) THEN
        UPDATE indicator i SET source = s.source, version = i.version + 1
        FROM (VALUES
            ('attendance_rate', 'Student information system: daily attendance.'),
            ('chronic_absence', 'Student information system: days absent and days enrolled, as the federal count has it.'),
            ('course_pass_rate', 'Student information system: final marks.'),
            ('mean_grade', 'Student information system: marks.'),
            ('proficiency', 'The state''s file of test results.'),
            ('graduation_rate', 'The state''s file of graduates: the four-year adjusted cohort.'),
            ('engagement', 'Rosters of programs.'),
            ('discipline', 'Student information system: incidents.'),
            ('family_integration', 'Kith: family plans and what partnerships do for them.'),
            ('reach', 'Partners'' rosters or sign-in sheets.'),
            ('sessions', 'Partners'' records of what was held.'),
            ('hours', 'Kith: investments that were delivered.'),
            ('value_partner', 'Kith: investments that were delivered.'),
            ('value_district', 'Kith: investments that were delivered.'),
            ('check_ins_on_time', 'Kith: check-ins.'),
            ('unthanked_gifts', 'Kith: gifts.'),
            ('roll_call_coverage', 'Kith: roll calls.'),
            ('needs_met', 'Kith: needs.'),
            ('survey_response', 'Kith: surveys that closed.'),
            ('partners_active', 'Kith: partnerships.')) AS s (code, source)
        WHERE i.code = s.code AND i.supplied AND i.source IS NULL;
        INSERT INTO indicator (district_id, id, code, name, family, unit, direction, aggregation, periods, is_ytd, suppression,
                               definition, source, supplied, created_at, updated_at)
        SELECT d.id, uuid7(), 'participation', 'Participation', 'engagement', 'percent', 'up', 'ratio_of_sums',
               '{month,quarter,school_year}', false, 'student',
               'Students who took part at least once, of all enrolled at the site.', 'Rosters of programs.', true, now(), now()
        FROM district d
        ON CONFLICT ON CONSTRAINT indicator_code_key DO NOTHING;
    END IF;
END
$$;
