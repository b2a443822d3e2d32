-- Reminder rules: which one decides the reminders of a day. A district has one from the beginning; a later one takes its
-- place from its first day on and decides nothing that lies before it. A partnership may have its own ones.

SET ROLE kith_owner;

-- Those of a partnership, or of the district (NULL), one after another: from which day on each decides, and from which
-- day on no more.
CREATE OR REPLACE FUNCTION reminder_rules(p_partnership uuid)
RETURNS TABLE (rule reminder_rule, from_date date, ends_before date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN (o.rule).id IS NULL OR (o.rule).follows_district THEN d.rule ELSE o.rule END, b.from_date,
           coalesce(lead(b.from_date) OVER (ORDER BY b.from_date), 'infinity')
    FROM (SELECT DISTINCT r.effective_from AS from_date FROM reminder_rule r
          WHERE r.district_id = current_setting('kith.district')::uuid AND r.archived_at IS NULL
            AND (r.partnership_id IS NULL OR r.partnership_id = p_partnership)) AS b
    LEFT JOIN LATERAL (
        SELECT r AS rule FROM reminder_rule r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.partnership_id = p_partnership
          AND r.archived_at IS NULL AND r.effective_from <= b.from_date
        ORDER BY r.effective_from DESC LIMIT 1) AS o ON true
    LEFT JOIN LATERAL (
        SELECT r AS rule FROM reminder_rule r
        WHERE r.district_id = current_setting('kith.district')::uuid AND r.partnership_id IS NULL
          AND r.archived_at IS NULL AND r.effective_from <= b.from_date
        ORDER BY r.effective_from DESC LIMIT 1) AS d ON true;
END;

-- The one that decides on a day; NULL: there is none.
CREATE OR REPLACE FUNCTION reminder_rule_on(p_partnership uuid, p_day date) RETURNS reminder_rule
LANGUAGE sql STABLE
RETURN (SELECT r.rule FROM reminder_rules(p_partnership) r WHERE p_day >= r.from_date AND p_day < r.ends_before);

-- In which language a mail by a rule is; NULL: in its person's.
CREATE OR REPLACE FUNCTION reminder_locale(r reminder_rule) RETURNS text
LANGUAGE sql STABLE
RETURN CASE r.language WHEN 'fixed' THEN r.locale
                       WHEN 'district' THEN (SELECT d.locale FROM district d WHERE d.id = r.district_id) END;

-- What a rule does not say it has from the one that it takes the place of. Only of days to come is one made, so that
-- no day has two; and a district's by those who run its program.
CREATE OR REPLACE FUNCTION reminder_rule_make() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    before reminder_rule := reminder_rule_on(NEW.partnership_id, NEW.effective_from);
BEGIN
    IF NEW.partnership_id IS NULL AND current_setting('kith.scope', true) = '*' AND NOT kith_has_role('admin,director') THEN
        RAISE EXCEPTION 'the district''s rule' USING ERRCODE = 'KI403';
    ELSIF NEW.effective_from <= district_today() THEN
        PERFORM refuse_field('effective_from', 'Must be a day to come: what lies before a rule it does not decide.');
    ELSIF NEW.follows_district AND NEW.partnership_id IS NULL THEN
        PERFORM refuse_field('follows_district', 'Is of a partnership''s rule.');
    ELSIF NEW.locale IS NOT NULL AND NOT NEW.locale = ANY (SELECT unnest(d.locales) FROM district d WHERE d.id = NEW.district_id) THEN
        PERFORM refuse_field('locale', 'Must be one of the district''s.');
    END IF;
    NEW.language := coalesce(NEW.language, CASE WHEN NEW.locale IS NOT NULL THEN 'fixed' END, before.language);
    IF NEW.language = 'fixed' THEN
        NEW.locale := coalesce(NEW.locale, before.locale);
    END IF;
    IF (NEW.language = 'fixed') <> (NEW.locale IS NOT NULL) THEN
        PERFORM refuse_field('locale', 'Is the language of a rule with a fixed one, and of no other.');
    END IF;
    NEW.reminder_days := ARRAY(SELECT day FROM unnest(coalesce(NEW.reminder_days, before.reminder_days)) AS day ORDER BY day);
    NEW.recipients := coalesce(NEW.recipients, before.recipients);
    NEW.escalates := coalesce(NEW.escalates, before.escalates);
    NEW.escalation_days := coalesce(NEW.escalation_days, before.escalation_days);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER reminder_rule_make BEFORE INSERT ON reminder_rule
    FOR EACH ROW WHEN (current_user = 'kith_api') EXECUTE FUNCTION reminder_rule_make();

-- What has decided stays.
CREATE OR REPLACE FUNCTION reminder_rule_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.effective_from <= district_today() THEN
        PERFORM refuse_state('It is in force, or was: make another one that takes its place.',
                             jsonb_build_object('effective_from', OLD.effective_from));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER reminder_rule_keep BEFORE UPDATE OF archived_at ON reminder_rule
    FOR EACH ROW WHEN (current_user = 'kith_api') EXECUTE FUNCTION reminder_rule_keep();

-- A district begins with the supplied rule, which is older than all that can be due.
CREATE OR REPLACE FUNCTION reminder_rule_supply() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reminder_rule (district_id, id, effective_from, reminder_days, recipients, language, escalates, escalation_days,
                               created_at, updated_at)
    VALUES (NEW.id, uuid7(), '2000-01-01', '{-14,-3,0,3,10}', 'leads', 'person', true, 1, NEW.created_at, NEW.updated_at);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER reminder_rule_supply AFTER INSERT ON district
    FOR EACH ROW EXECUTE FUNCTION reminder_rule_supply();

REVOKE EXECUTE ON FUNCTION reminder_rules, reminder_rule_on, reminder_locale, reminder_rule_make, reminder_rule_keep,
    reminder_rule_supply FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reminder_rules, reminder_rule_on, reminder_locale TO kith_api, kith_checkin;

RESET ROLE;
