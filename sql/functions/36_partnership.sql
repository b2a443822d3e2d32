-- Partnerships.

SET ROLE kith_owner;

-- A role's side is that of whoever holds it: a user is the district's, a contact the partner's.
CREATE OR REPLACE FUNCTION fill_side() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.side := CASE WHEN NEW.user_id IS NOT NULL THEN 'district' ELSE 'partner' END;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER fill_side BEFORE INSERT OR UPDATE OF user_id, contact_id ON partnership_role
    FOR EACH ROW EXECUTE FUNCTION fill_side();

REVOKE EXECUTE ON FUNCTION fill_side FROM PUBLIC;

RESET ROLE;
