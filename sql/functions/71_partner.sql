-- Partners: from stage to stage, what is derived of them, and their credentials.

SET ROLE kith_owner;

-- Approved is who has somebody to care for it at the district.
CREATE OR REPLACE FUNCTION partner_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN p_action = 'approve' AND p.owner_id IS NULL THEN '{owner}'::text[]
                    ELSE '{}'::text[] END
        FROM partner p WHERE p.id = p_id);

-- Those that it is in, as the partner or beside another one. Their columns and not a row of them, which would
-- have it run, and planned, for each partner of a list instead of being a part of what asks.
CREATE OR REPLACE FUNCTION partner_partnerships(p_district uuid, p_id uuid) RETURNS SETOF partnership
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.* FROM partnership s
    WHERE s.district_id = p_district AND s.partner_id = p_id AND s.archived_at IS NULL
    UNION ALL
    SELECT s.* FROM partnership_partner l
    JOIN partnership s ON s.district_id = l.district_id AND s.id = l.partnership_id
    WHERE l.district_id = p_district AND l.partner_id = p_id AND l.archived_at IS NULL
      AND s.archived_at IS NULL;
END;

-- Where partners work, as partner_reach() tells of one, or are led.
CREATE OR REPLACE VIEW partner_site WITH (security_invoker = true) AS
    SELECT p.district_id, p.id AS partner_id, p.lead_site_id AS site_id
    FROM partner p WHERE p.lead_site_id IS NOT NULL
    UNION ALL
    SELECT s.district_id, s.partner_id, s.lead_site_id FROM partnership s
    WHERE s.archived_at IS NULL AND s.status IN ('active', 'paused', 'renewing') AND s.lead_site_id IS NOT NULL
    UNION ALL
    SELECT s.district_id, c.partner_id, s.lead_site_id
    FROM partnership s
    JOIN partnership_partner c ON c.district_id = s.district_id AND c.partnership_id = s.id
    WHERE s.archived_at IS NULL AND s.status IN ('active', 'paused', 'renewing') AND s.lead_site_id IS NOT NULL
      AND c.archived_at IS NULL
      AND district_today() BETWEEN coalesce(c.from_date, '-infinity') AND coalesce(c.until_date, 'infinity')
    UNION ALL
    SELECT s.district_id, s.partner_id, l.site_id
    FROM partnership_site l
    JOIN partnership s ON s.district_id = l.district_id AND s.id = l.partnership_id
    WHERE s.archived_at IS NULL AND s.status IN ('active', 'paused', 'renewing') AND l.archived_at IS NULL
      AND district_today() BETWEEN coalesce(l.from_date, '-infinity') AND coalesce(l.until_date, 'infinity')
    UNION ALL
    SELECT s.district_id, c.partner_id, l.site_id
    FROM partnership_site l
    JOIN partnership s ON s.district_id = l.district_id AND s.id = l.partnership_id
    JOIN partnership_partner c ON c.district_id = s.district_id AND c.partnership_id = s.id
    WHERE s.archived_at IS NULL AND s.status IN ('active', 'paused', 'renewing') AND l.archived_at IS NULL
      AND c.archived_at IS NULL
      AND district_today() BETWEEN coalesce(l.from_date, '-infinity') AND coalesce(l.until_date, 'infinity')
      AND district_today() BETWEEN coalesce(c.from_date, '-infinity') AND coalesce(c.until_date, 'infinity')
    UNION ALL
    SELECT g.district_id, g.partner_id, l.site_id
    FROM program_site l
    JOIN program g ON g.district_id = l.district_id AND g.id = l.program_id
    WHERE g.archived_at IS NULL AND g.status = 'active' AND l.archived_at IS NULL
      AND district_today() BETWEEN coalesce(l.from_date, '-infinity') AND coalesce(l.until_date, 'infinity')
    UNION ALL -- whom the school has added in its last roll call that was confirmed
    SELECT m.district_id, m.partner_id, r.site_id
    FROM roll_call r
    JOIN roll_call_mark m ON m.district_id = r.district_id AND m.roll_call_id = r.id
    WHERE r.archived_at IS NULL AND r.status = 'confirmed' AND m.archived_at IS NULL AND m.is_added
      AND m.mark = 'still_here' AND NOT EXISTS (
        SELECT FROM roll_call n
        WHERE n.district_id = r.district_id AND n.site_id = r.site_id AND n.archived_at IS NULL
          AND n.status = 'confirmed' AND n.school_year > r.school_year);

GRANT SELECT ON partner_site TO kith_api;

-- What its partnerships make of a partner: active while one is active, paused or renewing, dormant when
-- one was and none is. Who was declined or barred stays so, and who is vetted (again, perhaps) until one runs. As the owner, since whoever writes a
-- partnership may not be whom the partner's lead site covers.
CREATE OR REPLACE FUNCTION partner_derive_stage(p_district uuid, p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    given text := current_setting('kith.district', true); -- none in a migration
    is_active boolean;
    was_active boolean;
    runs boolean;
BEGIN
    PERFORM set_config('kith.district', p_district::text, true);
    PERFORM FROM partner p WHERE p.district_id = p_district AND p.id = p_id FOR NO KEY UPDATE;
    SELECT bool_or(s.status IN ('active', 'paused', 'renewing')),
           bool_or(s.activated_at IS NOT NULL OR s.status = 'ended'),
           bool_or(s.status IN ('active', 'renewing'))
    INTO is_active, was_active, runs
    FROM partner_partnerships(p_district, p_id) s;
    UPDATE partner p SET
        stage = CASE WHEN is_active THEN 'active' WHEN was_active THEN 'dormant' ELSE 'approved' END
    WHERE p.district_id = p_district AND p.id = p_id AND p.stage NOT IN ('declined', 'barred')
      AND (p.stage <> 'vetting' OR runs)
      AND (is_active OR was_active OR p.stage IN ('active', 'dormant'));
    PERFORM set_config('kith.district', coalesce(given, ''), true);
END
$$;

-- The same of one that works beside another: nobody becomes active by that whom nobody has vetted, where the district
-- vets its partners. Who is approved later is active then; what a file says was so before.
CREATE OR REPLACE FUNCTION partner_derive_beside(p_district uuid, p_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.import', true), '') <> '' OR NOT EXISTS (
        SELECT FROM partner p JOIN district d ON d.id = p.district_id AND d.vets_partners
        WHERE p.district_id = p_district AND p.id = p_id AND p.stage IN ('prospect', 'contacted', 'vetting')) THEN
        PERFORM partner_derive_stage(p_district, p_id);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION partner_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'active' AND EXISTS (
        SELECT FROM partner p
        WHERE p.district_id = NEW.district_id AND p.id = NEW.partner_id AND p.stage = 'barred') THEN
        PERFORM refuse_state('Its partner is barred.', jsonb_build_object('status', NEW.status));
    END IF;
    PERFORM partner_derive_stage(NEW.district_id, NEW.partner_id);
    PERFORM partner_derive_beside(NEW.district_id, l.partner_id) FROM partnership_partner l
    WHERE l.district_id = NEW.district_id AND l.partnership_id = NEW.id ORDER BY l.partner_id;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.partner_id <> NEW.partner_id THEN
            PERFORM partner_derive_stage(OLD.district_id, OLD.partner_id);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER partner_follow_insert AFTER INSERT ON partnership
    FOR EACH ROW WHEN (NEW.status IN ('active', 'paused', 'renewing', 'ended'))
    EXECUTE FUNCTION partner_follow();
CREATE OR REPLACE TRIGGER partner_follow_update AFTER UPDATE ON partnership
    FOR EACH ROW WHEN ((NEW.status, NEW.archived_at, NEW.partner_id)
        IS DISTINCT FROM (OLD.status, OLD.archived_at, OLD.partner_id))
    EXECUTE FUNCTION partner_follow();

-- With whom nobody works, nobody works beside another either.
CREATE OR REPLACE FUNCTION refuse_barred() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM partner p
               WHERE p.district_id = NEW.district_id AND p.id = NEW.partner_id AND p.stage IN ('barred', 'declined')) THEN
        PERFORM refuse_field('partner_id', 'This partner is barred, or was declined.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER refuse_barred BEFORE INSERT ON partnership_partner
    FOR EACH ROW EXECUTE FUNCTION refuse_barred();

CREATE OR REPLACE FUNCTION partner_follow_link() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partner_derive_beside(NEW.district_id, NEW.partner_id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER partner_follow AFTER INSERT OR UPDATE ON partnership_partner
    FOR EACH ROW EXECUTE FUNCTION partner_follow_link();

-- By a file a partner comes as somebody set it; what is derived follows by itself.
CREATE OR REPLACE FUNCTION guard_imported_stage() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_field('stage', 'What is active or dormant follows from the partnerships.');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_imported_stage BEFORE INSERT ON partner
    FOR EACH ROW WHEN (NEW.stage IN ('active', 'dormant') AND current_setting('kith.import', true) <> '')
    EXECUTE FUNCTION guard_imported_stage();

CREATE OR REPLACE FUNCTION partner_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old_stage text;
    next_stage text;
BEGIN
    PERFORM lock_row('partner', p_id, p_version);
    SELECT p.stage INTO old_stage FROM partner p WHERE p.id = p_id;
    next_stage := transition('partner', p_action, old_stage);
    PERFORM refuse_missing('partner', old_stage, partner_missing(p_id, p_action));
    UPDATE partner p SET
        stage = next_stage,
        stage_reason = CASE p_action WHEN 'bar' THEN NULL ELSE p_reason END,
        barred_reason = CASE p_action WHEN 'bar' THEN p_reason END
    WHERE p.id = p_id;
    PERFORM partner_derive_stage(current_setting('kith.district')::uuid, p_id);
END
$$;

-- The first contact is an interaction, from which the last contact follows.
CREATE OR REPLACE FUNCTION partner_contact(
    p_id uuid, p_version bigint, p_on date, p_kind text, p_subject text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partner_move(p_id, p_version, 'contact', NULL);
    INSERT INTO interaction (district_id, id, partner_id, site_id, kind, on_date, subject, user_id)
    SELECT p.district_id, uuid7(), p.id, p.lead_site_id, coalesce(p_kind, 'call'),
           coalesce(p_on, district_today()), coalesce(p_subject, 'First contact'),
           current_setting('kith.user')::uuid
    FROM partner p WHERE p.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION partner_vet(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partner_move(p_id, p_version, 'vet', NULL);
CREATE OR REPLACE FUNCTION partner_approve(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN partner_move(p_id, p_version, 'approve', NULL);
CREATE OR REPLACE FUNCTION partner_decline(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN partner_move(p_id, p_version, 'decline', p_reason);
-- What stops when a partner is barred, and does not begin again by itself when it is not any more: partnerships pause,
-- or end before they begin; what it was asked for and has offered is withdrawn; no mail goes to who has a place nowhere
-- else, and nobody signs in for it. As the owner: what it does is the concern of many sites.
CREATE OR REPLACE FUNCTION partner_stop(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    why constant text := 'Its partner is barred.';
    stopped record;
BEGIN
    FOR stopped IN
        SELECT s.id, s.status, s.partner_id FROM partner_partnerships(district, p_id) s
        WHERE s.status NOT IN ('paused', 'ended', 'declined') ORDER BY s.id LOOP
        IF stopped.partner_id = p_id THEN
            UPDATE partnership s SET
                status = CASE WHEN s.status IN ('active', 'renewing') THEN 'paused' ELSE 'declined' END,
                status_reason = why, paused_until = NULL
            WHERE s.district_id = district AND s.id = stopped.id;
            PERFORM message_withdraw(district, NULL, stopped.id, 'cancelled');
        ELSE
            UPDATE partnership_partner l SET until_date = greatest(coalesce(l.from_date, '-infinity'), district_today())
            WHERE l.district_id = district AND l.partnership_id = stopped.id AND l.partner_id = p_id
              AND l.archived_at IS NULL AND coalesce(l.until_date, 'infinity') > district_today();
        END IF;
    END LOOP;
    FOR stopped IN
        UPDATE ask a SET status = 'withdrawn', status_reason = why
        WHERE a.district_id = district AND a.partner_id = p_id AND a.status IN ('draft', 'sent', 'talk')
          AND a.archived_at IS NULL RETURNING a.id LOOP
        PERFORM message_withdraw(district, stopped.id, NULL, 'cancelled');
    END LOOP;
    UPDATE pledge g SET status = 'declined', status_reason = why
    WHERE g.district_id = district AND g.partner_id = p_id AND g.status IN ('offered', 'waitlisted')
      AND g.archived_at IS NULL;
    UPDATE offer o SET status = 'withdrawn', status_reason = why
    WHERE o.district_id = district AND o.partner_id = p_id AND o.status = 'open' AND o.archived_at IS NULL;
    UPDATE message m SET status = 'suppressed', reason = 'cancelled'
    WHERE m.district_id = district AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL AND m.class <> 'account'
      AND m.contact_id IN (
        SELECT a.contact_id FROM affiliation a
        WHERE a.district_id = district AND a.archived_at IS NULL
          AND coalesce(a.until_date, 'infinity') >= district_today()
        GROUP BY a.contact_id HAVING bool_and(a.partner_id = p_id));
    PERFORM contact_account(u.contact_id)
    FROM affiliation a
    JOIN app_user u ON u.district_id = a.district_id AND u.contact_id = a.contact_id
    WHERE a.district_id = district AND a.partner_id = p_id AND a.archived_at IS NULL;
END
$$;

CREATE OR REPLACE FUNCTION partner_bar(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partner_move(p_id, p_version, 'bar', p_reason);
    PERFORM partner_stop(p_id);
END
$$;
CREATE OR REPLACE FUNCTION partner_reopen(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN partner_move(p_id, p_version, 'reopen', p_reason);

-- Hands a partner over: another owner, another lead site, and with it the partnerships that the old lead
-- site leads. NULL: as it is.
CREATE OR REPLACE FUNCTION partner_transfer(
    p_id uuid, p_version bigint, p_owner uuid, p_site uuid, p_partnerships boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old_site uuid;
BEGIN
    PERFORM lock_row('partner', p_id, p_version);
    IF p_owner IS NULL AND p_site IS NULL THEN
        PERFORM refuse_field('owner_id', 'Say to whom: "owner_id", "lead_site_id", or both.');
    ELSIF NOT EXISTS (SELECT FROM app_user u
                      WHERE u.id = p_owner AND u.status = 'active' AND u.archived_at IS NULL
                      UNION ALL SELECT WHERE p_owner IS NULL) THEN
        PERFORM refuse_field('owner_id', '"owner_id" is nobody who can take it over.');
    ELSIF NOT EXISTS (SELECT FROM site s
                      WHERE s.id = p_site AND s.status IN ('planned', 'open') AND s.archived_at IS NULL
                      UNION ALL SELECT WHERE p_site IS NULL) THEN
        PERFORM refuse_field('lead_site_id', '"lead_site_id" is no site that is open.');
    END IF;
    SELECT p.lead_site_id INTO old_site FROM partner p WHERE p.id = p_id;
    UPDATE partner p SET owner_id = coalesce(serving_put('owner_id', p_owner, p.owner_id), p.owner_id),
                         lead_site_id = coalesce(p_site, p.lead_site_id)
    WHERE p.id = p_id;
    IF p_partnerships AND p_site IS NOT NULL THEN
        UPDATE partnership s SET lead_site_id = p_site
        WHERE s.partner_id = p_id AND s.lead_site_id IS NOT DISTINCT FROM old_site
          AND s.archived_at IS NULL AND s.status NOT IN ('ended', 'declined');
    END IF;
END
$$;

-- The sites where it works today: of partnerships, of programs, and as roll calls tell.
CREATE OR REPLACE FUNCTION partner_reach(p_district uuid, p_id uuid) RETURNS TABLE (site_ids uuid[])
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    WITH runs AS MATERIALIZED (
        SELECT s.district_id, s.id, s.lead_site_id FROM partner_partnerships(p_district, p_id) s
        WHERE s.status IN ('active', 'paused', 'renewing')
    ), today AS MATERIALIZED (
        SELECT district_today() AS day
    )
    SELECT coalesce(array_agg(DISTINCT w.site_id ORDER BY w.site_id), '{}')
    FROM (
        SELECT r.lead_site_id AS site_id FROM runs r
        UNION ALL
        SELECT l.site_id FROM runs r
        JOIN partnership_site l ON l.district_id = r.district_id AND l.partnership_id = r.id
        WHERE l.archived_at IS NULL
          AND (SELECT t.day FROM today t) BETWEEN coalesce(l.from_date, '-infinity')
                                              AND coalesce(l.until_date, 'infinity')
        UNION ALL
        SELECT l.site_id FROM program g
        JOIN program_site l ON l.district_id = g.district_id AND l.program_id = g.id
        WHERE g.district_id = p_district AND g.partner_id = p_id AND g.archived_at IS NULL
          AND g.status = 'active' AND l.archived_at IS NULL
          AND (SELECT t.day FROM today t) BETWEEN coalesce(l.from_date, '-infinity')
                                              AND coalesce(l.until_date, 'infinity')
        UNION ALL -- whom the school has added in its last roll call that was confirmed
        SELECT r.site_id FROM roll_call_mark m
        JOIN roll_call r ON r.district_id = m.district_id AND r.id = m.roll_call_id
        WHERE m.district_id = p_district AND m.partner_id = p_id AND m.archived_at IS NULL AND m.is_added
          AND m.mark = 'still_here' AND r.archived_at IS NULL AND r.status = 'confirmed' AND NOT EXISTS (
            SELECT FROM roll_call n
            WHERE n.district_id = r.district_id AND n.site_id = r.site_id AND n.archived_at IS NULL
              AND n.status = 'confirmed' AND n.school_year > r.school_year)) AS w
    WHERE w.site_id IS NOT NULL;
END;
DROP FUNCTION IF EXISTS partner_incomplete(partner), partner_footprint(uuid, uuid);

REVOKE EXECUTE ON FUNCTION partner_missing, partner_partnerships, partner_derive_stage, partner_derive_beside, partner_follow, refuse_barred,
    partner_follow_link, guard_imported_stage, partner_move, partner_contact, partner_vet, partner_approve,
    partner_decline, partner_stop, partner_bar, partner_reopen, partner_transfer, partner_reach FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_missing, partner_derive_stage, partner_derive_beside, partner_partnerships, partner_move, partner_contact,
    partner_vet, partner_approve, partner_decline, partner_stop, partner_bar, partner_reopen, partner_transfer,
    partner_reach TO kith_api;

RESET ROLE;
