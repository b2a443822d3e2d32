-- What figures of partnerships count for, beside these: their partners, programs, focus areas and kinds of partners. Those
-- cross each other, and networks, so that no sum of them is shown that does not follow from what is shown anyway
-- (suppress_crossing() of 92_rollup.sql).

SET ROLE kith_owner;

-- A kind of partner is a scope like the others, which have ids.
CREATE OR REPLACE FUNCTION kind_scope(p_kind text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN md5('kind of partner: ' || p_kind)::uuid;

-- The id of a scope as requests name it: by the kind of partner, or by its id. NULL: of the district.
CREATE OR REPLACE FUNCTION scope_id(p_kind text, p_which text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE p_kind WHEN 'kind' THEN kind_scope(p_which) ELSE p_which::uuid END;
END
$$;

-- And which one it is; NULL: another scope.
CREATE OR REPLACE FUNCTION scope_partner_kind(p_scope_kind text, p_scope uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_scope_kind = 'kind' THEN (
    SELECT k FROM unnest('{business,nonprofit,higher_ed,faith_based,government,service_center,civic,other}'::text[]) AS k
    WHERE kind_scope(k) = p_scope) END;

-- A scope as requests name it.
CREATE OR REPLACE FUNCTION scope_text(p_kind text, p_scope uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_kind WHEN 'district' THEN p_kind
                   ELSE p_kind || ':' || coalesce(scope_partner_kind(p_kind, p_scope), p_scope::text) END;

-- And what it is called; NULL: there is none such.
CREATE OR REPLACE FUNCTION scope_name(p_kind text, p_scope uuid) RETURNS text
LANGUAGE sql STABLE
RETURN CASE p_kind
    WHEN 'district' THEN (SELECT d.name FROM district d WHERE d.id = p_scope)
    WHEN 'network' THEN (SELECT n.name FROM network n WHERE n.id = p_scope)
    WHEN 'site' THEN (SELECT s.name FROM site s WHERE s.id = p_scope)
    WHEN 'partner' THEN (SELECT p.name FROM partner p WHERE p.id = p_scope)
    WHEN 'partnership' THEN (SELECT p.name FROM partnership p WHERE p.id = p_scope)
    WHEN 'program' THEN (SELECT g.name FROM program g WHERE g.id = p_scope)
    WHEN 'focus_area' THEN (SELECT a.name FROM focus_area a WHERE a.id = p_scope)
    WHEN 'kind' THEN scope_partner_kind(p_kind, p_scope) END;

-- Of each partnership, its own program, and its focus area or that of the program.
CREATE OR REPLACE FUNCTION partnership_groups()
RETURNS TABLE (partnership_id uuid, partner_id uuid, program_id uuid, focus_area_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT p.id, p.partner_id, p.program_id, coalesce(p.focus_area_id, g.focus_area_id)
    FROM partnership p LEFT JOIN program g ON g.district_id = p.district_id AND g.id = p.program_id
$$;

-- The same as scopes, the partnership itself among them.
CREATE OR REPLACE FUNCTION partnership_scopes()
RETURNS TABLE (partnership_id uuid, scope_kind text, scope_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT g.partnership_id, s.kind, s.id
    FROM partnership_groups() AS g
    JOIN partner r ON r.id = g.partner_id
    CROSS JOIN LATERAL (VALUES ('partnership', g.partnership_id), ('partner', g.partner_id), ('program', g.program_id),
                               ('focus_area', g.focus_area_id), ('kind', kind_scope(r.kind))) AS s (kind, id)
    WHERE s.id IS NOT NULL
$$;

-- And back: the partnerships of such a scope.
CREATE OR REPLACE FUNCTION scope_partnerships(p_kind text, p_id uuid) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE AS $$
    SELECT p_id WHERE p_kind = 'partnership'
    UNION ALL
    SELECT p.id FROM partnership p WHERE p_kind = 'partner' AND p.partner_id = p_id
    UNION ALL
    SELECT p.id FROM partnership p WHERE p_kind = 'program' AND p.program_id = p_id
    UNION ALL
    SELECT p.id FROM partnership p WHERE p_kind = 'focus_area' AND p.focus_area_id = p_id
    UNION ALL
    SELECT p.id FROM program g JOIN partnership p ON p.program_id = g.id AND p.focus_area_id IS NULL
    WHERE p_kind = 'focus_area' AND g.focus_area_id = p_id
    UNION ALL
    SELECT p.id FROM partner r JOIN partnership p ON p.partner_id = r.id
    WHERE p_kind = 'kind' AND r.kind = scope_partner_kind(p_kind, p_id)
$$;

-- Where a partnership works in a period, for each scope that it counts for.
DROP FUNCTION IF EXISTS tally_works_at();
CREATE OR REPLACE FUNCTION tally_works_at()
RETURNS TABLE (scope_kind text, scope_id uuid, site_id uuid, from_date date, until_date date)
LANGUAGE sql STABLE AS $$
    SELECT p.scope_kind, p.scope_id, s.site_id, coalesce(s.from_date, '-infinity'), coalesce(s.until_date, 'infinity')
    FROM partnership_site s JOIN partnership_scopes() AS p ON p.partnership_id = s.partnership_id
    WHERE s.archived_at IS NULL
$$;

REVOKE EXECUTE ON FUNCTION kind_scope, scope_id, scope_partner_kind, scope_text, scope_name, partnership_groups,
    partnership_scopes, scope_partnerships, tally_works_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kind_scope, scope_id, scope_partner_kind, scope_text, scope_name, partnership_groups,
    scope_partnerships TO kith_api;

RESET ROLE;
