-- What the pages show, as JSON for their templates: dates and instants in pieces, numbers as text. Words
-- are the templates' own (services/api/pages); codes go there as they are. p_view is what the page was
-- asked with: lang, where one was chosen; path, the segments behind its address; after a form that was not good form, what was
-- typed, and errors, [{name, code}]; is_refused, where the state did not allow it.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION page_date(p_day date) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_day IS NOT NULL THEN jsonb_build_object(
    'iso', p_day, 'year', extract(year FROM p_day)::integer, 'month', extract(month FROM p_day)::integer,
    'day', extract(day FROM p_day)::integer, 'weekday', extract(isodow FROM p_day)::integer) END;

-- An instant on the clocks of a zone.
CREATE OR REPLACE FUNCTION page_time(p_at timestamptz, p_zone text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE WHEN p_at IS NOT NULL THEN page_date((p_at AT TIME ZONE p_zone)::date) || jsonb_build_object(
    'hour', to_char(p_at AT TIME ZONE p_zone, 'FMHH12'), 'minute', to_char(p_at AT TIME ZONE p_zone, 'MI'),
    'half', CASE WHEN extract(hour FROM p_at AT TIME ZONE p_zone) < 12 THEN 'am' ELSE 'pm' END,
    'zone', p_zone) END;

-- "1,234.5"
CREATE OR REPLACE FUNCTION page_number(p_number numeric) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN rtrim(to_char(p_number, 'FM999,999,999,999,990.999999'), '.');

-- The district, and whom to ask.
CREATE OR REPLACE FUNCTION page_district() RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT district_brand(d) || jsonb_build_object(
            'accent', substr(d.accent_color, 2), 'is_synthetic', d.is_synthetic, 'has_contact', coalesce(d.reply_to, d.phone) IS NOT NULL)
        FROM district d WHERE d.id = current_setting('kith.district')::uuid);

-- The same for whoever has a link that opens nothing; nothing where there is no such district.
CREATE OR REPLACE FUNCTION page_help(p_district uuid, p_now text, p_request text,
                                     OUT locale text, OUT body jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kith_context(p_district, '', '', p_now, p_request);
    SELECT d.locale INTO locale FROM district d WHERE d.id = p_district AND d.archived_at IS NULL;
    IF locale IS NOT NULL THEN
        body := jsonb_build_object('district', page_district());
    END IF;
END
$$;

-- The code of what is wrong with the field of that name, or NULL.
CREATE OR REPLACE FUNCTION page_error(p_view jsonb, p_name text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT e ->> 'code' FROM jsonb_array_elements(p_view -> 'errors') e
        WHERE e ->> 'name' = p_name LIMIT 1);

CREATE OR REPLACE FUNCTION page_person(p_contact uuid, p_user uuid) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT c.name FROM contact c
     WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_contact),
    (SELECT u.name FROM app_user u
     WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = p_user));

-- On whose clocks instants are shown, and the partnership that the task in hand is about.
CREATE OR REPLACE FUNCTION page_zone() RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT d.zone FROM district d WHERE d.id = current_setting('kith.district')::uuid);

CREATE OR REPLACE FUNCTION page_partnership() RETURNS partnership
LANGUAGE plpgsql STABLE AS $$
DECLARE
    p partnership;
BEGIN
    SELECT s.* INTO STRICT p FROM partnership s
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = (task()).subject_id;
    RETURN p;
END
$$;

REVOKE EXECUTE ON FUNCTION page_zone, page_partnership, page_date, page_time, page_number, page_district, page_help, page_error,
    page_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_zone, page_partnership, page_date, page_time, page_number, page_district, page_help, page_error,
    page_person TO kith_api;

RESET ROLE;
