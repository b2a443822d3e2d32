-- Which rows a writer may write: those that the grants cover by which it may write them at all. Everybody
-- reads the whole district, and the programs that are no API are bound by none of this.
--
-- kith.scope, set by kith_enter(), is what is covered: '*' the district; else the ids of sites with commas
-- between, or 'none'; and 'own' behind them, or alone, where it is for what is private, and 'mine' where what a writer is
-- responsible for counts (24_own.sql). A unit that is not a writer's has none, and writes no row that is listed here.

SET ROLE kith_owner;

-- By position: a list of ids would be parsed again for every row, and an id is never part of another.
CREATE OR REPLACE FUNCTION kith_covers(p_site uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN current_setting('kith.scope', true) = '*'
    OR strpos(current_setting('kith.scope', true), p_site::text) > 0;

-- The rest of a check that failed: a code of ours, as 42501 also tells of our own bugs.
CREATE OR REPLACE FUNCTION refuse_outside() RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'outside of what the grants cover' USING ERRCODE = 'KIOUT';
END
$$;

-- Whether a contact is covered: by a place that has not ended at a partner that is covered or the user's own, or where
-- all its places are at such partners. Whoever makes a contact gives it its first place. Who works in the district by
-- more than that place is the district's.
CREATE OR REPLACE FUNCTION contact_is_covered(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := nullif(current_setting('kith.district', true), '')::uuid;
    scope text := coalesce(current_setting('kith.scope', true), '');
    today date;
BEGIN
    IF scope IN ('*', '', 'own') THEN
        RETURN scope = '*';
    END IF;
    today := district_today();
    RETURN (
        SELECT coalesce(bool_or(o.goes_on AND o.covered) OR bool_and(o.covered), true)
        FROM (SELECT coalesce(a.until_date >= today, true) AS goes_on,
                     coalesce(kith_covers(p.lead_site_id), false)
                         OR scope_has_mine() AND partner_is_own(p.id, p.owner_id) AS covered
              FROM affiliation a
              JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
              WHERE a.district_id = district AND a.contact_id = p_id AND a.archived_at IS NULL) AS o)
        AND NOT EXISTS (
            SELECT FROM app_user u
            JOIN user_grant g ON g.district_id = u.district_id AND g.user_id = u.id
            WHERE u.district_id = district AND u.contact_id = p_id
              AND g.role <> 'partner' AND g.archived_at IS NULL);
END
$$;

-- Whether a row of the table is inside, as an expression over its columns: a grant covers it, or it is the writer's own
-- to see to.
CREATE OR REPLACE FUNCTION inside_expression(p_table text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN scope_expression(p_table) || coalesce(
        ' OR scope_has_mine() AND (' || (SELECT o.own FROM own_rows() o WHERE o.name = p_table) || ')', '');
END
$$;

-- Whether a grant covers it. Columns of whoever has the whole district are not looked at.
CREATE OR REPLACE FUNCTION scope_expression(p_table text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    s record;
BEGIN
    SELECT * INTO STRICT s FROM tenant_tables() t WHERE t.name = p_table;
    CASE s.scope
    WHEN 'any' THEN
        RETURN $e$current_setting('kith.scope', true) NOT IN ('', 'own')$e$;
    WHEN 'district', 'common' THEN
        RETURN $e$current_setting('kith.scope', true) = '*'$e$;
    WHEN 'site' THEN
        RETURN format('kith_covers(%I.%I)', p_table, s.field);
    WHEN 'place' THEN -- who covers all sites of a network covers the network
        RETURN format(
            $e$kith_covers(%1$I.%2$I) OR %1$I.%2$I IS NULL AND EXISTS (
                SELECT FROM site WHERE site.district_id = %1$I.district_id
                AND site.network_id = %1$I.network_id
                HAVING bool_and(kith_covers(site.id)))$e$, p_table, s.field);
    WHEN 'placed' THEN
        RETURN format('contact_is_covered(%I.id)', p_table);
    WHEN 'parent', 'tie' THEN
        RETURN format(
            $e$current_setting('kith.scope', true) = '*' OR EXISTS (
                SELECT FROM %1$I WHERE %1$I.district_id = %2$I.district_id AND %1$I.id = %2$I.%3$I
                AND (%4$s))$e$, s.parent, p_table, s.field, inside_expression(s.parent));
    WHEN 'subject' THEN
        RETURN $e$current_setting('kith.scope', true) = '*' OR $e$ || (
            SELECT string_agg(format(
                $e$%1$I.%2$I IS NOT NULL AND EXISTS (
                    SELECT FROM %3$I WHERE %3$I.district_id = %1$I.district_id AND %3$I.id = %1$I.%2$I
                    AND (%4$s))$e$, p_table, one || '_id', one, inside_expression(one)), ' OR ')
            FROM string_to_table(s.parent, ',') AS one);
    WHEN 'members' THEN
        RETURN format(
            $e$kith_covers(%1$I.%2$I) OR EXISTS (
                SELECT FROM %3$I WHERE %3$I.district_id = %1$I.district_id AND %3$I.%4$I = %1$I.id
                AND %3$I.archived_at IS NULL AND kith_covers(%3$I.site_id))$e$,
            p_table, s.field, s.parent, p_table || '_id');
    WHEN 'links' THEN
        RETURN format(
            $e$current_setting('kith.scope', true) = '*'
            OR current_setting('kith.scope', true) NOT IN ('', 'own') AND NOT EXISTS (
                SELECT FROM %2$I WHERE %2$I.district_id = %1$I.district_id AND %2$I.%3$I = %1$I.id
                AND %2$I.archived_at IS NULL AND (%4$s) IS NOT TRUE)$e$,
            p_table, s.parent, p_table || '_id', inside_expression(s.parent));
    WHEN 'addressee' THEN
        RETURN format(
            $e$%1$I.%2$I::text = current_setting('kith.user', true)
            OR current_setting('kith.scope', true) = '*' OR EXISTS (
                SELECT FROM %3$I WHERE %3$I.district_id = %1$I.district_id AND %3$I.id = %1$I.%4$I
                AND (%5$s))$e$, p_table, s.field, s.parent, s.parent || '_id', inside_expression(s.parent));
    WHEN 'owner' THEN
        RETURN format(
            $e$%I.%I::text = current_setting('kith.user', true)
            OR current_setting('kith.scope', true) = '*' AND kith_has_role('admin,director')$e$, p_table, s.field);
    WHEN 'person' THEN
        RETURN format($e$%I.%I::text = current_setting('kith.user', true)
            OR current_setting('kith.scope', true) = '*' AND kith_has_role('admin')$e$,
                      p_table, s.field);
    WHEN 'admin' THEN
        RETURN $e$current_setting('kith.scope', true) = '*' AND kith_has_role('admin')$e$;
    END CASE;
END
$$;

-- What is the writer's own stays where it is: only by grants, of which the argument tells whether they cover a row, does
-- one go from one place to another.
CREATE OR REPLACE FUNCTION keep_place() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    one record;
    is_covered boolean;
BEGIN
    IF current_user <> 'kith_api' THEN
        RETURN NEW;
    END IF;
    FOREACH one IN ARRAY ARRAY[OLD, NEW] LOOP
        EXECUTE format('SELECT %s FROM (SELECT ($1).*) AS %I', TG_ARGV[0], TG_TABLE_NAME)
        INTO is_covered USING one;
        IF is_covered IS NOT TRUE THEN
            PERFORM refuse_outside();
        END IF;
    END LOOP;
    RETURN NEW;
END
$$;

-- An UPDATE or DELETE does not see the row that is not covered; a new row, or a row's new content, that
-- is not covered is KIOUT. (ON CONFLICT DO UPDATE of one that is not covered is 42501: nobody does that.)
DO $$
DECLARE
    scoped text;
    private text; -- whose row is written for what is private of it
    kind text;
    places text[];
    covered text;
    made text;
    changed text;
    seen text;
    checked constant text := 'CASE WHEN %s THEN true ELSE refuse_outside() END';
    told text := ''; -- the same of one row, for whoever asks before writing it
BEGIN
    FOR scoped, kind, private, made, places IN
        SELECT t.name, t.scope, ' OR scope_has_own() AND (' || p.own || ')',
               ' OR scope_has_mine() AND (' || o.makes || ')',
               CASE WHEN o.name IS NOT NULL AND t.scope = 'subject'
                    THEN ARRAY(SELECT one || '_id' FROM string_to_table(t.parent, ',') AS one) ELSE o.place END
        FROM tenant_tables() t LEFT JOIN private_tables() p USING (name) LEFT JOIN own_rows() o USING (name)
        WHERE t.scope IS NOT NULL
    LOOP
        covered := scope_expression(scoped) || coalesce(private, '');
        IF kind = 'tie' THEN
            covered := '(' || covered || ') AND contact_is_covered(contact_id)';
        END IF;
        seen := inside_expression(scoped) || coalesce(private, '');
        -- Of what is the writer's own it is the old row that tells, and keep_place() that it stays where it is.
        changed := covered || CASE WHEN places IS NULL THEN '' ELSE ' OR scope_has_mine()' END;
        EXECUTE format('DROP POLICY IF EXISTS scope_insert ON %I', scoped);
        EXECUTE format('DROP POLICY IF EXISTS scope_update ON %I', scoped);
        EXECUTE format('DROP POLICY IF EXISTS scope_delete ON %I', scoped);
        EXECUTE format('CREATE POLICY scope_insert ON %I AS RESTRICTIVE FOR INSERT TO kith_api
                        WITH CHECK (%s)', scoped, format(checked, CASE kind
            WHEN 'common' THEN $e$current_setting('kith.scope', true) NOT IN ('', 'own')$e$
            ELSE covered || coalesce(made, '') END));
        EXECUTE format('CREATE POLICY scope_update ON %I AS RESTRICTIVE FOR UPDATE TO kith_api
                        USING (%s) WITH CHECK (%s)', scoped, seen, format(checked, changed));
        EXECUTE format('CREATE POLICY scope_delete ON %I AS RESTRICTIVE FOR DELETE TO kith_api
                        USING (%s)', scoped, seen);
        told := told || format(
            'WHEN %L THEN RETURN EXISTS (SELECT FROM %I WHERE id = p_id AND (%s) AND (%s)); ', scoped, scoped, seen, changed);
        IF places IS NOT NULL THEN
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER keep_place BEFORE UPDATE ON %I FOR EACH ROW
                 WHEN (strpos(current_setting(''kith.scope'', true), ''mine'') > 0 AND (%s) IS DISTINCT FROM (%s))
                 EXECUTE FUNCTION keep_place(%L)', scoped,
                (SELECT string_agg(format('OLD.%I', c), ', ') FROM unnest(places) AS c),
                (SELECT string_agg(format('NEW.%I', c), ', ') FROM unnest(places) AS c), scope_expression(scoped));
        END IF;
    END LOOP;
    EXECUTE format('CREATE OR REPLACE FUNCTION row_is_inside(p_table text, p_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS %L',
                   'BEGIN CASE p_table ' || told || 'ELSE RETURN true; END CASE; END');
    FOR scoped IN SELECT t.name FROM private_tables() t WHERE t.columns IS NOT NULL LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER a_keep_to_private BEFORE UPDATE ON %I FOR EACH ROW
                        WHEN (strpos(current_setting(''kith.scope'', true), ''own'') > 0) EXECUTE FUNCTION keep_to_private()', scoped);
    END LOOP;
END
$$;

-- The same of one partnership, for what asks it of several.
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION partnership_is_inside(p_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS %L',
        format('BEGIN RETURN EXISTS (SELECT FROM partnership WHERE partnership.district_id = '
               'current_setting(''kith.district'')::uuid AND partnership.id = p_id AND (%s)); END',
               inside_expression('partnership')));
END
$$;

REVOKE EXECUTE ON FUNCTION partnership_is_inside, row_is_inside, kith_covers, refuse_outside, contact_is_covered, inside_expression, scope_expression, keep_place
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION row_is_inside, kith_covers, refuse_outside, contact_is_covered TO kith_api;

RESET ROLE;
