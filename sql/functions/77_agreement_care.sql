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

-- What the district asks of its kind and nobody has entered comes with its submission.
CREATE OR REPLACE FUNCTION agreement_steps_add(p_id uuid) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO agreement_step (district_id, id, agreement_id, kind, due_on)
    SELECT a.district_id, uuid7(), a.id, r.step, district_today() + min(r.due_days)::integer
    FROM agreement a
    CROSS JOIN LATERAL agreement_rules(a) r
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.id = p_id AND r.step <> 'none'
      AND coalesce(a.amount_cents >= r.from_cents, true)
      AND NOT EXISTS (
          SELECT FROM agreement_step s
          WHERE s.district_id = a.district_id AND s.agreement_id = a.id AND s.kind = r.step AND s.archived_at IS NULL)
    GROUP BY a.district_id, a.id, r.step
    ORDER BY r.step;
END;

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
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    a agreement;
    signer text;
BEGIN
    PERFORM agreement_take(p_id, p_version);
    SELECT t.* INTO a FROM agreement t WHERE t.id = p_id;
    PERFORM transition('agreement', 'sign', a.status);
    signer := CASE p_side WHEN 'district' THEN agreement_signer(a) END;
    IF p_side = 'partner' AND p_as IS NOT NULL THEN
        PERFORM refuse_field('signed_as', '"signed_as" is of the district''s side.');
    ELSIF signer IS NOT NULL AND p_as IS NULL THEN
        PERFORM refuse_field('signed_as', '"signed_as" must say as what it was signed: the district has limits.');
    ELSIF p_attachment IS NULL THEN
        PERFORM refuse_field('attachment_id', '"attachment_id" must be the file that shows it, as it was signed elsewhere: '
            'send it to attachments first. Here a name is typed, by type_signature or by the partner''s link.');
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
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT p_consent THEN
        PERFORM refuse_field('consent', '"consent" must be true: without it there is no signature.');
    ELSIF NOT p_authority THEN
        PERFORM refuse_field('authority', '"authority" must be true: only who may sign for the district signs.');
    END IF;
    PERFORM agreement_take(p_id, p_version);
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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

REVOKE EXECUTE ON FUNCTION agreement_steps_add, agreement_step_check, agreement_step_keep, agreement_step_hand_on, agreement_item_check,
    agreement_item_is_eased, agreement_step_decide, agreement_step_approve, agreement_step_return,
    agreement_step_reject, agreement_revised, agreement_items_add, agreement_checklist_items,
    agreement_checklist, agreement_sign, agreement_signer, agreement_signer_missing, agreement_type_signature,
    agreement_decide_notice FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_steps_add, agreement_item_is_eased, agreement_step_decide, agreement_step_approve,
    agreement_step_return, agreement_step_reject, agreement_checklist_items, agreement_items_add, agreement_checklist,
    agreement_sign, agreement_signer, agreement_signer_missing, agreement_type_signature,
    agreement_decide_notice TO kith_api;
GRANT EXECUTE ON FUNCTION agreement_checklist_items, agreement_items_add TO kith_migrate; -- 98_upgrade.sql

RESET ROLE;
