-- Closings of sites that a file proposes, and the task that they are.

SET ROLE kith_owner;

-- By a change of its status a site closes where nothing goes on.
CREATE OR REPLACE FUNCTION guard_site_status() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM site_items(NEW.id, district_today()) i WHERE i.way IN ('moves', 'ends', 'goes')) THEN
        PERFORM refuse_field('status', 'There is what goes on at the site: close it, or merge it into another.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_site_status BEFORE UPDATE ON site
    FOR EACH ROW WHEN (NEW.status IN ('closed', 'merged') AND OLD.status NOT IN ('closed', 'merged')
        AND current_user = 'kith_api' AND current_setting('kith.import', true) = '')
    EXECUTE FUNCTION guard_site_status();

-- A file that says so proposes it where anything is to be settled: the site stays as it is, the row's report says why,
-- and whoever runs the program decides. What somebody has called off is not proposed again within the school year, however
-- often the same file comes. As the owner: a file of sites has no scope over their closings.
CREATE OR REPLACE FUNCTION site_closing_propose() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    by_import constant uuid := current_setting('kith.import')::uuid;
    today constant date := district_today();
BEGIN
    IF NOT EXISTS (SELECT FROM site_items(NEW.id, today)) THEN
        RETURN NEW;
    END IF;
    INSERT INTO site_closing (district_id, id, site_id, into_site_id, kind, on_date, status, import_id)
    SELECT NEW.district_id, uuid7(), NEW.id, NEW.merged_into,
           CASE WHEN NEW.merged_into IS NULL THEN 'close' ELSE 'merge' END, today, 'proposed', by_import
    WHERE NOT EXISTS (
        SELECT FROM site_closing c
        WHERE c.district_id = NEW.district_id AND c.site_id = NEW.id
          AND (c.status IN ('proposed', 'planned')
               OR c.status IN ('cancelled', 'undone') AND c.user_id IS NOT NULL
                  AND c.on_date >= (SELECT y.starts_on FROM school_year_span(school_year_today()) y)
                  AND c.into_site_id IS NOT DISTINCT FROM NEW.merged_into));
    UPDATE import_row r SET faults = jsonb_build_array(jsonb_build_object(
        'column', coalesce(i.mapping ->> 'status', 'status'), 'code', 'proposed',
        'detail', 'is proposed, and not done: there is what goes on at the site'))
    FROM import i
    WHERE i.district_id = NEW.district_id AND i.id = by_import AND r.district_id = NEW.district_id AND r.import_id = by_import AND r.row_id = NEW.id;
    NEW.status := OLD.status;
    NEW.merged_into := OLD.merged_into;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER site_closing_propose BEFORE UPDATE ON site
    FOR EACH ROW WHEN (NEW.status IN ('closed', 'merged') AND OLD.status NOT IN ('closed', 'merged')
        AND current_setting('kith.import', true) <> '')
    EXECUTE FUNCTION site_closing_propose();

-- With the file goes what it has proposed and nobody has decided.
CREATE OR REPLACE FUNCTION site_closing_withdraw() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE site_closing c SET status = 'cancelled'
    WHERE c.district_id = NEW.district_id AND c.import_id = NEW.id AND c.status = 'proposed';
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER site_closing_withdraw AFTER UPDATE OF status ON import
    FOR EACH ROW WHEN (NEW.status = 'reverted' AND OLD.status <> 'reverted')
    EXECUTE FUNCTION site_closing_withdraw();

-- A month before it closes, and as long as something is left there; and what a file proposes.
CREATE OR REPLACE FUNCTION my_site_closing(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, s.name, c.on_date, NULL::uuid
    FROM site_closing c
    JOIN site s ON s.district_id = c.district_id AND s.id = c.site_id
    WHERE c.district_id = current_setting('kith.district')::uuid AND user_has_role(p_user, '{director}', p_day)
      AND (c.status = 'proposed'
           OR c.status = 'planned' AND c.on_date <= p_day + 30
              AND (site_closing_preview(c.site_id, c.into_site_id, c.on_date) ->> 'left')::integer > 0);
END;

REVOKE EXECUTE ON FUNCTION guard_site_status, site_closing_propose, site_closing_withdraw, my_site_closing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION my_site_closing TO kith_api;

RESET ROLE;
