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
       AND NOT user_has_role_somewhere(NEW.user_id, '{admin,director,executive,reviewer}', district_today())
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

-- A step is taken away by whoever runs the program, or its own reviewer; what was decided stays.
CREATE OR REPLACE FUNCTION agreement_step_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.user', true), '') = '' THEN
        RETURN NEW;
    ELSIF OLD.status <> 'pending' THEN
        PERFORM refuse_state('It is decided.', jsonb_build_object('status', OLD.status));
    ELSIF NOT kith_has_role('admin,director')
          AND OLD.user_id::text IS DISTINCT FROM current_setting('kith.user') THEN
        PERFORM refuse_state('Whoever runs the program takes a step away, or who decides in it.',
                             jsonb_build_object('status', OLD.status, 'user_id', OLD.user_id));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER agreement_step_keep BEFORE UPDATE ON agreement_step
    FOR EACH ROW WHEN (OLD.archived_at IS NULL AND NEW.archived_at IS NOT NULL
        OR NEW.agreement_id <> OLD.agreement_id)
    EXECUTE FUNCTION agreement_step_keep();

-- Once the agreement is in review, who decides in a step is not for everybody to say who may write it: whoever runs the
-- program hands it on, or its own reviewer.
CREATE OR REPLACE FUNCTION agreement_step_hand_on() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('kith.user', true), '') = '' OR is_unguarded() THEN
        RETURN NEW;
    ELSIF OLD.status <> 'pending' THEN
        PERFORM refuse_state('It is decided.', jsonb_build_object('status', OLD.status));
    ELSIF NOT kith_has_role('admin,director') AND OLD.user_id::text IS DISTINCT FROM current_setting('kith.user')
          AND EXISTS (SELECT FROM agreement a
                      WHERE a.district_id = OLD.district_id AND a.id = OLD.agreement_id
                        AND a.status NOT IN ('draft', 'returned')) THEN
        PERFORM refuse_state('Whoever runs the program says who decides in a step of a review, or its own reviewer.',
                             jsonb_build_object('status', OLD.status, 'user_id', OLD.user_id));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER agreement_step_hand_on BEFORE UPDATE OF user_id, kind ON agreement_step
    FOR EACH ROW WHEN ((NEW.user_id, NEW.kind) IS DISTINCT FROM (OLD.user_id, OLD.kind))
    EXECUTE FUNCTION agreement_step_hand_on();

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

-- What an item need not settle is said by the supplied list, the agreement before, or whoever runs the program, who
-- alone takes away what is required.
CREATE OR REPLACE FUNCTION agreement_item_is_eased(o agreement_item, n agreement_item) RETURNS boolean
LANGUAGE sql STABLE
RETURN CASE
    WHEN o.id IS NOT NULL THEN
        n.is_required <> o.is_required
        OR o.is_required AND (n.agreement_id <> o.agreement_id OR o.archived_at IS NULL AND n.archived_at IS NOT NULL)
    ELSE NOT n.is_required
        AND NOT EXISTS (SELECT FROM agreement_checklist_items() c WHERE c.code = n.code AND NOT c.is_required)
        AND NOT EXISTS (SELECT FROM agreement a
                        JOIN agreement_item i ON i.district_id = a.district_id AND i.agreement_id = a.supersedes_id
                            AND i.name = n.name AND NOT i.is_required AND i.archived_at IS NULL
                        WHERE a.district_id = n.district_id AND a.id = n.agreement_id) END;

-- Once it was in force its checklist stays: what is open is settled yet, and whoever runs the program adds to it.
CREATE OR REPLACE FUNCTION agreement_item_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
    runs boolean := kith_has_role('admin,director');
BEGIN
    SELECT max(a.status) INTO found_status FROM agreement a
    WHERE a.district_id = NEW.district_id AND a.id IN (NEW.agreement_id, OLD.agreement_id)
      AND a.status IN ('in_force', 'expired', 'superseded', 'terminated');
    IF NOT runs AND agreement_item_is_eased(OLD, NEW) THEN
        PERFORM refuse_state('Whoever runs the program says what is required.',
                             jsonb_build_object('is_required', coalesce(OLD.is_required, true)));
    ELSIF found_status IS NOT NULL
          AND (CASE WHEN OLD.id IS NULL THEN NOT runs
                    ELSE OLD.status IN ('finalized', 'not_applicable')
                        OR (NEW.agreement_id, NEW.code, NEW.name, NEW."position", NEW.is_required, NEW.archived_at)
                           IS DISTINCT FROM
                           (OLD.agreement_id, OLD.code, OLD.name, OLD."position", OLD.is_required, OLD.archived_at)
               END) THEN
        PERFORM refuse_state('What was signed keeps its checklist.', jsonb_build_object('status', found_status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER agreement_item_check BEFORE INSERT OR UPDATE ON agreement_item
    FOR EACH ROW WHEN (coalesce(current_setting('kith.user', true), '') <> ''
        AND coalesce(current_setting('kith.import', true), '') = '')
    EXECUTE FUNCTION agreement_item_check();

-- Adds what it lacks of the supplied items; what was signed before it had them is settled.
CREATE OR REPLACE FUNCTION agreement_items_add(p_id uuid, p_is_signed boolean) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO agreement_item (district_id, id, agreement_id, code, name, "position", is_required, status, note)
    SELECT current_setting('kith.district')::uuid, uuid7(), p_id, c.code, c.name, c."position", c.is_required,
           CASE WHEN p_is_signed THEN 'finalized' ELSE 'not_yet' END,
           CASE WHEN p_is_signed THEN 'Signed before it had a checklist.' END
    FROM agreement_checklist_items() c
    WHERE NOT EXISTS (SELECT FROM agreement_item i
                      WHERE i.district_id = current_setting('kith.district')::uuid AND i.agreement_id = p_id
                        AND i.code = c.code AND i.archived_at IS NULL)
    ORDER BY c."position";
END;

CREATE OR REPLACE FUNCTION agreement_checklist(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('agreement', p_id, p_version);
    PERFORM agreement_items_add(p_id, false);
END
$$;

-- What comes by a file in force gets its checklist with it. What nobody has touched goes with it when the file is
-- reverted.
CREATE OR REPLACE FUNCTION agreement_imported() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM agreement_item i
        WHERE i.district_id = OLD.district_id AND i.agreement_id = OLD.id AND i.version = 1;
        RETURN OLD;
    END IF;
    PERFORM agreement_items_add(NEW.id, NEW.district_signed_on IS NOT NULL AND NEW.partner_signed_on IS NOT NULL);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_imported AFTER INSERT ON agreement
    FOR EACH ROW WHEN (current_setting('kith.import', true) <> '' AND NEW.status = 'in_force'
        AND NEW.kind IN ('master', 'mou'))
    EXECUTE FUNCTION agreement_imported();
CREATE OR REPLACE TRIGGER agreement_unimported BEFORE DELETE ON agreement
    FOR EACH ROW EXECUTE FUNCTION agreement_imported();

-- ---- Signatures ----------------------------------------------------------------------------------

-- Who signs it for the district by its limits for its kind: above all of them the board decides, and then the
-- superintendent signs. 'amount': they say by that, and it is not written. NULL: there are none, whoever may write it.
CREATE OR REPLACE FUNCTION agreement_signer(a agreement) RETURNS text
LANGUAGE sql STABLE
RETURN CASE
    WHEN NOT EXISTS (SELECT FROM signing_authority s
                     WHERE s.district_id = a.district_id AND s.subject = a.kind AND s.archived_at IS NULL) THEN NULL
    WHEN a.amount_cents IS NULL THEN 'amount'
    WHEN coalesce(signer_for(a.kind, a.amount_cents), 'board') <> 'board' THEN signer_for(a.kind, a.amount_cents)
    WHEN a.board_on <= district_today() AND a.board_item ~ '\S' THEN 'superintendent'
    ELSE 'board' END;

-- What the district's signature lacks of somebody who stands so high. By one's name only what is here is signed: what
-- an address shows may be another thing tomorrow.
DROP FUNCTION IF EXISTS agreement_signer_missing(uuid);
CREATE OR REPLACE FUNCTION agreement_signer_missing(p_id uuid, p_rank integer, p_is_typed boolean) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    a agreement;
    signer text;
BEGIN
    SELECT t.* INTO a FROM agreement t WHERE t.id = p_id;
    signer := agreement_signer(a);
    RETURN array_remove(ARRAY[
        CASE WHEN p_is_typed AND a.attachment_id IS NULL AND coalesce(a.text, '') !~ '\S' THEN 'document' END,
        CASE WHEN signer = 'amount' OR signer_rank(signer) > p_rank THEN signer END], NULL);
END
$$;

-- A signature that was made elsewhere. The district's is of whom its limits name, by the file that shows it; the
-- board's own is after its decision.
CREATE OR REPLACE FUNCTION agreement_sign(
    p_id uuid, p_version bigint, p_side text, p_signer text, p_signed_on date, p_attachment uuid, p_as text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    a agreement;
    signer text;
BEGIN
    PERFORM lock_row('agreement', p_id, p_version);
    SELECT t.* INTO a FROM agreement t WHERE t.id = p_id;
    signer := CASE p_side WHEN 'district' THEN agreement_signer(a) END;
    IF p_side = 'partner' AND p_as IS NOT NULL THEN
        PERFORM refuse_field('signed_as', '"signed_as" is of the district''s side.');
    ELSIF signer IS NOT NULL AND p_as IS NULL THEN
        PERFORM refuse_field('signed_as', '"signed_as" must say as what it was signed: the district has limits.');
    ELSIF signer IS NOT NULL AND p_attachment IS NULL THEN
        PERFORM refuse_field('attachment_id', '"attachment_id" must be the file that shows it: the district has limits.');
    END IF;
    PERFORM refuse_missing('agreement', a.status, agreement_signer_missing(p_id, CASE
        WHEN p_side = 'partner' THEN 9 WHEN p_as = 'board' THEN 3 ELSE coalesce(signer_rank(p_as), 9) END, false))
    WHERE a.status = 'out_for_signature' AND p_side = 'district';
    PERFORM agreement_sign_as(p_id, p_version, p_side, p_signer, p_signed_on, p_attachment, NULL, p_as);
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
                           agreement_signer_missing(p_id, signer_rank_held(), true));
    PERFORM agreement_sign_as(p_id, p_version, 'district', p_signer, district_today(),
        (SELECT a.attachment_id FROM agreement a WHERE a.id = p_id),
        'I agree to sign electronically, and I may sign for the district.', NULL);
END
$$;

-- ---- Notice, and what becomes of data ------------------------------------------------------------

-- Whether notice is given before an agreement goes on or ends: of its last day as it stands, once. Where it is, the
-- agreement renews itself no more.
CREATE OR REPLACE FUNCTION agreement_decide_notice(p_id uuid, p_version bigint, p_decision text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a agreement := agreement_locked(p_id, p_version);
BEGIN
    IF a.status <> 'in_force' OR agreement_notice_by(a) IS NULL THEN
        PERFORM refuse_state('It is not in force with a last day and days of notice.',
                             jsonb_build_object('status', a.status));
    ELSIF p_decision = 'give' AND agreement_notice_by(a) < district_today() THEN
        PERFORM refuse_state('The last day to give notice is over.',
                             jsonb_build_object('status', a.status, 'notice_by', agreement_notice_by(a)));
    END IF;
    UPDATE agreement t SET notice_decision = p_decision, notice_for = t.expires_on,
        notice_decided_by = current_setting('kith.user')::uuid,
        auto_renew = t.auto_renew AND p_decision = 'keep'
    WHERE t.id = p_id;
END
$$;

-- What the partner certifies: that the data it had is destroyed, or was returned.
CREATE OR REPLACE FUNCTION agreement_record_disposal(
    p_id uuid, p_version bigint, p_disposal text, p_certified_by text, p_on_date date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    a agreement := agreement_locked(p_id, p_version);
BEGIN
    IF NOT a.data_flows OR a.status NOT IN ('in_force', 'expired', 'superseded', 'terminated') THEN
        PERFORM refuse_state('No data has gone to the partner by it.', jsonb_build_object('status', a.status));
    ELSIF a.data_disposed_on IS NOT NULL THEN
        PERFORM refuse_state('It is recorded already.', jsonb_build_object('data_disposed_on', a.data_disposed_on));
    ELSIF p_on_date > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    END IF;
    UPDATE agreement t SET data_disposal = p_disposal, data_certified_by = p_certified_by,
        data_disposed_on = coalesce(p_on_date, district_today()),
        data_recorded_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
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

-- What takes another one's place does so on its first day; before, nobody is told that the other one ends. The last
-- day is over: what renews itself goes on for another year, the rest has expired. And what will
-- expire is told of when a lead time of the district's settings has come; of several at once, the last.
CREATE OR REPLACE FUNCTION agreements_expire(p_today date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    a record;
    done integer;
BEGIN
    UPDATE agreement t SET status = 'superseded', status_reason = NULL
    FROM (SELECT o.id FROM agreement n
          JOIN agreement o ON o.district_id = n.district_id AND o.id = n.supersedes_id AND o.status = 'in_force'
              AND o.archived_at IS NULL
          WHERE n.district_id = district AND n.status = 'in_force' AND n.archived_at IS NULL
            AND n.effective_on <= p_today
          ORDER BY o.id FOR NO KEY UPDATE OF o SKIP LOCKED) AS due
    WHERE t.district_id = district AND t.id = due.id;
    GET DIAGNOSTICS done = ROW_COUNT;
    done := done + amendments_hold(district, p_today, NULL);
    -- No row is locked but what changes: somebody may be at work with the others.
    FOR a IN
        SELECT t.id, t.title, t.expires_on, t.auto_renew, agreement_notice_by(t) AS notice_by, (
                   SELECT min(l) FROM district d, unnest(d.agreement_lead_days) AS l
                   WHERE d.id = t.district_id AND t.expires_on - p_today <= l) AS lead, EXISTS (
                   SELECT FROM agreement n
                   WHERE n.district_id = t.district_id AND n.supersedes_id = t.id AND n.status = 'in_force'
                     AND n.archived_at IS NULL) AS is_followed
        FROM agreement t
        WHERE t.district_id = district AND t.status = 'in_force'
          AND t.archived_at IS NULL AND t.expires_on <= p_today + 365 AND t.amends_id IS NULL -- one ends with what it amends
        ORDER BY t.id
    LOOP
        IF a.expires_on < p_today THEN
            PERFORM FROM agreement t
            WHERE t.district_id = district AND t.id = a.id AND t.status = 'in_force' AND t.archived_at IS NULL
              AND t.expires_on = a.expires_on AND t.auto_renew = a.auto_renew
            FOR NO KEY UPDATE SKIP LOCKED;
            CONTINUE WHEN NOT FOUND;
            UPDATE agreement t
            SET status = CASE WHEN a.auto_renew THEN t.status ELSE 'expired' END,
                expires_on = CASE WHEN a.auto_renew THEN t.expires_on + interval '1 year' ELSE t.expires_on END
            WHERE t.district_id = district AND t.id = a.id;
            done := done + 1;
        ELSIF a.lead IS NOT NULL AND NOT a.is_followed THEN
            PERFORM agreement_tell(a.id, NULL, format('expires %s, %s', a.expires_on, a.lead),
                jsonb_build_object(CASE WHEN a.auto_renew THEN 'is_renewing' ELSE 'is_expiring' END, true,
                    'agreement', a.title, 'on', a.expires_on,
                    'notice', CASE WHEN a.notice_by >= p_today THEN a.notice_by END), false);
        END IF;
    END LOOP;
    RETURN done;
END
$$;

-- Those whose gate will be due and that lack something still are told of when a lead time has come, as agreements that
-- expire are; of several at once, the last.
CREATE OR REPLACE FUNCTION gates_remind(p_today date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p record;
BEGIN
    FOR p IN
        SELECT t.id, t.gate_due, w.occurrence
        FROM partnership t
        CROSS JOIN LATERAL (
            SELECT format('gate %s, %s', t.gate_due, min(l)) AS occurrence, min(l) AS lead
            FROM district d, unnest(d.agreement_lead_days) AS l
            WHERE d.id = t.district_id AND t.gate_due - p_today <= l) AS w
        WHERE t.district_id = current_setting('kith.district')::uuid AND t.archived_at IS NULL
          AND t.status IN ('active', 'renewing', 'paused') AND t.gate_due BETWEEN p_today AND p_today + 365
          AND w.lead IS NOT NULL AND partnership_lead(t.id) IS NOT NULL
          AND NOT EXISTS (
              SELECT FROM message m
              WHERE m.district_id = t.district_id AND m.kind = 'agreement_notice' AND m.subject_id = t.id
                AND m.occurrence = w.occurrence)
        ORDER BY t.id
    LOOP
        IF partnership_missing(p.id, 'activate') <> '{}' THEN
            PERFORM agreement_tell(NULL, p.id, p.occurrence,
                                   jsonb_build_object('is_gate_due', true, 'on', p.gate_due), false);
        END IF;
    END LOOP;
END
$$;

-- What a running partnership has no longer of what it needs: where there was a signed agreement, a valid one; of a
-- supporter's or a gift, a lead, a purpose, credentials; once gate_due is over, all that activating asks for.
CREATE OR REPLACE FUNCTION partnership_lapse(t partnership, p_today date)
RETURNS TABLE (title text, lacks_credentials boolean, is_light boolean, is_due boolean, is_lapsed boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.title, k.is_missing, w.is_light, coalesce(t.gate_due < p_today, false),
           coalesce(CASE WHEN t.gate_due >= p_today THEN false
                         WHEN t.gate_due IS NOT NULL THEN partnership_missing(t.id, 'activate') <> '{}'
                         WHEN w.is_light THEN k.is_missing OR coalesce(t.purpose, '') !~ '\S' OR NOT EXISTS (
                             SELECT FROM partnership_leads(t.id) l WHERE l.side = 'district')
                         ELSE NOT (c.is_valid AND NOT k.is_missing) END, false)
    FROM (SELECT partnership_is_light(t.id) AS is_light OFFSET 0) AS w
    CROSS JOIN LATERAL (SELECT partnership_credentials_missing(t.id) <> '{}' AS is_missing OFFSET 0) AS k
    CROSS JOIN LATERAL (
        SELECT bool_or(agreement_is_settled(a) AND agreement_carries(a, t.id))
               AND bool_and(agreement_covers_data(a) OR NOT agreement_is_current(a)) AS is_valid,
               max(a.title) AS title
        FROM agreement_partnership l
        JOIN agreement a ON a.district_id = l.district_id AND a.id = l.agreement_id
            AND a.status IN ('in_force', 'expired', 'superseded', 'terminated')
        WHERE l.district_id = t.district_id AND l.partnership_id = t.id AND l.archived_at IS NULL) AS c;
END;

-- Those are flagged, and both sides are told; paused when the district's days of grace are over. What has all of it by
-- its gate_due is done with that. No row is locked but what changes, which is looked at again: people work meanwhile.
CREATE OR REPLACE FUNCTION agreements_lapse(p_today date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    p record;
    district uuid := current_setting('kith.district')::uuid;
    about jsonb;
    done integer := 0;
BEGIN
    FOR p IN
        SELECT t.id, t.name, t.agreement_lapsed_on, t.gate_due, d.agreement_grace_days AS grace, w.*
        FROM partnership t
        JOIN district d ON d.id = t.district_id
        CROSS JOIN LATERAL partnership_lapse(t, p_today) w
        WHERE t.district_id = district AND t.status IN ('active', 'renewing') AND t.archived_at IS NULL
          AND (w.title IS NOT NULL OR t.agreement_lapsed_on IS NOT NULL OR t.gate_due < p_today OR w.is_light)
        ORDER BY t.id
    LOOP
        CONTINUE WHEN CASE
            WHEN p.is_lapsed THEN p.agreement_lapsed_on + p.grace >= p_today
            ELSE p.agreement_lapsed_on IS NULL AND NOT p.is_due END;
        PERFORM FROM partnership t
        WHERE t.district_id = district AND t.id = p.id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR NOT EXISTS (
            SELECT FROM partnership t
            CROSS JOIN LATERAL partnership_lapse(t, p_today) w
            WHERE t.district_id = district AND t.id = p.id AND t.status IN ('active', 'renewing')
              AND t.archived_at IS NULL
              AND (t.agreement_lapsed_on, t.gate_due, w.is_lapsed)
                  IS NOT DISTINCT FROM (p.agreement_lapsed_on, p.gate_due, p.is_lapsed));
        about := jsonb_build_object('lacks_credentials', p.lacks_credentials, 'agreement', p.title);
        IF NOT p.is_lapsed THEN
            UPDATE partnership t SET agreement_lapsed_on = NULL,
                gate_due = CASE WHEN p.is_due THEN NULL ELSE t.gate_due END
            WHERE t.district_id = district AND t.id = p.id;
        ELSIF p.agreement_lapsed_on IS NULL THEN
            UPDATE partnership t SET agreement_lapsed_on = p_today WHERE t.district_id = district AND t.id = p.id;
            PERFORM agreement_tell(NULL, p.id, format('lapsed %s', p_today), about || jsonb_build_object(
                CASE WHEN p.is_light OR p.is_due THEN 'is_unready' ELSE 'is_lapsed' END, true,
                'on', p_today + p.grace), true);
        ELSE
            UPDATE partnership t SET status = 'paused', status_reason = CASE
                WHEN p.is_due THEN 'It lacks what activating asks for.'
                WHEN p.is_light THEN 'Its lead, its purpose or a credential is missing.'
                ELSE 'Its agreement is no longer valid.' END
            WHERE t.district_id = district AND t.id = p.id;
            PERFORM agreement_tell(NULL, p.id, format('paused %s', p_today), about || jsonb_build_object(
                CASE WHEN p.is_light OR p.is_due THEN 'is_stopped' ELSE 'is_paused' END, true, 'on', p_today), true);
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
    PERFORM gates_remind(district_today());
    RETURN agreements_expire(district_today()) + agreements_lapse(district_today()) + milestones_miss(district_today());
END
$$;

REVOKE EXECUTE ON FUNCTION agreement_step_check, agreement_step_keep, agreement_step_hand_on, agreement_item_check, agreement_item_is_eased, partnership_lapse,
    agreement_step_decide, agreement_step_approve, agreement_step_return,
    agreement_step_reject, agreement_revised, agreement_items_add, agreement_imported, agreement_checklist_items, agreement_checklist,
    agreement_sign, agreement_signer, agreement_signer_missing, agreement_type_signature, agreement_decide_notice,
    agreement_record_disposal, milestones_miss, agreement_tell, gates_remind, agreements_expire, agreements_lapse, agreements_advance
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_item_is_eased, agreement_step_decide, agreement_step_approve, agreement_step_return,
    agreement_step_reject, agreement_checklist_items, agreement_items_add, agreement_checklist, agreement_sign, agreement_signer, agreement_signer_missing,
    agreement_type_signature, agreement_decide_notice, agreement_record_disposal TO kith_api;
GRANT EXECUTE ON FUNCTION agreements_advance TO kith_checkin;
GRANT EXECUTE ON FUNCTION agreement_checklist_items, agreement_items_add TO kith_migrate; -- 98_upgrade.sql

RESET ROLE;
