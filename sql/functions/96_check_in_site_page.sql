-- What a school adds to a check-in, said on the check-in's page: by whoever of the district may write for the school. A
-- link is no more than what its user may do by the API, so it goes by the grants.

SET ROLE kith_owner;

-- What the task's user may write for, as kith.scope says it, by the grants that hold today.
CREATE OR REPLACE FUNCTION task_scope() RETURNS text
LANGUAGE sql STABLE
RETURN (
    SELECT kith_scope(current_setting('kith.district')::uuid, coalesce(jsonb_agg(jsonb_build_object(
        'role', g.role, 'scope_kind', g.scope_kind, 'scope_id', g.scope_id)), '[]'), '{director,coordinator,school_leader}')
    FROM task() t
    JOIN user_grant g ON g.district_id = current_setting('kith.district')::uuid AND g.user_id = t.user_id
        AND g.archived_at IS NULL AND district_today() BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'));

-- The schools of the task's check-in for which its user may speak, as long as that is open, with what each has said.
CREATE OR REPLACE FUNCTION task_schools()
RETURNS TABLE (check_in_id uuid, site_id uuid, site text, id uuid, rating bigint, note text, seal text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, s.id, s.name, o.id, o.rating, nullif(o.note, ''), coalesce(md5(o.id || ' ' || o.version), 'new')
    FROM task() t
    JOIN check_in c ON c.district_id = current_setting('kith.district')::uuid AND c.id = t.subject_id AND c.status = 'open'
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
    CROSS JOIN (SELECT task_scope() AS covered) w
    JOIN site s ON s.district_id = c.district_id AND s.archived_at IS NULL
        AND (w.covered = '*' OR strpos(w.covered, s.id::text) > 0)
        AND (s.id = p.lead_site_id OR s.id IN (
            SELECT l.site_id FROM partnership_site l
            WHERE l.district_id = p.district_id AND l.partnership_id = p.id AND l.archived_at IS NULL))
    LEFT JOIN check_in_site o ON o.district_id = c.district_id AND o.check_in_id = c.id AND o.site_id = s.id
        AND o.archived_at IS NULL
    WHERE t.purpose = 'check_in' AND t.user_id IS NOT NULL;
END;

-- What the form of one school says: site_rating.<id>, site_note.<id>. What somebody else has said meanwhile is not written
-- over, and what comes twice changes nothing. Who empties it takes it back.
CREATE OR REPLACE FUNCTION task_site_rate(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    rating_ bigint := form_text(p_form, 'site_rating.' || (p_form ->> 'item'));
    note_ text := form_text(p_form, 'site_note.' || (p_form ->> 'item'));
    said record;
BEGIN
    SELECT s.* INTO said FROM task_schools() s WHERE s.site_id = (p_form ->> 'item')::uuid;
    IF said.site_id IS NULL THEN
        PERFORM refuse_state('This is not to be said any more, or not by you.', '{}');
    ELSIF (rating_, note_) IS NOT DISTINCT FROM (said.rating, said.note) THEN
        RETURN CASE WHEN said.id IS NULL THEN form_error('site_rating.' || said.site_id, 'required') ELSE '[]' END;
    ELSIF p_form ->> 'seal' IS DISTINCT FROM said.seal THEN
        RETURN form_error('', 'changed');
    ELSIF said.id IS NULL THEN
        INSERT INTO check_in_site (district_id, id, check_in_id, site_id, rating, note)
        VALUES (current_setting('kith.district')::uuid, uuid7(), said.check_in_id, said.site_id, rating_, note_);
    ELSIF num_nonnulls(rating_, note_) = 0 THEN
        UPDATE check_in_site o SET archived_at = business_now()
        WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = said.id;
    ELSE
        UPDATE check_in_site o SET rating = rating_, note = note_
        WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = said.id;
    END IF;
    RETURN '[]';
END
$$;

-- School by school, for the page; NULL: there is none to speak for. What was said is folded away.
CREATE OR REPLACE FUNCTION page_schools(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    most constant integer := 50; -- schools on one page
    form jsonb := CASE WHEN p_view ->> 'verb' = 'site_rate' THEN p_view -> 'form' END;
BEGIN
    RETURN (
        SELECT jsonb_agg(jsonb_build_object(
            'id', s.site_id, 'site', s.site, 'seal', s.seal, 'is_open', coalesce(form ->> 'item' = s.site_id::text, false),
            'choices', (SELECT jsonb_agg(jsonb_build_object('code', n, 'is_chosen', n = CASE form ->> 'item'
                            WHEN s.site_id::text THEN form ->> ('site_rating.' || s.site_id) ELSE s.rating::text END) ORDER BY n)
                        FROM unnest('{1,2,3,4}'::text[]) AS n),
            'note', CASE form ->> 'item' WHEN s.site_id::text THEN form ->> ('site_note.' || s.site_id) ELSE s.note END,
            'rating_error', page_error(p_view, 'site_rating.' || s.site_id),
            'note_error', page_error(p_view, 'site_note.' || s.site_id)) ORDER BY s.site, s.site_id)
        FROM (SELECT w.* FROM task_schools() w ORDER BY w.site, w.site_id LIMIT most) AS s);
END
$$;

REVOKE EXECUTE ON FUNCTION task_scope, task_schools, task_site_rate, page_schools FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_scope, task_schools, task_site_rate, page_schools TO kith_api;

RESET ROLE;
