-- What a change of an observation, or of what figures are counted from, makes old: marks for kith-kpi.

SET ROLE kith_owner;

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
         SELECT s.*, c.computed_from FROM unnest($1) AS c (computed_from) CROSS JOIN ('
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
            WHEN 'survey_answer' THEN -- of the day on which it closes
                'SELECT DISTINCT r.district_id, NULL::uuid,
                     extract(year FROM r.closes_on + interval ''6 months'')::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'site_year' THEN -- and the years since then, which may have no students of their own
                'SELECT DISTINCT r.district_id, NULL::uuid, y, NULL::uuid, true
                 FROM %s AS r
                 CROSS JOIN LATERAL generate_series(r.school_year::integer, greatest(
                     r.school_year, extract(year FROM r.updated_at + interval ''6 months''))::integer) AS y'
            WHEN 'family_year' THEN -- whose days are others
                'SELECT DISTINCT r.district_id, NULL::uuid, r.school_year::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'partnership_year' THEN
                'SELECT DISTINCT r.district_id, NULL::uuid, r.school_year::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'works_at' THEN
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'lead' THEN -- where check-ins and answers count, of any year
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, true FROM %s AS r'
            WHEN 'calendar' THEN
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, true FROM %s AS r'
            ELSE
                'SELECT DISTINCT r.district_id, NULL::uuid, NULL::integer, NULL::uuid, false FROM %s AS r'
        END || ') AS s', rows)
    USING CASE WHEN TG_ARGV[0] = 'lead' THEN ARRAY['check_in', 'survey_answer', 'pledge']
               WHEN TG_ARGV[0] = 'family_year' THEN ARRAY['family_plan']
               WHEN TG_ARGV[0] IN ('partnership', 'partnership_year', 'works_at') THEN ARRAY['partnership', 'site_year']
               WHEN TG_ARGV[0] = 'investment' THEN ARRAY['investment', 'site_year']
               WHEN TG_ARGV[0] = 'survey_answer' THEN ARRAY['survey_answer', 'survey']
               WHEN TG_ARGV[0] IN ('calendar', 'scope') THEN ARRAY[NULL]
               ELSE ARRAY[TG_ARGV[0]] END;
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
            ('need', 'need', 'status,opened_at,site_id,focus_area_id,archived_at'),
            ('survey', 'survey_answer', 'status,closes_on,counted_at,archived_at'),
            ('site_year', 'site_year', 'site_id,school_year,enrollment,archived_at'),
            ('reporting_quarter', 'calendar', 'school_year,starts_on,ends_on,archived_at'),
            ('partnership_site', 'scope',
             'partnership_id,site_id,from_date,until_date,archived_at'),
            ('partnership', 'scope', 'partner_id,program_id,focus_area_id'),
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

-- Of active partners the years of partnerships, and a year that opens; of family plans the days of a year.
DO $$
DECLARE
    marked record;
    event record;
BEGIN
    FOR marked IN
        SELECT * FROM (VALUES
            ('partnership', 'partners', 'partnership',
             'partner_id,status,starts_on,ended_on,activated_at,lead_site_id,archived_at'),
            ('partnership_site', 'partners', 'works_at', 'partnership_id,site_id,from_date,until_date,archived_at'),
            ('school_year', 'partners', 'partnership_year', 'school_year,status,archived_at'),
            ('school_year', 'families', 'family_year', 'school_year,starts_on,ends_on,archived_at'))
            AS m (name, whose, cause, fields)
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
                format('mark_%s_%s', marked.whose, lower(event.name)), event.name, marked.name, event.transition, marked.cause,
                marked.fields);
        END LOOP;
    END LOOP;
END
$$;

CREATE OR REPLACE TRIGGER mark_lead AFTER UPDATE ON partnership
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mark_rollups('lead', 'lead_site_id');

-- What partnerships count for (91_group.sql) is another: what lies above sites is made anew.
CREATE OR REPLACE FUNCTION mark_group() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO rollup_mark (district_id) VALUES (NEW.district_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_group AFTER UPDATE ON partner
    FOR EACH ROW WHEN (NEW.kind IS DISTINCT FROM OLD.kind) EXECUTE FUNCTION mark_group();
CREATE OR REPLACE TRIGGER mark_group AFTER UPDATE ON program
    FOR EACH ROW WHEN (NEW.focus_area_id IS DISTINCT FROM OLD.focus_area_id) EXECUTE FUNCTION mark_group();

-- Of what is made of several tables the years that a row is of: of the students of a site, of those that are told since;
-- of needs, of those in which partnerships that came of them were active; of what a closed survey found, of its close.
CREATE OR REPLACE FUNCTION mark_years() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('kith.district', true), '');
    district constant uuid := coalesce(NEW.district_id, OLD.district_id);
BEGIN
    PERFORM set_config('kith.district', district::text, true);
    INSERT INTO rollup_mark (district_id, indicator_id, school_year, is_whole)
    SELECT DISTINCT district, i.id, y.school_year, true
    FROM (VALUES (to_jsonb(OLD)), (to_jsonb(NEW))) AS v (row)
    CROSS JOIN LATERAL jsonb_to_record(v.row) AS r (id uuid, need_id uuid, partnership_id uuid, activated_at timestamptz)
    CROSS JOIN LATERAL (
        SELECT 'site_year' AS computed_from, generate_series(
                   min(e.school_year), extract(year FROM business_now() + interval '6 months')::bigint) AS school_year
        FROM site_year e WHERE TG_TABLE_NAME = 'site' AND e.district_id = district AND e.site_id = r.id
        UNION ALL
        SELECT 'pledge', extract(year FROM w.activated_at + h * interval '14 hours' + interval '6 months')::bigint
        FROM (SELECT r.activated_at WHERE TG_TABLE_NAME = 'partnership'
              UNION ALL
              SELECT p.activated_at FROM pledge o
              JOIN partnership p ON p.district_id = o.district_id AND p.id = o.partnership_id
              WHERE TG_TABLE_NAME = 'need' AND o.district_id = district AND o.need_id = r.id
              UNION ALL
              SELECT p.activated_at FROM partnership p
              WHERE TG_TABLE_NAME = 'pledge' AND p.district_id = district AND p.id = r.partnership_id) AS w
        CROSS JOIN generate_series(-1, 1) AS h) AS y
    JOIN indicator i ON i.district_id = district AND i.computed_from = y.computed_from
    WHERE v.row IS NOT NULL AND y.school_year IS NOT NULL;
    PERFORM set_config('kith.district', before, true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_years AFTER UPDATE ON site
    FOR EACH ROW WHEN ((NEW.status, NEW.archived_at, NEW.network_id) IS DISTINCT FROM (OLD.status, OLD.archived_at, OLD.network_id))
    EXECUTE FUNCTION mark_years();
CREATE OR REPLACE TRIGGER mark_years AFTER UPDATE ON partnership
    FOR EACH ROW WHEN ((NEW.activated_at, NEW.archived_at) IS DISTINCT FROM (OLD.activated_at, OLD.archived_at))
    EXECUTE FUNCTION mark_years();
CREATE OR REPLACE TRIGGER mark_years AFTER UPDATE ON need
    FOR EACH ROW WHEN ((NEW.opened_at, NEW.site_id, NEW.focus_area_id, NEW.archived_at)
        IS DISTINCT FROM (OLD.opened_at, OLD.site_id, OLD.focus_area_id, OLD.archived_at))
    EXECUTE FUNCTION mark_years();
CREATE OR REPLACE TRIGGER mark_years AFTER INSERT OR DELETE OR UPDATE OF need_id, partnership_id, archived_at ON pledge
    FOR EACH ROW EXECUTE FUNCTION mark_years();

-- What may be told of a survey that is closed is more, or another.
CREATE OR REPLACE FUNCTION mark_surveyed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('kith.district', true), '');
    district uuid;
BEGIN
    FOR district IN SELECT DISTINCT c.district_id FROM changed_rows c LOOP
        PERFORM set_config('kith.district', district::text, true);
        INSERT INTO rollup_mark (district_id, school_year, is_whole, computed_from)
        SELECT DISTINCT district, extract(year FROM s.closes_on + interval '6 months')::integer, true, 'survey'
        FROM (SELECT DISTINCT c.survey_id FROM changed_rows c WHERE c.district_id = district) AS c
        JOIN survey s ON s.district_id = district AND s.id = c.survey_id AND s.status = 'closed';
    END LOOP;
    PERFORM set_config('kith.district', before, true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_insert AFTER INSERT ON survey_tally
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_surveyed();
CREATE OR REPLACE TRIGGER mark_update AFTER UPDATE ON survey_tally
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_surveyed();
CREATE OR REPLACE TRIGGER mark_delete AFTER DELETE ON survey_tally
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_surveyed();

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
    WHERE i.district_id = NEW.id AND i.computed_from IN ('check_in', 'need', 'pledge');
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
    AFTER UPDATE OF indicator_id, site_id, partnership_id, cohort, school_year, numerator, denominator, missing,
        weighted_by, as_of, archived_at ON observation
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION mark_observations();

REVOKE EXECUTE ON FUNCTION mark_rollups, mark_observations, mark_zone, mark_group, mark_years,
    mark_surveyed, mark_family FROM PUBLIC;

RESET ROLE;
