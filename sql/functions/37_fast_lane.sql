-- The fast lane: what calls to action waive of the gate before a partnership is active.

SET ROLE kith_owner;

-- It came of a call: then a provisional agreement with a last day is enough to begin with.
CREATE OR REPLACE FUNCTION partnership_is_fast(p_id uuid) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT FROM pledge p JOIN need n ON n.district_id = p.district_id AND n.id = p.need_id
    WHERE p.partnership_id = p_id AND n.call_to_action_id IS NOT NULL);

REVOKE EXECUTE ON FUNCTION partnership_is_fast FROM PUBLIC;
GRANT EXECUTE ON FUNCTION partnership_is_fast TO kith_api;

RESET ROLE;
