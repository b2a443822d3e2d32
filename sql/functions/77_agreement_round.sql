-- The rounds over agreements, gates and milestones, and what is kept of a paper that was disposed of.

SET ROLE kith_owner;

-- Of earlier versions.
DROP FUNCTION IF EXISTS agreements_expire(date);
DROP FUNCTION IF EXISTS gates_remind(date);
DROP FUNCTION IF EXISTS agreements_lapse(date);
DROP FUNCTION IF EXISTS milestones_miss(date);

-- What the partner certifies: that the data it had is destroyed, or was returned.
CREATE OR REPLACE FUNCTION agreement_record_disposal(
    p_id uuid, p_version bigint, p_disposal text, p_certified_by text, p_on_date date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    a agreement := agreement_locked(p_id, p_version);
BEGIN
    IF NOT a.data_flows OR a.status NOT IN ('in_force', 'expired', 'superseded', 'terminated') THEN
        PERFORM refuse_state('No data has gone to the partner by it.', jsonb_build_object('status', a.status));
    ELSIF a.data_disposed_on IS NOT NULL THEN
        PERFORM refuse_state('It is recorded already.', jsonb_build_object('data_disposed_on', a.data_disposed_on));
    ELSIF p_on_date > district_today() THEN
        PERFORM refuse_field('on_date', '"on_date" must not be in the future.');
    END IF;
    UPDATE agreement t SET data_disposal = p_disposal, data_certified_by = p_certified_by,
        data_disposed_on = coalesce(p_on_date, district_today()),
        data_recorded_by = current_setting('kith.user')::uuid
    WHERE t.id = p_id;
END
$$;

-- ---- What time does ------------------------------------------------------------------------------

-- Tells those who lead its partnerships, each once for an occurrence; the partner's side where p_both.
CREATE OR REPLACE FUNCTION agreement_tell(
    p_agreement uuid, p_partnership uuid, p_occurrence text, p_about jsonb, p_both boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told record;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
BEGIN
    FOR told IN
        SELECT DISTINCT ON (l.user_id, l.contact_id) l.user_id, l.contact_id, p.id, p.name
        FROM partnership p
        CROSS JOIN LATERAL partnership_leads(p.id) l
        WHERE p.district_id = current_setting('kith.district')::uuid AND p.archived_at IS NULL
          AND (p.id = p_partnership OR p_partnership IS NULL AND p.id IN (
              SELECT k.partnership_id FROM agreement_partnership k
              WHERE k.district_id = p.district_id AND k.agreement_id = p_agreement
                AND k.archived_at IS NULL))
          AND (p_both OR l.side = 'district')
        ORDER BY l.user_id, l.contact_id, p.name, p.id
    LOOP
        PERFORM message_queue(
            'duty', 'agreements', 'agreement_notice', coalesce(p_partnership, p_agreement),
            told.contact_id, told.user_id, p_occurrence,
            p_about || jsonb_build_object('partnership', told.name), business_now,
            business_now + interval '14 days', told.id);
    END LOOP;
END
$$;

-- What takes another one's place does so on its first day; before, nobody is told that the other one ends. The last
-- day is over: what renews itself goes on for another year, the rest has expired. And what will
-- expire is told of when a lead time of the district's settings has come; of several at once, the last. p_only: of these;
-- NULL: of all.
CREATE OR REPLACE FUNCTION agreements_expire(p_today date, p_only uuid[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    a record;
    done integer;
BEGIN
    EXECUTE
        'UPDATE agreement t SET status = ''superseded'', status_reason = NULL
         FROM (SELECT o.id FROM agreement n
               JOIN agreement o ON o.district_id = n.district_id AND o.id = n.supersedes_id AND o.status = ''in_force''
                   AND o.archived_at IS NULL
               WHERE n.district_id = $1 AND n.status = ''in_force'' AND n.archived_at IS NULL
                 AND n.effective_on <= $2 AND ($3 IS NULL OR n.id = ANY ($3))
               ORDER BY o.id FOR NO KEY UPDATE OF o SKIP LOCKED) AS due
         WHERE t.district_id = $1 AND t.id = due.id'
        USING district, p_today, p_only;
    GET DIAGNOSTICS done = ROW_COUNT;
    done := done + amendments_hold(district, p_today, NULL);
    -- No row is locked but what changes: somebody may be at work with the others.
    FOR a IN EXECUTE
        'SELECT t.id, t.title, t.expires_on, t.auto_renew, agreement_notice_by(t) AS notice_by, (
                    SELECT min(l) FROM district d, unnest(d.agreement_lead_days) AS l
                    WHERE d.id = t.district_id AND t.expires_on - $2 <= l) AS lead, EXISTS (
                    SELECT FROM agreement n
                    WHERE n.district_id = t.district_id AND n.supersedes_id = t.id AND n.status = ''in_force''
                      AND n.archived_at IS NULL) AS is_followed
         FROM agreement t
         WHERE t.district_id = $1 AND t.status = ''in_force'' AND ($3 IS NULL OR t.id = ANY ($3))
           AND t.archived_at IS NULL AND t.expires_on <= $2 + 365 AND t.amends_id IS NULL -- one ends with what it amends
         ORDER BY t.id'
        USING district, p_today, p_only
    LOOP
        IF a.expires_on < p_today THEN
            PERFORM FROM agreement t
            WHERE t.district_id = district AND t.id = a.id AND t.status = 'in_force' AND t.archived_at IS NULL
              AND t.expires_on = a.expires_on AND t.auto_renew = a.auto_renew
            FOR NO KEY UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                PERFORM turn_again(district, 'agreement', a.id);
                CONTINUE;
            END IF;
            UPDATE agreement t
            SET status = CASE WHEN a.auto_renew THEN t.status ELSE 'expired' END,
                expires_on = CASE WHEN a.auto_renew THEN t.expires_on + interval '1 year' ELSE t.expires_on END
            WHERE t.district_id = district AND t.id = a.id;
            done := done + 1;
        ELSIF a.lead IS NOT NULL AND NOT a.is_followed THEN
            PERFORM agreement_tell(a.id, NULL, format('expires %s, %s', a.expires_on, a.lead),
                jsonb_build_object(CASE WHEN a.auto_renew THEN 'is_renewing' ELSE 'is_expiring' END, true,
                    'agreement', a.title, 'on', a.expires_on,
                    'notice', CASE WHEN a.notice_by >= p_today THEN a.notice_by END), false);
        END IF;
    END LOOP;
    RETURN done;
END
$$;

-- Those whose gate will be due and that lack something still are told of when a lead time has come, as agreements that
-- expire are; of several at once, the last.
CREATE OR REPLACE FUNCTION gates_remind(p_today date, p_only uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    p record;
BEGIN
    FOR p IN EXECUTE
        'SELECT t.id, t.gate_due, w.occurrence
         FROM partnership t
         CROSS JOIN LATERAL (
             SELECT format(''gate %s, %s'', t.gate_due, min(l)) AS occurrence, min(l) AS lead
             FROM district d, unnest(d.agreement_lead_days) AS l
             WHERE d.id = t.district_id AND t.gate_due - $1 <= l) AS w
         WHERE t.district_id = current_setting(''kith.district'')::uuid AND t.archived_at IS NULL
           AND t.status IN (''active'', ''renewing'', ''paused'') AND t.gate_due BETWEEN $1 AND $1 + 365
           AND ($2 IS NULL OR t.id = ANY ($2)) AND w.lead IS NOT NULL AND partnership_lead(t.id) IS NOT NULL
           AND NOT EXISTS (
               SELECT FROM message m
               WHERE m.district_id = t.district_id AND m.kind = ''agreement_notice'' AND m.subject_id = t.id
                 AND m.occurrence = w.occurrence)
         ORDER BY t.id'
        USING p_today, p_only
    LOOP
        IF partnership_missing(p.id, 'activate') <> '{}' THEN
            PERFORM agreement_tell(NULL, p.id, p.occurrence,
                                   jsonb_build_object('is_gate_due', true, 'on', p.gate_due), false);
        END IF;
    END LOOP;
END
$$;

-- What a running partnership has no longer of what it needs: where there was a signed agreement, a valid one; of a
-- supporter's or a gift, a lead, a purpose, credentials; once gate_due is over, all that activating asks for.
CREATE OR REPLACE FUNCTION partnership_lapse(t partnership, p_today date)
RETURNS TABLE (title text, lacks_credentials boolean, is_light boolean, is_due boolean, is_lapsed boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.title, k.is_missing, w.is_light, coalesce(t.gate_due < p_today, false),
           coalesce(CASE WHEN t.gate_due >= p_today THEN false
                         WHEN t.gate_due IS NOT NULL THEN partnership_missing(t.id, 'activate') <> '{}'
                         WHEN w.is_light THEN k.is_missing OR coalesce(t.purpose, '') !~ '\S' OR NOT EXISTS (
                             SELECT FROM partnership_leads(t.id) l WHERE l.side = 'district')
                         ELSE NOT (c.is_valid AND NOT k.is_missing) END, false)
    FROM (SELECT partnership_is_light(t.id) AS is_light OFFSET 0) AS w
    CROSS JOIN LATERAL (SELECT partnership_credentials_missing(t.id) <> '{}' AS is_missing OFFSET 0) AS k
    CROSS JOIN LATERAL (
        SELECT bool_or(agreement_is_settled(a) AND agreement_carries(a, t.id))
               AND bool_and(agreement_covers_data(a) OR NOT agreement_is_current(a)) AS is_valid,
               max(a.title) AS title
        FROM agreement_partnership l
        JOIN agreement a ON a.district_id = l.district_id AND a.id = l.agreement_id
            AND a.status IN ('in_force', 'expired', 'superseded', 'terminated')
        WHERE l.district_id = t.district_id AND l.partnership_id = t.id AND l.archived_at IS NULL) AS c;
END;

-- Who may have lapsed, or be so no longer: of most it is seen at once that an agreement carries them, which is looked at
-- once for all of them, and that no credential is missing.
CREATE OR REPLACE FUNCTION lapse_candidates(p_today date) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH signed AS MATERIALIZED (
        SELECT l.partnership_id, l.agreement_id
        FROM agreement_partnership l
        WHERE l.district_id = current_setting('kith.district')::uuid AND l.archived_at IS NULL
    ), known AS MATERIALIZED (
        SELECT a.id, a.kind IN ('master', 'mou') AND agreement_is_settled(a) AS carries,
               agreement_is_current(a) AND NOT agreement_covers_data(a) AS spoils
        FROM agreement a
        WHERE a.district_id = current_setting('kith.district')::uuid
          AND a.status IN ('in_force', 'expired', 'superseded', 'terminated')
    ), carried AS MATERIALIZED (
        SELECT s.partnership_id, bool_or(k.carries) AND NOT bool_or(k.spoils) AS is_carried
        FROM signed s JOIN known k ON k.id = s.agreement_id
        GROUP BY s.partnership_id
    ), lacking AS MATERIALIZED (
        SELECT DISTINCT c.partnership_id FROM credentials_missing(p_today) c
    )
    SELECT t.id
    FROM partnership t
    JOIN partner r ON r.district_id = t.district_id AND r.id = t.partner_id
    LEFT JOIN carried c ON c.partnership_id = t.id
    LEFT JOIN lacking k ON k.partnership_id = t.id
    WHERE t.district_id = current_setting('kith.district')::uuid AND t.status IN ('active', 'renewing')
      AND t.archived_at IS NULL
      AND (t.agreement_lapsed_on IS NOT NULL OR t.gate_due < p_today
           OR t.gate_due IS NULL AND (
               coalesce(t.tier, r.tier, '') = 'supporter' OR t.arrangement = 'gift'
               OR c.partnership_id IS NOT NULL AND (c.is_carried AND k.partnership_id IS NULL) IS NOT TRUE));
END;

-- Those are flagged, and both sides are told; paused when the district's days of grace are over. What has all of it by
-- its gate_due is done with that. No row is locked but what changes, which is looked at again: people work meanwhile.
CREATE OR REPLACE FUNCTION agreements_lapse(p_today date, p_only uuid[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    p record;
    district uuid := current_setting('kith.district')::uuid;
    about jsonb;
    done integer := 0;
BEGIN
    FOR p IN EXECUTE format(
        'SELECT t.id, t.name, t.agreement_lapsed_on, t.gate_due, d.agreement_grace_days AS grace, w.*
         FROM %s AS k (id)
         JOIN partnership t ON t.district_id = $1 AND t.id = k.id AND t.status IN (''active'', ''renewing'')
             AND t.archived_at IS NULL
         JOIN district d ON d.id = t.district_id
         CROSS JOIN LATERAL partnership_lapse(t, $2) w
         WHERE (w.title IS NOT NULL OR t.agreement_lapsed_on IS NOT NULL OR t.gate_due < $2 OR w.is_light)
         ORDER BY t.id', CASE WHEN p_only IS NULL THEN 'lapse_candidates($2)' ELSE 'unnest($3)' END)
        USING district, p_today, p_only
    LOOP
        CONTINUE WHEN CASE
            WHEN p.is_lapsed THEN p.agreement_lapsed_on + p.grace >= p_today
            ELSE p.agreement_lapsed_on IS NULL AND NOT p.is_due END;
        PERFORM FROM partnership t
        WHERE t.district_id = district AND t.id = p.id FOR NO KEY UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            PERFORM turn_again(district, 'partnership', p.id);
            CONTINUE;
        END IF;
        CONTINUE WHEN NOT EXISTS (
            SELECT FROM partnership t
            CROSS JOIN LATERAL partnership_lapse(t, p_today) w
            WHERE t.district_id = district AND t.id = p.id AND t.status IN ('active', 'renewing')
              AND t.archived_at IS NULL
              AND (t.agreement_lapsed_on, t.gate_due, w.is_lapsed)
                  IS NOT DISTINCT FROM (p.agreement_lapsed_on, p.gate_due, p.is_lapsed));
        about := jsonb_build_object('lacks_credentials', p.lacks_credentials, 'agreement', p.title);
        IF NOT p.is_lapsed THEN
            UPDATE partnership t SET agreement_lapsed_on = NULL,
                gate_due = CASE WHEN p.is_due THEN NULL ELSE t.gate_due END
            WHERE t.district_id = district AND t.id = p.id;
        ELSIF p.agreement_lapsed_on IS NULL THEN
            UPDATE partnership t SET agreement_lapsed_on = p_today WHERE t.district_id = district AND t.id = p.id;
            PERFORM agreement_tell(NULL, p.id, format('lapsed %s', p_today), about || jsonb_build_object(
                CASE WHEN p.is_light OR p.is_due THEN 'is_unready' ELSE 'is_lapsed' END, true,
                'on', p_today + p.grace), true);
        ELSE
            UPDATE partnership t SET status = 'paused', status_reason = CASE
                WHEN p.is_due THEN 'It lacks what activating asks for.'
                WHEN p.is_light THEN 'Its lead, its purpose or a credential is missing.'
                ELSE 'Its agreement is no longer valid.' END
            WHERE t.district_id = district AND t.id = p.id;
            PERFORM agreement_tell(NULL, p.id, format('paused %s', p_today), about || jsonb_build_object(
                CASE WHEN p.is_light OR p.is_due THEN 'is_stopped' ELSE 'is_paused' END, true, 'on', p_today), true);
        END IF;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- What was to be reached by a day that is over, of partnerships that go on.
CREATE OR REPLACE FUNCTION milestones_miss(p_today date, p_only uuid[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    done integer;
BEGIN
    EXECUTE
        'UPDATE milestone m SET status = ''missed'', status_reason = NULL
         FROM (SELECT o.id FROM milestone o
               JOIN partnership p ON p.district_id = o.district_id AND p.id = o.partnership_id
                   AND p.status NOT IN (''ended'', ''declined'') AND p.archived_at IS NULL
               WHERE o.district_id = current_setting(''kith.district'')::uuid AND o.status = ''open''
                 AND o.archived_at IS NULL AND o.due_on < $1 AND ($2 IS NULL OR o.partnership_id = ANY ($2))
               ORDER BY o.id FOR UPDATE OF o SKIP LOCKED) AS due
         WHERE m.district_id = current_setting(''kith.district'')::uuid AND m.id = due.id'
        USING p_today, p_only;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- All of them, for a district, and who is told of credentials that end: how many rows changed.
CREATE OR REPLACE FUNCTION agreements_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    today date;
    picked uuid[];
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    today := district_today();
    picked := turn_only(p_district, 'partner');
    IF picked IS DISTINCT FROM '{}' THEN
        PERFORM credentials_remind(today, picked);
    END IF;
    picked := turn_only(p_district, 'agreement');
    IF picked IS DISTINCT FROM '{}' THEN
        done := agreements_expire(today, picked);
    END IF;
    picked := turn_only(p_district, 'partnership'); -- those of what has expired are among them
    IF picked IS DISTINCT FROM '{}' THEN
        PERFORM gates_remind(today, picked);
        done := done + agreements_lapse(today, picked) + milestones_miss(today, picked);
    END IF;
    RETURN done;
END
$$;

REVOKE EXECUTE ON FUNCTION partnership_lapse, lapse_candidates, agreement_record_disposal, milestones_miss, agreement_tell, gates_remind,
    agreements_expire, agreements_lapse, agreements_advance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agreement_record_disposal TO kith_api;
GRANT EXECUTE ON FUNCTION agreements_advance TO kith_checkin;

RESET ROLE;
