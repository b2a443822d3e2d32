-- Departures: what somebody carries is found by one table of columns, and handed over in one transaction.

SET ROLE kith_owner;

-- ---- What carries a person -----------------------------------------------------------------------

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
        ('interaction', '%_id', 'who has met whom'),
        ('introduction', '%_id', 'who has introduced whom'),
        ('convening_invitee', '%_id', 'who is invited'),
        ('inquiry', 'contact_id', 'who has asked'),
        ('champion', 'contact_id', 'the champion'),
        ('tagging', 'contact_id', 'who is tagged'),
        ('custom_value', 'contact_id', 'whom it is about'),
        ('agreement_signature', '%_id', 'who has signed'),
        ('investment', 'confirmed_contact_id', 'who has confirmed it'),
        ('ask', 'answered_contact_id', 'who has answered it'),
        ('credential', 'submitted_contact_id', 'who has sent it'),
        ('attachment', 'uploaded_contact_id', 'who has sent it'),
        ('gift', 'contact_id', 'who has given'),
        ('thank_you', 'contact_id', 'who is thanked'),
        ('tax_document', 'contact_id', 'who has given'),
        ('award', 'contact_id', 'who has it'),
        ('story_subject', 'consent_contact_id', 'who has consented'),
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

-- ---- Who takes it over ---------------------------------------------------------------------------

-- Each item of a departure with its receiver: the one named for it, or for all of its resource, or the
-- departure's own. is_lacking: nobody was named, and it needs somebody.
CREATE OR REPLACE FUNCTION departure_items(p_id uuid)
RETURNS TABLE (name text, field text, resource text, way text, subject_id uuid, title text, rival text,
               receiver_id uuid, given_by text, is_lacking boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.name, i.field, i.resource, i.way, i.subject_id, i.title, i.rival, w.receiver_id, w.given_by,
           i.way <> 'ends' AND w.receiver_id IS NULL AND NOT (o.id IS NOT NULL AND i.may_lack)
    FROM departure d
    CROSS JOIN LATERAL person_items(CASE WHEN d.user_id IS NULL THEN 'contact' ELSE 'user' END,
                                    coalesce(d.user_id, d.contact_id), d.partner_id, d.on_date) i
    LEFT JOIN LATERAL (
        SELECT r.* FROM departure_receiver r
        WHERE r.district_id = d.district_id AND r.departure_id = d.id AND r.archived_at IS NULL
          AND r.resource = i.resource AND coalesce(r.subject_id, i.subject_id) = i.subject_id
        ORDER BY r.subject_id LIMIT 1) o ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN i.way = 'ends' THEN NULL
                    WHEN o.id IS NOT NULL THEN coalesce(o.user_id, o.contact_id)
                    ELSE coalesce(d.receiver_user_id, d.receiver_contact_id) END AS receiver_id,
               CASE WHEN i.way = 'ends' THEN 'nobody'
                    WHEN o.subject_id IS NOT NULL THEN 'item'
                    WHEN o.id IS NOT NULL THEN 'resource' ELSE 'departure' END AS given_by) w
    WHERE d.district_id = current_setting('kith.district')::uuid AND d.id = p_id;
END;

-- Somebody who can take something over on a day: active, and not about to leave.
CREATE OR REPLACE FUNCTION can_receive(p_who uuid, p_day date) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
        SELECT FROM app_user u
        WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = p_who
          AND u.status = 'active' AND u.archived_at IS NULL
        UNION ALL
        SELECT FROM contact c
        WHERE c.district_id = current_setting('kith.district')::uuid AND c.id = p_who
          AND c.status = 'active' AND c.archived_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM departure d
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.status = 'planned'
          AND d.archived_at IS NULL AND p_who IN (d.user_id, d.contact_id) AND d.partner_id IS NULL
          AND d.on_date <= p_day);

CREATE OR REPLACE FUNCTION departure_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM departure d
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(i.is_lacking), false) AS is_lacking,
               coalesce(bool_or(NOT can_receive(i.receiver_id, d.on_date))
                            FILTER (WHERE i.receiver_id IS NOT NULL), false) AS is_gone
        FROM departure_items(d.id) i) AS n
    CROSS JOIN LATERAL (VALUES (1, 'receiver', n.is_lacking), (2, 'receiver_gone', n.is_gone))
        AS m (place, code, is_missing)
    WHERE d.id = p_id AND p_action = 'hand_over' AND m.is_missing;
END;

-- Who takes over is somebody else, of the same side, who is there.
CREATE OR REPLACE FUNCTION check_receiver(d departure, p_user uuid, p_contact uuid, p_prefix text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    field text := p_prefix || CASE WHEN p_user IS NULL THEN 'contact_id' ELSE 'user_id' END;
    who uuid := coalesce(p_user, p_contact);
BEGIN
    IF who IS NULL THEN
        RETURN;
    ELSIF (p_user IS NULL) <> (d.user_id IS NULL) THEN
        PERFORM refuse_field(field, format('"%s" must be null: who leaves is of the other side.', field));
    ELSIF who IN (d.user_id, d.contact_id) THEN
        PERFORM refuse_field(field, format('"%s" must not be who leaves.', field));
    ELSIF EXISTS (SELECT FROM app_user u WHERE u.id = who UNION ALL SELECT FROM contact c WHERE c.id = who)
        AND NOT can_receive(who, d.on_date) THEN
        PERFORM refuse_field(field, format('"%s" is nobody who can take it over.', field));
    END IF;
END
$$;

-- What was handed over, or will not be, stays as it is. Only a request is asked: what a hand-over writes of other
-- departures says what it lacks when it is its turn, and whoever is erased is erased here, too.
CREATE OR REPLACE FUNCTION guard_departure() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status <> 'planned' THEN
        PERFORM refuse_state(format('It is %s.', replace(OLD.status, '_', ' ')),
                             jsonb_build_object('status', OLD.status));
    END IF;
    PERFORM check_receiver(NEW, NEW.receiver_user_id, NEW.receiver_contact_id, 'receiver_');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_new BEFORE INSERT ON departure
    FOR EACH ROW EXECUTE FUNCTION guard_departure();
CREATE OR REPLACE TRIGGER guard_change BEFORE UPDATE ON departure
    FOR EACH ROW WHEN (current_user = 'kith_api' AND NEW.status = OLD.status AND (NEW.user_id, NEW.contact_id,
        NEW.partner_id, NEW.on_date, NEW.reason, NEW.receiver_user_id, NEW.receiver_contact_id)
        IS DISTINCT FROM (OLD.user_id, OLD.contact_id, OLD.partner_id, OLD.on_date, OLD.reason,
        OLD.receiver_user_id, OLD.receiver_contact_id))
    EXECUTE FUNCTION guard_departure();

CREATE OR REPLACE FUNCTION guard_receiver() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    d departure;
BEGIN
    SELECT t.* INTO d FROM departure t WHERE t.district_id = NEW.district_id AND t.id = NEW.departure_id;
    IF d.id IS NULL THEN
        RETURN NEW; -- the foreign key says so
    ELSIF d.status <> 'planned' THEN
        PERFORM refuse_state(format('The departure is %s.', replace(d.status, '_', ' ')),
                             jsonb_build_object('status', d.status));
    ELSIF NOT EXISTS (SELECT FROM person_columns() c
                      WHERE c.resource = NEW.resource AND c.way <> 'ends'
                        AND c.person = CASE WHEN d.user_id IS NULL THEN 'contact' ELSE 'user' END) THEN
        PERFORM refuse_field('resource', '"resource" names nothing that such a person hands over.');
    ELSIF NEW.subject_id IS NOT NULL
        AND (NEW.subject_id, NEW.resource) IS DISTINCT FROM (OLD.subject_id, OLD.resource) AND NOT EXISTS (
        SELECT FROM departure_items(d.id) i
        WHERE i.resource = NEW.resource AND i.subject_id = NEW.subject_id) THEN
        PERFORM refuse_field('subject_id', '"subject_id" names nothing that who leaves carries.');
    END IF;
    PERFORM check_receiver(d, NEW.user_id, NEW.contact_id, '');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_new BEFORE INSERT ON departure_receiver
    FOR EACH ROW EXECUTE FUNCTION guard_receiver();
CREATE OR REPLACE TRIGGER guard_change
    BEFORE UPDATE OF departure_id, resource, subject_id, user_id, contact_id ON departure_receiver
    FOR EACH ROW WHEN (current_user = 'kith_api') EXECUTE FUNCTION guard_receiver();

-- ---- Handing over --------------------------------------------------------------------------------

DROP FUNCTION IF EXISTS departure_move(departure, jsonb, date);

-- Rows of one table that one person takes over as they are: by one statement, since what follows a statement costs
-- as much for one row as for a thousand.
CREATE OR REPLACE FUNCTION departure_move_all(
    d departure, p_table text, p_field text, p_ids uuid[], p_receiver uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('UPDATE %I t SET %I = $3 WHERE t.district_id = $1 AND t.id = ANY ($2)', p_table, p_field)
    USING d.district_id, p_ids, p_receiver;
END
$$;

-- Rows that end, and the receiver's own after them; a row that had not begun is archived. Where somebody holds it by
-- then already, or one row says what another does, nobody begins.
CREATE OR REPLACE FUNCTION departure_end_all(
    d departure, p_table text, p_field text, p_rival text, p_ids uuid[], p_receiver uuid, p_today date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    rivals text := format(
        '(%s) AND $2 IS NOT NULL AND coalesce(o.until_date, ''infinity'') >= t.from_date
         AND coalesce(o.from_date, ''-infinity'') <= coalesce(t.until_date, ''infinity'')', replace(p_rival, '$3', '$2'));
    columns text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                     WHERE a.attrelid = p_table::regclass AND a.attnum > 0 AND NOT a.attisdropped
                       AND a.attgenerated = '');
    held jsonb;
BEGIN
    EXECUTE format('SELECT jsonb_agg(to_jsonb(t) ORDER BY array_position($2, t.id)) FROM %I t
                    WHERE t.district_id = $1 AND t.id = ANY ($2)', p_table)
    INTO held USING d.district_id, p_ids;
    EXECUTE format(
        'UPDATE %I t SET until_date = CASE WHEN t.from_date >= $3 THEN t.until_date ELSE $3 - 1 END,
             archived_at = CASE WHEN t.from_date >= $3 THEN $4 ELSE t.archived_at END
         WHERE t.district_id = $1 AND t.id = ANY ($2)', p_table)
    USING d.district_id, p_ids, d.on_date, business_now;
    IF p_receiver IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'WITH next AS MATERIALIZED (
             SELECT h.place, r.* FROM jsonb_array_elements($1) WITH ORDINALITY AS h (item, place)
             CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$I, h.item || $3 || jsonb_build_object(
                 ''id'', uuid7(), ''from_date'', greatest((h.item ->> ''from_date'')::date, $4))) r
             WHERE coalesce((h.item ->> ''until_date'')::date >= $4, true))
         INSERT INTO %1$I (%2$s) SELECT %2$s FROM next t
         WHERE NOT EXISTS (SELECT FROM %1$I o
                           WHERE o.district_id = t.district_id AND o.archived_at IS NULL AND o.id <> ALL ($5) AND %3$s)
           AND NOT EXISTS (SELECT FROM next o WHERE o.place < t.place AND %3$s)
         ORDER BY t.place', p_table, columns, rivals)
    USING held, p_receiver,
          jsonb_build_object(p_field, p_receiver, 'version', 1, 'created_at', business_now, 'updated_at', business_now),
          p_today, p_ids;
END
$$;

-- Nothing opens any more for who leaves, no mail goes there, and nobody need be called about it.
CREATE OR REPLACE FUNCTION departure_end_access(d departure) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    UPDATE app_user u SET archived_at = business_now
    WHERE u.district_id = d.district_id AND u.id = d.user_id AND u.archived_at IS NULL;
    UPDATE contact c SET status = 'left'
    WHERE c.district_id = d.district_id AND c.id = d.contact_id AND d.partner_id IS NULL
      AND c.status IN ('active', 'inactive');
    UPDATE link l SET revoked_at = business_now
    WHERE l.district_id = d.district_id AND (l.user_id = d.user_id OR l.contact_id = d.contact_id)
      AND l.revoked_at IS NULL AND l.purpose <> 'preferences'
      AND (d.partner_id IS NULL OR EXISTS (
          SELECT FROM message m
          JOIN partnership p ON p.district_id = m.district_id AND p.id = m.partnership_id
          WHERE m.district_id = l.district_id AND m.id = l.message_id AND p.partner_id = d.partner_id));
    UPDATE message m SET status = 'suppressed', reason = 'left_org'
    WHERE m.district_id = d.district_id AND (m.user_id = d.user_id OR m.contact_id = d.contact_id)
      AND m.status IN ('queued', 'retry')
      AND (d.partner_id IS NULL OR EXISTS (
          SELECT FROM partnership p
          WHERE p.district_id = m.district_id AND p.id = m.partnership_id AND p.partner_id = d.partner_id));
    UPDATE call_task k SET status = 'done', done_at = business_now
    WHERE k.district_id = d.district_id AND k.kind = 'hand_over' AND k.status = 'open'
      AND (k.user_id = d.user_id OR k.contact_id = d.contact_id)
      AND (d.partner_id IS NULL OR EXISTS (
          SELECT FROM partnership p
          WHERE p.district_id = k.district_id AND p.id = k.partnership_id AND p.partner_id = d.partner_id));
END
$$;

-- All of it, or none. As the owner: what somebody carries is of many tables, and who may say that he leaves may
-- say all of it.
CREATE OR REPLACE FUNCTION departure_run(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    d departure;
    today date := district_today();
    carried jsonb;
    held record;
BEGIN
    SELECT t.* INTO STRICT d FROM departure t
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.id = p_id FOR UPDATE;
    IF d.status <> 'planned' OR d.on_date > today THEN
        RETURN;
    END IF;
    -- Whoever gives somebody something meanwhile waits, or is seen.
    PERFORM FROM app_user u WHERE u.district_id = d.district_id AND u.id = d.user_id FOR UPDATE;
    PERFORM FROM contact c WHERE c.district_id = d.district_id AND c.id = d.contact_id FOR UPDATE;
    PERFORM refuse_missing('departure', d.status, departure_missing(p_id, 'hand_over'));
    SELECT coalesce(jsonb_agg(to_jsonb(i)), '[]') INTO carried FROM departure_items(p_id) i;
    FOR held IN
        SELECT i.item ->> 'name' AS name, i.item ->> 'field' AS field, i.item ->> 'way' AS way,
               i.item ->> 'rival' AS rival, (i.item ->> 'receiver_id')::uuid AS receiver,
               array_agg((i.item ->> 'subject_id')::uuid ORDER BY i.place) AS ids
        FROM jsonb_array_elements(carried) WITH ORDINALITY AS i (item, place)
        GROUP BY 1, 2, 3, 4, 5 ORDER BY min(i.place)
    LOOP
        IF held.way = 'moves' THEN
            PERFORM departure_move_all(d, held.name, held.field, held.ids, held.receiver);
        ELSE
            PERFORM departure_end_all(d, held.name, held.field, held.rival, held.ids, held.receiver, today);
        END IF;
    END LOOP;
    PERFORM departure_letters(d, carried);
    PERFORM departure_end_access(d);
    UPDATE departure t SET status = 'handed_over', problem = NULL, items = departure_list(carried),
        handed_over_at = current_setting('kith.now')::timestamptz
    WHERE t.district_id = d.district_id AND t.id = d.id;
END
$$;

-- At once, or on its day, when it is still to come; then what is missing is said now. Done before, it stays done.
CREATE OR REPLACE FUNCTION departure_hand_over(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    d departure;
BEGIN
    PERFORM lock_row('departure', p_id, p_version);
    SELECT t.* INTO d FROM departure t WHERE t.id = p_id;
    IF d.status = 'handed_over' THEN
        RETURN;
    END IF;
    PERFORM transition('departure', 'hand_over', d.status);
    PERFORM refuse_missing('departure', d.status, departure_missing(p_id, 'hand_over'));
    PERFORM departure_run(p_id);
END
$$;

CREATE OR REPLACE FUNCTION departure_cancel(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('departure', p_id, p_version, 'cancel');
BEGIN
    UPDATE departure t SET status = next_status, status_reason = p_reason, problem = NULL WHERE t.id = p_id;
END
$$;

-- One whose day has come; what stands in its way is kept, and who leaves is out all the same.
CREATE OR REPLACE FUNCTION departure_try(p_id uuid) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    why text;
BEGIN
    BEGIN
        PERFORM departure_run(p_id);
        RETURN 1;
    EXCEPTION WHEN SQLSTATE 'KI490' OR SQLSTATE 'KI491' OR integrity_constraint_violation THEN
        why := left(SQLERRM, 1000);
    END;
    BEGIN
        PERFORM departure_end_access(t) FROM departure t WHERE t.district_id = district AND t.id = p_id;
    EXCEPTION WHEN SQLSTATE 'KI490' THEN
        why := left(SQLERRM, 1000); -- the last administrator
    END;
    UPDATE departure t SET problem = why
    WHERE t.district_id = district AND t.id = p_id AND t.problem IS DISTINCT FROM why;
    RETURN 0;
END
$$;

-- ---- What there is to see ------------------------------------------------------------------------

-- Items as the inventory shows them.
CREATE OR REPLACE FUNCTION departure_list(p_items jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'resource', i.item -> 'resource', 'subject_id', i.item -> 'subject_id', 'title', i.item -> 'title',
        'way', i.item -> 'way', 'receiver_id', i.item -> 'receiver_id', 'given_by', i.item -> 'given_by',
        'is_lacking', i.item -> 'is_lacking',
        'receiver_name', coalesce(
            (SELECT u.name FROM app_user u WHERE u.id = (i.item ->> 'receiver_id')::uuid),
            (SELECT c.name FROM contact c WHERE c.id = (i.item ->> 'receiver_id')::uuid)))
        ORDER BY i.place), '[]')
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, place));

-- What waits for somebody, most of it by what is handed over: of a user all tasks, and what he meant to come back to;
-- of a contact halves of check-ins and agreements to be acknowledged.
CREATE OR REPLACE FUNCTION departure_waiting(d departure)
RETURNS TABLE (kind text, resource text, subject_id uuid, title text, due_on date)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF d.user_id IS NOT NULL THEN
        RETURN QUERY SELECT t.kind, t.resource, t.subject_id, t.title, t.due_on
                     FROM my_tasks(d.user_id, district_today()) t
                     UNION ALL
                     SELECT 'interaction_follow_up', 'interactions', i.id, i.subject, i.follow_up_on
                     FROM interaction i
                     WHERE i.user_id = d.user_id AND i.followed_up_on IS NULL AND i.archived_at IS NULL
                       AND i.follow_up_on > district_today() + 14; -- what is nearer is a task
        RETURN;
    END IF;
    RETURN QUERY
    WITH led AS (
        SELECT p.* FROM partnership p
        WHERE p.archived_at IS NULL AND p.partner_id = coalesce(d.partner_id, p.partner_id)
          AND EXISTS (SELECT FROM partnership_leads(p.id) l WHERE l.contact_id = d.contact_id)
    )
    SELECT 'check_in_half', 'check_ins', c.id, p.name, c.due_on
    FROM led p
    JOIN check_in c ON c.partnership_id = p.id AND c.status = 'open' AND c.archived_at IS NULL
    WHERE NOT EXISTS (SELECT FROM check_in_half h
                      WHERE h.check_in_id = c.id AND h.side = 'partner' AND h.status = 'submitted')
    UNION ALL
    SELECT DISTINCT 'agreement_acknowledgment', 'agreements', a.id, a.title, a.effective_on
    FROM led p
    JOIN agreement_partnership l ON l.partnership_id = p.id AND l.archived_at IS NULL
    JOIN agreement a ON a.id = l.agreement_id AND a.status = 'out_for_signature' AND a.partner_at IS NULL
        AND a.archived_at IS NULL;
END
$$;

CREATE OR REPLACE FUNCTION departure_inventory(p_id uuid, p_most integer) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH found AS MATERIALIZED (
        SELECT d.*, coalesce(d.items, departure_list((
                   SELECT coalesce(jsonb_agg(to_jsonb(i)), '[]') FROM departure_items(d.id) i))) AS listed
        FROM departure d WHERE d.id = p_id
    ), item AS MATERIALIZED (
        SELECT e.item, e.place FROM found f
        CROSS JOIN LATERAL jsonb_array_elements(f.listed) WITH ORDINALITY AS e (item, place)
    )
    SELECT jsonb_build_object(
        'departure_id', f.id, 'status', f.status, 'on_date', f.on_date,
        'person', coalesce((SELECT u.name FROM app_user u WHERE u.id = f.user_id),
                           (SELECT c.name FROM contact c WHERE c.id = f.contact_id)),
        'total', (SELECT count(*) FROM item),
        'lacking', (SELECT count(*) FROM item i WHERE (i.item -> 'is_lacking')::boolean),
        'counts', coalesce((
            SELECT jsonb_agg(jsonb_build_object('resource', c.resource, 'count', c.many) ORDER BY c.resource)
            FROM (SELECT i.item ->> 'resource' AS resource, count(*) AS many FROM item i GROUP BY 1) AS c), '[]'),
        'items', coalesce((
            SELECT jsonb_agg(i.item ORDER BY i.place) FROM item i WHERE i.place <= p_most), '[]'),
        'waiting', CASE WHEN f.status <> 'planned' THEN '[]' ELSE coalesce((
            SELECT jsonb_agg(to_jsonb(w) ORDER BY w.due_on, w.kind, w.subject_id)
            FROM (SELECT * FROM departure_waiting((SELECT t FROM departure t WHERE t.id = f.id)) q
                  ORDER BY q.due_on, q.kind, q.subject_id LIMIT p_most) AS w), '[]') END)
    FROM found f;
END;

-- A departure that cannot be handed over as it is, or whose day has come, waits for who runs the program.
CREATE OR REPLACE FUNCTION my_departure(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF user_has_role(p_user, '{admin,director}', p_day) THEN
        RETURN QUERY
        SELECT d.id, coalesce(u.name, c.name), d.on_date, NULL::uuid
        FROM departure d
        LEFT JOIN app_user u ON u.district_id = d.district_id AND u.id = d.user_id
        LEFT JOIN contact c ON c.district_id = d.district_id AND c.id = d.contact_id
        WHERE d.district_id = current_setting('kith.district')::uuid AND d.status = 'planned'
          AND d.archived_at IS NULL
          AND (d.on_date <= p_day OR departure_missing(d.id, 'hand_over') <> '{}');
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION person_columns, person_history, person_path, person_items, departure_items,
    can_receive, departure_missing, check_receiver, guard_departure, guard_receiver,
    departure_move_all, departure_end_all, departure_end_access, departure_run, departure_hand_over,
    departure_cancel, departure_try,
    departure_list, departure_waiting, departure_inventory, my_departure FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_columns, person_path, person_items, departure_items, can_receive,
    departure_missing, check_receiver, departure_run, departure_hand_over, departure_cancel,
    departure_list, departure_waiting, departure_inventory, my_departure TO kith_api;

RESET ROLE;
