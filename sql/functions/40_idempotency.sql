-- A repeated request meets its first reply. KI409: the first one is still at work. KI422: the key
-- belongs to another request. KI208: done before; the reply is read by idem_replay. Otherwise the
-- key is this unit's until it ends, and the unit stores its reply with the effect.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION idem_begin(p_principal text, p_key text, p_fingerprint text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    district text := current_setting('kith.district');
    kept_fingerprint text;
    kept_at timestamptz;
BEGIN
    -- The lock ends after its holder's commit can be seen: the next statement sees that. An INSERT
    -- with ON CONFLICT would wait instead, and all units behind it on the connection too.
    IF NOT pg_try_advisory_xact_lock(
        hashtextextended(concat_ws(E'\n', district, p_principal, p_key), 0)) THEN
        RAISE EXCEPTION 'the same request is at work' USING ERRCODE = 'KI409';
    END IF;
    SELECT i.fingerprint, i.created_at INTO kept_fingerprint, kept_at
    FROM idempotency i
    WHERE i.district_id = district::uuid AND i.principal = p_principal AND i.key = p_key;
    IF kept_fingerprint IS NULL THEN
        RETURN;
    ELSIF kept_at < current_setting('kith.now')::timestamptz - interval '24 hours' THEN
        DELETE FROM idempotency i
        WHERE i.district_id = district::uuid AND i.principal = p_principal AND i.key = p_key;
    ELSIF kept_fingerprint <> p_fingerprint THEN
        RAISE EXCEPTION 'the key belongs to another request' USING ERRCODE = 'KI422';
    ELSE
        RAISE EXCEPTION 'done before' USING ERRCODE = 'KI208';
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION idem_begin FROM PUBLIC;
GRANT EXECUTE ON FUNCTION idem_begin TO kith_api;

RESET ROLE;
