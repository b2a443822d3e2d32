-- Attachments: to what they belong, and who took them.

SET ROLE kith_owner;

-- Whoever attaches a file to something, or takes it from there, may write that.
CREATE OR REPLACE FUNCTION attachment_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.subject_id IS NULL THEN
        RETURN NEW;
    ELSIF NOT EXISTS (SELECT FROM attachment_kinds() k WHERE k = NEW.subject_kind) THEN
        PERFORM refuse_field('subject_kind', '"subject_kind" is no kind of what has attachments.');
    END IF;
    BEGIN
        PERFORM lock_row(NEW.subject_kind, NEW.subject_id, NULL);
    EXCEPTION WHEN SQLSTATE 'KI404' THEN
        PERFORM refuse_field('subject_id', '"subject_id" is not there.');
    END;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER attachment_check BEFORE INSERT OR UPDATE OF subject_kind, subject_id ON attachment
    FOR EACH ROW EXECUTE FUNCTION attachment_check();

CREATE OR REPLACE FUNCTION attachment_leave() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row(OLD.subject_kind, OLD.subject_id, NULL);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER attachment_leave BEFORE UPDATE ON attachment
    FOR EACH ROW WHEN (OLD.subject_id IS NOT NULL AND
        (NEW.subject_id, NEW.archived_at) IS DISTINCT FROM (OLD.subject_id, OLD.archived_at))
    EXECUTE FUNCTION attachment_leave();

-- What people write and change has attachments, but for accounts and what is mail's.
CREATE OR REPLACE FUNCTION attachment_kinds() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT t.name FROM tenant_tables() t
    WHERE t.scope IS NOT NULL AND t.scope NOT IN ('person', 'admin')
      AND t.name NOT IN ('attachment', 'survey_answer', 'survey_invitation', 'message', 'preference',
                         'address_suppression', 'mail_report')
      AND has_table_privilege('kith_api', t.name, 'UPDATE');
END;

-- Somebody takes the file: what it is, and a record of it.
CREATE OR REPLACE FUNCTION attachment_take(p_id uuid, OUT name text, OUT media_type text, OUT pieces bigint)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    a attachment;
    ignored text;
BEGIN
    SELECT t.* INTO a FROM attachment t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id;
    IF a.id IS NULL THEN
        RETURN;
    END IF;
    ignored := record_write(a.district_id, 'attachment', 'downloaded', a.id, a.version, NULL, NULL,
                            jsonb_build_object('id', a.id));
    RETURN QUERY SELECT a.name, a.media_type, count(*) FROM attachment_piece p
    WHERE p.district_id = a.district_id AND p.attachment_id = a.id;
END
$$;

-- Pieces of which nothing was made within the hour: whoever sent them has left.
CREATE OR REPLACE FUNCTION attachment_sweep() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    DELETE FROM attachment_piece c
    WHERE c.stored_at < clock_timestamp() - interval '1 hour'
      AND NOT EXISTS (SELECT FROM attachment a
                      WHERE a.district_id = c.district_id AND a.id = c.attachment_id);
END;

REVOKE EXECUTE ON FUNCTION attachment_check, attachment_leave, attachment_kinds, attachment_take,
    attachment_sweep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attachment_kinds, attachment_take, attachment_sweep TO kith_api;

RESET ROLE;
