-- Releases of student indicators, by hand and of each night: asked for, proved by kith-kpi, and published; what of a figure
-- is shown is in 92_rollup.sql, what the proof stands on in 93_release_proof.sql.

SET ROLE kith_owner;

-- Whoever makes a release asks for it: kith-kpi does the work.
CREATE OR REPLACE FUNCTION release_after() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO release_asked (district_id, release_id) VALUES (NEW.district_id, NEW.id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER release_after AFTER INSERT ON release
    FOR EACH ROW WHEN (NEW.status = 'asked') EXECUTE FUNCTION release_after();

-- The release that has waited longest and that nobody is at, of a district whose older ones are done; none: no row.
CREATE OR REPLACE FUNCTION release_take(p_now timestamptz)
RETURNS TABLE (district_id uuid, release_id uuid, school_year integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    taken release_asked;
BEGIN
    SELECT a.* INTO taken FROM release_asked a
    WHERE NOT EXISTS (SELECT FROM release_asked o
                      WHERE o.district_id = a.district_id AND (o.since, o.release_id) < (a.since, a.release_id))
    ORDER BY a.since, a.release_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        PERFORM kith_context(taken.district_id, '', '', p_now::text, '');
        RETURN QUERY SELECT taken.district_id, r.id, r.school_year FROM release r WHERE r.id = taken.release_id;
    END IF;
END
$$;

-- The student indicators of which there is something in the year, or was in a release, and that no step has proved.
CREATE OR REPLACE FUNCTION release_waiting(p_year integer) RETURNS SETOF uuid
LANGUAGE sql STABLE AS $$
    SELECT i.id FROM indicator i
    WHERE i.suppression = 'student'
      AND NOT EXISTS (SELECT FROM release_step s WHERE s.indicator_id = i.id AND s.school_year = p_year)
      AND (EXISTS (SELECT FROM tally t WHERE t.indicator_id = i.id AND t.school_year = p_year)
           OR EXISTS (SELECT FROM rollup_mark m WHERE m.district_id = i.district_id AND m.indicator_id = i.id
                      AND m.school_year = p_year)
           OR EXISTS (SELECT FROM release_count c WHERE c.indicator_id = i.id AND c.school_year = p_year))
    ORDER BY i.id
$$;

-- The next of them, as its observations are now: what is hidden of it for itself is, and it is to be proved. NULL: none is
-- left. Until the release is published its sums stay as they are, as release_prove() leaves a step.
CREATE OR REPLACE FUNCTION release_next(p_district uuid, p_year integer) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    measured uuid;
BEGIN
    FOR measured IN SELECT * FROM release_waiting(p_year) LOOP
        PERFORM pg_advisory_xact_lock(tally_key(p_district, measured, p_year));
        -- What waits to be computed belongs to the release, too: it is one of all that is there.
        IF EXISTS (SELECT FROM tally_crossing c WHERE c.district_id = p_district
                   AND c.indicator_id = measured AND c.school_year = p_year)
           OR EXISTS (SELECT FROM rollup_mark m WHERE m.district_id = p_district
                      AND coalesce(m.indicator_id, measured) = measured
                      AND coalesce(m.school_year, p_year) = p_year) THEN
            PERFORM rollup_whole(measured, p_year, true, NULL);
        END IF;
        PERFORM release_counts_refresh(measured, p_year), suppress(measured, p_year), release_bounds(measured, p_year);
        RETURN measured;
    END LOOP;
    RETURN NULL;
END
$$;

-- What the proof found of an indicator: what else is hidden, and what is kept for the next one when it is published.
CREATE OR REPLACE FUNCTION release_prove(
    p_release uuid, p_indicator uuid, p_year integer, p_cells text[], p_counts bigint[], p_sums jsonb, p_dead bigint[],
    p_coarsened bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF cardinality(p_cells) + cardinality(p_counts) > 0 THEN
        PERFORM release_hide(p_indicator, p_year, p_cells, p_counts);
    END IF;
    INSERT INTO release_step (district_id, release_id, indicator_id, school_year, sums, dead, coarsened)
    VALUES (current_setting('kith.district')::uuid, p_release, p_indicator, p_year, p_sums, p_dead, p_coarsened);
END
$$;

-- Readers see the release, and what is hidden in it, all at once: how many of its cells the proof hid. NULL: of an indicator
-- the proof holds no more, as somebody has computed it anew, or there is one more.
CREATE OR REPLACE FUNCTION release_publish(p_district uuid, p_release uuid, p_year integer, p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    hidden bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(tally_key(p_district, i.id, p_year))
    FROM (SELECT i.id FROM indicator i WHERE i.suppression = 'student' ORDER BY i.id) AS i;
    IF EXISTS (SELECT FROM release_waiting(p_year)) THEN
        RETURN NULL;
    END IF;
    PERFORM release_keep(s.indicator_id, p_year, s.sums, s.dead), rollup_publish(s.indicator_id, p_year, p_release)
    FROM release_step s JOIN indicator i ON i.district_id = s.district_id AND i.id = s.indicator_id
    WHERE s.district_id = p_district AND s.release_id = p_release AND i.suppression = 'student';
    SELECT coalesce(sum(s.coarsened), 0) INTO hidden FROM release_step s
    WHERE s.district_id = p_district AND s.release_id = p_release;
    UPDATE release r
    SET status = 'published', finished_at = p_now, updated_at = p_now, coarsened_cells = hidden,
        (cells, hidden_cells) = (SELECT count(*), count(*) FILTER (WHERE c.is_suppressed) FROM rollup c
                                 WHERE c.school_year = p_year AND c.release_id = p_release)
    WHERE r.id = p_release;
    PERFORM release_end(p_district, p_release);
    -- Under the locks of all of them: what wants another one comes after this.
    DELETE FROM release_due d WHERE d.school_year = p_year;
    RETURN hidden;
END
$$;

-- It waits no more, and its sums may change again.
CREATE OR REPLACE FUNCTION release_end(p_district uuid, p_release uuid) RETURNS void
LANGUAGE sql AS $$
    DELETE FROM release_asked a WHERE a.district_id = p_district AND a.release_id = p_release;
    DELETE FROM release_step s WHERE s.district_id = p_district AND s.release_id = p_release;
$$;

-- Nothing of it was shown, and readers go on seeing the one before. What was due is so no more: the next change asks again.
CREATE OR REPLACE FUNCTION release_refuse(p_district uuid, p_release uuid, p_reason text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    UPDATE release r SET status = 'refused', reason = p_reason, finished_at = p_now, updated_at = p_now
    WHERE r.id = p_release AND r.status = 'asked';
    PERFORM release_end(p_district, p_release);
    DELETE FROM release_due d USING release r WHERE r.id = p_release AND d.school_year = r.school_year;
END
$$;

-- Asks for those that are due in the district: how many. After two in the morning there, of the school years
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
    WHERE d.district_id = p_district AND d.since < night
      AND NOT EXISTS (SELECT FROM release_asked a
                      JOIN release r ON r.district_id = a.district_id AND r.id = a.release_id
                      WHERE a.district_id = p_district AND r.school_year = d.school_year) -- the worker is at it
    ORDER BY d.school_year;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

DROP POLICY IF EXISTS mark ON release_asked;
CREATE POLICY mark ON release_asked TO kith_owner USING (true) WITH CHECK (true);

DROP POLICY IF EXISTS mark ON release_step;
CREATE POLICY mark ON release_step TO kith_owner USING (true) WITH CHECK (true);

DROP FUNCTION IF EXISTS release_begin(uuid, integer);
DROP FUNCTION IF EXISTS release_prove(uuid, integer, text[], bigint[], jsonb, bigint[]);
DROP FUNCTION IF EXISTS release_publish(uuid, bigint, timestamptz);

REVOKE EXECUTE ON FUNCTION release_after, release_take, release_waiting, release_next, release_prove, release_publish,
    release_end, release_refuse, releases_make FROM PUBLIC;
GRANT EXECUTE ON FUNCTION release_take, release_next, release_prove, release_publish, release_refuse, releases_make TO kith_kpi;

RESET ROLE;
