-- Whether somebody signs in for a partner: not whoever has but written to us as one of it, or was named by a school.

SET ROLE kith_owner;

ALTER TABLE affiliation ADD COLUMN may_sign_in boolean NOT NULL DEFAULT true;

RESET ROLE;

-- What was made in the same unit has the same instant.
UPDATE affiliation a SET may_sign_in = false, updated_at = now()
WHERE a.role = 'Wrote to us' AND EXISTS (
        SELECT FROM partner p
        WHERE p.district_id = a.district_id AND p.id = a.partner_id AND p.created_at < a.created_at)
   OR EXISTS (
        SELECT FROM roll_call_change c
        WHERE c.district_id = a.district_id AND c.partner_id = a.partner_id AND c.contact_id = a.contact_id
          AND c.kind = 'affiliation' AND c.decided_at = a.created_at);
