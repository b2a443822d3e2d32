-- What is somebody's own: what is private of a record is read and written by its owners and the directors, whatever else
-- they may write; what a writer is responsible for is written by that person, wherever it is.

SET ROLE kith_owner;

-- Whether the context's user cares for it today, first or among others: who does reads what is private of it, as
-- directors do.
CREATE OR REPLACE FUNCTION partner_is_own(p_id uuid, p_owner uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    me uuid := nullif(current_setting('kith.user'), '')::uuid;
BEGIN
    IF me IS NULL OR p_owner = me THEN -- without a query: it is asked of each row of a list
        RETURN me IS NOT NULL;
    END IF;
    RETURN EXISTS (
        SELECT FROM partner_owner o
        WHERE o.district_id = current_setting('kith.district')::uuid AND o.partner_id = p_id AND o.user_id = me
          AND o.archived_at IS NULL
          AND district_today() BETWEEN coalesce(o.from_date, '-infinity') AND coalesce(o.until_date, 'infinity'));
END
$$;

-- Whether it runs the program of the whole district; and of the site, by that or as a director of a part.
CREATE OR REPLACE FUNCTION runs_program() RETURNS boolean
LANGUAGE sql STABLE
RETURN kith_has_role('admin,director') AND NOT kith_has_role('part');

CREATE OR REPLACE FUNCTION runs_at(p_site uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF runs_program() OR NOT kith_has_role('part') THEN -- likewise
        RETURN runs_program();
    END IF;
    RETURN EXISTS (
        SELECT FROM user_grant g
        JOIN site s ON s.district_id = g.district_id AND s.id = p_site
            AND s.id = CASE g.scope_kind WHEN 'site' THEN g.scope_id WHEN 'network' THEN s.id END
            AND (g.scope_kind = 'site' OR s.network_id = g.scope_id)
        WHERE g.district_id = current_setting('kith.district')::uuid
          AND g.user_id = nullif(current_setting('kith.user'), '')::uuid AND g.role = 'director' AND g.archived_at IS NULL
          AND district_today() BETWEEN g.from_date AND coalesce(g.until_date, 'infinity'));
END
$$;

-- Whether it reads what is private of a partner: as its owner, or as who runs the program where its lead site is. Of a
-- contact, at one of the partners where it has a place.
CREATE OR REPLACE FUNCTION partner_is_read(p_id uuid, p_owner uuid, p_site uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN runs_at(p_site) OR partner_is_own(p_id, p_owner);
END
$$;

CREATE OR REPLACE FUNCTION partner_is_read(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF runs_program() OR p_id IS NULL THEN
        RETURN runs_program();
    END IF;
    RETURN EXISTS (
        SELECT FROM partner p
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_id
          AND partner_is_read(p.id, p.owner_id, p.lead_site_id));
END
$$;

CREATE OR REPLACE FUNCTION contact_is_read(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF runs_program() THEN
        RETURN true;
    END IF;
    RETURN EXISTS (
        SELECT FROM affiliation a
        JOIN partner p ON p.district_id = a.district_id AND p.id = a.partner_id AND p.archived_at IS NULL
        WHERE a.district_id = current_setting('kith.district')::uuid AND a.contact_id = p_id AND a.archived_at IS NULL
          AND district_today() BETWEEN coalesce(a.from_date, '-infinity') AND coalesce(a.until_date, 'infinity')
          AND partner_is_read(p.id, p.owner_id, p.lead_site_id));
END
$$;

-- Whether the context's user leads the partnership for the district today.
CREATE OR REPLACE FUNCTION partnership_is_led(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM partnership_role r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.partnership_id = p_id AND r.role = 'lead'
          AND r.user_id = nullif(current_setting('kith.user'), '')::uuid AND r.archived_at IS NULL
          AND district_today() BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity'));
END
$$;

-- Whether nobody does.
CREATE OR REPLACE FUNCTION partnership_is_unled(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM partnership_role r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.partnership_id = p_id AND r.role = 'lead'
          AND r.user_id IS NOT NULL AND r.archived_at IS NULL
          AND district_today() BETWEEN coalesce(r.from_date, '-infinity') AND coalesce(r.until_date, 'infinity'));
END
$$;

-- Or one that the partner takes part in.
CREATE OR REPLACE FUNCTION partner_is_led(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM partner_partnerships(current_setting('kith.district')::uuid, p_id) s
        WHERE s.status NOT IN ('ended', 'declined') AND partnership_is_led(s.id));
END
$$;

CREATE OR REPLACE FUNCTION partner_is_mine(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p_id IS NOT NULL AND partner_is_own(p_id, (
        SELECT p.owner_id FROM partner p
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_id));
END
$$;

-- A partnership that is to be left and that nobody leads is ended by who cares for its partner (my_partnership_exit).
CREATE OR REPLACE FUNCTION partnership_is_left(p_id uuid, p_partner uuid, p_program uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN partner_is_mine(p_partner) AND partnership_is_unled(p_id)
        AND coalesce((partnership_decided(p_id, p_program)).decision = 'exit', false);
END
$$;

-- Whether it is the context's user who answers today at the site by its posts; without a site, for the network.
CREATE OR REPLACE FUNCTION place_is_mine(p_site uuid, p_network uuid, p_post text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(nullif(current_setting('kith.user'), '')::uuid = CASE
        WHEN p_site IS NOT NULL THEN site_answers(p_site, p_post, district_today())
        ELSE network_lead(p_network, district_today()) END, false);
END
$$;

-- Needs are looked at by who leads the network of their place (my_need_review).
CREATE OR REPLACE FUNCTION network_is_mine(p_site uuid, p_network uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN place_is_mine(NULL, coalesce(p_network, (
        SELECT s.network_id FROM site s
        WHERE s.district_id = current_setting('kith.district')::uuid AND s.id = p_site)), NULL);
END
$$;

-- What a partner says itself is for whoever asked it, too; unasked, for who cares for it (my_pledge).
CREATE OR REPLACE FUNCTION pledge_is_mine(p_ask uuid, p_partner uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN partner_is_mine(p_partner) OR EXISTS (
        SELECT FROM ask a
        WHERE a.district_id = current_setting('kith.district')::uuid AND a.id = p_ask
          AND nullif(current_setting('kith.user'), '')::uuid IN (a.sent_by, a.owner_id));
END
$$;

CREATE OR REPLACE FUNCTION is_me(p_user uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN coalesce(p_user::text = current_setting('kith.user', true), false);

-- What a writer is responsible for, wherever it is: rows that no grant covers and that the person may change all the
-- same, as a condition over them, and over new ones (NULL: makes none); the columns that say where a row is, which
-- stay as they are then (of one that names a subject, that); and how the documents say whose it is. What is behind a row of these (a parent's) is the
-- person's, too. Whoever is shown a task (my_task_kinds) has to be able to do it.
CREATE OR REPLACE FUNCTION own_rows() RETURNS TABLE (name text, own text, makes text, place text[], whose text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT t.name, t.own, t.makes, t.place::text[], t.whose FROM (VALUES
        ('partner', 'partner_is_own(partner.id, partner.owner_id)', NULL, '{lead_site_id}', 'cares for it'),
        ('credential', 'partner_is_led(credential.partner_id)', 'partner_is_led(credential.partner_id)',
         '{partner_id}', 'leads a partnership with its partner'),
        ('partnership', 'partnership_is_led(partnership.id)
             OR place_is_mine(partnership.lead_site_id, NULL, ''partnership_lead'')
             OR partnership_is_left(partnership.id, partnership.partner_id, partnership.program_id)', NULL,
         '{lead_site_id,partner_id}', 'leads it, answers for partnerships at its lead site, or cares for the partner of '
         'one that is to be left and that nobody leads'),
        ('action_item', 'is_me(action_item.owner_user_id)', NULL, '{}', 'owner_user_id names'),
        ('call_task', 'is_me(call_task.owner_id)', NULL, '{partnership_id}', 'owner_id names'),
        ('placement', 'is_me(placement.supervisor_id)', NULL, '{partnership_id}', 'supervisor_id names'),
        ('partnership_review', 'is_me(partnership_review.user_id)', NULL, '{}', 'user_id names'),
        ('agreement_step', 'is_me(agreement_step.user_id)', NULL, '{agreement_id}', 'user_id names'),
        ('portfolio_decision', 'is_me(portfolio_decision.owner_id)', NULL, '{portfolio_review_id}', 'owner_id names'),
        ('story', 'is_me(story.owner_id)', NULL, '{site_id}', 'owner_id names'),
        ('convening', 'is_me(convening.host_id) OR convening.host_id IS NULL
             AND place_is_mine(convening.site_id, convening.network_id, ''partnership_lead'')', NULL, '{site_id,network_id}',
         'host_id names, or answers for partnerships there'),
        ('convening_decision', 'is_me(convening_decision.owner_user_id)', NULL, '{convening_id}', 'owner_user_id names'),
        ('champion_step', 'is_me(champion_step.user_id)', NULL, '{champion_id}', 'user_id names'),
        ('funding_application', 'is_me(funding_application.owner_id)', NULL, '{site_id}', 'owner_id names'),
        ('interaction', 'is_me(interaction.user_id) OR partner_is_mine(interaction.partner_id)
             OR partnership_is_led(interaction.partnership_id)',
         'partner_is_mine(interaction.partner_id) OR partnership_is_led(interaction.partnership_id)',
         '{site_id,partner_id,partnership_id}', 'user_id names, cares for the partner or leads the partnership'),
        ('introduction', 'is_me(introduction.introduced_by_user_id) OR partner_is_mine(introduction.partner_id)
             OR introduction.introduced_by_user_id IS NULL AND place_is_mine(introduction.site_id, NULL, ''partnership_lead'')',
         'partner_is_mine(introduction.partner_id)', '{site_id,partner_id}',
         'introduced_by_user_id names, or cares for the partner'),
        ('ask', 'partner_is_mine(ask.partner_id) OR is_me(ask.sent_by)', NULL, '{need_id,partner_id}',
         'cares for the partner, or has sent it'),
        ('follow_up', 'is_me(follow_up.owner_id)', NULL, '{ask_id}', 'owner_id names'),
        ('pledge', 'pledge.is_own_word AND pledge_is_mine(pledge.ask_id, pledge.partner_id)
             OR EXISTS (SELECT FROM need WHERE need.district_id = pledge.district_id AND need.id = pledge.need_id
                        AND place_is_mine(need.site_id, need.network_id, ''partnership_lead''))',
         'partner_is_mine(pledge.partner_id)', '{need_id,partner_id}',
         'answers for partnerships where it goes, or has the partner''s own word to answer'),
        ('need', 'network_is_mine(need.site_id, need.network_id)', NULL, '{site_id,network_id}', 'leads the network'),
        ('gift', 'place_is_mine(coalesce(gift.site_id, (
             SELECT partnership.lead_site_id FROM partnership
             WHERE partnership.district_id = gift.district_id AND partnership.id = gift.partnership_id)), NULL, ''principal'')',
         NULL, '{site_id,partnership_id}', 'is principal where it goes'),
        ('roll_call', 'place_is_mine(roll_call.site_id, NULL, ''partnership_lead'')
             OR place_is_mine(roll_call.site_id, NULL, ''principal'')', NULL, '{site_id}',
         'answers for partnerships at the site, or is its principal'),
        ('roll_call_change', 'partnership_is_led(roll_call_change.partnership_id)
             OR roll_call_change.kind = ''affiliation'' AND partner_is_mine(roll_call_change.partner_id)', NULL,
         '{roll_call_id}', 'leads the partnership or, of a person, cares for the partner'))
        AS t (name, own, makes, place, whose);
END;

-- Not for a key that is limited to a place (kith_enter), and for nobody without a role that writes.
CREATE OR REPLACE FUNCTION scope_has_mine() RETURNS boolean
LANGUAGE sql STABLE
RETURN strpos(current_setting('kith.scope', true), 'mine') > 0;

-- Whether the context reads what a field of the class says of the record. 84_custom_field.sql drops what it was before.
CREATE OR REPLACE FUNCTION custom_is_read(p_class text, p_site uuid, p_partner uuid, p_contact uuid, p_partnership uuid)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE p_class
        WHEN 'public' THEN true
        WHEN 'directory' THEN
            kith_has_role('admin,director,executive,coordinator,school_leader,reviewer,data_steward')
        ELSE runs_program()
            OR p_contact IS NOT NULL AND contact_is_read(p_contact)
            OR p_partner IS NOT NULL AND partner_is_read(p_partner)
            OR runs_at(coalesce(p_site, (
                SELECT p.lead_site_id FROM partnership p
                WHERE p.district_id = current_setting('kith.district')::uuid AND p.id = p_partnership))) END;
END
$$;

-- Where somebody writes what is private of a row that no grant covers: whose row it is, as a condition over it, and the
-- columns that are private; NULL: the whole row is.
CREATE OR REPLACE FUNCTION private_tables() RETURNS TABLE (name text, own text, columns text[])
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT t.name, t.own, t.columns::text[] FROM (VALUES
        ('partner', 'partner_is_read(partner.id, partner.owner_id, partner.lead_site_id)',
         '{culture_notes,language_notes}'),
        ('contact', 'contact_is_read(contact.id)', '{notes}'),
        ('custom_value', $e$EXISTS (
            SELECT FROM custom_field f
            WHERE f.district_id = custom_value.district_id AND f.id = custom_value.custom_field_id
              AND f.class = 'private')
            AND custom_is_read('private', custom_value.site_id, custom_value.partner_id, custom_value.contact_id,
                               custom_value.partnership_id)$e$, NULL))
        AS t (name, own, columns);
END;

-- A unit that is there to write what is private has a scope that ends in "own" (kith_enter).
CREATE OR REPLACE FUNCTION scope_has_own() RETURNS boolean
LANGUAGE sql STABLE
RETURN strpos(current_setting('kith.scope', true), 'own') > 0;

-- In such a unit what is private changes alone.
CREATE OR REPLACE FUNCTION keep_to_private() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    private text[];
    changed text;
BEGIN
    IF current_user <> 'kith_api' THEN
        RETURN NEW;
    END IF;
    private := (SELECT t.columns FROM private_tables() t WHERE t.name = TG_TABLE_NAME);
    SELECT min(n.key) INTO changed
    FROM jsonb_each(to_jsonb(NEW)) n
    WHERE n.key <> ALL (private || '{version,updated_at}')
      AND n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key;
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION '"%" is no private field.', changed USING ERRCODE = 'KI493', COLUMN = changed;
    END IF;
    RETURN NEW;
END
$$;

REVOKE EXECUTE ON FUNCTION partner_is_own, partnership_is_led, partnership_is_unled, partnership_is_left, partner_is_led, partner_is_mine, place_is_mine, network_is_mine,
    pledge_is_mine, is_me, own_rows, scope_has_mine, runs_program, runs_at, partner_is_read(uuid, uuid, uuid), partner_is_read(uuid), contact_is_read, custom_is_read, private_tables, scope_has_own,
    keep_to_private FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partner_is_own, partnership_is_led, partnership_is_unled, partnership_is_left, partner_is_led, partner_is_mine, place_is_mine, network_is_mine,
    pledge_is_mine, is_me, scope_has_mine, runs_program, runs_at, partner_is_read(uuid, uuid, uuid), partner_is_read(uuid), contact_is_read, custom_is_read, private_tables, scope_has_own TO kith_api;

RESET ROLE;
