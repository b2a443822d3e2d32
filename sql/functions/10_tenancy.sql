-- Who sees which rows: a tenant's rows are seen and written in its context alone. Without a context
-- every statement on a tenant table is an error: 42704, or 22P02 once the session has had one.

SET ROLE kith_owner;

CREATE OR REPLACE FUNCTION protect_tenant_table(p_table regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', p_table);
    -- As uuid: a comparison of text would let '' pass for a tenant, and would use no index.
    EXECUTE format(
        '%s POLICY tenant ON %s
         USING (district_id = current_setting(''kith.district'')::uuid)
         WITH CHECK (district_id = current_setting(''kith.district'')::uuid)',
        CASE WHEN EXISTS (SELECT FROM pg_policy WHERE polrelid = p_table AND polname = 'tenant')
             THEN 'ALTER' ELSE 'CREATE' END, p_table);
END
$$;

SELECT protect_tenant_table(t.name::regclass) FROM tenant_tables() t;

-- The owner has no context of its own, and needs none for these two: district_by_slug() looks before
-- anybody is signed in, and record_change() writes for the district of the row that changed.
DROP POLICY IF EXISTS look_up ON district;
CREATE POLICY look_up ON district FOR SELECT TO kith_owner USING (true);
DROP POLICY IF EXISTS record ON audit;
CREATE POLICY record ON audit FOR INSERT TO kith_owner WITH CHECK (true);
DROP POLICY IF EXISTS record ON outbox;
CREATE POLICY record ON outbox FOR INSERT TO kith_owner WITH CHECK (true);
-- import_claim() and import_sweep() look for work in all districts.
DROP POLICY IF EXISTS claim ON import_work;
CREATE POLICY claim ON import_work TO kith_owner USING (true);
DROP POLICY IF EXISTS claim ON import_chunk;
CREATE POLICY claim ON import_chunk TO kith_owner USING (true);
-- attachment_sweep() likewise.
DROP POLICY IF EXISTS claim ON attachment_piece;
CREATE POLICY claim ON attachment_piece TO kith_owner USING (true);
DROP POLICY IF EXISTS look_up ON attachment;
CREATE POLICY look_up ON attachment FOR SELECT TO kith_owner USING (true);

RESET ROLE;
