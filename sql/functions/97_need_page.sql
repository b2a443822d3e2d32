-- What the public reads of open needs: those that the district has marked for it, as a page and as a feed, without a name
-- of anybody; and calls to action that are public.

SET ROLE kith_owner;

-- A need that anybody may offer help for today.
CREATE OR REPLACE FUNCTION need_is_offered(n need) RETURNS boolean
LANGUAGE sql STABLE
RETURN n.is_public AND n.status IN ('open', 'partly_matched') AND n.archived_at IS NULL
    AND n.needed_by >= district_today();

CREATE OR REPLACE FUNCTION page_public_need(n need, p_slug text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'id', n.id, 'slug', p_slug, 'title', n.title, 'paragraphs', text_paragraphs(coalesce(n.description, '')),
    'text', n.description, 'quantity', page_number(n.quantity - n.filled), 'unit', n.unit,
    'by', page_date(n.needed_by), 'is_urgent', n.urgency <> 'routine',
    'opened_at', rfc3339(coalesce(n.opened_at, n.created_at)), 'updated_at', rfc3339(n.updated_at),
    'area', (SELECT f.name FROM focus_area f WHERE f.district_id = n.district_id AND f.id = n.focus_area_id),
    'place', coalesce(
        (SELECT s.name FROM site s WHERE s.district_id = n.district_id AND s.id = n.site_id),
        (SELECT w.name FROM network w WHERE w.district_id = n.district_id AND w.id = n.network_id)));

-- The first to be needed first. Its parameters and columns are those of stories_public(); a need that is withdrawn takes
-- its day with it, so that no day says when this has changed.
CREATE OR REPLACE FUNCTION needs_public(
    p_slug text, p_part text, p_need uuid, p_now text, p_request text,
    OUT locale text, OUT changed text, OUT body jsonb)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most constant integer := CASE p_part WHEN 'feed' THEN 20 ELSE 200 END; -- what a page may hold
    shown jsonb;
    last timestamptz;
    calls jsonb;
BEGIN
    IF NOT public_enter(p_slug, p_now, p_request) THEN
        RETURN;
    END IF;
    SELECT coalesce(jsonb_agg(page_public_need(f.n, p_slug) ORDER BY (f.n).needed_by, (f.n).id), '[]'),
           max((f.n).updated_at)
    INTO shown, last
    FROM (SELECT t AS n FROM need t
          WHERE t.district_id = current_setting('kith.district')::uuid AND t.needed_by >= district_today()
            AND need_is_offered(t)
          ORDER BY t.needed_by, t.id LIMIT most) AS f;
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'title', c.title, 'paragraphs', text_paragraphs(coalesce(c.message, '')), 'by', page_date(c.deadline),
        'slug', p_slug) ORDER BY c.deadline, c.id), '[]')
    INTO calls
    FROM call_to_action c
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.is_public AND c.status IN ('open', 'extended')
      AND c.deadline >= district_today() AND c.archived_at IS NULL;
    RETURN QUERY
    SELECT d.locale, NULL::text,
           jsonb_build_object('district', page_district(), 'slug', d.slug, 'district_id', d.id,
                              'updated', rfc3339(coalesce(last, d.created_at)), 'needs', shown,
                              'has_needs', shown <> '[]', 'calls', calls, 'has_calls', calls <> '[]')
    FROM district d WHERE d.id = current_setting('kith.district')::uuid;
END
$$;

REVOKE EXECUTE ON FUNCTION need_is_offered, page_public_need, needs_public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION need_is_offered, page_public_need, needs_public TO kith_api;

RESET ROLE;
