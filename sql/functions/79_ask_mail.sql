-- What the mail of an ask says, and what stops it.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION ask_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'need', n.title, 'place', coalesce(s.name, w.name), 'partner', p.name, 'asker', u.name, 'lead', u.name,
            'quantity', rtrim(to_char(coalesce(a.quantity, n.quantity - n.filled), 'FM999,999,999,990')), 'unit', n.unit,
            'needed_by', mail_date(n.needed_by), 'respond_by', mail_date(a.respond_by),
            'has_description', coalesce(n.description ~ '\S', false),
            'description', text_paragraphs(CASE WHEN char_length(n.description) > 2000
                                                THEN left(n.description, 1999) || '…' ELSE n.description END),
            'paragraphs', text_paragraphs(a.message))
        FROM ask a
        JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
        JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
        LEFT JOIN app_user u ON u.district_id = a.district_id AND u.id = a.sent_by
        LEFT JOIN site s ON s.district_id = a.district_id AND s.id = n.site_id
        LEFT JOIN network w ON w.district_id = a.district_id AND w.id = n.network_id
        WHERE a.district_id = m.district_id AND a.id = m.subject_id);
END
$$;


-- Answered by another way, taken back, or somebody else is asked now.
CREATE OR REPLACE FUNCTION ask_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN a.archived_at IS NOT NULL OR a.status IN ('draft', 'expired', 'withdrawn')
                        OR a.contact_id IS DISTINCT FROM m.contact_id THEN 'cancelled'
                    WHEN a.status <> 'sent' THEN 'already_done' END
        FROM ask a WHERE a.district_id = m.district_id AND a.id = m.subject_id);
END
$$;

REVOKE EXECUTE ON FUNCTION ask_about, ask_obstacle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ask_about, ask_obstacle TO kith_mailer;

RESET ROLE;
