-- Offers: how much of one is left. Whoever claims a part of it takes it here, in the transaction of the
-- claim, and gives it back when nothing comes of it.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION fill_remaining() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.remaining := NEW.quantity - NEW.taken;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER fill_remaining BEFORE INSERT OR UPDATE OF quantity, taken ON offer
    FOR EACH ROW EXECUTE FUNCTION fill_remaining();

-- Takes so much of the offer, or refuses. As the owner, under a lock of the row: who claims for a school
-- need not be whom the partner's lead site covers. Never more than there is, whoever else comes at once.
CREATE OR REPLACE FUNCTION offer_take(p_offer uuid, p_quantity bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found offer;
BEGIN
    SELECT * INTO found FROM offer o
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_offer
    FOR NO KEY UPDATE;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'no row to act on' USING ERRCODE = 'KI404';
    ELSIF p_quantity IS NULL OR p_quantity < 1 THEN
        PERFORM refuse_field('quantity', '"quantity" must be 1 or more.');
    ELSIF found.archived_at IS NOT NULL OR found.status <> 'open' THEN
        PERFORM refuse_state('The offer is not open.', jsonb_build_object(
            'status', CASE WHEN found.archived_at IS NULL THEN found.status ELSE 'archived' END));
    ELSIF district_today() < found.from_date OR district_today() > found.until_date THEN
        PERFORM refuse_state('The offer does not hold today.', jsonb_strip_nulls(jsonb_build_object(
            'status', found.status, 'from_date', found.from_date, 'until_date', found.until_date)));
    ELSIF found.remaining < p_quantity THEN
        PERFORM refuse_state('Less than that remains of the offer.', jsonb_build_object(
            'status', found.status, 'remaining', found.remaining));
    END IF;
    UPDATE offer o SET taken = o.taken + p_quantity
    WHERE o.district_id = found.district_id AND o.id = p_offer;
END
$$;

-- The reverse; an offer that is over takes back, too.
CREATE OR REPLACE FUNCTION offer_give_back(p_offer uuid, p_quantity bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE offer o SET taken = o.taken - p_quantity
    WHERE o.district_id = current_setting('kith.district')::uuid AND o.id = p_offer
      AND p_quantity BETWEEN 1 AND o.taken;
    IF NOT FOUND THEN
        PERFORM refuse_state('No more than what was taken can be given back.', '{}');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION offer_move(p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('offer', p_id, p_version);
    UPDATE offer o SET status = transition('offer', p_action, o.status), status_reason = p_reason
    WHERE o.id = p_id;
END
$$;
CREATE OR REPLACE FUNCTION offer_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN offer_move(p_id, p_version, 'withdraw', p_reason);
CREATE OR REPLACE FUNCTION offer_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN offer_move(p_id, p_version, 'reopen', NULL);

REVOKE EXECUTE ON FUNCTION fill_remaining, offer_take, offer_give_back, offer_move, offer_withdraw,
    offer_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION offer_take, offer_give_back, offer_move, offer_withdraw, offer_reopen
    TO kith_api;

RESET ROLE;
