-- School days without typing them in: none on a federal holiday, unless the district opens then, and none outside of
-- its reporting quarters. And what is planned and no longer wanted is cancelled by the plan, and comes back by it.

SET ROLE kith_owner;

ALTER TABLE district ADD COLUMN opens_on_holidays boolean NOT NULL DEFAULT false;

ALTER TABLE check_in
    ADD COLUMN is_cancelled_by_plan boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT check_in_is_cancelled_by_plan_check CHECK (NOT is_cancelled_by_plan OR status = 'cancelled');
CREATE INDEX check_in_is_cancelled_by_plan ON check_in (district_id, id) WHERE is_cancelled_by_plan;

GRANT SELECT ON reporting_quarter, site_quarter TO kith_survey, kith_mailer;

RESET ROLE;
