-- Bulletins: needs that the public may read of, to a segment of contacts who asked for such mail, each in the own
-- language and once; and who gets it, before it goes.

SET ROLE kith_owner;

-- The open needs that it would tell of today, the first to be needed first.
CREATE OR REPLACE FUNCTION bulletin_needs(b bulletin) RETURNS uuid[]
LANGUAGE sql STABLE
RETURN ARRAY(
    SELECT n.id FROM need n
    JOIN focus_area f ON f.district_id = n.district_id AND f.id = n.focus_area_id
    WHERE n.district_id = b.district_id AND n.is_public AND n.status IN ('open', 'partly_matched')
      AND n.archived_at IS NULL AND n.needed_by >= district_today()
      AND (b.focus_area_id IS NULL OR b.focus_area_id IN (f.id, f.parent_id))
      AND (b.site_id IS NULL OR n.site_id = b.site_id)
    ORDER BY n.needed_by, n.id LIMIT 20);

-- The contacts of its segment. As the owner: a filter may be its maker's own.
CREATE OR REPLACE FUNCTION bulletin_segment(p_filter uuid) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT r.id, r.name
    FROM saved_filter f CROSS JOIN LATERAL filter_rows(f.resource, f.criteria) r
    WHERE f.district_id = current_setting('kith.district')::uuid AND f.id = p_filter AND f.resource = 'contacts'
      AND f.archived_at IS NULL;
END;

-- Who has asked for mails about a topic, in so many words.
CREATE OR REPLACE FUNCTION contact_opted_in(p_contact uuid, p_topic text) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM preference f
    WHERE f.district_id = current_setting('kith.district')::uuid AND f.contact_id = p_contact
      AND f.topic = p_topic AND f.channel = 'email' AND NOT f.opted_out AND f.archived_at IS NULL);

-- Who gets it, in which language; reason: why not.
CREATE OR REPLACE FUNCTION bulletin_audience(b bulletin)
RETURNS TABLE (contact_id uuid, name text, locale text, text_locale text, reason text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, s.name, r.locale, bulletin_text(b, r.locale) ->> 'locale',
           coalesce((SELECT u.reason FROM mail_rules() WITH ORDINALITY AS u (class, situation, stops, task, reason, place)
                     WHERE u.class = 'bulletin' AND u.situation = ANY (r.situations) AND u.stops
                     ORDER BY u.place LIMIT 1),
                    CASE WHEN NOT contact_opted_in(s.id, 'needs') THEN 'no_consent'
                         WHEN mail_week_is_full(s.id, NULL, current_setting('kith.now')::timestamptz)
                         THEN 'rate_limited' END)
    FROM bulletin_segment(b.saved_filter_id) s
    CROSS JOIN LATERAL mail_recipient(s.id, NULL, NULL, 'needs') r;
END;

CREATE OR REPLACE FUNCTION bulletin_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN p_action NOT IN ('schedule', 'send') THEN '{}' ELSE array_remove(ARRAY[
            CASE WHEN bulletin_needs(b) = '{}' THEN 'needs' END,
            CASE WHEN b.texts::text LIKE '%{{%' THEN 'words' END], NULL) END
        FROM bulletin b WHERE b.id = p_id);

CREATE OR REPLACE FUNCTION bulletin_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM saved_filter f
               WHERE f.district_id = NEW.district_id AND f.id = NEW.saved_filter_id AND f.resource <> 'contacts') THEN
        PERFORM refuse_field('saved_filter_id', '"saved_filter_id" is no filter of contacts.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER bulletin_check BEFORE INSERT OR UPDATE OF saved_filter_id ON bulletin
    FOR EACH ROW EXECUTE FUNCTION bulletin_check();

CREATE OR REPLACE TRIGGER refuse_past_draft BEFORE UPDATE ON bulletin
    FOR EACH ROW WHEN (OLD.status <> 'draft'
        AND (NEW.saved_filter_id, NEW.focus_area_id, NEW.site_id, NEW.texts, NEW.stale_days)
            IS DISTINCT FROM (OLD.saved_filter_id, OLD.focus_area_id, OLD.site_id, OLD.texts, OLD.stale_days))
    EXECUTE FUNCTION refuse_past_draft();

CREATE OR REPLACE FUNCTION bulletin_schedule(p_id uuid, p_version bigint, p_send_on date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('bulletin', p_id, p_version, 'schedule');
BEGIN
    IF p_send_on < district_today() THEN
        PERFORM refuse_field('send_on', '"send_on" must not be over.');
    END IF;
    PERFORM refuse_missing('bulletin', 'draft', bulletin_missing(p_id, 'schedule'));
    UPDATE bulletin b SET status = next_status, send_on = p_send_on,
        scheduled_by = current_setting('kith.user')::uuid
    WHERE b.id = p_id;
END
$$;

-- Decides all its mails, each once whoever else is at it, and keeps which needs they tell of.
CREATE OR REPLACE FUNCTION bulletin_deliver(p_id uuid, p_not_before timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    b bulletin;
    one record;
    day date := district_today();
    zone text := (SELECT d.zone FROM district d WHERE d.id = current_setting('kith.district')::uuid);
BEGIN
    UPDATE bulletin t SET status = 'sent', send_on = coalesce(t.send_on, day), need_ids = bulletin_needs(t),
        sent_at = current_setting('kith.now')::timestamptz
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id
    RETURNING t.* INTO b;
    FOR one IN SELECT * FROM bulletin_audience(b) a ORDER BY a.contact_id LOOP
        PERFORM message_queue('bulletin', 'needs', 'bulletin', p_id, one.contact_id, NULL, 'sent', '{}',
                              p_not_before, local_instant(b.send_on + b.stale_days::integer + 1, 0, zone), NULL,
                              CASE one.reason WHEN 'no_consent' THEN one.reason END);
    END LOOP;
    UPDATE bulletin t SET queued = n.queued, suppressed = n.suppressed
    FROM (SELECT count(*) FILTER (WHERE m.status <> 'suppressed') AS queued,
                 count(*) FILTER (WHERE m.status = 'suppressed') AS suppressed
          FROM message m WHERE m.district_id = b.district_id AND m.subject_id = p_id) AS n
    WHERE t.district_id = b.district_id AND t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION bulletin_send(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    most constant integer := 1000; -- at once, while somebody waits
BEGIN
    PERFORM action_begin('bulletin', p_id, p_version, 'send');
    PERFORM refuse_missing('bulletin', 'scheduled', bulletin_missing(p_id, 'send'));
    IF (SELECT count(*) FROM (SELECT FROM bulletin t CROSS JOIN LATERAL bulletin_segment(t.saved_filter_id)
                              WHERE t.id = p_id LIMIT most + 1) AS s) > most THEN
        PERFORM refuse_state('It has too many recipients to send at once: it goes on its day.',
                             '{"status": "scheduled"}');
    END IF;
    PERFORM bulletin_deliver(p_id, current_setting('kith.now')::timestamptz);
END
$$;

CREATE OR REPLACE FUNCTION bulletin_revise(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('bulletin', p_id, p_version, 'revise');
BEGIN
    UPDATE bulletin b SET status = next_status, send_on = NULL WHERE b.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION bulletin_cancel(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('bulletin', p_id, p_version, 'cancel');
BEGIN
    UPDATE bulletin b SET status = next_status, status_reason = p_reason WHERE b.id = p_id;
END
$$;

-- Those whose day has come: at the mail hour, or at once when that is over. What is later than it is worth, or
-- has nothing to tell of any more, is cancelled. How many.
CREATE OR REPLACE FUNCTION bulletins_send(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    due record;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR due IN
        SELECT b.id, b.send_on + b.stale_days::integer < district_today() AS is_stale, bulletin_needs(b) = '{}' AS is_empty,
               local_instant(b.send_on, d.mail_hour, d.zone) AS at
        FROM bulletin b JOIN district d ON d.id = b.district_id
        WHERE b.district_id = p_district AND b.status = 'scheduled' AND b.archived_at IS NULL
          AND b.send_on <= district_today()
        ORDER BY b.id FOR UPDATE OF b SKIP LOCKED
    LOOP
        IF due.is_stale OR due.is_empty THEN
            UPDATE bulletin b SET status = 'cancelled',
                status_reason = CASE WHEN due.is_stale THEN 'stale' ELSE 'no needs' END
            WHERE b.district_id = p_district AND b.id = due.id;
        ELSE
            PERFORM bulletin_deliver(due.id, greatest(due.at, p_now));
        END IF;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- What it would be if it went now.
CREATE OR REPLACE FUNCTION bulletin_preview(p_id uuid, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH audience AS MATERIALIZED (
        SELECT a.* FROM bulletin b CROSS JOIN LATERAL bulletin_audience(b) a WHERE b.id = p_id),
    first AS (SELECT * FROM audience a ORDER BY a.reason IS NOT NULL, a.name, a.contact_id LIMIT p_most)
    SELECT jsonb_build_object(
        'bulletin_id', b.id,
        'needs', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', n.id, 'title', n.title, 'needed_by', n.needed_by)
                             ORDER BY n.needed_by, n.id)
            FROM need n
            WHERE n.id = ANY (CASE b.status WHEN 'sent' THEN b.need_ids ELSE bulletin_needs(b) END)), '[]'),
        'goes', (SELECT count(*) FROM audience a WHERE a.reason IS NULL),
        'stays', (SELECT count(*) FROM audience a WHERE a.reason IS NOT NULL),
        'reasons', coalesce((SELECT jsonb_object_agg(r.reason, r.many) FROM (
            SELECT a.reason, count(*) AS many FROM audience a WHERE a.reason IS NOT NULL GROUP BY 1) r), '{}'),
        'recipients', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'contact_id', f.contact_id, 'name', f.name, 'locale', f.locale, 'text_locale', f.text_locale,
                'reason', f.reason) ORDER BY f.reason IS NOT NULL, f.name, f.contact_id)
            FROM first f), '[]'))
    FROM bulletin b WHERE b.id = p_id;
END;

-- The mail itself, as it would be written now; of one that was sent, with those of its needs that are open still. The
-- owner's: what mails tell of is the mailer's to read.
CREATE OR REPLACE FUNCTION bulletin_mail(p_id uuid, p_locale text)
RETURNS TABLE (kind text, locale text, to_name text, district jsonb, about jsonb, has_task boolean, has_stop boolean,
               calendar jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    b bulletin;
BEGIN
    SELECT t.* INTO b FROM bulletin t WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id;
    IF b.status <> 'sent' THEN
        b.need_ids := bulletin_needs(b);
    END IF;
    RETURN QUERY
    SELECT 'bulletin', w.locale, d.name, letterhead(d), bulletin_says(b, w.locale), false, true, NULL::jsonb
    FROM district d CROSS JOIN LATERAL (SELECT coalesce(p_locale, d.locale) AS locale) AS w
    WHERE d.district_id = b.district_id;
END
$$;

REVOKE EXECUTE ON FUNCTION bulletin_mail, bulletin_needs, bulletin_segment, contact_opted_in, bulletin_audience,
    bulletin_missing, bulletin_check, bulletin_schedule, bulletin_deliver, bulletin_send, bulletin_revise,
    bulletin_cancel, bulletins_send, bulletin_preview FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bulletin_needs, bulletin_segment, contact_opted_in, bulletin_audience,
    bulletin_missing, bulletin_schedule, bulletin_deliver, bulletin_send, bulletin_revise, bulletin_cancel,
    bulletin_preview, bulletin_mail TO kith_api;
GRANT EXECUTE ON FUNCTION bulletins_send TO kith_checkin;

RESET ROLE;
