-- The partnership policy: its editions, of which one is in force, and who has to know it.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION policy_number() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('policy ' || NEW.district_id, 0));
    NEW.edition := (SELECT coalesce(max(p.edition), 0) + 1 FROM policy p
                    WHERE p.district_id = NEW.district_id);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER policy_number BEFORE INSERT ON policy
    FOR EACH ROW EXECUTE FUNCTION policy_number();

-- What people acknowledged stays as it is; a new edition changes it.
CREATE OR REPLACE FUNCTION keep_policy() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state(
        CASE WHEN NEW.archived_at IS NOT NULL AND OLD.archived_at IS NULL
             THEN 'It is in force; retire it first.'
             ELSE 'What was adopted stays as it is; a new edition changes it.' END,
        jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER keep_policy BEFORE UPDATE ON policy
    FOR EACH ROW WHEN (
        OLD.status <> 'draft' AND (NEW.title, NEW.text, NEW.statement, NEW.statement_by)
            IS DISTINCT FROM (OLD.title, OLD.text, OLD.statement, OLD.statement_by)
        OR OLD.status = 'in_force' AND NEW.archived_at IS NOT NULL)
    EXECUTE FUNCTION keep_policy();

CREATE OR REPLACE FUNCTION policy_begin(p_id uuid, p_version bigint, p_action text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_row('policy', p_id, p_version);
    RETURN (SELECT transition('policy', p_action, p.status) FROM policy p WHERE p.id = p_id);
END
$$;

-- The edition before is retired by it.
CREATE OR REPLACE FUNCTION policy_adopt(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := policy_begin(p_id, p_version, 'adopt');
BEGIN
    UPDATE policy SET status = transition('policy', 'retire', status)
    WHERE district_id = current_setting('kith.district')::uuid AND status = 'in_force'
      AND archived_at IS NULL;
    UPDATE policy SET status = next_status, adopted_on = district_today(),
        adopted_by = current_setting('kith.user')::uuid
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION policy_retire(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := policy_begin(p_id, p_version, 'retire');
BEGIN
    UPDATE policy SET status = next_status WHERE id = p_id;
END
$$;

-- For oneself, once. Whoever reads a policy need not be one who may write it, so that no lock is taken.
CREATE OR REPLACE FUNCTION policy_acknowledge(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    one policy;
BEGIN
    SELECT * INTO one FROM policy p WHERE p.id = p_id;
    IF one.id IS NULL THEN
        RAISE EXCEPTION 'no row to act on' USING ERRCODE = 'KI404';
    ELSIF one.version <> p_version THEN
        RAISE EXCEPTION 'another version' USING ERRCODE = 'KI412';
    ELSIF one.status <> 'in_force' OR one.archived_at IS NOT NULL THEN
        PERFORM refuse_state('It is not in force.', jsonb_build_object('status', one.status));
    END IF;
    INSERT INTO policy_acknowledgment (district_id, id, policy_id, user_id, acknowledged_at)
    VALUES (one.district_id, uuid7(), p_id, current_setting('kith.user')::uuid,
            current_setting('kith.now')::timestamptz)
    ON CONFLICT (district_id, policy_id, user_id) DO NOTHING;
END
$$;

-- Who has to know the policy: whoever writes in the district today, and whoever leads a school.
CREATE OR REPLACE FUNCTION policy_is_for(p_user uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM user_grant g
        WHERE g.district_id = current_setting('kith.district')::uuid AND g.user_id = p_user
          AND g.role NOT IN ('viewer', 'partner') AND g.archived_at IS NULL
          AND t.day BETWEEN g.from_date AND coalesce(g.until_date, 'infinity')
        UNION ALL
        SELECT FROM post_holder h JOIN post p ON p.district_id = h.district_id AND p.id = h.post_id
        WHERE h.district_id = current_setting('kith.district')::uuid AND h.user_id = p_user
          AND p.kind = 'principal' AND p.archived_at IS NULL AND h.archived_at IS NULL
          AND t.day BETWEEN h.from_date AND coalesce(h.until_date, 'infinity'))
    FROM (SELECT district_today() AS day) AS t;
END;

-- Who has acknowledged an edition, and who has yet to acknowledge the one in force; principals who are no users among
-- them, by the row that says that they hold the post.
CREATE OR REPLACE VIEW policy_duty WITH (security_invoker = true) AS
SELECT a.district_id, a.id, a.policy_id, a.user_id, u.name AS user_name, 'acknowledged' AS status,
       a.acknowledged_at, NULL::uuid AS post_holder_id
FROM policy_acknowledgment a
JOIN app_user u ON u.district_id = a.district_id AND u.id = a.user_id
UNION ALL
SELECT u.district_id, u.id, p.id, u.id, u.name, 'missing', NULL, NULL
FROM policy p
JOIN app_user u ON u.district_id = p.district_id AND u.status = 'active' AND u.archived_at IS NULL
WHERE p.status = 'in_force' AND p.archived_at IS NULL AND policy_is_for(u.id)
  AND NOT EXISTS (
    SELECT FROM policy_acknowledgment a
    WHERE a.district_id = u.district_id AND a.policy_id = p.id AND a.user_id = u.id)
UNION ALL
SELECT h.district_id, h.id, p.id, NULL, h.name, 'missing', NULL, h.id
FROM policy p
JOIN post_holder h ON h.district_id = p.district_id AND h.name IS NOT NULL AND h.archived_at IS NULL
    AND district_today() BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
JOIN post o ON o.district_id = h.district_id AND o.id = h.post_id AND o.kind = 'principal' AND o.archived_at IS NULL
WHERE p.status = 'in_force' AND p.archived_at IS NULL;

-- Where they are, by the posts that they hold and what they are granted today.
CREATE OR REPLACE VIEW policy_place WITH (security_invoker = true) AS
SELECT d.district_id, d.id, o.site_id, coalesce(o.network_id, s.network_id) AS network_id
FROM policy_duty d
JOIN post_holder h ON h.district_id = d.district_id AND (h.user_id = d.user_id OR h.id = d.post_holder_id)
    AND h.archived_at IS NULL AND district_today() BETWEEN h.from_date AND coalesce(h.until_date, 'infinity')
JOIN post o ON o.district_id = h.district_id AND o.id = h.post_id AND o.archived_at IS NULL
LEFT JOIN site s ON s.district_id = o.district_id AND s.id = o.site_id
UNION
SELECT d.district_id, d.id, s.id, coalesce(s.network_id, CASE g.scope_kind WHEN 'network' THEN g.scope_id END)
FROM policy_duty d
JOIN user_grant g ON g.district_id = d.district_id AND g.user_id = d.user_id AND g.scope_kind IN ('site', 'network')
    AND g.archived_at IS NULL AND district_today() BETWEEN g.from_date AND coalesce(g.until_date, 'infinity')
LEFT JOIN site s ON s.district_id = g.district_id AND g.scope_kind = 'site' AND s.id = g.scope_id;
GRANT SELECT ON policy_duty, policy_place TO kith_api;

REVOKE EXECUTE ON FUNCTION policy_number, keep_policy, policy_begin, policy_adopt, policy_retire,
    policy_acknowledge, policy_is_for FROM PUBLIC;
GRANT EXECUTE ON FUNCTION policy_begin, policy_adopt, policy_retire, policy_acknowledge, policy_is_for
    TO kith_api;

RESET ROLE;
