-- Pairs of records that may be of one partner or person, by what both have: kept by triggers, so that a list of them
-- is as fast as any. What more than ten have is nobody's own, and tells nothing: a mall's address, a platform's site.

SET ROLE kith_owner;

-- A name whatever the order of its words, without those that make no difference.
CREATE OR REPLACE FUNCTION duplicate_words(p_name text) RETURNS text
LANGUAGE sql STABLE
RETURN (SELECT string_agg(DISTINCT w.word, ' ' ORDER BY w.word)
        FROM string_to_table(partner_plain_name(p_name), ' ') AS w (word)
        WHERE w.word NOT IN ('', 'and', 'at', 'for', 'in', 'of'));

CREATE OR REPLACE FUNCTION duplicate_phone(p_phone text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (SELECT right(d.digits, 10) FROM (SELECT regexp_replace(p_phone, '[^0-9]+', '', 'g')) AS d (digits)
        WHERE length(d.digits) >= 7);

DROP FUNCTION IF EXISTS partner_keys(text[], text, text, text, text, text), contact_keys(text, text, text);
CREATE OR REPLACE FUNCTION partner_keys(
    p_names text[], p_ein text, p_website text, p_email text, p_phone text, p_street text, p_postal text)
RETURNS TABLE (reason text, key text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.reason, k.key
    FROM (SELECT 'name' AS reason, duplicate_words(n) AS key FROM unnest(p_names) AS n
          UNION SELECT 'ein', p_ein
          UNION SELECT 'website', substring(lower(p_website) FROM '^https?://(?:www\.)?([^/:?#]+)')
          UNION SELECT 'email', lower(p_email)
          UNION SELECT 'phone', duplicate_phone(p_phone)
          UNION SELECT 'address', nullif(btrim(search_fold(p_street)), '') || ' ' || left(p_postal, 5)) AS k
    WHERE k.key IS NOT NULL;
END;

CREATE OR REPLACE FUNCTION contact_keys(p_names text[], p_emails text[], p_phone text)
RETURNS TABLE (reason text, key text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.reason, k.key
    FROM (SELECT 'name' AS reason, duplicate_words(n) AS key FROM unnest(p_names) AS n
          UNION SELECT 'email', lower(e) FROM unnest(p_emails) AS e
          UNION SELECT 'phone', duplicate_phone(p_phone)) AS k
    WHERE k.key IS NOT NULL;
END;

-- How sure they make, of 100.
CREATE OR REPLACE FUNCTION duplicate_score(p_reasons text[]) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN (SELECT least(100, sum(w.weight))
        FROM (VALUES ('ein', 60), ('email', 60), ('name', 50), ('website', 40), ('address', 30), ('phone', 30))
             AS w (reason, weight)
        WHERE w.reason = ANY (p_reasons));

-- The pairs of these records of a district, as their keys are now.
CREATE OR REPLACE FUNCTION duplicate_match_again(p_district uuid, p_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$ -- which keeps its plan: it is run by each write
BEGIN
    WITH telling AS MATERIALIZED ( -- before they are joined: what thousands have would make millions of pairs
        SELECT k.* FROM duplicate_key k
        WHERE k.district_id = p_district AND k.of_id = ANY (p_ids) AND 10 >= (
            SELECT count(*) FROM (
                SELECT FROM duplicate_key x
                WHERE x.district_id = k.district_id AND x.kind = k.kind AND x.reason = k.reason AND x.key = k.key
                LIMIT 11) AS holders)
    ), found AS MATERIALIZED (
        SELECT k.district_id, k.kind, least(k.of_id, o.of_id) AS first_id, greatest(k.of_id, o.of_id) AS second_id,
               array_agg(DISTINCT k.reason ORDER BY k.reason) AS reasons
        FROM telling k
        JOIN duplicate_key o ON o.district_id = k.district_id AND o.kind = k.kind AND o.reason = k.reason
            AND o.key = k.key AND o.of_id <> k.of_id AND o.family_id <> k.family_id
        GROUP BY k.district_id, k.kind, first_id, second_id
    ), gone AS (
        DELETE FROM duplicate_match m
        WHERE m.district_id = p_district AND (m.first_id = ANY (p_ids) OR m.second_id = ANY (p_ids)) AND NOT EXISTS (
            SELECT FROM found f WHERE f.first_id = m.first_id AND f.second_id = m.second_id)
    )
    INSERT INTO duplicate_match AS m (district_id, id, kind, first_id, second_id, reasons, score)
    SELECT f.district_id, uuid7(), f.kind, f.first_id, f.second_id, f.reasons, duplicate_score(f.reasons)
    FROM found f ORDER BY f.first_id, f.second_id
    ON CONFLICT ON CONSTRAINT duplicate_match_first_id_key DO UPDATE
    SET reasons = excluded.reasons, score = excluded.score WHERE m.reasons <> excluded.reasons;
END
$$;

-- The keys of a statement's rows, and then their pairs: of those that changed, by the rows before it.
CREATE OR REPLACE FUNCTION duplicate_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    told text := CASE TG_TABLE_NAME
        WHEN 'partner' THEN 'n.name, n.aliases, n.ein, n.website, n.email, n.phone, n.street, n.postal_code, n.parent_id'
        ELSE 'n.name, n.aliases, n.email, n.other_emails, n.phone' END || ', n.archived_at IS NULL';
    changed record;
BEGIN
    FOR changed IN EXECUTE CASE TG_OP
        WHEN 'UPDATE' THEN format(
            'SELECT n.district_id, array_agg(n.id) AS ids FROM new_rows n
             JOIN old_rows o ON o.district_id = n.district_id AND o.id = n.id
             WHERE (%s) IS DISTINCT FROM (%s) GROUP BY n.district_id', told, replace(told, 'n.', 'o.'))
        ELSE format('SELECT n.district_id, array_agg(n.id) AS ids FROM %s n GROUP BY n.district_id',
                    CASE TG_OP WHEN 'DELETE' THEN 'old_rows' ELSE 'new_rows' END) END
    LOOP
        IF TG_OP <> 'INSERT' THEN
            DELETE FROM duplicate_key k WHERE k.district_id = changed.district_id AND k.of_id = ANY (changed.ids);
        END IF;
        IF TG_OP <> 'DELETE' AND TG_TABLE_NAME = 'partner' THEN
            INSERT INTO duplicate_key (district_id, kind, of_id, family_id, reason, key)
            SELECT n.district_id, 'partner', n.id, coalesce(n.parent_id, n.id), k.*
            FROM new_rows n
            CROSS JOIN LATERAL partner_keys(n.name || n.aliases, n.ein, n.website, n.email, n.phone, n.street,
                                            n.postal_code) k
            WHERE n.district_id = changed.district_id AND n.id = ANY (changed.ids) AND n.archived_at IS NULL;
        ELSIF TG_OP <> 'DELETE' THEN
            INSERT INTO duplicate_key (district_id, kind, of_id, family_id, reason, key)
            SELECT n.district_id, 'contact', n.id, n.id, k.*
            FROM new_rows n
            CROSS JOIN LATERAL contact_keys(n.name || n.aliases, n.email || n.other_emails, n.phone) k
            WHERE n.district_id = changed.district_id AND n.id = ANY (changed.ids) AND n.archived_at IS NULL;
        END IF;
        PERFORM duplicate_match_again(changed.district_id, changed.ids);
    END LOOP;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    followed record;
BEGIN
    FOR followed IN
        SELECT t.name, e.* FROM unnest('{partner,contact}'::text[]) AS t (name), (VALUES
            ('INSERT', 'NEW TABLE AS new_rows'),
            ('UPDATE', 'NEW TABLE AS new_rows OLD TABLE AS old_rows'),
            ('DELETE', 'OLD TABLE AS old_rows')) AS e (event, rows)
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
             FOR EACH STATEMENT EXECUTE FUNCTION duplicate_follow()',
            'duplicate_' || lower(followed.event), followed.event, followed.name, followed.rows);
    END LOOP;
END
$$;

-- The contact whose address it is, or was: of a file of mails, a form, a school's list.
CREATE OR REPLACE FUNCTION contact_of_email(p_email text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
RETURN (
    SELECT c.id
    FROM duplicate_key k
    JOIN contact c ON c.district_id = k.district_id AND c.id = k.of_id
    WHERE k.district_id = current_setting('kith.district')::uuid AND k.kind = 'contact' AND k.reason = 'email'
      AND k.key = lower(p_email)
    ORDER BY c.email IS DISTINCT FROM lower(p_email), c.created_at, c.id LIMIT 1);

-- Two of a kind that are there.
CREATE OR REPLACE FUNCTION duplicate_dismissal_check() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM partner p WHERE p.id IN (NEW.first_id, NEW.second_id)) < 2
       AND (SELECT count(*) FROM contact c WHERE c.id IN (NEW.first_id, NEW.second_id)) < 2
       AND NEW.first_id <> NEW.second_id THEN
        PERFORM refuse_field('second_id', '"first_id" and "second_id" are not two partners, or two contacts.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER duplicate_dismissal_check BEFORE INSERT OR UPDATE OF first_id, second_id
    ON duplicate_dismissal FOR EACH ROW WHEN (NEW.first_id IS NOT NULL AND NEW.second_id IS NOT NULL)
    EXECUTE FUNCTION duplicate_dismissal_check();

DROP POLICY IF EXISTS follow ON duplicate_key;
CREATE POLICY follow ON duplicate_key TO kith_owner USING (true);
DROP POLICY IF EXISTS follow ON duplicate_match;
CREATE POLICY follow ON duplicate_match TO kith_owner USING (true);

REVOKE EXECUTE ON FUNCTION duplicate_words, duplicate_phone, partner_keys, contact_keys, duplicate_score,
    duplicate_match_again, duplicate_follow, contact_of_email, duplicate_dismissal_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact_of_email TO kith_api;
GRANT EXECUTE ON FUNCTION duplicate_words, duplicate_phone, partner_keys, contact_keys, duplicate_score,
    duplicate_match_again TO kith_migrate;

RESET ROLE;

-- Rows of before, and reasons that they have since.
INSERT INTO duplicate_key (district_id, kind, of_id, family_id, reason, key)
SELECT n.district_id, 'partner', n.id, coalesce(n.parent_id, n.id), k.*
FROM partner n
CROSS JOIN LATERAL partner_keys(n.name || n.aliases, n.ein, n.website, n.email, n.phone, n.street, n.postal_code) k
WHERE n.archived_at IS NULL AND NOT EXISTS (
    SELECT FROM duplicate_key x WHERE x.district_id = n.district_id AND x.of_id = n.id AND x.reason = k.reason);
INSERT INTO duplicate_key (district_id, kind, of_id, family_id, reason, key)
SELECT n.district_id, 'contact', n.id, n.id, k.*
FROM contact n CROSS JOIN LATERAL contact_keys(n.name || n.aliases, n.email || n.other_emails, n.phone) k
WHERE n.archived_at IS NULL AND NOT EXISTS (
    SELECT FROM duplicate_key x WHERE x.district_id = n.district_id AND x.of_id = n.id AND x.reason = k.reason);
SELECT duplicate_match_again(k.district_id, array_agg(DISTINCT k.of_id)) FROM duplicate_key k
WHERE NOT EXISTS (SELECT FROM duplicate_match) GROUP BY k.district_id;
