-- What a convening decides may be about a need, a partner or a site, or stand alone, and so may what somebody does of it.

SET ROLE kith_owner;

ALTER TABLE action_item
    ALTER COLUMN partnership_id DROP NOT NULL,
    ADD COLUMN site_id uuid,
    ADD COLUMN need_id uuid,
    ADD COLUMN partner_id uuid,
    ADD COLUMN convening_id uuid, -- where it was agreed, of what is about no partnership
    ADD CONSTRAINT action_item_site_id_fkey FOREIGN KEY (district_id, site_id) REFERENCES site (district_id, id),
    ADD CONSTRAINT action_item_need_id_fkey FOREIGN KEY (district_id, need_id) REFERENCES need (district_id, id),
    ADD CONSTRAINT action_item_partner_id_fkey FOREIGN KEY (district_id, partner_id) REFERENCES partner (district_id, id),
    ADD CONSTRAINT action_item_convening_id_fkey FOREIGN KEY (district_id, convening_id)
        REFERENCES convening (district_id, id),
    ADD CONSTRAINT action_item_partnership_id_check
        CHECK (num_nonnulls(partnership_id, site_id, need_id, partner_id) <= 1),
    ADD CONSTRAINT action_item_convening_id_check CHECK (num_nonnulls(partnership_id, convening_id) <= 1);
CREATE INDEX action_item_site_id ON action_item (district_id, site_id, created_at, id);
CREATE INDEX action_item_need_id ON action_item (district_id, need_id, created_at, id);
CREATE INDEX action_item_partner_id ON action_item (district_id, partner_id, created_at, id);
CREATE INDEX action_item_convening_id ON action_item (district_id, convening_id, created_at, id);

ALTER TABLE convening_decision
    ADD COLUMN need_id uuid,
    ADD COLUMN partner_id uuid,
    ADD CONSTRAINT convening_decision_need_id_fkey FOREIGN KEY (district_id, need_id) REFERENCES need (district_id, id),
    ADD CONSTRAINT convening_decision_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    DROP CONSTRAINT convening_decision_partnership_id_check,
    DROP CONSTRAINT convening_decision_goal_id_check,
    ADD CONSTRAINT convening_decision_partnership_id_check
        CHECK (kind IN ('action', 'other') OR partnership_id IS NOT NULL),
    ADD CONSTRAINT convening_decision_goal_id_check
        CHECK (goal_id IS NULL OR kind IN ('goal', 'action', 'other') AND partnership_id IS NOT NULL),
    ADD CONSTRAINT convening_decision_need_id_check CHECK (num_nonnulls(partnership_id, need_id, partner_id) <= 1);
CREATE INDEX convening_decision_need_id ON convening_decision (district_id, need_id, created_at, id);
CREATE INDEX convening_decision_partner_id ON convening_decision (district_id, partner_id, created_at, id);

RESET ROLE;
