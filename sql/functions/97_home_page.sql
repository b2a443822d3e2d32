-- Signing in, the public form, and the first page of who has signed in.

SET ROLE kith_owner;

-- The district where somebody is about to sign in, as sign_in_district() finds it; NULL: it has to be said.
CREATE OR REPLACE FUNCTION page_login(p_slug text, p_host text, p_now text, p_request text,
                                      OUT locale text, OUT body jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := sign_in_district(p_slug, p_host);
BEGIN
    IF district IS NOT NULL THEN
        SELECT h.locale, h.body INTO locale, body FROM page_help(district, p_now, p_request) h;
        body := body || (
            SELECT jsonb_build_object('sso_only', d.sso_only, 'providers', coalesce((
                SELECT jsonb_agg(jsonb_build_object('id', i.id, 'label', i.label) ORDER BY i.label, i.id)
                FROM identity_provider i WHERE i.is_active AND i.archived_at IS NULL), '[]'))
            FROM district d WHERE d.id = district);
    END IF;
END
$$;

-- The public form "partner with us" of the district that the slug names; NULL: there is none. Each field with what
-- was typed and what is wrong with it; what machines fill in is none of them.
CREATE OR REPLACE FUNCTION page_inquiry(p_slug text, p_view jsonb, p_now text, p_request text,
                                        OUT locale text, OUT body jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT l.locale, l.body INTO locale, body FROM page_login(p_slug, NULL, p_now, p_request) l;
    IF body IS NULL THEN -- there is no such district, and so no context in which rows could be asked for
        RETURN;
    END IF;
    body := body || jsonb_build_object(
        'slug', p_slug, 'site_error', page_error(p_view, 'site_id'),
        'fields', (
            SELECT jsonb_agg(jsonb_build_object(
                'name', f.name, 'value', p_view -> 'form' ->> f.name, 'error', page_error(p_view, f.name),
                'is_required', f.is_required, 'type', f.type, 'is_line', f.type IS NOT NULL, 'fills', f.fills,
                'is_text', f.type IS NULL AND f.choices IS NULL, 'is_choice', f.choices IS NOT NULL,
                'choices', (SELECT jsonb_agg(jsonb_build_object(
                                'code', c.code, 'is_chosen', c.code = p_view -> 'form' ->> f.name) ORDER BY c.place)
                            FROM unnest(f.choices) WITH ORDINALITY AS c (code, place))) ORDER BY f.place)
            FROM (VALUES
                (1, 'organization', true, 'text', 'organization', NULL::text[]),
                (2, 'kind', false, NULL, NULL, '{business,nonprofit,higher_ed,faith_based,government,service_center,civic,other}'),
                (3, 'name', true, 'text', 'name', NULL),
                (4, 'email', true, 'email', 'email', NULL),
                (5, 'phone', false, 'tel', 'tel', NULL),
                (6, 'website', false, 'url', 'url', NULL),
                (7, 'offer_kind', false, NULL, NULL, '{money,space,staff_time,volunteers,equipment,software,training,internships,mentors,food,other}'),
                (8, 'message', true, NULL, NULL, NULL))
                AS f (place, name, is_required, type, fills, choices)),
        'sites', (
            SELECT CASE WHEN count(*) BETWEEN 2 AND 300 THEN jsonb_agg(jsonb_build_object(
                'id', s.id, 'name', s.name, 'is_chosen', s.id::text = p_view -> 'form' ->> 'site_id')
                ORDER BY s.name, s.id) END
            FROM site s
            WHERE body IS NOT NULL AND s.district_id = nullif(current_setting('kith.district', true), '')::uuid
              AND s.kind = 'school' AND s.status = 'open' AND s.archived_at IS NULL),
        'need', (
            SELECT jsonb_build_object('need_id', n.id, 'title', n.title)
            FROM need n
            WHERE body IS NOT NULL AND n.district_id = nullif(current_setting('kith.district', true), '')::uuid
              AND n.id::text = coalesce(p_view -> 'form' ->> 'need_id', p_view ->> 'need') AND need_is_offered(n)),
        'has_errors', coalesce(jsonb_array_length(p_view -> 'errors') > 0, false), 'errors', p_view -> 'errors');
    body := body || jsonb_build_object('has_sites', body -> 'sites' <> 'null');
END
$$;

-- The check-ins that are due within 30 days, or were and are open still: the user's own, or the district's where
-- the user has none.
CREATE OR REPLACE FUNCTION home_check_ins(p_today date, p_mine boolean) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_agg(jsonb_build_object(
        'id', c.id, 'partnership', p.name, 'partner', r.name, 'due', page_date(c.due_on),
        'is_overdue', c.due_on < p_today AND c.answered_at IS NULL,
        'opens', CASE WHEN c.status = 'scheduled' THEN page_date(c.opens_on) END,
        'mine', coalesce((SELECT h.status FROM check_in_half h
                          WHERE h.district_id = c.district_id AND h.check_in_id = c.id
                            AND h.side = 'district'), 'none'),
        'theirs', coalesce((SELECT CASE h.status WHEN 'submitted' THEN 'submitted' ELSE 'none' END
                            FROM check_in_half h
                            WHERE h.district_id = c.district_id AND h.check_in_id = c.id
                              AND h.side = 'partner'), 'none')) ORDER BY c.due_on, c.id)
    FROM (SELECT * FROM check_in i
          WHERE i.district_id = current_setting('kith.district')::uuid
            AND (i.status = 'open' OR i.status = 'scheduled' AND i.due_on >= p_today)
            AND i.due_on <= p_today + 30 AND i.archived_at IS NULL
            AND (NOT p_mine OR EXISTS (
                SELECT FROM partnership_role o
                WHERE o.district_id = i.district_id AND o.partnership_id = i.partnership_id
                  AND o.user_id = current_setting('kith.user')::uuid AND o.archived_at IS NULL))
          ORDER BY i.due_on, i.id LIMIT 12) AS c
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
    JOIN partner r ON r.district_id = p.district_id AND r.id = p.partner_id);

-- Percent are kept as parts of one, money in cents.
CREATE OR REPLACE FUNCTION page_figure(p_value numeric, p_unit text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE p_unit WHEN 'percent' THEN to_char(100 * p_value, 'FM990.0') || '%'
                   WHEN 'cents' THEN '$' || to_char(round(p_value / 100), 'FM999,999,999,990')
                   WHEN 'score' THEN to_char(p_value, 'FM990.00')
                   ELSE to_char(p_value, 'FM999,999,999,990') END;

-- A cell of the dashboard's document, to be read: the figure in its unit, bounds, or that it is hidden.
CREATE OR REPLACE FUNCTION page_cell(p_cell jsonb, p_unit text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_typeof(p_cell) = 'object' THEN (
    SELECT jsonb_build_object(
        'is_hidden', (p_cell ->> 'is_suppressed')::boolean,
        'value', page_figure((p_cell ->> 'value')::numeric, p_unit),
        'low', page_figure((p_cell ->> 'value_low')::numeric, p_unit),
        'high', page_figure((p_cell ->> 'value_high')::numeric, p_unit))) END;

-- The first page of whoever is signed in; p_figures is the dashboard's document.
CREATE OR REPLACE FUNCTION page_home(p_figures jsonb, OUT locale text, OUT body jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    self uuid := current_setting('kith.user')::uuid;
    today date := district_today();
    is_staff boolean := kith_has_role('admin,director,executive,coordinator,school_leader,reviewer,data_steward');
    mine jsonb := home_check_ins(today, true);
    u app_user;
    list text;
    shown_first constant integer := 4;
BEGIN
    SELECT * INTO STRICT u FROM app_user o WHERE o.district_id = district AND o.id = self;
    locale := u.locale;
    body := jsonb_build_object(
        'district', page_district(), 'person', u.name, 'today', page_date(today),
        'partnerships', (
            SELECT jsonb_build_object(
                'active', count(*) FILTER (WHERE p.status IN ('active', 'renewing')),
                'others', (SELECT jsonb_agg(jsonb_build_object('status', s.status, 'count', s.count)
                                            ORDER BY s.count DESC, s.status)
                           FROM (SELECT o.status, count(*) FROM partnership o
                                 WHERE o.district_id = district AND o.archived_at IS NULL
                                   AND o.status NOT IN ('active', 'renewing', 'ended', 'declined')
                                 GROUP BY o.status) AS s))
            FROM partnership p WHERE p.district_id = district AND p.archived_at IS NULL),
        'check_ins', (
            SELECT jsonb_build_object(
                'due', count(*) FILTER (WHERE c.due_on BETWEEN today AND today + 30),
                'overdue', count(*) FILTER (WHERE c.status = 'open' AND c.answered_at IS NULL AND c.due_on < today),
                'halves', coalesce(sum(2 - (
                    SELECT count(*) FROM check_in_half h
                    WHERE h.district_id = district AND h.check_in_id = c.id AND h.status = 'submitted'))
                    FILTER (WHERE c.status = 'open'), 0),
                'has_overdue', coalesce(bool_or(c.status = 'open' AND c.answered_at IS NULL AND c.due_on < today), false))
            FROM check_in c
            WHERE c.district_id = district AND c.status IN ('open', 'scheduled') AND c.archived_at IS NULL),
        'mail', CASE WHEN is_staff THEN (
            SELECT jsonb_build_object(
                'waiting', (SELECT count(*) FROM message m
                            WHERE m.district_id = district AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL),
                'failed', f.count, 'has_failed', f.count > 0,
                'is_held', (SELECT d.go_live_at IS NULL FROM district d WHERE d.id = district),
                'is_stopped', (SELECT d.mail_held_at IS NOT NULL FROM district d WHERE d.id = district))
            FROM (SELECT count(*) FROM message m
                  WHERE m.district_id = district AND m.status = 'failed'
                    AND m.created_at > current_setting('kith.now')::timestamptz - interval '7 days') f) END,
        'figures', (
            SELECT jsonb_agg(jsonb_build_object(
                -- Those that come with Kith have names in each language.
                'label', CASE WHEN NOT n.supplied THEN n.name
                              -- of people nobody knows how many they are
                              WHEN 'sessions' IN (i.value #>> '{all,unit}', i.value #>> '{served,unit}')
                                   AND n.unit = 'people' THEN n.code || '_sessions'
                              ELSE n.code END,
                'all', page_cell(i.value -> 'all', i.value ->> 'unit'),
                'served', page_cell(i.value -> 'served', i.value ->> 'unit'),
                'not_served', page_cell(i.value -> 'not_served', i.value ->> 'unit'),
                'target', page_figure((i.value ->> 'target')::numeric, i.value ->> 'unit')) ORDER BY i.place)
            FROM jsonb_array_elements(p_figures -> 'indicators') WITH ORDINALITY AS i (value, place)
            JOIN indicator n ON n.district_id = district AND n.id = (i.value ->> 'indicator_id')::uuid),
        'year_from', (p_figures ->> 'school_year')::integer - 1,
        'year_to', to_char((p_figures ->> 'school_year')::integer % 100, 'FM00'),
        'due_is_mine', mine IS NOT NULL, 'due', coalesce(mine, home_check_ins(today, false)),
        'calls', CASE WHEN is_staff THEN (
            SELECT jsonb_agg(jsonb_build_object(
                'id', k.id, 'kind', k.kind, 'reason', k.reason, 'note', k.note,
                'person', coalesce(page_person(k.contact_id, k.user_id), q.name), 'partnership', p.name,
                'phone', (SELECT c.phone FROM contact c WHERE c.district_id = district AND c.id = k.contact_id))
                ORDER BY k.created_at, k.id)
            FROM (SELECT * FROM call_task o
                  WHERE o.district_id = district AND o.status = 'open' AND o.archived_at IS NULL
                    AND (o.owner_id = self OR o.owner_id IS NULL)
                  ORDER BY o.created_at, o.id LIMIT 12) AS k
            LEFT JOIN partnership p ON p.district_id = district AND p.id = k.partnership_id
            LEFT JOIN inquiry q ON q.district_id = district AND q.id = k.subject_id) END,
        'actions', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', i.id, 'description', i.description, 'due', page_date(i.due_on),
                'is_overdue', i.due_on < today, 'about', coalesce(p.name, s.name, n.title, r.name, c.title, d.name))
                ORDER BY i.due_on NULLS LAST, i.id)
            FROM (SELECT * FROM action_item o
                  WHERE o.district_id = district AND o.owner_user_id = self AND o.status = 'open'
                    AND o.archived_at IS NULL
                  ORDER BY o.due_on NULLS LAST, o.id LIMIT 12) AS i
            JOIN district d ON d.id = district
            LEFT JOIN partnership p ON p.district_id = district AND p.id = i.partnership_id
            LEFT JOIN site s ON s.district_id = district AND s.id = i.site_id
            LEFT JOIN need n ON n.district_id = district AND n.id = i.need_id
            LEFT JOIN partner r ON r.district_id = district AND r.id = i.partner_id
            LEFT JOIN convening c ON c.district_id = district AND c.id = i.convening_id));
    -- Of each list what comes first is shown, and the rest when somebody wants it; whether there is any: a template
    -- cannot ask inside of one.
    FOREACH list IN ARRAY '{due,calls,actions}'::text[] LOOP
        SELECT body || jsonb_build_object(
            list, jsonb_agg(i.value ORDER BY i.place) FILTER (WHERE i.place <= shown_first),
            list || '_rest', jsonb_agg(i.value ORDER BY i.place) FILTER (WHERE i.place > shown_first),
            list || '_more', jsonb_build_object('count', count(*) - shown_first),
            'has_' || list || '_more', count(*) > shown_first)
        INTO body
        FROM jsonb_array_elements(CASE jsonb_typeof(body -> list) WHEN 'array' THEN body -> list ELSE '[]' END)
            WITH ORDINALITY AS i (value, place);
    END LOOP;
    body := body || jsonb_build_object(
        'has_due', body -> 'due' <> 'null', 'has_calls', body -> 'calls' <> 'null',
        'has_actions', body -> 'actions' <> 'null', 'has_figures', body -> 'figures' <> 'null');
END
$$;

-- What a partner's contact finds when it is signed in: its organizations, their partnerships, and what waits.
CREATE OR REPLACE FUNCTION page_organization(OUT locale text, OUT body jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    u app_user;
BEGIN
    SELECT * INTO STRICT u FROM app_user o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = current_setting('kith.user')::uuid;
    locale := u.locale;
    body := jsonb_build_object(
        'district', page_district(), 'person', u.name,
        'organizations', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', p.id, 'name', p.name, 'is_lacking', p.lacking <> '{}',
                'lacking', (SELECT jsonb_agg(jsonb_build_object('code', k) ORDER BY k) FROM unnest(p.lacking) AS k))
                ORDER BY p.name, p.id)
            FROM (SELECT o.id, o.name, partner_credentials_lacking(o.id) AS lacking
                  FROM own_partner o WHERE o.archived_at IS NULL) AS p),
        'asks', (
            SELECT jsonb_agg(jsonb_build_object('id', a.id, 'need', n.title, 'respond', page_date(a.respond_by))
                             ORDER BY a.respond_by, a.id)
            FROM ask a
            JOIN need n ON n.district_id = a.district_id AND n.id = a.need_id
            WHERE a.district_id = u.district_id AND a.contact_id = u.contact_id AND a.status IN ('sent', 'talk')
              AND a.archived_at IS NULL),
        'partnerships', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', p.id, 'name', p.name, 'status', p.status, 'site', p.lead_site,
                'leads', task_is_own('acknowledgment', p.id, u.contact_id)) ORDER BY p.name, p.id)
            FROM own_partnership p
            WHERE p.archived_at IS NULL AND p.status NOT IN ('ended', 'declined')),
        'check_ins', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', c.id, 'partnership', c.partnership, 'due', page_date(c.due_on), 'half', c.half,
                'is_overdue', c.due_on < district_today() AND c.half <> 'submitted') ORDER BY c.due_on, c.id)
            FROM own_check_in c WHERE c.status = 'open' AND c.archived_at IS NULL),
        'agreements', (
            SELECT jsonb_agg(jsonb_build_object('id', g.id, 'title', g.title) ORDER BY g.title, g.id)
            FROM (SELECT DISTINCT a.id, a.title
                  FROM own_partnership p
                  JOIN agreement_partnership k ON k.district_id = u.district_id AND k.partnership_id = p.id
                      AND k.archived_at IS NULL
                  JOIN agreement a ON a.district_id = u.district_id AND a.id = k.agreement_id
                      AND a.status = 'out_for_signature' AND a.archived_at IS NULL
                      AND (a.partner_at IS NULL OR agreement_may_sign(a, u.contact_id))
                  WHERE task_is_own('agreement', a.id, u.contact_id)) AS g),
        'investments', (
            SELECT jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) ORDER BY p.name, p.id)
            FROM own_partnership p
            WHERE p.archived_at IS NULL AND p.status NOT IN ('ended', 'declined')
              AND task_is_own('investments', p.id, u.contact_id)
              AND EXISTS (SELECT FROM investments_unanswered(p.id))),
        'convenings', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', i.id, 'title', c.title, 'start', page_time(c.starts_at, zone_of_site(c.site_id)),
                'answer', i.status) ORDER BY c.starts_at, i.id)
            FROM convening_invitee i
            JOIN convening c ON c.district_id = i.district_id AND c.id = i.convening_id AND c.status = 'invited'
                AND c.archived_at IS NULL AND c.starts_at > current_setting('kith.now')::timestamptz
            WHERE i.district_id = u.district_id AND i.contact_id = u.contact_id AND i.archived_at IS NULL),
        'consents', home_consents(u.contact_id), 'trainings', home_trainings(u.contact_id),
        'surveys', (
            SELECT jsonb_agg(jsonb_build_object('id', i.id, 'survey', i.survey, 'closes', page_date(i.closes_on),
                                                'has_begun', i.status = 'partial') ORDER BY i.closes_on, i.id)
            FROM own_survey_invitation i
            JOIN survey_invitation n ON n.district_id = u.district_id AND n.id = i.id
            JOIN survey s ON s.district_id = n.district_id AND s.id = n.survey_id
            WHERE s.status = 'open' AND i.status IN ('invited', 'partial', 'bounced') AND i.archived_at IS NULL),
        'pledges', (
            SELECT jsonb_agg(jsonb_build_object('need', g.need, 'quantity', g.quantity, 'unit', g.unit,
                                                'delivered', g.delivered) ORDER BY g.created_at, g.id)
            FROM own_pledge g
            WHERE g.archived_at IS NULL AND g.status IN ('accepted', 'partly_delivered')));
    body := body || jsonb_build_object(
        'has_organizations', body -> 'organizations' <> 'null',
        'has_partnerships', body -> 'partnerships' <> 'null',
        'has_waiting', EXISTS (SELECT FROM unnest('{check_ins,agreements,investments,convenings,consents,surveys,trainings}'::text[]) AS k
                               WHERE body -> k <> 'null'),
        'has_pledges', body -> 'pledges' <> 'null', 'has_asks', body -> 'asks' <> 'null');
END
$$;

REVOKE EXECUTE ON FUNCTION page_organization FROM PUBLIC;
GRANT EXECUTE ON FUNCTION page_organization TO kith_api;
REVOKE EXECUTE ON FUNCTION page_login, page_inquiry, home_check_ins, page_cell, page_figure, page_home FROM
    PUBLIC;
GRANT EXECUTE ON FUNCTION page_login, page_inquiry, home_check_ins, page_cell, page_figure, page_home TO
    kith_api;

RESET ROLE;
