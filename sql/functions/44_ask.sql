-- Asks: one partner is not asked by everybody at once, and who cares for it knows first. Parameters of an action
-- are its row's id, the version that the client asked for (NULL: any), and its fields.

SET ROLE kith_owner;

-- Who cares for the partner writes the ask too, wherever it comes from.
CREATE OR REPLACE FUNCTION ask_owner() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT p.owner_id INTO NEW.owner_id
    FROM partner p WHERE p.district_id = NEW.district_id AND p.id = NEW.partner_id;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER ask_owner BEFORE INSERT ON ask
    FOR EACH ROW EXECUTE FUNCTION ask_owner();

-- What the owner let go was this: of what changes before it is sent the owner is asked again. What was sent stays as it
-- is, but for who is asked.
CREATE OR REPLACE FUNCTION ask_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF is_unguarded() THEN
        RETURN NEW;
    END IF;
    NEW.cleared_at := NULL;
    NEW.cleared_by := NULL;
    IF NEW.submitted_at IS NOT NULL THEN
        NEW.submitted_at := current_setting('kith.now')::timestamptz;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER ask_changed BEFORE UPDATE ON ask
    FOR EACH ROW WHEN (OLD.status = 'draft' AND NEW.status = 'draft'
        AND (NEW.message, NEW.quantity, NEW.contact_id, NEW.program_id, NEW.respond_by)
            IS DISTINCT FROM (OLD.message, OLD.quantity, OLD.contact_id, OLD.program_id, OLD.respond_by))
    EXECUTE FUNCTION ask_changed();
CREATE OR REPLACE TRIGGER refuse_past_draft BEFORE UPDATE ON ask
    FOR EACH ROW WHEN (OLD.status <> 'draft'
        AND (NEW.message, NEW.quantity, NEW.program_id, NEW.respond_by)
            IS DISTINCT FROM (OLD.message, OLD.quantity, OLD.program_id, OLD.respond_by))
    EXECUTE FUNCTION refuse_past_draft();

-- The owner may hold an ask; whom the owner has not answered waits for some days and no longer. Where the partner has
-- none, a director is who is asked.
CREATE OR REPLACE FUNCTION ask_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM ask t
    JOIN need n ON n.district_id = t.district_id AND n.id = t.need_id
    JOIN partner p ON p.district_id = t.district_id AND p.id = t.partner_id
    JOIN district d ON d.id = t.district_id
    CROSS JOIN LATERAL (VALUES
        (1, 'need', 'send', n.status NOT IN ('open', 'partly_matched') OR n.archived_at IS NOT NULL),
        (2, 'partner', 'send', p.stage IN ('barred', 'declined') OR p.archived_at IS NOT NULL),
        (3, 'owner', 'send', t.cleared_at IS NULL
            AND CASE WHEN t.owner_id IS NULL THEN NOT kith_has_role('admin,director')
                     ELSE t.owner_id::text <> current_setting('kith.user') END
            AND coalesce((t.submitted_at AT TIME ZONE d.zone)::date + d.ask_owner_days::integer
                         > district_today(), true)),
        (4, 'held', 'send', t.held_at IS NOT NULL
            AND coalesce(t.held_until, 'infinity') >= district_today()),
        (5, 'limit', 'send', d.ask_limit <= (
            SELECT count(*) FROM ask o
            WHERE o.district_id = t.district_id AND o.partner_id = t.partner_id
              AND o.status IN ('sent', 'talk') AND o.archived_at IS NULL)),
        (6, 'respond_by', 'expire', coalesce(t.respond_by, 'infinity') >= district_today()),
        (7, 'respond_by_over', 'send', t.respond_by < district_today()),
        (8, 'asked', 'send', EXISTS (
            SELECT FROM ask o
            WHERE o.district_id = t.district_id AND o.partner_id = t.partner_id AND o.need_id = t.need_id
              AND o.status IN ('sent', 'talk') AND o.archived_at IS NULL))
        ) AS m (place, code, action, is_missing)
    WHERE t.id = p_id AND m.action = p_action AND m.is_missing;
END;

CREATE OR REPLACE FUNCTION ask_begin(p_id uuid, p_version bigint, p_action text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('ask', p_id, p_version, p_action);
    found ask;
BEGIN
    SELECT t.* INTO found FROM ask t WHERE t.id = p_id;
    IF NOT keeper_may('ask', p_action, p_id) THEN
        PERFORM refuse_outside();
    END IF;
    -- Of those that would go to a partner at once each sees what the one before it has sent.
    PERFORM pg_advisory_xact_lock(hashtextextended('ask ' || found.partner_id, 0));
    PERFORM refuse_missing('ask', found.status, ask_missing(p_id, p_action));
    RETURN next_status;
END
$$;

CREATE OR REPLACE FUNCTION ask_submit(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_begin(p_id, p_version, 'submit');
    UPDATE ask t SET submitted_at = current_setting('kith.now')::timestamptz,
        submitted_by = current_setting('kith.user')::uuid, cleared_at = NULL, cleared_by = NULL,
        owner_id = (SELECT p.owner_id FROM partner p
                    WHERE p.district_id = t.district_id AND p.id = t.partner_id)
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_clear(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_begin(p_id, p_version, 'clear');
    UPDATE ask SET cleared_at = current_setting('kith.now')::timestamptz,
        cleared_by = current_setting('kith.user')::uuid,
        held_at = NULL, held_by = NULL, held_reason = NULL, held_until = NULL
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_hold(p_id uuid, p_version bigint, p_reason text, p_until date)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_begin(p_id, p_version, 'hold');
    IF p_until < district_today() THEN
        PERFORM refuse_field('until', '"until" must not be in the past.');
    END IF;
    UPDATE ask SET cleared_at = NULL, cleared_by = NULL, held_reason = p_reason, held_until = p_until,
        held_at = current_setting('kith.now')::timestamptz, held_by = current_setting('kith.user')::uuid
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_release(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_begin(p_id, p_version, 'release');
    UPDATE ask SET held_at = NULL, held_by = NULL, held_reason = NULL, held_until = NULL
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_send(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := ask_begin(p_id, p_version, 'send');
BEGIN
    -- Whom the partner names nobody for, whoever speaks for it is asked.
    UPDATE ask t SET status = next_status, sent_at = current_setting('kith.now')::timestamptz,
        sent_by = current_setting('kith.user')::uuid,
        contact_id = coalesce(t.contact_id, partner_present_contact(t.partner_id)),
        respond_by = coalesce(t.respond_by, (
            SELECT greatest(least(n.needed_by, district_today() + 14), district_today())
            FROM need n WHERE n.district_id = t.district_id AND n.id = t.need_id))
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_end(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := ask_begin(p_id, p_version, p_action);
BEGIN
    UPDATE ask t SET status = next_status, status_reason = p_reason,
        answered_at = CASE p_action WHEN 'decline' THEN current_setting('kith.now')::timestamptz
                                    ELSE t.answered_at END
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_decline(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN ask_end(p_id, p_version, 'decline', p_reason);
CREATE OR REPLACE FUNCTION ask_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN ask_end(p_id, p_version, 'withdraw', p_reason);
CREATE OR REPLACE FUNCTION ask_expire(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN ask_end(p_id, p_version, 'expire', NULL);

-- Whoever asked has seen that the partner does not want to.
CREATE OR REPLACE FUNCTION ask_acknowledge(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_begin(p_id, p_version, 'acknowledge');
    UPDATE ask SET answer_seen_at = current_setting('kith.now')::timestamptz,
        answer_seen_by = current_setting('kith.user')::uuid
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_talk(p_id uuid, p_version bigint, p_due date, p_note text, p_owner uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := ask_begin(p_id, p_version, 'talk');
BEGIN
    IF p_due < district_today() THEN
        PERFORM refuse_field('due_on', '"due_on" must not be in the past.');
    ELSIF p_owner IS NOT NULL AND NOT EXISTS (
        SELECT FROM app_user u
        WHERE u.id = p_owner AND u.status = 'active' AND u.archived_at IS NULL) THEN
        PERFORM refuse_field('owner_id', 'No such user is active.');
    END IF;
    INSERT INTO follow_up (district_id, id, ask_id, due_on, owner_id, note)
    SELECT t.district_id, uuid7(), t.id, p_due,
           coalesce(serving_put('owner_id', p_owner, NULL), current_setting('kith.user')::uuid), p_note
    FROM ask t WHERE t.id = p_id;
    UPDATE ask t SET status = next_status,
        answered_at = coalesce(t.answered_at, current_setting('kith.now')::timestamptz)
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION ask_pledge(
    p_id uuid, p_version bigint, p_quantity bigint, p_starts_on date, p_ends_on date, p_note text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_begin(p_id, p_version, 'pledge');
    IF p_ends_on < p_starts_on THEN
        PERFORM refuse_field('ends_on', '"ends_on" must not be before "starts_on".');
    END IF;
    INSERT INTO pledge (district_id, id, need_id, partner_id, ask_id, contact_id, program_id, quantity,
                        starts_on, ends_on, note)
    SELECT t.district_id, uuid7(), t.need_id, t.partner_id, t.id, t.contact_id, t.program_id,
           p_quantity, p_starts_on, p_ends_on, p_note
    FROM ask t WHERE t.id = p_id; -- pledge_answers() does the rest
END
$$;

-- Of a need that is no more nobody is asked: what was sent expires or is withdrawn with it, what was not is not
-- sent. Who wants to talk is still come back to. What nobody had accepted waits for nothing any more.
CREATE OR REPLACE FUNCTION need_ended() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pledge p SET status = 'declined',
        status_reason = coalesce(NEW.status_reason, CASE NEW.status WHEN 'met' THEN 'The need is met.'
                                                    ELSE 'The day is over by which it was needed.' END)
    WHERE p.district_id = NEW.district_id AND p.need_id = NEW.id AND p.status IN ('offered', 'waitlisted')
      AND p.archived_at IS NULL;
    UPDATE ask a SET
        status = CASE WHEN a.status = 'sent' AND NEW.status = 'expired' THEN 'expired' ELSE 'withdrawn' END,
        status_reason = coalesce(NEW.status_reason, 'The day is over by which it was needed.')
    WHERE a.district_id = NEW.district_id AND a.need_id = NEW.id AND a.status IN ('draft', 'sent')
      AND a.archived_at IS NULL AND NEW.status <> 'met';
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER need_ended AFTER UPDATE ON need -- what is delivered meets it by need_match()
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('expired', 'withdrawn', 'met'))
    EXECUTE FUNCTION need_ended();

CREATE OR REPLACE FUNCTION follow_up_complete(p_id uuid, p_version bigint, p_outcome text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('follow_up', p_id, p_version, 'complete');
BEGIN
    UPDATE follow_up SET status = next_status, outcome = p_outcome,
        done_at = current_setting('kith.now')::timestamptz
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION follow_up_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('follow_up', p_id, p_version, 'reopen');
BEGIN
    UPDATE follow_up SET status = next_status, outcome = NULL, done_at = NULL WHERE id = p_id;
END
$$;

REVOKE EXECUTE ON FUNCTION ask_owner, ask_changed, need_ended, ask_missing, ask_begin, ask_submit, ask_clear, ask_hold, ask_release,
    ask_send, ask_end, ask_decline, ask_withdraw, ask_expire, ask_acknowledge, ask_talk, ask_pledge,
    follow_up_complete, follow_up_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ask_missing, ask_begin, ask_submit, ask_clear, ask_hold, ask_release, ask_send,
    ask_end, ask_decline, ask_withdraw, ask_expire, ask_acknowledge, ask_talk, ask_pledge,
    follow_up_complete, follow_up_reopen TO kith_api;

RESET ROLE;
