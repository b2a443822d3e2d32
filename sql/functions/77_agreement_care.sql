-- What is cared for about agreements: their review steps, their checklist, signatures, and what time does to
-- those that expire or lapse.

SET ROLE kith_owner;

-- ---- Review steps --------------------------------------------------------------------------------

-- Whoever is named in a step may decide: a reviewer, or an executive. Who takes over from somebody who leaves need not
-- be one; then those who run the program decide, or name another one.
CREATE OR REPLACE FUNCTION agreement_step_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.user', true), '') <> ''
       AND EXISTS (SELECT FROM app_user u WHERE u.district_id = NEW.district_id AND u.id = NEW.user_id)
       AND NOT user_has_role(NEW.user_id, '{admin,director,executive,reviewer}', district_today())
       AND NOT (TG_OP = 'UPDATE' AND EXISTS (
           SELECT FROM departure d
           WHERE d.district_id = OLD.district_id AND d.user_id = OLD.user_id AND d.archived_at IS NULL))
    THEN
        PERFORM refuse_field('user_id', '"user_id" is neither a reviewer nor an executive.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER agreement_step_check BEFORE INSERT OR UPDATE OF user_id ON agreement_step
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION agreement_step_check();

-- The step's own reviewer decides, or who runs the program; where nobody is named, any reviewer, and an executive in
-- the superintendent's.
CREATE OR REPLACE FUNCTION agreement_step_decide(p_id uuid, p_version bigint, p_action text, p_comment text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s agreement_step;
    found_status text;
BEGIN
    PERFORM lock_row('agreement_step', p_id, p_version);
    SELECT t.* INTO s FROM agreement_step t WHERE t.id = p_id;
    SELECT a.status INTO found_status FROM agreement a WHERE a.id = s.agreement_id;
    IF NOT kith_has_role('admin,director') AND NOT coalesce(
           s.user_id::text = current_setting('kith.user'),
           kith_has_role(CASE s.kind WHEN 'superintendent' THEN 'executive' ELSE 'reviewer' END)) THEN
        PERFORM refuse_state('Somebody else decides in this step.',
                             jsonb_build_object('status', s.status, 'user_id', s.user_id));
    ELSIF found_status NOT IN ('review', 'board_approval') THEN
        PERFORM refuse_state('The agreement is not in review.',
                             jsonb_build_object('status', s.status, 'agreement_status', found_status));
    END IF;
    UPDATE agreement_step t SET status = transition('agreement_step', p_action, t.status),
        comment = p_comment, decided_at = current_setting('kith.now')::timestamptz,
        decided_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION agreement_step_approve(p_id uuid, p_version bigint, p_comment text) RETURNS void
LANGUAGE sql RETURN agreement_step_decide(p_id, p_version, 'approve', p_comment);
CREATE OR REPLACE FUNCTION agreement_step_return(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN agreement_step_decide(p_id, p_version, 'return', p_reason);
CREATE OR REPLACE FUNCTION agreement_step_reject(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN agreement_step_decide(p_id, p_version, 'reject', p_reason);

-- What is drafted again is reviewed again.
CREATE OR REPLACE FUNCTION agreement_revised() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE agreement_step s SET status = 'pending', comment = NULL, decided_at = NULL, decided_by = NULL
    WHERE s.agreement_id = NEW.id AND s.status <> 'pending';
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_revised AFTER UPDATE OF status ON agreement
    FOR EACH ROW WHEN (OLD.status = 'returned' AND NEW.status = 'draft')
    EXECUTE FUNCTION agreement_revised();

-- ---- The checklist -------------------------------------------------------------------------------

-- What an agreement between a school district and a partner usually settles. Not required is what many have
-- no use for.
CREATE OR REPLACE FUNCTION agreement_checklist_items()
RETURNS TABLE ("position" integer, code text, is_required boolean, name text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT (row_number() OVER ())::integer, t.* FROM (VALUES
        ('parties',          true,  'Parties, and who may act for each'),
        ('purpose',          true,  'Purpose and shared vision'),
        ('outcomes',         true,  'Desired outcomes, and how they are measured'),
        ('services',         true,  'Services: what, for whom, how often'),
        ('sites',            true,  'Sites and rooms'),
        ('schedule',         true,  'Dates and hours, school calendar'),
        ('district_duties',  true,  'What the district does'),
        ('partner_duties',   true,  'What the partner does'),
        ('leads',            true,  'Lead on each side, and who stands in'),
        ('communication',    true,  'How and how often both sides speak'),
        ('money',            true,  'Money: who pays what, and when'),
        ('in_kind',          false, 'In-kind contributions and their value'),
        ('staffing',         true,  'Staff and volunteers'),
        ('clearances',       true,  'Background checks and clearances'),
        ('supervision',      true,  'Supervision of students'),
        ('safety',           true,  'Safety, emergencies, incident reports'),
        ('reporting_abuse',  true,  'Mandated reporting of abuse and neglect'),
        ('insurance',        true,  'Insurance and indemnity'),
        ('transportation',   false, 'Transportation'),
        ('food',             false, 'Food and allergies'),
        ('health',           false, 'Health services and parental consent'),
        ('data',             true,  'Student data: what, on what basis, until when'),
        ('media',            false, 'Photographs, stories and names'),
        ('property',         false, 'Intellectual and other property'),
        ('equity',           true,  'Nondiscrimination, language access, accessibility'),
        ('families',         false, 'Part in family engagement'),
        ('evaluation',       true,  'Evaluation and yearly review'),
        ('disputes',         true,  'How disputes are settled'),
        ('term',             true,  'Term, renewal and notice'),
        ('termination',      true,  'Termination, and how students are handed over'))
        AS t (code, is_required, name);
END;

-- Adds what it lacks of the supplied items.
CREATE OR REPLACE FUNCTION agreement_checklist(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('agreement', p_id, p_version);
    INSERT INTO agreement_item (district_id, id, agreement_id, code, name, "position", is_required)
    SELECT current_setting('kith.district')::uuid, uuid7(), p_id, c.code, c.name, c."position", c.is_required
    FROM agreement_checklist_items() c
    WHERE NOT EXISTS (SELECT FROM agreement_item i
                      WHERE i.agreement_id = p_id AND i.code = c.code AND i.archived_at IS NULL)
    ORDER BY c."position";
END
$$;

-- ---- Signatures ----------------------------------------------------------------------------------

-- What signing it by one's name lacks, for whoever asks, by the district's limits for its kind; above all of them, the
-- board decides, and the superintendent signs. Where there are none, whoever may write it.
CREATE OR REPLACE FUNCTION agreement_signer_missing(p_id uuid) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    a agreement;
    signer text;
BEGIN
    SELECT t.* INTO a FROM agreement t WHERE t.id = p_id;
    IF NOT EXISTS (SELECT FROM signing_authority s
                   WHERE s.district_id = a.district_id AND s.subject = a.kind AND s.archived_at IS NULL) THEN
        RETURN '{}';
    ELSIF a.amount_cents IS NULL THEN
        RETURN '{amount}';
    END IF;
    signer := coalesce(signer_for(a.kind, a.amount_cents), 'board');
    IF signer = 'board' AND a.board_on <= district_today() AND a.board_item ~ '\S' THEN
        signer := 'superintendent';
    END IF;
    RETURN CASE WHEN signer_rank(signer) > signer_rank_held() THEN ARRAY[signer] ELSE '{}' END;
END
$$;

-- Whoever types the name signs, for the district, the text or the file as it stands.
CREATE OR REPLACE FUNCTION agreement_type_signature(
    p_id uuid, p_version bigint, p_signer text, p_consent boolean, p_authority boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT p_consent THEN
        PERFORM refuse_field('consent', '"consent" must be true: without it there is no signature.');
    ELSIF NOT p_authority THEN
        PERFORM refuse_field('authority', '"authority" must be true: only who may sign for the district signs.');
    END IF;
    PERFORM lock_row('agreement', p_id, p_version);
    PERFORM refuse_missing('agreement', (SELECT a.status FROM agreement a WHERE a.id = p_id),
                           agreement_signer_missing(p_id));
    PERFORM agreement_sign_as(p_id, p_version, 'district', p_signer, district_today(),
        (SELECT a.attachment_id FROM agreement a WHERE a.id = p_id),
        'I agree to sign electronically, and I may sign for the district.');
END
$$;

-- ---- What time does ------------------------------------------------------------------------------

-- Tells those who lead its partnerships, each once for an occurrence; the partner's side where p_both.
CREATE OR REPLACE FUNCTION agreement_tell(
    p_agreement uuid, p_partnership uuid, p_occurrence text, p_about jsonb, p_both boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told record;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    FOR told IN
        SELECT DISTINCT ON (l.user_id, l.contact_id) l.user_id, l.contact_id, p.id, p.name
        FROM partnership p
        CROSS JOIN LATERAL partnership_leads(p.id) l
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
          AND (p.id = p_partnership OR p_partnership IS NULL AND p.id IN (
              SELECT k.partnership_id FROM agreement_partnership k
              WHERE k.district_id = p.district_id AND k.agreement_id = p_agreement
                AND k.archived_at IS NULL))
          AND (p_both OR l.side = 'district')
        ORDER BY l.user_id, l.contact_id, p.name, p.id
    LOOP
        PERFORM message_queue(
            'duty', 'agreements', 'agreement_notice', coalesce(p_partnership, p_agreement),
            told.contact_id, told.user_id, p_occurrence,
            p_about || jsonb_build_object('partnership', told.name), business_now,
            business_now + interval '14 days', told.id);
    END LOOP;
END
$$;

-- The last day is over: what renews itself goes on for another year, the rest has expired. And what will
-- expire is told of when a lead time of the district's settings has come; of several at once, the last.
CREATE OR REPLACE FUNCTION agreements_expire(p_today date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    a record;
    done integer := 0;
BEGIN
    FOR a IN
        SELECT t.id, t.title, t.expires_on, t.auto_renew, (
                   SELECT min(l) FROM district d, unnest(d.agreement_lead_days) AS l
                   WHERE d.id = t.district_id AND t.expires_on - p_today <= l) AS lead
        FROM agreement t
        WHERE t.district_id = current_setting('kith.district')::uuid AND t.status = 'in_force'
          AND t.archived_at IS NULL AND t.expires_on <= p_today + 365
        ORDER BY t.id FOR UPDATE SKIP LOCKED
    LOOP
        IF a.expires_on < p_today THEN
            UPDATE agreement t
            SET status = CASE WHEN a.auto_renew THEN t.status ELSE 'expired' END,
                expires_on = CASE WHEN a.auto_renew THEN t.expires_on + interval '1 year' ELSE t.expires_on END
            WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = a.id;
            done := done + 1;
        ELSIF a.lead IS NOT NULL THEN
            PERFORM agreement_tell(a.id, NULL, format('expires %s, %s', a.expires_on, a.lead),
                jsonb_build_object('is_expiring', true, 'agreement', a.title, 'on', a.expires_on), false);
        END IF;
    END LOOP;
    RETURN done;
END
$$;

-- Running partnerships that had a signed agreement and have no valid one: flagged, and both sides are told;
-- paused when the district's days of grace are over. Those that need none, or have until gate_due, go on.
CREATE OR REPLACE FUNCTION agreements_lapse(p_today date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    p record;
    district uuid := current_setting('kith.district')::uuid;
    done integer := 0;
BEGIN
    FOR p IN
        SELECT t.id, t.name, t.status, t.agreement_lapsed_on, d.agreement_grace_days AS grace, c.title,
               partnership_credentials_missing(t.id) <> '{}' AS lacks_credentials,
               NOT c.is_valid AND coalesce(t.gate_due, '-infinity') < p_today
                   AND NOT partnership_is_light(t.id) AS is_lapsed
        FROM partnership t
        JOIN district d ON d.id = t.district_id
        CROSS JOIN LATERAL (
            SELECT bool_or(agreement_is_settled(a) AND agreement_carries(a, t.id))
                   AND bool_and(agreement_covers_data(a) OR NOT agreement_is_current(a))
                   AND partnership_credentials_missing(t.id) = '{}' AS is_valid,
                   max(a.title) AS title
            FROM agreement_partnership k
            JOIN agreement a ON a.district_id = k.district_id AND a.id = k.agreement_id
                AND a.status IN ('in_force', 'expired', 'superseded', 'terminated')
            WHERE k.district_id = t.district_id AND k.partnership_id = t.id AND k.archived_at IS NULL) AS c
        WHERE t.district_id = district AND t.status IN ('active', 'renewing') AND t.archived_at IS NULL
          AND (c.title IS NOT NULL OR t.agreement_lapsed_on IS NOT NULL)
        ORDER BY t.id FOR UPDATE OF t SKIP LOCKED
    LOOP
        IF NOT coalesce(p.is_lapsed, false) THEN
            UPDATE partnership t SET agreement_lapsed_on = NULL
            WHERE t.district_id = district AND t.id = p.id AND t.agreement_lapsed_on IS NOT NULL;
            CONTINUE WHEN NOT FOUND;
        ELSIF p.agreement_lapsed_on IS NULL THEN
            UPDATE partnership t SET agreement_lapsed_on = p_today WHERE t.district_id = district AND t.id = p.id;
            PERFORM agreement_tell(NULL, p.id, format('lapsed %s', p_today), jsonb_build_object(
                'is_lapsed', true, 'lacks_credentials', p.lacks_credentials, 'agreement', p.title,
                'on', p_today + p.grace), true);
        ELSIF p.status = 'active' AND p.agreement_lapsed_on + p.grace < p_today THEN
            UPDATE partnership t SET status = 'paused', status_reason = 'Its agreement is no longer valid.'
            WHERE t.district_id = district AND t.id = p.id;
            PERFORM agreement_tell(NULL, p.id, format('paused %s', p_today), jsonb_build_object(
                'is_paused', true, 'lacks_credentials', p.lacks_credentials, 'agreement', p.title,
                'on', p_today), true);
        ELSE
            CONTINUE;
        END IF;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- What was to be reached by a day that is over, of partnerships that go on.
CREATE OR REPLACE FUNCTION milestones_miss(p_today date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    done integer;
BEGIN
    UPDATE milestone m SET status = 'missed', status_reason = NULL
    FROM (SELECT o.id FROM milestone o
          JOIN partnership p ON p.district_id = o.district_id AND p.id = o.partnership_id
              AND p.status NOT IN ('ended', 'declined') AND p.archived_at IS NULL
          WHERE o.district_id = current_setting('kith.district')::uuid AND o.status = 'open'
            AND o.archived_at IS NULL AND o.due_on < p_today
          ORDER BY o.id FOR UPDATE OF o SKIP LOCKED) AS due
    WHERE m.district_id = current_setting('kith.district')::uuid AND m.id = due.id;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- All of them, for a district, and who is told of credentials that end: how many rows changed.
CREATE OR REPLACE FUNCTION agreements_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    PERFORM credentials_remind(district_today());
    RETURN agreements_expire(district_today()) + agreements_lapse(district_today()) + milestones_miss(district_today());
END
$$;

REVOKE EXECUTE ON FUNCTION agreement_step_check, agreement_step_decide, agreement_step_approve, agreement_step_return,
    agreement_step_reject, agreement_revised, agreement_checklist_items, agreement_checklist,
    agreement_signer_missing, agreement_type_signature, milestones_miss, agreement_tell, agreements_expire, agreements_lapse, agreements_advance
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_step_decide, agreement_step_approve, agreement_step_return,
    agreement_step_reject, agreement_checklist_items, agreement_checklist, agreement_signer_missing,
    agreement_type_signature TO kith_api;
GRANT EXECUTE ON FUNCTION agreements_advance TO kith_checkin;

RESET ROLE;
