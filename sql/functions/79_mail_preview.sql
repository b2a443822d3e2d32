-- What a mail would say, for whoever wants to see it before anybody gets it (GET /v1/mail_previews).

SET ROLE kith_owner;

-- The district as its mails show it.
CREATE OR REPLACE FUNCTION letterhead(d district) RETURNS jsonb
LANGUAGE sql STABLE
RETURN district_brand(d) || jsonb_build_object(
    'sender', coalesce(d.mail_from_name, d.name), 'locale', d.locale,
    'accent', coalesce(d.accent_color, '#0b5d4e'),
    'address', nullif(concat_ws(', ', d.street, d.city, nullif(concat_ws(' ', d.state, d.postal_code), '')), ''));

-- The part of a mail that a calendar reads, in short; NULL: it has none.
CREATE OR REPLACE FUNCTION calendar_told(p_invitation jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE WHEN jsonb_typeof(p_invitation) = 'object' THEN jsonb_build_object(
    'method', CASE WHEN (p_invitation ->> 'is_cancelled')::boolean THEN 'CANCEL' ELSE 'REQUEST' END,
    'uid', p_invitation ->> 'uid', 'sequence', p_invitation -> 'sequence', 'starts_on', p_invitation ->> 'due_on',
    'starts_at', rfc3339((p_invitation ->> 'starts_at')::timestamptz),
    'ends_at', rfc3339((p_invitation ->> 'ends_at')::timestamptz), 'zone', p_invitation ->> 'zone',
    'location', p_invitation ->> 'location', 'organizer', p_invitation ->> 'organizer_address') END;

-- The message as it would be written now, behind it what it carries; without one the head of a sample, to whoever asks.
-- The owner's: what mails tell of is the mailer's to read. No row: there is no such message.
DROP FUNCTION IF EXISTS mail_preview(uuid);
CREATE FUNCTION mail_preview(p_message uuid)
RETURNS TABLE (place bigint, kind text, locale text, to_name text, district jsonb, about jsonb, has_task boolean, has_stop boolean,
               calendar jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district_now uuid := current_setting('kith.district')::uuid;
BEGIN
    IF p_message IS NULL THEN
        RETURN QUERY
        SELECT 0::bigint, '', coalesce(u.locale, d.locale), coalesce(u.name, d.name), letterhead(d), '{}'::jsonb, false, false,
               NULL::jsonb
        FROM district d
        LEFT JOIN app_user u ON u.district_id = d.id AND u.id = nullif(current_setting('kith.user'), '')::uuid
        WHERE d.id = district_now;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT l.place, l.one ->> 'kind', l.one ->> 'locale', h.to_name, s.district, l.one -> 'about',
           (l.one ->> 'has_task')::boolean, (l.one ->> 'has_stop')::boolean, calendar_told(l.one -> 'invitation')
    FROM message m
    CROSS JOIN LATERAL jsonb_array_elements(message_letters(m)) WITH ORDINALITY AS l (one, place)
    LEFT JOIN message_heads(ARRAY[p_message]) h ON h.message_id = m.id
    CROSS JOIN mail_sender() AS s
    WHERE m.district_id = district_now AND m.id = p_message
    ORDER BY l.place;
END
$$;

REVOKE EXECUTE ON FUNCTION letterhead, calendar_told, mail_preview FROM PUBLIC;
GRANT EXECUTE ON FUNCTION letterhead TO kith_mailer;
GRANT EXECUTE ON FUNCTION mail_preview TO kith_api;

RESET ROLE;
