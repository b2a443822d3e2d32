-- Whom a wave asks, and how: people of a saved filter beside the leads of relationships, whoever has the public link,
-- when it opens and reminds; and answers that nobody can join to a person, which have no time and no version.

SET ROLE kith_owner;

ALTER TABLE survey
    DROP CONSTRAINT survey_mode_check,
    ADD CONSTRAINT survey_mode_check CHECK (mode IN ('attributed', 'confidential', 'anonymous')),
    ADD COLUMN audience text, -- as whom they answer who are not asked as a side of a relationship
    ADD COLUMN contact_filter_id uuid, -- asks these alone
    ADD COLUMN user_filter_id uuid,
    ADD COLUMN late_joiners text NOT NULL DEFAULT 'invite',
    ADD COLUMN opening_hour bigint, -- local; NULL: the district's hour for mails
    ADD COLUMN reminder_days bigint[] NOT NULL DEFAULT '{3,0}', -- before its last day
    ADD COLUMN asks_site boolean NOT NULL DEFAULT false, -- whoever answers says about which site
    ADD COLUMN is_sensitive boolean NOT NULL DEFAULT false, -- its questions touch what 20 U.S.C. 1232h protects
    ADD COLUMN consent_note text, -- how parents were told, or consented
    ADD COLUMN public_edition bigint NOT NULL DEFAULT 0, -- of its public link, which follows from it
    ADD COLUMN public_token_hash text, -- SHA-256 in hexadecimal; NULL: it has no public link
    ADD COLUMN public_hourly bigint NOT NULL DEFAULT 500, -- answers by it, at most
    ADD COLUMN public_total bigint NOT NULL DEFAULT 20000,
    ADD COLUMN counted_at timestamptz, -- of an anonymous one: its answers are told
    ADD CONSTRAINT survey_contact_filter_id_fkey FOREIGN KEY (district_id, contact_filter_id)
        REFERENCES saved_filter (district_id, id),
    ADD CONSTRAINT survey_user_filter_id_fkey FOREIGN KEY (district_id, user_filter_id)
        REFERENCES saved_filter (district_id, id),
    ADD CONSTRAINT survey_audience_check
        CHECK (audience IN ('district', 'partner', 'family', 'student', 'staff')),
    ADD CONSTRAINT survey_late_joiners_check CHECK (late_joiners IN ('invite', 'leave_out')),
    ADD CONSTRAINT survey_opening_hour_check CHECK (opening_hour BETWEEN 0 AND 23),
    ADD CONSTRAINT survey_reminder_days_check
        CHECK (cardinality(reminder_days) <= 5 AND 0 <= ALL (reminder_days) AND 60 >= ALL (reminder_days)
               AND array_position(reminder_days, NULL) IS NULL),
    ADD CONSTRAINT survey_consent_note_check CHECK (char_length(consent_note) BETWEEN 1 AND 10000),
    ADD CONSTRAINT survey_public_edition_check CHECK (public_edition >= 0),
    ADD CONSTRAINT survey_public_token_hash_check CHECK (public_token_hash ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT survey_public_hourly_check CHECK (public_hourly BETWEEN 1 AND 100000),
    ADD CONSTRAINT survey_public_total_check CHECK (public_total BETWEEN 1 AND 1000000);
CREATE UNIQUE INDEX survey_public_token_hash_key ON survey (district_id, public_token_hash)
    WHERE public_token_hash IS NOT NULL;

ALTER TABLE survey_invitation
    ADD COLUMN audience text,
    ADD CONSTRAINT survey_invitation_audience_check
        CHECK (audience IN ('district', 'partner', 'family', 'student', 'staff'));

-- About a relationship, or about none: then it is one of the invitation's, and may be about a site.
ALTER TABLE survey_answer
    ALTER COLUMN survey_invitation_id DROP NOT NULL, -- by the public link
    ALTER COLUMN partnership_id DROP NOT NULL,
    ALTER COLUMN side DROP NOT NULL,
    ADD COLUMN audience text,
    ADD COLUMN site_id uuid,
    ADD CONSTRAINT survey_answer_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    ADD CONSTRAINT survey_answer_audience_check
        CHECK (audience IN ('district', 'partner', 'family', 'student', 'staff')
               AND (partnership_id IS NULL OR side IS NOT NULL)
               AND (survey_invitation_id IS NOT NULL OR partnership_id IS NULL));
CREATE UNIQUE INDEX survey_answer_survey_invitation_id_key ON survey_answer (district_id, survey_invitation_id)
    WHERE partnership_id IS NULL AND survey_invitation_id IS NOT NULL;

-- Written once, all of a survey's in one transaction and in an order of chance, when it is closed (86_survey_seal.sql).
CREATE TABLE survey_anonymous_answer (
    district_id uuid NOT NULL,
    id uuid NOT NULL, -- of chance: UUIDv7 would tell the time
    survey_id uuid NOT NULL,
    partner_id uuid, -- this and what follows only as far as enough others say the same
    partnership_kind text,
    site_id uuid,
    side text,
    audience text,
    answers jsonb NOT NULL,
    CONSTRAINT survey_anonymous_answer_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT survey_anonymous_answer_survey_id_fkey FOREIGN KEY (district_id, survey_id)
        REFERENCES survey (district_id, id),
    CONSTRAINT survey_anonymous_answer_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT survey_anonymous_answer_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT survey_anonymous_answer_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT survey_anonymous_answer_audience_check
        CHECK (audience IN ('district', 'partner', 'family', 'student', 'staff')),
    CONSTRAINT survey_anonymous_answer_answers_check CHECK (jsonb_typeof(answers) = 'object')
);
CREATE INDEX survey_anonymous_answer_survey_id ON survey_anonymous_answer (district_id, survey_id);

-- How many answers a public link has brought: no more than a number tells of whom.
CREATE TABLE survey_public_use (
    district_id uuid NOT NULL,
    survey_id uuid NOT NULL,
    hour timestamptz NOT NULL, -- the last one in which one came
    in_hour bigint NOT NULL,
    total bigint NOT NULL,
    CONSTRAINT survey_public_use_pkey PRIMARY KEY (district_id, survey_id),
    CONSTRAINT survey_public_use_survey_id_fkey FOREIGN KEY (district_id, survey_id)
        REFERENCES survey (district_id, id)
);

GRANT SELECT ON survey_anonymous_answer TO kith_api, kith_survey;
GRANT SELECT ON saved_filter TO kith_survey;

RESET ROLE;
