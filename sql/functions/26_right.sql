-- What whoever asks may do with one row, before it is tried: kith_enter() and the policies of 25_scope.sql say so, as they
-- would of the write itself.

SET ROLE kith_owner;

-- Actions of which somebody besides (or, is_instead, in place of) what covers the row decides, as a condition over it.
CREATE OR REPLACE FUNCTION keepers() RETURNS TABLE (name text, verbs text[], own text, is_instead boolean)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT t.name, t.verbs::text[], t.own, t.is_instead FROM (VALUES
        ('remedy', '{agree,cancel}', 'is_me(lead_id) OR kith_has_role(''admin,director'')', false),
        ('ask', '{clear,hold,release}', 'is_me(owner_id) OR kith_has_role(''admin,director'')', false),
        ('mail_check', '{confirm}', 'is_me(user_id)', false),
        ('import', '{revert}', 'kith_has_role(roles)', false),
        ('policy', '{acknowledge}', 'true', true), -- each for oneself
        ('agreement', '{sign,type_signature,acknowledge,decide_notice,record_disposal}', 'agreement_is_taken(id)', true))
        AS t (name, verbs, own, is_instead);
END;

-- Of an agreement for several partnerships one that is covered is enough for these (37_agreement.sql).
CREATE OR REPLACE FUNCTION agreement_is_taken(p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    scope text := current_setting('kith.scope', true);
BEGIN
    RETURN scope = '*' OR scope NOT IN ('', 'own') AND (
        SELECT count(*) = 0 OR bool_or(partnership_is_inside(l.partnership_id))
        FROM agreement_partnership l
        WHERE l.district_id = current_setting('kith.district')::uuid AND l.agreement_id = p_id AND l.archived_at IS NULL);
END
$$;

-- True of what has no keeper.
CREATE OR REPLACE FUNCTION keeper_may(p_table text, p_verb text, p_id uuid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    condition text := (SELECT k.own FROM keepers() k WHERE k.name = p_table AND p_verb = ANY (k.verbs));
    may boolean := true;
BEGIN
    IF condition IS NOT NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id = $1 AND (%s))', p_table, condition) INTO may USING p_id;
    END IF;
    RETURN may;
END
$$;

-- What each of the needs (a comma list of roles) comes to: whether one is held, whether the row is covered, and the whole
-- district; and which of the verbs may be done, of which each has a need by its place. A row 0 stands before them: whether the token
-- is for any resource; without it there is no such row, or none that is shown.
CREATE OR REPLACE FUNCTION row_rights(
    p_token_hash text, p_plural text, p_table text, p_id uuid, p_needs text[], p_verbs text[], p_verb_places integer[])
RETURNS TABLE (place integer, is_held boolean, is_inside boolean, is_whole boolean, verbs text)
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    scope text := coalesce(current_setting('kith.scope', true), '');
BEGIN
    EXECUTE format('SELECT FROM %I WHERE id = $1', p_table) USING p_id;
    GET DIAGNOSTICS place = ROW_COUNT;
    IF place = 0 THEN
        RETURN;
    END IF;
    FOR n IN 0 .. cardinality(p_needs) LOOP
        place := n;
        is_held := false;
        is_inside := false;
        is_whole := false;
        verbs := '';
        BEGIN
            IF n = 0 THEN
                is_held := EXISTS (SELECT FROM access_token t WHERE t.district_id = district
                                   AND t.token_hash = p_token_hash AND t.resources IS NULL);
            ELSE
                PERFORM kith_enter(district, p_token_hash, p_needs[n], current_setting('kith.now'), '', 'write ' || p_plural);
                is_held := true;
                is_inside := row_is_inside(p_table, p_id);
                is_whole := current_setting('kith.scope') = '*';
                verbs := (SELECT coalesce(string_agg(v.verb, ','), '')
                          FROM unnest(p_verbs, p_verb_places) AS v (verb, place)
                          LEFT JOIN keepers() k ON k.name = p_table AND v.verb = ANY (k.verbs)
                          WHERE v.place = n AND (row_rights.is_inside OR k.is_instead) AND keeper_may(p_table, v.verb, p_id));
            END IF;
        EXCEPTION WHEN SQLSTATE 'KI403' OR SQLSTATE 'KIKEY' THEN
            NULL; -- it is not held
        END;
        RETURN NEXT;
    END LOOP;
    PERFORM set_config('kith.scope', scope, true);
END
$$;

REVOKE EXECUTE ON FUNCTION keepers, agreement_is_taken, keeper_may, row_rights FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keepers, agreement_is_taken, keeper_may, row_rights TO kith_api;

RESET ROLE;
