-- The nightly releases of student indicators; what a release does is in 92_rollup.sql.

SET ROLE kith_owner;

-- Makes those that are due in the district: how many. After two in the morning there, of the school years
-- of whose students' indicators something had changed by then, since their last release: an observation,
-- a threshold, what belongs where. By the owner: kith-kpi writes no release by itself.
CREATE OR REPLACE FUNCTION releases_make(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    release_hour constant integer := 2;
    zone text;
    night timestamptz; -- the last two o'clock
    made integer;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    SELECT d.zone INTO STRICT zone FROM district d WHERE d.id = p_district;
    night := local_instant((p_now AT TIME ZONE zone)::date, release_hour, zone);
    IF night > p_now THEN
        night := local_instant((p_now AT TIME ZONE zone)::date - 1, release_hour, zone);
    END IF;
    INSERT INTO release (district_id, id, school_year, note)
    SELECT p_district, uuid7(), d.school_year, 'Nightly' FROM release_due d
    WHERE d.district_id = p_district AND d.since < night ORDER BY d.school_year;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION releases_make FROM PUBLIC;
GRANT EXECUTE ON FUNCTION releases_make TO kith_kpi;

RESET ROLE;
