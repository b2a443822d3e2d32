-- What lists filter and sort by and no index led to.

SET ROLE kith_owner;

CREATE INDEX partner_parent_id ON partner (district_id, parent_id, name, id);
CREATE INDEX partner_city ON partner (district_id, city, name, id);
CREATE INDEX partner_lead_site_id ON partner (district_id, lead_site_id, name, id);
CREATE INDEX site_status ON site (district_id, status, name, id);
CREATE INDEX site_level ON site (district_id, level, name, id);
CREATE INDEX site_state_id ON site (district_id, state_id, name, id);
CREATE INDEX site_city ON site (district_id, city, name, id);
CREATE INDEX convening_decision_due_on ON convening_decision (district_id, due_on, id);

-- Sorted by the day and then by the id, as every list is.
DROP INDEX award_given_on;
CREATE INDEX award_given_on ON award (district_id, given_on, id);
DROP INDEX gift_offered_on;
CREATE INDEX gift_offered_on ON gift (district_id, offered_on, id);
DROP INDEX funding_opportunity_due_on;
CREATE INDEX funding_opportunity_due_on ON funding_opportunity (district_id, due_on, id);

RESET ROLE;
