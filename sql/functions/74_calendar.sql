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
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((SELECT s.zone FROM site s WHERE s.district_id = d.id AND s.id = p_site), d.zone)
    FROM district d WHERE d.id = current_setting('kith.district')::uuid;
END;

-- Not Saturday or Sunday, and no closed day of the district or of the site.
CREATE OR REPLACE FUNCTION is_school_day(p_day date, p_site uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN date_part('isodow', p_day) < 6 AND NOT EXISTS (
    SELECT FROM closed_day c
    WHERE c.district_id = current_setting('kith.district')::uuid
      AND (c.site_id IS NULL OR c.site_id = p_site)
      AND c.starts_on <= p_day AND coalesce(c.ends_on, c.starts_on) >= p_day
      AND c.archived_at IS NULL);

-- A school day that no blackout of the district or of the site covers.
CREATE OR REPLACE FUNCTION is_mail_day(p_day date, p_site uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN is_school_day(p_day, p_site) AND NOT EXISTS (
    SELECT FROM blackout b
    WHERE b.district_id = current_setting('kith.district')::uuid
      AND (b.site_id IS NULL OR b.site_id = p_site)
      AND b.starts_on <= p_day AND b.ends_on >= p_day AND b.archived_at IS NULL);

-- The first mail day of a range of days, or NULL.
CREATE OR REPLACE FUNCTION first_mail_day(p_from date, p_until date, p_site uuid) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p_from + n FROM generate_series(0, p_until - p_from) AS n
    WHERE is_mail_day(p_from + n, p_site) ORDER BY n LIMIT 1;
END;

-- The last school day of a range of days, or NULL.
CREATE OR REPLACE FUNCTION last_school_day(p_from date, p_until date, p_site uuid) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p_until - n FROM generate_series(0, p_until - p_from) AS n
    WHERE is_school_day(p_until - n, p_site) ORDER BY n LIMIT 1;
END;

REVOKE EXECUTE ON FUNCTION local_instant, zone_of_site, is_school_day, is_mail_day, first_mail_day,
    last_school_day FROM PUBLIC;
GRANT EXECUTE ON FUNCTION local_instant, zone_of_site, is_school_day, is_mail_day, first_mail_day,
    last_school_day TO kith_api, kith_checkin, kith_survey, kith_mailer;

RESET ROLE;
