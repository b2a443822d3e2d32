-- What a call to action says to partners, and whether the public may read it.

SET ROLE kith_owner;

ALTER TABLE call_to_action
    ADD COLUMN message text,
    ADD COLUMN is_public boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT call_to_action_message_check CHECK (char_length(message) <= 10000);

RESET ROLE;
