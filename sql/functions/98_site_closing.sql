-- Sites that close, or go on in another: what goes on there is found by one table of columns, and ends, goes to the other
-- site, or stands in the way.

SET ROLE kith_owner;

-- Each column that says where something goes on. A new table is a row here, or one of site_history(): a test walks the
-- catalogue.
--   way      moves: to the other site, and without one it stands in the way; ends: it does, or goes to the other site;
--            clears: it has no site any more, or the other one; goes: it ends in any case; follows: it goes along to the
--            other site, and else stays
--   ends     what it ends with; NULL: the day before, as its last
--   open_if  which rows there are to care for, over t; $2 is the first day on which the site is closed
--   title    its own column, or <parent>.<column>
CREATE OR REPLACE FUNCTION site_columns()
RETURNS TABLE (place integer, name text, field text, resource text, way text, ends jsonb, open_if text, title text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        (1, 'partnership', 'lead_site_id', 'partnerships', 'moves', NULL::jsonb,
         't.status NOT IN (''ended'', ''declined'')', 'name'),
        (2, 'partnership_site', 'site_id', 'partnership_sites', 'ends', NULL,
         'coalesce(t.until_date, ''infinity'') >= $2 AND EXISTS (
             SELECT FROM partnership x WHERE x.district_id = t.district_id AND x.id = t.partnership_id
             AND x.archived_at IS NULL AND x.status NOT IN (''ended'', ''declined''))', 'partnership.name'),
        (3, 'placement', 'site_id', 'placements', 'ends', NULL, 'coalesce(t.until_date, ''infinity'') >= $2', 'title'),
        (4, 'program_site', 'site_id', 'program_sites', 'ends', NULL, 'coalesce(t.until_date, ''infinity'') >= $2',
         'program.name'),
        (5, 'site_plan', 'site_id', 'site_plans', 'ends', '{"status": "closed"}', 't.status <> ''closed''',
         'partnership.name'),
        (6, 'need', 'site_id', 'needs', 'moves', NULL,
         't.status IN (''draft'', ''capacity_review'', ''open'', ''partly_matched'', ''matched'')', 'title'),
        (7, 'pledge_site', 'site_id', 'pledge_sites', 'moves', NULL,
         'EXISTS (SELECT FROM pledge x WHERE x.district_id = t.district_id AND x.id = t.pledge_id
          AND x.archived_at IS NULL AND x.status IN (''offered'', ''waitlisted'', ''accepted'', ''partly_delivered''))',
         'id'),
        (8, 'convening', 'site_id', 'convenings', 'moves', NULL, 't.status IN (''planned'', ''invited'')', 'title'),
        (9, 'gift', 'site_id', 'gifts', 'moves', NULL, 't.status IN (''offered'', ''accepted'')', 'title'),
        (10, 'funding_application', 'site_id', 'funding_applications', 'moves', NULL,
         't.status IN (''planned'', ''drafting'', ''submitted'')', 'title'),
        (11, 'training', 'site_id', 'trainings', 'moves', NULL, 't.on_date >= $2', 'title'),
        (12, 'survey', 'site_id', 'surveys', 'moves', NULL, 't.status IN (''scheduled'', ''open'', ''paused'')', 'name'),
        (13, 'portfolio_review', 'site_id', 'portfolio_reviews', 'moves', NULL, 't.status = ''planned''', 'school_year'),
        (14, 'partner', 'lead_site_id', 'partners', 'clears', NULL, 'true', 'name'),
        (15, 'partner_owner', 'site_id', 'partner_owners', 'clears', NULL,
         'coalesce(t.until_date, ''infinity'') >= $2', 'partner.name'),
        (16, 'inquiry', 'site_id', 'inquiries', 'clears', NULL, 't.status IN (''new'', ''assigned'', ''answered'')',
         'organization'),
        (17, 'post', 'site_id', 'posts', 'goes', '{"archived_at": "now"}', 'true', 'title'),
        (18, 'roll_call', 'site_id', 'roll_calls', 'goes', '{"archived_at": "now"}', 't.status = ''open''', 'school_year'),
        (19, 'user_grant', 'scope_id', 'grants', 'ends', NULL,
         't.scope_kind = ''site'' AND coalesce(t.until_date, ''infinity'') >= $2', 'app_user.name'),
        (20, 'family_plan', 'site_id', 'family_plans', 'follows', NULL, 't.school_year >= school_year_today()',
         'school_year'),
        (21, 'priority', 'site_id', 'priorities', 'follows', NULL,
         't.status <> ''closed'' AND t.school_year >= school_year_today()', 'statement'),
        (22, 'story', 'site_id', 'stories', 'follows', NULL, 't.status NOT IN (''published'', ''withdrawn'')', 'title'),
        (23, 'complaint', 'site_id', 'complaints', 'follows', NULL, 't.status = ''open''', 'partner.name'),
        (25, 'access_token', 'scope_id', 'api_keys', 'follows', NULL,
         't.scope_kind = ''site'' AND t.revoked_at IS NULL', 'label'),
        (26, 'action_item', 'site_id', 'action_items', 'follows', NULL, 't.status = ''open''', 'description'),
        (27, 'report', 'site_id', 'reports', 'follows', NULL, 't.every IS NOT NULL', 'name'),
        (24, 'donee', 'site_id', 'donees', 'follows', NULL, 'true', 'name'))
        AS c (place, name, field, resource, way, ends, open_if, title);
END;

-- Columns that stay as they are, and why.
CREATE OR REPLACE FUNCTION site_history() RETURNS TABLE (name text, field text, why text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT h.name, h.field, h.why
    FROM (VALUES
        ('site', 'merged_into', 'into what it went'),
        ('site_closing', 'site_id', 'how it closed'),
        ('site_closing', 'into_site_id', 'how it closed'),
        ('observation', 'site_id', 'its figures are its own'),
        ('site_year', 'site_id', 'its figures are its own'),
        ('site_vision', 'site_id', 'what it wanted'),
        ('readiness_rating', 'site_id', 'how ready it was'),
        ('assessment', 'site_id', 'what people there have said'),
        ('survey_answer', 'site_id', 'what people there have said'),
        ('survey_anonymous_answer', 'site_id', 'what people there have said'),
        ('coaching', 'site_id', 'of its leader'),
        ('bulletin', 'site_id', 'what was sent'),
        ('blackout', 'site_id', 'of its calendar'),
        ('closed_day', 'site_id', 'of its calendar'),
        ('site_quarter', 'site_id', 'of its calendar'),
        ('tagging', 'site_id', 'what it is'),
        ('custom_value', 'site_id', 'what it is'),
        ('activity', 'site_id', 'what was done there'),
        ('interaction', 'site_id', 'what was done there'),
        ('introduction', 'site_id', 'who was introduced there'),
        ('investment', 'site_id', 'what was given there'),
        ('family_event', 'site_id', 'what was done there'),
        ('check_in_site', 'site_id', 'what it has said'),
        ('convening_decision', 'site_id', 'what was decided of it'),
        ('displacement_review', 'site_id', 'what was looked at there'),
        ('partnership_change', 'site_id', 'what has changed there'),
        ('story_subject', 'site_id', 'where it happened'),
        ('example', 'site_id', 'where it was found'),
        ('example_copy', 'site_id', 'what it has copied'))
        AS h (name, field, why);
END;

-- What goes on there on a day and has to be cared for.
CREATE OR REPLACE FUNCTION site_items(p_site uuid, p_day date)
RETURNS TABLE (place integer, name text, field text, resource text, way text, ends jsonb, subject_id uuid, title text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT * FROM site_columns() k ORDER BY k.place LOOP
        RETURN QUERY EXECUTE format(
            'SELECT $3, $4, $5, $6, $7, $8, t.id, left((%s)::text, 255) FROM %I t
             WHERE t.district_id = $9 AND t.%I = $1 AND t.archived_at IS NULL AND (%s) AND ($2 IS NOT NULL)
             ORDER BY t.created_at, t.id',
            CASE c.title WHEN 'app_user.name'
                THEN '(SELECT x.name FROM app_user x WHERE x.district_id = t.district_id AND x.id = t.user_id)'
                ELSE person_path(c.title) END, c.name, c.field, c.open_if)
        USING p_site, p_day, c.place, c.name, c.field, c.resource, c.way, c.ends,
              current_setting('kith.district')::uuid;
    END LOOP;
END
$$;

-- Where one that has to go somewhere goes: to the site that takes over; or, of a partnership that other sites have, too,
-- one of those.
CREATE OR REPLACE FUNCTION site_item_target(p_name text, p_id uuid, p_site uuid, p_into uuid, p_day date) RETURNS uuid
LANGUAGE sql STABLE
RETURN coalesce(p_into, CASE WHEN p_name = 'partnership' THEN (
    SELECT l.site_id FROM partnership_site l
    JOIN site s ON s.district_id = l.district_id AND s.id = l.site_id AND s.status IN ('open', 'planned')
        AND s.archived_at IS NULL
    WHERE l.district_id = current_setting('kith.district')::uuid AND l.partnership_id = p_id AND l.site_id <> p_site
      AND l.archived_at IS NULL AND coalesce(l.until_date, 'infinity') >= p_day
    ORDER BY l.created_at, l.id LIMIT 1) END);

-- {site_id, on_date, left, items}: how each would end. NULL: there is no such site.
CREATE OR REPLACE FUNCTION site_closing_preview(p_site uuid, p_into uuid, p_day date) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'site_id', s.id, 'on_date', d.day,
        'left', (SELECT count(*) FROM site_items(s.id, d.day) i
                 WHERE i.way = 'moves' AND site_item_target(i.name, i.subject_id, s.id, p_into, d.day) IS NULL),
        'items', (SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.number), '[]')
                  FROM (SELECT row_number() OVER (ORDER BY i.place) AS number, i.resource, i.subject_id, i.title,
                               CASE WHEN i.way = 'goes' OR i.way = 'ends' AND p_into IS NULL THEN 'ends'
                                    WHEN i.way = 'clears' AND p_into IS NULL THEN 'clears'
                                    WHEN i.way = 'follows' AND p_into IS NULL THEN 'stays'
                                    WHEN site_item_target(i.name, i.subject_id, s.id, p_into, d.day) IS NULL THEN 'left'
                                    ELSE 'moves' END AS becomes
                        FROM site_items(s.id, d.day) i LIMIT 1000) AS o))
    FROM site s CROSS JOIN (SELECT coalesce(p_day, district_today()) AS day) AS d
    WHERE s.id = p_site);

-- One item ends, or goes where it goes; what it would say twice there, it does not say again.
CREATE OR REPLACE FUNCTION site_item_settle(
    p_name text, p_field text, p_way text, p_ends jsonb, p_id uuid, p_to uuid, p_day date) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    now_text constant text := current_setting('kith.now');
    changes jsonb := '[]';
    holder uuid;
    from_day date;
BEGIN
    IF p_way = 'goes' OR p_way = 'ends' AND p_to IS NULL THEN
        IF p_name = 'post' THEN
            FOR holder, from_day IN
                SELECT h.id, h.from_date FROM post_holder h
                WHERE h.district_id = current_setting('kith.district')::uuid AND h.post_id = p_id
                  AND h.archived_at IS NULL AND coalesce(h.until_date, 'infinity') >= p_day LOOP
                changes := changes || merge_put('post_holder', holder,
                                                jsonb_build_object('until_date', last_day(from_day, p_day - 1)));
            END LOOP;
        END IF;
        IF p_ends IS NULL THEN
            EXECUTE format('SELECT t.from_date FROM %I t WHERE t.id = $1', p_name) INTO from_day USING p_id;
            p_ends := jsonb_build_object('until_date', last_day(from_day, p_day - 1));
        ELSIF p_ends ? 'archived_at' THEN
            p_ends := jsonb_build_object('archived_at', now_text);
        END IF;
        RETURN changes || merge_put(p_name, p_id, p_ends);
    ELSIF p_way = 'follows' AND p_to IS NULL THEN
        RETURN changes;
    END IF;
    BEGIN
        RETURN merge_put(p_name, p_id, jsonb_build_object(p_field, p_to));
    EXCEPTION WHEN unique_violation OR exclusion_violation THEN
        RETURN merge_put(p_name, p_id, jsonb_build_object(p_field, p_to, 'archived_at', now_text));
    END;
END
$$;

-- The site closes: all that goes on there is settled, or, where something is left, nothing is. As the owner, since what
-- it settles is of many tables.
CREATE OR REPLACE FUNCTION site_closing_do(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    c site_closing;
    item record;
    settled jsonb := '[]';
    remaining jsonb;
BEGIN
    SELECT * INTO STRICT c FROM site_closing o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    remaining := jsonb_path_query_array(site_closing_preview(c.site_id, c.into_site_id, c.on_date),
                                        '$.items[*] ? (@.becomes == "left")');
    IF remaining <> '[]' THEN
        PERFORM refuse_state('There is what goes on at the site and has to go somewhere: end it first, or say which '
                             || 'site takes over.', jsonb_build_object('status', c.status, 'left', remaining));
    END IF;
    PERFORM set_config('kith.merging', 'on', true);
    FOR item IN SELECT * FROM site_items(c.site_id, c.on_date) LOOP
        settled := settled || site_item_settle(
            item.name, item.field, item.way, item.ends, item.subject_id,
            site_item_target(item.name, item.subject_id, c.site_id, c.into_site_id, c.on_date), c.on_date);
    END LOOP;
    PERFORM set_config('kith.merging', '', true);
    IF c.kind = 'merge' THEN
        settled := settled || merge_filters(ARRAY[c.site_id], c.into_site_id);
    END IF;
    settled := settled || merge_put('site', c.site_id, jsonb_build_object(
        'status', CASE c.kind WHEN 'merge' THEN 'merged' ELSE 'closed' END,
        'merged_into', CASE c.kind WHEN 'merge' THEN c.into_site_id END));
    UPDATE site_closing o SET status = 'done', changes = settled,
        done_at = current_setting('kith.now')::timestamptz
    WHERE o.district_id = c.district_id AND o.id = c.id;
END
$$;

-- By the clock; what is left then waits for a director.
CREATE OR REPLACE FUNCTION site_closing_try(p_id uuid) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM site_closing_do(p_id);
    RETURN '1';
EXCEPTION WHEN SQLSTATE 'KI490' THEN
    RETURN '0';
END
$$;

-- What forbids that a site closes from a day on.
CREATE OR REPLACE FUNCTION site_shut_check(p_id uuid, p_into uuid, p_day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    SELECT s.status INTO found_status FROM site s WHERE s.id = p_id;
    IF found_status NOT IN ('planned', 'open') OR EXISTS (
        SELECT FROM site_closing c WHERE c.site_id = p_id AND c.status = 'planned') THEN
        PERFORM refuse_state('It is closed, or will be: undo or cancel that first.',
                             jsonb_build_object('status', found_status));
    ELSIF p_into = p_id OR p_into IS NOT NULL AND NOT EXISTS (
        SELECT FROM site s WHERE s.id = p_into AND s.status IN ('planned', 'open') AND s.archived_at IS NULL) THEN
        PERFORM refuse_field('into_site_id', '"into_site_id" is no other site that is open.');
    ELSIF p_day < district_today() - 366 THEN
        PERFORM refuse_field('on_date', '"on_date" is longer than a year ago.');
    END IF;
    IF p_into IS NOT NULL THEN
        PERFORM lock_row('site', p_into, NULL);
    END IF;
END
$$;

-- Whatever a file has proposed of the site is decided by that.
CREATE OR REPLACE FUNCTION site_shut(
    p_id uuid, p_version bigint, p_kind text, p_into uuid, p_on date, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    made uuid := uuid7();
    day date := coalesce(p_on, district_today());
BEGIN
    PERFORM lock_row('site', p_id, p_version);
    PERFORM site_shut_check(p_id, p_into, day);
    UPDATE site_closing c SET status = 'cancelled' WHERE c.site_id = p_id AND c.status = 'proposed';
    INSERT INTO site_closing (district_id, id, site_id, into_site_id, kind, on_date, reason, user_id)
    VALUES (current_setting('kith.district')::uuid, made, p_id, p_into, p_kind, day, p_reason,
            current_setting('kith.user')::uuid);
    IF day <= district_today() THEN
        PERFORM site_closing_do(made);
    END IF;
END
$$;
CREATE OR REPLACE FUNCTION site_close(p_id uuid, p_version bigint, p_on date, p_into uuid, p_reason text) RETURNS void
LANGUAGE sql RETURN site_shut(p_id, p_version, 'close', p_into, p_on, p_reason);
CREATE OR REPLACE FUNCTION site_merge(p_id uuid, p_version bigint, p_into uuid, p_on date, p_reason text) RETURNS void
LANGUAGE sql RETURN site_shut(p_id, p_version, 'merge', p_into, p_on, p_reason);

-- What a file has proposed is planned, or done at once, as if somebody had said so.
CREATE OR REPLACE FUNCTION site_closing_accept(
    p_id uuid, p_version bigint, p_on date, p_into uuid, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c site_closing;
    next_status text;
BEGIN
    PERFORM lock_row('site_closing', p_id, p_version);
    SELECT o.* INTO c FROM site_closing o WHERE o.id = p_id;
    next_status := transition('site_closing', 'accept', c.status);
    c.on_date := coalesce(p_on, district_today());
    c.into_site_id := coalesce(p_into, c.into_site_id);
    PERFORM lock_row('site', c.site_id, NULL);
    PERFORM site_shut_check(c.site_id, c.into_site_id, c.on_date);
    UPDATE site_closing o SET status = next_status, on_date = c.on_date, into_site_id = c.into_site_id,
        reason = coalesce(p_reason, o.reason), user_id = current_setting('kith.user')::uuid
    WHERE o.id = p_id;
    IF c.on_date <= district_today() THEN
        PERFORM site_closing_do(p_id);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION site_closing_take_back(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    c site_closing;
BEGIN
    SELECT * INTO STRICT c FROM site_closing o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    PERFORM set_config('kith.merging', 'on', true);
    PERFORM merge_put_back(c.changes);
    PERFORM set_config('kith.merging', '', true);
END
$$;

-- Before its day it is called off; afterwards it is undone, and what was changed since stays.
CREATE OR REPLACE FUNCTION site_closing_move(p_id uuid, p_version bigint, p_action text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text;
BEGIN
    PERFORM lock_row('site_closing', p_id, p_version);
    SELECT transition('site_closing', p_action, c.status) INTO next_status FROM site_closing c WHERE c.id = p_id;
    IF p_action = 'undo' THEN
        PERFORM site_closing_take_back(p_id);
    END IF;
    UPDATE site_closing c SET status = next_status,
        user_id = coalesce(c.user_id, nullif(current_setting('kith.user'), '')::uuid) -- of a file's: who has called it off
    WHERE c.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION site_closing_cancel(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN site_closing_move(p_id, p_version, 'cancel');
CREATE OR REPLACE FUNCTION site_closing_undo(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN site_closing_move(p_id, p_version, 'undo');

REVOKE EXECUTE ON FUNCTION site_columns, site_history, site_items, site_item_target, site_closing_preview,
    site_item_settle, site_closing_do, site_closing_try, site_shut_check, site_shut, site_close, site_merge,
    site_closing_accept, site_closing_take_back, site_closing_move, site_closing_cancel, site_closing_undo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION site_items, site_item_target, site_closing_preview, site_closing_do, site_shut_check,
    site_shut, site_close, site_merge, site_closing_accept, site_closing_take_back, site_closing_move,
    site_closing_cancel, site_closing_undo TO kith_api;

RESET ROLE;
