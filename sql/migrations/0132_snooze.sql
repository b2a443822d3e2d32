-- Whoever is reminded may ask to be reminded on another day.

SET ROLE kith_owner;

ALTER TABLE message DROP CONSTRAINT message_reason_check;
ALTER TABLE message ADD CONSTRAINT message_reason_check CHECK (status <> 'suppressed' OR reason IS NOT NULL
    AND reason IN ('opted_out', 'bounced', 'no_email', 'already_done', 'left_org', 'stale', 'blackout', 'rate_limited',
                   'moved', 'cancelled', 'no_consent', 'snoozed'));

-- snoozed: a person's own choice in the place of a rule. sends_on is until when.
ALTER TABLE reminder
    DROP CONSTRAINT reminder_decision_check,
    ADD CONSTRAINT reminder_decision_check CHECK (decision IN ('queued', 'suppressed', 'snoozed'));

RESET ROLE;
