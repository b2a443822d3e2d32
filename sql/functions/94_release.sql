-- The nightly releases of student indicators; what a release does is in 92_rollup.sql.

SET ROLE kith_owner;

-- Makes those that are due in the district: how many. After two in the morning there, once a night, of
-- school years in which the day before brought an observation that no release has. By the owner: kith-kpi writes no
-- release by itself.
CREATE OR REPLACE FUNCTION releases_make(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    release_hour constant integer := 2;
    night timestamptz; -- when this night's are due, or were
    due integer;
    made integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    SELECT local_instant((p_now AT TIME ZONE d.zone)::date, release_hour, d.zone) INTO STRICT night
    FROM district d WHERE d.id = p_district;
    IF p_now < night THEN
        RETURN 0;
    END IF;
    FOR due IN
        SELECT o.school_year FROM observation o
        JOIN indicator i ON i.district_id = p_district AND i.id = o.indicator_id
            AND i.suppression = 'student'
        WHERE o.district_id = p_district
        GROUP BY o.school_year
        HAVING max(o.updated_at) FILTER (WHERE o.updated_at < night) > (
            SELECT coalesce(max(r.created_at), '-infinity') FROM release r
            WHERE r.district_id = p_district AND r.school_year = o.school_year)
           AND NOT EXISTS (
            SELECT FROM release r
            WHERE r.district_id = p_district AND r.school_year = o.school_year
              AND r.created_at >= night)
        ORDER BY o.school_year
    LOOP
        INSERT INTO release (district_id, id, school_year, note)
        VALUES (p_district, uuid7(), due, 'Nightly');
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION releases_make FROM PUBLIC;
GRANT EXECUTE ON FUNCTION releases_make TO kith_kpi;

RESET ROLE;
