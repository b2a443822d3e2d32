-- What a mail costs when it is sent: its row changes twice, and with it an entry of each index.

SET ROLE kith_owner;

-- The same key, and by its head all that somebody has had about one thing: the first of it begins a series. It finds what
-- is about one thing, too.
ALTER TABLE message DROP CONSTRAINT message_occurrence_key;
ALTER TABLE message ADD CONSTRAINT message_occurrence_key
    UNIQUE (district_id, subject_id, recipient_key, kind, occurrence);
DROP INDEX message_subject_id;

-- Nobody lists the mails that are nobody's: rows without the value have no entry.
DROP INDEX message_carried_by, message_contact_id, message_partnership_id, message_reason, message_user_id;
CREATE INDEX message_carried_by ON message (district_id, carried_by, created_at, id) WHERE carried_by IS NOT NULL;
CREATE INDEX message_contact_id ON message (district_id, contact_id, created_at, id) WHERE contact_id IS NOT NULL;
CREATE INDEX message_partnership_id ON message (district_id, partnership_id, created_at, id) WHERE partnership_id IS NOT NULL;
CREATE INDEX message_reason ON message (district_id, reason, created_at, id) WHERE reason IS NOT NULL;
CREATE INDEX message_user_id ON message (district_id, user_id, created_at, id) WHERE user_id IS NOT NULL;

-- Of what most rows have, the next in order are soon found without an index of its own.
DROP INDEX message_status, message_class;
CREATE INDEX message_status ON message (district_id, status, created_at, id) WHERE status <> 'sent';
CREATE INDEX message_class ON message (district_id, class, created_at, id) WHERE class <> 'duty';

-- There is room for what a row becomes beside it: its pages are at hand.
ALTER TABLE message SET (fillfactor = 60);
ALTER TABLE message_attempt SET (fillfactor = 60);

RESET ROLE;
