-- A partner acknowledges vision and goals itself: as which version of the row it has read them.

SET ROLE kith_owner;

ALTER TABLE partnership ADD COLUMN vision_partner_version bigint;
ALTER TABLE goal ADD COLUMN partner_version bigint;
ALTER TABLE goal_partnership ADD COLUMN partner_version bigint; -- of the goal

-- To write of what waits for a partner's word.
GRANT SELECT ON goal, goal_partnership TO kith_mailer;

RESET ROLE;
