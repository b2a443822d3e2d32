-- The day on which the mail of an ask goes, and mails to inquirers as the duties that they are.

SET ROLE kith_owner;

ALTER TABLE ask ADD COLUMN mail_on date; -- NULL: none goes to whom it asks

RESET ROLE;

-- Only accounts' mails go while a district's mail is on hold.
UPDATE message SET class = 'duty' WHERE inquiry_id IS NOT NULL;
