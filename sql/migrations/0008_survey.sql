-- Asking both sides how the relationship is: instruments, waves of them, who is asked, and what they
-- answered. Statuses change by actions alone: see transitions().

SET ROLE kith_owner;

-- A published version never changes: what was asked stays what was answered.
CREATE TABLE instrument (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    edition bigint NOT NULL,
    name text NOT NULL,
    locales text[] NOT NULL,
    questions jsonb NOT NULL, -- [{"code", "kind", "factor", "section", "required", "text": {locale: …}}]
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT instrument_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT instrument_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT instrument_edition_key UNIQUE (district_id, code, edition),
    CONSTRAINT instrument_code_check CHECK (code ~ '^[a-z0-9_]{1,64}$'),
    CONSTRAINT instrument_edition_check CHECK (edition >= 1),
    CONSTRAINT instrument_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT instrument_locales_check CHECK (cardinality(locales) BETWEEN 1 AND 100),
    CONSTRAINT instrument_questions_check
        CHECK (jsonb_typeof(questions) = 'array' AND jsonb_array_length(questions) BETWEEN 1 AND 200)
);
CREATE INDEX instrument_name ON instrument (district_id, name, id);
CREATE INDEX instrument_code ON instrument (district_id, code, name, id);
CREATE INDEX instrument_updated_at ON instrument (district_id, updated_at, id);
CREATE INDEX instrument_created_at ON instrument (district_id, created_at, id);

CREATE TABLE survey (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    instrument_id uuid NOT NULL,
    mode text NOT NULL DEFAULT 'confidential',
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    school_year bigint NOT NULL, -- the year in which it ends
    opens_on date NOT NULL,
    closes_on date NOT NULL, -- to 23:59:59 of this day, local
    opened_at timestamptz,
    closed_at timestamptz,
    asks_district boolean NOT NULL DEFAULT true, -- the leads of which sides are asked
    asks_partner boolean NOT NULL DEFAULT true,
    partner_id uuid, -- asks about this partner's relationships alone
    site_id uuid,    -- about this site's alone
    introduction text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT survey_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT survey_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT survey_instrument_id_fkey FOREIGN KEY (district_id, instrument_id)
        REFERENCES instrument (district_id, id),
    CONSTRAINT survey_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT survey_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT survey_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT survey_mode_check CHECK (mode IN ('attributed', 'confidential')),
    CONSTRAINT survey_status_check
        CHECK (status IN ('draft', 'scheduled', 'open', 'paused', 'closed', 'cancelled')),
    CONSTRAINT survey_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT survey_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT survey_closes_on_check CHECK (closes_on >= opens_on),
    CONSTRAINT survey_asks_partner_check CHECK (asks_district OR asks_partner),
    CONSTRAINT survey_introduction_check CHECK (char_length(introduction) <= 10000)
);
CREATE INDEX survey_opens_on ON survey (district_id, opens_on, id);
CREATE INDEX survey_closes_on ON survey (district_id, closes_on, id);
CREATE INDEX survey_status ON survey (district_id, status, opens_on, id);
CREATE INDEX survey_instrument_id ON survey (district_id, instrument_id, opens_on, id);
CREATE INDEX survey_school_year ON survey (district_id, school_year, opens_on, id);
CREATE INDEX survey_updated_at ON survey (district_id, updated_at, id);
CREATE INDEX survey_created_at ON survey (district_id, created_at, id);

-- One a survey and address, however many relationships the person has.
CREATE TABLE survey_invitation (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    survey_id uuid NOT NULL,
    address text NOT NULL, -- lower case
    user_id uuid,          -- who it is: of the district,
    contact_id uuid,       -- or of a partner
    status text NOT NULL DEFAULT 'invited',
    reason text, -- of one that is excluded
    reminders bigint NOT NULL DEFAULT 0,
    answered_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT survey_invitation_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT survey_invitation_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT survey_invitation_survey_id_fkey FOREIGN KEY (district_id, survey_id)
        REFERENCES survey (district_id, id),
    CONSTRAINT survey_invitation_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT survey_invitation_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT survey_invitation_address_key UNIQUE (district_id, survey_id, address),
    CONSTRAINT survey_invitation_address_check
        CHECK (char_length(address) BETWEEN 3 AND 254 AND address = lower(address)),
    CONSTRAINT survey_invitation_contact_id_check CHECK ((user_id IS NULL) <> (contact_id IS NULL)),
    CONSTRAINT survey_invitation_status_check CHECK (status IN ('invited', 'partial', 'answered',
        'bounced', 'declined', 'delegated', 'left_org', 'excluded')),
    CONSTRAINT survey_invitation_reason_check CHECK ((status = 'excluded') = (reason IS NOT NULL)),
    CONSTRAINT survey_invitation_reminders_check CHECK (reminders BETWEEN 0 AND 100)
);
CREATE INDEX survey_invitation_survey_id
    ON survey_invitation (district_id, survey_id, created_at, id);
CREATE INDEX survey_invitation_status ON survey_invitation (district_id, status, created_at, id);
CREATE INDEX survey_invitation_user_id ON survey_invitation (district_id, user_id, created_at, id);
CREATE INDEX survey_invitation_contact_id
    ON survey_invitation (district_id, contact_id, created_at, id);
CREATE INDEX survey_invitation_updated_at ON survey_invitation (district_id, updated_at, id);
CREATE INDEX survey_invitation_created_at ON survey_invitation (district_id, created_at, id);

-- The relationships that an invitation asks about, and the answers to each. No resource shows them:
-- survey_results() tells what may be told.
CREATE TABLE survey_answer (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    survey_id uuid NOT NULL,
    survey_invitation_id uuid NOT NULL,
    partnership_id uuid NOT NULL,
    side text NOT NULL, -- of who answers
    status text NOT NULL DEFAULT 'asked',
    answers jsonb NOT NULL DEFAULT '{}', -- {question's code: answer}
    submitted_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT survey_answer_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT survey_answer_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT survey_answer_survey_id_fkey FOREIGN KEY (district_id, survey_id)
        REFERENCES survey (district_id, id),
    CONSTRAINT survey_answer_survey_invitation_id_fkey
        FOREIGN KEY (district_id, survey_invitation_id) REFERENCES survey_invitation (district_id, id),
    CONSTRAINT survey_answer_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT survey_answer_partnership_id_key
        UNIQUE (district_id, survey_invitation_id, partnership_id),
    CONSTRAINT survey_answer_side_check CHECK (side IN ('district', 'partner')),
    CONSTRAINT survey_answer_status_check CHECK (status IN ('asked', 'partial', 'submitted')),
    CONSTRAINT survey_answer_answers_check CHECK (jsonb_typeof(answers) = 'object')
);
CREATE INDEX survey_answer_survey_id ON survey_answer (district_id, survey_id, partnership_id);

GRANT SELECT ON instrument TO kith_api;
GRANT SELECT, INSERT, UPDATE ON survey, survey_invitation, survey_answer TO kith_api;
GRANT SELECT ON instrument, partnership, partnership_role, partnership_site, partner, site, contact,
    app_user, district TO kith_survey;
GRANT SELECT, UPDATE ON survey TO kith_survey;
GRANT SELECT, INSERT, UPDATE ON survey_invitation, survey_answer TO kith_survey;

RESET ROLE;
