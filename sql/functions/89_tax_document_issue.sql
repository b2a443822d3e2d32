-- The life of a tax document: issued, sent, returned, issued again, discarded.

SET ROLE kith_owner;

-- ---- What becomes of a letter --------------------------------------------------------------------

-- Without the donee's number no letter is one.
CREATE OR REPLACE FUNCTION tax_document_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN p_action IN ('issue', 'reissue') AND d.ein IS NULL THEN '{donee_ein}' ELSE '{}' END::text[]
        FROM tax_document t JOIN donee d ON d.district_id = t.district_id AND d.id = t.donee_id
        WHERE t.id = p_id);

CREATE OR REPLACE FUNCTION tax_document_issue(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('tax_document', p_id, p_version, 'issue');
BEGIN
    PERFORM refuse_missing('tax_document', 'draft', tax_document_missing(p_id, 'issue'));
    -- What is known of the donee now stands in it.
    PERFORM summary_make(d, t.partner_id, CASE WHEN t.partner_id IS NULL THEN t.contact_id END, t.year)
    FROM tax_document t JOIN donee d ON d.district_id = t.district_id AND d.id = t.donee_id
    WHERE t.id = p_id AND t.kind = 'summary';
    UPDATE tax_document t SET status = next_status, number = tax_number(t.donee_id), issued_on = district_today(),
        issued_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION tax_document_send(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('tax_document', p_id, p_version, 'send');
    t tax_document;
    why text;
    decided uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    goes_at timestamptz := next_business_hour();
BEGIN
    SELECT o.* INTO t FROM tax_document o WHERE o.id = p_id;
    IF t.contact_id IS NULL THEN
        PERFORM refuse_missing('tax_document', t.status, '{contact}');
    END IF;
    decided := message_queue('duty', 'confirmations', 'tax_document', p_id, t.contact_id, NULL,
                             'version ' || t.version, '{}', goes_at, goes_at + interval '30 days');
    SELECT m.reason INTO why FROM message m
    WHERE m.district_id = t.district_id AND m.id = decided AND m.status = 'suppressed';
    IF why IS NOT NULL THEN
        PERFORM refuse_state('No mail goes to this contact now: download the letter, and send it by post.',
                             jsonb_build_object('status', t.status, 'reason', why));
    END IF;
    UPDATE tax_document o SET status = next_status, sent_at = business_now, message_id = decided WHERE o.id = p_id;
END
$$;

-- A mail that did not go after all: the letter is still to be sent.
CREATE OR REPLACE FUNCTION tax_document_returned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF nullif(current_setting('kith.district', true), '') IS NOT NULL THEN
        UPDATE tax_document t SET status = 'issued', sent_at = NULL
        WHERE t.district_id = NEW.district_id AND t.id = NEW.subject_id AND t.message_id = NEW.id
          AND t.status = 'sent';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER tax_document_returned AFTER UPDATE OF status ON message
    FOR EACH ROW WHEN (NEW.kind = 'tax_document' AND NEW.status IN ('suppressed', 'failed')
        AND OLD.status <> NEW.status)
    EXECUTE FUNCTION tax_document_returned();

-- Another letter takes its place, with a number of its own and what is known now.
CREATE OR REPLACE FUNCTION tax_document_reissue(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('tax_document', p_id, p_version, 'reissue');
    t tax_document;
    g gift;
    made uuid;
BEGIN
    UPDATE tax_document o SET status = next_status, reason = p_reason WHERE o.id = p_id RETURNING o.* INTO t;
    IF t.kind = 'acknowledgment' THEN
        SELECT o.* INTO g FROM gift o WHERE o.id = t.gift_id;
        IF g.status <> 'received' OR g.archived_at IS NOT NULL THEN
            PERFORM refuse_state('The gift is not there any more.', jsonb_build_object('status', g.status));
        END IF;
        PERFORM refuse_missing('gift', g.status, gift_letter_missing(g));
        PERFORM acknowledgment_make(t.gift_id, p_id);
    ELSE
        PERFORM summary_make(d, t.partner_id, CASE WHEN t.partner_id IS NULL THEN t.contact_id END, t.year)
        FROM donee d WHERE d.id = t.donee_id;
        UPDATE tax_document o SET replaces_id = p_id
        WHERE o.kind = 'summary' AND o.donee_id = t.donee_id AND o.year = t.year AND o.status = 'draft'
          AND coalesce(o.partner_id, o.contact_id) = coalesce(t.partner_id, t.contact_id)
          AND o.archived_at IS NULL
        RETURNING o.id INTO made;
        PERFORM tax_document_issue(made, NULL);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION tax_document_discard(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('tax_document', p_id, p_version, 'discard');
BEGIN
    UPDATE tax_document t SET status = next_status, reason = p_reason WHERE t.id = p_id;
END
$$;

-- What was issued is what the donor has in hand.
CREATE OR REPLACE FUNCTION tax_document_fixed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('What was issued does not change: issue it anew.',
                         jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER tax_document_fixed BEFORE UPDATE ON tax_document
    FOR EACH ROW WHEN (OLD.status <> 'draft'
        AND (NEW.kind, NEW.donee_id, NEW.gift_id, NEW.year, NEW.number, NEW.locale, NEW.donor, NEW.text,
             NEW.total_cents, NEW.issued_on)
            IS DISTINCT FROM (OLD.kind, OLD.donee_id, OLD.gift_id, OLD.year, OLD.number, OLD.locale, OLD.donor,
                              OLD.text, OLD.total_cents, OLD.issued_on))
    EXECUTE FUNCTION tax_document_fixed();

REVOKE EXECUTE ON FUNCTION tax_document_missing, tax_document_issue, tax_document_send, tax_document_returned,
    tax_document_reissue, tax_document_discard, tax_document_fixed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tax_document_missing, tax_document_issue, tax_document_send, tax_document_reissue,
    tax_document_discard TO kith_api;

RESET ROLE;
