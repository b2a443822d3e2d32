-- A restored or copied database sends nothing by itself: what its ledger says is queued may have been sent after
-- the dump was made. Whoever claims a mail asks first whether this is still the place from which mail went.

SET ROLE kith_owner;

-- Holds the mail of each district when it is not, until somebody of the district releases it. What was due by then
-- is left out then (mails_on_hold). A copy of the whole server's files is the same place, and is not seen.
CREATE OR REPLACE FUNCTION mail_home_check(p_now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here_system constant bigint := (SELECT c.system_identifier FROM pg_control_system() c);
    here_database constant bigint := (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
    district uuid;
BEGIN
    IF EXISTS (SELECT FROM mail_home h
               WHERE h.system_identifier = here_system AND h.database_oid = here_database) THEN
        RETURN;
    END IF;
    INSERT INTO mail_home (system_identifier, database_oid, since) VALUES (here_system, here_database, p_now)
    ON CONFLICT ON CONSTRAINT mail_home_pkey DO NOTHING;
    IF FOUND THEN
        RETURN; -- the first mail of all
    END IF;
    UPDATE mail_home h SET system_identifier = here_system, database_oid = here_database, since = p_now
    WHERE (h.system_identifier, h.database_oid) IS DISTINCT FROM (here_system, here_database);
    IF NOT FOUND THEN
        RETURN; -- another one has been here meanwhile
    END IF;
    FOR district IN
        SELECT d.id FROM district d WHERE d.go_live_at IS NOT NULL AND d.archived_at IS NULL ORDER BY d.id
    LOOP
        PERFORM kith_context(district, '', '', rfc3339(p_now), '');
        UPDATE district d SET mail_held_at = p_now, mail_held_by = NULL,
            mail_hold_reason = 'The database was restored or copied: what is queued may have been sent before.'
        WHERE d.id = district;
    END LOOP;
    PERFORM set_config('kith.district', '', true);
END
$$;

REVOKE EXECUTE ON FUNCTION mail_home_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_home_check TO kith_mailer;

RESET ROLE;
