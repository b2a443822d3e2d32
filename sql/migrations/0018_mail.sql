-- Sending mail: what kith-mailer looks for, and what it may read to find out whether a mail still has a
-- reason and what it says.

SET ROLE kith_owner;

-- What may be sent next, over all districts.
CREATE INDEX message_due ON message (not_before, id) WHERE status IN ('queued', 'claimed', 'retry');
DROP INDEX message_not_before;
-- How many went today.
CREATE INDEX message_sent_at ON message (district_id, sent_at) WHERE sent_at IS NOT NULL;

GRANT SELECT ON check_in, check_in_half, survey, survey_invitation, survey_answer, agreement,
    agreement_partnership, site TO kith_mailer;
GRANT UPDATE (status) ON survey_invitation TO kith_mailer; -- to bounced

RESET ROLE;
