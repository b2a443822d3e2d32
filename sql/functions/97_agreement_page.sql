-- How a partner signs by a mail's link, and the copies that both sides get of what was signed (95_task.sql).

SET ROLE kith_owner;

-- The contact signs the text or the file that it was shown by typing its name: another text since is 'changed'. A form that
-- comes twice, or after somebody else has signed, signs nothing.
CREATE OR REPLACE FUNCTION task_agreement_sign(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    a agreement := agreement_locked(t.subject_id, NULL);
BEGIN
    IF a.partner_signed_on IS NOT NULL THEN
        RETURN '[]';
    ELSIF NOT agreement_may_sign(a, t.contact_id) THEN
        PERFORM refuse_state('It is not to be signed by you.', jsonb_build_object('status', a.status));
    ELSIF p_form ->> 'seal' IS DISTINCT FROM agreement_seal(a) THEN
        RETURN form_error('', 'changed');
    ELSIF coalesce(p_form ->> 'consent', '') <> 'yes' THEN
        RETURN form_error('consent', 'required');
    ELSIF coalesce(p_form ->> 'authority', '') <> 'yes' THEN
        RETURN form_error('authority', 'required');
    END IF;
    PERFORM agreement_acknowledge_as(a.id, 'partner', NULL, t.contact_id);
    PERFORM agreement_sign_as(a.id, NULL, 'partner', form_text(p_form, 'signer'), district_today(), a.attachment_id,
        'I agree to sign electronically, and I may sign for the partner.', NULL);
    RETURN '[]';
END
$$;

-- Whether a contact may sign it here: out for signature, a text or a file that is here, and the contact leads one
-- of its partnerships today.
CREATE OR REPLACE FUNCTION agreement_may_sign(a agreement, p_contact uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN a.status = 'out_for_signature' AND a.partner_signed_on IS NULL AND a.archived_at IS NULL
    AND (a.attachment_id IS NOT NULL OR coalesce(a.text ~ '\S', false)) AND agreement_missing(a.id, 'sign') = '{}'
    AND EXISTS (
        SELECT FROM agreement_partnership l
        CROSS JOIN LATERAL partnership_leads(l.partnership_id) w
        WHERE l.district_id = a.district_id AND l.agreement_id = a.id AND l.archived_at IS NULL
          AND w.contact_id = p_contact);

-- What was signed here goes to those who lead its partnerships on both sides, and to whoever signed. A migration
-- has no context.
CREATE OR REPLACE FUNCTION agreement_signature_copy() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    told record;
    business_now timestamptz := business_now();
BEGIN
    IF coalesce(current_setting('kith.district', true), '') = '' THEN
        RETURN NULL;
    END IF;
    FOR told IN
        SELECT DISTINCT ON (w.contact_id, w.user_id) w.contact_id, w.user_id, w.partnership_id
        FROM (SELECT l.contact_id, l.user_id, k.partnership_id
              FROM agreement_partnership k
              CROSS JOIN LATERAL partnership_leads(k.partnership_id) l
              WHERE k.district_id = NEW.district_id AND k.agreement_id = NEW.agreement_id
                AND k.archived_at IS NULL
              UNION ALL
              SELECT NEW.contact_id, NEW.user_id, NULL
              WHERE coalesce(NEW.contact_id, NEW.user_id) IS NOT NULL) AS w
        ORDER BY w.contact_id, w.user_id, w.partnership_id
    LOOP
        PERFORM message_queue('duty', 'agreements', 'agreement_copy', NEW.id, told.contact_id, told.user_id,
                              'signed', '{}', business_now, business_now + interval '30 days',
                              told.partnership_id);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_signature_copy AFTER INSERT ON agreement_signature
    FOR EACH ROW WHEN (NEW.method = 'typed') EXECUTE FUNCTION agreement_signature_copy();

REVOKE EXECUTE ON FUNCTION task_agreement_sign, agreement_may_sign, agreement_signature_copy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_agreement_sign, agreement_may_sign TO kith_api;

RESET ROLE;
