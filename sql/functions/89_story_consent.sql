-- Whether a story may name somebody: asked by mail, and answered by its link without an account, or signed in. What was
-- read is what is consented to; a consent is taken back by the same page.

SET ROLE kith_owner;

-- Who may say for a subject whether it may: the person, whoever gave, the partner's leads or else who speaks for it.
CREATE OR REPLACE FUNCTION story_voices(s story_subject) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT c.id FROM contact c
    WHERE c.district_id = s.district_id AND c.status = 'active' AND c.archived_at IS NULL AND c.id IN (
        SELECT s.contact_id
        UNION SELECT g.contact_id FROM gift g WHERE g.district_id = s.district_id AND g.id = s.gift_id
        UNION SELECT w.contact_id
        FROM gift g CROSS JOIN LATERAL partner_correspondents(g.partner_id) w
        WHERE g.district_id = s.district_id AND g.id = s.gift_id
        UNION SELECT l.contact_id FROM partnership_leads(s.partnership_id) l
        UNION SELECT w.contact_id
        FROM partnership p CROSS JOIN LATERAL partner_correspondents(p.partner_id) w
        WHERE p.district_id = s.district_id AND p.id = s.partnership_id
          AND NOT EXISTS (SELECT FROM partnership_leads(p.id) l WHERE l.contact_id IS NOT NULL));
END
$$;

-- Whom or what the story names by it.
CREATE OR REPLACE FUNCTION story_subject_name(s story_subject) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT c.name FROM contact c WHERE c.district_id = (s).district_id AND c.id = (s).contact_id
        UNION ALL
        SELECT coalesce(p.name, c.name) FROM gift g
        LEFT JOIN partner p ON p.district_id = g.district_id AND p.id = g.partner_id
        LEFT JOIN contact c ON c.district_id = g.district_id AND c.id = g.contact_id
        WHERE g.district_id = (s).district_id AND g.id = (s).gift_id
        UNION ALL
        SELECT r.name FROM partnership p
        JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id
        WHERE p.district_id = (s).district_id AND p.id = (s).partnership_id
        UNION ALL
        SELECT i.name FROM site i WHERE i.district_id = (s).district_id AND i.id = (s).site_id LIMIT 1);

-- One mail to each of them, once a day.
CREATE OR REPLACE FUNCTION story_subject_ask(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    s story_subject;
    t story;
    asked uuid;
BEGIN
    PERFORM lock_row('story_subject', p_id, p_version);
    SELECT o.* INTO s FROM story_subject o WHERE o.id = p_id;
    SELECT o.* INTO t FROM story o WHERE o.district_id = s.district_id AND o.id = s.story_id;
    IF s.site_id IS NOT NULL THEN
        PERFORM refuse_state('A site is the district''s own: nobody is asked.', '{"status": "site"}');
    ELSIF t.status NOT IN ('draft', 'review') OR t.archived_at IS NOT NULL THEN
        PERFORM refuse_state('Whom it names is asked before a story is approved.', jsonb_build_object('status', t.status));
    ELSIF story_has_consent(s, t) THEN
        PERFORM refuse_state('Consent is there already.', jsonb_build_object('status', 'consented'));
    ELSIF NOT EXISTS (SELECT FROM story_voices(s)) THEN
        PERFORM refuse_state('There is nobody to ask.',
                             jsonb_build_object('status', t.status, 'missing', '["contact"]'::jsonb));
    END IF;
    FOR asked IN SELECT v FROM story_voices(s) v ORDER BY v LOOP
        PERFORM message_queue(
            'program', 'stories', 'story_consent', s.id, asked, NULL, format('asked %s', district_today()),
            jsonb_build_object('story', t.title, 'of', story_subject_name(s)), business_now,
            business_now + interval '30 days', s.partnership_id);
    END LOOP;
    UPDATE story_subject o SET asked_at = business_now WHERE o.id = p_id;
END
$$;

-- An answer, by whom it was asked of; one that comes twice says the same. To decline what was consented to takes it back.
CREATE OR REPLACE FUNCTION task_story_answer(p_consents boolean, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    k record := task();
    s story_subject;
    t story;
BEGIN
    PERFORM lock_row('story_subject', k.subject_id, NULL);
    SELECT o.* INTO s FROM story_subject o WHERE o.id = k.subject_id;
    SELECT o.* INTO t FROM story o WHERE o.district_id = s.district_id AND o.id = s.story_id;
    IF s.archived_at IS NOT NULL OR t.archived_at IS NOT NULL OR NOT k.contact_id IN (SELECT story_voices(s)) THEN
        PERFORM refuse_state('It is not asked of you any more.', jsonb_build_object('status', t.status));
    ELSIF p_consents AND p_form ->> 'seal' IS DISTINCT FROM story_seal(t) THEN
        RETURN form_error('', 'changed');
    ELSIF p_consents AND coalesce(p_form ->> 'story_read', '') <> 'yes' THEN
        RETURN form_error('story_read', 'required');
    ELSIF p_consents AND story_has_consent(s, t) OR NOT p_consents AND s.consent_on IS NULL AND s.answered_at IS NOT NULL THEN
        RETURN '[]';
    END IF;
    UPDATE story_subject o SET answered_at = current_setting('kith.now')::timestamptz, answered_by = k.contact_id,
        answer_note = CASE WHEN NOT p_consents THEN form_text(p_form, 'why') END, consent_recorded_by = NULL,
        consent_on = CASE WHEN p_consents THEN district_today() END,
        consent_contact_id = CASE WHEN p_consents THEN k.contact_id END,
        consent_seal = CASE WHEN p_consents THEN story_seal(t) END
    WHERE o.id = k.subject_id;
    RETURN '[]';
END
$$;

CREATE OR REPLACE FUNCTION page_story_consent(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    k record := task();
    s story_subject;
    t story;
    zone text;
    may boolean;
BEGIN
    SELECT o.* INTO STRICT s FROM story_subject o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = k.subject_id;
    SELECT o.* INTO STRICT t FROM story o WHERE o.district_id = s.district_id AND o.id = s.story_id;
    SELECT d.zone INTO STRICT zone FROM district d WHERE d.id = s.district_id;
    may := s.archived_at IS NULL AND t.archived_at IS NULL AND k.contact_id IN (SELECT story_voices(s));
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(k.contact_id, k.user_id), 'of', story_subject_name(s),
        'story', CASE WHEN may THEN jsonb_build_object(
            'title', t.title, 'lang', t.locale, 'summary', t.summary, 'paragraphs', text_paragraphs(t.text),
            'pictures', (SELECT jsonb_agg(a.description ORDER BY a.created_at, a.id) FROM attachment a
                         WHERE a.district_id = t.district_id AND a.subject_kind = 'story' AND a.subject_id = t.id
                           AND a.archived_at IS NULL AND a.description ~ '\S')) END,
        'may', may, 'is_over', NOT may, 'is_published', t.status = 'published',
        'can_consent', may AND t.status IN ('draft', 'review') AND NOT story_has_consent(s, t),
        'can_decline', may AND (s.consent_on IS NOT NULL OR s.answered_at IS NULL),
        'has_consented', s.consent_on IS NOT NULL,
        'answer', CASE WHEN s.answered_at IS NOT NULL OR s.consent_on IS NOT NULL THEN jsonb_build_object(
            'code', CASE WHEN s.consent_on IS NULL THEN 'declined'
                         WHEN story_has_consent(s, t) THEN 'consented' ELSE 'changed' END,
            'by', page_person(coalesce(s.answered_by, s.consent_contact_id), NULL),
            'at', coalesce(page_time(s.answered_at, zone), page_date(s.consent_on))) END,
        'seal', story_seal(t), 'why', p_view -> 'form' ->> 'why', 'has_changed', page_error(p_view, '') = 'changed',
        'read_error', page_error(p_view, 'story_read'),
        'has_errors', coalesce(jsonb_path_exists(p_view -> 'errors', '$[*] ? (@.name != "")'), false),
        'errors', (SELECT jsonb_agg(e.value) FROM jsonb_array_elements(p_view -> 'errors') e
                   WHERE e.value ->> 'name' <> ''));
END
$$;

-- What is asked of a contact, and not answered: on its first page.
CREATE OR REPLACE FUNCTION home_consents(p_contact uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object('id', s.id, 'title', t.title) ORDER BY t.title, s.id)
    FROM (SELECT DISTINCT m.subject_id FROM message m
          WHERE m.district_id = current_setting('kith.district')::uuid AND m.contact_id = p_contact
            AND m.kind = 'story_consent') AS m
    JOIN story_subject s ON s.district_id = current_setting('kith.district')::uuid AND s.id = m.subject_id
        AND s.archived_at IS NULL AND coalesce(s.answered_at < s.asked_at, true)
    JOIN story t ON t.district_id = s.district_id AND t.id = s.story_id AND t.archived_at IS NULL
        AND t.status IN ('draft', 'review')
    WHERE NOT story_has_consent(s, t) AND p_contact IN (SELECT story_voices(s)));

REVOKE EXECUTE ON FUNCTION story_voices, story_subject_name, story_subject_ask, task_story_answer, page_story_consent,
    home_consents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION story_voices, story_subject_name, story_subject_ask, task_story_answer, page_story_consent,
    home_consents TO kith_api;

RESET ROLE;
