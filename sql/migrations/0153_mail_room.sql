-- A claim writes a message where it stands, if its page has room: for each of a page's rows, as a batch takes them together.
-- At 60 a third of them had none, and went into all indexes. An attempt is longer at its end than at its beginning.

SET ROLE kith_owner;

ALTER TABLE message SET (fillfactor = 50);
ALTER TABLE message_attempt SET (fillfactor = 45);

RESET ROLE;
