-- The first statement of every unit says for whom it works. The settings end with the transaction.
-- p_request is the request's id and, behind a semicolon, its W3C traceparent, if it has one: the audit log tells
-- the one, and events pass the other on.
--
-- PERFORM and SELECT cost an executor run each; an assignment of a plain expression does not. That is
-- why set_config() is called in expressions here.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION kith_context(
    p_district uuid, p_user text, p_roles text, p_now text, p_request text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ignored text;
BEGIN
    ignored := set_config('kith.district', p_district::text, true)
        || set_config('kith.user', p_user, true)
        || set_config('kith.roles', p_roles, true)
        || set_config('kith.now', p_now, true)
        || set_config('kith.request', split_part(p_request, ';', 1), true)
        || set_config('kith.trace', split_part(p_request, ';', 2), true)
        || set_config('kith.import', '', true)
        || set_config('kith.scope', '', true);
END
$$;

-- What the grants cover by which somebody may write: '*' the district, else the ids of sites, or 'none'
-- (25_scope.sql). The grants are those that hold today, as kith_enter() tells them.
CREATE OR REPLACE FUNCTION kith_scope(p_district uuid, p_grants jsonb, p_needed text[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH used AS (
            SELECT g.scope_kind, g.scope_id
            FROM jsonb_to_recordset(p_grants) AS g (role text, scope_kind text, scope_id uuid)
            WHERE g.role = 'admin' OR g.role = ANY (p_needed)),
        covered AS (
            SELECT u.scope_id AS id FROM used u WHERE u.scope_kind = 'site'
            UNION
            SELECT s.id FROM site s
            WHERE s.district_id = p_district AND s.network_id = ANY (ARRAY(
                SELECT u.scope_id FROM used u WHERE u.scope_kind = 'network')))
        SELECT CASE WHEN EXISTS (SELECT FROM used u WHERE u.scope_kind = 'district') THEN '*'
            ELSE coalesce((SELECT string_agg(c.id::text, ',') FROM covered c), 'none') END);
END
$$;

-- The grants of an API key that is for one network or site: what of them lies there. Who runs the whole district
-- coordinates there, and loads files as a director of the place would.
DROP FUNCTION IF EXISTS kith_narrow(uuid, jsonb, text, uuid);
CREATE OR REPLACE FUNCTION kith_narrow(p_district uuid, p_grants jsonb, p_kind text, p_id uuid, p_loads boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object(
            'role', CASE WHEN g.role NOT IN ('admin', 'director') THEN g.role
                         WHEN p_loads THEN 'director' ELSE 'coordinator' END,
            'scope_kind', n.kind, 'scope_id', n.id)), '[]')
        FROM jsonb_to_recordset(p_grants) AS g (role text, scope_kind text, scope_id uuid)
        CROSS JOIN LATERAL (
            SELECT p_kind AS kind, p_id AS id
            WHERE g.scope_kind = 'district' OR g.scope_kind = p_kind AND g.scope_id = p_id
            UNION ALL
            SELECT 'site', s.id FROM site s
            WHERE g.scope_kind = 'site' AND p_kind = 'network'
              AND s.district_id = p_district AND s.id = g.scope_id AND s.network_id = p_id
            UNION ALL
            SELECT 'site', s.id FROM site s
            WHERE g.scope_kind = 'network' AND p_kind = 'site'
              AND s.district_id = p_district AND s.id = p_id AND s.network_id = g.scope_id) n);
END
$$;

-- Whether a key covers what it is used for: "read partners,sites", "write partners" or "watch events", the first names of the paths
-- that are asked.
CREATE OR REPLACE FUNCTION key_covers(p_token access_token, p_use text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    does text := split_part(p_use, ' ', 1);
    asked text[] := string_to_array(split_part(p_use, ' ', 2), ',');
BEGIN
    RETURN does IN ('read', 'watch', 'write') AND cardinality(asked) > 0
        AND (does <> 'write' OR NOT p_token.is_read_only)
        AND (p_token.resources IS NULL OR asked <@ p_token.resources);
END
$$;

-- Whether who holds these directs a part of the district and not the whole of it.
CREATE OR REPLACE FUNCTION directs_part(p_held text[], p_grants jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce('director' = ANY (p_held) AND NOT 'admin' = ANY (p_held)
    AND NOT p_grants @> '[{"role": "director", "scope_kind": "district"}]', false);

-- The context of whoever holds the token, and who that is. KI401: no such token, or no longer. KI403:
-- none of the needed roles. Whether the district exists is not told. A link's token opens its own
-- task and is no sign-in. An API key with roles of its own uses those of its user's grants alone; one that is limited
-- to reads, resources or a place is KIKEY for the rest, and is_limited: it is to enter each time. A
-- session ends two hours after its last use, noted once a minute; a key's is noted once an hour.
--
-- Who cares for a partner, and is no director, has the role "owner" besides: no grant, but that there is something
-- private that is his to read and, where the need has it, to write: the scope has "own" then (24_own.sql). That is no
-- part of what a key for one place may do, nor is "mine": what a writer is responsible for, wherever it is.
--
-- Who directs a part of the district alone has the role "part" besides, and "owner", too: what is private is read and
-- written there, and of the district nothing is that is not asked of a place (runs_program, runs_at of 24_own.sql).
--
-- The scope is that of the grants by which the need is met: who coordinates a site and loads data for the
-- district coordinates no more by that. What a viewer may do is no write, and what needs no role writes
-- nothing but a person's own: neither has a scope, nor pays for one.
DROP FUNCTION IF EXISTS kith_enter(uuid, text, text, text, text);
CREATE OR REPLACE FUNCTION kith_enter(
    p_district uuid, p_token_hash text, p_need text, p_now text, p_request text, p_use text DEFAULT '',
    OUT user_id uuid, OUT roles text, OUT grants jsonb, OUT csrf_hash text,
    OUT expires_at timestamptz, OUT is_limited boolean)
LANGUAGE plpgsql AS $$
DECLARE
    ignored text;
    held text[];
    needed text[] := string_to_array(p_need, ',');
    is_whole boolean; -- every grant is over the whole district
    unused interval; -- how long it was not used; NULL: never was
    is_session boolean;
    token_id uuid;
    is_owner boolean;
    is_part boolean; -- directs, and not the district
    writes_own boolean; -- what is private, whatever else
    token access_token;
    business_now timestamptz := p_now;
BEGIN
    ignored := set_config('kith.district', p_district::text, true);
    SELECT t.user_id, t.csrf_hash, t.expires_at, g.held, g.grants, g.is_whole,
           t.kind = 'session', t.id, business_now - t.last_used_at,
           t.is_read_only OR t.resources IS NOT NULL OR t.scope_id IS NOT NULL
    INTO user_id, csrf_hash, expires_at, held, grants, is_whole, is_session, token_id, unused, is_limited
    FROM access_token t
    JOIN app_user u ON u.district_id = p_district AND u.id = t.user_id
    JOIN district d ON d.id = p_district
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT r.role) AS held,
               jsonb_agg(jsonb_build_object('role', r.role, 'scope_kind', r.scope_kind,
                                            'scope_id', r.scope_id)) AS grants,
               bool_and(r.scope_kind = 'district') AS is_whole
        FROM (SELECT ug.role, ug.scope_kind, ug.scope_id
              FROM user_grant ug
              WHERE ug.district_id = p_district AND ug.user_id = t.user_id
                AND ug.archived_at IS NULL
                AND (t.roles IS NULL OR ug.role = ANY (t.roles))
                AND (business_now AT TIME ZONE d.zone)::date
                    BETWEEN ug.from_date AND coalesce(ug.until_date, 'infinity')
              ORDER BY ug.role, ug.scope_kind, ug.scope_id) AS r) AS g
    WHERE t.district_id = p_district AND t.token_hash = p_token_hash
      AND t.kind IN ('session', 'api_key')
      AND t.revoked_at IS NULL AND t.archived_at IS NULL
      AND (t.expires_at IS NULL OR t.expires_at > business_now)
      AND u.status = 'active' AND u.archived_at IS NULL
      AND d.archived_at IS NULL;
    IF user_id IS NULL OR (is_session AND unused >= interval '2 hours') THEN
        RAISE EXCEPTION 'no such principal' USING ERRCODE = 'KI401';
    END IF;
    grants := coalesce(grants, '[]');
    IF is_limited THEN
        SELECT * INTO token FROM access_token t WHERE t.district_id = p_district AND t.token_hash = p_token_hash;
        IF NOT key_covers(token, p_use) THEN
            RAISE EXCEPTION 'the key is not for this' USING ERRCODE = 'KIKEY';
        END IF;
        IF token.scope_id IS NOT NULL THEN
            grants := kith_narrow(p_district, grants, token.scope_kind, token.scope_id,
                                  split_part(split_part(p_use, ' ', 2), ',', 1) = 'imports');
            held := ARRAY(SELECT DISTINCT g ->> 'role' FROM jsonb_array_elements(grants) AS g ORDER BY 1);
            is_whole := false;
        END IF;
    END IF;
    roles := coalesce(array_to_string(held, ','), '');
    is_part := directs_part(held, grants);
    is_owner := is_part OR held && '{executive,coordinator,school_leader,reviewer,data_steward,viewer}' AND NOT held && '{admin,director}'
        AND (EXISTS (SELECT FROM partner p
                     WHERE p.district_id = p_district AND p.owner_id = kith_enter.user_id AND p.archived_at IS NULL)
             OR EXISTS (SELECT FROM partner_owner o
                        WHERE o.district_id = p_district AND o.user_id = kith_enter.user_id AND o.archived_at IS NULL));
    writes_own := coalesce('owner' = ANY (needed) AND (is_owner OR held && '{admin,director}') AND token.scope_id IS NULL, false);
    IF p_need <> '' AND NOT coalesce('admin' = ANY (held) OR held && needed OR writes_own, false)
    THEN
        RAISE EXCEPTION 'no grant for this' USING ERRCODE = 'KI403';
    END IF;
    IF is_owner THEN
        roles := roles || ',owner';
    END IF;
    IF is_part THEN
        roles := roles || ',part';
    END IF;
    ignored := set_config('kith.user', user_id::text, true)
        || set_config('kith.roles', roles, true)
        || set_config('kith.now', p_now, true)
        || set_config('kith.request', split_part(p_request, ';', 1), true)
        || set_config('kith.trace', split_part(p_request, ';', 2), true)
        || set_config('kith.import', '', true)
        || set_config('kith.scope', CASE
            WHEN is_limited AND token.is_read_only THEN ''
            WHEN p_need = '' OR 'viewer' = ANY (needed) THEN ''
            WHEN NOT coalesce('admin' = ANY (held) OR held && needed, false) THEN 'own'
            WHEN is_whole THEN '*'
            ELSE (SELECT k.covered || CASE WHEN k.covered = '*' THEN ''
                                           ELSE CASE WHEN writes_own THEN ',own' ELSE '' END
                                             || CASE WHEN token.scope_id IS NULL THEN ',mine' ELSE '' END END
                  FROM kith_scope(p_district, grants, needed) AS k (covered)) END, true);
    IF NOT is_session THEN -- for what goes on by itself (import_enter)
        ignored := set_config('kith.token', token_id::text, true);
    END IF;
    -- A last use is the one thing that a read writes. To listen to events is none: it goes on by itself.
    IF p_use NOT LIKE 'watch %' AND (CASE WHEN is_session THEN unused >= interval '1 minute'
             ELSE unused >= interval '1 hour' OR unused IS NULL END) THEN
        UPDATE access_token t SET last_used_at = business_now
        WHERE t.district_id = p_district AND t.id = (
            SELECT s.id FROM access_token s
            WHERE s.district_id = p_district AND s.token_hash = p_token_hash
            FOR UPDATE SKIP LOCKED);
    END IF;
END
$$;

-- Of the roles in the comma list, the context has at least one.
CREATE OR REPLACE FUNCTION kith_has_role(p_roles text) RETURNS boolean
LANGUAGE sql STABLE
RETURN string_to_array(current_setting('kith.roles'), ',') && string_to_array(p_roles, ',');

-- What is private is written by who may read it. KI493: that is somebody else.
CREATE OR REPLACE FUNCTION private_put(p_may boolean, p_field text, p_value text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_may IS NOT TRUE THEN
        RAISE EXCEPTION '"%" is private, and not yours to read or write.', p_field
            USING ERRCODE = 'KI493', COLUMN = p_field;
    END IF;
    RETURN p_value;
END
$$;

-- The injected clock's time; the real one where there is no context, as in a migration.
CREATE OR REPLACE FUNCTION business_now() RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ -- one in SQL that may ask the real clock is planned anew for each call
BEGIN
    RETURN coalesce(nullif(current_setting('kith.now', true), '')::timestamptz, clock_timestamp());
END
$$;

-- The day in the district's zone.
CREATE OR REPLACE FUNCTION district_today() RETURNS date
LANGUAGE plpgsql STABLE AS $$ -- planned once in a session, where one in SQL would be for each row of a list
BEGIN
    RETURN (SELECT (current_setting('kith.now')::timestamptz AT TIME ZONE d.zone)::date
            FROM district d WHERE d.id = current_setting('kith.district')::uuid);
END
$$;

-- Before anybody is signed in: the district of a host name.
CREATE OR REPLACE FUNCTION district_by_slug(p_slug text)
RETURNS TABLE (id uuid, name text, zone text, locale text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT d.id, d.name, d.zone, d.locale FROM district d
    WHERE d.slug = p_slug AND d.archived_at IS NULL;
END;

REVOKE EXECUTE ON FUNCTION kith_context, kith_scope, kith_narrow, key_covers, directs_part, kith_enter, kith_has_role, private_put, business_now,
    district_today, district_by_slug FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kith_context TO kith_api, kith_publisher, kith_kpi, kith_checkin,
    kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION kith_has_role, business_now, district_today TO PUBLIC;
GRANT EXECUTE ON FUNCTION kith_enter, kith_scope, kith_narrow, key_covers, directs_part, district_by_slug, private_put TO kith_api;

RESET ROLE;
