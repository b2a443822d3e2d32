-- What a site is in the district is not its own leader's to say; and what follows for it from its figures of a year.

SET ROLE kith_owner;

-- Whose grant is over the site's network, all of which the scope covers, is as good as who has the whole district.
CREATE OR REPLACE FUNCTION site_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'kith_api' AND coalesce(current_setting('kith.scope', true), '') <> '*' AND NOT (
        EXISTS (SELECT FROM user_grant g
                WHERE g.district_id = OLD.district_id AND g.user_id = nullif(current_setting('kith.user'), '')::uuid
                  AND g.role IN ('director', 'coordinator', 'school_leader') AND g.scope_kind = 'network'
                  AND g.scope_id = OLD.network_id AND g.archived_at IS NULL
                  AND district_today() BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'))
        AND NOT EXISTS (SELECT FROM site s
                        WHERE s.district_id = OLD.district_id AND s.network_id = OLD.network_id
                          AND NOT kith_covers(s.id))) THEN
        PERFORM refuse_outside();
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER site_keep BEFORE UPDATE ON site
    FOR EACH ROW WHEN ((OLD.kind, OLD.status, OLD.merged_into, OLD.network_id, OLD.local_id, OLD.state_id, OLD.nces_id)
        IS DISTINCT FROM
        (NEW.kind, NEW.status, NEW.merged_into, NEW.network_id, NEW.local_id, NEW.state_id, NEW.nces_id))
    EXECUTE FUNCTION site_keep();

-- Title I is of a school year; what a site shows of it is what the last year says.
CREATE OR REPLACE FUNCTION site_title_i() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    about site_year := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    UPDATE site s SET title_i = n.title_i
    FROM (SELECT (SELECT y.title_i FROM site_year y
                  WHERE y.district_id = about.district_id AND y.site_id = about.site_id AND y.title_i IS NOT NULL
                    AND y.archived_at IS NULL
                  ORDER BY y.school_year DESC LIMIT 1) AS title_i) n
    WHERE s.district_id = about.district_id AND s.id = about.site_id AND s.title_i IS DISTINCT FROM n.title_i;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER site_title_i AFTER INSERT OR UPDATE OR DELETE ON site_year
    FOR EACH ROW EXECUTE FUNCTION site_title_i();

REVOKE EXECUTE ON FUNCTION site_keep, site_title_i FROM PUBLIC;

RESET ROLE;
