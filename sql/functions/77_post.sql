-- Posts: who holds one on a day, who stands in for nobody, and to whom what a post does not do goes on.

SET ROLE kith_owner;

-- On a day a post is held by one person and, perhaps, by one acting in the place of that.
CREATE OR REPLACE FUNCTION refuse_second_holder() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('post ' || NEW.post_id, 0));
    IF EXISTS (SELECT FROM post_holder h
               WHERE h.district_id = NEW.district_id AND h.post_id = NEW.post_id AND h.id <> NEW.id
                 AND h.is_acting = NEW.is_acting AND h.archived_at IS NULL
                 AND h.from_date <= coalesce(NEW.until_date, 'infinity')
                 AND coalesce(h.until_date, 'infinity') >= NEW.from_date) THEN
        RAISE EXCEPTION 'the post is held' USING ERRCODE = '23P01',
            TABLE = TG_TABLE_NAME, CONSTRAINT = 'post_holder_from_date_key';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER refuse_second_holder AFTER INSERT OR UPDATE ON post_holder
    FOR EACH ROW WHEN (NEW.archived_at IS NULL) EXECUTE FUNCTION refuse_second_holder();

CREATE OR REPLACE TRIGGER refuse_cycle AFTER INSERT OR UPDATE ON post
    FOR EACH ROW WHEN (NEW.reports_to_id IS NOT NULL) EXECUTE FUNCTION refuse_cycle('reports_to_id');

-- Whoever acts for the one who holds it does the work. Who has left holds nothing.
CREATE OR REPLACE FUNCTION post_holding(p_post uuid, p_day date)
RETURNS TABLE (user_id uuid, is_acting boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT h.user_id, h.is_acting
    FROM post_holder h
    JOIN app_user u ON u.district_id = h.district_id AND u.id = h.user_id
        AND u.status = 'active' AND u.archived_at IS NULL
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.post_id = p_post
      AND h.archived_at IS NULL AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
    ORDER BY h.is_acting DESC, h.from_date DESC LIMIT 1;
END;

-- Who holds it and is no user.
CREATE OR REPLACE FUNCTION post_guest(p_post uuid, p_day date)
RETURNS TABLE (name text, email text, is_acting boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT h.name, h.email, h.is_acting FROM post_holder h
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.post_id = p_post AND h.name IS NOT NULL
      AND h.archived_at IS NULL AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
    ORDER BY h.is_acting DESC, h.from_date DESC LIMIT 1;
END;

-- Of a network on a day: whoever holds the post of its lead.
CREATE OR REPLACE FUNCTION network_lead(p_network uuid, p_day date) RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT h.user_id FROM post p CROSS JOIN LATERAL post_holding(p.id, p_day) h
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.network_id = p_network
          AND p.kind = 'network_lead' AND p.archived_at IS NULL
        ORDER BY p.created_at, p.id LIMIT 1);

-- Who supervises a post on a day: the nearest above it that somebody holds.
CREATE OR REPLACE FUNCTION post_supervisor(p_post uuid, p_day date) RETURNS uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE above AS (
        SELECT p.reports_to_id AS id, 1 AS place
        FROM post p WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_post
        UNION ALL
        SELECT p.reports_to_id, a.place + 1
        FROM above a
        JOIN post p ON p.district_id = current_setting('kith.district')::uuid AND p.id = a.id)
    SELECT h.user_id
    FROM above a CROSS JOIN LATERAL post_holding(a.id, p_day) h
    ORDER BY a.place LIMIT 1;
END;

-- Who does what is the post's on a day: its holder; while it is vacant, the lead of the site's network, or else
-- its supervisor.
CREATE OR REPLACE FUNCTION post_answers(p_post uuid, p_day date) RETURNS uuid
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT h.user_id FROM post_holding(p_post, p_day) h),
    (SELECT network_lead(coalesce(s.network_id, p.network_id), p_day)
     FROM post p LEFT JOIN site s ON s.district_id = p.district_id AND s.id = p.site_id
     WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_post),
    post_supervisor(p_post, p_day));

-- Who does at a site what a kind of post does: of that post, or, where there is none, the network's lead.
CREATE OR REPLACE FUNCTION site_answers(p_site uuid, p_kind text, p_day date) RETURNS uuid
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT post_answers(p.id, p_day) FROM post p
     WHERE p.district_id = current_setting('kith.district')::uuid AND p.site_id = p_site
       AND p.kind = p_kind AND p.archived_at IS NULL ORDER BY p.created_at, p.id LIMIT 1),
    (SELECT network_lead(s.network_id, p_day) FROM site s
     WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_site));

-- To whom goes what somebody has not done, in this order and inside the district: the supervisors of the posts
-- that are his, then the lead of the site's network. Never himself, nobody twice.
CREATE OR REPLACE FUNCTION escalation(p_user uuid, p_site uuid, p_day date)
RETURNS TABLE (place bigint, user_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT row_number() OVER (ORDER BY min(w.place)), w.user_id
    FROM (SELECT 1 AS place, post_supervisor(h.post_id, p_day) AS user_id
          FROM post_holder h
          JOIN post p ON p.district_id = h.district_id AND p.id = h.post_id AND p.archived_at IS NULL
          WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user
            AND h.archived_at IS NULL
            AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
          UNION ALL
          SELECT 2, network_lead(s.network_id, p_day)
          FROM site s WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_site) w
    WHERE w.user_id IS DISTINCT FROM p_user AND w.user_id IS NOT NULL
    GROUP BY w.user_id;
END;

-- Whom somebody supervises on a day: who holds a post below one of theirs.
CREATE OR REPLACE FUNCTION supervised_users(p_user uuid, p_day date) RETURNS TABLE (user_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE below AS (
        SELECT p.id
        FROM post_holder h
        JOIN post p ON p.district_id = h.district_id AND p.reports_to_id = h.post_id AND p.archived_at IS NULL
        WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user
          AND h.archived_at IS NULL AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
        UNION
        SELECT p.id
        FROM below b
        JOIN post p ON p.district_id = current_setting('kith.district')::uuid AND p.reports_to_id = b.id
            AND p.archived_at IS NULL)
    SELECT h.user_id
    FROM below b
    JOIN post_holder h ON h.district_id = current_setting('kith.district')::uuid AND h.post_id = b.id
        AND h.archived_at IS NULL AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity');
END;

-- The sites of the networks that somebody leads on a day.
CREATE OR REPLACE FUNCTION led_sites(p_user uuid, p_day date) RETURNS TABLE (site_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id
    FROM post_holder h
    JOIN post p ON p.district_id = h.district_id AND p.id = h.post_id AND p.kind = 'network_lead'
        AND p.archived_at IS NULL
    JOIN site s ON s.district_id = p.district_id AND s.network_id = p.network_id
    WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user
      AND h.archived_at IS NULL AND p_day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity');
END;

REVOKE EXECUTE ON FUNCTION refuse_second_holder, post_guest, post_holding, network_lead, post_supervisor, post_answers,
    site_answers, escalation, supervised_users, led_sites FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_guest, post_holding, network_lead, post_supervisor, post_answers, site_answers, escalation
    TO kith_api, kith_checkin, kith_survey, kith_mailer;
GRANT EXECUTE ON FUNCTION supervised_users, led_sites TO kith_api;
GRANT SELECT ON post, post_holder TO kith_checkin, kith_survey, kith_mailer;

RESET ROLE;
