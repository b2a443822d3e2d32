-- What mails of thanks, letters for taxes and bulletins say, and what stops one.

SET ROLE kith_owner;

-- A date for a template, which says it in the reader's language. weekday: 1 is Monday.
CREATE OR REPLACE FUNCTION mail_date(p_day date) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN p_day IS NOT NULL THEN jsonb_build_object(
        'weekday', date_part('isodow', p_day)::integer::text,
        'day', date_part('day', p_day)::integer,
        'month', date_part('month', p_day)::integer::text,
        'year', date_part('year', p_day)::integer) END;
END
$$;

-- Paragraphs, as an empty line parts them.
CREATE OR REPLACE FUNCTION text_paragraphs(p_text text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN (SELECT coalesce(jsonb_agg(p.one ORDER BY p.place), '[]')
        FROM regexp_split_to_table(p_text, '\n[[:space:]]*\n') WITH ORDINALITY AS p (one, place)
        WHERE p.one ~ '\S');

CREATE OR REPLACE FUNCTION thank_you_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('subject', t.subject, 'text', t.text, 'paragraphs', text_paragraphs(t.text))
            FROM thank_you t WHERE t.district_id = m.district_id AND t.id = m.subject_id);
END
$$;

CREATE OR REPLACE FUNCTION thank_you_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN t.archived_at IS NOT NULL OR t.status <> 'sent' THEN 'cancelled' END
            FROM thank_you t WHERE t.district_id = m.district_id AND t.id = m.subject_id);
END
$$;

CREATE OR REPLACE FUNCTION tax_document_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
                'is_summary', t.kind = 'summary', 'number', t.number, 'year', t.year::text, 'donee', d.name,
                'day', mail_date(t.issued_on), 'text', t.text, 'paragraphs', text_paragraphs(t.text))
            FROM tax_document t JOIN donee d ON d.district_id = t.district_id AND d.id = t.donee_id
            WHERE t.district_id = m.district_id AND t.id = m.subject_id);
END
$$;

CREATE OR REPLACE FUNCTION tax_document_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN t.status <> 'sent' THEN 'cancelled' END
            FROM tax_document t WHERE t.district_id = m.district_id AND t.id = m.subject_id);
END
$$;

-- Of the needs that it was about, those that are still open and public.
CREATE OR REPLACE FUNCTION bulletin_open_needs(b bulletin) RETURNS SETOF need
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT n.* FROM need n
    WHERE n.district_id = b.district_id AND n.id = ANY (b.need_ids) AND n.is_public
      AND n.status IN ('open', 'partly_matched') AND n.archived_at IS NULL;
END;

CREATE OR REPLACE FUNCTION bulletin_obstacle(m message) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN b.status <> 'sent' OR b.archived_at IS NOT NULL
                            OR NOT EXISTS (SELECT FROM bulletin_open_needs(b)) THEN 'cancelled' END
            FROM bulletin b WHERE b.district_id = m.district_id AND b.id = m.subject_id);
END
$$;

-- Subject and introduction in a language: its own, that of its region, or the first.
CREATE OR REPLACE FUNCTION bulletin_text(b bulletin, p_locale text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT x.one FROM jsonb_array_elements(b.texts) WITH ORDINALITY AS x (one, place)
        ORDER BY x.one ->> 'locale' = p_locale DESC,
                 split_part(x.one ->> 'locale', '-', 1) = split_part(p_locale, '-', 1) DESC, x.place LIMIT 1);

-- What it says in a language, of the needs that it is about.
CREATE OR REPLACE FUNCTION bulletin_says(b bulletin, p_locale text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
                'subject', w.one ->> 'subject', 'introduction', w.one ->> 'introduction',
                'paragraphs', text_paragraphs(w.one ->> 'introduction'),
                'needs', (
                    SELECT jsonb_agg(jsonb_build_object(
                        'title', n.title, 'site', s.name, 'needed_by', mail_date(n.needed_by),
                        'description', CASE WHEN char_length(n.description) > 500
                                            THEN left(n.description, 499) || '…' ELSE n.description END)
                        ORDER BY n.needed_by, n.id)
                    FROM bulletin_open_needs(b) n
                    LEFT JOIN site s ON s.district_id = n.district_id AND s.id = n.site_id))
            FROM bulletin_text(b, p_locale) AS w (one));
END
$$;

CREATE OR REPLACE FUNCTION bulletin_about(m message) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT bulletin_says(b, m.locale) FROM bulletin b WHERE b.district_id = m.district_id AND b.id = m.subject_id);
END
$$;

REVOKE EXECUTE ON FUNCTION mail_date, text_paragraphs, thank_you_about, thank_you_obstacle, tax_document_about,
    tax_document_obstacle, bulletin_open_needs, bulletin_obstacle, bulletin_text, bulletin_says, bulletin_about FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_date, text_paragraphs, thank_you_about, thank_you_obstacle, tax_document_about,
    tax_document_obstacle, bulletin_open_needs, bulletin_obstacle, bulletin_text, bulletin_says, bulletin_about TO kith_mailer;
GRANT EXECUTE ON FUNCTION text_paragraphs, bulletin_text TO kith_api;

RESET ROLE;
