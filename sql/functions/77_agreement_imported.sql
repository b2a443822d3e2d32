-- What comes with an agreement that a file makes: its checklist, what it says of signatures, what it amends covers; and
-- goes with it when the file is reverted.

SET ROLE kith_owner;

-- What comes by a file in force gets its checklist with it. What nobody has touched goes with it when the file is
-- reverted.
CREATE OR REPLACE FUNCTION agreement_imported() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM agreement_item i
        WHERE i.district_id = OLD.district_id AND i.agreement_id = OLD.id AND i.version = 1;
        DELETE FROM agreement_signature g
        WHERE g.district_id = OLD.district_id AND g.agreement_id = OLD.id AND g.method = 'imported';
        DELETE FROM agreement_partnership l
        WHERE OLD.amends_id IS NOT NULL AND l.district_id = OLD.district_id AND l.agreement_id = OLD.id AND l.version = 1;
        RETURN OLD;
    END IF;
    PERFORM agreement_items_add(NEW.id, NEW.district_signed_on IS NOT NULL AND NEW.partner_signed_on IS NOT NULL);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_imported AFTER INSERT ON agreement
    FOR EACH ROW WHEN (current_setting('kith.import', true) <> '' AND NEW.status = 'in_force'
        AND NEW.kind IN ('master', 'mou'))
    EXECUTE FUNCTION agreement_imported();

-- What a file says of signatures is kept as no more than that.
CREATE OR REPLACE FUNCTION agreement_imported_signed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO agreement_signature (district_id, id, agreement_id, side, method, signer, signed_on, document_sha256,
                                     attachment_id, user_id)
    SELECT NEW.district_id, uuid7(), NEW.id, s.side, 'imported', s.signer, s.signed_on,
           agreement_sha256(NEW.id, NEW.attachment_id), NEW.attachment_id, nullif(current_setting('kith.user', true), '')::uuid
    FROM (VALUES ('district', NEW.district_signer, NEW.district_signed_on),
                 ('partner', NEW.partner_signer, NEW.partner_signed_on)) AS s (side, signer, signed_on)
    WHERE s.signed_on IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_imported_signed AFTER INSERT ON agreement
    FOR EACH ROW WHEN (current_setting('kith.import', true) <> ''
        AND coalesce(NEW.district_signed_on, NEW.partner_signed_on) IS NOT NULL)
    EXECUTE FUNCTION agreement_imported_signed();
CREATE OR REPLACE TRIGGER agreement_unimported BEFORE DELETE ON agreement
    FOR EACH ROW EXECUTE FUNCTION agreement_imported();

REVOKE EXECUTE ON FUNCTION agreement_imported, agreement_imported_signed FROM PUBLIC;
RESET ROLE;
