-- Releases of student indicators, and those of each night; what of a figure is shown is in 92_rollup.sql.

SET ROLE kith_owner;

-- A release takes the student indicators of its year as the observations are now. Republishing after every
-- write would give a hidden cell away by the difference.
CREATE OR REPLACE FUNCTION release_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    measured uuid;
BEGIN
    FOR measured IN
        SELECT i.id FROM indicator i WHERE i.suppression = 'student' ORDER BY i.id
    LOOP
        PERFORM pg_advisory_xact_lock(tally_key(NEW.district_id, measured, NEW.school_year));
        -- What waits to be computed belongs to the release, too: it is one of all that is there.
        IF EXISTS (SELECT FROM tally_crossing c WHERE c.district_id = NEW.district_id
                   AND c.indicator_id = measured AND c.school_year = NEW.school_year)
           OR EXISTS (SELECT FROM rollup_mark m WHERE m.district_id = NEW.district_id
                      AND coalesce(m.indicator_id, measured) = measured
                      AND coalesce(m.school_year, NEW.school_year) = NEW.school_year) THEN
            PERFORM rollup_whole(measured, NEW.school_year, true, NULL);
        END IF;
        PERFORM rollup_publish(measured, NEW.school_year, NEW.id);
    END LOOP;
    SELECT count(*), count(*) FILTER (WHERE r.is_suppressed) INTO NEW.cells, NEW.hidden_cells
    FROM rollup r WHERE r.school_year = NEW.school_year AND r.release_id = NEW.id;
    -- Under the locks of all of them: what wants another one comes after this.
    DELETE FROM release_due d WHERE d.school_year = NEW.school_year;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER release_before BEFORE INSERT ON release
    FOR EACH ROW EXECUTE FUNCTION release_before();

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

REVOKE EXECUTE ON FUNCTION release_before, releases_make FROM PUBLIC;
GRANT EXECUTE ON FUNCTION releases_make TO kith_kpi;

RESET ROLE;
