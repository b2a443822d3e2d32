-- Grants that somebody makes: nobody has the same one twice, and what a partner's role reads is of its partner.

SET ROLE kith_owner;

-- Under a lock of the user, so that of two at once the second one sees the first.
CREATE OR REPLACE FUNCTION grant_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    same user_grant;
BEGIN
    IF NEW.role = 'partner' AND NEW.scope_kind = 'district' THEN
        PERFORM refuse_field('scope_kind',
            'The role "partner" is of one partner: "scope_kind" is "partner", and "scope_id" says which.');
    END IF;
    PERFORM FROM app_user u WHERE u.district_id = NEW.district_id AND u.id = NEW.user_id FOR NO KEY UPDATE;
    SELECT * INTO same FROM user_grant g
    WHERE g.district_id = NEW.district_id AND g.user_id = NEW.user_id AND g.role = NEW.role
      AND g.scope_kind = NEW.scope_kind AND g.scope_id IS NOT DISTINCT FROM NEW.scope_id
      AND g.id <> NEW.id AND g.archived_at IS NULL
      AND g.from_date <= coalesce(NEW.until_date, 'infinity') AND coalesce(g.until_date, 'infinity') >= NEW.from_date
    ORDER BY g.from_date, g.id LIMIT 1;
    IF same.id IS NOT NULL THEN
        PERFORM refuse_field('from_date', format(
            'This user has the role "%s" there already, from %s%s: change the dates of that grant, or choose others.',
            NEW.role, same.from_date, coalesce(' until ' || same.until_date, '')));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER grant_check BEFORE INSERT OR UPDATE OF from_date, until_date, archived_at ON user_grant
    FOR EACH ROW WHEN (NEW.archived_at IS NULL AND current_setting('kith.user', true) <> ''
                       AND coalesce(NEW.until_date, 'infinity') >= NEW.from_date)
    EXECUTE FUNCTION grant_check();

REVOKE EXECUTE ON FUNCTION grant_check FROM PUBLIC;

RESET ROLE;
