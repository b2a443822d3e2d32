-- More kinds of rows are imported; who may import a kind is kept with each import.

SET ROLE kith_owner;

ALTER TABLE import ADD COLUMN roles text NOT NULL DEFAULT 'admin,director';
ALTER TABLE import ALTER COLUMN roles DROP DEFAULT;

-- A revert takes back what an import made, as if it had never been.
GRANT DELETE ON app_user, closed_day, partnership, partnership_site, partnership_role, goal, agreement,
    agreement_partnership, investment, observation TO kith_api;

RESET ROLE;
