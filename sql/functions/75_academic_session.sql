-- Sessions of a school information system. The district's quarters never follow them by themselves.

SET ROLE kith_owner;

CREATE OR REPLACE TRIGGER refuse_cycle AFTER INSERT OR UPDATE ON academic_session
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION refuse_cycle('parent_id');

-- Makes or moves the reporting quarter of that number in the session's school year: it has the session's days.
CREATE OR REPLACE FUNCTION academic_session_map(p_id uuid, p_version bigint, p_number bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    session academic_session;
    quarter uuid;
BEGIN
    PERFORM lock_row('academic_session', p_id, p_version);
    SELECT * INTO session FROM academic_session s WHERE s.id = p_id;
    UPDATE reporting_quarter SET starts_on = session.starts_on, ends_on = session.ends_before - 1
    WHERE school_year = session.school_year AND number = p_number AND archived_at IS NULL
    RETURNING id INTO quarter;
    IF quarter IS NULL THEN
        INSERT INTO reporting_quarter (district_id, id, school_year, number, starts_on, ends_on)
        VALUES (session.district_id, uuid7(), session.school_year, p_number, session.starts_on,
                session.ends_before - 1)
        RETURNING id INTO quarter;
    END IF;
    UPDATE academic_session SET reporting_quarter_id = NULL
    WHERE reporting_quarter_id = quarter AND id <> p_id;
    UPDATE academic_session SET reporting_quarter_id = quarter WHERE id = p_id;
EXCEPTION WHEN exclusion_violation THEN
    PERFORM refuse_field('number', 'Its days are in another reporting quarter.');
END
$$;

-- The quarter stays as it is.
CREATE OR REPLACE FUNCTION academic_session_unmap(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('academic_session', p_id, p_version);
    UPDATE academic_session SET reporting_quarter_id = NULL WHERE id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION academic_session_map, academic_session_unmap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION academic_session_map, academic_session_unmap TO kith_api;

RESET ROLE;
