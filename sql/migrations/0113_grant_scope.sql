-- Some roles are over the whole district alone. Grants that were not are ended, which the audit log tells.

UPDATE user_grant SET archived_at = now(), updated_at = now()
WHERE archived_at IS NULL AND scope_kind <> 'district'
  AND (role IN ('admin', 'executive', 'data_steward') OR scope_kind = 'partner' AND role <> 'partner');

SET ROLE kith_owner;

ALTER TABLE user_grant
    DROP CONSTRAINT user_grant_scope_kind_check,
    ADD CONSTRAINT user_grant_scope_kind_check
        CHECK (scope_kind = 'district'
               OR scope_kind IN ('network', 'site') AND role NOT IN ('admin', 'executive', 'data_steward')
               OR scope_kind = 'partner' AND role = 'partner'
               OR scope_kind IN ('network', 'site', 'partner') AND archived_at IS NOT NULL);

RESET ROLE;
