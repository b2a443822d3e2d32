-- The close of an anonymous survey: kith-survey takes what waits, opens it, and gives it back, all in one transaction. What a
-- row says of where it comes from stays only as far as enough people say the same; of fewer than that in all, since the
-- survey was opened or opened again, nothing is opened, and it goes unread.

SET ROLE kith_owner;

-- A closed survey whose answers wait, with whether there are enough to be told; its tables are this transaction's until its
-- end. NULL: there is none.
CREATE OR REPLACE FUNCTION survey_count_begin(OUT survey_id uuid, OUT is_enough boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET client_min_messages = warning AS $$
DECLARE
    people bigint;
BEGIN
    SELECT s.id INTO survey_id FROM survey s
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.mode = 'anonymous'
      AND (s.status IN ('closed', 'cancelled') OR s.archived_at IS NOT NULL) AND survey_has_spool(s.id)
    ORDER BY s.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF survey_id IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('LOCK TABLE public.%I, public.%I IN ACCESS EXCLUSIVE MODE', survey_table('spool', survey_id), survey_table('mark', survey_id));
    EXECUTE format('SELECT count(DISTINCT o.name) FROM public.%I o WHERE o.part <> ''''', survey_table('spool', survey_id)) INTO people;
    is_enough := people >= (SELECT d.survey_cell FROM district d WHERE d.id = current_setting('kith.district')::uuid)
        AND EXISTS (SELECT FROM survey s WHERE s.district_id = current_setting('kith.district')::uuid
                                           AND s.id = survey_count_begin.survey_id AND s.status = 'closed' AND s.archived_at IS NULL);
    IF is_enough THEN
        EXECUTE format('CREATE TABLE public.%I (district_id uuid NOT NULL, name text NOT NULL, partner_id uuid, partnership_kind text, '
                       'site_id uuid, side text, audience text, answers jsonb NOT NULL)', survey_table('count', survey_id));
        PERFORM protect_tenant_table(format('public.%I', survey_table('count', survey_id))::regclass);
    END IF;
END
$$;

-- Some of what waits, behind a place: by what it is to be known, and sealed.
CREATE OR REPLACE FUNCTION survey_count_take(p_survey uuid, p_name text, p_part text, p_most integer)
RETURNS TABLE (name text, part text, kept text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT o.name, o.part, o.kept FROM public.%I o WHERE o.part <> '''' AND (o.name, o.part) > ($1, $2)
                                 ORDER BY o.name, o.part LIMIT $3', survey_table('spool', p_survey))
    USING p_name, p_part, p_most;
END
$$;

-- The same, opened: [{"name", "sent": {…}}].
CREATE OR REPLACE FUNCTION survey_count_add(p_survey uuid, p_opened jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('INSERT INTO public.%I (district_id, name, partner_id, partnership_kind, site_id, side, audience, answers)
                    SELECT $1, o ->> ''name'', r.* FROM jsonb_array_elements($2) AS o
                    CROSS JOIN LATERAL jsonb_to_record(o -> ''sent'') AS r (partner_id uuid, partnership_kind text, site_id uuid,
                                                                        side text, audience text, answers jsonb)',
                   survey_table('count', p_survey))
    USING current_setting('kith.district')::uuid, p_opened;
END
$$;

-- Takes out of one column what fewer than p_cell people of a group say, and then the next rarest until what is out is of as
-- many: nobody tells by the rest who it was. p_within: the columns that make the groups.
CREATE OR REPLACE FUNCTION survey_count_blank(p_survey uuid, p_column text, p_within text[], p_cell bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format($q$
        WITH said AS (
            SELECT (SELECT jsonb_agg(v) FROM unnest(ARRAY[%2$s]::text[]) AS v) AS place, t.%3$I::text AS word, count(DISTINCT t.name) AS n
            FROM public.%1$I t GROUP BY 1, 2
        ), ranked AS (
            SELECT s.*, coalesce(sum(s.n) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
                   bool_or(s.n < $1) OVER (PARTITION BY s.place) AS has_small
            FROM said s WINDOW w AS (PARTITION BY s.place ORDER BY s.word IS NOT NULL, s.n, s.word)
        ), gone AS (
            SELECT r.place, r.word FROM ranked r
            WHERE r.word IS NOT NULL AND (r.n < $1 OR r.has_small AND r.before < $1))
        UPDATE public.%1$I t SET %3$I = NULL
        FROM gone g
        WHERE g.word = t.%3$I::text
          AND g.place IS NOT DISTINCT FROM (SELECT jsonb_agg(v) FROM unnest(ARRAY[%2$s]::text[]) AS v)$q$,
        survey_table('count', p_survey),
        (SELECT string_agg(format('t.%I::text', c), ', ') FROM unnest(p_within) AS c), p_column)
    USING p_cell;
END
$$;

-- Writes what was opened in an order of chance, and drops what it came from. Who has answered is told of all at once. What was
-- counted before a reopening stays as it was: what comes after it is of as many people, too.
CREATE OR REPLACE FUNCTION survey_count_end(p_survey uuid, p_is_enough boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    district uuid := current_setting('kith.district')::uuid;
    cell bigint := (SELECT d.survey_cell FROM district d WHERE d.id = district);
    columns constant text[] := '{audience,side,site_id,partnership_kind,partner_id}';
    made integer := 0;
BEGIN
    IF p_is_enough THEN
        FOR n IN 1..cardinality(columns) LOOP
            PERFORM survey_count_blank(p_survey, columns[n], columns[:n - 1] || '{district_id}'::text[], cell);
        END LOOP;
        EXECUTE format('INSERT INTO survey_anonymous_answer (district_id, id, survey_id, partner_id, partnership_kind, site_id, side, audience, answers)
                        SELECT $1, gen_random_uuid(), $2, o.partner_id, o.partnership_kind, o.site_id, o.side, o.audience, o.answers
                        FROM public.%I o ORDER BY random()', survey_table('count', p_survey)) USING district, p_survey;
        GET DIAGNOSTICS made = ROW_COUNT;
        EXECUTE format('UPDATE survey_invitation i SET status = ''answered'' FROM public.%I k
                        WHERE i.district_id = $1 AND i.id = k.id AND i.status <> ''answered''', survey_table('mark', p_survey)) USING district;
        EXECUTE format('DROP TABLE public.%I', survey_table('count', p_survey));
    END IF;
    EXECUTE format('DROP TABLE public.%I, public.%I', survey_table('spool', p_survey), survey_table('mark', p_survey));
    DELETE FROM survey_public_use u WHERE u.district_id = district AND u.survey_id = p_survey;
    PERFORM survey_tally_all(p_survey);
    UPDATE survey s SET counted_at = current_setting('kith.now')::timestamptz
    WHERE s.district_id = district AND s.id = p_survey;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION survey_count_begin, survey_count_take, survey_count_add, survey_count_blank, survey_count_end FROM PUBLIC;
GRANT EXECUTE ON FUNCTION survey_count_begin, survey_count_take, survey_count_add, survey_count_end TO kith_survey;

RESET ROLE;
