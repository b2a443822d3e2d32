-- What an agreement's link lets its person do, and the mail that asks for it.

SET ROLE kith_owner;

-- The partner's contact acknowledges the text that it was shown: another one since is 'changed'.
CREATE OR REPLACE FUNCTION task_agreement_acknowledge(p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    a agreement := agreement_locked(t.subject_id, NULL);
BEGIN
    IF (t.side = 'partner' AND a.partner_at IS NOT NULL)
       OR (t.side = 'district' AND a.district_at IS NOT NULL) THEN
        RETURN '[]';
    ELSIF a.status NOT IN ('out_for_signature', 'in_force') THEN
        PERFORM refuse_state('It is not out for signature.', jsonb_build_object('status', a.status));
    ELSIF p_form ->> 'seal' IS DISTINCT FROM agreement_seal(a) THEN
        RETURN form_error('', 'changed');
    ELSIF coalesce(p_form ->> 'read', '') <> 'yes' THEN
        RETURN form_error('read', 'required');
    END IF;
    PERFORM refuse_missing('agreement', a.status, agreement_missing(a.id, 'acknowledge'));
    PERFORM agreement_acknowledge_as(a.id, t.side, t.user_id, t.contact_id);
    RETURN '[]';
END
$$;

-- What is acknowledged, in short.
CREATE OR REPLACE FUNCTION agreement_seal(a agreement) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN md5(jsonb_build_array(a.kind, a.title, a.text, a.document_url, a.attachment_id, a.effective_on, a.expires_on, a.data_flows,
                             a.data_basis, a.data_purpose, a.data_destroy_by)::text);

-- Out for signature, it is laid before the leads of its partnerships on the partner's side; once they
-- have answered, or it is out no more, what was not sent need not go. A migration has no context.
CREATE OR REPLACE FUNCTION agreement_ask() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    business_now timestamptz := business_now();
BEGIN
    IF coalesce(current_setting('kith.district', true), '') = '' THEN
        RETURN NULL;
    END IF;
    IF NEW.status <> 'out_for_signature' OR NEW.partner_at IS NOT NULL OR NEW.archived_at IS NOT NULL THEN
        PERFORM message_withdraw(NEW.district_id, NEW.id, NULL,
            CASE WHEN NEW.partner_at IS NULL THEN 'cancelled' ELSE 'already_done' END);
        RETURN NULL;
    ELSIF OLD.status = 'out_for_signature' THEN
        RETURN NULL;
    END IF;
    FOR asked IN
        SELECT DISTINCT ON (l.contact_id) l.contact_id, p.id, p.name
        FROM agreement_partnership a
        JOIN partnership p ON p.district_id = a.district_id AND p.id = a.partnership_id
            AND p.archived_at IS NULL
        CROSS JOIN LATERAL partnership_leads(p.id) l
        WHERE a.district_id = NEW.district_id AND a.agreement_id = NEW.id AND a.archived_at IS NULL
          AND l.side = 'partner'
        ORDER BY l.contact_id, p.name, p.id
    LOOP
        PERFORM message_queue(
            'duty', 'agreements', 'agreement_acknowledgment', NEW.id, asked.contact_id, NULL,
            'version ' || NEW.version,
            jsonb_build_object('agreement', NEW.title, 'partnership', asked.name),
            business_now, business_now + interval '30 days', asked.id);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_ask AFTER UPDATE OF status, partner_at, archived_at ON agreement
    FOR EACH ROW WHEN (OLD.status = 'out_for_signature' OR NEW.status = 'out_for_signature')
    EXECUTE FUNCTION agreement_ask();

REVOKE EXECUTE ON FUNCTION task_agreement_acknowledge, agreement_seal, agreement_ask FROM PUBLIC;
GRANT EXECUTE ON FUNCTION task_agreement_acknowledge, agreement_seal TO kith_api;

RESET ROLE;
