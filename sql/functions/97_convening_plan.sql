-- Convenings planned in bulk from templates, one of a place, year and kind, however often it is asked for; and what
-- a school year that opens plans by itself.

SET ROLE kith_owner;

-- The day that a template means in a school year, as if every day were one of school. A quarter is the site's own where
-- it has one.
CREATE OR REPLACE FUNCTION convening_template_day(t convening_template, p_year bigint, p_site uuid) RETURNS date
LANGUAGE sql STABLE
RETURN (
    SELECT CASE t.anchor WHEN 'starts' THEN s.starts_on ELSE s.ends_on END + t.offset_days::integer
    FROM (SELECT y.starts_on, y.ends_on FROM school_year_span(p_year) y WHERE t.quarter IS NULL
          UNION ALL
          SELECT coalesce(o.starts_on, q.starts_on, v.first),
                 coalesce(o.ends_on, q.ends_on, (v.first + interval '3 months')::date - 1)
          FROM (SELECT (y.starts_on + make_interval(months => 3 * (t.quarter::integer - 1)))::date AS first
                FROM school_year_span(p_year) y) v
          LEFT JOIN reporting_quarter q ON q.district_id = t.district_id AND q.school_year = p_year
              AND q.number = t.quarter AND q.archived_at IS NULL
          LEFT JOIN site_quarter o ON o.district_id = t.district_id AND o.site_id = p_site
              AND o.school_year = p_year AND o.number = t.quarter AND o.archived_at IS NULL
          WHERE t.quarter IS NOT NULL) AS s);

-- A day on which a site has school and no blackout: that one, the next one of the year, or else the last one before.
CREATE OR REPLACE FUNCTION convening_open_day(p_day date, p_site uuid, p_first date, p_last date) RETURNS date
LANGUAGE plpgsql STABLE AS $$
DECLARE
    day date := first_mail_day(p_day, p_last, p_site);
BEGIN
    IF day IS NULL THEN
        day := least(p_day, p_last);
        WHILE day >= p_first AND NOT is_mail_day(day, p_site) LOOP
            day := day - 1;
        END LOOP;
    END IF;
    RETURN CASE WHEN day >= p_first THEN day END;
END
$$;

-- The places of a template: open sites, networks, or the district.
CREATE OR REPLACE FUNCTION convening_template_places(t convening_template, p_network uuid, p_sites text[])
RETURNS TABLE (site_id uuid, network_id uuid, name text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, NULL::uuid, s.name FROM site s
    WHERE t.level = 'site' AND s.district_id = t.district_id AND s.status = 'open' AND s.archived_at IS NULL
      AND (p_network IS NULL OR s.network_id = p_network) AND (p_sites = '{}' OR s.id::text = ANY (p_sites))
    UNION ALL
    SELECT NULL, n.id, n.name FROM network n
    WHERE t.level = 'network' AND n.district_id = t.district_id AND n.archived_at IS NULL
      AND (p_network IS NULL OR n.id = p_network)
    UNION ALL
    SELECT NULL, NULL, d.name FROM district d WHERE t.level = 'district' AND d.id = t.district_id;
END;

-- What a plan comes to: a row for each place. planned; exists: there is one of that year and kind, held, cancelled or
-- not; no_day: the place has no school on any day of the year.
CREATE OR REPLACE FUNCTION convening_plan_rows(t convening_template, p_year bigint, p_network uuid, p_sites text[])
RETURNS TABLE (site_id uuid, network_id uuid, name text, meant_on date, on_date date, starts_at timestamptz,
               outcome text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH meant AS MATERIALIZED (
        SELECT convening_template_day(t, p_year, NULL) AS day, y.starts_on, y.ends_on FROM school_year_span(p_year) y
    ), place AS MATERIALIZED (
        SELECT p.*, v.day, convening_open_day(v.day, p.site_id, m.starts_on, m.ends_on) AS open_day,
               zone_of_site(p.site_id) AS zone
        FROM convening_template_places(t, p_network, p_sites) p
        CROSS JOIN meant m
        LEFT JOIN site_quarter o ON o.district_id = t.district_id AND o.site_id = p.site_id AND o.school_year = p_year
            AND o.number = t.quarter AND o.archived_at IS NULL
        CROSS JOIN LATERAL (
            SELECT CASE WHEN o.id IS NULL THEN m.day ELSE convening_template_day(t, p_year, p.site_id) END AS day) v
    ), there AS MATERIALIZED (
        SELECT c.site_id, c.network_id FROM convening c
        WHERE c.district_id = t.district_id AND c.school_year = p_year AND c.archived_at IS NULL
          AND (c.convening_template_id = t.id OR c.kind = t.kind AND t.kind <> 'other'))
    SELECT p.site_id, p.network_id, p.name, p.day, p.open_day,
           local_instant(p.open_day, t.local_hour::integer, p.zone)
               + make_interval(mins => t.local_minute::integer),
           CASE WHEN CASE WHEN p.site_id IS NOT NULL THEN p.site_id IN (SELECT c.site_id FROM there c)
                          WHEN p.network_id IS NOT NULL THEN p.network_id IN (SELECT c.network_id FROM there c)
                          ELSE EXISTS (SELECT FROM there c WHERE coalesce(c.site_id, c.network_id) IS NULL) END
                THEN 'exists'
                WHEN p.open_day IS NULL THEN 'no_day' ELSE 'planned' END
    FROM place p;
END;

DROP FUNCTION IF EXISTS convening_template_day(convening_template, bigint);

-- Makes those that are not there: how many. Whoever does the same at once makes none of them again.
CREATE OR REPLACE FUNCTION convening_plan_make(
    t convening_template, p_year bigint, p_network uuid, p_sites text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    made uuid[];
BEGIN
    WITH new AS (
        INSERT INTO convening (district_id, id, school_year, network_id, site_id, kind, title, starts_at, ends_at,
                               location, capacity, reminder_days, convening_template_id)
        SELECT t.district_id, uuid7(), p_year, r.network_id, r.site_id, t.kind, t.name, r.starts_at,
               r.starts_at + make_interval(mins => t.duration_minutes::integer), t.location, t.capacity,
               t.reminder_days, t.id
        FROM convening_plan_rows(t, p_year, p_network, p_sites) r
        WHERE r.outcome = 'planned'
        ON CONFLICT DO NOTHING
        RETURNING id)
    SELECT array_agg(n.id) INTO made FROM new n;
    INSERT INTO agenda_item (district_id, id, convening_id, "position", title, titles, minutes)
    SELECT t.district_id, uuid7(), c, a.place, a.item ->> 'title', coalesce(nullif(a.item -> 'titles', 'null'), '{}'),
           (a.item ->> 'minutes')::bigint
    FROM unnest(made) c CROSS JOIN jsonb_array_elements(t.agenda) WITH ORDINALITY AS a (item, place);
    RETURN coalesce(cardinality(made), 0);
END
$$;

-- The plan as it would be, or as it is by now.
CREATE OR REPLACE FUNCTION convening_plan_preview(p_id uuid, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    WITH place AS MATERIALIZED (
        SELECT r.* FROM convening_plan l
        JOIN convening_template t ON t.district_id = l.district_id AND t.id = l.convening_template_id
        CROSS JOIN LATERAL convening_plan_rows(t, l.school_year, l.network_id, l.site_ids) r
        WHERE l.id = p_id)
    SELECT jsonb_build_object(
        'convening_plan_id', l.id, 'status', l.status, 'school_year', l.school_year,
        'planned', (SELECT count(*) FROM place r WHERE r.outcome = 'planned'),
        'moved', (SELECT count(*) FROM place r WHERE r.outcome = 'planned' AND r.on_date <> r.meant_on),
        'there', (SELECT count(*) FROM place r WHERE r.outcome = 'exists'),
        'without_day', (SELECT count(*) FROM place r WHERE r.outcome = 'no_day'),
        'has_more', (SELECT count(*) > p_most FROM place),
        'places', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'site_id', f.site_id, 'network_id', f.network_id, 'name', f.name, 'outcome', f.outcome,
                'meant_on', f.meant_on, 'starts_at', rfc3339(f.starts_at),
                'is_moved', coalesce(f.on_date <> f.meant_on, false)) ORDER BY f.name, f.site_id, f.network_id)
            FROM (SELECT * FROM place r ORDER BY r.name, r.site_id, r.network_id LIMIT p_most) AS f), '[]'))
    FROM convening_plan l WHERE l.id = p_id);

CREATE OR REPLACE FUNCTION convening_plan_commit(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('convening_plan', p_id, p_version, 'commit');
    l convening_plan;
    t convening_template;
BEGIN
    SELECT o.* INTO l FROM convening_plan o WHERE o.id = p_id;
    SELECT o.* INTO t FROM convening_template o WHERE o.id = l.convening_template_id;
    UPDATE convening_plan o
    SET status = next_status, made = convening_plan_make(t, l.school_year, l.network_id, l.site_ids),
        committed_at = current_setting('kith.now')::timestamptz, committed_by = current_setting('kith.user')::uuid
    WHERE o.id = p_id;
END
$$;

-- Each item of a template's agenda has all of its members.
CREATE OR REPLACE FUNCTION convening_template_agenda() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.agenda := (
        SELECT coalesce(jsonb_agg('{"titles": null, "minutes": null}'::jsonb || a.item ORDER BY a.place), '[]')
        FROM jsonb_array_elements(NEW.agenda) WITH ORDINALITY AS a (item, place));
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER convening_template_agenda BEFORE INSERT OR UPDATE OF agenda ON convening_template
    FOR EACH ROW EXECUTE FUNCTION convening_template_agenda();

-- What a plan says of its sites must be sites of ours.
CREATE OR REPLACE FUNCTION convening_plan_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM unnest(NEW.site_ids) i
               WHERE NOT EXISTS (SELECT FROM site s WHERE s.district_id = NEW.district_id AND s.id::text = i)) THEN
        PERFORM refuse_field('site_ids', '"site_ids" has the id of no site.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER convening_plan_check BEFORE INSERT ON convening_plan
    FOR EACH ROW EXECUTE FUNCTION convening_plan_check();

-- ---- A school year that opens --------------------------------------------------------------------

-- Each open site is asked in the year's second month which partners it has, as long as it was not.
CREATE OR REPLACE FUNCTION roll_calls_plan(y school_year) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO roll_call (district_id, id, site_id, school_year, due_on)
    SELECT y.district_id, uuid7(), s.id, y.school_year,
           coalesce(convening_open_day(greatest(y.starts_on, district_today()) + 60, s.id, y.starts_on, y.ends_on),
                    y.ends_on)
    FROM site s
    WHERE s.district_id = y.district_id AND s.status = 'open' AND s.archived_at IS NULL
      AND NOT EXISTS (SELECT FROM roll_call r
                      WHERE r.district_id = y.district_id AND r.site_id = s.id AND r.school_year = y.school_year
                        AND r.archived_at IS NULL);
END;

-- From the active templates, roll calls of each open site, and drafts of what was adopted for the year before.
CREATE OR REPLACE FUNCTION school_year_plan(y school_year) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t convening_template;
    adopted uuid;
BEGIN
    FOR t IN
        SELECT o.* FROM convening_template o WHERE o.is_active AND o.archived_at IS NULL ORDER BY o.id
    LOOP
        PERFORM convening_plan_make(t, y.school_year, NULL, '{}');
    END LOOP;
    PERFORM roll_calls_plan(y);
    PERFORM site_plans_carry(y);
    FOR adopted IN
        SELECT p.id FROM priority p
        WHERE p.school_year = y.school_year - 1 AND p.status = 'adopted' AND p.archived_at IS NULL
          AND priority_missing(p.id, 'carry_over') = '{}'
        ORDER BY p.id
    LOOP
        PERFORM priority_carry_over(adopted, NULL);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION convening_template_day, convening_open_day, convening_template_places, convening_plan_rows,
    convening_plan_make, convening_plan_preview, convening_plan_commit, convening_plan_check,
    convening_template_agenda, roll_calls_plan, school_year_plan FROM PUBLIC;
GRANT EXECUTE ON FUNCTION convening_template_day, convening_open_day, convening_template_places, convening_plan_rows,
    convening_plan_make, convening_plan_preview, convening_plan_commit, roll_calls_plan, school_year_plan TO kith_api;

RESET ROLE;
