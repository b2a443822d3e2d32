-- How partners come and are kept: champions, inquiries, introductions, the yearly roll call, and records of
-- one partner that become one.

SET ROLE kith_owner;

-- Private: people with influence who speak for the schools.
CREATE TABLE champion (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    influence text,
    support_asked text,
    support_given text,
    milestone text,
    milestone_due_on date,
    milestone_on date,
    status text NOT NULL DEFAULT 'identified',
    status_reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT champion_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT champion_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT champion_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT champion_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT champion_influence_check CHECK (char_length(influence) <= 10000),
    CONSTRAINT champion_support_asked_check CHECK (char_length(support_asked) <= 10000),
    CONSTRAINT champion_support_given_check CHECK (char_length(support_given) <= 10000),
    CONSTRAINT champion_milestone_check CHECK (char_length(milestone) <= 10000),
    CONSTRAINT champion_milestone_on_check CHECK ((status = 'reached') = (milestone_on IS NOT NULL)),
    CONSTRAINT champion_status_check CHECK (status IN (
        'identified', 'cultivating', 'asked', 'supporting', 'reached', 'lapsed')),
    CONSTRAINT champion_status_reason_check CHECK (char_length(status_reason) <= 10000)
);
CREATE UNIQUE INDEX champion_contact_id_key ON champion (district_id, contact_id) WHERE archived_at IS NULL;
CREATE INDEX champion_contact_id ON champion (district_id, contact_id, created_at, id);
CREATE INDEX champion_owner_id ON champion (district_id, owner_id, created_at, id);
CREATE INDEX champion_status ON champion (district_id, status, created_at, id);
CREATE INDEX champion_milestone_due_on ON champion (district_id, milestone_due_on, created_at, id);
CREATE INDEX champion_updated_at ON champion (district_id, updated_at, id);
CREATE INDEX champion_created_at ON champion (district_id, created_at, id);

CREATE TABLE champion_step (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    champion_id uuid NOT NULL,
    on_date date NOT NULL,
    kind text NOT NULL,
    note text,
    user_id uuid,
    is_done boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT champion_step_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT champion_step_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT champion_step_champion_id_fkey FOREIGN KEY (district_id, champion_id)
        REFERENCES champion (district_id, id),
    CONSTRAINT champion_step_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT champion_step_kind_check CHECK (kind IN ('meeting', 'call', 'visit', 'ask', 'thanks', 'other')),
    CONSTRAINT champion_step_note_check CHECK (char_length(note) <= 10000)
);
CREATE INDEX champion_step_champion_id ON champion_step (district_id, champion_id, on_date, id);
CREATE INDEX champion_step_on_date ON champion_step (district_id, on_date, id);
CREATE INDEX champion_step_user_id ON champion_step (district_id, user_id, on_date, id);
CREATE INDEX champion_step_updated_at ON champion_step (district_id, updated_at, id);
CREATE INDEX champion_step_created_at ON champion_step (district_id, created_at, id);

CREATE TABLE inquiry (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    organization text NOT NULL,
    name text NOT NULL,
    email text,
    phone text,
    website text,
    message text NOT NULL,
    kind text,
    offer_kind text,
    site_id uuid,
    source text NOT NULL DEFAULT 'staff',
    answer_by date NOT NULL,
    owner_id uuid,
    answer text,
    answered_at timestamptz,
    partner_id uuid, -- that it became
    contact_id uuid,
    offer_id uuid,
    status text NOT NULL DEFAULT 'new',
    status_reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT inquiry_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT inquiry_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT inquiry_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT inquiry_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT inquiry_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT inquiry_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT inquiry_offer_id_fkey FOREIGN KEY (district_id, offer_id)
        REFERENCES offer (district_id, id),
    CONSTRAINT inquiry_organization_check CHECK (char_length(organization) BETWEEN 1 AND 200),
    CONSTRAINT inquiry_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT inquiry_email_check CHECK (char_length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    CONSTRAINT inquiry_phone_check CHECK (char_length(phone) <= 255),
    CONSTRAINT inquiry_website_check CHECK (char_length(website) <= 2000),
    CONSTRAINT inquiry_message_check CHECK (char_length(message) BETWEEN 1 AND 10000),
    CONSTRAINT inquiry_kind_check CHECK (kind IN ('business', 'nonprofit', 'higher_ed', 'faith_based', 'government',
        'service_center', 'civic', 'other')),
    CONSTRAINT inquiry_offer_kind_check CHECK (offer_kind IN ('money', 'space', 'staff_time', 'volunteers',
        'equipment', 'software', 'training', 'internships', 'mentors', 'food', 'other')),
    CONSTRAINT inquiry_source_check CHECK (source IN ('public', 'staff')),
    CONSTRAINT inquiry_answer_check CHECK (char_length(answer) <= 10000),
    CONSTRAINT inquiry_status_check CHECK (status IN (
        'new', 'assigned', 'answered', 'converted', 'declined', 'spam')),
    CONSTRAINT inquiry_partner_id_check CHECK ((status = 'converted') = (partner_id IS NOT NULL)),
    CONSTRAINT inquiry_status_reason_check CHECK (char_length(status_reason) <= 10000)
);
CREATE INDEX inquiry_status ON inquiry (district_id, status, answer_by, id);
CREATE INDEX inquiry_source ON inquiry (district_id, source, answer_by, id);
CREATE INDEX inquiry_owner_id ON inquiry (district_id, owner_id, answer_by, id);
CREATE INDEX inquiry_site_id ON inquiry (district_id, site_id, answer_by, id);
CREATE INDEX inquiry_partner_id ON inquiry (district_id, partner_id, answer_by, id);
CREATE INDEX inquiry_answer_by ON inquiry (district_id, answer_by, id);
CREATE INDEX inquiry_updated_at ON inquiry (district_id, updated_at, id);
CREATE INDEX inquiry_created_at ON inquiry (district_id, created_at, id);

CREATE TABLE introduction (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL,
    site_id uuid NOT NULL,
    contact_id uuid,
    introduced_by_user_id uuid,
    introduced_by_contact_id uuid,
    on_date date NOT NULL,
    outcome text NOT NULL DEFAULT 'pending',
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT introduction_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT introduction_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT introduction_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT introduction_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT introduction_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT introduction_introduced_by_user_id_fkey FOREIGN KEY (district_id, introduced_by_user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT introduction_introduced_by_contact_id_fkey FOREIGN KEY (district_id, introduced_by_contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT introduction_outcome_check CHECK (outcome IN ('pending', 'met', 'partnership', 'none')),
    CONSTRAINT introduction_introduced_by_contact_id_check CHECK (introduced_by_user_id IS NULL OR introduced_by_contact_id IS NULL),
    CONSTRAINT introduction_note_check CHECK (char_length(note) <= 10000)
);
CREATE INDEX introduction_partner_id ON introduction (district_id, partner_id, on_date, id);
CREATE INDEX introduction_site_id ON introduction (district_id, site_id, on_date, id);
CREATE INDEX introduction_outcome ON introduction (district_id, outcome, on_date, id);
CREATE INDEX introduction_on_date ON introduction (district_id, on_date, id);
CREATE INDEX introduction_contact_id ON introduction (district_id, contact_id, on_date, id);
CREATE INDEX introduction_introduced_by_user_id ON introduction (district_id, introduced_by_user_id, on_date, id);
CREATE INDEX introduction_introduced_by_contact_id ON introduction (district_id, introduced_by_contact_id, on_date, id);
CREATE INDEX introduction_updated_at ON introduction (district_id, updated_at, id);
CREATE INDEX introduction_created_at ON introduction (district_id, created_at, id);

CREATE TABLE roll_call (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    school_year bigint NOT NULL,
    due_on date NOT NULL,
    status text NOT NULL DEFAULT 'open',
    status_reason text,
    submitted_by uuid,
    submitted_at timestamptz,
    confirmed_by uuid,
    confirmed_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT roll_call_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT roll_call_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT roll_call_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT roll_call_submitted_by_fkey FOREIGN KEY (district_id, submitted_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT roll_call_confirmed_by_fkey FOREIGN KEY (district_id, confirmed_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT roll_call_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT roll_call_status_check CHECK (status IN ('open', 'submitted', 'confirmed')),
    CONSTRAINT roll_call_status_reason_check CHECK (char_length(status_reason) <= 10000)
);
CREATE UNIQUE INDEX roll_call_school_year_key ON roll_call (district_id, site_id, school_year)
    WHERE archived_at IS NULL;
CREATE INDEX roll_call_site_id ON roll_call (district_id, site_id, due_on, id);
CREATE INDEX roll_call_school_year ON roll_call (district_id, school_year, due_on, id);
CREATE INDEX roll_call_status ON roll_call (district_id, status, due_on, id);
CREATE INDEX roll_call_due_on ON roll_call (district_id, due_on, id);
CREATE INDEX roll_call_updated_at ON roll_call (district_id, updated_at, id);
CREATE INDEX roll_call_created_at ON roll_call (district_id, created_at, id);

CREATE TABLE roll_call_mark (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    roll_call_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    mark text,
    note text,
    is_added boolean NOT NULL DEFAULT false, -- by the school
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT roll_call_mark_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT roll_call_mark_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT roll_call_mark_roll_call_id_fkey FOREIGN KEY (district_id, roll_call_id)
        REFERENCES roll_call (district_id, id),
    CONSTRAINT roll_call_mark_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT roll_call_mark_mark_check CHECK (mark IN ('still_here', 'ended', 'wrong')),
    CONSTRAINT roll_call_mark_note_check CHECK (char_length(note) <= 10000)
);
CREATE UNIQUE INDEX roll_call_mark_partner_id_key ON roll_call_mark (district_id, roll_call_id, partner_id)
    WHERE archived_at IS NULL;
CREATE INDEX roll_call_mark_roll_call_id ON roll_call_mark (district_id, roll_call_id, created_at, id);
CREATE INDEX roll_call_mark_partner_id ON roll_call_mark (district_id, partner_id, created_at, id);
CREATE INDEX roll_call_mark_mark ON roll_call_mark (district_id, mark, created_at, id);
CREATE INDEX roll_call_mark_updated_at ON roll_call_mark (district_id, updated_at, id);
CREATE INDEX roll_call_mark_created_at ON roll_call_mark (district_id, created_at, id);

-- What became of the records that were merged, so that it can be undone.
CREATE TABLE partner_merge (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    partner_id uuid NOT NULL, -- that is left
    merged uuid[] NOT NULL,
    user_id uuid,
    reason text,
    changes jsonb NOT NULL,
    undone_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT partner_merge_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT partner_merge_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT partner_merge_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT partner_merge_user_id_fkey FOREIGN KEY (district_id, user_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT partner_merge_reason_check CHECK (char_length(reason) <= 10000)
);
CREATE INDEX partner_merge_partner_id ON partner_merge (district_id, partner_id, created_at, id);
CREATE INDEX partner_merge_updated_at ON partner_merge (district_id, updated_at, id);
CREATE INDEX partner_merge_created_at ON partner_merge (district_id, created_at, id);

GRANT SELECT, INSERT, UPDATE ON champion, champion_step, inquiry, introduction, roll_call, roll_call_mark
    TO kith_api;
GRANT SELECT ON partner_merge TO kith_api;

RESET ROLE;
