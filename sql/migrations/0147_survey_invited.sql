-- Everybody whom a wave has looked at has a row, with the reason where it is not asked; and what is written a hundred
-- thousand times says its district once, as its survey's and its invitation's keys have it.

SET ROLE kith_owner;

ALTER TABLE survey_invitation
    DROP CONSTRAINT survey_invitation_district_id_fkey,
    DROP CONSTRAINT survey_invitation_address_check,
    ALTER COLUMN address DROP NOT NULL, -- of whoever has none, or shares it with somebody who is asked by it
    ADD CONSTRAINT survey_invitation_address_check
        CHECK (char_length(address) BETWEEN 3 AND 254 AND address = lower(address) OR status = 'excluded');
CREATE UNIQUE INDEX survey_invitation_person_key
    ON survey_invitation (district_id, survey_id, coalesce(contact_id, user_id)) WHERE address IS NULL;
ALTER TABLE survey_answer DROP CONSTRAINT survey_answer_district_id_fkey;

ALTER TABLE message DROP CONSTRAINT message_reason_check;
ALTER TABLE message ADD CONSTRAINT message_reason_check CHECK (status <> 'suppressed' OR reason IS NOT NULL
    AND reason IN ('opted_out', 'bounced', 'no_email', 'already_done', 'left_org', 'stale', 'blackout', 'rate_limited',
                   'moved', 'cancelled', 'no_consent', 'snoozed', 'passed_on', 'duplicate_address'));

-- How far kith-survey has come with a survey, so that a turn looks at nothing twice: when it last looked whom it asks, up
-- to which invitation it has decided the mails and the reminders (of those rules), and whether it has withdrawn all.
CREATE TABLE survey_look (
    district_id uuid NOT NULL,
    survey_id uuid NOT NULL,
    looked_at timestamptz NOT NULL,
    mailed_at timestamptz, -- the invitation's created_at and id
    mailed_id uuid,
    rules text,
    reminded_at timestamptz,
    reminded_id uuid,
    is_quiet boolean NOT NULL DEFAULT false, -- it is not open, and no mail of it waits
    CONSTRAINT survey_look_pkey PRIMARY KEY (district_id, survey_id),
    CONSTRAINT survey_look_survey_id_fkey FOREIGN KEY (district_id, survey_id)
        REFERENCES survey (district_id, id)
);
RESET ROLE;

INSERT INTO survey_look (district_id, survey_id, looked_at)
SELECT s.district_id, s.id, s.opened_at FROM survey s WHERE s.status IN ('open', 'paused') AND s.opened_at IS NOT NULL;

SET ROLE kith_owner;
GRANT SELECT, UPDATE ON survey_look TO kith_survey;
RESET ROLE;
