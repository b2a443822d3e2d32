-- What is due by the clock, of resources whose rows each have a day of their own. A rule makes a function
-- <plural>_advance (district, now), which kith-checkin runs: whatever has one of these statuses and whose day is
-- so many days over has its effect, an expression of its id, $1, as by hand; how many. An effect that comes to
-- nothing says 0.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION due_rules()
RETURNS TABLE (resource text, plural text, statuses text[], day text, days_over integer, only_if text, effect text)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT * FROM (VALUES
        ('departure', 'departures', '{planned}'::text[], 'on_date', 0, 'true', 'departure_try($1)'),
        ('site_closing', 'site_closings', '{planned}', 'on_date', 0, 'true', 'site_closing_try($1)'),
        -- The days are over in which the lead could say something.
        ('remedy', 'remedies', '{waiting}', 'waits_until', 0, 'true', 'remedy_send($1)'),
        -- Two weeks in which whoever opened it may still extend it, or say how it ended.
        ('call_to_action', 'calls_to_action', '{open,extended}', 'deadline', 15, 'true',
         'call_to_action_close($1, NULL, ''Its deadline is over.'')'),
        -- Of a call that runs, the call's end is its own.
        ('need', 'needs', '{open,partly_matched}', 'needed_by', 1,
         'NOT EXISTS (SELECT FROM call_to_action c WHERE c.district_id = t.district_id
                      AND c.id = t.call_to_action_id AND c.status IN (''open'', ''extended''))',
         'need_expire($1, NULL)'),
        ('ask', 'asks', '{sent}', 'respond_by', 1, 'true', 'ask_expire($1, NULL)'))
        AS r (resource, plural, statuses, day, days_over, only_if, effect);
END;

-- So many at a time: the next round goes on.
CREATE OR REPLACE FUNCTION due_advance(p_resource text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    at_a_time constant integer := 1000;
    rule record;
    due uuid;
    outcome text;
    done integer := 0;
BEGIN
    SELECT * INTO STRICT rule FROM due_rules() r WHERE r.resource = p_resource;
    FOR due IN EXECUTE format(
        'SELECT t.id FROM %1$I t
         WHERE t.district_id = $1 AND t.status = ANY ($2) AND t.archived_at IS NULL AND t.%2$I <= $3 AND %3$s
         ORDER BY t.%2$I, t.id LIMIT $4 FOR UPDATE OF t SKIP LOCKED', rule.resource, rule.day, rule.only_if)
        USING current_setting('kith.district')::uuid, rule.statuses, district_today() - rule.days_over, at_a_time
    LOOP
        EXECUTE format('SELECT %s', rule.effect) INTO outcome USING due;
        done := done + CASE WHEN outcome = '0' THEN 0 ELSE 1 END;
    END LOOP;
    RETURN done;
END
$$;

DO $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT * FROM due_rules() LOOP
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION %1$I(p_district uuid, p_now timestamptz) RETURNS integer
             LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
             SET enable_seqscan = off AS $f$
             BEGIN
                 PERFORM kith_context(p_district, '''', '''', p_now::text, '''');
                 RETURN due_advance(%2$L);
             END
             $f$', rule.plural || '_advance', rule.resource);
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %I FROM PUBLIC', rule.plural || '_advance');
        EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO kith_checkin', rule.plural || '_advance');
    END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION due_rules, due_advance FROM PUBLIC;

RESET ROLE;
