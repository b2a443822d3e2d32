-- Letters that introduce who follows: one a contact of a departure, to be edited before it goes, and decided once.

SET ROLE kith_owner;

-- Of a user: to those on the other side of the partnerships that he had a part in, to champions, and to whom he
-- met within a year of partners that he owned. Of a contact: to those who take over. And what waits for a lead's
-- acknowledgment is laid before the new one. p_items: of departure_items().
CREATE OR REPLACE FUNCTION departure_letters(d departure, p_items jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    INSERT INTO introduction_letter (district_id, id, departure_id, contact_id, user_id, partnership_id, kind,
                                     about)
    SELECT DISTINCT ON (l.contact_id) d.district_id, uuid7(), d.id, l.contact_id, l.user_id, l.partnership_id,
           l.kind, l.about
    FROM departure_introduced(d, p_items) l
    JOIN contact c ON c.district_id = d.district_id AND c.id = l.contact_id AND c.status = 'active'
        AND c.archived_at IS NULL
    ORDER BY l.contact_id, l.place
    ON CONFLICT DO NOTHING;
    PERFORM message_queue(
        'duty', 'agreements', 'agreement_acknowledgment', a.id, i.receiver_id, NULL, 'version ' || a.version,
        jsonb_build_object('agreement', a.title, 'partnership', p.name), business_now,
        business_now + interval '30 days', p.id)
    FROM jsonb_to_recordset(p_items) AS i (name text, subject_id uuid, receiver_id uuid)
    JOIN partnership_role r ON r.district_id = d.district_id AND r.id = i.subject_id AND r.role = 'lead'
    JOIN partnership p ON p.district_id = d.district_id AND p.id = r.partnership_id
    JOIN agreement_partnership k ON k.district_id = d.district_id AND k.partnership_id = p.id
        AND k.archived_at IS NULL
    JOIN agreement a ON a.district_id = d.district_id AND a.id = k.agreement_id
        AND a.status = 'out_for_signature' AND a.partner_at IS NULL AND a.archived_at IS NULL
    WHERE i.name = 'partnership_role' AND d.contact_id IS NOT NULL AND i.receiver_id IS NOT NULL;
END
$$;

CREATE OR REPLACE FUNCTION departure_introduced(d departure, p_items jsonb)
RETURNS TABLE (place integer, contact_id uuid, user_id uuid, partnership_id uuid, kind text, about text[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH item AS (
        SELECT i.* FROM jsonb_to_recordset(p_items)
            AS i (name text, field text, subject_id uuid, receiver_id uuid)
        WHERE i.receiver_id IS NOT NULL
    ), part AS (
        SELECT r.role, p.id, p.name, i.receiver_id
        FROM item i
        JOIN partnership_role r ON r.district_id = d.district_id AND r.id = i.subject_id
        JOIN partnership p ON p.district_id = d.district_id AND p.id = r.partnership_id
        WHERE i.name = 'partnership_role'
    )
    SELECT 1, o.contact_id, (array_agg(t.receiver_id ORDER BY t.role <> 'lead', t.name, t.id))[1],
           (array_agg(t.id ORDER BY t.role <> 'lead', t.name, t.id))[1], 'follows',
           array_agg(DISTINCT t.name)
    FROM part t
    JOIN partnership_role o ON o.district_id = d.district_id AND o.partnership_id = t.id
        AND o.contact_id IS NOT NULL AND o.archived_at IS NULL
        AND coalesce(o.until_date, 'infinity') >= d.on_date
    WHERE d.user_id IS NOT NULL
    GROUP BY o.contact_id
    UNION ALL
    SELECT 2, c.contact_id, i.receiver_id, NULL, 'follows', '{}'
    FROM item i JOIN champion c ON c.district_id = d.district_id AND c.id = i.subject_id
    WHERE i.name = 'champion'
    UNION ALL
    SELECT 3, m.contact_id, (array_agg(i.receiver_id ORDER BY m.on_date DESC, m.id))[1], NULL, 'follows', '{}'
    FROM item i
    JOIN interaction m ON m.district_id = d.district_id AND m.partner_id = i.subject_id
        AND m.user_id = d.user_id AND m.contact_id IS NOT NULL AND m.archived_at IS NULL
        AND m.on_date > d.on_date - interval '1 year'
    WHERE i.name = 'partner'
    GROUP BY m.contact_id
    UNION ALL
    SELECT 1, t.receiver_id, (array_agg(partnership_lead(t.id) ORDER BY t.role <> 'lead', t.name, t.id))[1],
           (array_agg(t.id ORDER BY t.role <> 'lead', t.name, t.id))[1], 'takes_over',
           array_agg(DISTINCT t.name)
    FROM part t WHERE d.contact_id IS NOT NULL
    GROUP BY t.receiver_id;
END;

-- What the mail says, but for what its template does.
CREATE OR REPLACE FUNCTION introduction_letter_variables(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (
    SELECT jsonb_build_object(
        'follows', l.kind = 'follows', 'leaver', coalesce(u.name, c.name),
        'lead', s.name, 'person', s.name, 'address', s.email, 'phone', s.phone, 'partnerships', to_jsonb(l.about),
        'has_partnerships', l.about <> '{}',
        'paragraphs', (SELECT coalesce(jsonb_agg(g.part ORDER BY g.place), '[]')
                       FROM regexp_split_to_table(l.text, '\s*\n\s*') WITH ORDINALITY AS g (part, place)
                       WHERE g.part ~ '\S'),
        'is_usual', coalesce(l.text, '') !~ '\S')
    FROM introduction_letter l
    JOIN departure d ON d.district_id = l.district_id AND d.id = l.departure_id
    LEFT JOIN app_user u ON u.district_id = l.district_id AND u.id = d.user_id
    LEFT JOIN contact c ON c.district_id = l.district_id AND c.id = d.contact_id
    LEFT JOIN app_user s ON s.district_id = l.district_id AND s.id = l.user_id
    WHERE l.id = p_id);

CREATE OR REPLACE FUNCTION introduction_letter_send(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('introduction_letter', p_id, p_version, 'send');
    l introduction_letter;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    goes_at timestamptz := next_business_hour();
    mail uuid;
BEGIN
    SELECT t.* INTO l FROM introduction_letter t WHERE t.id = p_id;
    mail := message_queue('duty', 'introductions', 'introduction_letter', l.id, l.contact_id, NULL, 'once',
                          introduction_letter_variables(l.id), goes_at, goes_at + interval '14 days',
                          l.partnership_id);
    UPDATE introduction_letter t SET status = next_status, sent_at = business_now, message_id = mail
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION introduction_letter_skip(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('introduction_letter', p_id, p_version, 'skip');
BEGIN
    UPDATE introduction_letter t SET status = next_status WHERE t.id = p_id;
END
$$;

-- All letters of a departure that nobody has sent or skipped.
CREATE OR REPLACE FUNCTION departure_introduce(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    letter uuid;
BEGIN
    PERFORM action_begin('departure', p_id, p_version, 'introduce');
    FOR letter IN
        SELECT l.id FROM introduction_letter l
        WHERE l.departure_id = p_id AND l.status = 'draft' AND l.archived_at IS NULL ORDER BY l.id FOR UPDATE
    LOOP
        PERFORM introduction_letter_send(letter, NULL);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION guard_letter() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state(format('It is %s.', OLD.status), jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER guard_letter BEFORE UPDATE ON introduction_letter
    FOR EACH ROW WHEN (current_user = 'kith_api' AND OLD.status <> 'draft' AND NEW.text IS DISTINCT FROM OLD.text)
    EXECUTE FUNCTION guard_letter();

CREATE OR REPLACE FUNCTION my_introduction_letter(p_user uuid, p_day date)
RETURNS TABLE (subject_id uuid, title text, due_on date, partnership_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.id, c.name, NULL::date, l.partnership_id
    FROM introduction_letter l
    JOIN contact c ON c.district_id = l.district_id AND c.id = l.contact_id
    WHERE l.district_id = current_setting('kith.district')::uuid AND l.user_id = p_user
      AND l.status = 'draft' AND l.archived_at IS NULL;
END;

REVOKE EXECUTE ON FUNCTION departure_letters, departure_introduced, introduction_letter_variables,
    introduction_letter_send, introduction_letter_skip, departure_introduce, guard_letter,
    my_introduction_letter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION introduction_letter_variables, introduction_letter_send, introduction_letter_skip,
    departure_introduce, my_introduction_letter TO kith_api;

RESET ROLE;
