-- The tables of tenants, one row each, from which follow who sees them (10_tenancy.sql), who writes them
-- (25_scope.sql) and that their changes are recorded (60_triggers.sql). A test compares this with the catalogue,
-- and with the declarations of the API's resources.

SET ROLE kith_owner;

-- scope: how it is known what covers a row; NULL: no program that a person asks writes it.
--   any       whoever may write the table at all
--   common    whoever may write the table at all makes one; a grant over the whole district changes one
--   district  a grant over the whole district
--   site      the site that the field names; without one, the whole district
--   place     the same, or all sites of the network that network_id names
--   members   the same, or a site that a row of the parent names, which is a table of its members
--   parent    what covers the row of the parent that the field names
--   subject   what covers the one that it names, of several parents
--   links     what covers each row of the parent that names it, which is a table of its links; without
--             a link, any
--   placed    what covers, or who owns, the partner of a row of the parent that has not ended, or of all rows of the
--             parent; without one, any: a contact
--   tie       what covers the row of the parent that the field names; and its contact, where one is made or changed
--   addressee the person whom the field names; or what covers the row of the parent
--   owner     the person whom the field names; or whoever runs the program, by a grant over the whole district
--   person    the person whom the field names; or an administrator
--   admin     an administrator
-- aggregate: what its events are called; NULL: as the table.
-- recorded: the fields whose values the audit log may keep: no person's, no free text, nothing private. NULL:
-- its changes are not recorded.
CREATE OR REPLACE FUNCTION tenant_tables()
RETURNS TABLE (name text, scope text, field text, parent text, aggregate text, recorded text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('district', 'district', NULL, NULL, NULL,
         'slug,name,zone,locale,locales,small_cell,survey_cell,text_cell,mail_hour,mail_until_hour,mail_weekly_cap,partner_year_days,website,accent_color,logo_id,logo_alt,'
         || 'check_in_opening_days,ask_limit,ask_owner_days,agreement_grace_days,agreement_lead_days,credential_lead_days,'
         || 'minimum_enrolled_days,remedy_wait_days,review_lead_days,health_late_minutes,health_failed_mails,health_data_days,fiscal_month,sso_only,opens_on_holidays,vets_partners,'
         || 'go_live_at,is_synthetic,mail_held_at,mail_held_by,archived_at'),
        ('school_year', 'district', NULL, NULL, NULL,
         'school_year,starts_on,ends_on,status,copied_from,opened_at,closed_at,figures,archived_at'),
        ('policy', 'district', NULL, NULL, NULL,
         'edition,title,status,adopted_on,adopted_by,archived_at'),
        ('valuation_rate', 'district', NULL, NULL, NULL,
         'state,from_date,rate_cents,source,archived_at'),
        ('signing_authority', 'district', NULL, NULL, NULL,
         'subject,up_to_cents,signer,archived_at'),
        ('review_rule', 'district', NULL, NULL, NULL,
         'subject,step,from_cents,due_days,archived_at'),
        ('required_credential', 'district', NULL, NULL, NULL,
         'kind,arrangement,tier,least_coverage_cents,archived_at'),
        ('policy_acknowledgment', 'person', 'user_id', NULL, NULL,
         'policy_id,user_id,acknowledged_at,archived_at'),
        ('app_user', 'person', 'id', NULL, 'user',
         'locale,zone,status,contact_id,archived_at'),
        ('retention_rule', 'admin', NULL, NULL, NULL,
         'kind,disposal,years,source,blocks_erasure,is_automatic,applied_at,archived_rows,deleted_rows,archived_at'),
        ('retention_run', NULL, NULL, NULL, NULL,
         'retention_rule_id,on_date,kind,years,archived_rows,deleted_rows,held_rows,referred_rows,left_rows'),
        ('legal_hold', 'district', NULL, NULL, NULL,
         'contact_id,user_id,partner_id,partnership_id,from_date,until_date,status,placed_by,released_at,'
         || 'released_by,archived_at'),
        ('records_request', 'admin', NULL, NULL, NULL,
         'contact_id,user_id,partner_id,received_on,due_on,owner_id,status,gathered_at,records,delivered_at,'
         || 'archived_at'),
        ('erasure', 'admin', NULL, NULL, NULL,
         'contact_id,user_id,replaces_mentions,status,done_at,done_by,changed_rows,kept_rows,lifted_at,archived_at'),
        ('identity_provider', 'admin', NULL, NULL, NULL,
         'label,issuer,client_id,scopes,vouches_for_email,is_active,archived_at'),
        ('user_identity', 'person', 'user_id', NULL, NULL,
         'user_id,identity_provider_id,archived_at'),
        ('user_invitation', 'person', 'user_id', NULL, NULL,
         'user_id,status,invited_by,mails,expires_at,ended_at,archived_at'),
        ('mail_check', 'person', 'user_id', NULL, NULL,
         'user_id,status,expires_at,confirmed_at,archived_at'),
        ('user_grant', 'admin', NULL, NULL, NULL,
         'user_id,role,scope_kind,scope_id,from_date,until_date,archived_at'),
        ('access_token', 'person', 'user_id', NULL, NULL,
         'user_id,kind,purpose,roles,is_read_only,resources,scope_kind,scope_id,expires_at,revoked_at,archived_at'),
        ('network', 'district', NULL, NULL, NULL,
         'name,archived_at'),
        ('site', 'site', 'id', NULL, NULL,
         'network_id,name,kind,status,merged_into,local_id,state_id,nces_id,level,grade_low,grade_high,zone,'
         || 'website,title_i,archived_at'),
        ('site_closing', 'site', 'site_id', NULL, NULL,
         'site_id,into_site_id,kind,on_date,status,user_id,import_id,done_at,archived_at'),
        ('site_year', 'site', 'site_id', NULL, NULL,
         'site_id,school_year,enrollment,title_i,economic_need,as_of,archived_at'),
        ('post', 'place', 'site_id', NULL, NULL,
         'site_id,network_id,kind,title,reports_to_id,archived_at'),
        ('post_holder', 'parent', 'post_id', 'post', NULL,
         'post_id,user_id,is_acting,from_date,until_date,archived_at'),
        ('site_vision', 'site', 'site_id', NULL, NULL,
         'site_id,school_year,priority_id,status,adopted_on,archived_at'),
        ('site_vision_author', 'parent', 'site_vision_id', 'site_vision', NULL,
         'site_vision_id,role,people,archived_at'),
        ('readiness_condition', 'district', NULL, NULL, NULL,
         'name,code,archived_at'),
        ('readiness_rating', 'site', 'site_id', NULL, NULL,
         'site_id,readiness_condition_id,school_year,partner_id,rating,rated_on,recorded_by,archived_at'),
        ('partner', 'site', 'lead_site_id', NULL, NULL,
         'parent_id,name,kind,ein,website,reach,tier,stage,funding_types,in_directory,merged_into,owner_id,'
         || 'lead_site_id,last_contact_on,archived_at'),
        ('partner_edit', 'parent', 'partner_id', 'partner', NULL,
         'partner_id,field,user_id,status,decided_at,decided_by,archived_at'),
        ('champion', 'owner', 'owner_id', NULL, NULL,
         'owner_id,status,milestone_due_on,milestone_on,archived_at'),
        ('champion_step', 'parent', 'champion_id', 'champion', NULL,
         'champion_id,on_date,kind,is_done,archived_at'),
        ('departure', 'district', NULL, NULL, NULL,
         'user_id,contact_id,partner_id,on_date,receiver_user_id,receiver_contact_id,status,handed_over_at,'
         || 'archived_at'),
        ('departure_receiver', 'parent', 'departure_id', 'departure', NULL,
         'departure_id,resource,subject_id,user_id,contact_id,archived_at'),
        ('introduction_letter', 'addressee', 'user_id', 'departure', NULL,
         'departure_id,contact_id,user_id,partnership_id,kind,status,sent_at,message_id,archived_at'),
        ('stuck_dismissal', 'parent', 'partner_id', 'partner', NULL,
         'partner_id,until_date,archived_at'),
        ('remedy', 'addressee', 'lead_id', 'partner', NULL,
         'partner_id,need_ids,contact_id,lead_id,status,waits_until,sent_at,message_id,archived_at'),
        ('complaint', 'owner', 'owner_id', NULL, NULL,
         'partner_id,partnership_id,site_id,received_on,owner_id,status,closed_on,archived_at'),
        ('inquiry', 'addressee', 'owner_id', 'site', NULL,
         'kind,offer_kind,site_id,need_id,source,answer_by,owner_id,answered_at,partner_id,offer_id,pledge_id,status,archived_at'),
        ('introduction', 'site', 'site_id', NULL, NULL,
         'partner_id,site_id,on_date,outcome,archived_at'),
        ('roll_call', 'site', 'site_id', NULL, NULL,
         'site_id,school_year,due_on,status,submitted_by,submitted_at,confirmed_by,confirmed_at,archived_at'),
        ('roll_call_mark', 'parent', 'roll_call_id', 'roll_call', NULL,
         'roll_call_id,partner_id,mark,is_added,archived_at'),
        ('roll_call_change', 'parent', 'roll_call_id', 'roll_call', NULL,
         'roll_call_id,partner_id,kind,partnership_id,program_id,contact_id,status,decided_by,decided_at,archived_at'),
        ('partner_merge', NULL, NULL, NULL, NULL,
         'partner_id,merged,user_id,undone_at,archived_at'),
        ('contact_merge', NULL, NULL, NULL, NULL,
         'contact_id,merged,user_id,undone_at,archived_at'),
        ('duplicate_dismissal', 'district', NULL, NULL, NULL,
         'first_id,second_id,archived_at'),
        ('partner_owner', 'parent', 'partner_id', 'partner', NULL,
         'partner_id,user_id,site_id,from_date,until_date,archived_at'),
        ('partner_focus_area', 'parent', 'partner_id', 'partner', NULL,
         'partner_id,focus_area_id,archived_at'),
        ('credential', 'parent', 'partner_id', 'partner', NULL,
         'partner_id,kind,coverage_cents,issued_on,expires_on,status,submitted_contact_id,verified_by,verified_at,archived_at'),
        ('offer', 'parent', 'partner_id', 'partner', NULL,
         'partner_id,name,kind,focus_area_id,reach,quantity,unit,taken,remaining,from_date,until_date,status,'
         || 'archived_at'),
        ('focus_area', 'district', NULL, NULL, NULL,
         'parent_id,name,code,beyond_teaching,archived_at'),
        ('contact', 'placed', NULL, 'affiliation', NULL,
         'locale,channels,status,merged_into,archived_at'),
        ('affiliation', 'tie', 'partner_id', 'partner', NULL,
         'contact_id,partner_id,from_date,until_date,may_sign_in,archived_at'),
        ('program', 'parent', 'partner_id', 'partner', NULL,
         'partner_id,name,focus_area_id,setting,audience,grades,capacity,cost_cents,minimum_dosage,dosage_unit,evidence_tier,status,'
         || 'archived_at'),
        ('program_site', 'site', 'site_id', NULL, NULL,
         'program_id,site_id,from_date,until_date,archived_at'),
        ('reporting_quarter', 'district', NULL, NULL, NULL,
         'school_year,number,starts_on,ends_on,archived_at'),
        ('site_quarter', 'site', 'site_id', NULL, NULL,
         'site_id,school_year,number,starts_on,ends_on,archived_at'),
        ('academic_session', 'district', NULL, NULL, NULL,
         'source_id,title,kind,school_year,starts_on,ends_before,parent_id,reporting_quarter_id,archived_at'),
        ('closed_day', 'site', 'site_id', NULL, NULL,
         'site_id,starts_on,ends_on,is_open,archived_at'),
        ('blackout', 'site', 'site_id', NULL, NULL,
         'site_id,starts_on,ends_on,archived_at'),
        ('assessment', 'place', 'site_id', NULL, NULL,
         'school_year,network_id,site_id,audience,source,survey_id,asked_on,people,filled_at,filled_by,archived_at'),
        ('priority', 'place', 'site_id', NULL, NULL,
         'school_year,network_id,site_id,focus_area_id,assessment_id,indicator_id,direction,baseline,target,'
         || 'status,adopted_on,adopted_by,revised_on,revised_by,carried_from_id,archived_at'),
        ('need', 'place', 'site_id', NULL, NULL,
         'network_id,site_id,focus_area_id,priority_id,assessment_id,people_affected,resource_kinds,quantity,'
         || 'filled,delivered,needed_by,urgency,origin,internal_capacity,reviewed_by,reviewed_at,status,'
         || 'opened_at,call_to_action_id,archived_at'),
        ('displacement_review', 'place', 'site_id', NULL, NULL,
         'need_id,partner_id,partnership_id,network_id,site_id,done_by_employees,kind,status,decided_by,'
         || 'decided_at,approved_by,approved_at,archived_at'),
        ('match_weight', 'district', NULL, NULL, NULL,
         'factor,weight,from_date,archived_at'),
        ('ask', 'addressee', 'owner_id', 'need', NULL,
         'need_id,partner_id,contact_id,program_id,quantity,respond_by,status,owner_id,submitted_at,'
         || 'submitted_by,cleared_at,cleared_by,held_at,held_by,held_until,sent_at,sent_by,answered_at,'
         || 'answered_contact_id,answer_seen_at,answer_seen_by,mail_on,'
         || 'archived_at'),
        ('follow_up', 'parent', 'ask_id', 'ask', NULL,
         'ask_id,due_on,owner_id,status,done_at,archived_at'),
        ('pledge', 'parent', 'need_id', 'need', NULL,
         'offer_id,need_id,partner_id,ask_id,contact_id,program_id,quantity,starts_on,ends_on,status,delivered,'
         || 'accepted_at,delivered_at,partnership_id,is_own_word,archived_at'),
        ('pledge_site', 'parent', 'pledge_id', 'pledge', NULL,
         'pledge_id,site_id,quantity,archived_at'),
        ('tag', 'common', NULL, NULL, NULL,
         'name,archived_at'),
        ('tagging', 'subject', NULL, 'site,partner,contact,partnership', NULL,
         'tag_id,site_id,partner_id,contact_id,partnership_id,archived_at'),
        ('custom_field', 'district', NULL, NULL, NULL, 'subject,code,name,type,choices,minimum,maximum,is_required,class,place,archived_at'),
        ('custom_value', 'subject', NULL, 'site,partner,contact,partnership', NULL,
         'custom_field_id,site_id,partner_id,contact_id,partnership_id,archived_at'),
        ('saved_filter', 'person', 'owner_id', NULL, NULL,
         'resource,owner_id,is_shared,count,counted_at,archived_at'),
        ('report', 'person', 'owner_id', NULL, NULL,
         'network_id,site_id,partner_id,partnership_id,school_year,period,parts,owner_id,every,recipient_roles,next_on,last_on,archived_at'),
        ('template', 'district', NULL, NULL, NULL, 'kind,name,locale,archived_at'),
        ('call_to_action', 'district', NULL, NULL, NULL,
         'focus_area_id,resource_kinds,quantity,deadline,status,opened_at,opened_by,ended_at,is_public,archived_at'),
        ('landscape_snapshot', 'district', NULL, NULL, NULL,
         'school_year,term,taken_on,partners,partnerships,needs,gaps,archived_at'),
        ('portfolio_review', 'place', 'site_id', NULL, NULL,
         'school_year,network_id,site_id,planned_on,status,held_on,closed_on,archived_at'),
        ('portfolio_decision', 'parent', 'portfolio_review_id', 'portfolio_review', NULL,
         'portfolio_review_id,kind,owner_id,due_on,partnership_id,status,done_at,archived_at'),
        ('convening_template', 'district', NULL, NULL, NULL,
         'name,level,kind,anchor,quarter,offset_days,local_hour,local_minute,duration_minutes,capacity,reminder_days,'
         || 'is_active,archived_at'),
        ('convening', 'place', 'site_id', NULL, NULL,
         'school_year,network_id,site_id,kind,starts_at,ends_at,moved_from,capacity,reminder_days,host_id,'
         || 'convening_template_id,status,held_on,closed_on,sequence,archived_at'),
        ('convening_plan', 'any', NULL, NULL, NULL,
         'convening_template_id,school_year,network_id,status,made,committed_at,committed_by,archived_at'),
        ('agenda_item', 'parent', 'convening_id', 'convening', NULL,
         'convening_id,position,source,kind,minutes,presenter_id,partnership_id,subject_kind,subject_id,'
         || 'thank_you_id,story_id,archived_at'),
        ('convening_invitee', 'parent', 'convening_id', 'convening', NULL,
         'convening_id,contact_id,user_id,partnership_id,status,guests,answered_at,recorded_by,attended,is_walk_in,'
         || 'archived_at'),
        ('convening_decision', 'parent', 'convening_id', 'convening', NULL,
         'convening_id,agenda_item_id,kind,partnership_id,goal_id,need_id,partner_id,site_id,section,target,change_kind,owner_user_id,'
         || 'owner_contact_id,due_on,status,result_kind,result_id,applied_at,applied_by,archived_at'),
        ('partnership', 'members', 'lead_site_id', 'partnership_site', NULL,
         'partner_id,arrangement,program_id,focus_area_id,lead_site_id,tier,cadence,status,paused_until,'
         || 'starts_on,ends_on,ended_on,activated_at,gate_due,agreement_lapsed_on,vision_district_at,vision_district_by,vision_partner_at,'
         || 'vision_partner_by,vision_partner_recorded_by,vision_partner_version,archived_at'),
        ('partnership_site', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,site_id,from_date,until_date,archived_at'),
        ('partnership_role', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,side,role,user_id,contact_id,from_date,until_date,archived_at'),
        ('goal', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,priority_id,indicator_id,unit,direction,baseline,baseline_on,target,due_on,progress,current,'
         || 'current_on,district_at,district_by,partner_at,partner_by,partner_recorded_by,partner_version,archived_at'),
        ('agreement', 'links', NULL, 'agreement_partnership', NULL,
         'kind,status,effective_on,expires_on,notice_days,amount_cents,auto_renew,board_on,attachment_id,district_at,district_by,'
         || 'partner_at,partner_by,partner_recorded_by,district_signed_on,partner_signed_on,data_flows,data_basis,'
         || 'data_destroy_by,named_in_notice,under_direct_control,supersedes_id,amends_id,amended_on,notice_decision,notice_for,'
         || 'notice_decided_by,data_disposal,data_disposed_on,data_recorded_by,archived_at'),
        ('agreement_step', 'parent', 'agreement_id', 'agreement', NULL,
         'agreement_id,kind,user_id,due_on,status,decided_at,decided_by,archived_at'),
        ('agreement_item', 'parent', 'agreement_id', 'agreement', NULL,
         'agreement_id,position,is_required,status,archived_at'),
        ('agreement_signature', 'parent', 'agreement_id', 'agreement', NULL,
         'agreement_id,side,method,signed_as,signed_on,attachment_id,user_id,archived_at'),
        ('site_plan', 'site', 'site_id', NULL, NULL,
         'partnership_id,site_id,school_year,status,user_id,contact_id,agreed_on,archived_at'),
        ('family_plan', 'site', 'site_id', NULL, NULL,
         'site_id,school_year,user_id,archived_at'),
        ('family_part', 'parent', 'partnership_id', 'partnership', NULL,
         'family_plan_id,partnership_id,part,archived_at'),
        ('family_event', 'site', 'site_id', NULL, NULL,
         'site_id,family_plan_id,partnership_id,on_date,languages,archived_at'),
        ('partnership_review', 'subject', NULL, 'partnership,program', NULL,
         'partnership_id,program_id,school_year,due_on,user_id,status,quality,sustainability,decision,evidence_as_of,'
         || 'decided_by,decided_at,approved_by,archived_at'),
        ('renewal_campaign', 'district', NULL, NULL, NULL,
         'expires_from,expires_until,kind,board_on,archived_at'),
        ('renewal', 'district', NULL, NULL, NULL,
         'renewal_campaign_id,agreement_id,decision,partnership_review_id,successor_id,archived_at'),
        ('agreement_partnership', 'parent', 'partnership_id', 'partnership', NULL,
         'agreement_id,partnership_id,archived_at'),
        ('partnership_partner', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,partner_id,role,program_id,from_date,until_date,archived_at'),
        ('interaction', 'site', 'site_id', NULL, NULL,
         'partner_id,partnership_id,site_id,kind,on_date,user_id,contact_id,follow_up_on,followed_up_on,archived_at'),
        ('activity', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,site_id,program_id,kind,on_date,until_date,audience,hours,archived_at'),
        ('partnership_change', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,kind,on_date,site_id,check_in_id,archived_at'),
        ('milestone', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,goal_id,due_on,status,reached_on,archived_at'),
        ('goal_partnership', 'parent', 'partnership_id', 'partnership', NULL,
         'goal_id,partnership_id,district_at,district_by,partner_at,partner_by,partner_recorded_by,'
         || 'partner_version,archived_at'),
        ('funding_opportunity', 'any', NULL, NULL, NULL,
         'kind,applicant,least_cents,most_cents,opens_on,due_on,focus_area_id,owner_id,archived_at'),
        ('funding_application', 'site', 'site_id', NULL, NULL,
         'funding_opportunity_id,partner_id,site_id,owner_id,requested_cents,due_on,status,submitted_on,'
         || 'decided_on,awarded_cents,from_date,until_date,archived_at'),
        ('funding_applicant', 'parent', 'funding_application_id', 'funding_application', NULL,
         'funding_application_id,partner_id,role,share_cents,archived_at'),
        ('funding_partnership', 'parent', 'funding_application_id', 'funding_application', NULL,
         'funding_application_id,partnership_id,share_cents,archived_at'),
        ('funding_period', 'parent', 'funding_application_id', 'funding_application', NULL,
         'funding_application_id,from_date,until_date,awarded_cents,report_due_on,reported_on,archived_at'),
        ('training', 'site', 'site_id', NULL, NULL,
         'partner_id,site_id,focus_area_id,audience,on_date,until_date,hours,seats,owner_id,archived_at'),
        ('training_seat', 'parent', 'training_id', 'training', NULL,
         'training_id,user_id,contact_id,status,waits_since,hours,archived_at'),
        ('coaching', 'site', 'site_id', NULL, NULL,
         'site_id,user_id,school_year,coach_id,on_date,archived_at'),
        ('example', 'site', 'site_id', NULL, NULL,
         'site_id,partnership_id,focus_area_id,status,shared_on,archived_at'),
        ('example_copy', 'site', 'site_id', NULL, NULL,
         'example_id,site_id,archived_at'),
        ('placement', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,site_id,contact_id,fte,funder,annual_cost_cents,supervisor_id,from_date,'
         || 'until_date,clearance_attested_on,clearance_attested_by,clearance_until,archived_at'),
        ('investment', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,partner_id,site_id,side,kind,status,amount_cents,hours,rate_cents,from_date,until_date,'
         || 'confirmed,'
         || 'placement_id,confirmed_at,is_assigned,match_cents,archived_at'),
        ('donee', 'district', NULL, NULL, NULL,
         'name,kind,ein,site_id,archived_at'),
        ('gift_step', 'parent', 'gift_id', 'gift', NULL,
         'gift_id,kind,due_on,status,decided_at,decided_by,archived_at'),
        ('gift', 'site', 'site_id', NULL, NULL,
         'donee_id,partner_id,contact_id,partnership_id,kind,offered_on,site_id,restricted_until,status,accepted_on,'
         || 'accepted_by,accepted_as,board_on,received_on,investment_id,thanked,archived_at'),
        ('thank_you', 'addressee', 'owner_id', 'partnership', NULL,
         'occasion,partner_id,contact_id,partnership_id,gift_id,pledge_id,milestone_id,school_year,owner_id,due_on,status,'
         || 'way,given_on,message_id,archived_at'),
        ('tax_document', 'district', NULL, NULL, NULL,
         'kind,donee_id,partner_id,contact_id,gift_id,year,number,status,issued_on,issued_by,sent_at,message_id,'
         || 'replaces_id,archived_at'),
        ('award', 'district', NULL, NULL, NULL,
         'kind,partner_id,contact_id,school_year,years,given_on,archived_at'),
        ('story', 'site', 'site_id', NULL, NULL,
         'locale,site_id,owner_id,shows_people,status,names_attested_at,names_attested_by,submitted_at,approved_at,'
         || 'approved_by,published_at,withdrawn_at,archived_at'),
        ('story_subject', 'parent', 'story_id', 'story', NULL,
         'story_id,partnership_id,site_id,gift_id,contact_id,asked_at,answered_at,answered_by,consent_on,consent_contact_id,'
         || 'consent_recorded_by,archived_at'),
        ('story_person', 'parent', 'story_id', 'story', NULL,
         'story_id,is_student,release_on,release_attested_by,archived_at'),
        ('bulletin', 'district', NULL, NULL, NULL,
         'saved_filter_id,focus_area_id,site_id,send_on,stale_days,status,sent_at,scheduled_by,archived_at'),
        ('instrument', 'district', NULL, NULL, NULL,
         'code,edition,name,subject,locales,status,frozen_at,copied_from_id,archived_at'),
        ('survey', 'site', 'site_id', NULL, NULL,
         'name,instrument_id,mode,status,school_year,opens_on,closes_on,opened_at,closed_at,counted_at,asks_district,asks_partner,partner_id,site_id,audience,'
         || 'contact_filter_id,user_filter_id,late_joiners,opening_hour,reminder_days,is_sensitive,has_public_link,public_hourly,public_total,archived_at'),
        ('survey_invitation', 'addressee', 'user_id', 'survey', NULL,
         'survey_id,status,audience,reminders,archived_at'),
        ('survey_answer', 'parent', 'survey_invitation_id', 'survey_invitation', NULL,
         'survey_id,status,archived_at'),
        ('indicator', 'district', NULL, NULL, NULL,
         'code,name,family,unit,direction,aggregation,periods,is_ytd,suppression,source,archived_at'),
        ('observation', 'district', NULL, NULL, NULL,
         'indicator_id,site_id,cohort,partnership_id,school_year,period_kind,period_start,period_end,minimum_dosage,dosage_unit,as_of,'
         || 'supersedes,superseded_by,archived_at'),
        ('release', 'district', NULL, NULL, NULL,
         'school_year,status,reason,finished_at'),
        ('message', 'any', NULL, NULL, NULL,
         'class,topic,kind,subject_id,occurrence,contact_id,user_id,inquiry_id,partnership_id,carried_by,status,reason,not_before,'
         || 'not_after,sent_at,archived_at'),
        ('preference', 'any', NULL, NULL, NULL,
         'contact_id,user_id,topic,channel,opted_out,source,archived_at'),
        ('address_suppression', 'any', NULL, NULL, NULL,
         'reason,archived_at'),
        ('mail_report', 'any', NULL, NULL, NULL,
         'message_id,kind,status,archived_at'),
        ('call_task', 'parent', 'partnership_id', 'partnership', NULL,
         'kind,status,reason,subject_id,contact_id,user_id,partnership_id,message_id,owner_id,done_at,'
         || 'archived_at'),
        ('check_in', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,school_year,number,due_on,opens_on,status,answered_at,sequence,archived_at'),
        -- What a half says is hidden from the other side, here too.
        ('check_in_half', 'parent', 'check_in_id', 'check_in', NULL,
         'check_in_id,side,status,recorded_by,on_behalf_of,contact_id,submitted_at,behalf_confirmed_at,'
         || 'archived_at'),
        ('check_in_goal', 'parent', 'check_in_id', 'check_in', NULL,
         'check_in_id,side,goal_id,archived_at'),
        ('goal_settlement', 'parent', 'check_in_id', 'check_in', NULL, 'check_in_id,goal_id,side,user_id,contact_id,settled_at,archived_at'),
        ('check_in_delegate', 'parent', 'check_in_id', 'check_in', NULL, 'check_in_id,from_contact_id,to_contact_id,archived_at'),
        ('check_in_site', 'site', 'site_id', NULL, NULL,
         'check_in_id,site_id,rating,archived_at'),
        ('action_item', 'subject', NULL, 'partnership,site,need,convening,partner', NULL,
         'partnership_id,check_in_id,partnership_review_id,site_id,need_id,partner_id,convening_id,status,'
         || 'owner_user_id,owner_contact_id,due_on,done_at,archived_at'),
        ('reminder', NULL, NULL, NULL, NULL,
         'check_in_id,due_on,offset_days,reminder_rule_id,side,contact_id,user_id,sends_on,decision,reason,message_id,'
         || 'archived_at'),
        ('reminder_rule', 'parent', 'partnership_id', 'partnership', NULL,
         'partnership_id,effective_from,follows_district,reminder_days,recipients,language,locale,escalates,escalation_days,archived_at'),
        ('attachment', 'any', NULL, NULL, NULL,
         'media_type,bytes,sha256,subject_kind,subject_id,archived_at'),
        ('import', 'any', NULL, NULL, NULL,
         'kind,status,dry_run,key,empty_cells,file_bytes,encoding,separator,rows_read,created,updated,'
         || 'unchanged,rejected,reverted,conflicts,finished_at'))
        AS t (name, scope, field, parent, aggregate, recorded)
    UNION ALL
    SELECT a.name, NULL, NULL, NULL, NULL, NULL -- of the programs alone
    FROM unnest('{
        records_part,erased_address,duplicate_key,duplicate_match,search_text,search_word,sign_in_failure,
        partner_recount,turn_mark,survey_mark,survey_block,survey_counted,survey_tally,rollup_mark,tally,tally_crossing,rollup,release_due,release_asked,release_step,release_count,release_sum,digest,message_attempt,attachment_piece,audit,
        outbox,idempotency,processed,dead_letter,import_work,import_batch,import_chunk,import_row,import_change,schedule,
        link,survey_anonymous_answer,survey_public_use,survey_look}'::text[]) AS a (name);
END;

REVOKE EXECUTE ON FUNCTION tenant_tables FROM PUBLIC;

RESET ROLE;
