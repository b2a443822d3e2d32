-- Both sides of a partnership: who leads it, and what each has acknowledged of it, of its goals and of
-- its agreements.

SET ROLE kith_owner;

-- A role's side is that of whoever holds it: a user is the district's, a contact the partner's.
CREATE OR REPLACE FUNCTION fill_side() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.side := CASE WHEN NEW.user_id IS NOT NULL THEN 'district' ELSE 'partner' END;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER fill_side BEFORE INSERT OR UPDATE OF user_id, contact_id ON partnership_role
    FOR EACH ROW EXECUTE FUNCTION fill_side();

-- Who leads the partnership today and is still there.
CREATE OR REPLACE FUNCTION partnership_leads(p_id uuid)
RETURNS TABLE (side text, user_id uuid, contact_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.side, r.user_id, r.contact_id
    FROM partnership_role r
    LEFT JOIN app_user u ON u.district_id = r.district_id AND u.id = r.user_id
    LEFT JOIN contact c ON c.district_id = r.district_id AND c.id = r.contact_id
    WHERE r.partnership_id = p_id AND r.role = 'lead' AND r.archived_at IS NULL
      AND district_today() BETWEEN coalesce(r.from_date, '-infinity')
                               AND coalesce(r.until_date, 'infinity')
      AND (u.status = 'active' AND u.archived_at IS NULL
           OR c.status = 'active' AND c.archived_at IS NULL);
END;

-- The days on which it ran, both inclusive; until now, if it has not ended. No row: it never did.
CREATE OR REPLACE FUNCTION partnership_ran(p partnership) RETURNS TABLE (first date, last date)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(p.starts_on, (coalesce(p.activated_at, p.created_at) AT TIME ZONE 'UTC')::date),
           coalesce(p.ended_on, 'infinity')
    WHERE p.status IN ('active', 'renewing', 'paused', 'ended');
END;

-- What ended did so on a day: today, where nobody says another one.
CREATE OR REPLACE FUNCTION partnership_ended() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.ended_on := CASE WHEN NEW.status = 'ended' THEN coalesce(NEW.ended_on, (
        SELECT (business_now() AT TIME ZONE d.zone)::date FROM district d WHERE d.id = NEW.district_id)) END;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER take_ended BEFORE INSERT OR UPDATE ON partnership
    FOR EACH ROW WHEN ((NEW.status = 'ended') <> (NEW.ended_on IS NOT NULL)) EXECUTE FUNCTION partnership_ended();

-- When something ended is known by today, and not before it began.
CREATE OR REPLACE FUNCTION check_ended_on(p_id uuid, p_day date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_day > district_today() THEN
        PERFORM refuse_field('ended_on', '"ended_on" must not be in the future.');
    ELSIF EXISTS (SELECT FROM partnership t CROSS JOIN LATERAL partnership_ran(t) AS r
                  WHERE t.id = p_id AND p_day < least(r.first, district_today())) THEN
        PERFORM refuse_field('ended_on', '"ended_on" must not be before it began.');
    END IF;
END
$$;

-- Its goals: its own, and those that it shares, each once.
CREATE OR REPLACE FUNCTION partnership_goals(p_id uuid) RETURNS SETOF goal
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g FROM goal g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.archived_at IS NULL
      AND (g.partnership_id = p_id OR g.id IN (
        SELECT s.goal_id FROM goal_partnership s
        WHERE s.district_id = g.district_id AND s.partnership_id = p_id AND s.archived_at IS NULL));
END;

-- Whom a user may acknowledge for: who leads one of the partnerships on the partner's side. NULL:
-- nobody, the user speaks for the district.
CREATE OR REPLACE FUNCTION check_behalf(p_contact uuid, p_partnerships uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_contact IS NOT NULL AND NOT EXISTS (
        SELECT FROM unnest(p_partnerships) AS p (id), partnership_leads(p.id) l
        WHERE l.contact_id = p_contact) THEN
        PERFORM refuse_field('on_behalf_of',
                             '"on_behalf_of" does not lead it today on the partner''s side.');
    END IF;
END
$$;

-- A side acknowledges a row as it stands: the district's user, or the partner's contact, of whom a
-- user may have been told so (NULL: it is the contact's own act). The columns' names begin with the
-- prefix. What was acknowledged before stays as it was.
CREATE OR REPLACE FUNCTION acknowledge_as(
    p_table text, p_prefix text, p_id uuid, p_side text, p_user uuid, p_contact uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_side = 'district' THEN
        EXECUTE format(
            'UPDATE %1$I SET %2$sdistrict_at = current_setting(''kith.now'')::timestamptz,
                 %2$sdistrict_by = $2
             WHERE id = $1 AND %2$sdistrict_at IS NULL', p_table, p_prefix)
        USING p_id, p_user;
    ELSE
        EXECUTE format(
            'UPDATE %1$I t SET %2$spartner_at = current_setting(''kith.now'')::timestamptz,
                 %2$spartner_by = $2, %2$spartner_recorded_by = $3%3$s
             WHERE id = $1 AND %2$spartner_at IS NULL', p_table, p_prefix, CASE p_table
                WHEN 'partnership' THEN ', vision_partner_version = version'
                WHEN 'goal' THEN ', partner_version = version'
                WHEN 'goal_partnership' THEN ', partner_version = (
                    SELECT g.version FROM goal g WHERE g.district_id = t.district_id AND g.id = t.goal_id)'
                ELSE '' END)
        USING p_id, p_contact, p_user;
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION partnership_acknowledge_as(
    p_id uuid, p_side text, p_user uuid, p_contact uuid)
RETURNS void LANGUAGE sql
RETURN acknowledge_as('partnership', 'vision_', p_id, p_side, p_user, p_contact);

CREATE OR REPLACE FUNCTION goal_acknowledge_as(
    p_id uuid, p_side text, p_user uuid, p_contact uuid)
RETURNS void LANGUAGE sql
RETURN acknowledge_as('goal', '', p_id, p_side, p_user, p_contact);

CREATE OR REPLACE FUNCTION agreement_acknowledge_as(
    p_id uuid, p_side text, p_user uuid, p_contact uuid)
RETURNS void LANGUAGE sql
RETURN acknowledge_as('agreement', '', p_id, p_side, p_user, p_contact);

-- An acknowledgment is of what stood there: a change of that clears both sides'. A name that is erased was no part of
-- what they agreed on.
CREATE OR REPLACE FUNCTION clear_acknowledgments() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF is_erasing() THEN
        RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'partnership' THEN
        NEW.vision_district_at := NULL;
        NEW.vision_district_by := NULL;
        NEW.vision_partner_at := NULL;
        NEW.vision_partner_by := NULL;
        NEW.vision_partner_recorded_by := NULL;
        NEW.vision_partner_version := NULL;
        RETURN NEW;
    END IF;
    NEW.district_at := NULL;
    NEW.district_by := NULL;
    NEW.partner_at := NULL;
    NEW.partner_by := NULL;
    NEW.partner_recorded_by := NULL;
    IF TG_TABLE_NAME = 'goal' THEN
        NEW.partner_version := NULL;
    END IF;
    IF TG_TABLE_NAME = 'agreement' THEN
        NEW.district_signed_on := NULL;
        NEW.district_signer := NULL;
        NEW.partner_signed_on := NULL;
        NEW.partner_signer := NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER clear_acknowledgments BEFORE UPDATE ON partnership
    FOR EACH ROW WHEN ((NEW.vision, NEW.expectations, NEW.processes, NEW.desired_outcomes)
        IS DISTINCT FROM (OLD.vision, OLD.expectations, OLD.processes, OLD.desired_outcomes))
    EXECUTE FUNCTION clear_acknowledgments();
CREATE OR REPLACE TRIGGER clear_acknowledgments BEFORE UPDATE ON goal
    FOR EACH ROW WHEN (
        (NEW.statement, NEW.indicator_id, NEW.unit, NEW.direction, NEW.target, NEW.due_on)
        IS DISTINCT FROM
        (OLD.statement, OLD.indicator_id, OLD.unit, OLD.direction, OLD.target, OLD.due_on))
    EXECUTE FUNCTION clear_acknowledgments();
-- Once it is in force, refuse_signed_change() of 37_agreement.sql keeps these as they are.
CREATE OR REPLACE TRIGGER clear_acknowledgments BEFORE UPDATE ON agreement
    FOR EACH ROW WHEN (
        OLD.status NOT IN ('in_force', 'expired', 'superseded', 'terminated')
        AND (NEW.kind, NEW.text, NEW.document_url, NEW.attachment_id, NEW.effective_on, NEW.expires_on,
             NEW.auto_renew, NEW.amount_cents, NEW.data_flows, NEW.data_basis, NEW.named_in_notice, NEW.under_direct_control,
             NEW.data_purpose, NEW.data_destroy_by)
            IS DISTINCT FROM
            (OLD.kind, OLD.text, OLD.document_url, OLD.attachment_id, OLD.effective_on, OLD.expires_on,
             OLD.auto_renew, OLD.amount_cents, OLD.data_flows, OLD.data_basis, OLD.named_in_notice, OLD.under_direct_control,
             OLD.data_purpose, OLD.data_destroy_by))
    EXECUTE FUNCTION clear_acknowledgments();

-- What of a partnership waits for the partner's word: its vision, its goals, and its part in those that it shares.
CREATE OR REPLACE FUNCTION partnership_unacknowledged(p_id uuid) RETURNS TABLE (what text, id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'partnership', t.id FROM partnership t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id AND t.vision ~ '\S'
      AND t.vision_partner_at IS NULL
    UNION ALL
    SELECT 'goal', g.id FROM goal g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.partnership_id = p_id
      AND g.partner_at IS NULL AND g.progress <> 'dropped' AND g.archived_at IS NULL
    UNION ALL
    SELECT 'goal_partnership', s.id FROM goal_partnership s
    JOIN goal g ON g.district_id = s.district_id AND g.id = s.goal_id AND g.progress <> 'dropped'
        AND g.archived_at IS NULL
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.partnership_id = p_id
      AND s.partner_at IS NULL AND s.archived_at IS NULL;
END;

-- Names the vision and the goals as they were shown.
CREATE OR REPLACE FUNCTION partnership_seal(p partnership) RETURNS text
LANGUAGE sql STABLE
RETURN md5(jsonb_build_array(p.vision, p.expectations, p.processes, p.desired_outcomes, (
    SELECT jsonb_agg(jsonb_build_array(g.id, g.statement, g.indicator_id, g.unit, g.direction, trim_scale(g.target),
                                       g.due_on) ORDER BY g.due_on, g.id)
    FROM partnership_goals(p.id) g WHERE g.progress <> 'dropped'))::text);

-- A supporter's, or a single gift: of it less is asked.
CREATE OR REPLACE FUNCTION partnership_is_light(p_id uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(t.tier, r.tier, '') = 'supporter' OR t.arrangement = 'gift'
    FROM partnership t JOIN partner r ON r.district_id = t.district_id AND r.id = t.partner_id
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id;
END;

REVOKE EXECUTE ON FUNCTION fill_side, partnership_ran, partnership_ended, check_ended_on, partnership_is_light, partnership_goals, partnership_leads, check_behalf, acknowledge_as,
    partnership_acknowledge_as, goal_acknowledge_as, agreement_acknowledge_as, clear_acknowledgments,
    partnership_unacknowledged, partnership_seal
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_unacknowledged TO kith_api, kith_mailer;
GRANT EXECUTE ON FUNCTION partnership_ran, check_ended_on, partnership_is_light, partnership_goals, partnership_leads, check_behalf, acknowledge_as, partnership_acknowledge_as,
    goal_acknowledge_as, agreement_acknowledge_as, partnership_seal TO kith_api;
GRANT EXECUTE ON FUNCTION partnership_is_light TO kith_migrate; -- 98_upgrade.sql

RESET ROLE;
