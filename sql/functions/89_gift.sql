-- Gifts: who accepts one by the district's limits, what it is when it is received, and the investment that
-- it becomes. Parameters of an action are its row's id, the version that the client asked for (NULL: any), and
-- its fields.

SET ROLE kith_owner;

-- What it is worth: the cash, or what the office thinks. NULL: nobody has said.
CREATE OR REPLACE FUNCTION gift_worth(g gift) RETURNS bigint
LANGUAGE sql IMMUTABLE
RETURN coalesce(g.amount_cents, g.value_cents);

-- Who accepts it: by the district's limits of gifts; above all of them, the board. Where it has none, whoever
-- runs the program. NULL: that depends on what it is worth, which nobody has said.
CREATE OR REPLACE FUNCTION gift_signer(g gift) RETURNS text
LANGUAGE sql STABLE
RETURN CASE
    WHEN NOT EXISTS (SELECT FROM signing_authority a
                     WHERE a.district_id = g.district_id AND a.subject = 'gift' AND a.archived_at IS NULL)
    THEN 'director'
    WHEN gift_worth(g) IS NOT NULL THEN coalesce(signer_for('gift', gift_worth(g)), 'board') END;

-- Signers in their order; whoever asks stands where the highest of their roles does. Nobody is the board: what
-- it decided, somebody enters.
CREATE OR REPLACE FUNCTION signer_rank(p_signer text) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN CASE p_signer WHEN 'principal' THEN 1 WHEN 'department_head' THEN 1 WHEN 'director' THEN 2
                     WHEN 'superintendent' THEN 3 ELSE 4 END;

CREATE OR REPLACE FUNCTION signer_rank_held() RETURNS integer
LANGUAGE sql STABLE
RETURN CASE WHEN kith_has_role('executive') THEN 3
            WHEN kith_has_role('admin,director') THEN 2
            WHEN kith_has_role('coordinator,school_leader') THEN 1 ELSE 0 END;

CREATE OR REPLACE FUNCTION gift_is_barred(g gift) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM partner p
               WHERE p.district_id = g.district_id AND p.id = g.partner_id AND p.stage = 'barred');

-- A step of its review has not approved it.
CREATE OR REPLACE FUNCTION gift_is_stepping(g gift) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM gift_step s
               WHERE s.district_id = g.district_id AND s.gift_id = g.id AND s.status <> 'approved' AND s.archived_at IS NULL);

-- What accepting it lacks, for whoever asks: 'value', or who has to. Of who is barred nobody accepts anything.
CREATE OR REPLACE FUNCTION gift_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    g gift;
    signer text;
BEGIN
    SELECT t.* INTO g FROM gift t WHERE t.id = p_id;
    signer := gift_signer(g);
    RETURN CASE p_action
        WHEN 'accept' THEN CASE
            WHEN gift_is_barred(g) THEN '{partner}'
            WHEN signer IS NULL THEN '{value}'
            WHEN signer_rank(signer) > signer_rank_held() THEN ARRAY[signer]
            WHEN gift_is_stepping(g) THEN '{steps}' ELSE '{}' END
        WHEN 'invest' THEN array_remove(ARRAY[
            CASE WHEN g.partnership_id IS NULL THEN 'partnership' END,
            CASE WHEN gift_worth(g) IS NULL THEN 'value' END,
            CASE WHEN g.investment_id IS NOT NULL THEN 'invested' END], NULL)
        WHEN 'acknowledge' THEN gift_letter_missing(g) -- of 89_tax_document.sql
        ELSE '{}' END;
END
$$;

-- Whoever stands as high as the limits ask accepts it; what the board decided, whoever runs the program enters, or an
-- executive.
CREATE OR REPLACE FUNCTION gift_accept(p_id uuid, p_version bigint, p_board_on date, p_board_item text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('gift', p_id, p_version, 'accept');
    g gift;
BEGIN
    SELECT t.* INTO g FROM gift t WHERE t.id = p_id;
    IF (p_board_on IS NULL) <> (coalesce(p_board_item, '') !~ '\S') THEN
        PERFORM refuse_field('board_item', '"board_on" and "board_item" stand together.');
    ELSIF p_board_on > district_today() THEN
        PERFORM refuse_field('board_on', '"board_on" must not be in the future.');
    ELSIF p_board_on IS NOT NULL AND NOT kith_has_role('admin,director,executive') THEN
        PERFORM refuse_state('What the board decided is entered by whoever runs the program, or an executive.',
                             jsonb_build_object('status', g.status));
    ELSIF p_board_on IS NULL OR gift_is_barred(g) THEN
        PERFORM refuse_missing('gift', g.status, gift_missing(p_id, 'accept'));
    ELSIF gift_is_stepping(g) THEN
        PERFORM refuse_missing('gift', g.status, '{steps}');
    END IF;
    UPDATE gift t SET status = next_status, accepted_on = coalesce(p_board_on, district_today()),
        accepted_by = current_setting('kith.user')::uuid,
        accepted_as = CASE WHEN p_board_on IS NULL THEN gift_signer(g) ELSE 'board' END,
        board_on = p_board_on, board_item = p_board_item
    WHERE t.id = p_id;
END
$$;

-- What a received gift of a partnership is worth is entered for the partner's side, once.
CREATE OR REPLACE FUNCTION gift_invest(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    g gift;
    made uuid := uuid7();
BEGIN
    PERFORM action_begin('gift', p_id, p_version, 'invest');
    SELECT t.* INTO g FROM gift t WHERE t.id = p_id;
    PERFORM refuse_missing('gift', g.status, gift_missing(p_id, 'invest'));
    INSERT INTO investment (district_id, id, partnership_id, partner_id, site_id, side, kind, status, amount_cents,
                            from_date, until_date, purpose)
    VALUES (g.district_id, made, g.partnership_id, (
                SELECT c.partner_id FROM partnership_partner c
                WHERE c.district_id = g.district_id AND c.partnership_id = g.partnership_id
                  AND c.partner_id = g.partner_id AND c.archived_at IS NULL LIMIT 1), g.site_id, 'partner',
            CASE g.kind WHEN 'cash' THEN 'cash' WHEN 'space' THEN 'space' ELSE 'in_kind' END, 'delivered',
            gift_worth(g), g.received_on, g.received_on, g.title);
    UPDATE gift t SET investment_id = made WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION gift_receive(p_id uuid, p_version bigint, p_on_date date, p_invest boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('gift', p_id, p_version, 'receive');
BEGIN
    IF p_on_date > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    END IF;
    UPDATE gift t SET status = next_status, received_on = coalesce(p_on_date, district_today())
    WHERE t.id = p_id;
    IF p_invest THEN
        PERFORM gift_invest(p_id, NULL);
    END IF;
END
$$;

-- Who accepted it, and when, stays with what is given back after all; offered anew, it is accepted anew.
CREATE OR REPLACE FUNCTION gift_end(p_id uuid, p_version bigint, p_action text, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('gift', p_id, p_version, p_action);
BEGIN
    UPDATE gift t SET status = next_status, status_reason = p_reason WHERE t.id = p_id;
    IF next_status = 'offered' THEN
        UPDATE gift t SET accepted_on = NULL, accepted_by = NULL, accepted_as = NULL, board_on = NULL, board_item = NULL
        WHERE t.id = p_id AND t.accepted_on IS NOT NULL;
    END IF;
END
$$;
CREATE OR REPLACE FUNCTION gift_refuse(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN gift_end(p_id, p_version, 'refuse', p_reason);
CREATE OR REPLACE FUNCTION gift_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN gift_end(p_id, p_version, 'withdraw', p_reason);
CREATE OR REPLACE FUNCTION gift_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN gift_end(p_id, p_version, 'reopen', NULL);

-- What was accepted is what was offered: whoever runs the program corrects it, and nobody else.
CREATE OR REPLACE FUNCTION gift_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('kith.user', true), '') IS NOT NULL AND NOT kith_has_role('admin,director') THEN
        PERFORM refuse_state('It was accepted as it stands: whoever runs the program corrects it.',
                             jsonb_build_object('status', OLD.status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER gift_changed BEFORE UPDATE ON gift
    FOR EACH ROW WHEN (OLD.status IN ('accepted', 'received') AND NEW.status = OLD.status
        AND (NEW.donee_id, NEW.kind, NEW.amount_cents, NEW.value_cents, NEW.purpose, NEW.site_id, NEW.restricted_until,
             NEW.return_description, NEW.return_cents, NEW.return_is_religious)
            IS DISTINCT FROM
            (OLD.donee_id, OLD.kind, OLD.amount_cents, OLD.value_cents, OLD.purpose, OLD.site_id, OLD.restricted_until,
             OLD.return_description, OLD.return_cents, OLD.return_is_religious))
    EXECUTE FUNCTION gift_changed();

-- A partnership's gift is one of its partners'; without a donor, its partner's. Where two partners become one,
-- gifts follow by their partner alone, and are not asked.
CREATE OR REPLACE FUNCTION gift_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.partner_id := coalesce(NEW.partner_id, CASE WHEN NEW.contact_id IS NULL THEN (
        SELECT p.partner_id FROM partnership p
        WHERE p.district_id = NEW.district_id AND p.id = NEW.partnership_id) END);
    IF NEW.partnership_id IS NOT NULL AND NEW.partner_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM partnership p
        WHERE p.district_id = NEW.district_id AND p.id = NEW.partnership_id
          AND (p.partner_id = NEW.partner_id OR EXISTS (
              SELECT FROM partnership_partner c
              WHERE c.district_id = p.district_id AND c.partnership_id = p.id
                AND c.partner_id = NEW.partner_id AND c.archived_at IS NULL))) THEN
        PERFORM refuse_field('partnership_id', '"partnership_id" is no partnership of that partner.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER gift_check BEFORE INSERT OR UPDATE OF partnership_id ON gift
    FOR EACH ROW EXECUTE FUNCTION gift_check();

-- Days for which a received gift has waited for thanks.
CREATE OR REPLACE FUNCTION gift_waits(g gift) RETURNS integer
LANGUAGE sql STABLE
RETURN CASE WHEN NOT g.thanked THEN district_today() - g.received_on END;

REVOKE EXECUTE ON FUNCTION gift_worth, gift_signer, signer_rank, signer_rank_held, gift_is_barred, gift_is_stepping, gift_missing, gift_accept,
    gift_invest, gift_receive, gift_end, gift_refuse, gift_withdraw, gift_reopen, gift_changed, gift_check,
    gift_waits FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gift_worth, gift_signer, signer_rank, signer_rank_held, gift_is_barred, gift_is_stepping, gift_missing, gift_accept,
    gift_invest, gift_receive, gift_end, gift_refuse, gift_withdraw, gift_reopen, gift_waits TO kith_api;

RESET ROLE;
