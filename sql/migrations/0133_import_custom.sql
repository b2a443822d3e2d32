-- Files say fields of the district's own, too, and bring new ones; what they changed of these is taken back with the rest.

SET ROLE kith_owner;

ALTER TABLE import
    ADD COLUMN new_fields jsonb NOT NULL DEFAULT '{}', -- {"custom.code": type} of those that it makes
    ADD COLUMN made_fields uuid[];                     -- those that it made; NULL: it did not begin
-- [{"id": of custom_value, "version": after, "before": value, or null: it was made}]
ALTER TABLE import_change ADD COLUMN custom jsonb;

GRANT DELETE ON custom_field, custom_value TO kith_api;

RESET ROLE;
