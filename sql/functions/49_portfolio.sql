-- What is kept as it was: snapshots of the landscape, which can be compared, and the evidence of portfolio
-- reviews.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION snapshot_take() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    gaps jsonb := gap_document('site', NULL, NULL, NEW.school_year::integer, 100000);
    people jsonb := (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) ORDER BY p.name, p.id), '[]')
        FROM partner p
        WHERE p.archived_at IS NULL AND p.id IN (SELECT t.partner_id FROM match_ties(NULL) t));
BEGIN
    NEW.content := jsonb_build_object('gaps', gaps, 'partners', people);
    NEW.taken_on := district_today();
    NEW.partners := jsonb_array_length(people);
    NEW.partnerships := (SELECT count(*) FROM partnership w
                         WHERE w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL);
    NEW.needs := (SELECT count(*) FROM need n
                  WHERE n.status IN ('open', 'partly_matched', 'matched') AND n.archived_at IS NULL);
    NEW.gaps := (gaps ->> 'gaps')::bigint;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER snapshot_take BEFORE INSERT ON landscape_snapshot
    FOR EACH ROW EXECUTE FUNCTION snapshot_take();

-- That of a term, or (NULL) of the end of a school year, once: whether it was made. What somebody took by hand for a
-- term is that term's.
CREATE OR REPLACE FUNCTION snapshot_of(p_year bigint, p_term bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    title text := CASE WHEN p_term IS NULL THEN format('End of the school year %s', p_year)
                       ELSE format('Quarter %s of %s', p_term, p_year) END;
    district uuid := current_setting('kith.district')::uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('snapshot ' || district, 0));
    INSERT INTO landscape_snapshot (district_id, id, school_year, term, name)
    SELECT district, uuid7(), p_year, p_term, title
    WHERE NOT EXISTS (
        SELECT FROM landscape_snapshot s
        WHERE s.district_id = district AND s.school_year = p_year
          AND (s.term = p_term OR p_term IS NULL AND s.name = title));
    RETURN FOUND;
END
$$;

-- Of a reporting quarter that is over, within two weeks.
CREATE OR REPLACE FUNCTION snapshots_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    q reporting_quarter;
    done integer := 0;
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    FOR q IN
        SELECT t.* FROM reporting_quarter t
        WHERE t.district_id = p_district AND t.archived_at IS NULL
          AND t.ends_on BETWEEN district_today() - 14 AND district_today() - 1
        ORDER BY t.ends_on
    LOOP
        done := done + snapshot_of(q.school_year, q.number)::integer;
    END LOOP;
    RETURN done;
END
$$;

-- What differs between two snapshots: partners who came and went, and each cell that is another.
CREATE OR REPLACE FUNCTION snapshot_comparison(p_before landscape_snapshot, p_after landscape_snapshot)
RETURNS json LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH cells AS MATERIALIZED (
        SELECT coalesce(a.cell, b.cell) ->> 'place_id' AS place_id,
               coalesce(a.cell, b.cell) ->> 'place_name' AS place_name,
               coalesce(a.cell, b.cell) ->> 'focus_area_id' AS focus_area_id,
               coalesce(a.cell, b.cell) ->> 'focus_area_name' AS focus_area_name, b.cell AS was, a.cell AS is
        FROM jsonb_array_elements(p_before.content #> '{gaps,cells}') AS b (cell)
        FULL JOIN jsonb_array_elements(p_after.content #> '{gaps,cells}') AS a (cell)
            ON a.cell ->> 'place_id' = b.cell ->> 'place_id'
            AND a.cell ->> 'focus_area_id' = b.cell ->> 'focus_area_id'
    ), changed AS (
        SELECT c.*, coalesce((c.was ->> 'is_gap')::boolean, false) AS was_gap,
               coalesce((c.is ->> 'is_gap')::boolean, false) AS is_gap,
               row_number() OVER (ORDER BY c.place_name, c.focus_area_name, c.place_id, c.focus_area_id) AS rank
        FROM cells c
        WHERE (c.was -> 'partners', c.was -> 'needs', c.was -> 'uncovered', c.was -> 'is_gap')
            IS DISTINCT FROM (c.is -> 'partners', c.is -> 'needs', c.is -> 'uncovered', c.is -> 'is_gap')
           OR c.was -> 'offers' <> c.is -> 'offers' -- snapshots that are older know of none
    ), people AS (
        SELECT coalesce(a.one, b.one) AS one, b.one IS NULL AS came, a.one IS NULL AS went
        FROM jsonb_array_elements(p_before.content -> 'partners') AS b (one)
        FULL JOIN jsonb_array_elements(p_after.content -> 'partners') AS a (one)
            ON a.one ->> 'id' = b.one ->> 'id'
    )
    SELECT json_build_object(
        'before', json_build_object('id', p_before.id, 'name', p_before.name, 'taken_on', p_before.taken_on,
            'partners', p_before.partners, 'partnerships', p_before.partnerships, 'needs', p_before.needs,
            'gaps', p_before.gaps),
        'after', json_build_object('id', p_after.id, 'name', p_after.name, 'taken_on', p_after.taken_on,
            'partners', p_after.partners, 'partnerships', p_after.partnerships, 'needs', p_after.needs,
            'gaps', p_after.gaps),
        'came', coalesce((SELECT json_agg(p.one ORDER BY p.one ->> 'name') FROM people p WHERE p.came), '[]'),
        'went', coalesce((SELECT json_agg(p.one ORDER BY p.one ->> 'name') FROM people p WHERE p.went), '[]'),
        'gaps_opened', (SELECT count(*) FROM changed c WHERE c.is_gap AND NOT c.was_gap),
        'gaps_closed', (SELECT count(*) FROM changed c WHERE c.was_gap AND NOT c.is_gap),
        'has_more', (SELECT count(*) > 2000 FROM changed),
        'cells', coalesce((
            SELECT json_agg(json_build_object(
                'place_id', c.place_id, 'place_name', c.place_name, 'focus_area_id', c.focus_area_id,
                'focus_area_name', c.focus_area_name,
                'partners_before', coalesce((c.was ->> 'partners')::bigint, 0),
                'partners_after', coalesce((c.is ->> 'partners')::bigint, 0),
                'needs_before', coalesce((c.was ->> 'needs')::bigint, 0),
                'needs_after', coalesce((c.is ->> 'needs')::bigint, 0),
                'uncovered_before', coalesce((c.was ->> 'uncovered')::bigint, 0),
                'uncovered_after', coalesce((c.is ->> 'uncovered')::bigint, 0),
                'offers_before', coalesce((c.was ->> 'offers')::bigint, 0),
                'offers_after', coalesce((c.is ->> 'offers')::bigint, 0),
                'was_gap', c.was_gap, 'is_gap', c.is_gap) ORDER BY c.rank)
            FROM changed c WHERE c.rank <= 2000), '[]'));
END;

CREATE OR REPLACE FUNCTION portfolio_review_missing(p_id uuid, p_action text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(m.code ORDER BY m.place), '{}')
    FROM portfolio_review t
    CROSS JOIN LATERAL (VALUES
        (1, 'findings', coalesce(t.findings, '') !~ '\S'),
        (2, 'decision', NOT EXISTS (
            SELECT FROM portfolio_decision d
            WHERE d.district_id = t.district_id AND d.portfolio_review_id = t.id AND d.archived_at IS NULL))
        ) AS m (place, code, is_missing)
    WHERE t.id = p_id AND p_action = 'close' AND m.is_missing;
END;

-- Kind of partner, focus area, site and tier, against this year's priorities that were adopted, closed since or
-- not, and the next one's, drafts among them until it begins.
CREATE OR REPLACE FUNCTION portfolio_evidence(p_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (SELECT r.* FROM portfolio_review r WHERE r.id = p_id),
    placed AS MATERIALIZED (
        SELECT s.id, s.name, s.network_id FROM site s, asked a
        WHERE s.archived_at IS NULL AND s.id = coalesce(a.site_id, s.id)
          AND (a.network_id IS NULL OR s.network_id = a.network_id)
    ), wanted AS MATERIALIZED (
        SELECT p.*, p.school_year > a.school_year AS is_next FROM priority p, asked a
        WHERE p.archived_at IS NULL
          AND (p.school_year = a.school_year AND p.status <> 'draft'
               OR p.school_year = a.school_year + 1 AND priority_counts(p.status, p.school_year::integer))
    ), works AS MATERIALIZED (
        SELECT DISTINCT r.kind, t.focus_area_id, coalesce(s.site_id, w.lead_site_id) AS site_id,
               coalesce(t.tier, r.tier) AS tier, w.id, r.id AS partner_id
        FROM partnership w
        LEFT JOIN program g ON g.district_id = w.district_id AND g.id = w.program_id
        CROSS JOIN LATERAL ( -- its partner, and who works in it beside that
            SELECT w.partner_id, coalesce(w.focus_area_id, g.focus_area_id) AS focus_area_id, w.tier
            UNION ALL
            SELECT c.partner_id, coalesce(h.focus_area_id, w.focus_area_id, g.focus_area_id), NULL
            FROM partnership_partner c
            LEFT JOIN program h ON h.district_id = c.district_id AND h.id = c.program_id
            WHERE c.district_id = w.district_id AND c.partnership_id = w.id AND c.archived_at IS NULL
              AND c.role IN ('co_partner', 'provider')
              AND district_today() BETWEEN coalesce(c.from_date, '-infinity') AND coalesce(c.until_date, 'infinity')
            ) AS t
        JOIN partner r ON r.district_id = w.district_id AND r.id = t.partner_id
        LEFT JOIN partnership_site s ON s.district_id = w.district_id AND s.partnership_id = w.id
            AND s.archived_at IS NULL AND coalesce(s.until_date, 'infinity') >= district_today()
        WHERE w.status IN ('active', 'paused', 'renewing') AND w.archived_at IS NULL
    ), valued AS (
        SELECT v.* FROM asked a, partner_values(a.school_year::integer) v
    ), rows AS (
        SELECT w.kind, w.focus_area_id, w.site_id, w.tier, count(DISTINCT w.partner_id) AS partners,
               count(DISTINCT w.id) AS partnerships, round(coalesce(sum(v.cents), 0))::bigint AS value_cents
        FROM works w
        LEFT JOIN valued v ON v.partnership_id = w.id AND v.partner_id = w.partner_id
            AND v.site_id IS NOT DISTINCT FROM w.site_id
        WHERE w.site_id IN (SELECT p.id FROM placed p)
           OR w.site_id IS NULL AND (SELECT a.site_id IS NULL AND a.network_id IS NULL FROM asked a)
        GROUP BY w.kind, w.focus_area_id, w.site_id, w.tier
    )
    SELECT jsonb_build_object(
        'portfolio_review_id', a.id, 'school_year', a.school_year, 'as_of', district_today(),
        'rows', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'kind', r.kind, 'focus_area_id', r.focus_area_id, 'focus_area_name', f.name,
                'site_id', r.site_id, 'site_name', p.name, 'tier', r.tier, 'partners', r.partners,
                'partnerships', r.partnerships, 'value_cents', r.value_cents,
                'is_priority', EXISTS (
                    SELECT FROM wanted x WHERE x.focus_area_id = r.focus_area_id AND NOT x.is_next
                    AND coalesce(x.site_id, r.site_id) IS NOT DISTINCT FROM r.site_id
                    AND (x.network_id IS NULL OR x.network_id = p.network_id)),
                'is_next_priority', EXISTS (
                    SELECT FROM wanted x WHERE x.focus_area_id = r.focus_area_id AND x.is_next
                    AND coalesce(x.site_id, r.site_id) IS NOT DISTINCT FROM r.site_id
                    AND (x.network_id IS NULL OR x.network_id = p.network_id)))
                ORDER BY r.kind, f.name, p.name, r.tier, r.focus_area_id, r.site_id)
            FROM rows r LEFT JOIN focus_area f ON f.id = r.focus_area_id
            LEFT JOIN placed p ON p.id = r.site_id), '[]'),
        'priorities', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'priority_id', x.id, 'school_year', x.school_year, 'status', x.status,
                'statement', x.statement, 'focus_area_id', x.focus_area_id, 'site_id', x.site_id,
                'network_id', x.network_id, 'partnerships', c.many) ORDER BY x.school_year, c.many, x.id)
            FROM wanted x
            CROSS JOIN LATERAL (
                SELECT count(DISTINCT w.id) AS many FROM works w -- each once, whoever works in it, at how many sites
                LEFT JOIN placed p ON p.id = w.site_id
                WHERE w.focus_area_id = x.focus_area_id
                  AND coalesce(x.site_id, w.site_id) IS NOT DISTINCT FROM w.site_id
                  AND (x.network_id IS NULL OR x.network_id = p.network_id)
                  AND (p.id IS NOT NULL OR w.site_id IS NULL AND a.site_id IS NULL AND a.network_id IS NULL)) AS c
            WHERE CASE WHEN x.site_id IS NOT NULL THEN x.site_id IN (SELECT p.id FROM placed p)
                       WHEN x.network_id IS NOT NULL AND a.site_id IS NOT NULL
                       THEN x.network_id IN (SELECT p.network_id FROM placed p)
                       ELSE coalesce(x.network_id = a.network_id, true) END), '[]'))
    FROM asked a;
END;

CREATE OR REPLACE FUNCTION portfolio_review_hold(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('portfolio_review', p_id, p_version, 'hold');
BEGIN
    UPDATE portfolio_review SET status = next_status, held_on = district_today(),
        evidence = portfolio_evidence(p_id)
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION portfolio_review_close(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('portfolio_review', p_id, p_version, 'close');
BEGIN
    PERFORM refuse_missing('portfolio_review', 'held', portfolio_review_missing(p_id, 'close'));
    UPDATE portfolio_review SET status = next_status, closed_on = district_today() WHERE id = p_id;
END
$$;

-- What the evidence is of, and what was found, stays as it was.
CREATE OR REPLACE FUNCTION refuse_held_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_state('What was held stays as it is.', jsonb_build_object('status', OLD.status));
    RETURN NEW; -- a person is being erased
END
$$;
CREATE OR REPLACE TRIGGER refuse_held_change BEFORE UPDATE ON portfolio_review
    FOR EACH ROW WHEN (
        OLD.status <> 'planned' AND (NEW.school_year, NEW.network_id, NEW.site_id, NEW.evidence)
            IS DISTINCT FROM (OLD.school_year, OLD.network_id, OLD.site_id, OLD.evidence)
        OR OLD.status = 'closed' AND NEW.findings IS DISTINCT FROM OLD.findings)
    EXECUTE FUNCTION refuse_held_change();

CREATE OR REPLACE FUNCTION portfolio_decision_complete(p_id uuid, p_version bigint, p_outcome text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('portfolio_decision', p_id, p_version, 'complete');
BEGIN
    UPDATE portfolio_decision SET status = next_status, outcome = p_outcome,
        done_at = current_setting('kith.now')::timestamptz
    WHERE id = p_id;
END
$$;

CREATE OR REPLACE FUNCTION portfolio_decision_reopen(p_id uuid, p_version bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    next_status text := action_begin('portfolio_decision', p_id, p_version, 'reopen');
BEGIN
    UPDATE portfolio_decision SET status = next_status, outcome = NULL, done_at = NULL WHERE id = p_id;
END
$$;

DROP FUNCTION IF EXISTS partner_value(integer);

REVOKE EXECUTE ON FUNCTION snapshot_take, snapshot_of, snapshots_advance, snapshot_comparison, portfolio_review_missing, portfolio_evidence,
    portfolio_review_hold, portfolio_review_close, refuse_held_change, portfolio_decision_complete,
    portfolio_decision_reopen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION snapshot_of, snapshot_comparison, portfolio_review_missing, portfolio_evidence,
    portfolio_review_hold, portfolio_review_close, portfolio_decision_complete, portfolio_decision_reopen
    TO kith_api;
GRANT EXECUTE ON FUNCTION snapshots_advance TO kith_checkin;

RESET ROLE;
