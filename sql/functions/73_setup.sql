-- What a new district still lacks, and what happens to its mail when it goes live.

SET ROLE kith_owner;

-- The steps, in order: how many of a thing are needed, and how many there are.
CREATE OR REPLACE FUNCTION setup_steps()
RETURNS TABLE (place integer, key text, is_required boolean, needed integer, count bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 10, 'reply_to', true, 1, (SELECT count(d.reply_to) FROM district d
                                     WHERE d.id = current_setting('kith.district')::uuid)
    UNION ALL
    SELECT 20, 'school_year', true, 1, (SELECT count(*) FROM school_year y
                                        WHERE y.status = 'open' AND y.ends_on >= district_today()
                                          AND y.archived_at IS NULL)
    UNION ALL -- those of the school year that runs, or comes
    SELECT 30, 'calendar', true, 4, (
        SELECT count(*) FROM reporting_quarter q
        WHERE q.school_year = (SELECT school_year_today())
          AND q.archived_at IS NULL)
    UNION ALL
    SELECT 40, 'closed_days', true, 1, (SELECT count(*) FROM closed_day c
                                         WHERE c.starts_on >= district_today() AND NOT c.is_open
                                           AND c.archived_at IS NULL)
    UNION ALL
    SELECT 50, 'sites', true, 1, (SELECT count(*) FROM site s
                                  WHERE s.status = 'open' AND s.archived_at IS NULL)
    UNION ALL
    SELECT 60, 'users', true, 1, (SELECT count(*) FROM app_user u
                                  WHERE u.status = 'active' AND u.archived_at IS NULL)
    UNION ALL
    SELECT 70, 'posts', false, 1, (SELECT count(*) FROM post_holder h WHERE h.archived_at IS NULL)
    UNION ALL
    SELECT 80, 'policy', false, 1, (SELECT count(*) FROM policy p
                                    WHERE p.status = 'in_force' AND p.archived_at IS NULL)
    UNION ALL
    SELECT 90, 'import', false, 1, (SELECT count(*) FROM import i
                                    WHERE i.status = 'done' AND NOT i.dry_run AND i.archived_at IS NULL)
    UNION ALL
    SELECT 100, 'partners', true, 1, (SELECT count(*) FROM partner p WHERE p.archived_at IS NULL)
    UNION ALL -- somebody has seen a mail arrive
    SELECT 110, 'mail_check', true, 1, (SELECT count(*) FROM mail_check c
                                        WHERE c.status = 'confirmed' AND c.archived_at IS NULL)
    UNION ALL
    SELECT 120, 'go_live', true, 1, (SELECT count(d.go_live_at) FROM district d
                                     WHERE d.id = current_setting('kith.district')::uuid);
END;

-- The mails that wait for the district to be live, or for whoever holds them. Those of days before today are left
-- out then, and where nobody's word but a restored database holds them, all that were due when it was found.
CREATE OR REPLACE FUNCTION mails_on_hold()
RETURNS TABLE (id uuid, class text, kind text, to_address text, not_before timestamptz, is_left_out boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.id, m.class, m.kind, m.to_address, m.not_before,
           (m.not_before AT TIME ZONE d.zone)::date < district_today()
               OR d.mail_held_at IS NOT NULL AND d.mail_held_by IS NULL AND m.not_before <= d.mail_held_at
               OR m.not_after <= current_setting('kith.now')::timestamptz
    FROM district d
    JOIN message m ON m.district_id = d.id AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL AND m.class <> 'account'
    WHERE d.id = current_setting('kith.district')::uuid
      AND (d.go_live_at IS NULL OR d.mail_held_at IS NOT NULL);
END;

-- What is shown of them before they go, or do not, named so that one can say that one has seen it.
CREATE OR REPLACE FUNCTION mails_preview() RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT encode(sha256(convert_to(coalesce(
        string_agg(m.id || ' ' || m.is_left_out, ',' ORDER BY m.id), ''), 'UTF8')), 'hex')
    FROM mails_on_hold() m;
END;

CREATE OR REPLACE FUNCTION mails_leave_out() RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    UPDATE message SET status = 'suppressed', reason = 'stale'
    WHERE district_id = current_setting('kith.district')::uuid
      AND id IN (SELECT h.id FROM mails_on_hold() h WHERE h.is_left_out);
END;

CREATE OR REPLACE FUNCTION setup_document(p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH step AS MATERIALIZED (SELECT s.*, s.count >= s.needed AS is_done FROM setup_steps() s),
    mail AS MATERIALIZED (SELECT * FROM mails_on_hold()),
    first AS (SELECT * FROM mail m WHERE NOT m.is_left_out ORDER BY m.not_before, m.id LIMIT p_most)
    SELECT jsonb_build_object(
        'is_live', (SELECT s.is_done FROM step s WHERE s.key = 'go_live'),
        'is_ready', (SELECT bool_and(s.is_done) FROM step s WHERE s.is_required AND s.key <> 'go_live'),
        'steps', (SELECT jsonb_agg(jsonb_build_object(
            'key', s.key, 'is_required', s.is_required, 'is_done', s.is_done, 'count', s.count,
            'needed', s.needed) ORDER BY s.place) FROM step s),
        'mails', jsonb_build_object(
            'preview', mails_preview(),
            'would_go', (SELECT count(*) FROM mail m WHERE NOT m.is_left_out),
            'left_out', (SELECT count(*) FROM mail m WHERE m.is_left_out),
            'first', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'message_id', f.id, 'class', f.class, 'kind', f.kind, 'to_address', f.to_address,
                'not_before', rfc3339(f.not_before)) ORDER BY f.not_before, f.id) FROM first f), '[]')));
END;

-- Whether mail is on hold, by whom and why, and what waits.
CREATE OR REPLACE FUNCTION mail_hold_document(p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH mail AS MATERIALIZED (SELECT * FROM mails_on_hold()),
    first AS (SELECT * FROM mail m WHERE NOT m.is_left_out ORDER BY m.not_before, m.id LIMIT p_most)
    SELECT jsonb_build_object(
        'is_held', d.go_live_at IS NULL OR d.mail_held_at IS NOT NULL,
        'is_live', d.go_live_at IS NOT NULL, 'held_at', rfc3339(d.mail_held_at), 'held_by', d.mail_held_by,
        'reason', d.mail_hold_reason,
        'would_go', (SELECT count(*) FROM mail m WHERE NOT m.is_left_out),
        'left_out', (SELECT count(*) FROM mail m WHERE m.is_left_out),
        'counts', (SELECT coalesce(jsonb_object_agg(k.kind, k.count), '{}')
                   FROM (SELECT m.kind, count(*) FROM mail m GROUP BY m.kind) AS k),
        'first', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'message_id', f.id, 'class', f.class, 'kind', f.kind, 'to_address', f.to_address,
            'not_before', rfc3339(f.not_before)) ORDER BY f.not_before, f.id) FROM first f), '[]'))
    FROM district d WHERE d.id = current_setting('kith.district')::uuid;
END;

-- A mail to whoever asks for it.
CREATE OR REPLACE FUNCTION mail_check_mail() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM message_queue('account', 'account', 'mail_check', NEW.id, NULL, NEW.user_id, '1', '{}',
                          current_setting('kith.now')::timestamptz, NEW.expires_at);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mail_check_made AFTER INSERT ON mail_check
    FOR EACH ROW EXECUTE FUNCTION mail_check_mail();

-- Whoever got it says what stood in it.
CREATE OR REPLACE FUNCTION mail_check_confirm(p_id uuid, p_version bigint, p_code text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c mail_check;
    ignored text;
BEGIN
    PERFORM lock_row('mail_check', p_id, p_version);
    SELECT * INTO STRICT c FROM mail_check o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    ignored := transition('mail_check', 'confirm', c.status);
    IF NOT keeper_may('mail_check', 'confirm', p_id) THEN
        RAISE EXCEPTION 'another''s mail' USING ERRCODE = 'KI403';
    ELSIF c.expires_at <= current_setting('kith.now')::timestamptz THEN
        PERFORM refuse_state('This mail is too old; send another one.',
                             jsonb_build_object('expires_at', rfc3339(c.expires_at)));
    ELSIF c.code <> p_code THEN
        PERFORM refuse_field('code', '"code" is not what the mail says.');
    END IF;
    UPDATE mail_check SET status = 'confirmed', confirmed_at = current_setting('kith.now')::timestamptz
    WHERE district_id = c.district_id AND id = c.id;
END
$$;

REVOKE EXECUTE ON FUNCTION mails_preview, mail_check_mail, mail_check_confirm FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mails_preview, mail_check_confirm TO kith_api;
REVOKE EXECUTE ON FUNCTION setup_steps, mails_on_hold, mails_leave_out, setup_document, mail_hold_document
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION setup_steps, mails_on_hold, mails_leave_out, setup_document, mail_hold_document
    TO kith_api;

RESET ROLE;
