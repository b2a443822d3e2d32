-- What a confirmed roll call changes. That a site leaves what goes on elsewhere is done at once; that a partnership ends
-- is proposed, and whoever leads it decides; so is who is a partner's, to whoever cares for the partner.

SET ROLE kith_owner;

-- What the marks come to: of each partner that the school has marked ended or wrong, the links of the site.
CREATE OR REPLACE FUNCTION roll_call_consequences(p_id uuid)
RETURNS TABLE (partner_id uuid, kind text, partnership_id uuid, program_id uuid, is_decided boolean, is_wrong boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH gone AS (
        SELECT r.district_id, r.site_id, m.partner_id, m.mark = 'wrong' AS is_wrong
        FROM roll_call r
        JOIN roll_call_mark m ON m.district_id = r.district_id AND m.roll_call_id = r.id AND m.archived_at IS NULL
            AND m.mark IN ('ended', 'wrong')
        WHERE r.id = p_id
    ), held AS (
        SELECT g.*, s.id, s.partner_id = g.partner_id AS is_its_own, EXISTS (
            SELECT FROM (SELECT s.lead_site_id AS site_id
                         UNION ALL
                         SELECT l.site_id FROM partnership_site l
                         WHERE l.district_id = s.district_id AND l.partnership_id = s.id AND l.archived_at IS NULL
                           AND district_today() <= coalesce(l.until_date, 'infinity')) AS w
            WHERE w.site_id <> g.site_id) AS goes_on
        FROM gone g
        CROSS JOIN LATERAL partner_partnerships(g.district_id, g.partner_id) s
        WHERE s.status IN ('active', 'paused', 'renewing') AND g.site_id IN (
            SELECT s.lead_site_id
            UNION ALL
            SELECT l.site_id FROM partnership_site l
            WHERE l.district_id = s.district_id AND l.partnership_id = s.id AND l.archived_at IS NULL
              AND district_today() <= coalesce(l.until_date, 'infinity'))
    )
    SELECT h.partner_id, CASE WHEN NOT h.is_its_own THEN 'co_partner'
                              WHEN h.goes_on THEN 'partnership_site' ELSE 'partnership' END,
           h.id, NULL::uuid, h.is_its_own AND h.goes_on, h.is_wrong
    FROM held h
    UNION ALL
    SELECT g.partner_id, 'program_site', NULL, o.id, true, g.is_wrong
    FROM gone g
    JOIN program o ON o.district_id = g.district_id AND o.partner_id = g.partner_id AND o.archived_at IS NULL
    WHERE EXISTS (SELECT FROM program_site l
                  WHERE l.district_id = o.district_id AND l.program_id = o.id AND l.site_id = g.site_id
                    AND l.archived_at IS NULL AND district_today() <= coalesce(l.until_date, 'infinity'))
    UNION ALL
    SELECT g.partner_id, 'lead_site', NULL, NULL, true, g.is_wrong
    FROM gone g
    JOIN partner p ON p.district_id = g.district_id AND p.id = g.partner_id AND p.lead_site_id = g.site_id;
END;

-- Of the partners that are still there, the people whom the school works with and who have no place there that we know
-- of: with the contact, where it is known by its address, or as the partner's by its name.
CREATE OR REPLACE FUNCTION roll_call_people(p_id uuid)
RETURNS TABLE (partner_id uuid, person jsonb, contact_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district constant uuid := current_setting('kith.district')::uuid;
    today constant date := district_today();
BEGIN
    RETURN QUERY
    SELECT m.partner_id, e.person, w.id
    FROM roll_call_mark m
    CROSS JOIN LATERAL jsonb_array_elements(m.people) AS e (person)
    CROSS JOIN LATERAL (SELECT coalesce(contact_of_email(e.person ->> 'email'), (
        SELECT c.id FROM affiliation a JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id
        WHERE a.district_id = district AND a.partner_id = m.partner_id AND a.archived_at IS NULL
          AND c.archived_at IS NULL AND duplicate_words(c.name) = duplicate_words(e.person ->> 'name')
        ORDER BY a.created_at, a.id LIMIT 1)) AS id) AS w
    WHERE m.district_id = district AND m.roll_call_id = p_id AND m.archived_at IS NULL AND m.mark = 'still_here'
      AND NOT EXISTS (
        SELECT FROM affiliation a
        WHERE a.district_id = district AND a.partner_id = m.partner_id AND a.contact_id = w.id
          AND a.archived_at IS NULL AND coalesce(a.until_date, 'infinity') >= today);
END
$$;

-- Gives the person a place at the partner: as who was said, else proposed, else somebody new; unless there is somebody who
-- is called so, and nobody has said that it is another. As the owner, as what follows of a roll call is.
CREATE OR REPLACE FUNCTION roll_call_person_add(p_id uuid, p_contact uuid, p_is_new boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    c roll_call_change;
    alike jsonb;
    found uuid;
BEGIN
    SELECT * INTO STRICT c FROM roll_call_change o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    found := coalesce(p_contact, CASE WHEN p_is_new IS NOT TRUE THEN c.contact_id END,
                      contact_of_email(c.person ->> 'email'));
    IF found IS NOT NULL AND NOT EXISTS (
        SELECT FROM contact o WHERE o.district_id = c.district_id AND o.id = found AND o.archived_at IS NULL) THEN
        PERFORM refuse_field('contact_id', '"contact_id" is no contact that is there.');
    ELSIF found IS NULL AND p_is_new IS NOT TRUE THEN
        SELECT jsonb_agg(DISTINCT k.of_id) INTO alike FROM duplicate_key k
        WHERE k.district_id = c.district_id AND k.kind = 'contact' AND k.reason = 'name'
          AND k.key = duplicate_words(c.person ->> 'name');
        IF alike IS NOT NULL THEN
            PERFORM refuse_state('There is somebody who is called so: say who it is, or that it is another.',
                                 jsonb_build_object('status', c.status, 'duplicates', alike));
        END IF;
    END IF;
    IF found IS NULL THEN
        found := uuid7();
        INSERT INTO contact (district_id, id, name, email, phone)
        VALUES (c.district_id, found, c.person ->> 'name', c.person ->> 'email', c.person ->> 'phone');
    END IF;
    -- A new place is a way to the contact: no policy stands before the owner.
    IF NOT contact_is_covered(found) AND EXISTS (
        SELECT FROM partner p WHERE p.district_id = c.district_id AND p.id = c.partner_id
        AND (kith_covers(p.lead_site_id) OR partner_is_own(p.id, p.owner_id))) THEN
        PERFORM refuse_outside();
    END IF;
    INSERT INTO affiliation (district_id, id, contact_id, partner_id, role, may_sign_in)
    SELECT c.district_id, uuid7(), found, c.partner_id, coalesce(c.person ->> 'role', 'Works with a school'), false
    WHERE NOT EXISTS (
        SELECT FROM affiliation a
        WHERE a.district_id = c.district_id AND a.partner_id = c.partner_id AND a.contact_id = found
          AND a.archived_at IS NULL AND coalesce(a.until_date, 'infinity') >= district_today());
    UPDATE roll_call_change o SET contact_id = found WHERE o.district_id = c.district_id AND o.id = c.id;
END
$$;

-- The last day of a row that ends: none of it is before it began.
CREATE OR REPLACE FUNCTION last_day(p_from date, p_day date) RETURNS date
LANGUAGE sql IMMUTABLE
RETURN greatest(coalesce(p_from, p_day), p_day);

-- Does one. As the owner: what it ends may be another site's to write, too.
CREATE OR REPLACE FUNCTION roll_call_change_do(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    c roll_call_change;
    site uuid;
    is_wrong boolean;
    today date := district_today();
    why constant text := 'The school says that it has ended.';
BEGIN
    SELECT * INTO STRICT c FROM roll_call_change o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_id;
    SELECT r.site_id, m.mark = 'wrong' INTO site, is_wrong
    FROM roll_call r
    LEFT JOIN roll_call_mark m ON m.district_id = r.district_id AND m.roll_call_id = r.id
        AND m.partner_id = c.partner_id AND m.archived_at IS NULL
    WHERE r.district_id = c.district_id AND r.id = c.roll_call_id;
    CASE c.kind
    WHEN 'lead_site' THEN
        UPDATE partner p SET lead_site_id = NULL
        WHERE p.district_id = c.district_id AND p.id = c.partner_id AND p.lead_site_id = site;
    WHEN 'program_site' THEN
        UPDATE program_site l SET until_date = last_day(l.from_date, today - 1),
            archived_at = CASE WHEN is_wrong THEN current_setting('kith.now')::timestamptz END
        WHERE l.district_id = c.district_id AND l.program_id = c.program_id AND l.site_id = site
          AND l.archived_at IS NULL AND coalesce(l.until_date, 'infinity') >= today;
    WHEN 'partnership_site' THEN
        UPDATE partnership_site l SET until_date = last_day(l.from_date, today - 1),
            archived_at = CASE WHEN is_wrong THEN current_setting('kith.now')::timestamptz END
        WHERE l.district_id = c.district_id AND l.partnership_id = c.partnership_id AND l.site_id = site
          AND l.archived_at IS NULL AND coalesce(l.until_date, 'infinity') >= today;
        UPDATE partnership s SET lead_site_id = (
            SELECT l.site_id FROM partnership_site l
            WHERE l.district_id = s.district_id AND l.partnership_id = s.id AND l.site_id <> site
              AND l.archived_at IS NULL AND coalesce(l.until_date, 'infinity') >= today
            ORDER BY l.created_at, l.id LIMIT 1)
        WHERE s.district_id = c.district_id AND s.id = c.partnership_id AND s.lead_site_id = site;
    WHEN 'co_partner' THEN
        UPDATE partnership_partner l SET until_date = last_day(l.from_date, today - 1)
        WHERE l.district_id = c.district_id AND l.partnership_id = c.partnership_id AND l.partner_id = c.partner_id
          AND l.archived_at IS NULL AND coalesce(l.until_date, 'infinity') >= today;
    WHEN 'partnership' THEN -- from active by way of paused
        UPDATE partnership s SET status = 'paused', status_reason = why
        WHERE s.district_id = c.district_id AND s.id = c.partnership_id AND s.status = 'active';
        UPDATE partnership s SET status = 'ended', status_reason = why, paused_until = NULL
        WHERE s.district_id = c.district_id AND s.id = c.partnership_id AND s.status IN ('paused', 'renewing');
    END CASE;
END
$$;

CREATE OR REPLACE FUNCTION roll_call_follow() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    c record;
    made uuid;
BEGIN
    IF coalesce(current_setting('kith.district', true), '') = '' THEN -- outside of a unit nobody knows the day
        RETURN NULL;
    ELSIF NEW.status <> 'confirmed' THEN -- it is looked at again, and proposes anew
        UPDATE roll_call_change o SET status = 'dismissed'
        WHERE o.district_id = NEW.district_id AND o.roll_call_id = NEW.id AND o.status = 'proposed';
        RETURN NULL;
    END IF;
    FOR c IN SELECT * FROM roll_call_consequences(NEW.id) ORDER BY kind, partner_id, partnership_id, program_id LOOP
        INSERT INTO roll_call_change (district_id, id, roll_call_id, partner_id, kind, partnership_id, program_id, status,
                                      decided_by, decided_at)
        VALUES (NEW.district_id, uuid7(), NEW.id, c.partner_id, c.kind, c.partnership_id, c.program_id,
                CASE WHEN c.is_decided THEN 'applied' ELSE 'proposed' END,
                CASE WHEN c.is_decided THEN nullif(current_setting('kith.user'), '')::uuid END,
                CASE WHEN c.is_decided THEN current_setting('kith.now')::timestamptz END)
        ON CONFLICT DO NOTHING RETURNING id INTO made;
        IF made IS NOT NULL AND c.is_decided THEN
            PERFORM roll_call_change_do(made);
        END IF;
    END LOOP;
    INSERT INTO roll_call_change (district_id, id, roll_call_id, partner_id, kind, person, contact_id, status)
    SELECT NEW.district_id, uuid7(), NEW.id, p.partner_id, 'affiliation', p.person, p.contact_id, 'proposed'
    FROM roll_call_people(NEW.id) p
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER roll_call_follow AFTER UPDATE OF status ON roll_call
    FOR EACH ROW WHEN ((NEW.status = 'confirmed') IS DISTINCT FROM (OLD.status = 'confirmed'))
    EXECUTE FUNCTION roll_call_follow();

DROP FUNCTION IF EXISTS roll_call_change_apply(uuid, bigint, text);
DROP FUNCTION IF EXISTS roll_call_change_dismiss(uuid, bigint, text);
DROP FUNCTION IF EXISTS roll_call_change_decide(uuid, bigint, text, text);
CREATE OR REPLACE FUNCTION roll_call_change_decide(
    p_id uuid, p_version bigint, p_action text, p_note text, p_contact uuid, p_is_new boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text;
    is_person boolean;
BEGIN
    PERFORM lock_row('roll_call_change', p_id, p_version);
    SELECT transition('roll_call_change', p_action, c.status), c.kind = 'affiliation' INTO next_status, is_person
    FROM roll_call_change c WHERE c.id = p_id;
    IF p_action = 'apply' AND is_person THEN
        PERFORM roll_call_person_add(p_id, p_contact, p_is_new);
    ELSIF p_action = 'apply' THEN
        PERFORM roll_call_change_do(p_id);
    END IF;
    UPDATE roll_call_change c SET status = next_status, note = p_note,
        decided_by = current_setting('kith.user')::uuid, decided_at = current_setting('kith.now')::timestamptz
    WHERE c.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION roll_call_change_apply(
    p_id uuid, p_version bigint, p_note text, p_contact uuid, p_is_new boolean) RETURNS void
LANGUAGE sql RETURN roll_call_change_decide(p_id, p_version, 'apply', p_note, p_contact, p_is_new);
CREATE OR REPLACE FUNCTION roll_call_change_dismiss(p_id uuid, p_version bigint, p_note text) RETURNS void
LANGUAGE sql RETURN roll_call_change_decide(p_id, p_version, 'dismiss', p_note, NULL, NULL);

-- Whoever leads the partnership for the district decides, of a person whoever cares for the partner; where nobody does,
-- any director.
CREATE OR REPLACE FUNCTION my_roll_call_change(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.id, p.name, NULL::date, c.partnership_id
    FROM roll_call_change c
    JOIN partnership p ON p.district_id = c.district_id AND p.id = c.partnership_id
    CROSS JOIN LATERAL (SELECT partnership_lead(c.partnership_id) AS id) AS l
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.status = 'proposed' AND c.archived_at IS NULL
      AND (l.id = p_user OR l.id IS NULL AND user_has_role(p_user, '{director}', p_day))
    UNION ALL
    SELECT c.id, concat_ws(': ', p.name, c.person ->> 'name'), NULL, NULL
    FROM roll_call_change c
    JOIN partner p ON p.district_id = c.district_id AND p.id = c.partner_id
    LEFT JOIN app_user u ON u.district_id = p.district_id AND u.id = p.owner_id AND u.status = 'active'
        AND u.archived_at IS NULL
    WHERE c.district_id = current_setting('kith.district')::uuid AND c.status = 'proposed' AND c.kind = 'affiliation'
      AND c.archived_at IS NULL
      AND (u.id = p_user OR u.id IS NULL AND user_has_role(p_user, '{director}', p_day));
END;

REVOKE EXECUTE ON FUNCTION roll_call_consequences, roll_call_people, roll_call_person_add, last_day, roll_call_change_do, roll_call_follow, roll_call_change_decide,
    roll_call_change_apply, roll_call_change_dismiss, my_roll_call_change FROM PUBLIC;
GRANT EXECUTE ON FUNCTION roll_call_consequences, roll_call_people, roll_call_person_add, roll_call_change_do, roll_call_change_decide, roll_call_change_apply,
    roll_call_change_dismiss, my_roll_call_change TO kith_api;

RESET ROLE;
