-- What no CHECK can tell of a field: that a day cannot be to come, or that one grade is below another; and that an id names
-- something.

SET ROLE kith_owner;

-- Days on which something has happened.
CREATE OR REPLACE FUNCTION past_days() RETURNS TABLE (name text, field text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('gift', 'received_on'), ('complaint', 'received_on'), ('records_request', 'received_on'),
        ('introduction', 'on_date'), ('readiness_rating', 'rated_on')) AS d (name, field);
END;

CREATE OR REPLACE FUNCTION refuse_day_to_come() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) ->> TG_ARGV[0])::date > district_today() THEN
        PERFORM refuse_field(TG_ARGV[0], format('"%s" must not be in the future.', TG_ARGV[0]));
    END IF;
    RETURN NEW;
END
$$;

DO $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT * FROM past_days() LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER refuse_day_to_come BEFORE INSERT OR UPDATE OF %2$I ON %1$I
             FOR EACH ROW WHEN (current_setting(''kith.now'', true) <> '''')
             EXECUTE FUNCTION refuse_day_to_come(%2$L)', rule.name, rule.field);
    END LOOP;
END
$$;

-- The place of a grade among those that are known: infants, preschool, pre-kindergarten, kindergarten, 1 to 13. NULL: none.
CREATE OR REPLACE FUNCTION grade_place(p_grade text) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN array_position(
    '{IT,PR,PK,TK,K,1,2,3,4,5,6,7,8,9,10,11,12,13}'::text[],
    CASE upper(btrim(p_grade)) WHEN 'KG' THEN 'K' WHEN 'PREK' THEN 'PK' WHEN 'PRE-K' THEN 'PK'
                               ELSE ltrim(upper(btrim(p_grade)), '0') END);

CREATE OR REPLACE FUNCTION site_grades_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF grade_place(NEW.grade_high) < grade_place(NEW.grade_low) THEN
        PERFORM refuse_field('grade_high', '"grade_high" must not be below "grade_low".');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER site_grades_check BEFORE INSERT OR UPDATE OF grade_low, grade_high ON site
    FOR EACH ROW EXECUTE FUNCTION site_grades_check();

-- Whether each of the ids that are asked for names a row of its table; one that is NULL is not asked for.
CREATE OR REPLACE FUNCTION ids_there(p_tables text[], p_ids uuid[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_there boolean;
BEGIN
    FOR place IN 1 .. cardinality(p_ids) LOOP
        IF p_ids[place] IS NOT NULL THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.id = $1)', p_tables[place])
                INTO is_there USING p_ids[place];
            IF NOT is_there THEN
                RETURN false;
            END IF;
        END IF;
    END LOOP;
    RETURN true;
END
$$;

REVOKE EXECUTE ON FUNCTION past_days, refuse_day_to_come, grade_place, site_grades_check, ids_there FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ids_there TO kith_api;

RESET ROLE;
