-- Agreements: when one holds, what its actions need, and what they do. Parameters of an action are
-- its row's id, the version that the client asked for (NULL: any), and its fields.

SET ROLE kith_owner;

-- Data flows on a basis that FERPA knows and for a purpose that is written, or does not flow. A school official is
-- who the annual notice names so, and whom the district directs.
CREATE OR REPLACE FUNCTION agreement_covers_data(a agreement) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN NOT a.data_flows
    OR coalesce(a.data_basis, 'none') <> 'none' AND coalesce(a.data_purpose ~ '\S', false)
       AND (a.data_basis <> 'school_official' OR a.named_in_notice AND a.under_direct_control);

-- In force, and today is within its dates.
CREATE OR REPLACE FUNCTION agreement_is_current(a agreement) RETURNS boolean
LANGUAGE sql STABLE
RETURN a.status = 'in_force' AND a.archived_at IS NULL
    AND district_today() BETWEEN coalesce(a.effective_on, 'infinity')
                             AND coalesce(a.expires_on, 'infinity');

-- What carries a partnership settles a checklist; not where all that it covers is a supporter's or a gift. What
-- begins in a hurry, and what belongs to another agreement, has one if somebody adds it.
CREATE OR REPLACE FUNCTION agreement_needs_checklist(a agreement) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$ -- planned once in a session
BEGIN
    RETURN a.kind IN ('master', 'mou') AND (
        SELECT count(*) = 0 OR NOT bool_and(partnership_is_light(l.partnership_id))
        FROM agreement_partnership l
        WHERE l.district_id = a.district_id AND l.agreement_id = a.id AND l.archived_at IS NULL);
END
$$;

-- It has the checklist that it needs, and what that requires is settled.
CREATE OR REPLACE FUNCTION agreement_is_final(a agreement) RETURNS boolean
LANGUAGE sql STABLE
RETURN (
    SELECT CASE count(*) WHEN 0 THEN NOT agreement_needs_checklist(a)
                         ELSE bool_and(NOT i.is_required OR i.status IN ('finalized', 'not_applicable')) END
    FROM agreement_item i
    WHERE i.district_id = a.district_id AND i.agreement_id = a.id AND i.archived_at IS NULL);

-- What it needs of itself; credentials are the partners'.
CREATE OR REPLACE FUNCTION agreement_is_settled(a agreement) RETURNS boolean
LANGUAGE sql STABLE
RETURN agreement_is_current(a) AND agreement_covers_data(a) AND agreement_is_final(a);

-- All of it, the same as a row, which is a part of the statement that asks and not planned for itself.
CREATE OR REPLACE FUNCTION agreement_validity(a agreement) RETURNS TABLE (is_valid boolean)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT a.status = 'in_force' AND a.archived_at IS NULL
           AND d.day BETWEEN coalesce(a.effective_on, 'infinity') AND coalesce(a.expires_on, 'infinity')
           AND agreement_covers_data(a)
           AND CASE i.many WHEN 0 THEN NOT agreement_needs_checklist(a) ELSE i.is_settled END
           AND agreement_credentials_are_current(a.district_id, a.id)
    FROM (SELECT district_today() AS day OFFSET 0) AS d
    CROSS JOIN LATERAL (
        SELECT count(*) AS many, bool_and(NOT t.is_required OR t.status IN ('finalized', 'not_applicable')) AS is_settled
        FROM agreement_item t
        WHERE t.district_id = a.district_id AND t.agreement_id = a.id AND t.archived_at IS NULL) AS i;
END;
DROP FUNCTION IF EXISTS agreement_is_valid(agreement);

-- The last day on which notice can be given that it shall not go on.
CREATE OR REPLACE FUNCTION agreement_notice_by(a agreement) RETURNS date
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN a.notice_days > 0 THEN a.expires_on - a.notice_days::integer END;

-- The steps that its district asks of its kind: by the rules that name it, or by those that name none.
CREATE OR REPLACE FUNCTION agreement_rules(a agreement) RETURNS SETOF review_rule
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.* FROM review_rule r
    WHERE r.district_id = a.district_id AND r.archived_at IS NULL
      AND r.subject IS NOT DISTINCT FROM (
          SELECT max(o.subject) FROM review_rule o
          WHERE o.district_id = a.district_id AND o.subject = a.kind AND o.archived_at IS NULL);
END;

-- Somebody has to review it: but where the district says that its kind needs none.
CREATE OR REPLACE FUNCTION agreement_needs_review(a agreement) RETURNS boolean
LANGUAGE sql STABLE
RETURN coalesce((SELECT bool_or(r.step <> 'none') FROM agreement_rules(a) r), true);

-- What an action still needs.
CREATE OR REPLACE FUNCTION agreement_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM agreement t
    CROSS JOIN LATERAL (VALUES
        (1, 'text', '{acknowledge,sign}'::text[],
         coalesce(t.text, '') !~ '\S' AND t.document_url IS NULL AND t.attachment_id IS NULL),
        (2, 'effective_on', '{sign}', t.effective_on IS NULL),
        (3, 'expires_on', '{expire}', coalesce(t.expires_on, 'infinity') >= district_today()),
        (4, 'successor', '{supersede}', NOT EXISTS (
            SELECT FROM agreement s
            WHERE s.supersedes_id = t.id AND s.status = 'in_force' AND s.archived_at IS NULL
              AND s.effective_on <= district_today())),
        (9, 'amended', '{sign}', t.amends_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM agreement b
            WHERE b.district_id = t.district_id AND b.id = t.amends_id AND b.status = 'in_force' AND b.archived_at IS NULL)),
        (5, 'steps', '{refer,approve}', EXISTS (
            SELECT FROM agreement_step s
            WHERE s.agreement_id = t.id AND s.archived_at IS NULL AND s.status <> 'approved')),
        (10, 'review', '{refer,approve}', t.status = 'review' AND agreement_needs_review(t) AND NOT EXISTS (
            SELECT FROM agreement_step s
            WHERE s.district_id = t.district_id AND s.agreement_id = t.id AND s.archived_at IS NULL)),
        (6, 'board_on', '{approve}', t.status = 'board_approval' AND t.board_on IS NULL),
        (7, 'board_item', '{approve}', t.status = 'board_approval' AND coalesce(t.board_item, '') !~ '\S'),
        -- Links, which have no roles, ask for none of these.
        (8, 'board_approval', '{approve,return,reject}',
         CASE WHEN p_action IN ('approve', 'return', 'reject') AND t.status <> 'board_approval'
              THEN kith_has_role('executive') AND NOT kith_has_role('admin,director,reviewer') ELSE false END)
        ) AS m (place, code, actions, is_missing)
    WHERE t.id = p_id AND p_action = ANY (m.actions) AND m.is_missing;
END;

-- Of an agreement for several partnerships the text, its days and what comes of its review are of whoever covers all of
-- them. What each of them needs done (a side acknowledges or has signed, notice, what became of data) is of who covers
-- one, or answers for it: the actions that lock it by this run as its owner, and do no more than that.
CREATE OR REPLACE FUNCTION agreement_take(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM agreement a WHERE a.district_id = district AND a.id = p_id) THEN
        RAISE EXCEPTION 'no row to act on' USING ERRCODE = 'KI404';
    ELSIF NOT agreement_is_taken(p_id) THEN
        PERFORM refuse_outside();
    END IF;
    PERFORM lock_row('agreement', p_id, p_version);
END
$$;

CREATE OR REPLACE FUNCTION agreement_locked(p_id uuid, p_version bigint) RETURNS agreement
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM agreement_take(p_id, p_version);
    RETURN (SELECT t FROM agreement t WHERE t.id = p_id);
END
$$;

-- Locks it for an action, and gives the status that the action leads to.
CREATE OR REPLACE FUNCTION agreement_begin(p_id uuid, p_version bigint, p_action text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    old_status text;
    next_status text;
BEGIN
    PERFORM lock_row('agreement', p_id, p_version);
    SELECT t.status INTO old_status FROM agreement t WHERE t.id = p_id;
    next_status := transition('agreement', p_action, old_status);
    PERFORM refuse_missing('agreement', old_status, agreement_missing(p_id, p_action));
    RETURN next_status;
END
$$;

-- A transition that only changes the status, with its reason if it has one.
CREATE OR REPLACE FUNCTION agreement_move(
    p_id uuid, p_version bigint, p_action text, p_reason text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text;
BEGIN
    next_status := agreement_begin(p_id, p_version, p_action);
    UPDATE agreement SET status = next_status, status_reason = p_reason WHERE id = p_id;
    IF p_action = 'submit' THEN
        PERFORM agreement_steps_add(p_id);
    END IF;
    -- Unless the district has made one of its own, the checklist comes by itself.
    IF p_action = 'submit' AND (
        SELECT agreement_needs_checklist(a) AND NOT EXISTS (
            SELECT FROM agreement_item i
            WHERE i.district_id = a.district_id AND i.agreement_id = a.id AND i.archived_at IS NULL)
        FROM agreement a WHERE a.id = p_id)
    THEN
        PERFORM agreement_checklist(p_id, NULL);
    END IF;
END
$$;

DO $$
BEGIN
    PERFORM make_moves('agreement', '{submit,refer,approve,revise,expire,supersede}', '', 'NULL'),
            make_moves('agreement', '{return,reject,withdraw,terminate}', ', p_reason text', 'p_reason');
END
$$;

-- What is signed: a file by its bytes, or the text.
CREATE OR REPLACE FUNCTION agreement_sha256(p_id uuid, p_attachment uuid) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT f.sha256 FROM attachment f WHERE f.id = p_attachment),
    (SELECT encode(sha256(convert_to(a.text, 'UTF8')), 'hex') FROM agreement a WHERE a.id = p_id));

-- A side has signed, elsewhere or here. When both have, it is in force, and what it supersedes no longer is; before
-- the day from which it holds, that holds on, and agreements_expire() of 77_agreement_care.sql ends it. p_attachment: the file that was signed elsewhere; p_consent: to what who typed it agreed: a user, or
-- the contact of a link; p_as: as what it was signed for the district.
DROP FUNCTION IF EXISTS agreement_sign(uuid, bigint, text, text, date);
DROP FUNCTION IF EXISTS agreement_sign(uuid, bigint, text, text, date, uuid);
DROP FUNCTION IF EXISTS agreement_sign_as(uuid, bigint, text, text, date, uuid, text);
CREATE OR REPLACE FUNCTION agreement_sign_as(
    p_id uuid, p_version bigint, p_side text, p_signer text, p_signed_on date, p_attachment uuid,
    p_consent text, p_as text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    signed_on date := coalesce(p_signed_on, district_today());
    next_status text;
    successor agreement;
    -- By a page: the partner's contact signs, by a link or signed in.
    signing_contact uuid := nullif(current_setting('kith.task', true), '')::jsonb ->> 'contact_id';
BEGIN
    next_status := agreement_begin(p_id, p_version, 'sign');
    IF signed_on > district_today() THEN
        PERFORM refuse_field('signed_on', '"signed_on" must not be in the future.');
    ELSIF p_attachment IS NOT NULL AND NOT EXISTS (
        SELECT FROM attachment f
        WHERE f.id = p_attachment AND f.subject_id = p_id AND f.archived_at IS NULL) THEN
        PERFORM refuse_field('attachment_id', '"attachment_id" is no file of this agreement.');
    END IF;
    INSERT INTO agreement_signature (district_id, id, agreement_id, side, method, signer, signed_on,
                                     document_sha256, attachment_id, consent, contact_id, user_id, signed_as)
    VALUES (current_setting('kith.district')::uuid, uuid7(), p_id, p_side,
            CASE WHEN p_consent IS NULL THEN 'recorded' ELSE 'typed' END, p_signer, signed_on,
            agreement_sha256(p_id, p_attachment), p_attachment, p_consent,
            signing_contact, CASE WHEN signing_contact IS NULL THEN nullif(current_setting('kith.user'), '')::uuid END, p_as);
    UPDATE agreement t SET
        district_signed_on = CASE p_side WHEN 'district' THEN signed_on ELSE t.district_signed_on END,
        district_signer = CASE p_side WHEN 'district' THEN p_signer ELSE t.district_signer END,
        partner_signed_on = CASE p_side WHEN 'partner' THEN signed_on ELSE t.partner_signed_on END,
        partner_signer = CASE p_side WHEN 'partner' THEN p_signer ELSE t.partner_signer END,
        status = CASE WHEN CASE p_side WHEN 'district' THEN t.partner_signed_on
                                       ELSE t.district_signed_on END IS NULL
                      THEN t.status ELSE next_status END,
        status_reason = NULL
    WHERE t.id = p_id
    RETURNING t.* INTO successor;
    IF successor.status = next_status AND successor.effective_on <= district_today() THEN
        UPDATE agreement t SET status = 'superseded', status_reason = NULL
        WHERE t.id = successor.supersedes_id AND t.status = 'in_force' AND t.archived_at IS NULL;
    END IF;
END
$$;


-- The partner's side is told by a lead of a partnership that it covers, to who may write that one.
CREATE OR REPLACE FUNCTION agreement_acknowledge(p_id uuid, p_version bigint, p_on_behalf_of uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found_status text;
BEGIN
    PERFORM agreement_take(p_id, p_version);
    SELECT t.status INTO found_status FROM agreement t WHERE t.id = p_id;
    PERFORM refuse_missing('agreement', found_status, agreement_missing(p_id, 'acknowledge'));
    PERFORM check_behalf(p_on_behalf_of, ARRAY(
        SELECT l.partnership_id FROM agreement_partnership l
        WHERE l.agreement_id = p_id AND l.archived_at IS NULL AND partnership_is_inside(l.partnership_id)));
    PERFORM agreement_acknowledge_as(
        p_id, CASE WHEN p_on_behalf_of IS NULL THEN 'district' ELSE 'partner' END,
        current_setting('kith.user')::uuid, p_on_behalf_of);
END
$$;

-- By a file an agreement may come as what it is already: in force, with what was signed and the day from which.
CREATE OR REPLACE FUNCTION guard_imported_agreement() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('draft', 'in_force') THEN
        PERFORM refuse_field('status', 'By a file an agreement comes as draft or in_force.');
    ELSIF NEW.status = 'draft' AND coalesce(NEW.district_signed_on, NEW.partner_signed_on) IS NOT NULL THEN
        PERFORM refuse_field('status', 'What is a draft was not signed.');
    ELSIF NEW.status = 'in_force' AND NEW.effective_on IS NULL THEN
        PERFORM refuse_field('effective_on', 'What is in force needs the day from which it is.');
    ELSIF NEW.status = 'in_force' AND coalesce(NEW.text, '') !~ '\S' AND NEW.document_url IS NULL
          AND NEW.attachment_id IS NULL THEN
        PERFORM refuse_field('attachment_id', 'What is in force needs its document or its text.');
    ELSIF greatest(NEW.district_signed_on, NEW.partner_signed_on) > district_today() THEN
        PERFORM refuse_field('partner_signed_on', 'It must not be in the future.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_imported_agreement BEFORE INSERT ON agreement
    FOR EACH ROW WHEN (current_setting('kith.import', true) <> '')
    EXECUTE FUNCTION guard_imported_agreement();

-- The file that is its document belongs to it, and to nothing else; where the agreement goes, it is free again.
CREATE OR REPLACE FUNCTION agreement_take_file() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE attachment f SET subject_kind = NULL, subject_id = NULL
        WHERE f.district_id = OLD.district_id AND f.id = OLD.attachment_id;
        RETURN OLD;
    END IF;
    UPDATE attachment f SET subject_kind = 'agreement', subject_id = NEW.id
    WHERE f.district_id = NEW.district_id AND f.id = NEW.attachment_id AND f.archived_at IS NULL
      AND (f.subject_id IS NULL OR f.subject_id = NEW.id);
    IF NOT FOUND THEN
        PERFORM refuse_field('attachment_id', '"attachment_id" belongs to something else.');
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER agreement_take_file AFTER INSERT OR UPDATE OF attachment_id ON agreement
    FOR EACH ROW WHEN (NEW.attachment_id IS NOT NULL) EXECUTE FUNCTION agreement_take_file();
CREATE OR REPLACE TRIGGER agreement_give_file BEFORE DELETE ON agreement
    FOR EACH ROW WHEN (OLD.attachment_id IS NOT NULL) EXECUTE FUNCTION agreement_take_file();

-- What is reviewed is what is signed: before it changes, it is returned and drafted again. The day from which it
-- holds may still be written where nobody has.
CREATE OR REPLACE FUNCTION refuse_reviewed_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('It stays as it is reviewed; what is returned is drafted again.',
                         jsonb_build_object('status', OLD.status, 'possible', (
                             SELECT jsonb_agg(DISTINCT t.action) FROM transitions() t
                             WHERE t.resource = 'agreement' AND t.from_status = OLD.status)));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER refuse_reviewed_change BEFORE UPDATE ON agreement
    FOR EACH ROW WHEN (
        OLD.status IN ('review', 'board_approval', 'out_for_signature') AND NEW.status = OLD.status
        AND coalesce(current_setting('kith.user', true), '') <> ''
        AND (NEW.kind, NEW.text, NEW.document_url, NEW.attachment_id, NEW.effective_on, NEW.expires_on,
             NEW.auto_renew, NEW.amount_cents, NEW.data_flows, NEW.data_basis, NEW.named_in_notice,
             NEW.under_direct_control, NEW.data_purpose, NEW.data_destroy_by)
            IS DISTINCT FROM
            (OLD.kind, OLD.text, OLD.document_url, OLD.attachment_id, coalesce(OLD.effective_on, NEW.effective_on),
             OLD.expires_on, OLD.auto_renew, OLD.amount_cents, OLD.data_flows,
             OLD.data_basis, OLD.named_in_notice, OLD.under_direct_control, OLD.data_purpose, OLD.data_destroy_by))
    EXECUTE FUNCTION refuse_reviewed_change();

-- When the board meets on it, and under which item, is from then on for those to say who enter what it decides.
CREATE OR REPLACE FUNCTION refuse_board_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('kith.user', true), '') IS NOT NULL AND NOT kith_has_role('admin,director,executive') THEN
        PERFORM refuse_state('The board has it: its meeting and item are entered by whoever runs the program, or an executive.',
                             jsonb_build_object('status', OLD.status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER refuse_board_change BEFORE UPDATE OF board_on, board_item ON agreement
    FOR EACH ROW WHEN (OLD.status NOT IN ('draft', 'review', 'returned')
        AND (NEW.board_on, NEW.board_item) IS DISTINCT FROM (OLD.board_on, OLD.board_item))
    EXECUTE FUNCTION refuse_board_change();

-- What was signed, an amendment changes, or an agreement that supersedes it. By the signed word itself it goes on
-- for a year when its last day is over, which is the clock's to do; that it shall not, either side may say. What an
-- amendment changes is that one's to do (38_amendment.sql).
CREATE OR REPLACE FUNCTION refuse_signed_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.auto_renew AND coalesce(current_setting('kith.user', true), '') = ''
       AND NEW.expires_on = OLD.expires_on + interval '1 year'
       OR coalesce(current_setting('kith.amendment', true), '') <> '' THEN
        RETURN NEW;
    END IF;
    PERFORM refuse_state('What was signed stays as it is; an amendment changes it.',
                         jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER refuse_signed_change BEFORE UPDATE ON agreement
    FOR EACH ROW WHEN (
        OLD.status IN ('in_force', 'expired', 'superseded', 'terminated')
        AND ((NEW.kind, NEW.text, NEW.document_url, NEW.attachment_id, NEW.effective_on, NEW.expires_on,
              NEW.amount_cents, NEW.data_flows, NEW.data_basis, NEW.named_in_notice, NEW.under_direct_control, NEW.data_purpose,
              NEW.data_destroy_by)
             IS DISTINCT FROM
             (OLD.kind, OLD.text, OLD.document_url, OLD.attachment_id, OLD.effective_on, OLD.expires_on,
              OLD.amount_cents, OLD.data_flows, OLD.data_basis, OLD.named_in_notice, OLD.under_direct_control, OLD.data_purpose,
              OLD.data_destroy_by)
             OR NEW.auto_renew AND NOT OLD.auto_renew))
    EXECUTE FUNCTION refuse_signed_change();

REVOKE EXECUTE ON FUNCTION agreement_rules, agreement_take, agreement_needs_review, agreement_needs_checklist, agreement_sha256, agreement_sign_as, agreement_is_final, agreement_covers_data, agreement_is_current, agreement_is_settled, agreement_validity,
    agreement_notice_by, agreement_missing, agreement_locked, agreement_begin, agreement_move, agreement_submit, agreement_refer,
    agreement_approve, agreement_revise, agreement_expire, agreement_supersede, agreement_return,
    agreement_reject, agreement_withdraw, agreement_terminate, agreement_acknowledge,
    refuse_reviewed_change, refuse_board_change, refuse_signed_change, guard_imported_agreement, agreement_take_file FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_rules, agreement_take, agreement_needs_review, agreement_needs_checklist, agreement_sha256, agreement_sign_as, agreement_is_final, agreement_covers_data, agreement_is_current, agreement_is_settled, agreement_validity,
    agreement_notice_by, agreement_missing, agreement_locked, agreement_begin, agreement_move, agreement_submit, agreement_refer,
    agreement_approve, agreement_revise, agreement_expire, agreement_supersede, agreement_return,
    agreement_reject, agreement_withdraw, agreement_terminate, agreement_acknowledge
    TO kith_api;

RESET ROLE;
