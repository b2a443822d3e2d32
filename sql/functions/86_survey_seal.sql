-- Anonymous answers. As long as the survey is open each stands in a table of the survey's own, under a name that follows
-- from its link's token and sealed, so that whoever reads the database can neither read it nor tell whose it is; and who
-- has answered, in another. When it is closed all are opened, written in an order of chance by one transaction, and both
-- tables are dropped.

SET ROLE kith_owner;

-- The names of these tables.
CREATE OR REPLACE FUNCTION survey_spool(p_survey uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'survey_spool_' || replace(p_survey::text, '-', '');

CREATE OR REPLACE FUNCTION survey_marks(p_survey uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'survey_marks_' || replace(p_survey::text, '-', '');

-- Whether it has them: it is open, or not counted yet.
CREATE OR REPLACE FUNCTION survey_has_spool(p_survey uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN to_regclass('public.' || survey_spool(p_survey)) IS NOT NULL;

-- Who has answered an anonymous survey that is not counted yet.
CREATE OR REPLACE FUNCTION survey_marked(p_survey uuid) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF survey_has_spool(p_survey) THEN
        RETURN QUERY EXECUTE format('SELECT k.id FROM public.%I k', survey_marks(p_survey));
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION survey_spool, survey_marks, survey_has_spool, survey_marked FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_has_spool, survey_marked TO kith_api, kith_survey, kith_mailer;

RESET ROLE;
