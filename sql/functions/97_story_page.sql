-- What the public reads: published stories as pages and as a feed, and their pictures. Nobody is signed in; the
-- address names the district. Letters for taxes and certificates, as documents to keep.

SET ROLE kith_owner;

-- ---- Stories -------------------------------------------------------------------------------------

-- p_part: list, feed or page, which differ in how much of it they show.
CREATE OR REPLACE FUNCTION page_story(s story, p_part text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'id', s.id, 'title', s.title, 'summary', s.summary, 'story_lang', s.locale,
        'teaser', coalesce(nullif(s.summary, ''), left(regexp_replace(s.text, '\s+', ' ', 'g'), 300)
            || CASE WHEN char_length(s.text) > 300 THEN '…' ELSE '' END),
        'paragraphs', CASE p_part WHEN 'page' THEN text_paragraphs(s.text) END,
        'text', CASE p_part WHEN 'feed' THEN s.text END,
        'published', page_date((s.published_at AT TIME ZONE d.zone)::date),
        'published_at', rfc3339(s.published_at),
        'pictures', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('story_id', s.id, 'picture_id', a.id, 'alt', a.description)
                                      ORDER BY a.created_at, a.id), '[]')
            FROM attachment a
            WHERE a.district_id = s.district_id AND a.subject_kind = 'story' AND a.subject_id = s.id
              AND a.archived_at IS NULL AND a.media_type IN ('image/png', 'image/jpeg')),
        'has_about', EXISTS (SELECT FROM story_subject b
                             WHERE b.district_id = s.district_id AND b.story_id = s.id AND b.archived_at IS NULL),
        'about', (
            SELECT coalesce(jsonb_agg(n.name ORDER BY n.name), '[]')
            FROM (SELECT r.name FROM story_subject b
                  JOIN partnership p ON p.district_id = b.district_id AND p.id = b.partnership_id
                  JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
                  WHERE b.district_id = s.district_id AND b.story_id = s.id AND b.archived_at IS NULL
                  UNION
                  SELECT c.name FROM story_subject b
                  JOIN contact c ON c.district_id = b.district_id AND c.id = b.contact_id
                  WHERE b.district_id = s.district_id AND b.story_id = s.id AND b.archived_at IS NULL
                  UNION
                  SELECT coalesce(r.name, c.name) FROM story_subject b
                  JOIN gift g ON g.district_id = b.district_id AND g.id = b.gift_id
                  LEFT JOIN partner r ON r.district_id = g.district_id AND r.id = g.partner_id
                  LEFT JOIN contact c ON c.district_id = g.district_id AND c.id = g.contact_id
                  WHERE b.district_id = s.district_id AND b.story_id = s.id AND b.archived_at IS NULL
                  UNION
                  SELECT i.name FROM story_subject b
                  JOIN site i ON i.district_id = b.district_id AND i.id = b.site_id
                  WHERE b.district_id = s.district_id AND b.story_id = s.id AND b.archived_at IS NULL) AS n))
    FROM district d WHERE d.id = s.district_id;
END;

-- The context of the district that an address names; false: there is none.
CREATE OR REPLACE FUNCTION public_enter(p_slug text, p_now text, p_request text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    found_district uuid := sign_in_district(p_slug, NULL);
BEGIN
    IF found_district IS NULL THEN
        RETURN false;
    END IF;
    PERFORM kith_context(found_district, '', '', p_now, p_request);
    RETURN true;
END
$$;

-- Of a district, the newest first; or one (no row: there is none that is public). changed: when what is
-- public last did, as HTTP says it; NULL while that second is not over.
CREATE OR REPLACE FUNCTION stories_public(
    p_slug text, p_part text, p_story uuid, p_now text, p_request text,
    OUT locale text, OUT changed text, OUT body jsonb)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most constant integer := CASE p_part WHEN 'feed' THEN 10 ELSE 100 END; -- what a page may hold
    last timestamptz;
    found jsonb;
BEGIN
    IF NOT public_enter(p_slug, p_now, p_request) THEN
        RETURN;
    END IF;
    SELECT coalesce(jsonb_agg(s.one ORDER BY s.published_at DESC, s.id), '[]') INTO found
    FROM (SELECT t.id, t.published_at, page_story(t, p_part) AS one
          FROM story t
          WHERE t.district_id = current_setting('kith.district')::uuid AND t.status = 'published'
            AND t.archived_at IS NULL AND (p_story IS NULL OR t.id = p_story)
          ORDER BY t.published_at DESC, t.id LIMIT most) AS s;
    IF p_story IS NOT NULL AND found = '[]' THEN
        RETURN;
    END IF;
    SELECT max(t.updated_at) INTO last FROM story t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.published_at IS NOT NULL;
    RETURN QUERY
    SELECT d.locale,
           CASE WHEN last + interval '1 second' < p_now::timestamptz
                THEN to_char(last AT TIME ZONE 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS "GMT"') END,
           jsonb_build_object('district', page_district(), 'slug', d.slug, 'district_id', d.id, 'locale', d.locale,
                              'updated', rfc3339(coalesce(last, d.created_at)), 'stories', found,
                              'has_stories', found <> '[]')
           || coalesce(found -> 0, '{}')
    FROM district d WHERE d.id = current_setting('kith.district')::uuid;
END
$$;

-- A piece of a picture, while its story is public.
CREATE OR REPLACE FUNCTION story_picture(
    p_slug text, p_story uuid, p_picture uuid, p_number bigint, p_now text, p_request text,
    OUT media_type text, OUT sha256 text, OUT pieces bigint, OUT bytes bytea)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT public_enter(p_slug, p_now, p_request) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT f.*
    FROM story s
    JOIN attachment a ON a.district_id = s.district_id AND a.subject_kind = 'story' AND a.subject_id = s.id
        AND a.archived_at IS NULL AND a.media_type IN ('image/png', 'image/jpeg')
    CROSS JOIN LATERAL attachment_piece_of(a.id, p_number) f
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_story AND s.status = 'published'
      AND s.archived_at IS NULL AND a.id = p_picture;
END
$$;

-- ---- Documents -----------------------------------------------------------------------------------

-- A letter as it was issued, and a record of who took it.
CREATE OR REPLACE FUNCTION tax_document_take(p_id uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    t tax_document;
    ignored text;
BEGIN
    SELECT o.* INTO t FROM tax_document o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    IF t.id IS NULL THEN
        RETURN NULL;
    END IF;
    ignored := record_write(t.district_id, 'tax_document', 'downloaded', t.id, t.version, NULL, NULL,
                            jsonb_build_object('id', t.id));
    RETURN jsonb_build_object(
        'locale', t.locale, 'name', coalesce(t.number, 'draft') || '.html', 'is_tax', true,
        'is_summary', t.kind = 'summary', 'number', t.number, 'day', page_date(t.issued_on), 'year', t.year,
        'is_draft', t.status = 'draft', 'is_replaced', t.status = 'replaced',
        'paragraphs', text_paragraphs(t.text));
END
$$;

CREATE OR REPLACE FUNCTION award_certificate(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_build_object(
            'locale', a.locale, 'name', 'certificate.html', 'is_award', true, 'title', a.title,
            'whose', coalesce(p.name, c.name), 'years', a.years, 'day', page_date(a.given_on),
            'paragraphs', text_paragraphs(coalesce(a.citation, '')), 'given_by', a.given_by,
            'district', page_district())
        FROM award a
        LEFT JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id
        LEFT JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id
        WHERE a.id = p_id);

REVOKE EXECUTE ON FUNCTION page_story, public_enter, stories_public, story_picture,
    tax_document_take, award_certificate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_story, public_enter, stories_public, story_picture,
    tax_document_take, award_certificate TO kith_api;

RESET ROLE;
