-- Tables count versions and record their changes: every tenant table that kith_api may write, but for audit and
-- outbox, which are the record, idempotency, which dies with its day, sign_in_failure, which counts guesses, and
-- what an import works with (import_work, import_chunk, import_row, import_change).

SET ROLE kith_owner;

DO $$
DECLARE
    recorded record;
    event record;
BEGIN
    FOR recorded IN
        SELECT t.name, concat_ws(', ', quote_literal(coalesce(t.aggregate, t.name)), quote_literal(t.recorded),
                                 E'\'\', ' || quote_literal(s.marks)) AS arguments
        FROM tenant_tables() t LEFT JOIN turn_sources() s ON s.name = t.name WHERE t.recorded IS NOT NULL
    LOOP
        FOR event IN SELECT * FROM statement_events() LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s
                 FOR EACH STATEMENT EXECUTE FUNCTION record_change(%s)',
                'record_' || lower(event.name), event.name, recorded.name, event.transition, recorded.arguments);
        END LOOP;
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER bump_version BEFORE UPDATE ON %I
             FOR EACH ROW EXECUTE FUNCTION bump_version()', recorded.name);
    END LOOP;
END
$$;

-- That a token was used is no change of it: an UPDATE of last_used_at alone counts no version, and
-- what counts no version is not recorded.
CREATE OR REPLACE TRIGGER bump_version
    BEFORE UPDATE OF district_id, id, user_id, kind, token_hash, csrf_hash, label, purpose, roles,
        expires_at, revoked_at, version, created_at, updated_at, archived_at ON access_token
    FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Nor that a mailer leases a message.
CREATE OR REPLACE TRIGGER bump_version
    BEFORE UPDATE OF district_id, id, class, topic, kind, subject_id, recipient_key, occurrence,
        contact_id, user_id, partnership_id, to_address, locale, variables, status, reason,
        not_before, not_after, sent_at, version, created_at, updated_at, archived_at
    ON message
    FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Nor what is counted of a partner (71_partner_complete.sql).
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER bump_version BEFORE UPDATE OF %s ON partner
         FOR EACH ROW EXECUTE FUNCTION bump_version()',
        (SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = 'partner'::regclass AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attname NOT IN ('completeness', 'completeness_until')));
END
$$;

-- Nor is it an event of an observation that another takes its place: that is the other's.
DO $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER record_update AFTER UPDATE ON observation
         REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
         FOR EACH STATEMENT EXECUTE FUNCTION record_change(%L, %L, %L)', 'observation',
        (SELECT t.recorded FROM tenant_tables() t WHERE t.name = 'observation'), 'superseded_by');
END
$$;

CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

RESET ROLE;
