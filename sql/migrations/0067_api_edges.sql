-- What an API key is limited to, besides its roles.

SET ROLE kith_owner;

ALTER TABLE access_token
    ADD COLUMN is_read_only boolean NOT NULL DEFAULT false,
    ADD COLUMN resources text[], -- the first names of the paths that it may ask; NULL: all
    ADD COLUMN scope_kind text NOT NULL DEFAULT 'district', -- it writes nothing outside of this
    ADD COLUMN scope_id uuid, -- of a network or site, as scope_kind says
    ADD CONSTRAINT access_token_is_read_only_check CHECK (NOT is_read_only OR kind = 'api_key'),
    ADD CONSTRAINT access_token_resources_check
        CHECK (resources IS NULL OR (kind = 'api_key' AND cardinality(resources) >= 1)),
    ADD CONSTRAINT access_token_scope_kind_check
        CHECK (scope_kind = 'district' OR (kind = 'api_key' AND scope_kind IN ('network', 'site'))),
    ADD CONSTRAINT access_token_scope_id_check CHECK ((scope_kind = 'district') = (scope_id IS NULL));

CREATE OR REPLACE VIEW api_key WITH (security_invoker = true) AS
SELECT xmin, district_id, id, user_id, label, roles, expires_at, revoked_at, last_used_at,
       version, created_at, updated_at, archived_at, is_read_only, resources, scope_kind, scope_id
FROM access_token
WHERE kind = 'api_key'
  AND (user_id = current_setting('kith.user')::uuid
       OR 'admin' = ANY (string_to_array(current_setting('kith.roles'), ',')));

RESET ROLE;
