-- Days and instants of the district in the context.

SET ROLE kith_owner;

-- The instant of a local hour. Where the clocks skip it: as long after midnight as it would have been,
-- which is the next minute there is; where they repeat it: the first.
CREATE OR REPLACE FUNCTION local_instant(p_day date, p_hour integer, p_zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    wall timestamp := p_day + make_interval(hours => p_hour);
    later timestamptz := wall AT TIME ZONE p_zone; -- of two, PostgreSQL takes the later
BEGIN
    RETURN CASE
        WHEN (later - interval '1 hour') AT TIME ZONE p_zone = wall THEN later - interval '1 hour'
        WHEN (later - interval '30 minutes') AT TIME ZONE p_zone = wall
        THEN later - interval '30 minutes'
        ELSE later END;
END
$$;

-- The zone of a site: its own, or the district's. NULL: the district's.
CREATE OR REPLACE FUNCTION zone_of_site(p_site uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$ -- as district_today()
BEGIN
    RETURN (SELECT coalesce((SELECT s.zone FROM site s WHERE s.district_id = d.id AND s.id = p_site), d.zone)
            FROM district d WHERE d.id = current_setting('kith.district')::uuid);
END
$$;

-- A legal public holiday of the United States (5 U.S.C. 6103), on the weekday on which it is observed:
-- one of a Saturday on the Friday before, one of a Sunday on the Monday after.
CREATE OR REPLACE FUNCTION is_federal_holiday(p_day date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    weekday integer := date_part('isodow', p_day);
    fixed text[] := '{01-01,06-19,07-04,11-11,12-25}';
    day text := to_char(p_day, 'MM-DD');
BEGIN
    RETURN day = ANY (fixed)
        OR weekday = 5 AND to_char(p_day + 1, 'MM-DD') = ANY (fixed)
        OR weekday = 1 AND to_char(p_day - 1, 'MM-DD') = ANY (fixed)
        OR weekday = 1 AND (day BETWEEN '01-15' AND '01-21'    -- Birthday of Martin Luther King, Jr.
                         OR day BETWEEN '02-15' AND '02-21'    -- Washington's Birthday
                         OR day BETWEEN '05-25' AND '05-31'    -- Memorial Day
                         OR day BETWEEN '09-01' AND '09-07'    -- Labor Day
                         OR day BETWEEN '10-08' AND '10-14')   -- Columbus Day
        OR weekday = 4 AND day BETWEEN '11-22' AND '11-28';    -- Thanksgiving Day
END
$$;

-- A day in one of the reporting quarters, a site's own ones counting in the place of the district's, and no federal
-- holiday, unless the district opens then. Where nobody has entered the year's quarters, any day may be one; July
-- belongs to the year before, too, until the next one is there.
CREATE OR REPLACE FUNCTION is_term_day(p_day date, p_site uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$ -- as district_today()
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    years integer[] := ARRAY[date_part('year', p_day + interval '6 months'), date_part('year', p_day + interval '5 months')];
BEGIN
    IF is_federal_holiday(p_day) AND NOT (SELECT d.opens_on_holidays FROM district d WHERE d.id = district) THEN
        RETURN false;
    END IF;
    RETURN (
        SELECT coalesce(bool_or(p_day BETWEEN coalesce(o.starts_on, q.starts_on) AND coalesce(o.ends_on, q.ends_on)), true)
        FROM reporting_quarter q
        LEFT JOIN site_quarter o ON o.district_id = district AND o.site_id = p_site AND o.school_year = q.school_year
            AND o.number = q.number AND o.archived_at IS NULL
        WHERE q.district_id = district AND q.school_year = ANY (years) AND q.archived_at IS NULL);
END
$$;

-- A day of term, not Saturday or Sunday, and no closed day of the district, unless it or the site is open all the
-- same; and no closed day of the site's own.
CREATE OR REPLACE FUNCTION is_school_day(p_day date, p_site uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(NOT bool_or(c.site_id IS NOT NULL AND NOT c.is_open), true)
       AND (coalesce(bool_or(c.is_open), false)
            OR date_part('isodow', p_day) < 6 AND coalesce(NOT bool_or(c.site_id IS NULL AND NOT c.is_open), true)
               AND is_term_day(p_day, p_site))
    FROM closed_day c
    WHERE c.district_id = current_setting('kith.district')::uuid
      AND (c.site_id IS NULL OR c.site_id = p_site)
      AND c.starts_on <= p_day AND coalesce(c.ends_on, c.starts_on) >= p_day
      AND c.archived_at IS NULL);

-- A day on which no automatic mail goes, of the district or of the site.
CREATE OR REPLACE FUNCTION is_blackout(p_day date, p_site uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM blackout b
    WHERE b.district_id = current_setting('kith.district')::uuid
      AND (b.site_id IS NULL OR b.site_id = p_site)
      AND b.starts_on <= p_day AND b.ends_on >= p_day AND b.archived_at IS NULL);

-- A school day that is no blackout.
CREATE OR REPLACE FUNCTION is_mail_day(p_day date, p_site uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN is_school_day(p_day, p_site) AND NOT is_blackout(p_day, p_site);

-- The first mail day of a range of days, or NULL. Day by day: nearly always it is among the first.
CREATE OR REPLACE FUNCTION first_mail_day(p_from date, p_until date, p_site uuid) RETURNS date
LANGUAGE plpgsql STABLE AS $$
BEGIN
    FOR n IN 0..coalesce(p_until - p_from, -1) LOOP
        IF is_mail_day(p_from + n, p_site) THEN
            RETURN p_from + n;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- Sites that have the same zone and the same days: each with the first of them, so that what a calendar says is asked
-- once for all of them. One that has days of its own stands by itself.
CREATE OR REPLACE FUNCTION sites_alike() RETURNS TABLE (site_id uuid, like_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH apart AS MATERIALIZED (
        SELECT c.site_id FROM closed_day c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.site_id IS NOT NULL AND c.archived_at IS NULL
        UNION
        SELECT b.site_id FROM blackout b
        WHERE b.district_id = current_setting('kith.district')::uuid AND b.site_id IS NOT NULL AND b.archived_at IS NULL
        UNION
        SELECT q.site_id FROM site_quarter q
        WHERE q.district_id = current_setting('kith.district')::uuid AND q.archived_at IS NULL)
    SELECT s.id, first_value(s.id) OVER (PARTITION BY s.zone, a.site_id ORDER BY s.id)
    FROM site s LEFT JOIN apart a ON a.site_id = s.id
    WHERE s.district_id = current_setting('kith.district')::uuid;
END;

-- The last school day of a range of days, or NULL.
CREATE OR REPLACE FUNCTION last_school_day(p_from date, p_until date, p_site uuid) RETURNS date
LANGUAGE plpgsql STABLE AS $$
BEGIN
    FOR n IN 0..coalesce(p_until - p_from, -1) LOOP
        IF is_school_day(p_until - n, p_site) THEN
            RETURN p_until - n;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- The first day of a range on which partners get mail that is no duty, or NULL: a business day, in the
-- summer too, that is no blackout of the district's.
CREATE OR REPLACE FUNCTION first_business_day(p_from date, p_until date) RETURNS date
LANGUAGE plpgsql STABLE AS $$
DECLARE
    day date;
BEGIN
    FOR n IN 0..coalesce(p_until - p_from, -1) LOOP
        day := p_from + n;
        IF date_part('isodow', day) < 6 AND NOT is_federal_holiday(day) AND NOT is_blackout(day, NULL)
        THEN
            RETURN day;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- When a person's own word goes that is said now: at once in the mail hours of a business day, else in its first hour.
CREATE OR REPLACE FUNCTION next_business_hour() RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    today date := district_today();
    d district;
    is_over boolean;
BEGIN
    SELECT o.* INTO STRICT d FROM district o WHERE o.id = current_setting('kith.district')::uuid;
    is_over := business_now >= local_instant(today, greatest(d.mail_until_hour, d.mail_hour + 1)::integer, d.zone);
    RETURN greatest(business_now, local_instant(
        coalesce(first_business_day(today + is_over::integer, today + 60), today), d.mail_hour::integer, d.zone));
END
$$;

REVOKE EXECUTE ON FUNCTION local_instant, zone_of_site, is_term_day, is_school_day, is_blackout, is_mail_day,
    first_mail_day, sites_alike, last_school_day, is_federal_holiday, first_business_day, next_business_hour FROM PUBLIC;
GRANT EXECUTE ON FUNCTION local_instant, zone_of_site, is_federal_holiday, is_term_day, is_school_day, is_blackout,
    is_mail_day, first_mail_day, last_school_day TO kith_api, kith_checkin, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION sites_alike TO kith_checkin;
GRANT EXECUTE ON FUNCTION first_business_day TO kith_api, kith_checkin, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION next_business_hour TO kith_api, kith_checkin;

RESET ROLE;
