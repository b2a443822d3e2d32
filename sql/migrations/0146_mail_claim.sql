-- A claim is a lease and not a state: what a mailer has taken stays queued, or to be tried again, and has a lease until its
-- attempt has ended. So taking it changes nothing that an index knows.

SET ROLE kith_owner;

UPDATE message SET status = CASE WHEN attempt_count > 1 THEN 'retry' ELSE 'queued' END,
    claimed_until = coalesce(claimed_until, clock_timestamp())
WHERE status = 'claimed';
UPDATE message SET claimed_until = NULL WHERE status NOT IN ('queued', 'retry') AND claimed_until IS NOT NULL;
ALTER TABLE message
    DROP CONSTRAINT message_status_check,
    ADD CONSTRAINT message_status_check CHECK (status IN ('queued', 'sent', 'retry', 'failed', 'unknown', 'suppressed')),
    ADD CONSTRAINT message_claimed_until_check CHECK (claimed_until IS NULL OR status IN ('queued', 'retry'));
DROP INDEX message_due;
CREATE INDEX message_due ON message (not_before, id) WHERE status IN ('queued', 'retry') AND carried_by IS NULL;

-- The link of an attempt is in link, and nobody has looked for it here.
ALTER TABLE message_attempt DROP COLUMN link_hash;

-- Each belongs to a row of the district, whose key has the district in it (0141).
ALTER TABLE message_attempt DROP CONSTRAINT message_attempt_district_id_fkey;
ALTER TABLE link DROP CONSTRAINT link_district_id_fkey;

-- A mail that asks for something and can be ended is one link with two tokens: what opens its task, and what ends mails,
-- which lives longer and stays when the task is taken back.
ALTER TABLE link
    ADD COLUMN stop_hash text, -- SHA-256 in hexadecimal
    ADD COLUMN stop_expires_at timestamptz,
    ADD CONSTRAINT link_stop_hash_check CHECK (
        stop_hash IS NULL OR stop_hash ~ '^[0-9a-f]{64}$' AND stop_hash <> token_hash AND purpose <> 'preferences'),
    ADD CONSTRAINT link_stop_expires_at_check CHECK ((stop_hash IS NULL) = (stop_expires_at IS NULL));
CREATE UNIQUE INDEX link_stop_hash_key ON link (district_id, stop_hash) WHERE stop_hash IS NOT NULL;

-- A link is either a contact's or a user's.
DROP INDEX link_contact_id, link_user_id;
CREATE INDEX link_contact_id ON link (district_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX link_user_id ON link (district_id, user_id) WHERE user_id IS NOT NULL;

RESET ROLE;
