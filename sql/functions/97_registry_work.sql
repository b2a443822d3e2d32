-- How partners come and are kept: champions, inquiries, and the yearly roll call.

SET ROLE kith_owner;

-- ---- Champions -----------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION champion_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('champion', p_id, p_version);
    UPDATE champion c SET
        status = transition('champion', p_action, c.status),
        status_reason = p_reason,
        milestone_on = CASE p_action WHEN 'reach' THEN district_today() END
    WHERE c.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION champion_cultivate(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN champion_move(p_id, p_version, 'cultivate', NULL);
CREATE OR REPLACE FUNCTION champion_ask(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN champion_move(p_id, p_version, 'ask', NULL);
CREATE OR REPLACE FUNCTION champion_support(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN champion_move(p_id, p_version, 'support', NULL);
CREATE OR REPLACE FUNCTION champion_reach(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN champion_move(p_id, p_version, 'reach', NULL);
CREATE OR REPLACE FUNCTION champion_lapse(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN champion_move(p_id, p_version, 'lapse', p_reason);

-- Private: who runs the district's program reads all of them, anybody else those that he owns, with what is done to win
-- them.
DROP POLICY IF EXISTS readers ON champion;
CREATE POLICY readers ON champion AS RESTRICTIVE FOR SELECT TO kith_api
    USING (runs_program() OR owner_id = nullif(current_setting('kith.user'), '')::uuid);
DROP POLICY IF EXISTS readers ON champion_step;
CREATE POLICY readers ON champion_step AS RESTRICTIVE FOR SELECT TO kith_api
    USING (runs_program() OR EXISTS (
        SELECT FROM champion c
        WHERE c.district_id = champion_step.district_id AND c.id = champion_step.champion_id));

-- So are complaints, which the owners of the partner read, too, and who directs the part of the district where it happened
-- or where the partner is led.
DROP POLICY IF EXISTS readers ON complaint;
CREATE POLICY readers ON complaint AS RESTRICTIVE FOR SELECT TO kith_api
    USING (owner_id = nullif(current_setting('kith.user'), '')::uuid OR partner_is_read(partner_id) OR runs_at(site_id));

CREATE OR REPLACE FUNCTION complaint_move(p_id uuid, p_version bigint, p_action text, p_outcome text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('complaint', p_id, p_version);
    UPDATE complaint c SET
        status = transition('complaint', p_action, c.status),
        outcome = coalesce(p_outcome, c.outcome),
        closed_on = CASE WHEN p_action <> 'reopen' THEN district_today() END
    WHERE c.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION complaint_resolve(p_id uuid, p_version bigint, p_outcome text) RETURNS void
LANGUAGE sql RETURN complaint_move(p_id, p_version, 'resolve', p_outcome);
CREATE OR REPLACE FUNCTION complaint_dismiss(p_id uuid, p_version bigint, p_outcome text) RETURNS void
LANGUAGE sql RETURN complaint_move(p_id, p_version, 'dismiss', p_outcome);
CREATE OR REPLACE FUNCTION complaint_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN complaint_move(p_id, p_version, 'reopen', NULL);

-- And has steps of a champion alone that he sees: any other is none.
CREATE OR REPLACE FUNCTION refuse_unseen_champion() RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no such champion' USING ERRCODE = '23503', TABLE = 'champion_step',
        CONSTRAINT = 'champion_step_champion_id_fkey';
END
$$;
DROP POLICY IF EXISTS seen_insert ON champion_step;
DROP POLICY IF EXISTS seen_update ON champion_step;
CREATE POLICY seen_insert ON champion_step AS RESTRICTIVE FOR INSERT TO kith_api
    WITH CHECK (CASE WHEN EXISTS (
        SELECT FROM champion c
        WHERE c.district_id = champion_step.district_id AND c.id = champion_step.champion_id)
        THEN true ELSE refuse_unseen_champion() END);
CREATE POLICY seen_update ON champion_step AS RESTRICTIVE FOR UPDATE TO kith_api USING (true)
    WITH CHECK (CASE WHEN EXISTS (
        SELECT FROM champion c
        WHERE c.district_id = champion_step.district_id AND c.id = champion_step.champion_id)
        THEN true ELSE refuse_unseen_champion() END);

-- ---- Introductions -------------------------------------------------------------------------------

-- A partnership that begins is what came of having introduced its partner to a site where it works. As the owner:
-- who begins it need not cover the site.
CREATE OR REPLACE FUNCTION introduction_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM set_config('kith.district', NEW.district_id::text, true);
    UPDATE introduction t SET outcome = 'partnership'
    WHERE t.district_id = NEW.district_id AND t.partner_id = NEW.partner_id AND t.outcome IN ('pending', 'met')
      AND t.archived_at IS NULL
      AND (t.site_id = NEW.lead_site_id OR EXISTS (
          SELECT FROM partnership_site s
          WHERE s.district_id = NEW.district_id AND s.partnership_id = NEW.id AND s.site_id = t.site_id
            AND s.archived_at IS NULL));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER introduction_follow AFTER UPDATE ON partnership
    FOR EACH ROW WHEN (NEW.status = 'active' AND OLD.status <> 'active') EXECUTE FUNCTION introduction_follow();

-- What came of it is asked a month after: of the user who introduced them, or of whoever leads partnerships there.
CREATE OR REPLACE FUNCTION my_introduction(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, coalesce(p.name, c.name, t.organization) || ', ' || s.name, t.on_date + 30, NULL::uuid
    FROM introduction t
    LEFT JOIN partner p ON p.district_id = t.district_id AND p.id = t.partner_id
    LEFT JOIN contact c ON c.district_id = t.district_id AND c.id = t.contact_id
    JOIN site s ON s.district_id = t.district_id AND s.id = t.site_id
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.outcome = 'pending'
      AND t.archived_at IS NULL AND t.on_date BETWEEN p_day - 400 AND p_day - 30
      AND CASE WHEN t.introduced_by_user_id IS NOT NULL THEN t.introduced_by_user_id = p_user
               ELSE site_answers(t.site_id, 'partnership_lead', p_day) = p_user END;
END;

-- ---- Inquiries -----------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION inquiry_begin(p_id uuid, p_version bigint, p_action text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('inquiry', p_id, p_version);
    RETURN (SELECT transition('inquiry', p_action, i.status) FROM inquiry i WHERE i.id = p_id);
END
$$;

CREATE OR REPLACE FUNCTION inquiry_assign(p_id uuid, p_version bigint, p_owner uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := inquiry_begin(p_id, p_version, 'assign');
BEGIN
    UPDATE inquiry i SET status = next_status, owner_id = serving_put('owner_id', p_owner, i.owner_id) WHERE i.id = p_id;
END
$$;

-- What is answered goes by mail: to whom the public form's message is from, and to others when that is said.
DROP FUNCTION IF EXISTS inquiry_answer(uuid, bigint, text);
CREATE OR REPLACE FUNCTION inquiry_answer(p_id uuid, p_version bigint, p_answer text, p_by_mail boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := inquiry_begin(p_id, p_version, 'answer');
BEGIN
    UPDATE inquiry i SET status = next_status, answer = p_answer,
        owner_id = coalesce(i.owner_id, current_setting('kith.user')::uuid),
        answered_at = current_setting('kith.now')::timestamptz
    WHERE i.id = p_id;
    PERFORM inquiry_mail('inquiry_answer', p_id, 'answered ' || i.answered_at)
    FROM inquiry i WHERE i.id = p_id AND coalesce(p_by_mail, i.source = 'public');
END
$$;

CREATE OR REPLACE FUNCTION inquiry_end(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := inquiry_begin(p_id, p_version, p_action);
BEGIN
    UPDATE inquiry i SET status = next_status, status_reason = p_reason WHERE i.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION inquiry_decline(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN inquiry_end(p_id, p_version, 'decline', p_reason);
CREATE OR REPLACE FUNCTION inquiry_discard(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN inquiry_end(p_id, p_version, 'discard', NULL);
CREATE OR REPLACE FUNCTION inquiry_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN inquiry_end(p_id, p_version, 'reopen', NULL);

-- By the public form, where nobody is signed in: of the district that the slug or the host says. What no
-- person fills in makes it spam at once, and whoever sent it is not told. As the owner: no grant covers it.
DROP FUNCTION IF EXISTS inquiry_receive(text, text, text, text, text, text, text, text, text, text, text, uuid, text, text);
DROP FUNCTION IF EXISTS inquiry_receive(
    text, text, text, text, text, text, text, text, uuid, text, text, text, text, uuid, text, text);
CREATE OR REPLACE FUNCTION inquiry_receive(
    p_organization text, p_name text, p_email text, p_phone text, p_website text, p_message text,
    p_kind text, p_offer_kind text, p_site uuid, p_need uuid, p_locale text, p_trap text, p_slug text, p_host text, p_id uuid,
    p_now text, p_request text)
RETURNS date LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found_district uuid := sign_in_district(p_slug, p_host);
    answer_by date;
BEGIN
    IF found_district IS NULL THEN
        PERFORM refuse_field('district', 'No district is called so.');
    END IF;
    PERFORM kith_context(found_district, '', '', p_now, p_request);
    answer_by := district_today() + 7;
    IF p_site IS NOT NULL AND NOT EXISTS (
        SELECT FROM site s WHERE s.district_id = found_district AND s.id = p_site AND s.status = 'open'
                             AND s.archived_at IS NULL) THEN
        PERFORM refuse_field('site_id', 'There is no such school.');
    END IF;
    INSERT INTO inquiry (district_id, id, organization, name, email, phone, website, message, kind,
                         offer_kind, site_id, need_id, locale, source, answer_by, status)
    VALUES (found_district, p_id, p_organization, p_name, p_email, p_phone, p_website, p_message, p_kind,
            p_offer_kind, p_site, (SELECT n.id FROM need n WHERE n.district_id = found_district AND n.id = p_need
                                     AND n.is_public AND n.opened_at IS NOT NULL), p_locale, 'public', answer_by, CASE WHEN p_trap <> '' THEN 'spam' ELSE 'new' END);
    IF coalesce(p_trap, '') = '' THEN
        PERFORM inquiry_mail('inquiry_receipt', p_id, 'received');
    END IF;
    RETURN answer_by;
END
$$;

-- ---- Roll calls ----------------------------------------------------------------------------------

-- A roll call lists the partners that work at the site today, by partnerships (as the partner or beside another
-- one) and programs, that it has added before, or that it leads. Of many roll calls at once, by set: a school year that opens makes one of
-- each site.
CREATE OR REPLACE FUNCTION roll_call_fill() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roll_call_mark (district_id, id, roll_call_id, partner_id)
    SELECT n.district_id, uuid7(), n.id, p.id
    FROM new_calls n
    JOIN (SELECT DISTINCT w.district_id, w.site_id, w.partner_id FROM partner_site w) AS works
        ON works.district_id = n.district_id AND works.site_id = n.site_id
    JOIN partner p ON p.district_id = works.district_id AND p.id = works.partner_id
    WHERE p.archived_at IS NULL AND p.stage NOT IN ('declined', 'barred')
    ORDER BY n.id, p.name, p.id;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS roll_call_fill ON roll_call;
CREATE TRIGGER roll_call_fill AFTER INSERT ON roll_call REFERENCING NEW TABLE AS new_calls
    FOR EACH STATEMENT EXECUTE FUNCTION roll_call_fill();

-- Marks change while the roll call is open.
CREATE OR REPLACE FUNCTION guard_mark() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    SELECT r.status INTO found_status FROM roll_call r
    WHERE r.district_id = NEW.district_id AND r.id = NEW.roll_call_id;
    IF found_status <> 'open' THEN
        PERFORM refuse_state('The roll call is not open.', jsonb_build_object('status', found_status));
    END IF;
    -- Each of the people has all of the members.
    NEW.people := (SELECT coalesce(jsonb_agg('{"email": null, "phone": null, "role": null}' || p.person ORDER BY p.place), '[]')
                   FROM jsonb_array_elements(NEW.people) WITH ORDINALITY AS p (person, place));
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_mark BEFORE UPDATE ON roll_call_mark
    FOR EACH ROW WHEN ((NEW.mark, NEW.note, NEW.people) IS DISTINCT FROM (OLD.mark, OLD.note, OLD.people))
    EXECUTE FUNCTION guard_mark();

CREATE OR REPLACE FUNCTION roll_call_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN CASE WHEN p_action = 'submit' AND EXISTS (
    SELECT FROM roll_call_mark m WHERE m.roll_call_id = p_id AND m.mark IS NULL AND m.archived_at IS NULL)
    THEN '{marks}'::text[] ELSE '{}'::text[] END;

CREATE OR REPLACE FUNCTION roll_call_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old_status text;
    next_status text;
BEGIN
    PERFORM lock_row('roll_call', p_id, p_version);
    SELECT r.status INTO old_status FROM roll_call r WHERE r.id = p_id;
    next_status := transition('roll_call', p_action, old_status);
    PERFORM refuse_missing('roll_call', old_status, roll_call_missing(p_id, p_action));
    UPDATE roll_call r SET
        status = next_status,
        status_reason = p_reason,
        submitted_by = CASE p_action WHEN 'submit' THEN current_setting('kith.user')::uuid
                                     WHEN 'confirm' THEN r.submitted_by END,
        submitted_at = CASE p_action WHEN 'submit' THEN current_setting('kith.now')::timestamptz
                                     WHEN 'confirm' THEN r.submitted_at END,
        confirmed_by = CASE p_action WHEN 'confirm' THEN current_setting('kith.user')::uuid END,
        confirmed_at = CASE p_action WHEN 'confirm' THEN current_setting('kith.now')::timestamptz END
    WHERE r.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION roll_call_submit(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN roll_call_move(p_id, p_version, 'submit', NULL);
CREATE OR REPLACE FUNCTION roll_call_confirm(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN roll_call_move(p_id, p_version, 'confirm', NULL);
CREATE OR REPLACE FUNCTION roll_call_reopen(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN roll_call_move(p_id, p_version, 'reopen', p_reason);

-- The school adds a partner that is not listed: one that the district has, or a new one, unless it looks
-- like one that is there and nobody said that it is another.
CREATE OR REPLACE FUNCTION roll_call_add(
    p_id uuid, p_version bigint, p_partner uuid, p_name text, p_kind text, p_is_new boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    call roll_call;
    alike jsonb;
BEGIN
    PERFORM lock_row('roll_call', p_id, p_version);
    SELECT * INTO call FROM roll_call r WHERE r.id = p_id;
    PERFORM transition('roll_call', 'add', call.status);
    IF (p_partner IS NULL) = (p_name IS NULL) THEN
        PERFORM refuse_field('partner_id', 'Say which partner it is, or the name of a new one.');
    ELSIF p_partner IS NULL AND p_is_new IS NOT TRUE THEN
        SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'score', a.score)) INTO alike
        FROM partner_alike(NULL, p_name, NULL, NULL) a;
        IF alike IS NOT NULL THEN
            PERFORM refuse_state('There is a partner that is called much alike: is it that one?',
                                 jsonb_build_object('status', call.status, 'duplicates', alike));
        END IF;
    END IF;
    IF p_partner IS NULL THEN
        p_partner := uuid7();
        INSERT INTO partner (district_id, id, name, kind, lead_site_id)
        VALUES (call.district_id, p_partner, p_name, coalesce(p_kind, 'other'), call.site_id);
    END IF;
    INSERT INTO roll_call_mark (district_id, id, roll_call_id, partner_id, mark, is_added)
    SELECT call.district_id, uuid7(), p_id, p_partner, 'still_here', true
    WHERE NOT EXISTS (SELECT FROM roll_call_mark m WHERE m.roll_call_id = p_id AND m.partner_id = p_partner
                        AND m.archived_at IS NULL);
END
$$;

DO $$
DECLARE
    made text;
BEGIN
    FOREACH made IN ARRAY '{complaint_move,complaint_resolve,complaint_dismiss,complaint_reopen,champion_move,champion_cultivate,champion_ask,champion_support,champion_reach,
        champion_lapse,inquiry_begin,inquiry_assign,inquiry_answer,inquiry_end,inquiry_decline,
        inquiry_discard,refuse_unseen_champion,my_introduction,inquiry_reopen,inquiry_receive,
        roll_call_missing,roll_call_move,roll_call_submit,
        roll_call_confirm,roll_call_reopen,roll_call_add}'::text[] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %I FROM PUBLIC', made);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO kith_api', made);
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION roll_call_fill, guard_mark, introduction_follow FROM PUBLIC;

RESET ROLE;
