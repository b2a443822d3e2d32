-- An index more than needed: of one scope there are a few hundred rollups, which rollup_scope finds.

SET ROLE kith_owner;

DROP INDEX rollup_scope_id;

RESET ROLE;
