-- Which rows a writer may write: those that the grants cover by which it may write them at all. Everybody
-- reads the whole district, and the programs that are no API are bound by none of this.
--
-- kith.scope, set by kith_enter(), is what is covered: '*' the district; else the ids of sites with commas
-- between, or 'none'. A unit that is not a writer's has none, and writes no row that is listed here.

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

-- How it is known what covers a table's rows. A test compares this with the catalogue, and with the
-- declarations of the API's resources.
--   any       whoever may write the table at all
--   district  a grant over the whole district
--   site      the site that the field names; without one, the whole district
--   members   the same, or a site that a row of the parent names, which is a table of its members
--   parent    what covers the row of the parent that the field names
--   links     what covers each row of the parent that names it, which is a table of its links; without
--             a link, any
--   addressee the person whom the field names; or what covers the row of the parent
--   person    the person whom the field names; or an administrator
--   admin     an administrator
CREATE OR REPLACE FUNCTION write_scopes()
RETURNS TABLE (name text, kind text, field text, parent text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('district', 'district', NULL, NULL),
        ('app_user', 'person', 'id', NULL),
        ('user_grant', 'admin', NULL, NULL),
        ('access_token', 'person', 'user_id', NULL),
        ('network', 'district', NULL, NULL),
        ('site', 'site', 'id', NULL),
        ('partner', 'site', 'lead_site_id', NULL),
        ('focus_area', 'district', NULL, NULL),
        ('contact', 'any', NULL, NULL),
        ('affiliation', 'parent', 'partner_id', 'partner'),
        ('program', 'parent', 'partner_id', 'partner'),
        ('program_site', 'site', 'site_id', NULL),
        ('reporting_quarter', 'district', NULL, NULL),
        ('closed_day', 'site', 'site_id', NULL),
        ('blackout', 'site', 'site_id', NULL),
        ('partnership', 'members', 'lead_site_id', 'partnership_site'),
        ('partnership_site', 'parent', 'partnership_id', 'partnership'),
        ('partnership_role', 'parent', 'partnership_id', 'partnership'),
        ('goal', 'parent', 'partnership_id', 'partnership'),
        ('agreement', 'links', NULL, 'agreement_partnership'),
        ('agreement_partnership', 'parent', 'partnership_id', 'partnership'),
        ('investment', 'parent', 'partnership_id', 'partnership'),
        ('import', 'any', NULL, NULL),
        ('survey', 'site', 'site_id', NULL),
        ('survey_invitation', 'addressee', 'user_id', 'survey'),
        ('survey_answer', 'parent', 'survey_invitation_id', 'survey_invitation'),
        ('indicator', 'district', NULL, NULL),
        ('observation', 'district', NULL, NULL),
        ('release', 'district', NULL, NULL),
        ('check_in', 'parent', 'partnership_id', 'partnership'),
        ('check_in_half', 'parent', 'check_in_id', 'check_in'),
        ('check_in_goal', 'parent', 'check_in_id', 'check_in'),
        ('action_item', 'parent', 'partnership_id', 'partnership'),
        ('call_task', 'parent', 'partnership_id', 'partnership'),
        ('message', 'any', NULL, NULL),
        ('preference', 'any', NULL, NULL),
        ('address_suppression', 'any', NULL, NULL))
        AS s (name, kind, field, parent);
END;

-- Whether a row of the table is covered, as an expression over its columns. Columns of whoever has the
-- whole district are not looked at.
CREATE OR REPLACE FUNCTION scope_expression(p_table text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    s record;
BEGIN
    SELECT * INTO STRICT s FROM write_scopes() w WHERE w.name = p_table;
    CASE s.kind
    WHEN 'any' THEN
        RETURN $e$current_setting('kith.scope', true) <> ''$e$;
    WHEN 'district' THEN
        RETURN $e$current_setting('kith.scope', true) = '*'$e$;
    WHEN 'site' THEN
        RETURN format('kith_covers(%I.%I)', p_table, s.field);
    WHEN 'parent' THEN
        RETURN format(
            $e$current_setting('kith.scope', true) = '*' OR EXISTS (
                SELECT FROM %1$I WHERE %1$I.district_id = %2$I.district_id AND %1$I.id = %2$I.%3$I
                AND (%4$s))$e$, s.parent, p_table, s.field, scope_expression(s.parent));
    WHEN 'members' THEN
        RETURN format(
            $e$kith_covers(%1$I.%2$I) OR EXISTS (
                SELECT FROM %3$I WHERE %3$I.district_id = %1$I.district_id AND %3$I.%4$I = %1$I.id
                AND %3$I.archived_at IS NULL AND kith_covers(%3$I.site_id))$e$,
            p_table, s.field, s.parent, p_table || '_id');
    WHEN 'links' THEN
        RETURN format(
            $e$current_setting('kith.scope', true) = '*'
            OR current_setting('kith.scope', true) <> '' AND NOT EXISTS (
                SELECT FROM %2$I WHERE %2$I.district_id = %1$I.district_id AND %2$I.%3$I = %1$I.id
                AND %2$I.archived_at IS NULL AND (%4$s) IS NOT TRUE)$e$,
            p_table, s.parent, p_table || '_id', scope_expression(s.parent));
    WHEN 'addressee' THEN
        RETURN format(
            $e$%1$I.%2$I::text = current_setting('kith.user', true)
            OR current_setting('kith.scope', true) = '*' OR EXISTS (
                SELECT FROM %3$I WHERE %3$I.district_id = %1$I.district_id AND %3$I.id = %1$I.%4$I
                AND (%5$s))$e$, p_table, s.field, s.parent, s.parent || '_id', scope_expression(s.parent));
    WHEN 'person' THEN
        RETURN format($e$%I.%I::text = current_setting('kith.user', true) OR kith_has_role('admin')$e$,
                      p_table, s.field);
    WHEN 'admin' THEN
        RETURN $e$kith_has_role('admin')$e$;
    END CASE;
END
$$;

-- An UPDATE or DELETE does not see the row that is not covered; a new row, or a row's new content, that
-- is not covered is KIOUT. (ON CONFLICT DO UPDATE of one that is not covered is 42501: nobody does that.)
DO $$
DECLARE
    scoped text;
    expression text;
    checked text;
BEGIN
    FOR scoped IN SELECT w.name FROM write_scopes() w LOOP
        expression := scope_expression(scoped);
        checked := format('CASE WHEN %s THEN true ELSE refuse_outside() END', expression);
        EXECUTE format('DROP POLICY IF EXISTS scope_insert ON %I', scoped);
        EXECUTE format('DROP POLICY IF EXISTS scope_update ON %I', scoped);
        EXECUTE format('DROP POLICY IF EXISTS scope_delete ON %I', scoped);
        EXECUTE format('CREATE POLICY scope_insert ON %I AS RESTRICTIVE FOR INSERT TO kith_api
                        WITH CHECK (%s)', scoped, checked);
        EXECUTE format('CREATE POLICY scope_update ON %I AS RESTRICTIVE FOR UPDATE TO kith_api
                        USING (%s) WITH CHECK (%s)', scoped, expression, checked);
        EXECUTE format('CREATE POLICY scope_delete ON %I AS RESTRICTIVE FOR DELETE TO kith_api
                        USING (%s)', scoped, expression);
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION kith_covers, refuse_outside, write_scopes, scope_expression FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kith_covers, refuse_outside TO kith_api;

RESET ROLE;
