-- Attachments: to what they belong, and who took them.

SET ROLE kith_owner;

-- Whoever attaches a file to something, or takes it from there, may write that.
CREATE OR REPLACE FUNCTION attachment_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.subject_id IS NULL OR is_erasing() THEN
        RETURN NEW;
    ELSIF NOT EXISTS (SELECT FROM attachment_kinds() k WHERE k = NEW.subject_kind) THEN
        PERFORM refuse_field('subject_kind', '"subject_kind" is no kind of what has attachments.');
    END IF;
    BEGIN
        IF NEW.subject_kind = 'agreement' AND current_user = 'kith_api' THEN
            PERFORM agreement_take(NEW.subject_id, NULL); -- what was signed
        ELSE
            PERFORM lock_row(NEW.subject_kind, NEW.subject_id, NULL);
        END IF;
    EXCEPTION WHEN SQLSTATE 'KI404' THEN
        PERFORM refuse_field('subject_id', '"subject_id" is not there.');
    END;
    IF coalesce(current_setting('kith.roles', true), '') NOT IN ('', 'partner') -- a page looks itself whose file it takes
       AND NOT attachment_is_read(NEW.subject_kind, NEW.subject_id, NEW.uploaded_by) THEN
        PERFORM refuse_field('subject_id', '"subject_id" is not there.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER attachment_check BEFORE INSERT OR UPDATE OF subject_kind, subject_id ON attachment
    FOR EACH ROW EXECUTE FUNCTION attachment_check();

CREATE OR REPLACE FUNCTION attachment_leave() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row(OLD.subject_kind, OLD.subject_id, NULL);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER attachment_leave BEFORE UPDATE ON attachment
    FOR EACH ROW WHEN (OLD.subject_id IS NOT NULL AND
        (NEW.subject_id, NEW.archived_at) IS DISTINCT FROM (OLD.subject_id, OLD.archived_at))
    EXECUTE FUNCTION attachment_leave();

-- What people write and change has attachments, but for accounts and what is mail's.
CREATE OR REPLACE FUNCTION attachment_kinds() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT t.name FROM tenant_tables() t
    WHERE t.scope IS NOT NULL AND t.scope NOT IN ('person', 'admin')
      AND t.name NOT IN ('attachment', 'survey_answer', 'survey_invitation', 'message', 'preference',
                         'address_suppression', 'mail_report')
      AND has_table_privilege('kith_api', t.name, 'UPDATE');
END;

-- Who reads what belongs to each kind: who reads the kind itself, as the API's declarations have it, and a test compares;
-- *: whoever reads attachments. But files of a credential, which may be a tax form, are for who looks at credentials.
CREATE OR REPLACE FUNCTION attachment_readers() RETURNS TABLE (kind text, roles text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT k.kind, r.roles
    FROM (VALUES
        (('{academic_session,action_item,activity,affiliation,agenda_item,agreement,agreement_item,'
            || 'agreement_partnership,agreement_signature,agreement_step,ask,assessment,award,blackout,'
            || 'call_to_action,check_in,check_in_delegate,check_in_goal,check_in_half,check_in_site,closed_day,contact,'
            || 'convening,convening_decision,convening_invitee,convening_plan,convening_template,'
            || 'custom_field,custom_value,displacement_review,district,donee,example,example_copy,family_event,'
            || 'family_part,family_plan,focus_area,follow_up,funding_applicant,funding_application,'
            || 'funding_opportunity,funding_partnership,funding_period,gift,gift_step,goal,goal_partnership,goal_settlement,'
            || 'indicator,instrument,interaction,introduction,investment,landscape_snapshot,match_weight,milestone,'
            || 'need,network,offer,partner,partner_focus_area,partner_owner,partnership,'
            || 'partnership_change,partnership_partner,partnership_review,partnership_role,partnership_site,placement,'
            || 'pledge,pledge_site,policy,portfolio_decision,portfolio_review,post,post_holder,priority,'
            || 'program,program_site,readiness_condition,readiness_rating,reminder_rule,remedy,renewal,'
            || 'renewal_campaign,reporting_quarter,required_credential,review_rule,roll_call,roll_call_change,'
            || 'roll_call_mark,school_year,signing_authority,site,site_closing,site_plan,site_quarter,'
            || 'site_vision,site_vision_author,site_year,story,story_subject,stuck_dismissal,survey,tag,tagging,'
            || 'template,training,training_seat,valuation_rate}')::text[], '*'),
        (('{bulletin,call_task,champion,champion_step,complaint,duplicate_dismissal,inquiry,'
            || 'introduction_letter,partner_edit,story_person,tax_document,thank_you}')::text[],
            'admin,director,executive,coordinator,school_leader,reviewer,data_steward'),
        ('{coaching}'::text[], 'admin,director,executive,coordinator,school_leader'),
        ('{legal_hold}'::text[], 'admin,director,reviewer'),
        ('{import}'::text[], 'admin,director,data_steward'),
        ('{departure,departure_receiver}'::text[], 'admin,director'),
        ('{observation}'::text[], 'admin,data_steward'),
        ('{credential}'::text[], 'admin,director,coordinator,reviewer')) AS r (kinds, roles)
    CROSS JOIN LATERAL unnest(r.kinds) AS k (kind);
END;

-- The context reads files of the row: it has a role for its kind, and sees the row itself. Of a kind that is not listed
-- nobody does.
CREATE OR REPLACE FUNCTION attachment_is_read(p_kind text, p_id uuid, p_uploaded_by uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    needed text := (SELECT r.roles FROM attachment_readers() r WHERE r.kind = p_kind);
    is_read boolean := needed = '*' OR kith_has_role(needed)
        OR p_kind = 'credential' AND p_uploaded_by = nullif(current_setting('kith.user'), '')::uuid;
BEGIN
    IF is_read THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.district_id = $1 AND t.id = $2)', p_kind)
        INTO is_read USING current_setting('kith.district')::uuid, p_id;
    END IF;
    RETURN coalesce(is_read, false);
END
$$;

-- A piece of a file that its caller has found to be public, and how many there are.
CREATE OR REPLACE FUNCTION attachment_piece_of(
    p_attachment uuid, p_number bigint, OUT media_type text, OUT sha256 text, OUT pieces bigint, OUT bytes bytea)
RETURNS SETOF record
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT a.media_type, a.sha256, (SELECT count(*) FROM attachment_piece c
                                    WHERE c.district_id = a.district_id AND c.attachment_id = a.id), p.bytes
    FROM attachment a
    JOIN attachment_piece p ON p.district_id = a.district_id AND p.attachment_id = a.id AND p.number = p_number
    WHERE a.district_id = current_setting('kith.district')::uuid AND a.id = p_attachment;
END
$$;
REVOKE EXECUTE ON FUNCTION attachment_piece_of FROM PUBLIC;

-- A file is as private as what it belongs to; what belongs to nothing yet is for who has sent it, and for whoever runs
-- the program. A page, which is nobody who is signed in, looks itself whose file it takes.
DROP POLICY IF EXISTS readers ON attachment;
CREATE POLICY readers ON attachment AS RESTRICTIVE FOR SELECT TO kith_api
    USING (CASE WHEN subject_id IS NULL THEN coalesce(uploaded_by::text = current_setting('kith.user'), false)
                     OR current_setting('kith.roles') IN ('', 'partner') OR runs_program()
                ELSE attachment_is_read(subject_kind, subject_id, uploaded_by) END);

-- Somebody takes the file: what it is, and a record of it.
CREATE OR REPLACE FUNCTION attachment_take(p_id uuid, OUT name text, OUT media_type text, OUT pieces bigint)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    a attachment;
    ignored text;
BEGIN
    SELECT t.* INTO a FROM attachment t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id;
    IF a.id IS NULL THEN
        RETURN;
    END IF;
    ignored := record_write(a.district_id, 'attachment', 'downloaded', a.id, a.version, NULL, NULL,
                            jsonb_build_object('id', a.id));
    RETURN QUERY SELECT a.name, a.media_type, count(*) FROM attachment_piece p
    WHERE p.district_id = a.district_id AND p.attachment_id = a.id;
END
$$;

-- Pieces of which nothing was made within the hour: whoever sent them has left.
CREATE OR REPLACE FUNCTION attachment_sweep() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    DELETE FROM attachment_piece c
    WHERE c.stored_at < clock_timestamp() - interval '1 hour'
      AND NOT EXISTS (SELECT FROM attachment a
                      WHERE a.district_id = c.district_id AND a.id = c.attachment_id);
END;

REVOKE EXECUTE ON FUNCTION attachment_check, attachment_leave, attachment_kinds, attachment_readers, attachment_is_read,
    attachment_take, attachment_sweep FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attachment_kinds, attachment_readers, attachment_is_read, attachment_take, attachment_sweep
    TO kith_api;

RESET ROLE;
