-- That figures are others now is an event, so that whoever shows a dashboard reads it again: one of an indicator and school
-- year in a transaction, however many figures it is. What they were made of has records of its own, so that the audit has
-- none of this.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION rollup_tell() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    told text[] := string_to_array(nullif(current_setting('kith.rollups_told', true), ''), ',');
    business_now timestamptz := business_now();
BEGIN
    WITH changed AS MATERIALIZED (
        SELECT c.district_id, c.indicator_id, c.indicator_code, c.school_year, uuid7() AS event
        FROM changed_rows c
        WHERE concat(c.indicator_id, ' ', c.school_year) <> ALL (coalesce(told, '{}'))
        GROUP BY c.district_id, c.indicator_id, c.indicator_code, c.school_year
    ), sent AS (
        INSERT INTO outbox (district_id, id, aggregatetype, aggregateid, type, payload)
        SELECT c.district_id, c.event, 'rollup', c.indicator_id, 'org.kith.rollup.published.v1', jsonb_build_object(
            'specversion', '1.0', 'id', c.event, 'source', '/districts/' || c.district_id,
            'type', 'org.kith.rollup.published.v1', 'subject', 'indicator/' || c.indicator_id,
            'time', rfc3339(business_now), 'datacontenttype', 'application/json',
            'data', jsonb_build_object('indicator', c.indicator_id, 'code', c.indicator_code, 'school_year', c.school_year))
        FROM changed c
    )
    SELECT told || array_agg(concat(c.indicator_id, ' ', c.school_year)) INTO told FROM changed c;
    PERFORM set_config('kith.rollups_told', array_to_string(told, ','), true);
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER tell_insert AFTER INSERT ON rollup
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION rollup_tell();
CREATE OR REPLACE TRIGGER tell_update AFTER UPDATE ON rollup
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION rollup_tell();
CREATE OR REPLACE TRIGGER tell_delete AFTER DELETE ON rollup
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION rollup_tell();

REVOKE EXECUTE ON FUNCTION rollup_tell FROM PUBLIC;

RESET ROLE;
