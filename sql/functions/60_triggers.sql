-- Which tables count versions and record their changes: every tenant table that kith_api may write,
-- but for audit and outbox, which are the record, idempotency, which dies with its day,
-- sign_in_failure, which counts guesses, and what an import works with (import_work, import_chunk,
-- import_row, import_change). A test compares this list with the catalogue.

SET ROLE kith_owner;

DO $$
DECLARE
    recorded record;
    event record;
BEGIN
    FOR recorded IN
        -- table, aggregate type, fields whose values the audit log may keep: no person's, no free
        -- text, nothing private
        SELECT * FROM (VALUES
            ('district', 'district',
             'slug,name,zone,locale,locales,small_cell,survey_cell,text_cell,mail_hour,website,reminder_days,check_in_opening_days,agreement_grace_days,agreement_lead_days,minimum_enrolled_days,go_live_at,is_synthetic,archived_at'),
            ('app_user', 'user', 'locale,zone,status,archived_at'),
            ('user_grant', 'user_grant',
             'user_id,role,scope_kind,scope_id,from_date,until_date,archived_at'),
            ('access_token', 'access_token', 'user_id,kind,purpose,roles,expires_at,revoked_at,archived_at'),
            ('network', 'network', 'name,archived_at'),
            ('site', 'site',
             'network_id,name,kind,status,merged_into,local_id,state_id,nces_id,level,grade_low,grade_high,zone,website,title_i,archived_at'),
            ('partner', 'partner',
             'parent_id,name,kind,ein,website,reach,tier,stage,owner_id,lead_site_id,last_contact_on,archived_at'),
            ('focus_area', 'focus_area', 'parent_id,name,code,beyond_teaching,archived_at'),
            ('contact', 'contact', 'locale,channels,status,archived_at'),
            ('affiliation', 'affiliation',
             'contact_id,partner_id,from_date,until_date,archived_at'),
            ('program', 'program',
             'partner_id,name,focus_area_id,setting,audience,grades,capacity,cost_cents,evidence_tier,status,archived_at'),
            ('program_site', 'program_site', 'program_id,site_id,from_date,until_date,archived_at'),
            ('reporting_quarter', 'reporting_quarter',
             'school_year,number,starts_on,ends_on,archived_at'),
            ('closed_day', 'closed_day', 'site_id,starts_on,ends_on,archived_at'),
            ('blackout', 'blackout', 'site_id,starts_on,ends_on,archived_at'),
            ('partnership', 'partnership',
             'partner_id,arrangement,program_id,focus_area_id,lead_site_id,tier,cadence,status,paused_until,starts_on,ends_on,activated_at,gate_due,vision_district_at,vision_district_by,vision_partner_at,vision_partner_by,vision_partner_recorded_by,archived_at'),
            ('partnership_site', 'partnership_site',
             'partnership_id,site_id,from_date,until_date,archived_at'),
            ('partnership_role', 'partnership_role',
             'partnership_id,side,role,user_id,contact_id,from_date,until_date,archived_at'),
            ('goal', 'goal',
             'partnership_id,indicator_id,unit,direction,baseline,baseline_on,target,due_on,progress,current,current_on,district_at,district_by,partner_at,partner_by,partner_recorded_by,archived_at'),
            ('agreement', 'agreement',
             'kind,status,effective_on,expires_on,notice_days,auto_renew,board_on,district_at,district_by,partner_at,partner_by,partner_recorded_by,district_signed_on,partner_signed_on,data_flows,data_basis,data_destroy_by,supersedes_id,archived_at'),
            ('agreement_partnership', 'agreement_partnership',
             'agreement_id,partnership_id,archived_at'),
            ('investment', 'investment',
             'partnership_id,site_id,side,kind,status,amount_cents,hours,rate_cents,from_date,until_date,confirmed,archived_at'),
            ('instrument', 'instrument', 'code,edition,name,locales,archived_at'),
            ('survey', 'survey',
             'name,instrument_id,mode,status,school_year,opens_on,closes_on,opened_at,closed_at,asks_district,asks_partner,partner_id,site_id,archived_at'),
            ('survey_invitation', 'survey_invitation', 'survey_id,status,reminders,archived_at'),
            ('survey_answer', 'survey_answer', 'survey_id,status,archived_at'),
            ('indicator', 'indicator',
             'code,name,family,unit,direction,aggregation,periods,is_ytd,suppression,source,archived_at'),
            ('observation', 'observation',
             'indicator_id,site_id,cohort,partnership_id,school_year,period_kind,period_start,period_end,as_of,supersedes,superseded_by,archived_at'),
            ('release', 'release', 'school_year'),
            ('message', 'message',
             'class,topic,kind,subject_id,occurrence,contact_id,user_id,partnership_id,status,reason,not_before,not_after,sent_at,archived_at'),
            ('preference', 'preference',
             'contact_id,user_id,topic,channel,opted_out,source,archived_at'),
            ('address_suppression', 'address_suppression', 'reason,archived_at'),
            ('call_task', 'call_task',
             'kind,status,reason,subject_id,contact_id,user_id,partnership_id,message_id,owner_id,done_at,archived_at'),
            ('check_in', 'check_in',
             'partnership_id,school_year,number,due_on,opens_on,status,sequence,archived_at'),
            -- What a half says is hidden from the other side, here too.
            ('check_in_half', 'check_in_half',
             'check_in_id,side,status,recorded_by,on_behalf_of,contact_id,submitted_at,behalf_confirmed_at,archived_at'),
            ('check_in_goal', 'check_in_goal', 'check_in_id,side,goal_id,archived_at'),
            ('action_item', 'action_item',
             'partnership_id,check_in_id,status,owner_user_id,owner_contact_id,due_on,done_at,archived_at'),
            ('reminder', 'reminder',
             'check_in_id,due_on,offset_days,side,contact_id,user_id,sends_on,decision,reason,message_id,archived_at'),
            ('import', 'import', 'kind,status,dry_run,key,empty_cells,file_bytes,encoding,separator,rows_read,created,updated,unchanged,rejected,reverted,conflicts,finished_at'))
            AS r (name, aggregate, fields)
    LOOP
        FOR event IN
            SELECT * FROM (VALUES
                ('INSERT', 'NEW TABLE AS new_rows'),
                ('UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
                ('DELETE', 'OLD TABLE AS old_rows')) AS e (name, transition)
        LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
                 FOR EACH STATEMENT EXECUTE FUNCTION record_change(%L, %L)',
                'record_' || lower(event.name), event.name, recorded.name, event.transition,
                recorded.aggregate, recorded.fields);
        END LOOP;
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER bump_version BEFORE UPDATE ON %I
             FOR EACH ROW EXECUTE FUNCTION bump_version()', recorded.name);
    END LOOP;
END
$$;

-- That a token was used is no change of it: an UPDATE of last_used_at alone counts no version, and
-- what counts no version is not recorded.
CREATE OR REPLACE TRIGGER bump_version
    BEFORE UPDATE OF district_id, id, user_id, kind, token_hash, csrf_hash, label, purpose, roles,
        expires_at, revoked_at, version, created_at, updated_at, archived_at ON access_token
    FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Nor that a mailer leases a message.
CREATE OR REPLACE TRIGGER bump_version
    BEFORE UPDATE OF district_id, id, class, topic, kind, subject_id, recipient_key, occurrence,
        contact_id, user_id, partnership_id, to_address, locale, variables, status, reason,
        not_before, not_after, attempt_count, sent_at, version, created_at, updated_at, archived_at
    ON message
    FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

RESET ROLE;
