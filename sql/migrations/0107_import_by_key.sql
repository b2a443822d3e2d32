-- An import goes on with what the API key covers by which it was started, not with all of its user's grants.

SET ROLE kith_owner;

ALTER TABLE import_work ADD COLUMN token_id uuid; -- NULL: of whoever was signed in

RESET ROLE;
