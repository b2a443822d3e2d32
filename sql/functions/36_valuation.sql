-- The district's school and fiscal years, what a volunteer's hour is worth on a day, and who signs for what.

SET ROLE kith_owner;

-- Named by the year in which it ends. As rows, so that it is a part of the statement that asks.
CREATE OR REPLACE FUNCTION fiscal_year(p_year integer) RETURNS TABLE (starts_on date, ends_on date)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT s.day, (s.day + interval '1 year')::date - 1
    FROM district d
    CROSS JOIN LATERAL (
        SELECT make_date(p_year - (d.fiscal_month > 1)::integer, d.fiscal_month, 1) AS day) AS s
    WHERE d.id = current_setting('kith.district')::uuid;
END;

CREATE OR REPLACE FUNCTION fiscal_year_today() RETURNS integer
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT extract(year FROM district_today() + make_interval(months => (13 - d.fiscal_month) % 12))::integer
    FROM district d WHERE d.id = current_setting('kith.district')::uuid;
END;

-- The first and the last day of a school year: as it was entered, or July to June.
CREATE OR REPLACE FUNCTION school_year_span(p_year bigint, OUT starts_on date, OUT ends_on date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(min(y.starts_on), make_date(p_year::integer - 1, 7, 1)),
           coalesce(min(y.ends_on), make_date(p_year::integer, 6, 30))
    FROM school_year y
    WHERE y.district_id = current_setting('kith.district')::uuid AND y.school_year = p_year
      AND y.archived_at IS NULL;
END;

-- The school year that a day is in, named by the year in which it ends; between two of them the one that comes.
CREATE OR REPLACE FUNCTION school_year_of(p_day date) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    named bigint := date_part('year', p_day + interval '6 months');
BEGIN
    RETURN coalesce(
        (SELECT min(y.school_year) FROM school_year y
         WHERE y.district_id = current_setting('kith.district')::uuid AND y.archived_at IS NULL
           AND p_day BETWEEN y.starts_on AND y.ends_on),
        named + (p_day > (school_year_span(named)).ends_on)::integer);
END
$$;

-- The days of a school year or of a fiscal year; of neither, this fiscal year's.
CREATE OR REPLACE FUNCTION money_year(p_school integer, p_fiscal integer)
RETURNS TABLE (school_year integer, fiscal_year integer, starts_on date, ends_on date)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT p_school, NULL::integer, s.starts_on, s.ends_on
    FROM school_year_span(p_school) AS s WHERE p_school IS NOT NULL
    UNION ALL
    SELECT NULL, y.year, f.starts_on, f.ends_on
    FROM (SELECT coalesce(p_fiscal, fiscal_year_today()) AS year OFFSET 0) AS y
    CROSS JOIN LATERAL fiscal_year(y.year) AS f
    WHERE p_school IS NULL;
END;

-- In cents; of the state, or else of no state. NULL: nobody has said.
CREATE OR REPLACE FUNCTION valuation_rate_on(p_state text, p_day date) RETURNS bigint
LANGUAGE sql STABLE
RETURN (
    SELECT r.rate_cents FROM valuation_rate r
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.archived_at IS NULL
      AND (r.state = upper(p_state) OR r.state IS NULL) AND r.from_date <= p_day
    ORDER BY r.state IS NULL, r.from_date DESC LIMIT 1);

-- Hours that come without a rate take that of their first day, and keep it: what is there is never valued anew.
CREATE OR REPLACE FUNCTION investment_rate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('kith.district', true), '') IS NOT NULL THEN
        NEW.rate_cents := valuation_rate_on(
            (SELECT coalesce(s.state, d.state) FROM district d
             LEFT JOIN site s ON s.district_id = d.id AND s.id = NEW.site_id
             WHERE d.id = NEW.district_id), NEW.from_date);
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER investment_rate BEFORE INSERT ON investment
    FOR EACH ROW WHEN (NEW.hours IS NOT NULL AND NEW.rate_cents IS NULL) EXECUTE FUNCTION investment_rate();

-- Who signs for an amount: of the limits that it is within, the lowest. NULL: nobody has said.
CREATE OR REPLACE FUNCTION signer_for(p_subject text, p_cents bigint) RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT a.signer FROM signing_authority a
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.subject = p_subject
      AND a.archived_at IS NULL AND p_cents <= coalesce(a.up_to_cents, p_cents)
    ORDER BY a.up_to_cents NULLS LAST LIMIT 1);

-- What an entry counts as: its side, or neither where it comes from outside and nobody assigned it, or where the other side
-- says that it is not so. NULL: nothing any more.
CREATE OR REPLACE FUNCTION investment_counts_as(i investment) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN i.status = 'cancelled' OR i.archived_at IS NOT NULL THEN NULL
            WHEN i.confirmed = 'disputed' THEN 'disputed'
            WHEN i.kind = 'grant' AND NOT i.is_assigned THEN 'outside'
            ELSE i.side END;

-- Until when what somebody delivers is given: of an entry over months to come they are what was agreed. A month that has
-- begun counts as the figures count it (91_tally.sql), whole.
CREATE OR REPLACE FUNCTION given_until() RETURNS date
LANGUAGE sql STABLE
RETURN (date_trunc('month', district_today()) + interval '1 month')::date - 1;

-- What waits for the partner's word: what the district put in, and of the partner's what nobody has confirmed.
CREATE OR REPLACE FUNCTION investments_unanswered(p_partnership uuid) RETURNS SETOF investment
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i FROM investment i
    WHERE i.district_id = current_setting('kith.district')::uuid AND i.partnership_id = p_partnership
      AND i.status <> 'cancelled' AND i.archived_at IS NULL AND i.confirmed_contact_id IS NULL
      AND (i.side = 'district' OR i.confirmed IS NULL);
END;

REVOKE EXECUTE ON FUNCTION fiscal_year, fiscal_year_today, school_year_span, school_year_of, money_year, investment_counts_as, given_until, investments_unanswered, valuation_rate_on, investment_rate, signer_for FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fiscal_year, fiscal_year_today, school_year_span, school_year_of, money_year, investment_counts_as, given_until, valuation_rate_on, signer_for TO kith_api;
GRANT EXECUTE ON FUNCTION investments_unanswered TO kith_api, kith_mailer;

RESET ROLE;
