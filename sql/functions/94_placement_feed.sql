-- Placements feed investments by themselves: an entry for each quarter of the school year in which the post is there,
-- pro-rated by day, pledged while the quarter runs and delivered when it is over. Days that somebody entered by hand
-- are theirs, and none counts twice.

SET ROLE kith_owner;

-- The days of which there are to be entries up to that day's quarter: those of the post, while its partnership runs;
-- of one that was taken back those before.
CREATE OR REPLACE FUNCTION placement_days(p placement, p_today date) RETURNS datemultirange
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN d.first <= d.last THEN datemultirange(daterange(d.first, d.last, '[]')) ELSE '{}' END
    FROM partnership t
    JOIN district w ON w.id = t.district_id
    CROSS JOIN LATERAL (
        SELECT greatest(p.from_date, p.feeds_from) AS first,
               least(p.until_date, (date_trunc('quarter', p_today) + interval '3 months')::date - 1,
                     (p.archived_at AT TIME ZONE w.zone)::date - 1,
                     (t.archived_at AT TIME ZONE w.zone)::date - 1,
                     t.ended_on,
                     CASE WHEN t.status = 'declined' THEN (t.updated_at AT TIME ZONE w.zone)::date END) AS last) AS d
    WHERE t.district_id = p.district_id AND t.id = p.partnership_id AND p.annual_cost_cents > 0
      AND (t.status IN ('active', 'renewing', 'paused') OR t.activated_at IS NOT NULL);
END;

-- What the post costs in those days of one school year: the quarters of a year make the whole, to the cent.
CREATE OR REPLACE FUNCTION placement_share(p placement, p_from date, p_until date) RETURNS bigint
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT (round(c.cents * (p_until - y.first + 1) / y.days) - round(c.cents * (p_from - y.first) / y.days))::bigint
    FROM (SELECT p.annual_cost_cents * p.fte AS cents) AS c
    CROSS JOIN (SELECT make_date(extract(year FROM p_from + interval '6 months')::integer - 1, 7, 1) AS first) AS b
    CROSS JOIN LATERAL (
        SELECT b.first, (b.first + interval '1 year')::date - b.first AS days) AS y;
END;

-- What stands in the way: entries of the post, made by hand or so already; and those of nobody's post that somebody
-- entered for staff of this side at this place.
CREATE OR REPLACE FUNCTION placement_taken(p placement) RETURNS datemultirange
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(range_agg(daterange(i.from_date, i.until_date, '[]')), '{}')
    FROM investment i
    WHERE i.district_id = p.district_id AND i.archived_at IS NULL
      AND (i.placement_id = p.id AND NOT (i.is_fed AND i.status = 'cancelled')
           OR i.partnership_id = p.partnership_id AND i.placement_id IS NULL AND i.status <> 'cancelled'
              AND i.kind = 'staff_fte' AND i.side = p.funder AND coalesce(i.site_id, p.site_id) = p.site_id);
END;

-- An entry becomes that of fewer days: of its amount so much is left.
CREATE OR REPLACE FUNCTION placement_cut(p_entry uuid, p_from date, p_until date) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    UPDATE investment i SET from_date = p_from, until_date = p_until,
        amount_cents = round(i.amount_cents::numeric * (p_until - p_from + 1) / (i.until_date - i.from_date + 1))
    WHERE i.id = p_entry;
END;

-- Entries of days on which the post is not there, or which somebody has entered since, go or become shorter; what runs
-- ends yesterday where the post is another one from today on. How many.
CREATE OR REPLACE FUNCTION placement_mend(p placement, p_days datemultirange, p_today date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    i investment;
    kept datemultirange;
    side_now text := CASE p.funder WHEN 'other' THEN 'partner' ELSE p.funder END;
    kind_now text := CASE p.funder WHEN 'other' THEN 'grant' ELSE 'staff_fte' END;
    few_cents constant integer := 3; -- by which a share of a share may be another
    done integer := 0;
BEGIN
    FOR i IN
        SELECT v.* FROM investment v
        WHERE v.district_id = p.district_id AND v.placement_id = p.id AND v.is_fed AND v.status <> 'cancelled'
          AND v.archived_at IS NULL
        ORDER BY v.from_date, v.id FOR UPDATE
    LOOP
        kept := datemultirange(daterange(i.from_date, i.until_date, '[]')) * p_days;
        IF kept <> datemultirange(daterange(i.from_date, i.until_date, '[]')) THEN
            IF isempty(kept) THEN
                UPDATE investment SET status = 'cancelled' WHERE id = i.id;
            ELSE
                PERFORM placement_cut(i.id, lower(kept), upper(kept) - 1);
            END IF;
            done := done + 1;
        ELSIF i.status = 'pledged' AND ((i.side, i.kind, i.partnership_id) <> (side_now, kind_now, p.partnership_id)
                OR i.site_id IS DISTINCT FROM p.site_id
                OR abs(i.amount_cents - placement_share(p, i.from_date, i.until_date)) > few_cents) THEN
            IF i.from_date < p_today THEN
                PERFORM placement_cut(i.id, i.from_date, p_today - 1);
            ELSE
                UPDATE investment SET side = side_now, kind = kind_now, partnership_id = p.partnership_id,
                    site_id = p.site_id, amount_cents = placement_share(p, i.from_date, i.until_date)
                WHERE id = i.id;
            END IF;
            done := done + 1;
        END IF;
    END LOOP;
    RETURN done;
END
$$;

CREATE OR REPLACE FUNCTION placement_feed(p placement, p_today date) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    days datemultirange := coalesce(placement_days(p, p_today), '{}');
    mended integer := placement_mend(p, days, p_today);
    made integer;
    over integer;
BEGIN
    INSERT INTO investment (district_id, id, partnership_id, site_id, side, kind, amount_cents, from_date, until_date,
                            purpose, placement_id, is_fed)
    SELECT p.district_id, uuid7(), p.partnership_id, p.site_id,
           CASE p.funder WHEN 'other' THEN 'partner' ELSE p.funder END,
           CASE p.funder WHEN 'other' THEN 'grant' ELSE 'staff_fte' END,
           placement_share(p, s.first, s.last), s.first, s.last, concat_ws(', ', p.title, p.funder_name), p.id, true
    FROM unnest(days - placement_taken(p)) AS r (span)
    CROSS JOIN LATERAL generate_series(date_trunc('quarter', lower(r.span)), upper(r.span) - 1,
                                       interval '3 months') AS q
    CROSS JOIN LATERAL (
        SELECT greatest(lower(r.span), q::date) AS first,
               least(upper(r.span), (q + interval '3 months')::date) - 1 AS last) AS s
    ORDER BY s.first;
    GET DIAGNOSTICS made = ROW_COUNT;
    UPDATE investment i SET status = 'delivered'
    WHERE i.district_id = p.district_id AND i.placement_id = p.id AND i.is_fed AND i.status = 'pledged'
      AND i.until_date < p_today AND i.archived_at IS NULL;
    GET DIAGNOSTICS over = ROW_COUNT;
    RETURN mended + made + over;
END
$$;

-- Of all posts of a district that cost something: how many entries that made, changed or ended.
CREATE OR REPLACE FUNCTION placements_advance(p_district uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    p placement;
    today date;
    done integer := 0;
    picked uuid[] := turn_only(p_district, 'partnership');
BEGIN
    PERFORM kith_context(p_district, '', '', p_now::text, '');
    IF picked = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM set_config('kith.feeds', 'yes', true);
    -- One round at a time, while posts may be changed: what is, is looked at in the next.
    PERFORM pg_advisory_xact_lock(hashtextextended('placements ' || p_district, 0));
    today := district_today();
    FOR p IN EXECUTE
        'SELECT t.* FROM placement t
         WHERE t.district_id = $1 AND t.annual_cost_cents IS NOT NULL AND ($3 IS NULL OR t.partnership_id = ANY ($3))
           AND (t.archived_at IS NULL AND coalesce(t.until_date, ''infinity'') >= $2 - 400
                OR EXISTS (SELECT FROM investment i
                           WHERE i.district_id = t.district_id AND i.placement_id = t.id AND i.is_fed
                             AND i.status = ''pledged'' AND i.archived_at IS NULL))
         ORDER BY t.id'
        USING p_district, today, picked
    LOOP
        done := done + placement_feed(p, today);
    END LOOP;
    PERFORM set_config('kith.feeds', '', true);
    RETURN done;
END
$$;

-- What somebody changes, cancels or puts away is that person's from then on.
CREATE OR REPLACE FUNCTION investment_taken_over() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_fed := coalesce(current_setting('kith.feeds', true), '') = 'yes';
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER investment_taken_over BEFORE UPDATE ON investment
    FOR EACH ROW WHEN (OLD.is_fed AND (
        NEW.status = 'cancelled' AND OLD.status <> 'cancelled'
        OR (NEW.partnership_id, NEW.side, NEW.kind, NEW.from_date, NEW.until_date)
            <> (OLD.partnership_id, OLD.side, OLD.kind, OLD.from_date, OLD.until_date)
        OR (NEW.site_id, NEW.amount_cents, NEW.hours, NEW.rate_cents, NEW.archived_at)
            IS DISTINCT FROM (OLD.site_id, OLD.amount_cents, OLD.hours, OLD.rate_cents, OLD.archived_at)))
    EXECUTE FUNCTION investment_taken_over();

-- A post that was never there, as when an import is taken back, fed nothing.
CREATE OR REPLACE FUNCTION placement_unfeed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM investment i
    WHERE i.district_id = OLD.district_id AND i.placement_id = OLD.id AND i.is_fed AND i.confirmed IS NULL;
    RETURN OLD;
END
$$;
CREATE OR REPLACE TRIGGER placement_unfeed BEFORE DELETE ON placement
    FOR EACH ROW EXECUTE FUNCTION placement_unfeed();

REVOKE EXECUTE ON FUNCTION placement_unfeed, placement_days, placement_share, placement_taken, placement_cut, placement_mend,
    placement_feed, placements_advance, investment_taken_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION placements_advance TO kith_checkin;

RESET ROLE;
