-- What is written a hundred thousand times on a morning says its district once: each of these belongs to a row of the
-- district (a contact, a user or an inquiry; a check-in; a partnership), whose key has the district in it, so that a
-- foreign key of the district alone is looked up for nothing.
SET ROLE kith_owner;

ALTER TABLE message DROP CONSTRAINT message_district_id_fkey;
ALTER TABLE reminder DROP CONSTRAINT reminder_district_id_fkey;
ALTER TABLE check_in DROP CONSTRAINT check_in_district_id_fkey;

RESET ROLE;
