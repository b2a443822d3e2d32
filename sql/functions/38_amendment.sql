-- Amendments: what one changes of the agreement that it amends, from its first day on, and that it ends with it.

SET ROLE kith_owner;

-- It amends an agreement, and no amendment; and covers what that covers.
CREATE OR REPLACE FUNCTION amendment_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM agreement a
               WHERE a.district_id = NEW.district_id AND a.id = NEW.amends_id AND a.kind = 'amendment') THEN
        PERFORM refuse_field('amends_id', 'An agreement is amended, and no amendment.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER amendment_check BEFORE INSERT ON agreement
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL) EXECUTE FUNCTION amendment_check();

CREATE OR REPLACE FUNCTION amendment_links() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO agreement_partnership (district_id, id, agreement_id, partnership_id)
    SELECT l.district_id, uuid7(), NEW.id, l.partnership_id
    FROM agreement_partnership l
    WHERE l.district_id = NEW.district_id AND l.agreement_id = NEW.amends_id AND l.archived_at IS NULL;
    RETURN NULL;
END
$$;

-- What it covers later on, or no longer, as a file's links come and go.
CREATE OR REPLACE FUNCTION amendments_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM agreement_partnership l USING agreement m
        WHERE m.district_id = OLD.district_id AND m.amends_id = OLD.agreement_id AND l.district_id = m.district_id
          AND l.agreement_id = m.id AND l.partnership_id = OLD.partnership_id;
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE agreement_partnership l SET archived_at = NEW.archived_at
        FROM agreement m
        WHERE m.district_id = NEW.district_id AND m.amends_id = NEW.agreement_id AND l.district_id = m.district_id
          AND l.agreement_id = m.id AND l.partnership_id = NEW.partnership_id
          AND l.archived_at IS NOT DISTINCT FROM OLD.archived_at;
    END IF;
    INSERT INTO agreement_partnership (district_id, id, agreement_id, partnership_id)
    SELECT m.district_id, uuid7(), m.id, NEW.partnership_id
    FROM agreement m
    WHERE m.district_id = NEW.district_id AND m.amends_id = NEW.agreement_id AND m.archived_at IS NULL
      AND NEW.archived_at IS NULL AND NOT EXISTS (
        SELECT FROM agreement_partnership l
        WHERE l.district_id = m.district_id AND l.agreement_id = m.id AND l.partnership_id = NEW.partnership_id
          AND l.archived_at IS NULL);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER amendments_follow AFTER INSERT OR DELETE ON agreement_partnership
    FOR EACH ROW EXECUTE FUNCTION amendments_follow();
CREATE OR REPLACE TRIGGER amendments_follow_on AFTER UPDATE OF archived_at ON agreement_partnership
    FOR EACH ROW WHEN (NEW.archived_at IS DISTINCT FROM OLD.archived_at AND NEW.agreement_id = OLD.agreement_id)
    EXECUTE FUNCTION amendments_follow();

CREATE OR REPLACE TRIGGER amendment_links AFTER INSERT ON agreement
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL AND coalesce(current_setting('kith.district', true), '') <> '')
    EXECUTE FUNCTION amendment_links();

-- What it says of the last day holds for what it amends, and what it settles is settled there. Once: what time does to that
-- agreement afterwards stays.
CREATE OR REPLACE FUNCTION amendments_hold(p_district uuid, p_today date, p_id uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    m agreement;
    done integer := 0;
BEGIN
    FOR m IN
        SELECT a.* FROM agreement a
        WHERE a.district_id = p_district AND a.amends_id IS NOT NULL AND a.amended_on IS NULL
          AND a.status = 'in_force' AND a.archived_at IS NULL AND a.effective_on <= p_today AND a.id = coalesce(p_id, a.id)
        ORDER BY a.effective_on, a.id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM set_config('kith.amendment', m.id::text, true);
        UPDATE agreement b SET expires_on = m.expires_on
        WHERE b.district_id = p_district AND b.id = m.amends_id AND b.status = 'in_force'
          AND b.expires_on IS DISTINCT FROM m.expires_on AND m.expires_on IS NOT NULL;
        UPDATE agreement_item b SET status = 'finalized'
        FROM agreement_item i
        WHERE i.district_id = p_district AND i.agreement_id = m.id AND i.status = 'finalized' AND i.archived_at IS NULL
          AND b.district_id = p_district AND b.agreement_id = m.amends_id AND lower(b.name) = lower(i.name)
          AND b.status IN ('not_yet', 'discussing') AND b.archived_at IS NULL;
        PERFORM set_config('kith.amendment', '', true);
        UPDATE agreement a SET amended_on = p_today WHERE a.district_id = p_district AND a.id = m.id;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

CREATE OR REPLACE FUNCTION amendment_holds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM amendments_hold(NEW.district_id, district_today(), NEW.id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER amendment_holds AFTER UPDATE OF status ON agreement
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL AND NEW.status = 'in_force' AND OLD.status <> 'in_force'
        AND coalesce(current_setting('kith.district', true), '') <> '')
    EXECUTE FUNCTION amendment_holds();

-- With the agreement its amendments are over, in the same way.
CREATE OR REPLACE FUNCTION amendments_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('kith.district', NEW.district_id::text, true); -- outside of a unit none is set
    UPDATE agreement m SET status = NEW.status, status_reason = NEW.status_reason
    WHERE m.district_id = NEW.district_id AND m.amends_id = NEW.id AND m.status = 'in_force';
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER amendments_end AFTER UPDATE OF status ON agreement
    FOR EACH ROW WHEN (OLD.status = 'in_force' AND NEW.status IN ('expired', 'superseded', 'terminated'))
    EXECUTE FUNCTION amendments_end();

REVOKE EXECUTE ON FUNCTION amendment_check, amendment_links, amendments_follow, amendments_hold, amendment_holds, amendments_end FROM PUBLIC;
RESET ROLE;
