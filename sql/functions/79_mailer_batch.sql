-- A batch: some messages of one district that are due, each to another person, claimed in one transaction. Where a
-- statement writes all of them it costs what one of them would.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS message_next(timestamptz, text[], text[]), message_take(timestamptz, text[], text[]),
    message_claim(uuid, bigint, bigint), message_begin(uuid, uuid, uuid, text, uuid, text);

-- Messages that are due, of one district, locked, and so are their people: who has somebody's lock alone gathers what
-- goes to them, and waits for nobody. NULL: none is, or others are at all of them. What is claimed is due again when the
-- lease is over. A timed duty waits until all is decided that goes beside it. A district that is not live yet, or whose mail somebody holds, holds what its rules hold, but not for
-- longer than it is worth anything. p_left: how many mails a domain may still get for now, where that is less than
-- p_most; who waits for a mail to sign in does not wait for that. p_only: addresses and domains to which alone anything
-- goes, NULL: all.
CREATE OR REPLACE FUNCTION messages_next(
    p_now timestamptz, p_most integer, p_left jsonb, p_only text[], OUT district_id uuid, OUT message_ids uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    most_looked_at constant integer := 500;
    held text[] := ARRAY(SELECT r.class FROM mail_rules() r WHERE r.situation = 'hold' AND r.stops);
    deciding uuid[] := districts_being_decided(p_now);
    people text[] := '{}';
    domains text[] := '{}';
    c record;
BEGIN
    FOR c IN
        SELECT m.district_id, m.id, m.recipient_key, a.domain
        FROM message m
        JOIN district d ON d.id = m.district_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN m.class <> 'account' THEN split_part(m.to_address, '@', 2) END AS domain) AS a
        WHERE m.status IN ('queued', 'retry') AND m.carried_by IS NULL AND m.not_before <= p_now
          AND (m.claimed_until IS NULL OR m.claimed_until <= clock_timestamp())
          AND (m.class <> ALL (held) OR d.go_live_at <= p_now AND d.mail_held_at IS NULL OR m.not_after <= p_now)
          AND d.archived_at IS NULL
          AND (m.district_id <> ALL (deciding) OR NOT duty_is_timed(m))
          AND coalesce((p_left ->> a.domain)::integer > 0, true)
          AND (p_only IS NULL OR m.to_address = ANY (p_only)
               OR split_part(m.to_address, '@', 2) = ANY (p_only))
        ORDER BY m.not_before, m.id LIMIT most_looked_at
    LOOP
        EXIT WHEN cardinality(message_ids) = p_most;
        CONTINUE WHEN c.district_id <> messages_next.district_id OR c.recipient_key = ANY (people)
            OR cardinality(array_positions(domains, c.domain)) >= (p_left ->> c.domain)::integer
            OR NOT pg_try_advisory_xact_lock(hashtextextended('duties ' || c.district_id || c.recipient_key, 0));
        PERFORM FROM message m
        WHERE m.district_id = c.district_id AND m.id = c.id AND m.status IN ('queued', 'retry')
          AND m.carried_by IS NULL AND m.not_before <= p_now
          AND (m.claimed_until IS NULL OR m.claimed_until <= clock_timestamp())
        FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        messages_next.district_id := c.district_id;
        message_ids := message_ids || c.id;
        people := people || c.recipient_key;
        domains := domains || c.domain;
    END LOOP;
END
$$;

-- How the mailer's transactions go. Who holds several locks may wait for somebody who waits for one of them: the mailer
-- gives in first, before the server chooses one of the two. All is by key, and planned once: five plans for values and then
-- one for all cost a process more than its first hundred mails. The one plan does not read whole tables, however small they
-- are when it is made: a process lives while they grow.
DROP FUNCTION IF EXISTS mailer_gives_in();
CREATE OR REPLACE FUNCTION mailer_begin() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('lock_timeout', '500ms', true), set_config('plan_cache_mode', 'force_generic_plan', true),
        set_config('enable_seqscan', 'off', true);
END
$$;

-- The same, in the context of their district, which lasts as long as the transaction and the locks.
CREATE OR REPLACE FUNCTION messages_take(
    p_now timestamptz, p_most integer, p_left jsonb, p_only text[], OUT district_id uuid, OUT message_ids uuid[])
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mailer_begin(), mail_home_check(p_now);
    SELECT n.district_id, n.message_ids INTO messages_take.district_id, messages_take.message_ids
    FROM messages_next(p_now, p_most, p_left, p_only) n;
    IF messages_take.district_id IS NOT NULL THEN
        PERFORM kith_context(messages_take.district_id, '', '', p_now::text, '');
    END IF;
END
$$;

-- The letters of a mail: its own, and of one of duties those of all that it carries, in their order. p_about: what it tells,
-- where that is known.
DROP FUNCTION IF EXISTS message_letters(message);
CREATE OR REPLACE FUNCTION message_letters(m message, p_about jsonb DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    own jsonb := jsonb_build_array(to_jsonb(message_letter(m, p_about)));
BEGIN
    IF m.kind <> 'duties' THEN
        RETURN own;
    END IF;
    RETURN own || coalesce((
        SELECT jsonb_agg(to_jsonb(l) ORDER BY c.ordinality)
        FROM duties_carried(m) WITH ORDINALITY AS c
        JOIN message o ON o.district_id = m.district_id AND o.id = c.id
        CROSS JOIN LATERAL message_letter(o) l), '[]');
END
$$;

-- What becomes of one of those that were taken. send: p_send says how its attempt begins (attempts_begin), and
-- p_letters what the mail tells. Or what was done with it instead: suppressed, unknown (it stays so), waits, gathered
-- (another mail carries it), again (its address or language is another one now: to be looked at once more), or failed: what is in it
-- cannot be read, and it shall not stand in the way of all others. p_is_known: messages_looked() has it, with p_obstacle and
-- p_about. p_address,
-- p_locale, p_situations: of its person now (mail_person); p_is_alone: nothing else waits for that one; p_zone: the district's; p_left: how many mails its district may still send today.
DROP FUNCTION IF EXISTS message_claim(uuid, bigint), message_claim(message, text, text, text[], boolean, text, bigint);
CREATE OR REPLACE FUNCTION message_claim(
    m message, p_is_known boolean, p_obstacle text, p_about jsonb, p_address text, p_locale text, p_situations text[],
    p_is_alone boolean, p_zone text, p_left bigint,
    OUT verdict text, OUT send jsonb, OUT letters jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    was message := m;
    recipient record;
    why text;
    later timestamptz;
BEGIN
    recipient := message_recipient(m, p_address, p_locale, p_situations);
    IF m.claimed_until IS NOT NULL AND message_give_up(m) THEN
        verdict := 'unknown';
        UPDATE message o SET status = 'unknown', claimed_until = NULL
        WHERE o.district_id = m.district_id AND o.id = m.id;
        RETURN;
    END IF;
    IF m.kind = 'duties' THEN
        PERFORM duties_sift(m);
    END IF;
    why := message_stop(m, CASE WHEN p_is_known THEN p_obstacle ELSE message_subject_obstacle(m) END, recipient.situations);
    IF why IS NOT NULL THEN
        verdict := 'suppressed';
        UPDATE message o SET status = 'suppressed', reason = why, claimed_until = NULL
        WHERE o.district_id = m.district_id AND o.id = m.id;
        PERFORM message_task(m, why);
        RETURN;
    END IF;
    later := message_wait(m, p_left);
    IF later IS NOT NULL OR m.to_address <> recipient.address OR m.locale <> recipient.locale THEN
        verdict := CASE WHEN later IS NOT NULL THEN 'waits' ELSE 'again' END;
        UPDATE message o SET to_address = recipient.address, locale = recipient.locale,
            not_before = coalesce(later, o.not_before), claimed_until = NULL,
            status = CASE WHEN o.attempt_count > 0 THEN 'retry' ELSE 'queued' END
        WHERE o.district_id = m.district_id AND o.id = m.id;
        RETURN;
    END IF;
    m.attempt_count := m.attempt_count + 1;
    letters := message_letters(m, p_about); -- before it is gathered, so that one that cannot be read takes no others along
    IF was.attempt_count = 0 AND NOT p_is_alone AND duties_gather(was, recipient.address, recipient.locale, p_left) THEN
        verdict := 'gathered';
        RETURN;
    END IF;
    verdict := 'send';
    send := to_jsonb(message_beginning(m, p_zone));
EXCEPTION WHEN data_exception OR integrity_constraint_violation OR plpgsql_error THEN
    verdict := 'failed';
    PERFORM message_fail(m.district_id, m.id, current_setting('kith.now')::timestamptz);
END
$$;

-- Claims those that were taken, for the lease. p_keys: an attempt's id, and ids and hashes of its links, for each. A row
-- for each message, and for each that one of them carries: what becomes of it, its letter if it is sent, and by which of
-- the keys. p_left: how many mails their district may still send today, at least.
DROP FUNCTION IF EXISTS messages_claim(uuid[], jsonb, bigint, bigint);
CREATE OR REPLACE FUNCTION messages_claim(p_messages uuid[], p_keys jsonb, p_lease_ms bigint, p_left bigint)
RETURNS TABLE (message_id uuid, verdict text, place integer, letter jsonb, to_name text, series_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
    zone constant text := zone_of_site(NULL);
    one record;
    claim record;
    sends jsonb[] := '{}';
    told jsonb[] := '{}';
BEGIN
    FOR one IN
        SELECT o AS message, k.message_id IS NOT NULL AS is_known, k.obstacle, k.about, w.address, w.locale, w.situations,
               NOT EXISTS (
                   SELECT FROM message b
                   WHERE b.district_id = o.district_id AND (b.contact_id = o.contact_id OR b.user_id = o.user_id)
                     AND b.status = 'queued' AND b.claimed_until IS NULL AND b.id <> o.id) AS is_alone
        FROM message o
        LEFT JOIN messages_looked(p_messages) k ON k.message_id = o.id
        LEFT JOIN LATERAL mail_person(o.contact_id, o.user_id, o.partnership_id, o.topic) w ON true
        WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = ANY (p_messages)
        ORDER BY array_position(p_messages, o.id)
    LOOP
        claim := message_claim(one.message, one.is_known, one.obstacle, one.about, one.address, one.locale, one.situations,
                               one.is_alone, zone, p_left - cardinality(sends));
        IF claim.verdict = 'send' THEN
            sends := sends || (claim.send || (p_keys -> cardinality(sends)));
            told := told || claim.letters;
        ELSE
            message_id := (one.message).id;
            verdict := claim.verdict;
            RETURN NEXT;
        END IF;
    END LOOP;
    RETURN QUERY
    SELECT (l.letter ->> 'message_id')::uuid, b.verdict, b.place, l.letter, h.to_name, h.series_id
    FROM attempts_begin(to_jsonb(sends), p_lease_ms) b
    CROSS JOIN LATERAL jsonb_array_elements(told[b.place + 1]) WITH ORDINALITY AS l (letter, ordinality)
    LEFT JOIN message_heads(p_messages) h ON h.message_id = (l.letter ->> 'message_id')::uuid -- none of what is carried
    ORDER BY b.place, l.ordinality;
END
$$;

REVOKE EXECUTE ON FUNCTION messages_next, mailer_begin, messages_take, message_letters, message_claim, messages_claim FROM PUBLIC;
GRANT EXECUTE ON FUNCTION messages_next, mailer_begin, messages_take, message_letters, message_claim, messages_claim TO kith_mailer;

RESET ROLE;
