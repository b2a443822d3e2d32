-- What an administrator looks after: who changed which setting, which jobs run and how they ended, how old the
-- data is, and whether all is well.

SET ROLE kith_owner;

-- An instant, or NULL where it is none of the calendar.
CREATE OR REPLACE FUNCTION plain_instant(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN isfinite(p_at) THEN rfc3339(p_at) END;

-- What of a district is set, besides its own row.
CREATE OR REPLACE FUNCTION setting_resources() RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN ('{district,signing_authority,review_rule,required_credential,valuation_rate,match_weight,custom_field,reporting_quarter,closed_day,'
    'blackout,retention_rule,identity_provider,readiness_condition}')::text[];

-- Who directs a part of the district does not read what the whole district did. By its own, so that it is told why.
CREATE OR REPLACE FUNCTION refuse_part() RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is of the whole district' USING ERRCODE = 'KIPRT';
END
$$;
DROP POLICY IF EXISTS readers ON audit;
CREATE POLICY readers ON audit AS RESTRICTIVE FOR SELECT TO kith_api
    USING ((SELECT CASE WHEN kith_has_role('part') THEN refuse_part() ELSE true END));

-- Each setting that was changed, newest first. Values that the audit log does not keep are not told.
CREATE OR REPLACE FUNCTION settings_history(
    p_resource text, p_setting text, p_actor uuid, p_from timestamptz, p_until timestamptz, p_most integer)
RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('data', coalesce(jsonb_agg(jsonb_build_object(
        'audit_id', h.id, 'at', rfc3339(h.at), 'actor', h.actor, 'actor_name', u.name,
        'request_id', h.request_id, 'resource', h.aggregatetype, 'subject_id', h.aggregateid,
        'action', h.action, 'setting', h.setting, 'is_recorded', h.kept IS NOT NULL,
        'from', h.kept -> 'from', 'to', h.kept -> 'to') ORDER BY h.at DESC, h.id DESC, h.setting), '[]'))
    FROM (
        SELECT a.id, a.at, a.actor, a.request_id, a.aggregatetype, a.aggregateid, a.action, c.setting,
               a."values" -> c.setting AS kept
        FROM audit a
        CROSS JOIN LATERAL unnest(a.changed) AS c (setting)
        WHERE a.district_id = current_setting('kith.district')::uuid
          AND a.aggregatetype = ANY (setting_resources()) AND a.aggregateid IS NOT NULL
          AND (a.aggregatetype <> 'district' OR a.action <> 'created')
          AND (p_resource IS NULL OR a.aggregatetype = p_resource)
          AND (p_setting IS NULL OR c.setting = p_setting)
          AND (p_actor IS NULL OR a.actor = p_actor)
          AND a.at >= coalesce(p_from, '-infinity') AND a.at < coalesce(p_until, 'infinity')
        ORDER BY a.at DESC, a.id DESC, c.setting LIMIT p_most) AS h
    LEFT JOIN app_user u ON u.district_id = current_setting('kith.district')::uuid AND u.id = h.actor;
END;

-- The jobs of the district: what the clock does, and the imports that run, failed, or were the last of
-- their kind. Rounds run by the real clock.
CREATE OR REPLACE FUNCTION jobs()
RETURNS TABLE (kind text, name text, subject_id uuid, state text, started_at timestamptz, ended_at timestamptz,
               next_at timestamptz, error text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'round', s.task, NULL::uuid,
           CASE WHEN s.error IS NOT NULL THEN 'failed' WHEN s.next_at = 'infinity' THEN 'off'
                WHEN s.next_at <= current_setting('kith.now')::timestamptz THEN 'due' ELSE 'waits' END,
           NULL::timestamptz, s.last_run_at, s.next_at, s.error
    FROM schedule s WHERE s.district_id = current_setting('kith.district')::uuid
    UNION ALL
    SELECT 'import', i.kind, i.id, i.status, i.created_at, i.finished_at, NULL, i.reason
    FROM (SELECT o.*, row_number() OVER (PARTITION BY o.kind ORDER BY o.created_at DESC, o.id DESC) AS place
          FROM import o
          WHERE o.district_id = current_setting('kith.district')::uuid AND NOT o.dry_run
            AND o.archived_at IS NULL) AS i
    WHERE i.place = 1 OR i.status IN ('received', 'running', 'reverting');
END;

CREATE OR REPLACE FUNCTION jobs_document() RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('data', coalesce(jsonb_agg(jsonb_build_object(
        'kind', j.kind, 'name', j.name, 'subject_id', j.subject_id, 'state', j.state,
        'started_at', plain_instant(j.started_at), 'ended_at', plain_instant(j.ended_at),
        'next_at', plain_instant(j.next_at), 'error', j.error) ORDER BY j.kind, j.name, j.started_at), '[]'))
    FROM jobs() j;
END;

-- How old what came last of each kind is; NULL: none ever came.
CREATE OR REPLACE FUNCTION data_ages() RETURNS TABLE (kind text, newest_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'observations', (SELECT max(o.created_at) FROM observation o
                            WHERE o.district_id = current_setting('kith.district')::uuid)
    UNION ALL
    SELECT 'releases', (SELECT max(r.created_at) FROM release r
                        WHERE r.district_id = current_setting('kith.district')::uuid)
    UNION ALL
    SELECT 'partners', (SELECT max(p.updated_at) FROM partner p
                        WHERE p.district_id = current_setting('kith.district')::uuid)
    UNION ALL
    SELECT 'check_ins', (SELECT max(c.updated_at) FROM check_in c
                         WHERE c.district_id = current_setting('kith.district')::uuid)
    UNION ALL
    SELECT 'mails', (SELECT max(m.sent_at) FROM message m
                     WHERE m.district_id = current_setting('kith.district')::uuid);
END;

CREATE OR REPLACE FUNCTION health_document() RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    business_now timestamptz := current_setting('kith.now')::timestamptz;
    settings district;
    late interval;
    newest timestamptz := (SELECT a.newest_at FROM data_ages() a WHERE a.kind = 'observations');
    events record;
    mail record;
    ahead record;
    dead bigint := (SELECT count(*) FROM dead_letter_entry d WHERE d.status = 'dead');
    failed bigint := (SELECT count(*) FROM jobs() j WHERE j.state = 'failed');
    idle bigint;
BEGIN
    SELECT d.* INTO STRICT settings FROM district d WHERE d.id = district;
    late := make_interval(mins => settings.health_late_minutes);
    idle := (SELECT count(*) FROM schedule s WHERE s.district_id = district AND s.next_at < business_now - late);
    SELECT * INTO STRICT events FROM events_waiting();
    SELECT * INTO ahead FROM school_year_ahead(district_today()); -- of 97_school_year_ahead.sql
    SELECT count(*) FILTER (WHERE m.status IN ('queued', 'retry') AND NOT h.is_held) AS waiting,
           count(*) FILTER (WHERE m.status IN ('queued', 'retry') AND m.claimed_until IS NULL AND h.is_held) AS held,
           count(*) FILTER (WHERE m.status = 'failed'
                            AND m.created_at > business_now - interval '7 days') AS failed,
           min(m.not_before) FILTER (WHERE m.status IN ('queued', 'retry') AND m.claimed_until IS NULL AND NOT h.is_held) AS since
    INTO STRICT mail
    FROM message m
    JOIN district d ON d.id = m.district_id
    CROSS JOIN LATERAL (SELECT m.class <> 'account' AND (d.go_live_at IS NULL OR d.mail_held_at IS NOT NULL)
                        AS is_held) AS h
    WHERE m.district_id = district AND m.status IN ('queued', 'retry', 'failed');
    RETURN jsonb_build_object(
        'problems', to_jsonb(ARRAY(
            SELECT p.code FROM (VALUES
                (10, 'dead_letters', dead > 0), (20, 'job_failed', failed > 0), (30, 'round_late', idle > 0),
                (40, 'events_late', events.since < clock_timestamp() - late),
                (50, 'mail_late', mail.since < business_now - late), (60, 'mail_failed', mail.failed > settings.health_failed_mails),
                (70, 'data_old', coalesce(newest, '-infinity')
                                 < business_now - make_interval(days => settings.health_data_days)),
                (80, 'school_year', ahead.lacks IS NOT NULL))
                AS p (place, code, is_so)
            WHERE p.is_so ORDER BY p.place)),
        'events', jsonb_build_object('waiting', events.waiting, 'since', plain_instant(events.since),
                                     'dead_letters', dead),
        'figures', jsonb_build_object('waiting', events.marks),
        'mail', jsonb_build_object('waiting', mail.waiting, 'held', mail.held, 'failed', mail.failed,
                                   'since', plain_instant(mail.since)),
        'jobs', jsonb_build_object('failed', failed, 'late', idle),
        'school_year', CASE WHEN ahead.lacks IS NOT NULL THEN jsonb_build_object(
            'school_year', ahead.school_year, 'due_on', ahead.due_on, 'lacks', ahead.lacks) END,
        'data', (SELECT jsonb_agg(jsonb_build_object('kind', a.kind, 'newest_at', plain_instant(a.newest_at))
                                  ORDER BY a.kind) FROM data_ages() a));
END
$$;

-- Who took which list as a file. The owner's: nobody else writes the log.
CREATE OR REPLACE FUNCTION export_record(p_resource text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ignored text;
BEGIN
    ignored := record_write(current_setting('kith.district')::uuid, p_resource, 'exported', NULL, NULL, NULL, NULL,
                            '{"format": "csv"}');
END
$$;

-- Who read what is private: which fields of which row, or (p_count) of how many rows of a list. No event: nothing
-- has changed. A reader does not wait for the disk, so that the last entries before a power failure may be missing.
CREATE OR REPLACE FUNCTION private_read_record(p_resource text, p_id uuid, p_fields text[], p_count bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ignored text;
BEGIN
    ignored := set_config('synchronous_commit', 'off', true);
    INSERT INTO audit (district_id, id, at, actor, request_id, action, aggregatetype, aggregateid, changed, detail)
    VALUES (current_setting('kith.district')::uuid, uuid7(), current_setting('kith.now')::timestamptz,
            current_setting('kith.user')::uuid, nullif(current_setting('kith.request', true), ''), 'private_read',
            p_resource, p_id, p_fields,
            CASE WHEN p_count IS NOT NULL THEN jsonb_build_object('count', p_count) END);
END
$$;

REVOKE EXECUTE ON FUNCTION export_record, private_read_record FROM PUBLIC;
GRANT EXECUTE ON FUNCTION export_record, private_read_record TO kith_api;
REVOKE EXECUTE ON FUNCTION refuse_part, plain_instant, setting_resources, settings_history, jobs, jobs_document, data_ages,
    health_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_part, plain_instant, setting_resources, settings_history, jobs, jobs_document, data_ages,
    health_document TO kith_api;

RESET ROLE;
