-- Recognition: donees and gifts, thanks, letters for taxes, awards, stories, and bulletins of needs.

SET ROLE kith_owner;

CREATE TABLE donee (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    ein text,
    site_id uuid,
    signer text,
    street text,
    city text,
    state text,
    postal_code text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT donee_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT donee_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT donee_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT donee_kind_check CHECK (kind IN ('district', 'foundation', 'pta', 'other')),
    CONSTRAINT donee_ein_check CHECK (ein ~ '^[0-9]{9}$'),
    CONSTRAINT donee_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT donee_signer_check CHECK (char_length(signer) <= 255),
    CONSTRAINT donee_street_check CHECK (char_length(street) <= 255),
    CONSTRAINT donee_city_check CHECK (char_length(city) <= 255),
    CONSTRAINT donee_state_check CHECK (char_length(state) <= 255),
    CONSTRAINT donee_postal_code_check CHECK (char_length(postal_code) <= 255)
);
CREATE INDEX donee_kind ON donee (district_id, kind, name, id);
CREATE INDEX donee_site_id ON donee (district_id, site_id, name, id);
CREATE INDEX donee_ein ON donee (district_id, ein, name, id);
CREATE INDEX donee_city ON donee (district_id, city, name, id);
CREATE INDEX donee_name ON donee (district_id, name, id);
CREATE INDEX donee_updated_at ON donee (district_id, updated_at, id);
CREATE INDEX donee_created_at ON donee (district_id, created_at, id);

CREATE TABLE gift (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    donee_id uuid NOT NULL,
    partner_id uuid,
    contact_id uuid,
    partnership_id uuid,
    title text NOT NULL,
    kind text NOT NULL,
    amount_cents bigint,
    value_cents bigint,
    description text,
    offered_on date NOT NULL,
    purpose text,
    site_id uuid,
    restricted_until date,
    return_description text,
    return_cents bigint,
    return_is_religious boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'offered',
    status_reason text,
    accepted_on date,
    accepted_by uuid,
    accepted_as text,
    board_on date,
    board_item text,
    received_on date,
    investment_id uuid,
    thanked boolean,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT gift_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT gift_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT gift_donee_id_fkey FOREIGN KEY (district_id, donee_id)
        REFERENCES donee (district_id, id),
    CONSTRAINT gift_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT gift_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT gift_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT gift_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT gift_kind_check CHECK (kind IN ('cash', 'goods', 'services', 'staff_time', 'space')),
    CONSTRAINT gift_amount_cents_check CHECK ((kind = 'cash') = (amount_cents IS NOT NULL) AND amount_cents BETWEEN 1 AND 1000000000000),
    CONSTRAINT gift_value_cents_check CHECK ((kind <> 'cash' OR value_cents IS NULL) AND value_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT gift_description_check CHECK (char_length(description) <= 10000),
    CONSTRAINT gift_purpose_check CHECK (char_length(purpose) <= 10000),
    CONSTRAINT gift_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT gift_return_description_check CHECK (char_length(return_description) <= 10000),
    CONSTRAINT gift_return_cents_check CHECK ((return_cents IS NULL OR coalesce(return_description, '') ~ '\S') AND return_cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT gift_status_check CHECK (status IN ('offered', 'accepted', 'received', 'refused', 'withdrawn')),
    CONSTRAINT gift_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT gift_accepted_by_fkey FOREIGN KEY (district_id, accepted_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT gift_accepted_as_check CHECK (accepted_as IN ('principal', 'department_head', 'director', 'superintendent', 'board')),
    CONSTRAINT gift_board_item_check CHECK (char_length(board_item) <= 255),
    CONSTRAINT gift_received_on_check CHECK ((received_on IS NULL) = (status <> 'received')),
    CONSTRAINT gift_investment_id_fkey FOREIGN KEY (district_id, investment_id)
        REFERENCES investment (district_id, id),
    CONSTRAINT gift_partner_id_check CHECK (num_nonnulls(partner_id, contact_id) >= 1)
);
CREATE UNIQUE INDEX gift_investment_id_key
    ON gift (district_id, investment_id) WHERE investment_id IS NOT NULL;
CREATE INDEX gift_donee_id ON gift (district_id, donee_id, created_at, id);
CREATE INDEX gift_partner_id ON gift (district_id, partner_id, created_at, id);
CREATE INDEX gift_contact_id ON gift (district_id, contact_id, created_at, id);
CREATE INDEX gift_partnership_id ON gift (district_id, partnership_id, created_at, id);
CREATE INDEX gift_kind ON gift (district_id, kind, created_at, id);
CREATE INDEX gift_site_id ON gift (district_id, site_id, created_at, id);
CREATE INDEX gift_offered_on ON gift (district_id, offered_on, created_at, id);
CREATE INDEX gift_status ON gift (district_id, status, created_at, id);
CREATE INDEX gift_received_on ON gift (district_id, received_on, created_at, id);
CREATE INDEX gift_thanked ON gift (district_id, thanked, created_at, id);
CREATE INDEX gift_created_at ON gift (district_id, created_at, id);
CREATE INDEX gift_updated_at ON gift (district_id, updated_at, id);

CREATE TABLE thank_you (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    occasion text NOT NULL,
    partner_id uuid,
    contact_id uuid,
    partnership_id uuid,
    gift_id uuid,
    milestone_id uuid,
    school_year bigint,
    locale text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    owner_id uuid,
    due_on date,
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    way text,
    given_on date,
    note text,
    message_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT thank_you_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT thank_you_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT thank_you_occasion_check CHECK (occasion IN ('gift', 'milestone', 'year', 'event', 'other')),
    CONSTRAINT thank_you_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT thank_you_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT thank_you_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT thank_you_gift_id_fkey FOREIGN KEY (district_id, gift_id)
        REFERENCES gift (district_id, id),
    CONSTRAINT thank_you_milestone_id_fkey FOREIGN KEY (district_id, milestone_id)
        REFERENCES milestone (district_id, id),
    CONSTRAINT thank_you_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT thank_you_locale_check CHECK (char_length(locale) BETWEEN 2 AND 35),
    CONSTRAINT thank_you_subject_check CHECK (char_length(subject) BETWEEN 1 AND 255),
    CONSTRAINT thank_you_text_check CHECK (char_length(text) BETWEEN 1 AND 10000),
    CONSTRAINT thank_you_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT thank_you_status_check CHECK (status IN ('draft', 'sent', 'given', 'dropped')),
    CONSTRAINT thank_you_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT thank_you_way_check CHECK (way IN ('mail', 'letter', 'call', 'event')),
    CONSTRAINT thank_you_note_check CHECK (char_length(note) <= 10000),
    CONSTRAINT thank_you_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT thank_you_partner_id_check CHECK (num_nonnulls(partner_id, contact_id) >= 1)
);
CREATE UNIQUE INDEX thank_you_gift_id_key
    ON thank_you (district_id, gift_id) WHERE gift_id IS NOT NULL AND status <> 'dropped' AND archived_at IS NULL;
CREATE UNIQUE INDEX thank_you_milestone_id_key
    ON thank_you (district_id, milestone_id) WHERE milestone_id IS NOT NULL AND status <> 'dropped' AND archived_at IS NULL;
CREATE UNIQUE INDEX thank_you_school_year_key
    ON thank_you (district_id, partnership_id, school_year) WHERE occasion = 'year' AND status <> 'dropped' AND archived_at IS NULL;
CREATE INDEX thank_you_occasion ON thank_you (district_id, occasion, created_at, id);
CREATE INDEX thank_you_partner_id ON thank_you (district_id, partner_id, created_at, id);
CREATE INDEX thank_you_contact_id ON thank_you (district_id, contact_id, created_at, id);
CREATE INDEX thank_you_partnership_id ON thank_you (district_id, partnership_id, created_at, id);
CREATE INDEX thank_you_gift_id ON thank_you (district_id, gift_id, created_at, id);
CREATE INDEX thank_you_milestone_id ON thank_you (district_id, milestone_id, created_at, id);
CREATE INDEX thank_you_owner_id ON thank_you (district_id, owner_id, created_at, id);
CREATE INDEX thank_you_due_on ON thank_you (district_id, due_on, created_at, id);
CREATE INDEX thank_you_status ON thank_you (district_id, status, created_at, id);
CREATE INDEX thank_you_created_at ON thank_you (district_id, created_at, id);
CREATE INDEX thank_you_updated_at ON thank_you (district_id, updated_at, id);

CREATE TABLE tax_document (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    donee_id uuid NOT NULL,
    partner_id uuid,
    contact_id uuid,
    gift_id uuid,
    year bigint NOT NULL,
    number text,
    status text NOT NULL DEFAULT 'draft',
    locale text NOT NULL,
    donor text NOT NULL,
    text text NOT NULL,
    total_cents bigint NOT NULL,
    issued_on date,
    issued_by uuid,
    sent_at timestamptz,
    message_id uuid,
    replaces_id uuid,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT tax_document_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT tax_document_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT tax_document_kind_check CHECK (kind IN ('acknowledgment', 'summary')),
    CONSTRAINT tax_document_donee_id_fkey FOREIGN KEY (district_id, donee_id)
        REFERENCES donee (district_id, id),
    CONSTRAINT tax_document_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT tax_document_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT tax_document_gift_id_fkey FOREIGN KEY (district_id, gift_id)
        REFERENCES gift (district_id, id),
    CONSTRAINT tax_document_year_check CHECK (year BETWEEN 2000 AND 2100),
    CONSTRAINT tax_document_number_check CHECK (char_length(number) BETWEEN 1 AND 64),
    CONSTRAINT tax_document_status_check CHECK (status IN ('draft', 'issued', 'sent', 'replaced', 'discarded')),
    CONSTRAINT tax_document_locale_check CHECK (char_length(locale) BETWEEN 2 AND 35),
    CONSTRAINT tax_document_donor_check CHECK (char_length(donor) BETWEEN 1 AND 255),
    CONSTRAINT tax_document_text_check CHECK (char_length(text) BETWEEN 1 AND 60000),
    CONSTRAINT tax_document_issued_by_fkey FOREIGN KEY (district_id, issued_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT tax_document_message_id_fkey FOREIGN KEY (district_id, message_id)
        REFERENCES message (district_id, id),
    CONSTRAINT tax_document_replaces_id_fkey FOREIGN KEY (district_id, replaces_id)
        REFERENCES tax_document (district_id, id),
    CONSTRAINT tax_document_reason_check CHECK (char_length(reason) <= 10000),
    CONSTRAINT tax_document_gift_id_check CHECK ((kind = 'acknowledgment') = (gift_id IS NOT NULL)),
    CONSTRAINT tax_document_partner_id_check CHECK (num_nonnulls(partner_id, contact_id) >= 1),
    CONSTRAINT tax_document_issued_on_check CHECK ((issued_on IS NULL) = (status IN ('draft', 'discarded')))
);
CREATE UNIQUE INDEX tax_document_number_key
    ON tax_document (district_id, donee_id, number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX tax_document_gift_id_key
    ON tax_document (district_id, gift_id) WHERE gift_id IS NOT NULL AND status <> 'replaced' AND archived_at IS NULL;
CREATE UNIQUE INDEX tax_document_year_key
    ON tax_document (district_id, donee_id, coalesce(partner_id, contact_id), year) WHERE kind = 'summary' AND status <> 'replaced' AND archived_at IS NULL;
CREATE INDEX tax_document_kind ON tax_document (district_id, kind, created_at, id);
CREATE INDEX tax_document_donee_id ON tax_document (district_id, donee_id, created_at, id);
CREATE INDEX tax_document_partner_id ON tax_document (district_id, partner_id, created_at, id);
CREATE INDEX tax_document_contact_id ON tax_document (district_id, contact_id, created_at, id);
CREATE INDEX tax_document_gift_id ON tax_document (district_id, gift_id, created_at, id);
CREATE INDEX tax_document_year ON tax_document (district_id, year, created_at, id);
CREATE INDEX tax_document_status ON tax_document (district_id, status, created_at, id);
CREATE INDEX tax_document_created_at ON tax_document (district_id, created_at, id);
CREATE INDEX tax_document_updated_at ON tax_document (district_id, updated_at, id);

CREATE TABLE award (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    partner_id uuid,
    contact_id uuid,
    title text NOT NULL,
    citation text,
    school_year bigint NOT NULL,
    years bigint,
    given_on date NOT NULL,
    locale text NOT NULL,
    given_by text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT award_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT award_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT award_kind_check CHECK (kind IN ('award', 'certificate', 'service')),
    CONSTRAINT award_partner_id_fkey FOREIGN KEY (district_id, partner_id)
        REFERENCES partner (district_id, id),
    CONSTRAINT award_contact_id_fkey FOREIGN KEY (district_id, contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT award_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT award_citation_check CHECK (char_length(citation) <= 10000),
    CONSTRAINT award_school_year_check CHECK (school_year BETWEEN 2000 AND 2100),
    CONSTRAINT award_years_check CHECK (years BETWEEN 1 AND 200),
    CONSTRAINT award_locale_check CHECK (char_length(locale) BETWEEN 2 AND 35),
    CONSTRAINT award_given_by_check CHECK (char_length(given_by) <= 255),
    CONSTRAINT award_partner_id_check CHECK (num_nonnulls(partner_id, contact_id) = 1)
);
CREATE INDEX award_kind ON award (district_id, kind, created_at, id);
CREATE INDEX award_partner_id ON award (district_id, partner_id, created_at, id);
CREATE INDEX award_contact_id ON award (district_id, contact_id, created_at, id);
CREATE INDEX award_school_year ON award (district_id, school_year, created_at, id);
CREATE INDEX award_given_on ON award (district_id, given_on, created_at, id);
CREATE INDEX award_created_at ON award (district_id, created_at, id);
CREATE INDEX award_updated_at ON award (district_id, updated_at, id);

CREATE TABLE story (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    title text NOT NULL,
    summary text,
    text text NOT NULL,
    locale text NOT NULL,
    site_id uuid,
    owner_id uuid,
    shows_people boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    names_attested_at timestamptz,
    names_attested_by uuid,
    submitted_at timestamptz,
    approved_at timestamptz,
    approved_by uuid,
    published_at timestamptz,
    withdrawn_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT story_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT story_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT story_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT story_summary_check CHECK (char_length(summary) <= 500),
    CONSTRAINT story_text_check CHECK (char_length(text) BETWEEN 1 AND 20000),
    CONSTRAINT story_locale_check CHECK (char_length(locale) BETWEEN 2 AND 35),
    CONSTRAINT story_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT story_owner_id_fkey FOREIGN KEY (district_id, owner_id)
        REFERENCES app_user (district_id, id),
    CONSTRAINT story_status_check CHECK (status IN ('draft', 'review', 'approved', 'published', 'withdrawn')),
    CONSTRAINT story_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT story_names_attested_by_fkey FOREIGN KEY (district_id, names_attested_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT story_approved_by_fkey FOREIGN KEY (district_id, approved_by)
        REFERENCES app_user (district_id, id)
);
CREATE INDEX story_locale ON story (district_id, locale, created_at, id);
CREATE INDEX story_site_id ON story (district_id, site_id, created_at, id);
CREATE INDEX story_owner_id ON story (district_id, owner_id, created_at, id);
CREATE INDEX story_status ON story (district_id, status, created_at, id);
CREATE INDEX story_published_at ON story (district_id, published_at, created_at, id);
CREATE INDEX story_created_at ON story (district_id, created_at, id);
CREATE INDEX story_updated_at ON story (district_id, updated_at, id);

CREATE TABLE story_subject (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    story_id uuid NOT NULL,
    partnership_id uuid,
    site_id uuid,
    consent_on date,
    consent_contact_id uuid,
    consent_recorded_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT story_subject_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT story_subject_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT story_subject_story_id_fkey FOREIGN KEY (district_id, story_id)
        REFERENCES story (district_id, id),
    CONSTRAINT story_subject_partnership_id_fkey FOREIGN KEY (district_id, partnership_id)
        REFERENCES partnership (district_id, id),
    CONSTRAINT story_subject_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT story_subject_consent_contact_id_fkey FOREIGN KEY (district_id, consent_contact_id)
        REFERENCES contact (district_id, id),
    CONSTRAINT story_subject_consent_recorded_by_fkey FOREIGN KEY (district_id, consent_recorded_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT story_subject_partnership_id_check CHECK (num_nonnulls(partnership_id, site_id) = 1)
);
CREATE UNIQUE INDEX story_subject_partnership_id_key
    ON story_subject (district_id, story_id, coalesce(partnership_id, site_id)) WHERE archived_at IS NULL;
CREATE INDEX story_subject_story_id ON story_subject (district_id, story_id, created_at, id);
CREATE INDEX story_subject_partnership_id ON story_subject (district_id, partnership_id, created_at, id);
CREATE INDEX story_subject_site_id ON story_subject (district_id, site_id, created_at, id);
CREATE INDEX story_subject_created_at ON story_subject (district_id, created_at, id);
CREATE INDEX story_subject_updated_at ON story_subject (district_id, updated_at, id);

CREATE TABLE story_person (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    story_id uuid NOT NULL,
    name text NOT NULL,
    is_student boolean NOT NULL DEFAULT false,
    release_on date,
    release_attested_by uuid,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT story_person_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT story_person_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT story_person_story_id_fkey FOREIGN KEY (district_id, story_id)
        REFERENCES story (district_id, id),
    CONSTRAINT story_person_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT story_person_release_attested_by_fkey FOREIGN KEY (district_id, release_attested_by)
        REFERENCES app_user (district_id, id),
    CONSTRAINT story_person_note_check CHECK (char_length(note) <= 10000)
);
CREATE INDEX story_person_story_id ON story_person (district_id, story_id, created_at, id);
CREATE INDEX story_person_created_at ON story_person (district_id, created_at, id);
CREATE INDEX story_person_updated_at ON story_person (district_id, updated_at, id);

CREATE TABLE bulletin (
    district_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    saved_filter_id uuid NOT NULL,
    focus_area_id uuid,
    site_id uuid,
    texts jsonb NOT NULL,
    send_on date,
    stale_days bigint NOT NULL DEFAULT 7,
    status text NOT NULL DEFAULT 'draft',
    status_reason text,
    need_ids uuid[] NOT NULL DEFAULT '{}',
    sent_at timestamptz,
    queued bigint,
    suppressed bigint,
    scheduled_by uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    updated_at timestamptz NOT NULL DEFAULT current_setting('kith.now')::timestamptz,
    archived_at timestamptz,
    CONSTRAINT bulletin_pkey PRIMARY KEY (district_id, id),
    CONSTRAINT bulletin_district_id_fkey FOREIGN KEY (district_id) REFERENCES district (id),
    CONSTRAINT bulletin_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT bulletin_saved_filter_id_fkey FOREIGN KEY (district_id, saved_filter_id)
        REFERENCES saved_filter (district_id, id),
    CONSTRAINT bulletin_focus_area_id_fkey FOREIGN KEY (district_id, focus_area_id)
        REFERENCES focus_area (district_id, id),
    CONSTRAINT bulletin_site_id_fkey FOREIGN KEY (district_id, site_id)
        REFERENCES site (district_id, id),
    CONSTRAINT bulletin_stale_days_check CHECK (stale_days BETWEEN 1 AND 30),
    CONSTRAINT bulletin_status_check CHECK (status IN ('draft', 'scheduled', 'sent', 'cancelled')),
    CONSTRAINT bulletin_status_reason_check CHECK (char_length(status_reason) <= 10000),
    CONSTRAINT bulletin_scheduled_by_fkey FOREIGN KEY (district_id, scheduled_by)
        REFERENCES app_user (district_id, id)
);
CREATE INDEX bulletin_saved_filter_id ON bulletin (district_id, saved_filter_id, created_at, id);
CREATE INDEX bulletin_send_on ON bulletin (district_id, send_on, created_at, id);
CREATE INDEX bulletin_status ON bulletin (district_id, status, created_at, id);
CREATE INDEX bulletin_created_at ON bulletin (district_id, created_at, id);
CREATE INDEX bulletin_updated_at ON bulletin (district_id, updated_at, id);

-- That the public may read of it: neither a student nor what is inside matters stands in its title and description.
ALTER TABLE need ADD COLUMN is_public boolean NOT NULL DEFAULT false;

-- Bulletins go to those who asked for them; who did not is told apart from who declined.
ALTER TABLE message DROP CONSTRAINT message_reason_check;
ALTER TABLE message ADD CONSTRAINT message_reason_check CHECK (status <> 'suppressed' OR reason IS NOT NULL
    AND reason IN ('opted_out', 'bounced', 'no_email', 'already_done', 'left_org', 'stale',
                   'blackout', 'rate_limited', 'moved', 'cancelled', 'no_consent'));

GRANT SELECT, INSERT, UPDATE, DELETE ON donee, gift TO kith_api;
GRANT SELECT, INSERT, UPDATE ON thank_you, tax_document, award, story, story_subject, story_person, bulletin
    TO kith_api;
-- To write thanks, letters for taxes and bulletins.
GRANT SELECT ON thank_you, tax_document, donee, bulletin, need TO kith_mailer;

RESET ROLE;
