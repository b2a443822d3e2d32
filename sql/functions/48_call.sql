-- Calls to action: what cannot wait is divided among sites as needs that are open at once, with a clock, and
-- its report is kept. Parameters of an action are its row's id, the version that the client asked for (NULL:
-- any), and its fields.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION call_to_action_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN CASE WHEN p_action = 'open' AND (SELECT t.deadline < district_today() FROM call_to_action t
                                        WHERE t.id = p_id)
    THEN '{deadline}' ELSE '{}' END::text[];

CREATE OR REPLACE FUNCTION call_to_action_open(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('call_to_action', p_id, p_version, 'open');
BEGIN
    PERFORM refuse_missing('call_to_action', 'draft', call_to_action_missing(p_id, 'open'));
    UPDATE call_to_action SET status = next_status, opened_at = current_setting('kith.now')::timestamptz,
        opened_by = current_setting('kith.user')::uuid
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION call_to_action_extend(
    p_id uuid, p_version bigint, p_deadline date, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('call_to_action', p_id, p_version, 'extend');
BEGIN
    IF p_deadline <= (SELECT t.deadline FROM call_to_action t WHERE t.id = p_id) THEN
        PERFORM refuse_field('deadline', '"deadline" must be after the present one.');
    END IF;
    UPDATE call_to_action SET status = next_status, deadline = p_deadline, status_reason = p_reason
    WHERE id = p_id;
    UPDATE need SET needed_by = p_deadline
    WHERE call_to_action_id = p_id AND status NOT IN ('met', 'expired', 'withdrawn')
      AND archived_at IS NULL;
END
$$;

-- How much of the whole a part takes: of one that is over, what was promised of it.
CREATE OR REPLACE FUNCTION call_share(p_status text, p_quantity bigint, p_filled bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_status IN ('met', 'expired', 'withdrawn') THEN p_filled ELSE p_quantity END;

-- A site's part is a need: open at once, but for what people do, of which the guard of employees' work has to
-- be heard. Another part for the same site takes the place of the first, unless that one is over.
CREATE OR REPLACE FUNCTION call_to_action_allocate(
    p_id uuid, p_version bigint, p_site uuid, p_quantity bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole call_to_action;
    made need;
BEGIN
    PERFORM action_begin('call_to_action', p_id, p_version, 'allocate');
    SELECT t.* INTO whole FROM call_to_action t WHERE t.id = p_id;
    IF NOT EXISTS (SELECT FROM site s WHERE s.id = p_site AND s.archived_at IS NULL) THEN
        PERFORM refuse_field('site_id', 'There is no such site.');
    ELSIF p_quantity + (SELECT coalesce(sum(call_share(n.status, n.quantity, n.filled)), 0) FROM need n
                        WHERE n.call_to_action_id = p_id AND n.archived_at IS NULL
                          AND (n.site_id <> p_site OR n.status IN ('met', 'expired', 'withdrawn')))
          > whole.quantity THEN
        PERFORM refuse_field('quantity', 'The sites'' parts would be more than the whole.');
    END IF;
    UPDATE need SET quantity = p_quantity
    WHERE call_to_action_id = p_id AND site_id = p_site AND archived_at IS NULL
      AND status NOT IN ('met', 'expired', 'withdrawn');
    IF FOUND THEN
        RETURN;
    END IF;
    INSERT INTO need (district_id, id, title, description, site_id, focus_area_id, resource_kinds, quantity,
                      unit, needed_by, urgency, origin, call_to_action_id, is_public, internal_capacity,
                      capacity_reason, reviewed_by, reviewed_at, status)
    VALUES (whole.district_id, uuid7(), whole.title, coalesce(whole.message, whole.situation), p_site, whole.focus_area_id,
            whole.resource_kinds, p_quantity, whole.unit, whole.deadline, 'call_to_action', 'district', p_id,
            whole.is_public, 'none', whole.title, current_setting('kith.user')::uuid,
            current_setting('kith.now')::timestamptz, 'capacity_review')
    RETURNING * INTO made;
    IF NOT need_is_guarded(made) THEN
        UPDATE need SET status = 'open', opened_at = current_setting('kith.now')::timestamptz
        WHERE id = made.id;
    END IF;
END
$$;

-- What it tells, and whether the public may read it, holds for its sites' parts, too.
CREATE OR REPLACE FUNCTION call_told() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE need n SET description = coalesce(NEW.message, NEW.situation), is_public = NEW.is_public
    WHERE n.district_id = NEW.district_id AND n.call_to_action_id = NEW.id
      AND n.status NOT IN ('met', 'expired', 'withdrawn') AND n.archived_at IS NULL;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER call_told AFTER UPDATE OF message, is_public ON call_to_action
    FOR EACH ROW WHEN ((NEW.message, NEW.is_public) IS DISTINCT FROM (OLD.message, OLD.is_public))
    EXECUTE FUNCTION call_told();

-- How long each step took that ended in the last year, in days, by the fast lane and by the ordinary one.
CREATE OR REPLACE FUNCTION call_steps(p_id uuid)
RETURNS TABLE (place integer, step text, lane text, days numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH needs AS (
        SELECT n.id, n.opened_at, CASE WHEN n.call_to_action_id = p_id THEN 'call' ELSE 'ordinary' END AS lane
        FROM need n
        WHERE n.archived_at IS NULL AND n.opened_at IS NOT NULL
          AND (n.call_to_action_id = p_id OR n.call_to_action_id IS NULL
               AND n.opened_at > current_setting('kith.now')::timestamptz - interval '1 year')
    )
    SELECT s.place, s.step, s.lane, extract(epoch FROM s.until_at - s.from_at) / 86400
    FROM (SELECT 1 AS place, 'opened_to_asked' AS step, n.lane, n.opened_at AS from_at, a.sent_at AS until_at
          FROM needs n JOIN ask a ON a.need_id = n.id WHERE a.archived_at IS NULL
          UNION ALL
          SELECT e.place, e.step, n.lane, e.from_at, e.until_at
          FROM needs n
          JOIN pledge p ON p.need_id = n.id AND p.archived_at IS NULL
          LEFT JOIN ask a ON a.id = p.ask_id
          LEFT JOIN partnership w ON w.id = p.partnership_id
          CROSS JOIN LATERAL (VALUES
              (2, 'asked_to_pledged', a.sent_at, p.created_at),
              (3, 'pledged_to_accepted', p.created_at, p.accepted_at),
              (4, 'accepted_to_active', p.accepted_at, w.activated_at),
              (5, 'accepted_to_delivered', p.accepted_at, p.delivered_at)
              ) AS e (place, step, from_at, until_at)) AS s
    WHERE s.until_at >= s.from_at;
END;

CREATE OR REPLACE FUNCTION call_report(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH parts AS MATERIALIZED (
        SELECT n.* FROM need n WHERE n.call_to_action_id = p_id AND n.archived_at IS NULL
    ), pledges AS MATERIALIZED (
        SELECT p.* FROM pledge p JOIN parts n ON n.id = p.need_id WHERE p.archived_at IS NULL
    )
    SELECT jsonb_build_object(
        'call_to_action_id', c.id, 'title', c.title, 'status', c.status, 'quantity', c.quantity,
        'unit', c.unit, 'resolution', c.resolution, 'deadline', c.deadline,
        'days_open', (coalesce(c.ended_at, current_setting('kith.now')::timestamptz) AT TIME ZONE d.zone)::date
                     - (c.opened_at AT TIME ZONE d.zone)::date,
        'days_left', CASE WHEN c.ended_at IS NULL THEN c.deadline - district_today() END,
        'allocated', (SELECT coalesce(sum(call_share(n.status, n.quantity, n.filled)), 0) FROM parts n),
        'pledged', (SELECT coalesce(sum(p.quantity), 0) FROM pledges p
                    WHERE p.status NOT IN ('declined', 'failed')),
        'accepted', (SELECT coalesce(sum(n.filled), 0) FROM parts n),
        'delivered', (SELECT coalesce(sum(n.delivered), 0) FROM parts n),
        'partners', (SELECT count(DISTINCT p.partner_id) FROM pledges p
                     WHERE p.status NOT IN ('declined', 'failed')),
        'sites', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'site_id', s.id, 'name', s.name, 'need_id', n.id, 'status', n.status, 'quantity', n.quantity,
                'filled', n.filled, 'delivered', n.delivered) ORDER BY s.name, s.id)
            FROM parts n JOIN site s ON s.id = n.site_id), '[]'),
        'steps', (
            SELECT jsonb_agg(jsonb_build_object(
                'step', e.step, 'count', e.many, 'median_days', e.median, 'ordinary_count', e.other_many,
                'ordinary_median_days', e.other_median) ORDER BY e.place)
            FROM (SELECT k.place, k.step,
                         count(*) FILTER (WHERE s.lane = 'call') AS many,
                         round((percentile_cont(0.5) WITHIN GROUP (ORDER BY s.days)
                                FILTER (WHERE s.lane = 'call'))::numeric, 2)::text AS median,
                         count(*) FILTER (WHERE s.lane = 'ordinary') AS other_many,
                         round((percentile_cont(0.5) WITHIN GROUP (ORDER BY s.days)
                                FILTER (WHERE s.lane = 'ordinary'))::numeric, 2)::text AS other_median
                  FROM (VALUES (1, 'opened_to_asked'), (2, 'asked_to_pledged'), (3, 'pledged_to_accepted'),
                               (4, 'accepted_to_active'), (5, 'accepted_to_delivered')) AS k (place, step)
                  LEFT JOIN call_steps(p_id) s ON s.step = k.step
                  GROUP BY k.place, k.step) AS e))
    FROM call_to_action c JOIN district d ON d.id = c.district_id
    WHERE c.id = p_id;
END;

-- What is not filled when a call ends is asked for no longer, of nobody; what was accepted still comes, and is all of its
-- part, which is met by what has come.
CREATE OR REPLACE FUNCTION call_to_action_end(
    p_id uuid, p_version bigint, p_action text, p_reason text, p_resolution text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('call_to_action', p_id, p_version, p_action);
BEGIN
    UPDATE call_to_action t SET status = next_status, status_reason = coalesce(p_reason, t.status_reason),
        resolution = p_resolution, ended_at = current_setting('kith.now')::timestamptz
    WHERE t.id = p_id;
    UPDATE call_to_action SET report = call_report(p_id) WHERE id = p_id;
    UPDATE need SET status = 'withdrawn', status_reason = coalesce(p_reason, p_resolution)
    WHERE call_to_action_id = p_id AND filled = 0 AND archived_at IS NULL
      AND status IN ('draft', 'capacity_review', 'open', 'partly_matched');
    UPDATE need SET quantity = filled
    WHERE call_to_action_id = p_id AND status = 'partly_matched' AND archived_at IS NULL;
    UPDATE ask a SET status = 'withdrawn', status_reason = coalesce(p_reason, p_resolution)
    FROM need n
    WHERE n.call_to_action_id = p_id AND a.district_id = n.district_id AND a.need_id = n.id
      AND a.status IN ('draft', 'sent') AND a.archived_at IS NULL;
END
$$;

CREATE OR REPLACE FUNCTION call_to_action_close(p_id uuid, p_version bigint, p_resolution text)
RETURNS void
LANGUAGE sql RETURN call_to_action_end(p_id, p_version, 'close', NULL, p_resolution);
CREATE OR REPLACE FUNCTION call_to_action_cancel(p_id uuid, p_version bigint, p_reason text)
RETURNS void
LANGUAGE sql RETURN call_to_action_end(p_id, p_version, 'cancel', p_reason, NULL);

REVOKE EXECUTE ON FUNCTION call_told, call_share, call_to_action_missing, call_to_action_open, call_to_action_extend,
    call_to_action_allocate, call_steps, call_report, call_to_action_end, call_to_action_close,
    call_to_action_cancel FROM PUBLIC;
GRANT EXECUTE ON FUNCTION call_share, call_to_action_missing, call_to_action_open, call_to_action_extend,
    call_to_action_allocate, call_steps, call_report, call_to_action_end, call_to_action_close,
    call_to_action_cancel TO kith_api;

RESET ROLE;
