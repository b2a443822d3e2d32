-- Letters for taxes, after IRS Publication 1771: of a single contribution of $250 or more, never summed, the
-- donee, the date, the amount of cash or a description without a value, and what was given in return with its
-- value in good faith; of more than $75 that was partly for something in return, the same. And the summary of a
-- donor's calendar year. Services, staff time and the use of space are thanked for, and stand in no such letter.

SET ROLE kith_owner;

-- ---- Words ---------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION money_text(p_cents bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN to_char(p_cents / 100.0, 'FM$999,999,999,990.00');

CREATE OR REPLACE FUNCTION date_text(p_day date, p_is_spanish boolean) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_is_spanish
    THEN format('%s de %s de %s', date_part('day', p_day),
             ('{enero,febrero,marzo,abril,mayo,junio,julio,agosto,septiembre,octubre,noviembre,diciembre}'
              ::text[])[date_part('month', p_day)::integer],
             date_part('year', p_day))
    ELSE to_char(p_day, 'FMMonth FMDD, YYYY') END;

CREATE OR REPLACE FUNCTION ein_text(p_ein text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN left(p_ein, 2) || '-' || substr(p_ein, 3);

-- Of one contribution: what the donor got for it.
CREATE OR REPLACE FUNCTION gift_return_text(g gift, p_donee text, p_is_spanish boolean) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN coalesce(g.return_description, '') !~ '\S' AND g.return_is_religious THEN format(CASE WHEN p_is_spanish
        THEN 'A cambio, %s solo proporcionó beneficios religiosos intangibles.'
        ELSE 'In exchange, %s provided only intangible religious benefits.' END, p_donee)
    WHEN coalesce(g.return_description, '') !~ '\S' THEN format(CASE WHEN p_is_spanish
        THEN '%s no proporcionó bienes ni servicios a cambio de esta contribución.'
        ELSE '%s provided no goods or services in exchange for this contribution.' END, p_donee)
    ELSE format(CASE WHEN p_is_spanish
        THEN 'A cambio de esta contribución, %s proporcionó: %s. De buena fe estimamos su valor en %s.'
        ELSE 'In exchange for this contribution, %s provided: %s. In good faith we estimate its value at %s.' END,
        p_donee, g.return_description, money_text(coalesce(g.return_cents, 0)))
        || ' ' || format(CASE WHEN p_is_spanish
        THEN 'Para el impuesto federal sobre la renta, lo que se puede deducir se limita a lo que la contribución '
             || 'excede ese valor%s.'
        ELSE 'For federal income tax, what can be deducted is limited to what the contribution exceeds that '
             || 'value by%s.' END,
        CASE WHEN g.kind = 'cash' THEN ': ' || money_text(greatest(g.amount_cents - coalesce(g.return_cents, 0), 0))
             ELSE '' END)
        || CASE WHEN NOT g.return_is_religious THEN ''
                WHEN p_is_spanish THEN ' También hubo beneficios religiosos intangibles.'
                ELSE ' There were intangible religious benefits, too.' END END;

-- What was given: an amount of cash, or a description without a value.
CREATE OR REPLACE FUNCTION gift_given_text(g gift, p_is_spanish boolean) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN g.kind <> 'cash' THEN concat_ws('. ', g.title, nullif(left(g.description, 2000), ''))
    WHEN p_is_spanish THEN money_text(g.amount_cents) || ' en efectivo'
    ELSE money_text(g.amount_cents) || ' in cash' END;

CREATE OR REPLACE FUNCTION donee_head(d donee) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN concat_ws(E'\n', d.name, nullif(d.street, ''),
    nullif(concat_ws(', ', nullif(d.city, ''), nullif(concat_ws(' ', d.state, d.postal_code), '')), ''),
    'EIN ' || ein_text(d.ein));

CREATE OR REPLACE FUNCTION acknowledgment_text(g gift, d donee, p_donor text, p_is_spanish boolean) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN concat_ws(E'\n\n', donee_head(d), p_donor,
    format(CASE WHEN p_is_spanish
        THEN 'Gracias por su contribución a %s, recibida el %s: %s.'
        ELSE 'Thank you for your contribution to %s, received on %s: %s.' END,
        d.name, date_text(g.received_on, p_is_spanish), rtrim(gift_given_text(g, p_is_spanish), '. ')),
    gift_return_text(g, d.name, p_is_spanish),
    CASE WHEN p_is_spanish THEN 'Por favor, guarde esta carta con sus documentos de impuestos.'
         ELSE 'Please keep this letter with your tax records.' END,
    nullif(concat_ws(E'\n', nullif(d.signer, ''), d.name), ''));

-- Of a year: each contribution by itself; what is no contribution in the sense of the tax stands apart.
CREATE OR REPLACE FUNCTION summary_text(
    d donee, p_partner uuid, p_contact uuid, p_year bigint, p_donor text, p_is_spanish boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        SELECT g.kind IN ('cash', 'goods') AS is_letter, g.received_on, g.id,
               format('%s: %s. %s', date_text(g.received_on, p_is_spanish),
                      rtrim(left(gift_given_text(g, p_is_spanish), 200), '. '),
                      CASE WHEN g.kind IN ('cash', 'goods') THEN gift_return_text(g, d.name, p_is_spanish) END)
                   AS line
        FROM gift g
        WHERE g.district_id = d.district_id AND g.donee_id = d.id AND g.status = 'received'
          AND g.archived_at IS NULL AND g.partner_id IS NOT DISTINCT FROM p_partner
          AND (p_partner IS NOT NULL OR g.contact_id = p_contact)
          AND date_part('year', g.received_on) = p_year
        ORDER BY g.received_on, g.id LIMIT 150)
    SELECT left(concat_ws(E'\n\n', donee_head(d), p_donor,
        format(CASE WHEN p_is_spanish THEN 'Gracias por todo lo que dio a %s en %s.'
                    ELSE 'Thank you for all that you gave to %s in %s.' END, d.name, p_year),
        (SELECT CASE WHEN p_is_spanish THEN 'Sus contribuciones:' ELSE 'Your contributions:' END || E'\n'
                || string_agg(rtrim(v.line), E'\n' ORDER BY v.received_on, v.id) FROM given v WHERE v.is_letter),
        (SELECT CASE WHEN p_is_spanish
                     THEN 'Con nuestro agradecimiento, y sin ser contribuciones deducibles (servicios, tiempo del '
                          || 'personal, uso de espacios):'
                     ELSE 'With our thanks, and no deductible contributions (services, staff time, use of space):' END
                || E'\n' || string_agg(rtrim(v.line), E'\n' ORDER BY v.received_on, v.id)
         FROM given v WHERE NOT v.is_letter),
        CASE WHEN p_is_spanish THEN 'Por favor, guarde esta carta con sus documentos de impuestos.'
             ELSE 'Please keep this letter with your tax records.' END,
        nullif(concat_ws(E'\n', nullif(d.signer, ''), d.name), '')), 60000);
END;

-- ---- Of one contribution -------------------------------------------------------------------------

-- A single contribution that needs one: $250 or more; or more than $75, partly for something in return.
CREATE OR REPLACE FUNCTION gift_needs_letter(g gift) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN g.kind IN ('cash', 'goods') AND (
    coalesce(gift_worth(g), 25000) >= 25000
    OR coalesce(gift_worth(g), 7501) > 7500 AND coalesce(g.return_description, '') ~ '\S');

CREATE OR REPLACE FUNCTION gift_tax_document(g gift) RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT d.id FROM tax_document d
        WHERE d.district_id = g.district_id AND d.gift_id = g.id AND d.status IN ('issued', 'sent')
          AND d.archived_at IS NULL);

CREATE OR REPLACE FUNCTION gift_tax_letter(g gift) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN gift_tax_document(g) IS NOT NULL THEN 'issued'
            WHEN g.status = 'received' AND gift_needs_letter(g) THEN 'due' ELSE 'none' END;

-- Both as a row, which is a part of the statement that asks.
CREATE OR REPLACE FUNCTION gift_letters(g gift) RETURNS TABLE (document_id uuid, letter text)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT d.id, CASE WHEN d.id IS NOT NULL THEN 'issued'
                      WHEN g.status = 'received' AND gift_needs_letter(g) THEN 'due' ELSE 'none' END
    FROM (SELECT 1) AS one
    LEFT JOIN tax_document d ON d.district_id = g.district_id AND d.gift_id = g.id
        AND d.status IN ('issued', 'sent') AND d.archived_at IS NULL;
END;

CREATE OR REPLACE FUNCTION gift_letter_missing(g gift) RETURNS text[]
LANGUAGE sql STABLE
RETURN array_remove(ARRAY[
    CASE WHEN g.kind NOT IN ('cash', 'goods') THEN 'tax_kind'
         WHEN NOT gift_needs_letter(g) THEN 'tax_amount' END,
    CASE WHEN coalesce(g.return_description, '') ~ '\S' AND g.return_cents IS NULL THEN 'return_value' END,
    CASE WHEN (SELECT d.ein IS NULL FROM donee d WHERE d.district_id = g.district_id AND d.id = g.donee_id)
         THEN 'donee_ein' END,
    CASE WHEN gift_tax_document(g) IS NOT NULL THEN 'letter' END], NULL);

-- The next number of the donee's letters; whoever comes second waits for the first.
CREATE OR REPLACE FUNCTION tax_number(p_donee uuid) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    this_year text := date_part('year', district_today())::text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('tax_document ' || p_donee, 0));
    RETURN this_year || '-' || lpad((1 + coalesce((
        SELECT max(split_part(d.number, '-', 2)::bigint) FROM tax_document d
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.donee_id = p_donee
          AND split_part(d.number, '-', 1) = this_year), 0))::text, 4, '0');
END
$$;

-- Who the donor is, who gets the letter, and in which language it is.
CREATE OR REPLACE FUNCTION tax_donor(
    p_partner uuid, INOUT contact uuid, p_partnership uuid, OUT donor text, OUT locale text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    contact := coalesce(contact, thanked_contact(p_partner, p_partnership));
    SELECT coalesce((SELECT p.name FROM partner p WHERE p.district_id = district AND p.id = p_partner), c.name),
           coalesce(c.locale, d.locale)
    INTO donor, locale
    FROM district d LEFT JOIN contact c ON c.district_id = d.id AND c.id = contact
    WHERE d.id = district;
END
$$;

CREATE OR REPLACE FUNCTION acknowledgment_make(p_gift uuid, p_replaces uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    g gift;
    d donee;
    who record;
BEGIN
    SELECT t.* INTO g FROM gift t WHERE t.id = p_gift;
    SELECT t.* INTO d FROM donee t WHERE t.id = g.donee_id;
    SELECT * INTO who FROM tax_donor(g.partner_id, g.contact_id, g.partnership_id);
    INSERT INTO tax_document (district_id, id, kind, donee_id, partner_id, contact_id, gift_id, year, number, status,
                              locale, donor, text, total_cents, issued_on, issued_by, replaces_id)
    VALUES (g.district_id, uuid7(), 'acknowledgment', d.id, g.partner_id, who.contact, g.id,
            date_part('year', g.received_on), tax_number(d.id), 'issued', who.locale, who.donor,
            acknowledgment_text(g, d, who.donor, who.locale LIKE 'es%'), coalesce(g.amount_cents, 0),
            district_today(), current_setting('kith.user')::uuid, p_replaces);
END
$$;

CREATE OR REPLACE FUNCTION gift_acknowledge(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    g gift;
BEGIN
    PERFORM action_begin('gift', p_id, p_version, 'acknowledge');
    SELECT t.* INTO g FROM gift t WHERE t.id = p_id;
    PERFORM refuse_missing('gift', g.status, gift_letter_missing(g));
    PERFORM acknowledgment_make(p_id, NULL);
END
$$;

-- ---- Of a calendar year --------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION summary_make(d donee, p_partner uuid, p_contact uuid, p_year bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    who record;
    body text;
    total bigint;
BEGIN
    SELECT * INTO who FROM tax_donor(p_partner, p_contact, NULL);
    body := summary_text(d, p_partner, p_contact, p_year, who.donor, who.locale LIKE 'es%');
    SELECT coalesce(sum(g.amount_cents), 0) INTO total FROM gift g
    WHERE g.district_id = d.district_id AND g.donee_id = d.id AND g.status = 'received'
      AND g.archived_at IS NULL AND g.partner_id IS NOT DISTINCT FROM p_partner
      AND (p_partner IS NOT NULL OR g.contact_id = p_contact) AND date_part('year', g.received_on) = p_year;
    UPDATE tax_document t SET text = body, donor = who.donor, locale = who.locale, total_cents = total,
        contact_id = who.contact
    WHERE t.district_id = d.district_id AND t.kind = 'summary' AND t.donee_id = d.id AND t.year = p_year
      AND coalesce(t.partner_id, t.contact_id) = coalesce(p_partner, p_contact) AND t.status = 'draft'
      AND t.archived_at IS NULL
      AND (t.text, t.donor, t.locale, t.total_cents, t.contact_id)
          IS DISTINCT FROM (body, who.donor, who.locale, total, who.contact);
    INSERT INTO tax_document (district_id, id, kind, donee_id, partner_id, contact_id, year, locale, donor, text,
                              total_cents)
    VALUES (d.district_id, uuid7(), 'summary', d.id, p_partner, who.contact, p_year, who.locale, who.donor, body, total)
    ON CONFLICT (district_id, donee_id, coalesce(partner_id, contact_id), year)
        WHERE kind = 'summary' AND status <> 'replaced' AND archived_at IS NULL DO NOTHING;
END
$$;

DROP FUNCTION IF EXISTS summaries_make(uuid, bigint);
-- One for each donor, once: what is a draft still is written anew, unless new ones alone are asked for; what was
-- issued or discarded stays.
CREATE OR REPLACE FUNCTION summaries_make(p_donee uuid, p_year bigint, p_is_new_alone boolean) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    g record;
    d donee;
    done integer := 0;
BEGIN
    SELECT t.* INTO d FROM donee t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_donee;
    FOR g IN
        SELECT DISTINCT t.partner_id, CASE WHEN t.partner_id IS NULL THEN t.contact_id END AS contact_id
        FROM gift t
        WHERE t.district_id = d.district_id AND t.donee_id = d.id AND t.status = 'received'
          AND t.archived_at IS NULL AND t.received_on >= make_date(p_year::integer, 1, 1)
          AND t.received_on <= make_date(p_year::integer, 12, 31)
          AND NOT (p_is_new_alone AND EXISTS (
              SELECT FROM tax_document s
              WHERE s.district_id = t.district_id AND s.kind = 'summary' AND s.donee_id = t.donee_id
                AND s.year = p_year AND coalesce(s.partner_id, s.contact_id) = coalesce(t.partner_id, t.contact_id)
                AND s.archived_at IS NULL))
        ORDER BY 1, 2
    LOOP
        PERFORM summary_make(d, g.partner_id, g.contact_id, p_year);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

CREATE OR REPLACE FUNCTION donee_summarize(p_id uuid, p_version bigint, p_year bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('donee', p_id, p_version);
    IF p_year >= date_part('year', district_today()) THEN
        PERFORM refuse_field('year', '"year" must be over.');
    END IF;
    PERFORM summaries_make(p_id, p_year, false);
END
$$;

-- In January, of the year before, of each donee: how many were drafted.
CREATE OR REPLACE FUNCTION giving_summaries_make(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    made integer;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF date_part('month', district_today()) <> 1 THEN
        RETURN 0;
    END IF;
    SELECT sum(summaries_make(d.id, date_part('year', district_today())::bigint - 1, true)) INTO made
    FROM donee d WHERE d.district_id = p_district AND d.archived_at IS NULL;
    RETURN coalesce(made, 0);
END
$$;

REVOKE EXECUTE ON FUNCTION money_text, date_text, ein_text, gift_return_text, gift_given_text, donee_head,
    acknowledgment_text, summary_text, gift_needs_letter, gift_tax_document, gift_tax_letter, gift_letters,
    gift_letter_missing, tax_number, tax_donor, acknowledgment_make, gift_acknowledge, summary_make, summaries_make,
    donee_summarize, giving_summaries_make FROM PUBLIC;
GRANT EXECUTE ON FUNCTION money_text, date_text, ein_text, gift_return_text, gift_given_text, donee_head,
    acknowledgment_text, summary_text, gift_needs_letter, gift_tax_document, gift_tax_letter, gift_letters,
    gift_letter_missing, tax_number, tax_donor, acknowledgment_make, gift_acknowledge, summary_make, summaries_make,
    donee_summarize TO kith_api;
GRANT EXECUTE ON FUNCTION giving_summaries_make TO kith_checkin;

RESET ROLE;
