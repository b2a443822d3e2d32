-- The fast lane: what calls to action waive of the gate before a partnership is active.

SET ROLE kith_owner;

-- It came of a call: then a provisional agreement with a last day is enough to begin with.
CREATE OR REPLACE FUNCTION partnership_is_fast(p_id uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM pledge p JOIN need n ON n.district_id = p.district_id AND n.id = p.need_id
    WHERE p.partnership_id = p_id AND n.call_to_action_id IS NOT NULL);

-- What stands for "an agreement" of a partnership: a master or an MOU, and in the fast lane a provisional one with
-- its last day. Site plans, addenda and amendments belong to one.
CREATE OR REPLACE FUNCTION agreement_carries(a agreement, p_partnership uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN a.kind IN ('master', 'mou')
    OR a.kind = 'provisional' AND a.expires_on IS NOT NULL AND partnership_is_fast(p_partnership);

REVOKE EXECUTE ON FUNCTION partnership_is_fast, agreement_carries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_is_fast, agreement_carries TO kith_api;

RESET ROLE;
