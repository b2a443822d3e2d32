-- Where the answers of an anonymous survey wait for its close: in a table of its own, under a name that follows from the
-- link's token, of which the database has the hash alone, and sealed; so that whoever reads the database can neither read
-- one nor tell whose it is. Who has answered stands in another table. When the survey is closed, all are opened and written
-- in an order of chance by one transaction, which drops both (survey_count_*, called by kith-survey, which has the key).

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION survey_table(p_kind text, p_survey uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN format('survey_%s_%s', p_kind, replace(p_survey::text, '-', ''));

-- Whether its answers wait: it is open, or not counted yet.
CREATE OR REPLACE FUNCTION survey_has_spool(p_survey uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN to_regclass('public.' || survey_table('spool', p_survey)) IS NOT NULL;

-- Makes the tables, unless they are there.
CREATE OR REPLACE FUNCTION survey_spool_make(p_survey uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF survey_has_spool(p_survey) OR NOT EXISTS (
        SELECT FROM survey s WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_survey AND s.mode = 'anonymous') THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (district_id uuid NOT NULL, name text NOT NULL, part text NOT NULL, kept text NOT NULL, '
                   'PRIMARY KEY (district_id, name, part))', survey_table('spool', p_survey));
    EXECUTE format('CREATE TABLE public.%I (district_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (district_id, id))',
                   survey_table('mark', p_survey));
    PERFORM protect_tenant_table(format('public.%I', survey_table(k, p_survey))::regclass) FROM unnest('{spool,mark}'::text[]) AS k;
END
$$;

-- The draft that stands under a name; NULL: none.
CREATE OR REPLACE FUNCTION survey_spool_draft(p_survey uuid, p_name text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    kept text;
BEGIN
    IF survey_has_spool(p_survey) THEN
        EXECUTE format('SELECT o.kept FROM public.%I o WHERE o.district_id = $1 AND o.name = $2 AND o.part = ''''',
                       survey_table('spool', p_survey))
        INTO kept USING current_setting('kith.district')::uuid, p_name;
    END IF;
    RETURN kept;
END
$$;

CREATE OR REPLACE FUNCTION survey_is_marked(p_survey uuid, p_invitation uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    is_marked boolean := false;
BEGIN
    IF survey_has_spool(p_survey) THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I k WHERE k.district_id = $1 AND k.id = $2)', survey_table('mark', p_survey))
        INTO is_marked USING current_setting('kith.district')::uuid, p_invitation;
    END IF;
    RETURN is_marked;
END
$$;

-- All of those.
CREATE OR REPLACE FUNCTION survey_marked(p_survey uuid) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF survey_has_spool(p_survey) THEN
        RETURN QUERY EXECUTE format('SELECT k.id FROM public.%I k', survey_table('mark', p_survey));
    END IF;
END
$$;

-- Keeps a draft, and what is sent of it, if anything is; and that the invitation has answered all (p_invitation). What was
-- sent stays as it was. Whoever calls it has found out that the link is the invitation's.
CREATE OR REPLACE FUNCTION survey_spool_put(
    p_survey uuid, p_name text, p_draft text, p_part text, p_sealed text, p_invitation uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    spool text := survey_table('spool', p_survey);
BEGIN
    IF NOT EXISTS (SELECT FROM survey s WHERE s.district_id = district AND s.id = p_survey AND s.status = 'open'
                                          AND s.closes_on >= district_today()) THEN
        PERFORM refuse_state('The survey is not open.', '{"status": "closed"}');
    END IF;
    IF p_sealed IS NOT NULL THEN
        EXECUTE format('INSERT INTO public.%I (district_id, name, part, kept) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', spool)
        USING district, p_name, p_part, p_sealed;
    END IF;
    EXECUTE format('INSERT INTO public.%I AS o (district_id, name, part, kept) VALUES ($1, $2, '''', $3)
                    ON CONFLICT (district_id, name, part) DO UPDATE SET kept = excluded.kept', spool)
    USING district, p_name, p_draft;
    IF p_invitation IS NOT NULL THEN
        EXECUTE format('INSERT INTO public.%I (district_id, id) VALUES ($1, $2) ON CONFLICT DO NOTHING', survey_table('mark', p_survey))
        USING district, p_invitation;
    END IF;
EXCEPTION WHEN undefined_table THEN -- it was counted just now
    PERFORM refuse_state('The survey is not open.', '{"status": "closed"}');
END
$$;

REVOKE EXECUTE ON FUNCTION survey_table, survey_has_spool, survey_spool_make, survey_spool_draft, survey_is_marked, survey_marked,
    survey_spool_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_has_spool, survey_spool_make, survey_is_marked, survey_marked TO kith_api, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION survey_table TO kith_api, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION survey_spool_draft, survey_spool_put TO kith_api;

RESET ROLE;
