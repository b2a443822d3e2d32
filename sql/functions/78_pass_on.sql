-- Passed on: whoever is asked for its partner's half of a check-in names a colleague, who gets a link of its own and is
-- reminded in its place. The page of the old link says so, and nothing more. A colleague is somebody who has a place at the
-- partner for whom somebody has vouched; of anybody else a person of the district is told, and writes.

SET ROLE kith_owner;

DROP FUNCTION IF EXISTS colleague_known(uuid, uuid, text);

-- Who has a place at the partner today for whom somebody has vouched.
CREATE OR REPLACE FUNCTION colleagues_at(p_partner uuid) RETURNS TABLE (id uuid, email text, created_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT c.id, c.email, c.created_at
    FROM affiliation a
    JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id AND c.status = 'active' AND c.archived_at IS NULL
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.partner_id = p_partner AND a.archived_at IS NULL
      AND a.may_sign_in AND coalesce(a.until_date, 'infinity') >= district_today();
END;

-- The colleague of that address; NULL: nobody knows one.
CREATE OR REPLACE FUNCTION colleague_at(p_partner uuid, p_contact uuid, p_email text) RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT c.id FROM colleagues_at(p_partner) c
        WHERE c.id <> p_contact AND c.email = p_email ORDER BY c.created_at, c.id LIMIT 1);

-- Whether it is no task of this contact any more.
CREATE OR REPLACE FUNCTION check_in_is_passed_on(p_check_in uuid, p_contact uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM check_in_delegate g
    WHERE g.district_id = current_setting('kith.district')::uuid AND g.check_in_id = p_check_in
      AND g.from_contact_id = p_contact AND g.to_contact_id <> p_contact AND g.archived_at IS NULL);

-- The same of the task of the context.
CREATE OR REPLACE FUNCTION task_is_passed_on() RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record := task();
BEGIN
    RETURN t.contact_id IS NOT NULL AND CASE t.purpose
        WHEN 'survey' THEN false
        WHEN 'check_in' THEN check_in_is_passed_on(t.subject_id, t.contact_id)
        ELSE mail_is_passed_on(task_mail()) END;
END
$$;

-- The mail for the colleague, at once, or on the next day of mail.
CREATE OR REPLACE FUNCTION check_in_pass_on(p_check_in uuid, p_from uuid, p_to uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    c check_in;
    o record;
    today date;
    last date;
    day date;
BEGIN
    SELECT i.* INTO STRICT c FROM check_in i WHERE i.district_id = current_setting('kith.district')::uuid AND i.id = p_check_in;
    SELECT p.lead_site_id AS site, zone_of_site(p.lead_site_id) AS zone, d.mail_hour INTO STRICT o
    FROM partnership p JOIN district d ON d.id = p.district_id WHERE p.district_id = c.district_id AND p.id = c.partnership_id;
    today := (business_now AT TIME ZONE o.zone)::date;
    last := snooze_last(c, today);
    day := coalesce(first_mail_day(today, last, o.site), today);
    -- Who has had it from another passes that on; what comes back to whom it was first asked of is passed on no more.
    UPDATE check_in_delegate g SET to_contact_id = p_to, delegated_at = business_now
    WHERE g.district_id = c.district_id AND g.check_in_id = c.id AND g.to_contact_id = p_from AND g.archived_at IS NULL;
    INSERT INTO check_in_delegate (district_id, id, check_in_id, from_contact_id, to_contact_id, delegated_at)
    SELECT c.district_id, uuid7(), c.id, p_from, p_to, business_now;
    UPDATE check_in_delegate g SET archived_at = business_now
    WHERE g.district_id = c.district_id AND g.check_in_id = c.id AND g.from_contact_id = p_to AND g.archived_at IS NULL;
    UPDATE message m SET status = 'suppressed', reason = 'passed_on'
    WHERE m.district_id = c.district_id AND m.subject_id = c.id AND m.contact_id = p_from AND m.kind = 'check_in_reminder'
      AND m.status IN ('queued', 'retry') AND m.claimed_until IS NULL;
    PERFORM message_queue(
        'duty', 'check_ins', 'check_in_reminder', c.id, p_to, NULL, format('%s passed on %s', c.due_on, rfc3339(business_now)),
        check_in_variables(c.id) || jsonb_build_object(
            'offset_days', today - c.due_on, 'side', 'partner', 'is_overdue', today > c.due_on, 'passed_on_by', p_from),
        greatest(business_now, local_instant(day, o.mail_hour::integer, o.zone)), local_instant(last + 1, 0, o.zone),
        c.partnership_id);
END
$$;

-- By the form of the page: true where it is done; else somebody of the district has to.
CREATE OR REPLACE FUNCTION task_pass_on(p_form jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    t record := task();
    c check_in;
    colleague uuid;
BEGIN
    IF t.purpose <> 'check_in' THEN
        RETURN task_mail_pass_on(p_form);
    ELSIF t.contact_id IS NULL OR form_text(p_form, 'tell_email') IS NULL THEN
        RETURN false;
    END IF;
    c := check_in_take(t.subject_id, NULL, 'snooze');
    colleague := colleague_at((SELECT p.partner_id FROM partnership p
                               WHERE p.district_id = c.district_id AND p.id = c.partnership_id),
                              t.contact_id, form_text(p_form, 'tell_email'));
    IF colleague IS NULL OR EXISTS (
        SELECT FROM check_in_half h WHERE h.district_id = c.district_id AND h.check_in_id = c.id AND h.side = t.side
            AND h.status = 'submitted') THEN
        RETURN false;
    END IF;
    PERFORM check_in_pass_on(c.id, t.contact_id, colleague);
    RETURN true;
END
$$;

REVOKE EXECUTE ON FUNCTION colleagues_at, colleague_at, check_in_is_passed_on, task_is_passed_on, check_in_pass_on, task_pass_on FROM PUBLIC;
GRANT EXECUTE ON FUNCTION colleagues_at, colleague_at, check_in_is_passed_on, task_is_passed_on, check_in_pass_on, task_pass_on TO kith_api;
GRANT EXECUTE ON FUNCTION check_in_is_passed_on TO kith_mailer;

RESET ROLE;
