-- How ready a school is, as a partner says on the page of its check-in, or of its record where it has none. It stands
-- there and in no mail of its own: who leads comes to those pages anyway, thinks of the school, and gets no more mail for
-- it. What was said holds for the school year, and is shown each time to be looked at again.

SET ROLE kith_owner;

-- The conditions at schools, with what a partner says of them this year; ids as own_readiness has them.
CREATE OR REPLACE FUNCTION readiness_said(p_partner uuid, p_sites uuid[])
RETURNS TABLE (id uuid, partner_id uuid, site_id uuid, site text, readiness_condition_id uuid, condition text,
               description text, rating bigint, note text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT md5(p_partner || ' ' || s.id || ' ' || c.id)::uuid, p_partner, s.id, s.name, c.id, c.name,
           c.description, r.rating, r.note
    FROM site s
    JOIN readiness_condition c ON c.district_id = s.district_id AND c.archived_at IS NULL
    LEFT JOIN readiness_rating r ON r.district_id = s.district_id AND r.site_id = s.id
        AND r.readiness_condition_id = c.id AND r.partner_id = p_partner AND r.school_year = school_year_today()
        AND r.archived_at IS NULL
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = ANY (p_sites) AND s.archived_at IS NULL;
END;

-- The same of the task: of its check-in's partnership, or wherever the partner of its record works.
CREATE OR REPLACE FUNCTION task_conditions()
RETURNS TABLE (id uuid, partner_id uuid, site_id uuid, site text, readiness_condition_id uuid, condition text,
               description text, rating bigint, note text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.*
    FROM task() t
    CROSS JOIN LATERAL (
        SELECT t.subject_id AS partner_id, ARRAY(SELECT s.site_id FROM partner_schools(t.subject_id) s) AS sites
        WHERE t.purpose = 'record'
        UNION ALL
        SELECT p.partner_id, ARRAY(SELECT s.site_id FROM partnership_schools(p.id) s)
        FROM check_in c
        JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id AND p.archived_at IS NULL
        WHERE t.purpose = 'check_in' AND c.district_id = current_setting('kith.district')::uuid
          AND c.id = t.subject_id) AS o
    CROSS JOIN LATERAL readiness_said(o.partner_id, o.sites) w;
END;

-- Whether whoever has the task speaks for the partner: a co-partner's contact may lead, too.
CREATE OR REPLACE FUNCTION task_may_rate() RETURNS boolean
LANGUAGE sql STABLE
RETURN (
    SELECT CASE t.purpose
        WHEN 'record' THEN EXISTS (SELECT FROM partner_correspondents(t.subject_id) w WHERE w.contact_id = t.contact_id)
        WHEN 'check_in' THEN t.contact_id IS NOT NULL AND coalesce((
            SELECT bool_or(a.partner_id = p.partner_id)
            FROM check_in c
            JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
            JOIN affiliation a ON a.district_id = c.district_id AND a.contact_id = t.contact_id AND a.archived_at IS NULL
                AND coalesce(a.until_date, 'infinity') >= district_today()
            WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = t.subject_id), true)
        ELSE false END
    FROM task() t);

-- What the form says: rating.<id>, remark.<id>. What is said already is not said again.
CREATE OR REPLACE FUNCTION task_readiness_rate(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    said record;
BEGIN
    IF NOT task_may_rate() THEN
        PERFORM refuse_state('You do not speak for it any more.', '{}');
    END IF;
    FOR said IN
        SELECT f.id, w.site_id, w.readiness_condition_id, w.partner_id, form_text(p_form, 'rating.' || f.id)::bigint AS rating,
               form_text(p_form, 'remark.' || f.id) AS note, w.rating AS stood, w.note AS noted
        FROM (SELECT DISTINCT split_part(k, '.', 2)::uuid AS id FROM jsonb_object_keys(p_form) k WHERE k LIKE '%.%') f
        LEFT JOIN task_conditions() w ON w.id = f.id
        ORDER BY f.id
    LOOP
        IF said.rating IS NULL AND said.note IS NULL AND said.stood IS NULL THEN
            CONTINUE;
        ELSIF said.site_id IS NULL THEN
            PERFORM refuse_state('It does not work at this school any more.', '{}');
        ELSIF said.rating IS NULL THEN
            RETURN form_error('rating.' || said.id, 'required');
        ELSIF (said.rating, said.note) IS DISTINCT FROM (said.stood, said.noted) THEN
            PERFORM readiness_put(said.partner_id, said.site_id, said.readiness_condition_id, said.rating, said.note,
                                  t.contact_id);
        END IF;
    END LOOP;
    RETURN '[]';
END
$$;

-- School by school; NULL: there is nothing to rate. What was said is folded away.
DROP FUNCTION IF EXISTS page_readiness(uuid, jsonb);
CREATE OR REPLACE FUNCTION page_readiness(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    most constant integer := 12; -- schools on one page
    form jsonb := CASE WHEN p_view ->> 'verb' IN ('readiness_rate', 'record_rate') THEN p_view -> 'form' END;
BEGIN
    IF NOT task_may_rate() THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT jsonb_agg(jsonb_build_object('site', s.site, 'is_open', form IS NOT NULL OR s.is_open,
                                            'conditions', s.conditions) ORDER BY s.site, s.site_id)
        FROM (
            SELECT w.site, w.site_id, bool_or(w.rating IS NULL) AS is_open, jsonb_agg(jsonb_build_object(
                'id', w.id, 'condition', w.condition, 'description', w.description,
                'choices', (SELECT jsonb_agg(jsonb_build_object('code', n, 'is_chosen',
                                n = coalesce(form ->> ('rating.' || w.id), w.rating::text)) ORDER BY n)
                            FROM unnest('{1,2,3,4}'::text[]) AS n),
                'remark', coalesce(form ->> ('remark.' || w.id), w.note),
                'rating_error', page_error(p_view, 'rating.' || w.id),
                'remark_error', page_error(p_view, 'remark.' || w.id)) ORDER BY w.condition, w.id) AS conditions
            FROM task_conditions() w
            GROUP BY w.site, w.site_id ORDER BY w.site, w.site_id LIMIT most) AS s);
END
$$;

REVOKE EXECUTE ON FUNCTION readiness_said, task_conditions, task_may_rate, task_readiness_rate, page_readiness FROM PUBLIC;
GRANT EXECUTE ON FUNCTION readiness_said, task_conditions, task_may_rate, task_readiness_rate, page_readiness TO kith_api;

RESET ROLE;
