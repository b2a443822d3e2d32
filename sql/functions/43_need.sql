-- Needs: what the district looks at before it asks others, and how far what others promise goes. Parameters of
-- an action are its row's id, the version that the client asked for (NULL: any), and its fields.

SET ROLE kith_owner;

-- What people do may be what employees do; money and things displace nobody.
CREATE OR REPLACE FUNCTION need_is_guarded(n need) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN n.resource_kinds = '{}'
    OR n.resource_kinds && '{staff_time,volunteers,training,mentors,other}'::text[];

CREATE OR REPLACE FUNCTION need_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM need t
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(r.status IN ('cleared', 'approved')), false) AS cleared,
               coalesce(bool_or(r.status NOT IN ('cleared', 'approved')), false) AS waits
        FROM displacement_review r
        WHERE r.district_id = t.district_id AND r.need_id = t.id AND r.archived_at IS NULL) AS guard
    CROSS JOIN LATERAL (VALUES
        (1, 'capacity', 'open', t.internal_capacity IS NULL),
        (2, 'capacity_available', 'open', coalesce(t.internal_capacity, '') = 'available'),
        (3, 'displacement', 'open', guard.waits OR need_is_guarded(t) AND NOT guard.cleared),
        (4, 'needed_by', 'expire', t.needed_by >= district_today()),
        (5, 'pledges', 'withdraw', t.filled > t.delivered),
        (6, 'needed_by_over', 'open', t.needed_by < district_today())
        ) AS m (place, code, action, is_missing)
    WHERE t.id = p_id AND m.action = p_action AND m.is_missing;
END;

CREATE OR REPLACE FUNCTION need_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('need', p_id, p_version, p_action);
BEGIN
    PERFORM refuse_missing('need', (SELECT t.status FROM need t WHERE t.id = p_id),
                           need_missing(p_id, p_action));
    UPDATE need t SET status = next_status, status_reason = p_reason,
        opened_at = CASE p_action WHEN 'open' THEN current_setting('kith.now')::timestamptz
                                  WHEN 'reopen' THEN NULL ELSE t.opened_at END,
        internal_capacity = CASE p_action WHEN 'reopen' THEN NULL ELSE t.internal_capacity END
    WHERE t.id = p_id;
END
$$;

DO $$
BEGIN
    PERFORM make_moves('need', '{submit,open,expire,reopen}', '', 'NULL'),
            make_moves('need', '{return,meet,withdraw}', ', p_reason text', 'p_reason');
END
$$;

CREATE OR REPLACE FUNCTION need_review(
    p_id uuid, p_version bigint, p_capacity text, p_reason text, p_note text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('need', p_id, p_version, 'review');
BEGIN
    UPDATE need SET status = next_status, internal_capacity = p_capacity, capacity_reason = p_reason,
        displacement_note = p_note, reviewed_by = current_setting('kith.user')::uuid,
        reviewed_at = current_setting('kith.now')::timestamptz
    WHERE id = p_id;
END
$$;

-- A need that waits for partners is as far as its pledges go; whoever changes one of both changes this.
CREATE OR REPLACE FUNCTION need_match() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.status := CASE
        WHEN NEW.delivered >= NEW.quantity THEN 'met'
        WHEN NEW.filled >= NEW.quantity THEN 'matched'
        WHEN NEW.filled > 0 THEN 'partly_matched'
        ELSE 'open' END;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER need_match BEFORE UPDATE ON need
    FOR EACH ROW WHEN (NEW.status = OLD.status AND OLD.status IN ('open', 'partly_matched', 'matched')
        AND (NEW.quantity, NEW.filled, NEW.delivered)
            IS DISTINCT FROM (OLD.quantity, OLD.filled, OLD.delivered))
    EXECUTE FUNCTION need_match();

-- The district has looked at what it was: what it is now is looked at again, and what somebody promised stays as it
-- is. A part tells what its call tells (48_call.sql).
CREATE OR REPLACE FUNCTION need_look_again() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF is_unguarded()
       OR (NEW.title, NEW.resource_kinds, NEW.focus_area_id, NEW.network_id, NEW.site_id)
           IS NOT DISTINCT FROM (OLD.title, OLD.resource_kinds, OLD.focus_area_id, OLD.network_id, OLD.site_id)
       AND NEW.description = (SELECT coalesce(c.message, c.situation) FROM call_to_action c
                              WHERE c.district_id = NEW.district_id AND c.id = NEW.call_to_action_id) THEN
        RETURN NEW;
    ELSIF OLD.filled > 0 OR EXISTS (
        SELECT FROM pledge p
        WHERE p.district_id = OLD.district_id AND p.need_id = OLD.id AND p.archived_at IS NULL
          AND p.status NOT IN ('declined', 'failed', 'withdrawn')) THEN
        PERFORM refuse_state('Somebody has promised it as it is.', jsonb_build_object('status', OLD.status));
    END IF;
    NEW.status := 'capacity_review';
    NEW.internal_capacity := NULL;
    NEW.opened_at := NULL;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER need_look_again BEFORE UPDATE ON need
    FOR EACH ROW WHEN (NEW.status = OLD.status AND OLD.status NOT IN ('draft', 'expired', 'withdrawn')
        AND (NEW.title, NEW.description, NEW.resource_kinds, NEW.focus_area_id, NEW.network_id, NEW.site_id)
            IS DISTINCT FROM
            (OLD.title, OLD.description, OLD.resource_kinds, OLD.focus_area_id, OLD.network_id, OLD.site_id))
    EXECUTE FUNCTION need_look_again();

-- How much its pledges come to: what was accepted, and of what failed as much as came. As the owner, as whoever accepts
-- a pledge need not be who writes the need.
CREATE OR REPLACE FUNCTION need_settle(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE need n SET filled = s.filled, delivered = s.delivered
    FROM (SELECT coalesce(sum(CASE p.status WHEN 'failed' THEN p.delivered ELSE p.quantity END), 0) AS filled,
                 coalesce(sum(p.delivered), 0) AS delivered
          FROM pledge p
          WHERE p.district_id = current_setting('kith.district')::uuid AND p.need_id = p_id AND p.archived_at IS NULL
            AND p.status IN ('accepted', 'partly_delivered', 'delivered', 'failed')) AS s
    WHERE n.district_id = current_setting('kith.district')::uuid AND n.id = p_id
      AND (n.filled, n.delivered) IS DISTINCT FROM (s.filled, s.delivered);
END
$$;

-- Keeps others from accepting pledges for it until the transaction ends.
CREATE OR REPLACE FUNCTION need_hold(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM need n
    WHERE n.district_id = current_setting('kith.district')::uuid AND n.id = p_id FOR UPDATE;
END
$$;

REVOKE EXECUTE ON FUNCTION need_is_guarded, need_missing, need_move, need_submit, need_open, need_expire,
    need_reopen, need_return, need_meet, need_withdraw, need_review, need_match, need_look_again, need_settle, need_hold FROM PUBLIC;
GRANT EXECUTE ON FUNCTION need_is_guarded, need_missing, need_move, need_submit, need_open, need_expire,
    need_reopen, need_return, need_meet, need_withdraw, need_review, need_settle, need_hold TO kith_api;

RESET ROLE;
