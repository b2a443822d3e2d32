-- What a district of an earlier version lacks: done once, for nothing of it is left to do afterwards.

-- Agreements in force that never had a checklist get the supplied one. What both sides signed before there was one is
-- settled by that; of the rest each item is still to be looked at, and the partnerships that it carries have ninety
-- days for it, as those that come by a file have.
DO $$
DECLARE
    one record;
    today constant date := current_date;
BEGIN
    FOR one IN
        SELECT a.district_id, a.id, a.district_signed_on IS NOT NULL AND a.partner_signed_on IS NOT NULL AS is_signed
        FROM agreement a
        WHERE a.status = 'in_force' AND a.archived_at IS NULL AND a.kind IN ('master', 'mou')
          AND NOT EXISTS (SELECT FROM agreement_item i
                          WHERE i.district_id = a.district_id AND i.agreement_id = a.id)
        ORDER BY a.district_id, a.id
    LOOP
        PERFORM set_config('kith.district', one.district_id::text, true),
                set_config('kith.now', rfc3339(clock_timestamp()), true);
        PERFORM agreement_items_add(one.id, one.is_signed);
        UPDATE partnership p SET gate_due = today + 90
        FROM agreement_partnership l
        WHERE NOT one.is_signed AND l.district_id = one.district_id AND l.agreement_id = one.id
          AND l.archived_at IS NULL AND p.district_id = l.district_id AND p.id = l.partnership_id
          AND p.gate_due IS NULL AND p.status IN ('active', 'renewing', 'paused')
          AND NOT partnership_is_light(p.id);
    END LOOP;
    PERFORM set_config('kith.district', '', true), set_config('kith.now', '', true);
END
$$;

-- What a site said of Title I without a year is of the school year that runs.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT s.district_id, s.id, s.title_i,
               date_part('year', (clock_timestamp() AT TIME ZONE d.zone) + interval '6 months') AS school_year
        FROM site s JOIN district d ON d.id = s.district_id
        WHERE s.title_i IS NOT NULL AND s.archived_at IS NULL AND NOT EXISTS (
            SELECT FROM site_year y
            WHERE y.district_id = s.district_id AND y.site_id = s.id AND y.title_i IS NOT NULL AND y.archived_at IS NULL)
        ORDER BY s.district_id, s.id
    LOOP
        PERFORM set_config('kith.district', one.district_id::text, true),
                set_config('kith.now', rfc3339(clock_timestamp()), true);
        INSERT INTO site_year (district_id, id, site_id, school_year, title_i)
        VALUES (one.district_id, uuid7(), one.id, one.school_year, one.title_i)
        ON CONFLICT (district_id, site_id, school_year) WHERE archived_at IS NULL DO UPDATE SET title_i = excluded.title_i;
    END LOOP;
    PERFORM set_config('kith.district', '', true), set_config('kith.now', '', true);
END
$$;

-- Districts get the supplied indicators that came after them, and figures of them.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT d.id FROM district d ORDER BY d.id
    LOOP
        PERFORM set_config('kith.district', one.id::text, true), set_config('kith.now', rfc3339(clock_timestamp()), true);
        IF seed_indicators(one.id) > 0 THEN
            INSERT INTO rollup_mark (district_id, indicator_id, school_year, is_whole)
            SELECT one.id, k.indicator_id, k.school_year, true
            FROM rollup_keys_of(one.id) AS k
            JOIN indicator i ON i.district_id = one.id AND i.id = k.indicator_id AND i.computed_from IS NOT NULL
            WHERE NOT EXISTS (SELECT FROM tally t WHERE t.district_id = one.id AND t.indicator_id = i.id);
        END IF;
    END LOOP;
    PERFORM set_config('kith.district', '', true), set_config('kith.now', '', true);
END
$$;

-- Districts get the supplied instruments that came after them.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT d.id FROM district d ORDER BY d.id LOOP
        PERFORM set_config('kith.district', one.id::text, true), set_config('kith.now', rfc3339(clock_timestamp()), true);
        PERFORM seed_instruments(one.id);
    END LOOP;
    PERFORM set_config('kith.district', '', true), set_config('kith.now', '', true);
END
$$;
