-- Pledges: what is promised counts from its acceptance, never more than a need lacks, and becomes a partnership.
-- Parameters of an action are its row's id, the version that the client asked for (NULL: any), and its fields.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION pledge_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM pledge t
    JOIN need n ON n.district_id = t.district_id AND n.id = t.need_id
    JOIN partner p ON p.district_id = t.district_id AND p.id = t.partner_id
    CROSS JOIN LATERAL (VALUES
        (1, 'need', 'accept', n.status NOT IN ('open', 'partly_matched', 'matched')
                              OR n.archived_at IS NOT NULL),
        (2, 'partner', 'accept', p.stage = 'barred' OR p.archived_at IS NOT NULL),
        (3, 'room', 'accept', n.quantity - n.filled < t.quantity),
        (4, 'partnership', 'convert', t.partnership_id IS NOT NULL),
        (5, 'partner', 'convert', p.stage = 'barred' OR p.archived_at IS NOT NULL)
        ) AS m (place, code, action, is_missing)
    WHERE t.id = p_id AND m.action = p_action AND m.is_missing;
END;

-- Locks the pledge and its need, so that what is promised is counted by one at a time.
CREATE OR REPLACE FUNCTION pledge_begin(p_id uuid, p_version bigint, p_action text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('pledge', p_id, p_version, p_action);
    found pledge;
BEGIN
    SELECT t.* INTO found FROM pledge t WHERE t.id = p_id;
    PERFORM need_hold(found.need_id);
    PERFORM refuse_missing('pledge', found.status, pledge_missing(p_id, p_action));
    RETURN next_status;
END
$$;

CREATE OR REPLACE FUNCTION pledge_settle(p_id uuid) RETURNS void
LANGUAGE sql RETURN need_settle((SELECT t.need_id FROM pledge t WHERE t.id = p_id));

CREATE OR REPLACE FUNCTION pledge_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := pledge_begin(p_id, p_version, p_action);
BEGIN
    UPDATE pledge t SET status = next_status, status_reason = p_reason,
        accepted_at = CASE p_action WHEN 'accept' THEN current_setting('kith.now')::timestamptz
                                    ELSE t.accepted_at END
    WHERE t.id = p_id;
    PERFORM pledge_settle(p_id);
    PERFORM CASE p_action WHEN 'accept' THEN offer_take(t.offer_id, t.quantity)
                          WHEN 'fail' THEN offer_give_back(t.offer_id, t.quantity - t.delivered) END
    FROM pledge t WHERE t.id = p_id AND t.offer_id IS NOT NULL;
END
$$;

CREATE OR REPLACE FUNCTION pledge_accept(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN pledge_move(p_id, p_version, 'accept', NULL);
CREATE OR REPLACE FUNCTION pledge_waitlist(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN pledge_move(p_id, p_version, 'waitlist', NULL);
CREATE OR REPLACE FUNCTION pledge_decline(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN pledge_move(p_id, p_version, 'decline', p_reason);
CREATE OR REPLACE FUNCTION pledge_fail(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN pledge_move(p_id, p_version, 'fail', p_reason);
CREATE OR REPLACE FUNCTION pledge_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN pledge_move(p_id, p_version, 'withdraw', p_reason);

CREATE OR REPLACE FUNCTION pledge_deliver(p_id uuid, p_version bigint, p_quantity bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
BEGIN
    PERFORM pledge_begin(p_id, p_version, 'deliver');
    SELECT coalesce(t.delivered + p_quantity, t.quantity) INTO total FROM pledge t WHERE t.id = p_id;
    IF total > (SELECT t.quantity FROM pledge t WHERE t.id = p_id) THEN
        PERFORM refuse_field('quantity', 'No more than was pledged is delivered.');
    END IF;
    UPDATE pledge t SET delivered = total,
        status = CASE WHEN total = t.quantity THEN 'delivered' ELSE 'partly_delivered' END,
        delivered_at = CASE WHEN total = t.quantity
                            THEN current_setting('kith.now')::timestamptz END
    WHERE t.id = p_id;
    PERFORM pledge_settle(p_id);
END
$$;

-- The partnership is where the need is, or else where the pledge goes; who promised it and who accepts it
-- lead it.
CREATE OR REPLACE FUNCTION pledge_convert(
    p_id uuid, p_version bigint, p_name text, p_arrangement text, p_purpose text, p_lead uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    made uuid := uuid7();
    found pledge;
    wanted need;
    sites uuid[];
    district_lead uuid := coalesce(p_lead, current_setting('kith.user')::uuid);
BEGIN
    PERFORM pledge_begin(p_id, p_version, 'convert');
    IF NOT EXISTS (SELECT FROM app_user u
                   WHERE u.id = district_lead AND u.status = 'active' AND u.archived_at IS NULL) THEN
        PERFORM refuse_field('lead_user_id', 'No such user is active.');
    END IF;
    SELECT t.* INTO found FROM pledge t WHERE t.id = p_id;
    SELECT n.* INTO wanted FROM need n WHERE n.id = found.need_id;
    sites := ARRAY(SELECT w.site_id FROM pledge_site w
                   WHERE w.pledge_id = p_id AND w.archived_at IS NULL ORDER BY w.created_at, w.id);
    IF sites = '{}' AND wanted.site_id IS NOT NULL THEN
        sites := ARRAY[wanted.site_id];
    END IF;
    INSERT INTO partnership (district_id, id, partner_id, name, arrangement, program_id, focus_area_id,
                             lead_site_id, starts_on, ends_on, purpose)
    VALUES (found.district_id, made, found.partner_id, p_name, p_arrangement, found.program_id,
            wanted.focus_area_id, coalesce(wanted.site_id, sites[1]), found.starts_on, found.ends_on,
            coalesce(p_purpose, wanted.title));
    INSERT INTO partnership_site (district_id, id, partnership_id, site_id, from_date)
    SELECT found.district_id, uuid7(), made, s.id, found.starts_on FROM unnest(sites) AS s (id);
    INSERT INTO partnership_role (district_id, id, partnership_id, side, role, user_id, contact_id)
    SELECT found.district_id, uuid7(), made, l.side, 'lead', l.user_id, l.contact_id
    FROM (VALUES ('district', district_lead, NULL::uuid), ('partner', NULL, found.contact_id))
        AS l (side, user_id, contact_id)
    WHERE coalesce(l.user_id, l.contact_id) IS NOT NULL;
    UPDATE pledge SET partnership_id = made WHERE id = p_id;
END
$$;

-- What was accepted was so much, of this; other terms are another pledge.
CREATE OR REPLACE FUNCTION refuse_accepted_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('What was accepted or declined stays as it is.',
                         jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER refuse_accepted_change BEFORE UPDATE ON pledge
    FOR EACH ROW WHEN (OLD.status NOT IN ('offered', 'waitlisted')
        AND (NEW.quantity, NEW.archived_at) IS DISTINCT FROM (OLD.quantity, OLD.archived_at))
    EXECUTE FUNCTION refuse_accepted_change();

-- An ask is answered by one pledge, while it waits for an answer.
CREATE OR REPLACE FUNCTION pledge_answers() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    SELECT t.status INTO found_status FROM ask t WHERE t.id = NEW.ask_id FOR UPDATE;
    IF found_status NOT IN ('sent', 'talk') THEN
        PERFORM refuse_field('ask_id', 'This ask waits for no answer.');
    END IF;
    UPDATE ask SET status = 'pledged', answered_at = current_setting('kith.now')::timestamptz
    WHERE id = NEW.ask_id;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER pledge_answers BEFORE INSERT ON pledge
    FOR EACH ROW WHEN (NEW.ask_id IS NOT NULL) EXECUTE FUNCTION pledge_answers();

CREATE OR REPLACE FUNCTION pledge_of_offer() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.partner_id <> (SELECT o.partner_id FROM offer o
                          WHERE o.district_id = NEW.district_id AND o.id = NEW.offer_id) THEN
        PERFORM refuse_field('offer_id', 'This is an offer of another partner.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER pledge_of_offer BEFORE INSERT ON pledge
    FOR EACH ROW WHEN (NEW.offer_id IS NOT NULL) EXECUTE FUNCTION pledge_of_offer();

-- With a partnership that ends too early, what it was to bring fails, whoever ends it; of one that ends as agreed it
-- may have come, and somebody is asked (97_pledge_task.sql).
CREATE OR REPLACE FUNCTION pledge_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    failed record;
    today date;
BEGIN
    -- Whoever ends one without a context, as a program of the operator's, has none for pledges.
    PERFORM set_config('kith.district', NEW.district_id::text, true);
    SELECT (business_now() AT TIME ZONE d.zone)::date INTO today FROM district d WHERE d.id = NEW.district_id;
    FOR failed IN
        UPDATE pledge t SET status = 'failed', status_reason = NEW.status_reason
        WHERE t.partnership_id = NEW.id AND t.status IN ('accepted', 'partly_delivered')
          AND (NEW.status = 'declined'
               OR coalesce(NEW.ended_on, today) < coalesce(least(t.ends_on, OLD.ends_on), 'infinity'))
        RETURNING t.need_id, t.offer_id, t.quantity - t.delivered AS missing
    LOOP
        PERFORM need_settle(failed.need_id);
        IF failed.offer_id IS NOT NULL THEN
            PERFORM offer_give_back(failed.offer_id, failed.missing);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER pledge_follow AFTER UPDATE ON partnership
    FOR EACH ROW WHEN (NEW.status IN ('ended', 'declined') AND OLD.status <> NEW.status)
    EXECUTE FUNCTION pledge_follow();

REVOKE EXECUTE ON FUNCTION pledge_missing, pledge_begin, pledge_settle, pledge_accept, pledge_move,
    pledge_waitlist, pledge_decline, pledge_fail, pledge_withdraw, pledge_deliver, pledge_convert, refuse_accepted_change,
    pledge_answers, pledge_of_offer, pledge_follow FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pledge_missing, pledge_begin, pledge_settle, pledge_accept, pledge_move,
    pledge_waitlist, pledge_decline, pledge_fail, pledge_withdraw, pledge_deliver, pledge_convert TO kith_api;

RESET ROLE;
