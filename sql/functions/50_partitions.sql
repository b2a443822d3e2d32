-- Months of audit and outbox, by the real clock, as their ids are; and school years of observations.

SET ROLE kith_owner;

-- The least UUIDv7 of an instant.
CREATE OR REPLACE FUNCTION uuid7_floor(p_at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (lpad(to_hex((date_part('epoch', p_at) * 1000)::bigint), 12, '0')
    || '00000000000000000000')::uuid;

-- One month of one table. What the default partition caught of it moves along; while it does, nobody
-- may use that partition, and the owner goes around its policy and its append-only trigger.
CREATE OR REPLACE FUNCTION make_partition(p_parent text, p_month timestamp) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    month_name text := p_parent || to_char(p_month, '_YYYY_MM');
    rest_name text := p_parent || '_default';
    month_begin uuid := uuid7_floor(p_month AT TIME ZONE 'UTC');
    month_end uuid := uuid7_floor((p_month + interval '1 month') AT TIME ZONE 'UTC');
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', month_name, p_parent);
    EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER', rest_name);
    EXECUTE format(
        'WITH moved AS (DELETE FROM %I WHERE id >= %L AND id < %L RETURNING *)
         INSERT INTO %I SELECT * FROM moved', rest_name, month_begin, month_end, month_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER', rest_name);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   p_parent, month_name, month_begin, month_end);
    PERFORM protect_tenant_table(month_name::regclass);
END
$$;

-- One school year of the observations. Made as a partition, not attached: attaching checks foreign keys
-- by a query, which the policies of what they refer to refuse.
CREATE OR REPLACE FUNCTION make_year_partition(p_year integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    year_name text := 'observation_' || p_year;
BEGIN
    ALTER TABLE observation_default NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER;
    CREATE TEMPORARY TABLE moving ON COMMIT DROP AS
        SELECT * FROM observation_default WHERE school_year = p_year;
    DELETE FROM observation_default WHERE school_year = p_year;
    EXECUTE format('CREATE TABLE %I PARTITION OF observation FOR VALUES IN (%s)', year_name, p_year);
    EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', year_name);
    EXECUTE format('INSERT INTO %I SELECT * FROM moving', year_name);
    DROP TABLE moving;
    EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', year_name);
    ALTER TABLE observation_default FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER;
    PERFORM protect_tenant_table(year_name::regclass);
END
$$;

-- The month of p_now, the twelve after it, the school year of p_now with three before and one after,
-- and default partitions: how many were made. Harmless to
-- repeat; whoever runs it daily needs nothing but EXECUTE.
CREATE OR REPLACE FUNCTION ensure_partitions(p_now timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent text;
    month timestamp;
    school_year integer;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ensure_partitions', 0));
    FOREACH parent IN ARRAY ARRAY['audit', 'outbox', 'observation'] LOOP
        IF to_regclass(parent || '_default') IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', parent || '_default', parent);
            PERFORM protect_tenant_table((parent || '_default')::regclass);
            made := made + 1;
        END IF;
        CONTINUE WHEN parent = 'observation';
        FOR ahead IN 0..12 LOOP
            month := date_trunc('month', p_now AT TIME ZONE 'UTC') + ahead * interval '1 month';
            IF to_regclass(parent || to_char(month, '_YYYY_MM')) IS NULL THEN
                PERFORM make_partition(parent, month);
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    FOR ahead IN -3..1 LOOP
        school_year := extract(year FROM p_now AT TIME ZONE 'UTC' + interval '6 months') + ahead;
        IF to_regclass('observation_' || school_year) IS NULL THEN
            PERFORM make_year_partition(school_year);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;

REVOKE EXECUTE ON FUNCTION uuid7_floor, make_partition, make_year_partition, ensure_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions TO kith_migrate, kith_publisher;

SELECT ensure_partitions(clock_timestamp());

RESET ROLE;
