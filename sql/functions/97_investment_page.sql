-- What both sides put in, laid before the partner's leads by a mail's link: each entry is confirmed or disputed
-- without an account (95_task.sql, 96_page.sql).

SET ROLE kith_owner;

-- One mail to each lead on the partner's side, once a day.
CREATE OR REPLACE FUNCTION partnership_ask_investments(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p partnership;
    many bigint;
    asked uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM lock_row('partnership', p_id, p_version);
    SELECT t.* INTO p FROM partnership t WHERE t.id = p_id;
    SELECT count(*) INTO many FROM investments_unanswered(p_id);
    IF many = 0 THEN
        PERFORM refuse_state('Nothing waits for the partner''s word.', jsonb_build_object('status', p.status));
    ELSIF NOT EXISTS (SELECT FROM partnership_leads(p_id) l WHERE l.contact_id IS NOT NULL) THEN
        PERFORM refuse_state('Nobody leads it on the partner''s side.',
                             jsonb_build_object('status', p.status, 'missing', '["lead_partner"]'::jsonb));
    END IF;
    FOR asked IN
        SELECT DISTINCT l.contact_id FROM partnership_leads(p_id) l WHERE l.contact_id IS NOT NULL
        ORDER BY l.contact_id
    LOOP
        PERFORM message_queue(
            'duty', 'confirmations', 'investment_confirmation', p_id, asked, NULL,
            format('asked %s', district_today()), jsonb_build_object('partnership', p.name, 'count', many),
            business_now, business_now + interval '30 days', p_id);
    END LOOP;
END
$$;

-- Names an entry as it was shown.
CREATE OR REPLACE FUNCTION investment_seal(i investment) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN md5(jsonb_build_array(i.side, i.partner_id, i.kind, i.status, i.amount_cents, i.hours, i.rate_cents, i.from_date, i.until_date,
                             i.purpose)::text);

-- The contact's word on the entry of the form; one that comes twice says the same.
CREATE OR REPLACE FUNCTION task_investment_judge(p_answer text, p_form jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    item uuid := p_form ->> 'item';
    why text := CASE p_answer WHEN 'disputed' THEN form_text(p_form, 'reason.' || item) END;
    i investment;
BEGIN
    IF NOT EXISTS (SELECT FROM partnership_leads(t.subject_id) l WHERE l.contact_id = t.contact_id) THEN
        PERFORM refuse_state('You do not lead it any more.', '{}');
    END IF;
    PERFORM lock_row('investment', item, NULL);
    SELECT v.* INTO i FROM investment v WHERE v.id = item AND v.partnership_id = t.subject_id;
    IF i.id IS NULL THEN
        RAISE EXCEPTION 'no entry of this partnership' USING ERRCODE = 'KI404';
    ELSIF i.status = 'cancelled' THEN
        PERFORM refuse_state('It was cancelled.', jsonb_build_object('status', i.status));
    ELSIF (i.confirmed_contact_id, i.confirmed) = (t.contact_id, p_answer)
          AND i.dispute_reason IS NOT DISTINCT FROM why THEN
        RETURN '[]';
    ELSIF p_form ->> 'seal' IS DISTINCT FROM investment_seal(i) THEN
        RETURN form_error('', 'changed');
    ELSIF p_answer = 'disputed' AND why IS NULL THEN
        RETURN form_error('reason.' || item, 'required');
    END IF;
    UPDATE investment v SET confirmed = p_answer, dispute_reason = why, confirmed_by = NULL,
        confirmed_at = current_setting('kith.now')::timestamptz, confirmed_contact_id = t.contact_id
    WHERE v.id = item;
    RETURN '[]';
END
$$;

-- A hundred at most, the latest first: those that wait, then those that were answered.
CREATE OR REPLACE FUNCTION page_investments(p_view jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
    p partnership := page_partnership();
    zone text := page_zone();
    may boolean;
    listed jsonb;
BEGIN
    may := p.archived_at IS NULL
        AND EXISTS (SELECT FROM partnership_leads(p.id) l WHERE l.contact_id = t.contact_id);
    SELECT jsonb_agg(jsonb_build_object(
        'id', i.id, 'kind', i.kind, 'side', i.side, 'is_pledged', i.status = 'pledged',
        'amount', '$' || to_char(i.amount_cents / 100.0, 'FM999,999,999,990.00'), 'hours', page_number(i.hours),
        'purpose', i.purpose, 'of', (
            SELECT r.name FROM partner r WHERE r.district_id = p.district_id AND r.id = i.partner_id), 'from', page_date(i.from_date), 'until', page_date(i.until_date),
        'seal', investment_seal(i), 'answer', i.confirmed,
        'answered', CASE WHEN i.confirmed IS NOT NULL THEN page_time(i.confirmed_at, zone) END,
        'answered_by', page_person(i.confirmed_contact_id, i.confirmed_by), 'stood', i.dispute_reason,
        'may', may, 'can_confirm', may AND NOT coalesce(i.confirmed = 'confirmed' AND i.confirmed_contact_id IS NOT NULL, false),
        'reason', p_view -> 'form' ->> ('reason.' || i.id), 'error', page_error(p_view, 'reason.' || i.id))
        ORDER BY i.confirmed_contact_id IS NOT NULL, i.from_date DESC, i.id)
    INTO listed
    FROM (SELECT * FROM investment v
          WHERE v.district_id = p.district_id AND v.partnership_id = p.id AND v.status <> 'cancelled'
            AND v.archived_at IS NULL
          ORDER BY v.confirmed_contact_id IS NOT NULL, v.from_date DESC, v.id LIMIT 100) AS i;
    RETURN jsonb_build_object(
        'district', page_district(), 'person', page_person(t.contact_id, t.user_id),
        'partnership', p.name, 'partner', (
            SELECT r.name FROM partner r WHERE r.district_id = p.district_id AND r.id = p.partner_id),
        'entries', listed, 'has_entries', listed IS NOT NULL, 'is_over', NOT may,
        'has_changed', page_error(p_view, '') = 'changed',
        'has_errors', coalesce(jsonb_path_exists(p_view -> 'errors', '$[*] ? (@.name != "")'), false),
        'errors', (SELECT jsonb_agg(e.value || jsonb_build_object('label', split_part(e.value ->> 'name', '.', 1)))
                   FROM jsonb_array_elements(p_view -> 'errors') e WHERE e.value ->> 'name' <> ''));
END
$$;

REVOKE EXECUTE ON FUNCTION partnership_ask_investments, investment_seal,
    task_investment_judge, page_investments FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_ask_investments, investment_seal,
    task_investment_judge, page_investments TO kith_api;

RESET ROLE;
