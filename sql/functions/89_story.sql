-- Stories: written, looked at, approved, published, and withdrawn at once. No student's full name stands in one,
-- each person it shows has a release on file, and each partner it is about agrees.

SET ROLE kith_owner;

-- ---- Names of students ---------------------------------------------------------------------------

-- What looks like the full name of a student, as it stands there; people decide whether it is one.
CREATE OR REPLACE FUNCTION student_names(p_text text) RETURNS text[]
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    WITH said (word, full_name, grade) AS (VALUES (
        '(?:[Ss]tudents?|[Pp]upils?|[Ss]cholar|[Gg]raders?|[Ee]studiantes?|[Aa]lumn[oa]s?)',
        '[[:upper:]][[:alpha:]''’-]+ (?:[[:upper:]]\. )?[[:upper:]][[:alpha:]''’-]+',
        '(?:[0-9]{1,2}(?:st|nd|rd|th)|[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth|[Ss]ixth|[Ss]eventh|[Ee]ighth'
        || '|[Nn]inth|[Tt]enth|[Ee]leventh|[Tt]welfth)[- ]grade'))
    SELECT coalesce(array_agg(DISTINCT found.excerpt), '{}')
    FROM said s
    CROSS JOIN LATERAL (VALUES
        (s.word || ',? ' || s.full_name),
        (s.full_name || ',? (?:is |es )?(?:an? |the |una? |el |la )?(?:' || s.grade || '|' || s.word || ')'),
        (s.full_name || ',? (?:\(|age |aged |de )?[0-9]{1,2}(?:,|\)| years| años)')) AS p (pattern)
    CROSS JOIN LATERAL (SELECT left(m[1], 200) AS excerpt
                        FROM regexp_matches(p_text, '(' || p.pattern || ')', 'g') m LIMIT 20) AS found;
END;

CREATE OR REPLACE FUNCTION story_warnings(s story) RETURNS text[]
LANGUAGE sql STABLE
RETURN student_names(concat_ws(E'\n', s.title, s.summary, s.text));

-- ---- From the draft to the public ----------------------------------------------------------------

-- What is read before one consents to it.
CREATE OR REPLACE FUNCTION story_seal(t story) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN md5(jsonb_build_array(t.title, t.summary, t.text, t.locale)::text);

-- Whether whom it names by the subject consents to it as it is.
CREATE OR REPLACE FUNCTION story_has_consent(s story_subject, t story) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN s.consent_on IS NOT NULL AND coalesce(s.consent_seal = story_seal(t), true);

CREATE OR REPLACE FUNCTION story_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM story t
    CROSS JOIN LATERAL (
        SELECT count(*) AS subjects,
               count(*) FILTER (WHERE s.site_id IS NULL AND NOT story_has_consent(s, t)) AS without_consent
        FROM story_subject s
        WHERE s.district_id = t.district_id AND s.story_id = t.id AND s.archived_at IS NULL) AS s
    CROSS JOIN LATERAL (
        SELECT count(*) AS people, count(*) FILTER (WHERE p.release_on IS NULL) AS without_release
        FROM story_person p
        WHERE p.district_id = t.district_id AND p.story_id = t.id AND p.archived_at IS NULL) AS p
    CROSS JOIN LATERAL (VALUES
        (1, 'subject', s.subjects = 0),
        (2, 'release', p.without_release > 0 OR t.shows_people AND p.people = 0),
        (3, 'alt_text', EXISTS (
            SELECT FROM attachment a
            WHERE a.district_id = t.district_id AND a.subject_kind = 'story' AND a.subject_id = t.id
              AND a.archived_at IS NULL AND a.media_type LIKE 'image/%'
              AND coalesce(a.description, '') !~ '\S')),
        (4, 'consent', p_action <> 'submit' AND s.without_consent > 0)
        ) AS m (place, code, is_missing)
    WHERE t.id = p_id AND p_action IN ('submit', 'approve', 'publish') AND m.is_missing;
END;

CREATE OR REPLACE FUNCTION story_move(p_id uuid, p_version bigint, p_action text, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('story', p_id, p_version, p_action);
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    PERFORM refuse_missing('story', (SELECT t.status FROM story t WHERE t.id = p_id),
                           story_missing(p_id, p_action));
    UPDATE story t SET status = next_status, status_reason = p_reason,
        submitted_at = CASE p_action WHEN 'submit' THEN business_now ELSE t.submitted_at END,
        approved_at = CASE WHEN p_action = 'approve' THEN business_now
                           WHEN p_action IN ('return', 'revise') THEN NULL ELSE t.approved_at END,
        approved_by = CASE WHEN p_action = 'approve' THEN current_setting('kith.user')::uuid
                           WHEN p_action IN ('return', 'revise') THEN NULL ELSE t.approved_by END,
        published_at = CASE p_action WHEN 'publish' THEN business_now ELSE t.published_at END,
        withdrawn_at = CASE p_action WHEN 'withdraw' THEN business_now
                                     WHEN 'publish' THEN NULL ELSE t.withdrawn_at END
    WHERE t.id = p_id;
END
$$;

-- Whoever submits it, and whoever approves it, says so: a pattern finds no name that it does not know.
CREATE OR REPLACE FUNCTION story_attest(
    p_id uuid, p_version bigint, p_action text, p_no_student_name boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT p_no_student_name THEN
        PERFORM refuse_field('no_student_name',
                             '"no_student_name" must be true: a story has no student''s full name.');
    END IF;
    PERFORM story_move(p_id, p_version, p_action, NULL);
    UPDATE story t SET names_attested_at = current_setting('kith.now')::timestamptz,
        names_attested_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION story_submit(p_id uuid, p_version bigint, p_no_student_name boolean) RETURNS void
LANGUAGE sql RETURN story_attest(p_id, p_version, 'submit', p_no_student_name);
CREATE OR REPLACE FUNCTION story_approve(p_id uuid, p_version bigint, p_no_student_name boolean) RETURNS void
LANGUAGE sql RETURN story_attest(p_id, p_version, 'approve', p_no_student_name);
CREATE OR REPLACE FUNCTION story_return(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN story_move(p_id, p_version, 'return', p_reason);
CREATE OR REPLACE FUNCTION story_publish(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN story_move(p_id, p_version, 'publish', NULL);
CREATE OR REPLACE FUNCTION story_withdraw(p_id uuid, p_version bigint, p_reason text) RETURNS void
LANGUAGE sql RETURN story_move(p_id, p_version, 'withdraw', p_reason);
CREATE OR REPLACE FUNCTION story_revise(p_id uuid, p_version bigint) RETURNS void
LANGUAGE sql RETURN story_move(p_id, p_version, 'revise', NULL);

CREATE OR REPLACE FUNCTION story_draft() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.locale := coalesce(NEW.locale, (SELECT d.locale FROM district d WHERE d.id = NEW.district_id));
    NEW.owner_id := coalesce(NEW.owner_id, nullif(current_setting('kith.user'), '')::uuid);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER story_draft BEFORE INSERT ON story
    FOR EACH ROW EXECUTE FUNCTION story_draft();

-- What was looked at, and what is public, stays as it was.
CREATE OR REPLACE TRIGGER refuse_past_draft BEFORE UPDATE ON story
    FOR EACH ROW WHEN (OLD.status <> 'draft'
        AND (NEW.title, NEW.summary, NEW.text, NEW.locale, NEW.shows_people)
            IS DISTINCT FROM (OLD.title, OLD.summary, OLD.text, OLD.locale, OLD.shows_people))
    EXECUTE FUNCTION refuse_past_draft();

-- Its pictures are part of it: they come, change and belong elsewhere while it is a draft; to take one away is
-- possible at any time.
CREATE OR REPLACE FUNCTION story_picture_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    SELECT s.status INTO found_status FROM story s
    WHERE s.district_id = NEW.district_id AND s.status <> 'draft'
      AND (NEW.subject_kind = 'story' AND s.id = NEW.subject_id
           OR TG_OP = 'UPDATE' AND s.id = (to_jsonb(OLD) ->> 'subject_id')::uuid)
    LIMIT 1;
    IF found_status IS NOT NULL THEN
        PERFORM refuse_state('The pictures of a story change while it is a draft.',
                             jsonb_build_object('status', found_status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER story_picture_check BEFORE INSERT ON attachment
    FOR EACH ROW WHEN (NEW.subject_kind = 'story') EXECUTE FUNCTION story_picture_check();
CREATE OR REPLACE TRIGGER story_picture_change BEFORE UPDATE ON attachment
    FOR EACH ROW WHEN ((NEW.subject_kind = 'story' OR OLD.subject_kind = 'story') AND NEW.archived_at IS NULL)
    EXECUTE FUNCTION story_picture_check();

-- Whom it shows and what it is about was approved with it.
CREATE OR REPLACE FUNCTION story_part_check() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    found_status text;
BEGIN
    SELECT s.status INTO found_status FROM story s
    WHERE s.district_id = NEW.district_id AND s.id = NEW.story_id FOR SHARE;
    IF found_status NOT IN ('draft', 'review') THEN
        PERFORM refuse_state('Whom a story shows and what it is about stays as it is once it is approved.',
                             jsonb_build_object('status', found_status));
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER story_part_check BEFORE INSERT ON story_subject
    FOR EACH ROW EXECUTE FUNCTION story_part_check();
CREATE OR REPLACE TRIGGER story_part_change BEFORE UPDATE ON story_subject
    FOR EACH ROW WHEN (NEW.archived_at IS DISTINCT FROM OLD.archived_at) EXECUTE FUNCTION story_part_check();
CREATE OR REPLACE TRIGGER story_part_check BEFORE INSERT ON story_person
    FOR EACH ROW EXECUTE FUNCTION story_part_check();
CREATE OR REPLACE TRIGGER story_part_change BEFORE UPDATE ON story_person
    FOR EACH ROW WHEN ((NEW.name, NEW.is_student, NEW.archived_at)
        IS DISTINCT FROM (OLD.name, OLD.is_student, OLD.archived_at)) EXECUTE FUNCTION story_part_check();

-- ---- Consent and releases ------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION story_subject_consent(
    p_id uuid, p_version bigint, p_contact uuid, p_on_date date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    s story_subject;
BEGIN
    PERFORM lock_row('story_subject', p_id, p_version);
    SELECT t.* INTO s FROM story_subject t WHERE t.id = p_id;
    IF s.site_id IS NOT NULL THEN
        PERFORM refuse_state('A site is the district''s own: nobody is asked.', '{"status": "site"}');
    ELSIF p_on_date > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    ELSIF NOT EXISTS (SELECT FROM contact c WHERE c.id = p_contact) THEN
        PERFORM refuse_field('contact_id', '"contact_id" is no contact that is there.');
    END IF;
    UPDATE story_subject t SET consent_on = coalesce(p_on_date, district_today()), consent_contact_id = p_contact,
        consent_recorded_by = current_setting('kith.user')::uuid, consent_seal = NULL, answered_by = NULL,
        answered_at = current_setting('kith.now')::timestamptz, answer_note = NULL
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION story_subject_revoke(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('story_subject', p_id, p_version);
    UPDATE story_subject t SET consent_on = NULL, consent_contact_id = NULL, consent_recorded_by = NULL,
        consent_seal = NULL, answered_at = NULL, answered_by = NULL, answer_note = NULL
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION story_person_attest(p_id uuid, p_version bigint, p_release_on date) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('story_person', p_id, p_version);
    IF p_release_on > district_today() THEN
        PERFORM refuse_field('release_on', '"release_on" must not be in the future.');
    END IF;
    UPDATE story_person t SET release_on = p_release_on, release_attested_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION story_person_revoke(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('story_person', p_id, p_version);
    UPDATE story_person t SET release_on = NULL, release_attested_by = NULL WHERE t.id = p_id;
END
$$;

-- Whoever takes a consent or a release back takes the story back with it, at once.
CREATE OR REPLACE FUNCTION story_unpublish() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE story s SET status = 'withdrawn', withdrawn_at = current_setting('kith.now')::timestamptz,
        status_reason = TG_ARGV[0]
    WHERE s.district_id = NEW.district_id AND s.id = NEW.story_id AND s.status IN ('approved', 'published');
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER story_unpublish AFTER UPDATE OF consent_on ON story_subject
    FOR EACH ROW WHEN (OLD.consent_on IS NOT NULL AND NEW.consent_on IS NULL)
    EXECUTE FUNCTION story_unpublish('Somebody whom it names took the consent back.');
CREATE OR REPLACE TRIGGER story_unpublish AFTER UPDATE OF release_on ON story_person
    FOR EACH ROW WHEN (OLD.release_on IS NOT NULL AND NEW.release_on IS NULL)
    EXECUTE FUNCTION story_unpublish('A release was taken back.');

REVOKE EXECUTE ON FUNCTION student_names, story_warnings, story_seal, story_has_consent, story_missing, story_move, story_attest, story_submit,
    story_approve, story_return, story_publish, story_withdraw, story_revise, story_draft, story_picture_check,
    story_part_check, story_subject_consent, story_subject_revoke, story_person_attest, story_person_revoke,
    story_unpublish
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION student_names, story_warnings, story_seal, story_has_consent, story_missing, story_move, story_attest, story_submit,
    story_approve, story_return, story_publish, story_withdraw, story_revise, story_subject_consent,
    story_subject_revoke, story_person_attest, story_person_revoke TO kith_api;

RESET ROLE;
