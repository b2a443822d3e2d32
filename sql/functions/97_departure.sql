-- Departures: what somebody carries is found by one table of columns, and handed over in one transaction.

SET ROLE kith_owner;

-- Each column that says who does something. A new table is a row here, or one of person_history(): a test
-- walks the catalogue.
--   person    user or contact
--   way       moves: the receiver takes the place; dated: the row ends, and the receiver's begins; ends: nobody
--             takes it over
--   open_if   which rows are still carried, over t; $2 is the day
--   title     its own column, or <parent>.<column>
--   partner   where it is of a partner, in the same way
--   rival     dated: what another row o has in common with t for both not to hold on a day; $3 is the receiver
CREATE OR REPLACE FUNCTION person_columns()
RETURNS TABLE (name text, field text, person text, resource text, way text, open_if text, title text,
               partner text, rival text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('partner', 'owner_id', 'user', 'partners', 'moves', 'true', 'name', NULL, NULL),
        ('partner_owner', 'user_id', 'user', 'partner_owners', 'dated', 'true', 'partner.name', NULL,
         'o.partner_id = t.partner_id AND o.user_id = $3'),
        ('post_holder', 'user_id', 'user', 'post_holders', 'dated', 'true', 'post.title', NULL,
         'o.post_id = t.post_id AND o.is_acting = t.is_acting'),
        ('partnership_role', 'user_id', 'user', 'partnership_roles', 'dated',
         'EXISTS (SELECT FROM partnership x WHERE x.district_id = t.district_id AND x.id = t.partnership_id
                  AND x.archived_at IS NULL AND x.status NOT IN (''ended'', ''declined''))',
         'partnership.name', NULL,
         'o.partnership_id = t.partnership_id AND o.role = t.role AND o.user_id = $3'),
        ('action_item', 'owner_user_id', 'user', 'action_items', 'moves', 't.status = ''open''', 'description',
         NULL, NULL),
        ('call_task', 'owner_id', 'user', 'call_tasks', 'moves', 't.status = ''open''', 'contact.name', NULL,
         NULL),
        ('follow_up', 'owner_id', 'user', 'follow_ups', 'moves', 't.status = ''open''', 'note', NULL, NULL),
        ('ask', 'owner_id', 'user', 'asks', 'moves', 't.status IN (''draft'', ''sent'', ''talk'')', 'need.title',
         NULL, NULL),
        ('inquiry', 'owner_id', 'user', 'inquiries', 'moves',
         't.status IN (''new'', ''assigned'', ''answered'')', 'organization', NULL, NULL),
        ('champion', 'owner_id', 'user', 'champions', 'moves', 't.status NOT IN (''reached'', ''lapsed'')',
         'contact.name', NULL, NULL),
        ('complaint', 'owner_id', 'user', 'complaints', 'moves', 't.status = ''open''', 'partner.name', NULL, NULL),
        ('champion_step', 'user_id', 'user', 'champion_steps', 'moves', 'NOT t.is_done', 'kind', NULL, NULL),
        ('placement', 'supervisor_id', 'user', 'placements', 'moves',
         'coalesce(t.until_date, ''infinity'') >= $2', 'title', NULL, NULL),
        ('portfolio_decision', 'owner_id', 'user', 'portfolio_decisions', 'moves', 't.status = ''open''',
         'decision', NULL, NULL),
        ('agreement_step', 'user_id', 'user', 'agreement_steps', 'moves', 't.status = ''pending''',
         'agreement.title', NULL, NULL),
        ('site_plan', 'user_id', 'user', 'site_plans', 'moves', 't.status <> ''closed''', 'partnership.name',
         NULL, NULL),
        ('family_plan', 'user_id', 'user', 'family_plans', 'moves', 't.school_year >= school_year_today()',
         'site.name', NULL, NULL),
        ('partnership_review', 'user_id', 'user', 'partnership_reviews', 'moves',
         't.status IN (''due'', ''drafting'')', 'partnership.name', NULL, NULL),
        ('records_request', 'owner_id', 'user', 'records_requests', 'moves',
         't.status NOT IN (''delivered'', ''withdrawn'')', 'requester', NULL, NULL),
        ('thank_you', 'owner_id', 'user', 'thank_yous', 'moves', 't.status = ''draft''', 'subject', NULL, NULL),
        ('story', 'owner_id', 'user', 'stories', 'moves', 't.status NOT IN (''published'', ''withdrawn'')', 'title',
         NULL, NULL),
        ('convening', 'host_id', 'user', 'convenings', 'moves', 't.status NOT IN (''closed'', ''cancelled'')',
         'title', NULL, NULL),
        ('agenda_item', 'presenter_id', 'user', 'agenda_items', 'moves',
         'EXISTS (SELECT FROM convening x WHERE x.district_id = t.district_id AND x.id = t.convening_id
                  AND x.archived_at IS NULL AND x.status IN (''planned'', ''invited''))', 'title', NULL, NULL),
        ('convening_decision', 'owner_user_id', 'user', 'convening_decisions', 'moves', 't.status = ''open''',
         'decision', NULL, NULL),
        ('funding_opportunity', 'owner_id', 'user', 'funding_opportunities', 'moves',
         'coalesce(t.due_on, ''infinity'') >= $2', 'name', NULL, NULL),
        ('funding_application', 'owner_id', 'user', 'funding_applications', 'moves',
         't.status NOT IN (''declined'', ''withdrawn'') AND coalesce(t.until_date, ''infinity'') >= $2', 'title', NULL,
         NULL),
        ('training', 'owner_id', 'user', 'trainings', 'moves', 'coalesce(t.until_date, t.on_date) >= $2', 'title',
         NULL, NULL),
        ('coaching', 'coach_id', 'user', 'coachings', 'moves', 't.school_year >= school_year_today()', 'site.name',
         NULL, NULL),
        ('remedy', 'lead_id', 'user', 'remedies', 'moves', 't.status = ''waiting''', 'partner.name', NULL, NULL),
        ('introduction_letter', 'user_id', 'user', 'introduction_letters', 'moves', 't.status = ''draft''',
         'contact.name', NULL, NULL),
        ('departure', 'receiver_user_id', 'user', 'departures', 'moves', 't.status = ''planned''', 'reason',
         NULL, NULL),
        ('departure_receiver', 'user_id', 'user', 'departure_receivers', 'moves',
         'EXISTS (SELECT FROM departure x WHERE x.district_id = t.district_id AND x.id = t.departure_id
                  AND x.archived_at IS NULL AND x.status = ''planned'')', 'resource', NULL, NULL),
        ('saved_filter', 'owner_id', 'user', 'saved_filters', 'moves', 'true', 'name', NULL, NULL),
        ('report', 'owner_id', 'user', 'reports', 'moves', 'true', 'name', NULL, NULL),
        ('user_grant', 'user_id', 'user', 'grants', 'ends', 'true', 'role', NULL, NULL),
        ('affiliation', 'contact_id', 'contact', 'affiliations', 'ends', 'true', 'partner.name', 'partner_id',
         NULL),
        ('partnership_role', 'contact_id', 'contact', 'partnership_roles', 'dated',
         'EXISTS (SELECT FROM partnership x WHERE x.district_id = t.district_id AND x.id = t.partnership_id
                  AND x.archived_at IS NULL AND x.status NOT IN (''ended'', ''declined''))',
         'partnership.name', 'partnership.partner_id',
         'o.partnership_id = t.partnership_id AND o.role = t.role AND o.contact_id = $3'),
        ('action_item', 'owner_contact_id', 'contact', 'action_items', 'moves', 't.status = ''open''',
         'description', 'partnership.partner_id', NULL),
        ('convening_decision', 'owner_contact_id', 'contact', 'convening_decisions', 'moves',
         't.status = ''open''', 'decision', 'partnership.partner_id', NULL),
        ('ask', 'contact_id', 'contact', 'asks', 'moves', 't.status IN (''draft'', ''sent'', ''talk'')',
         'need.title', 'partner_id', NULL),
        ('pledge', 'contact_id', 'contact', 'pledges', 'moves',
         't.status NOT IN (''declined'', ''delivered'', ''failed'')', 'need.title', 'partner_id', NULL),
        ('placement', 'contact_id', 'contact', 'placements', 'moves',
         'coalesce(t.until_date, ''infinity'') >= $2', 'title', 'partnership.partner_id', NULL),
        ('site_plan', 'contact_id', 'contact', 'site_plans', 'moves', 't.status <> ''closed''',
         'partnership.name', 'partnership.partner_id', NULL),
        ('remedy', 'contact_id', 'contact', 'remedies', 'moves', 't.status = ''waiting''', 'partner.name',
         'partner_id', NULL),
        ('departure', 'receiver_contact_id', 'contact', 'departures', 'moves', 't.status = ''planned''', 'reason',
         'partner_id', NULL),
        ('departure_receiver', 'contact_id', 'contact', 'departure_receivers', 'moves',
         'EXISTS (SELECT FROM departure x WHERE x.district_id = t.district_id AND x.id = t.departure_id
                  AND x.archived_at IS NULL AND x.status = ''planned'')', 'resource', 'departure.partner_id',
         NULL))
        AS c (name, field, person, resource, way, open_if, title, partner, rival);
END;

-- Columns that stay as they are, and why; '%': all of that name.
CREATE OR REPLACE FUNCTION person_history() RETURNS TABLE (name text, field text, why text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('%', '%_by', 'who did something has done it'),
        ('access_token', 'user_id', 'ends with the account'),
        ('user_invitation', 'user_id', 'ends with the account'),
        ('mail_check', 'user_id', 'who saw it'),
        ('user_identity', 'user_id', 'ends with the account'),
        ('app_user', 'contact_id', 'the same person'),
        ('legal_hold', '%_id', 'whom it is about'),
        ('records_request', 'contact_id', 'whom it is about'),
        ('records_request', 'user_id', 'whom it is about'),
        ('erasure', '%_id', 'who is erased'),
        ('link', '%_id', 'ends with the departure'),
        ('message', '%_id', 'whom a mail was for'),
        ('digest', 'user_id', 'who was told'),
        ('reminder', '%_id', 'whom a reminder was for'),
        ('call_task', 'contact_id', 'whom it is about'),
        ('call_task', 'user_id', 'whom it is about'),
        ('preference', '%_id', 'a person''s own'),
        ('policy_acknowledgment', 'user_id', 'who has acknowledged it'),
        ('survey_invitation', '%_id', 'nobody answers for another'),
        ('check_in_half', 'contact_id', 'who has answered; a draft is its side''s'),
        ('check_in_half', 'on_behalf_of', 'for whom it was told'),
        ('check_in_delegate', '%_id', 'who has passed one on, and to whom'),
        ('goal_settlement', '%_id', 'who has written down what was agreed'),
        ('interaction', '%_id', 'who has met whom'),
        ('introduction', '%_id', 'who has introduced whom'),
        ('convening_invitee', '%_id', 'who is invited'),
        ('inquiry', 'contact_id', 'who has asked'),
        ('champion', 'contact_id', 'the champion'),
        ('roll_call_change', 'contact_id', 'whom a school works with'),
        ('tagging', 'contact_id', 'who is tagged'),
        ('custom_value', 'contact_id', 'whom it is about'),
        ('agreement_signature', '%_id', 'who has signed'),
        ('investment', 'confirmed_contact_id', 'who has confirmed it'),
        ('ask', 'answered_contact_id', 'who has answered it'),
        ('credential', 'submitted_contact_id', 'who has sent it'),
        ('readiness_rating', 'contact_id', 'who has said it'),
        ('attachment', 'uploaded_contact_id', 'who has sent it'),
        ('gift', 'contact_id', 'who has given'),
        ('thank_you', 'contact_id', 'who is thanked'),
        ('tax_document', 'contact_id', 'who has given'),
        ('award', 'contact_id', 'who has it'),
        ('story_subject', 'consent_contact_id', 'who has consented'),
        ('story_subject', 'answered_by', 'who has answered'),
        ('story_subject', 'contact_id', 'whom it names'),
        ('training_seat', '%_id', 'who comes, or came'),
        ('coaching', 'user_id', 'who was coached'),
        ('partner_edit', 'user_id', 'who has said it'),
        ('partner_edit', 'contact_id', 'who has said it'),
        ('partner_merge', 'user_id', 'who has merged'),
        ('site_closing', 'user_id', 'who has closed it'),
        ('contact_merge', '%_id', 'who has merged, and whom'),
        ('contact', 'merged_into', 'whom it turned out to be'),
        ('departure', 'user_id', 'who leaves'),
        ('departure', 'contact_id', 'who leaves'),
        ('introduction_letter', 'contact_id', 'whom it is to'))
        AS h (name, field, why);
END;

-- A column of t, or of the row that it refers to.
CREATE OR REPLACE FUNCTION person_path(p_path text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN strpos(p_path, '.') = 0 THEN format('t.%I', p_path) ELSE format(
    '(SELECT x.%I FROM %I x WHERE x.district_id = t.district_id AND x.id = t.%I)',
    split_part(p_path, '.', 2), split_part(p_path, '.', 1), split_part(p_path, '.', 1) || '_id') END;

-- What a person carries on a day: of one partner, or (NULL) all. may_lack: it can be without anybody. As the
-- owner: what is a person's own is handed over, too.
CREATE OR REPLACE FUNCTION person_items(p_person text, p_who uuid, p_partner uuid, p_day date)
RETURNS TABLE (name text, field text, resource text, way text, subject_id uuid, title text,
               may_lack boolean, rival text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT k.*, k.way <> 'moves' OR NOT a.attnotnull AS may_lack
        FROM person_columns() k
        JOIN pg_attribute a ON a.attrelid = k.name::regclass AND a.attname = k.field
        WHERE k.person = p_person AND (p_partner IS NULL OR k.partner IS NOT NULL)
    LOOP
        RETURN QUERY EXECUTE format(
            'SELECT $5, $6, $7, $8, t.id, left((%s)::text, 255), $9, $10
             FROM %I t
             WHERE t.district_id = $4 AND t.%I = $1 AND t.archived_at IS NULL AND (%s) AND %s AND %s
             ORDER BY t.created_at, t.id',
            person_path(c.title), c.name, c.field, c.open_if,
            CASE c.way WHEN 'moves' THEN 'true' ELSE 'coalesce(t.until_date, ''infinity'') >= $2' END,
            CASE WHEN p_partner IS NULL THEN '$3::uuid IS NULL' ELSE person_path(c.partner) || ' = $3' END)
        USING p_who, p_day, p_partner, current_setting('kith.district')::uuid, c.name, c.field, c.resource,
              c.way, c.may_lack, c.rival;
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION person_columns, person_history, person_path, person_items FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_columns, person_path, person_items TO kith_api;

RESET ROLE;
