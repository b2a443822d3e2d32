-- What becomes of an inquiry: a prospect or a partner that is there, an offer, a pledge.

SET ROLE kith_owner;

-- Which partners the inquiry may be of.
CREATE OR REPLACE FUNCTION inquiry_duplicates(p_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('inquiry_id', i.id, 'duplicates', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'score', a.score,
                                                'reasons', a.reasons) ORDER BY a.score DESC, a.id)
            FROM partner_alike(NULL, i.organization, NULL, i.website) a), '[]'))
        FROM inquiry i WHERE i.id = p_id);
END
$$;

-- It becomes a prospect, with whoever wrote it, or belongs to a partner that is there; and an offer, if
-- there was something to offer. As the owner: who answers it need not cover where the prospect will be led.
CREATE OR REPLACE FUNCTION inquiry_settle(
    i inquiry, p_status text, p_known uuid, p_kind text, p_offer_name text, p_quantity bigint, p_unit text,
    p_pledge bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district constant uuid := current_setting('kith.district')::uuid;
    of_partner uuid := coalesce(p_known, uuid7());
    made_contact uuid := contact_of_email(i.email);
    made_offer uuid;
    made_pledge uuid;
BEGIN
    IF p_known IS NULL THEN
        INSERT INTO partner (district_id, id, name, kind, website, owner_id, lead_site_id)
        VALUES (district, of_partner, i.organization, coalesce(p_kind, i.kind, 'other'), i.website, i.owner_id,
                coalesce(i.site_id, (SELECT n.site_id FROM need n WHERE n.district_id = district AND n.id = i.need_id)));
    END IF;
    IF made_contact IS NULL THEN
        made_contact := uuid7();
        INSERT INTO contact (district_id, id, name, email, phone, locale)
        VALUES (district, made_contact, i.name, i.email, i.phone, i.locale);
    END IF;
    INSERT INTO affiliation (district_id, id, contact_id, partner_id, role, may_sign_in)
    SELECT district, uuid7(), made_contact, of_partner, 'Wrote to us',
           p_known IS NULL -- in the name of one that we know anybody may have written
    WHERE NOT EXISTS (SELECT FROM affiliation a
                      WHERE a.district_id = district AND a.contact_id = made_contact AND a.partner_id = of_partner
                        AND a.archived_at IS NULL);
    IF i.offer_kind IS NOT NULL THEN
        made_offer := uuid7();
        INSERT INTO offer (district_id, id, partner_id, name, kind, description, quantity, unit)
        VALUES (district, made_offer, of_partner,
                coalesce(p_offer_name, replace(i.offer_kind, '_', ' ') || ' of ' || left(i.organization, 180)),
                i.offer_kind, i.message, p_quantity, p_unit);
    END IF;
    IF p_pledge IS NOT NULL THEN
        made_pledge := uuid7();
        INSERT INTO pledge (district_id, id, need_id, partner_id, contact_id, quantity, note)
        VALUES (district, made_pledge, i.need_id, of_partner, made_contact, p_pledge, i.message);
    END IF;
    UPDATE inquiry q SET status = p_status, partner_id = of_partner, contact_id = made_contact, offer_id = made_offer,
                         pledge_id = made_pledge
    WHERE q.district_id = district AND q.id = i.id;
END
$$;

-- A prospect is made only of whom we do not know: where somebody is as good as the same, which one has to be said, or
-- that it is none of them.
DROP FUNCTION IF EXISTS inquiry_convert(uuid, bigint, uuid, text, text, bigint, text);
DROP FUNCTION IF EXISTS inquiry_convert(uuid, bigint, uuid, boolean, text, text, bigint, text);
CREATE OR REPLACE FUNCTION inquiry_convert(
    p_id uuid, p_version bigint, p_partner uuid, p_is_new boolean, p_kind text, p_offer_name text,
    p_quantity bigint, p_unit text, p_pledge bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := inquiry_begin(p_id, p_version, 'convert');
    i inquiry;
    alike jsonb;
BEGIN
    SELECT * INTO i FROM inquiry q WHERE q.id = p_id;
    IF p_pledge IS NOT NULL AND NOT EXISTS (
        SELECT FROM need n WHERE n.id = i.need_id AND n.status IN ('open', 'partly_matched') AND n.archived_at IS NULL) THEN
        PERFORM refuse_field('pledge_quantity', 'The inquiry is about no need that is open.');
    END IF;
    IF p_partner IS NULL AND NOT coalesce(p_is_new, false) THEN
        SELECT jsonb_agg(a.id ORDER BY a.score DESC, a.id) INTO alike
        FROM partner_alike(NULL, i.organization, NULL, i.website) a WHERE a.score >= 80;
        IF alike IS NOT NULL THEN
            PERFORM refuse_state('There are partners that may be the same: say which, or that it is new.',
                                 jsonb_build_object('status', i.status, 'duplicates', alike));
        END IF;
    END IF;
    IF EXISTS (SELECT FROM partner p WHERE p.id = p_partner) THEN -- of one that is there its own people say what it offers
        PERFORM FROM partner p WHERE p.id = p_partner FOR KEY SHARE;
        IF NOT FOUND THEN
            PERFORM refuse_outside();
        END IF;
    END IF;
    PERFORM inquiry_settle(i, next_status, p_partner, p_kind, p_offer_name, p_quantity, p_unit, p_pledge);
END
$$;

REVOKE EXECUTE ON FUNCTION inquiry_duplicates, inquiry_settle, inquiry_convert FROM PUBLIC;
GRANT EXECUTE ON FUNCTION inquiry_duplicates, inquiry_settle, inquiry_convert TO kith_api;

RESET ROLE;
