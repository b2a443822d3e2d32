-- The work of kith-kpi: what is marked is made anew, whole or in part, a batch at a time.

SET ROLE kith_owner;

-- A student indicator's figures are not as they were released.
CREATE OR REPLACE FUNCTION release_want(p_district uuid, p_year integer, p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO release_due (district_id, school_year, since) VALUES (p_district, p_year, p_now)
    ON CONFLICT DO NOTHING
$$;

-- All of an indicator's year; p_sites: those alone, NULL: all, and what is above them.
CREATE OR REPLACE FUNCTION rollup_whole(
    p_indicator uuid, p_year integer, p_has_sites boolean, p_sites uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_has_sites THEN
        PERFORM tally_store(p_indicator, p_year, false, p_sites);
    END IF;
    PERFORM tally_store(p_indicator, p_year, true, NULL);
    DELETE FROM tally_crossing c WHERE c.indicator_id = p_indicator AND c.school_year = p_year;
    IF (SELECT i.suppression <> 'student' FROM indicator i WHERE i.id = p_indicator) THEN
        PERFORM rollup_publish(p_indicator, p_year, NULL);
    END IF;
END
$$;

-- What has changed of some series, and what that changes above them. Where cells may be hidden, one that
-- changes may hide or show others: then only the sums are made here, not what is shown.
CREATE OR REPLACE FUNCTION rollup_some(
    p_indicator uuid, p_year integer, p_series rollup_mark[], p_is_open boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    hidden text := CASE WHEN NOT p_is_open THEN 'cell' END;
    changed tally[] := tally_put_series(p_indicator, p_year, p_series, hidden);
    touched tally[];
    above tally[];
BEGIN
    IF cardinality(changed) = 0 THEN
        RETURN false;
    END IF;
    touched := tally_touched(changed);
    above := tally_put_cells(p_indicator, p_year, ARRAY(
            SELECT t FROM unnest(touched) AS t WHERE t.scope_kind IN ('network', 'partnership')), hidden)
        || tally_put_cells(p_indicator, p_year, ARRAY(
            SELECT t FROM unnest(touched) AS t WHERE t.scope_kind NOT IN ('network', 'partnership')), hidden);
    INSERT INTO tally_crossing (district_id, indicator_id, school_year, site_id, period_kind,
                                period_start, period_end)
    SELECT DISTINCT c.district_id, p_indicator, p_year, c.scope_id, c.period_kind, c.period_start,
           c.period_end
    FROM unnest(changed) AS c WHERE c.partnership_id IS NULL AND c.cohort = 'all'
    ON CONFLICT DO NOTHING;
    IF p_is_open THEN
        PERFORM rollup_refresh(p_indicator, p_year, changed || above);
    END IF;
    RETURN true;
END
$$;

-- Nobody waits for the disk: what a crash takes back is marked again.
CREATE OR REPLACE FUNCTION rollup_context(p_district uuid, p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('kith.district', p_district::text, true), set_config('kith.now', rfc3339(p_now), true),
           set_config('kith.user', '', true), set_config('synchronous_commit', 'off', true)
$$;

-- Whether the sums of an indicator's year are to stay as they are: asked under the key's lock.
CREATE OR REPLACE FUNCTION is_held(p_district uuid, p_indicator uuid, p_year integer) RETURNS boolean
LANGUAGE sql VOLATILE AS $$ -- which sees what was committed before the lock was had
    SELECT EXISTS (SELECT FROM release_step s
                   WHERE s.district_id = p_district AND s.indicator_id = p_indicator AND s.school_year = p_year)
$$;

-- Does the work of one key, of any district, in one transaction: how many marks that were; 0 when there
-- is none, or all are at work elsewhere. The ids are claimed under the key's lock, and what they are
-- about is read in later statements: a mark that is written meanwhile stays for the next time. p_newest: the last marks,
-- not the first, so that whoever corrects one figure does not wait for the thousands that came before. Where a thousand
-- wait, as after a file of a million days, the year is made anew: that takes no longer than two hundred of them.
DROP FUNCTION IF EXISTS rollup_work(integer, timestamptz);
CREATE OR REPLACE FUNCTION rollup_work(p_limit integer, p_now timestamptz, p_newest boolean DEFAULT false) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    marked record;
    measured record;
    sites uuid[];
    series rollup_mark[];
    whole boolean;
    above boolean;
    is_flood boolean;
    claimed integer;
BEGIN
    FOR marked IN
        SELECT m.district_id, m.indicator_id, m.school_year
        FROM (SELECT k.*
              FROM ((SELECT k.*, k.id AS place FROM rollup_mark k WHERE NOT p_newest ORDER BY k.id)
                    UNION ALL
                    (SELECT k.*, -k.id FROM rollup_mark k WHERE p_newest ORDER BY k.id DESC)) AS k
              WHERE NOT EXISTS (SELECT FROM release_step s -- whose release is being made, and takes no more
                                WHERE s.district_id = k.district_id AND s.indicator_id = k.indicator_id
                                  AND s.school_year = k.school_year)
              LIMIT 1000) AS m
        GROUP BY m.district_id, m.indicator_id, m.school_year
        ORDER BY m.indicator_id IS NOT NULL, min(m.place) -- what waits for a district's lock holds none yet
    LOOP
        PERFORM rollup_context(marked.district_id, p_now);
        IF marked.indicator_id IS NULL THEN
            RETURN rollup_spread(marked.district_id);
        END IF;
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(
            tally_key(marked.district_id, marked.indicator_id, marked.school_year));
        PERFORM pg_advisory_xact_lock_shared(tally_key(marked.district_id, NULL, NULL));
        CONTINUE WHEN is_held(marked.district_id, marked.indicator_id, marked.school_year);
        is_flood := (SELECT count(*) = 1000 FROM (
            SELECT FROM rollup_mark k
            WHERE k.district_id = marked.district_id AND k.indicator_id = marked.indicator_id
              AND k.school_year = marked.school_year LIMIT 1000) AS k);
        WITH mine AS (
            DELETE FROM rollup_mark m
            WHERE m.district_id = marked.district_id AND m.id IN (
                SELECT k.id FROM rollup_mark k
                WHERE k.district_id = marked.district_id AND k.indicator_id = marked.indicator_id
                  AND k.school_year = marked.school_year
                ORDER BY CASE WHEN p_newest THEN -k.id ELSE k.id END LIMIT CASE WHEN NOT is_flood THEN p_limit END)
            RETURNING m.site_id, m.is_whole, ROW(m.district_id, NULL, m.indicator_id, m.school_year,
                m.site_id, false, NULL, m.partnership_id, m.cohort, NULL)::rollup_mark AS one)
        SELECT count(*), bool_or(is_whole), bool_or(site_id IS NULL) OR is_flood,
               array_agg(DISTINCT site_id) FILTER (WHERE site_id IS NOT NULL),
               array_agg(DISTINCT one) FILTER (WHERE site_id IS NOT NULL)
        INTO claimed, whole, above, sites, series FROM mine;
        CONTINUE WHEN claimed = 0;
        SELECT i.suppression, i.computed_from INTO measured
        FROM indicator i WHERE i.id = marked.indicator_id;
        IF above OR measured.computed_from IS NOT NULL
           OR measured.suppression NOT IN ('none', 'student') THEN
            PERFORM rollup_whole(marked.indicator_id, marked.school_year, whole OR sites IS NOT NULL,
                                 CASE WHEN NOT whole THEN sites END);
        ELSE
            above := rollup_some(marked.indicator_id, marked.school_year, series,
                                 measured.suppression = 'none');
        END IF;
        IF above AND measured.suppression = 'student' THEN
            PERFORM release_want(marked.district_id, marked.school_year, p_now);
        END IF;
        RETURN claimed;
    END LOOP;
    RETURN 0;
END
$$;

-- The same for what rollup_some() leaves: the whole schools where one works, of some sites and periods of
-- a key: how many these were. p_newest: of the sites of which the fewest wait, as when one figure was corrected.
DROP FUNCTION IF EXISTS rollup_cross(integer, timestamptz);
CREATE OR REPLACE FUNCTION rollup_cross(p_limit integer, p_now timestamptz, p_newest boolean DEFAULT false) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    waiting record;
    mine tally_crossing[];
    is_open boolean;
    changed tally[];
BEGIN
    FOR waiting IN
        SELECT c.district_id, c.indicator_id, c.school_year
        FROM (SELECT k.*
              FROM ((SELECT k.*, extract(epoch FROM k.since) AS place FROM tally_crossing k WHERE NOT p_newest ORDER BY k.since)
                    UNION ALL
                    (SELECT k.*, -extract(epoch FROM k.since) FROM tally_crossing k WHERE p_newest ORDER BY k.since DESC)) AS k
              WHERE NOT EXISTS (SELECT FROM release_step s
                                WHERE s.district_id = k.district_id AND s.indicator_id = k.indicator_id
                                  AND s.school_year = k.school_year)
              LIMIT 100) AS c
        GROUP BY c.district_id, c.indicator_id, c.school_year ORDER BY min(c.place)
    LOOP
        PERFORM rollup_context(waiting.district_id, p_now);
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(
            tally_key(waiting.district_id, waiting.indicator_id, waiting.school_year));
        PERFORM pg_advisory_xact_lock_shared(tally_key(waiting.district_id, NULL, NULL));
        CONTINUE WHEN is_held(waiting.district_id, waiting.indicator_id, waiting.school_year);
        WITH gone AS (
            DELETE FROM tally_crossing c WHERE c.ctid = ANY (ARRAY(
                SELECT k.ctid FROM tally_crossing k
                WHERE k.district_id = waiting.district_id AND k.indicator_id = waiting.indicator_id
                  AND k.school_year = waiting.school_year
                ORDER BY CASE WHEN p_newest THEN count(*) OVER (PARTITION BY k.site_id) END, k.since, k.site_id LIMIT p_limit))
            RETURNING c)
        SELECT array_agg(g.c) INTO mine FROM gone g;
        CONTINUE WHEN mine IS NULL;
        is_open := (SELECT i.suppression = 'none' FROM indicator i WHERE i.id = waiting.indicator_id);
        changed := tally_put_cells(waiting.indicator_id, waiting.school_year, tally_crossed(mine),
                                   CASE WHEN NOT is_open THEN 'cell' END);
        IF is_open THEN
            PERFORM rollup_refresh(waiting.indicator_id, waiting.school_year, changed);
        END IF;
        RETURN cardinality(mine);
    END LOOP;
    RETURN 0;
END
$$;

-- A month that has begun is counted, and what is known of it is shown: the database's own figures of it are marked until
-- they are there. How many.
CREATE OR REPLACE FUNCTION rollups_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    has_students boolean;
    made integer;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    has_students := EXISTS (SELECT FROM places_enrolled((SELECT m.school_year FROM month_today() AS m)));
    INSERT INTO rollup_mark (district_id, indicator_id, school_year, is_whole)
    SELECT i.district_id, i.id, m.school_year, true
    FROM indicator i CROSS JOIN month_today() AS m
    WHERE (i.computed_from = 'partnership' OR i.code = 'partners_per_100' AND has_students)
      AND EXISTS (SELECT FROM partnership p CROSS JOIN LATERAL partnership_ran(p) AS r
                  WHERE p.archived_at IS NULL AND r.first <= m.ends_on AND r.last >= m.starts_on)
      AND NOT EXISTS (SELECT FROM tally t
                      WHERE t.indicator_id = i.id AND t.scope_kind = 'district' AND t.period_kind = 'month'
                        AND t.period_start = m.starts_on)
    UNION
    SELECT i.district_id, i.id, m.school_year, true
    FROM indicator i CROSS JOIN month_today() AS m
    WHERE (i.computed_from = 'investment' OR i.code = 'value_per_100' AND has_students)
      AND EXISTS (SELECT FROM investment v CROSS JOIN LATERAL investment_counted(v, i.code)
                  WHERE v.district_id = i.district_id AND v.from_date <= m.ends_on AND v.until_date >= m.starts_on
                    AND v.archived_at IS NULL)
      AND NOT EXISTS (SELECT FROM tally t
                      WHERE t.indicator_id = i.id AND t.scope_kind = 'district' AND t.period_kind = 'month'
                        AND t.period_start = m.starts_on)
    UNION
    SELECT i.district_id, i.id, t.school_year, true
    FROM indicator i CROSS JOIN month_today() AS m
    JOIN tally t ON t.indicator_id = i.id AND t.school_year = m.school_year AND t.scope_kind = 'district'
        AND t.period_start BETWEEN m.starts_on AND district_today()
    WHERE i.computed_from IS NOT NULL
      AND NOT EXISTS (SELECT FROM rollup r
                      WHERE r.indicator_id = i.id AND r.school_year = t.school_year AND r.scope_kind = 'district'
                        AND r.period_kind = t.period_kind AND r.period_start = t.period_start);
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

-- How many marks wait, up to 100,000, and for how long the oldest does.
CREATE OR REPLACE FUNCTION rollup_state(OUT waiting bigint, OUT oldest_s bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM rollup_mark LIMIT 100000) AS m),
           coalesce((SELECT extract(epoch FROM clock_timestamp() - m.created_at)::bigint
                     FROM rollup_mark m ORDER BY m.id LIMIT 1), 0)
$$;

-- Both the lists that workers claim from and write to: no context is needed for a mark.
DROP POLICY IF EXISTS mark ON rollup_mark;
CREATE POLICY mark ON rollup_mark TO kith_owner USING (true) WITH CHECK (true);
DROP POLICY IF EXISTS mark ON tally_crossing;
CREATE POLICY mark ON tally_crossing TO kith_owner USING (true) WITH CHECK (true);

REVOKE EXECUTE ON FUNCTION release_want, rollup_context, is_held, rollup_whole, rollup_some, rollup_work, rollup_cross,
    rollups_advance, rollup_state FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rollup_work, rollup_cross, rollup_state TO kith_kpi, kith_migrate;
GRANT EXECUTE ON FUNCTION rollups_advance TO kith_kpi;

RESET ROLE;
