-- How partnerships move from status to status, the gate before one is active, and the actions of what
-- belongs to them. Parameters of an action are its row's id, the version that the client asked for
-- (NULL: any), and its fields.

SET ROLE kith_owner;

-- When the gate is due is a director's to say; activating ends it, whoever activates. What runs already is done with it
-- when it has all that activating asks for, and not before, whoever says so.
CREATE OR REPLACE FUNCTION guard_gate_due() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.user', true), '') = '' OR current_setting('kith.outgrows', true) = 'on' THEN
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' AND NEW.gate_due IS NULL AND NEW.status IN ('active', 'paused', 'renewing') THEN
        PERFORM refuse_missing('partnership', NEW.status, partnership_missing(NEW.id, 'activate'));
    ELSIF NOT kith_has_role('admin,director') THEN
        PERFORM refuse_field('gate_due', '"gate_due" is set by a director.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_gate_due_insert BEFORE INSERT ON partnership
    FOR EACH ROW WHEN (NEW.gate_due IS NOT NULL) EXECUTE FUNCTION guard_gate_due();
CREATE OR REPLACE TRIGGER guard_gate_due_update BEFORE UPDATE ON partnership
    FOR EACH ROW WHEN (NEW.gate_due IS DISTINCT FROM OLD.gate_due AND NEW.status = OLD.status)
    EXECUTE FUNCTION guard_gate_due();

-- What was a supporter's or a gift and runs has the days of grace for what more is asked of it now.
CREATE OR REPLACE FUNCTION outgrown_due(p_district uuid) RETURNS date
LANGUAGE sql STABLE
RETURN (SELECT district_today() + d.agreement_grace_days::integer FROM district d WHERE d.id = p_district);

CREATE OR REPLACE FUNCTION partnership_outgrows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    its text;
BEGIN
    IF coalesce(current_setting('kith.district', true), '') <> '' THEN -- a migration has none
        its := (SELECT coalesce(r.tier, '') FROM partner r WHERE r.district_id = NEW.district_id AND r.id = NEW.partner_id);
        IF (coalesce(OLD.tier, its) = 'supporter' OR OLD.arrangement = 'gift')
           AND NOT (coalesce(NEW.tier, its) = 'supporter' OR NEW.arrangement = 'gift') THEN
            NEW.gate_due := outgrown_due(NEW.district_id);
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER outgrows BEFORE UPDATE ON partnership
    FOR EACH ROW WHEN (NEW.status IN ('active', 'paused', 'renewing') AND NEW.gate_due IS NULL AND OLD.gate_due IS NULL
        AND (NEW.tier, NEW.arrangement) IS DISTINCT FROM (OLD.tier, OLD.arrangement))
    EXECUTE FUNCTION partnership_outgrows();

-- The same where the tier is the partner's, whoever may write which of its partnerships.
CREATE OR REPLACE FUNCTION partner_outgrows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('kith.district', true), '') <> '' THEN
        PERFORM set_config('kith.outgrows', 'on', true);
        UPDATE partnership p SET gate_due = outgrown_due(p.district_id)
        WHERE p.district_id = NEW.district_id AND p.partner_id = NEW.id AND p.tier IS NULL
          AND p.arrangement <> 'gift' AND p.status IN ('active', 'paused', 'renewing') AND p.gate_due IS NULL
          AND p.archived_at IS NULL;
        PERFORM set_config('kith.outgrows', '', true);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER outgrows AFTER UPDATE ON partner
    FOR EACH ROW WHEN (OLD.tier = 'supporter' AND NEW.tier IS DISTINCT FROM 'supporter')
    EXECUTE FUNCTION partner_outgrows();

-- By a file a partnership may come as what it is already: active, with a day by which it has what
-- activating asks for; or ended, with the day on which it did.
CREATE OR REPLACE FUNCTION guard_imported() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('exploring', 'active', 'ended') THEN
        PERFORM refuse_field('status', 'By a file a partnership comes as exploring, active or ended.');
    ELSIF (NEW.status = 'ended') <> (NEW.ended_on IS NOT NULL) THEN
        PERFORM refuse_field('ended_on', 'A partnership that ended, and no other one, has the day on which it did.');
    ELSIF NEW.ended_on > district_today() THEN
        PERFORM refuse_field('ended_on', '"ended_on" must not be in the future.');
    ELSIF NEW.status = 'active' AND NEW.gate_due IS NULL THEN
        PERFORM refuse_field('gate_due',
            'An active partnership needs a day by which it has what activating asks for.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_imported BEFORE INSERT ON partnership
    FOR EACH ROW WHEN ((NEW.status <> 'exploring' OR NEW.ended_on IS NOT NULL)
        AND current_setting('kith.import', true) <> '')
    EXECUTE FUNCTION guard_imported();

-- What its people would do may be what employees do: somebody has to have looked where the partner has posts at
-- sites, and whatever was looked at has to be cleared, of a need that it came of, too.
CREATE OR REPLACE FUNCTION partnership_is_unguarded(p_id uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(bool_or(r.status NOT IN ('cleared', 'approved')), false)
        OR count(r.id) = 0 AND EXISTS (
            SELECT FROM placement o
            WHERE o.district_id = current_setting('kith.district')::uuid AND o.partnership_id = p_id
              AND o.archived_at IS NULL AND coalesce(o.until_date, 'infinity') >= district_today())
    FROM displacement_review r
    WHERE r.district_id = current_setting('kith.district')::uuid AND r.archived_at IS NULL
      AND (r.partnership_id = p_id OR r.need_id IN (
        SELECT g.need_id FROM pledge g
        WHERE g.district_id = r.district_id AND g.partnership_id = p_id AND g.archived_at IS NULL));
END;

-- Whether a partner of it, or one beside it today, is barred or was declined.
CREATE OR REPLACE FUNCTION partnership_is_barred(p_id uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM partnership t
    LEFT JOIN partnership_partner c ON c.district_id = t.district_id AND c.partnership_id = t.id
        AND c.archived_at IS NULL AND coalesce(c.until_date, 'infinity') >= district_today()
    JOIN partner r ON r.district_id = t.district_id AND r.id IN (t.partner_id, c.partner_id)
    WHERE t.id = p_id AND r.stage IN ('barred', 'declined'));

-- Whether a partner of it is one that nobody has vetted, where the district does not do without. What runs is past
-- this: its partner is active, also where a file says so.
CREATE OR REPLACE FUNCTION partnership_is_unvetted(p_id uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM partnership t
    JOIN district d ON d.id = t.district_id AND d.vets_partners
    LEFT JOIN partnership_partner c ON c.district_id = t.district_id AND c.partnership_id = t.id
        AND c.archived_at IS NULL AND coalesce(c.until_date, 'infinity') >= district_today()
    JOIN partner r ON r.district_id = t.district_id AND r.id IN (t.partner_id, c.partner_id)
    WHERE t.id = p_id AND r.stage IN ('prospect', 'contacted', 'vetting'));

-- What an action still needs. Before a partnership is active both sides know what it is for, each has
-- somebody who leads it, both want one goal at least, and an agreement covers it. A supporter's, or a
-- single gift, needs who answers for it and what it is for. What nothing waives, whatever lane it came by, is
-- the credentials that the district asks for. Resuming asks for the same, but for one that has until gate_due.
CREATE OR REPLACE FUNCTION partnership_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH lead AS (
        SELECT coalesce(bool_or(l.side = 'district'), false) AS district,
               coalesce(bool_or(l.side = 'partner'), false) AS partner
        FROM partnership_leads(p_id) l
    ), goals AS (
        SELECT count(*) > 0 AS exist,
               coalesce(bool_or(g.district_at IS NOT NULL), false) AS district,
               coalesce(bool_or(g.partner_at IS NOT NULL), false) AS partner,
               coalesce(bool_or(g.district_at IS NOT NULL AND g.partner_at IS NOT NULL), false) AS both
        FROM (SELECT o.district_at, o.partner_at FROM goal o
              WHERE o.partnership_id = p_id AND o.archived_at IS NULL AND o.progress <> 'dropped'
              UNION ALL
              SELECT s.district_at, s.partner_at
              FROM goal_partnership s
              JOIN goal o ON o.district_id = s.district_id AND o.id = s.goal_id
                  AND o.archived_at IS NULL AND o.progress <> 'dropped'
              WHERE s.partnership_id = p_id AND s.archived_at IS NULL) AS g
    ), agreed AS (
        -- Data that one of them lets flow on no basis, no other one covers.
        SELECT coalesce(bool_or(c.carries), false) AS exist,
               coalesce(bool_and(agreement_covers_data(a)), false) AS covers_data,
               coalesce(bool_or(c.carries AND agreement_is_settled(a)), false) AS is_settled
        FROM agreement_partnership l
        JOIN agreement a ON a.district_id = l.district_id AND a.id = l.agreement_id
        CROSS JOIN LATERAL (SELECT agreement_carries(a, p_id) AS carries) AS c
        WHERE l.partnership_id = p_id AND l.archived_at IS NULL AND agreement_is_current(a)
    ), asked AS (
        SELECT t.*, w.is_gate, w.is_gate AND w.is_light AS is_light, w.is_gate AND NOT w.is_light AS is_full
        FROM partnership t
        CROSS JOIN LATERAL (
            SELECT p_action IN ('activate', 'pass_gate')
                   OR p_action = 'resume' AND coalesce(t.gate_due, '-infinity') < district_today() AS is_gate,
                   partnership_is_light(t.id) AS is_light) AS w
        WHERE t.id = p_id
    )
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}') || ARRAY(
               SELECT 'credential_' || k.kind
               FROM asked CROSS JOIN unnest(partnership_credentials_missing(p_id)) AS k (kind)
               WHERE asked.is_gate)
    FROM asked t, lead, goals, agreed, LATERAL (VALUES
        (1, 'lead_district', t.is_gate AND NOT lead.district),
        (2, 'lead_partner', t.is_full AND NOT lead.partner),
        (3, 'purpose', t.is_light AND coalesce(t.purpose, '') !~ '\S'),
        (4, 'vision', (t.is_full OR p_action = 'acknowledge') AND coalesce(t.vision, '') !~ '\S'),
        (5, 'vision_district', t.is_full AND t.vision ~ '\S' AND t.vision_district_at IS NULL),
        (6, 'vision_partner', t.is_full AND t.vision ~ '\S' AND t.vision_partner_at IS NULL),
        (7, 'expectations', t.is_full AND coalesce(t.expectations, '') !~ '\S'),
        (8, 'processes', t.is_full AND coalesce(t.processes, '') !~ '\S'),
        (9, 'desired_outcomes', t.is_full AND coalesce(t.desired_outcomes, '') !~ '\S'),
        (10, 'goal', t.is_full AND NOT goals.exist),
        (11, 'goal_district', t.is_full AND goals.exist AND NOT goals.district),
        -- Of two goals with the word of one side each it is the partner's that is asked for.
        (12, 'goal_partner', t.is_full AND goals.exist AND NOT goals.both
                             AND (goals.district OR NOT goals.partner)),
        (13, 'agreement', t.is_full AND NOT agreed.exist),
        (14, 'data_addendum', t.is_full AND agreed.exist AND NOT agreed.covers_data),
        (15, 'checklist', t.is_full AND agreed.exist AND agreed.covers_data AND NOT agreed.is_settled),
        (16, 'displacement', t.is_gate AND partnership_is_unguarded(p_id)),
        (17, 'gate_due', p_action = 'pass_gate' AND t.gate_due IS NULL),
        (18, 'partner', t.is_gate AND partnership_is_barred(p_id)),
        (19, 'vetting', t.is_gate AND partnership_is_unvetted(p_id))
        ) AS m (place, code, is_missing)
    WHERE m.is_missing;
END;

-- A transition, with its reason and the last day if it has them: until when it pauses, or when it ended.
DROP FUNCTION IF EXISTS partnership_end(uuid, bigint, text);
CREATE OR REPLACE FUNCTION partnership_move(
    p_id uuid, p_version bigint, p_action text, p_reason text, p_until date)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old_status text;
    next_status text;
BEGIN
    PERFORM lock_row('partnership', p_id, p_version);
    SELECT t.status INTO old_status FROM partnership t WHERE t.id = p_id;
    next_status := transition('partnership', p_action, old_status);
    PERFORM refuse_missing('partnership', old_status, partnership_missing(p_id, p_action));
    IF p_action = 'end' THEN
        PERFORM check_ended_on(p_id, p_until);
    ELSIF p_until < district_today() THEN
        PERFORM refuse_field('until', '"until" must not be in the past.');
    END IF;
    UPDATE partnership t SET
        status = next_status,
        status_reason = p_reason,
        paused_until = CASE WHEN p_action = 'pause' THEN p_until END,
        ended_on = CASE WHEN p_action = 'end' THEN coalesce(p_until, district_today()) END,
        activated_at = CASE next_status WHEN 'active'
            THEN coalesce(t.activated_at, current_setting('kith.now')::timestamptz)
            ELSE t.activated_at END,
        agreement_lapsed_on = CASE next_status WHEN 'active' THEN NULL ELSE t.agreement_lapsed_on END,
        gate_due = CASE WHEN p_action = 'activate' OR p_action = 'resume' AND t.gate_due < district_today()
                        THEN NULL ELSE t.gate_due END
    WHERE t.id = p_id;
END
$$;

DO $$
BEGIN
    PERFORM make_moves('partnership', '{explore,align,agree,activate,resume,renew,reopen}', '', 'NULL, NULL'),
            make_moves('partnership', '{decline}', ', p_reason text', 'p_reason, NULL'),
            make_moves('partnership', '{end}', ', p_reason text, p_ended_on date', 'p_reason, p_ended_on');
END
$$;

CREATE OR REPLACE FUNCTION partnership_pause(
    p_id uuid, p_version bigint, p_reason text, p_until date)
RETURNS void LANGUAGE sql
RETURN partnership_move(p_id, p_version, 'pause', p_reason, p_until);

-- It has all that activating asks for, so that no day is set for that any more.
CREATE OR REPLACE FUNCTION partnership_pass_gate(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    PERFORM lock_row('partnership', p_id, p_version);
    SELECT t.status INTO found_status FROM partnership t WHERE t.id = p_id;
    IF found_status NOT IN ('active', 'paused', 'renewing') THEN
        PERFORM refuse_state('It does not run.', jsonb_build_object('status', found_status));
    END IF;
    PERFORM refuse_missing('partnership', found_status, partnership_missing(p_id, 'pass_gate'));
    UPDATE partnership t SET gate_due = NULL WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION partnership_acknowledge(
    p_id uuid, p_version bigint, p_on_behalf_of uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    PERFORM lock_row('partnership', p_id, p_version);
    SELECT t.status INTO found_status FROM partnership t WHERE t.id = p_id;
    PERFORM refuse_missing('partnership', found_status, partnership_missing(p_id, 'acknowledge'));
    PERFORM check_behalf(p_on_behalf_of, ARRAY[p_id]);
    PERFORM partnership_acknowledge_as(
        p_id, CASE WHEN p_on_behalf_of IS NULL THEN 'district' ELSE 'partner' END,
        current_setting('kith.user')::uuid, p_on_behalf_of);
END
$$;

CREATE OR REPLACE FUNCTION goal_acknowledge(p_id uuid, p_version bigint, p_on_behalf_of uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('goal', p_id, p_version);
    PERFORM check_behalf(p_on_behalf_of, ARRAY(SELECT t.partnership_id FROM goal t WHERE t.id = p_id));
    PERFORM goal_acknowledge_as(
        p_id, CASE WHEN p_on_behalf_of IS NULL THEN 'district' ELSE 'partner' END,
        current_setting('kith.user')::uuid, p_on_behalf_of);
END
$$;

CREATE OR REPLACE FUNCTION investment_move(p_id uuid, p_version bigint, p_action text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('investment', p_id, p_version);
    UPDATE investment t SET status = transition('investment', p_action, t.status) WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION investment_deliver(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN investment_move(p_id, p_version, 'deliver');
CREATE OR REPLACE FUNCTION investment_cancel(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN investment_move(p_id, p_version, 'cancel');

REVOKE EXECUTE ON FUNCTION partnership_is_unguarded, partnership_is_barred, partnership_is_unvetted, outgrown_due, partnership_outgrows, partner_outgrows, guard_gate_due, guard_imported, partnership_missing, partnership_move, partnership_explore,
    partnership_align, partnership_agree, partnership_activate, partnership_resume, partnership_renew,
    partnership_reopen, partnership_end, partnership_decline, partnership_pause,
    partnership_pass_gate, partnership_acknowledge, goal_acknowledge, investment_move, investment_deliver, investment_cancel
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_is_unguarded, partnership_is_barred, partnership_is_unvetted, outgrown_due, partnership_missing, partnership_move, partnership_explore,
    partnership_align, partnership_agree, partnership_activate, partnership_resume, partnership_renew,
    partnership_reopen, partnership_end, partnership_decline, partnership_pause,
    partnership_pass_gate, partnership_acknowledge, goal_acknowledge, investment_move, investment_deliver, investment_cancel
    TO kith_api;

RESET ROLE;
