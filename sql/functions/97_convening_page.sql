-- The page by which an invitee answers, without an account (95_task.sql, 96_page.sql).

SET ROLE kith_owner;

-- The answer of a form; a form that comes twice says the same.
CREATE OR REPLACE FUNCTION task_convening_answer(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
BEGIN
    IF coalesce(p_form ->> 'answer', '') = '' THEN
        RETURN form_error('answer', 'required');
    END IF;
    PERFORM convening_answer(t.subject_id, p_form ->> 'answer', form_text(p_form, 'guests')::bigint,
                             form_text(p_form, 'needs'), NULL);
    RETURN '[]';
EXCEPTION WHEN SQLSTATE 'KI491' THEN
    RETURN form_error('guests', 'no_room');
END
$$;

CREATE OR REPLACE FUNCTION page_convening(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    i convening_invitee;
    c convening;
    zone text;
    is_asked boolean;
    form jsonb := p_view -> 'form';
    answer text;
BEGIN
    SELECT o.* INTO STRICT i FROM convening_invitee o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = t.subject_id;
    SELECT o.* INTO STRICT c FROM convening o WHERE o.district_id = i.district_id AND o.id = i.convening_id;
    zone := zone_of_site(c.site_id);
    is_asked := c.status = 'invited' AND NOT convening_has_begun(c)
        AND coalesce(c.archived_at, i.archived_at) IS NULL;
    answer := coalesce(form ->> 'answer', CASE i.status WHEN 'waitlisted' THEN 'accepted' ELSE i.status END);
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'title', c.title, 'place', convening_place(c), 'start', page_time(c.starts_at, zone),
        'end', page_time(c.ends_at, zone), 'zone', zone, 'location', c.location, 'online_url', c.online_url,
        'host', page_person(NULL, c.host_id),
        'agenda', convening_agenda_of(c.id, t.contact_id, coalesce(p_view ->> 'lang', t.locale)),
        'has_agenda', convening_agenda_of(c.id, t.contact_id, t.locale) IS NOT NULL,
        'is_asked', is_asked, 'is_answered', i.status <> 'invited',
        'stands', CASE WHEN is_asked AND i.status <> 'invited' THEN i.status END,
        'is_cancelled', c.status = 'cancelled' OR c.archived_at IS NOT NULL, 'reason', c.status_reason,
        'is_over', NOT is_asked AND c.status <> 'cancelled' AND c.archived_at IS NULL,
        'choices', (SELECT jsonb_agg(jsonb_build_object('code', o.code, 'is_chosen', o.code = answer,
                                                        'id', CASE o.place WHEN 1 THEN 'answer' END) ORDER BY o.place)
                    FROM unnest('{accepted,tentative,declined}'::text[]) WITH ORDINALITY AS o (code, place)),
        'guests', coalesce(form ->> 'guests', i.guests::text), 'needs', coalesce(form ->> 'needs', i.note),
        'answer_error', page_error(p_view, 'answer'), 'guests_error', page_error(p_view, 'guests'),
        'needs_error', page_error(p_view, 'needs'), 'note', form ->> 'note',
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false), 'errors', p_view -> 'errors');
END
$$;

REVOKE EXECUTE ON FUNCTION task_convening_answer, page_convening FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_convening_answer, page_convening TO kith_api;

RESET ROLE;
