-- Thanks: for each gift from when it is received, for what was pledged and has come, for milestones that are reached, and
-- for the year; drafted in
-- the language of whoever is thanked, for somebody to send or to say.

SET ROLE kith_owner;

-- ---- Drafts --------------------------------------------------------------------------------------

-- What is said where the district has no template of the kind thank_you in the language.
CREATE OR REPLACE FUNCTION thank_you_supplied(p_occasion text, p_locale text, OUT subject text, OUT text text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT w.subject, w.text
    FROM (VALUES
        ('en', 'gift', 'Thank you for your gift',
         E'Dear {{contact.name}},\n\nThank you for your gift: {{gift.title}}. It makes a difference for our students.'
         '\n\n{{me.name}}\n{{district.name}}'),
        ('en', 'pledge', 'Thank you for what you gave',
         E'Dear {{contact.name}},\n\nWhat you promised has come: {{need.title}}. Thank you for helping our students.'
         '\n\n{{me.name}}\n{{district.name}}'),
        ('en', 'milestone', 'Thank you: a milestone is reached',
         E'Dear {{contact.name}},\n\nTogether we have reached a milestone: {{milestone.name}}. Thank you for all that '
         '{{partner.name}} did for it.\n\n{{me.name}}\n{{district.name}}'),
        ('en', 'win', 'Thank you: something to celebrate',
         E'Dear {{contact.name}},\n\nThere is something to celebrate: {{about}}. Thank you for all that '
         '{{partner.name}} did for it.\n\n{{me.name}}\n{{district.name}}'),
        ('en', 'year', 'Thank you for this school year',
         E'Dear {{contact.name}},\n\nThank you for everything that {{partner.name}} did for our students this school '
         'year.\n\n{{me.name}}\n{{district.name}}'),
        ('en', 'event', 'Thank you for coming',
         E'Dear {{contact.name}},\n\nThank you for being there, and for working with us.\n\n{{me.name}}\n{{district.name}}'),
        ('en', 'other', 'Thank you',
         E'Dear {{contact.name}},\n\nThank you for everything that you do for our students.\n\n{{me.name}}\n{{district.name}}'),
        ('es', 'gift', 'Gracias por su donación',
         E'Estimado/a {{contact.name}}:\n\nGracias por su donación: {{gift.title}}. Significa mucho para nuestros '
         'estudiantes.\n\n{{me.name}}\n{{district.name}}'),
        ('es', 'pledge', 'Gracias por su aporte',
         E'Estimado/a {{contact.name}}:\n\nLo que prometió ya llegó: {{need.title}}. Gracias por ayudar a nuestros '
         'estudiantes.\n\n{{me.name}}\n{{district.name}}'),
        ('es', 'milestone', 'Gracias: alcanzamos un logro',
         E'Estimado/a {{contact.name}}:\n\nJuntos alcanzamos un logro: {{milestone.name}}. Gracias por todo lo que '
         '{{partner.name}} hizo para lograrlo.\n\n{{me.name}}\n{{district.name}}'),
        ('es', 'win', 'Gracias: hay algo que celebrar',
         E'Estimado/a {{contact.name}}:\n\nHay algo que celebrar: {{about}}. Gracias por todo lo que '
         '{{partner.name}} hizo para lograrlo.\n\n{{me.name}}\n{{district.name}}'),
        ('es', 'year', 'Gracias por este año escolar',
         E'Estimado/a {{contact.name}}:\n\nGracias por todo lo que {{partner.name}} hizo por nuestros estudiantes este '
         'año escolar.\n\n{{me.name}}\n{{district.name}}'),
        ('es', 'event', 'Gracias por venir',
         E'Estimado/a {{contact.name}}:\n\nGracias por estar presente y por trabajar con nosotros.\n\n{{me.name}}\n'
         '{{district.name}}'),
        ('es', 'other', 'Gracias',
         E'Estimado/a {{contact.name}}:\n\nGracias por todo lo que hace por nuestros estudiantes.\n\n{{me.name}}\n'
         '{{district.name}}'))
        AS w (locale, occasion, subject, text)
    WHERE w.occasion = p_occasion AND w.locale IN (split_part(p_locale, '-', 1), 'en')
    ORDER BY w.locale = 'en' LIMIT 1;
END;

-- The words of templates, of one thank-you; what is signed is signed by its owner.
CREATE OR REPLACE FUNCTION thank_you_words(t thank_you) RETURNS TABLE (word text, value text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.word, coalesce(o.value, w.value)
    FROM template_words(t.partnership_id) w
    LEFT JOIN (VALUES
        ('me.name', (SELECT u.name FROM app_user u WHERE u.district_id = t.district_id AND u.id = t.owner_id)),
        ('me.email', (SELECT u.email FROM app_user u WHERE u.district_id = t.district_id AND u.id = t.owner_id)),
        ('partner.name', (SELECT p.name FROM partner p WHERE p.district_id = t.district_id AND p.id = t.partner_id))
        ) AS o (word, value) ON o.word = w.word
    UNION ALL
    SELECT w.word, w.value
    FROM (VALUES
        ('contact.name', coalesce(
            (SELECT c.name FROM contact c WHERE c.district_id = t.district_id AND c.id = t.contact_id),
            (SELECT p.name FROM partner p WHERE p.district_id = t.district_id AND p.id = t.partner_id))),
        ('gift.title', (SELECT g.title FROM gift g WHERE g.district_id = t.district_id AND g.id = t.gift_id)),
        ('need.title', (SELECT n.title FROM pledge p JOIN need n ON n.district_id = p.district_id AND n.id = p.need_id
                        WHERE p.district_id = t.district_id AND p.id = t.pledge_id)),
        ('milestone.name', (SELECT m.name FROM milestone m
                            WHERE m.district_id = t.district_id AND m.id = t.milestone_id)),
        ('about', t.about), ('school_year', t.school_year::text))
        AS w (word, value);
END;

CREATE OR REPLACE FUNCTION fill_words(p_text text, p_words jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    w record;
BEGIN
    FOR w IN SELECT * FROM jsonb_each_text(p_words) LOOP
        p_text := replace(p_text, '{{' || w.key || '}}', coalesce(w.value, ''));
    END LOOP;
    RETURN p_text;
END
$$;

-- Who of a partner is thanked: who leads the partnership, or was last known to belong to the partner.
CREATE OR REPLACE FUNCTION thanked_contact(p_partner uuid, p_partnership uuid) RETURNS uuid
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT l.contact_id FROM partnership_leads(p_partnership) l
     WHERE l.side = 'partner' ORDER BY l.contact_id LIMIT 1),
    (SELECT a.contact_id
     FROM affiliation a
     JOIN contact c ON c.district_id = a.district_id AND c.id = a.contact_id AND c.status = 'active'
         AND c.archived_at IS NULL
     WHERE a.district_id = current_setting('kith.district')::uuid AND a.partner_id = p_partner
       AND a.archived_at IS NULL AND coalesce(a.until_date, 'infinity') >= district_today()
     ORDER BY a.created_at DESC, a.id DESC LIMIT 1));

-- What it is about says whom it thanks, unless whoever drafts it does.
CREATE OR REPLACE FUNCTION thank_you_about_what(INOUT t thank_you)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    g gift;
    promised pledge;
    m milestone;
BEGIN
    IF t.gift_id IS NOT NULL THEN
        SELECT o.* INTO g FROM gift o WHERE o.district_id = t.district_id AND o.id = t.gift_id;
        IF g.status <> 'received' THEN
            PERFORM refuse_state('The gift is not received yet.', jsonb_build_object('status', g.status));
        END IF;
        t.partner_id := coalesce(t.partner_id, g.partner_id);
        t.contact_id := coalesce(t.contact_id, g.contact_id);
        t.partnership_id := coalesce(t.partnership_id, g.partnership_id);
    ELSIF t.pledge_id IS NOT NULL THEN
        SELECT o.* INTO promised FROM pledge o WHERE o.district_id = t.district_id AND o.id = t.pledge_id;
        IF promised.delivered = 0 THEN
            PERFORM refuse_state('Nothing of the pledge has come yet.', jsonb_build_object('status', promised.status));
        END IF;
        t.partner_id := coalesce(t.partner_id, promised.partner_id);
        t.contact_id := coalesce(t.contact_id, promised.contact_id);
        t.partnership_id := coalesce(t.partnership_id, promised.partnership_id);
    ELSIF t.milestone_id IS NOT NULL THEN
        SELECT o.* INTO m FROM milestone o WHERE o.district_id = t.district_id AND o.id = t.milestone_id;
        IF m.status <> 'reached' THEN
            PERFORM refuse_state('The milestone is not reached yet.', jsonb_build_object('status', m.status));
        END IF;
        t.partnership_id := coalesce(t.partnership_id, m.partnership_id);
    END IF;
    IF t.contact_id IS NULL OR t.partnership_id IS NOT NULL THEN
        t.partner_id := coalesce(t.partner_id, (
            SELECT p.partner_id FROM partnership p
            WHERE p.district_id = t.district_id AND p.id = t.partnership_id));
        t.contact_id := coalesce(t.contact_id, thanked_contact(t.partner_id, t.partnership_id));
    END IF;
END
$$;

-- A draft that is made without them gets its recipient, its language, whoever cares for it, and its words: of
-- the district's template of that name, else of any, else what is supplied.
CREATE OR REPLACE FUNCTION thank_you_draft() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    days_to_thank constant integer := 14;
    words jsonb;
    supplied record;
    own record;
BEGIN
    NEW := thank_you_about_what(NEW);
    NEW.locale := coalesce(NEW.locale,
        (SELECT c.locale FROM contact c WHERE c.district_id = NEW.district_id AND c.id = NEW.contact_id),
        (SELECT d.locale FROM district d WHERE d.id = NEW.district_id));
    NEW.owner_id := coalesce(NEW.owner_id, partnership_lead(NEW.partnership_id),
        (SELECT p.owner_id FROM partner p WHERE p.district_id = NEW.district_id AND p.id = NEW.partner_id),
        CASE WHEN current_setting('kith.scope', true) <> '' THEN nullif(current_setting('kith.user'), '')::uuid END);
    NEW.due_on := coalesce(NEW.due_on, district_today() + days_to_thank);
    IF NEW.subject IS NULL OR NEW.text IS NULL THEN
        SELECT * INTO supplied FROM thank_you_supplied(NEW.occasion, NEW.locale);
        SELECT t.subject, t.text INTO own FROM template t
        WHERE t.district_id = NEW.district_id AND t.kind = 'thank_you' AND t.archived_at IS NULL
          AND split_part(t.locale, '-', 1) = split_part(NEW.locale, '-', 1)
        ORDER BY lower(t.name) = NEW.occasion DESC, t.locale = NEW.locale DESC, t.name, t.id LIMIT 1;
        SELECT jsonb_object_agg(w.word, w.value) INTO words FROM thank_you_words(NEW) w;
        NEW.subject := coalesce(NEW.subject, -- a template's may be of nothing but what this one has not
            nullif(btrim(left(fill_words(own.subject, words), 255)), ''), left(fill_words(supplied.subject, words), 255));
        NEW.text := coalesce(NEW.text, left(fill_words(coalesce(own.text, supplied.text), words), 10000));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER thank_you_draft BEFORE INSERT ON thank_you
    FOR EACH ROW EXECUTE FUNCTION thank_you_draft();

-- Drafts one, if there is none yet. As the owner: whoever receives a gift or reaches a milestone need not be
-- who thanks for it.
DROP FUNCTION IF EXISTS thank_you_for(text, uuid, uuid, uuid, bigint);
CREATE OR REPLACE FUNCTION thank_you_for(
    p_occasion text, p_gift uuid, p_pledge uuid, p_milestone uuid, p_partnership uuid, p_year bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    INSERT INTO thank_you (district_id, id, occasion, gift_id, pledge_id, milestone_id, partnership_id, school_year)
    SELECT current_setting('kith.district')::uuid, uuid7(), p_occasion, p_gift, p_pledge, p_milestone, p_partnership,
           p_year
    WHERE NOT EXISTS (
        SELECT FROM thank_you t
        WHERE t.district_id = current_setting('kith.district')::uuid
          AND (t.gift_id = p_gift OR t.pledge_id = p_pledge OR t.milestone_id = p_milestone
               OR t.partnership_id = p_partnership AND t.school_year = p_year AND t.occasion = 'year'));
END;

-- What a file brings is thanked for already, or nobody knows.
CREATE OR REPLACE FUNCTION gift_received() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('kith.district', true), '') IS NOT NULL THEN
        UPDATE gift g SET thanked = false WHERE g.district_id = NEW.district_id AND g.id = NEW.id;
        PERFORM thank_you_for('gift', NEW.id, NULL, NULL, NULL, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER gift_received AFTER UPDATE OF status ON gift
    FOR EACH ROW WHEN (NEW.status = 'received' AND OLD.status <> 'received')
    EXECUTE FUNCTION gift_received();

CREATE OR REPLACE FUNCTION milestone_thanked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('kith.district', true), '') IS NOT NULL THEN
        PERFORM thank_you_for('milestone', NULL, NULL, NEW.id, NULL, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER milestone_thanked AFTER UPDATE OF status ON milestone
    FOR EACH ROW WHEN (NEW.status = 'reached' AND OLD.status <> 'reached')
    EXECUTE FUNCTION milestone_thanked();

-- What was pledged is thanked for when all of it has come, or when it came as far as the need is met.
CREATE OR REPLACE FUNCTION pledge_thanked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('kith.district', true), '') IS NOT NULL THEN
        PERFORM thank_you_for('pledge', NULL, p.id, NULL, NULL, NULL)
        FROM pledge p
        WHERE p.district_id = NEW.district_id AND p.archived_at IS NULL AND p.delivered > 0
          AND CASE TG_TABLE_NAME WHEN 'pledge' THEN p.id = NEW.id ELSE p.need_id = NEW.id END;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER pledge_thanked AFTER UPDATE OF status ON pledge
    FOR EACH ROW WHEN (NEW.status = 'delivered' AND OLD.status <> 'delivered')
    EXECUTE FUNCTION pledge_thanked();
CREATE OR REPLACE TRIGGER pledge_thanked AFTER UPDATE OF status ON need
    FOR EACH ROW WHEN (NEW.status = 'met' AND OLD.status <> 'met')
    EXECUTE FUNCTION pledge_thanked();

-- For the year: of each partnership that ran in it, once.
CREATE OR REPLACE FUNCTION school_year_thank(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM action_begin('school_year', p_id, p_version, 'thank');
    PERFORM thank_you_for('year', NULL, NULL, NULL, p.id, y.school_year)
    FROM school_year y
    JOIN partnership p ON p.district_id = y.district_id AND p.archived_at IS NULL
    CROSS JOIN LATERAL partnership_ran(p) AS r
    WHERE y.id = p_id AND r.first <= y.ends_on AND r.last >= y.starts_on;
END
$$;

-- ---- What becomes of it --------------------------------------------------------------------------

-- Whether a gift's donor was thanked follows its thank-you, whoever writes that.
CREATE OR REPLACE FUNCTION gift_thanked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE gift g SET thanked = s.is_done
    FROM (SELECT EXISTS (SELECT FROM thank_you t
                         WHERE t.district_id = NEW.district_id AND t.gift_id = NEW.gift_id
                           AND t.status IN ('sent', 'given') AND t.archived_at IS NULL) AS is_done) AS s
    WHERE g.district_id = NEW.district_id AND g.id = NEW.gift_id AND g.thanked IS DISTINCT FROM s.is_done;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER gift_thanked AFTER UPDATE OF status, archived_at ON thank_you
    FOR EACH ROW WHEN (NEW.gift_id IS NOT NULL
        AND (NEW.status, NEW.archived_at) IS DISTINCT FROM (OLD.status, OLD.archived_at))
    EXECUTE FUNCTION gift_thanked();

CREATE OR REPLACE FUNCTION thank_you_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
RETURN (SELECT CASE WHEN p_action <> 'send' THEN '{}' ELSE array_remove(ARRAY[
            CASE WHEN t.contact_id IS NULL THEN 'contact' END,
            CASE WHEN concat(t.subject, t.text) LIKE '%{{%' THEN 'words' END], NULL) END
        FROM thank_you t WHERE t.id = p_id);

-- By mail, when the mail rules let it go; else somebody says it.
CREATE OR REPLACE FUNCTION thank_you_send(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('thank_you', p_id, p_version, 'send');
    t thank_you;
    why text;
    decided uuid;
    goes_at timestamptz := next_business_hour();
BEGIN
    SELECT o.* INTO t FROM thank_you o WHERE o.id = p_id;
    PERFORM refuse_missing('thank_you', t.status, thank_you_missing(p_id, 'send'));
    decided := message_queue('program', 'thank_yous', 'thank_you', p_id, t.contact_id, NULL,
                             'version ' || t.version, '{}', goes_at, goes_at + interval '14 days');
    SELECT m.reason INTO why FROM message m
    WHERE m.district_id = t.district_id AND m.id = decided AND m.status = 'suppressed';
    IF why IS NOT NULL THEN
        PERFORM refuse_state('No mail goes to this contact now: write a letter, call, or say it in person.',
                             jsonb_build_object('status', t.status, 'reason', why));
    END IF;
    UPDATE thank_you o SET status = next_status, way = 'mail', given_on = district_today(), message_id = decided
    WHERE o.id = p_id;
END
$$;

-- A mail that did not go after all: the thanks are still to be said.
CREATE OR REPLACE FUNCTION thank_you_returned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF nullif(current_setting('kith.district', true), '') IS NOT NULL THEN
        UPDATE thank_you t SET status = 'draft', way = NULL, given_on = NULL,
            status_reason = coalesce(NEW.reason, 'failed')
        WHERE t.district_id = NEW.district_id AND t.id = NEW.subject_id AND t.message_id = NEW.id
          AND t.status = 'sent';
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER thank_you_returned AFTER UPDATE OF status ON message
    FOR EACH ROW WHEN (NEW.kind = 'thank_you' AND NEW.status IN ('suppressed', 'failed')
        AND OLD.status <> NEW.status)
    EXECUTE FUNCTION thank_you_returned();

CREATE OR REPLACE FUNCTION thank_you_give(p_id uuid, p_version bigint, p_way text, p_on_date date, p_note text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('thank_you', p_id, p_version, 'give');
BEGIN
    IF p_on_date > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    END IF;
    UPDATE thank_you t SET status = next_status, way = p_way, given_on = coalesce(p_on_date, district_today()),
        note = coalesce(p_note, t.note)
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION thank_you_drop(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('thank_you', p_id, p_version, 'drop');
BEGIN
    UPDATE thank_you t SET status = next_status, status_reason = p_reason WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION thank_you_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('thank_you', p_id, p_version, 'reopen');
BEGIN
    UPDATE thank_you t SET status = next_status, status_reason = NULL WHERE t.id = p_id;
END
$$;

-- What was said stays as it was said.
CREATE OR REPLACE TRIGGER refuse_past_draft BEFORE UPDATE ON thank_you
    FOR EACH ROW WHEN (OLD.status <> 'draft' AND (NEW.subject, NEW.text, NEW.contact_id, NEW.locale)
        IS DISTINCT FROM (OLD.subject, OLD.text, OLD.contact_id, OLD.locale))
    EXECUTE FUNCTION refuse_past_draft();

-- The thanks that a user owes.
CREATE OR REPLACE FUNCTION my_thank_you(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT t.id, coalesce(p.name, c.name), t.due_on, t.partnership_id
    FROM thank_you t
    LEFT JOIN partner p ON p.district_id = t.district_id AND p.id = t.partner_id
    LEFT JOIN contact c ON c.district_id = t.district_id AND c.id = t.contact_id
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.owner_id = p_user
      AND t.status = 'draft' AND t.archived_at IS NULL;
END;

REVOKE EXECUTE ON FUNCTION thank_you_supplied, thank_you_words, fill_words, thanked_contact,
    thank_you_about_what, thank_you_draft, thank_you_for, gift_received, milestone_thanked, pledge_thanked, school_year_thank,
    gift_thanked, thank_you_missing, thank_you_send, thank_you_returned, thank_you_give, thank_you_drop,
    thank_you_reopen, my_thank_you FROM PUBLIC;
GRANT EXECUTE ON FUNCTION thank_you_supplied, thank_you_words, fill_words, thanked_contact,
    thank_you_about_what, thank_you_for, school_year_thank, thank_you_missing, thank_you_send, thank_you_give,
    thank_you_drop, thank_you_reopen, my_thank_you TO kith_api;

RESET ROLE;
