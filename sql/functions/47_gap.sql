-- Gaps: places and focus areas, what is needed there, what there is, and what is not covered.

SET ROLE kith_owner;

-- The school year that holds today, or else comes.
CREATE OR REPLACE FUNCTION school_year_today() RETURNS integer
LANGUAGE sql STABLE
RETURN school_year_of(district_today())::integer;

-- What of an amount over days falls into a span of days; each day counts as any other.
CREATE OR REPLACE FUNCTION span_share(p_cents numeric, p_from date, p_until date, p_first date, p_last date)
RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN p_cents * greatest(0, least(p_until, p_last) - greatest(p_from, p_first) + 1) / (p_until - p_from + 1);

-- What partners' investments come to within a school year, by their partnership, whose of its partners they are, and
-- the site; a day counts as any other of the span. What is agreed for months to come is there: it covers what is needed then.
CREATE OR REPLACE FUNCTION partner_values(p_year integer)
RETURNS TABLE (partnership_id uuid, partner_id uuid, site_id uuid, cents numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.partnership_id, coalesce(v.partner_id, w.partner_id), coalesce(v.site_id, w.lead_site_id),
           sum(span_share(coalesce(v.amount_cents, v.hours * v.rate_cents), v.from_date, v.until_date, y.starts_on,
                          y.ends_on))
    FROM school_year_span(p_year) AS y
    JOIN investment v ON v.from_date <= y.ends_on AND v.until_date >= y.starts_on
    JOIN partnership w ON w.district_id = v.district_id AND w.id = v.partnership_id
    WHERE v.side = 'partner' AND v.status = 'delivered' AND v.archived_at IS NULL
      AND investment_counts_as(v) = 'partner'
    GROUP BY v.partnership_id, coalesce(v.partner_id, w.partner_id), coalesce(v.site_id, w.lead_site_id);
END;

-- Whether a priority says what is wanted in a school year: of a year that is over, also one that was closed; of
-- one that has not begun, a draft too.
CREATE OR REPLACE FUNCTION priority_counts(p_status text, p_year integer) RETURNS boolean
LANGUAGE sql STABLE
RETURN p_status = 'adopted' OR p_status = 'closed' AND p_year < school_year_today()
    OR p_status = 'draft' AND p_year > school_year_today();

-- What stands at a place for a focus area today, each thing a row; a site's is its network's and its
-- district's too.
CREATE OR REPLACE FUNCTION gap_items(p_year integer)
RETURNS TABLE (site_id uuid, network_id uuid, focus_area_id uuid, item text, id uuid, partner_id uuid,
               uncovered boolean, people bigint, cents numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH works AS MATERIALIZED (
        SELECT w.id, w.partner_id, coalesce(w.focus_area_id, g.focus_area_id) AS focus_area_id, w.status,
               coalesce(s.site_id, w.lead_site_id) AS site_id
        FROM partnership w
        LEFT JOIN program g ON g.district_id = w.district_id AND g.id = w.program_id
        LEFT JOIN partnership_site s ON s.district_id = w.district_id AND s.partnership_id = w.id
            AND s.archived_at IS NULL
            AND (SELECT district_today()) BETWEEN coalesce(s.from_date, '-infinity')
                                              AND coalesce(s.until_date, 'infinity')
        WHERE w.archived_at IS NULL AND coalesce(w.focus_area_id, g.focus_area_id) IS NOT NULL
    ), joined AS ( -- who works in it beside its partner, on what its own program is about
        SELECT w.id, c.partner_id, coalesce(g.focus_area_id, w.focus_area_id) AS focus_area_id, w.status, w.site_id
        FROM works w
        JOIN partnership_partner c ON c.partnership_id = w.id AND c.archived_at IS NULL
            AND c.role IN ('co_partner', 'provider')
            AND (SELECT district_today()) BETWEEN coalesce(c.from_date, '-infinity')
                                              AND coalesce(c.until_date, 'infinity')
        LEFT JOIN program g ON g.district_id = c.district_id AND g.id = c.program_id
    )
    SELECT n.site_id, n.network_id, n.focus_area_id, 'need', n.id, NULL::uuid, n.filled < n.quantity,
           n.people_affected, NULL::numeric
    FROM need n
    WHERE n.status IN ('open', 'partly_matched', 'matched') AND n.archived_at IS NULL
    UNION ALL
    SELECT p.site_id, p.network_id, p.focus_area_id,
           CASE WHEN p.school_year = p_year THEN 'priority' ELSE 'next_priority' END, p.id, NULL, NULL, NULL, NULL
    FROM priority p
    WHERE p.school_year IN (p_year, p_year + 1) AND p.focus_area_id IS NOT NULL AND p.archived_at IS NULL
      AND priority_counts(p.status, p.school_year::integer)
    UNION ALL
    SELECT w.site_id, NULL, w.focus_area_id, 'partnership', w.id, w.partner_id, NULL, NULL, NULL
    FROM (SELECT * FROM works UNION ALL SELECT * FROM joined) AS w WHERE w.status IN ('active', 'renewing')
    UNION ALL
    SELECT s.site_id, NULL, g.focus_area_id, 'program', g.id, g.partner_id, NULL, NULL, NULL
    FROM program_site s
    JOIN program g ON g.district_id = s.district_id AND g.id = s.program_id
    WHERE g.status = 'active' AND g.archived_at IS NULL AND g.focus_area_id IS NOT NULL
      AND s.archived_at IS NULL
      AND (SELECT district_today()) BETWEEN coalesce(s.from_date, '-infinity')
                                        AND coalesce(s.until_date, 'infinity')
    UNION ALL
    SELECT v.site_id, NULL, f.focus_area_id, 'value', v.partnership_id, NULL, NULL, NULL, v.cents
    FROM partner_values(p_year) v
    JOIN (SELECT DISTINCT w.id, w.focus_area_id FROM works w) AS f ON f.id = v.partnership_id;
END;

-- Offers that are open, hold today and have something left, by focus area and the place of the level that they
-- reach: the site that leads their partner, its network, or (NULL) any.
CREATE OR REPLACE FUNCTION gap_offers(p_level text)
RETURNS TABLE (focus_area_id uuid, place_id uuid, many bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.focus_area_id,
           CASE WHEN p_level = 'district' OR r.reach = 'district' THEN NULL
                WHEN p_level = 'network' OR r.reach = 'nearby' THEN s.network_id
                ELSE s.id END,
           count(*)
    FROM offer o
    JOIN partner p ON p.district_id = o.district_id AND p.id = o.partner_id
        AND p.stage NOT IN ('declined', 'barred') AND p.archived_at IS NULL
    LEFT JOIN site s ON s.district_id = p.district_id AND s.id = p.lead_site_id
    CROSS JOIN LATERAL (SELECT coalesce(o.reach, p.reach, 'district') AS reach) AS r
    WHERE o.status = 'open' AND o.archived_at IS NULL AND o.focus_area_id IS NOT NULL
      AND coalesce(o.remaining, 1) > 0
      AND (SELECT district_today()) BETWEEN coalesce(o.from_date, '-infinity') AND coalesce(o.until_date, 'infinity')
    GROUP BY 1, 2;
END;

-- The cells of a level: sites, networks, or the district; of one site, or of one network and its sites.
CREATE OR REPLACE FUNCTION gap_table(p_level text, p_site uuid, p_network uuid, p_year integer)
RETURNS TABLE (place_id uuid, place_name text, focus_area_id uuid, focus_area_name text, needs bigint,
               uncovered bigint, people_affected bigint, priorities bigint, next_priorities bigint,
               partnerships bigint, programs bigint, partners bigint, offers bigint, value_cents bigint,
               students bigint, is_gap boolean)
LANGUAGE plpgsql STABLE SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH items AS MATERIALIZED (
        SELECT i.* FROM gap_items(p_year) i
    ), below AS ( -- a priority of the district, or of a network, is each school's below
        SELECT s.id, s.network_id FROM site s
        WHERE s.kind = 'school' AND s.status = 'open' AND s.archived_at IS NULL
          AND s.id = coalesce(p_site, s.id) AND (p_network IS NULL OR s.network_id = p_network)
    ), placed AS (
        SELECT i.*, CASE p_level WHEN 'site' THEN i.site_id
                                 WHEN 'network' THEN coalesce(s.network_id, i.network_id)
                                 ELSE current_setting('kith.district')::uuid END AS place_id
        FROM items i
        LEFT JOIN site s ON s.district_id = current_setting('kith.district')::uuid AND s.id = i.site_id
        WHERE i.site_id IS NOT DISTINCT FROM coalesce(p_site, i.site_id)
          AND (p_network IS NULL OR coalesce(s.network_id, i.network_id) = p_network)
        UNION ALL
        SELECT i.*, CASE p_level WHEN 'site' THEN b.id WHEN 'network' THEN b.network_id
                                 ELSE current_setting('kith.district')::uuid END
        FROM items i JOIN below b ON i.network_id IS NULL OR i.network_id = b.network_id
        WHERE i.item IN ('priority', 'next_priority') AND i.site_id IS NULL
    ), places AS (
        SELECT s.id, s.name, (
            SELECT y.enrollment FROM site_year y
            WHERE y.site_id = s.id AND y.school_year <= p_year AND y.enrollment IS NOT NULL
              AND y.archived_at IS NULL
            ORDER BY y.school_year DESC LIMIT 1) AS students, s.network_id
        FROM site s
        WHERE s.status NOT IN ('closed', 'merged') AND s.archived_at IS NULL
    ), named AS (
        SELECT p.id, p.name, p.students, p.network_id FROM places p WHERE p_level = 'site'
        UNION ALL
        SELECT n.id, n.name, sum(p.students)::bigint, NULL
        FROM network n LEFT JOIN places p ON p.network_id = n.id
        WHERE p_level = 'network' AND n.archived_at IS NULL
        GROUP BY n.id, n.name
        UNION ALL
        SELECT d.id, d.name, (SELECT sum(p.students)::bigint FROM places p), NULL
        FROM district d
        WHERE p_level = 'district' AND d.id = current_setting('kith.district')::uuid
    ), counted AS (
        SELECT p.place_id, p.focus_area_id,
               count(*) FILTER (WHERE p.item = 'need') AS needs,
               count(*) FILTER (WHERE p.uncovered) AS uncovered,
               coalesce(sum(p.people) FILTER (WHERE p.uncovered), 0)::bigint AS people_affected,
               count(DISTINCT p.id) FILTER (WHERE p.item = 'priority') AS priorities,
               count(DISTINCT p.id) FILTER (WHERE p.item = 'next_priority') AS next_priorities,
               count(DISTINCT p.id) FILTER (WHERE p.item = 'partnership') AS partnerships,
               count(DISTINCT p.id) FILTER (WHERE p.item = 'program') AS programs,
               count(DISTINCT p.partner_id) AS partners,
               round(coalesce(sum(p.cents), 0))::bigint AS value_cents
        FROM placed p WHERE p.place_id IS NOT NULL
        GROUP BY p.place_id, p.focus_area_id
        HAVING bool_or(p.item <> 'next_priority')
    ), offered AS MATERIALIZED (
        SELECT o.focus_area_id, o.place_id, o.many FROM gap_offers(p_level) o
    )
    SELECT c.place_id, n.name, c.focus_area_id, f.name, c.needs, c.uncovered, c.people_affected,
           c.priorities, c.next_priorities, c.partnerships, c.programs, c.partners,
           coalesce(o.many, 0) + coalesce(near.many, 0) + coalesce(wide.many, 0), c.value_cents, n.students,
           c.uncovered > 0 OR c.priorities > 0 AND c.partnerships = 0 AND c.programs = 0
    FROM counted c
    JOIN named n ON n.id = c.place_id
    JOIN focus_area f ON f.id = c.focus_area_id
    LEFT JOIN offered o ON o.focus_area_id = c.focus_area_id AND o.place_id = c.place_id
    LEFT JOIN offered near ON near.focus_area_id = c.focus_area_id AND near.place_id = n.network_id
    LEFT JOIN (SELECT w.* FROM offered w WHERE w.place_id IS NULL) AS wide ON wide.focus_area_id = c.focus_area_id;
END
$$;

CREATE OR REPLACE FUNCTION per_100(p_figure numeric, p_students bigint) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN round(100 * p_figure / nullif(p_students, 0), 2)::text;

-- When each site that is open signed its last roll call: what is known of its partners is as old as that.
CREATE OR REPLACE FUNCTION sites_called()
RETURNS TABLE (site_id uuid, network_id uuid, called_on date, is_this_year boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.id, s.network_id, max((r.submitted_at AT TIME ZONE d.zone)::date),
           coalesce(bool_or(r.school_year = school_year_today()), false)
    FROM site s
    JOIN district d ON d.id = s.district_id
    LEFT JOIN roll_call r ON r.district_id = s.district_id AND r.site_id = s.id AND r.status <> 'open'
        AND r.archived_at IS NULL
    WHERE s.district_id = current_setting('kith.district')::uuid AND s.status = 'open' AND s.archived_at IS NULL
    GROUP BY s.id, s.network_id;
END;

CREATE OR REPLACE FUNCTION gap_document(p_level text, p_site uuid, p_network uuid, p_year integer, p_most integer)
RETURNS json LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH cells AS MATERIALIZED (
        SELECT c.*, row_number() OVER (ORDER BY c.is_gap DESC, c.uncovered DESC, c.place_name,
                                       c.focus_area_name, c.place_id, c.focus_area_id) AS rank
        FROM gap_table(p_level, p_site, p_network, p_year) c
    ), called AS MATERIALIZED (
        SELECT s.* FROM sites_called() s
        WHERE s.site_id = coalesce(p_site, s.site_id) AND (p_network IS NULL OR s.network_id = p_network)
    ), dated AS MATERIALIZED (
        SELECT CASE p_level WHEN 'site' THEN s.site_id WHEN 'network' THEN s.network_id
                            ELSE current_setting('kith.district')::uuid END AS place_id,
               CASE WHEN bool_and(s.called_on IS NOT NULL) THEN min(s.called_on) END AS called_on
        FROM called s GROUP BY 1
    )
    SELECT json_build_object(
        'level', p_level, 'school_year', p_year, 'as_of', district_today(),
        'roll_call', (
            SELECT json_build_object(
                'school_year', school_year_today(), 'sites', count(*),
                'called', count(*) FILTER (WHERE s.is_this_year), 'oldest_on', min(s.called_on),
                'latest_on', max(s.called_on)) FROM called s),
        'gaps', (SELECT count(*) FROM cells c WHERE c.is_gap),
        'has_more', (SELECT count(*) > p_most FROM cells),
        'cells', coalesce((
            SELECT json_agg(json_build_object(
                'place_id', c.place_id, 'place_name', c.place_name, 'focus_area_id', c.focus_area_id,
                'focus_area_name', c.focus_area_name, 'needs', c.needs, 'uncovered', c.uncovered,
                'people_affected', c.people_affected, 'priorities', c.priorities,
                'next_priorities', c.next_priorities, 'partnerships', c.partnerships,
                'programs', c.programs, 'partners', c.partners, 'offers', c.offers,
                'value_cents', c.value_cents, 'students', c.students,
                'partners_per_100_students', per_100(c.partners, c.students),
                'value_cents_per_100_students', per_100(c.value_cents, c.students),
                'is_gap', c.is_gap, 'called_on', d.called_on) ORDER BY c.rank)
            FROM cells c LEFT JOIN dated d ON d.place_id = c.place_id WHERE c.rank <= p_most), '[]'));
END;

DROP FUNCTION IF EXISTS gap_cells(text, uuid, uuid, integer);

REVOKE EXECUTE ON FUNCTION school_year_today, span_share, partner_values, priority_counts, gap_items, gap_offers, gap_table, per_100,
    sites_called, gap_document
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION school_year_today, span_share, partner_values, priority_counts, gap_items, gap_offers, gap_table, per_100,
    sites_called, gap_document
    TO kith_api;

RESET ROLE;
