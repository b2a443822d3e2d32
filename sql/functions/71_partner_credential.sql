-- Credentials of partners: verified, rejected, and what a change of one takes back.

SET ROLE kith_owner;

-- A verification is of what stood there.
CREATE OR REPLACE FUNCTION clear_verification() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF is_erasing() THEN
        RETURN NEW;
    END IF;
    NEW.status := 'submitted';
    NEW.status_reason := NULL;
    NEW.verified_by := NULL;
    NEW.verified_at := NULL;
    NEW.seen := NULL;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER clear_verification BEFORE UPDATE ON credential
    FOR EACH ROW WHEN (NEW.status = OLD.status
        AND (NEW.kind, NEW.label, NEW.document_url, NEW.coverage_cents, NEW.issued_on, NEW.expires_on)
            IS DISTINCT FROM
            (OLD.kind, OLD.label, OLD.document_url, OLD.coverage_cents, OLD.issued_on, OLD.expires_on))
    EXECUTE FUNCTION clear_verification();

-- What ends by its nature needs its last day, and each something that was looked at.
DROP FUNCTION IF EXISTS credential_verify(uuid, bigint, date);
CREATE OR REPLACE FUNCTION credential_verify(p_id uuid, p_version bigint, p_expires date, p_seen text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c credential;
    next_status text;
BEGIN
    PERFORM lock_row('credential', p_id, p_version);
    SELECT * INTO c FROM credential o WHERE o.id = p_id;
    next_status := transition('credential', 'verify', c.status);
    c.expires_on := coalesce(p_expires, c.expires_on);
    IF c.expires_on < district_today() THEN
        PERFORM refuse_field('expires_on', 'It has expired.');
    ELSIF c.expires_on IS NULL AND c.kind IN ('liability_insurance', 'license', 'clearance_attestation') THEN
        PERFORM refuse_field('expires_on', 'Such a credential has a last day.');
    ELSIF p_seen IS NULL AND c.document_url IS NULL AND NOT EXISTS (
        SELECT FROM attachment a
        WHERE a.district_id = c.district_id AND a.subject_kind = 'credential' AND a.subject_id = p_id
          AND a.archived_at IS NULL) THEN
        PERFORM refuse_field('seen', 'It has neither a file nor an address of one: say what was seen.');
    END IF;
    UPDATE credential o SET
        status = next_status,
        status_reason = NULL,
        expires_on = c.expires_on,
        seen = p_seen,
        verified_by = current_setting('kith.user')::uuid,
        verified_at = current_setting('kith.now')::timestamptz
    WHERE o.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION credential_reject(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('credential', p_id, p_version);
    UPDATE credential c SET
        status = transition('credential', 'reject', c.status),
        status_reason = p_reason,
        verified_by = NULL,
        verified_at = NULL,
        seen = NULL
    WHERE c.id = p_id;
END
$$;

-- current, expiring (within the first of the district's lead times, 30 days at most), expired; else as its
-- status.
CREATE OR REPLACE FUNCTION credential_standing(p_status text, p_expires date) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN p_expires < district_today() THEN 'expired'
            WHEN p_status <> 'verified' THEN p_status
            WHEN p_expires < district_today() + 30 THEN 'expiring'
            ELSE 'current' END;

REVOKE EXECUTE ON FUNCTION clear_verification, credential_verify, credential_reject, credential_standing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION credential_verify, credential_reject, credential_standing TO kith_api;

RESET ROLE;
